/**
 * The memory in which all threads of a process keep what walks have read: a few places, each for one state of some tables.
 *
 * Whoever reads in a place has pinned it, and nobody begins anew in a place that is pinned. Any thread may be ended at any moment: what it has pinned or
 * locked is then let go by the first thread (`threadEnded`).
 */
import { threadId } from 'node:worker_threads';
import { clock } from '#base';
import type { TableId } from '../engine.ts';
import { Arena, ARENA_BYTES } from './arena.ts';
import { MOST_CHANGES, type TablesState } from './changes.ts';

const PLACES = 6;
const MOST_TABLES = 32;

/** Words of the head, 32 bits each. */
const LOCK = 0;
const LAST_GENERATION = 1;
const USES = 2;
const HEAD_WORDS = 4;

/** Words of a place; those of the threads that have pinned it follow, each with how often. */
const GENERATION = 0;
const USED = 1;
const ADDING = 2;
const TABLE_COUNT = 3;
const CHANGE_COUNT = 4;
const PINS = 6;
/** Numbers of 64 bits that follow; then tables, and changes. */
const SERVER = 0;
const VERSION = 1;
const XMIN = 2;
const TABLES = 3;
const CHANGES = TABLES + MOST_TABLES;
const NUMBERS = CHANGES + MOST_CHANGES;

/** Who has a lock needs it for less than that, unless its thread does not get to run. */
const LOCK_LIMIT_MS = 50;
const LOCK_SLICE_MS = 5;

export class KeptMemory {
  readonly places: readonly KeptPlace[];
  readonly #words: Int32Array;

  /** `threads`: so many there may be. */
  constructor(memory: SharedArrayBuffer, start: number, threads: number) {
    this.#words = new Int32Array(memory, start, HEAD_WORDS);
    const first = start + HEAD_WORDS * 4;
    this.places = Array.from({ length: PLACES }, (_, i) => new KeptPlace(memory, first + i * placeBytes(threads), threads));
  }

  static bytes(threads: number): number {
    return HEAD_WORDS * 4 + PLACES * placeBytes(threads);
  }

  /** Does something while no other thread does; undefined: it could not. */
  locked<Result>(run: () => Result): Result | undefined {
    return exclusively(this.#words, LOCK, run);
  }

  /** The place for what is known of these tables now, if there is any. Only while it is locked. */
  find(tables: readonly TableId[]): KeptPlace | undefined {
    const found = this.places.find((place) => place.generation !== 0 && place.isOf(tables));
    found?.noteUse(++this.#words[USES]!);
    return found;
  }

  /** Begins anew in a place that nobody uses; undefined: there is none. Only while it is locked. */
  begin(tables: readonly TableId[], state: TablesState): KeptPlace | undefined {
    if (tables.length > MOST_TABLES) return undefined;
    let free: KeptPlace | undefined;
    for (const place of this.places) if (!place.isPinned && (free === undefined || place.leftFor < free.leftFor)) free = place;
    if (free === undefined) return undefined;
    const generation = (this.#words[LAST_GENERATION]! % 0x7fffffff) + 1;
    this.#words[LAST_GENERATION] = generation;
    free.begin(tables, state, generation);
    free.noteUse(++this.#words[USES]!);
    return free;
  }

  /** `thread`: its number here. What it was about to write of a state may be half of it. */
  threadEnded(thread: number, id: number): void {
    for (const place of this.places) place.threadEnded(thread, id);
    if (Atomics.load(this.#words, LOCK) !== id + 1) return;
    for (const place of this.places) place.retire();
    release(this.#words, LOCK);
  }
}

function placeBytes(threads: number): number {
  return stateBytes(threads) + ARENA_BYTES;
}

function stateBytes(threads: number): number {
  return NUMBERS * 8 + 8 * Math.ceil((PINS + threads) / 2);
}

/** Of what is not said otherwise: only while the memory is locked. */
export class KeptPlace {
  readonly arena: Arena;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #pins: Int32Array;

  constructor(memory: SharedArrayBuffer, start: number, threads: number) {
    this.#numbers = new Float64Array(memory, start, NUMBERS);
    this.#words = new Int32Array(memory, start + NUMBERS * 8, PINS);
    this.#pins = new Int32Array(memory, start + NUMBERS * 8 + PINS * 4, threads);
    this.arena = new Arena(memory, start + stateBytes(threads));
  }

  /** Never the same again when it has begun anew; 0: nobody is to begin with it. At any time. */
  get generation(): number {
    return Atomics.load(this.#words, GENERATION);
  }

  isOf(tables: readonly TableId[]): boolean {
    return this.#words[TABLE_COUNT] === tables.length && tables.every((table, i) => this.#numbers[TABLES + i] === table);
  }

  get state(): TablesState {
    const numbers = this.#numbers;
    const changes = Array.from(numbers.subarray(CHANGES, CHANGES + this.#words[CHANGE_COUNT]!));
    return { server: numbers[SERVER]!, version: numbers[VERSION]!, xmin: numbers[XMIN]!, changes };
  }

  set state({ server, version, xmin, changes }: TablesState) {
    this.#numbers[SERVER] = server;
    this.#numbers[VERSION] = version;
    this.#numbers[XMIN] = xmin;
    this.#numbers.set(changes, CHANGES);
    this.#words[CHANGE_COUNT] = changes.length;
  }

  begin(tables: readonly TableId[], state: TablesState, generation: number): void {
    this.arena.clear();
    this.#numbers.set(tables, TABLES);
    this.#words[TABLE_COUNT] = tables.length;
    this.state = state;
    Atomics.store(this.#words, GENERATION, generation);
  }

  /** Whoever reads in it goes on doing so; others begin anew elsewhere. */
  retire(): void {
    Atomics.store(this.#words, GENERATION, 0);
  }

  noteUse(use: number): void {
    this.#words[USED] = use;
  }

  /** The lower, the sooner it may be given to other tables. */
  get leftFor(): number {
    return this.generation === 0 ? -1 : this.#words[USED]!;
  }

  get isPinned(): boolean {
    return this.#pins.some((count) => count > 0);
  }

  pin(thread: number): void {
    Atomics.add(this.#pins, thread, 1);
  }

  /** At any time. */
  unpin(thread: number): void {
    Atomics.sub(this.#pins, thread, 1);
  }

  /** At any time, for a thread that reads there no more. */
  unpinAll(thread: number): void {
    Atomics.store(this.#pins, thread, 0);
  }

  /** Adds to what is in it while no other thread does; undefined: it could not. At any time by who has pinned it. */
  adding<Result>(add: () => Result): Result | undefined {
    return exclusively(this.#words, ADDING, add);
  }

  /** What a thread was about to add cannot be found, and takes no other's place. */
  threadEnded(thread: number, id: number): void {
    this.unpinAll(thread);
    if (Atomics.load(this.#words, ADDING) === id + 1) release(this.#words, ADDING);
  }
}

/** Does something while the word names this thread; undefined: another one has it for too long. */
function exclusively<Result>(words: Int32Array, lock: number, run: () => Result): Result | undefined {
  const untilMs = clock.monotonic() + LOCK_LIMIT_MS;
  for (;;) {
    const holder = Atomics.compareExchange(words, lock, 0, threadId + 1);
    if (holder === 0) break;
    if (clock.monotonic() >= untilMs) return undefined;
    Atomics.wait(words, lock, holder, LOCK_SLICE_MS);
  }
  try {
    return run();
  } finally {
    release(words, lock);
  }
}

function release(words: Int32Array, lock: number): void {
  Atomics.store(words, lock, 0);
  Atomics.notify(words, lock);
}
