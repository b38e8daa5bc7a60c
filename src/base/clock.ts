/**
 * The time. Nothing else in foxden reads a clock, so a test can stand in for it.
 */

export interface Clock {
  /** Milliseconds since 1970, as `Date.now()`. */
  now(): number;
  /** Milliseconds since some fixed moment; never runs backwards. For durations. */
  monotonic(): number;
}

let current: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
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
