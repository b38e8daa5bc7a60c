/** What stretch of the file a range of keys is. */
import type { KeyList, KeyRange } from '../engine.ts';
import { KEY_LIMIT_BYTES, textOf } from '../entry.ts';
import { keyListOf } from '../key-list.ts';

/** All stored keys with `lower <= key < upper`; of a single key only those of just its length. */
export interface Stretch {
  readonly lower: string;
  readonly upper: string | undefined;
  readonly onlyLength: number | undefined;
}

/** Greater than a stored key with any id, less than whatever else is greater than the key: an id's first byte is zero. */
const AFTER_IDS = '\u0001';

/** The key of a range that is just one; whoever asks for many gives the same bytes for both bounds. */
export function pointOf({ from, fromExclusive, to, toInclusive }: KeyRange): Uint8Array | undefined {
  const isPoint = from !== undefined && from === to && toInclusive === true && fromExclusive !== true;
  return isPoint && from.length <= KEY_LIMIT_BYTES ? from : undefined;
}

/** The keys of ranges, each of them just one; undefined if there is another kind among them. */
export function pointsOf(ranges: readonly KeyRange[]): KeyList | undefined {
  const points: Uint8Array[] = [];
  for (const range of ranges) {
    const point = pointOf(range);
    if (point === undefined) return undefined;
    points.push(point);
  }
  return keyListOf(points);
}

/** Whether there is one that no entry can have. */
export function hasLongKey({ count, starts }: KeyList): boolean {
  for (let i = 0; i < count; i++) if (starts[i + 1]! - starts[i]! > KEY_LIMIT_BYTES) return true;
  return false;
}

/** `isStored` tells whether there is an entry with just this key. */
export function stretchOf(range: KeyRange, isStored: (key: string) => boolean): Stretch {
  const from = range.from === undefined ? '' : textOf(range.from);
  const to = range.to === undefined ? undefined : textOf(range.to);
  if (to !== undefined && from === to) {
    const isPoint = !range.fromExclusive && range.toInclusive === true;
    return isPoint
      ? { lower: from, upper: from + AFTER_IDS, onlyLength: from.length }
      : { lower: from, upper: from, onlyLength: undefined };
  }
  return {
    lower: range.fromExclusive && isStored(from) ? from + AFTER_IDS : from,
    upper: to !== undefined && range.toInclusive && isStored(to) ? to + AFTER_IDS : to,
    onlyLength: undefined,
  };
}
