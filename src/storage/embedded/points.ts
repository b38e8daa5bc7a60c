/**
 * The entries under each of many keys, as joins and hops ask for them. Nothing lies over the data file here, so each key is one short stretch
 * of it.
 */
import type { Cursor, Snapshot } from './lmdb.ts';
import type { MappedPages } from './pages.ts';
import { AHEAD } from './read-ahead.ts';
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
  for (const [range, point] of points.entries()) {
    if (list.count >= most) return;
    if (range % AHEAD === 0) snapshot.preparePoints(prefix, points, range);
    if (!cursor.seekPoint(prefix, point, FORWARDS)) continue;
    const wanted = { range, onlyLength: point.length, count: most };
    do {
      list.addLeaf(mapped, cursor.window, cursor.leaf, [cursor.place, cursor.last + 1], wanted);
      cursor.place = cursor.last;
    } while (list.count < most && cursor.next());
  }
}
