/**
 * The parts of an expansion's answer (`expansion.ts`), each read into what is kept of it: nothing is copied but numbers, and there is no object for an entry.
 */
import type { KeyInRow, RowId } from '../engine.ts';
import { keyEndInRow } from './batches.ts';
import type { KeyMap } from './key-map.ts';
import { arrayCount, firstElement, nextColumn, readInt8 } from './wire.ts';

/** Entries as they lie in an answer, those under one key together. */
export interface EntryList {
  readonly buffer: Uint8Array;
  readonly ids: RowId[];
  /** Of their values. */
  readonly starts: number[];
  readonly ends: number[];
}

/** The entries under a key. */
export interface Stretch {
  readonly list: EntryList;
  readonly from: number;
  readonly end: number;
}

export interface Row {
  readonly buffer: Uint8Array;
  readonly id: RowId;
  readonly start: number;
  readonly end: number;
}

/** The value of an entry, which is a key without the zero byte. */
export interface Value {
  readonly id: RowId;
  readonly key: Uint8Array;
}

const NO_ENTRIES: Stretch = { list: { buffer: new Uint8Array(0), ids: [], starts: [], ends: [] }, from: 0, end: 0 };

/** The entries of one index at one level. */
export class EntryPart {
  readonly #buffer: Buffer;
  readonly #list: EntryList;
  readonly #known: KeyMap<Stretch>;
  /** Where keys are that have entries, without the zero byte, and which entry is the first of each. */
  readonly #keys: { readonly start: number; readonly end: number; readonly from: number }[] = [];

  constructor(buffer: Buffer, known: KeyMap<Stretch>) {
    this.#buffer = buffer;
    this.#list = { buffer, ids: [], starts: [], ends: [] };
    this.#known = known;
  }

  get count(): number {
    return this.#list.ids.length;
  }

  /** The entries under a key. */
  add(keyAt: number): void {
    const buffer = this.#buffer;
    const { ids, starts, ends } = this.#list;
    const from = ids.length;
    const idsAt = nextColumn(buffer, keyAt);
    this.#keys.push({ start: keyAt + 4, end: idsAt - 1, from });
    let isOrdered = true;
    let idAt = firstElement(idsAt);
    let valueAt = firstElement(nextColumn(buffer, idsAt));
    for (let left = arrayCount(buffer, idsAt); left > 0; left--) {
      const id = readInt8(buffer, idAt);
      if (ids.length > from && id < ids[ids.length - 1]!) isOrdered = false;
      ids.push(id);
      starts.push(valueAt + 4);
      valueAt = nextColumn(buffer, valueAt);
      ends.push(valueAt);
      idAt = nextColumn(buffer, idAt);
    }
    if (!isOrdered) this.#putInOrder(from);
  }

  /** `isCut`: of the highest key there may be more entries. Returns that key then; of keys from there on nothing is known. */
  close(isCut: boolean): Uint8Array | undefined {
    const cut = isCut ? this.#highestKey() : undefined;
    const { count } = this;
    for (const [i, { start, end, from }] of this.#keys.entries()) {
      if (cut !== undefined && cut.compare(this.#buffer, start, end) === 0) continue;
      this.#known.set({ list: this.#list, from, end: this.#keys[i + 1]?.from ?? count }, this.#buffer, start, end);
    }
    return cut;
  }

  /** A key that was asked for has no entries if none came. */
  noteAsked(key: Uint8Array, end = key.length - 1): void {
    if (this.#known.get(key, 0, end) === undefined) this.#known.set(NO_ENTRIES, key, 0, end);
  }

  values(): Value[] {
    const { ids, starts, ends } = this.#list;
    return ids.map((id, i) => ({ id, key: this.#buffer.subarray(starts[i], ends[i]) }));
  }

  #highestKey(): Buffer {
    const [first, ...others] = this.#keys.map(({ start, end }) => this.#buffer.subarray(start, end));
    return others.reduce((highest, key) => (highest.compare(key) < 0 ? key : highest), first!);
  }

  /** The server puts entries into an array as it finds them, which is by their ids; it does not promise that. */
  #putInOrder(from: number): void {
    const { ids, starts, ends } = this.#list;
    const entries = ids.slice(from).map((id, i) => ({ id, start: starts[from + i]!, end: ends[from + i]! }));
    entries.sort((one, other) => one.id - other.id);
    for (const [i, { id, start, end }] of entries.entries()) {
      ids[from + i] = id;
      starts[from + i] = start;
      ends[from + i] = end;
    }
  }
}

/** Rows under unique keys. */
export class NamedPart {
  readonly #buffer: Buffer;
  readonly #known: KeyMap<Row>;
  readonly #keyInRow: KeyInRow | undefined;

  constructor(buffer: Buffer, known: KeyMap<Row>, keyInRow: KeyInRow | undefined) {
    this.#buffer = buffer;
    this.#known = known;
    this.#keyInRow = keyInRow;
  }

  add(keyAt: number): void {
    const keyInRow = this.#keyInRow;
    const buffer = this.#buffer;
    for (const row of rowsBehind(buffer, keyAt)) {
      if (keyInRow === undefined) this.#known.set(row, buffer, keyAt + 4, nextColumn(buffer, keyAt) - 1);
      else this.#known.set(row, buffer, row.start + keyInRow.at, keyEndInRow(buffer, row.start, keyInRow));
    }
  }
}

/** Rows by their ids. */
export class OwnPart {
  readonly #buffer: Buffer;
  readonly #known: Map<RowId, Row>;

  constructor(buffer: Buffer, known: Map<RowId, Row>) {
    this.#buffer = buffer;
    this.#known = known;
  }

  add(keyAt: number): void {
    for (const row of rowsBehind(this.#buffer, keyAt)) this.#known.set(row.id, row);
  }
}

/** Those in the arrays behind a column. */
function rowsBehind(buffer: Buffer, keyAt: number): Row[] {
  const idsAt = nextColumn(buffer, keyAt);
  const rows: Row[] = [];
  let idAt = firstElement(idsAt);
  let rowAt = firstElement(nextColumn(buffer, idsAt));
  for (let left = arrayCount(buffer, idsAt); left > 0; left--) {
    const end = nextColumn(buffer, rowAt);
    rows.push({ buffer, id: readInt8(buffer, idAt), start: rowAt + 4, end });
    idAt = nextColumn(buffer, idAt);
    rowAt = end;
  }
  return rows;
}
