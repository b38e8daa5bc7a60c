/**
 * The multi-dimensional index: numbers of several fields as one key, their bits taken in turns, so that what is near in all of them is
 * mostly near in the index. Fields of a prefix come before, as they are in a persistent index.
 *
 * The keys of a box of numbers lie in stretches, with others between them; `KeyBox` knows where the next stretch begins.
 */
import { ArangoError } from '#base';
import type { MdiIndex } from '#catalog';
import type { IndexEntry } from '#storage';
import { attributeReader, encodeKey, type AttributeReader, type DocumentView, type Value } from '#values';
import type { EntryMaker } from './entry-maker.ts';

const BITS = 64;

export class MdiEntries implements EntryMaker {
  readonly index: MdiIndex;
  readonly #prefix: readonly AttributeReader[];
  readonly #dimensions: readonly AttributeReader[];
  readonly #stored: readonly AttributeReader[];

  constructor(index: MdiIndex) {
    this.index = index;
    const [prefix, dimensions, stored] = [index.prefixFields, index.fields, index.storedValues].map((fields) =>
      fields.map(({ steps: [first = '', ...path] }) => attributeReader(first, ...path)),
    );
    this.#prefix = prefix ?? [];
    this.#dimensions = dimensions ?? [];
    this.#stored = stored ?? [];
  }

  /** Throws 1561 for a document in which a field is no number. */
  add(document: DocumentView, entries: IndexEntry[]): void {
    const prefix = this.#prefix.map((read) => read(document));
    const values = this.#dimensions.map((read) => read(document));
    if (this.index.isSparse && [...prefix, ...values].includes(null)) return;
    const numbers = values.map((value) => {
      if (typeof value !== 'number') throw new ArangoError('ERROR_QUERY_INVALID_ARITHMETIC_VALUE');
      return orderedBits(value);
    });
    const key = Buffer.concat([prefixKey(prefix), interleaved(numbers)]);
    const stored = this.#stored.length === 0 ? {} : { value: Buffer.from(JSON.stringify(this.#stored.map((read) => read(document)))) };
    entries.push({ index: this.index.table, key, isUnique: this.index.isUnique, ...stored });
  }
}

/** The bounds of one dimension, both inclusive. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A box of numbers among the keys of an index, after a prefix. */
export class KeyBox {
  readonly #prefix: Uint8Array;
  readonly #spans: readonly Span[];

  constructor(prefix: readonly Value[], intervals: readonly Interval[]) {
    this.#prefix = prefixKey(prefix);
    this.#spans = intervals.map(({ low, high }) => ({ low: orderedBits(low), high: orderedBits(high) }));
  }

  /** From the first key that can be in the box to the last one; undefined for a box with nothing in it. */
  range(): { readonly from: Uint8Array; readonly to: Uint8Array; readonly toInclusive: true } | undefined {
    if (this.#spans.some(({ low, high }) => low > high)) return undefined;
    return { from: this.#key(({ low }) => low), to: this.#key(({ high }) => high), toInclusive: true };
  }

  contains(key: Uint8Array): boolean {
    return this.#bitsOf(key).every((bits, i) => bits >= this.#spans[i]!.low && bits <= this.#spans[i]!.high);
  }

  /**
   * The first key from `key` on that can be in the box. The keys that begin like `key` are a region; the way goes from the whole down to
   * `key` itself, bit by bit, as long as the region has a part of the box. Where it has none any more, the first one to come is in the
   * last region beside the way that has.
   */
  next(key: Uint8Array): Uint8Array | undefined {
    const bits = this.#bitsOf(key);
    const region = this.#spans.map(() => WHOLE);
    let beside: readonly Span[] | undefined;
    for (let depth = 0; depth < BITS * region.length; depth++) {
      const dimension = depth % region.length;
      const { low, high } = region[dimension]!;
      const middle = (low + high) >> 1n;
      const upper = { low: middle + 1n, high };
      const isUpper = bits[dimension]! > middle;
      if (!isUpper && this.#meets(dimension, upper)) beside = region.with(dimension, upper);
      region[dimension] = isUpper ? upper : { low, high: middle };
      if (!this.#meets(dimension, region[dimension])) return beside && this.#firstIn(beside);
    }
    return key;
  }

  #meets(dimension: number, { low, high }: Span): boolean {
    const span = this.#spans[dimension]!;
    return low <= span.high && high >= span.low;
  }

  /** The corner of a box with the lowest numbers has the lowest key. */
  #firstIn(region: readonly Span[]): Uint8Array {
    return this.#key(({ low }, i) => (region[i]!.low > low ? region[i]!.low : low));
  }

  #key(bitsOf: (span: Span, dimension: number) => bigint): Uint8Array {
    return Buffer.concat([this.#prefix, interleaved(this.#spans.map(bitsOf))]);
  }

  #bitsOf(key: Uint8Array): bigint[] {
    return disentangled(key.subarray(this.#prefix.length), this.#spans.length);
  }
}

/** From the least to the greatest bits, inclusive. */
interface Span {
  readonly low: bigint;
  readonly high: bigint;
}

const WHOLE: Span = { low: 0n, high: (1n << BigInt(BITS)) - 1n };

/** No prefix is the beginning of another: encoded values end themselves. */
function prefixKey(values: readonly Value[]): Uint8Array {
  return values.length === 0 ? new Uint8Array(0) : encodeKey(values);
}

const scratch = new DataView(new ArrayBuffer(8));

/** Bits that are ordered as the numbers are. */
function orderedBits(number: number): bigint {
  // Adding 0 makes 0 of -0.
  scratch.setFloat64(0, number + 0);
  const bits = scratch.getBigUint64(0);
  return bits >> 63n === 1n ? ~bits & WHOLE.high : bits | (1n << 63n);
}

/** The first bits of all, then the second ones, and so on. */
function interleaved(all: readonly bigint[]): Buffer {
  const key = Buffer.alloc(all.length * (BITS / 8));
  const words = all.flatMap((bits) => [Number(bits >> 32n), Number(bits & 0xffff_ffffn)]);
  let at = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const shift = 31 - (bit & 31);
    const half = bit >> 5;
    for (let i = 0; i < all.length; i++, at++) {
      if (((words[2 * i + half]! >>> shift) & 1) === 1) key[at >> 3]! |= 0x80 >> (at & 7);
    }
  }
  return key;
}

/** The reverse of `interleaved`. */
function disentangled(key: Uint8Array, count: number): bigint[] {
  const words = new Uint32Array(2 * count);
  let at = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const mask = (1 << (31 - (bit & 31))) >>> 0;
    const half = bit >> 5;
    for (let i = 0; i < count; i++, at++) {
      if ((key[at >> 3]! & (0x80 >> (at & 7))) !== 0) words[2 * i + half]! |= mask;
    }
  }
  return Array.from({ length: count }, (_, i) => (BigInt(words[2 * i]!) << 32n) | BigInt(words[2 * i + 1]!));
}
