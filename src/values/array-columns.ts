/**
 * Some members of JSON arrays, read from their bytes: what indexes store of documents, where neighbours have much in common.
 *
 * The arrays are those that `JSON.stringify` writes, so there is no white space, and they are long enough.
 */
import type { Value } from './value.ts';

const native = Buffer.prototype as unknown as {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  utf8Slice(this: Uint8Array, start: number, end: number): string;
};

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

  /** `places` of the members that are wanted, ascending. */
  constructor(places: readonly number[]) {
    const last = places.at(-1) ?? -1;
    this.#wanted = Array.from({ length: last + 1 }, (_, place) => places.includes(place));
    this.#known = places.map(() => ({ buffer: new Uint8Array(0), start: 0, end: -1, text: '' }));
  }

  /** A list for each of the places, with a value for each of the arrays that begin at `starts`. */
  read(buffer: Uint8Array, starts: ArrayLike<number>, count: number): readonly (readonly Value[])[] {
    const columns: Value[][] = this.#known.map(() => []);
    for (let i = 0; i < count; i++) {
      let at = starts[i]! + 1;
      let column = 0;
      for (let place = 0; place < this.#wanted.length; place++) {
        const end = valueEnd(buffer, at);
        if (this.#wanted[place]!) {
          columns[column]!.push(this.#value(buffer, at, end, this.#known[column]!));
          column++;
        }
        at = end + 1;
      }
    }
    return columns;
  }

  #value(buffer: Uint8Array, start: number, end: number, known: Known): Value {
    const first = buffer[start]!;
    if (first === QUOTE) return textOf(buffer, start, end, known);
    if (first === MINUS || (first >= 0x30 && first <= 0x39)) return numberOf(buffer, start, end);
    if (first === OPEN_BRACKET || first === OPEN_BRACE) return JSON.parse(native.utf8Slice.call(buffer, start, end)) as Value;
    return first === N ? null : first === T;
  }
}

function textOf(buffer: Uint8Array, start: number, end: number, known: Known): string {
  if (end - start === known.end - known.start && isSame(buffer, start, known)) return known.text;
  let isPlain = true;
  for (let i = start + 1; i < end - 1 && isPlain; i++) isPlain = buffer[i]! < 0x80 && buffer[i] !== BACKSLASH;
  const text = isPlain
    ? native.latin1Slice.call(buffer, start + 1, end - 1)
    : (JSON.parse(native.utf8Slice.call(buffer, start, end)) as string);
  if (end - start <= LONGEST_KEPT) Object.assign(known, { buffer, start, end, text });
  return text;
}

function isSame(buffer: Uint8Array, start: number, known: Known): boolean {
  const length = known.end - known.start;
  for (let i = length - 1; i >= 0; i--) if (buffer[start + i] !== known.buffer[known.start + i]) return false;
  return true;
}

function numberOf(buffer: Uint8Array, start: number, end: number): number {
  const isNegative = buffer[start] === MINUS;
  const first = isNegative ? start + 1 : start;
  if (end - first <= EXACT_DIGITS) {
    let value = 0;
    let at = first;
    for (; at < end; at++) {
      const digit = buffer[at]! - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (at === end) return isNegative ? -value : value;
  }
  return Number(native.latin1Slice.call(buffer, start, end));
}

/** Where the comma or bracket after a value stands. */
function valueEnd(buffer: Uint8Array, start: number): number {
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
