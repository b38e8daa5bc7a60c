/**
 * Reading documents from their bytes, only as far as somebody looks. `document-writer.ts` describes the layout.
 *
 * A `DocumentView` stands for the object it can become: comparisons, casts and whatever else takes a value in this layer take a view
 * as well, also inside arrays and objects. A view that is kept keeps its batch of rows in memory.
 */
import { nameBytes } from './document-encode.ts';
import { readSize, readText, readUint32, readValue, valueEnd, valueStart } from './document-reader.ts';
import { documentObject } from './document-object.ts';
import { FLAG_FROM, FLAG_TO, FLAG_WIDE, NARROW_ENTRY, REVISION_BYTES, TYPE_OBJECT, WIDE_ENTRY } from './document-writer.ts';
import { native } from './native.ts';
import { revisionText } from './revision.ts';
import type { Value, ValueObject } from './value.ts';

export class DocumentView {
  /** The row is `buffer[start..end]`. */
  buffer: Uint8Array;
  start: number;
  end: number;
  /** The collection's name, for `_id`. */
  readonly collection: string;
  #object: ValueObject | undefined;

  constructor(buffer: Uint8Array, start: number, end: number, collection: string) {
    this.buffer = buffer;
    this.start = start;
    this.end = end;
    this.collection = collection;
  }

  /** Makes this the view of another row of the same collection: for loops in which no row outlives its turn. */
  moveTo(buffer: Uint8Array, start: number, end: number): void {
    this.buffer = buffer;
    this.start = start;
    this.end = end;
    this.#object = undefined;
  }

  /** A view that stays on the row where this one is now. */
  clone(): DocumentView {
    return new DocumentView(this.buffer, this.start, this.end, this.collection);
  }

  /** An attribute's value, `_id` and `_rev` included; null when there is none. In loops use an `attributeReader`. */
  get(name: string): Value {
    return readAttribute(this, knownName(name));
  }

  has(name: string): boolean {
    return hasAttribute(this, knownName(name));
  }

  get revision(): bigint {
    return (BigInt(readUint32(this.buffer, this.start)) << 32n) | BigInt(readUint32(this.buffer, this.start + 4));
  }

