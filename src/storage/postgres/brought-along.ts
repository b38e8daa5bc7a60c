/**
 * What answers brought along before it was asked for: entries under keys, rows under keys, rows by ids. Good for as long as a transaction
 * sees one state; its own writes are laid over it as over anything that is stored.
 */
import type { EntryBatch, RowBatch, RowId, TableId } from '../engine.ts';
import { EMPTY_ROWS, RowCollector } from './batches.ts';
import { partsOf, type ExpansionShape } from './expansion.ts';
import { areSame, KeyMap } from './key-map.ts';
import { nextColumn, readInt8, type Rows } from './wire.ts';

/** Beyond this, all is forgotten. */
const MOST_BYTES = 8 * 1024 * 1024;
const FIRST_LIMIT = 16;
const MOST_LIMIT = 4096;

/** Entries or rows as they lie in an answer. */
interface Part {
  readonly buffer: Uint8Array;
  readonly ids: RowId[];
  readonly starts: number[];
  readonly ends: number[];
}

/** The entries under a key. */
interface Stretch {
  readonly part: Part;
  readonly from: number;
  readonly end: number;
}

interface Row {
  readonly buffer: Uint8Array;
  readonly id: RowId;
  readonly start: number;
  readonly end: number;
}

const NOTHING: Part = { buffer: EMPTY_ROWS.buffer, ids: [], starts: [], ends: [] };
const NO_ENTRIES: Stretch = { part: NOTHING, from: 0, end: 0 };

export class BroughtAlong {
  /** By keys without the zero byte at their end. */
  readonly #entries = new Map<TableId, KeyMap<Stretch>>();
  readonly #named = new Map<TableId, KeyMap<Row>>();
  readonly #rows = new Map<TableId, Map<RowId, Row>>();
  #bytes = 0;
  #limit = FIRST_LIMIT;

  /** How many entries of an index are worth bringing along for a level: few at first, then more and more. */
  nextLimit(isWhole: boolean): number {
    const limit = isWhole ? MOST_LIMIT : this.#limit;
    this.#limit = Math.min(MOST_LIMIT, limit * 4);
    return limit;
  }

