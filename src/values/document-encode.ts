/**
 * How a document becomes bytes. `document.ts` reads them; only these two files know the layout.
 *
 *     revision (8, big-endian) · text · root table · nested tables · trailer
 *
 * *Text* is the document as compact JSON in UTF-8: `_key` first, then `_from` and `_to` if there are any, then the other attributes
 * in their order; never `_id` and `_rev`, which follow from the rest. So answering a client is a copy, decoding all of it one
 * `JSON.parse`, and what JSON can say is kept: order, NUL and lone surrogates (escaped), -0.
 *
 * *Tables* say where the attributes are. The root table has an entry for each attribute of the document, a nested table for each of an
 * object inside it (objects in arrays have none). An entry: position (u16) of the value, counted from the start of the row · length
 * (u8) of the name as written in the text, where it stands just before the value · type (u8) of the value. For an object with a
 * nested table the position is the table's, which begins with start, end (u16 each) of the object's text and count (u16) of entries.
 *
 * *Trailer*: where the text ends and the root table begins (u16) · count (u16) of root entries · flags (u8). All numbers but the
 * revision are little-endian. Where one of them does not fit, the row is *wide*: u32 instead of u16 and u8, but for type and flags.
 *
 * For example `{"_key":"a","n":[1,"x"],"o":{"p":2}}` is text from 8 to 44, the root table `16 4 ascii`, `24 1 array`, `56 1 object`,
 * at 56 the nested table `36 43 1`, `41 1 integer`, and the trailer `44 3 0`.
 */
import assert from 'node:assert/strict';
import { ArangoError } from '#base';
import type { Value, ValueObject } from './value.ts';

/** What an entry's type byte says. */
export const TYPE_NULL = 0;
export const TYPE_FALSE = 1;
export const TYPE_TRUE = 2;
/** At most 15 digits and perhaps a sign. */
export const TYPE_INTEGER = 3;
export const TYPE_NUMBER = 4;
/** A string whose text is itself: printable ASCII without quotes and backslashes. */
export const TYPE_ASCII = 5;
/** A string that has no escapes in its text. */
export const TYPE_UTF8 = 6;
export const TYPE_ESCAPED = 7;
export const TYPE_ARRAY = 8;
/** Without a nested table, because it is empty. */
export const TYPE_EMPTY_OBJECT = 9;
export const TYPE_OBJECT = 10;

export const FLAG_WIDE = 1;
/** The text has characters beyond ASCII. */
export const FLAG_UTF8 = 2;
export const FLAG_FROM = 4;
export const FLAG_TO = 8;

export const REVISION_BYTES = 8;
/** Bytes of a table's entry. */
export const NARROW_ENTRY = 4;
export const WIDE_ENTRY = 9;

/** ArangoDB's limit for nested arrays and objects, the document itself included. */
const MAX_DEPTH = 199;
/** Below this length a loop over the characters beats a native call. */
const SHORT_STRING = 28;

/** Not in Node's types: what Buffer itself calls once it knows the encoding. */
const native = Buffer.prototype as unknown as {
  utf8Write(this: Uint8Array, text: string, offset: number, length: number): number;
};

const INITIAL_BYTES = 1 << 14;
const KEPT_BYTES = 1 << 20;

/** The document that is being written; one is written at a time. */
let scratch = Buffer.allocUnsafeSlow(INITIAL_BYTES);
let at = 0;
let flags = 0;
/**
 * The tables in the making: start, end and count of entries of each, then position, name length and type of each entry; of an object
 * with a table the number of the table instead of the position.
 */
let slots = new Int32Array(1 << 10);
let slotsUsed = 0;
let tables: number[] = [];
/** The number of the table of the object that was written last. */
let lastTable = 0;
let longestName = 0;
let isWriting = false;

const ENTRY = 3;
const TABLE_HEAD = 3;

/**
 * `attributes` are those of the document in any order, or a view of them; `_id` and `_rev` are left out. `key` stands in for `_key`. What
 * is no value is treated as JSON.stringify does. Throws 10 (`bad parameter`) when the nesting is too deep, as that of a cycle is.
 */
export function encodeDocument(revision: bigint, attributes: ValueObject | { toJSON(): ValueObject }, key?: string): Uint8Array {
  if (isWriting) return encodeWithin(revision, attributes, key);
  isWriting = true;
  try {
    at = REVISION_BYTES;
    flags = 0;
    slotsUsed = 0;
    tables = [];
    longestName = 0;
    writeRoot(toJsonable(attributes, '') as ValueObject, key);
    writeTables();
    setRevision(scratch, revision);
    const bytes = Buffer.allocUnsafe(at);
    scratch.copy(bytes, 0, 0, at);
    return bytes;
  } finally {
    isWriting = false;
    if (scratch.length > KEPT_BYTES) {
      scratch = Buffer.allocUnsafeSlow(INITIAL_BYTES);
      slots = new Int32Array(1 << 10);
    }
  }
}

