/**
 * How often collections were written to, counted in memory that all threads of the process share. A counter grows after each commit that
 * touched its collection; collections share counters when there are many.
 */

const COUNTERS = 4096;

export function createCommitCounters(): SharedArrayBuffer {
  return new SharedArrayBuffer(COUNTERS * 4);
}

export class CommitCounters {
  readonly #counters: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#counters = new Int32Array(memory);
  }

  note(collections: Iterable<number>): void {
    for (const id of collections) Atomics.add(this.#counters, id % COUNTERS, 1);
  }

  /** Of this moment, for all collections: to be taken before a snapshot, when it is not yet known which ones will count. */
  copy(): (id: number) => number {
    const counters = this.#counters.slice();
    return (id) => counters[id % COUNTERS] ?? 0;
  }
}
