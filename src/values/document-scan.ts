/**
 * JSON text straight into a stored document, in one pass and without a value of it in between: what most clients send is stored nearly
 * as it came. Whatever is not quite plain is left to `JSON.parse` and `document-encode.ts`, which say the same of all that this takes: mistakes,
 * repeated names, escapes that are not the shortest, names that objects would put in another order, deep nesting.
 */
import { isUtf8 } from 'node:buffer';
import { isDocumentKey } from './document-id.ts';
import {
  beginDraft,
  draft,
  ENTRY,
  finishDraft,
  FLAG_UTF8,
  reserve,
  reserveTable,
  REVISION_BYTES,
  shrinkDraft,
  TABLE_HEAD,
  TYPE_ARRAY,
  TYPE_ASCII,
  TYPE_EMPTY_OBJECT,
  TYPE_ESCAPED,
  TYPE_FALSE,
  TYPE_INTEGER,
  TYPE_NULL,
  TYPE_NUMBER,
  TYPE_OBJECT,
  TYPE_TRUE,
  TYPE_UTF8,
  writeLiteral,
  writeNumber,
} from './document-writer.ts';
import { native } from './native.ts';

export interface ScannedDocument {
  readonly bytes: Uint8Array;
  readonly key: string;
  /** The text had no `_key`. */
  readonly isAutomatic: boolean;
}

/** What a scan answers in place of a type. */
const UNFIT = -1;
const MAX_DEPTH = 50;
/** Objects with more attributes are left alone: names are compared one by one. */
const MAX_NAMES = 100;
/** Numbers with no more digits have one shortest text, so what has no superfluous zero is that text. */
const EXACT_DIGITS = 15;
/** What a key, the braces around it and a number may need beyond the length of the text. */
const SLACK_BYTES = 300;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const POINT = 0x2e;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const UNDERSCORE = 0x5f;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Up to this length a loop over the bytes beats a native call. */
const LOOP_BYTES = 40;

/** 0: stands for itself in a string, and is ASCII. */
const STRING_CLASS = Uint8Array.from({ length: 256 }, (_, byte) => {
  return byte < 0x20 || byte >= 0x80 || byte === QUOTE || byte === BACKSLASH ? 1 : 0;
});

/** The escapes that JSON.stringify writes as well: of the quote, the backslash, b, f, n, r and t. */
const SHORT_ESCAPES = new Set([QUOTE, BACKSLASH, 0x62, 0x66, 0x6e, 0x72, 0x74]);

let source: Buffer = Buffer.alloc(0);
let from = 0;
let isCheckedUtf8 = false;
let lastTable = 0;
/** Position, name length and type of the attributes of the objects that are open, and the hashes of their names. */
let entries = new Int32Array(1 << 9);
let hashes = new Int32Array(1 << 8);
let open = 0;

/** Undefined for a text that is not for this. `automaticKey` is for a document without a key of its own. */
export function scanDocument(json: Uint8Array, revision: bigint, automaticKey: string): ScannedDocument | undefined {
  if (draft.isBusy) return undefined;
  source = Buffer.isBuffer(json) ? json : Buffer.from(json.buffer, json.byteOffset, json.length);
  from = 0;
  open = 0;
  isCheckedUtf8 = false;
  beginDraft();
  reserve(json.length + SLACK_BYTES);
  const givenKey = scanStart();
  if (givenKey === undefined) return undefined;
  const key = givenKey === '' ? automaticKey : givenKey;
  if (!scanRoot(key, givenKey !== '')) return undefined;
  const bytes = finishDraft(revision);
  shrinkDraft();
  return { bytes, key, isAutomatic: givenKey === '' };
}

/** Reads the brace, and the key if it is the first attribute: the empty string when it is not. */
function scanStart(): string | undefined {
  skipSpace();
  if (source[from] !== OPEN_BRACE) return undefined;
  from++;
  skipSpace();
  if (!startsWith('"_key"')) return '';
  from += 6;
  skipSpace();
  if (source[from] !== COLON) return undefined;
  from++;
  skipSpace();
  if (source[from] !== QUOTE) return undefined;
  const end = source.indexOf(QUOTE, from + 1);
  if (end < 0) return undefined;
  const key = latin1(from + 1, end);
  from = end + 1;
  return isDocumentKey(key) ? key : undefined;
}

function scanRoot(key: string, isGiven: boolean): boolean {
  draft.tables.push(0);
  writeLiteral(`{"_key":"${key}"`);
  addEntry(REVISION_BYTES + 8, 4, TYPE_ASCII, 0);
  skipSpace();
  if (source[from] === CLOSE_BRACE) from++;
  else {
    if (isGiven) {
      if (source[from] !== COMMA) return false;
      from++;
    }
    draft.bytes[draft.at++] = COMMA;
    if (!scanAttributes(0, 1, true, true)) return false;
  }
  draft.bytes[draft.at++] = CLOSE_BRACE;
  skipSpace();
  if (from !== source.length) return false;
  closeTable(0, 0, REVISION_BYTES);
  return true;
}

