/**
 * Turns: operations of one name come one after the other, in whatever thread or coordinator, and each lasts until its last asynchronous step
 * has ended.
 *
 * An operation of this thread that goes on after it has returned holds the lock meanwhile, and the thread must not block for it: the next
 * one in the same thread waits as a promise. So does one that waits for another thread for more than a moment, as that may take long, too.
 * What an operation calls while its code runs, such as a script that changes its own service, is part of it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { clock, isArangoError } from '#base';
import type { Cluster } from '#cluster';

const WAIT_MS = 120_000;
/** Most operations are over by then. */
const BLOCK_MS = 100;
const LOOK_MS = 50;

export interface TurnsOptions {
  /** Other coordinators do not care. */
  readonly isLocal: boolean;
}

export class Turns {
  readonly #cluster: Cluster;
  readonly #options: TurnsOptions;
  readonly #inside = new Set<string>();
  readonly #goingOn = new Map<string, Promise<void>>();

  constructor(cluster: Cluster, options: TurnsOptions) {
    this.#cluster = cluster;
    this.#options = options;
  }

  /**
   * A promise when the operation is one, or when it has to wait; with `isBlocking` it waits with the thread. Throws 18 when others have the
   * turn for too long.
   */
  take<Result>(name: string, operation: () => Result | Promise<Result>, { isBlocking = false } = {}): Result | Promise<Result> {
    if (this.#inside.has(name)) return operation();
    const before = this.#goingOn.get(name);
    if (before !== undefined) return before.then(() => this.take(name, operation));
    const release = this.#hold(name, isBlocking ? WAIT_MS : BLOCK_MS, isBlocking);
    return release === undefined ? this.#wait(name, operation) : this.#run(name, operation, release);
  }

  /** Runs a later part of an operation that has the turn. */
  within<Result>(name: string, part: () => Result): Result {
    if (this.#inside.has(name)) return part();
    this.#inside.add(name);
    try {
      return part();
    } finally {
      this.#inside.delete(name);
    }
  }

  #run<Result>(name: string, operation: () => Result | Promise<Result>, release: () => void): Result | Promise<Result> {
    let result: Result | Promise<Result>;
    try {
      result = this.within(name, operation);
    } catch (error) {
      release();
      throw error;
    }
    if (!(result instanceof Promise)) {
      release();
      return result;
    }
    const end = (): void => {
      this.#goingOn.delete(name);
      release();
    };
    this.#goingOn.set(name, result.then(end, end));
    return result;
  }

  async #wait<Result>(name: string, operation: () => Result | Promise<Result>): Promise<Result> {
    for (const deadline = clock.monotonic() + WAIT_MS; ;) {
      await sleep(LOOK_MS);
      if (this.#goingOn.has(name)) return this.take(name, operation);
      const release = this.#hold(name, 0, clock.monotonic() > deadline);
      if (release !== undefined) return this.#run(name, operation, release);
    }
  }

  /** Undefined when others have it, unless that is an error. */
  #hold(name: string, waitMs: number, isLast: boolean): (() => void) | undefined {
    try {
      return this.#cluster.hold(name, waitMs, this.#options);
    } catch (error) {
      if (isLast || !isArangoError(error) || error.errorNum !== 18) throw error;
      return undefined;
    }
  }
}
