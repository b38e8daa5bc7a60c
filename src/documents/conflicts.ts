/**
 * Doing something again when another commit came in between. Only where several processes share the store can that happen to a direct
 * transaction; the embedded engine has one lock for all of them.
 */
import { clock, isArangoError } from '#base';
import { StorageConflict } from '#storage';

/** How often, and for how long, somebody may be in the way. */
const ATTEMPTS = 100;
const PATIENCE_MS = 10_000;
const LONGEST_PAUSE_MS = 20;
const NEVER = new Int32Array(new SharedArrayBuffer(4));

/** Also one that a query has told of in its own words. */
export function isStorageConflict(error: unknown): boolean {
  return error instanceof StorageConflict || (isArangoError(error) && error.cause !== undefined && isStorageConflict(error.cause));
}

/** Runs `action` until no other commit comes in between; `isAgain`: one has, the last time. */
export function withoutConflict<Result>(action: (isAgain: boolean) => Result): Result {
  const untilMs = clock.monotonic() + PATIENCE_MS;
  for (let attempt = 1; ; attempt++) {
    try {
      return action(attempt > 1);
    } catch (error) {
      if (!isStorageConflict(error) || attempt === ATTEMPTS || clock.monotonic() > untilMs) throw error;
    }
    // Those who met each other once should not meet again. The first time the locks see to that.
    if (attempt > 1) Atomics.wait(NEVER, 0, 0, Math.random() * Math.min(2 ** attempt, LONGEST_PAUSE_MS));
  }
}
