/**
 * Reading ahead in memory: what many lookups will need is touched before the first of them begins.
 *
 * A lookup that finds its way at once (`KnownPlaces`) still waits for memory three or four times, each time for what the last answer
 * named. Of many lookups the processor can wait for all of the first answers together, then for all of the second; in a loop so short that it
 * sees several rounds ahead. That is all that happens here: nothing is decided, nothing remembered.
 */
import type { RowBatch } from '../engine.ts';
import type { KnownPlaces } from './known-places.ts';
import { childOf, countIn, hashOfPoint, NO_PAGE, nodeAt, offsetOf, PLACE_MASK, type MappedPages } from './pages.ts';

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

const points = new FormerPlaces();

/** For entries that are not unique, with keys from `from` on, at most `AHEAD`. */
export function touchPoints(mapped: MappedPages, commit: number, prefix: number, keys: readonly Uint8Array[], from: number): void {
  const count = Math.min(AHEAD, keys.length - from);
  if (count < FEWEST) return;
  const { hashes, pages, places } = points;
  for (let i = 0; i < count; i++) hashes[i] = hashOfPoint(prefix, keys[from + i]!);
  points.find(mapped.knownPoints, commit, count);
  for (let i = 0; i < count; i++) {
    const page = pages[i]!;
    if (page !== NO_PAGE) touched[0]! += nodeAt(mapped.window(page).halves, offsetOf(page), places[i]! & PLACE_MASK);
  }
  for (let i = 0; i < count; i++) {
    const page = pages[i]!;
    if (page === NO_PAGE) continue;
    const place = places[i]! & PLACE_MASK;
    const { halves } = mapped.window(page);
    const leaf = offsetOf(page);
    touched[0]! += halves[nodeAt(halves, leaf, place) >> 1]!;
    if (place > 0) touched[0]! += halves[nodeAt(halves, leaf, place - 1) >> 1]!;
  }
}

/** Documents have what is asked for most at their beginning, and where their attributes are at their end. */
const HEAD_BYTES = 100;
const TAIL_BYTES = 80;

/** Of rows that lie where they were found: what will be looked at first. */
export function touchRows({ count, buffer, buffers, starts, ends }: RowBatch): void {
  for (let i = 0; i < count; i++) {
    const bytes = buffers === undefined ? buffer : buffers[i]!;
    const start = starts[i]!;
    const last = ends[i]! - 1;
    if (last < start) continue;
    touched[0]! += bytes[last]! + bytes[Math.max(start, last - TAIL_BYTES)]! + bytes[Math.min(start + HEAD_BYTES, last)]!;
  }
}

/** Where rows were found: in the window of a page, or nowhere (no page). */
export interface FoundRows {
  readonly pages: Int32Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** The ends of the first `count` rows that were found. */
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
