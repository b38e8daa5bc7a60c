/**
 * The entries under each of many keys, and the rows under unique ones, as joins and hops ask for them. Nothing lies over the data file here, so each
 * key is one short stretch of it.
 */
import type { KeyInRow, KeyList, ReadOptions, RowBatch } from '../engine.ts';
import { TOGETHER } from './descent.ts';
import type { Cursor, Snapshot } from './lmdb.ts';
import type { KeyedPlaces } from './keyed-rows.ts';
import type { ManyEntries } from './many-entries.ts';
import { NO_PAGE, offsetOf, type MappedPages } from './pages.ts';
import { firstNode, isSingle } from './point-places.ts';
import { AHEAD, expected, points } from './read-ahead.ts';
import { RowList, type EntryList } from './row-list.ts';
import { comparePoint } from './tree-cursor.ts';

const NO_BYTES = new Uint8Array(0);
const FORWARDS = { reverse: false } as const;

/**
 * Adds the entries under each of the keys, with the key's place among them as their range, until there are `most` of them. Most often there is one,
 * found where it was before: it is taken from there without a walk.
 */
export function readPoints(
  mapped: MappedPages,
  snapshot: Snapshot,
  cursor: Cursor,
  prefix: number,
  keys: KeyList,
  list: EntryList | ManyEntries,
  most: number,
): void {
  const filter = snapshot.findFilter(prefix);
  let vain = 0;
  const { bytes, starts } = keys;
  const { pages, places } = points;
  for (let from = 0; from < keys.count && list.count < most; from += AHEAD) {
    const count = snapshot.preparePoints(prefix, keys, from, filter);
    for (let i = 0; i < count && list.count < most; i++) {
      const range = expected[i]!;
      const start = starts[range]!;
      const end = starts[range + 1]!;
      const page = pages[i]!;
      if (page !== NO_PAGE && isSingle(places[i]!)) {
        const window = mapped.window(page);
        const node = offsetOf(page) + firstNode(places[i]!);
        if (comparePoint(window, node, prefix, bytes, start, end) === 0) {
          list.addNode(mapped, window, node, range, end - start);
          continue;
        }
      }
      if (!cursor.seekPoint(prefix, bytes, start, end, FORWARDS)) {
        vain++;
        continue;
      }
      const wanted = { range, onlyLength: end - start, count: most };
      do {
        list.addLeaf(mapped, cursor.window, cursor.leaf, [cursor.place, cursor.last + 1], wanted);
        cursor.place = cursor.last;
      } while (list.count < most && cursor.next());
    }
  }
  if (vain > 0) snapshot.noteVain(prefix, vain);
}

type ScatteredRows = RowBatch & { readonly buffers: readonly Uint8Array[] };

/** The rows under keys that they have in themselves, where they lie. */
export function readKeyedRows(
  mapped: MappedPages,
  snapshot: Snapshot,
  places: KeyedPlaces,
  keys: readonly Uint8Array[],
  keyInRow: KeyInRow,
): ScatteredRows {
  const count = keys.length;
  const [ids, starts, ends] = [new Float64Array(count), new Int32Array(count), new Int32Array(count)];
  const buffers: Uint8Array[] = [];
  for (let from = 0; from < count; from += TOGETHER) {
    const found = snapshot.findKeyedRows(places, keys, from, keyInRow);
    const end = Math.min(from + TOGETHER, count);
    for (let i = 0, at = from; at < end; i++, at++) {
      const page = found.pages[i]!;
      ids[at] = found.ids[i]!;
      buffers.push(page === NO_PAGE ? NO_BYTES : mapped.window(page).bytes);
      if (page === NO_PAGE) continue;
      starts[at] = found.starts[i]!;
      ends[at] = found.ends[i]!;
    }
  }
  return { count, ids, buffer: NO_BYTES, starts, ends, buffers };
}

/** The same rows in one buffer. */
export function inOneBuffer({ count, ids, starts, ends, buffers }: ScatteredRows, options: ReadOptions): RowBatch {
  const rows = new RowList(options);
  for (let i = 0; i < count; i++) {
    if (starts[i] === ends[i]) rows.addNothing(ids[i]!);
    else rows.addFrom(ids[i]!, buffers[i]!, starts[i]!, ends[i]!);
  }
  return rows;
}