/** A getter or `toJSON` of a service's object may write a document while one is being written. */
function encodeWithin(revision: bigint, attributes: ValueObject | { toJSON(): ValueObject }, key: string | undefined): Uint8Array {
  const outer = { scratch, at, flags, slots, slotsUsed, tables, lastTable, longestName };
  scratch = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  slots = new Int32Array(1 << 10);
  isWriting = false;
  try {
    return encodeDocument(revision, attributes, key);
  } finally {
    ({ scratch, at, flags, slots, slotsUsed, tables, lastTable, longestName } = outer);
    isWriting = true;
  }
}

/** The same document with another revision. */
export function withRevision(bytes: Uint8Array, revision: bigint): Uint8Array {
  const copy = Buffer.allocUnsafe(bytes.length);
  copy.set(bytes);
  setRevision(copy, revision);
  return copy;
}

const revisionScratch = new BigUint64Array(1);
const revisionBytes = new Uint8Array(revisionScratch.buffer);
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Ten times as fast as the method of Buffer, which calculates with bigints. */
function setRevision(bytes: Uint8Array, revision: bigint): void {
  revisionScratch[0] = revision;
  for (let i = 0; i < REVISION_BYTES; i++) bytes[i] = revisionBytes[isLittleEndian ? REVISION_BYTES - 1 - i : i]!;
}

/** The UTF-8 bytes of a name as it stands between quotes in the text. */
export function nameBytes(name: string): Uint8Array {
  return Buffer.from(JSON.stringify(name).slice(1, -1));
}

function reserve(bytes: number): void {
  if (at + bytes <= scratch.length) return;
  const grown = Buffer.allocUnsafeSlow(Math.max(scratch.length * 2, at + bytes));
  scratch.copy(grown, 0, 0, at);
  scratch = grown;
}

function writeRoot(attributes: ValueObject, givenKey: string | undefined): void {
  const key = givenKey ?? attributes['_key'];
  assert(typeof key === 'string', 'a document has a key before it is encoded');
  const names = Object.keys(attributes);
  const table = openTable(names.length + 1);
  scratch[at++] = 0x7b;
  const afterKey = writeAttribute('_key', key, table + TABLE_HEAD, 1);
  const afterFrom = writeAttribute('_from', attributes['_from'], afterKey, 1);
  if (afterFrom !== afterKey) flags |= FLAG_FROM;
  let slot = writeAttribute('_to', attributes['_to'], afterFrom, 1);
  if (slot !== afterFrom) flags |= FLAG_TO;
  for (const name of names) {
    if (name.charCodeAt(0) === 0x5f && isWrittenApart(name)) continue;
    slot = writeAttribute(name, attributes[name], slot, 1);
  }
  closeObject(table, REVISION_BYTES, slot);
}

function isWrittenApart(name: string): boolean {
  return name === '_key' || name === '_id' || name === '_rev' || name === '_from' || name === '_to';
}

function openTable(capacity: number): number {
  const table = slotsUsed;
  slotsUsed += TABLE_HEAD + capacity * ENTRY;
  if (slotsUsed > slots.length) {
    const grown = new Int32Array(Math.max(slots.length * 2, slotsUsed));
    grown.set(slots);
    slots = grown;
  }
  tables.push(table);
  return table;
}

function closeObject(table: number, start: number, slot: number): void {
  reserve(2);
  // The comma after the last attribute becomes the brace.
  if (scratch[at - 1] === 0x2c) at--;
  scratch[at++] = 0x7d;
  slots[table] = start;
  slots[table + 1] = at;
  slots[table + 2] = (slot - table - TABLE_HEAD) / ENTRY;
}

/** Writes an attribute and its comma, fills its entry, and returns the place of the next entry. */
function writeAttribute(name: string, value: unknown, slot: number, depth: number): number {
  const jsonable = toJsonable(value, name);
  if (jsonable === undefined) return slot;
  const before = at;
  writeString(name);
  const length = at - before - 2;
  if (length > longestName) longestName = length;
  scratch[at++] = 0x3a;
  const position = at;
  const type = writeValue(jsonable, depth, true);
  slots[slot] = type === TYPE_OBJECT ? lastTable : position;
  slots[slot + 1] = length;
  slots[slot + 2] = type;
  reserve(1);
  scratch[at++] = 0x2c;
  return slot + ENTRY;
}

