/**
 * How many of the workers take requests.
 *
 * There are more workers than processors, for those that wait for something across the network leave the processors to others meanwhile. Where the
 * processors have no time left, the others only take it from those that work: each has code and data of its own, which have to come into the processors'
 * caches, and each is slow until it has answered some thousand requests. So they stand back, one after the other, until there are as many at work as there are
 * processors, and return when there is time again.
 */
import { availableParallelism } from 'node:os';
import type { Load } from './processors.ts';

/** Beyond this share of their time the processors are busy, below that one they have time. */
const BUSY_SHARE = 0.9;
const FREE_SHARE = 0.8;
/** Where others take the processors, it would be of no use to leave them even more: this process takes this share itself, or is not the one to make room. */
const OWN_SHARE = 0.15;
const LITTLE_SHARE = 0.05;

export class Crew {
  readonly #least: number;
  #size = Infinity;

  /** Two at least, so that one request that takes long does not hold up all others. */
  constructor(processors = availableParallelism()) {
    this.#least = Math.max(2, processors);
  }

  /** So many may take requests. */
  get size(): number {
    return this.#size;
  }

  /** Thinks again after another while. `workers`: so many there are. */
  adapt({ all, own }: Load, workers: number): void {
    if (all > BUSY_SHARE && own > OWN_SHARE) this.#size = Math.max(this.#least, Math.min(this.#size, workers) - 1);
    else if (all < FREE_SHARE || own < LITTLE_SHARE) this.#size = this.#size + 1 < workers ? this.#size + 1 : Infinity;
  }
}
