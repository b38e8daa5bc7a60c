/**
 * From stretches of values to stretches of keys, for each way to ask an index.
 */
import { keyListOf, type KeyList } from '#storage';
import { compareValues, encodeKeys, type Value } from '#values';
import type { IndexAccess } from './access.ts';
import type { IndexRange } from './index-range.ts';
import { encodeRange, pointRange, textKey, type EncodedRange } from './indexes/entry-key.ts';

/** Nothing is in it: what asks an index for a value that it cannot hold finds no document. */
const NO_KEY = new Uint8Array(1);
const NOTHING: EncodedRange = { range: { from: NO_KEY, to: NO_KEY }, isWidened: false };

export function keyRangeOf(access: IndexAccess, range: IndexRange): EncodedRange {
  if (access.index.type === 'primary' && !isPoint(access, range)) return keysBetween(range);
  if (access.isSorted && access.index.type !== 'primary') return encodeRange(range, access.fields.length);
  const text = textOf(access, range.equal[0] ?? null);
  return text === undefined ? NOTHING : { range: pointRange(textKey(text)), isWidened: false };
}

/** Keys are texts, and all of them come after null, booleans and numbers, and before arrays and objects. */
function keysBetween({ low, high }: IndexRange): EncodedRange {
  if (low !== undefined && isBehindTexts(low.value)) return NOTHING;
  if (high !== undefined && typeof high.value !== 'string' && !isBehindTexts(high.value)) return NOTHING;
  const from = low !== undefined && typeof low.value === 'string' && { from: textKey(low.value), fromExclusive: !low.isInclusive };
  const to = high !== undefined && typeof high.value === 'string' && { to: textKey(high.value), toInclusive: high.isInclusive };
  return { range: { ...from, ...to }, isWidened: false };
}

const isBehindTexts = (value: Value): boolean => compareValues(value, []) >= 0;

/** What a primary or edge index files a value under; undefined for a value that no document has. */
function textOf({ collection, index, fields }: IndexAccess, value: Value): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (index.type !== 'primary' || fields[0]?.text === '_key') return value;
  const { name } = collection;
  return value.startsWith(name) && value[name.length] === '/' ? value.slice(name.length + 1) : undefined;
}

/** The keys of ranges that are just one each, all together; undefined if there is another kind among them. */
export function pointKeys(access: IndexAccess, ranges: readonly IndexRange[]): KeyList | undefined {
  for (const range of ranges) if (!isPoint(access, range)) return undefined;
  if (access.isSorted && access.index.type !== 'primary') return encodeKeys(ranges.map(({ equal }) => equal));
  const keys: Uint8Array[] = [];
  for (const { equal } of ranges) {
    const text = textOf(access, equal[0] ?? null);
    if (text === undefined) return undefined;
    keys.push(textKey(text));
  }
  return keyListOf(keys);
}

/** All fields are fixed: of an expanded index too, a document has one such entry at most. */
export function isPoint(access: IndexAccess, { equal }: IndexRange): boolean {
  return equal.length === access.fields.length;
}

/** The key of a unique index that `range` is about, if it is about one. */
export function uniqueKey(access: IndexAccess, range: IndexRange): Uint8Array | undefined {
  if (!access.isUnique || !isPoint(access, range)) return undefined;
  const { from, toInclusive } = keyRangeOf(access, range).range;
  return toInclusive === true ? from : undefined;
}
