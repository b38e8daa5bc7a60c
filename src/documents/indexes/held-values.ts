/**
 * What entries of persistent indexes hold beside their keys, so that a query may do without the document: the values of the index's own
 * fields, the stored values, and last the document's `_key`, as JSON.
 *
 *     ["Oslo",34,"k17"]
 *     (null,34,"k17"]      the city is long, and only in the document
 *
 * A key does not give back the texts it was made of, hence the fields. What is long would be in the index twice, so it is left out; the
 * round bracket says that it was. Stored values are kept however long they are, as somebody asked for them. The `_key` comes last, since what
 * is read most often should be found first.
 *
 * Entries of indexes that were made before there was any of this (`hasOwnValues`) hold the fields and the stored values where there are
 * stored values, in square brackets and without the `_key`, and otherwise nothing.
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

/** The text of an entry: the values of the index's own fields, and all the others that are held. */
export function heldText(own: readonly Value[], others: readonly Value[]): string {
  let text = '';
  let isWhole = true;
  for (const value of own) {
    const json = JSON.stringify(value);
    const isShort = json.length <= LONGEST_HELD;
    text += isShort ? `${json},` : 'null,';
    isWhole &&= isShort;
  }
  for (const value of others) text += `${JSON.stringify(value)},`;
  return `${isWhole ? '[' : '('}${text.slice(0, -1)}]`;
}

/** Whether the text of an entry that begins here is without a value that is long. */
export function isWithoutLong(buffer: Uint8Array, start: number): boolean {
  return buffer[start] === SOME_LEFT_OUT;
}
