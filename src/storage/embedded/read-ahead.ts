/**
 * Reading ahead in memory: what many lookups will need is touched before the first of them begins.
 *
 * A lookup that finds its way at once (`KnownPlaces`) still waits for memory three or four times, each time for what the last answer
 * named. Of many lookups the processor can wait for all of the first answers together, then for all of the second; in a loop so short that it
 * sees several rounds ahead. That is all that happens here: nothing is decided, nothing remembered.
 */
import type { KeyList, RowBatch } from '../engine.ts';
import type { HashFilter } from './hash-filter.ts';
import type { KnownPlaces } from './known-places.ts';
import { childOf, countIn, hashOfPoint, NO_PAGE, nodeAt, offsetOf, type FoundRows, type MappedPages } from './pages.ts';
import { firstNode, firstPlace, isSingle } from './point-places.ts';

/** Lookups that are prepared together: what they need has room in a processor's cache. */
export const AHEAD = 256;
/** For fewer it is not worth it. */
const FEWEST = 4;

/** What was read adds up to this, so that no compiler leaves the reading out. */
const touched = new Int32Array(1);

/** Of keys that are looked for together: their hashes, and where each was found before (`NO_PAGE`: nowhere). */
export class FormerPlaces {
  readonly hashes = new Int32Array(AHEAD);
  readonly pages = new Int32Array(AHEAD);
  readonly places = new Int32Array(AHEAD);

  /** Finds the places of the first `count` hashes. */
  find(known: KnownPlaces, commit: number, count: number): void {
    const { hashes, pages, places } = this;
    for (let i = 0; i < count; i++) touched[0]! += known.touch(hashes[i]!);
    for (let i = 0; i < count; i++) {
      const isKnown = known.find(commit, hashes[i]!);
      pages[i] = isKnown ? known.page : NO_PAGE;
      places[i] = known.place;
    }
  }

  /** The same for keys whose places are where they stand in their pages, and reads what is there. */
  findNodes(mapped: MappedPages, commit: number, count: number): void {
    this.find(mapped.known, commit, count);
    const { pages, places } = this;
    for (let i = 0; i < count; i++) {
      const page = pages[i]!;
      if (page !== NO_PAGE) touched[0]! += mapped.window(page).halves[(offsetOf(page) + places[i]!) >> 1]!;
    }
  }
}

/** Of the keys that are `expected`: where their entries were found before (`point-places.ts`). */
export const points = new FormerPlaces();

/** Which of the keys that are prepared may be there: their places among all that are looked for. */
export const expected = new Int32Array(AHEAD);

/**
 * For entries that are not unique, with keys from `from` on, at most `AHEAD`. Those that a filter knows not to be there are left out. Answers how many
 * are `expected`.
 */
export function preparePoints(
  mapped: MappedPages,
  commit: number,
  prefix: number,
  { bytes, starts, count: all }: KeyList,
  from: number,
  filter: HashFilter | undefined,
): number {
  const end = Math.min(from + AHEAD, all);
  const { hashes } = points;
  let count = 0;
  for (let place = from; place < end; place++) {
    const hash = hashOfPoint(prefix, bytes, starts[place], starts[place + 1]);
    if (filter !== undefined && !filter.mayHave(hash)) continue;
    hashes[count] = hash;
    expected[count++] = place;
  }
  if (count >= FEWEST) touchPoints(mapped, commit, count);
  else points.pages.fill(NO_PAGE, 0, count);
  return count;
}

function touchPoints(mapped: MappedPages, commit: number, count: number): void {
  const { pages, places } = points;
  points.find(mapped.knownPoints, commit, count);
  for (let i = 0; i < count; i++) {
    const page = pages[i]!;
    if (page === NO_PAGE) continue;
    const { halves } = mapped.window(page);
    touched[0]! += halves[(offsetOf(page) + firstNode(places[i]!)) >> 1]!;
  }
  for (let i = 0; i < count; i++) {
    const page = pages[i]!;
    // A single entry is looked at where it begins. Others are found by their places, and a gap has a neighbour.
    if (page === NO_PAGE || isSingle(places[i]!)) continue;
    const { halves } = mapped.window(page);
    const place = firstPlace(places[i]!);
    touched[0]! += halves[nodeAt(halves, offsetOf(page), place === 0 ? 0 : place - 1) >> 1]!;
  }
}

/** What the processor reads at once. */
const LINE_BYTES = 64;
/**
 * Documents have what is asked for most at their beginning, and where their attributes are at their end. The line in which a row begins has been read
 * with its number, which stands before it.
 */
const HEAD_BYTES = 108;
const TAIL_BYTES = 96;

/** Of rows that follow each other where they lie: reads each line of both ends, before any of them is looked at. */
export function touchRows({ count, buffer, buffers, starts, ends }: RowBatch): void {
  for (let i = 0; i < count; i++) {
    const bytes = buffers === undefined ? buffer : buffers[i]!;
    const start = starts[i]!;
    const last = ends[i]! - 1;
    if (last < start) continue;
    const head = bytes[Math.min(start + HEAD_BYTES - LINE_BYTES, last)]! + bytes[Math.min(start + HEAD_BYTES, last)]!;
    const tail = bytes[Math.max(start, last - TAIL_BYTES)]! + bytes[Math.max(start, last + LINE_BYTES - TAIL_BYTES)]! + bytes[last]!;
    touched[0]! += head + tail;
  }
}

/** Of the first `count` rows that were found here and there: reads where their attributes are. */
export function touchFound(mapped: MappedPages, { pages, starts, ends }: FoundRows, count: number): void {
  for (let i = 0; i < count; i++) {
    const page = pages[i]!;
    const last = ends[i]! - 1;
    if (page === NO_PAGE || last < starts[i]!) continue;
    const { bytes } = mapped.window(page);
    touched[0]! += bytes[last]! + bytes[Math.max(starts[i]!, last - TAIL_BYTES)]!;
  }
}

/** Reads the head, the first and the last entry of the leaves below a branch, from a place on `most` of them. Answers how many there are. */
export function touchLeaves(mapped: MappedPages, branch: number, from: number, most: number): number {
  const { halves } = mapped.window(branch);
  const at = offsetOf(branch);
  const count = Math.min(most, countIn(halves, at) - from);
  for (let i = 0; i < count; i++) {
    const leaf = childOf(halves, at, from + i);
    touched[0]! += countIn(mapped.window(leaf).halves, offsetOf(leaf));
  }
  for (let i = 0; i < count; i++) {
    const leaf = childOf(halves, at, from + i);
    const own = mapped.window(leaf).halves;
    const start = offsetOf(leaf);
    const last = countIn(own, start) - 1;
    touched[0]! += own[nodeAt(own, start, 0) >> 1]! + own[nodeAt(own, start, last) >> 1]!;
  }
  return count;
}
