/**
 * The order of strings, and sort keys: bytes whose order is that order. Both come from the same weights, so they agree by construction.
 *
 * The order is the one of ArangoDB with its default language: ICU's root collation, capitals first where nothing else differs
 * (`A < a < B`; ArangoDB sets `UCOL_UPPER_FIRST`, and its tests have `"A" < "a"`). Where ICU finds no difference but normalisation or
 * ignorable characters, the strings themselves decide: only identical strings are equal.
 *
 * Weights have three levels: primary (which letter), secondary (which accents), tertiary (which form: case, width, …). A *sort key* is
 * the primary weights in turn (their bytes are 02 to FE, the first of each from 03 on), and then one of
 *
 *     01                                   neither accents nor forms; most strings
 *     00 · tertiary level · rest           no accents, and the first unusual form comes before the usual one: capitals
 *     02 · secondary level · 01 · tertiary level · rest
 *
 * A *level* is its weights in turn with runs of the commonest weight counted: of secondary weights codes 45 down to 06 for 1 to 64 of
 * them, of tertiary weights 20 up to 7D for 1 to 94 before a lower weight, and DF down to 80 for 1 to 96 before a higher one; longer
 * runs are several codes. (So a longer run sorts where the common weight at its end sorts.) A run at the end of a level is left out.
 * Secondary weights are 70 to FB, some with a second byte; tertiary weights below the common one 02 to 1F, above it E0 to FE.
 * *Rest* is 7E, or 7F, the string and 00 if other strings have the same weights: the string in UTF-8 with 00 and 01 written 01 01 and
 * 01 02, and unpaired surrogates as if they were characters.
 *
 * A sort key is no prefix of another one, and ends where it ends: keys can be written one after the other.
 */
import assert from 'node:assert/strict';
import { ByteSink } from './byte-sink.ts';
import { ASCII_WEIGHTS } from './collation-data.ts';
import {
  collationTable,
  CONTINUES,
  elementCount,
  entryFlags,
  findEntry,
  findIdeographRank,
  firstElement,
  implicitPrimary,
  MARK,
  PLAIN,
  STARTS,
  type CollationTable,
} from './collation-table.ts';

/** Names the order in whatever stores sort keys: those of another version must be made anew. */
export const COLLATION_VERSION = 'cldr-41-root-upper-first-1';

const END_PLAIN = 0x01;
const END_LOWER = 0x00;
const END_HIGHER = 0x02;
const LEVEL_SEPARATOR = 0x01;
const COMMON_SECONDARY = 5;
const COMMON_TERTIARY = 1;
const REST_NONE = 0x7e;
const REST_FOLLOWS = 0x7f;
const FIRST_HIGHER_TERTIARY = 0xe0;

/** Of each ASCII character its primary weight in two bytes, 0 when it has none, and its tertiary weight. */
const asciiPrimaries = new Uint16Array(128);
const asciiTertiaries = new Uint8Array(128);
Buffer.from(ASCII_WEIGHTS, 'base64').forEach((byte, i) => {
  const character = Math.floor(i / 3);
  if (i % 3 === 2) asciiTertiaries[character] = byte;
  else asciiPrimaries[character] = (asciiPrimaries[character]! << 8) | byte;
});

/** Negative, zero or positive. Zero only for strings that are the same to the letter. */
export function compareStrings(left: string, right: string): number {
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  let caseOrder = 0;
  let isSimple = true;
  for (let i = 0; i < length; i++) {
    const a = left.charCodeAt(i);
    const b = right.charCodeAt(i);
    if ((a | b) > 127) {
      if (a !== b) return comparePrimaries(a, b) || compareSortKeys(left, right);
      isSimple = false;
      continue;
    }
    const order = asciiPrimaries[a]! - asciiPrimaries[b]!;
    if (order !== 0) return isWeightless(a) || isWeightless(b) ? compareSortKeys(left, right) : order;
    if (isWeightless(a)) isSimple = false;
    else if (a !== b && caseOrder === 0) caseOrder = isCapital(a) ? -1 : 1;
  }
  if (left.length === right.length) return isSimple ? caseOrder : compareSortKeys(left, right);
  const next = left.length > right.length ? left.charCodeAt(length) : right.charCodeAt(length);
  if (next > 127 || isWeightless(next)) return compareSortKeys(left, right);
  return left.length - right.length;
}

/** Control characters: ASCII without weights. */
function isWeightless(character: number): boolean {
  return asciiPrimaries[character] === 0;
}

