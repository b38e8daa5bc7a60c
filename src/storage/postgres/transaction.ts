/**
 * Transactions of the PostgreSQL engine. Writes stay aside in this thread until the commit, which is one request; reads see what the server has
 * with the own writes laid over it.
 *
 * So a transaction holds no lock while a service thinks, and a thread may be ended in the midst of it. What the server is asked to keep for it is a
 * snapshot, from the first read that needs one on. A direct transaction has none: each of its calls sees the latest, and the commit finds
 * out whether what it changes is still what it read. Only who has met others before locks rows as it reads them, and who changes definitions locks out
 * all others.
 */
import assert from 'node:assert/strict';
import { clock } from '#base';
import type {
  BatchCursor,
  BeginOptions,
  CommitOptions,
  EntryBatch,
  EntryScanOptions,
  IndexEntry,
  KeyRange,
  MutateOptions,
  Mutation,
  MutationFailure,
  RowBatch,
  RowId,
  ScanOptions,
  TableId,
  Transaction,
  TransactionMode,
} from '../engine.ts';
import { StorageConflict } from '../conflict.ts';
import { readId, storedKey, storedValue, textOf } from '../embedded/entry.ts';
import { Overlay, WRITE_BYTES } from '../embedded/overlay.ts';
import {
  bytesAt,
  EMPTY_ENTRIES,
  EMPTY_ROWS,
  entryBatch,
  filedEntries,
  placedRows,
  rowBatch,
  RowCollector,
  type FiledEntry,
} from './batches.ts';
import { BEGIN, LOCK_DEFINITIONS, type Before } from './commit.ts';
import { Committer } from './committer.ts';
import { Cursor, limited, once } from './cursor.ts';
import { mergeEntries, mergeRows, type FiledBatch } from './merge.ts';
import * as queries from './queries.ts';
import { asBuffer, boundsOf, ownEntries, type OwnEntry } from './ranges.ts';
import { rowTable } from './schema.ts';
import { firstNumber, versionAt, type PostgresStore } from './store.ts';
import {
  bytesArray,
  int8,
  int8Array,
  IS_REPEATABLE,
  nextColumn,
  readInt8,
  statement,
  type Answer,
  type Handle,
  type Parameter,
  type RequestWriter,
  type Rows,
  type Statement,
} from './wire.ts';

