/**
 * Index keys: bytes that sort as `compareValues` sorts the values they stand for, field by field.
 *
 * A key is its values one after the other. A value is a tag and its content:
 *
 *     null 10 · false 20 · true 21
 *     number 30, then IEEE 754 big-endian, with the sign bit flipped, or all bits of a negative one; -0 is written as 0
 *     string 40, then its sort key (`collation.ts`)
 *     array 50, then its elements without the nulls at the end, then 00
 *     object 60, then its attributes that are not null, by name in the order of strings: the complement of the name's sort key and the
 *     value; then 00
 *
 * Names are complemented because the attribute that comes first makes an object the greater one against an object without it. No
 * value's bytes begin another's, so neither do keys, and the keys that begin with some values are those that begin with their bytes.
 *
 * Engines limit keys. A key beyond `PREFIX_BYTES` is *truncated*: its first `PREFIX_BYTES`, then 16 bytes of the SHA-256 of all of it. What
 * that means for those who use keys:
 * - Two keys are equal exactly when their values are, truncated or not.
 * - Truncated keys with the same first `PREFIX_BYTES` are in no order among each other. Who relies on the order of a scan must sort
 *   neighbours for which `isTruncated` says so.
 * - A range with `isExact: false` has a bound that was cut: it lets through more than it should, and each row must be checked again.
 */
import { createHash } from 'node:crypto';
import { ByteSink } from './byte-sink.ts';
import { appendSortKey, compareStrings } from './collation.ts';
import { DocumentView } from './document.ts';
import type { TypeName, Value, ValueObject } from './value.ts';

const TAGS: Readonly<Record<TypeName, number>> = { null: 0x10, bool: 0x20, number: 0x30, string: 0x40, array: 0x50, object: 0x60 };
const TAG_FALSE = TAGS.bool;
const TAG_TRUE = TAGS.bool + 1;
const END = 0x00;

/** LMDB takes 1,978 bytes, PostgreSQL some more; a table's prefix and a row id come on top of the key. */
const MAX_KEY_BYTES = 1900;
const HASH_BYTES = 16;
const PREFIX_BYTES = MAX_KEY_BYTES - HASH_BYTES;

/** A stretch of an index: from the first key on, up to but without the last; an absent bound is open. */
export interface ValueRange {
  readonly from?: Uint8Array;
  readonly to?: Uint8Array;
  /** false: the range has keys of other values as well, so rows must be checked again. */
  readonly isExact: boolean;
}

export interface Bound {
  readonly value: Value | DocumentView;
  readonly isInclusive: boolean;
}

const FIRST_BYTES = 4096;
/** What many keys have needed is not kept when it is more. */
const MOST_BYTES = 65_536;

let sink = new ByteSink(FIRST_BYTES);

/** The key of some values, one for each field of an index. */
export function encodeKey(values: readonly (Value | DocumentView)[]): Uint8Array {
  sink.length = 0;
  for (const value of values) appendValue(value);
  return sink.length > PREFIX_BYTES ? truncated(0) : sink.copyFrom(0);
}

/** Keys one behind the other: the `i`-th is `bytes[starts[i]..starts[i + 1]]`. */
export interface EncodedKeys {
  readonly count: number;
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
}

/** The keys of many lists of values, each with one for each field of an index. */
export function encodeKeys(lists: readonly (readonly Value[])[]): EncodedKeys {
  const count = lists.length;
  const starts = new Int32Array(count + 1);
  sink.length = 0;
  for (let i = 0; i < count; i++) {
    const start = sink.length;
    for (const value of lists[i]!) appendValue(value);
    if (sink.length - start > PREFIX_BYTES) {
      const key = truncated(start);
      sink.length = start;
      sink.append(key, 0, key.length);
    }
    starts[i + 1] = sink.length;
  }
  const bytes = sink.copyFrom(0);
  if (sink.bytes.length > MOST_BYTES) sink = new ByteSink(FIRST_BYTES);
  return { count, bytes, starts };
}

/** The key stands for more than it says: see the head of this file. */
export function isTruncated(key: Uint8Array): boolean {
  return key.length === MAX_KEY_BYTES;
}

/** The range of one key: all fields are equal to `values`. */
export function pointRange(values: readonly (Value | DocumentView)[]): ValueRange {
  const from = encodeKey(values);
  return makeRange(from, successor(from, from.length), true);
}

/** All keys whose first fields are equal to `values`. */
export function prefixRange(values: readonly (Value | DocumentView)[]): ValueRange {
  return boundedRange(values, {});
}

