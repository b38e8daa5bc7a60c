/**
 * What the threads of one process share: locks, counters, and which threads there are. Everything here is atomic.
 *
 * Two locks: the *write lock* is held from the first read of a writing transaction to its commit, JavaScript in between; the
 * *apply lock* only while LMDB itself is being written, a stretch in which a thread must never be ended. A thread can therefore be
 * ended at any moment at which the first thread holds the apply lock, and its write lock be taken away afterwards.
 *
 * Commits are counted in 32 bits that wrap around: compare them with `isReached` only.
 */
import assert from 'node:assert/strict';

/** Standard since 2024, in Node.js for longer. */
const { waitAsync } = Atomics as unknown as {
  readonly waitAsync: (
    words: Int32Array,
    word: number,
    value: number,
  ) => { readonly async: true; readonly value: Promise<unknown> } | { readonly async: false };
};

const WORDS = 16;
const SLOTS = 1024;
const WIDE_WORDS = 4;

const WORD = {
  writeLock: 0,
  applyLock: 1,
  commits: 2,
  durable: 3,
  syncLock: 4,
  syncs: 5,
  metaVersion: 6,
  tablesVersion: 7,
  failure: 8,
  reclaims: 9,
  lastSlot: 10,
} as const;

const WIDE = { tick: 0, tickLimit: 1, revision: 2, syncRecord: 3 } as const;

const FREE = 0;
const LIVE = 1;
const BARRED = 2;

/** One of the first thread, the other threads' in the order in which they joined. */
export type Slot = number;

export const FIRST_SLOT: Slot = 1;

type Lock = 'writeLock' | 'applyLock' | 'syncLock';

/** Why nothing can be written any more. */
export const FAILURE = { none: 0, sync: 1, endedWhileWriting: 2 } as const;

export function isReached(counter: number, target: number): boolean {
  return ((counter - target) | 0) >= 0;
}

export class SharedState {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #wide: BigInt64Array;
  readonly #slots: Int32Array;

