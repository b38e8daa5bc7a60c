/**
 * Reading ahead in memory: what many lookups will need is touched before the first of them begins.
 *
 * A lookup that finds its way at once (`KnownPlaces`) still waits for memory three or four times, each time for what the last answer
 * named. Of many lookups the processor can wait for all of the first answers together, then for all of the second; in a loop so short that it
 * sees several rounds ahead. That is all that happens here: nothing is decided, nothing remembered.
 */
import type { KnownPlaces } from './known-places.ts';
import { hashOfPoint, nodeAt, offsetOf, PLACE_MASK, type MappedPages } from './pages.ts';

/** Lookups that are prepared together: what they need has room in a processor's cache. */
export const AHEAD = 256;
/** For fewer it is not worth it. */
const FEWEST = 4;
const NOWHERE = -1;

const hashes = new Int32Array(AHEAD);
const pages = new Int32Array(AHEAD);
const places = new Int32Array(AHEAD);

/** What was read adds up to this, so that no compiler leaves the reading out. */
const touched = new Int32Array(1);

/** For entries that are not unique, with keys from `from` on, at most `AHEAD`. */
export function touchPoints(mapped: MappedPages, commit: number, prefix: number, keys: readonly Uint8Array[], from: number): void {
  const count = Math.min(AHEAD, keys.length - from);
  if (count < FEWEST) return;
  for (let i = 0; i < count; i++) hashes[i] = hashOfPoint(prefix, keys[from + i]!);
  findPlaces(mapped.knownPoints, commit, count);
  for (let i = 0; i < count; i++) {
    const page = pages[i]!;
    if (page !== NOWHERE) touched[0]! += nodeAt(mapped.window(page).halves, offsetOf(page), places[i]! & PLACE_MASK);
  }
  for (let i = 0; i < count; i++) {
    const page = pages[i]!;
    if (page === NOWHERE) continue;
    const place = places[i]! & PLACE_MASK;
    const { halves } = mapped.window(page);
    const leaf = offsetOf(page);
    touched[0]! += halves[nodeAt(halves, leaf, place) >> 1]!;
    if (place > 0) touched[0]! += halves[nodeAt(halves, leaf, place - 1) >> 1]!;
  }
}

function findPlaces(known: KnownPlaces, commit: number, count: number): void {
  for (let i = 0; i < count; i++) touched[0]! += known.touch(hashes[i]!);
  for (let i = 0; i < count; i++) {
    const isKnown = known.find(commit, hashes[i]!);
    pages[i] = isKnown ? known.page : NOWHERE;
    places[i] = known.place;
  }
}
