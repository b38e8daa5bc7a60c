/** What is asked of an index: stretches of values. `ranges.ts` makes stretches of keys of them. */
import { compareValues, type Value } from '#values';

/** A stretch of an index: values of its leading fields and perhaps bounds for the field after them. */
export interface IndexRange {
  readonly equal: readonly Value[];
  readonly low?: RangeBound;
  readonly high?: RangeBound;
}

export interface RangeBound {
  readonly value: Value;
  readonly isInclusive: boolean;
}

/** `values` are those of an entry; an entry of an expanded index may have fewer than the index has fields. */
export function isInRange(values: readonly Value[], { equal, low, high }: IndexRange): boolean {
  for (let i = 0; i < equal.length; i++) {
    if (i >= values.length || compareValues(values[i]!, equal[i]!) !== 0) return false;
  }
  if (low === undefined && high === undefined) return true;
  const next = values[equal.length];
  // What ends early comes before everything.
  if (next === undefined) return low === undefined;
  const fromLow = low === undefined ? 1 : compareValues(next, low.value);
  const fromHigh = high === undefined ? -1 : compareValues(next, high.value);
  return (fromLow > 0 || (fromLow === 0 && low?.isInclusive === true)) && (fromHigh < 0 || (fromHigh === 0 && high?.isInclusive === true));
}
