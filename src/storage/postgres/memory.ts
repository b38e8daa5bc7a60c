/**
 * The memory that the threads of a process share with the thread that has the sockets: a mailbox for each thread, and what all of them
 * count together.
 *
 * A mailbox has one request and one answer at a time, each passed on in pieces when it is larger than its area. Whoever has the turn
 * is told by the box's state; the other side waits for it to change. Any thread may be ended at any moment: what it leaves behind is
 * cleared up when the first thread says that it is gone (`abandon`).
 */
import { threadId } from 'node:worker_threads';
import { ArangoError, clock } from '#base';
import { KeptMemory } from './kept-memory.ts';
import { LINES_BYTES, LineTable } from './lines.ts';

/** One for each worker there may be, the first thread, and some that are being replaced. */
const BOXES = 96;
export const REQUEST_BYTES = 64 * 1024;
export const ANSWER_BYTES = 192 * 1024;

/** Words of the header, 32 bits each. */
const DOORBELL = 0;
const SERVER = 1;
const META_VERSION = 2;
const TICK_HOLDER = 3;
const FAILURE_BYTES = 4;
const KEEPS_WALKS = 5;
const HEADER_WORDS = 16;
/** Words of 64 bits that follow. */
const TICK_NEXT = 0;
const TICK_LIMIT = 1;
const CLOCK = 2;
const PROCESS = 3;
const WIDE_WORDS = 8;
const BOX_WORDS = 8;
const FAILURE_LIMIT = 4096;

/** Words of a box. */
const OWNER = 0;
const STATE = 1;
const REQUEST_LENGTH = 2;
const REQUEST_HAS_MORE = 3;
const ANSWER_LENGTH = 4;
const ANSWER_HAS_MORE = 5;
const ANSWER_STATUS = 6;
/** Of the connection that is lent along with it, plus one. */
const ANSWER_LINE = 7;

export const STATE_OF = { idle: 0, posted: 1, wanted: 2, taken: 3, answered: 4, resumed: 5, abandoned: 6 } as const;
export const SERVER_STATE = { starting: 0, ready: 1, failed: 2, closing: 3, closed: 4 } as const;

const WIDE_START = HEADER_WORDS * 4;
const FAILURE_START = WIDE_START + WIDE_WORDS * 8;
const BOXES_START = FAILURE_START + FAILURE_LIMIT;
const BOX_BYTES = BOX_WORDS * 4 + REQUEST_BYTES + ANSWER_BYTES;
const LINES_START = BOXES_START + BOXES * BOX_BYTES;
const KEPT_START = 8 * Math.ceil((LINES_START + LINES_BYTES) / 8);

const WAIT_SLICE_MS = 1000;

export class SharedMemory {
  readonly memory: SharedArrayBuffer;
  readonly boxes: readonly Box[];
  /** The connections that are lent. */
  readonly table: LineTable;
  /** What walks have read. */
  readonly kept: KeptMemory;
  readonly #words: Int32Array;
  readonly #wide: BigInt64Array;
  readonly #failure: Buffer;

