/**
 * The embedded engine: opened by the first thread, joined by others.
 *
 * The first thread holds the folder's lock and the anchor, syncs in the background and removes what cleared tables left behind. It
 * must be the last to close.
 */
import assert from 'node:assert/strict';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { ArangoError, clock, log } from '#base';
import type { BeginOptions, CommitGathering, StorageEngine, StorageShare, Transaction } from '../engine.ts';
import { Changes, type Progress } from './changes.ts';
import { bootIdentity, DataFile, restoreAfterPowerCut } from './data-file.ts';
import { Keeper, Syncer } from './durability.ts';
import { lockFolder, LOCK_FILES, type FolderLock } from './folder-lock.ts';
import { Journal, JOURNAL_FILES, readJournal } from './journal.ts';
import { Lmdb } from './lmdb.ts';
import { FAILURE, SharedState, type Slot } from './shared.ts';
import { FORMAT_VERSION, Store } from './store.ts';
import { EmbeddedTransaction } from './transaction.ts';

const DATA_FILE = 'data.mdb';
const LMDB_LOCK_FILE = 'lock.mdb';
/** Where a new database is made ready before it is moved to its place. */
const BIRTHPLACE = 'new';
const COUNTER_BITS = 20n;
/** How far the clocks are put forward after a power cut: what was given out and not yet synced is never given out again. */
const LOST_TICKS = 2 ** 26;
const LOST_REVISIONS = 60_000n << COUNTER_BITS;
/** How much of the journal is put into the data file at once after a crash. */
const RECOVERY_BYTES = 8 * 1024 * 1024;
const RECLAIM_SLICE = 500;
const RECLAIM_PAUSE_MS = 20;
const RECLAIM_IDLE_MS = 500;

export interface OpenOptions {
  readonly folder: string;
  /** How long at most a commit stays without a sync when nobody waits for one. */
  readonly syncIntervalMs?: number;
  /** How much is committed before it is put into the data file all at once; at most a megabyte. */
  readonly applyBytes?: number;
  /** How large the journal grows, and with it what has to be done again after a crash. */
  readonly journalBytes?: number;
  /** What identifies this start of the computer; tests give another one to stage a power cut. */
  readonly boot?: string;
}

const DEFAULTS = { syncIntervalMs: 100, applyBytes: 384 * 1024, journalBytes: 8 * 1024 * 1024 } as const;

/** Opens the store in `folder` for this process, creating it when the folder is empty or missing. */
export function openStorage(options: OpenOptions): StorageEngine {
  return openFirst(options, () => {});
}

/** A store that is gone when it is closed, for tests and trials. */
export function openMemoryStorage(options: Omit<OpenOptions, 'folder'> = {}): StorageEngine {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'foxden-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  return openFirst({ ...options, folder }, () => {
    process.off('exit', remove);
    remove();
  });
}

/** Opens the store that the first thread has opened and shared, in another thread. */
export function joinStorage(share: StorageShare): StorageEngine {
  assert(share.kind === 'embedded');
  const shared = new SharedState(share.memory);
  const parts = openParts(share.location, shared, { boot: bootIdentity(), createsTables: false });
  return new EmbeddedEngine(parts, share);
}

/** What each thread has of its own. */
interface Parts {
  readonly store: Store;
  readonly journal: Journal;
  readonly file: DataFile;
  readonly syncer: Syncer;
}

function openParts(folder: string, shared: SharedState, options: { readonly boot: string; readonly createsTables: boolean }): Parts {
  const slot = shared.join(threadId);
  return shared.safely(slot, () => {
    const lmdb = new Lmdb(folder, { createsTables: options.createsTables });
    const journal = new Journal(folder);
    const file = new DataFile(join(folder, DATA_FILE), options.boot);
    const store = new Store({ lmdb, journal, file }, shared, slot);
    return { store, journal, file, syncer: new Syncer(store, journal) };
  });
}

function openFirst(options: OpenOptions, onClosed: () => void): StorageEngine {
  const { folder, syncIntervalMs, boot, ...limits } = { ...DEFAULTS, boot: bootIdentity(), ...options };
  prepareFolder(folder);
  const lock = lockFolder(folder);
  let parts: Parts | undefined;
  try {
    const path = join(folder, DATA_FILE);
    if (!existsSync(path)) create(folder, boot);
    const { lastRecord, wasPowerCut } = restoreAfterPowerCut(path, boot);
    if (wasPowerCut) log.warning('engines', 'The computer stopped while the database was in use: what was not yet synced is lost');
    const shared = new SharedState();
    shared.setLimits(limits);
    shared.setSyncRecord(lastRecord);
    parts = openParts(folder, shared, { boot, createsTables: true });
    checkFormat(parts.store, folder);
    recover(parts, folder, wasPowerCut);
    const share: StorageShare = { kind: 'embedded', location: folder, memory: shared.memory };
    return new EmbeddedEngine(parts, share, new FirstThread(parts, { lock, syncIntervalMs, onClosed }));
  } catch (error) {
    parts?.file.close();
    parts?.store.close();
    lock.release();
    throw error;
  }
}

