/**
 * The queries that run at this moment, in all threads: each has a slot in shared memory with what is to be told of it, and a word by
 * which another thread ends it.
 *
 * Most queries are over before anybody could ask, so a query takes its slot only when it has run for a moment. When all slots are taken,
 * further queries run unseen.
 */
import { clock } from '#base';
import { threadId } from 'node:worker_threads';
import type { ValueObject } from '#values';

const SLOTS = 256;
/** The words of a slot, which its text follows: state, thread, length of the text, killed, and two for the memory that it has needed. */
const STATE = 0;
const THREAD = 1;
const LENGTH = 2;
const KILLED = 3;
const PEAK = 4;
const SLOT_WORDS = 6;
const SLOT_BYTES = 16_384;
const TEXT_BYTES = SLOT_BYTES - SLOT_WORDS * 4;

const FREE = 0;
const CLAIMED = 1;
const RUNNING = 2;

/** Queries that are faster are not seen. */
const UNSEEN_MS = 2;
/** Peak memory is told in steps of this, so that a word is enough. */
const PEAK_STEP_BYTES = 32_768;

export function createRunningMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(SLOTS * SLOT_BYTES);
}

/** Of a thread that is gone. */
export function forgetQueriesOf(memory: SharedArrayBuffer, deadThread: number): void {
  const words = new Int32Array(memory);
  for (let slot = 0; slot < SLOTS; slot++) {
    const base = slot * (SLOT_BYTES / 4);
    if (Atomics.load(words, base + STATE) !== FREE && words[base + THREAD] === deadThread + 1) Atomics.store(words, base + STATE, FREE);
  }
}

/** A query on its way. Most have ended before anybody asks. */
export class RunningQuery {
  readonly #queries: RunningQueries;
  readonly #describe: () => ValueObject | undefined;
  readonly #startedMs = clock.monotonic();
  #isSettled = false;
  #base: number | undefined;

  /** `describe` is called if the query turns out to be worth a slot; without a text for it, the query stays unseen. */
  constructor(queries: RunningQueries, describe: () => ValueObject | undefined) {
    this.#queries = queries;
    this.#describe = describe;
  }

  /** Asked now and then while it runs. */
  isKilled(peakMemoryBytes: number): boolean {
    if (!this.#isSettled && clock.monotonic() - this.#startedMs > UNSEEN_MS) this.show();
    return this.#base !== undefined && this.#queries.isKilled(this.#base, peakMemoryBytes);
  }

  /** Makes it known at once, however short it has run. */
  show(): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const description = this.#describe();
    if (description !== undefined) this.#base = this.#queries.claim(description);
  }

  end(): void {
    this.#isSettled = true;
    if (this.#base !== undefined) this.#queries.free(this.#base);
    this.#base = undefined;
  }
}

export class RunningQueries {
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
    this.#bytes = new Uint8Array(memory);
  }

  /** Whether somebody has ended the query whose slot begins at `base`. */
  isKilled(base: number, peakMemoryBytes: number): boolean {
    this.#words[base + PEAK] = Math.ceil(peakMemoryBytes / PEAK_STEP_BYTES);
    return Atomics.load(this.#words, base + KILLED) === 1;
  }

  list(): readonly ValueObject[] {
    return this.#running().map(({ description, base }) => ({
      ...description,
      peakMemoryUsage: (this.#words[base + PEAK] ?? 0) * PEAK_STEP_BYTES,
    }));
  }

  /** False: none of those that run is wanted. */
  kill(isWanted: (description: ValueObject) => boolean): boolean {
    const found = this.#running().filter(({ description }) => isWanted(description));
    for (const { base } of found) Atomics.store(this.#words, base + KILLED, 1);
    return found.length > 0;
  }

  /** Answers where the slot begins; undefined when there is no room. */
  claim(description: ValueObject): number | undefined {
    const text = Buffer.from(JSON.stringify(description));
    const fitting = text.length <= TEXT_BYTES ? text : Buffer.from(JSON.stringify({ ...description, bindVars: {} }));
    if (fitting.length > TEXT_BYTES) return undefined;
    for (let slot = 0; slot < SLOTS; slot++) {
      const base = slot * (SLOT_BYTES / 4);
      if (Atomics.compareExchange(this.#words, base + STATE, FREE, CLAIMED) !== FREE) continue;
      this.#words[base + THREAD] = threadId + 1;
      this.#words[base + LENGTH] = fitting.length;
      this.#words[base + KILLED] = 0;
      this.#words[base + PEAK] = 0;
      this.#bytes.set(fitting, base * 4 + SLOT_WORDS * 4);
      Atomics.store(this.#words, base + STATE, RUNNING);
      return base;
    }
    return undefined;
  }

  free(base: number): void {
    Atomics.store(this.#words, base + STATE, FREE);
  }

  #running(): { readonly description: ValueObject; readonly base: number }[] {
    const found: { readonly description: ValueObject; readonly base: number }[] = [];
    for (let slot = 0; slot < SLOTS; slot++) {
      const base = slot * (SLOT_BYTES / 4);
      if (Atomics.load(this.#words, base + STATE) !== RUNNING) continue;
      const start = base * 4 + SLOT_WORDS * 4;
      const text = Buffer.from(this.#bytes.slice(start, start + (this.#words[base + LENGTH] ?? 0))).toString();
      // It may have ended, and another begun in its place, while it was read.
      const description = parse(text);
      if (description !== undefined) found.push({ description, base });
    }
    return found;
  }
}

function parse(text: string): ValueObject | undefined {
  try {
    return JSON.parse(text) as ValueObject;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
