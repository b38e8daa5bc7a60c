/**
 * What entries of persistent indexes hold beside their keys, so that a query may do without the document, as JSON: the values of the index's
 * own fields and last the document's `_key`; or, where stored values are asked for, the fields and these.
 *
 *     ["Oslo",34,"k17"]
 *     (null,34,"k17"]      the city is long, and only in the document
 *
 * A key does not give back the texts it was made of, hence the fields. What is long would be in the index twice, so it is left out; the
 * round bracket says that it was, and the `_key` where it is found. With stored values nothing is left out: somebody asked for them, and nothing is
 * added, as many entries are read in a row.
 *
 * Entries that hold nothing are of indexes that were made before there was `hasOwnValues`.
 */
import { parseFieldPath, type FieldPath, type PersistentIndex } from '#catalog';
import type { Value } from '#values';

/** Of the JSON text of a field's value. A document's key has fewer. */
const LONGEST_HELD = 256;

const SOME_LEFT_OUT = 0x28;

const KEY = parseFieldPath('_key');

/**
 * What can be read off an entry as ArangoDB has it, the index's own fields first; empty: nothing. The values of an expanded field are not the
 * attribute's, and `_id`, which may be among the stored values, changes with the collection's name.
 */
export function coveredFields({ fields, storedValues, hasOwnValues }: PersistentIndex): readonly FieldPath[] {
  return hasOwnValues || storedValues.length > 0 ? [...fields, ...storedValues].filter(isRead) : [];
}

/** All that can be read off an entry, in its order: what is covered comes first. */
export function heldFields(index: PersistentIndex): readonly FieldPath[] {
  const covered = coveredFields(index);
  return !index.hasOwnValues || covered.some(isKey) ? covered : [...covered, KEY];
}

function isRead({ expandedStep, text }: FieldPath): boolean {
  return expandedStep === -1 && text !== '_id';
}

function isKey({ text }: FieldPath): boolean {
  return text === KEY.text;
}

/** The text of an entry with the values of the index's own fields, and its `_key` unless that is one of them. */
export function ownText(own: readonly Value[], key: Value | undefined): string {
  let text = '';
  let isWhole = true;
  for (const value of own) {
    const json = JSON.stringify(value);
    const isShort = json.length <= LONGEST_HELD;
    text += isShort ? `${json},` : 'null,';
    isWhole &&= isShort;
  }
  const all = key === undefined ? text.slice(0, -1) : text + JSON.stringify(key);
  return `${isWhole ? '[' : '('}${all}]`;
}

/** Whether the text of an entry that begins here is without a value that is long. */
export function isWithoutLong(buffer: Uint8Array, start: number): boolean {
  return buffer[start] === SOME_LEFT_OUT;
}