  constructor(memory = new SharedArrayBuffer(KEPT_START + KeptMemory.bytes(BOXES))) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, HEADER_WORDS);
    this.#wide = new BigInt64Array(memory, WIDE_START, WIDE_WORDS);
    this.#failure = Buffer.from(memory, FAILURE_START, FAILURE_LIMIT);
    this.table = new LineTable(memory, LINES_START);
    this.boxes = Array.from({ length: BOXES }, (_, i) => new Box(memory, i));
    this.kept = new KeptMemory(memory, KEPT_START, BOXES);
  }

  /** A box for this thread. */
  claimBox(): Box {
    const found = this.boxes.find((box) => box.claim(threadId + 1));
    if (found === undefined) throw new ArangoError('ERROR_RESOURCE_LIMIT', `more than ${BOXES} threads use the storage engine`);
    return found;
  }

  boxOf(thread: number): Box | undefined {
    return this.boxes.find(({ owner }) => owner === thread + 1);
  }

  /** Has the server look into the boxes. */
  ring(): void {
    Atomics.add(this.#words, DOORBELL, 1);
    Atomics.notify(this.#words, DOORBELL);
  }

  get rings(): number {
    return Atomics.load(this.#words, DOORBELL);
  }

  /** Resolves once there are other than `seen` rings. */
  async untilRung(seen: number): Promise<void> {
    const waiting = Atomics.waitAsync(this.#words, DOORBELL, seen);
    if (waiting.async) await waiting.value;
  }

  get serverState(): number {
    return Atomics.load(this.#words, SERVER);
  }

  setServerState(state: number): void {
    Atomics.store(this.#words, SERVER, state);
    Atomics.notify(this.#words, SERVER);
  }

  /** Blocks while the server is in `state`, for some time at most. */
  waitForServer(state: number, limitMs: number): void {
    const untilMs = clock.monotonic() + limitMs;
    while (this.serverState === state && clock.monotonic() < untilMs) Atomics.wait(this.#words, SERVER, state, WAIT_SLICE_MS);
  }

  get failure(): string {
    return this.#failure.toString('utf8', 0, this.#words[FAILURE_BYTES]);
  }

  set failure(text: string) {
    this.#words[FAILURE_BYTES] = this.#failure.write(text);
  }

  /** Walks that are frequent are kept though nobody asks for it. */
  get keepsWalks(): boolean {
    return this.#words[KEEPS_WALKS] === 1;
  }

  set keepsWalks(keeps: boolean) {
    this.#words[KEEPS_WALKS] = Number(keeps);
  }

  get metaVersion(): number {
    return Atomics.load(this.#words, META_VERSION);
  }

  /** Versions only grow, and news of them may overtake each other. */
  raiseMetaVersion(version: number): void {
    for (;;) {
      const known = this.metaVersion;
      if (known >= version || Atomics.compareExchange(this.#words, META_VERSION, known, version) === known) return;
    }
  }

  /** The number of this process among all that have ever used the database. */
  get processNumber(): number {
    return Number(Atomics.load(this.#wide, PROCESS));
  }

  set processNumber(number: number) {
    Atomics.store(this.#wide, PROCESS, BigInt(number));
  }

  /** The first of `count` numbers that are left in the current block. */
  takeTicks(count: number): number | undefined {
    for (;;) {
      const next = Atomics.load(this.#wide, TICK_NEXT);
      const after = next + BigInt(count);
      if (after > Atomics.load(this.#wide, TICK_LIMIT)) return undefined;
      if (Atomics.compareExchange(this.#wide, TICK_NEXT, next, after) === next) return Number(next);
    }
  }

  /** Runs `refill` unless another thread has done so meanwhile; `refill` gives a new block. */
  refillTicks(count: number, refill: () => { readonly first: number; readonly count: number }): void {
    const self = threadId + 1;
    for (;;) {
      const holder = Atomics.compareExchange(this.#words, TICK_HOLDER, 0, self);
      if (holder === 0) break;
      Atomics.wait(this.#words, TICK_HOLDER, holder, WAIT_SLICE_MS);
    }
    try {
      const left = Atomics.load(this.#wide, TICK_LIMIT) - Atomics.load(this.#wide, TICK_NEXT);
      if (left >= BigInt(count)) return;
      const block = refill();
      // In this order, so that nobody takes numbers between the two blocks.
      Atomics.store(this.#wide, TICK_LIMIT, 0n);
      Atomics.store(this.#wide, TICK_NEXT, BigInt(block.first));
      Atomics.store(this.#wide, TICK_LIMIT, BigInt(block.first + block.count));
    } finally {
      this.releaseTicks(self);
    }
  }

  releaseTicks(holder: number): void {
    if (Atomics.compareExchange(this.#words, TICK_HOLDER, holder, 0) === holder) Atomics.notify(this.#words, TICK_HOLDER);
  }

  /** Sets the clock to what `next` makes of it. */
  advanceClock(next: (last: bigint) => bigint): bigint {
    for (;;) {
      const last = Atomics.load(this.#wide, CLOCK);
      const value = next(last);
      if (Atomics.compareExchange(this.#wide, CLOCK, last, value) === last) return value;
    }
  }

  get clockReading(): bigint {
    return Atomics.load(this.#wide, CLOCK);
  }
}

/** What stands before an answer. */
export interface AnswerHead {
  readonly status: number;
  readonly length: number;
  readonly hasMore: boolean;
  readonly line: number | undefined;
}

export class Box {
  readonly place: number;
  readonly request: Buffer;
  readonly answer: Buffer;
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer, place: number) {
    const start = BOXES_START + place * BOX_BYTES;
    this.place = place;
    this.#words = new Int32Array(memory, start, BOX_WORDS);
    this.request = Buffer.from(memory, start + BOX_WORDS * 4, REQUEST_BYTES);
    this.answer = Buffer.from(memory, start + BOX_WORDS * 4 + REQUEST_BYTES, ANSWER_BYTES);
  }

  claim(owner: number): boolean {
    return Atomics.compareExchange(this.#words, OWNER, 0, owner) === 0;
  }

  get owner(): number {
    return Atomics.load(this.#words, OWNER);
  }

  get state(): number {
    return Atomics.load(this.#words, STATE);
  }

  /** The other side's turn: that does not sleep here, it hears the bell. */
  pass(state: number): void {
    Atomics.store(this.#words, STATE, state);
  }

  /** Passes on the turn unless the box has been abandoned. */
  passFrom(from: number, state: number): boolean {
    const isDone = Atomics.compareExchange(this.#words, STATE, from, state) === from;
    if (isDone) Atomics.notify(this.#words, STATE);
    return isDone;
  }

  /** Blocks while the box is in `state`, for some time at most: what else there is to wait for may have come to an end. */
  waitWhile(state: number): number {
    Atomics.wait(this.#words, STATE, state, WAIT_SLICE_MS);
    return this.state;
  }

  /** For a thread that is gone: what it has is to be taken back. */
  abandon(): void {
    this.pass(STATE_OF.abandoned);
    Atomics.notify(this.#words, STATE);
  }

  /** Free for another thread. */
  free(): void {
    Atomics.store(this.#words, STATE, STATE_OF.idle);
    Atomics.store(this.#words, OWNER, 0);
  }

  setRequest(length: number, hasMore: boolean): void {
    this.#words[REQUEST_LENGTH] = length;
    this.#words[REQUEST_HAS_MORE] = Number(hasMore);
  }

  get requestLength(): number {
    return this.#words[REQUEST_LENGTH]!;
  }

  get requestHasMore(): boolean {
    return this.#words[REQUEST_HAS_MORE] === 1;
  }

  /** `line`: of the connection that is lent along with it. */
  setAnswer({ status, length, hasMore, line }: AnswerHead): void {
    this.#words[ANSWER_STATUS] = status;
    this.#words[ANSWER_LENGTH] = length;
    this.#words[ANSWER_HAS_MORE] = Number(hasMore);
    this.#words[ANSWER_LINE] = line === undefined ? 0 : line + 1;
  }

  get answerLine(): number | undefined {
    const line = this.#words[ANSWER_LINE]!;
    return line === 0 ? undefined : line - 1;
  }

  /** From now on an answer is awaited, to what is not in the box. */
  expect(): void {
    Atomics.store(this.#words, STATE, STATE_OF.taken);
  }

  get answerStatus(): number {
    return this.#words[ANSWER_STATUS]!;
  }

  /** A copy of what there is of the answer. */
  takeAnswer(): Buffer {
    const length = this.#words[ANSWER_LENGTH]!;
    const bytes = Buffer.allocUnsafe(length);
    this.answer.copy(bytes, 0, 0, length);
    return bytes;
  }

  get answerHasMore(): boolean {
    return this.#words[ANSWER_HAS_MORE] === 1;
  }
}