/** All keys whose first fields are equal to `values` and whose next field is within bounds. */
export function boundedRange(
  values: readonly (Value | DocumentView)[],
  { lower, upper }: { readonly lower?: Bound; readonly upper?: Bound },
): ValueRange {
  sink.length = 0;
  for (const value of values) appendValue(value);
  const prefixLength = sink.length;
  if (lower !== undefined) appendValue(lower.value);
  const isFromExact = sink.length <= PREFIX_BYTES;
  // The bytes of values always have a successor: they begin with a tag.
  const from = lower === undefined || lower.isInclusive || !isFromExact ? writtenBytes() : writtenSuccessor()!;
  sink.length = prefixLength;
  if (upper !== undefined) appendValue(upper.value);
  const isToExact = sink.length <= PREFIX_BYTES;
  const to = upper === undefined || upper.isInclusive || !isToExact ? writtenSuccessor() : writtenBytes();
  return makeRange(from, to, isFromExact && isToExact);
}

/** All keys whose first fields are equal to `values` and whose next field is of a type. */
export function typeRange(values: readonly (Value | DocumentView)[], type: TypeName): ValueRange {
  sink.length = 0;
  for (const value of values) appendValue(value);
  const prefixLength = sink.length;
  appendByte(TAGS[type]);
  const from = writtenBytes();
  sink.length = prefixLength;
  appendByte(type === 'bool' ? TAG_TRUE : TAGS[type]);
  return makeRange(from, writtenSuccessor(), sink.length <= PREFIX_BYTES);
}

function makeRange(from: Uint8Array, to: Uint8Array | undefined, isExact: boolean): ValueRange {
  if (from.length === 0) return to === undefined ? { isExact } : { to, isExact };
  return to === undefined ? { from, isExact } : { from, to, isExact };
}

/** What was written, as far as truncated keys have it too. */
function writtenBytes(): Uint8Array {
  return copyOf(sink.bytes, Math.min(sink.length, PREFIX_BYTES));
}

function writtenSuccessor(): Uint8Array | undefined {
  return successor(sink.bytes, Math.min(sink.length, PREFIX_BYTES));
}

/** The least bytes after all that begin with the first `length` of these; undefined when there are none. */
function successor(bytes: Uint8Array, length: number): Uint8Array | undefined {
  let end = length;
  while (end > 0 && bytes[end - 1] === 0xff) end--;
  if (end === 0) return undefined;
  const result = copyOf(bytes, end);
  result[end - 1] = result[end - 1]! + 1;
  return result;
}

function copyOf(bytes: Uint8Array, length: number): Uint8Array {
  const copy = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) copy[i] = bytes[i]!;
  return copy;
}

function truncated(start: number): Uint8Array {
  const whole = sink.bytes.subarray(start, sink.length);
  const key = Buffer.allocUnsafe(MAX_KEY_BYTES);
  key.set(whole.subarray(0, PREFIX_BYTES));
  key.set(createHash('sha256').update(whole).digest().subarray(0, HASH_BYTES), PREFIX_BYTES);
  return key;
}

function appendByte(byte: number): void {
  sink.reserve(1)[sink.length++] = byte;
}

function appendValue(value: Value | DocumentView | undefined): void {
  if (typeof value === 'string') {
    appendByte(TAGS.string);
    appendSortKey(sink, value);
  } else if (typeof value === 'number') appendNumber(value);
  else if (typeof value === 'boolean') appendByte(value ? TAG_TRUE : TAG_FALSE);
  else if (value === null || value === undefined) appendByte(TAGS.null);
  else if (Array.isArray(value)) appendArray(value);
  else appendObject(value instanceof DocumentView ? value.toObject() : (value as ValueObject));
}

const double = new DataView(new ArrayBuffer(8));

function appendNumber(value: number): void {
  // Adding 0 makes -0 to 0.
  double.setFloat64(0, value + 0);
  let high = double.getUint32(0);
  let low = double.getUint32(4);
  if (high >= 0x80000000) {
    high = ~high;
    low = ~low;
  } else high ^= 0x80000000;
  const bytes = sink.reserve(9);
  const at = sink.length;
  bytes[at] = TAGS.number;
  bytes[at + 1] = high >>> 24;
  bytes[at + 2] = high >>> 16;
  bytes[at + 3] = high >>> 8;
  bytes[at + 4] = high;
  bytes[at + 5] = low >>> 24;
  bytes[at + 6] = low >>> 16;
  bytes[at + 7] = low >>> 8;
  bytes[at + 8] = low;
  sink.length = at + 9;
}

function appendArray(values: readonly Value[]): void {
  appendByte(TAGS.array);
  const last = values.findLastIndex((value) => value !== null && value !== undefined);
  for (let i = 0; i <= last; i++) appendValue(values[i]);
  appendByte(END);
}

function appendObject(object: ValueObject): void {
  appendByte(TAGS.object);
  const names = Object.keys(object).filter((name) => object[name] !== null && object[name] !== undefined);
  for (const name of names.toSorted(compareStrings)) {
    const start = sink.length;
    appendSortKey(sink, name);
    for (let i = start; i < sink.length; i++) sink.bytes[i] = ~sink.bytes[i]!;
    appendValue(object[name]);
  }
  appendByte(END);
}
