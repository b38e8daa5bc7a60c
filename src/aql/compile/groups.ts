/** How COLLECT finds the group of a row: by one key, or level by level by several. */
import { groupKey, type GroupKey, type Value } from '#values';

/** The map of the next level under a key. */
export function levelOf<Entry>(map: Map<GroupKey, Map<GroupKey, Entry>>, key: Value): Map<GroupKey, Entry> {
  const text = groupKey(key);
  let level = map.get(text);
  if (level === undefined) {
    level = new Map();
    map.set(text, level);
  }
  return level;
}

/** Adds `number` to a sum: null as long as there was nothing, NaN as soon as something is neither number nor null. */
export function plus(sum: number | null, value: Value): number {
  if (typeof value === 'number') return sum === null ? value : sum + value;
  return value === null ? (sum ?? 0) : NaN;
}

export function finiteOrNull(result: number | null): Value {
  return Number.isFinite(result) ? result : null;
}