  /** The whole document: `_key`, `_id`, (`_from`, `_to`,) `_rev`, then the user's attributes as stored. Always the same object. */
  toObject(): ValueObject {
    return (this.#object ??= this.toNewObject());
  }

  /** The same as an object that nobody else has. */
  toNewObject(): ValueObject {
    return documentObject(this.buffer, this.start, this.end, this.collection) ?? (JSON.parse(documentText(this)) as ValueObject);
  }

  /** JSON.stringify writes the document. */
  toJSON(): ValueObject {
    return this.toObject();
  }
}

/** A value as the plain data it stands for. Views inside of it stay: `JSON.stringify` and this layer know what to do with them. */
export function plain(value: Value | DocumentView): Value {
  return value instanceof DocumentView ? value.toObject() : value;
}

/** An attribute of any value; null where it has none. */
export function attributeOf(value: Value | DocumentView, name: string): Value {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  if (value instanceof DocumentView) return value.get(name);
  return Object.hasOwn(value, name) ? ((value as ValueObject)[name] ?? null) : null;
}

/** Reads one attribute, or a path of them, of any value: null where it has none. */
export type AttributeReader = (value: Value | DocumentView) => Value;

/**
 * A reader for one place in a program. It remembers at which place of the table it last found the attribute, so rows of one make are
 * read without searching; a reader that is shared by places that see different documents works, but slower.
 */
export function attributeReader(name: string, ...path: readonly string[]): AttributeReader {
  const first = new AttributeName(name);
  if (path.length === 0) {
    return (value) => (value instanceof DocumentView ? readAttribute(value, first) : attributeOf(value, name));
  }
  const names = [first, ...path.map((step) => new AttributeName(step))];
  return (value) => {
    if (value instanceof DocumentView) return readPath(value, names);
    let found: Value = value;
    for (const step of names) found = attributeOf(found, step.text);
    return found;
  };
}

/** The JSON text of a document, `_id` and `_rev` included. */
export function documentText(view: DocumentView): string {
  const { buffer, start } = view;
  locateParts(view);
  const key = readText(buffer, start + KEY_OFFSET, keyEnd - 1, partsFlags);
  const ends = headEnd === keyEnd ? '' : readText(buffer, keyEnd, headEnd, partsFlags);
  const revision = revisionText(readUint32(buffer, start), readUint32(buffer, start + 4));
  const rest = readText(buffer, headEnd, textEnd, partsFlags);
  return `{"_key":"${key}"${collectionOf(view).text}${key}"${ends},"_rev":"${revision}"${rest}`;
}

/** The same as UTF-8. */
export function documentJson(view: DocumentView): Uint8Array {
  const { buffer, start } = view;
  locateParts(view);
  const from = start + REVISION_BYTES;
  const { bytes: idStart } = collectionOf(view);
  const keyLength = keyEnd - 1 - start - KEY_OFFSET;
  const json = Buffer.allocUnsafe(textEnd - from + idStart.length + keyLength + 1 + REVISION_PART.length + 12);
  let at = copyBytes(buffer, from, keyEnd, json, 0);
  at = copyBytes(idStart, 0, idStart.length, json, at);
  at = copyBytes(buffer, start + KEY_OFFSET, keyEnd, json, at);
  at = copyBytes(buffer, keyEnd, headEnd, json, at);
  at = copyBytes(REVISION_PART, 0, REVISION_PART.length, json, at);
  const revision = revisionText(readUint32(buffer, start), readUint32(buffer, start + 4));
  for (let i = 0; i < revision.length; i++) json[at++] = revision.charCodeAt(i);
  json[at++] = 0x22;
  at = copyBytes(buffer, headEnd, textEnd, json, at);
  return json.length === at ? json : json.subarray(0, at);
}

const REVISION_PART = Buffer.from(',"_rev":"');
/** Where the characters of the key begin in a row. */
const KEY_OFFSET = REVISION_BYTES + '{"_key":"'.length;
/** Where a row has its document's key, and the quote behind it, which is in no key. */
export const KEY_IN_ROW = { at: KEY_OFFSET, end: 0x22 } as const;

let partsFlags = 0;
let keyEnd = 0;
let headEnd = 0;
let textEnd = 0;

/** Finds the joints at which `_id` and `_rev` go into the text: after the key, and after `_from` and `_to`. */
function locateParts({ buffer, start, end }: DocumentView): void {
  const flags = buffer[end - 1]!;
  const isWide = (flags & FLAG_WIDE) !== 0;
  const sizeBytes = isWide ? 4 : 2;
  const count = readSize(buffer, end - 1 - sizeBytes, isWide);
  const table = start + readSize(buffer, end - 1 - 2 * sizeBytes, isWide);
  const head = flags & FLAG_FROM ? (flags & FLAG_TO ? 3 : 2) : flags & FLAG_TO ? 2 : 1;
  partsFlags = flags;
  textEnd = table;
  keyEnd = valueEnd(buffer, start, table, count, 0, table, isWide);
  headEnd = head === 1 ? keyEnd : valueEnd(buffer, start, table, count, head - 1, table, isWide);
}

interface CollectionPrefix {
  readonly text: string;
  readonly bytes: Uint8Array;
}

const collectionPrefixes = new Map<string, CollectionPrefix>();
const KEPT_NAMES = 4096;

function collectionOf({ collection }: DocumentView): CollectionPrefix {
  let prefix = collectionPrefixes.get(collection);
  if (prefix === undefined) {
    const text = `,"_id":${JSON.stringify(collection).slice(0, -1)}/`;
    prefix = { text, bytes: Buffer.from(text) };
    if (collectionPrefixes.size >= KEPT_NAMES) collectionPrefixes.clear();
    collectionPrefixes.set(collection, prefix);
  }
  return prefix;
}

/** A name to look for, and where it was last time. */
class AttributeName {
  readonly text: string;
  readonly bytes: Uint8Array;
  /** `_id` and `_rev` are not in the text. */
  readonly isDerived: boolean;
  place = 0;

