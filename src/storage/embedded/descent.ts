/**
 * The way down a tree for many keys together, level by level.
 *
 * Looking for one key after the other waits for memory on each page, since each page is named by the one before. For many keys the
 * processor can wait for all their pages of one level together, in loops so short that it sees several rounds ahead: each level is read once
 * without deciding anything, and then again to decide. What all keys share of the way is gone once.
 *
 * Rows are under numbers that were mostly given out one after the other: where one is in a page is guessed from the numbers at both ends,
 * which the page above has told.
 */
import type { RowId } from '../engine.ts';
import {
  childOf,
  countIn,
  IS_ELSEWHERE,
  isLeaf,
  NO_PAGE,
  NODE_HEAD_BYTES,
  nodeAt,
  offsetOf,
  PAGE_HEAD_BYTES,
  pageNumber,
  type MappedPages,
  type Window,
} from './pages.ts';

/** Keys that go down together: what they need has room in a processor's cache. */
export const TOGETHER = 256;

const PREFIX_BYTES = 4;

/** What was read without being looked at adds up to this, so that no compiler leaves the reading out. */
const touched = new Int32Array(1);

/** Of each row the page where its way is now, the least and the first greater number in it, and the place in it. */
const pages = new Int32Array(TOGETHER);
const lows = new Float64Array(TOGETHER);
const highs = new Float64Array(TOGETHER);
const places = new Int32Array(TOGETHER);

