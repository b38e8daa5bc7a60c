/**
 * The time. Nothing else in foxden reads a clock, so a test can stand in for it.
 */

export interface Clock {
  /** Milliseconds since 1970, as `Date.now()`. */
  now(): number;
  /** Milliseconds since some fixed moment, the same for all threads; never runs backwards. For durations. */
  monotonic(): number;
}

/** `performance.now()` is the quicker of the two, but each thread counts it from its own beginning. */
function threadStartMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6 - performance.now();
}

const STARTED_MS = threadStartMs();

let current: Clock = {
  now: () => Date.now(),
  monotonic: () => STARTED_MS + performance.now(),
};

export const clock: Clock = {
  now: () => current.now(),
  monotonic: () => current.monotonic(),
};

/** Puts another clock in place, for tests; returns a function that puts the old one back. */
export function replaceClock(replacement: Clock): () => void {
  const before = current;
  current = replacement;
  return () => {
    current = before;
  };
}
