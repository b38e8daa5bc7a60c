/**
 * Walking through rows and entries: what is in the data file, with what lies over it between, in batches that grow.
 */
import type { BatchCursor, EntryBatch, EntryScanOptions, KeyRange, RowBatch, RowId, ScanOptions } from '../engine.ts';
import { hasIdInKey, ID_BYTES, readId, stretchOf, type Stretch } from './entry.ts';
import { ABSENT, CURSOR_KEY_OFFSET, type Cursor } from './lmdb.ts';
import type { Writes } from './writes.ts';
import type { Store, View } from './store.ts';

const FIRST_BATCH = 16;
const BATCH_GROWTH = 4;
const LAST_BATCH = 1000;
const BATCH_BYTES = 256 * 1024;

const PREFIX_BYTES = 4;
const NO_LIMIT = Number.MAX_SAFE_INTEGER;
/** What the keys of a few entries take. */
const KEYS_BYTES = 512;

/** What a walk goes through: a table's place in the data file (0: none), and what lies over it. */
export interface Source<Key extends RowId | string> {
  readonly store: Store;
  readonly view: View;
  readonly place: number;
  /** Does not change any more. */
  readonly above: Writes<Key> | undefined;
}

/** Gives what `read` gives, more each time, until there is nothing more; then or when closed early calls `release`. */
export class Batches<Batch extends { readonly count: number }> implements BatchCursor<Batch> {
  readonly #read: (count: number) => Batch;
  readonly #release: () => void;
  #capacity = FIRST_BATCH;
  #remaining: number;
  #isOpen = true;

  constructor(limit: number | undefined, read: (count: number) => Batch, release: () => void) {
    this.#remaining = limit ?? NO_LIMIT;
    this.#read = read;
    this.#release = release;
  }

  next(): Batch | undefined {
    if (!this.#isOpen) return undefined;
    if (this.#remaining > 0) {
      const batch = this.#read(Math.min(this.#capacity, this.#remaining));
      this.#capacity = Math.min(LAST_BATCH, this.#capacity * BATCH_GROWTH);
      this.#remaining -= batch.count;
      if (batch.count > 0) return batch;
    }
    this.close();
    return undefined;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#release();
  }
}

/** Small results share a buffer, because each one of its own would cost more than reading the row. */
const SLAB_BYTES = 32 * 1024;
let slab = Buffer.alloc(0);
let slabUsed = 0;

/** Rows that are put together one after the other: in the slab as long as nobody else goes on in it, or in a buffer of their own. */
export class RowList implements RowBatch {
  readonly ids: RowId[] = [];
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  buffer: Buffer;
  #isOwnBuffer: boolean;
  #start: number;
  #end: number;

  /** With `ownBytes`, in a buffer of its own from the beginning: for lists that grow side by side. */
  constructor(ownBytes = 0) {
    this.#isOwnBuffer = ownBytes > 0;
    this.buffer = this.#isOwnBuffer ? Buffer.allocUnsafe(ownBytes) : slab;
    this.#start = this.#isOwnBuffer ? 0 : slabUsed;
    this.#end = this.#start;
  }

  get count(): number {
    return this.ids.length;
  }

  get isFull(): boolean {
    return this.#end - this.#start >= BATCH_BYTES;
  }