/** Up to the closing brace, which is read and not written. Fills entries from `base` on. */
function scanAttributes(base: number, depth: number, isIndexed: boolean, isRoot: boolean): boolean {
  for (;;) {
    skipSpace();
    if (source[from] !== QUOTE) return false;
    const nameFrom = from + 1;
    const nameStart = draft.at;
    if (scanString() === UNFIT) return false;
    const hash = hashOf(nameFrom, from - 1);
    const first = source[nameFrom]!;
    // What looks like the index of an array comes first in an object, and system attributes have a place of their own.
    if (first >= DIGIT_0 && first <= DIGIT_9) return false;
    if (isRoot && first === UNDERSCORE && isSystemName(nameFrom, from - 1)) return false;
    if (isKnownName(base, hash)) return false;
    const nameLength = draft.at - nameStart - 2;
    skipSpace();
    if (source[from] !== COLON) return false;
    from++;
    draft.bytes[draft.at++] = COLON;
    const position = draft.at;
    const own = open;
    addEntry(position, nameLength, 0, hash);
    const type = scanValue(depth, isIndexed);
    if (type === UNFIT) return false;
    entries[own * ENTRY + 2] = type;
    if (type === TYPE_OBJECT) entries[own * ENTRY] = lastTable;
    if (isIndexed && nameLength > draft.longestName) draft.longestName = nameLength;
    skipSpace();
    const next = source[from++];
    if (next === CLOSE_BRACE) return true;
    if (next !== COMMA) return false;
    draft.bytes[draft.at++] = COMMA;
  }
}

/** Whether the object whose entries begin at `base` has a name like this, or with the same hash. */
function isKnownName(base: number, hash: number): boolean {
  if (open - base > MAX_NAMES) return true;
  for (let i = base; i < open; i++) if (hashes[i] === hash) return true;
  return false;
}

function addEntry(position: number, nameLength: number, type: number, hash: number): void {
  const at = open * ENTRY;
  if (at + ENTRY > entries.length) {
    const more = new Int32Array(entries.length * 2);
    more.set(entries);
    entries = more;
    const moreHashes = new Int32Array(entries.length);
    moreHashes.set(hashes);
    hashes = moreHashes;
  }
  entries[at] = position;
  entries[at + 1] = nameLength;
  entries[at + 2] = type;
  hashes[open++] = hash;
}

/** Makes a table of the entries from `base` on, for the object whose text began at `start`. */
function closeTable(number: number, base: number, start: number): void {
  const count = open - base;
  const table = reserveTable(count);
  const { slots } = draft;
  slots[table] = start;
  slots[table + 1] = draft.at;
  slots[table + 2] = count;
  const first = table + TABLE_HEAD;
  for (let i = 0; i < count * ENTRY; i++) slots[first + i] = entries[base * ENTRY + i]!;
  draft.tables[number] = table;
  open = base;
}

function scanValue(depth: number, isIndexed: boolean): number {
  skipSpace();
  const byte = source[from]!;
  if (byte === QUOTE) return scanString();
  if (byte === OPEN_BRACE) return depth >= MAX_DEPTH ? UNFIT : scanObject(depth + 1, isIndexed);
  if (byte === OPEN_BRACKET) return depth >= MAX_DEPTH ? UNFIT : scanArray(depth + 1);
  if (byte === MINUS || (byte >= DIGIT_0 && byte <= DIGIT_9)) return scanNumber();
  if (startsWith('true')) return scanLiteral('true', TYPE_TRUE);
  if (startsWith('false')) return scanLiteral('false', TYPE_FALSE);
  if (startsWith('null')) return scanLiteral('null', TYPE_NULL);
  return UNFIT;
}

function scanLiteral(text: string, type: number): number {
  writeLiteral(text);
  from += text.length;
  return type;
}

function scanObject(depth: number, isIndexed: boolean): number {
  const start = draft.at;
  draft.bytes[draft.at++] = OPEN_BRACE;
  from++;
  skipSpace();
  if (source[from] === CLOSE_BRACE) {
    from++;
    draft.bytes[draft.at++] = CLOSE_BRACE;
    return TYPE_EMPTY_OBJECT;
  }
  const base = open;
  const number = isIndexed ? draft.tables.push(0) - 1 : 0;
  if (!scanAttributes(base, depth, isIndexed, false)) return UNFIT;
  draft.bytes[draft.at++] = CLOSE_BRACE;
  if (isIndexed) closeTable(number, base, start);
  open = base;
  lastTable = number;
  return isIndexed ? TYPE_OBJECT : TYPE_EMPTY_OBJECT;
}

