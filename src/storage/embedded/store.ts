/**
 * One thread's access to the file: views of it, where the tables stand in it, and how a transaction's writes get into it.
 *
 * All rows and entries stand in one B-tree, because each further tree would make every commit slower. A table's part of it is its
 * *place*, a number before all its keys. A table gets a place with its first write and a new one after it was cleared; what is left
 * at the old place is removed later. Places and the numbers of rows are kept in `head`, the tree of trees, whose one page every
 * commit writes anyway.
 */
import { ArangoError } from '#base';
import type { RowId, TableId } from '../engine.ts';
import { hasIdInKey, ID_BYTES, textOf, writeId } from './entry.ts';
import {
  ABSENT,
  CURSOR_KEY_OFFSET,
  NO_PREFIX,
  REPEAT,
  WriteList,
  writeKey,
  type Cursor,
  type Lmdb,
  type Snapshot,
  type Table,
} from './lmdb.ts';
import type { Overlay } from './overlay.ts';
import { FAILURE, type SharedState, type Slot } from './shared.ts';

export const TABLE_NAMES = [null, 'data', 'meta'] as const;

/** The kinds of records in `head`: what their keys begin with. */
const HEAD = { format: 1, ticks: 2, table: 3, toReclaim: 4, state: 5 } as const;

export const FORMAT_VERSION = 1;

const TICK_BLOCK = 65_536;
const SNAPSHOTS_KEPT = 8;
const VERSION_BYTES = 8;

/** What a transaction reads from. */
export interface View {
  readonly snapshot: Snapshot;
  /** How many commits there were at most when it was taken. */
  readonly commits: number;
  /** Of tables looked up so far; 0 when a table has none. */
  readonly places: Map<TableId, number>;
}

export interface FileState {
  readonly nextPlace: number;
  readonly revision: bigint;
}

export class Store {
  readonly lmdb: Lmdb;
  readonly shared: SharedState;
  readonly slot: Slot;
  readonly data: Table;
  readonly meta: Table;
  readonly #head: Table;
  readonly #snapshots: Snapshot[] = [];
  readonly #writes = new WriteList();
  readonly #tickWrites = new WriteList();
  #places = new Map<TableId, number>();
  #placesVersion = -1;

