/** What the server has, as a transaction reads it: without the transaction's own writes, and noted for its commit. */
import type {
  BatchCursor,
  EntryBatch,
  EntryScanOptions,
  ExpandOptions,
  IndexEntry,
  KeyInRow,
  KeyRange,
  RowBatch,
  RowId,
  TableId,
} from '../engine.ts';
import { textOf } from '../entry.ts';
import { EMPTY_ROWS, entryBatch, filedBatch, rowBatch, rowOrNone, rowsUnderKeys, rowsWithIds, type FiledBatch } from './batches.ts';
import * as queries from './queries.ts';
import { asBuffer, boundsOf } from './ranges.ts';
import type { Seen } from './seen.ts';
import type { Session } from './session.ts';
import { firstNumber, type PostgresStore } from './store.ts';
import { Walks } from './walks.ts';
import { bytesArray, int8, int8Array, nextColumn, readInt8, type Parameter, type Rows, type Statement } from './wire.ts';

const KEPT_LOOKUPS = 256;
const KEPT_LOOKUP_BYTES = 16 * 1024;

/** How a range or many are read; `limit`: no more than that is needed. */
export interface Reading {
  readonly reverse: boolean;
  readonly limit: number | undefined;
}

/** Who holds unique keys, by index. */
export type Holders = Map<TableId, ReadonlyMap<string, RowId>>;

export class Stored {
  readonly #store: PostgresStore;
  readonly #session: Session;
  readonly #seen: Seen;
  /** Rows that were asked for by one key, by index; undefined where they are not the same when they are asked for again. */
  readonly #lookedUp: Map<TableId, Map<string, RowBatch>> | undefined;
  readonly #walks: Walks;

  /** `version`: of the definitions that the transaction goes by; `isSnapshot`: it always reads the same state. */
  constructor(store: PostgresStore, session: Session, seen: Seen, options: { readonly version: number; readonly isSnapshot: boolean }) {
    this.#store = store;
    this.#session = session;
    this.#seen = seen;
    this.#lookedUp = options.isSnapshot ? new Map<TableId, Map<string, RowBatch>>() : undefined;
    this.#walks = new Walks(store, session, options);
  }

