/**
 * When what was committed is on disk.
 *
 * Whoever waits for a commit waits for a sync of the journal, one at a time in the process, which serves all who came before it
 * began. The first thread also sees to commits that nobody waits for, and to *checkpoints*: when a thread has switched the journal,
 * it syncs the data file, writes a sync record, moves the anchor and so frees the journal's other file.
 */
import { ArangoError, clock, log } from '#base';
import type { DataFile } from './data-file.ts';
import type { Journal, JournalFile } from './journal.ts';
import type { Snapshot } from './lmdb.ts';
import { FAILURE, isReached, type SharedState } from './shared.ts';
import type { Store } from './store.ts';

interface Waiter {
  readonly commits: number;
  readonly done: (error?: Error) => void;
}

/** One thread's part in the syncs. */
export class Syncer {
  readonly #store: Store;
  readonly #journal: Journal;
  #waiters: Waiter[] = [];
  #isSyncing = false;
  #isListening = false;
  #isClosed = false;

  constructor(store: Store, journal: Journal) {
    this.#store = store;
    this.#journal = journal;
  }

  whenDurable(commits: number, done: (error?: Error) => void): void {
    this.#waiters.push({ commits, done });
    queueMicrotask(() => this.#goOn());
  }

  syncNow(commits: number): void {
    const { shared, slot } = this.#store;
    while (!isReached(shared.durable, commits)) {
      this.#store.assertWritable();
      this.#store.writeJournal();
      const seen = shared.syncs;
      // A sync that this thread has begun does not end while it stands here.
      if (!this.#isSyncing && !shared.tryLock('syncLock', slot)) {
        shared.waitForSync(seen);
        continue;
      }
      try {
        const reached = shared.writtenCommits;
        for (const file of filesToSync(shared)) this.#journal.syncNow(file);
        shared.raiseDurable(reached);
      } catch (error) {
        throw syncFailed(shared, error);
      } finally {
        if (!this.#isSyncing) shared.unlock('syncLock', slot);
        shared.endSync();
      }
    }
  }

  /** Before the files are closed. Everybody is called back. */
  close(): void {
    const { shared, slot } = this.#store;
    this.#isClosed = true;
    if (this.#isSyncing) {
      // Nobody will be told when it ends.
      this.#isSyncing = false;
      shared.unlock('syncLock', slot);
      shared.endSync();
    }
    for (const { commits, done } of this.#waiters.splice(0)) {
      try {
        this.syncNow(commits);
      } catch (error) {
        done(error as Error);
        continue;
      }
      done();
    }
  }

  /** Calls back whom it can, and sees to it that a sync is under way for the others. */
  #goOn(): void {
    if (this.#isClosed) return;
    const { shared, slot } = this.#store;
    if (shared.failure !== FAILURE.none) {
      this.#failWaiters(new ArangoError('ERROR_ARANGO_IO_ERROR', 'the disk has failed to keep what was written'));
      return;
    }
    const { durable } = shared;
    const ready = this.#waiters.filter(({ commits }) => isReached(durable, commits));
    this.#waiters = this.#waiters.filter(({ commits }) => !isReached(durable, commits));
    for (const { done } of ready) done();
    if (this.#waiters.length === 0 || this.#isSyncing || this.#isListening) return;
    const seen = shared.syncs;
    if (shared.tryLock('syncLock', slot)) this.#sync();
    else void this.#goOnAfterSync(seen);
  }

  async #goOnAfterSync(seen: number): Promise<void> {
    this.#isListening = true;
    await this.#store.shared.waitForSyncAsync(seen);
    this.#isListening = false;
    this.#goOn();
  }

  #sync(): void {
    const { shared, slot } = this.#store;
    if (!this.#writeGathered()) return;
    const reached = shared.writtenCommits;
    const files = filesToSync(shared);
    this.#isSyncing = true;
    const syncNext = (): void => {
      const file = files.shift();
      if (file === undefined) end();
      else this.#journal.sync(file, (error) => (error === null ? syncNext() : end(error)));
    };
    const end = (error?: Error): void => {
      this.#isSyncing = false;
      if (error === undefined) shared.raiseDurable(reached);
      else this.#failWaiters(syncFailed(shared, error));
      shared.unlock('syncLock', slot);
      shared.endSync();
      this.#goOn();
    };
    syncNext();
  }

  /** With the sync lock, which is given back where the disk does not take what is to be synced. */
  #writeGathered(): boolean {
    const { shared, slot } = this.#store;
    try {
      this.#store.writeJournal();
      return true;
    } catch (error) {
      shared.unlock('syncLock', slot);
      shared.endSync();
      this.#failWaiters(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
  }

  #failWaiters(error: Error): void {
    for (const { done } of this.#waiters.splice(0)) done(error);
  }
}

/** To be asked after the number of written commits that is to be reached. */
function filesToSync(shared: SharedState): JournalFile[] {
  const { isCheckpointOpen, journalFile } = shared;
  return isCheckpointOpen ? [(1 - journalFile) as JournalFile, journalFile] : [journalFile];
}

function syncFailed(shared: SharedState, cause: unknown): Error {
  // The system reports a failure once and then forgets what it could not write: no later sync makes up for it.
  shared.fail(FAILURE.sync);
  log.fatal('engines', 'The disk has failed to keep what was written', cause);
  return new ArangoError('ERROR_ARANGO_IO_ERROR', 'the disk has failed to keep what was written', { cause });
}

interface Anchor {
  readonly snapshot: Snapshot;
  /** How many checkpoints there were: the note of any later one reaches it. */
  readonly checkpoints: number;
}

const BUSY_INTERVAL_MS = 10;
/** How long pending commits wait for others before they are put into the data file. */
const IDLE_MS = 1000;
/** How long the data file's sync record may be behind. */
const CHECKPOINT_MS = 30_000;

/** What the first thread does for all. It never waits: it has a network to serve. */
export class Keeper {
  readonly #store: Store;
  readonly #syncer: Syncer;
  readonly #file: DataFile;
  /** The same file, for `beginSync`. */
  readonly #ahead: DataFile;
  readonly #intervalMs: number;
  #timer: NodeJS.Timeout | undefined;
  /** Not newer than the last sync record. */
  #anchor: Anchor;
  /** Takes over when a sync record has reached it. */
  #nextAnchor: Anchor | undefined;
  #recordedCommits: number;
  #recordedAt = clock.monotonic();
  #seenCommits: number;
  #seenAt = clock.monotonic();
  #isClosed = false;

  /** After a sync record and before the first commit. */
  constructor(store: Store, syncer: Syncer, file: DataFile, intervalMs: number) {
    this.#store = store;
    this.#syncer = syncer;
    this.#file = file;
    this.#ahead = file.reopen();
    this.#intervalMs = intervalMs;
    this.#seenCommits = store.shared.commits;
    this.#recordedCommits = this.#seenCommits;
    this.#anchor = { snapshot: store.lmdb.snapshot(), checkpoints: store.shared.checkpoints };
    this.#plan();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#ahead.close();
    this.#anchor.snapshot.close();
    this.#nextAnchor?.snapshot.close();
  }

  #plan(): void {
    if (this.#isClosed) return;
    const waitMs = this.#store.shared.isCheckpointOpen ? Math.min(BUSY_INTERVAL_MS, this.#intervalMs) : this.#intervalMs;
    this.#timer = setTimeout(() => this.#look(), waitMs);
    this.#timer.unref();
  }

  #look(): void {
    const { shared } = this.#store;
    if (shared.failure !== FAILURE.none) return;
    this.#nextAnchor ??= this.#takeAnchor();
    this.#tidyWhenIdle();
    const { writtenCommits } = shared;
    if (shared.isCheckpointOpen) this.#checkpoint();
    else if (writtenCommits === shared.durable) this.#plan();
    else this.#syncer.whenDurable(writtenCommits, () => this.#plan());
  }

  /** None when a checkpoint is opened at this very moment. */
  #takeAnchor(): Anchor | undefined {
    const { shared, lmdb } = this.#store;
    const { checkpoints } = shared;
    const snapshot = lmdb.snapshot();
    if (checkpoints === shared.checkpoints) return { snapshot, checkpoints };
    snapshot.close();
    return undefined;
  }