/** What JSON.stringify would write in place of a value; undefined for what it leaves out. */
function toJsonable(value: unknown, name: string): Value | undefined {
  const type = typeof value;
  if (type === 'object') {
    if (value !== null && 'toJSON' in (value as object)) return convertedBy(value as { toJSON: unknown }, name);
    return value as Value;
  }
  if (type === 'undefined' || type === 'function' || type === 'symbol') return undefined;
  if (type === 'bigint') throw new ArangoError('ERROR_BAD_PARAMETER', 'a bigint cannot be stored');
  return value as Value;
}

function convertedBy(value: { toJSON: unknown }, name: string): Value | undefined {
  return typeof value.toJSON === 'function' ? (value.toJSON(name) as Value | undefined) : (value as unknown as Value);
}

/** Writes a value and returns its type. Objects get a table only where a path can lead to them. */
function writeValue(value: Value, depth: number, isIndexed: boolean): number {
  if (typeof value === 'string') return writeString(value);
  if (typeof value === 'number') return writeNumber(value);
  if (typeof value === 'boolean') {
    writeLiteral(value ? 'true' : 'false');
    return value ? TYPE_TRUE : TYPE_FALSE;
  }
  if (value === null) {
    writeLiteral('null');
    return TYPE_NULL;
  }
  if (depth >= MAX_DEPTH) throw new ArangoError('ERROR_BAD_PARAMETER', 'too deep nesting in array or object');
  if (Array.isArray(value)) {
    writeArray(value, depth + 1);
    return TYPE_ARRAY;
  }
  return isIndexed ? writeIndexedObject(value as ValueObject, depth + 1) : writeObject(value as ValueObject, depth + 1);
}

function writeArray(values: readonly unknown[], depth: number): void {
  reserve(2);
  scratch[at++] = 0x5b;
  for (let i = 0; i < values.length; i++) {
    writeValue(toJsonable(values[i], '') ?? null, depth, false);
    reserve(1);
    scratch[at++] = 0x2c;
  }
  if (values.length > 0) at--;
  reserve(1);
  scratch[at++] = 0x5d;
}

function writeIndexedObject(object: ValueObject, depth: number): number {
  const names = Object.keys(object);
  if (names.length === 0) {
    writeLiteral('{}');
    return TYPE_EMPTY_OBJECT;
  }
  const number = tables.length;
  const table = openTable(names.length);
  const start = at;
  let slot = table + TABLE_HEAD;
  reserve(1);
  scratch[at++] = 0x7b;
  for (const name of names) slot = writeAttribute(name, object[name], slot, depth);
  closeObject(table, start, slot);
  lastTable = number;
  return TYPE_OBJECT;
}

function writeObject(object: ValueObject, depth: number): number {
  reserve(1);
  scratch[at++] = 0x7b;
  for (const name of Object.keys(object)) {
    const value = toJsonable(object[name], name);
    if (value === undefined) continue;
    writeString(name);
    scratch[at++] = 0x3a;
    writeValue(value, depth, false);
    reserve(1);
    scratch[at++] = 0x2c;
  }
  reserve(2);
  if (scratch[at - 1] === 0x2c) at--;
  scratch[at++] = 0x7d;
  return TYPE_EMPTY_OBJECT;
}

function writeLiteral(text: string): void {
  reserve(text.length);
  const target = scratch;
  let end = at;
  for (let i = 0; i < text.length; i++) target[end++] = text.charCodeAt(i);
  at = end;
}

/** Leaves room for one more byte after the string. */
function writeString(text: string): number {
  const length = text.length;
  reserve(length * 3 + 3);
  const target = scratch;
  let end = at;
  target[end++] = 0x22;
  if (length <= SHORT_STRING) {
    let i = 0;
    for (; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) break;
      target[end++] = code;
    }
    if (i === length) {
      target[end++] = 0x22;
      at = end;
      return TYPE_ASCII;
    }
  }
  return writeLongString(text, length);
}

function writeLongString(text: string, length: number): number {
  const start = at + 1;
  const written = native.utf8Write.call(scratch, text, start, length * 3);
  const end = start + written;
  if (!isPlain(scratch, start, end)) return writeEscapedString(text);
  scratch[end] = 0x22;
  at = end + 1;
  if (written === length) return TYPE_ASCII;
  flags |= FLAG_UTF8;
  return TYPE_UTF8;
}

/** 1: must be escaped; 2: may begin the replacement character, under which lone surrogates hide; 0: stands for itself. */
const BYTE_CLASS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte < 0x20 || byte === 0x22 || byte === 0x5c) return 1;
  return byte === 0xef ? 2 : 0;
});

