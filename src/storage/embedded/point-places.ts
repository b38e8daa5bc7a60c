/**
 * Where the entries under one key are in a leaf, in one number, as `KnownPlaces` keeps it: the place of the first, the place of the last, where the
 * first one's bytes begin, and whether more may follow in the next leaf. Or that there are none, and which entry is the first above.
 */
import assert from 'node:assert/strict';
import { PAGE_BYTES } from './pages.ts';

/** An entry takes fourteen bytes of a page at least, and begins at an even byte. */
const PLACE_BITS = 9;
const NODE_BITS = Math.log2(PAGE_BYTES) - 1;
const PLACE_MASK = 2 ** PLACE_BITS - 1;
const NODE_MASK = 2 ** NODE_BITS - 1;
const LAST_SHIFT = PLACE_BITS;
const NODE_SHIFT = 2 * PLACE_BITS;
const MAY_GO_ON = 2 ** (NODE_SHIFT + NODE_BITS);
const NOT_THERE = PLACE_MASK;

/** `node` is where the first one begins in its page. */
export function pointPlace(place: number, last: number, node: number, hasMore: boolean): number {
  assert(last < NOT_THERE, 'a page has more entries than there is room for');
  return place | (last << LAST_SHIFT) | ((node >> 1) << NODE_SHIFT) | (hasMore ? MAY_GO_ON : 0);
}

/** For a key that is between the place and the one before it. */
export function gapPlace(place: number, node: number): number {
  return place | (NOT_THERE << LAST_SHIFT) | ((node >> 1) << NODE_SHIFT);
}

export function firstPlace(point: number): number {
  return point & PLACE_MASK;
}

export function lastPlace(point: number): number {
  return (point >> LAST_SHIFT) & PLACE_MASK;
}

/** Where the first one begins in its page. */
export function firstNode(point: number): number {
  return ((point >> NODE_SHIFT) & NODE_MASK) << 1;
}

export function mayGoOn(point: number): boolean {
  return (point & MAY_GO_ON) !== 0;
}

export function isGap(point: number): boolean {
  return lastPlace(point) === NOT_THERE;
}

/** There is one entry under the key, no more. */
export function isSingle(point: number): boolean {
  return lastPlace(point) === firstPlace(point) && (point & MAY_GO_ON) === 0;
}
