/**
 * Reading ahead in memory: what many lookups will need is touched before the first of them begins.
 *
 * A lookup that finds its way at once (`KnownPlaces`) still waits for memory three or four times, each time for what the last answer
 * named. Of many lookups the processor can wait for all of the first answers together, then for all of the second; in a loop so short that it
 * sees several rounds ahead. That is all that happens here: nothing is decided, nothing remembered.
 */
import type { KnownPlaces } from './known-places.ts';
import { hashOfPoint, NO_PAGE, nodeAt, offsetOf, PLACE_MASK, type MappedPages } from './pages.ts';

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
