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
import type {
  BatchCursor,
  BeginOptions,
  CommitOptions,
  EntryBatch,
  EntryScanOptions,
  ExpandOptions,
  KeyList,
  KeyRange,
  LookupOptions,
  MutateOptions,
  Mutation,
  MutationFailure,
  ReadOptions,
  RowBatch,
  RowId,
  Savepoint,
  ScanOptions,
  TableId,
  Transaction,
  TransactionMode,
} from '../engine.ts';
import { readId, textOf } from '../entry.ts';
import { rangesOfKeys } from '../key-list.ts';
import { cursorOf } from '../one-batch.ts';
import { Overlay, WRITE_BYTES } from '../overlay.ts';
import type { Writes } from '../writes.ts';
import { bytesAt, copied, EMPTY_ENTRIES, RowCollector } from './batches.ts';
import { Committer } from './committer.ts';
import { limited } from './cursor.ts';
import { mergeEntries, mergeRows } from './merge.ts';
import { hasUnique, Mutating } from './mutating.ts';
import { asBuffer, ownEntries, type OwnEntry } from './ranges.ts';
import { Seen } from './seen.ts';
import { Session } from './session.ts';
import type { PostgresStore } from './store.ts';
import { Stored, type Reading } from './stored.ts';

const NO_LIMIT = Number.MAX_SAFE_INTEGER;
const NO_BYTES = new Uint8Array(0);
const NONE: RowId = -1;

export class PostgresTransaction implements Transaction {
  readonly mode: TransactionMode;
  readonly readsAhead: boolean;
  readonly #store: PostgresStore;
  readonly #session: Session;
  readonly #seen: Seen;
  readonly #stored: Stored;
  readonly #overlay: Overlay | undefined;
  /** Cleared tables that nobody will ask for again. */
  readonly #gone = new Set<TableId>();
  /** The definitions that this transaction goes by. */
  readonly #version: number;
  readonly #locksDefinitions: boolean;
  readonly #isExclusive: boolean;
  #isCommitted = false;

  constructor(store: PostgresStore, options: BeginOptions) {
    this.mode = options.mode;
    this.#store = store;
    this.#locksDefinitions = options.locks === 'definitions';
    this.#isExclusive = options.exclusive !== undefined;
    this.#overlay = options.mode === 'read' ? undefined : new Overlay(options.sizeLimitBytes ?? NO_LIMIT);
    this.#session = new Session(store, options);
    this.#seen = new Seen(store, { isReadOnly: options.mode === 'read' });
    this.readsAhead = options.mode !== 'direct' && this.#session.isPinned;
    this.#version = store.shared.metaVersion;
    this.#stored = new Stored(store, this.#session, this.#seen, { version: this.#version, isSnapshot: this.readsAhead });
  }

  readOnce(): void {
    this.#session.assertOpen();
    if (this.mode === 'read') this.#session.unpin();
  }

