/** How recorded answers are compared with ours; the modes are those of the corpus' own description. */
import { isArray, isObject, type Value } from '#values';

export interface Comparison {
  readonly tolerance?: number | undefined;
  readonly unordered?: boolean | undefined;
  /** Numbers and the strings that show them are the same, as jsunity takes it. */
  readonly loosely?: boolean | undefined;
  /** Leaves out what differs from recording to recording: revisions, and keys that were generated. */
  readonly masked?: boolean | undefined;
  /** Only the types count. */
  readonly shape?: boolean | undefined;
}

const MASKED = new Set(['_rev', '_oldRev']);
const MASKED_IF_GENERATED = new Set(['_key', '_id', '_from', '_to']);

export function isSame(actual: Value, expected: Value, how: Comparison = {}): boolean {
  if (isArray(actual) && isArray(expected)) return isSameList(actual, expected, how);
  if (isObject(actual) && isObject(expected)) {
    const names = Object.keys(actual);
    if (names.length !== Object.keys(expected).length) return false;
    return names.every((name) => Object.hasOwn(expected, name) && isSameAttribute(name, actual[name] ?? null, expected[name] ?? null, how));
  }
  if (how.shape === true) return typeof actual === typeof expected;
  if (typeof actual === 'number' && typeof expected === 'number') return isSameNumber(actual, expected, how.tolerance ?? undefined);
  if (typeof actual === 'object' || typeof expected === 'object') return actual === expected;
  return how.loosely === true ? String(actual) === String(expected) : actual === expected;
}

function isSameList(actual: readonly Value[], expected: readonly Value[], how: Comparison): boolean {
  if (how.shape === true) return true;
  if (actual.length !== expected.length) return false;
  if (how.unordered !== true) return actual.every((each, i) => isSame(each, expected[i] ?? null, how));
  const left = [...expected];
  return actual.every((each) => {
    const place = left.findIndex((other) => isSame(each, other, how));
    if (place !== -1) left.splice(place, 1);
    return place !== -1;
  });
}

function isSameAttribute(name: string, actual: Value, expected: Value, how: Comparison): boolean {
  if (
    how.masked === true &&
    (MASKED.has(name) || (MASKED_IF_GENERATED.has(name) && typeof expected === 'string' && /(^|\/)\d+$/.test(expected)))
  )
    return true;
  return isSame(actual, expected, how);
}

/** Recordings show what C++ prints; the last digit may differ. */
function isSameNumber(actual: number, expected: number, tolerance = 1e-12): boolean {
  return actual === expected || Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected));
}
