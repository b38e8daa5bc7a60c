/**
 * One thread's access to the store: views of it, and how a transaction's writes get into it.
 *
 * A commit is written to the journal and shown to the other threads in shared memory; that is all anybody waits for. When a good
 * number of such *pending* commits have come together, whoever commits next puts them into the data file in one LMDB transaction,
 * where a commit of its own would cost each of them five times as much. So a view is a snapshot of the data file with the pending
 * commits laid over it.
 *
 * All rows and entries stand in one B-tree. A table gets a place in it (`places.ts`) with its first write and loses it when it is cleared; what is
 * left there is removed later. Places and the numbers of rows are kept in `head`, the tree of trees, whose one page every LMDB transaction writes anyway.
 */
import { ArangoError, log } from '#base';
import type { CommitGathering, RowId, TableId } from '../engine.ts';
import { Changes, FrameWriter, type Commit, type Destination, type Progress } from './changes.ts';
import { hasIdInKey, ID_BYTES, readId, textOf, writeId } from '../entry.ts';
import type { DataFile } from './data-file.ts';
import { asStorageError } from './io-error.ts';
import type { Journal } from './journal.ts';
import { NO_PREFIX, TABLE, WriteList, writeKey, type Cursor, type Lmdb, type Snapshot, type Table } from './lmdb.ts';
import type { FoundRows } from './pages.ts';
import type { Overlay } from '../overlay.ts';
import { deleteFence, placeOfNumber, putFences, putFirstKey } from './places.ts';
import { FAILURE, PENDING_BYTES, type Limits, type SharedState, type Slot } from './shared.ts';

/** The kinds of records in `head`: what their keys begin with. */
const HEAD = { format: 1, progress: 2, table: 3, toReclaim: 4 } as const;

export const FORMAT_VERSION = 1;

const TICK_BLOCK = 65_536;
const SNAPSHOTS_KEPT = 8;
/** How far the journal may outgrow its limit while the data file is being synced, and how long a commit then waits for that. */
const OUTGROWN = 4;
const OUTGROWN_WAIT_MS = 100;
/** Positions in it are shared as numbers of 31 bits, and after a crash each of its files is read in one piece. */
const JOURNAL_LIMIT_BYTES = 2 ** 31 - 1;
/** How often a commit that has no room in it waits. */
const ROOM_WAITS = 300;
const VERSION_BYTES = 8;
/** More is not gathered before it is written. */
const GATHERED_BYTES = 128 * 1024;
const ROOM_BYTES = 64 * 1024;

/** What a transaction reads from. */
export interface View {
  readonly snapshot: Snapshot;
  /** The last commit it has seen for sure. */
  readonly commits: number;
  readonly pending: Changes;
  /** Of tables looked up in the data file so far; 0 when a table has none. */
  readonly places: Map<TableId, number>;
}

export class Store {
  readonly lmdb: Lmdb;
  readonly shared: SharedState;
  readonly slot: Slot;
  readonly #journal: Journal;
  readonly #file: DataFile;
  readonly #snapshots: Snapshot[] = [];
  readonly #writes: WriteList;
  readonly #reclaimWrites: WriteList;
  readonly #frames = new FrameWriter();
  #places = new Map<TableId, number>();
  #placesVersion = -1;
  #pending = new Changes();
  /** How many views use `#pending`, which must then not change. */
  #pendingViews = 0;
  #pendingGeneration = 0;
  #pendingBytes = 0;
  #room = Buffer.alloc(0);
  #roomUsed = 0;
  #hasWriteLock = false;
  readonly #limits: Limits;
  /** In the first thread, which syncs the data file for all: does so at once. */
  syncDataFile: (() => void) | undefined;
  /** In the first thread: has the data file synced in the background, which frees nothing but leaves less to do for `syncDataFile`. */
  beginSync: (() => void) | undefined;
  /** Up to where the journal was when that was done last, in parts of its limit, and at which checkpoint. */
  #begunSync = { checkpoints: 0, part: 0 };
  /** While it is on, commits of this thread stay out of the journal's file until `writeJournal`. */
  readonly gathering: CommitGathering;

