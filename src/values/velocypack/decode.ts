/**
 * VelocyPack that a client sent, as a value. Nothing in it is believed: each length, count and offset is checked against what is there,
 * strings must be UTF-8, names unique and tables right, before anything is made of them.
 *
 * What JSON has no word for becomes what ArangoDB prints for it: a date its milliseconds, binary data its bytes in hexadecimal, a decimal
 * of any length the nearest number; a tag is left away. Types that mean something in a server's memory only are refused.
 */
import { isUtf8 } from 'node:buffer';
import { ArangoError } from '#base';
import type { Value, ValueObject } from '../value.ts';

/** As many levels as a document may have anyway; each costs a few frames of the stack. */
const DEPTH_LIMIT = 200;
/** More digits cannot change the number any more; many more only cost time. */
const DECIMAL_BYTES_LIMIT = 512;

/** ArangoDB's short forms of the names that each document has. */
const SHORT_NAMES: ReadonlyMap<number, string> = new Map([
  [0x31, '_key'],
  [0x32, '_rev'],
  [0x33, '_id'],
  [0x34, '_from'],
  [0x35, '_to'],
]);

/** Throws 600 for anything but one well-formed value that takes all bytes. */
export function decodeVelocypack(bytes: Uint8Array): Value {
  const reader = new Reader(bytes);
  const { value, end } = reader.read(0, bytes.length, 0);
  if (end !== bytes.length) throw malformed(`${bytes.length - end} bytes behind the value`);
  return value;
}

function malformed(reason: string): ArangoError {
  return new ArangoError('ERROR_HTTP_CORRUPTED_JSON', { message: `VPackError error: ${reason}` });
}

interface Read<Result> {
  readonly value: Result;
  readonly end: number;
}

/** Where the items of an array or object lie. */
interface Span {
  /** Behind the last byte of the whole value. */
  readonly end: number;
  readonly itemsStart: number;
  readonly itemsEnd: number;
  /** undefined: as many as fit. */
  readonly count: number | undefined;
  /** Of the table of offsets. */
  readonly table: { readonly start: number; readonly width: number } | undefined;
}

