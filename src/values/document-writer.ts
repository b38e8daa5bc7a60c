/**
 * The layout of a stored document, and the one that is being written. `document-encode.ts` writes values, `document-scan.ts` JSON text;
 * `document.ts` reads. Only these files know the layout.
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

/** Words of an entry and of a table's head in `Draft.slots`. */
export const ENTRY = 3;
export const TABLE_HEAD = 3;

const INITIAL_BYTES = 1 << 14;
const INITIAL_SLOTS = 1 << 10;
const KEPT_BYTES = 1 << 20;

interface Draft {
  /** Values are being written, which may have code of a service run that writes documents too. */
  isBusy: boolean;
  bytes: Buffer;
  /** How much of them is written. */
  at: number;
  flags: number;
  /**
   * The tables in the making: start, end and count of entries of each, then position, name length and type of each entry; of an object
   * with a table the number of the table instead of the position.
   */
  slots: Int32Array;
  slotsUsed: number;
  /** Where in `slots` each table is; the first is the document's own. */
  tables: number[];
  longestName: number;
}

/** The document that is being written; one is written at a time. */
export const draft: Draft = {
  isBusy: false,
  bytes: Buffer.allocUnsafeSlow(INITIAL_BYTES),
  at: 0,
  flags: 0,
  slots: new Int32Array(INITIAL_SLOTS),
  slotsUsed: 0,
  tables: [],
  longestName: 0,
};

export function beginDraft(): void {
  draft.at = REVISION_BYTES;
  draft.flags = 0;
  draft.slotsUsed = 0;
  draft.tables = [];
  draft.longestName = 0;
}

/** The document's bytes, once all of its text is written. */
export function finishDraft(revision: bigint): Uint8Array {
  writeTables();
  setRevision(draft.bytes, revision);
  const bytes = allocate(draft.at);
  draft.bytes.copy(bytes, 0, 0, draft.at);
  return bytes;
}

/** Documents have memory together, for the collector has to look after each piece of it: more of them than in Node's own pool. */
const SLAB_BYTES = 1 << 16;
const LARGE_BYTES = SLAB_BYTES / 4;

let slab = Buffer.alloc(0);
let slabUsed = 0;

function allocate(size: number): Buffer {
  if (size > LARGE_BYTES) return Buffer.allocUnsafeSlow(size);
  if (slabUsed + size > slab.length) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    slabUsed = 0;
  }
  const start = slabUsed;
  slabUsed += size;
  return slab.subarray(start, slabUsed);
}

/** A large document leaves no large draft behind. */
export function shrinkDraft(): void {
  if (draft.bytes.length <= KEPT_BYTES) return;
  draft.bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  draft.slots = new Int32Array(INITIAL_SLOTS);
}

/** Writes another document while this one is being written. */
export function withOwnDraft<Result>(write: () => Result): Result {
  const outer = { ...draft };
  draft.isBusy = false;
  draft.bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  draft.slots = new Int32Array(INITIAL_SLOTS);
  try {
    return write();
  } finally {
    Object.assign(draft, outer);
  }
}

const revisionScratch = new BigUint64Array(1);
const revisionBytes = new Uint8Array(revisionScratch.buffer);
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Ten times as fast as the method of Buffer, which calculates with bigints. */
export function setRevision(bytes: Uint8Array, revision: bigint): void {
  revisionScratch[0] = revision;
  for (let i = 0; i < REVISION_BYTES; i++) bytes[i] = revisionBytes[isLittleEndian ? REVISION_BYTES - 1 - i : i]!;
}

export function reserve(bytes: number): void {
  const { at } = draft;
  if (at + bytes <= draft.bytes.length) return;
  const grown = Buffer.allocUnsafeSlow(Math.max(draft.bytes.length * 2, at + bytes));
  draft.bytes.copy(grown, 0, 0, at);
  draft.bytes = grown;
}

/** Sets room for a table aside in `slots` and answers where. */
export function reserveTable(capacity: number): number {
  const table = draft.slotsUsed;
  const end = table + TABLE_HEAD + capacity * ENTRY;
  if (end > draft.slots.length) {
    const grown = new Int32Array(Math.max(draft.slots.length * 2, end));
    grown.set(draft.slots);
    draft.slots = grown;
  }
  draft.slotsUsed = end;
  return table;
}

export function writeLiteral(text: string): void {
  reserve(text.length);
  const target = draft.bytes;
  let end = draft.at;
  for (let i = 0; i < text.length; i++) target[end++] = text.charCodeAt(i);
  draft.at = end;
}

export function writeNumber(value: number): number {
  reserve(26);
  if (value === (value | 0) && (value !== 0 || 1 / value > 0)) {
    writeInteger(value);
    return TYPE_INTEGER;
  }
  if (!Number.isFinite(value)) {
    writeLiteral('null');
    return TYPE_NULL;
  }
  // Half the time of `String`, which looks whether it has met the number before.
  writeLiteral(Object.is(value, -0) ? '-0' : JSON.stringify(value));
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? TYPE_INTEGER : TYPE_NUMBER;
}

/** An integer of 32 bits. */
function writeInteger(value: number): void {
  const target = draft.bytes;
  let { at } = draft;
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
  draft.at = at;
}

function writeTables(): void {
  const { tables, at: textEnd, slots } = draft;
  const size = tablesSize(NARROW_HEAD, NARROW_ENTRY);
  const isWide = textEnd + size > 0xffff || draft.longestName > 0xff;
  if (isWide) draft.flags |= FLAG_WIDE;
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
      else draft.bytes[draft.at++] = slots[slot + 1]!;
      draft.bytes[draft.at++] = type;
    }
  }
  writeSize(textEnd, isWide);
  writeSize(slots[tables[0]! + 2]!, isWide);
  draft.bytes[draft.at++] = draft.flags;
}

const NARROW_HEAD = 6;
const WIDE_HEAD = 12;

function tablesSize(head: number, entry: number): number {
  let size = -head;
  for (const table of draft.tables) size += head + draft.slots[table + 2]! * entry;
  return size;
}

/** Where each table will begin. The root table has no head: what that would say is in the trailer. */
function tablePositions(textEnd: number, isWide: boolean): number[] {
  const head = isWide ? WIDE_HEAD : NARROW_HEAD;
  const entry = isWide ? WIDE_ENTRY : NARROW_ENTRY;
  const positions: number[] = [];
  let position = textEnd - head;
  for (const table of draft.tables) {
    positions.push(position);
    position += head + draft.slots[table + 2]! * entry;
  }
  return positions;
}

function writeSize(size: number, isWide: boolean): void {
  const target = draft.bytes;
  let { at } = draft;
  target[at++] = size;
  target[at++] = size >>> 8;
  if (isWide) {
    target[at++] = size >>> 16;
    target[at++] = size >>> 24;
  }
  draft.at = at;
}
