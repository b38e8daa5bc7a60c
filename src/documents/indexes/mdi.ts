/**
 * The multi-dimensional index: numbers of several fields as one key, their bits taken in turns, so that what is near in all of them is
 * mostly near in the index. Fields of a prefix come before, as they are in a persistent index.
 *
 * A box of numbers becomes a few stretches of keys, which hold the box and perhaps some more.
 */
import { ArangoError } from '#base';
import type { MdiIndex } from '#catalog';
import type { IndexEntry, KeyRange } from '#storage';
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

/** Stretches beyond these are joined: reading somewhat too much costs less than looking in many places. */
const MOST_RANGES = 64;

/** Where the documents of a box are, and perhaps others. Disjoint and ascending. */
export function boxRanges(prefix: readonly Value[], intervals: readonly Interval[]): KeyRange[] {
  const start = prefixKey(prefix);
  const box = intervals.map(({ low, high }): Span => ({ low: orderedBits(low), high: orderedBits(high) }));
  if (box.some(({ low, high }) => low > high)) return [];
  const regions = splitUntil(box, [{ depth: 0, spans: box.map(() => WHOLE) }]);
  return joinNeighbours(
    regions.map(({ spans }) => ({
      from: Buffer.concat([start, interleaved(spans.map(({ low }) => low))]),
      to: Buffer.concat([start, interleaved(spans.map(({ high }) => high))]),
      toInclusive: true,
    })),
  );
}

/** From the least to the greatest bits, inclusive. */
interface Span {
  readonly low: bigint;
  readonly high: bigint;
}

const WHOLE: Span = { low: 0n, high: (1n << BigInt(BITS)) - 1n };

/** What has the first `depth` bits of a key in common. */
interface Region {
  readonly depth: number;
  readonly spans: readonly Span[];
}

/** Halves regions, all of one size together, as long as that leaves out something and there are not too many. Ascending. */
function splitUntil(box: readonly Span[], start: readonly Region[]): readonly Region[] {
  let regions = start;
  for (let depth = 0; depth < BITS * box.length; depth++) {
    const halves = regions.flatMap((region) => (isInside(region, box) ? [region] : halvesOf(region, box)));
    if (halves.length > MOST_RANGES) return regions;
    if (halves.every((region) => isInside(region, box))) return halves;
    regions = halves;
  }
  return regions;
}

function halvesOf({ depth, spans }: Region, box: readonly Span[]): Region[] {
  const dimension = depth % spans.length;
  const { low, high } = spans[dimension]!;
  const middle = (low + high) >> 1n;
  return [
    { low, high: middle },
    { low: middle + 1n, high },
  ]
    .filter((half) => half.low <= box[dimension]!.high && half.high >= box[dimension]!.low)
    .map((half) => ({ depth: depth + 1, spans: spans.with(dimension, half) }));
}

function isInside({ spans }: Region, box: readonly Span[]): boolean {
  return spans.every(({ low, high }, i) => low >= box[i]!.low && high <= box[i]!.high);
}

/** The last key of one region and the first of the next are often neighbours. */
function joinNeighbours(ranges: readonly { readonly from: Buffer; readonly to: Buffer; readonly toInclusive: true }[]): KeyRange[] {
  const joined: { readonly from: Buffer; readonly to: Buffer; readonly toInclusive: true }[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    if (last !== undefined && isNext(last.to, range.from)) joined[joined.length - 1] = { ...last, to: range.to };
    else joined.push(range);
  }
  return joined;
}

function isNext(key: Buffer, other: Buffer): boolean {
  const next = Buffer.from(key);
  for (let i = next.length - 1; i >= 0; i--) {
    next[i] = (next[i]! + 1) & 0xff;
    if (next[i] !== 0) break;
  }
  return next.equals(other);
}

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