  constructor(memory = new SharedArrayBuffer(4 * WORDS + 8 * WIDE_WORDS + 4 * SLOTS)) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, WORDS);
    this.#wide = new BigInt64Array(memory, 4 * WORDS, WIDE_WORDS);
    this.#slots = new Int32Array(memory, 4 * WORDS + 8 * WIDE_WORDS, SLOTS);
  }

  /** A slot of its own for a thread. */
  join(threadId: number): Slot {
    for (let slot = FIRST_SLOT; slot < SLOTS / 2; slot++) {
      if (Atomics.compareExchange(this.#slots, 2 * slot, FREE, LIVE) === FREE) {
        Atomics.store(this.#slots, 2 * slot + 1, threadId);
        return slot;
      }
    }
    throw new Error(`No more than ${SLOTS / 2 - 1} threads can use one store`);
  }

  leave(slot: Slot): void {
    Atomics.store(this.#slots, 2 * slot, FREE);
  }

  findSlot(threadId: number): Slot | undefined {
    for (let slot = FIRST_SLOT; slot < SLOTS / 2; slot++) {
      if (Atomics.load(this.#slots, 2 * slot) !== FREE && Atomics.load(this.#slots, 2 * slot + 1) === threadId) return slot;
    }
    return undefined;
  }

  /** From now on the thread waits where it wants to write, for ever if it is being ended. */
  bar(slot: Slot): void {
    Atomics.store(this.#slots, 2 * slot, BARRED);
  }

  /** Takes the apply lock for good, which a barred thread never gets. */
  lockToApply(slot: Slot): void {
    this.lock('applyLock', slot);
    while (Atomics.load(this.#slots, 2 * slot) === BARRED) {
      this.unlock('applyLock', slot);
      Atomics.wait(this.#slots, 2 * slot, BARRED);
      this.lock('applyLock', slot);
    }
  }

  lock(lock: Lock, slot: Slot): void {
    const word = WORD[lock];
    for (;;) {
      const holder = Atomics.compareExchange(this.#words, word, 0, slot);
      if (holder === 0) return;
      assert(holder !== slot, `a thread waits for the ${lock} that it holds`);
      Atomics.wait(this.#words, word, holder);
    }
  }

  tryLock(lock: Lock, slot: Slot): boolean {
    return Atomics.compareExchange(this.#words, WORD[lock], 0, slot) === 0;
  }

  unlock(lock: Lock, slot: Slot): void {
    const before = Atomics.compareExchange(this.#words, WORD[lock], slot, 0);
    assert(before === slot, `a thread gives back the ${lock} of another`);
    Atomics.notify(this.#words, WORD[lock], 1);
  }

  /** Takes away what a thread that has ended still held. */
  release(slot: Slot): void {
    if (Atomics.load(this.#words, WORD.applyLock) === slot) this.fail(FAILURE.endedWhileWriting);
    for (const lock of ['writeLock', 'applyLock', 'syncLock'] as const) {
      if (Atomics.compareExchange(this.#words, WORD[lock], slot, 0) === slot) Atomics.notify(this.#words, WORD[lock]);
    }
    this.endSync();
    this.leave(slot);
  }

  get commits(): number {
    return Atomics.load(this.#words, WORD.commits);
  }

  countCommit(): number {
    return (Atomics.add(this.#words, WORD.commits, 1) + 1) | 0;
  }

  get durable(): number {
    return Atomics.load(this.#words, WORD.durable);
  }

  /** Only under the sync lock. */
  raiseDurable(commits: number): void {
    if (!isReached(this.durable, commits)) Atomics.store(this.#words, WORD.durable, commits);
  }

  /** Wakes all who wait for a sync. */
  endSync(): void {
    Atomics.add(this.#words, WORD.syncs, 1);
    Atomics.notify(this.#words, WORD.syncs);
  }

  /** Only under the sync lock. */
  nextSyncRecord(): number {
    return Number(Atomics.add(this.#wide, WIDE.syncRecord, 1n)) + 1;
  }

  setSyncRecord(last: number): void {
    Atomics.store(this.#wide, WIDE.syncRecord, BigInt(last));
  }

  get syncs(): number {
    return Atomics.load(this.#words, WORD.syncs);
  }

  waitForSync(seen: number): void {
    Atomics.wait(this.#words, WORD.syncs, seen);
  }

  waitForSyncAsync(seen: number): Promise<unknown> | undefined {
    const wait = waitAsync(this.#words, WORD.syncs, seen);
    return wait.async ? wait.value : undefined;
  }

  get metaVersion(): number {
    return Atomics.load(this.#words, WORD.metaVersion);
  }

  countMetaCommit(): void {
    Atomics.add(this.#words, WORD.metaVersion, 1);
  }

  /** Odd while a commit that gives tables another place in the file is under way. */
  get tablesVersion(): number {
    return Atomics.load(this.#words, WORD.tablesVersion);
  }

  countTablesChange(): void {
    Atomics.add(this.#words, WORD.tablesVersion, 1);
  }

  get reclaims(): number {
    return Atomics.load(this.#words, WORD.reclaims);
  }

  countReclaim(): void {
    Atomics.add(this.#words, WORD.reclaims, 1);
  }

  fail(failure: number): void {
    Atomics.store(this.#words, WORD.failure, failure);
  }

  get failure(): number {
    return Atomics.load(this.#words, WORD.failure);
  }

  setTicks(next: number, limit: number): void {
    Atomics.store(this.#wide, WIDE.tickLimit, BigInt(limit));
    Atomics.store(this.#wide, WIDE.tick, BigInt(next));
  }

  get nextTick(): number {
    return Number(Atomics.load(this.#wide, WIDE.tick));
  }

  takeTicks(count: number): number {
    return Number(Atomics.add(this.#wide, WIDE.tick, BigInt(count)));
  }

  get tickLimit(): number {
    return Number(Atomics.load(this.#wide, WIDE.tickLimit));
  }

  raiseTickLimit(limit: number): void {
    Atomics.store(this.#wide, WIDE.tickLimit, BigInt(limit));
  }

  get lastRevision(): bigint {
    return Atomics.load(this.#wide, WIDE.revision);
  }

  /** Never behind `floor`, and each greater than all before. */
  nextRevision(floor: bigint): bigint {
    for (;;) {
      const last = Atomics.load(this.#wide, WIDE.revision);
      const next = floor > last ? floor : last + 1n;
      if (Atomics.compareExchange(this.#wide, WIDE.revision, last, next) === last) return next;
    }
  }
}
