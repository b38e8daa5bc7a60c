/** Bytes, and numbers about them, packed into few large arrays that grow. */
import { hashBytes } from '#base';

const FIRST = 64;
const FIRST_BYTES = 16 * 1024;
export const NOWHERE = -1;

/** Bytes one behind the other. */
export class Shelf {
  /** What was given out of the former one stays as it is. */
  bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  length = 0;

  /** Returns where they begin. */
  put(buffer: Uint8Array, start: number, end: number): number {
    const at = this.length;
    this.length += end - start;
    if (this.length > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * this.length);
      larger.set(this.bytes.subarray(0, at));
      this.bytes = larger;
    }
    const { bytes } = this;
    for (let from = start, to = at; from < end; from++, to++) bytes[to] = buffer[from]!;
    return at;
  }
}

const HIGH = 2 ** 32;

/** Words of a stretch: a number that tells what it is of, where it begins and where it ends. */
const ID_HIGH = 0;
const ID_LOW = 1;
const START = 2;
const END = 3;
const STRETCH_WORDS = 4;

/** Stretches of something. */
export class Stretches {
  /** One behind the other, so that what is known of one is read at once. */
  #words = new Int32Array(FIRST * STRETCH_WORDS);
  count = 0;

  /** `id`: a safe integer that is not negative. */
  add(id: number, start: number, end: number): void {
    const at = STRETCH_WORDS * this.count++;
    if (at === this.#words.length) this.#words = grown(this.#words);
    writeStretch(this.#words, at, id, start, end);
  }

  idOf(place: number): number {
    return readId(this.#words, STRETCH_WORDS * place);
  }

  startOf(place: number): number {
    return this.#words[STRETCH_WORDS * place + START]!;
  }

  endOf(place: number): number {
    return this.#words[STRETCH_WORDS * place + END]!;
  }
}

function writeStretch(words: Int32Array, at: number, id: number, start: number, end: number): void {
  words[at + ID_HIGH] = Math.floor(id / HIGH);
  words[at + ID_LOW] = id | 0;
  words[at + START] = start;
  words[at + END] = end;
}

function readId(words: Int32Array, at: number): number {
  return words[at + ID_HIGH]! * HIGH + (words[at + ID_LOW]! >>> 0);
}

function grown(from: Int32Array): Int32Array<ArrayBuffer> {
  const to = new Int32Array(2 * from.length);
  to.set(from);
  return to;
}

/** Words of a key behind those of what is filed under it. */
const HASH = 4;
const KEY_START = 5;
const KEY_END = 6;
const FILED_WORDS = 8;

/** A stretch under each of many keys, which lie on a shelf, by the order in which they were added. */
export class Filed {
  readonly #shelf: Shelf;
  #words = new Int32Array(FIRST * FILED_WORDS);
  #count = 0;
  /** Places by hash; the next free slot is taken. Never more than half full. */
  #slots = new Int32Array(2 * FIRST).fill(NOWHERE);

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
  }

  /** Where the key `buffer[start..end]` is; -1: nowhere. */
  placeOf(buffer: Uint8Array, start: number, end: number): number {
    const hash = hashBytes(buffer, start, end);
    const slots = this.#slots;
    const words = this.#words;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = slots[slot]!;
      if (place === NOWHERE) return NOWHERE;
      const at = FILED_WORDS * place;
      if (words[at + HASH] === hash && this.#isAt(words[at + KEY_START]!, words[at + KEY_END]!, buffer, start, end)) return place;
    }
  }

  /** A key that is not there. Puts it on the shelf, and what `put` answers under it. */
  add(
    buffer: Uint8Array,
    start: number,
    end: number,
    put: () => { readonly id: number; readonly start: number; readonly end: number },
  ): void {
    const keyStart = this.#shelf.put(buffer, start, end);
    const filed = put();
    const place = this.#count++;
    const at = FILED_WORDS * place;
    if (at === this.#words.length) this.#words = grown(this.#words);
    const words = this.#words;
    writeStretch(words, at, filed.id, filed.start, filed.end);
    words[at + HASH] = hashBytes(buffer, start, end);
    words[at + KEY_START] = keyStart;
    words[at + KEY_END] = keyStart + end - start;
    if (2 * this.#count > this.#slots.length) {
      this.#slots = new Int32Array(2 * this.#slots.length).fill(NOWHERE);
      for (let known = 0; known < place; known++) this.#file(known);
    }
    this.#file(place);
  }

  idOf(place: number): number {
    return readId(this.#words, FILED_WORDS * place);
  }

  startOf(place: number): number {
    return this.#words[FILED_WORDS * place + START]!;
  }

  endOf(place: number): number {
    return this.#words[FILED_WORDS * place + END]!;
  }

  #file(place: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = this.#words[FILED_WORDS * place + HASH]! & mask;
    while (slots[slot] !== NOWHERE) slot = (slot + 1) & mask;
    slots[slot] = place;
  }

  #isAt(own: number, ownEnd: number, buffer: Uint8Array, start: number, end: number): boolean {
    if (ownEnd - own !== end - start) return false;
    const { bytes } = this.#shelf;
    for (let at = start; at < end; at++, own++) if (bytes[own] !== buffer[at]) return false;
    return true;
  }
}