  #tidyWhenIdle(): void {
    const { shared } = this.#store;
    const now = clock.monotonic();
    if (this.#seenCommits !== shared.commits) {
      this.#seenCommits = shared.commits;
      this.#seenAt = now;
    }
    const isLate = shared.commits !== this.#recordedCommits && now - this.#recordedAt > CHECKPOINT_MS && !shared.isCheckpointOpen;
    const isIdle = shared.pendingBytes > 0 && now - this.#seenAt > IDLE_MS;
    if ((!isLate && !isIdle) || !this.#store.tryLockToWrite()) return;
    try {
      if (isLate) this.#store.openCheckpoint();
      else this.#store.applyPending();
    } catch (error) {
      // Nothing is lost, and whoever writes next will be told.
      log.error('engines', 'Committed writes could not be put into the data file', error);
    } finally {
      this.#store.unlockToWrite();
    }
  }

  #checkpoint(): void {
    const { shared } = this.#store;
    const meta = Uint8Array.from(shared.note);
    const { checkpoints } = shared;
    const fail = (error: unknown): void => {
      syncFailed(shared, error);
    };
    const isDone = (): boolean => {
      const isOver = !shared.isCheckpointOpen || shared.checkpoints !== checkpoints;
      if (isOver) this.#plan();
      return isOver;
    };
    this.#file.sync((error) => {
      if (error !== null) return fail(error);
      if (isDone()) return;
      try {
        this.#file.writeSyncRecord(shared.nextSyncRecord(), meta, { isClean: false });
      } catch (cause) {
        return fail(cause);
      }
      this.#file.sync((later) => {
        if (later !== null) return fail(later);
        if (isDone()) return;
        this.#endCheckpoint();
        this.#plan();
      });
    });
  }

  /**
   * Has the system write to the disk what `checkpointNow` will otherwise wait for. Whether it could, the checkpoint finds out for itself: by another
   * descriptor, as the system reports a failure to each of them once.
   */
  beginSync(): void {
    if (this.#isClosed) return;
    this.#ahead.sync((error) => {
      if (error !== null) syncFailed(this.#store.shared, error);
    });
  }

  /**
   * The same at once, for when this very thread writes so much that its timers do not get a turn. A checkpoint that is under way
   * finds that it is over.
   */
  checkpointNow(): void {
    if (this.#isClosed) return;
    const { shared } = this.#store;
    try {
      this.#file.syncNow();
      this.#file.writeSyncRecord(shared.nextSyncRecord(), Uint8Array.from(shared.note), { isClean: false });
      this.#file.syncNow();
    } catch (error) {
      throw syncFailed(shared, error);
    }
    this.#endCheckpoint();
    this.#nextAnchor ??= this.#takeAnchor();
  }

  /** Once its sync record is on disk. */
  #endCheckpoint(): void {
    const { shared } = this.#store;
    const { checkpoints, notedCommits } = shared;
    this.#moveAnchor(checkpoints);
    shared.raiseDurable(notedCommits);
    shared.endCheckpoint();
    shared.endSync();
    this.#recordedCommits = notedCommits;
    this.#recordedAt = clock.monotonic();
  }

  #moveAnchor(checkpoints: number): void {
    if (this.#nextAnchor === undefined || this.#nextAnchor.checkpoints >= checkpoints) return;
    this.#anchor.snapshot.close();
    this.#anchor = this.#nextAnchor;
    this.#nextAnchor = this.#takeAnchor();
  }
}