function scanArray(depth: number): number {
  draft.bytes[draft.at++] = OPEN_BRACKET;
  from++;
  skipSpace();
  if (source[from] === CLOSE_BRACKET) from++;
  else {
    for (;;) {
      if (scanValue(depth, false) === UNFIT) return UNFIT;
      skipSpace();
      const next = source[from++];
      if (next === CLOSE_BRACKET) break;
      if (next !== COMMA) return UNFIT;
      draft.bytes[draft.at++] = COMMA;
    }
  }
  draft.bytes[draft.at++] = CLOSE_BRACKET;
  return TYPE_ARRAY;
}

function hashOf(start: number, end: number): number {
  const text = source;
  let hash = 0;
  for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + text[i]!) | 0;
  return hash;
}

/** There is room for all of the text: only numbers can become longer. */
function scanString(): number {
  const text = source;
  const start = from + 1;
  let type = TYPE_ASCII;
  let i = skipPlain(text, start);
  for (; text[i] !== QUOTE; i = skipPlain(text, i)) {
    const byte = text[i];
    if (byte === BACKSLASH) {
      if (!SHORT_ESCAPES.has(text[i + 1]!)) return UNFIT;
      type = TYPE_ESCAPED;
      i += 2;
    } else {
      // The end of the text, a character that must not stand in a string, or one beyond ASCII. The replacement character is what text has in
      // place of what was no UTF-8.
      if (byte === undefined || byte < 0x80 || !isWellFormed()) return UNFIT;
      if (byte === 0xef && text[i + 1] === 0xbf && text[i + 2] === 0xbd) return UNFIT;
      draft.flags |= FLAG_UTF8;
      if (type === TYPE_ASCII) type = TYPE_UTF8;
      i++;
    }
  }
  from = i + 1;
  copyText(start - 1, from);
  return type;
}

/** The first place from `start` on where something else is than a character that stands for itself. */
function skipPlain(text: Uint8Array, start: number): number {
  const classes = STRING_CLASS;
  let i = start;
  for (const last = text.length - 8; i < last; i += 8) {
    const first = classes[text[i]!]! | classes[text[i + 1]!]! | classes[text[i + 2]!]! | classes[text[i + 3]!]!;
    if (first !== 0) break;
    const second = classes[text[i + 4]!]! | classes[text[i + 5]!]! | classes[text[i + 6]!]! | classes[text[i + 7]!]!;
    if (second !== 0) break;
  }
  while (i < text.length && classes[text[i]!] === 0) i++;
  return i;
}

function copyText(start: number, end: number): void {
  const { at } = draft;
  const target = draft.bytes;
  if (end - start > LOOP_BYTES) source.copy(target, at, start, end);
  else for (let i = start, to = at; i < end; i++, to++) target[to] = source[i]!;
  draft.at = at + end - start;
}

function isWellFormed(): boolean {
  return isCheckedUtf8 || (isCheckedUtf8 = isUtf8(source));
}

function scanNumber(): number {
  const text = source;
  const start = from;
  let i = start;
  if (text[i] === MINUS) i++;
  const firstDigit = i;
  i = skipDigits(i);
  let digits = i - firstDigit;
  if (digits === 0 || (digits > 1 && text[firstDigit] === DIGIT_0)) return UNFIT;
  let isPlain = true;
  let hasFraction = false;
  if (text[i] === POINT) {
    const point = i;
    i = skipDigits(i + 1);
    if (i === point + 1) return UNFIT;
    hasFraction = true;
    digits += i - point - 1;
    // Below a millionth, numbers are written with an exponent.
    isPlain = text[i - 1] !== DIGIT_0 && (text[firstDigit] !== DIGIT_0 || !isTiny(point + 1, i));
  }
  if (text[i] === 0x65 || text[i] === 0x45) {
    isPlain = false;
    i++;
    if (text[i] === MINUS || text[i] === 0x2b) i++;
    const exponent = i;
    i = skipDigits(i);
    if (i === exponent) return UNFIT;
  }
  from = i;
  if (!isPlain || digits > EXACT_DIGITS) {
    const type = writeNumber(Number(latin1(start, i)));
    reserve(source.length - from + SLACK_BYTES);
    return type;
  }
  copyText(start, i);
  return hasFraction ? TYPE_NUMBER : TYPE_INTEGER;
}

function isTiny(fraction: number, end: number): boolean {
  for (let i = fraction; i < end && i < fraction + 6; i++) if (source[i] !== DIGIT_0) return false;
  return true;
}

function skipDigits(start: number): number {
  let i = start;
  while (source[i]! >= DIGIT_0 && source[i]! <= DIGIT_9) i++;
  return i;
}

function skipSpace(): void {
  let byte = source[from]!;
  while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = source[++from]!;
}

function startsWith(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (source[from + i] !== text.charCodeAt(i)) return false;
  return true;
}

const SYSTEM_NAMES = new Set(['_key', '_id', '_rev', '_from', '_to']);

function isSystemName(start: number, end: number): boolean {
  return end - start <= 5 && SYSTEM_NAMES.has(latin1(start, end));
}

function latin1(start: number, end: number): string {
  return native.latin1Slice.call(source, start, end);
}
