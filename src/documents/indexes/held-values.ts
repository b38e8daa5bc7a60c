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

/** Longer ones are rarely asked for by an index, and some of their texts are too long. */
const SHORT_STRING = 64;

/** Numbers up to this one have at most so many digits. */
const SMALL = 0xffff;
const DIGITS = 5;

const WHOLE = 0x5b;
const SOME_LEFT_OUT = 0x28;
const CLOSE = 0x5d;
const COMMA = 0x2c;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

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

/** What an entry holds with the values of the index's own fields, and its `_key` unless that is one of them. */
export function ownBytes(own: readonly Value[], key: Value | undefined): Uint8Array {
  let end = 1;
  let isWhole = true;
  for (const value of own) {
    const before = end;
    end = writeJson(before, value, LONGEST_HELD);
    if (end < 0) {
      isWhole = false;
      end = writeJson(before, null);
    }
    held[end++] = COMMA;
  }
  end = key === undefined ? end - 1 : writeJson(end, key);
  held[0] = isWhole ? WHOLE : SOME_LEFT_OUT;
  held[end++] = CLOSE;
  const bytes = Buffer.allocUnsafe(end);
  for (let i = 0; i < end; i++) bytes[i] = held[i]!;
  return bytes;
}

/** Where entries are put together. */
let held = Buffer.allocUnsafeSlow(4096);

/**
 * Writes a value and answers where it ends; negative where its text has more than `most` characters. There is then room for two more. What indexes
 * are mostly made of is written without a text in between.
 */
function writeJson(start: number, value: Value, most = Infinity): number {
  if (typeof value === 'string' && value.length <= SHORT_STRING) {
    reserve(start + value.length + 4);
    const end = writePlain(start, value);
    if (end > 0) return end;
  }
  if (typeof value === 'number' && value === (value & SMALL)) {
    reserve(start + DIGITS + 2);
    return writeDigits(start, value);
  }
  const json = JSON.stringify(value);
  if (json.length > most) return -1;
  reserve(start + 3 * json.length + 2);
  return start + held.write(json, start);
}

/** A string that is its own text between quotes; answers 0 for others. */
function writePlain(start: number, text: string): number {
  let at = start;
  held[at++] = QUOTE;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) return 0;
    held[at++] = code;
  }
  held[at++] = QUOTE;
  return at;
}

/** A number of at most `DIGITS` digits. */
function writeDigits(start: number, value: number): number {
  const end = start + (value < 10 ? 1 : value < 100 ? 2 : value < 1000 ? 3 : value < 10_000 ? 4 : DIGITS);
  let rest = value;
  for (let at = end - 1; at >= start; at--) {
    const tenth = (rest / 10) | 0;
    held[at] = 0x30 + rest - 10 * tenth;
    rest = tenth;
  }
  return end;
}

function reserve(size: number): void {
  if (size <= held.length) return;
  const larger = Buffer.allocUnsafeSlow(2 * size);
  larger.set(held);
  held = larger;
}

/** Whether the text of an entry that begins here is without a value that is long. */
export function isWithoutLong(buffer: Uint8Array, start: number): boolean {
  return buffer[start] === SOME_LEFT_OUT;
}
