/**
 * What survives a power cut, and how one finds back to it.
 *
 * LMDB writes without waiting for the disk, which writes in any order; so after a power cut the newest state may be damaged. Against
 * that stand three things. (1) A *sync*: it notes the newest state (LMDB's meta page), waits until the disk has everything, then
 * writes the note as a *sync record* into the file and waits again. (2) The *anchor*: the first thread always holds a snapshot no
 * newer than the last sync record, and LMDB never overwrites a page that a snapshot may see. (3) `restoreAfterPowerCut`: when the
 * computer has been started anew since the last sync record, the state that it notes is made the newest before LMDB sees the file.
 *
 * The record's two slots are in halves of the two meta pages that LMDB leaves alone; they are written in turns, so that one of them
 * is always whole. After a mere crash of the process nothing is restored: the system still has all that was written.
 */
import { closeSync, fdatasync, fdatasyncSync, fstatSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { uptime } from 'node:os';
import { crc32 } from 'node:zlib';
import { ArangoError, clock, log } from '#base';
import { PAGE_BYTES, type Snapshot } from './lmdb.ts';
import { FAILURE, isReached } from './shared.ts';
import type { Store } from './store.ts';

const META_BYTES = 168;
const META = { page: 0, magic: 24, transaction: 152 } as const;
const LMDB_MAGIC = 0xbeefc0de;

const SLOT_OFFSET = 2048;
const SLOT_BYTES = 512;
const SLOT = { magic: 0, number: 8, inode: 16, boot: 24, meta: 128, checksum: SLOT_BYTES - 4 } as const;
const SLOT_MAGIC = Buffer.from('foxden s');
const BOOT_BYTES = 64;

interface SyncRecord {
  readonly number: number;
  readonly boot: string;
  readonly inode: number;
  readonly meta: Buffer;
}

/** What changes when the computer is started, and with it forgets what was written but not synced. */
export function bootIdentity(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    // Elsewhere the moment of the start must do; it is known to some seconds, and a start takes longer than a minute.
    return `started ${Math.round((clock.now() / 1000 - uptime()) / 60)}`;
  }
}

/**
 * To be called before LMDB opens the file. Answers the number of the last sync record (0 when there is none, as in a backup) and
 * whether anything later was given up.
 */
export function restoreAfterPowerCut(path: string, boot: string): { readonly lastRecord: number; readonly isRestored: boolean } {
  const file = openSync(path, 'r+');
  try {
    const metas = readMetas(file);
    const record = readSyncRecord(file);
    const mayTrustNewest = record === undefined || (record.boot === boot && record.inode === fstatSync(file).ino);
    if (mayTrustNewest) {
      if (metas.some((meta) => meta.readUInt32LE(META.magic) !== LMDB_MAGIC)) {
        throw new ArangoError('ERROR_ARANGO_CORRUPTED_DATAFILE', `${path} is no database of this server, or its head is destroyed`);
      }
      return { lastRecord: record?.number ?? 0, isRestored: false };
    }
    const transaction = transactionOf(record.meta);
    for (const [page, meta] of [Buffer.from(record.meta), Buffer.from(record.meta)].entries()) {
      const isNewest = BigInt(page) === transaction % 2n;
      meta.writeBigUInt64LE(BigInt(page), META.page);
      meta.writeBigUInt64LE(isNewest ? transaction : transaction - 1n, META.transaction);
      writeSync(file, meta, 0, META_BYTES, page * PAGE_BYTES);
    }
    fdatasyncSync(file);
    return { lastRecord: record.number, isRestored: metas.some((meta) => transactionOf(meta) > transaction) };
  } finally {
    closeSync(file);
  }
}

function readMetas(file: number): Buffer[] {
  return [0, 1].map((page) => {
    const meta = Buffer.alloc(META_BYTES);
    readSync(file, meta, 0, META_BYTES, page * PAGE_BYTES);
    return meta;
  });
}

function transactionOf(meta: Buffer): bigint {
  return meta.readBigUInt64LE(META.transaction);
}

