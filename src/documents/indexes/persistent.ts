/**
 * Persistent indexes: entries in AQL's order of the indexed values.
 *
 * A missing attribute counts as null; a sparse index leaves out documents in which one is. A field with `[*]` gives an entry for each
 * different member of the array, null ones too. A document without such an array has no entry if the field is the first; otherwise it
 * has one with the values before it, which sorts below all members and is found by those values alone.
 */
import type { FieldPath, PersistentIndex } from '#catalog';
import type { IndexEntry } from '#storage';
import { attributeReader, encodeKey, equalValues, isArray, isObject, type AttributeReader, type DocumentView, type Value } from '#values';
import { uniqueViolation } from '../failures.ts';
import type { EntryMaker } from './entry-maker.ts';
import { heldFields, ownBytes } from './held-values.ts';

/** What stands for the rest of a key that ends early: below every encoded value. */
const ENDS_EARLY = Uint8Array.of(0);

interface FieldReader {
  /** The attribute, or the array to be expanded. */
  readonly read: AttributeReader;
  /** The steps below each member of the array; undefined for a field without `[*]`. */
  readonly tail: readonly string[] | undefined;
}

export class PersistentEntries implements EntryMaker {
  readonly index: PersistentIndex;
  readonly #fields: readonly FieldReader[];
  readonly #isExpanded: boolean;
  /** What entries hold; with `hasOwnValues` what comes behind the fields. */
  readonly #held: readonly AttributeReader[];

  constructor(index: PersistentIndex) {
    this.index = index;
    this.#fields = index.fields.map(fieldReader);
    this.#isExpanded = this.#fields.some(({ tail }) => tail !== undefined);
    this.#held = heldFields(index)
      .slice(index.hasOwnValues ? index.fields.length : 0)
      .map((path) => fieldReader(path).read);
  }

  /** Throws 1210 for a repeated member that a unique index is to refuse. */
  add(document: DocumentView, entries: IndexEntry[]): void {
    const { table, isUnique, isDeduplicating, hasOwnValues } = this.index;
    const lists = this.values(document);
    if (hasOwnValues) {
      const [readKey] = this.#held;
      for (const values of lists) {
        entries.push({ index: table, key: this.#key(values), isUnique, value: ownBytes(values, readKey?.(document)) });
      }
      return;
    }
    // Without lists of one.
    if (lists.length === 1 && this.#held.length === 0) {
      entries.push({ index: table, key: this.#key(lists[0]!), isUnique });
      return;
    }
    const keys = lists.map((values) => this.#key(values));
    if (isUnique && !isDeduplicating && isRepeating(keys)) throw uniqueViolation(this.index, document.get('_key') as string);
    if (this.#held.length === 0) {
      for (const key of keys) entries.push({ index: table, key, isUnique });
      return;
    }
    const value = Buffer.from(JSON.stringify(this.#held.map((read) => read(document))));
    for (const key of keys) entries.push({ index: table, key, isUnique, value });
  }

  /** The values of each entry of a document; fewer than there are fields where an entry ends early. */
  values(document: DocumentView): readonly (readonly Value[])[] {
    if (this.#isExpanded) return this.#expandedValues(document);
    const values: Value[] = [];
    for (const { read } of this.#fields) {
      const value = read(document);
      if (value === null && this.index.isSparse) return [];
      values.push(value);
    }
    return [values];
  }

  #key(values: readonly Value[]): Uint8Array {
    const key = encodeKey(values);
    return values.length === this.#fields.length ? key : Buffer.concat([key, ENDS_EARLY]);
  }

  /** With several expanded fields, one for each combination of their members. */
  #expandedValues(document: DocumentView): Value[][] {
    let all: Value[][] = [[]];
    let endsEarly = false;
    for (const { read, tail } of this.#fields) {
      const value = read(document);
      if (tail === undefined) {
        if (value === null && this.index.isSparse) return [];
        if (!endsEarly) for (const values of all) values.push(value);
        continue;
      }
      const members = endsEarly ? [] : this.#members(value, tail);
      if (members.length > 0) all = all.flatMap((values) => members.map((member) => [...values, member]));
      else endsEarly = true;
    }
    return all[0]?.length === 0 ? [] : all;
  }

  /** What an expanded array counts for; repeated values only where a unique index refuses them. */
  #members(array: Value, tail: readonly string[]): Value[] {
    const { isSparse, isUnique, isDeduplicating } = this.index;
    if (!isArray(array)) return [];
    const members: Value[] = [];
    for (const element of array) {
      const member = descend(element, tail);
      if (member === undefined && isSparse) continue;
      const value = member ?? null;
      if ((isUnique && !isDeduplicating) || !members.some((other) => equalValues(other, value))) members.push(value);
    }
    return members;
  }
}

function isRepeating(keys: readonly Uint8Array[]): boolean {
  return new Set(keys.map((key) => Buffer.from(key).toString('latin1'))).size !== keys.length;
}

function fieldReader({ steps, expandedStep }: FieldPath): FieldReader {
  const [first = '', ...path] = expandedStep === -1 ? steps : steps.slice(0, expandedStep + 1);
  return { read: attributeReader(first, ...path), tail: expandedStep === -1 ? undefined : steps.slice(expandedStep + 1) };
}

/** The value below `value`; undefined when the path ends before. */
function descend(value: Value, steps: readonly string[]): Value | undefined {
  let current: Value | undefined = value;
  for (const step of steps) {
    if (current === undefined || !isObject(current) || !Object.hasOwn(current, step)) return undefined;
    current = current[step];
  }
  return current;
}
