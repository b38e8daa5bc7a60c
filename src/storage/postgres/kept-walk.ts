/**
 * What many walks have read of one state, once each: entries under keys, rows under keys and by ids. It lies in memory that all threads see, one behind the
 * other, and is known by places there: a million entries are no more objects than ten, and what is read together lies together.
 */
import type { EntryBatch, RowBatch, RowId, TableId } from '../engine.ts';
import { endAt, idAt, NOWHERE, startAt, STRETCH_WORDS, writeStretch, type Arena } from './arena.ts';
import type { BroughtAlong } from './brought-along.ts';
import type { Row, Stretch } from './expansion-parts.ts';
import { Filed, Numbered } from './filed.ts';
import type { KeptPlace } from './kept-memory.ts';

/** What there may be of a table; its number and one of these make a name in the arena. */
const KIND = { entries: 0, named: 1, rows: 2 } as const;
const KINDS = 4;

const ONE_STRETCH = { words: STRETCH_WORDS, bytes: 0 };

/** To be used, and added to, by who has pinned the place. */
export class KeptWalk {
  readonly place: KeptPlace;
  readonly generation: number;
  /** By keys without the zero byte at their end: how many entries there are, and for each a stretch with its row id, which is its value. */
  readonly #entries: Tables<Filed>;
  /** By such keys, a stretch for the row. */
  readonly #named: Tables<Filed>;
  readonly #rows: Tables<Numbered>;

  constructor(place: KeptPlace) {
    const { arena } = place;
    this.place = place;
    this.generation = place.generation;
    this.#entries = new Tables(arena, 'entries', (at) => new Filed(arena, at));
    this.#named = new Tables(arena, 'named', (at) => new Filed(arena, at));
    this.#rows = new Tables(arena, 'rows', (at) => new Numbered(arena, at));
  }

  get isFull(): boolean {
    return this.place.arena.isFull;
  }

  hasEntries(index: TableId, key: Uint8Array): boolean {
    return isThere(this.#entries.get(index), key);
  }

  /** Undefined where not all of them are known. */
  entries(index: TableId, asked: readonly Uint8Array[]): EntryBatch | undefined {
    const filed = this.#entries.get(index);
    if (filed === undefined) return undefined;
    const { words, bytes: buffer } = this.place.arena;
    const places = new Int32Array(asked.length);
    let count = 0;
    for (let range = 0; range < places.length; range++) {
      const key = asked[range]!;
      const place = filed.placeOf(key, 0, key.length - 1);
      if (place === NOWHERE) return undefined;
      places[range] = place;
      count += words[place]!;
    }
    const ranges = new Int32Array(count);
    const ids = new Float64Array(count);
    const starts = new Int32Array(count);
    const ends = new Int32Array(count);
    let i = 0;
    for (let range = 0; range < places.length; range++) {
      let at = places[range]! + 1;
      for (const end = at + words[places[range]!]! * STRETCH_WORDS; at < end; at += STRETCH_WORDS, i++) {
        ranges[i] = range;
        ids[i] = idAt(words, at);
        starts[i] = startAt(words, at);
        ends[i] = endAt(words, at);
      }
    }
    return { count, ids, ranges, values: { count, ids, buffer, starts, ends } };
  }

  /** Rows under keys of a unique index, which end in a zero byte; undefined where not all of them are known. Borrowed. */
  findNamed(index: TableId, asked: readonly Uint8Array[]): RowBatch | undefined {
    const filed = this.#named.get(index);
    if (filed === undefined) return undefined;
    const places = new Int32Array(asked.length);
    for (let i = 0; i < places.length; i++) {
      const key = asked[i]!;
      places[i] = filed.placeOf(key, 0, key.length - 1);
    }
    return this.#batchOf(places);
  }

  /** Of such keys those under which it is not known whether there are rows. */
  unknownNamed(index: TableId, asked: readonly Uint8Array[]): Uint8Array[] {
    const filed = this.#named.get(index);
    return asked.filter((key) => !isThere(filed, key));
  }

  /** Rows by ids; undefined where not all of them are known. Borrowed. */
  findRows(table: TableId, ids: ArrayLike<RowId>): RowBatch | undefined {
    const known = this.#rows.get(table);
    return known && this.#batchOf(Int32Array.from(ids, (id) => known.placeOf(id)));
  }

  /** Keeps what an answer has brought along; false: not all of it. */
  keep(brought: BroughtAlong): boolean {
    return this.#adding(() => {
      let hasRoom = true;
      for (const [index, stretches] of brought.entriesUnderKeys) {
        const filed = this.#entries.getOrMake(index);
        stretches.forEach((stretch, buffer, start, end) => (hasRoom &&= this.#addEntries(filed, stretch, buffer, start, end)));
      }
      for (const [index, rows] of brought.namedRows) {
        const filed = this.#named.getOrMake(index);
        rows.forEach((row, buffer, start, end) => (hasRoom &&= this.#addNamed(filed, row, buffer, start, end)));
      }
      for (const [table, rows] of brought.rowsById) {
        const numbered = this.#rows.getOrMake(table);
        for (const row of rows.values()) hasRoom &&= this.#addRow(numbered, row);
      }
      return hasRoom;
    });
  }

  /** Keeps the rows that were found under keys, or that there is none. */
  keepNamed(index: TableId, keys: readonly Uint8Array[], { ids, buffer, starts, ends }: RowBatch): void {
    this.#adding(() => {
      const filed = this.#named.getOrMake(index);
      return keys.every((key, i) =>
        this.#addNamed(filed, { buffer, id: ids[i]!, start: starts[i]!, end: ends[i]! }, key, 0, key.length - 1),
      );
    });
  }

  #adding(add: () => boolean): boolean {
    return this.place.adding(add) ?? false;
  }