  constructor(parts: { readonly lmdb: Lmdb; readonly journal: Journal; readonly file: DataFile }, shared: SharedState, slot: Slot) {
    this.lmdb = parts.lmdb;
    this.#journal = parts.journal;
    this.#file = parts.file;
    this.shared = shared;
    this.slot = slot;
    this.#limits = shared.limits;
    this.gathering = {
      isOn: false,
      onDelay: undefined,
      get isPending() {
        return shared.unwrittenBytes > 0;
      },
      write: () => this.writeJournal(),
    };
    const snapshot = this.lmdb.snapshot();
    this.#writes = new WriteList(snapshot);
    this.#reclaimWrites = new WriteList(snapshot);
    this.#returnSnapshot(snapshot);
  }

  takeView(): View {
    const { shared } = this;
    for (;;) {
      const { commits, generation, tablesVersion } = shared;
      const snapshot = this.#takeSnapshot();
      if (this.#catchUp(generation)) {
        if (!this.gathering.isOn) this.#writeSeen();
        this.#pendingViews++;
        return { snapshot, commits, pending: this.#pending, places: this.#placesAt(tablesVersion) };
      }
      this.#returnSnapshot(snapshot);
    }
  }

  /** All cursors of the view must be closed. */
  returnView(view: View): void {
    if (view.pending === this.#pending) this.#pendingViews--;
    this.#returnSnapshot(view.snapshot);
  }

  close(): void {
    this.safely(() => {
      for (const snapshot of this.#snapshots.splice(0)) snapshot.close();
      this.lmdb.close();
    });
    this.#journal.close();
  }

  readonly #onWait = (): void => this.gathering.onDelay?.('wait');

  lockToWrite(): void {
    this.shared.lock('writeLock', this.slot, this.#onWait);
    this.#hasWriteLock = true;
  }

  tryLockToWrite(): boolean {
    this.#hasWriteLock = this.shared.tryLock('writeLock', this.slot);
    return this.#hasWriteLock;
  }

  unlockToWrite(): void {
    this.#hasWriteLock = false;
    this.shared.unlock('writeLock', this.slot);
  }

  get hasWriteLock(): boolean {
    return this.#hasWriteLock;
  }

  /** Whether the row is in the data file: it is then in `lmdb.pages`, good as long as the view. */
  findRow(view: View, place: number, id: RowId): boolean {
    keyBytes.writeUInt32BE(place, 0);
    writeId(keyBytes, 4, id);
    return view.snapshot.find(TABLE.data, keyBytes, 4 + ID_BYTES);
  }

  /** Where many rows of the data file are, as `Snapshot.findRows`. */
  findRows({ snapshot }: View, place: number, ids: ArrayLike<RowId>, from: number): FoundRows {
    return snapshot.findRows(place, ids, from);
  }

  /** The same for an entry's value. */
  findEntry(view: View, place: number, key: string): boolean {
    return view.snapshot.find(TABLE.data, keyBytes, writeKey(keyBytes, 0, place, key));
  }

  /** The row under a unique key in the data file. */
  filedHolder(view: View, index: TableId, key: Uint8Array): RowId | undefined {
    const place = this.placeOf(view, index);
    if (place === 0) return undefined;
    keyBytes.writeUInt32BE(place, 0);
    for (let i = 0; i < key.length; i++) keyBytes[4 + i] = key[i]!;
    if (!view.snapshot.find(TABLE.data, keyBytes, 4 + key.length)) return undefined;
    return readId(this.lmdb.pages.bytes, this.lmdb.pages.start);
  }

  /** Of the index in the data file; empty where it has nothing there. */
  lastFiledKey(view: View, index: TableId): string {
    const place = this.placeOf(view, index);
    if (place === 0) return '';
    const cursor = this.openCursor(view);
    const isThere = cursor.seek(place, '', undefined, { reverse: true });
    const key = isThere ? cursor.bytes.toString('latin1', cursor.keyStart + 4, cursor.keyEnd) : '';
    cursor.close();
    return key;
  }

  /** The value of a unique entry as `view` sees it. */
  entryValue(view: View, index: TableId, key: string): Buffer | undefined {
    const pending = view.pending.entries.get(index);
    if (pending?.has(key)) return pending.get(key) as Buffer | undefined;
    const place = this.placeOf(view, index);
    return place !== 0 && this.findEntry(view, place, key) ? this.#foundBytes() : undefined;
  }

  metaValue(view: View, key: string): Uint8Array | undefined {
    if (view.pending.meta.has(key)) return view.pending.meta.get(key);
    return this.#findBytes(view, TABLE.meta, NO_PREFIX, key);
  }

  openCursor(view: View): Cursor {
    return view.snapshot.openCursor(TABLE.data);
  }

  openMetaCursor(view: View): Cursor {
    return view.snapshot.openCursor(TABLE.meta);
  }

  /** 0 when there is nothing of the table in the data file. */
  placeOf(view: View, table: TableId): number {
    return view.pending.places.get(table) ?? this.#filedPlace(view, table);
  }

  countOf(view: View, table: TableId): number {
    const { counts, places } = view.pending;
    return counts.get(table) ?? (places.has(table) ? 0 : this.#filedCount(view, table));
  }

  /** Under the write lock, where `view` is the latest state. */
  commit(view: View, overlay: Overlay): void {
    const { shared } = this;
    if (shared.pendingBytes > this.#limits.applyBytes) this.applyPending();
    const destinations = new Map<TableId, Destination>();
    let { nextPlace } = shared;
    for (const table of overlay.cleared) {
      const formerPlace = this.placeOf(view, table);
      if (formerPlace !== 0) destinations.set(table, { place: 0, formerPlace });
    }
    for (const tables of [overlay.rows, overlay.entries]) {
      for (const table of tables.keys()) {
        const cleared = destinations.get(table);
        const place = cleared === undefined ? this.placeOf(view, table) : 0;
        if (place === 0) destinations.set(table, { place: placeOfNumber(nextPlace++), formerPlace: cleared?.formerPlace ?? 0 });
      }
    }
    const counts = new Map<TableId, number>();
    for (const [table, change] of overlay.counts) {
      if (change !== 0) counts.set(table, change + (overlay.cleared.has(table) ? 0 : this.countOf(view, table)));
    }
    this.#write(overlay, { destinations, counts, nextPlace });
    if (overlay.meta.size > 0) shared.countMetaCommit();
  }

  /** Under the write lock: puts the pending commits into the data file. */
  applyPending(): void {
    const view = this.takeView();
    this.returnView(view);
    if (!view.pending.isEmpty) this.#putIntoFile(view.pending);
  }

  /** Writes the commits into the journal's file that were gathered in shared memory, by whichever thread. */
  writeJournal(): void {
    if (this.shared.unwrittenBytes > 0) this.#whileApplying(() => this.#writeGathered());
  }

  /** Nobody is shown what would not survive the process. When the disk does not take it, the next who writes is told. */
  #writeSeen(): void {
    if (this.shared.unwrittenBytes === 0) return;
    try {
      this.writeJournal();
    } catch (error) {
      log.error('engines', 'Committed writes could not be put into the journal', error);
    }
  }

  #writeGathered(): void {
    const { shared } = this;
    if (shared.unwrittenBytes === 0) return;
    this.#writeTail(shared.pendingBytes);
    shared.setWritten();
  }

  /** Writes what is gathered and, if there is any, what follows it in `pending` up to `end`. Answers where the journal then ends. */
  #writeTail(end: number): number {
    const { shared } = this;
    const { journalFile, unwrittenBytes, pendingBytes } = shared;
    const start = shared.journalPosition - unwrittenBytes;
    try {
      return this.#journal.write(journalFile, start, shared.pending.subarray(pendingBytes - unwrittenBytes, end));
    } catch (error) {
      this.#journal.void(journalFile, start);
      throw asStorageError(error);
    }
  }

  /** Puts commits from the journal of an earlier run into the data file. */
  applyFound(changes: Changes): void {
    this.#putIntoFile(changes);
  }

  /**
   * Under the write lock: puts everything into the data file and goes on in the other journal file, so that a sync of the data file
   * makes the first one superfluous.
   */
  openCheckpoint(): void {
    const { shared } = this;
    this.applyPending();
    this.#whileApplying(() => shared.openCheckpoint(this.#file.newestMeta()));
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
      const old = this.metaValue(before, key);
      const current = this.metaValue(now, key);
      if (old === undefined || current === undefined ? old !== current : Buffer.compare(old, current) !== 0) return true;
    }
    return false;
  }

  tick(count: number): number {
    const first = this.shared.takeTicks(count);
    if (first + count > this.shared.tickLimit) this.#reserveTicks(first + count);
    return first;
  }

  /** Numbers up to the limit that is written down are given out without writing. */
  #reserveTicks(wanted: number): void {
    const isOurs = this.#hasWriteLock;
    if (!isOurs) this.lockToWrite();
    try {
      if (wanted <= this.shared.tickLimit) return;
      this.#writeTickLimit(wanted + TICK_BLOCK);
    } finally {
      if (!isOurs) this.unlockToWrite();
    }
  }

  /** Under the write lock, when nobody takes any more: so that no block is lost. */
  saveTicks(): void {
    this.#writeTickLimit(this.shared.nextTick);
  }

  #writeTickLimit(tickLimit: number): void {
    this.#write(undefined, { destinations: new Map(), counts: new Map(), nextPlace: this.shared.nextPlace, tickLimit });
    this.shared.setTickLimit(tickLimit);
  }

