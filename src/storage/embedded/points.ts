/**
 * The entries under each of many keys, as joins and hops ask for them. Nothing lies over the data file here, so each key is one short stretch
 * of it.
 */
import type { Cursor, Snapshot } from './lmdb.ts';
import type { MappedPages } from './pages.ts';
import { AHEAD, expected } from './read-ahead.ts';
import type { EntryList } from './row-list.ts';

const FORWARDS = { reverse: false } as const;

/** Adds the entries under each of the keys, with the key's place among them as their range, until there are `most` of them. */
export function readPoints(
  mapped: MappedPages,
  snapshot: Snapshot,
  cursor: Cursor,
  prefix: number,
  points: readonly Uint8Array[],
  list: EntryList,
  most: number,
): void {
  const filter = snapshot.findFilter(prefix);
  let vain = 0;
  for (let from = 0; from < points.length && list.count < most; from += AHEAD) {
    const count = snapshot.preparePoints(prefix, points, from, filter);
    for (let i = 0; i < count && list.count < most; i++) {
      const range = expected[i]!;
      const point = points[range]!;
      if (!cursor.seekPoint(prefix, point, FORWARDS)) {
        vain++;
        continue;
      }
      const wanted = { range, onlyLength: point.length, count: most };
      do {
        list.addLeaf(mapped, cursor.window, cursor.leaf, [cursor.place, cursor.last + 1], wanted);
        cursor.place = cursor.last;
      } while (list.count < most && cursor.next());
    }
  }
  if (vain > 0) snapshot.noteVain(prefix, vain);
}
