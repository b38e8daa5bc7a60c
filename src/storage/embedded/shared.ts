/**
 * What the threads of one process share: locks, counters, which threads there are, and the commits that are not in the data file
 * yet. All words are atomic.
 *
 * Two locks: the *write lock* is held from the first read of a writing transaction to its commit, JavaScript in between; the
 * *apply lock* only while the files or the pending commits are being changed, a short stretch.
 *
 * A thread may be ended in the midst of anything but a *safe section*: those that change shared things, and calls of native methods
 * that cannot bear it. So whoever ends a thread first bars it from entering one and waits until it has left the one it is in; a
 * barred thread that comes to one stays there until it is ended. Its write lock can then be taken away from it.
 *
 * Commits are numbered; `commits` has the last one's number in 32 bits that wrap around: compare with `isReached` only.
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

const WORDS = 24;
const SLOTS = 512;
const SLOT_WORDS = 3;
const WIDE_WORDS = 6;
const NOTE_BYTES = 512;
/** Room for pending commits. */
export const PENDING_BYTES = 1024 * 1024;

const WORD = {
  writeLock: 0,
  applyLock: 1,
  syncLock: 2,
  commits: 3,
  durable: 4,
  syncs: 5,
  metaVersion: 6,
  tablesVersion: 7,
  failure: 8,
  reclaims: 9,
  generation: 10,
  pendingBytes: 11,
  journalFile: 12,
  journalPosition: 13,
  nextPlace: 14,
  checkpoints: 15,
  isCheckpointOpen: 16,
  notedCommits: 17,
  applyBytes: 18,
  journalBytes: 19,
  unwrittenBytes: 20,
  writtenCommits: 21,
} as const;

const WIDE = { tick: 0, tickLimit: 1, revision: 2, syncRecord: 3, sequence: 4 } as const;

const SHARED_BYTES = 8 * WIDE_WORDS + 4 * WORDS + 4 * SLOTS * SLOT_WORDS + NOTE_BYTES + PENDING_BYTES;

/** A slot's words: its state, the thread's id, and how many safe sections the thread is in. */
const SLOT = { state: 0, threadId: 1, sections: 2 } as const;

const ANNOUNCED = 1;
const INSIDE = 0x10000;

const FREE = 0;
const LIVE = 1;
const BARRED = 2;

/** One of the first thread, the other threads' in the order in which they joined. */
export type Slot = number;

export const FIRST_SLOT: Slot = 1;

export interface Limits {
  /** From so many bytes of pending commits on they are put into the data file. */
  readonly applyBytes: number;
  /** From so many bytes on the journal is switched. */
  readonly journalBytes: number;
}

type Lock = 'writeLock' | 'applyLock' | 'syncLock';

