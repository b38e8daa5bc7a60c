/**
 * Where tables stand in the tree that has all rows and entries, and what stands between them so that its pages get full.
 *
 * A table's part of the tree is its *place*, a number before all its keys. Rows and most document keys come in ascending order, each behind the last
 * of its table, but before the first of the next one. LMDB leaves both halves of a page half full when it splits it, except where the new key is
 * the last one of the page. So behind each place stands a *fence*: two values that fill a page of their own, put there when the place is the last one of
 * the tree. What comes before it is then the last of its page, and stays so.
 *
 * Where a page takes four rows or fewer, that rule would still leave one place of it empty, but a split before one small key does not. Such tables have
 * a small key between their last row and the fence.
 *
 * Fences have numbers of their own, so that nobody meets them. Places of files from before there were fences have small numbers.
 */
import { NODE_HEAD_BYTES, PAGE_BYTES, PAGE_HEAD_BYTES } from './pages.ts';
import { TABLE, type WriteList } from './lmdb.ts';

const FIRST_FENCED = 2 ** 31;

const POINTER_BYTES = 2;
const PREFIX_BYTES = 4;
const KEY_BYTES = 1;
const HALF_PAGE_BYTES = (PAGE_BYTES - PAGE_HEAD_BYTES) / 2;
const FENCE = Buffer.alloc(HALF_PAGE_BYTES - POINTER_BYTES - NODE_HEAD_BYTES - PREFIX_BYTES - KEY_BYTES);
const FENCE_KEYS = ['\u0001', '\u0002'];
/** Before the fence in the order of keys. */
const SMALL_KEY = '';
const NOTHING = Buffer.alloc(0);
/** Five rows of this size do not fit a page. */
const LARGE_ROW_BYTES = (PAGE_BYTES - PAGE_HEAD_BYTES) / 5 - POINTER_BYTES - NODE_HEAD_BYTES - PREFIX_BYTES - 8;

/** The place that is given to a table as the `number`-th. Each is behind all that were given before. */
export function placeOfNumber(number: number): number {
  return FIRST_FENCED + 2 * number;
}

/** What is to be written when tables get these places, before anything of theirs. `rowBytes` tells the size of a table's first row, 0 where it has none. */
export function putFences(writes: WriteList, places: ReadonlyMap<number, number>, rowBytes: (table: number) => number): void {
  for (const [table, place] of [...places].toSorted(([, one], [, other]) => one - other)) {
    if (place < FIRST_FENCED) continue;
    for (const key of FENCE_KEYS) writes.put(TABLE.data, place + 1, key, FENCE);
    if (rowBytes(table) > LARGE_ROW_BYTES) writes.put(TABLE.data, place + 1, SMALL_KEY, NOTHING);
  }
}

/** For a new file: what is to be there before the first fence, which would have the first table's rows in its own page otherwise. */
export function putFirstKey(writes: WriteList): void {
  writes.put(TABLE.data, 0, SMALL_KEY, NOTHING);
}

/** When nothing of the place is left. */
export function deleteFence(writes: WriteList, place: number): void {
  if (place < FIRST_FENCED) return;
  for (const key of [SMALL_KEY, ...FENCE_KEYS]) writes.delete(TABLE.data, place + 1, key);
}
