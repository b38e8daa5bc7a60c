/**
 * Walking through rows and entries: what is in the data file, with what lies over it between, in batches that grow.
 */
import type { BatchCursor, EntryBatch, EntryScanOptions, KeyRange, RowBatch, RowId, ScanOptions } from '../engine.ts';
import { ID_BYTES, readId } from '../entry.ts';
import { EntryList, isIdInKey, MOST_BYTES, RowList } from './row-list.ts';
import { touchRows } from './read-ahead.ts';
import { IS_ELSEWHERE, NODE_HEAD_BYTES, nodeAt } from './pages.ts';
import type { Cursor } from './lmdb.ts';
import type { LyingValues } from './lying-values.ts';
import type { Writes } from '../writes.ts';
import type { Store, View } from './store.ts';
import { pointOf, stretchOf, type Stretch } from './stretch.ts';

const FIRST_BATCH = 16;
const BATCH_GROWTH = 4;
const LAST_BATCH = 1000;

const PREFIX_BYTES = 4;
const NOTHING = new Uint8Array(0);
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
  #capacity: number;
  #remaining: number;
  #isOpen = true;

  constructor({ limit, isWhole = limit !== undefined }: ScanOptions, read: (count: number) => Batch, release: () => void) {
    this.#remaining = limit ?? NO_LIMIT;
    this.#capacity = isWhole ? LAST_BATCH : FIRST_BATCH;
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

/** All rows of a table in the order of their ids. */
export class RowWalk {
  readonly #source: Source<RowId>;
  readonly #isReverse: boolean;
  readonly #cursor: Cursor | undefined;
  readonly #above: Iterator<readonly [RowId, Uint8Array | undefined]> | undefined;
  #nextAbove: readonly [RowId, Uint8Array | undefined] | undefined;
  /** Where the cursor is: before the first row, on a row that was given, on one that waits to be given, or behind the last. */
  #position: 'start' | 'given' | 'waiting' | 'end' = 'start';
  readonly #isBorrowed: boolean;
  readonly #isScattered: boolean;
  /** A guess from the last batch. */
  #rowBytes = 512;

  constructor(source: Source<RowId>, options: ScanOptions) {
    const { store, view, place, above } = source;
    this.#source = source;
    this.#isReverse = options.reverse ?? false;
    this.#isScattered = options.isScattered ?? false;
    this.#isBorrowed = options.isBorrowed ?? this.#isScattered;
    if (place === 0) this.#position = 'end';
    else this.#cursor = store.openCursor(view);
    this.#above = this.#isReverse ? above?.before(undefined) : above?.from(undefined);
    this.#nextAbove = nextOf(this.#above);
  }

  close(): void {
    this.#cursor?.close();
  }

  read(count: number): RowBatch {
    const { pages } = this.#source.store.lmdb;
    const cursor = this.#cursor;
    const sign = this.#isReverse ? -1 : 1;
    const ownBytes = this.#isBorrowed ? 0 : Math.min(MOST_BYTES, count * this.#rowBytes);
    const rows = new RowList({ isBorrowed: this.#isBorrowed, isScattered: this.#isScattered, ownBytes });
    let above = this.#nextAbove;
    let hasFiled = this.#meet();
    while (rows.count < count && !rows.isFull) {
      const filedId = hasFiled ? readId(cursor!.bytes, cursor!.keyStart + PREFIX_BYTES) : 0;
      const isAbove = above !== undefined && (!hasFiled || sign * above[0] <= sign * filedId);
      if (!isAbove && !hasFiled) break;
      const isFiledDone = hasFiled && (!isAbove || above![0] === filedId);
      if (isAbove) {
        if (above![1] !== undefined) rows.add(above![0], above![1]);
        above = nextOf(this.#above);
      } else rows.addFrom(filedId, pages.bytes, pages.start, pages.end);
      if (isFiledDone) {
        this.#position = 'given';
        if (above === undefined) this.#readLeaf(rows, count);
        hasFiled = rows.count < count && !rows.isFull && this.#meet();
      }
    }
    if (hasFiled) this.#position = 'waiting';
    this.#nextAbove = above;
    if (this.#isBorrowed) touchRows(rows);
    else if (rows.count > 0) this.#rowBytes = Math.ceil((rows.ends.at(-1)! - rows.starts[0]!) / rows.count) + 16;
    return rows;
  }

  /** Adds what follows the row that was given last in its page, where nothing lies above the file any more. */
  #readLeaf(rows: RowList, count: number): void {
    if (this.#isReverse) return;
    const cursor = this.#cursor!;
    const { pages } = this.#source.store.lmdb;
    const { window, leaf, last } = cursor;
    const { bytes, halves } = window;
    while (cursor.place < last && rows.count < count && !rows.isFull) {
      const node = nodeAt(halves, leaf, ++cursor.place);
      const half = node >> 1;
      const keyStart = node + NODE_HEAD_BYTES;
      const id = readId(bytes, keyStart + PREFIX_BYTES);
      if ((halves[half + 2]! & IS_ELSEWHERE) === 0) {
        const start = keyStart + halves[half + 3]!;
        rows.addFrom(id, bytes, start, start + (halves[half]! | (halves[half + 1]! << 16)));
      } else {
        pages.readValue(window, node);
        rows.addFrom(id, pages.bytes, pages.start, pages.end);
      }
    }
  }

  /** Meets the next row of the data file, or again the one that waits, and finds its bytes. */
  #meet(): boolean {
    if (this.#position === 'end') return false;
    const cursor = this.#cursor!;
    if (this.#position !== 'waiting') {
      const isMore =
        this.#position === 'given' ? cursor.next() : cursor.seek(this.#source.place, '', undefined, { reverse: this.#isReverse });
      if (!isMore) this.#position = 'end';
      if (!isMore) return false;
    }
    cursor.readValue();
    return true;
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
  /** The key that the current range is about, if it is one, and nothing lies above the file. */
  #point: Uint8Array | undefined;
  /** What is left of the current range. */
  #stretch: Stretch | undefined;
  #above: Iterator<readonly [string, Uint8Array | undefined]> | undefined;
  #nextAbove: readonly [string, Uint8Array | undefined] | undefined;
  /** Whether the cursor walks through a piece. */
  #isWalking = false;
  /** The current entry is to be met once more. */
  #isStaying = false;
  /** Of the current entry. */
  id: RowId = 0;
  range = 0;
  #text: string | undefined;
  #keySize = 0;
  /** What is stored with it is `#stored[#valueStart..#valueEnd]`. */
  #stored: Uint8Array = NOTHING;
  #valueStart = 0;
  #valueEnd = 0;

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
    if (this.#isStaying) {
      this.#isStaying = false;
      return true;
    }
    while (this.#stretch !== undefined || this.#beginRange()) {
      if (this.#stepInRange(this.#stretch!)) return true;
    }
    return false;
  }

  /** The next step leads to the current entry again. */
  stay(): void {
    this.#isStaying = true;
  }

  /** Adds what follows the current entry in its page and its range, as long as nothing lies between. */
  readLeaf(list: EntryList, count: number): void {
    if (!this.#isLeafAhead) return;
    const cursor = this.#cursor!;
    const { onlyLength } = this.#stretch!;
    const places = [cursor.place + 1, cursor.last + 1] as const;
    cursor.place =
      list.addLeaf(this.#source.store.lmdb.pages, cursor.window, cursor.leaf, places, { range: this.range, onlyLength, count }) - 1;
  }

  /** Adds the value of the current entry, and of what follows as `readLeaf` does, up to `count` in all; false when it does not lie where the others do. */
  addValuesTo(values: LyingValues, count: number): boolean {
    if (!values.add(this.#stored, this.#valueStart, this.#valueEnd, this.id)) return false;
    if (!this.#isLeafAhead) return true;
    const cursor = this.#cursor!;
    const { window, leaf, place, last } = cursor;
    // The current one may have pages of its own.
    if (values.buffer !== window.bytes) return true;
    // Where it is the single key that was asked for, it begins no other, so all that follows are of the same.
    cursor.place = values.addLeaf(window, leaf, place + 1, Math.min(last - place, count - values.count)) - 1;
    return true;
  }

  /** Whether what is left of the page is what comes next. */
  get #isLeafAhead(): boolean {
    return this.#isWalking && !this.#isReverse && !this.hasAbove && this.#stretch !== undefined;
  }

  /** Something lies above the data file. */
  get hasAbove(): boolean {
    return this.#source.above !== undefined;
  }

  /** Adds the caller's key, without what the store adds. */
  addKeyTo(list: RowList): void {
    if (this.#text !== undefined) {
      list.add(this.id, Buffer.from(this.#text.slice(0, this.#keySize), 'latin1'));
      return;
    }
    const { bytes, keyStart } = this.#cursor!;
    list.addFrom(this.id, bytes, keyStart + PREFIX_BYTES, keyStart + PREFIX_BYTES + this.#keySize);
  }

  addValueTo(list: RowList): void {
    list.addFrom(this.id, this.#stored, this.#valueStart, this.#valueEnd);
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
    const range = this.#ranges[this.range]!;
    const { above } = this.#source;
    this.#point = above === undefined ? pointOf(range) : undefined;
    if (this.#point !== undefined) {
      this.#stretch = { lower: '', upper: undefined, onlyLength: this.#point.length };
      return true;
    }
    const stretch = stretchOf(range, (key) => this.#isStored(key));
    this.#stretch = stretch;
    this.#above = this.#isReverse ? above?.before(stretch.upper) : above?.from(stretch.lower);
    this.#readAbove(stretch);
    return true;
  }

  #stepInRange(stretch: Stretch): boolean {
    return this.#stepFiled(stretch) || this.#stepAbove(stretch);
  }

  /** The next entry of the data file before the next key from above. */
  #stepFiled(stretch: Stretch): boolean {
    const cursor = this.#cursor;
    if (cursor === undefined) return false;
    const { pages } = this.#source.store.lmdb;
    for (;;) {
      this.#isWalking = this.#isWalking ? cursor.next() : this.#seekPiece(stretch);
      if (!this.#isWalking) return false;
      cursor.readValue();
      const { bytes, start, end } = pages;
      const hasId = isIdInKey(bytes, start, end - start);
      this.#keySize = cursor.keyEnd - cursor.keyStart - PREFIX_BYTES - (hasId ? ID_BYTES : 0);
      if (stretch.onlyLength !== undefined && this.#keySize !== stretch.onlyLength) continue;
      this.id = hasId ? readId(cursor.bytes, cursor.keyEnd - ID_BYTES) : readId(bytes, start);
      this.#text = undefined;
      this.#stored = bytes;
      this.#valueStart = hasId ? Math.min(start + 1, end) : start + ID_BYTES;
      this.#valueEnd = end;
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
    const hasId = isIdInKey(stored, 0, stored.length);
    this.#keySize = text.length - (hasId ? ID_BYTES : 0);
    if (stretch.onlyLength !== undefined && this.#keySize !== stretch.onlyLength) return false;
    this.id = hasId ? readId(Buffer.from(text.slice(-ID_BYTES), 'latin1'), 0) : readId(stored, 0);
    this.#text = text;
    this.#stored = stored;
    this.#valueStart = hasId ? Math.min(1, stored.length) : ID_BYTES;
    this.#valueEnd = stored.length;
    return true;
  }

  /** What is left of the range up to the next key from above. */
  #piece({ lower, upper }: Stretch): [lower: string, upper: string | undefined] {
    const above = this.#nextAbove;
    if (above === undefined) return [lower, upper];
    return this.#isReverse ? [`${above[0]}\0`, upper] : [lower, above[0]];
  }

  #seekPiece(stretch: Stretch): boolean {
    const point = this.#point;
    if (point !== undefined) return this.#cursor!.seekPoint(this.#source.place, point, 0, point.length, { reverse: this.#isReverse });
    const [lower, upper] = this.#piece(stretch);
    if (upper !== undefined && upper <= lower) return false;
    return this.#cursor!.seek(this.#source.place, lower, upper, { reverse: this.#isReverse });
  }

  #readAbove({ lower, upper }: Stretch): void {
    const next = nextOf(this.#above);
    const isBeyond = next !== undefined && (next[0] < lower || (upper !== undefined && next[0] >= upper));
    this.#nextAbove = isBeyond ? undefined : next;
  }

  /** Whether there is an entry with just this key. */
  #isStored(key: string): boolean {
    const isExact = (size: number, hasId: boolean): boolean => size - (hasId ? ID_BYTES : 0) === key.length;
    const upper = `${key}\u0001`;
    for (const [text, stored] of this.#source.above?.from(key) ?? []) {
      if (text >= upper) break;
      if (stored !== undefined) return isExact(text.length, isIdInKey(stored, 0, stored.length));
    }
    const cursor = this.#cursor;
    if (cursor === undefined || !cursor.seek(this.#source.place, key, upper, { reverse: false })) return false;
    cursor.readValue();
    const { bytes, start, end } = this.#source.store.lmdb.pages;
    return isExact(cursor.keyEnd - cursor.keyStart - PREFIX_BYTES, isIdInKey(bytes, start, end - start));
  }
}

export function readEntries(walk: EntryWalk, count: number, options: EntryScanOptions): EntryBatch {
  const list = new EntryList(options);
  const { keys, values } = list;
  while (list.count < count && walk.step()) {
    list.add(walk.id, walk.range);
    if (keys !== undefined) walk.addKeyTo(keys);
    if (values !== undefined) walk.addValueTo(values);
    walk.readLeaf(list, count);
  }
  return list;
}

/** Nothing but the values and perhaps the ids, up to `count` of them; fewer where others lie elsewhere. */
export function readValues(walk: EntryWalk, values: LyingValues, count: number): LyingValues {
  values.clear();
  while (values.count < count && walk.step()) {
    if (walk.addValuesTo(values, count)) continue;
    walk.stay();
    break;
  }
  return values;
}
