/**
 * Transactions of the embedded engine. Reads see one view of the file with the own writes laid over it; writes stay aside until the
 * commit, which puts them into the file in one short stretch. So a thread may be ended in the midst of any transaction, and an
 * abort has nothing to undo.
 */
import assert from 'node:assert/strict';
import type {
  BatchCursor,
  BeginOptions,
  CommitOptions,
  EntryBatch,
  EntryScanOptions,
  IndexEntry,
  KeyList,
  KeyRange,
  LookupOptions,
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
import { StorageConflict } from '../conflict.ts';
import { keyListOf, rangesOfKeys } from '../key-list.ts';
import type { Writes } from '../writes.ts';
import { readId, storedKey, storedValue, textOf } from '../entry.ts';
import { TOGETHER } from './descent.ts';
import { NO_ROW } from './holders.ts';
import { NO_PREFIX } from './lmdb.ts';
import { addedBy, droppedBy, Overlay, sizeOf, WRITE_BYTES } from '../overlay.ts';
import { NO_PAGE } from './pages.ts';
import { EntryList, RowList } from './row-list.ts';
import { inOneBuffer, readKeyedRows, readPoints } from './points.ts';
import { Batches, EntryWalk, readEntries, readValues, RowWalk, type Source } from './scan.ts';
import { LyingValues } from './lying-values.ts';
import { ManyEntries } from './many-entries.ts';
import type { Store, View } from './store.ts';
import { hasLongKey, pointsOf } from './stretch.ts';

const NO_LIMIT = Number.MAX_SAFE_INTEGER;
/** For so many rows it is worth while to know where an index ends. */
const MANY = 16;
const EXPANDED: EntryScanOptions = { withValues: true, isBorrowed: true };
const NO_OPTIONS: EntryScanOptions = {};
/** Each of them keeps room in the file. */
const MOST_FORMER_VIEWS = 32;

export class EmbeddedTransaction implements Transaction {
  readonly mode: TransactionMode;
  readonly readsAhead = false;
  readonly #store: Store;
  #view: View;
  #overlay: Overlay | undefined;
  /** Rows that were read may lie there. */
  #hasRead = false;
  /** Views from before `commitSoFar` that have been read from. */
  #former: View[] | undefined;
  #hasCommitted = false;
  readonly #sizeLimitBytes: number;
  #open: Set<{ close(): void }> | undefined;
  /** Of unique indexes in the data file, once many rows are changed together. */
  #lastFiled: Map<TableId, string> | undefined;
  #isOver = false;
  /** Told once the transaction is over, with whether it has changed anything. */
  readonly #onEnd: (hasCommitted: boolean) => void;

  /** `direct`: the caller has taken the write lock, and is told when to give it back. */
  constructor(store: Store, options: BeginOptions, onEnd: (hasCommitted: boolean) => void) {
    this.mode = options.mode;
    this.#store = store;
    this.#onEnd = onEnd;
    this.#sizeLimitBytes = options.sizeLimitBytes ?? NO_LIMIT;
    this.#overlay = options.mode === 'read' ? undefined : new Overlay(this.#sizeLimitBytes);
    this.#view = store.takeView();
  }

  rows(table: TableId, ids: ArrayLike<RowId>, options: ReadOptions = {}): RowBatch {
    this.#assertOpen();
    const layers = this.#rowLayers(table);
    const rows = new RowList(options);
    this.#addRows(rows, layers, ids);
    return rows;
  }

  scanRows(table: TableId, options: ScanOptions = {}): BatchCursor<RowBatch> {
    this.#assertOpen();
    const walk = new RowWalk(this.#source(this.#rowLayers(table)), options);
    return this.#batches(options, (count) => walk.read(count), walk);
  }

  scanEntries(index: TableId, ranges: readonly KeyRange[], options: EntryScanOptions = {}): BatchCursor<EntryBatch> {
    const walk = this.#walk(index, ranges, { entries: options.reverse ?? false, ranges: options.reverse ?? false });
    const { isPassing, withValues, withKeys, withoutIds = false, withoutRanges = withoutIds } = options;
    if (isPassing === true && withValues === true && withKeys !== true && withoutRanges && !walk.hasAbove) {
      const values = new LyingValues({ withIds: !withoutIds });
      return this.#batches(options, (count) => readValues(walk, values, count), walk);
    }
    return this.#batches<EntryBatch>(options, (count) => readEntries(walk, count, options), walk);
  }

  scanEntryRows(index: TableId, table: TableId, ranges: readonly KeyRange[], options: ScanOptions = {}): BatchCursor<RowBatch> {
    const walk = this.#walk(index, ranges, { entries: options.reverse ?? false, ranges: options.reverse ?? false });
    const layers = this.#rowLayers(table);
    const frozen = { ...layers, own: layers.own?.freeze() };
    let ids: ArrayLike<RowId> = [];
    let used = 0;
    const read = (count: number): RowBatch => {
      const rows = new RowList(options);
      if (used === ids.length) {
        ids = readEntries(walk, count, NO_OPTIONS).ids;
        used = 0;
      }
      used = this.#addRows(rows, frozen, ids, used, count);
      return rows;
    };
    return this.#batches(options, read, walk);
  }

  probe(index: TableId, probes: readonly KeyRange[], options: EntryScanOptions = {}): EntryBatch {
    const points = pointsOf(probes);
    return (points && this.#probeKeys(index, points, options)) ?? this.#probeRanges(index, probes, options);
  }

  probeKeys(index: TableId, keys: KeyList, options: EntryScanOptions = {}): EntryBatch {
    const found = hasLongKey(keys) ? undefined : this.#probeKeys(index, keys, options);
    return found ?? this.#probeRanges(index, rangesOfKeys(keys), options);
  }

  #probeRanges(index: TableId, probes: readonly KeyRange[], options: EntryScanOptions): EntryBatch {
    const most = options.limit ?? options.enough ?? NO_LIMIT;
    const walk = this.#walk(index, probes, { entries: options.reverse ?? false, ranges: false });
    try {
      return readEntries(walk, most, options);
    } finally {
      walk.close();
    }
  }

  /** A snapshot costs nothing. */
  readOnce(): void {
    this.#assertOpen();
  }

  /** Nothing is gained by reading ahead where all of it lies in memory. */
  expand(indexes: readonly TableId[], keys: readonly Uint8Array[]): readonly EntryBatch[] {
    const list = keyListOf(keys);
    return indexes.map((index) => this.probeKeys(index, list, EXPANDED));
  }

  lookup(index: TableId, table: TableId, keys: readonly Uint8Array[], options: LookupOptions = {}): RowBatch {
    this.#assertOpen();
    const layers = this.#rowLayers(table);
    const { keyInRow } = options;
    // One that is not known is found faster without asking first.
    if (keyInRow !== undefined && keys.length > 1 && layers.place !== 0 && !isCovered(layers)) {
      const entries = this.#entryLayers(index);
      if (entries.place !== 0 && !isCovered(entries)) {
        const { lmdb } = this.#store;
        const found = readKeyedRows(lmdb.pages, this.#view.snapshot, { index: entries.place, table: layers.place }, keys, keyInRow);
        return options.isScattered === true ? found : inOneBuffer(found, options);
      }
    }
    const rows = new RowList(options);
    this.#addRows(rows, layers, this.#findHolders(index, keys));
    return rows;
  }

  countRows(table: TableId): number {
    this.#assertOpen();
    const change = this.#overlay?.counts.get(table) ?? 0;
    return change + (this.#overlay?.cleared.has(table) ? 0 : this.#store.countOf(this.#view, table));
  }

  countEntries(index: TableId, ranges: readonly KeyRange[]): number {
    const walk = this.#walk(index, ranges, { entries: false, ranges: false });
    try {
      return walk.count();
    } finally {
      walk.close();
    }
  }

  mutate(mutations: readonly Mutation[]): MutationFailure[] {
    const overlay = this.#writable();
    if (mutations.length >= MANY) this.#lastFiled ??= new Map();
    return mutations.map((mutation) => {
      const { id } = mutation;
      const add = addedBy(mutation);
      // That of the primary index comes first: made once, it serves the search and the write.
      let firstKey: string | undefined;
      for (const entry of add) {
        if (!entry.isUnique) continue;
        const key = storedKey(entry, id);
        if (entry === add[0]) firstKey = key;
        const holder = this.#findHolder(entry.index, entry.key, key);
        if (holder !== undefined && holder !== id) return { entry, holder };
      }
      overlay.reserve(sizeOf(mutation));
      for (const entry of droppedBy(mutation)) this.#dropEntry(overlay, entry, id);
      for (const entry of add) {
        const key = firstKey !== undefined && entry === add[0] ? firstKey : storedKey(entry, id);
        overlay.setEntry(entry.index, key, storedValue(entry, id));
      }
      overlay.changeRow(mutation);
      return undefined;
    });
  }

  clear(tables: readonly TableId[]): void {
    const overlay = this.#writable();
    for (const table of tables) overlay.clear(table);
  }

  readMeta(key: string): Uint8Array | undefined {
    this.#assertOpen();
    const stored = metaKey(key);
    const meta = this.#overlay?.meta;
    return meta?.has(stored) ? meta.get(stored) : this.#store.metaValue(this.#view, stored);
  }

  listMeta(prefix: string): readonly (readonly [key: string, value: Uint8Array])[] {
    this.#assertOpen();
    const start = metaKey(prefix);
    const keys = new Set<string>();
    const cursor = this.#store.openMetaCursor(this.#view);
    try {
      for (let isMore = cursor.seek(NO_PREFIX, start, undefined, { reverse: false }); isMore; isMore = cursor.next()) {
        const key = cursor.bytes.toString('latin1', cursor.keyStart, cursor.keyEnd);
        if (!key.startsWith(start)) break;
        keys.add(key);
      }
    } finally {
      cursor.close();
    }
    for (const above of [this.#view.pending.meta, this.#overlay?.meta]) {
      for (const [key] of above?.from(start) ?? []) {
        if (!key.startsWith(start)) break;
        keys.add(key);
      }
    }
    return [...keys].toSorted().flatMap((stored) => {
      const key = Buffer.from(stored, 'latin1').toString('utf8');
      const value = this.readMeta(key);
      return value === undefined ? [] : [[key, value] as const];
    });
  }

  writeMeta(key: string, value: Uint8Array | undefined): void {
    const overlay = this.#writable();
    overlay.reserve(WRITE_BYTES + key.length + (value?.length ?? 0));
    overlay.setMeta(metaKey(key), value);
  }

  savepoint(): Savepoint {
    return this.#writable().savepoint();
  }

  commit({ holdDefinitions }: CommitOptions = {}): void {
    this.#assertOpen();
    if (this.mode === 'deferred') holdDefinitions?.();
    const overlay = this.#overlay;
    try {
      if (overlay !== undefined && !overlay.isEmpty) this.#commit(overlay);
    } finally {
      this.#end();
    }
  }

  commitSoFar({ holdDefinitions }: CommitOptions = {}): boolean {
    const overlay = this.#writable();
    const former = (this.#former ??= []);
    // What the commit itself reads leaves nothing behind that needs this view.
    const isReadFrom = this.#hasRead;
    if (overlay.isEmpty || (isReadFrom && former.length === MOST_FORMER_VIEWS)) return false;
    if (this.mode === 'deferred') holdDefinitions?.();
    this.#commit(overlay);
    const next = this.#store.takeView();
    if (isReadFrom) former.push(this.#view);
    else this.#store.returnView(this.#view);
    this.#view = next;
    this.#overlay = new Overlay(this.#sizeLimitBytes);
    this.#hasRead = false;
    this.#lastFiled = undefined;
    return true;
  }

  get writtenBytes(): number {
    return this.#overlay?.sizeBytes ?? 0;
  }

  #commit(overlay: Overlay): void {
    if (this.mode === 'direct') this.#store.commit(this.#view, overlay);
    else this.#commitDeferred(overlay);
    this.#hasCommitted = true;
  }

  abort(): void {
    if (!this.#isOver) this.#end();
  }

  /** A unique key that is not in this view may have come into the store since for another row, and must then stay. */
  #dropEntry(overlay: Overlay, entry: IndexEntry, id: RowId): void {
    const { index } = entry;
    const key = storedKey(entry, id);
    const isOnlyOurs =
      entry.isUnique &&
      overlay.entries.get(index)?.get(key) !== undefined &&
      (overlay.cleared.has(index) || this.#store.entryValue(this.#view, index, key) === undefined);
    if (isOnlyOurs) overlay.forgetEntry(index, key);
    else overlay.setEntry(index, key, undefined);
  }

  #commitDeferred(overlay: Overlay): void {
    this.#store.lockToWrite();
    try {
      if (this.#store.shared.commits === this.#view.commits) {
        this.#store.commit(this.#view, overlay);
        return;
      }
      const now = this.#store.takeView();
      try {
        if (this.#store.hasConflict(overlay, this.#view, now)) throw new StorageConflict();
        this.#store.commit(now, overlay);
      } finally {
        this.#store.returnView(now);
      }
    } finally {
      this.#store.unlockToWrite();
    }
  }

  #end(): void {
    this.#isOver = true;
    for (const cursor of this.#open ?? []) cursor.close();
    for (const view of this.#former ?? []) this.#store.returnView(view);
    this.#store.returnView(this.#view);
    this.#onEnd(this.#hasCommitted);
  }

  #assertOpen(): void {
    assert(!this.#isOver, 'the transaction is over');
  }

  #writable(): Overlay {
    this.#assertOpen();
    assert(this.#overlay !== undefined, 'a reading transaction cannot write');
    return this.#overlay;
  }

  #rowLayers(table: TableId): Layers<RowId> {
    return this.#layers(table, this.#overlay?.rows, this.#view.pending.rows);
  }

  #entryLayers(index: TableId): Layers<string> {
    return this.#layers(index, this.#overlay?.entries, this.#view.pending.entries);
  }

  #layers<Key extends RowId | string>(
    table: TableId,
    own: Map<TableId, Writes<Key>> | undefined,
    pending: Map<TableId, Writes<Key>>,
  ): Layers<Key> {
    const view = this.#view;
    this.#hasRead = true;
    return this.#overlay?.cleared.has(table)
      ? { view, own: own?.get(table), pending: undefined, place: 0 }
      : { view, own: own?.get(table), pending: pending.get(table), place: this.#store.placeOf(view, table) };
  }

  #source<Key extends RowId | string>({ view, own, pending, place }: Layers<Key>): Source<Key> {
    return { store: this.#store, view, place, above: own === undefined ? pending : laidOver(own, pending) };
  }

  #walk(index: TableId, ranges: readonly KeyRange[], reverse: { readonly entries: boolean; readonly ranges: boolean }): EntryWalk {
    this.#assertOpen();
    return new EntryWalk(this.#source(this.#entryLayers(index)), ranges, reverse);
  }

  #batches<Batch extends { readonly count: number }>(
    options: ScanOptions,
    read: (count: number) => Batch,
    walk: { close(): void },
  ): BatchCursor<Batch> {
    const batches = new Batches(options, read, () => {
      walk.close();
      this.#open?.delete(batches);
    });
    (this.#open ??= new Set()).add(batches);
    return batches;
  }

  /** The entries under many keys; undefined where these are to be read as ranges, because something lies over them or they come in reverse. */
  #probeKeys(index: TableId, keys: KeyList, options: EntryScanOptions): EntryBatch | undefined {
    this.#assertOpen();
    const layers = this.#entryLayers(index);
    if (options.reverse === true || isCovered(layers)) return undefined;
    const { place } = layers;
    if (place === 0) return new EntryList(options);
    const { isBorrowed, withValues, withKeys } = options;
    const areMany = keys.count >= MANY && isBorrowed === true && withValues === true && withKeys !== true;
    const list = areMany ? new ManyEntries(keys.count) : new EntryList(options);
    const most = options.limit ?? options.enough ?? NO_LIMIT;
    const { snapshot } = this.#view;
    const cursor = this.#store.openCursor(this.#view);
    try {
      readPoints(this.#store.lmdb.pages, snapshot, cursor, place, keys, list, most);
    } finally {
      cursor.close();
    }
    return list instanceof ManyEntries ? list.finish() : list;
  }

  /** The rows that hold unique keys, `NO_ROW` for none. */
  #findHolders(index: TableId, keys: readonly Uint8Array[]): RowId[] {
    const layers = this.#entryLayers(index);
    if (keys.length === 1 || isCovered(layers)) return keys.map((key) => this.#findHolder(index, key) ?? NO_ROW);
    return layers.place === 0 ? keys.map(() => NO_ROW) : this.#view.snapshot.findHolders(layers.place, keys);
  }

  /** Adds rows with ids from `from` on: all of them, or until there are `count` or the list is full. Answers where it stopped. */
  #addRows(rows: RowList, { view, own, pending, place }: Layers<RowId>, ids: ArrayLike<RowId>, from = 0, count?: number): number {
    const { pages } = this.#store.lmdb;
    let at = from;
    while (at < ids.length) {
      const found = place === 0 ? undefined : this.#store.findRows(view, place, ids, at);
      const end = Math.min(at + TOGETHER, ids.length);
      for (let i = 0; at < end; i++, at++) {
        if (count !== undefined && (rows.count >= count || rows.isFull)) return at;
        const id = ids[at]!;
        const layer = own?.has(id) ? own : pending?.has(id) ? pending : undefined;
        if (layer !== undefined) rows.addOrNothing(id, layer.get(id));
        else if (found === undefined || found.pages[i] === NO_PAGE) rows.addNothing(id);
        else rows.addFrom(id, pages.window(found.pages[i]!).bytes, found.starts[i]!, found.ends[i]!);
      }
    }
    return at;
  }

  /** The row under a unique key; `given` is the same as a text, if there is one. */
  #findHolder(index: TableId, key: Uint8Array, given?: string): RowId | undefined {
    const own = this.#overlay?.entries.get(index);
    const isCleared = this.#overlay?.cleared.has(index) === true;
    const pending = isCleared ? undefined : this.#view.pending.entries.get(index);
    if (own !== undefined || pending !== undefined) {
      const text = given ?? textOf(key);
      const layer = own?.has(text) === true ? own : pending?.has(text) === true ? pending : undefined;
      if (layer !== undefined) {
        const value = layer.get(text);
        return value && readId(value as Buffer, 0);
      }
    }
    if (isCleared || (given !== undefined && this.#isBeyondFiled(index, given))) return undefined;
    return this.#store.filedHolder(this.#view, index, key);
  }

  /** Whether all keys in the data file come before this one, as they do before automatic ones. Only asked where many are inserted. */
  #isBeyondFiled(index: TableId, key: string): boolean {
    if (this.#lastFiled === undefined) return false;
    let last = this.#lastFiled.get(index);
    if (last === undefined) {
      last = this.#store.lastFiledKey(this.#view, index);
      this.#lastFiled.set(index, last);
    }
    return key > last;
  }
}

/** Where a key is looked for, from the top down. */
interface Layers<Key extends RowId | string> {
  readonly view: View;
  readonly own: Writes<Key> | undefined;
  readonly pending: Writes<Key> | undefined;
  readonly place: number;
}

/** Whether something lies over the data file. */
function isCovered({ own, pending }: Pick<Layers<RowId> | Layers<string>, 'own' | 'pending'>): boolean {
  return own !== undefined || pending !== undefined;
}

/** Both layers as one that does not change any more, made by adding the smaller to the larger. */
function laidOver<Key extends RowId | string>(own: Writes<Key>, pending: Writes<Key> | undefined): Writes<Key> {
  const isOwnLarger = pending === undefined || own.size >= pending.size;
  const both = (isOwnLarger ? own : pending).freeze();
  for (const [key, value] of (isOwnLarger ? pending : own)?.from(undefined) ?? []) {
    if (!isOwnLarger || !own.has(key)) both.set(key, value);
  }
  return both;
}

function metaKey(key: string): string {
  return textOf(Buffer.from(key, 'utf8'));
}