/** Brings what the journal has into the data file, and starts both anew. */
function recover({ store, journal, file }: Parts, folder: string, wasPowerCut: boolean): void {
  const { shared } = store;
  let changes = new Changes();
  let bytes = 0;
  const putIntoFile = (): void => {
    if (!changes.isEmpty) store.applyFound(changes);
    changes = new Changes();
    bytes = 0;
  };
  for (const frames of readJournal(folder, readProgress(store).sequence)) {
    for (const frame of frames) {
      changes.add(frame);
      bytes += frame.length;
    }
    if (bytes > RECOVERY_BYTES) putIntoFile();
  }
  putIntoFile();
  const progress = readProgress(store);
  const tick = progress.tickLimit + (wasPowerCut ? LOST_TICKS : 0);
  shared.setTicks(tick, tick);
  shared.nextRevision(progress.revision + (wasPowerCut ? LOST_REVISIONS : 0n));
  shared.startAt(progress.sequence, progress.nextPlace);
  recordAll(store, file, { isClean: false });
  journal.empty();
}

/** Notes the newest state of the data file, when nobody else is writing to it. */
function recordAll({ shared }: Store, file: DataFile, options: { readonly isClean: boolean }): void {
  file.syncNow();
  file.writeSyncRecord(shared.nextSyncRecord(), file.newestMeta(), options);
  file.syncNow();
}

function readProgress(store: Store): Progress {
  const view = store.takeView();
  const progress = store.readProgress(view);
  store.returnView(view);
  return progress ?? { sequence: 0, tickLimit: 1, revision: 0n, nextPlace: 1 };
}

function prepareFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new ArangoError('ERROR_ARANGO_DATADIR_NOT_WRITABLE', cause instanceof Error ? cause.message : folder, { cause });
  }
  const known = new Set<string>([DATA_FILE, LMDB_LOCK_FILE, BIRTHPLACE, ...JOURNAL_FILES, ...LOCK_FILES, 'lost+found']);
  const names = readdirSync(folder);
  const stranger = names.find((name) => !known.has(name) && !name.startsWith('.'));
  if (stranger !== undefined && !names.includes(DATA_FILE)) {
    throw new ArangoError(
      'ERROR_ARANGO_DATADIR_NOT_WRITABLE',
      `${folder} holds no database of this server but something else (${stranger})`,
    );
  }
}

