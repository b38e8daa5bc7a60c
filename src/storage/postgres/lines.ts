/**
 * Connections that are lent to threads, as all threads see them: whose turn each is, and under which descriptor the process has it.
 *
 * The thread with the sockets lends a connection and does not touch it any more. Its borrower writes to it and reads from it, and lets it rest in between,
 * unless a transaction goes on there. Only what rests may be taken back: both sides change that state by comparing first, so a connection is
 * never used by two.
 */
import { threadId } from 'node:worker_threads';

/** More are not lent at a time. */
const LINES = 192;

/** Words of a line, 32 bits each. */
const STATE = 0;
const OWNER = 1;
const DESCRIPTOR = 2;
const USES = 3;
const UNREAD = 4;
const HANDLE = 5;
const LINE_WORDS = 6;

/** `held`: by a transaction, between its requests; `busy`: its thread is blocked; `returned`: to be taken back; `broken`: to be closed. */
export const LINE_STATE = { free: 0, resting: 1, held: 2, busy: 3, returned: 4, broken: 5 } as const;

/** Words that stand before the lines. */
const IS_LENDING = 0;
const IS_WANTED = 1;
const HEAD_WORDS = 2;

export const LINES_BYTES = (HEAD_WORDS + LINES * LINE_WORDS) * 4;

export class LineTable {
  readonly lines: readonly LineEntry[];
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer, start: number) {
    this.#words = new Int32Array(memory, start, HEAD_WORDS);
    this.lines = Array.from({ length: LINES }, (_, i) => new LineEntry(i, memory, start + (HEAD_WORDS + i * LINE_WORDS) * 4));
  }

  /** Whether connections are lent at all. */
  get isLending(): boolean {
    return Atomics.load(this.#words, IS_LENDING) === 1;
  }

  set isLending(isLending: boolean) {
    Atomics.store(this.#words, IS_LENDING, Number(isLending));
  }

  /** Others wait for connections: who is done with one returns it. */
  get isWanted(): boolean {
    return Atomics.load(this.#words, IS_WANTED) === 1;
  }

  set isWanted(isWanted: boolean) {
    Atomics.store(this.#words, IS_WANTED, Number(isWanted));
  }

  /** The threads, by their numbers plus one, that are blocked. */
  blocked(): number[] {
    return this.lines.filter(({ state }) => state === LINE_STATE.busy).map(({ owner }) => owner);
  }
}

export class LineEntry {
  readonly place: number;
  readonly #words: Int32Array;

  constructor(place: number, memory: SharedArrayBuffer, start: number) {
    this.place = place;
    this.#words = new Int32Array(memory, start, LINE_WORDS);
  }

  get state(): number {
    return Atomics.load(this.#words, STATE);
  }

  /** The number of the borrowing thread, plus one. */
  get owner(): number {
    return Atomics.load(this.#words, OWNER);
  }

  get descriptor(): number {
    return Atomics.load(this.#words, DESCRIPTOR);
  }

  /** Grows with each use. */
  get uses(): number {
    return Atomics.load(this.#words, USES);
  }

  /** Answers that are still to come, for nobody. */
  get unread(): number {
    return Atomics.load(this.#words, UNREAD);
  }

  set unread(count: number) {
    Atomics.store(this.#words, UNREAD, count);
  }

  /** Of the transaction that goes on, when it is returned in the midst of one; otherwise 0. */
  get handle(): number {
    return Atomics.load(this.#words, HANDLE) >>> 0;
  }

  /** To the thread with this number, plus one. */
  lend(owner: number, descriptor: number): void {
    Atomics.store(this.#words, OWNER, owner);
    Atomics.store(this.#words, DESCRIPTOR, descriptor);
    Atomics.store(this.#words, UNREAD, 0);
    Atomics.store(this.#words, HANDLE, 0);
    this.#pass(LINE_STATE.held);
  }

  /** For its borrower: false when it has been taken back while it rested. */
  take(): boolean {
    if (this.owner !== threadId + 1 || !this.#change(LINE_STATE.resting, LINE_STATE.held)) return false;
    Atomics.add(this.#words, USES, 1);
    return true;
  }

  /** For its borrower, as all up to `giveUp`: it blocks from now on. */
  begin(): void {
    this.#pass(LINE_STATE.busy);
  }

  hold(): void {
    this.#pass(LINE_STATE.held);
  }

  rest(): void {
    this.#pass(LINE_STATE.resting);
  }

  /** `handle`: of the transaction that goes on, or 0. */
  giveBack(handle: number): void {
    Atomics.store(this.#words, HANDLE, handle | 0);
    this.#pass(LINE_STATE.returned);
  }

  giveUp(): void {
    this.#pass(LINE_STATE.broken);
  }

  /** For the thread with the sockets: false when its borrower uses it. */
  recall(): boolean {
    return this.#change(LINE_STATE.resting, LINE_STATE.returned);
  }

  free(): void {
    Atomics.store(this.#words, OWNER, 0);
    this.#pass(LINE_STATE.free);
  }

  #pass(state: number): void {
    Atomics.store(this.#words, STATE, state);
  }

  #change(from: number, to: number): boolean {
    return Atomics.compareExchange(this.#words, STATE, from, to) === from;
  }
}
