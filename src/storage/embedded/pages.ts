/**
 * LMDB's trees, read where they lie: in the data file as it is mapped into memory, without leaving JavaScript for a row or an entry.
 *
 * A read by the package costs a call and a copy each time, more than all else that is done with an entry. A page holds dozens of
 * entries, and finding one means looking at four pages.
 *
 * What makes it safe: LMDB never writes to a page of a committed tree, only to others that take its place, and uses a page again only
 * when no snapshot is as old as the commit that gave it up. So whoever reads here holds a snapshot and begins at the roots that were
 * the newest after it was taken (`newestRoots`). The layout is that of the pinned version of the package, and is checked when it is opened.
 */
import assert from 'node:assert/strict';
import { hashOf, KnownPlaces } from './known-places.ts';

export const PAGE_BYTES = 4096;

export const PAGE_HEAD_BYTES = 24;
const HALF = { flags: 9, lower: 10, pointers: 12 } as const;
const LEAF = 2;
export const NODE_HEAD_BYTES = 8;
/** A flag of an entry whose value has pages of its own. */
export const IS_ELSEWHERE = 1;

/** Positions in a meta page, in words. */
const META = { magic: 6, version: 7, pageSize: 12, mainRoot: 34, transaction: 38 } as const;
const MAGIC = 0xbeefc0de;
const VERSION = 2;
/** Where the root stands in the record of a tree. */
const TREE_ROOT = 40;

/** Of a tree without entries. */
export const NO_PAGE = -1;

/**
 * The file is seen through windows that overlap, so that each value that begins in the first half of one is whole in it: values are
 * smaller than half a window.
 */
const STEP_BYTES = 2 ** 30;
const WINDOW_BYTES = 2 * STEP_BYTES - PAGE_BYTES;
const STEP_PAGES = STEP_BYTES / PAGE_BYTES;
const STEP_BITS = Math.log2(STEP_PAGES);

export interface Window {
  readonly bytes: Buffer;
  readonly halves: Uint16Array;
  readonly words: Uint32Array;
  readonly view: DataView;
}

/** Where the trees of one commit begin. */
export interface Roots {
  readonly transaction: number;
  readonly main: number;
  /** Of the trees in the main tree, by their names. */
  readonly named: readonly number[];
}

export class MappedPages {
  readonly #openWindow: (offset: number, size: number) => Buffer;
  readonly #names: readonly Buffer[];
  readonly #windows: Window[] = [];
  #roots: Roots = { transaction: -1, main: NO_PAGE, named: [] };
  /**
   * Where single keys are in the named trees, and where keys with ids behind them begin and end. In tables of their own: their places mean different
   * things, and two keys with the same hash would be taken for each other, which may lead behind the end of the file and end the process.
   */
  readonly known = new KnownPlaces();
  readonly knownPoints = new KnownPlaces();
  /** Of leaves, by their numbers: those that come next. */
  readonly knownNeighbours = new KnownPlaces();
  /** Where the value stands that was found last; good as long as the snapshot. */
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;

  /** `openWindow` gives a view of a stretch of the mapped file. Trees are given by `names`. */
  constructor(openWindow: (offset: number, size: number) => Buffer, names: readonly string[]) {
    this.#openWindow = openWindow;
    this.#names = names.map((name) => Buffer.from(`${name}\0`));
    const { words } = this.window(0);
    const isKnown = words[META.magic] === MAGIC && words[META.version] === VERSION && words[META.pageSize] === PAGE_BYTES;
    assert(
      isKnown,
      `the data file has a layout that is not known here (version ${words[META.version]}, page size ${words[META.pageSize]})`,
    );
  }

  /** The window in which a page begins in the first half. */
  window(page: number): Window {
    return this.#windows[page >>> STEP_BITS] ?? this.#addWindow(page >>> STEP_BITS);
  }

