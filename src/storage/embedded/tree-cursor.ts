/**
 * Walking through the keys of one tree of the mapped file (`pages.ts`), leaf by leaf.
 *
 * A walk that has come through some leaves will most likely go on: what it reads first of the next ones is read ahead together (`read-ahead.ts`),
 * since the processor does not see from one page to the next.
 */
import {
  childOf,
  countIn,
  hashOfPoint,
  isLeaf,
  NO_PAGE,
  NODE_HEAD_BYTES,
  nodeAt,
  offsetOf,
  placeOfKey,
  type MappedPages,
  type Window,
} from './pages.ts';
import { firstPlace, gapPlace, isGap, lastPlace, mayGoOn, pointPlace } from './point-places.ts';
import { touchLeaves } from './read-ahead.ts';

const DEEPEST = 32;
const NO_BYTES = Buffer.alloc(0);

/** The way to the leaf is not known, because it was found by `KnownPlaces`. */
const NO_WAY = -1;
const PREFIX_BYTES = 4;
const ID_BYTES = 8;

/** Leaves that a walk has entered before it counts as a long one, and of how many of the next ones the beginnings are then read, at first and later. */
const LEAVES_BEFORE = 2;
const FIRST_AHEAD = 2;
const MOST_AHEAD = 32;

/** Keys of so many bytes of two buffers. */
export interface Bounds {
  readonly lower: Buffer;
  readonly lowerSize: number;
  readonly upper: Buffer;
  readonly upperSize: number;
  readonly isReverse: boolean;
}

/** Walks through the keys of one tree between two bounds. */
export class TreeCursor {
  readonly #pages: MappedPages;
  readonly #path = new Int32Array(DEEPEST);
  readonly #places = new Int32Array(DEEPEST);
  #depth = 0;
  #root = NO_PAGE;
  #commit = 0;
  /** The leaf it is in, where that begins in its window, the place in it, and the last place in it that is within the bounds. */
  #page = 0;
  window: Window;
  leaf = 0;
  place = 0;
  last = 0;
  #isReverse = false;
  /** The bound that is not to be passed: forwards the first key beyond, in reverse the last one within. None: no bytes. */
  #bound: Buffer = NO_BYTES;
  #boundSize = 0;
  /** How many leaves the walk will enter until it reads ahead, and of how many it will do so. */
  #leavesUntil = LEAVES_BEFORE;
  #leavesAhead = FIRST_AHEAD;
  /** The key it stands on is `bytes[keyStart..keyEnd]`; good as long as the snapshot. */
  bytes: Buffer;
  keyStart = 0;
  keyEnd = 0;

  constructor(pages: MappedPages) {
    this.#pages = pages;
    this.window = pages.window(0);
    this.bytes = this.window.bytes;
  }