function readSyncRecord(file: number): SyncRecord | undefined {
  let last: SyncRecord | undefined;
  for (const page of [0, 1]) {
    const bytes = Buffer.alloc(SLOT_BYTES);
    readSync(file, bytes, 0, SLOT_BYTES, page * PAGE_BYTES + SLOT_OFFSET);
    if (!bytes.subarray(0, SLOT_MAGIC.length).equals(SLOT_MAGIC)) continue;
    if (bytes.readUInt32LE(SLOT.checksum) !== crc32(bytes.subarray(0, SLOT.checksum))) continue;
    const number = Number(bytes.readBigUInt64LE(SLOT.number));
    if (last !== undefined && last.number > number) continue;
    last = {
      number,
      boot: bytes.toString('latin1', SLOT.boot, SLOT.boot + BOOT_BYTES).replace(/\0+$/, ''),
      inode: Number(bytes.readBigUInt64LE(SLOT.inode)),
      meta: bytes.subarray(SLOT.meta, SLOT.meta + META_BYTES),
    };
  }
  return last;
}

function writeSyncRecord(file: number, { number, boot, inode, meta }: SyncRecord): void {
  const bytes = Buffer.alloc(SLOT_BYTES);
  bytes.set(SLOT_MAGIC, SLOT.magic);
  bytes.writeBigUInt64LE(BigInt(number), SLOT.number);
  bytes.writeBigUInt64LE(BigInt(inode), SLOT.inode);
  bytes.write(boot, SLOT.boot, BOOT_BYTES, 'latin1');
  bytes.set(meta, SLOT.meta);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, SLOT.checksum)), SLOT.checksum);
  writeSync(file, bytes, 0, SLOT_BYTES, (number % 2) * PAGE_BYTES + SLOT_OFFSET);
}

interface Note {
  readonly record: SyncRecord;
  readonly commits: number;
}

interface Waiter {
  readonly commits: number;
  readonly done: (error?: Error) => void;
}

/** One thread's part in the syncs, of which the process does one at a time for whoever waits. */
export class Syncer {
  readonly #store: Store;
  readonly #file: number;
  readonly #boot: string;
  readonly #inode: number;
  #waiters: Waiter[] = [];
  /** The round that this thread has begun and that the disk is busy with. */
  #round: Note | undefined;
  #isBeginning = false;
  #isListening = false;

  constructor(store: Store, path: string, boot: string) {
    this.#store = store;
    this.#file = openSync(path, 'r+');
    this.#boot = boot;
    this.#inode = fstatSync(this.#file).ino;
  }

