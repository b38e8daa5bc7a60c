/**
 * Whole documents to objects. Those of one make, with the same names in the same order, are made by a function that was written for them:
 * it knows the names, so only the values are read, which takes two thirds of the time that `JSON.parse` takes for all of the text.
 *
 * A make is learnt once several documents in turn have had it. A collection whose documents are all different is left alone after a while.
 */
import { FLAG_FROM, FLAG_TO, FLAG_WIDE, NARROW_ENTRY, TYPE_OBJECT } from './document-writer.ts';
import { readSize, readText, readUint32, readValue, valueStart } from './document-reader.ts';
import { revisionText } from './revision.ts';
import type { Value, ValueObject } from './value.ts';

/** Seen so often, a make is worth a function. */
const WORTHY = 8;
/** Of documents of no known make, these are looked at. */
const MOST_LOOKED_AT = 256;
const MOST_MAKES = 4;
const MOST_NAMES = 100;
const MOST_COLLECTIONS = 1024;
/** Sizes and positions of documents that are longer have other widths. */
const SIZE_BYTES = 2;

interface Make {
  /** The names as they stand in the text. */
  readonly names: readonly Uint8Array[];
  /** Makes of the objects among the values. */
  readonly nested: readonly Makes[];
  /** `given`: `_id` and `_rev` of a document. */
  readonly create: (values: readonly Value[], given: readonly string[]) => ValueObject;
}

class Makes {
  readonly known: Make[] = [];
  readonly #seen = new Map<string, number>();
  #lookedAt = 0;

  /** Looks at an object of no known make. `head`: so many names come before `_rev`; 0 for what is no document. */
  learn(table: Table, head: number): void {
    if (this.#lookedAt >= MOST_LOOKED_AT || this.known.length >= MOST_MAKES || table.count > MOST_NAMES) return;
    this.#lookedAt++;
    const names = namesOf(table);
    const text = names.join('\0');
    const times = (this.#seen.get(text) ?? 0) + 1;
    this.#seen.set(text, times);
    if (times === WORTHY) this.known.push(newMake(table, names, head));
  }
}

/** Where the entries of an object are. */
interface Table {
  readonly buffer: Uint8Array;
  /** Of the document. */
  readonly start: number;
  readonly at: number;
  readonly count: number;
  /** Where the text of the object ends. */
  readonly end: number;
  readonly flags: number;
}

const makesOfCollections = new Map<string, Makes>();

/** Undefined for a document of no known make. */
export function documentObject(buffer: Uint8Array, start: number, end: number, collection: string): ValueObject | undefined {
  const flags = buffer[end - 1]!;
  if ((flags & FLAG_WIDE) !== 0) return undefined;
  let makes = makesOfCollections.get(collection);
  if (makes === undefined) {
    if (makesOfCollections.size >= MOST_COLLECTIONS) makesOfCollections.clear();
    makesOfCollections.set(collection, (makes = new Makes()));
  }
  const count = readSize(buffer, end - 1 - SIZE_BYTES, false);
  const at = start + readSize(buffer, end - 1 - 2 * SIZE_BYTES, false);
  const { known } = makes;
  for (let i = 0; i < known.length; i++) {
    const make = known[i]!;
    const values = readAll(make, buffer, start, at, count, at, flags);
    if (values === undefined) continue;
    const revision = revisionText(readUint32(buffer, start), readUint32(buffer, start + 4));
    return make.create(values, [`${collection}/${values[0] as string}`, revision]);
  }
  makes.learn({ buffer, start, at, count, end: at, flags }, 1 + Number((flags & FLAG_FROM) !== 0) + Number((flags & FLAG_TO) !== 0));
  return undefined;
}

/** The values of an object of this make; undefined if it is of another. */
function readAll(
  make: Make,
  buffer: Uint8Array,
  start: number,
  table: number,
  count: number,
  objectEnd: number,
  flags: number,
): readonly Value[] | undefined {
  const { names, nested } = make;
  if (names.length !== count) return undefined;
  const values: Value[] = [];
  for (let place = 0; place < count; place++) {
    const entry = table + place * NARROW_ENTRY;
    const name = names[place]!;
    const { length } = name;
    if (buffer[entry + 2] !== length) return undefined;
    const isObject = buffer[entry + 3] === TYPE_OBJECT;
    const position = start + readSize(buffer, entry, false);
    const nameAt = (isObject ? start + readSize(buffer, position, false) : position) - 2 - length;
    for (let i = 0; i < length; i++) if (buffer[nameAt + i] !== name[i]) return undefined;
    const value = isObject ? readNested(nested[place]!, buffer, start, position, flags) : undefined;
    values.push(value ?? readValue(buffer, start, table, count, place, objectEnd, flags));
  }
  return values;
}

/** An object inside of a document, whose table begins with where its text starts and ends and the number of entries. */
function readNested(makes: Makes, buffer: Uint8Array, start: number, position: number, flags: number): ValueObject | undefined {
  const end = start + readSize(buffer, position + SIZE_BYTES, false);
  const count = readSize(buffer, position + 2 * SIZE_BYTES, false);
  const at = position + 3 * SIZE_BYTES;
  for (const make of makes.known) {
    const values = readAll(make, buffer, start, at, count, end, flags);
    if (values !== undefined) return make.create(values, NOTHING_GIVEN);
  }
  makes.learn({ buffer, start, at, count, end, flags }, 0);
  return undefined;
}

const NOTHING_GIVEN: readonly string[] = [];

function namesOf({ buffer, start, at, count, flags }: Table): string[] {
  const names: string[] = [];
  for (let place = 0; place < count; place++) {
    const entry = at + place * NARROW_ENTRY;
    const nameEnd = valueStart(buffer, start, entry, false) - 2;
    names.push(readText(buffer, nameEnd - buffer[entry + 2]!, nameEnd, flags));
  }
  return names;
}

function newMake({ buffer, start, at, count }: Table, names: readonly string[], head: number): Make {
  const members = names.map((name, place) => `${memberName(name)}: values[${place}]`);
  if (head > 0) {
    members.splice(head, 0, '_rev: given[1]');
    members.splice(1, 0, '_id: given[0]');
  }
  const bytes = Array.from({ length: count }, (_, place) => {
    const entry = at + place * NARROW_ENTRY;
    const nameEnd = valueStart(buffer, start, entry, false) - 2;
    return Buffer.from(buffer.subarray(nameEnd - buffer[entry + 2]!, nameEnd));
  });
  // oxlint-disable-next-line typescript/no-implied-eval -- of what users wrote there are only names, as the literals that they are in JSON
  const create = new Function('values', 'given', `"use strict";\nreturn { ${members.join(', ')} };`) as Make['create'];
  return { names: bytes, nested: names.map(() => new Makes()), create };
}

/** A name as it stands in JSON, as it is to stand in a program. In brackets, `__proto__` is one like any other. */
function memberName(name: string): string {
  const text = JSON.stringify(JSON.parse(`"${name}"`));
  return text === '"__proto__"' ? `[${text}]` : text;
}