  #addEntries(filed: Filed | undefined, { list, from, end }: Stretch, keyBuffer: Uint8Array, keyStart: number, keyEnd: number): boolean {
    if (filed === undefined) return false;
    if (filed.placeOf(keyBuffer, keyStart, keyEnd) !== NOWHERE) return true;
    const { arena } = this.place;
    let bytes = 0;
    for (let i = from; i < end; i++) bytes += list.ends[i]! - list.starts[i]!;
    const place = filed.make(keyBuffer, keyStart, keyEnd, { words: 1 + (end - from) * STRETCH_WORDS, bytes });
    if (place === NOWHERE) return false;
    arena.words[place] = end - from;
    for (let i = from, at = place + 1; i < end; i++, at += STRETCH_WORDS)
      this.#put(at, list.ids[i]!, list.buffer, list.starts[i]!, list.ends[i]!);
    filed.file(place);
    return true;
  }

  #addNamed(filed: Filed | undefined, row: Row, keyBuffer: Uint8Array, keyStart: number, keyEnd: number): boolean {
    if (filed === undefined) return false;
    if (filed.placeOf(keyBuffer, keyStart, keyEnd) !== NOWHERE) return true;
    const place = filed.make(keyBuffer, keyStart, keyEnd, { ...ONE_STRETCH, bytes: row.end - row.start });
    if (place === NOWHERE) return false;
    this.#put(place, row.id, row.buffer, row.start, row.end);
    filed.file(place);
    return true;
  }

  #addRow(numbered: Numbered | undefined, { id, buffer, start, end }: Row): boolean {
    if (numbered === undefined) return false;
    if (numbered.placeOf(id) !== NOWHERE) return true;
    const place = numbered.make(id, { ...ONE_STRETCH, bytes: end - start });
    if (place === NOWHERE) return false;
    this.#put(place, id, buffer, start, end);
    numbered.file(place);
    return true;
  }

  /** Copies bytes, and writes down at `at` where they lie. */
  #put(at: number, id: RowId, buffer: Uint8Array, start: number, end: number): void {
    const { arena } = this.place;
    const own = arena.putBytes(buffer, start, end);
    writeStretch(arena.words, at, id, own, own + end - start);
  }

  /** Undefined where one is nowhere. */
  #batchOf(places: Int32Array): RowBatch | undefined {
    const { words, bytes: buffer } = this.place.arena;
    const count = places.length;
    const ids = new Float64Array(count);
    const starts = new Int32Array(count);
    const ends = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      const place = places[i]!;
      if (place === NOWHERE) return undefined;
      ids[i] = idAt(words, place);
      starts[i] = startAt(words, place);
      ends[i] = endAt(words, place);
    }
    return { count, ids, buffer, starts, ends };
  }
}

/** What there is of tables of one kind, each found in the arena's directory. */
class Tables<Kept> {
  readonly #arena: Arena;
  readonly #kind: number;
  readonly #open: (at: number) => Kept;
  readonly #known = new Map<TableId, Kept>();

  constructor(arena: Arena, kind: keyof typeof KIND, open: (at: number) => Kept) {
    this.#arena = arena;
    this.#kind = KIND[kind];
    this.#open = open;
  }

  get(table: TableId): Kept | undefined {
    return this.#known.get(table) ?? this.#opened(table, this.#arena.named(this.#nameOf(table)));
  }

  /** By who adds. Undefined: there is no room. */
  getOrMake(table: TableId): Kept | undefined {
    return this.get(table) ?? this.#opened(table, this.#arena.addName(this.#nameOf(table)));
  }

  #opened(table: TableId, at: number): Kept | undefined {
    if (at === NOWHERE) return undefined;
    const opened = this.#open(at);
    this.#known.set(table, opened);
    return opened;
  }

  #nameOf(table: TableId): number {
    return table * KINDS + this.#kind;
  }
}

function isThere(filed: Filed | undefined, key: Uint8Array): boolean {
  return filed !== undefined && filed.placeOf(key, 0, key.length - 1) !== NOWHERE;
}
