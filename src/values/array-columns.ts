/**
 * Some members of JSON arrays, read from their bytes: what indexes store of documents, where neighbours have much in common.
 *
 * The arrays are those that `JSON.stringify` writes, so there is no white space, and they are long enough.
 */
import { readAscii } from './document-reader.ts';
import { native } from './native.ts';
import type { Value } from './value.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
/** How null and true begin. */
const N = 0x6e;
const T = 0x74;
/** More digits may not be exact when they are added up. */
const EXACT_DIGITS = 15;
/** Texts that are longer are not compared with the one before. */
const LONGEST_KEPT = 64;
/** Arrays of 64 bytes are made much faster than larger ones, and often little is read. */
const FIRST_ROOM = 16;
const WORD_BYTES = 4;

export class ArrayColumns {
  /** Of each member up to the last that is wanted: the column that it belongs to, if it is wanted. */
  readonly #members: readonly (Column | undefined)[];
  readonly #columns: readonly (readonly Value[])[];
  /** Of each array: where the member stands that is read next. */
  #places = new Int32Array(FIRST_ROOM);

  /** `places` of the members that are wanted, ascending. */
  constructor(places: readonly number[]) {
    const last = places.at(-1) ?? -1;
    this.#members = Array.from({ length: last + 1 }, (_, place) => (places.includes(place) ? new Column() : undefined));
    this.#columns = this.#members.flatMap((column) => (column === undefined ? [] : [column.values]));
  }

  /** A list for each of the places, with a value for each of the arrays `buffer[starts[i]..ends[i]]`. They are good until the next call. */
  read(buffer: Uint8Array, starts: ArrayLike<number>, ends: ArrayLike<number>, count: number): readonly (readonly Value[])[] {
    if (count > this.#places.length) this.#places = new Int32Array(count);
    const places = this.#places;
    for (let i = 0; i < count; i++) places[i] = starts[i]! + 1;
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
    for (const column of this.#members) {
      if (column === undefined) for (let i = 0; i < count; i++) places[i] = endOf(buffer, places[i]!) + 1;
      else column.read(buffer, view, places, ends, count);
    }
    return this.#columns;
  }
}

/** One member of each array. A column is read as a whole, in a loop that has little to decide. */
class Column {
  readonly values: Value[] = [];
  #text = '';

  /** Reads what stands at the places, and moves them behind the comma. */
  read(buffer: Uint8Array, view: DataView, places: Int32Array, ends: ArrayLike<number>, count: number): void {
    const { values } = this;
    // Where the text stands that was read last, with its quotes.
    let known = 0;
    let size = 0;
    for (let i = 0; i < count; i++) {
      const at = places[i]!;
      // The quotes are among the bytes that are the same, so it ends there.
      if (size > 0 && at + size < ends[i]! && isSame(view, at, known, size)) {
        values[i] = this.#text;
        places[i] = at + size + 1;
        continue;
      }
      const first = buffer[at]!;
      if (first === QUOTE) {
        values[i] = this.#readText(buffer, at);
        known = at;
        size = valueEnd - at <= LONGEST_KEPT ? valueEnd - at : 0;
      } else values[i] = isDigit(first) ? readNumber(buffer, at) : readOther(buffer, at, first);
      places[i] = valueEnd + 1;
    }
  }

  /** The same text is the same string: two of these are compared at once. */
  #readText(buffer: Uint8Array, start: number): string {
    const text = readText(buffer, start);
    if (text !== this.#text) this.#text = text;
    return this.#text;
  }
}

/** Where the comma or bracket stands after the value that was read last. */
let valueEnd = 0;

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** What is neither a text nor a number without a sign. */
function readOther(buffer: Uint8Array, start: number, first: number): Value {
  if (first === MINUS) return readNumber(buffer, start);
  valueEnd = endOf(buffer, start);
  if (first === OPEN_BRACKET || first === OPEN_BRACE) return JSON.parse(native.utf8Slice.call(buffer, start, valueEnd)) as Value;
  return first === N ? null : first === T;
}

function readText(buffer: Uint8Array, start: number): string {
  let at = start + 1;
  let byte = buffer[at]!;
  while (byte < 0x80 && byte !== QUOTE && byte !== BACKSLASH) byte = buffer[++at]!;
  if (byte === QUOTE) {
    valueEnd = at + 1;
    return readAscii(buffer, start + 1, at);
  }
  valueEnd = textEnd(buffer, start);
  return JSON.parse(native.utf8Slice.call(buffer, start, valueEnd)) as string;
}

/** Whether there are the same bytes at both places: none is read behind them, as the mapped file may end there, and with it the process. */
function isSame(view: DataView, at: number, other: number, size: number): boolean {
  let i = 0;
  for (; i + WORD_BYTES <= size; i += WORD_BYTES) if (view.getInt32(at + i, true) !== view.getInt32(other + i, true)) return false;
  for (; i < size; i++) if (view.getUint8(at + i) !== view.getUint8(other + i)) return false;
  return true;
}

function readNumber(buffer: Uint8Array, start: number): number {
  const isNegative = buffer[start] === MINUS;
  const first = isNegative ? start + 1 : start;
  let value = 0;
  let at = first;
  for (let digit = buffer[at]! - 0x30; digit >= 0 && digit <= 9; digit = buffer[++at]! - 0x30) value = value * 10 + digit;
  const next = buffer[at];
  if ((next === COMMA || next === CLOSE_BRACKET) && at - first <= EXACT_DIGITS) {
    valueEnd = at;
    return isNegative ? -value : value;
  }
  valueEnd = endOf(buffer, at);
  return Number(native.latin1Slice.call(buffer, start, valueEnd));
}

/** Where the comma or bracket after a value stands. */
function endOf(buffer: Uint8Array, start: number): number {
  let at = start;
  if (buffer[at] === QUOTE) return textEnd(buffer, at);
  if (buffer[at] !== OPEN_BRACKET && buffer[at] !== OPEN_BRACE) {
    while (buffer[at] !== COMMA && buffer[at] !== CLOSE_BRACKET) at++;
    return at;
  }
  let depth = 0;
  do {
    const byte = buffer[at]!;
    if (byte === QUOTE) {
      at = textEnd(buffer, at);
      continue;
    }
    if (byte === OPEN_BRACKET || byte === OPEN_BRACE) depth++;
    else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) depth--;
    at++;
  } while (depth > 0);
  return at;
}

function textEnd(buffer: Uint8Array, quote: number): number {
  let at = quote + 1;
  while (buffer[at] !== QUOTE) at += buffer[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}