  whenDurable(commits: number, done: (error?: Error) => void): void {
    this.#waiters.push({ commits, done });
    queueMicrotask(() => this.#goOn());
  }

  syncNow(commits: number): void {
    const { shared, slot } = this.#store;
    while (!isReached(shared.durable, commits)) {
      this.#store.assertWritable();
      const seen = shared.syncs;
      const isOurs = this.#isBeginning || this.#round !== undefined;
      if (!isOurs && !shared.tryLock('syncLock', slot)) {
        shared.waitForSync(seen);
        continue;
      }
      try {
        this.#syncBlocking();
      } finally {
        if (!isOurs) shared.unlock('syncLock', slot);
        shared.endSync();
      }
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  /** A round begun by this thread may be under way: then its note is outdated when it ends, and not written. */
  #syncBlocking(): void {
    try {
      const note = this.#store.whileNobodyApplies(() => this.#takeNote());
      this.#round &&= note;
      fdatasyncSync(this.#file);
      writeSyncRecord(this.#file, note.record);
      fdatasyncSync(this.#file);
      this.#store.shared.raiseDurable(note.commits);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Calls back whom it can, and sees to it that a sync is under way for the others. */
  #goOn(): void {
    const { shared, slot } = this.#store;
    const { durable, failure } = shared;
    if (failure === FAILURE.none) {
      const ready = this.#waiters.filter(({ commits }) => isReached(durable, commits));
      this.#waiters = this.#waiters.filter(({ commits }) => !isReached(durable, commits));
      for (const { done } of ready) done();
    } else {
      this.#failWaiters(new ArangoError('ERROR_ARANGO_IO_ERROR', 'the disk has failed to keep what was written'));
    }
    if (this.#waiters.length === 0 || this.#isBeginning || this.#round !== undefined || this.#isListening) return;
    const seen = shared.syncs;
    if (shared.tryLock('syncLock', slot)) this.#beginRound();
    else this.#listen(seen);
  }

  #listen(seen: number): void {
    const ended = this.#store.shared.waitForSyncAsync(seen);
    if (ended === undefined) {
      queueMicrotask(() => this.#goOn());
      return;
    }
    this.#isListening = true;
    void this.#goOnAfter(ended);
  }

  async #goOnAfter(ended: Promise<unknown>): Promise<void> {
    await ended;
    this.#isListening = false;
    this.#goOn();
  }

  /** Never blocks: the first thread has a network to serve. */
  #beginRound(): void {
    const { shared, slot } = this.#store;
    this.#isBeginning = !shared.tryLock('applyLock', slot);
    if (this.#isBeginning) {
      setTimeout(() => this.#beginRound(), RETRY_MS);
      return;
    }
    const note = this.#takeNote();
    shared.unlock('applyLock', slot);
    this.#round = note;
    fdatasync(this.#file, (error) => {
      if (error !== null) return this.#endRound(error);
      // Written at once, so that it cannot come in between the records of `syncNow`.
      if (this.#round !== note) return this.#endRound();
      try {
        writeSyncRecord(this.#file, note.record);
      } catch (cause) {
        return this.#endRound(cause);
      }
      fdatasync(this.#file, (failed) => {
        if (failed === null) this.#store.shared.raiseDurable(note.commits);
        this.#endRound(failed ?? undefined);
      });
    });
  }

  #endRound(error?: unknown): void {
    const { shared, slot } = this.#store;
    this.#round = undefined;
    if (error !== undefined) this.#failWaiters(this.#failed(error));
    shared.unlock('syncLock', slot);
    shared.endSync();
    this.#goOn();
  }

  #failWaiters(error: Error): void {
    for (const { done } of this.#waiters.splice(0)) done(error);
  }

  #failed(cause: unknown): Error {
    // The system reports a failure once and then forgets what it could not write: no later sync makes up for it.
    this.#store.shared.fail(FAILURE.sync);
    log.fatal('engines', 'The disk has failed to keep what was written', cause);
    return new ArangoError('ERROR_ARANGO_IO_ERROR', 'the disk has failed to keep what was written', { cause });
  }

  /** The newest state, as LMDB has noted it. Only under the apply lock. */
  #takeNote(): Note {
    const { shared } = this.#store;
    const [even, odd] = readMetas(this.#file) as [Buffer, Buffer];
    const meta = transactionOf(even) > transactionOf(odd) ? even : odd;
    const record = { number: shared.nextSyncRecord(), boot: this.#boot, inode: this.#inode, meta };
    return { record, commits: shared.commits };
  }
}

const RETRY_MS = 1;
const BUSY_COMMITS = 500;
const BUSY_INTERVAL_MS = 10;

/** In the first thread: syncs every now and then what nobody waits for, and moves the anchor after it. */
export class Keeper {
  readonly #store: Store;
  readonly #syncer: Syncer;
  readonly #intervalMs: number;
  #timer: NodeJS.Timeout | undefined;
  #anchor: Anchor;
  #nextAnchor: Anchor | undefined;
  #isClosed = false;

  /** After a sync and before the first commit. */
  constructor(store: Store, syncer: Syncer, intervalMs: number) {
    this.#store = store;
    this.#syncer = syncer;
    this.#intervalMs = intervalMs;
    this.#anchor = { snapshot: store.lmdb.snapshot(), commits: store.shared.commits };
    this.#plan();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#anchor.snapshot.close();
    this.#nextAnchor?.snapshot.close();
  }

  #plan(): void {
    const { shared } = this.#store;
    const isBusy = isReached(shared.commits, (shared.durable + BUSY_COMMITS) | 0);
    this.#timer = setTimeout(() => this.#look(), isBusy ? Math.min(BUSY_INTERVAL_MS, this.#intervalMs) : this.#intervalMs);
    this.#timer.unref();
  }

  #look(): void {
    const { shared } = this.#store;
    this.#moveAnchor();
    if (shared.commits === shared.durable || shared.failure !== FAILURE.none) {
      this.#plan();
      return;
    }
    this.#syncer.whenDurable(this.#nextAnchor?.commits ?? shared.commits, () => {
      if (this.#isClosed) return;
      this.#moveAnchor();
      this.#plan();
    });
  }

  /** The next anchor is a snapshot of now; it takes over when a sync record has reached it. */
  #moveAnchor(): void {
    const { lmdb, shared, slot } = this.#store;
    const next = this.#nextAnchor;
    if (next !== undefined && isReached(shared.durable, next.commits)) {
      this.#anchor.snapshot.close();
      this.#anchor = next;
      this.#nextAnchor = undefined;
    }
    if (this.#nextAnchor !== undefined || shared.commits === this.#anchor.commits || !shared.tryLock('applyLock', slot)) return;
    this.#nextAnchor = { snapshot: lmdb.snapshot(), commits: shared.commits };
    shared.unlock('applyLock', slot);
  }
}

interface Anchor {
  readonly snapshot: Snapshot;
  readonly commits: number;
}
