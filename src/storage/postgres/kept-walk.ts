/**
 * What many walks have read of one state, once each: entries under keys, rows under keys and by ids, copied one behind the other. All is known by places in
 * typed arrays: a million entries are no more objects than ten, and what is read together lies together.
 */
import type { EntryBatch, RowBatch, RowId, TableId } from '../engine.ts';
import type { BroughtAlong } from './brought-along.ts';
import type { Row } from './expansion-parts.ts';
import { Filed, NOWHERE, Shelf, Stretches } from './packed.ts';

const MOST_BYTES = 32 * 1024 * 1024;
/** What a key, an entry or a row takes beside its bytes, about. */
const PLACE_BYTES = 40;

interface Numbered {
  readonly places: Map<RowId, number>;
  readonly rows: Stretches;
}

export class KeptWalk {
  readonly #shelf = new Shelf();
  /** The values of entries, with their row ids. */
  readonly #values = new Stretches();
  /** Stretches of `#values`, by keys without the zero byte at their end. */
  readonly #entries = new Map<TableId, Filed>();
  /** Bytes of rows with their ids, by such keys. */
  readonly #named = new Map<TableId, Filed>();
  readonly #rows = new Map<TableId, Numbered>();
  #places = 0;

  get isFull(): boolean {
    return this.#shelf.length + this.#places * PLACE_BYTES > MOST_BYTES;
  }

  hasEntries(index: TableId, key: Uint8Array): boolean {
    return isThere(this.#filed(this.#entries, index), key, 0, key.length - 1);
  }

  /** All of which there must be. */
  entries(index: TableId, asked: readonly Uint8Array[]): EntryBatch {
    const filed = this.#filed(this.#entries, index);
    const places = asked.map((key) => filed.placeOf(key, 0, key.length - 1));
    let count = 0;
    for (const place of places) count += filed.endOf(place) - filed.startOf(place);
    const ranges = new Int32Array(count);
    const ids = new Float64Array(count);
    const starts = new Int32Array(count);
    const ends = new Int32Array(count);
    const values = this.#values;
    let at = 0;
    for (const [range, place] of places.entries()) {
      const end = filed.endOf(place);
      for (let i = filed.startOf(place); i < end; i++, at++) {
        ranges[at] = range;
        ids[at] = values.idOf(i);
        starts[at] = values.startOf(i);
        ends[at] = values.endOf(i);
      }
    }
    return { count, ids, ranges, values: { count, ids, buffer: this.#shelf.bytes, starts, ends } };
  }

  /** Rows under keys of a unique index, which end in a zero byte; undefined where not all of them are known. */
  findNamed(index: TableId, asked: readonly Uint8Array[]): RowBatch | undefined {
    const filed = this.#filed(this.#named, index);
    return this.#batchOf(filed, asked.length, (i) => filed.placeOf(asked[i]!, 0, asked[i]!.length - 1));
  }

  /** Of such keys those under which it is not known whether there are rows. */
  unknownNamed(index: TableId, asked: readonly Uint8Array[]): Uint8Array[] {
    const filed = this.#filed(this.#named, index);
    return asked.filter((key) => !isThere(filed, key, 0, key.length - 1));
  }

  /** Rows by ids; undefined where not all of them are known. */
  findRows(table: TableId, ids: ArrayLike<RowId>): RowBatch | undefined {
    const known = this.#rows.get(table);
    return known && this.#batchOf(known.rows, ids.length, (i) => known.places.get(ids[i]!) ?? NOWHERE);
  }

  /** Keeps what an answer has brought along. */
  keep(brought: BroughtAlong): void {
    for (const [index, stretches] of brought.entriesUnderKeys) {
      const filed = this.#filed(this.#entries, index);
      stretches.forEach(({ list, from, end }, buffer, keyStart, keyEnd) => {
        if (isThere(filed, buffer, keyStart, keyEnd)) return;
        filed.add(buffer, keyStart, keyEnd, () => {
          const first = this.#values.count;
          for (let i = from; i < end; i++) this.#addBytes(this.#values, list.ids[i]!, list.buffer, list.starts[i]!, list.ends[i]!);
          return { id: 0, start: first, end: this.#values.count };
        });
        this.#places++;
      });
    }
    for (const [index, rows] of brought.namedRows) {
      const filed = this.#filed(this.#named, index);
      rows.forEach((row, buffer, keyStart, keyEnd) => this.#addNamed(filed, row, buffer, keyStart, keyEnd));
    }
    for (const [table, rows] of brought.rowsById) {
      const known = this.#numbered(table);
      for (const [id, { buffer, start, end }] of rows) {
        if (known.places.has(id)) continue;
        known.places.set(id, known.rows.count);
        this.#addBytes(known.rows, id, buffer, start, end);
      }
    }
  }

  /** Keeps the rows that were found under keys, or that there is none. */
  keepNamed(index: TableId, keys: readonly Uint8Array[], { ids, buffer, starts, ends }: RowBatch): void {
    const filed = this.#filed(this.#named, index);
    for (const [i, key] of keys.entries())
      this.#addNamed(filed, { buffer, id: ids[i]!, start: starts[i]!, end: ends[i]! }, key, 0, key.length - 1);
  }

  #addNamed(filed: Filed, { id, buffer, start, end }: Row, keyBuffer: Uint8Array, keyStart: number, keyEnd: number): void {
    if (isThere(filed, keyBuffer, keyStart, keyEnd)) return;
    filed.add(keyBuffer, keyStart, keyEnd, () => {
      const at = this.#shelf.put(buffer, start, end);
      return { id, start: at, end: at + end - start };
    });
    this.#places++;
  }

  #addBytes(to: Stretches, id: RowId, buffer: Uint8Array, start: number, end: number): void {
    const at = this.#shelf.put(buffer, start, end);
    to.add(id, at, at + end - start);
    this.#places++;
  }

  /** What lies at these places. */
  #batchOf(rows: Stretches | Filed, count: number, placeOf: (i: number) => number): RowBatch | undefined {
    const ids = new Float64Array(count);
    const starts = new Int32Array(count);
    const ends = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      const place = placeOf(i);
      if (place === NOWHERE) return undefined;
      ids[i] = rows.idOf(place);
      starts[i] = rows.startOf(place);
      ends[i] = rows.endOf(place);
    }
    return { count, ids, buffer: this.#shelf.bytes, starts, ends };
  }

  #filed(filed: Map<TableId, Filed>, index: TableId): Filed {
    let known = filed.get(index);
    if (known === undefined) filed.set(index, (known = new Filed(this.#shelf)));
    return known;
  }

  #numbered(table: TableId): Numbered {
    let known = this.#rows.get(table);
    if (known === undefined) this.#rows.set(table, (known = { places: new Map<RowId, number>(), rows: new Stretches() }));
    return known;
  }
}

function isThere(filed: Filed, key: Uint8Array, start: number, end: number): boolean {
  return filed.placeOf(key, start, end) !== NOWHERE;
}