  /** `undefined` in a file that is new. */
  readProgress(view: View): Progress | undefined {
    const bytes = this.#findBytes(view, TABLE.head, HEAD.progress, '');
    if (bytes === undefined) return undefined;
    return {
      sequence: bytes.readDoubleLE(0),
      tickLimit: bytes.readDoubleLE(8),
      revision: bytes.readBigUInt64LE(16),
      nextPlace: bytes.readUInt32LE(24),
    };
  }

  readFormat(view: View): number | undefined {
    return this.#findBytes(view, TABLE.head, HEAD.format, '')?.readUInt32LE(0);
  }

  writeFormat(): void {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(FORMAT_VERSION);
    this.#writes.clear();
    this.#writes.put(TABLE.head, HEAD.format, '', bytes);
    putFirstKey(this.#writes);
    this.lmdb.commit(this.#writes);
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
      const writes = this.#reclaimWrites;
      writes.clear();
      const cursor = this.openCursor(view);
      let isMore = cursor.seek(place, '', undefined, { reverse: false });
      for (; isMore && writes.count < limit; isMore = cursor.next()) {
        writes.delete(TABLE.data, place, cursor.bytes.toString('latin1', cursor.keyStart + 4, cursor.keyEnd));
      }
      cursor.close();
      if (!isMore) {
        deleteFence(writes, place);
        writes.delete(TABLE.head, HEAD.toReclaim, numberText(place));
      }
      this.shared.tryWhileApplying(this.slot, () => this.lmdb.commit(writes));
      return true;
    } finally {
      this.returnView(view);
    }
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

  /** To the journal, and to where the other threads see it. */
  #write(
    overlay: Overlay | undefined,
    commit: {
      readonly destinations: ReadonlyMap<TableId, Destination>;
      readonly counts: ReadonlyMap<TableId, number>;
      readonly nextPlace: number;
      readonly tickLimit?: number;
    },
  ): void {
    const { shared } = this;
    if (shared.journalPosition > OUTGROWN * this.#limits.journalBytes && shared.isCheckpointOpen) this.#awaitCheckpoint();
    if (shared.journalPosition > this.#limits.journalBytes && !shared.isCheckpointOpen) this.openCheckpoint();
    if (this.beginSync !== undefined && shared.isCheckpointOpen) this.#syncAhead(this.beginSync);
    const { nextPlace, tickLimit = shared.tickLimit } = commit;
    const sequence = shared.sequence + 1;
    const progress = { sequence, tickLimit, revision: shared.lastRevision, nextPlace };
    const whole = { ...commit, progress };
    const frames = this.#frames.write(overlay, whole);
    const bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
    if (shared.journalPosition + bytes > JOURNAL_LIMIT_BYTES) this.#makeRoomInJournal(bytes);
    if (shared.pendingBytes + bytes > PENDING_BYTES) this.applyPending();
    if (overlay !== undefined && bytes > PENDING_BYTES) {
      this.#writeLarge(overlay, whole, frames);
      return;
    }
    this.#whileApplying(() => {
      const start = shared.pendingBytes;
      let end = start;
      for (const frame of frames) {
        shared.pending.set(frame, end);
        end += frame.length;
      }
      const isWritten = !this.gathering.isOn || shared.unwrittenBytes + bytes > GATHERED_BYTES;
      const journalPosition = isWritten ? this.#writeTail(end) : shared.journalPosition + bytes;
      shared.publish(sequence, { journalPosition, bytes, nextPlace, isWritten });
    });
  }

  /** What has no room among the pending commits, of which there are none then, goes into the data file at once. */
  #writeLarge(overlay: Overlay, commit: Commit, frames: readonly Buffer[]): void {
    const { shared } = this;
    const { sequence, nextPlace } = commit.progress;
    const changes = Changes.of(overlay, commit);
    this.#listWrites(changes);
    this.#whileApplying(() => {
      const file = shared.journalFile;
      const start = shared.journalPosition;
      let journalPosition = start;
      try {
        for (const frame of frames) journalPosition = this.#journal.write(file, journalPosition, frame);
        this.#commitWrites(changes);
      } catch (error) {
        this.#journal.void(file, start);
        throw asStorageError(error);
      }
      shared.publish(sequence, { journalPosition, bytes: 0, nextPlace, isWritten: true });
      shared.forgetPending();
    });
  }

  /**
   * Pages of the data file are not used again before the checkpoint has ended, so who writes much at a stretch must give it time, or the
   * file grows with every commit. The wait has an end: the first thread may itself be waiting for the write lock.
   */
  #awaitCheckpoint(): void {
    const { shared } = this;
    const { syncs } = shared;
    if (!shared.isCheckpointOpen) return;
    if (this.syncDataFile !== undefined) this.syncDataFile();
    else shared.waitForSync(syncs, OUTGROWN_WAIT_MS);
  }

  /**
   * Where the first thread writes at a stretch, its timers do not get the turn in which they would sync the data file. The wait at the end
   * of such a stretch is short if the disk has been writing all along.
   */
  #syncAhead(beginSync: () => void): void {
    const { checkpoints, journalPosition } = this.shared;
    const part = Math.floor(journalPosition / this.#limits.journalBytes);
    const begun = this.#begunSync;
    if (part === 0 || (begun.checkpoints === checkpoints && begun.part === part)) return;
    this.#begunSync = { checkpoints, part };
    beginSync();
  }

  /** By going on in the journal's other file. */
  #makeRoomInJournal(bytes: number): void {
    const { shared } = this;
    if (bytes > JOURNAL_LIMIT_BYTES) {
      throw new ArangoError('ERROR_RESOURCE_LIMIT', `a transaction may change at most ${JOURNAL_LIMIT_BYTES} bytes`);
    }
    for (let wait = 0; wait < ROOM_WAITS && shared.isCheckpointOpen; wait++) this.#awaitCheckpoint();
    if (shared.isCheckpointOpen) throw new ArangoError('ERROR_ARANGO_IO_ERROR', 'the disk takes too long to keep earlier writes');
    this.openCheckpoint();
  }

  #putIntoFile(changes: Changes): void {
    this.#listWrites(changes);
    this.#whileApplying(() => {
      // After a power cut the journal has to go on from where the data file was last on disk.
      this.#writeGathered();
      this.#commitWrites(changes);
      this.shared.forgetPending();
    });
  }

  #commitWrites(changes: Changes): void {
    const { shared } = this;
    const movesTables = changes.places.size > 0;
    if (movesTables) shared.countTablesChange();
    try {
      this.lmdb.commit(this.#writes);
    } finally {
      if (movesTables) shared.countTablesChange();
    }
    if (changes.reclaims.length > 0) shared.countReclaim();
  }

  /** What LMDB has to do for them. */
  #listWrites(changes: Changes): void {
    const writes = this.#writes;
    const view = this.takeView();
    writes.clear();
    for (const place of changes.reclaims) writes.put(TABLE.head, HEAD.toReclaim, numberText(place), MARK);
    for (const table of new Set([...changes.places.keys(), ...changes.counts.keys()])) {
      const place = changes.places.get(table) ?? this.#filedPlace(view, table);
      const count = changes.counts.get(table) ?? 0;
      if (place === 0) writes.delete(TABLE.head, HEAD.table, idText(table));
      else writes.put(TABLE.head, HEAD.table, idText(table), header(place, count));
    }
    putFences(writes, changes.places, (table) => changes.rows.get(table)?.firstValue?.length ?? 0);
    const placeOf = (table: TableId): number => changes.places.get(table) ?? this.#filedPlace(view, table);
    for (const [table, rows] of changes.rows) {
      const place = placeOf(table);
      rows.forEach((id, bytes) => {
        if (bytes === undefined) writes.deleteNumbered(TABLE.data, place, id);
        else writes.putNumbered(TABLE.data, place, id, bytes);
      });
    }
    for (const [index, entries] of changes.entries) {
      const place = placeOf(index);
      entries.forEach((key, value) => {
        if (value === undefined) writes.delete(TABLE.data, place, key);
        else writes.put(TABLE.data, place, key, value);
      });
    }
    changes.meta.forEach((key, value) => {
      if (value === undefined) writes.delete(TABLE.meta, NO_PREFIX, key);
      else writes.put(TABLE.meta, NO_PREFIX, key, value);
    });
    writes.put(TABLE.head, HEAD.progress, '', progressBytes(changes.progress!));
    this.returnView(view);
  }

  #whileApplying(action: () => void): void {
    this.shared.whileApplying(this.slot, () => {
      this.assertWritable();
      action();
    });
  }

  /**
   * Adds to the own pending changes what others have added to theirs since the data file was at `generation`. False when it is not
   * at it any more.
   */
  #catchUp(generation: number): boolean {
    const { shared } = this;
    const from = generation === this.#pendingGeneration ? this.#pendingBytes : 0;
    const end = shared.pendingBytes;
    const isCurrent = (): boolean => generation % 2 === 0 && shared.generation === generation;
    if (end === from) {
      if (!isCurrent()) return false;
    } else {
      const frames = this.#roomFor(Math.max(0, end - from));
      frames.set(shared.pending.subarray(from, end));
      if (!isCurrent()) return false;
      this.#renewPending(generation);
      this.#pending.add(frames);
      this.#pendingBytes = end;
      return true;
    }
    if (generation !== this.#pendingGeneration) this.#renewPending(generation);
    return true;
  }

  /** Frames stay until the data file has them. They have memory together, for the collector has to look after each piece of it. */
  #roomFor(bytes: number): Buffer {
    if (bytes > ROOM_BYTES / 4) return Buffer.allocUnsafeSlow(bytes);
    if (this.#roomUsed + bytes > this.#room.length) {
      this.#room = Buffer.allocUnsafeSlow(ROOM_BYTES);
      this.#roomUsed = 0;
    }
    const start = this.#roomUsed;
    this.#roomUsed += bytes;
    return this.#room.subarray(start, this.#roomUsed);
  }

  /** Pending changes that may be added to. */
  #renewPending(generation: number): void {
    if (generation !== this.#pendingGeneration) {
      this.#pending = new Changes();
      this.#pendingBytes = 0;
    } else if (this.#pendingViews > 0) {
      this.#pending = new Changes(this.#pending);
    } else {
      return;
    }
    this.#pendingViews = 0;
    this.#pendingGeneration = generation;
  }

  /** Runs what a thread must not be ended in. */
  safely<Result>(action: () => Result): Result {
    return this.shared.safely(this.slot, action);
  }

  #takeSnapshot(): Snapshot {
    const kept = this.#snapshots.pop();
    if (kept === undefined) return this.safely(() => this.lmdb.snapshot());
    kept.renew();
    return kept;
  }

  #returnSnapshot(snapshot: Snapshot): void {
    if (this.#snapshots.length >= SNAPSHOTS_KEPT) {
      this.safely(() => snapshot.close());
    } else {
      snapshot.release();
      this.#snapshots.push(snapshot);
    }
  }

  /** The places found so far, if the snapshot just taken is for sure one at which tables stood as at `version`. */
  #placesAt(version: number): Map<TableId, number> {
    if (version % 2 !== 0 || version !== this.shared.tablesVersion) return new Map();
    if (version !== this.#placesVersion) {
      this.#places = new Map();
      this.#placesVersion = version;
    }
    return this.#places;
  }

  #filedPlace(view: View, table: TableId): number {
    let place = view.places.get(table);
    if (place === undefined) {
      place = this.#findBytes(view, TABLE.head, HEAD.table, idText(table))?.readUInt32LE(0) ?? 0;
      view.places.set(table, place);
    }
    return place;
  }

  #filedCount(view: View, table: TableId): number {
    return this.#findBytes(view, TABLE.head, HEAD.table, idText(table))?.readDoubleLE(4) ?? 0;
  }

  #placeToReclaim(view: View): number | undefined {
    const cursor = view.snapshot.openCursor(TABLE.head);
    const isThere = cursor.seek(HEAD.toReclaim, '', undefined, { reverse: false });
    cursor.close();
    return isThere ? cursor.bytes.readUInt32BE(cursor.keyStart + 4) : undefined;
  }

  #rowVersion(view: View, table: TableId, id: RowId): string | undefined {
    const pending = view.pending.rows.get(table);
    if (pending?.has(id)) {
      const bytes = pending.get(id);
      return bytes && textOf(bytes.subarray(0, VERSION_BYTES));
    }
    const place = this.placeOf(view, table);
    return place !== 0 && this.findRow(view, place, id) ? textOf(this.#foundBytes().subarray(0, VERSION_BYTES)) : undefined;
  }

  #entryHolder(view: View, index: TableId, key: string): string | undefined {
    return this.entryValue(view, index, key)?.toString('latin1', 0, ID_BYTES);
  }

  /** A copy, which outlives the view. */
  #findBytes(view: View, table: Table, prefix: number, key: string): Buffer | undefined {
    return view.snapshot.find(table, keyBytes, writeKey(keyBytes, 0, prefix, key)) ? Buffer.from(this.#foundBytes()) : undefined;
  }

  /** What was found last, where it lies. */
  #foundBytes(): Buffer {
    const { bytes, start, end } = this.lmdb.pages;
    return bytes.subarray(start, end);
  }
}

/** Where keys are put together to be looked for. */
const keyBytes = Buffer.allocUnsafeSlow(8192);

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

function progressBytes({ sequence, tickLimit, revision, nextPlace }: Progress): Uint8Array {
  const bytes = Buffer.alloc(28);
  bytes.writeDoubleLE(sequence, 0);
  bytes.writeDoubleLE(tickLimit, 8);
  bytes.writeBigUInt64LE(revision, 16);
  bytes.writeUInt32LE(nextPlace, 24);
  return bytes;
}

function numberText(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return textOf(bytes);
}
