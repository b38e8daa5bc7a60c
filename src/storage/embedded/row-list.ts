/**
 * Rows and entries as they are put together for an answer: where they lie, if whoever asked can do with that, or copied.
 */
import type { EntryBatch, EntryScanOptions, ReadOptions, RowBatch, RowId } from '../engine.ts';
import { hasIdInKey, ID_BYTES, readId } from '../entry.ts';
import { IS_ELSEWHERE, NODE_HEAD_BYTES, nodeAt, type MappedPages, type Window } from './pages.ts';

/** A list of copies is full with so many. */
export const MOST_BYTES = 256 * 1024;
const PREFIX_BYTES = 4;
/** What the keys of a few entries take. */
const KEYS_BYTES = 512;

/**
 * For the value of `size` bytes at `start`. Of an empty one nothing is read: it may stand where the last page of the file ends, and behind
 * that the system ends the process.
 */
export function isIdInKey(bytes: Uint8Array, start: number, size: number): boolean {
  return hasIdInKey(size === 0 ? undefined : bytes[start], size);
}

/** Small results share a buffer, because each one of its own would cost more than reading the row. */
const SLAB_BYTES = 32 * 1024;
let slab = Buffer.alloc(0);
let slabUsed = 0;

export interface RowListOptions extends ReadOptions {
  readonly ownBytes?: number;
  readonly ids?: RowId[];
}

/**
 * Rows that are put together one after the other. Borrowed ones stay where they lie as long as they lie in one buffer, or in
 * several if that is wanted. Others are copied: into
 * the slab as long as nobody else goes on in it, or into a buffer of their own.
 */
export class RowList implements RowBatch {
  readonly ids: RowId[];
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  buffer: Uint8Array;
  buffers: Uint8Array[] | undefined;
  readonly #hasOwnIds: boolean;
  #isBorrowed: boolean;
  readonly #isScattered: boolean;
  #isOwnBuffer: boolean;
  #start: number;
  #end: number;

  /**
   * With `ownBytes`, in a buffer of its own from the beginning: for lists that grow side by side. With `ids`, whoever gives them adds to
   * them.
   */
  constructor({ isScattered = false, isBorrowed = isScattered, ownBytes = 0, ids }: RowListOptions = {}) {
    this.ids = ids ?? [];
    this.#hasOwnIds = ids === undefined;
    this.#isBorrowed = isBorrowed;
    this.#isScattered = isScattered;
    this.#isOwnBuffer = ownBytes > 0;
    this.buffer = isBorrowed || !this.#isOwnBuffer ? slab : Buffer.allocUnsafe(ownBytes);
    this.#start = this.#isOwnBuffer ? 0 : slabUsed;
    this.#end = this.#start;
  }

  get count(): number {
    return this.starts.length;
  }

  get isFull(): boolean {
    return !this.#isBorrowed && this.#end - this.#start >= MOST_BYTES;
  }

  add(id: RowId, source: Uint8Array): void {
    this.addFrom(id, source, 0, source.length);
  }

