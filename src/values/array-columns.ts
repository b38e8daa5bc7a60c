/**
 * Some members of JSON arrays, read from their bytes: what indexes store of documents, where neighbours have much in common.
 *
 * The arrays are those that `JSON.stringify` writes, so there is no white space, and they are long enough.
 */
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

/** A text, and the bytes it was made of. */
interface Known {
  buffer: Uint8Array;
  start: number;
  end: number;
  text: string;
}

export class ArrayColumns {
  readonly #wanted: readonly boolean[];
  readonly #known: readonly Known[];
  readonly #columns: readonly Value[][];

  /** `places` of the members that are wanted, ascending. */
  constructor(places: readonly number[]) {
    const last = places.at(-1) ?? -1;
    this.#wanted = Array.from({ length: last + 1 }, (_, place) => places.includes(place));
    this.#columns = places.map(() => []);
    this.#known = places.map(() => ({ buffer: new Uint8Array(0), start: 0, end: -1, text: '' }));
  }

  /** A list for each of the places, with a value for each of the arrays that begin at `starts`. They are good until the next call. */
  read(buffer: Uint8Array, starts: ArrayLike<number>, count: number): readonly (readonly Value[])[] {
    const columns = this.#columns;
    for (let i = 0; i < count; i++) {
      valueEnd = starts[i]!;
      let column = 0;
      for (let place = 0; place < this.#wanted.length; place++) {
        const at = valueEnd + 1;
        if (!this.#wanted[place]!) {
          valueEnd = endOf(buffer, at);
          continue;
        }
        columns[column]![i] = read(buffer, at, this.#known[column]!);
        column++;
      }
    }
    return columns;
  }
}

/** Where the comma or bracket stands after the value that was read last. */
let valueEnd = 0;

function read(buffer: Uint8Array, start: number, known: Known): Value {
  const first = buffer[start]!;
  if (first === QUOTE) return readText(buffer, start, known);
  if (first === MINUS || (first >= 0x30 && first <= 0x39)) return readNumber(buffer, start);
  valueEnd = endOf(buffer, start);
  if (first === OPEN_BRACKET || first === OPEN_BRACE) return JSON.parse(native.utf8Slice.call(buffer, start, valueEnd)) as Value;
  return first === N ? null : first === T;
}

function readText(buffer: Uint8Array, start: number, known: Known): string {
  // The quotes are among the bytes that are the same, so it ends there.
  if (isSame(buffer, start, known)) {
    valueEnd = start + known.end - known.start;
    return known.text;
  }
  const end = textEnd(buffer, start);
  valueEnd = end;
  let isPlain = true;
  for (let i = start + 1; i < end - 1 && isPlain; i++) isPlain = buffer[i]! < 0x80 && buffer[i] !== BACKSLASH;
  const text = isPlain
    ? native.latin1Slice.call(buffer, start + 1, end - 1)
    : (JSON.parse(native.utf8Slice.call(buffer, start, end)) as string);
  if (end - start <= LONGEST_KEPT) {
    known.buffer = buffer;
    known.start = start;
    known.end = end;
    known.text = text;
  }
  return text;
}

/** From the front, so that nothing is read behind the text: the mapped file may end there, and with it the process. */
function isSame(buffer: Uint8Array, start: number, { buffer: bytes, start: first, end }: Known): boolean {
  if (end < first) return false;
  for (let i = first, at = start; i < end; i++, at++) if (buffer[at] !== bytes[i]) return false;
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