/** A database comes into the folder whole or not at all. */
function create(folder: string, boot: string): void {
  const birthplace = join(folder, BIRTHPLACE);
  rmSync(birthplace, { recursive: true, force: true });
  mkdirSync(birthplace);
  const { store, file } = openParts(birthplace, new SharedState(), { boot, createsTables: true });
  store.writeFormat();
  file.syncNow();
  file.close();
  store.close();
  renameSync(join(birthplace, DATA_FILE), join(folder, DATA_FILE));
  syncFolder(folder);
  rmSync(birthplace, { recursive: true, force: true });
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function checkFormat(store: Store, folder: string): void {
  const view = store.takeView();
  const version = store.readFormat(view);
  store.returnView(view);
  if (version === FORMAT_VERSION) return;
  const found = version === undefined ? 'is not of this server' : `has format ${version}`;
  throw new ArangoError(
    'ERROR_ARANGO_CORRUPTED_DATAFILE',
    `the database in ${folder} ${found}; this server reads format ${FORMAT_VERSION}`,
  );
}

class EmbeddedEngine implements StorageEngine {
  readonly name = 'embedded';
  readonly gathering: CommitGathering;
  readonly #store: Store;
  readonly #syncer: Syncer;
  readonly #file: DataFile;
  readonly #share: StorageShare;
  readonly #first: FirstThread | undefined;
  /** The last commit when this thread committed last. */
  #ownCommits: number;
  #isClosed = false;

  constructor({ store, syncer, file }: Parts, share: StorageShare, first?: FirstThread) {
    this.#store = store;
    this.gathering = store.gathering;
    this.#syncer = syncer;
    this.#file = file;
    this.#share = share;
    this.#first = first;
    this.#ownCommits = store.shared.durable;
  }

  begin(options: BeginOptions): Transaction {
    // The data file is not mapped any more, and reading where it was ends the process.
    assert(!this.#isClosed, 'the store is closed');
    const store = this.#store;
    if (options.mode !== 'read') store.assertWritable();
    const isDirect = options.mode === 'direct';
    if (isDirect) {
      assert(!store.hasWriteLock, 'a direct transaction must end before the next begins');
      store.lockToWrite();
    }
    try {
      return new EmbeddedTransaction(store, options, (hasCommitted) => {
        if (hasCommitted) this.#ownCommits = store.shared.commits;
        if (isDirect) store.unlockToWrite();
      });
    } catch (error) {
      if (isDirect) store.unlockToWrite();
      throw error;
    }
  }

  tick(count = 1): number {
    return this.#store.tick(count);
  }

  revision(): bigint {
    return this.#store.shared.nextRevision(BigInt(clock.now()) << COUNTER_BITS);
  }

  metaVersion(): number {
    return this.#store.shared.metaVersion;
  }

  latestMetaVersion(): number {
    return this.metaVersion();
  }

  whenDurable(done: (error?: Error) => void): void {
    this.#syncer.whenDurable(this.#ownCommits, done);
  }

  syncNow(): void {
    this.#syncer.syncNow(this.#ownCommits);
  }

  async backup(folder: string): Promise<void> {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const [stranger] = readdirSync(folder);
    if (stranger !== undefined)
      throw new ArangoError('ERROR_BAD_PARAMETER', `the folder for a backup must be empty: ${folder} has ${stranger}`);
    this.#store.lockToWrite();
    try {
      this.#store.applyPending();
    } finally {
      this.#store.unlockToWrite();
    }
    await this.#store.safely(() => this.#store.lmdb.copy(folder));
    for (const path of [join(folder, DATA_FILE), folder]) {
      const file = await open(path, 'r');
      await file.sync();
      await file.close();
    }
  }

  statistics(): Readonly<Record<string, number>> {
    const { shared, lmdb } = this.#store;
    return {
      usedBytes: this.#store.safely(() => lmdb.usedBytes()),
      commits: shared.commits >>> 0,
      unsyncedCommits: (shared.commits - shared.durable) | 0,
    };
  }

  share(): StorageShare {
    return this.#share;
  }

  endThread(thread: { readonly threadId: number; terminate(): Promise<number> }): Promise<void> {
    return this.#asFirst().endThread(thread);
  }

  threadEnded(id: number): void {
    this.#asFirst().threadEnded(id);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#first?.prepareClose();
    this.#syncer.close();
    this.#file.close();
    this.#store.close();
    this.#store.shared.leave(this.#store.slot);
    this.#first?.finishClose();
  }

  #asFirst(): FirstThread {
    assert(this.#first !== undefined, 'only the first thread looks after the others');
    return this.#first;
  }
}

/** What only the first thread has and does. */
class FirstThread {
  readonly #store: Store;
  readonly #file: DataFile;
  readonly #journal: Journal;
  readonly #keeper: Keeper;
  readonly #lock: FolderLock;
  readonly #onClosed: () => void;
  #reclaimTimer: NodeJS.Timeout | undefined;

  constructor(parts: Parts, options: { readonly lock: FolderLock; readonly syncIntervalMs: number; readonly onClosed: () => void }) {
    this.#store = parts.store;
    this.#file = parts.file;
    this.#journal = parts.journal;
    this.#keeper = new Keeper(parts.store, parts.syncer, parts.file, options.syncIntervalMs);
    parts.store.syncDataFile = () => this.#keeper.checkpointNow();
    parts.store.beginSync = () => this.#keeper.beginSync();
    this.#lock = options.lock;
    this.#onClosed = options.onClosed;
    this.#planReclaim(undefined);
  }

  async endThread(thread: { readonly threadId: number; terminate(): Promise<number> }): Promise<void> {
    const { shared } = this.#store;
    const slot = shared.findSlot(thread.threadId);
    if (slot !== undefined) await this.#bar(slot);
    await thread.terminate();
    if (slot !== undefined) shared.release(slot);
  }

  threadEnded(id: number): void {
    const { shared } = this.#store;
    const slot = shared.findSlot(id);
    if (slot !== undefined) shared.release(slot);
  }

  /** Leaves a data file that has everything. */
  prepareClose(): void {
    clearTimeout(this.#reclaimTimer);
    const store = this.#store;
    this.#keeper.close();
    if (store.shared.failure !== FAILURE.none) return;
    store.lockToWrite();
    store.saveTicks();
    store.applyPending();
    recordAll(store, this.#file, { isClean: true });
    store.shared.raiseDurable(store.shared.commits);
    this.#journal.empty();
    store.unlockToWrite();
  }

  finishClose(): void {
    this.#lock.release();
    this.#onClosed();
  }

  /** Keeps the thread from entering another safe section, and waits until it is in none. */
  async #bar(slot: Slot): Promise<void> {
    const { shared } = this.#store;
    shared.bar(slot);
    while (shared.isInSection(slot)) await sleep(1);
  }

  #planReclaim(seen: number | undefined): void {
    const { shared } = this.#store;
    const { reclaims } = shared;
    const isMore = reclaims !== seen && shared.failure === FAILURE.none && this.#store.reclaim(RECLAIM_SLICE);
    this.#reclaimTimer = setTimeout(() => this.#planReclaim(isMore ? undefined : reclaims), isMore ? RECLAIM_PAUSE_MS : RECLAIM_IDLE_MS);
    this.#reclaimTimer.unref();
  }
}