const NO_LIMIT = Number.MAX_SAFE_INTEGER;
const SNAPSHOT = statement('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
const EXCLUSIVE = statement('BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE');
const VERSION = statement('SELECT value FROM foxden.version');
/** Takes the snapshot. */
const ANYTHING = statement('SELECT 1');
const FIRST_ROWS = 100;
const MOST_ROWS = 1000;
const BATCH_BYTES = 1024 * 1024;
const KEPT_LOOKUPS = 256;
const KEPT_LOOKUP_BYTES = 16 * 1024;
/** The table of guards: its rows have fingerprints for versions, which are no readings of a clock. */
const GUARDS: TableId = 0;
const NONE: RowId = -1;

export class PostgresTransaction implements Transaction {
  readonly mode: TransactionMode;
  readonly #store: PostgresStore;
  readonly #options: BeginOptions;
  readonly #overlay: Overlay | undefined;
  readonly #versions = new Map<TableId, Map<RowId, bigint>>();
  /** Rows that were asked for by one key, of a snapshot. */
  readonly #lookedUp = new Map<string, RowBatch>();
  readonly #meta = new Map<string, Uint8Array | undefined>();
  readonly #unique = new Set<TableId>();
  readonly #freed = new Map<TableId, Map<string, RowId>>();
  /** Cleared tables that nobody will ask for again. */
  readonly #gone = new Set<TableId>();
  /** The definitions that this transaction goes by. */
  readonly #version: number;
  /** Whether all reads go to one connection, with a snapshot or locks. */
  readonly #isPinned: boolean;
  /** That connection. */
  #handle: Handle | undefined;
  /** The connection for walks of a transaction whose other reads each see the latest. */
  #walkHandle: Handle | undefined;
  readonly #open = new Set<Cursor<unknown>>();
  /** Portals of closed cursors. */
  #leftPortals: string[] = [];
  #portals = 0;
  #savepoints = 0;
  #isOver = false;
  #isCommitted = false;

  constructor(store: PostgresStore, options: BeginOptions) {
    this.mode = options.mode;
    this.#store = store;
    this.#options = options;
    this.#isPinned =
      options.mode === 'direct' ? options.locks !== undefined || options.exclusive !== undefined : options.snapshot !== 'none';
    this.#overlay = options.mode === 'read' ? undefined : new Overlay(options.sizeLimitBytes ?? NO_LIMIT);
    if (options.mode === 'direct') {
      if (options.locks === 'definitions') this.#lockDefinitions();
      else if (options.exclusive !== undefined) this.#lockTables(options.exclusive);
    } else if ((options.snapshot ?? 'now') === 'now') this.#ask((writer) => writer.run(ANYTHING, []));
    this.#version = store.shared.metaVersion;
  }

  rows(table: TableId, ids: ArrayLike<RowId>): RowBatch {
    this.#assertOpen();
    const own = this.#overlay?.rows.get(table);
    const isCleared = this.#overlay?.cleared.has(table) === true;
    if (own === undefined && !isCleared) return this.#noted(table, this.#storedRows(table, ids));
    const missing = isCleared ? [] : Array.from(ids).filter((id) => own?.has(id) !== true);
    const stored = missing.length === 0 ? undefined : this.#noted(table, this.#storedRows(table, missing));
    const collector = new RowCollector();
    let next = 0;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      if (isCleared || own?.has(id) === true) collector.add(id, own?.get(id) ?? new Uint8Array(0));
      else collector.add(id, bytesAt(stored!, next++));
    }
    return collector.finish();
  }

  scanRows(table: TableId, options: ScanOptions = {}): BatchCursor<RowBatch> {
    this.#assertOpen();
    const { reverse = false, limit } = options;
    const own = this.#overlay?.rows.get(table)?.freeze();
    const isCleared = this.#overlay?.cleared.has(table) === true;
    const isMerged = own !== undefined || isCleared;
    this.#store.needTable('r', table);
    // With own writes, rows of the server may be hidden: how many are needed is not known.
    const isLimited = limit !== undefined && !isMerged;
    const source = (): RowSource => this.#cursor(queries.allRows(table, { reverse, isLimited }), isLimited ? [int8(limit)] : [], rowBatch);
    const noted = (cursor: RowSource): RowSource => this.#noting(table, cursor);
    if (!isMerged) return limited(noted(source()), limit);
    return limited(mergeRows(isCleared ? undefined : noted(source()), own, { reverse }), limit);
  }

  scanEntries(index: TableId, ranges: readonly KeyRange[], options: EntryScanOptions = {}): BatchCursor<EntryBatch> {
    this.#assertOpen();
    const { reverse = false, limit } = options;
    this.#store.needTable('e', index);
    const isMerged = this.#isTouched(index);
    const isFull = isMerged || options.withKeys === true || options.withValues === true;
    const shape = { reverse, isLimited: limit !== undefined && !isMerged };
    const [what, parameters] = this.#rangesOf(ranges, shape, {
      one: () => queries.entriesOfRange(index, shape, isFull),
      many: () => queries.entriesOfRanges(index, shape, reverse, isFull),
      limit,
    });
    if (!isMerged)
      return limited(
        this.#cursor(what, parameters, (rows) => entryBatch(rows, options)),
        limit,
      );
    const stored = this.#isCleared(index) ? undefined : this.#cursor(what, parameters, (rows) => counted(filedEntries(rows)));
    const order = reverse ? [...ranges.keys()].toReversed() : [...ranges.keys()];
    return limited(mergeEntries(stored, order, this.#ownOf(index, ranges, reverse), options), limit);
  }

  scanEntryRows(index: TableId, table: TableId, ranges: readonly KeyRange[], options: ScanOptions = {}): BatchCursor<RowBatch> {
    this.#assertOpen();
    const { reverse = false, limit } = options;
    if (this.#isTouched(index) || this.#isTouched(table)) return this.#entryRows(index, table, ranges, options);
    this.#store.needTable('e', index);
    this.#store.needTable('r', table);
    const shape = { reverse, isLimited: limit !== undefined };
    const [what, parameters] = this.#rangesOf(ranges, shape, {
      one: () => queries.rowsOfRange(index, table, shape),
      many: () => queries.rowsOfRanges(index, table, shape),
      limit,
    });
    return limited(this.#noting(table, this.#cursor(what, parameters, rowBatch)), limit);
  }

  probe(index: TableId, probes: readonly KeyRange[], options: EntryScanOptions = {}): EntryBatch {
    this.#assertOpen();
    const { reverse = false, limit } = options;
    this.#store.needTable('e', index);
    const isMerged = this.#isTouched(index);
    const shape = { reverse, isLimited: limit !== undefined && !isMerged };
    const isFull = isMerged || options.withKeys === true || options.withValues === true;
    if (isMerged && this.#isCleared(index)) return this.#merged(undefined, index, probes, options);
    const bounds = probes.map(boundsOf);
    const parameters = [bytesArray(bounds.map(({ low }) => low)), bytesArray(bounds.map(({ high }) => high))];
    if (shape.isLimited) parameters.push(int8(limit!));
    const [rows] = this.#ask((writer) => writer.run(queries.entriesOfRanges(index, shape, false, isFull), parameters)).results;
    return isMerged ? this.#merged(filedEntries(rows!), index, probes, options) : entryBatch(rows!, options);
  }

  lookup(index: TableId, table: TableId, keys: readonly Uint8Array[]): RowBatch {
    this.#assertOpen();
    const own = this.#overlay?.entries.get(index);
    const isTouched = own !== undefined || this.#isCleared(index) || this.#isTouched(table);
    if (!isTouched) return this.#noted(table, this.#storedUnder(index, table, keys));
    const ids = keys.map((key): RowId | undefined => {
      const text = textOf(key);
      if (own?.has(text) !== true) return this.#isCleared(index) ? NONE : undefined;
      const value = own.get(text);
      return value === undefined ? NONE : readId(asBuffer(value), 0);
    });
    const unknown = keys.filter((_key, i) => ids[i] === undefined);
    const stored = unknown.length === 0 ? undefined : this.#noted(table, this.#storedUnder(index, table, unknown));
    const known = this.rows(
      table,
      ids.filter((id): id is RowId => id !== undefined && id !== NONE),
    );
    const collector = new RowCollector();
    let nextKnown = 0;
    let nextStored = 0;
    for (const id of ids) {
      if (id === NONE) collector.add(0, new Uint8Array(0));
      else if (id === undefined) {
        const place = nextStored++;
        const rowId = stored!.ids[place]!;
        const changed = this.#overlay?.rows.get(table);
        if (changed?.has(rowId) === true) collector.add(rowId, changed.get(rowId) ?? new Uint8Array(0));
        else collector.add(rowId, this.#isCleared(table) ? new Uint8Array(0) : bytesAt(stored!, place));
      } else collector.add(id, bytesAt(known, nextKnown++));
    }
    return collector.finish();
  }

  countRows(table: TableId): number {
    this.#assertOpen();
    const change = this.#overlay?.counts.get(table) ?? 0;
    if (this.#isCleared(table)) return change;
    this.#store.needTable('r', table);
    return change + firstNumber(this.#ask((writer) => writer.run(queries.countOfRows(table), [])).results[0]);
  }

  countEntries(index: TableId, ranges: readonly KeyRange[]): number {
    this.#assertOpen();
    if (this.#isTouched(index)) {
      let count = 0;
      const cursor = this.scanEntries(index, ranges);
      for (let batch = cursor.next(); batch !== undefined; batch = cursor.next()) count += batch.count;
      return count;
    }
    this.#store.needTable('e', index);
    const bounds = ranges.map(boundsOf);
    const parameters = [bytesArray(bounds.map(({ low }) => low)), bytesArray(bounds.map(({ high }) => high))];
    return firstNumber(this.#ask((writer) => writer.run(queries.countOfRanges(index), parameters)).results[0]);
  }

  mutate(mutations: readonly Mutation[], { isLast = false }: MutateOptions = {}): MutationFailure[] {
    const overlay = this.#writable();
    if (mutations.length === 0) return [];
    this.#needTablesOf(mutations);
    this.#learnVersions(mutations);
    if (isLast && !this.#isPinned && this.mode === 'direct' && hasUnique(mutations)) {
      if (this.#tryCommit(overlay, mutations)) return mutations.map(() => undefined);
    }
    return this.#apply(overlay, mutations, this.#holders(mutations));
  }

  clear(tables: readonly TableId[], { areGone = false }: { readonly areGone?: boolean } = {}): void {
    const overlay = this.#writable();
    for (const table of tables) {
      overlay.clear(table);
      if (areGone) this.#gone.add(table);
    }
  }

  readMeta(key: string): Uint8Array | undefined {
    this.#assertOpen();
    const stored = metaKey(key);
    if (this.#overlay?.meta.has(stored) === true) return this.#overlay.meta.get(stored);
    return this.#storedMeta(stored);
  }

  listMeta(prefix: string): readonly (readonly [key: string, value: Uint8Array])[] {
    this.#assertOpen();
    const low = Buffer.from(prefix);
    const parameters = [low, Buffer.concat([low, Buffer.from([0xff])])];
    const [rows] = this.#ask((writer) => writer.run(queries.META_VALUES, parameters)).results;
    const { buffer, starts } = rows!;
    const values = new Map<string, Uint8Array>();
    for (const at of starts) {
      const valueAt = nextColumn(buffer, at);
      const key = buffer.toString('latin1', at + 4, valueAt);
      const value = buffer.subarray(valueAt + 4, nextColumn(buffer, valueAt));
      values.set(key, value);
      this.#meta.set(key, value);
    }
    const start = metaKey(prefix);
    for (const [key, value] of this.#overlay?.meta.from(start) ?? []) {
      if (!key.startsWith(start)) break;
      if (value === undefined) values.delete(key);
      else values.set(key, value);
    }
    return [...values]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, value]) => [Buffer.from(key, 'latin1').toString(), value]);
  }

  writeMeta(key: string, value: Uint8Array | undefined): void {
    const overlay = this.#writable();
    const stored = metaKey(key);
    if (!this.#meta.has(stored)) this.#storedMeta(stored);
    overlay.reserve(WRITE_BYTES + key.length + (value?.length ?? 0));
    overlay.setMeta(stored, value);
  }

  savepoint(): { rollback(): void; release(): void } {
    const overlay = this.#writable();
    const mark = overlay.mark();
    const depth = ++this.#savepoints;
    const end = (): boolean => {
      if (this.#savepoints < depth) return false;
      this.#savepoints = depth - 1;
      return true;
    };
    const forget = (): void => {
      if (this.#savepoints === 0) overlay.forgetMarks();
    };
    return {
      rollback: () => {
        if (!end()) return;
        overlay.rollBack(mark);
        forget();
      },
      release: () => {
        if (end()) forget();
      },
    };
  }

  commit({ holdDefinitions }: CommitOptions = {}): void {
    this.#assertOpen();
    const overlay = this.#overlay;
    try {
      if (overlay === undefined || overlay.isEmpty || this.#isCommitted) return;
      const committer = this.#committer(overlay);
      if (this.mode === 'deferred') committer.commitDeferred(this.#version, holdDefinitions);
      else if (this.#handle !== undefined) {
        const handle = this.#handle;
        this.#handle = undefined;
        committer.commitHeld(handle, this.#options.locks === 'definitions' ? undefined : this.#version);
      } else committer.commitAtOnce(this.#version);
    } finally {
      this.#end();
    }
  }

  abort(): void {
    if (!this.#isOver) this.#end();
  }

  #end(): void {
    this.#isOver = true;
    for (const cursor of this.#open) cursor.end();
    this.#open.clear();
    for (const handle of [this.#handle, this.#walkHandle])
      if (handle !== undefined) this.#store.bridge.release(handle, { hasLocks: this.mode === 'direct' && handle === this.#handle });
    this.#handle = undefined;
    this.#walkHandle = undefined;
  }

  #assertOpen(): void {
    assert(!this.#isOver, 'the transaction is over');
  }

  #writable(): Overlay {
    this.#assertOpen();
    assert(this.#overlay !== undefined, 'a reading transaction cannot write');
    assert(!this.#isCommitted, 'the last mutation of this transaction was to be the last');
    return this.#overlay;
  }

  #committer(overlay: Overlay): Committer {
    const before: Before = { rows: this.#versions, meta: this.#meta, unique: this.#unique, freed: this.#freed };
    return new Committer(this.#store, overlay, before, this.#gone);
  }

  get #isLocking(): boolean {
    return this.mode === 'direct' && this.#options.locks === 'rows';
  }

  #lockDefinitions(): void {
    this.#handle = this.#store.bridge.newHandle();
    const { results } = this.#call(this.#handle, (writer) => writer.run(BEGIN, []).run(LOCK_DEFINITIONS, []).run(VERSION, []));
    this.#store.shared.raiseMetaVersion(firstNumber(results[2]));
  }

  #lockTables(tables: readonly TableId[]): void {
    this.#store.needTables('r', tables);
    this.#handle = this.#store.bridge.newHandle();
    const ordered = tables.toSorted((one, other) => one - other);
    this.#call(this.#handle, (writer) => {
      writer.run(EXCLUSIVE, []);
      for (const table of ordered) writer.run(statement(`LOCK TABLE ${rowTable(table)} IN SHARE ROW EXCLUSIVE MODE`), []);
      writer.run(ANYTHING, []);
    });
  }

  /** Asks where this transaction reads: its snapshot, its locked state, or the latest state. */
  #ask(write: (writer: RequestWriter) => void): Answer {
    if (!this.#isPinned) return this.#store.ask(write);
    if (this.#handle !== undefined) return this.#call(this.#handle, write);
    this.#handle = this.#store.bridge.newHandle();
    return this.#beginAndCall(this.#handle, this.#isLocking ? BEGIN : SNAPSHOT, write);
  }

  /** The same for a walk, which needs one connection from its beginning to its end. */
  #walk(write: (writer: RequestWriter) => void): Answer {
    if (this.#isPinned) return this.#ask(write);
    if (this.#walkHandle !== undefined) return this.#call(this.#walkHandle, write);
    this.#walkHandle = this.#store.bridge.newHandle();
    return this.#beginAndCall(this.#walkHandle, SNAPSHOT, write);
  }

  #beginAndCall(handle: Handle, begin: Statement, write: (writer: RequestWriter) => void): Answer {
    const { results } = this.#call(handle, (writer) => {
      writer.run(begin, []);
      write(writer);
    });
    return { results: results.slice(1), error: undefined };
  }

  #call(handle: Handle, write: (writer: RequestWriter) => void): Answer {
    const portals = this.#leftPortals;
    this.#leftPortals = [];
    const answer = this.#store.call(handle, IS_REPEATABLE, (writer) => {
      for (const portal of portals) writer.closePortal(portal);
      write(writer);
    });
    if (answer.error !== undefined) {
      // The server answers nothing more in this transaction.
      const error = this.#store.meaningOf(answer.error);
      this.#end();
      throw error;
    }
    return answer;
  }

  #cursor<Batch extends { readonly count: number }>(
    what: Statement,
    parameters: readonly Parameter[],
    make: (rows: Rows) => Batch,
  ): Cursor<Batch> {
    const portal = `c${++this.#portals}`;
    const cursor = new Cursor<Batch>({
      fetch: (isFirst, count) => {
        const write = (writer: RequestWriter): void =>
          void (isFirst ? writer.run(what, parameters, portal, count) : writer.fetch(portal, count));
        return this.#walk(write).results[0]!;
      },
      make,
      close: (isOpen) => {
        this.#open.delete(cursor);
        if (isOpen) this.#leftPortals.push(portal);
      },
      sizes: { first: FIRST_ROWS, most: MOST_ROWS, bytes: BATCH_BYTES },
    });
    this.#open.add(cursor);
    return cursor;
  }

  #rangesOf(
    ranges: readonly KeyRange[],
    { isLimited }: queries.ScanShape,
    make: { readonly one: () => Statement; readonly many: () => Statement; readonly limit: number | undefined },
  ): readonly [Statement, Parameter[]] {
    const bounds = ranges.map(boundsOf);
    const [only] = bounds;
    const isOne = bounds.length === 1 && only !== undefined;
    const parameters = isOne
      ? [only.low, only.high]
      : [bytesArray(bounds.map(({ low }) => low)), bytesArray(bounds.map(({ high }) => high))];
    if (isLimited) parameters.push(int8(make.limit!));
    return [isOne ? make.one() : make.many(), parameters];
  }

  #isTouched(table: TableId): boolean {
    const overlay = this.#overlay;
    return overlay !== undefined && (overlay.entries.has(table) || overlay.rows.has(table) || overlay.cleared.has(table));
  }

  #isCleared(table: TableId): boolean {
    return this.#overlay?.cleared.has(table) === true;
  }

  /** The own entries in each range, as they are now. */
  #ownOf(index: TableId, ranges: readonly KeyRange[], reverse: boolean): (place: number) => Iterable<OwnEntry> {
    const frozen = this.#overlay?.entries.get(index)?.freeze();
    const isUnique = this.#unique.has(index);
    return (place) => (frozen === undefined ? [] : ownEntries(frozen, ranges[place]!, { isUnique, reverse }));
  }

  #merged(stored: FiledEntry[] | undefined, index: TableId, probes: readonly KeyRange[], options: EntryScanOptions): EntryBatch {
    const source = stored === undefined ? undefined : once(counted(stored));
    const cursor = mergeEntries(source, [...probes.keys()], this.#ownOf(index, probes, options.reverse === true), {
      ...options,
      isAllAtOnce: true,
    });
    return limited(cursor, options.limit).next() ?? EMPTY_ENTRIES;
  }

  #entryRows(index: TableId, table: TableId, ranges: readonly KeyRange[], options: ScanOptions): BatchCursor<RowBatch> {
    const entries = this.scanEntries(index, ranges, options);
    // What is written to the rows from now on is not to be seen.
    const own = this.#overlay?.rows.get(table)?.freeze();
    const isCleared = this.#isCleared(table);
    return {
      next: () => {
        const batch = entries.next();
        if (batch === undefined) return undefined;
        const asked = isCleared ? [] : Array.from(batch.ids).filter((id) => own?.has(id) !== true);
        const stored = asked.length === 0 ? undefined : this.#noted(table, this.#storedRows(table, asked, { isReading: true }));
        const collector = new RowCollector();
        let next = 0;
        for (let i = 0; i < batch.count; i++) {
          const id = batch.ids[i]!;
          if (isCleared || own?.has(id) === true) collector.add(id, own?.get(id) ?? new Uint8Array(0));
          else collector.add(id, bytesAt(stored!, next++));
        }
        return collector.finish();
      },
      close: () => entries.close(),
    };
  }

  #storedRows(table: TableId, ids: ArrayLike<RowId>, { isReading = false } = {}): RowBatch {
    if (ids.length === 0) return EMPTY_ROWS;
    this.#store.needTable('r', table);
    const isLocking = this.#isLocking && !isReading;
    const [rows] = this.#ask((writer) =>
      ids.length === 1
        ? writer.run(queries.rowById(table, isLocking), [int8(ids[0]!)])
        : writer.run(queries.rowsById(table, isLocking), [int8Array(ids)]),
    ).results;
    return placedRows(rows!, ids.length, ids);
  }

  #storedUnder(index: TableId, table: TableId, keys: readonly Uint8Array[]): RowBatch {
    if (keys.length === 0) return EMPTY_ROWS;
    this.#store.needTable('e', index);
    this.#store.needTable('r', table);
    const [only] = keys;
    if (keys.length === 1 && only !== undefined) return this.#storedUnderOne(index, table, only);
    const [rows] = this.#ask((writer) => writer.run(queries.rowsByKey(index, table, this.#isLocking), [bytesArray(keys)])).results;
    return placedRows(rows!, keys.length);
  }

  /** Who changes a document has often read it before; in a snapshot it is the same then. */
  #storedUnderOne(index: TableId, table: TableId, key: Uint8Array): RowBatch {
    const ahead = this.#isPinned ? undefined : this.#store.together?.rowAt({ index, table, key });
    if (ahead !== undefined) return ahead;
    const name = this.mode === 'deferred' ? `${index}/${textOf(key)}` : undefined;
    const known = name === undefined ? undefined : this.#lookedUp.get(name);
    if (known !== undefined) return known;
    const [rows] = this.#ask((writer) => writer.run(queries.rowByKey(index, table, this.#isLocking), [asBuffer(key)])).results;
    const batch = placedRows(rows!, 1);
    if (name !== undefined && batch.buffer.length <= KEPT_LOOKUP_BYTES) {
      if (this.#lookedUp.size === KEPT_LOOKUPS) this.#lookedUp.clear();
      this.#lookedUp.set(name, batch);
    }
    return batch;
  }

  /**
   * Remembers the versions of rows that may be changed. A direct transaction that finds another version than before has based something on a
   * state that is no more.
   */
  #noted(table: TableId, batch: RowBatch): RowBatch {
    if (this.mode === 'read') return batch;
    let versions = this.#versions.get(table);
    if (versions === undefined) this.#versions.set(table, (versions = new Map<RowId, bigint>()));
    const now = clock.now();
    for (let i = 0; i < batch.count; i++) {
      if (batch.starts[i] === batch.ends[i]) continue;
      const id = batch.ids[i]!;
      const version = versionAt(batch, i);
      const before = versions.get(id);
      if (before !== undefined && before !== version) throw new StorageConflict();
      if (table !== GUARDS) this.#store.observe(version, now);
      versions.set(id, version);
    }
    return batch;
  }

  #noting(table: TableId, cursor: RowSource): RowSource {
    if (this.mode === 'read') return cursor;
    return {
      next: () => {
        const batch = cursor.next();
        return batch && this.#noted(table, batch);
      },
      close: () => cursor.close(),
    };
  }

  #storedMeta(stored: string): Uint8Array | undefined {
    const [rows] = this.#ask((writer) => writer.run(queries.META_VALUE, [Buffer.from(stored, 'latin1')])).results;
    const { buffer, starts, count } = rows!;
    const value = count === 0 ? undefined : buffer.subarray(starts[0]! + 4, nextColumn(buffer, starts[0]!));
    this.#meta.set(stored, value);
    return value;
  }

  #needTablesOf(mutations: readonly Mutation[]): void {
    for (const mutation of mutations) {
      this.#store.needTable('r', mutation.table);
      for (const entry of addedBy(mutation)) this.#needIndexOf(entry);
      for (const entry of droppedBy(mutation)) this.#needIndexOf(entry);
    }
  }

  #needIndexOf({ index, isUnique }: IndexEntry): void {
    if (isUnique) this.#unique.add(index);
    this.#store.needTable('e', index);
  }

  /** The versions of rows that are changed without having been read. */
  #learnVersions(mutations: readonly Mutation[]): void {
    const unknown = new Map<TableId, RowId[]>();
    for (const { do: what, table, id } of mutations) {
      if (what === 'insert' || this.#isCleared(table)) continue;
      if (this.#overlay?.rows.get(table)?.has(id) === true || this.#versions.get(table)?.has(id) === true) continue;
      const ids = unknown.get(table);
      if (ids === undefined) unknown.set(table, [id]);
      else ids.push(id);
    }
    for (const [table, ids] of unknown) {
      const [rows] = this.#ask((writer) => writer.run(queries.rowVersions(table), [int8Array(ids)])).results;
      this.#noted(table, rowBatch(rows!));
    }
  }

  /** Who holds the unique keys that mutations add, as far as that is not known from own writes. */
  #holders(mutations: readonly Mutation[]): Holders {
    const asked = new Map<TableId, Map<string, Uint8Array>>();
    for (const mutation of mutations) {
      for (const { index, key, isUnique } of addedBy(mutation)) {
        if (!isUnique || this.#isCleared(index)) continue;
        const stored = textOf(key);
        if (this.#overlay?.entries.get(index)?.has(stored) === true) continue;
        let keys = asked.get(index);
        if (keys === undefined) asked.set(index, (keys = new Map<string, Uint8Array>()));
        keys.set(stored, key);
      }
    }
    const found: Holders = new Map();
    if (asked.size === 0) return found;
    const { results } = this.#ask((writer) => {
      for (const [index, keys] of asked) writer.run(queries.holders(index), [bytesArray([...keys.values()])]);
    });
    let next = 0;
    for (const [index, keys] of asked) {
      const names = [...keys.keys()];
      const { buffer, starts } = results[next++]!;
      found.set(index, new Map(starts.map((at) => [names[readInt8(buffer, at) - 1]!, readInt8(buffer, nextColumn(buffer, at))])));
    }
    return found;
  }

  /** Does and commits everything in one request, as if no unique key were taken; false when one is, and nothing was done. */
  #tryCommit(overlay: Overlay, mutations: readonly Mutation[]): boolean {
    const mark = overlay.mark();
    let isDone = false;
    try {
      if (this.#apply(overlay, mutations, new Map()).every((failure) => failure === undefined)) {
        isDone = this.#committer(overlay).tryAtOnce(this.#version);
      }
    } finally {
      if (!isDone) overlay.rollBack(mark);
      overlay.forgetMarks();
    }
    this.#isCommitted = isDone;
    return isDone;
  }

  #apply(overlay: Overlay, mutations: readonly Mutation[], holders: Holders): MutationFailure[] {
    return mutations.map((mutation) => {
      const { table, id } = mutation;
      const add = addedBy(mutation);
      const drop = droppedBy(mutation);
      for (const entry of add) {
        if (!entry.isUnique) continue;
        const holder = this.#holderOf(overlay, entry, holders);
        if (holder !== undefined && holder !== id) return { entry, holder };
      }
      overlay.reserve(sizeOf(mutation, add, drop));
      for (const entry of drop) this.#drop(overlay, entry, id);
      for (const entry of add) overlay.setEntry(entry.index, storedKey(entry, id), storedValue(entry, id));
      switch (mutation.do) {
        case 'insert':
          overlay.setRow(table, id, mutation.bytes, 1);
          break;
        case 'replace':
          overlay.setRow(table, id, mutation.bytes, 0);
          break;
        case 'remove':
          overlay.setRow(table, id, undefined, -1);
      }
      return undefined;
    });
  }

  #holderOf(overlay: Overlay, { index, key }: IndexEntry, holders: Holders): RowId | undefined {
    const stored = textOf(key);
    const own = overlay.entries.get(index);
    if (own?.has(stored) === true) {
      const value = own.get(stored);
      return value && readId(asBuffer(value), 0);
    }
    return overlay.cleared.has(index) ? undefined : holders.get(index)?.get(stored);
  }

  #drop(overlay: Overlay, entry: IndexEntry, id: RowId): void {
    const { index, isUnique } = entry;
    const stored = storedKey(entry, id);
    if (isUnique) {
      let freed = this.#freed.get(index);
      if (freed === undefined) this.#freed.set(index, (freed = new Map<string, RowId>()));
      // Of several holders in this transaction, the first is the one that is stored.
      if (!freed.has(stored) && overlay.entries.get(index)?.has(stored) !== true) freed.set(stored, id);
    }
    overlay.setEntry(index, stored, undefined);
  }
}

type RowSource = BatchCursor<RowBatch>;

function counted(items: readonly FiledEntry[]): FiledBatch {
  return { count: items.length, items };
}

type Holders = Map<TableId, ReadonlyMap<string, RowId>>;

function addedBy(mutation: Mutation): readonly IndexEntry[] {
  return mutation.do === 'remove' ? [] : mutation.add;
}

function droppedBy(mutation: Mutation): readonly IndexEntry[] {
  return mutation.do === 'insert' ? [] : mutation.drop;
}

function hasUnique(mutations: readonly Mutation[]): boolean {
  return mutations.some((mutation) => addedBy(mutation).some(({ isUnique }) => isUnique));
}

function sizeOf(mutation: Mutation, add: readonly IndexEntry[], drop: readonly IndexEntry[]): number {
  let bytes = WRITE_BYTES + (mutation.do === 'remove' ? 0 : mutation.bytes.length);
  for (const entry of add) bytes += WRITE_BYTES + entry.key.length + (entry.value?.length ?? 0);
  for (const entry of drop) bytes += WRITE_BYTES + entry.key.length;
  return bytes;
}

function metaKey(key: string): string {
  return Buffer.from(key, 'utf8').toString('latin1');
}