class Reader {
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** The value at `at`, which ends before `limit`. */
  read(at: number, limit: number, depth: number): Read<Value> {
    if (at >= limit) throw malformed('a value is missing');
    if (depth > DEPTH_LIMIT) throw malformed(`more than ${DEPTH_LIMIT} levels`);
    const type = this.#bytes[at]!;
    if (type >= 0x40 && type <= 0xbf) return this.#string(at, limit);
    if (type >= 0x30 && type <= 0x39) return { value: type - 0x30, end: at + 1 };
    if (type >= 0x3a && type <= 0x3f) return { value: type - 0x40, end: at + 1 };
    if (type >= 0x20 && type <= 0x2f) return this.#integer(at, limit);
    if (type >= 0x02 && type <= 0x09) return this.#array(this.#span(at, limit), depth, at);
    if (type >= 0x0b && type <= 0x12) return this.#object(this.#span(at, limit), depth, at);
    switch (type) {
      case 0x01:
        return { value: [], end: at + 1 };
      case 0x0a:
        return { value: {}, end: at + 1 };
      case 0x13:
        return this.#array(this.#compactSpan(at, limit), depth, at);
      case 0x14:
        return this.#object(this.#compactSpan(at, limit), depth, at);
      case 0x18:
        return { value: null, end: at + 1 };
      case 0x19:
        return { value: false, end: at + 1 };
      case 0x1a:
        return { value: true, end: at + 1 };
      case 0x1b:
        return this.#double(at, limit);
      case 0x1c:
        return { value: Number(this.#bytes.readBigInt64LE(this.#payload(at + 1, 8, limit))), end: at + 9 };
      case 0xee:
        return this.read(this.#payload(at + 1, 1, limit) + 1, limit, depth + 1);
      case 0xef:
        return this.read(this.#payload(at + 1, 8, limit) + 8, limit, depth + 1);
      default:
        if (type >= 0xc0 && type <= 0xc7) return this.#binary(at, limit);
        if (type >= 0xc8 && type <= 0xd7) return this.#decimal(at, limit);
        throw malformed(`type 0x${type.toString(16).padStart(2, '0')} cannot be sent`);
    }
  }

  /** `at`, once there prove to be so many bytes. */
  #payload(at: number, bytes: number, limit: number): number {
    if (at + bytes > limit) throw malformed('the value ends too early');
    return at;
  }

  #unsigned(at: number, width: number, limit: number): number {
    this.#payload(at, width, limit);
    if (width <= 6) return this.#bytes.readUIntLE(at, width);
    let value = this.#bytes.readUIntLE(at, 6);
    for (let i = 6; i < width; i++) value += this.#bytes[at + i]! * 2 ** (8 * i);
    return value;
  }

  #string(at: number, limit: number): Read<string> {
    const type = this.#bytes[at]!;
    const start = type === 0xbf ? at + 9 : at + 1;
    const length = type === 0xbf ? this.#unsigned(at + 1, 8, limit) : type - 0x40;
    const end = this.#payload(start, length, limit) + length;
    if (!isUtf8(this.#bytes.subarray(start, end))) throw malformed('a string is no UTF-8');
    return { value: this.#bytes.toString('utf8', start, end), end };
  }

  #integer(at: number, limit: number): Read<number> {
    const type = this.#bytes[at]!;
    const isSigned = type <= 0x27;
    const width = type - (isSigned ? 0x1f : 0x27);
    const end = this.#payload(at + 1, width, limit) + width;
    if (!isSigned) return { value: this.#unsigned(at + 1, width, limit), end };
    if (width <= 6) return { value: this.#bytes.readIntLE(at + 1, width), end };
    let value = 0n;
    for (let i = width - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[at + 1 + i]!);
    return { value: Number(BigInt.asIntN(8 * width, value)), end };
  }

  /** What is no number in JSON becomes null there, too. */
  #double(at: number, limit: number): Read<number | null> {
    const value = this.#bytes.readDoubleLE(this.#payload(at + 1, 8, limit));
    return { value: Number.isFinite(value) ? value : null, end: at + 9 };
  }

  #binary(at: number, limit: number): Read<string> {
    const width = this.#bytes[at]! - 0xbf;
    const start = at + 1 + width;
    const length = this.#unsigned(at + 1, width, limit);
    const end = this.#payload(start, length, limit) + length;
    return { value: this.#bytes.toString('hex', start, end), end };
  }

  #decimal(at: number, limit: number): Read<number> {
    const type = this.#bytes[at]!;
    const isNegative = type >= 0xd0;
    const width = type - (isNegative ? 0xcf : 0xc7);
    const length = this.#unsigned(at + 1, width, limit);
    const start = at + 1 + width + 4;
    const end = this.#payload(start, length, limit) + length;
    const exponent = this.#bytes.readInt32LE(start - 4);
    if (length > DECIMAL_BYTES_LIMIT) throw malformed(`a decimal has more than ${2 * DECIMAL_BYTES_LIMIT} digits`);
    const digits = this.#bytes.toString('hex', start, end);
    if (!/^\d+$/.test(digits)) throw malformed('a decimal has something else than digits');
    const value = Number(`${isNegative ? '-' : ''}${digits}e${exponent}`);
    if (!Number.isFinite(value)) throw malformed('a decimal is too large for a number');
    return { value, end };
  }

  /** Types 0x02 to 0x12 but for the empty ones: a length, mostly a count, items, mostly a table. */
  #span(at: number, limit: number): Span {
    const type = this.#bytes[at]!;
    const width = 2 ** ((type <= 0x05 ? type - 0x02 : type <= 0x09 ? type - 0x06 : type - 0x0b) % 4);
    const end = this.#payload(at, this.#unsigned(at + 1, width, limit), limit) + this.#unsigned(at + 1, width, limit);
    if (type <= 0x05) {
      const itemsStart = this.#skipPadding(at, at + 1 + width, end);
      return { end, itemsStart, itemsEnd: end, count: undefined, table: undefined };
    }
    const isCountLast = width === 8;
    const count = this.#unsigned(isCountLast ? end - width : at + 1 + width, width, end);
    const tableEnd = isCountLast ? end - width : end;
    const tableStart = tableEnd - count * width;
    const itemsStart = isCountLast ? at + 9 : this.#skipPadding(at, at + 1 + 2 * width, tableStart);
    if (count === 0 || itemsStart >= tableStart) throw malformed('a table of offsets leaves no room for items');
    return { end, itemsStart, itemsEnd: tableStart, count, table: { start: tableStart, width } };
  }

  /** A header may be filled up with zeros to nine bytes. */
  #skipPadding(at: number, headerEnd: number, limit: number): number {
    if (headerEnd >= limit) throw malformed('an array or object has no items');
    if (this.#bytes[headerEnd] !== 0) return headerEnd;
    for (let i = headerEnd; i < at + 9; i++) if (i >= limit || this.#bytes[i] !== 0) throw malformed('wrong padding');
    return at + 9;
  }

  /** Types 0x13 and 0x14: numbers are written in groups of seven bits, the count backwards from the end. */
  #compactSpan(at: number, limit: number): Span {
    const length = this.#sevenBits(at + 1, 1, limit);
    const end = this.#payload(at, length.value, limit) + length.value;
    if (end <= length.end) throw malformed('a compact value is shorter than its header');
    const count = this.#sevenBits(end - 1, -1, end);
    const itemsEnd = count.end + 1;
    if (count.value === 0 || length.end >= itemsEnd) throw malformed('a compact value has no items');
    return { end, itemsStart: length.end, itemsEnd, count: count.value, table: undefined };
  }

  #sevenBits(at: number, step: 1 | -1, limit: number): Read<number> {
    let value = 0;
    for (let i = 0; i < 8; i++) {
      const place = at + i * step;
      if (place < 0 || place >= limit) break;
      const byte = this.#bytes[place]!;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return { value, end: place + step };
    }
    throw malformed('a number does not end');
  }

  #array(span: Span, depth: number, at: number): Read<Value> {
    const items: Value[] = [];
    const starts: number[] = [];
    let next = span.itemsStart;
    while (next < span.itemsEnd) {
      const { value, end } = this.read(next, span.itemsEnd, depth + 1);
      if (span.table === undefined && span.count === undefined && items.length > 0 && end - next !== next - starts.at(-1)!)
        throw malformed('an array without a table has items of different lengths');
      items.push(value);
      starts.push(next);
      next = end;
    }
    if (span.count !== undefined && span.count !== items.length) throw malformed('an array has another number of items than it says');
    this.#checkTable(span, at, starts);
    return { value: items, end: span.end };
  }