/** Where rows were found: in the window of a page, or nowhere (no page). */
export interface FoundRows {
  readonly pages: Int32Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

const found: FoundRows = { pages, starts: new Int32Array(TOGETHER), ends: new Int32Array(TOGETHER) };

/**
 * Looks for rows from `from` on, at most `TOGETHER`, in the tree at `root`. The answer is good until the next call.
 */
export function findRows(mapped: MappedPages, root: number, prefix: number, ids: ArrayLike<RowId>, from: number): FoundRows {
  const count = Math.min(TOGETHER, ids.length - from);
  if (root === NO_PAGE) {
    pages.fill(NO_PAGE, 0, count);
    return found;
  }
  const [start, low, high] = sharedWay(mapped, root, prefix, ids, from, count);
  pages.fill(start, 0, count);
  lows.fill(low, 0, count);
  highs.fill(high, 0, count);
  // All leaves are equally deep.
  for (;;) {
    guessPlaces(mapped, ids, from, count);
    if (isLeaf(mapped.window(pages[0]!).halves, offsetOf(pages[0]!))) break;
    for (let i = 0; i < count; i++) {
      const page = pages[i]!;
      const window = mapped.window(page);
      const at = offsetOf(page);
      settle(window, at, prefix, ids[from + i]!, places[i]!);
      if (settledLow !== UNKNOWN) lows[i] = settledLow;
      if (settledHigh !== UNKNOWN) highs[i] = settledHigh;
      pages[i] = childOf(window.halves, at, settledPlace);
    }
  }
  for (let i = 0; i < count; i++) findValue(mapped, prefix, ids[from + i]!, i);
  for (let i = 0; i < count; i++) {
    const page = pages[i]!;
    if (page === NO_PAGE) continue;
    const { bytes } = mapped.window(page);
    const end = found.ends[i]!;
    touched[0]! += bytes[end - 1]! + bytes[Math.max(found.starts[i]!, end - 80)]!;
  }
  return found;
}

/** The lowest page that the ways of all rows lead through, and the numbers at its ends. */
function sharedWay(
  mapped: MappedPages,
  root: number,
  prefix: number,
  ids: ArrayLike<RowId>,
  from: number,
  count: number,
): [page: number, low: number, high: number] {
  let least = ids[from]!;
  let greatest = least;
  for (let i = from + 1; i < from + count; i++) {
    const id = ids[i]!;
    if (id < least) least = id;
    if (id > greatest) greatest = id;
  }
  let page = root;
  let low = 0;
  let high = Infinity;
  while (!isLeaf(mapped.window(page).halves, offsetOf(page))) {
    const window = mapped.window(page);
    const at = offsetOf(page);
    settle(window, at, prefix, greatest, 0);
    const place = settledPlace;
    settle(window, at, prefix, least, place);
    if (settledPlace !== place) break;
    if (settledLow !== UNKNOWN) low = settledLow;
    if (settledHigh !== UNKNOWN) high = settledHigh;
    page = childOf(window.halves, at, place);
  }
  return [page, low, high];
}

/** Guesses where each row is in its page, and reads what is there. */
function guessPlaces(mapped: MappedPages, ids: ArrayLike<RowId>, from: number, count: number): void {
  for (let i = 0; i < count; i++) {
    const page = pages[i]!;
    const { halves } = mapped.window(page);
    const at = offsetOf(page);
    const low = lows[i]!;
    const inPage = countIn(halves, at);
    const share = ((ids[from + i]! - low) / (highs[i]! - low)) * inPage;
    const place = share >= 0 && share < inPage ? share | 0 : 0;
    places[i] = place;
    touched[0]! += halves[nodeAt(halves, at, place) >> 1]!;
  }
}

/** Set by `settle`: the last place whose row is not above the one looked for, or 0; and the rows there and behind it, if they were read. */
let settledPlace = 0;
let settledLow = 0;
let settledHigh = 0;
const UNKNOWN = -1;

/** The first place of a page counts as below all, as its key need not be there in branches. It begins where the row was guessed to be. */
function settle(window: Window, at: number, prefix: number, id: RowId, guess: number): void {
  let low = 0;
  let high = countIn(window.halves, at);
  settledLow = UNKNOWN;
  settledHigh = UNKNOWN;
  let place = guess === 0 ? 1 : guess;
  let step = 1;
  while (high - low > 1) {
    if (place <= low) place = low + 1;
    else if (place >= high) place = high - 1;
    const own = rowAt(window, at, place, prefix);
    if (own <= id) {
      low = place;
      settledLow = own;
      place = settledHigh === UNKNOWN ? place + step : (low + high) >> 1;
    } else {
      high = place;
      settledHigh = own;
      place = settledLow === UNKNOWN ? place - step : (low + high) >> 1;
    }
    step *= 2;
  }
  settledPlace = low;
}

/** The row under a key of a page; less or more than any for keys that are before or behind those of the table. */
function rowAt({ halves, view }: Window, at: number, place: number, prefix: number): number {
  const key = nodeAt(halves, at, place) + NODE_HEAD_BYTES;
  const own = view.getUint32(key);
  if (own !== prefix) return own < prefix ? 0 : Infinity;
  return view.getUint32(key + PREFIX_BYTES) * 2 ** 32 + view.getUint32(key + PREFIX_BYTES + 4);
}

/** Where the value of a row is, whose leaf is known. */
function findValue(mapped: MappedPages, prefix: number, id: RowId, i: number): void {
  const page = pages[i]!;
  const window = mapped.window(page);
  const at = offsetOf(page);
  const { halves } = window;
  let place = places[i]!;
  if (rowAt(window, at, place, prefix) !== id) {
    settle(window, at, prefix, id, place);
    place = settledPlace;
    if (rowAt(window, at, place, prefix) !== id) {
      pages[i] = NO_PAGE;
      return;
    }
  }
  const node = nodeAt(halves, at, place);
  const half = node >> 1;
  let start = node + NODE_HEAD_BYTES + halves[half + 3]!;
  if ((halves[half + 2]! & IS_ELSEWHERE) !== 0) {
    pages[i] = pageNumber(window.bytes, start);
    start = offsetOf(pages[i]) + PAGE_HEAD_BYTES;
  }
  found.starts[i] = start;
  found.ends[i] = start + (halves[half]! | (halves[half + 1]! << 16));
}