  /** To be called before something is asked for. */
  makeRoom(): void {
    if (this.#bytes < MOST_BYTES) return;
    for (const kept of [this.#entries, this.#named, this.#rows]) kept.clear();
    this.#bytes = 0;
  }

  hasEntries(index: TableId, key: Uint8Array): boolean {
    return this.#entries.get(index)?.get(key, 0, key.length - 1) !== undefined;
  }

  /** All of which there must be. */
  entries(index: TableId, keys: readonly Uint8Array[]): EntryBatch {
    const known = this.#entries.get(index)!;
    const stretches = keys.map((key) => known.get(key, 0, key.length - 1)!);
    const buffer = stretches.find(({ end }) => end > 0)?.part.buffer ?? EMPTY_ROWS.buffer;
    const isOne = stretches.every(({ part, end }) => end === 0 || part.buffer === buffer);
    const ranges: number[] = [];
    const ids: RowId[] = [];
    const starts: number[] = [];
    const ends: number[] = [];
    const copied = isOne ? undefined : new RowCollector();
    for (const [range, { part, from, end }] of stretches.entries()) {
      for (let i = from; i < end; i++) {
        ranges.push(range);
        ids.push(part.ids[i]!);
        if (copied !== undefined) copied.add(part.ids[i]!, part.buffer.subarray(part.starts[i], part.ends[i]));
        else {
          starts.push(part.starts[i]!);
          ends.push(part.ends[i]!);
        }
      }
    }
    const count = ids.length;
    return { count, ids, ranges, values: copied?.finish() ?? { count, ids, buffer, starts, ends } };
  }

  /** Rows under keys of a unique index; undefined where not all of them are known. */
  findNamed(index: TableId, keys: readonly Uint8Array[]): RowBatch | undefined {
    const known = this.#named.get(index);
    if (known === undefined) return undefined;
    return batchOf(keys.length, (i) => {
      const key = keys[i]!;
      return key.at(-1) === 0 ? known.get(key, 0, key.length - 1) : undefined;
    });
  }

  /** Rows by ids; undefined where not all of them are known. */
  findRows(table: TableId, ids: ArrayLike<RowId>): RowBatch | undefined {
    const known = this.#rows.get(table);
    return known && batchOf(ids.length, (i) => known.get(ids[i]!));
  }

  /** Keeps an answer. `keys`: those that were asked for. `limit`: how many entries there may have been of each index beyond the first level. */
  keep(answer: Rows, shape: ExpansionShape, keys: readonly Uint8Array[], limit: number): void {
    const { buffer, starts } = answer;
    this.#bytes += buffer.length;
    const parts = partsOf(shape);
    const kept = parts.map((part) => {
      switch (part.is) {
        case 'entries':
          return new EntryPart(buffer, this.#entriesOf(shape.indexes[part.way]!));
        case 'named':
          return new NamedPart(
            buffer,
            mapOf(this.#named, shape.named[part.place]!.index, () => new KeyMap<Row>()),
          );
        case 'own':
          return new OwnPart(
            buffer,
            mapOf(this.#rows, shape.own[part.way]!, () => new Map<RowId, Row>()),
          );
      }
    });
    for (const at of starts) {
      const keyAt = nextColumn(buffer, at);
      const idAt = nextColumn(buffer, keyAt);
      const valueAt = nextColumn(buffer, idAt);
      kept[readInt8(buffer, at)]!.add(keyAt, idAt, valueAt);
    }
    const ways = shape.indexes.length;
    const levels = Array.from({ length: shape.levels + 1 }, (_, level) => kept.slice(level * ways, (level + 1) * ways) as EntryPart[]);
    for (const [level, entries] of levels.entries()) {
      for (const part of entries) {
        const last = part.close(level > 0 && part.count === limit);
        if (level === 0) for (const key of keys) part.noteAsked(key, 0, key.length - 1, undefined);
        else for (const before of levels[level - 1]!) before.forEachValue((start, end) => part.noteAsked(buffer, start, end, last));
      }
    }
  }

  #entriesOf(index: TableId): KeyMap<Stretch> {
    return mapOf(this.#entries, index, () => new KeyMap<Stretch>());
  }
}

function mapOf<Kept>(maps: Map<TableId, Kept>, table: TableId, make: () => Kept): Kept {
  let known = maps.get(table);
  if (known === undefined) maps.set(table, (known = make()));
  return known;
}

/** The entries of one index at one level, which come in the order of their keys. */
class EntryPart {
  readonly #buffer: Buffer;
  readonly #part: Part;
  readonly #known: KeyMap<Stretch>;
  /** Of the key whose entries are being read. */
  #keyStart = 0;
  #keyEnd = 0;
  #from = 0;

  constructor(buffer: Buffer, known: KeyMap<Stretch>) {
    this.#buffer = buffer;
    this.#part = { buffer, ids: [], starts: [], ends: [] };
    this.#known = known;
  }

  get count(): number {
    return this.#part.ids.length;
  }

  add(keyAt: number, idAt: number, valueAt: number): void {
    const buffer = this.#buffer;
    const { ids, starts, ends } = this.#part;
    const [start, end] = [keyAt + 4, idAt - 1];
    if (!areSame(buffer, start, end, buffer, this.#keyStart, this.#keyEnd)) {
      this.#settle();
      this.#keyStart = start;
      this.#keyEnd = end;
      this.#from = ids.length;
    }
    ids.push(readInt8(buffer, idAt));
    starts.push(valueAt + 4);
    ends.push(nextColumn(buffer, valueAt));
  }

  /** `isCut`: of the last key there may be more entries. Returns that key then; of keys from there on nothing is known. */
  close(isCut: boolean): Uint8Array | undefined {
    if (isCut) return this.#buffer.subarray(this.#keyStart, this.#keyEnd);
    this.#settle();
    return undefined;
  }

  /** A key that was asked for has no entries if none came. */
  noteAsked(buffer: Uint8Array, start: number, end: number, last: Uint8Array | undefined): void {
    if (last !== undefined && Buffer.compare(buffer.subarray(start, end), last) >= 0) return;
    if (this.#known.get(buffer, start, end) === undefined) this.#known.set(NO_ENTRIES, buffer, start, end);
  }

  forEachValue(action: (start: number, end: number) => void): void {
    const { starts, ends } = this.#part;
    for (let i = 0; i < starts.length; i++) action(starts[i]!, ends[i]!);
  }

  #settle(): void {
    const end = this.count;
    if (end > this.#from) this.#known.set({ part: this.#part, from: this.#from, end }, this.#buffer, this.#keyStart, this.#keyEnd);
  }
}

class NamedPart {
  readonly #buffer: Buffer;
  readonly #known: KeyMap<Row>;

  constructor(buffer: Buffer, known: KeyMap<Row>) {
    this.#buffer = buffer;
    this.#known = known;
  }

  add(keyAt: number, idAt: number, rowAt: number): void {
    this.#known.set(rowAtPlace(this.#buffer, idAt, rowAt), this.#buffer, keyAt + 4, idAt - 1);
  }
}

class OwnPart {
  readonly #buffer: Buffer;
  readonly #known: Map<RowId, Row>;

  constructor(buffer: Buffer, known: Map<RowId, Row>) {
    this.#buffer = buffer;
    this.#known = known;
  }

  add(_keyAt: number, idAt: number, rowAt: number): void {
    this.#known.set(readInt8(this.#buffer, idAt), rowAtPlace(this.#buffer, idAt, rowAt));
  }
}

function rowAtPlace(buffer: Buffer, idAt: number, rowAt: number): Row {
  return { buffer, id: readInt8(buffer, idAt), start: rowAt + 4, end: nextColumn(buffer, rowAt) };
}

/** Rows that may lie in several answers; undefined where one is not known. */
function batchOf(count: number, find: (place: number) => Row | undefined): RowBatch | undefined {
  const rows: Row[] = [];
  for (let i = 0; i < count; i++) {
    const row = find(i);
    if (row === undefined) return undefined;
    rows.push(row);
  }
  const [first] = rows;
  if (first === undefined) return EMPTY_ROWS;
  const { buffer } = first;
  if (rows.every((row) => row.buffer === buffer)) {
    return { count, ids: rows.map(({ id }) => id), buffer, starts: rows.map(({ start }) => start), ends: rows.map(({ end }) => end) };
  }
  const collector = new RowCollector();
  for (const row of rows) collector.add(row.id, row.buffer.subarray(row.start, row.end));
  return collector.finish();
}
