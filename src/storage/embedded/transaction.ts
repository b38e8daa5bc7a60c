/**
 * Transactions of the embedded engine. Reads see one view of the file with the own writes laid over it; writes stay aside until the
 * commit, which puts them into the file in one short stretch. So a thread may be ended in the midst of any transaction, and an
 * abort has nothing to undo.
 */
import assert from 'node:assert/strict';
import { ArangoError } from '#base';
import type {
  BatchCursor,
  BeginOptions,
  EntryBatch,
  EntryScanOptions,
  IndexEntry,
  KeyRange,
  Mutation,
  MutationFailure,
  RowBatch,
  RowId,
  ScanOptions,
  TableId,
  Transaction,
  TransactionMode,
} from '../engine.ts';
import { hasIdInKey, readId, storedKey, storedValue, textOf } from './entry.ts';
import { ABSENT, CURSOR_KEY_OFFSET, NO_PREFIX } from './lmdb.ts';
import { Overlay, WRITE_BYTES, type Writes } from './overlay.ts';
import { addRow, Batches, EntryWalk, readEntries, RowList, RowWalk, type Source } from './scan.ts';
import type { Store, View } from './store.ts';

const NO_LIMIT = Number.MAX_SAFE_INTEGER;
const TYPICAL_ROW_BYTES = 512;

export class EmbeddedTransaction implements Transaction {
  readonly mode: TransactionMode;
  readonly #store: Store;
  readonly #view: View;
  readonly #overlay: Overlay | undefined;
  readonly #open = new Set<{ close(): void }>();
  #isOver = false;
  #savepoints = 0;
  /** Told once the transaction is over, with whether it has changed anything. */
  readonly #onEnd: (hasCommitted: boolean) => void;

  /** `direct`: the caller has taken the write lock, and is told when to give it back. */
  constructor(store: Store, options: BeginOptions, onEnd: (hasCommitted: boolean) => void) {
    this.mode = options.mode;
    this.#store = store;
    this.#onEnd = onEnd;
    this.#overlay = options.mode === 'read' ? undefined : new Overlay(options.sizeLimitBytes ?? NO_LIMIT);
    this.#view = store.takeView();
  }

  rows(table: TableId, ids: ArrayLike<RowId>): RowBatch {
    this.#assertOpen();
    const { place, own } = this.#rowSource(table);
    const rows = new RowList(ids.length * TYPICAL_ROW_BYTES);
    for (let i = 0; i < ids.length; i++) this.#addRow(rows, place, own, ids[i]!);
    return rows;
  }

