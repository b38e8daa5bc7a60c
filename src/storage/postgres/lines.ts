/**
 * Connections that are lent to threads, as all threads see them: whose turn each is, and under which descriptor the process has it.
 *
 * The borrower of a connection writes its requests to it, and lets it rest in between, unless a transaction goes on there. The thread with the sockets
 * reads the answers, and may take back or close what the borrower does not write to at that moment: a descriptor that is closed may be
 * another file's the moment after. Both sides change the state by comparing first.
 */

/** More are not lent at a time. */
const LINES = 192;

/** Words of a line, 32 bits each. */
const STATE = 0;
const OWNER = 1;
const DESCRIPTOR = 2;
const USES = 3;
const UNREAD = 4;
const IS_AWAITED = 5;
const IS_DOOMED = 6;
const HANDLE = 7;
const LINE_WORDS = 8;

/** The lower bits of the first word; the upper ones count the loans, so that who still remembers a former one does not meddle with this. */
const STATE_OF = { free: 0, resting: 1, held: 2, writing: 3, returned: 4, broken: 5 } as const;

const LOAN_SHIFT = 3;

const IS_WANTED = 0;
const HEAD_WORDS = 1;

export const LINES_BYTES = (HEAD_WORDS + LINES * LINE_WORDS) * 4;

export class LineTable {
  readonly #memory: SharedArrayBuffer;
  readonly #start: number;
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer, start: number) {
    this.#memory = memory;
    this.#start = start;
    this.#words = new Int32Array(memory, start, HEAD_WORDS);
  }

  /** For the thread with the sockets. */
  all(): LineEntry[] {
    return Array.from({ length: LINES }, (_, place) => this.at(place));
  }

  /** As it is lent at this moment. */
  at(place: number): LineEntry {
    return new LineEntry(place, this.#memory, this.#start + (HEAD_WORDS + place * LINE_WORDS) * 4);
  }

  /** What was lent to a thread; undefined when that connection is gone already, and its place free or another thread's. */
  lentTo(owner: number, place: number): LineEntry | undefined {
    const entry = this.at(place);
    return entry.owner === owner ? entry : undefined;
  }

  /** Others wait for connections: who is done with one returns it. */
  get isWanted(): boolean {
    return Atomics.load(this.#words, IS_WANTED) === 1;
  }

  set isWanted(isWanted: boolean) {
    Atomics.store(this.#words, IS_WANTED, Number(isWanted));
  }
}

export class LineEntry {
  readonly place: number;
  readonly #words: Int32Array;
  #loan: number;

  constructor(place: number, memory: SharedArrayBuffer, start: number) {
    this.place = place;
    this.#words = new Int32Array(memory, start, LINE_WORDS);
    this.#loan = Atomics.load(this.#words, STATE) >>> LOAN_SHIFT;
  }

  get descriptor(): number {
    return Atomics.load(this.#words, DESCRIPTOR);
  }

  /** For the borrower: false when it has been taken back while it rested. */
  take(): boolean {
    if (!this.#change(STATE_OF.resting, STATE_OF.held)) return false;
    Atomics.add(this.#words, USES, 1);
    return true;
  }

  /** For the borrower, before it writes: false when the connection is gone. `isRead`: somebody waits for the answer. */
  beginWriting({ isRead }: { readonly isRead: boolean }): boolean {
    if (!this.#change(STATE_OF.held, STATE_OF.writing)) return false;
    if (isRead) Atomics.store(this.#words, IS_AWAITED, 1);
    else Atomics.add(this.#words, UNREAD, 1);
    return true;
  }

  endWriting(): void {
    this.#change(STATE_OF.writing, STATE_OF.held);
  }

  /** For the borrower while it writes: the connection is to be closed as soon as it does not. */
  get isDoomed(): boolean {
    return Atomics.load(this.#words, IS_DOOMED) === 1;
  }

  /** For the borrower: until it takes it again. */
  rest(): void {
    this.#change(STATE_OF.held, STATE_OF.resting);
  }

  /** For the borrower: false when the connection is gone. `handle`: of the transaction that goes on there, or 0. */
  giveBack(handle: number): boolean {
    Atomics.store(this.#words, HANDLE, handle | 0);
    return this.#change(STATE_OF.held, STATE_OF.returned);
  }

  /** For the thread with the sockets, as all that follows: to the thread with the number `owner - 1`. */
  lend(owner: number, descriptor: number): void {
    for (const word of [UNREAD, IS_AWAITED, IS_DOOMED, HANDLE]) Atomics.store(this.#words, word, 0);
    Atomics.store(this.#words, OWNER, owner);
    Atomics.store(this.#words, DESCRIPTOR, descriptor);
    this.#loan++;
    Atomics.store(this.#words, STATE, this.#word(STATE_OF.held));
  }

  get owner(): number {
    return Atomics.load(this.#words, OWNER);
  }

  get isFree(): boolean {
    return this.#is(STATE_OF.free);
  }

  get isReturned(): boolean {
    return this.#is(STATE_OF.returned);
  }

  /** Grows with each use. */
  get uses(): number {
    return Atomics.load(this.#words, USES);
  }

  /** With which it was returned; otherwise 0. */
  get handle(): number {
    return Atomics.load(this.#words, HANDLE) >>> 0;
  }

  /** Answers that are still to come, for nobody. */
  get unread(): number {
    return Atomics.load(this.#words, UNREAD);
  }

  /** Whether the answer that has come is one that nobody reads. */
  takeUnread(): boolean {
    if (this.unread === 0) return false;
    Atomics.sub(this.#words, UNREAD, 1);
    return true;
  }

  /** Whether an answer is awaited, by which that is over: for who tells it, or for the borrower when it could not write. */
  takeAwaited(): boolean {
    return Atomics.exchange(this.#words, IS_AWAITED, 0) === 1;
  }

  /** False when its borrower has it. */
  recall(): boolean {
    return this.isReturned || this.#change(STATE_OF.resting, STATE_OF.returned);
  }

  /** False while its borrower writes; otherwise that never will again. */
  breakOff(): boolean {
    for (const state of [STATE_OF.resting, STATE_OF.held, STATE_OF.returned]) if (this.#change(state, STATE_OF.broken)) return true;
    const isWriting = this.#is(STATE_OF.writing);
    if (isWriting) Atomics.store(this.#words, IS_DOOMED, 1);
    return !isWriting;
  }

  free(): void {
    Atomics.store(this.#words, OWNER, 0);
    Atomics.store(this.#words, STATE, this.#word(STATE_OF.free));
  }

  #change(from: number, to: number): boolean {
    const word = this.#word(from);
    return Atomics.compareExchange(this.#words, STATE, word, this.#word(to)) === word;
  }

  #is(state: number): boolean {
    return Atomics.load(this.#words, STATE) === this.#word(state);
  }

  #word(state: number): number {
    return (this.#loan << LOAN_SHIFT) | state;
  }
}
