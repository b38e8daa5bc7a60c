/**
 * What each character weighs in the order of strings: the columns of `collation-data.ts` made into arrays for look-up.
 *
 * Apart from `collation.ts` because it is needed only for strings beyond ASCII: the arrays take 0.6 MB, those of ideographs 0.4 MB, and are
 * made when the first such string is met. They are the table of one version of Unicode and not those of the running Node.js, so the order and with it stored index
 * keys stay the same whatever Node.js runs.
 */
import { brotliDecompressSync } from 'node:zlib';
import { COLLATION_TABLE, IDEOGRAPH_ORDER } from './collation-data.ts';

/** The character may change places with marks beside it, so a string with it must be normalised. */
export const MARK = 1;
/** Different strings of only such characters differ in their weights. */
export const PLAIN = 2;
/** A contraction may begin with it, or a part of it. */
export const STARTS = 4;
/** A contraction may go on with it, or a part of it. */
export const CONTINUES = 8;
/** The table has the character: its normal form is the same in every version of Unicode. */
export const KNOWN = 16;

const PAGE_BITS = 7;
const PAGE_SIZE = 1 << PAGE_BITS;

/** One of several characters that weigh something else together. */
export interface Contraction {
  /** The characters after the first. */
  readonly rest: readonly number[];
  readonly entry: number;
}

/**
 * An entry says of a character: flags (5 bits), the number of its elements (5), where they begin in the arrays (from bit 10 on). An
 * element is a primary weight (0: none, otherwise one to four bytes as a number), the bytes of a secondary weight (0: none; the common
 * one is 5) and the code of a tertiary weight (see `collation.ts`).
 */
export interface CollationTable {
  readonly pages: readonly (Uint32Array | undefined)[];
  readonly primaries: Uint32Array;
  readonly secondaries: Uint16Array;
  readonly tertiaries: Uint8Array;
  /** By first character, longer ones first. */
  readonly contractions: ReadonlyMap<number, readonly Contraction[]>;
}

let table: CollationTable | undefined;

export function collationTable(): CollationTable {
  return (table ??= readTable());
}

export function entryFlags(entry: number): number {
  return entry & 0x1f;
}

export function elementCount(entry: number): number {
  return (entry >>> 5) & 0x1f;
}

export function firstElement(entry: number): number {
  return entry >>> 10;
}

/** The entry of a character, 0 when the table has none: an ideograph, a Hangul syllable, a character unknown to it. */
export function findEntry({ pages }: CollationTable, character: number): number {
  const page = pages[character >>> PAGE_BITS];
  return page === undefined ? 0 : page[character & (PAGE_SIZE - 1)]!;
}

/** Bytes of weights are 02 to FE. */
const WEIGHT_BASE = 2;
const WEIGHT_BYTES = 253;
const IDEOGRAPH_LEAD = 0x7e;
const UNKNOWN_LEAD = 0xe0;

/** The primary weight of a character without an entry that is no Hangul syllable. */
export function implicitPrimary(character: number): number {
  const rank = findIdeographRank(character);
  if (rank >= 0) return ideographPrimary(rank);
  const high = WEIGHT_BASE + Math.floor(character / (WEIGHT_BYTES * WEIGHT_BYTES));
  return ((UNKNOWN_LEAD << 24) | (high << 16) | lowerBytes(character)) >>> 0;
}

function ideographPrimary(rank: number): number {
  return ((IDEOGRAPH_LEAD + Math.floor(rank / (WEIGHT_BYTES * WEIGHT_BYTES))) << 16) | lowerBytes(rank);
}

function lowerBytes(number: number): number {
  return ((WEIGHT_BASE + (Math.floor(number / WEIGHT_BYTES) % WEIGHT_BYTES)) << 8) | (WEIGHT_BASE + (number % WEIGHT_BYTES));
}

const IDEOGRAPHS_FIRST = 0x3400;
const IDEOGRAPHS_LAST = 0x3134f;

/** By character, from the first on: one more than its place in the order, 0 for those that are no ideographs. */
let ideographRanks: Uint32Array | undefined;

/** An ideograph's place in the order; -1 for other characters. */
export function findIdeographRank(character: number): number {
  if (character < IDEOGRAPHS_FIRST || character > IDEOGRAPHS_LAST) return -1;
  ideographRanks ??= readIdeographRanks();
  return ideographRanks[character - IDEOGRAPHS_FIRST]! - 1;
}