/** How often a thread looks whether a lock is free before it sleeps: about as long as most hold one, and less than a sleep costs. */
const SPIN_TURNS = 500;

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
  /** The meta page of the data file that the next sync record is to note. */
  readonly note: Uint8Array;
  /** The frames of the commits since the data file was written last. */
  readonly pending: Uint8Array;

  constructor(memory = new SharedArrayBuffer(SHARED_BYTES)) {
    this.memory = memory;
    this.#wide = new BigInt64Array(memory, 0, WIDE_WORDS);
    this.#words = new Int32Array(memory, 8 * WIDE_WORDS, WORDS);
    this.#slots = new Int32Array(memory, 8 * WIDE_WORDS + 4 * WORDS, SLOTS * SLOT_WORDS);
    this.note = new Uint8Array(memory, SHARED_BYTES - PENDING_BYTES - NOTE_BYTES, NOTE_BYTES);
    this.pending = new Uint8Array(memory, SHARED_BYTES - PENDING_BYTES);
  }

  /** A slot of its own for a thread. */
  join(threadId: number): Slot {
    for (let slot = FIRST_SLOT; slot < SLOTS; slot++) {
      const at = SLOT_WORDS * slot;
      if (Atomics.compareExchange(this.#slots, at + SLOT.state, FREE, LIVE) !== FREE) continue;
      Atomics.store(this.#slots, at + SLOT.threadId, threadId);
      Atomics.store(this.#slots, at + SLOT.sections, 0);
      return slot;
    }
    throw new Error(`No more than ${SLOTS - 1} threads can use one store`);
  }

  leave(slot: Slot): void {
    Atomics.store(this.#slots, SLOT_WORDS * slot + SLOT.state, FREE);
  }

  findSlot(threadId: number): Slot | undefined {
    for (let slot = FIRST_SLOT; slot < SLOTS; slot++) {
      const at = SLOT_WORDS * slot;
      if (Atomics.load(this.#slots, at + SLOT.state) !== FREE && Atomics.load(this.#slots, at + SLOT.threadId) === threadId) return slot;
    }
    return undefined;
  }

  /** Runs `action` in a safe section. Does not come back in a thread that is being ended. */
  safely<Result>(slot: Slot, action: () => Result): Result {
    this.#enterSection(slot);
    try {
      return action();
    } finally {
      this.#leaveSection(slot);
    }
  }

  /** First it is announced, then looked whether it may be: so whoever bars the thread sees it, or is seen. */
  #enterSection(slot: Slot): void {
    const at = SLOT_WORDS * slot;
    Atomics.add(this.#slots, at + SLOT.sections, ANNOUNCED);
    while (!this.isInside(slot) && this.isBarred(slot)) {
      Atomics.sub(this.#slots, at + SLOT.sections, ANNOUNCED);
      Atomics.wait(this.#slots, at + SLOT.state, BARRED);
      Atomics.add(this.#slots, at + SLOT.sections, ANNOUNCED);
    }
    Atomics.add(this.#slots, at + SLOT.sections, INSIDE);
  }

  #leaveSection(slot: Slot): void {
    Atomics.sub(this.#slots, SLOT_WORDS * slot + SLOT.sections, ANNOUNCED + INSIDE);
  }

  /** From now on the thread enters no safe section. */
  bar(slot: Slot): void {
    Atomics.store(this.#slots, SLOT_WORDS * slot + SLOT.state, BARRED);
  }

  isBarred(slot: Slot): boolean {
    return Atomics.load(this.#slots, SLOT_WORDS * slot + SLOT.state) === BARRED;
  }

  /** Whether the thread is in a safe section or about to be. */
  isInSection(slot: Slot): boolean {
    return Atomics.load(this.#slots, SLOT_WORDS * slot + SLOT.sections) > 0;
  }

  isInside(slot: Slot): boolean {
    return Atomics.load(this.#slots, SLOT_WORDS * slot + SLOT.sections) >= INSIDE;
  }

  /** Runs `action` under the apply lock, in a safe section. */
  whileApplying(slot: Slot, action: () => void): void {
    this.lock('applyLock', slot);
    try {
      this.safely(slot, action);
    } finally {
      this.unlock('applyLock', slot);
    }
  }

  /** `onWait` is called before the thread sleeps until it gets the lock. */
  lock(lock: Lock, slot: Slot, onWait?: () => void): void {
    const word = WORD[lock];
    const words = this.#words;
    for (let turn = 0; turn < SPIN_TURNS; turn++) {
      if (Atomics.load(words, word) === 0 && Atomics.compareExchange(words, word, 0, slot) === 0) return;
    }
    onWait?.();
    for (;;) {
      // Who has waited cannot know whether others wait still, and says so to be sure.
      const holder = Atomics.compareExchange(words, word, 0, -slot);
      if (holder === 0) return;
      assert(Math.abs(holder) !== slot, `a thread waits for the ${lock} that it holds`);
      if (holder < 0 || Atomics.compareExchange(words, word, holder, -holder) === holder) Atomics.wait(words, word, -Math.abs(holder));
    }
  }

  /** The same, unless another is about it. In the first thread, which nobody ends. */
  tryWhileApplying(slot: Slot, action: () => void): void {
    if (!this.tryLock('applyLock', slot)) return;
    try {
      action();
    } finally {
      this.unlock('applyLock', slot);
    }
  }

  tryLock(lock: Lock, slot: Slot): boolean {
    return Atomics.compareExchange(this.#words, WORD[lock], 0, slot) === 0;
  }

  unlock(lock: Lock, slot: Slot): void {
    const before = Atomics.exchange(this.#words, WORD[lock], 0);
    assert(Math.abs(before) === slot, `a thread gives back the ${lock} of another`);
    if (before < 0) Atomics.notify(this.#words, WORD[lock], 1);
  }

  /** Takes away what a thread that has ended still held. */
  release(slot: Slot): void {
    if (Math.abs(Atomics.load(this.#words, WORD.applyLock)) === slot && this.isInside(slot)) this.fail(FAILURE.endedWhileWriting);
    for (const lock of ['writeLock', 'applyLock', 'syncLock'] as const) {
      if (Math.abs(Atomics.load(this.#words, WORD[lock])) !== slot) continue;
      Atomics.store(this.#words, WORD[lock], 0);
      Atomics.notify(this.#words, WORD[lock]);
    }
    this.endSync();
    this.leave(slot);
  }

  get commits(): number {
    return Atomics.load(this.#words, WORD.commits);
  }

  /** Before there is any other thread. */
  setLimits({ applyBytes, journalBytes }: Limits): void {
    Atomics.store(this.#words, WORD.applyBytes, applyBytes);
    Atomics.store(this.#words, WORD.journalBytes, journalBytes);
  }

  get limits(): Limits {
    return { applyBytes: Atomics.load(this.#words, WORD.applyBytes), journalBytes: Atomics.load(this.#words, WORD.journalBytes) };
  }

  /** The number of the last commit. */
  get sequence(): number {
    return Number(Atomics.load(this.#wide, WIDE.sequence));
  }

  /** Before there is any other thread. */
  startAt(sequence: number, nextPlace: number): void {
    Atomics.store(this.#wide, WIDE.sequence, BigInt(sequence));
    Atomics.store(this.#words, WORD.commits, sequence | 0);
    Atomics.store(this.#words, WORD.writtenCommits, sequence | 0);
    Atomics.store(this.#words, WORD.durable, sequence | 0);
    Atomics.store(this.#words, WORD.nextPlace, nextPlace);
  }

  /** Under the apply lock: commit `sequence` goes up to `journalPosition` in the journal, and is `bytes` long in `pending`. */
  publish(
    sequence: number,
    commit: { readonly journalPosition: number; readonly bytes: number; readonly nextPlace: number; readonly isWritten: boolean },
  ): void {
    Atomics.store(this.#words, WORD.journalPosition, commit.journalPosition);
    Atomics.store(this.#words, WORD.nextPlace, commit.nextPlace);
    // Whoever sees the commit must see that it is not written.
    if (!commit.isWritten) Atomics.add(this.#words, WORD.unwrittenBytes, commit.bytes);
    Atomics.add(this.#words, WORD.pendingBytes, commit.bytes);
    Atomics.store(this.#wide, WIDE.sequence, BigInt(sequence));
    Atomics.store(this.#words, WORD.commits, sequence | 0);
    if (commit.isWritten) this.setWritten();
  }

  /** So many bytes at the end of the pending commits, and of the journal, are not in the journal's file yet. */
  get unwrittenBytes(): number {
    return Atomics.load(this.#words, WORD.unwrittenBytes);
  }

  /** The last commit that is in the journal's file with all before it. */
  get writtenCommits(): number {
    return Atomics.load(this.#words, WORD.writtenCommits);
  }

  /** Under the apply lock: all commits are in the journal's file. */
  setWritten(): void {
    Atomics.store(this.#words, WORD.writtenCommits, this.commits);
    Atomics.store(this.#words, WORD.unwrittenBytes, 0);
  }

  get nextPlace(): number {
    return Atomics.load(this.#words, WORD.nextPlace);
  }

  /** Counts how often the pending commits were put into the data file; odd while they are being forgotten. */
  get generation(): number {
    return Atomics.load(this.#words, WORD.generation);
  }

  get pendingBytes(): number {
    return Atomics.load(this.#words, WORD.pendingBytes);
  }

  /** Under the apply lock, when the data file has them. */
  forgetPending(): void {
    Atomics.add(this.#words, WORD.generation, 1);
    Atomics.store(this.#words, WORD.pendingBytes, 0);
    Atomics.add(this.#words, WORD.generation, 1);
  }

  get journalFile(): 0 | 1 {
    return Atomics.load(this.#words, WORD.journalFile) as 0 | 1;
  }

  get journalPosition(): number {
    return Atomics.load(this.#words, WORD.journalPosition);
  }

  /** Under the apply lock, with `meta` noting a state of the data file that has all commits. */
  openCheckpoint(meta: Uint8Array): void {
    this.note.set(meta);
    Atomics.store(this.#words, WORD.notedCommits, this.commits);
    Atomics.add(this.#words, WORD.checkpoints, 1);
    Atomics.store(this.#words, WORD.isCheckpointOpen, 1);
    Atomics.store(this.#words, WORD.journalFile, 1 - this.journalFile);
    Atomics.store(this.#words, WORD.journalPosition, 0);
  }

  /** How many checkpoints were opened. */
  get checkpoints(): number {
    return Atomics.load(this.#words, WORD.checkpoints);
  }

  /** Whether the journal's other file is still needed, because the data file is not synced up to the note. */
  get isCheckpointOpen(): boolean {
    return Atomics.load(this.#words, WORD.isCheckpointOpen) === 1;
  }

  /** The last commit in the note. */
  get notedCommits(): number {
    return Atomics.load(this.#words, WORD.notedCommits);
  }

  endCheckpoint(): void {
    Atomics.store(this.#words, WORD.isCheckpointOpen, 0);
  }

  get durable(): number {
    return Atomics.load(this.#words, WORD.durable);
  }

  raiseDurable(commits: number): void {
    for (;;) {
      const before = this.durable;
      if (isReached(before, commits)) return;
      if (Atomics.compareExchange(this.#words, WORD.durable, before, commits) === before) return;
    }
  }

  /** Wakes all who wait for a sync. */
  endSync(): void {
    Atomics.add(this.#words, WORD.syncs, 1);
    Atomics.notify(this.#words, WORD.syncs);
  }

  nextSyncRecord(): number {
    return Number(Atomics.add(this.#wide, WIDE.syncRecord, 1n)) + 1;
  }

  setSyncRecord(last: number): void {
    Atomics.store(this.#wide, WIDE.syncRecord, BigInt(last));
  }

  get syncs(): number {
    return Atomics.load(this.#words, WORD.syncs);
  }

  waitForSync(seen: number, timeoutMs = Infinity): void {
    Atomics.wait(this.#words, WORD.syncs, seen, timeoutMs);
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

  setTickLimit(limit: number): void {
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
