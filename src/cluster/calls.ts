/**
 * Calls from worker threads, which block, to the thread that speaks with the other coordinators, which does not: slots in shared memory, and a
 * bell.
 *
 * Not the boxes of `src/storage/postgres/bridge.ts`: these calls are few and short and may take as long as a lock that another one holds, so a thread has as
 * many slots as it has calls, and gives one up when its time is over.
 *
 * A slot goes from free to claimed, asked, taken and answered, and back. An asker that gives up or dies leaves its slot to the one who has
 * taken it, who learns of that when it answers, and undoes what nobody wants any more.
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

const FREE = 0;
const CLAIMED = 1;
const ASKED = 2;
const TAKEN = 3;
const ANSWERED = 4;
const ABANDONED = 5;

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
    Atomics.store(this.#words, base + STATE, FREE);
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
            Atomics.store(this.#words, base + STATE, FREE);
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
      if (this.#words[base + THREAD] !== deadThread + 1) continue;
      if (this.#giveUp(base)) continue;
      Atomics.compareExchange(this.#words, base + STATE, CLAIMED, FREE);
      Atomics.compareExchange(this.#words, base + STATE, ANSWERED, FREE);
    }
  }

  #claim(deadline: number): number | undefined {
    for (;;) {
      for (let slot = 0; slot < SLOTS; slot++) {
        const base = (slot * SLOT_BYTES) / 4;
        if (Atomics.compareExchange(this.#words, base + STATE, FREE, CLAIMED) !== FREE) continue;
        this.#words[base + THREAD] = threadId + 1;
        return base;
      }
      if (clock.monotonic() > deadline) return undefined;
      Atomics.wait(this.#words, STATE, Atomics.load(this.#words, STATE), CROWDED_MS);
    }
  }

  /** False when it has been answered already. */
  #giveUp(base: number): boolean {
    return (
      Atomics.compareExchange(this.#words, base + STATE, ASKED, FREE) === ASKED ||
      Atomics.compareExchange(this.#words, base + STATE, TAKEN, ABANDONED) === TAKEN
    );
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
