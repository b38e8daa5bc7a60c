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
import { hashBytes } from '#base';
import { hashOf, KnownPlaces } from './known-places.ts';

export const PAGE_BYTES = 4096;

export const PAGE_HEAD_BYTES = 24;
const HALF = { flags: 9, lower: 10, pointers: 12 } as const;
/** The number of the commit, in words. */
const WRITER = 2;
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

/** Where rows were found: in the window of a page, or nowhere (no page). */
export interface FoundRows {
  readonly pages: Int32Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
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
      const place = placeOfKey(window, at, isAtLeaf ? 0 : 1, count, key, keySize);
      if (isAtLeaf) {
        if (place < 0) return false;
        const node = nodeAt(halves, at, place);
        this.readValue(window, node);
        foundPage = page;
        foundPlace = node - at;
        return true;
      }
      page = childOf(halves, at, place < 0 ? ~place - 1 : place);
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

/** Set by `find`: where the key is, its place in bytes from the beginning of the page. */
let foundPage = 0;
let foundPlace = 0;

function isKey({ bytes, halves }: Window, node: number, key: Buffer, keySize: number): boolean {
  if (halves[(node >> 1) + 3]! !== keySize) return false;
  const at = node + NODE_HEAD_BYTES;
  // Keys of one table begin alike.
  for (let i = keySize - 1; i >= 0; i--) if (bytes[at + i] !== key[i]) return false;
  return true;
}

/**
 * The place of `key` in a page, from `low` on; where it is not there, the complement (`~`) of the first place whose key is above it. What both
 * neighbours share with it is not compared again.
 */
export function placeOfKey({ bytes, halves }: Window, page: number, low: number, high: number, key: Buffer, keySize: number): number {
  let lowShared = 0;
  let highShared = 0;
  while (low < high) {
    const middle = (low + high) >> 1;
    const node = nodeAt(halves, page, middle);
    const size = halves[(node >> 1) + 3]!;
    const at = node + NODE_HEAD_BYTES;
    const shorter = size < keySize ? size : keySize;
    let shared = lowShared < highShared ? lowShared : highShared;
    while (shared < shorter && bytes[at + shared] === key[shared]) shared++;
    const order = shared < shorter ? bytes[at + shared]! - key[shared]! : size - keySize;
    if (order === 0) return middle;
    if (order < 0) {
      low = middle + 1;
      lowShared = shared;
    } else {
      high = middle;
      highShared = shared;
    }
  }
  return ~low;
}

/** What the place of an entry that is not unique is noted under: its key is `bytes[start..end]`. */
export function hashOfPoint(prefix: number, bytes: Uint8Array, start = 0, end = bytes.length): number {
  return Math.imul(hashBytes(bytes, start, end) ^ prefix, 0x9e3779b1);
}

/** Where a page begins in its window. */
export function offsetOf(page: number): number {
  return (page & (STEP_PAGES - 1)) * PAGE_BYTES;
}

/** The commit that a page was written by. */
export function writtenBy({ words }: Window, page: number): number {
  return words[(page >> 2) + WRITER]! + words[(page >> 2) + WRITER + 1]! * 2 ** 32;
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