function readIdeographRanks(): Uint32Array {
  const [blocks, gaps, lengths] = readColumns(IDEOGRAPH_ORDER) as [Numbers, Numbers, Numbers];
  const ranks = new Uint32Array(IDEOGRAPHS_LAST - IDEOGRAPHS_FIRST + 1);
  // The blocks of ideographs as scripts/make-collation.js numbers them, and how far each has come.
  const expected = [0x3400, 0x4e00, 0xfa00, 0x20000, 0x2a700, 0x2b740, 0x2b820, 0x2ceb0, 0x30000];
  let rank = 0;
  for (let i = 0; i < blocks.length; i++) {
    const block = blocks[i]!;
    const gap = gaps[i]!;
    let character = expected[block]! + ((gap & 1) === 0 ? gap / 2 : -(gap + 1) / 2);
    for (let left = lengths[i]!; left > 0; left--) ranks[character++ - IDEOGRAPHS_FIRST] = ++rank;
    expected[block] = character;
  }
  return ranks;
}

/** Reads the columns that scripts/make-collation.js writes, in the same order. */
function readTable(): CollationTable {
  const [weights, secondaryWeights, characters, flags, counts, primaries, secondaries, tertiaries, contractions] = readColumns(
    COLLATION_TABLE,
  ) as [Numbers, Numbers, Numbers, Numbers, Numbers, Numbers, Numbers, Numbers, Numbers];
  const made = {
    primaries: readPrimaries(primaries, readPrimaryWeights(weights), secondaries.length),
    secondaries: new Uint16Array(secondaries.length),
    tertiaries: new Uint8Array(tertiaries),
  };
  for (let i = 0; i < secondaries.length; i++) made.secondaries[i] = secondaryWeights[secondaries[i]!]!;
  const pages: (Uint32Array | undefined)[] = Array.from({ length: 0x110000 >> PAGE_BITS });
  let element = 0;
  let character = -1;
  for (let i = 0; i < characters.length; i++) {
    character += 1 + characters[i]!;
    const page = (pages[character >>> PAGE_BITS] ??= new Uint32Array(PAGE_SIZE));
    page[character & (PAGE_SIZE - 1)] = entryOf(element, counts[i]!, flags[i]! | KNOWN);
    element += counts[i]!;
  }
  const byFirst = new Map<number, Contraction[]>();
  let number = characters.length;
  for (let at = 0; at < contractions.length; at += 1 + contractions[at]!) {
    const [first = 0, ...rest] = contractions.subarray(at + 1, at + 1 + contractions[at]!);
    const entry = entryOf(element, counts[number]!, KNOWN);
    const list = byFirst.get(first) ?? [];
    byFirst.set(first, list);
    const longer = list.findIndex((other) => other.rest.length < rest.length);
    list.splice(longer < 0 ? list.length : longer, 0, { rest, entry });
    element += counts[number]!;
    number++;
  }
  return { pages, ...made, contractions: byFirst };
}

function entryOf(element: number, count: number, flags: number): number {
  return (element << 10) | (count << 5) | flags;
}

/** Weights are written as steps, left-aligned to three bytes; rank 0 is no weight. */
function readPrimaryWeights(steps: Uint32Array): Uint32Array {
  const result = new Uint32Array(steps.length + 1);
  let weight = 0;
  for (let i = 0; i < steps.length; i++) {
    weight += steps[i]!;
    result[i + 1] = (weight & 0xffff) === 0 ? weight >>> 16 : (weight & 0xff) === 0 ? weight >>> 8 : weight;
  }
  return result;
}

/** Ranks are written as steps too: 0 is the next one, 1 none, 2 an ideograph's whose rank follows, then odd ones forward, even ones back. */
function readPrimaries(steps: Uint32Array, weights: Uint32Array, count: number): Uint32Array {
  const result = new Uint32Array(count);
  let rank = 0;
  for (let i = 0, at = 0; i < count; i++) {
    const step = steps[at++]!;
    if (step === 1) continue;
    if (step === 2) {
      result[i] = ideographPrimary(steps[at++]!);
      continue;
    }
    if (step === 0) rank++;
    else rank += (step & 1) === 0 ? -(step - 2) / 2 : (step - 3) / 2;
    result[i] = weights[rank]!;
  }
  return result;
}

type Numbers = Uint32Array;

/** Columns of numbers, each after its length in bytes (u32, big-endian). */
function readColumns(text: string): Uint32Array[] {
  const bytes = brotliDecompressSync(Buffer.from(text, 'base64'));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const columns: Uint32Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const start = at + 4;
    at = start + view.getUint32(at);
    columns.push(readNumbers(bytes, start, at));
  }
  return columns;
}

/** Numbers of seven bits a byte, the lowest bits first. */
function readNumbers(bytes: Uint8Array, start: number, end: number): Uint32Array {
  const numbers = new Uint32Array(end - start);
  let count = 0;
  for (let at = start; at < end; count++) {
    let byte = bytes[at++]!;
    let number = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = bytes[at++]!;
      number |= (byte & 127) << shift;
    }
    numbers[count] = number;
  }
  return numbers.subarray(0, count);
}