  rows(table: TableId, ids: ArrayLike<RowId>, options: ReadOptions = {}): RowBatch {
    this.#session.assertOpen();
    if (!this.#isTouched(table)) return owned(this.#stored.rows(table, ids), options);
    return withOwn(this.#ownRows(table), ids, (missing) => this.#stored.rows(table, missing));
  }

  scanRows(table: TableId, options: ScanOptions = {}): BatchCursor<RowBatch> {
    this.#session.assertOpen();
    const reading = this.#reading(options, table);
    if (!this.#isTouched(table)) return limited(this.#stored.scanRows(table, reading), options.limit);
    const stored = this.#isCleared(table) ? undefined : this.#stored.scanRows(table, reading);
    return limited(mergeRows(stored, this.#overlay?.rows.get(table)?.freeze(), reading), options.limit);
  }

  scanEntries(index: TableId, ranges: readonly KeyRange[], options: EntryScanOptions = {}): BatchCursor<EntryBatch> {
    this.#session.assertOpen();
    const reading = this.#reading(options, index);
    const { reverse } = reading;
    if (!this.#isTouched(index)) return limited(this.#stored.scanEntries(index, ranges, reading, options), options.limit);
    const stored = this.#isCleared(index) ? undefined : this.#stored.scanFiled(index, ranges, reading);
    const order = reverse ? [...ranges.keys()].toReversed() : [...ranges.keys()];
    return limited(mergeEntries(stored, order, this.#ownOf(index, ranges, reverse), options), options.limit);
  }

  scanEntryRows(index: TableId, table: TableId, ranges: readonly KeyRange[], options: ScanOptions = {}): BatchCursor<RowBatch> {
    this.#session.assertOpen();
    if (this.#isTouched(index) || this.#isTouched(table)) return this.#entryRows(index, table, ranges, options);
    return limited(this.#stored.scanEntryRows(index, table, ranges, this.#reading(options, index)), options.limit);
  }

  probe(index: TableId, probes: readonly KeyRange[], options: EntryScanOptions = {}): EntryBatch {
    this.#session.assertOpen();
    const reading = this.#reading(options, index);
    if (!this.#isTouched(index)) return this.#stored.probe(index, probes, reading, options);
    const stored = this.#isCleared(index) ? undefined : cursorOf(this.#stored.probeFiled(index, probes, reading));
    const own = this.#ownOf(index, probes, reading.reverse);
    const cursor = mergeEntries(stored, [...probes.keys()], own, { ...options, isAllAtOnce: true });
    return limited(cursor, options.limit).next() ?? EMPTY_ENTRIES;
  }

  probeKeys(index: TableId, keys: KeyList, options?: EntryScanOptions): EntryBatch {
    return this.probe(index, rangesOfKeys(keys), options);
  }

  expand(indexes: readonly TableId[], keys: readonly Uint8Array[], options: ExpandOptions = {}): readonly EntryBatch[] {
    this.#session.assertOpen();
    if (!indexes.some((index) => this.#isTouched(index))) return this.#stored.expand(indexes, keys, options);
    const points = keys.map((key) => ({ from: key, to: key, toInclusive: true }));
    return indexes.map((index) => this.probe(index, points, { withValues: true }));
  }

  lookup(index: TableId, table: TableId, keys: readonly Uint8Array[], options: LookupOptions = {}): RowBatch {
    this.#session.assertOpen();
    const { keyInRow } = options;
    const own = this.#overlay?.entries.get(index);
    if (own === undefined && !this.#isCleared(index) && !this.#isTouched(table))
      return owned(this.#stored.rowsUnder(index, table, keys, keyInRow), options);
    const ids = keys.map((key): RowId | undefined => {
      const text = textOf(key);
      if (own?.has(text) !== true) return this.#isCleared(index) ? NONE : undefined;
      const value = own.get(text);
      return value === undefined ? NONE : readId(asBuffer(value), 0);
    });
    const unknown = keys.filter((_key, i) => ids[i] === undefined);
    const stored = this.#stored.rowsUnder(index, table, unknown, keyInRow);
    const known = this.rows(
      table,
      ids.filter((id): id is RowId => id !== undefined && id !== NONE),
    );
    const collector = new RowCollector();
    let nextKnown = 0;
    let nextStored = 0;
    for (const id of ids) {
      if (id === NONE) collector.add(0, NO_BYTES);
      else if (id === undefined) {
        const place = nextStored++;
        const rowId = stored.ids[place]!;
        const changed = this.#overlay?.rows.get(table);
        if (changed?.has(rowId) === true) collector.add(rowId, changed.get(rowId) ?? NO_BYTES);
        else collector.add(rowId, this.#isCleared(table) ? NO_BYTES : bytesAt(stored, place));
      } else collector.add(id, bytesAt(known, nextKnown++));
    }
    return collector.finish();
  }

  countRows(table: TableId): number {
    this.#session.assertOpen();
    const change = this.#overlay?.counts.get(table) ?? 0;
    return change + (this.#isCleared(table) ? 0 : this.#stored.countRows(table));
  }

  countEntries(index: TableId, ranges: readonly KeyRange[]): number {
    this.#session.assertOpen();
    if (!this.#isTouched(index)) return this.#stored.countEntries(index, ranges);
    let count = 0;
    const cursor = this.scanEntries(index, ranges);
    for (let batch = cursor.next(); batch !== undefined; batch = cursor.next()) count += batch.count;
    return count;
  }

  willChange(table: TableId): void {
    this.#writable().told.add(table);
  }

  mutate(mutations: readonly Mutation[], { isLast = false }: MutateOptions = {}): MutationFailure[] {
    const overlay = this.#writable();
    if (mutations.length === 0) return [];
    const mutating = new Mutating(this.#store, overlay, this.#seen, this.#stored);
    mutating.prepare(mutations);
    const mayTry = isLast && !this.#session.isPinned && this.mode === 'direct' && hasUnique(mutations);
    if (mayTry && !mutating.meetKnownHolders(mutations)) {
      if (this.#tryCommit(overlay, mutating, mutations)) return mutations.map(() => undefined);
    }
    return mutating.apply(mutations, mutating.holders(mutations));
  }

  clear(tables: readonly TableId[], { areGone = false }: { readonly areGone?: boolean } = {}): void {
    const overlay = this.#writable();
    for (const table of tables) {
      overlay.clear(table);
      if (areGone) this.#gone.add(table);
    }
  }

  readMeta(key: string): Uint8Array | undefined {
    this.#session.assertOpen();
    const stored = metaKey(key);
    if (this.#overlay?.meta.has(stored) === true) return this.#overlay.meta.get(stored);
    return this.#stored.meta(stored);
  }

  listMeta(prefix: string): readonly (readonly [key: string, value: Uint8Array])[] {
    this.#session.assertOpen();
    const values = this.#stored.metaFrom(Buffer.from(prefix));
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
    if (!this.#seen.meta.has(stored)) this.#stored.meta(stored);
    overlay.reserve(WRITE_BYTES + key.length + (value?.length ?? 0));
    overlay.setMeta(stored, value);
  }

  savepoint(): Savepoint {
    return this.#writable().savepoint();
  }

  commit({ holdDefinitions }: CommitOptions = {}): void {
    this.#session.assertOpen();
    const overlay = this.#overlay;
    try {
      if (overlay === undefined || overlay.isEmpty || this.#isCommitted) return;
      const committer = this.#committer(overlay);
      if (this.mode === 'deferred') {
        // Its connection serves the commit then. Definitions that have to be read again may just as well be the latest.
        this.#session.leave();
        return committer.commitDeferred(this.#version, holdDefinitions);
      }
      // Its snapshot would go on to show the version of its beginning.
      if (this.#isExclusive) holdDefinitions?.();
      const handle = this.#session.takeHandle();
      if (handle === undefined) committer.commitAtOnce(this.#version);
      else if (this.#isExclusive) committer.commitExclusive(handle);
      else committer.commitHeld(handle, this.#locksDefinitions ? undefined : this.#version);
    } finally {
      this.#session.end();
    }
  }

  get writtenBytes(): number {
    return this.#overlay?.sizeBytes ?? 0;
  }

  abort(): void {
    if (!this.#session.isOver) this.#session.end();
  }

  #writable(): Overlay {
    this.#session.assertOpen();
    assert(this.#overlay !== undefined, 'a reading transaction cannot write');
    assert(!this.#isCommitted, 'the last mutation of this transaction was to be the last');
    return this.#overlay;
  }

  #committer(overlay: Overlay): Committer {
    return new Committer(this.#store, overlay, this.#seen, this.#gone);
  }

  /** Does and commits everything in one request, as if no unique key were taken; false when one is, and nothing was done. */
  #tryCommit(overlay: Overlay, mutating: Mutating, mutations: readonly Mutation[]): boolean {
    const savepoint = overlay.savepoint();
    try {
      if (mutating.apply(mutations, new Map()).every((failure) => failure === undefined)) {
        this.#isCommitted = this.#committer(overlay).tryAtOnce(this.#version);
      }
    } finally {
      if (this.#isCommitted) savepoint.release();
      else savepoint.rollback();
    }
    return this.#isCommitted;
  }

  /** With own writes, what the server gives may be hidden: how much is needed is not known then. */
  #reading({ reverse = false, limit }: ScanOptions, table: TableId): Reading {
    return { reverse, limit: this.#isTouched(table) ? undefined : limit };
  }

  #isTouched(table: TableId): boolean {
    const overlay = this.#overlay;
    return overlay !== undefined && (overlay.entries.has(table) || overlay.rows.has(table) || overlay.cleared.has(table));
  }

  #isCleared(table: TableId): boolean {
    return this.#overlay?.cleared.has(table) === true;
  }

  #ownRows(table: TableId): OwnRows {
    return { rows: this.#overlay?.rows.get(table), isCleared: this.#isCleared(table) };
  }

  /** The own entries in each range, as they are now. */
  #ownOf(index: TableId, ranges: readonly KeyRange[], reverse: boolean): (place: number) => Iterable<OwnEntry> {
    const frozen = this.#overlay?.entries.get(index)?.freeze();
    const isUnique = this.#seen.unique.has(index);
    return (place) => (frozen === undefined ? [] : ownEntries(frozen, ranges[place]!, { isUnique, reverse }));
  }

  #entryRows(index: TableId, table: TableId, ranges: readonly KeyRange[], options: ScanOptions): BatchCursor<RowBatch> {
    const entries = this.scanEntries(index, ranges, options);
    // What is written to the rows from now on is not to be seen.
    const own = this.#ownRows(table);
    const frozen = { ...own, rows: own.rows?.freeze() };
    const read = (missing: readonly RowId[]): RowBatch => this.#stored.rows(table, missing, { isReading: true });
    return {
      next: () => {
        const batch = entries.next();
        return batch && withOwn(frozen, batch.ids, read);
      },
      close: () => entries.close(),
    };
  }
}

/** Rows that may be kept for good, unless they are wanted as they lie. */
function owned(batch: RowBatch, { isBorrowed, isScattered }: ReadOptions): RowBatch {
  return isBorrowed === true || isScattered === true || !(batch.buffer.buffer instanceof SharedArrayBuffer) ? batch : copied(batch);
}

/** What a transaction has written to a row table. */
interface OwnRows {
  readonly rows: Writes<RowId> | undefined;
  /** Nothing of what is stored counts. */
  readonly isCleared: boolean;
}

/** Rows by id: the own ones, and the others as `read` gives them. */
function withOwn({ rows, isCleared }: OwnRows, ids: ArrayLike<RowId>, read: (missing: readonly RowId[]) => RowBatch): RowBatch {
  const stored = read(isCleared ? [] : Array.from(ids).filter((id) => rows?.has(id) !== true));
  const collector = new RowCollector();
  let next = 0;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    if (isCleared || rows?.has(id) === true) collector.add(id, rows?.get(id) ?? NO_BYTES);
    else collector.add(id, bytesAt(stored, next++));
  }
  return collector.finish();
}

function metaKey(key: string): string {
  return Buffer.from(key, 'utf8').toString('latin1');
}