  #object(span: Span, depth: number, at: number): Read<Value> {
    const object: Record<string, Value> = {};
    const entries: { readonly name: string; readonly start: number }[] = [];
    let next = span.itemsStart;
    while (next < span.itemsEnd) {
      const name = this.#name(next, span.itemsEnd);
      const { value, end } = this.read(name.end, span.itemsEnd, depth + 1);
      if (Object.hasOwn(object, name.value)) throw malformed(`the name ${JSON.stringify(name.value)} comes twice`);
      setAttribute(object, name.value, value);
      entries.push({ name: name.value, start: next });
      next = end;
    }
    if (span.count !== entries.length) throw malformed('an object has another number of attributes than it says');
    if (span.table !== undefined) {
      const type = this.#bytes[at]!;
      const isSorted = type <= 0x0e;
      const starts = (isSorted ? byName(entries) : entries).map(({ start }) => start);
      this.#checkTable(span, at, starts);
    }
    return { value: object, end: span.end };
  }

  #name(at: number, limit: number): Read<string> {
    const type = this.#bytes[at]!;
    if (type >= 0x40 && type <= 0xbf) return this.#string(at, limit);
    const short = SHORT_NAMES.get(type);
    if (short === undefined) throw malformed('the name of an attribute is no string');
    return { value: short, end: at + 1 };
  }

  #checkTable({ table, end }: Span, at: number, starts: readonly number[]): void {
    if (table === undefined) return;
    for (const [place, start] of starts.entries()) {
      if (this.#unsigned(table.start + place * table.width, table.width, end) !== start - at)
        throw malformed('a table of offsets does not fit its items');
    }
  }
}

/** By the bytes of the names in UTF-8. */
function byName<Entry extends { readonly name: string }>(entries: readonly Entry[]): Entry[] {
  return entries
    .map((entry) => ({ entry, bytes: Buffer.from(entry.name) }))
    .toSorted((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ entry }) => entry);
}

/** An attribute of any name, as `JSON.parse` would make it. */
function setAttribute(object: Record<string, Value>, name: string, value: Value): void {
  if (name === '__proto__') Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  else object[name] = value satisfies Value | ValueObject;
}