  add(id: RowId, source: Uint8Array): void {
    const size = source.length;
    const mayGoOn = this.#isOwnBuffer || (this.buffer === slab && this.#end === slabUsed);
    if (!mayGoOn || this.#end + size > this.buffer.length) this.#move(size);
    const start = this.#end;
    this.buffer.set(source, start);
    this.#end += size;
    if (!this.#isOwnBuffer) slabUsed = this.#end;
    this.#note(id, start);
  }

  addNothing(id: RowId): void {
    this.#note(id, this.#end);
  }

  #note(id: RowId, start: number): void {
    this.ids.push(id);
    this.starts.push(start);
    this.ends.push(this.#end);
  }

  /** To where there is room for `size` bytes more. */
  #move(size: number): void {
    const used = this.#end - this.#start;
    this.#isOwnBuffer ||= 2 * (used + size) > SLAB_BYTES;
    const target = Buffer.allocUnsafeSlow(this.#isOwnBuffer ? Math.max(used + size, 2 * used) : SLAB_BYTES);
    target.set(this.buffer.subarray(this.#start, this.#end));
    for (let i = 0; i < this.ids.length; i++) {
      this.starts[i]! -= this.#start;
      this.ends[i]! -= this.#start;
    }
    this.buffer = target;
    this.#start = 0;
    this.#end = used;
    if (!this.#isOwnBuffer) slab = target;
  }
}

/** All rows of a table in the order of their ids. */
export class RowWalk {
  readonly #source: Source<RowId>;
  readonly #isReverse: boolean;
  readonly #cursor: Cursor | undefined;
  readonly #above: Iterator<readonly [RowId, Uint8Array | undefined]> | undefined;
  #nextAbove: readonly [RowId, Uint8Array | undefined] | undefined;
  /** Where the cursor is: before the first row, on a row that was given, on one that waits to be given, or behind the last. */
  #position: 'start' | 'given' | 'waiting' | 'end' = 'start';
  #landingBytes = 2048;
  #rowBytes = 512;

  constructor(source: Source<RowId>, options: ScanOptions) {
    const { store, view, place, above } = source;
    this.#source = source;
    this.#isReverse = options.reverse ?? false;
    if (place === 0) this.#position = 'end';
    else this.#cursor = store.openCursor(view);
    this.#above = this.#isReverse ? above?.before(undefined) : above?.from(undefined);
    this.#nextAbove = nextOf(this.#above);
  }

  close(): void {
    this.#cursor?.close();
  }

  /**
   * A row of the data file lands at the head of the batch's own buffer and is moved to its place behind, so nothing is allocated for
   * a row.
   */
  read(count: number): RowBatch {
    const { lmdb } = this.#source.store;
    const sign = this.#isReverse ? -1 : 1;
    const ids: RowId[] = [];
    const starts: number[] = [];
    const ends: number[] = [];
    let buffer = this.#landInNewBuffer(Math.min(BATCH_BYTES, count * this.#rowBytes));
    let end = this.#landingBytes;
    let above = this.#nextAbove;
    try {
      let hasFiled = this.#meet();
      while (ids.length < count) {
        const filedId = hasFiled ? readId(lmdb.keyBytes, CURSOR_KEY_OFFSET + PREFIX_BYTES) : 0;
        const isAbove = above !== undefined && (!hasFiled || sign * above[0] <= sign * filedId);
        if (!isAbove && !hasFiled) break;
        const bytes = isAbove ? above![1] : undefined;
        const size = isAbove ? (bytes?.length ?? 0) : lmdb.metSize();
        if (end + size > buffer.length || (!isAbove && size > this.#landingBytes)) {
          this.#learn(size, ids.length, end);
          if (ids.length > 0) break;
          buffer = this.#landInNewBuffer(Math.max(size, Math.min(BATCH_BYTES, count * this.#rowBytes)));
          end = this.#landingBytes;
          if (hasFiled) this.#cursor!.landAgain();
        }
        const id = isAbove ? above![0] : filedId;
        if (!isAbove || bytes !== undefined) {
          if (bytes === undefined) buffer.copyWithin(end, 0, size);
          else buffer.set(bytes, end);
          ids.push(id);
          starts.push(end);
          end += size;
          ends.push(end);
        }
        if (isAbove) above = nextOf(this.#above);
        if (hasFiled && id === filedId) {
          this.#position = 'given';
          hasFiled = ids.length < count && this.#meet();
        }
      }
      if (hasFiled) this.#position = 'waiting';
    } finally {
      this.#nextAbove = above;
      lmdb.landAtHome();
    }
    return { count: ids.length, ids, buffer, starts, ends };
  }

  /** Meets the next row of the data file, or again the one that waits; its value may have landed. */
  #meet(): boolean {
    if (this.#position === 'end') return false;
    const cursor = this.#cursor!;
    if (this.#position === 'waiting') {
      cursor.landAgain();
      return true;
    }
    const size =
      this.#position === 'given'
        ? cursor.next()
        : cursor.seek(this.#source.place, '', undefined, { reverse: this.#isReverse, withValues: true });
    if (size === 0) this.#position = 'end';
    return size > 0;
  }

  /** Remembers for the next buffer how large rows are. */
  #learn(size: number, count: number, end: number): void {
    const average = count === 0 ? size : Math.ceil((1.1 * (end - this.#landingBytes)) / count);
    this.#rowBytes = Math.max(this.#rowBytes, average);
    this.#landingBytes = Math.max(this.#landingBytes, size + (size >> 2));
  }

  #landInNewBuffer(rowsBytes: number): Buffer {
    const buffer = Buffer.allocUnsafeSlow(this.#landingBytes + rowsBytes);
    this.#source.store.lmdb.landIn(buffer.subarray(0, this.#landingBytes));
    return buffer;
  }
}

function nextOf<Item>(items: Iterator<Item> | undefined): Item | undefined {
  const next = items?.next();
  return next === undefined || next.done ? undefined : next.value;
}

/**
 * Entries of the given ranges, one after the other. What it tells of an entry is true until the store is asked anything else.
 *
 * What lies above the data file cuts a range into pieces: between two keys from above LMDB walks alone.
 */
export class EntryWalk {
  readonly #source: Source<string>;
  readonly #ranges: readonly KeyRange[];
  readonly #isReverse: boolean;
  readonly #isRangeReverse: boolean;
  readonly #cursor: Cursor | undefined;
  #ranged = 0;
  /** What is left of the current range. */
  #stretch: Stretch | undefined;
  #above: Iterator<readonly [string, Uint8Array | undefined]> | undefined;
  #nextAbove: readonly [string, Uint8Array | undefined] | undefined;
  /** Whether the cursor walks through a piece. */
  #isWalking = false;
  /** Of the current entry. */
  id: RowId = 0;
  range = 0;
  #text: string | undefined;
  #keySize = 0;
  #stored: Buffer = slab;
  #valueStart = 0;

  /** `ranges`: also the ranges come in reverse. */
  constructor(source: Source<string>, ranges: readonly KeyRange[], reverse: { readonly entries: boolean; readonly ranges: boolean }) {
    const { store, view, place } = source;
    this.#source = source;
    this.#ranges = ranges;
    this.#isReverse = reverse.entries;
    this.#isRangeReverse = reverse.ranges;
    if (place !== 0) this.#cursor = store.openCursor(view);
  }

  close(): void {
    this.#cursor?.close();
  }

  /** Goes to the next entry; false at the end. */
  step(): boolean {
    while (this.#stretch !== undefined || this.#beginRange()) {
      if (this.#stepInRange(this.#stretch!)) return true;
    }
    return false;
  }

  /** The caller's key, without what the store adds. */
  key(): Buffer {
    if (this.#text !== undefined) return Buffer.from(this.#text.slice(0, this.#keySize), 'latin1');
    const start = CURSOR_KEY_OFFSET + PREFIX_BYTES;
    return this.#source.store.lmdb.keyBytes.subarray(start, start + this.#keySize);
  }

  value(): Buffer {
    return this.#stored.subarray(this.#valueStart);
  }

  /** How many entries there are, without walking through those of the data file. */
  count(): number {
    let count = 0;
    while (this.#beginRange()) {
      for (let stretch = this.#stretch; stretch !== undefined; stretch = this.#stretch) {
        const [lower, upper] = this.#piece(stretch);
        if (stretch.onlyLength === undefined) count += this.#cursor?.count(this.#source.place, lower, upper) ?? 0;
        else while (this.#stepFiled(stretch)) count++;
        if (this.#stepAbove(stretch)) count++;
      }
    }
    return count;
  }

  #beginRange(): boolean {
    if (this.#ranged === this.#ranges.length) return false;
    this.range = this.#isRangeReverse ? this.#ranges.length - 1 - this.#ranged : this.#ranged;
    this.#ranged++;
    const stretch = stretchOf(this.#ranges[this.range]!, (key) => this.#isStored(key));
    this.#stretch = stretch;
    const { above } = this.#source;
    this.#above = this.#isReverse ? above?.before(stretch.upper) : above?.from(stretch.lower);
    this.#readAbove(stretch);
    return true;
  }

  #stepInRange(stretch: Stretch): boolean {
    return this.#stepFiled(stretch) || this.#stepAbove(stretch);
  }

  /** The next entry of the data file before the next key from above. */
  #stepFiled(stretch: Stretch): boolean {
    if (this.#cursor === undefined) return false;
    const { store } = this.#source;
    const { lmdb } = store;
    for (;;) {
      const size = this.#isWalking ? this.#cursor.next() : this.#seekPiece(stretch);
      this.#isWalking = size > 0;
      if (size === 0) return false;
      const stored = landedValue(store, this.#cursor);
      const hasId = hasIdInKey(stored[0], stored.length);
      this.#keySize = size - PREFIX_BYTES - (hasId ? ID_BYTES : 0);
      if (stretch.onlyLength !== undefined && this.#keySize !== stretch.onlyLength) continue;
      this.id = hasId ? readId(lmdb.keyBytes, CURSOR_KEY_OFFSET + size - ID_BYTES) : readId(stored, 0);
      this.#text = undefined;
      this.#stored = stored;
      this.#valueStart = hasId ? 1 : ID_BYTES;
      return true;
    }
  }

  /** The next key from above, if it is an entry; what is left of the range is behind it, or nothing. */
  #stepAbove(stretch: Stretch): boolean {
    const above = this.#nextAbove;
    if (above === undefined) {
      this.#stretch = undefined;
      return false;
    }
    const [text, value] = above;
    this.#stretch = this.#isReverse ? { ...stretch, upper: text } : { ...stretch, lower: `${text}\0` };
    this.#readAbove(stretch);
    if (value === undefined) return false;
    const stored = value as Buffer;
    const hasId = hasIdInKey(stored[0], stored.length);
    this.#keySize = text.length - (hasId ? ID_BYTES : 0);
    if (stretch.onlyLength !== undefined && this.#keySize !== stretch.onlyLength) return false;
    this.id = hasId ? readId(Buffer.from(text.slice(-ID_BYTES), 'latin1'), 0) : readId(stored, 0);
    this.#text = text;
    this.#stored = stored;
    this.#valueStart = hasId ? 1 : ID_BYTES;
    return true;
  }

  /** What is left of the range up to the next key from above. */
  #piece({ lower, upper }: Stretch): [lower: string, upper: string | undefined] {
    const above = this.#nextAbove;
    if (above === undefined) return [lower, upper];
    return this.#isReverse ? [`${above[0]}\0`, upper] : [lower, above[0]];
  }

  #seekPiece(stretch: Stretch): number {
    const [lower, upper] = this.#piece(stretch);
    if (upper !== undefined && upper <= lower) return 0;
    return this.#cursor!.seek(this.#source.place, lower, upper, { reverse: this.#isReverse, withValues: true });
  }

  #readAbove({ lower, upper }: Stretch): void {
    const next = nextOf(this.#above);
    const isBeyond = next !== undefined && (next[0] < lower || (upper !== undefined && next[0] >= upper));
    this.#nextAbove = isBeyond ? undefined : next;
  }

  /** Whether there is an entry with just this key. */
  #isStored(key: string): boolean {
    const isExact = (size: number, stored: Uint8Array): boolean =>
      size - (hasIdInKey(stored[0], stored.length) ? ID_BYTES : 0) === key.length;
    const upper = `${key}\u0001`;
    for (const [text, stored] of this.#source.above?.from(key) ?? []) {
      if (text >= upper) break;
      if (stored !== undefined) return isExact(text.length, stored);
    }
    if (this.#cursor === undefined) return false;
    const size = this.#cursor.seek(this.#source.place, key, upper, { reverse: false, withValues: true });
    return size > 0 && isExact(size - PREFIX_BYTES, landedValue(this.#source.store, this.#cursor));
  }
}

export function readEntries(walk: EntryWalk, count: number, options: EntryScanOptions): EntryBatch {
  const ids: RowId[] = [];
  const ranges: number[] = [];
  const keys = options.withKeys ? new RowList(KEYS_BYTES) : undefined;
  const values = options.withValues ? new RowList(KEYS_BYTES) : undefined;
  while (ids.length < count && walk.step()) {
    ids.push(walk.id);
    ranges.push(walk.range);
    keys?.add(walk.id, walk.key());
    values?.add(walk.id, walk.value());
  }
  return { count: ids.length, ids, ranges, ...(keys && { keys }), ...(values && { values }) };
}

/** The value a cursor has just met, wherever it landed; overwritten by whatever is read next. */
function landedValue(store: Store, cursor: Cursor): Buffer {
  const { lmdb } = store;
  const size = lmdb.metSize();
  if (size > lmdb.landing.length) {
    lmdb.enlargeHome(size);
    cursor.landAgain();
  }
  return lmdb.landing.subarray(0, size);
}

/** The row as it is in the data file, or nothing. */
export function addFiledRow(rows: RowList, store: Store, view: View, place: number, id: RowId): void {
  const size = place === 0 ? ABSENT : store.findRow(view, place, id);
  if (size === ABSENT) rows.addNothing(id);
  else rows.add(id, store.lmdb.landing.subarray(0, size));
}