function isCapital(character: number): boolean {
  return asciiTertiaries[character] !== COMMON_TERTIARY;
}

/**
 * Decides between two strings that begin alike and go on with these different UTF-16 units, if their primary weights do: 0 when
 * they do not, or when the characters may be more, or less, than they seem.
 */
function comparePrimaries(a: number, b: number): number {
  const table = collationTable();
  const left = safePrimary(table, a);
  const right = safePrimary(table, b);
  if (left === 0 || right === 0) return 0;
  return leftAligned(left) - leftAligned(right);
}

/** The first primary weight of a character whatever stands around it; 0 when that cannot be said. */
function safePrimary(table: CollationTable, unit: number): number {
  if (unit >= 0xd800 && unit <= 0xdfff) return 0;
  const entry = findEntry(table, unit);
  if (entry !== 0)
    return (entryFlags(entry) & (MARK | STARTS | CONTINUES)) !== 0 || elementCount(entry) === 0 ? 0 : table.primaries[firstElement(entry)]!;
  return unit >= HANGUL_FIRST && unit <= HANGUL_LAST ? 0 : implicitPrimary(unit);
}

function leftAligned(weight: number): number {
  return weight > 0xffffff ? weight : weight > 0xffff ? weight * 0x100 : weight > 0xff ? weight * 0x10000 : weight * 0x1000000;
}

const leftKey = new ByteSink(256);
const rightKey = new ByteSink(256);

function compareSortKeys(left: string, right: string): number {
  leftKey.length = 0;
  rightKey.length = 0;
  appendSortKey(leftKey, left);
  appendSortKey(rightKey, right);
  const a = leftKey.bytes;
  const b = rightKey.bytes;
  const length = Math.min(leftKey.length, rightKey.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return assert.fail('two strings have one sort key');
}

const oneKey = new ByteSink(256);

export function sortKey(text: string): Uint8Array {
  oneKey.length = 0;
  appendSortKey(oneKey, text);
  return oneKey.copyFrom(0);
}

/** Appends the sort key of a string. */
export function appendSortKey(sink: ByteSink, text: string): void {
  const length = text.length;
  const bytes = sink.reserve(length * 2 + 1);
  let at = sink.length;
  let isUsual = true;
  for (let i = 0; i < length; i++) {
    const character = text.charCodeAt(i);
    if (character > 127) {
      appendLongSortKey(sink, text);
      return;
    }
    const weight = asciiPrimaries[character]!;
    if (weight === 0) {
      isUsual = false;
      continue;
    }
    bytes[at++] = weight >>> 8;
    if ((weight & 0xff) !== 0) bytes[at++] = weight;
    if (isCapital(character)) isUsual = false;
  }
  sink.length = at;
  if (isUsual) {
    bytes[at] = END_PLAIN;
    sink.length = at + 1;
  } else appendAsciiEnd(sink, text);
}

/** What follows the primary weights of an ASCII string that has capitals or control characters. */
function appendAsciiEnd(sink: ByteSink, text: string): void {
  startLevels();
  let isPlain = true;
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    if (isWeightless(character)) isPlain = false;
    else addTertiary(asciiTertiaries[character]!);
  }
  appendEnd(sink, text, isPlain);
}

/** The same for any string. */
function appendLongSortKey(sink: ByteSink, text: string): void {
  const table = collationTable();
  const start = sink.length;
  startLevels();
  let isPlain = true;
  let isAfterStart = false;
  for (let i = 0; i < text.length; i++) {
    const character = text.codePointAt(i)!;
    if (character > 0xffff) i++;
    const entry = findEntry(table, character);
    if (entry === 0) {
      appendUnlisted(sink, table, character);
      isAfterStart = false;
      continue;
    }
    const flags = entryFlags(entry);
    if ((flags & MARK) !== 0 || (isAfterStart && (flags & CONTINUES) !== 0)) {
      sink.length = start;
      appendNormalized(sink, table, text);
      appendEnd(sink, text, false);
      return;
    }
    if ((flags & PLAIN) === 0) isPlain = false;
    isAfterStart = (flags & STARTS) !== 0;
    appendElements(sink, table, entry);
  }
  appendEnd(sink, text, isPlain);
}

