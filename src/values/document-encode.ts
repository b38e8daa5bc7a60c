/**
 * How values become a stored document; `document-writer.ts` describes what is written. Whatever JSON.stringify does to a value is done to
 * it here.
 */
import assert from 'node:assert/strict';
import { ArangoError } from '#base';
import {
  beginDraft,
  draft,
  ENTRY,
  finishDraft,
  FLAG_FROM,
  FLAG_TO,
  FLAG_UTF8,
  reserve,
  reserveTable,
  REVISION_BYTES,
  setRevision,
  shrinkDraft,
  TABLE_HEAD,
  TYPE_ARRAY,
  TYPE_ASCII,
  TYPE_EMPTY_OBJECT,
  TYPE_ESCAPED,
  TYPE_FALSE,
  TYPE_NULL,
  TYPE_OBJECT,
  TYPE_TRUE,
  TYPE_UTF8,
  withOwnDraft,
  writeLiteral,
  writeNumber,
} from './document-writer.ts';
import { native } from './native.ts';
import type { Value, ValueObject } from './value.ts';

/** ArangoDB's limit for nested arrays and objects, the document itself included. */
const MAX_DEPTH = 199;
/** Below this length a loop over the characters beats a native call. */
const SHORT_STRING = 28;

/** The number of the table of the object that was written last. */
let lastTable = 0;

/**
 * `attributes` are those of the document in any order, or a view of them; `_id` and `_rev` are left out. `key` stands in for `_key`. What
 * is no value is treated as JSON.stringify does. Throws 10 (`bad parameter`) when the nesting is too deep, as that of a cycle is.
 */
export function encodeDocument(revision: bigint, attributes: ValueObject | { toJSON(): ValueObject }, key?: string): Uint8Array {
  if (draft.isBusy) return encodeWithin(revision, attributes, key);
  draft.isBusy = true;
  try {
    beginDraft();
    writeRoot(toJsonable(attributes, '') as ValueObject, key);
    return finishDraft(revision);
  } finally {
    draft.isBusy = false;
    shrinkDraft();
  }
}

/** A getter or `toJSON` of a service's object may write a document while one is being written. */
function encodeWithin(revision: bigint, attributes: ValueObject | { toJSON(): ValueObject }, key: string | undefined): Uint8Array {
  const outerTable = lastTable;
  try {
    return withOwnDraft(() => encodeDocument(revision, attributes, key));
  } finally {
    lastTable = outerTable;
  }
}

/** The same document with another revision. */
export function withRevision(bytes: Uint8Array, revision: bigint): Uint8Array {
  const copy = Buffer.allocUnsafe(bytes.length);
  copy.set(bytes);
  setRevision(copy, revision);
  return copy;
}

/** The UTF-8 bytes of a name as it stands between quotes in the text. */
export function nameBytes(name: string): Uint8Array {
  return Buffer.from(JSON.stringify(name).slice(1, -1));
}

function writeRoot(attributes: ValueObject, givenKey: string | undefined): void {
  const key = givenKey ?? attributes['_key'];
  assert(typeof key === 'string', 'a document has a key before it is encoded');
  const names = Object.keys(attributes);
  const table = openTable(names.length + 1);
  draft.bytes[draft.at++] = 0x7b;
  const afterKey = writeAttribute('_key', key, table + TABLE_HEAD, 1);
  const afterFrom = writeAttribute('_from', attributes['_from'], afterKey, 1);
  if (afterFrom !== afterKey) draft.flags |= FLAG_FROM;
  let slot = writeAttribute('_to', attributes['_to'], afterFrom, 1);
  if (slot !== afterFrom) draft.flags |= FLAG_TO;
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
  const table = reserveTable(capacity);
  draft.tables.push(table);
  return table;
}

function closeObject(table: number, start: number, slot: number): void {
  reserve(2);
  // The comma after the last attribute becomes the brace.
  if (draft.bytes[draft.at - 1] === 0x2c) draft.at--;
  draft.bytes[draft.at++] = 0x7d;
  draft.slots[table] = start;
  draft.slots[table + 1] = draft.at;
  draft.slots[table + 2] = (slot - table - TABLE_HEAD) / ENTRY;
}

/** Writes an attribute and its comma, fills its entry, and returns the place of the next entry. */
function writeAttribute(name: string, value: unknown, slot: number, depth: number): number {
  const jsonable = toJsonable(value, name);
  if (jsonable === undefined) return slot;
  const before = draft.at;
  writeString(name);
  const length = draft.at - before - 2;
  if (length > draft.longestName) draft.longestName = length;
  draft.bytes[draft.at++] = 0x3a;
  const position = draft.at;
  const type = writeValue(jsonable, depth, true);
  draft.slots[slot] = type === TYPE_OBJECT ? lastTable : position;
  draft.slots[slot + 1] = length;
  draft.slots[slot + 2] = type;
  reserve(1);
  draft.bytes[draft.at++] = 0x2c;
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
  draft.bytes[draft.at++] = 0x5b;
  for (let i = 0; i < values.length; i++) {
    writeValue(toJsonable(values[i], '') ?? null, depth, false);
    reserve(1);
    draft.bytes[draft.at++] = 0x2c;
  }
  if (values.length > 0) draft.at--;
  reserve(1);
  draft.bytes[draft.at++] = 0x5d;
}

function writeIndexedObject(object: ValueObject, depth: number): number {
  const names = Object.keys(object);
  if (names.length === 0) {
    writeLiteral('{}');
    return TYPE_EMPTY_OBJECT;
  }
  const number = draft.tables.length;
  const table = openTable(names.length);
  const start = draft.at;
  let slot = table + TABLE_HEAD;
  reserve(1);
  draft.bytes[draft.at++] = 0x7b;
  for (const name of names) slot = writeAttribute(name, object[name], slot, depth);
  closeObject(table, start, slot);
  lastTable = number;
  return TYPE_OBJECT;
}

function writeObject(object: ValueObject, depth: number): number {
  reserve(1);
  draft.bytes[draft.at++] = 0x7b;
  for (const name of Object.keys(object)) {
    const value = toJsonable(object[name], name);
    if (value === undefined) continue;
    writeString(name);
    draft.bytes[draft.at++] = 0x3a;
    writeValue(value, depth, false);
    reserve(1);
    draft.bytes[draft.at++] = 0x2c;
  }
  reserve(2);
  if (draft.bytes[draft.at - 1] === 0x2c) draft.at--;
  draft.bytes[draft.at++] = 0x7d;
  return TYPE_EMPTY_OBJECT;
}

/** Leaves room for one more byte after the string. */
function writeString(text: string): number {
  const length = text.length;
  reserve(length * 3 + 3);
  const target = draft.bytes;
  let end = draft.at;
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
      draft.at = end;
      return TYPE_ASCII;
    }
  }
  return writeLongString(text, length);
}

function writeLongString(text: string, length: number): number {
  const start = draft.at + 1;
  const written = native.utf8Write.call(draft.bytes, text, start, length * 3);
  const end = start + written;
  if (!isPlain(draft.bytes, start, end)) return writeEscapedString(text);
  draft.bytes[end] = 0x22;
  draft.at = end + 1;
  if (written === length) return TYPE_ASCII;
  draft.flags |= FLAG_UTF8;
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
  const written = native.utf8Write.call(draft.bytes, json, draft.at, json.length * 3);
  draft.at += written;
  if (written !== json.length) draft.flags |= FLAG_UTF8;
  return TYPE_ESCAPED;
}
