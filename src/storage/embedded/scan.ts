/**
 * Walking through rows and entries: what is in the data file, with what lies over it between, in batches that grow.
 */
import type { BatchCursor, EntryBatch, EntryScanOptions, KeyRange, RowBatch, RowId, ScanOptions } from '../engine.ts';
import { hasIdInKey, ID_BYTES, readId, stretchOf, type Stretch } from './entry.ts';
import { ABSENT, CURSOR_KEY_OFFSET, type Cursor } from './lmdb.ts';
import type { Writes } from './changes.ts';
import type { Store, View } from './store.ts';

const FIRST_BATCH = 16;
const BATCH_GROWTH = 4;
const LAST_BATCH = 1000;
const BATCH_BYTES = 256 * 1024;

const PREFIX_BYTES = 4;
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

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

/** Rows that are put together one after the other. */
export class RowList implements RowBatch {
  readonly ids: RowId[] = [];
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  buffer: Buffer;
  #used = 0;

  constructor(expectedBytes: number) {
    this.buffer = Buffer.allocUnsafe(expectedBytes);
  }

  get count(): number {
    return this.ids.length;
  }

  get isFull(): boolean {
    return this.#used >= BATCH_BYTES;
  }

  add(id: RowId, source: Uint8Array): void {
    const end = this.#used + source.length;
    if (end > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(end, 2 * this.buffer.length));
      larger.set(this.buffer.subarray(0, this.#used));
      this.buffer = larger;
    }
    this.buffer.set(source, this.#used);
    this.ids.push(id);
    this.starts.push(this.#used);
    this.ends.push(end);
    this.#used = end;
  }

  addNothing(id: RowId): void {
    this.ids.push(id);
    this.starts.push(this.#used);
    this.ends.push(this.#used);
  }
}

/** All rows of a table in the order of their ids. */
export class RowWalk {
  readonly #source: Source<RowId>;
  readonly #isReverse: boolean;
  readonly #cursor: Cursor | undefined;
  readonly #own: Iterator<readonly [RowId, Uint8Array | undefined]> | undefined;
  /** Where the cursor is: before the first row, on a row that was given, or on one that waits to be given. */
  #position: 'start' | 'given' | 'waiting' | 'end' = 'start';
  #nextFile: { readonly id: RowId; readonly bytes: Buffer } | undefined;
  #nextOwn: readonly [RowId, Uint8Array | undefined] | undefined;
  #landingBytes = 2048;
  #rowBytes = 512;

  constructor(source: Source<RowId>, options: ScanOptions) {
    const { store, view, place, above } = source;
    this.#source = source;
    this.#isReverse = options.reverse ?? false;
    if (place !== 0) this.#cursor = store.openCursor(view);
    else this.#position = 'end';
    if (above === undefined) return;
    this.#own = this.#isReverse ? above.before(undefined) : above.from(undefined);
    this.#nextFile = this.#readFile();
    this.#nextOwn = this.#readOwn();
  }

  close(): void {
    this.#cursor?.close();
  }

  read(count: number): RowBatch {
    return this.#own === undefined ? this.#readDirectly(count) : this.#readMerged(count);
  }

  /** The size of the key on which the cursor now stands, whose value may have landed; 0 at the end. */
  #step(cursor: Cursor): number {
    const size =
      this.#position === 'start'
        ? cursor.seek(this.#source.place, '', undefined, { reverse: this.#isReverse, withValues: true })
        : cursor.next();
    this.#position = size === 0 ? 'end' : 'given';
    return size;
  }

  /**
   * The fast way. A row lands at the head of the batch's own buffer and is moved to its place behind: so nothing is allocated for
   * a row.
   */
  #readDirectly(count: number): RowBatch {
    const cursor = this.#cursor;
    const ids: RowId[] = [];
    const starts: number[] = [];
    const ends: number[] = [];
    if (cursor === undefined || this.#position === 'end') return { count: 0, ids, starts, ends, buffer: Buffer.alloc(0) };
    const { lmdb } = this.#source.store;
    const { keyBytes } = lmdb;
    let buffer = this.#landInNewBuffer(Math.min(BATCH_BYTES, count * this.#rowBytes));
    let end = this.#landingBytes;
    try {
      if (this.#position === 'waiting') {
        this.#position = 'given';
        cursor.landAgain();
      } else {
        this.#step(cursor);
      }
      while (!this.#isAtEnd()) {
        const size = lmdb.metSize();
        if (size > this.#landingBytes || end + size > buffer.length) {
          this.#landingBytes = Math.max(this.#landingBytes, size + (size >> 2));
          this.#rowBytes = Math.max(this.#rowBytes, ids.length === 0 ? size : Math.ceil((1.1 * (end - starts[0]!)) / ids.length));
          if (ids.length > 0) {
            this.#position = 'waiting';
            break;
          }
          buffer = this.#landInNewBuffer(Math.max(size, Math.min(BATCH_BYTES, count * this.#rowBytes)));
          end = this.#landingBytes;
          cursor.landAgain();
        }
        buffer.copyWithin(end, 0, size);
        ids.push(readId(keyBytes, CURSOR_KEY_OFFSET + PREFIX_BYTES));
        starts.push(end);
        end += size;
        ends.push(end);
        if (ids.length === count) break;
        this.#step(cursor);
      }
    } finally {
      lmdb.landAtHome();
    }
    return { count: ids.length, ids, buffer, starts, ends };
  }

  #isAtEnd(): boolean {
    return this.#position === 'end';
  }

  #landInNewBuffer(rowsBytes: number): Buffer {
    const buffer = Buffer.allocUnsafeSlow(this.#landingBytes + rowsBytes);
    this.#source.store.lmdb.landIn(buffer.subarray(0, this.#landingBytes));
    return buffer;
  }

  #readMerged(count: number): RowBatch {
    const rows = new RowList(Math.min(BATCH_BYTES, count * 256));
    while (rows.count < count && !rows.isFull) {
      const file = this.#nextFile;
      const own = this.#nextOwn;
      if (own !== undefined && (file === undefined || !this.#isBefore(file.id, own[0]))) {
        if (own[1] !== undefined) rows.add(own[0], own[1]);
        if (file?.id === own[0]) this.#nextFile = this.#readFile();
        this.#nextOwn = this.#readOwn();
      } else if (file !== undefined) {
        rows.add(file.id, file.bytes);
        this.#nextFile = this.#readFile();
      } else {
        break;
      }
    }
    return rows;
  }

  #isBefore(one: RowId, other: RowId): boolean {
    return this.#isReverse ? one > other : one < other;
  }

  #readOwn(): readonly [RowId, Uint8Array | undefined] | undefined {
    const { done, value } = this.#own!.next();
    return done ? undefined : value;
  }

  #readFile(): { readonly id: RowId; readonly bytes: Buffer } | undefined {
    if (this.#cursor === undefined || this.#position === 'end' || this.#step(this.#cursor) === 0) return undefined;
    const { lmdb } = this.#source.store;
    const id = readId(lmdb.keyBytes, CURSOR_KEY_OFFSET + PREFIX_BYTES);
    return { id, bytes: Buffer.from(landedValue(this.#source.store, this.#cursor)) };
  }
}

/** Entries of the given ranges, one after the other. What it tells of an entry is true until the store is asked anything else. */
export class EntryWalk {
  readonly #source: Source<string>;
  readonly #ranges: readonly KeyRange[];
  readonly #isReverse: boolean;
  readonly #isRangeReverse: boolean;
  readonly #cursor: Cursor | undefined;
  readonly #own: Writes<string> | undefined;
  #ownKeys: Iterator<readonly [string, Uint8Array | undefined]> | undefined;
  #nextFile: StoredEntry | undefined;
  #nextOwn: readonly [string, Uint8Array | undefined] | undefined;
  #stretch: Stretch | undefined;
  #ranged = 0;
  /** Of the current entry. */
  id: RowId = 0;
  range = 0;
  #keySize = 0;
  #valueStart = 0;
  #valueSize = 0;
  #entry: StoredEntry | undefined;

  /** `isRangeReverse`: also the ranges come in reverse. */
  constructor(source: Source<string>, ranges: readonly KeyRange[], reverse: { readonly entries: boolean; readonly ranges: boolean }) {
    const { store, view, place, above } = source;
    this.#source = source;
    this.#ranges = ranges;
    this.#isReverse = reverse.entries;
    this.#isRangeReverse = reverse.ranges;
    if (place !== 0) this.#cursor = store.openCursor(view);
    this.#own = above;
  }

  close(): void {
    this.#cursor?.close();
  }

  /** Goes to the next entry; false at the end. */
  step(): boolean {
    for (;;) {
      const found = this.#stretch === undefined ? this.#beginRange() : this.#nextInRange(false);
      if (found) return true;
      if (this.#stretch === undefined) return false;
      this.#stretch = undefined;
    }
  }

  /** The caller's key, without what the store adds. */
  key(): Buffer {
    if (this.#entry !== undefined) return Buffer.from(this.#entry.text.slice(0, this.#keySize), 'latin1');
    const start = CURSOR_KEY_OFFSET + PREFIX_BYTES;
    return this.#source.store.lmdb.keyBytes.subarray(start, start + this.#keySize);
  }

  value(): Buffer {
    const stored = this.#entry?.value ?? this.#source.store.lmdb.landing;
    return (stored as Buffer).subarray(this.#valueStart, this.#valueStart + this.#valueSize);
  }

  /** How many entries there are. For the file's alone this is far quicker than walking. */
  count(): number {
    let count = 0;
    if (this.#own !== undefined) {
      while (this.step()) count++;
      return count;
    }
    if (this.#cursor === undefined) return 0;
    for (const range of this.#ranges) {
      const { lower, upper, onlyLength } = stretchOf(range, (key) => this.#isStored(key));
      if (onlyLength !== undefined && !this.#isStored(lower)) continue;
      if (upper === undefined || lower < upper) count += this.#cursor.count(this.#source.place, lower, upper);
    }
    return count;
  }

  #beginRange(): boolean {
    if (this.#ranged === this.#ranges.length) return false;
    this.range = this.#isRangeReverse ? this.#ranges.length - 1 - this.#ranged : this.#ranged;
    this.#ranged++;
    const stretch = stretchOf(this.#ranges[this.range]!, (key) => this.#isStored(key));
    this.#stretch = stretch;
    if (stretch.upper !== undefined && stretch.upper <= stretch.lower) return false;
    if (this.#own !== undefined) {
      this.#ownKeys = this.#isReverse ? this.#own.before(stretch.upper) : this.#own.from(stretch.lower);
      this.#nextOwn = this.#readOwn(stretch);
    }
    return this.#nextInRange(true);
  }

  #nextInRange(isFirst: boolean): boolean {
    const stretch = this.#stretch!;
    return this.#own === undefined ? this.#nextDirectly(stretch, isFirst) : this.#nextMerged(stretch, isFirst);
  }

  #nextDirectly(stretch: Stretch, isFirst: boolean): boolean {
    let atStart = isFirst;
    for (;;) {
      const size = this.#stepFile(stretch, atStart);
      if (size === 0) return false;
      atStart = false;
      const { lmdb } = this.#source.store;
      const valueSize = lmdb.metSize();
      const value = landedValue(this.#source.store, this.#cursor!);
      const stored = size - PREFIX_BYTES;
      const hasId = hasIdInKey(value[0], valueSize);
      this.#keySize = hasId ? stored - ID_BYTES : stored;
      if (stretch.onlyLength !== undefined && this.#keySize !== stretch.onlyLength) continue;
      this.id = hasId ? readId(lmdb.keyBytes, CURSOR_KEY_OFFSET + size - ID_BYTES) : readId(lmdb.landing, 0);
      this.#valueStart = hasId ? 1 : ID_BYTES;
      this.#valueSize = Math.max(0, valueSize - this.#valueStart);
      return true;
    }
  }

  #nextMerged(stretch: Stretch, isFirst: boolean): boolean {
    if (isFirst) this.#nextFile = this.#readFile(stretch, true);
    for (;;) {
      const file = this.#nextFile;
      const own = this.#nextOwn;
      let entry: StoredEntry | undefined;
      if (own !== undefined && (file === undefined || !this.#isBefore(file.text, own[0]))) {
        if (own[1] !== undefined) entry = { text: own[0], value: own[1] };
        if (file?.text === own[0]) this.#nextFile = this.#readFile(stretch, false);
        this.#nextOwn = this.#readOwn(stretch);
      } else if (file !== undefined) {
        entry = file;
        this.#nextFile = this.#readFile(stretch, false);
      } else {
        return false;
      }
      if (entry !== undefined && this.#show(entry, stretch)) return true;
    }
  }

  #show(entry: StoredEntry, stretch: Stretch): boolean {
    const { text, value } = entry;
    const hasId = hasIdInKey(value[0], value.length);
    this.#keySize = hasId ? text.length - ID_BYTES : text.length;
    if (stretch.onlyLength !== undefined && this.#keySize !== stretch.onlyLength) return false;
    this.#entry = entry;
    this.id = hasId ? readId(Buffer.from(text.slice(-ID_BYTES), 'latin1'), 0) : readId(value as Buffer, 0);
    this.#valueStart = hasId ? 1 : ID_BYTES;
    this.#valueSize = Math.max(0, value.length - this.#valueStart);
    return true;
  }

  #isBefore(one: string, other: string): boolean {
    return this.#isReverse ? one > other : one < other;
  }

  #stepFile({ lower, upper }: Stretch, isFirst: boolean): number {
    if (this.#cursor === undefined) return 0;
    return isFirst
      ? this.#cursor.seek(this.#source.place, lower, upper, { reverse: this.#isReverse, withValues: true })
      : this.#cursor.next();
  }

  #readFile(stretch: Stretch, isFirst: boolean): StoredEntry | undefined {
    const size = this.#stepFile(stretch, isFirst);
    if (size === 0) return undefined;
    const { store } = this.#source;
    const text = store.lmdb.keyBytes.toString('latin1', CURSOR_KEY_OFFSET + PREFIX_BYTES, CURSOR_KEY_OFFSET + size);
    return { text, value: Buffer.from(landedValue(store, this.#cursor!)) };
  }

  #readOwn({ lower, upper }: Stretch): readonly [string, Uint8Array | undefined] | undefined {
    const { done, value } = this.#ownKeys!.next();
    if (done) return undefined;
    return this.#isReverse ? (value[0] < lower ? undefined : value) : upper !== undefined && value[0] >= upper ? undefined : value;
  }

  #isStored(key: string): boolean {
    const isExact = (text: string, value: Uint8Array): boolean =>
      text.length - (hasIdInKey(value[0], value.length) ? ID_BYTES : 0) === key.length;
    const upper = `${key}\u0001`;
    for (const [text, value] of this.#own?.from(key) ?? []) {
      if (text >= upper) break;
      if (value !== undefined) return isExact(text, value);
    }
    if (this.#cursor === undefined) return false;
    const size = this.#cursor.seek(this.#source.place, key, upper, { reverse: false, withValues: true });
    if (size === 0) return false;
    const value = landedValue(this.#source.store, this.#cursor);
    return size - PREFIX_BYTES - (hasIdInKey(value[0], value.length) ? ID_BYTES : 0) === key.length;
  }
}

interface StoredEntry {
  readonly text: string;
  readonly value: Uint8Array;
}

export function readEntries(walk: EntryWalk, count: number, options: EntryScanOptions): EntryBatch {
  const ids: RowId[] = [];
  const ranges: number[] = [];
  const keys = options.withKeys ? new RowList(32 * Math.min(count, LAST_BATCH)) : undefined;
  const values = options.withValues ? new RowList(32 * Math.min(count, LAST_BATCH)) : undefined;
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
