/**
 * Values as VelocyPack, version 1 of the public specification: what is sent to clients that ask for it.
 *
 * Everything gets its shortest form. Arrays whose items take equally many bytes have no table of offsets, other arrays and all objects have
 * one; that of an object is sorted by name. Headers are of a length that is known only afterwards, so room for the longest is kept and
 * what comes behind is moved.
 */
import { isArray, type Value, type ValueObject } from '../value.ts';

/** Type byte, length and number of items, before both are known. */
const HEADER_BYTES = 9;
const WIDTHS = [1, 2, 4, 8] as const;
type Width = (typeof WIDTHS)[number];

const SHORT_STRING_BYTES = 126;
/** A UTF-16 unit takes no more in UTF-8. */
const MOST_BYTES_A_UNIT = 3;

/** `value` is plain: no views of documents in it. */
export function encodeVelocypack(value: Value): Uint8Array {
  const writer = new Writer();
  writer.write(value);
  return writer.bytes();
}

class Writer {
  #buffer = Buffer.allocUnsafe(1024);
  #length = 0;

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  write(value: Value): void {
    if (value === null) this.#byte(0x18);
    else if (typeof value === 'boolean') this.#byte(value ? 0x1a : 0x19);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'string') this.#string(value);
    else if (isArray(value)) this.#array(value);
    else this.#object(value);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, needed));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }

  #byte(byte: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = byte;
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      this.#byte(0x1b);
      this.#reserve(8);
      this.#length = this.#buffer.writeDoubleLE(value, this.#length);
    } else if (value >= 0 && value <= 9) {
      this.#byte(0x30 + value);
    } else if (value < 0 && value >= -6) {
      this.#byte(0x40 + value);
    } else {
      const width = value < 0 ? signedBytes(value) : unsignedBytes(value);
      this.#byte((value < 0 ? 0x1f : 0x27) + width);
      this.#reserve(8);
      this.#buffer.writeBigInt64LE(BigInt(value), this.#length);
      this.#length += width;
    }
  }

  #string(text: string): void {
    this.#reserve(HEADER_BYTES + text.length * MOST_BYTES_A_UNIT);
    // Nearly every string is short and in ASCII, so the short form is tried first.
    const bytes = this.#buffer.write(text, this.#length + 1);
    if (bytes <= SHORT_STRING_BYTES) {
      this.#buffer[this.#length] = 0x40 + bytes;
      this.#length += 1 + bytes;
      return;
    }
    this.#buffer.copyWithin(this.#length + HEADER_BYTES, this.#length + 1, this.#length + 1 + bytes);
    this.#buffer[this.#length] = 0xbf;
    this.#buffer.writeBigUInt64LE(BigInt(bytes), this.#length + 1);
    this.#length += HEADER_BYTES + bytes;
  }

  #array(items: readonly Value[]): void {
    if (items.length === 0) {
      this.#byte(0x01);
      return;
    }
    const start = this.#begin();
    const offsets: number[] = [];
    for (const item of items) {
      offsets.push(this.#length - start);
      this.write(item);
    }
    const itemBytes = (this.#length - start - HEADER_BYTES) / items.length;
    const areEqual = offsets.every((offset, place) => offset === HEADER_BYTES + place * itemBytes);
    if (areEqual) this.#endWithoutTable(start);
    else this.#endWithTable(start, 0x06, offsets);
  }

  #object(object: ValueObject): void {
    const names = Object.keys(object);
    if (names.length === 0) {
      this.#byte(0x0a);
      return;
    }
    const start = this.#begin();
    const entries: { readonly name: Buffer; readonly offset: number }[] = [];
    for (const name of names) {
      entries.push({ name: Buffer.from(name), offset: this.#length - start });
      this.#string(name);
      this.write(object[name]!);
    }
    entries.sort((a, b) => Buffer.compare(a.name, b.name));
    this.#endWithTable(
      start,
      0x0b,
      entries.map(({ offset }) => offset),
    );
  }

  #begin(): number {
    const start = this.#length;
    this.#reserve(HEADER_BYTES);
    this.#length += HEADER_BYTES;
    return start;
  }

  #endWithoutTable(start: number): void {
    const payload = this.#length - start - HEADER_BYTES;
    const width = fittingWidth((each) => 1 + each + payload);
    this.#move(start, 1 + width);
    this.#buffer[start] = 0x02 + WIDTHS.indexOf(width);
    this.#unsigned(start + 1, width, this.#length - start);
  }

  /** `offsets` count from `start`, behind the longest header. */
  #endWithTable(start: number, firstType: number, offsets: readonly number[]): void {
    const count = offsets.length;
    const payload = this.#length - start - HEADER_BYTES;
    const width = fittingWidth((each) => 1 + 2 * each + payload + count * each);
    // With eight bytes the number of items stands behind the table, so that the header keeps its length.
    const header = width === 8 ? HEADER_BYTES : 1 + 2 * width;
    this.#move(start, header);
    const tail = count * width + (width === 8 ? width : 0);
    this.#reserve(tail);
    for (const offset of offsets) {
      this.#unsigned(this.#length, width, offset - HEADER_BYTES + header);
      this.#length += width;
    }
    if (width === 8) this.#length += width;
    this.#buffer[start] = firstType + WIDTHS.indexOf(width);
    this.#unsigned(start + 1, width, this.#length - start);
    this.#unsigned(width === 8 ? this.#length - width : start + 1 + width, width, count);
  }

  #move(start: number, header: number): void {
    if (header === HEADER_BYTES) return;
    this.#buffer.copyWithin(start + header, start + HEADER_BYTES, this.#length);
    this.#length -= HEADER_BYTES - header;
  }

  #unsigned(at: number, width: Width, value: number): void {
    if (width === 8) this.#buffer.writeBigUInt64LE(BigInt(value), at);
    else this.#buffer.writeUIntLE(value, at, width);
  }
}

/** The smallest width of numbers with which a value still fits what such a number can say. */
function fittingWidth(bytesWith: (width: Width) => number): Width {
  return WIDTHS.find((width) => bytesWith(width) < 2 ** (8 * width)) ?? 8;
}

function unsignedBytes(value: number): number {
  let bytes = 1;
  while (bytes < 8 && value >= 2 ** (8 * bytes)) bytes++;
  return bytes;
}

function signedBytes(value: number): number {
  let bytes = 1;
  while (bytes < 8 && value < -(2 ** (8 * bytes - 1))) bytes++;
  return bytes;
}