function appendElements(sink: ByteSink, table: CollationTable, entry: number): void {
  const first = firstElement(entry);
  const end = first + elementCount(entry);
  for (let i = first; i < end; i++) {
    appendPrimary(sink, table.primaries[i]!);
    addSecondary(table.secondaries[i]!);
    addTertiary(table.tertiaries[i]!);
  }
}

function appendPrimary(sink: ByteSink, weight: number): void {
  if (weight === 0) return;
  const bytes = sink.reserve(4);
  if (weight > 0xffffff) bytes[sink.length++] = weight >>> 24;
  if (weight > 0xffff) bytes[sink.length++] = weight >>> 16;
  if (weight > 0xff) bytes[sink.length++] = weight >>> 8;
  bytes[sink.length++] = weight;
}

const HANGUL_FIRST = 0xac00;
const HANGUL_LAST = 0xd7a3;
const HANGUL_VOWELS = 21;
const HANGUL_TAILS = 28;

/** A character that has no entry: a Hangul syllable weighs what its letters do, all others have a primary weight by their number. */
function appendUnlisted(sink: ByteSink, table: CollationTable, character: number): void {
  if (character < HANGUL_FIRST || character > HANGUL_LAST) {
    appendPrimary(sink, implicitPrimary(character));
    addSecondary(COMMON_SECONDARY);
    addTertiary(COMMON_TERTIARY);
    return;
  }
  const number = character - HANGUL_FIRST;
  const tail = number % HANGUL_TAILS;
  const vowel = Math.floor(number / HANGUL_TAILS) % HANGUL_VOWELS;
  const lead = Math.floor(number / (HANGUL_TAILS * HANGUL_VOWELS));
  appendElements(sink, table, findEntry(table, 0x1100 + lead));
  appendElements(sink, table, findEntry(table, 0x1161 + vowel));
  if (tail !== 0) appendElements(sink, table, findEntry(table, 0x11a7 + tail));
}

/** The way of the Unicode Collation Algorithm, for strings in which characters work on each other. */
function appendNormalized(sink: ByteSink, table: CollationTable, text: string): void {
  startLevels();
  const characters = normalize(table, text);
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!;
    const contraction = table.contractions.has(character) ? matchContraction(table, characters, i) : 0;
    if (contraction !== 0) {
      appendElements(sink, table, contraction);
      i += matchedLength;
      continue;
    }
    const entry = findEntry(table, character);
    if (entry === 0) appendUnlisted(sink, table, character);
    else appendElements(sink, table, entry);
  }
}

/** NFD. Characters that the table does not know stay as they are: newer versions of Unicode may know them, and decompose them. */
function normalize(table: CollationTable, text: string): number[] {
  const characters: number[] = [];
  let known = '';
  const take = (): void => {
    for (const part of known.normalize('NFD')) characters.push(part.codePointAt(0)!);
    known = '';
  };
  for (const part of text) {
    const character = part.codePointAt(0)!;
    if (findEntry(table, character) !== 0 || (character >= HANGUL_FIRST && character <= HANGUL_LAST) || findIdeographRank(character) >= 0)
      known += part;
    else {
      take();
      characters.push(character);
    }
  }
  take();
  return characters;
}

/** How many characters after the first the contraction took that `matchContraction` found. */
let matchedLength = 0;

/**
 * The entry of the longest contraction at a place, or 0. Marks that belong to it but stand behind others are taken out from there, unless one
 * of the same class stands before them.
 */
function matchContraction(table: CollationTable, characters: number[], at: number): number {
  const candidates = table.contractions.get(characters[at]!)!;
  const adjacent = candidates.find(({ rest }) => rest.every((character, i) => characters[at + 1 + i] === character));
  let taken: readonly number[] = adjacent?.rest ?? [];
  let entry = adjacent?.entry ?? 0;
  matchedLength = taken.length;
  const passed: number[] = [];
  for (let i = at + 1 + matchedLength; i < characters.length; i++) {
    const mark = characters[i]!;
    if ((entryFlags(findEntry(table, mark)) & MARK) === 0) break;
    const isBlocked = passed.length > 0 && isSameClass(passed.at(-1)!, mark);
    const longer = isBlocked ? undefined : candidates.find(({ rest }) => isExtension(rest, taken, mark));
    if (longer === undefined) passed.push(mark);
    else {
      characters.splice(i, 1);
      i--;
      taken = longer.rest;
      entry = longer.entry;
    }
  }
  return entry;
}

function isExtension(rest: readonly number[], taken: readonly number[], mark: number): boolean {
  return rest.length === taken.length + 1 && rest.at(-1) === mark && taken.every((character, i) => rest[i] === character);
}