  /** The row is `source[from..to]`. */
  addFrom(id: RowId, source: Uint8Array, from: number, to: number): void {
    if (this.#isBorrowed) {
      if (this.starts.length === 0) this.buffer = source;
      if (this.buffer === source && this.buffers === undefined) {
        if (this.#hasOwnIds) this.ids.push(id);
        this.starts.push(from);
        this.ends.push(to);
        return;
      }
      if (this.#isScattered) {
        this.#addScattered(id, source, from, to);
        return;
      }
      this.#copyBorrowed();
    }
    this.#reserve(to - from);
    const start = this.#end;
    copyInto(this.buffer, start, source, from, to);
    this.#end += to - from;
    if (!this.#isOwnBuffer) slabUsed = this.#end;
    this.#note(id, start);
  }

  addOrNothing(id: RowId, source: Uint8Array | undefined): void {
    if (source === undefined) this.addNothing(id);
    else this.add(id, source);
  }

  addNothing(id: RowId): void {
    this.buffers?.push(this.buffer);
    this.#note(id, this.#end);
  }

  #note(id: RowId, start: number): void {
    if (this.#hasOwnIds) this.ids.push(id);
    this.starts.push(start);
    this.ends.push(this.#end);
  }

  #addScattered(id: RowId, source: Uint8Array, from: number, to: number): void {
    (this.buffers ??= this.starts.map(() => this.buffer)).push(source);
    if (this.#hasOwnIds) this.ids.push(id);
    this.starts.push(from);
    this.ends.push(to);
  }

  /** From here on its bytes are its own. */
  #copyBorrowed(): void {
    const { buffer, starts, ends } = this;
    this.#isBorrowed = false;
    this.buffer = slab;
    this.#isOwnBuffer = false;
    this.#start = slabUsed;
    this.#end = slabUsed;
    let size = 0;
    for (let i = 0; i < starts.length; i++) size += ends[i]! - starts[i]!;
    this.#reserve(size);
    for (let i = 0; i < starts.length; i++) {
      const [from, to] = [starts[i]!, ends[i]!];
      copyInto(this.buffer, this.#end, buffer, from, to);
      starts[i] = this.#end;
      this.#end += to - from;
      ends[i] = this.#end;
    }
    if (!this.#isOwnBuffer) slabUsed = this.#end;
  }

  #reserve(size: number): void {
    const mayGoOn = this.#isOwnBuffer || (this.buffer === slab && this.#end === slabUsed);
    if (!mayGoOn || this.#end + size > this.buffer.length) this.#move(size);
  }

  /** To where there is room for `size` bytes more. */
  #move(size: number): void {
    const used = this.#end - this.#start;
    this.#isOwnBuffer ||= 2 * (used + size) > SLAB_BYTES;
    const target = Buffer.allocUnsafeSlow(this.#isOwnBuffer ? Math.max(used + size, 2 * used) : SLAB_BYTES);
    if (used > 0) {
      target.set(this.buffer.subarray(this.#start, this.#end));
      for (let i = 0; i < this.starts.length; i++) {
        this.starts[i]! -= this.#start;
        this.ends[i]! -= this.#start;
      }
    }
    this.buffer = target;
    this.#start = 0;
    this.#end = used;
    if (!this.#isOwnBuffer) slab = target;
  }
}

/** A loop is faster than a call for few bytes. */
const FEW_BYTES = 24;

/** Copies `source[from..to]`. */
export function copyInto(target: Uint8Array, at: number, source: Uint8Array, from: number, to: number): void {
  if (to - from <= FEW_BYTES) for (let i = from; i < to; i++) target[at++] = source[i]!;
  else target.set(new Uint8Array(source.buffer, source.byteOffset + from, to - from), at);
}

/** Which entries of a leaf are added. */
export interface LeafEntries {
  /** What they answer. */
  readonly range: number;
  /** Of their keys, without what the store adds; undefined: any. */
  readonly onlyLength: number | undefined;
  /** As many as there may be in all. */
  readonly count: number;
}

/** Entries that are put together one after the other. */
export class EntryList implements EntryBatch {
  readonly ids: RowId[] = [];
  readonly ranges: number[] = [];
  readonly keys?: RowList;
  readonly values?: RowList;
  readonly hasIds: boolean;
  #count = 0;

  constructor({ isBorrowed = false, withKeys = false, withValues = false, withoutIds = false }: EntryScanOptions) {
    this.hasIds = !withoutIds;
    const { ids } = this;
    if (withKeys) this.keys = new RowList({ isBorrowed, ownBytes: KEYS_BYTES, ids });
    if (withValues) this.values = new RowList({ isBorrowed, ownBytes: KEYS_BYTES, ids });
  }

  get count(): number {
    return this.#count;
  }

  add(id: RowId, range: number): void {
    this.#count++;
    if (!this.hasIds) return;
    this.ids.push(id);
    this.ranges.push(range);
  }

  /**
   * Adds entries of a leaf, from one place up to another, as long as there are fewer than `count`: those whose keys, without what the store adds,
   * have `onlyLength` bytes. Answers where it stopped.
   */
  addLeaf(
    mapped: MappedPages,
    window: Window,
    leaf: number,
    [from, end]: readonly [from: number, end: number],
    { range, onlyLength, count }: LeafEntries,
  ): number {
    const { halves } = window;
    let place = from;
    for (; place < end && this.#count < count; place++) this.addNode(mapped, window, nodeAt(halves, leaf, place), range, onlyLength);
    return place;
  }

  /** Adds the entry of a node of a leaf, if its key has `onlyLength` bytes. */
  addNode(mapped: MappedPages, window: Window, node: number, range: number, onlyLength: number | undefined): void {
    const { bytes, halves } = window;
    const { keys, values, hasIds } = this;
    const half = node >> 1;
    const keyStart = node + NODE_HEAD_BYTES;
    const nodeEnd = keyStart + halves[half + 3]!;
    const size = halves[half]! | (halves[half + 1]! << 16);
    let stored = bytes;
    let valueStart = nodeEnd;
    if ((halves[half + 2]! & IS_ELSEWHERE) !== 0) {
      mapped.readValue(window, node);
      stored = mapped.bytes;
      valueStart = mapped.start;
    }
    const hasId = isIdInKey(stored, valueStart, size);
    const keyEnd = hasId ? nodeEnd - ID_BYTES : nodeEnd;
    if (onlyLength !== undefined && keyEnd - keyStart - PREFIX_BYTES !== onlyLength) return;
    const id = !hasIds ? 0 : hasId ? readId(bytes, keyEnd) : readId(stored, valueStart);
    this.add(id, range);
    if (keys !== undefined) keys.addFrom(id, bytes, keyStart + PREFIX_BYTES, keyEnd);
    if (values === undefined) return;
    if (!hasId) values.addFrom(id, stored, valueStart + ID_BYTES, valueStart + size);
    else values.addFrom(id, stored, size === 0 ? valueStart : valueStart + 1, valueStart + size);
  }
}
