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
import { hashOfRow } from './known-places.ts';
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
import { AHEAD, FormerPlaces, touchFound, type FoundRows } from './read-ahead.ts';

/** Keys that go down together. */
export const TOGETHER = AHEAD;

const PREFIX_BYTES = 4;
export const ROW_KEY_BYTES = 12;

/** What was read without being looked at adds up to this, so that no compiler leaves the reading out. */
const touched = new Int32Array(1);

const former = new FormerPlaces();
/** Of each row the page where its way is now, the least and the first greater number in it, and the place in it. */
const { hashes, pages, places } = former;
const lows = new Float64Array(TOGETHER);
const highs = new Float64Array(TOGETHER);

const found: FoundRows = { pages, starts: new Int32Array(TOGETHER), ends: new Int32Array(TOGETHER) };

/** Which of the rows go down the tree, because their places are not known. */
const going = new Int32Array(TOGETHER);
let goingCount = 0;

/**
 * Looks for rows from `from` on, at most `TOGETHER`, in the tree at `root`, and first where they were found before in this commit. The answer
 * is good until the next call.
 */
export function findRows(
  mapped: MappedPages,
  root: number,
  commit: number,
  prefix: number,
  ids: ArrayLike<RowId>,
  from: number,
): FoundRows {
  const count = Math.min(TOGETHER, ids.length - from);
  if (root === NO_PAGE) {
    pages.fill(NO_PAGE, 0, count);
    return found;
  }
  findKnownRows(mapped, commit, prefix, ids, from, count);
  if (goingCount > 0) {
    goSharedWay(mapped, root, prefix, ids, from);
    goDown(mapped, prefix, ids, from);
    for (let g = 0; g < goingCount; g++) findInLeaf(mapped, commit, prefix, ids[from + going[g]!]!, going[g]!);
  }
  touchFound(mapped, found, count);
  return found;
}

/** Those whose places are known; the others have to go down. */
function findKnownRows(mapped: MappedPages, commit: number, prefix: number, ids: ArrayLike<RowId>, from: number, count: number): void {
  for (let i = 0; i < count; i++) hashes[i] = hashOfRow(prefix, ids[from + i]!);
  former.findNodes(mapped, commit, count);
  goingCount = 0;
  for (let i = 0; i < count; i++) {
    const page = pages[i]!;
    if (page !== NO_PAGE) {
      const window = mapped.window(page);
      const node = offsetOf(page) + places[i]!;
      if (isRow(window, node, prefix, ids[from + i]!)) {
        findValue(window, node, i);
        continue;
      }
    }
    going[goingCount++] = i;
  }
}

function isRow({ halves, view }: Window, node: number, prefix: number, id: RowId): boolean {
  if (halves[(node >> 1) + 3] !== ROW_KEY_BYTES) return false;
  const key = node + NODE_HEAD_BYTES;
  return view.getUint32(key) === prefix && rowIdAt(view, key) === id;
}

/** Sends those that go down to the lowest page that all of their ways lead through. */
function goSharedWay(mapped: MappedPages, root: number, prefix: number, ids: ArrayLike<RowId>, from: number): void {
  let least = Infinity;
  let greatest = 0;
  for (let g = 0; g < goingCount; g++) {
    const id = ids[from + going[g]!]!;
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
  for (let g = 0; g < goingCount; g++) {
    const i = going[g]!;
    pages[i] = page;
    lows[i] = low;
    highs[i] = high;
  }
}

/** From there to the leaves, which are all equally deep. */
function goDown(mapped: MappedPages, prefix: number, ids: ArrayLike<RowId>, from: number): void {
  for (;;) {
    guessPlaces(mapped, ids, from);
    const first = pages[going[0]!]!;
    if (isLeaf(mapped.window(first).halves, offsetOf(first))) return;
    for (let g = 0; g < goingCount; g++) {
      const i = going[g]!;
      const window = mapped.window(pages[i]!);
      const at = offsetOf(pages[i]!);
      settle(window, at, prefix, ids[from + i]!, places[i]!);
      if (settledLow !== UNKNOWN) lows[i] = settledLow;
      if (settledHigh !== UNKNOWN) highs[i] = settledHigh;
      pages[i] = childOf(window.halves, at, settledPlace);
    }
  }
}

/** Guesses where each row is in its page, and reads what is there. */
function guessPlaces(mapped: MappedPages, ids: ArrayLike<RowId>, from: number): void {
  for (let g = 0; g < goingCount; g++) {
    const i = going[g]!;
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

/**
 * The first place of a page counts as below all, as its key need not be there in branches. It begins where the row was guessed to be and looks
 * ever farther from there, or without a guess (0) in the middle.
 */
function settle(window: Window, at: number, prefix: number, id: RowId, guess: number): void {
  let low = 0;
  let high = countIn(window.halves, at);
  settledLow = UNKNOWN;
  settledHigh = UNKNOWN;
  const isGuessed = guess > 0;
  let place = isGuessed ? guess : high >> 1;
  let step = 1;
  while (high - low > 1) {
    if (place <= low) place = low + 1;
    else if (place >= high) place = high - 1;
    const own = rowAt(window, at, place, prefix);
    if (own <= id) {
      low = place;
      settledLow = own;
      place = isGuessed && settledHigh === UNKNOWN ? low + step : (low + high) >> 1;
    } else {
      high = place;
      settledHigh = own;
      place = isGuessed && settledLow === UNKNOWN ? high - step : (low + high) >> 1;
    }
    step *= 2;
  }
  settledPlace = low;
}

/** The row under a key of a page; less or more than any for keys that are before or behind those of the table. */
function rowAt({ halves, view }: Window, at: number, place: number, prefix: number): number {
  const key = nodeAt(halves, at, place) + NODE_HEAD_BYTES;
  const own = view.getUint32(key);
  if (own !== prefix) return own < prefix ? -Infinity : Infinity;
  return rowIdAt(view, key);
}

export function rowIdAt(view: DataView, key: number): RowId {
  return view.getUint32(key + PREFIX_BYTES) * 2 ** 32 + view.getUint32(key + PREFIX_BYTES + 4);
}

/** Finds the row whose leaf is known, and notes where it is. */
function findInLeaf(mapped: MappedPages, commit: number, prefix: number, id: RowId, i: number): void {
  const page = pages[i]!;
  const window = mapped.window(page);
  const at = offsetOf(page);
  let place = places[i]!;
  if (rowAt(window, at, place, prefix) !== id) {
    settle(window, at, prefix, id, place);
    place = settledPlace;
    if (rowAt(window, at, place, prefix) !== id) {
      pages[i] = NO_PAGE;
      return;
    }
  }
  const node = nodeAt(window.halves, at, place);
  mapped.known.note(commit, hashes[i]!, page, node - at);
  findValue(window, node, i);
}

/** Where the value at a node is, which may have pages of its own. */
function findValue({ bytes, halves }: Window, node: number, i: number): void {
  const half = node >> 1;
  let start = node + NODE_HEAD_BYTES + halves[half + 3]!;
  if ((halves[half + 2]! & IS_ELSEWHERE) !== 0) {
    pages[i] = pageNumber(bytes, start);
    start = offsetOf(pages[i]) + PAGE_HEAD_BYTES;
  }
  found.starts[i] = start;
  found.ends[i] = start + (halves[half]! | (halves[half + 1]! << 16));
}
