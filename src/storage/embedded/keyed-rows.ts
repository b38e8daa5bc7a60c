/**
 * The rows under many unique keys of the data file, where rows have their keys in themselves (`KeyInRow`): a row that was found before is known to
 * be the right one by looking at it, without the index and without the way from the row's number to the row.
 *
 * Where it was found is remembered under its key for this commit (`KnownPlaces`), in which no other row of the table has that key. What is not
 * known is found by the index.
 */
import type { KeyInRow, RowId } from '../engine.ts';
import { findRows, ROW_KEY_BYTES, rowIdAt } from './descent.ts';
import { findHolders } from './holders.ts';
import {
  hashOfPoint,
  IS_ELSEWHERE,
  NO_PAGE,
  NODE_HEAD_BYTES,
  offsetOf,
  PAGE_HEAD_BYTES,
  type FoundRows,
  type MappedPages,
  type Window,
} from './pages.ts';
import { AHEAD, FormerPlaces, touchFound } from './read-ahead.ts';

const ROW_HEAD_BYTES = NODE_HEAD_BYTES + ROW_KEY_BYTES;

const former = new FormerPlaces();
const { hashes, pages, places } = former;

export interface FoundKeyedRows extends FoundRows {
  /** `NO_ROW` where there is none under the key. */
  readonly ids: Float64Array;
}

const found: FoundKeyedRows = { pages, starts: new Int32Array(AHEAD), ends: new Int32Array(AHEAD), ids: new Float64Array(AHEAD) };

/** The place of the index and that of the rows in the tree. */
export interface KeyedPlaces {
  readonly index: number;
  readonly table: number;
}

/** Looks for the rows under keys from `from` on, at most `AHEAD`, in the tree at `root`. The answer is good until the next call. */
export function findKeyedRows(
  mapped: MappedPages,
  root: number,
  commit: number,
  { index, table }: KeyedPlaces,
  keys: readonly Uint8Array[],
  from: number,
  keyInRow: KeyInRow,
): FoundKeyedRows {
  const count = Math.min(AHEAD, keys.length - from);
  for (let i = 0; i < count; i++) hashes[i] = hashOfPoint(table, keys[from + i]!);
  former.findNodes(mapped, commit, count);
  const unknown: number[] = [];
  for (let i = 0; i < count; i++) {
    const page = pages[i]!;
    if (page === NO_PAGE || !isMet(mapped.window(page), offsetOf(page) + places[i]!, table, keys[from + i]!, keyInRow, i)) unknown.push(i);
  }
  if (unknown.length > 0) {
    const wanted = unknown.map((i) => keys[from + i]!);
    findByIndex(mapped, root, commit, { index, table }, wanted, unknown);
  }
  touchFound(mapped, found, count);
  return found;
}

/** Whether the node is a row with the key; it is then the `i`-th that is found. */
function isMet({ bytes, halves, view }: Window, node: number, table: number, key: Uint8Array, { at, end }: KeyInRow, i: number): boolean {
  const half = node >> 1;
  if (halves[half + 3] !== ROW_KEY_BYTES || (halves[half + 2]! & IS_ELSEWHERE) !== 0) return false;
  if (view.getUint32(node + NODE_HEAD_BYTES) !== table) return false;
  const size = halves[half]! | (halves[half + 1]! << 16);
  const last = key.length - 1;
  if (at + last >= size) return false;
  const start = node + ROW_HEAD_BYTES;
  const own = start + at;
  if (bytes[own + last] !== end) return false;
  // Keys of one table begin alike.
  for (let k = last - 1; k >= 0; k--) if (bytes[own + k] !== key[k] || key[k] === end) return false;
  found.ids[i] = rowIdAt(view, node + NODE_HEAD_BYTES);
  found.starts[i] = start;
  found.ends[i] = start + size;
  return true;
}

/** Finds the rows under the keys, which are those at the places `unknown` of what was asked for. */
function findByIndex(
  mapped: MappedPages,
  root: number,
  commit: number,
  { index, table }: KeyedPlaces,
  wanted: readonly Uint8Array[],
  unknown: readonly number[],
): void {
  const holders: RowId[] = findHolders(mapped, root, commit, index, wanted);
  const rows = findRows(mapped, root, commit, table, holders, 0);
  for (const [place, i] of unknown.entries()) {
    const page = rows.pages[place]!;
    const start = rows.starts[place]!;
    found.ids[i] = holders[place]!;
    pages[i] = page;
    found.starts[i] = start;
    found.ends[i] = rows.ends[place]!;
    // What has pages of its own begins behind the head of one, and has its key elsewhere.
    const isInLeaf = page !== NO_PAGE && start - offsetOf(page) > PAGE_HEAD_BYTES;
    if (isInLeaf) mapped.known.note(commit, hashes[i]!, page, start - ROW_HEAD_BYTES - offsetOf(page));
  }
}
