/** Locks by name that all threads and coordinators share, as whoever opens the databases has them. */
import { ArangoError } from '#base';

/**
 * Takes a lock that all threads know until the function that it gives is called. Waiting blocks the thread; throws 18 after `waitMs`,
 * and at once when this thread has the lock already.
 */
export type HoldLock = (name: string, waitMs: number) => () => void;

/** For databases that one thread has to itself. */
export function lockWithin(held: Set<string>): HoldLock {
  return (name) => {
    if (held.has(name)) throw new ArangoError('ERROR_LOCK_TIMEOUT');
    held.add(name);
    return () => void held.delete(name);
  };
}