/** Marks of one combining class keep their order when normalised. */
function isSameClass(a: number, b: number): boolean {
  const there = String.fromCodePoint(a, b);
  const back = String.fromCodePoint(b, a);
  return there.normalize('NFD') === there && back.normalize('NFD') === back;
}

// The secondary and tertiary level of the string in hand.
const secondaryLevel = new ByteSink(64);
const tertiaryLevel = new ByteSink(64);
let secondaryRun = 0;
let tertiaryRun = 0;

function startLevels(): void {
  secondaryLevel.length = 0;
  tertiaryLevel.length = 0;
  secondaryRun = 0;
  tertiaryRun = 0;
}

function addSecondary(weight: number): void {
  if (weight === COMMON_SECONDARY) {
    secondaryRun++;
    return;
  }
  if (weight === 0) return;
  appendRun(secondaryLevel, secondaryRun, 0x45, -1, 64);
  secondaryRun = 0;
  appendPrimary(secondaryLevel, weight);
}

function addTertiary(code: number): void {
  if (code === COMMON_TERTIARY) {
    tertiaryRun++;
    return;
  }
  if (code === 0) return;
  if (code >= FIRST_HIGHER_TERTIARY) appendRun(tertiaryLevel, tertiaryRun, 0xdf, -1, 96);
  else appendRun(tertiaryLevel, tertiaryRun, 0x20, 1, 94);
  tertiaryRun = 0;
  tertiaryLevel.reserve(1)[tertiaryLevel.length++] = code;
}

/** Codes of a run: `first` for one, each more a `step` on, up to `limit` in one code. */
function appendRun(level: ByteSink, count: number, first: number, step: 1 | -1, limit: number): void {
  const bytes = level.reserve(Math.ceil(count / limit));
  let left = count;
  for (; left > limit; left -= limit) bytes[level.length++] = first + step * (limit - 1);
  if (left > 0) bytes[level.length++] = first + step * (left - 1);
}

function appendEnd(sink: ByteSink, text: string, isPlain: boolean): void {
  const { bytes: tertiaries, length: tertiaryLength } = tertiaryLevel;
  sink.reserve(secondaryLevel.length + tertiaryLength + 4);
  if (secondaryLevel.length === 0) {
    if (tertiaryLength === 0 && isPlain) {
      sink.bytes[sink.length++] = END_PLAIN;
      return;
    }
    if (tertiaryLength > 0 && tertiaries[0]! < REST_NONE) {
      sink.bytes[sink.length++] = END_LOWER;
      sink.append(tertiaries, 0, tertiaryLength);
      appendRest(sink, text, isPlain);
      return;
    }
  }
  sink.bytes[sink.length++] = END_HIGHER;
  sink.append(secondaryLevel.bytes, 0, secondaryLevel.length);
  sink.bytes[sink.length++] = LEVEL_SEPARATOR;
  sink.append(tertiaries, 0, tertiaryLength);
  appendRest(sink, text, isPlain);
}

function appendRest(sink: ByteSink, text: string, isPlain: boolean): void {
  const bytes = sink.reserve(text.length * 3 + 2);
  let at = sink.length;
  if (isPlain) {
    bytes[at++] = REST_NONE;
    sink.length = at;
    return;
  }
  bytes[at++] = REST_FOLLOWS;
  for (let i = 0; i < text.length; i++) {
    const character = text.codePointAt(i)!;
    if (character < 0x80) {
      if (character < 2) bytes[at++] = 0x01;
      bytes[at++] = character < 2 ? character + 1 : character;
    } else if (character < 0x800) {
      bytes[at++] = 0xc0 | (character >> 6);
      bytes[at++] = 0x80 | (character & 0x3f);
    } else if (character < 0x10000) {
      bytes[at++] = 0xe0 | (character >> 12);
      bytes[at++] = 0x80 | ((character >> 6) & 0x3f);
      bytes[at++] = 0x80 | (character & 0x3f);
    } else {
      i++;
      bytes[at++] = 0xf0 | (character >> 18);
      bytes[at++] = 0x80 | ((character >> 12) & 0x3f);
      bytes[at++] = 0x80 | ((character >> 6) & 0x3f);
      bytes[at++] = 0x80 | (character & 0x3f);
    }
  }
  bytes[at++] = 0x00;
  sink.length = at;
}
