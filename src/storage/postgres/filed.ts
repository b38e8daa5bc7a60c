/**
 * Records in an arena, found by a hash of what they are filed under. One thread adds at a time; the others find a record as soon as it
 * has been filed, and all that was written before.
 */
import { hashBytes } from '#base';
import { idAt, NOWHERE, type Arena } from './arena.ts';

const FIRST_SLOTS = 64;

/** Of the words that the arena's directory has for each. */
const TABLE = 0;
const COUNT = 1;
/** Of a record; it stays as it is when the table grows. */
const HASH = 0;

/** Slots with the places of records, of which a table begins with how many there are, less one; the next free one is taken, and never more than half. */
class Slots {
  readonly #arena: Arena;
  readonly #at: number;

  /** `at`: two words of the arena, which are 0 at first. */
  constructor(arena: Arena, at: number) {
    this.#arena = arena;
    this.#at = at;
  }

  /** The table, as it is now: a larger one may follow, but it stays where it is. 0: there is none yet. */
  get table(): number {
    return Atomics.load(this.#arena.words, this.#at + TABLE);
  }

  /** Of what the arena must have room for before a record is filed. */
  get wordsToGrow(): number {
    const { words } = this.#arena;
    const table = words[this.#at + TABLE]!;
    if (table === NOWHERE) return 1 + FIRST_SLOTS;
    const slots = words[table]! + 1;
    return 2 * (words[this.#at + COUNT]! + 1) > slots ? 1 + 2 * slots : 0;
  }

  file(place: number): void {
    const { words } = this.#arena;
    const size = this.wordsToGrow;
    if (size > 0) this.#grow(size);
    words[this.#at + COUNT]!++;
    put(words, words[this.#at + TABLE]!, place);
  }

  #grow(size: number): void {
    const { words } = this.#arena;
    const before = words[this.#at + TABLE]!;
    const table = this.#arena.takeWords(size);
    words.fill(NOWHERE, table, table + size);
    words[table] = size - 2;
    if (before !== NOWHERE) {
      const end = before + words[before]! + 1;
      for (let slot = before + 1; slot <= end; slot++) if (words[slot] !== NOWHERE) put(words, table, words[slot]!);
    }
    Atomics.store(words, this.#at + TABLE, table);
  }
}

function put(words: Int32Array, table: number, place: number): void {
  const mask = words[table]!;
  let slot = words[place + HASH]! & mask;
  while (words[table + 1 + slot] !== NOWHERE) slot = (slot + 1) & mask;
  Atomics.store(words, table + 1 + slot, place);
}

const KEY_START = 1;
const KEY_END = 2;
const FILED_HEAD = 3;

/** Records under keys. */
export class Filed {
  readonly #arena: Arena;
  readonly #slots: Slots;

  constructor(arena: Arena, at: number) {
    this.#arena = arena;
    this.#slots = new Slots(arena, at);
  }

  /** What was written of the record under the key `buffer[start..end]`; 0: there is none. */
  placeOf(buffer: Uint8Array, start: number, end: number): number {
    const { table } = this.#slots;
    if (table === NOWHERE) return NOWHERE;
    const hash = hashBytes(buffer, start, end);
    const { words } = this.#arena;
    const mask = words[table]!;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = Atomics.load(words, table + 1 + slot);
      if (place === NOWHERE) return NOWHERE;
      if (words[place + HASH] === hash && this.#isAt(words[place + KEY_START]!, words[place + KEY_END]!, buffer, start, end))
        return place + FILED_HEAD;
    }
  }

  /** A place for `words` words to be written and then filed under a key that is not there; 0: there is no room for them, with `bytes` more bytes. */
  make(buffer: Uint8Array, start: number, end: number, room: { readonly words: number; readonly bytes: number }): number {
    const arena = this.#arena;
    const size = FILED_HEAD + room.words;
    if (!arena.hasRoom(size + this.#slots.wordsToGrow, end - start + room.bytes)) return NOWHERE;
    const place = arena.takeWords(size);
    const { words } = arena;
    words[place + HASH] = hashBytes(buffer, start, end);
    words[place + KEY_START] = arena.putBytes(buffer, start, end);
    words[place + KEY_END] = words[place + KEY_START]! + end - start;
    return place + FILED_HEAD;
  }

  file(made: number): void {
    this.#slots.file(made - FILED_HEAD);
  }

  #isAt(own: number, ownEnd: number, buffer: Uint8Array, start: number, end: number): boolean {
    if (ownEnd - own !== end - start) return false;
    const { bytes } = this.#arena;
    for (let at = start; at < end; at++, own++) if (bytes[own] !== buffer[at]) return false;
    return true;
  }
}

const NUMBERED_HEAD = 1;

/** Stretches (`writeStretch`) under the numbers that they have. */
export class Numbered {
  readonly #arena: Arena;
  readonly #slots: Slots;

  constructor(arena: Arena, at: number) {
    this.#arena = arena;
    this.#slots = new Slots(arena, at);
  }

  /** Where the stretch lies; 0: nowhere. */
  placeOf(id: number): number {
    const { table } = this.#slots;
    if (table === NOWHERE) return NOWHERE;
    const hash = hashNumber(id);
    const { words } = this.#arena;
    const mask = words[table]!;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = Atomics.load(words, table + 1 + slot);
      if (place === NOWHERE) return NOWHERE;
      if (words[place + HASH] === hash && idAt(words, place + NUMBERED_HEAD) === id) return place + NUMBERED_HEAD;
    }
  }

  /** As in `Filed`. */
  make(id: number, room: { readonly words: number; readonly bytes: number }): number {
    const size = NUMBERED_HEAD + room.words;
    if (!this.#arena.hasRoom(size + this.#slots.wordsToGrow, room.bytes)) return NOWHERE;
    const place = this.#arena.takeWords(size);
    this.#arena.words[place + HASH] = hashNumber(id);
    return place + NUMBERED_HEAD;
  }

  file(made: number): void {
    this.#slots.file(made - NUMBERED_HEAD);
  }
}

function hashNumber(id: number): number {
  const hash = Math.imul((id | 0) ^ Math.floor(id / 2 ** 32), 0x9e3779b1);
  return hash ^ (hash >>> 15);
}