  #addWindow(number: number): Window {
    const { buffer, byteOffset } = this.#openWindow(number * STEP_BYTES, WINDOW_BYTES);
    const window = {
      bytes: Buffer.from(buffer, byteOffset, WINDOW_BYTES),
      halves: new Uint16Array(buffer, byteOffset, WINDOW_BYTES / 2),
      words: new Uint32Array(buffer, byteOffset, WINDOW_BYTES / 4),
      view: new DataView(buffer, byteOffset, WINDOW_BYTES),
    };
    this.#windows[number] = window;
    return window;
  }

  /**
   * The roots of the newest commit: after a snapshot was taken, not older than it. The two meta pages are written in turns, so the one that
   * is read is whole as long as the other has not become newer.
   */
  newestRoots(): Roots {
    const { words } = this.window(0);
    for (;;) {
      const even = transactionAt(words, 0);
      const odd = transactionAt(words, 1);
      const newest = odd > even ? 1 : 0;
      const transaction = Math.max(even, odd);
      if (transaction === this.#roots.transaction) return this.#roots;
      const main = mainRootAt(words, newest);
      if (transactionAt(words, newest) !== transaction || transactionAt(words, 1 - newest) > transaction) continue;
      this.#roots = { transaction, main, named: this.#names.map((name) => this.#namedRoot(main, name)) };
      return this.#roots;
    }
  }

  #namedRoot(main: number, name: Buffer): number {
    return this.find(main, name, name.length) ? pageNumber(this.bytes, this.start + TREE_ROOT) : NO_PAGE;
  }

  /**
   * Whether the first `keySize` bytes of `key` are a key of the tree; its value is then `bytes[start..end]`. Keys that differ between the
   * trees of one commit are looked for first where they were found before.
   */
  findKnown(root: number, commit: number, key: Buffer, keySize: number): boolean {
    const hash = hashOf(key, keySize);
    const { known } = this;
    if (known.find(commit, hash)) {
      const { page, place } = known;
      const window = this.window(page);
      const node = offsetOf(page) + place;
      if (isKey(window, node, key, keySize)) {
        this.readValue(window, node);
        return true;
      }
    }
    if (!this.find(root, key, keySize)) return false;
    known.note(commit, hash, foundPage, foundPlace);
    return true;
  }

  /** The same by the way from the root. */
  find(root: number, key: Buffer, keySize: number): boolean {
    let page = root;
    if (page === NO_PAGE) return false;
    for (;;) {
      const window = this.window(page);
      const { halves } = window;
      const at = offsetOf(page);
      const count = countIn(halves, at);
      const isAtLeaf = isLeaf(halves, at);
      const place = lowerBound(window, at, isAtLeaf ? 0 : 1, count, key, keySize);
      if (isAtLeaf) {
        if (isFound) {
          const node = nodeAt(halves, at, place);
          this.readValue(window, node);
          foundPage = page;
          foundPlace = node - at;
        }
        return isFound;
      }
      page = childOf(halves, at, isFound ? place : place - 1);
    }
  }

  /** Finds the value of a node of a leaf. */
  readValue(window: Window, node: number): void {
    const { bytes, halves } = window;
    const half = node >> 1;
    const at = node + NODE_HEAD_BYTES + halves[half + 3]!;
    const size = halves[half]! | (halves[half + 1]! << 16);
    if ((halves[half + 2]! & IS_ELSEWHERE) === 0) {
      this.bytes = bytes;
      this.start = at;
    } else {
      const page = pageNumber(bytes, at);
      this.bytes = this.window(page).bytes;
      this.start = offsetOf(page) + PAGE_HEAD_BYTES;
    }
    this.end = this.start + size;
  }
}

/** Set by `lowerBound`: whether the key is there. */
let isFound = false;
/** Set by `find`: where the key is, its place in bytes from the beginning of the page. */
let foundPage = 0;
let foundPlace = 0;

