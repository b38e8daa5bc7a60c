/**
 * The bytes under which entries are kept, and stretches of them.
 *
 * Persistent indexes have the keys of `values`. Primary and edge indexes keep document keys and ids as they are, with a NUL at the end, so
 * that none is the beginning of another; their order is that of the bytes.
 */
import type { KeyRange } from '#storage';
import { boundedRange, encodeKey } from '#values';
import type { IndexRange } from '../index-range.ts';

export function textKey(text: string): Uint8Array {
  return asciiBytes(text, 1) ?? Buffer.from(`${text}\0`);
}

/** A text that is stored with an entry. */
export function textBytes(text: string): Uint8Array {
  return asciiBytes(text, 0) ?? Buffer.from(text);
}

/** With a NUL at the end, or none; undefined for a text that is not ASCII. For short texts this is faster than `Buffer.from`. */
function asciiBytes(text: string, padding: 0 | 1): Uint8Array | undefined {
  const length = text.length;
  const bytes = Buffer.allocUnsafe(length + padding);
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return undefined;
    bytes[i] = code;
  }
  if (padding > 0) bytes[length] = 0;
  return bytes;
}

/** The text that `textKey` made a key of, where it is ASCII. */
export function keyText(buffer: Buffer, start: number, end: number): string {
  return buffer.toString('latin1', start, end - 1);
}

/** The stretch of exactly one key. */
export function pointRange(key: Uint8Array): KeyRange {
  return { from: key, to: key, toInclusive: true };
}

export interface EncodedRange {
  readonly range: KeyRange;
  /** It holds more than was asked for, because a bound was too long for a key: documents must be looked at again. */
  readonly isWidened: boolean;
}

/** `fieldCount` is that of the index: a range that fixes all of them is a point. */
export function encodeRange({ equal, low, high }: IndexRange, fieldCount: number): EncodedRange {
  if (equal.length === fieldCount) return { range: pointRange(encodeKey(equal)), isWidened: false };
  const { isExact, ...range } = boundedRange(equal, {
    ...(low === undefined ? {} : { lower: low }),
    ...(high === undefined ? {} : { upper: high }),
  });
  return { range, isWidened: !isExact };
}

/** Disjoint and ascending, as engines want them: overlapping ones are joined, empty ones left out. */
export function disjointRanges(ranges: readonly KeyRange[]): readonly KeyRange[] {
  if (ranges.length < 2) return ranges.filter(isNotEmpty);
  const joined: KeyRange[] = [];
  for (const range of ranges.filter(isNotEmpty).toSorted(compareFrom)) {
    const last = joined.at(-1);
    if (last !== undefined && touches(last, range)) joined[joined.length - 1] = joinRanges(last, range);
    else joined.push(range);
  }
  return joined;
}

function isNotEmpty({ from, fromExclusive, to, toInclusive }: KeyRange): boolean {
  if (from === undefined || to === undefined) return true;
  const order = Buffer.compare(from, to);
  return order < 0 || (order === 0 && toInclusive === true && fromExclusive !== true);
}

function compareFrom(left: KeyRange, right: KeyRange): number {
  if (left.from === undefined) return right.from === undefined ? 0 : -1;
  if (right.from === undefined) return 1;
  return Buffer.compare(left.from, right.from) || Number(left.fromExclusive ?? false) - Number(right.fromExclusive ?? false);
}

/** `right` does not begin before `left`. */
function touches(left: KeyRange, right: KeyRange): boolean {
  if (left.to === undefined || right.from === undefined) return true;
  const order = Buffer.compare(right.from, left.to);
  return order < 0 || (order === 0 && (left.toInclusive === true || right.fromExclusive !== true));
}

function joinRanges(left: KeyRange, right: KeyRange): KeyRange {
  const { to: _to, toInclusive: _inclusive, ...start } = left;
  const order = left.to === undefined ? 1 : right.to === undefined ? -1 : Buffer.compare(left.to, right.to);
  const { to, toInclusive } = order > 0 || (order === 0 && left.toInclusive === true) ? left : right;
  return { ...start, ...(to === undefined ? {} : { to }), ...(toInclusive === undefined ? {} : { toInclusive }) };
}