  constructor(text: string) {
    this.text = text;
    this.isDerived = text === '_id' || text === '_rev';
    this.bytes = nameBytes(text);
  }
}

const knownNames = new Map<string, AttributeName>();

function knownName(text: string): AttributeName {
  let name = knownNames.get(text);
  if (name === undefined) {
    name = new AttributeName(text);
    if (knownNames.size >= KEPT_NAMES) knownNames.clear();
    knownNames.set(text, name);
  }
  return name;
}

function hasAttribute({ buffer, start, end }: DocumentView, name: AttributeName): boolean {
  if (name.isDerived) return true;
  const isWide = (buffer[end - 1]! & FLAG_WIDE) !== 0;
  const sizeBytes = isWide ? 4 : 2;
  const count = readSize(buffer, end - 1 - sizeBytes, isWide);
  const table = start + readSize(buffer, end - 1 - 2 * sizeBytes, isWide);
  return findPlace(buffer, start, table, count, name, isWide) >= 0;
}

function readAttribute(view: DocumentView, name: AttributeName): Value {
  if (name.isDerived) return readDerived(view, name);
  const { buffer, start, end } = view;
  const flags = buffer[end - 1]!;
  const isWide = (flags & FLAG_WIDE) !== 0;
  const sizeBytes = isWide ? 4 : 2;
  const count = readSize(buffer, end - 1 - sizeBytes, isWide);
  const table = start + readSize(buffer, end - 1 - 2 * sizeBytes, isWide);
  const place = findPlace(buffer, start, table, count, name, isWide);
  return place < 0 ? null : readValue(buffer, start, table, count, place, table, flags);
}

function readPath(view: DocumentView, names: readonly AttributeName[]): Value {
  const { buffer, start, end } = view;
  const flags = buffer[end - 1]!;
  const isWide = (flags & FLAG_WIDE) !== 0;
  const sizeBytes = isWide ? 4 : 2;
  let count = readSize(buffer, end - 1 - sizeBytes, isWide);
  let table = start + readSize(buffer, end - 1 - 2 * sizeBytes, isWide);
  let objectEnd = table;
  const last = names.length - 1;
  for (let i = 0; i < last; i++) {
    const place = findPlace(buffer, start, table, count, names[i]!, isWide);
    if (place < 0) return null;
    const entry = table + place * (isWide ? WIDE_ENTRY : NARROW_ENTRY);
    if (buffer[entry + ((isWide ? WIDE_ENTRY : NARROW_ENTRY) - 1)] !== TYPE_OBJECT) return null;
    const nested = start + readSize(buffer, entry, isWide);
    objectEnd = start + readSize(buffer, nested + sizeBytes, isWide);
    count = readSize(buffer, nested + 2 * sizeBytes, isWide);
    table = nested + 3 * sizeBytes;
  }
  const place = findPlace(buffer, start, table, count, names[last]!, isWide);
  return place < 0 ? null : readValue(buffer, start, table, count, place, objectEnd, flags);
}

function readDerived(view: DocumentView, { text }: AttributeName): string {
  const { buffer, start } = view;
  if (text === '_rev') return revisionText(readUint32(buffer, start), readUint32(buffer, start + 4));
  return `${view.collection}/${readAttribute(view, KEY) as string}`;
}

const KEY = new AttributeName('_key');

/** The place of a name in a table, or -1. */
function findPlace(buffer: Uint8Array, start: number, table: number, count: number, name: AttributeName, isWide: boolean): number {
  const predicted = name.place;
  if (predicted < count && isNamed(buffer, start, table, predicted, name.bytes, isWide)) return predicted;
  for (let place = 0; place < count; place++) {
    if (isNamed(buffer, start, table, place, name.bytes, isWide)) {
      name.place = place;
      return place;
    }
  }
  return -1;
}

function isNamed(buffer: Uint8Array, start: number, table: number, place: number, name: Uint8Array, isWide: boolean): boolean {
  const length = name.length;
  const entry = table + place * (isWide ? WIDE_ENTRY : NARROW_ENTRY);
  if ((isWide ? readSize(buffer, entry + 4, true) : buffer[entry + 2]!) !== length) return false;
  const at = valueStart(buffer, start, entry, isWide) - 2 - length;
  for (let i = 0; i < length; i++) if (buffer[at + i] !== name[i]) return false;
  return true;
}

/** Copies and returns where the copy ends. Few bytes are copied faster by a loop than by a native call. */
function copyBytes(source: Uint8Array, from: number, to: number, target: Uint8Array, at: number): number {
  if (to - from > 32) return at + native.copy.call(source, target, at, from, to);
  for (let i = from; i < to; i++) target[at++] = source[i]!;
  return at;
}