/** Whether text that was written as UTF-8 stands for itself between quotes. Eight bytes at a time, which halves the time. */
function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  let i = start;
  for (; i + 8 <= end; i += 8) {
    const first = BYTE_CLASS[bytes[i]!]! | BYTE_CLASS[bytes[i + 1]!]! | BYTE_CLASS[bytes[i + 2]!]! | BYTE_CLASS[bytes[i + 3]!]!;
    const second = BYTE_CLASS[bytes[i + 4]!]! | BYTE_CLASS[bytes[i + 5]!]! | BYTE_CLASS[bytes[i + 6]!]! | BYTE_CLASS[bytes[i + 7]!]!;
    if ((first | second) !== 0) break;
  }
  for (; i < end; i++) {
    const byteClass = BYTE_CLASS[bytes[i]!]!;
    if (byteClass === 1 || (byteClass === 2 && bytes[i + 1] === 0xbf && bytes[i + 2] === 0xbd)) return false;
  }
  return true;
}

function writeEscapedString(text: string): number {
  const json = JSON.stringify(text);
  reserve(json.length * 3 + 1);
  const written = native.utf8Write.call(scratch, json, at, json.length * 3);
  at += written;
  if (written !== json.length) flags |= FLAG_UTF8;
  return TYPE_ESCAPED;
}

function writeNumber(value: number): number {
  reserve(26);
  if (value === (value | 0) && (value !== 0 || 1 / value > 0)) {
    writeInteger(value);
    return TYPE_INTEGER;
  }
  if (!Number.isFinite(value)) {
    writeLiteral('null');
    return TYPE_NULL;
  }
  writeLiteral(Object.is(value, -0) ? '-0' : String(value));
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? TYPE_INTEGER : TYPE_NUMBER;
}

/** An integer of 32 bits. */
function writeInteger(value: number): void {
  const target = scratch;
  let rest = value;
  if (rest < 0) {
    target[at++] = 0x2d;
    rest = -rest;
  }
  let digits = 1;
  for (let bound = 10; bound <= rest; bound *= 10) digits++;
  const first = at;
  at += digits;
  for (let i = at - 1; i >= first; i--) {
    const tenth = (rest / 10) | 0;
    target[i] = 0x30 + rest - tenth * 10;
    rest = tenth;
  }
}

function writeTables(): void {
  const textEnd = at;
  const size = tablesSize(NARROW_HEAD, NARROW_ENTRY);
  const isWide = textEnd + size > 0xffff || longestName > 0xff;
  if (isWide) flags |= FLAG_WIDE;
  reserve((isWide ? tablesSize(WIDE_HEAD, WIDE_ENTRY) : size) + 9);
  const positions = tablePositions(textEnd, isWide);
  for (let number = 0; number < tables.length; number++) {
    const table = tables[number]!;
    const end = table + TABLE_HEAD + slots[table + 2]! * ENTRY;
    if (number > 0) for (let i = 0; i < TABLE_HEAD; i++) writeSize(slots[table + i]!, isWide);
    for (let slot = table + TABLE_HEAD; slot < end; slot += ENTRY) {
      const type = slots[slot + 2]!;
      writeSize(type === TYPE_OBJECT ? positions[slots[slot]!]! : slots[slot]!, isWide);
      if (isWide) writeSize(slots[slot + 1]!, true);
      else scratch[at++] = slots[slot + 1]!;
      scratch[at++] = type;
    }
  }
  writeSize(textEnd, isWide);
  writeSize(slots[2]!, isWide);
  scratch[at++] = flags;
}

const NARROW_HEAD = 6;
const WIDE_HEAD = 12;

function tablesSize(head: number, entry: number): number {
  let size = -head;
  for (const table of tables) size += head + slots[table + 2]! * entry;
  return size;
}

/** Where each table will begin. The root table has no head: what that would say is in the trailer. */
function tablePositions(textEnd: number, isWide: boolean): number[] {
  const head = isWide ? WIDE_HEAD : NARROW_HEAD;
  const entry = isWide ? WIDE_ENTRY : NARROW_ENTRY;
  const positions: number[] = [];
  let position = textEnd - head;
  for (const table of tables) {
    positions.push(position);
    position += head + slots[table + 2]! * entry;
  }
  return positions;
}

function writeSize(size: number, isWide: boolean): void {
  const target = scratch;
  target[at++] = size;
  target[at++] = size >>> 8;
  if (!isWide) return;
  target[at++] = size >>> 16;
  target[at++] = size >>> 24;
}