  scanRows(table: TableId, options: ScanOptions = {}): BatchCursor<RowBatch> {
    this.#assertOpen();
    const walk = new RowWalk(this.#rowSource(table), options);
    return this.#batches(options.limit, (count) => walk.read(count), walk);
  }

  scanEntries(index: TableId, ranges: readonly KeyRange[], options: EntryScanOptions = {}): BatchCursor<EntryBatch> {
    const walk = this.#walk(index, ranges, { entries: options.reverse ?? false, ranges: options.reverse ?? false });
    return this.#batches(options.limit, (count) => readEntries(walk, count, options), walk);
  }

  scanEntryRows(index: TableId, table: TableId, ranges: readonly KeyRange[], options: ScanOptions = {}): BatchCursor<RowBatch> {
    const walk = this.#walk(index, ranges, { entries: options.reverse ?? false, ranges: options.reverse ?? false });
    const { place, own } = this.#rowSource(table);
    const frozen = own?.freeze();
    const read = (count: number): RowBatch => {
      const rows = new RowList(Math.min(count, 64) * TYPICAL_ROW_BYTES);
      while (rows.count < count && !rows.isFull && walk.step()) this.#addRow(rows, place, frozen, walk.id);
      return rows;
    };
    return this.#batches(options.limit, read, walk);
  }

  probe(index: TableId, probes: readonly KeyRange[], options: EntryScanOptions = {}): EntryBatch {
    const walk = this.#walk(index, probes, { entries: options.reverse ?? false, ranges: false });
    try {
      return readEntries(walk, options.limit ?? NO_LIMIT, options);
    } finally {
      walk.close();
    }
  }

  lookup(index: TableId, table: TableId, keys: readonly Uint8Array[]): RowBatch {
    this.#assertOpen();
    const entries = this.#entrySource(index);
    const { place, own } = this.#rowSource(table);
    const rows = new RowList(keys.length * TYPICAL_ROW_BYTES);
    for (const key of keys) {
      const id = this.#findHolder(entries, textOf(key));
      if (id === undefined) rows.addNothing(0);
      else this.#addRow(rows, place, own, id);
    }
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
    return mutations.map((mutation) => {
      const { table, id } = mutation;
      const add = mutation.do === 'remove' ? [] : mutation.add;
      const drop = mutation.do === 'insert' ? [] : mutation.drop;
      for (const entry of add) {
        if (!entry.isUnique) continue;
        const holder = this.#findHolder(this.#entrySource(entry.index), textOf(entry.key));
        if (holder !== undefined && holder !== id) return { entry, holder };
      }
      overlay.reserve(sizeOf(mutation, add, drop));
      for (const entry of drop) this.#dropEntry(overlay, entry, id);
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

  clear(tables: readonly TableId[]): void {
    const overlay = this.#writable();
    for (const table of tables) overlay.clear(table);
  }

  readMeta(key: string): Uint8Array | undefined {
    this.#assertOpen();
    const stored = metaKey(key);
    const meta = this.#overlay?.meta;
    return meta?.has(stored) ? meta.get(stored) : this.#store.findMeta(this.#view, stored);
  }

  listMeta(prefix: string): readonly (readonly [key: string, value: Uint8Array])[] {
    this.#assertOpen();
    const start = metaKey(prefix);
    const found = new Map<string, Uint8Array>();
    const { lmdb } = this.#store;
    const keys: string[] = [];
    const cursor = this.#store.openMetaCursor(this.#view);
    try {
      let size = cursor.seek(NO_PREFIX, start, undefined, { reverse: false, withValues: false });
      for (; size > 0; size = cursor.next()) {
        const key = lmdb.keyBytes.toString('latin1', CURSOR_KEY_OFFSET, CURSOR_KEY_OFFSET + size);
        if (!key.startsWith(start)) break;
        keys.push(key);
      }
    } finally {
      cursor.close();
    }
    for (const key of keys) found.set(key, this.#store.findMeta(this.#view, key)!);
    for (const [key, value] of this.#overlay?.meta.from(start) ?? []) {
      if (!key.startsWith(start)) break;
      if (value === undefined) found.delete(key);
      else found.set(key, value);
    }
    const sorted = [...found].toSorted(([one], [other]) => (one < other ? -1 : 1));
    return sorted.map(([key, value]) => [Buffer.from(key, 'latin1').toString('utf8'), value] as const);
  }

  writeMeta(key: string, value: Uint8Array | undefined): void {
    const overlay = this.#writable();
    overlay.reserve(WRITE_BYTES + key.length + (value?.length ?? 0));
    overlay.setMeta(metaKey(key), value);
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

  commit(): void {
    this.#assertOpen();
    const overlay = this.#overlay;
    if (overlay === undefined || overlay.isEmpty) {
      this.#end(false);
      return;
    }
    let hasCommitted = false;
    try {
      if (this.mode === 'direct') this.#store.commit(this.#view, overlay);
      else this.#commitDeferred(overlay);
      hasCommitted = true;
    } finally {
      this.#end(hasCommitted);
    }
  }

  abort(): void {
    if (!this.#isOver) this.#end(false);
  }

  /** A unique key that is not in this view may have come into the file since for another row, and must then stay. */
  #dropEntry(overlay: Overlay, entry: IndexEntry, id: RowId): void {
    const key = storedKey(entry, id);
    const source = this.#entrySource(entry.index);
    const isOnlyOurs =
      entry.isUnique &&
      source.own?.get(key) !== undefined &&
      (source.place === 0 || this.#store.findEntry(this.#view, source.place, key) === ABSENT);
    if (isOnlyOurs) overlay.forgetEntry(entry.index, key);
    else overlay.setEntry(entry.index, key, undefined);
  }

  #commitDeferred(overlay: Overlay): void {
    const { shared, slot } = this.#store;
    shared.lock('writeLock', slot);
    try {
      if (shared.commits === this.#view.commits) {
        this.#store.commit(this.#view, overlay);
        return;
      }
      const now = this.#store.takeView();
      try {
        if (this.#store.hasConflict(overlay, this.#view, now)) throw new ArangoError('ERROR_ARANGO_CONFLICT', 'write-write conflict');
        this.#store.commit(now, overlay);
      } finally {
        this.#store.returnView(now);
      }
    } finally {
      shared.unlock('writeLock', slot);
    }
  }

  #end(hasCommitted: boolean): void {
    this.#isOver = true;
    for (const cursor of this.#open) cursor.close();
    this.#store.returnView(this.#view);
    this.#onEnd(hasCommitted);
  }

  #assertOpen(): void {
    assert(!this.#isOver, 'the transaction is over');
  }

  #writable(): Overlay {
    this.#assertOpen();
    assert(this.#overlay !== undefined, 'a reading transaction cannot write');
    return this.#overlay;
  }

  #rowSource(table: TableId): Source<RowId> {
    return { store: this.#store, view: this.#view, place: this.#placeOf(table), own: this.#overlay?.rows.get(table) };
  }

  #entrySource(index: TableId): Source<string> {
    return { store: this.#store, view: this.#view, place: this.#placeOf(index), own: this.#overlay?.entries.get(index) };
  }

  /** 0 when there is nothing in the file for this transaction. */
  #placeOf(table: TableId): number {
    return this.#overlay?.cleared.has(table) ? 0 : this.#store.placeOf(this.#view, table);
  }

  #walk(index: TableId, ranges: readonly KeyRange[], reverse: { readonly entries: boolean; readonly ranges: boolean }): EntryWalk {
    this.#assertOpen();
    return new EntryWalk(this.#entrySource(index), ranges, reverse);
  }

  #batches<Batch extends { readonly count: number }>(
    limit: number | undefined,
    read: (count: number) => Batch,
    walk: { close(): void },
  ): BatchCursor<Batch> {
    const batches = new Batches(limit, read, () => {
      walk.close();
      this.#open.delete(batches);
    });
    this.#open.add(batches);
    return batches;
  }

  #addRow(rows: RowList, place: number, own: Writes<RowId> | undefined, id: RowId): void {
    if (own?.has(id)) {
      const bytes = own.get(id);
      if (bytes === undefined) rows.addNothing(id);
      else rows.add(id, bytes);
    } else {
      addRow(rows, this.#store, this.#view, place, id);
    }
  }

  /** The row under a unique key. */
  #findHolder({ place, own }: Source<string>, key: string): RowId | undefined {
    if (own?.has(key)) {
      const value = own.get(key);
      return value === undefined || hasIdInKey(value[0], value.length) ? undefined : readId(value as Buffer, 0);
    }
    if (place === 0) return undefined;
    const size = this.#store.findEntry(this.#view, place, key);
    return size === ABSENT ? undefined : readId(this.#store.lmdb.landing, 0);
  }
}

function metaKey(key: string): string {
  return textOf(Buffer.from(key, 'utf8'));
}

function sizeOf(mutation: Mutation, add: readonly IndexEntry[], drop: readonly IndexEntry[]): number {
  let bytes = WRITE_BYTES + (mutation.do === 'remove' ? 0 : mutation.bytes.length);
  for (const entry of add) bytes += WRITE_BYTES + entry.key.length + (entry.value?.length ?? 0);
  for (const entry of drop) bytes += WRITE_BYTES + entry.key.length;
  return bytes;
}
