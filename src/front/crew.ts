/**
 * How many of the workers take requests.
 *
 * There may be more workers than processors, for those that wait for the database leave the processors to others meanwhile. Where the database is on this
 * machine, these others are mostly its own processes. When the processors have no time left, more workers only take it from those that work: each has code
 * and data of its own, which have to come into the processors' caches, and each is slow until it has answered some thousand requests. So they stand back, one after
 * the other, until there is one more at work than there are processors, and return when there is time again.
 */
import { availableParallelism } from 'node:os';

/** Beyond this share of their time the processors are busy, below that one they have time. */
const BUSY_SHARE = 0.9;
const FREE_SHARE = 0.8;

export class Crew {
  readonly #least: number;
  #size = Infinity;

  /** One more than processors, as one or the other waits; and so that one request that takes long never holds up all others. */
  constructor(processors = availableParallelism()) {
    this.#least = processors + 1;
  }

  /** So many may take requests. */
  get size(): number {
    return this.#size;
  }

  /** Thinks again. `share`: of the time of the processors since the last time, in which they worked; `workers`: so many there are. */
  adapt(share: number, workers: number): void {
    if (share > BUSY_SHARE) this.#size = Math.max(this.#least, Math.min(this.#size, workers) - 1);
    else if (share < FREE_SHARE) this.#size = this.#size + 1 < workers ? this.#size + 1 : Infinity;
  }
}
