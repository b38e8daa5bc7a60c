/**
 * When the front is to ask the workers for what is due: one time in memory that all threads share. It only comes nearer, until it rings.
 *
 * Layout: the time in milliseconds since 1970 as a 64-bit number (0: none), then a counter that tells the front of each change.
 */
const CHANGES = 2;

export function createAlarmMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(16);
}

export class Alarm {
  readonly #times: BigInt64Array;
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#times = new BigInt64Array(memory, 0, 1);
    this.#words = new Int32Array(memory);
  }

  /** It rings at this time, unless it rings sooner. */
  setBy(atMs: number): void {
    const wanted = BigInt(Math.max(1, Math.floor(Math.min(atMs, Number.MAX_SAFE_INTEGER))));
    for (;;) {
      const current = Atomics.load(this.#times, 0);
      if (current !== 0n && current <= wanted) return;
      if (Atomics.compareExchange(this.#times, 0, current, wanted) !== current) continue;
      Atomics.add(this.#words, CHANGES, 1);
      Atomics.notify(this.#words, CHANGES);
      return;
    }
  }

  /** Undefined while it is not set. */
  get atMs(): number | undefined {
    const time = Atomics.load(this.#times, 0);
    return time === 0n ? undefined : Number(time);
  }

  /** It has rung: what is due is being looked for, and who comes from now on sets it anew. */
  clear(): void {
    Atomics.store(this.#times, 0, 0n);
  }

  /** Changes with each change of the time. */
  get changes(): number {
    return Atomics.load(this.#words, CHANGES);
  }

  /** Resolves once there were other changes than those. */
  async changed(since: number): Promise<void> {
    const waiting = Atomics.waitAsync(this.#words, CHANGES, since);
    if (waiting.async) await waiting.value;
    else await new Promise((resolve) => setImmediate(resolve));
  }
}