  /**
   * Goes to the first key that is not below `lower`, to walk up to `upper`, or in reverse to the last key below `upper`, to walk down to
   * `lower`. A bound of no bytes is none; the bytes must stay as they are until the next call. Answers like `next`.
   */
  seekBetween(root: number, bounds: Bounds): boolean {
    const { isReverse } = bounds;
    this.#root = root;
    const start = isReverse ? bounds.upper : bounds.lower;
    const startSize = isReverse ? bounds.upperSize : bounds.lowerSize;
    this.#isReverse = isReverse;
    this.#bound = isReverse ? bounds.lower : bounds.upper;
    this.#boundSize = isReverse ? bounds.lowerSize : bounds.upperSize;
    this.#depth = 0;
    this.#leavesUntil = LEAVES_BEFORE;
    this.#leavesAhead = FIRST_AHEAD;
    if (root === NO_PAGE) return false;
    const found = this.#descendTo(root, start, startSize);
    const place = isReverse ? found - 1 : found;
    if (place < 0 || place >= this.#countInLeaf()) return this.#enterNextLeaf() && this.#meet();
    this.place = place;
    if (isReverse || this.#boundSize === 0) this.#limitLeaf();
    else this.#limitFirstLeaf();
    return this.#isWithin() && this.#meet();
  }

  /**
   * Goes to the first of the keys that are `prefix` and `keys[start..end]` with an id behind or without, to walk through them; `writeBounds` makes
   * bounds of that. What was asked for before in this commit is found where it was, if there were such keys, or keys before and after in one page.
   */
  seekKnown(
    root: number,
    commit: number,
    prefix: number,
    keys: Uint8Array,
    start: number,
    end: number,
    writeBounds: () => Bounds,
  ): boolean {
    const { knownPoints } = this.#pages;
    const hash = hashOfPoint(prefix, keys, start, end);
    if (knownPoints.find(commit, hash)) {
      const point = knownPoints.place;
      const place = firstPlace(point);
      const window = this.#pages.window(knownPoints.page);
      const leaf = offsetOf(knownPoints.page);
      if (isGap(point)) {
        if (this.#isBetween(window, leaf, place, prefix, keys, start, end)) return false;
      } else if (compareAt(window, leaf, place, prefix, keys, start, end) === 0) {
        this.window = window;
        this.#page = knownPoints.page;
        this.leaf = leaf;
        this.place = place;
        this.last = lastPlace(point);
        this.#root = root;
        this.#commit = commit;
        this.#isReverse = false;
        this.#depth = 0;
        if (mayGoOn(point)) this.#boundFrom(writeBounds());
        return this.#meet();
      }
    }
    const isMet = this.seekBetween(root, writeBounds());
    if (root !== NO_PAGE) this.#note(commit, hash, prefix, keys, start, end, isMet);
    return isMet;
  }

  #boundFrom({ upper, upperSize }: Bounds): void {
    this.#bound = upper;
    this.#boundSize = upperSize;
    this.#depth = NO_WAY;
  }

  /** Where the keys are that were just looked for, or where they would be. */
  #note(commit: number, hash: number, prefix: number, keys: Uint8Array, start: number, end: number, isMet: boolean): void {
    const { window, leaf, place } = this;
    const { knownPoints } = this.#pages;
    const count = this.#countInLeaf();
    if (isMet) {
      const node = nodeAt(window.halves, leaf, place) - leaf;
      knownPoints.note(commit, hash, this.#page, pointPlace(place, this.last, node, this.last === count - 1));
    } else if (place > 0 && place < count && this.#isBetween(window, leaf, place, prefix, keys, start, end)) {
      knownPoints.note(commit, hash, this.#page, gapPlace(place, nodeAt(window.halves, leaf, place) - leaf));
    }
  }

  /** Whether the key would be between the place and the one before it. */
  #isBetween(window: Window, leaf: number, place: number, prefix: number, keys: Uint8Array, start: number, end: number): boolean {
    return compareAt(window, leaf, place - 1, prefix, keys, start, end) < 0 && compareAt(window, leaf, place, prefix, keys, start, end) > 0;
  }

  /** Goes to the next key; false at the end, after which it is not to be called again. */
  next(): boolean {
    if (this.place !== this.last) this.place += this.#isReverse ? -1 : 1;
    else if (!this.#enterNextLeaf()) return false;
    return this.#meet();
  }

  /** How many keys there are from the one that `seek` has met to the end; the cursor is then at the end. */
  countRest(): number {
    let count = 0;
    do count += Math.abs(this.last - this.place) + 1;
    while (this.#enterNextLeaf());
    return count;
  }

  /** Finds the value of the key it stands on: it is in `MappedPages`. */
  readValue(): void {
    this.#pages.readValue(this.window, nodeAt(this.window.halves, this.leaf, this.place));
  }

  #meet(): boolean {
    const { bytes, halves } = this.window;
    const node = nodeAt(halves, this.leaf, this.place);
    this.bytes = bytes;
    this.keyStart = node + NODE_HEAD_BYTES;
    this.keyEnd = this.keyStart + halves[(node >> 1) + 3]!;
    return true;
  }

  /** To the leaf where `key` would be, or without one to the near end of the tree; answers the place there. */
  #descendTo(root: number, key: Buffer, keySize: number): number {
    let page = root;
    for (;;) {
      const window = this.#pages.window(page);
      const at = offsetOf(page);
      const { halves } = window;
      const count = countIn(halves, at);
      const isAtLeaf = isLeaf(halves, at);
      let found = ~(this.#isReverse ? count : 0);
      if (keySize > 0) found = placeOfKey(window, at, isAtLeaf ? 0 : 1, count, key, keySize);
      if (isAtLeaf) {
        this.window = window;
        this.#page = page;
        this.leaf = at;
        return found < 0 ? ~found : found;
      }
      const place = found < 0 ? Math.max(0, ~found - 1) : found;
      this.#path[this.#depth] = page;
      this.#places[this.#depth++] = place;
      page = childOf(halves, at, place);
    }
  }

  /** Enters the neighbouring leaf, at its near end; false when nothing of it is within the bounds, or there is none. */
  #enterNextLeaf(): boolean {
    if (this.#depth === NO_WAY) return this.#enterKnownLeaf();
    const step = this.#isReverse ? -1 : 1;
    while (this.#depth > 0) {
      const page = this.#path[this.#depth - 1]!;
      const { halves } = this.#pages.window(page);
      const at = offsetOf(page);
      const place = this.#places[this.#depth - 1]! + step;
      if (place < 0 || place >= countIn(halves, at)) {
        this.#depth--;
        continue;
      }
      this.#places[this.#depth - 1] = place;
      const near = this.#descendTo(childOf(halves, at, place), NO_BYTES, 0);
      this.place = this.#isReverse ? near - 1 : near;
      this.#readAhead();
      this.#limitLeaf();
      return this.#isWithin();
    }
    return false;
  }

  /** Reads the beginnings of the next leaves, now and then. */
  #readAhead(): void {
    if (this.#isReverse || --this.#leavesUntil > 0) return;
    const branch = this.#path[this.#depth - 1]!;
    const next = this.#places[this.#depth - 1]! + 1;
    this.#leavesUntil = Math.max(1, touchLeaves(this.#pages, branch, next, this.#leavesAhead));
    this.#leavesAhead = Math.min(2 * this.#leavesAhead, MOST_AHEAD);
  }

  /** The same forwards from a leaf whose neighbour may be known. */
  #enterKnownLeaf(): boolean {
    const { knownNeighbours } = this.#pages;
    const page = this.#page;
    if (!knownNeighbours.find(this.#commit, page)) {
      this.#findWay();
      const isEntered = this.#enterNextLeaf();
      if (this.#page !== page) knownNeighbours.note(this.#commit, page, this.#page, 0);
      return isEntered;
    }
    this.#page = knownNeighbours.page;
    this.window = this.#pages.window(this.#page);
    this.leaf = offsetOf(this.#page);
    this.place = 0;
    this.#limitLeaf();
    return this.#isWithin();
  }

  /** To the leaf where it is. */
  #findWay(): void {
    this.#depth = 0;
    this.#leavesUntil = LEAVES_BEFORE;
    this.#leavesAhead = FIRST_AHEAD;
    const { bytes, halves } = this.window;
    const node = nodeAt(halves, this.leaf, this.place);
    const keySize = halves[(node >> 1) + 3]!;
    this.#descendTo(this.#root, bytes.subarray(node + NODE_HEAD_BYTES, node + NODE_HEAD_BYTES + keySize), keySize);
  }

  /** Notes how far the walk may go in this leaf. */
  #limitLeaf(): void {
    const count = this.#countInLeaf();
    const far = this.#isReverse ? 0 : count - 1;
    this.last = far;
    if (this.#boundSize === 0) return;
    // Most leaves of a long walk are within the bounds.
    if (!this.#isReverse && isBelow(this.window, this.leaf, far, this.#bound, this.#boundSize)) return;
    this.#limitWithin(this.#isReverse ? 0 : this.place, count);
  }

  /** The same for the first leaf of a walk forwards. Most walks end soon: looked for is farther and farther from where this one begins. */
  #limitFirstLeaf(): void {
    const count = this.#countInLeaf();
    let low = this.place;
    let place = low;
    for (let step = 1; place < count && isBelow(this.window, this.leaf, place, this.#bound, this.#boundSize); step *= 2) {
      low = place + 1;
      place += step;
    }
    this.#limitWithin(low, Math.min(place, count));
  }

  /** The bound is at a place from `low` up to `high`. */
  #limitWithin(low: number, high: number): void {
    const found = placeOfKey(this.window, this.leaf, low, high, this.#bound, this.#boundSize);
    const place = found < 0 ? ~found : found;
    this.last = this.#isReverse ? place : place - 1;
    // The end is in this leaf: there is no way to another.
    if (this.last !== (this.#isReverse ? 0 : this.#countInLeaf() - 1)) this.#depth = 0;
  }

  /** Whether the place in the leaf is within the bound. */
  #isWithin(): boolean {
    return this.#isReverse ? this.place >= this.last : this.place <= this.last;
  }

  #countInLeaf(): number {
    return countIn(this.window.halves, this.leaf);
  }
}

/** The order of the key at a place of a page and `prefix` with `keys[start..end]` behind it; none if there is an id behind that. */
function compareAt(window: Window, page: number, place: number, prefix: number, keys: Uint8Array, start: number, end: number): number {
  return comparePoint(window, nodeAt(window.halves, page, place), prefix, keys, start, end);
}

/** The same for the key of a node. */
export function comparePoint(
  { bytes, halves }: Window,
  node: number,
  prefix: number,
  keys: Uint8Array,
  start: number,
  end: number,
): number {
  const size = halves[(node >> 1) + 3]! - PREFIX_BYTES;
  const at = node + NODE_HEAD_BYTES;
  const own = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  if (own !== prefix) return own - prefix;
  const wanted = end - start;
  const shorter = size < wanted ? size : wanted;
  const first = at + PREFIX_BYTES;
  for (let i = 0; i < shorter; i++) {
    const difference = bytes[first + i]! - keys[start + i]!;
    if (difference !== 0) return difference;
  }
  if (size <= wanted) return size - wanted;
  return size === wanted + ID_BYTES && bytes[first + wanted] === 0 ? 0 : 1;
}

/** Whether the key at a place of a page is below another one. */
function isBelow({ bytes, halves }: Window, page: number, place: number, key: Buffer, keySize: number): boolean {
  const node = nodeAt(halves, page, place);
  const size = halves[(node >> 1) + 3]!;
  const at = node + NODE_HEAD_BYTES;
  const shorter = size < keySize ? size : keySize;
  for (let i = 0; i < shorter; i++) if (bytes[at + i] !== key[i]) return bytes[at + i]! < key[i]!;
  return size < keySize;
}
