/**
 * The layout of stored documents, read piece by piece: sizes, where values begin and end, and single values. `document-writer.ts` writes it
 * and describes it; `document.ts` and `document-object.ts` are what others use.
 */
import {
  FLAG_UTF8,
  FLAG_WIDE,
  NARROW_ENTRY,
  TYPE_ARRAY,
  TYPE_ASCII,
  TYPE_EMPTY_OBJECT,
  TYPE_FALSE,
  TYPE_INTEGER,
  TYPE_NULL,
  TYPE_NUMBER,
  TYPE_OBJECT,
  TYPE_TRUE,
  TYPE_UTF8,
  WIDE_ENTRY,
} from './document-writer.ts';
import { native } from './native.ts';
import type { Value } from './value.ts';

export function valueStart(buffer: Uint8Array, start: number, entry: number, isWide: boolean): number {
  const position = start + readSize(buffer, entry, isWide);
  return buffer[entry + ((isWide ? WIDE_ENTRY : NARROW_ENTRY) - 1)] === TYPE_OBJECT ? start + readSize(buffer, position, isWide) : position;
}

/** A value ends where the comma and the name of the next one begin, the last one before the brace. */
export function valueEnd(
  buffer: Uint8Array,
  start: number,
  table: number,
  count: number,
  place: number,
  objectEnd: number,
  isWide: boolean,
): number {
  if (place + 1 >= count) return objectEnd - 1;
  const next = table + (place + 1) * (isWide ? WIDE_ENTRY : NARROW_ENTRY);
  const nameLength = isWide ? readSize(buffer, next + 4, true) : buffer[next + 2]!;
  return valueStart(buffer, start, next, isWide) - nameLength - 4;
}

export function readValue(
  buffer: Uint8Array,
  start: number,
  table: number,
  count: number,
  place: number,
  objectEnd: number,
  flags: number,
): Value {
  const isWide = (flags & FLAG_WIDE) !== 0;
  const entry = table + place * (isWide ? WIDE_ENTRY : NARROW_ENTRY);
  const type = buffer[entry + ((isWide ? WIDE_ENTRY : NARROW_ENTRY) - 1)]!;
  switch (type) {
    case TYPE_NULL:
      return null;
    case TYPE_FALSE:
      return false;
    case TYPE_TRUE:
      return true;
    case TYPE_INTEGER:
      return readInteger(buffer, start + readSize(buffer, entry, isWide));
  }
  const from = valueStart(buffer, start, entry, isWide);
  const to = valueEnd(buffer, start, table, count, place, objectEnd, isWide);
  switch (type) {
    case TYPE_NUMBER:
      return readNumber(buffer, from, to);
    case TYPE_ASCII:
      return readAscii(buffer, from + 1, to - 1);
    case TYPE_UTF8:
      return native.utf8Slice.call(buffer, from + 1, to - 1);
    case TYPE_EMPTY_OBJECT:
      return {};
    case TYPE_ARRAY:
      return readArray(buffer, from, to) ?? (JSON.parse(readText(buffer, from, to, flags)) as Value);
    default:
      return JSON.parse(readText(buffer, from, to, flags)) as Value;
  }
}

/** For longer arrays, and those of other things than numbers and plain texts, a call of `JSON.parse` is worth it. */
const SHORT_ARRAY_BYTES = 100;

function readArray(buffer: Uint8Array, from: number, to: number): Value[] | undefined {
  if (to - from > SHORT_ARRAY_BYTES) return undefined;
  const values: Value[] = [];
  const close = to - 1;
  for (let at = from + 1; at < close; at++) {
    let end = at;
    if (buffer[at] === QUOTE) {
      while (buffer[++end] !== QUOTE) if (buffer[end]! >= 0x80 || buffer[end] === BACKSLASH) return undefined;
      values.push(readAscii(buffer, at + 1, end));
      end++;
    } else {
      const first = buffer[at]!;
      if (first !== MINUS && (first < 0x30 || first > 0x39)) return undefined;
      while (end < close && buffer[end] !== COMMA) end++;
      values.push(readNumber(buffer, at, end));
    }
    at = end;
  }
  return values;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const BACKSLASH = 0x5c;

export function readText(buffer: Uint8Array, from: number, to: number, flags: number): string {
  return flags & FLAG_UTF8 ? native.utf8Slice.call(buffer, from, to) : native.latin1Slice.call(buffer, from, to);
}

function readInteger(buffer: Uint8Array, from: number): number {
  const isNegative = buffer[from] === 0x2d;
  let at = isNegative ? from + 1 : from;
  let value = 0;
  for (let digit = buffer[at]! - 0x30; digit >= 0 && digit <= 9; digit = buffer[++at]! - 0x30) value = value * 10 + digit;
  return isNegative ? -value : value;
}

const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** Digits below 2^53 divided by a power of ten that is exact are rounded once, so correctly; all else is left to JavaScript. */
function readNumber(buffer: Uint8Array, from: number, to: number): number {
  const isNegative = buffer[from] === 0x2d;
  let at = isNegative ? from + 1 : from;
  if (to - at > 16) return Number(native.latin1Slice.call(buffer, from, to));
  let value = 0;
  let point = to;
  for (; at < to; at++) {
    const byte = buffer[at]!;
    if (byte === 0x2e) point = at + 1;
    else if (byte < 0x30 || byte > 0x39) return Number(native.latin1Slice.call(buffer, from, to));
    else value = value * 10 + (byte - 0x30);
  }
  value /= POWERS_OF_TEN[to - point]!;
  return isNegative ? -value : value;
}

const code = String.fromCharCode;

/** Short strings are made from their characters, which takes a third of the time of a native call. */
export function readAscii(buffer: Uint8Array, from: number, to: number): string {
  const b = buffer;
  let i = from;
  switch (to - from) {
    case 0:
      return '';
    case 1:
      return code(b[i]!);
    case 2:
      return code(b[i]!, b[i + 1]!);
    case 3:
      return code(b[i]!, b[i + 1]!, b[i + 2]!);
    case 4:
      return code(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!);
    case 5:
      return code(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!);
    case 6:
      return code(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!, b[i + 5]!);
    case 7:
      return code(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!, b[i + 5]!, b[i + 6]!);
    case 8:
      return code(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!, b[i + 5]!, b[i + 6]!, b[i + 7]!);
    case 9:
      return code(b[i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!);
    case 10:
      return code(b[i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!);
    case 11:
      return code(b[i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!);
    case 12:
      return code(b[i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!, b[++i]!);
    default:
      return native.latin1Slice.call(buffer, from, to);
  }
}

export function readSize(buffer: Uint8Array, at: number, isWide: boolean): number {
  const low = buffer[at]! | (buffer[at + 1]! << 8);
  return isWide ? (low | (buffer[at + 2]! << 16) | (buffer[at + 3]! << 24)) >>> 0 : low;
}

export function readUint32(buffer: Uint8Array, at: number): number {
  return ((buffer[at]! << 24) | (buffer[at + 1]! << 16) | (buffer[at + 2]! << 8) | buffer[at + 3]!) >>> 0;
}
