/**
 * What the request that runs in this thread may take, where that is less than what any request may: the limits of the service that answers it.
 * They lie in the worker's lane, for it is the front that keeps them: a thread in a loop keeps none.
 */
import { LIMIT_MB, LIMIT_MS } from './memory.ts';

export interface RunLimits {
  /** 0: none. */
  readonly timeMs: number;
  /** By how much the heap may grow meanwhile; 0: none. */
  readonly memoryMb: number;
}

let words: Int32Array | undefined;
let current: RunLimits = { timeMs: 0, memoryMb: 0 };

/** From now on limits are noted in this lane. */
export function attachRunLimits(lane: Int32Array): void {
  words = lane;
}

/** Runs `action` with limits, or with those around it where they are tighter. */
export function withRunLimits<Result>(limits: RunLimits, action: () => Result): Result {
  const before = current;
  note({ timeMs: tighterLimit(before.timeMs, limits.timeMs), memoryMb: tighterLimit(before.memoryMb, limits.memoryMb) });
  try {
    return action();
  } finally {
    note(before);
  }
}

function note(limits: RunLimits): void {
  current = limits;
  if (words === undefined) return;
  Atomics.store(words, LIMIT_MS, limits.timeMs);
  Atomics.store(words, LIMIT_MB, limits.memoryMb);
}

/** Of two limits, of which 0 is none. */
export function tighterLimit(left: number, right: number): number {
  return left === 0 || right === 0 ? left + right : Math.min(left, right);
}
