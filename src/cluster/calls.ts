/**
 * Calls from worker threads, which block, to the thread that speaks with the other coordinators, which does not: slots in shared memory, and a
 * bell.
 *
 * Not the boxes of `src/storage/postgres/bridge.ts`: these calls are few and short and may take as long as a lock that another one holds, so a thread has as
 * many slots as it has calls, and gives one up when its time is over.
 *
 * A slot is of the thread whose number is in it. It goes from idle to asked, taken and answered, and back to idle and nobody's. An asker that gives up
 * or dies leaves its slot to the one who has taken it, who learns of that when it answers, and undoes what nobody wants any more.
 */
import { threadId } from 'node:worker_threads';
import { clock } from '#base';

const SLOTS = 128;
const SLOT_BYTES = 8192;
const STATE = 0;
const THREAD = 1;
const LENGTH = 2;
const SLOT_WORDS = 3;
const TEXT_BYTES = SLOT_BYTES - SLOT_WORDS * 4;

const NOBODY = 0;

const IDLE = 0;
const ASKED = 1;
const TAKEN = 2;
const ANSWERED = 3;
const ABANDONED = 4;

/** How long one who finds all slots taken waits before looking again. */
const CROWDED_MS = 5;

export function createCallsMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(SLOTS * SLOT_BYTES);
}

export interface Call {
  readonly text: string;
  readonly thread: number;
  /** False: nobody waits for it any more. */
  answer(text: string): boolean;
}

export class Calls {
  readonly #words: Int32Array;
  readonly #bytes: Buffer;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
    this.#bytes = Buffer.from(memory);
  }

  /** Blocks until there is an answer; undefined when there is none in time. `ring` wakes the other side. */
  ask(text: string, ring: () => void, waitMs: number): string | undefined {
    const deadline = clock.monotonic() + waitMs;
    const base = this.#claim(deadline);
    if (base === undefined) return undefined;
    this.#write(base, text);
    Atomics.store(this.#words, base + STATE, ASKED);
    ring();
    for (let state = ASKED; state !== ANSWERED; state = Atomics.load(this.#words, base + STATE)) {
      const leftMs = deadline - clock.monotonic();
      if (leftMs <= 0 && this.#giveUp(base)) return undefined;
      Atomics.wait(this.#words, base + STATE, state, Math.max(leftMs, 0));
    }
    const answer = this.#read(base);
    this.#free(base);
    return answer;
  }

  /** What was asked and not taken yet. */
  *take(): Iterable<Call> {
    for (let slot = 0; slot < SLOTS; slot++) {
      const base = (slot * SLOT_BYTES) / 4;
      if (Atomics.compareExchange(this.#words, base + STATE, ASKED, TAKEN) !== ASKED) continue;
      yield {
        text: this.#read(base),
        thread: (this.#words[base + THREAD] ?? 0) - 1,
        answer: (text) => {
          // Nobody else touches the text of a slot that is taken.
          this.#write(base, text);
          if (Atomics.compareExchange(this.#words, base + STATE, TAKEN, ANSWERED) !== TAKEN) {
            this.#free(base);
            return false;
          }
          Atomics.notify(this.#words, base + STATE);
          return true;
        },
      };
    }
  }

  /** A thread is gone, and waits for nothing. */
  forget(deadThread: number): void {
    for (let slot = 0; slot < SLOTS; slot++) {
      const base = (slot * SLOT_BYTES) / 4;
      if (Atomics.load(this.#words, base + THREAD) !== deadThread + 1) continue;
      if (!this.#giveUp(base) && Atomics.load(this.#words, base + STATE) !== ABANDONED) this.#free(base);
    }
  }

  #claim(deadline: number): number | undefined {
    for (;;) {
      for (let slot = 0; slot < SLOTS; slot++) {
        const base = (slot * SLOT_BYTES) / 4;
        if (Atomics.compareExchange(this.#words, base + THREAD, NOBODY, threadId + 1) === NOBODY) return base;
      }
      if (clock.monotonic() > deadline) return undefined;
      Atomics.wait(this.#words, STATE, Atomics.load(this.#words, STATE), CROWDED_MS);
    }
  }

  /** False when there is nothing to give up: it was answered already, or never asked. */
  #giveUp(base: number): boolean {
    if (Atomics.compareExchange(this.#words, base + STATE, ASKED, IDLE) === ASKED) {
      this.#free(base);
      return true;
    }
    return Atomics.compareExchange(this.#words, base + STATE, TAKEN, ABANDONED) === TAKEN;
  }

  #free(base: number): void {
    Atomics.store(this.#words, base + STATE, IDLE);
    Atomics.store(this.#words, base + THREAD, NOBODY);
  }

  #write(base: number, text: string): void {
    const bytes = Buffer.from(text);
    if (bytes.length > TEXT_BYTES) throw new RangeError(`a call of ${bytes.length} bytes is too long`);
    this.#bytes.set(bytes, base * 4 + SLOT_WORDS * 4);
    this.#words[base + LENGTH] = bytes.length;
  }

  #read(base: number): string {
    const start = base * 4 + SLOT_WORDS * 4;
    return this.#bytes.toString('utf8', start, start + (this.#words[base + LENGTH] ?? 0));
  }
}
