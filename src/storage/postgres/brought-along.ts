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
/** Entries from which a level goes on, of a walk that may end soon. */
const FIRST_KEYS = 2;
const MOST_KEYS = 256;
/** Entries that a key may have, on average. */
const ENTRIES_FOR_KEY = 16;

/** How far a level goes: from so many entries of the one before, for so many of each index. */
interface Extent {
  readonly keys: number;
  readonly entries: number;
}

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

const ZERO = Buffer.alloc(1);
const NOTHING: Part = { buffer: EMPTY_ROWS.buffer, ids: [], starts: [], ends: [] };
const NO_ENTRIES: Stretch = { part: NOTHING, from: 0, end: 0 };

export class BroughtAlong {
  /** By keys without the zero byte at their end. */
  readonly #entries = new Map<TableId, KeyMap<Stretch>>();
  readonly #named = new Map<TableId, KeyMap<Row>>();
  readonly #rows = new Map<TableId, Map<RowId, Row>>();
  /** Keys that were worth reading ahead when there was no room for them, by indexes and by how many levels there are behind them. */
  readonly #waiting = new Map<string, Uint8Array[]>();
  #bytes = 0;
  #keys = FIRST_KEYS;

  /** What is worth bringing along for a level: little at first, then more and more. */
  nextExtent(isWhole: boolean): Extent {
    const keys = isWhole ? MOST_KEYS : this.#keys;
    this.#keys = Math.min(MOST_KEYS, keys * 4);
    return { keys, entries: keys * ENTRIES_FOR_KEY };
  }

  /** To be called before something is asked for. */
  makeRoom(): void {
    if (this.#bytes < MOST_BYTES) return;
    for (const kept of [this.#entries, this.#named, this.#rows, this.#waiting]) kept.clear();
    this.#bytes = 0;
  }

  /** Keys to be asked for with others that have as many levels behind them. */
  takeWaiting({ indexes, levels }: ExpansionShape, most: number): Uint8Array[] {
    const waiting = this.#waitingFor(indexes, levels);
    const keys: Uint8Array[] = [];
    while (waiting.length > 0 && keys.length < most) {
      const key = waiting.pop()!;
      if (!indexes.every((index) => this.#entries.get(index)?.get(key) !== undefined)) keys.push(Buffer.concat([key, ZERO]));
    }
    return keys;
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

  /** Keeps an answer. `keys`: those that were asked for. */
  keep(answer: Rows, shape: ExpansionShape, keys: readonly Uint8Array[], extent: Extent): void {
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
    for (const part of levels[0]!) {
      part.close(false);
      for (const key of keys) part.noteAsked(key);
    }
    for (let level = 1; level <= shape.levels; level++) {
      const [before, entries] = [levels[level - 1]!, levels[level]!];
      const waiting = this.#waitingFor(shape.indexes, shape.levels - level);
      const values = before.flatMap((part) => part.values());
      const [followed, left] = shape.goesOn === 'from all' ? [values, []] : chosen(values, shape.goesOn, extent.keys);
      const cuts = entries.map((part) => part.close(part.count === extent.entries));
      // What is worth most is put on last, and taken first.
      for (const { key } of left.toReversed()) waiting.push(key);
      for (const { key } of followed.toReversed()) {
        let isCut = false;
        for (const [way, cut] of cuts.entries()) {
          if (cut === undefined || Buffer.compare(key, cut) < 0) entries[way]!.noteAsked(key, key.length);
          else isCut = true;
        }
        if (isCut) waiting.push(key);
      }
    }
  }

  #waitingFor(indexes: readonly TableId[], levels: number): Uint8Array[] {
    return mapOf(this.#waiting, `${indexes.join()}/${levels}`, () => []);
  }

  #entriesOf(index: TableId): KeyMap<Stretch> {
    return mapOf(this.#entries, index, () => new KeyMap<Stretch>());
  }
}

function mapOf<Name, Kept>(maps: Map<Name, Kept>, name: Name, make: () => Kept): Kept {
  let known = maps.get(name);
  if (known === undefined) maps.set(name, (known = make()));
  return known;
}

/** The value of an entry, which is a key without the zero byte. */
interface Value {
  readonly id: RowId;
  readonly key: Uint8Array;
}

/** Those from which the server has gone on, and the others. */
function chosen(values: readonly Value[], goesOn: 'from first' | 'from last', count: number): readonly [Value[], Value[]] {
  const direction = goesOn === 'from first' ? 1 : -1;
  const ordered = values.toSorted((one, other) => direction * (one.id - other.id) || Buffer.compare(one.key, other.key));
  return [ordered.slice(0, count), ordered.slice(count)];
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
  noteAsked(key: Uint8Array, end = key.length - 1): void {
    if (this.#known.get(key, 0, end) === undefined) this.#known.set(NO_ENTRIES, key, 0, end);
  }

  values(): Value[] {
    const { ids, starts, ends } = this.#part;
    return ids.map((id, i) => ({ id, key: this.#buffer.subarray(starts[i], ends[i]) }));
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