  constructor(lmdb: Lmdb, tables: readonly Table[], shared: SharedState, slot: Slot) {
    this.lmdb = lmdb;
    [this.#head, this.data, this.meta] = tables as [Table, Table, Table];
    this.shared = shared;
    this.slot = slot;
  }

  takeView(): View {
    const commits = this.shared.commits;
    const version = this.shared.tablesVersion;
    const kept = this.#snapshots.pop();
    kept?.renew();
    const snapshot = kept ?? this.lmdb.snapshot();
    if (version % 2 !== 0 || version !== this.shared.tablesVersion) return { snapshot, commits, places: new Map() };
    if (version !== this.#placesVersion) {
      this.#places = new Map();
      this.#placesVersion = version;
    }
    return { snapshot, commits, places: this.#places };
  }

  /** All cursors of the view must be closed. */
  returnView(view: View): void {
    if (this.#snapshots.length >= SNAPSHOTS_KEPT) {
      view.snapshot.close();
    } else {
      view.snapshot.release();
      this.#snapshots.push(view.snapshot);
    }
  }

  close(): void {
    for (const snapshot of this.#snapshots.splice(0)) snapshot.close();
    this.lmdb.close();
  }

  /** Size of the row, which has landed, or `ABSENT`. */
  findRow(view: View, place: number, id: RowId): number {
    const { keyBytes } = this.lmdb;
    for (;;) {
      keyBytes.writeUInt32BE(place, 0);
      writeId(keyBytes, 4, id);
      const size = this.lmdb.find(this.data, 4 + ID_BYTES, view.snapshot);
      if (size !== REPEAT) return size;
    }
  }

  /** Size of the entry's value, which has landed, or `ABSENT`. */
  findEntry(view: View, place: number, key: string): number {
    for (;;) {
      const size = this.lmdb.find(this.data, writeKey(this.lmdb.keyBytes, 0, place, key), view.snapshot);
      if (size !== REPEAT) return size;
    }
  }

  findMeta(view: View, key: string): Uint8Array | undefined {
    return this.#findBytes(view, this.meta, NO_PREFIX, key);
  }

  openCursor(view: View): Cursor {
    return this.lmdb.openCursor(this.data, view.snapshot);
  }

  openMetaCursor(view: View): Cursor {
    return this.lmdb.openCursor(this.meta, view.snapshot);
  }

  /** 0 when nothing was ever written to the table. */
  placeOf(view: View, table: TableId): number {
    let place = view.places.get(table);
    if (place === undefined) {
      place = this.#findBytes(view, this.#head, HEAD.table, idText(table))?.readUInt32LE(0) ?? 0;
      view.places.set(table, place);
    }
    return place;
  }

  countOf(view: View, table: TableId): number {
    return this.#findBytes(view, this.#head, HEAD.table, idText(table))?.readDoubleLE(4) ?? 0;
  }

  /** Commits under the write lock, where `view` is still the latest state. */
  commit(view: View, overlay: Overlay): void {
    const writes = this.#writes;
    writes.clear();
    const state = this.readState(view);
    let { nextPlace } = state;
    for (const table of overlay.cleared) {
      const place = this.placeOf(view, table);
      if (place === 0) continue;
      writes.put(this.#head, HEAD.toReclaim, numberText(place), MARK);
      writes.delete(this.#head, HEAD.table, idText(table));
    }
    const placeToWrite = (table: TableId): number => {
      const place = overlay.cleared.has(table) ? 0 : this.placeOf(view, table);
      return place === 0 ? nextPlace++ : place;
    };
    const firstNewPlace = nextPlace;
    for (const [table, rows] of overlay.rows) {
      const place = placeToWrite(table);
      const isNew = place >= firstNewPlace;
      for (const [id, bytes] of rows.from(undefined)) {
        if (bytes === undefined) writes.deleteNumbered(this.data, place, id);
        else writes.putNumbered(this.data, place, id, bytes);
      }
      const change = overlay.counts.get(table) ?? 0;
      if (!isNew && change === 0) continue;
      writes.put(this.#head, HEAD.table, idText(table), header(place, change + (isNew ? 0 : this.countOf(view, table))));
    }
    for (const [index, entries] of overlay.entries) {
      const place = placeToWrite(index);
      if (place >= firstNewPlace) writes.put(this.#head, HEAD.table, idText(index), header(place, 0));
      for (const [key, value] of entries.from(undefined)) {
        if (value === undefined) writes.delete(this.data, place, key);
        else writes.put(this.data, place, key, value);
      }
    }
    for (const [key, value] of overlay.meta.from(undefined)) {
      if (value === undefined) writes.delete(this.meta, NO_PREFIX, key);
      else writes.put(this.meta, NO_PREFIX, key, value);
    }
    writes.put(this.#head, HEAD.state, '', stateBytes({ nextPlace, revision: this.shared.lastRevision }));
    const movesTables = overlay.cleared.size > 0 || nextPlace > firstNewPlace;
    if (movesTables) this.shared.countTablesChange();
    try {
      this.#apply(writes);
    } finally {
      if (movesTables) this.shared.countTablesChange();
    }
    if (overlay.meta.size > 0) this.shared.countMetaCommit();
    if (overlay.cleared.size > 0) this.shared.countReclaim();
  }

  /** Whether another has changed, between the two views, what `overlay` changes. */
  hasConflict(overlay: Overlay, before: View, now: View): boolean {
    const wasMoved = (table: TableId): boolean => {
      const place = this.placeOf(before, table);
      return place !== 0 && place !== this.placeOf(now, table);
    };
    for (const table of overlay.cleared) if (wasMoved(table)) return true;
    for (const [table, rows] of overlay.rows) {
      if (wasMoved(table)) return true;
      for (const [id] of rows.from(undefined)) {
        if (this.#rowVersion(before, table, id) !== this.#rowVersion(now, table, id)) return true;
      }
    }
    for (const [index, entries] of overlay.entries) {
      if (wasMoved(index)) return true;
      for (const [key, value] of entries.from(undefined)) {
        // The holder of an entry that is dropped is a row that this transaction changes.
        if (value === undefined || hasIdInKey(value[0], value.length)) continue;
        if (this.#entryHolder(before, index, key) !== this.#entryHolder(now, index, key)) return true;
      }
    }
    for (const [key] of overlay.meta.from(undefined)) {
      const old = this.findMeta(before, key);
      const current = this.findMeta(now, key);
      if (old === undefined || current === undefined ? old !== current : Buffer.compare(old, current) !== 0) return true;
    }
    return false;
  }

  tick(count: number): number {
    const first = this.shared.takeTicks(count);
    if (first + count > this.shared.tickLimit) this.#reserveTicks(first + count);
    return first;
  }

  /** The numbers up to the limit on disk are given out without writing. */
  #reserveTicks(wanted: number): void {
    this.#whileApplying(() => {
      if (wanted <= this.shared.tickLimit) return;
      const limit = wanted + TICK_BLOCK;
      this.#tickWrites.clear();
      this.#tickWrites.put(this.#head, HEAD.ticks, '', doubleBytes(limit));
      this.lmdb.commit(this.#tickWrites);
      this.shared.raiseTickLimit(limit);
    });
  }

  /** Writes down where the numbers really are, so that no block is lost. For when nobody else takes any. */
  saveTicks(next: number): void {
    this.#tickWrites.clear();
    this.#tickWrites.put(this.#head, HEAD.ticks, '', doubleBytes(next));
    this.#apply(this.#tickWrites);
  }

  readTicks(view: View): number {
    return this.#findBytes(view, this.#head, HEAD.ticks, '')?.readDoubleLE(0) ?? 1;
  }

  readState(view: View): FileState {
    const bytes = this.#findBytes(view, this.#head, HEAD.state, '');
    return bytes === undefined ? { nextPlace: 1, revision: 0n } : { nextPlace: bytes.readUInt32LE(0), revision: bytes.readBigUInt64LE(4) };
  }

  /** `undefined` in a file that is new. */
  readFormat(view: View): number | undefined {
    return this.#findBytes(view, this.#head, HEAD.format, '')?.readUInt32LE(0);
  }

  writeFormat(): void {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(FORMAT_VERSION);
    this.#writes.clear();
    this.#writes.put(this.#head, HEAD.format, '', bytes);
    this.#apply(this.#writes);
  }

  /**
   * Removes some of what cleared tables left behind, as far as it can be done shortly and nobody is writing. Answers whether there
   * is more to do.
   */
  reclaim(limit: number): boolean {
    const view = this.takeView();
    try {
      const place = this.#placeToReclaim(view);
      if (place === undefined) return false;
      const writes = this.#tickWrites;
      writes.clear();
      const cursor = this.openCursor(view);
      let size = cursor.seek(place, '', undefined, { reverse: false, withValues: false });
      for (; size > 0 && writes.count < limit; size = cursor.next()) {
        const { keyBytes } = this.lmdb;
        writes.delete(this.data, place, keyBytes.toString('latin1', CURSOR_KEY_OFFSET + 4, CURSOR_KEY_OFFSET + size));
      }
      cursor.close();
      if (size === 0) writes.delete(this.#head, HEAD.toReclaim, numberText(place));
      if (!this.shared.tryLock('applyLock', this.slot)) return true;
      try {
        this.lmdb.commit(writes);
        this.shared.countCommit();
      } finally {
        this.shared.unlock('applyLock', this.slot);
      }
      return true;
    } finally {
      this.returnView(view);
    }
  }

  /** Runs `action` at a moment when no thread of this process is writing to the file. */
  whileNobodyApplies<Result>(action: () => Result): Result {
    return this.#whileApplying(action);
  }

  /** Throws when nothing may be written any more. */
  assertWritable(): void {
    const { failure } = this.shared;
    if (failure === FAILURE.none) return;
    throw new ArangoError(
      'ERROR_ARANGO_IO_ERROR',
      failure === FAILURE.sync
        ? 'the disk has failed to keep earlier writes, so none are accepted until the server is restarted'
        : 'a thread ended while it was writing, so no writes are accepted until the server is restarted',
    );
  }

  #apply(writes: WriteList): void {
    this.#whileApplying(() => {
      this.lmdb.commit(writes);
      this.shared.countCommit();
    });
  }

  #whileApplying<Result>(action: () => Result): Result {
    this.shared.lockToApply(this.slot);
    try {
      this.assertWritable();
      return action();
    } finally {
      this.shared.unlock('applyLock', this.slot);
    }
  }

  #placeToReclaim(view: View): number | undefined {
    const cursor = this.lmdb.openCursor(this.#head, view.snapshot);
    const size = cursor.seek(HEAD.toReclaim, '', undefined, { reverse: false, withValues: false });
    cursor.close();
    return size === 0 ? undefined : this.lmdb.keyBytes.readUInt32BE(CURSOR_KEY_OFFSET + 4);
  }

  #rowVersion(view: View, table: TableId, id: RowId): string | undefined {
    const place = this.placeOf(view, table);
    const size = place === 0 ? ABSENT : this.findRow(view, place, id);
    return size === ABSENT ? undefined : this.lmdb.landing.toString('latin1', 0, Math.min(size, VERSION_BYTES));
  }

  #entryHolder(view: View, index: TableId, key: string): string | undefined {
    const place = this.placeOf(view, index);
    const size = place === 0 ? ABSENT : this.findEntry(view, place, key);
    return size === ABSENT ? undefined : this.lmdb.landing.toString('latin1', 0, ID_BYTES);
  }

  #findBytes(view: View, table: Table, prefix: number, key: string): Buffer | undefined {
    for (;;) {
      const size = this.lmdb.find(table, writeKey(this.lmdb.keyBytes, 0, prefix, key), view.snapshot);
      if (size === ABSENT) return undefined;
      if (size !== REPEAT) return Buffer.from(this.lmdb.landing.subarray(0, size));
    }
  }
}

const MARK = Uint8Array.of(1);

function idText(table: TableId): string {
  const bytes = Buffer.alloc(ID_BYTES);
  writeId(bytes, 0, table);
  return textOf(bytes);
}

function header(place: number, count: number): Uint8Array {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32LE(place, 0);
  bytes.writeDoubleLE(count, 4);
  return bytes;
}

function stateBytes({ nextPlace, revision }: FileState): Uint8Array {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32LE(nextPlace, 0);
  bytes.writeBigUInt64LE(revision, 4);
  return bytes;
}

function doubleBytes(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

function numberText(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return textOf(bytes);
}