  /** Borrowed. `isReading`: they are not read to be changed. */
  rows(table: TableId, ids: ArrayLike<RowId>, { isReading = false } = {}): RowBatch {
    if (ids.length === 0) return EMPTY_ROWS;
    const known = this.#walks.rows(table, ids);
    if (known !== undefined) return this.#seen.noted(table, known);
    this.#store.needTable('r', table);
    const isLocking = this.#session.isLocking && !isReading;
    const found =
      ids.length === 1
        ? rowOrNone(this.#rowsOf(queries.rowById(table, isLocking), int8(ids[0]!)), ids[0])
        : rowsWithIds(this.#rowsOf(queries.rowsById(table, isLocking), int8Array(ids)), ids);
    return this.#seen.noted(table, found);
  }

  /** The rows under unique keys, borrowed. */
  rowsUnder(index: TableId, table: TableId, keys: readonly Uint8Array[], keyInRow?: KeyInRow): RowBatch {
    const [only] = keys;
    if (only === undefined) return EMPTY_ROWS;
    const known = this.#walks.rowsUnder(index, table, keys, (missing) => this.#rowsUnder(index, table, missing, keyInRow));
    if (known !== undefined) return this.#seen.noted(table, known);
    if (keys.length === 1) return this.#seen.noted(table, this.#rowUnder(index, table, only));
    return this.#seen.noted(table, this.#rowsUnder(index, table, keys, keyInRow));
  }

  scanRows(table: TableId, { reverse, limit }: Reading): BatchCursor<RowBatch> {
    this.#store.needTable('r', table);
    const isLimited = limit !== undefined;
    const what = queries.allRows(table, { reverse, isLimited });
    return this.#seen.noting(table, this.#session.cursor(what, isLimited ? [int8(limit)] : [], rowBatch, limit));
  }

  scanEntries(index: TableId, ranges: readonly KeyRange[], reading: Reading, options: EntryScanOptions): BatchCursor<EntryBatch> {
    const isFull = options.withKeys === true || options.withValues === true;
    return this.#entries(index, ranges, reading, isFull, (rows) => entryBatch(rows, options));
  }

  /** The same with all of each entry, to be merged with others. */
  scanFiled(index: TableId, ranges: readonly KeyRange[], reading: Reading): BatchCursor<FiledBatch> {
    return this.#entries(index, ranges, reading, true, filedBatch);
  }

  scanEntryRows(index: TableId, table: TableId, ranges: readonly KeyRange[], { reverse, limit }: Reading): BatchCursor<RowBatch> {
    this.#store.needTable('e', index);
    this.#store.needTable('r', table);
    const shape = { reverse, isLimited: limit !== undefined };
    const what = ranges.length === 1 ? queries.rowsOfRange(index, table, shape) : queries.rowsOfRanges(index, table, shape);
    return this.#seen.noting(table, this.#session.cursor(what, boundsOfRanges(ranges, limit), rowBatch, limit));
  }

  probe(index: TableId, probes: readonly KeyRange[], { reverse, limit }: Reading, options: EntryScanOptions): EntryBatch {
    const isFull = options.withKeys === true || options.withValues === true;
    return entryBatch(this.#probed(index, probes, { reverse, limit }, isFull), options);
  }

  /** The same with all of each entry, to be merged with others. */
  probeFiled(index: TableId, probes: readonly KeyRange[], reading: Reading): FiledBatch {
    return filedBatch(this.#probed(index, probes, reading, true));
  }

  /** Entries under keys of several indexes, and along with them what is to be asked next, where that is still good then. */
  expand(indexes: readonly TableId[], keys: readonly Uint8Array[], options: ExpandOptions): readonly EntryBatch[] {
    return this.#walks.expand(indexes, keys, options);
  }

  countRows(table: TableId): number {
    this.#store.needTable('r', table);
    return firstNumber(this.#rowsOf(queries.countOfRows(table)));
  }

  countEntries(index: TableId, ranges: readonly KeyRange[]): number {
    this.#store.needTable('e', index);
    return firstNumber(this.#rowsOf(queries.countOfRanges(index), ...manyBounds(ranges)));
  }

  /** By its key as a text with a character for each byte. */
  meta(key: string): Uint8Array | undefined {
    const { buffer, starts, count } = this.#rowsOf(queries.META_VALUE, Buffer.from(key, 'latin1'));
    const value = count === 0 ? undefined : buffer.subarray(starts[0]! + 4, nextColumn(buffer, starts[0]!));
    this.#seen.meta.set(key, value);
    return value;
  }

  metaFrom(prefix: Buffer): Map<string, Uint8Array> {
    const { buffer, starts } = this.#rowsOf(queries.META_VALUES, prefix, Buffer.concat([prefix, Buffer.from([0xff])]));
    const values = new Map<string, Uint8Array>();
    for (const at of starts) {
      const valueAt = nextColumn(buffer, at);
      const key = buffer.toString('latin1', at + 4, valueAt);
      const value = buffer.subarray(valueAt + 4, nextColumn(buffer, valueAt));
      values.set(key, value);
      this.#seen.meta.set(key, value);
    }
    return values;
  }

  /** Notes rows that are to be changed without having been read. */
  note(table: TableId, ids: readonly RowId[]): void {
    this.#seen.noted(table, rowBatch(this.#rowsOf(queries.rowVersions(table), int8Array(ids))));
  }

  /** Who holds a unique key, where that was read before: undefined where it was not, or nobody does. */
  knownHolder({ index, key }: IndexEntry): RowId | undefined {
    const ahead = this.#rowAhead(index, key);
    return ahead === undefined || ahead.starts[0] === ahead.ends[0] ? undefined : ahead.ids[0];
  }

  holders(entries: readonly IndexEntry[]): Holders {
    const found: Holders = new Map();
    const asked = new Map<TableId, Map<string, Uint8Array>>();
    for (const entry of entries) {
      const { index, key } = entry;
      const holder = this.knownHolder(entry);
      if (holder !== undefined) found.set(index, new Map([...(found.get(index) ?? []), [textOf(key), holder]]));
      if (this.#rowAhead(index, key) !== undefined) continue;
      let keys = asked.get(index);
      if (keys === undefined) asked.set(index, (keys = new Map<string, Uint8Array>()));
      keys.set(textOf(key), key);
    }
    if (asked.size === 0) return found;
    const { results } = this.#session.ask((writer) => {
      for (const [index, keys] of asked) writer.run(queries.holders(index), [bytesArray([...keys.values()])]);
    });
    let next = 0;
    for (const [index, keys] of asked) {
      const names = [...keys.keys()];
      const { buffer, starts } = results[next++]!;
      const holders = starts.map((at) => [names[readInt8(buffer, at) - 1]!, readInt8(buffer, nextColumn(buffer, at))] as const);
      found.set(index, new Map([...(found.get(index) ?? []), ...holders]));
    }
    return found;
  }

  #rowsUnder(index: TableId, table: TableId, keys: readonly Uint8Array[], keyInRow: KeyInRow | undefined): RowBatch {
    this.#store.needTable('e', index);
    this.#store.needTable('r', table);
    if (this.#session.isLocking) return rowsUnderKeys(this.#rowsOf(queries.lockedRowsByKey({ index, table }), bytesArray(keys)), keys);
    return rowsUnderKeys(this.#rowsOf(queries.rowsByKey({ index, table, keyInRow }), bytesArray(keys)), keys, keyInRow);
  }

  #rowAhead(index: TableId, key: Uint8Array): RowBatch | undefined {
    return this.#session.isPinned ? undefined : this.#store.together?.rowAt(index, key);
  }

  /** Who changes a document has often read it before; in a snapshot it is the same then. */
  #rowUnder(index: TableId, table: TableId, key: Uint8Array): RowBatch {
    const ahead = this.#rowAhead(index, key);
    if (ahead !== undefined) return ahead;
    this.#store.needTable('e', index);
    this.#store.needTable('r', table);
    const text = this.#lookedUp && textOf(key);
    const rows = this.#lookedUp?.get(index);
    const known = text === undefined ? undefined : rows?.get(text);
    if (known !== undefined) return known;
    const batch = rowOrNone(this.#rowsOf(queries.rowByKey(index, table, this.#session.isLocking), asBuffer(key)));
    if (text !== undefined && batch.buffer.length <= KEPT_LOOKUP_BYTES) {
      if (rows?.size === KEPT_LOOKUPS) rows.clear();
      if (rows === undefined) this.#lookedUp?.set(index, new Map([[text, batch]]));
      else rows.set(text, batch);
    }
    return batch;
  }

  #entries<Batch extends { readonly count: number }>(
    index: TableId,
    ranges: readonly KeyRange[],
    { reverse, limit }: Reading,
    isFull: boolean,
    make: (rows: Rows) => Batch,
  ): BatchCursor<Batch> {
    this.#store.needTable('e', index);
    const shape = { reverse, isLimited: limit !== undefined };
    const what =
      ranges.length === 1 ? queries.entriesOfRange(index, shape, isFull) : queries.entriesOfRanges(index, shape, reverse, isFull);
    return this.#session.cursor(what, boundsOfRanges(ranges, limit), make, limit);
  }

  #probed(index: TableId, probes: readonly KeyRange[], { reverse, limit }: Reading, isFull: boolean): Rows {
    this.#store.needTable('e', index);
    const parameters = manyBounds(probes);
    if (limit !== undefined) parameters.push(int8(limit));
    return this.#rowsOf(queries.entriesOfRanges(index, { reverse, isLimited: limit !== undefined }, false, isFull), ...parameters);
  }

  #rowsOf(what: Statement, ...parameters: readonly Parameter[]): Rows {
    return this.#session.rows(what, parameters);
  }
}

function boundsOfRanges(ranges: readonly KeyRange[], limit: number | undefined): Parameter[] {
  const [only] = ranges;
  const bounds = ranges.length === 1 && only !== undefined ? boundsOf(only) : undefined;
  const parameters = bounds === undefined ? manyBounds(ranges) : [bounds.low, bounds.high];
  if (limit !== undefined) parameters.push(int8(limit));
  return parameters;
}

function manyBounds(ranges: readonly KeyRange[]): Parameter[] {
  const bounds = ranges.map(boundsOf);
  return [bytesArray(bounds.map(({ low }) => low)), bytesArray(bounds.map(({ high }) => high))];
}