/** The order of the key at a place of a page and `prefix` with `key` behind it; none if there is an id behind that. */
function compareAt({ bytes, halves }: Window, page: number, place: number, prefix: number, key: Uint8Array): number {
  const node = nodeAt(halves, page, place);
  const size = halves[(node >> 1) + 3]! - PREFIX_BYTES;
  const at = node + NODE_HEAD_BYTES;
  const own = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  if (own !== prefix) return own - prefix;
  const shorter = size < key.length ? size : key.length;
  for (let i = 0; i < shorter; i++) {
    const difference = bytes[at + PREFIX_BYTES + i]! - key[i]!;
    if (difference !== 0) return difference;
  }
  if (size <= key.length) return size - key.length;
  return size === key.length + ID_BYTES && bytes[at + PREFIX_BYTES + key.length] === 0 ? 0 : 1;
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

function isKey({ bytes, halves }: Window, node: number, key: Buffer, keySize: number): boolean {
  if (halves[(node >> 1) + 3]! !== keySize) return false;
  const at = node + NODE_HEAD_BYTES;
  // Keys of one table begin alike.
  for (let i = keySize - 1; i >= 0; i--) if (bytes[at + i] !== key[i]) return false;
  return true;
}

/** The first place of a page from `low` on whose key is not below `key`. What both neighbours share with it is not compared again. */
function lowerBound({ bytes, halves }: Window, page: number, low: number, high: number, key: Buffer, keySize: number): number {
  let lowShared = 0;
  let highShared = 0;
  isFound = false;
  while (low < high) {
    const middle = (low + high) >> 1;
    const node = nodeAt(halves, page, middle);
    const size = halves[(node >> 1) + 3]!;
    const at = node + NODE_HEAD_BYTES;
    const shorter = size < keySize ? size : keySize;
    let shared = lowShared < highShared ? lowShared : highShared;
    while (shared < shorter && bytes[at + shared] === key[shared]) shared++;
    const order = shared < shorter ? bytes[at + shared]! - key[shared]! : size - keySize;
    if (order === 0) {
      isFound = true;
      return middle;
    }
    if (order < 0) {
      low = middle + 1;
      lowShared = shared;
    } else {
      high = middle;
      highShared = shared;
    }
  }
  return low;
}

/** What the place of an entry that is not unique is noted under. */
export function hashOfPoint(prefix: number, key: Uint8Array): number {
  return Math.imul(hashOf(key, key.length) ^ prefix, 0x9e3779b1);
}

/** Where a page begins in its window. */
export function offsetOf(page: number): number {
  return (page & (STEP_PAGES - 1)) * PAGE_BYTES;
}

/** Where an entry of a page begins. */
export function nodeAt(halves: Uint16Array, page: number, place: number): number {
  return page + PAGE_HEAD_BYTES + halves[(page >> 1) + HALF.pointers + place]!;
}

export function countIn(halves: Uint16Array, page: number): number {
  return halves[(page >> 1) + HALF.lower]! >> 1;
}

export function isLeaf(halves: Uint16Array, page: number): boolean {
  return (halves[(page >> 1) + HALF.flags]! & LEAF) !== 0;
}

/** The map of the file has no more pages than 31 bits can number. */
export function childOf(halves: Uint16Array, page: number, place: number): number {
  const half = nodeAt(halves, page, place) >> 1;
  return halves[half]! | (halves[half + 1]! << 16);
}

/** Eight bytes that need not be aligned. */
export function pageNumber(bytes: Buffer, at: number): number {
  const high = bytes.readUInt32LE(at + 4);
  return high === 0xffffffff ? NO_PAGE : high * 2 ** 32 + bytes.readUInt32LE(at);
}

/** In the order of the other words of the page: others write it meanwhile. */
function mainRootAt(words: Uint32Array, page: number): number {
  const at = (page * PAGE_BYTES) / 4 + META.mainRoot;
  const high = Atomics.load(words, at + 1);
  return high === 0xffffffff ? NO_PAGE : high * 2 ** 32 + Atomics.load(words, at);
}

function transactionAt(words: Uint32Array, page: number): number {
  const at = (page * PAGE_BYTES) / 4 + META.transaction;
  return Atomics.load(words, at) + Atomics.load(words, at + 1) * 2 ** 32;
}

const DEEPEST = 32;
const NO_BYTES = Buffer.alloc(0);

/** The way to the leaf is not known, because it was found by `KnownPlaces`. */
const NO_WAY = -1;
/** What is known of keys: the place of the first, of the last in its page, and whether there may be more in the next. */
const PLACE_BITS = 12;
export const PLACE_MASK = 2 ** PLACE_BITS - 1;
const NOT_THERE = PLACE_MASK;
const MAY_GO_ON = 2 ** (2 * PLACE_BITS);
const PREFIX_BYTES = 4;
const ID_BYTES = 8;

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
    if (root === NO_PAGE) return false;
    const found = this.#descendTo(root, start, startSize);
    const place = isReverse ? found - 1 : found;
    if (place < 0 || place >= this.#countInLeaf()) return this.#enterNextLeaf() && this.#meet();
    this.place = place;
    this.#limitLeaf();
    return this.#isWithin() && this.#meet();
  }

  /**
   * Goes to the first of the keys that are `prefix` and `key` with an id behind or without, to walk through them; `writeBounds` makes
   * bounds of that. What was asked for before in this commit is found where it was, if there were such keys, or keys before and after in one page.
   */
  seekKnown(root: number, commit: number, prefix: number, key: Uint8Array, writeBounds: () => Bounds): boolean {
    const { knownPoints } = this.#pages;
    const hash = hashOfPoint(prefix, key);
    if (knownPoints.find(commit, hash)) {
      const place = knownPoints.place & PLACE_MASK;
      const last = (knownPoints.place >> PLACE_BITS) & PLACE_MASK;
      const window = this.#pages.window(knownPoints.page);
      const leaf = offsetOf(knownPoints.page);
      if (last === NOT_THERE) {
        if (compareAt(window, leaf, place - 1, prefix, key) < 0 && compareAt(window, leaf, place, prefix, key) > 0) return false;
      } else if (compareAt(window, leaf, place, prefix, key) === 0) {
        this.window = window;
        this.#page = knownPoints.page;
        this.leaf = leaf;
        this.place = place;
        this.last = last;
        this.#root = root;
        this.#commit = commit;
        this.#isReverse = false;
        this.#depth = 0;
        if ((knownPoints.place & MAY_GO_ON) !== 0) this.#boundFrom(writeBounds());
        return this.#meet();
      }
    }
    const isMet = this.seekBetween(root, writeBounds());
    if (root !== NO_PAGE) this.#note(commit, hash, prefix, key, isMet);
    return isMet;
  }

  #boundFrom({ upper, upperSize }: Bounds): void {
    this.#bound = upper;
    this.#boundSize = upperSize;
    this.#depth = NO_WAY;
  }

  /** Where the keys are that were just looked for, or where they would be. */
  #note(commit: number, hash: number, prefix: number, key: Uint8Array, isMet: boolean): void {
    const { window, leaf, place } = this;
    const { knownPoints } = this.#pages;
    if (isMet) {
      const mayGoOn = this.last === this.#countInLeaf() - 1 ? MAY_GO_ON : 0;
      knownPoints.note(commit, hash, this.#page, place | (this.last << PLACE_BITS) | mayGoOn);
      return;
    }
    const isBetween =
      place > 0 &&
      place < this.#countInLeaf() &&
      compareAt(window, leaf, place - 1, prefix, key) < 0 &&
      compareAt(window, leaf, place, prefix, key) > 0;
    if (isBetween) knownPoints.note(commit, hash, this.#page, place | (NOT_THERE << PLACE_BITS));
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
      let place = this.#isReverse ? count : 0;
      if (keySize > 0) place = lowerBound(window, at, isAtLeaf ? 0 : 1, count, key, keySize);
      else isFound = false;
      if (isAtLeaf) {
        this.window = window;
        this.#page = page;
        this.leaf = at;
        return place;
      }
      if (!isFound && place > 0) place--;
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
      this.#limitLeaf();
      return this.#isWithin();
    }
    return false;
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
    const low = this.#isReverse ? 0 : this.place;
    const place = lowerBound(this.window, this.leaf, low, count, this.#bound, this.#boundSize);
    this.last = this.#isReverse ? place : place - 1;
    // The end is in this leaf: there is no way to another.
    if (this.last !== far) this.#depth = 0;
  }

  /** Whether the place in the leaf is within the bound. */
  #isWithin(): boolean {
    return this.#isReverse ? this.place >= this.last : this.place <= this.last;
  }

  #countInLeaf(): number {
    return countIn(this.window.halves, this.leaf);
  }
}
