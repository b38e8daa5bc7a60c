/** Memory that all threads see, of which pieces are taken one behind the other and given back all at once. */

/** How much there is. What is never taken costs no memory. */
export const ARENA_BYTES = 32 * 1024 * 1024;
export const NOWHERE = 0;

/** Words of the header, 32 bits each. */
const TOP = 0;
const IS_FULL = 1;
const DIRECTORY_COUNT = 2;
const DIRECTORY = 4;
const DIRECTORY_SIZE = 64;
/** Words of a name in the directory: two of the name, and those that are its owner's. */
const NAME_HIGH = 0;
const NAME_LOW = 1;
const OWN = 2;
const ENTRY_WORDS = 4;
const HEADER_WORDS = DIRECTORY + DIRECTORY_SIZE * ENTRY_WORDS;

const WORD_BYTES = 4;
const HIGH = 2 ** 32;
/** Shorter ones are copied byte by byte. */
const LONG_BYTES = 64;
/** What may be lost between bytes and the words behind them, a few times over. */
const GAPS_BYTES = 4 * WORD_BYTES;

/**
 * Whoever takes pieces keeps others from doing so; anybody may read what was taken, once it can be found. Places are in words from the
 * beginning; 0 is none.
 */
export class Arena {
  readonly words: Int32Array;
  readonly bytes: Buffer;

  constructor(memory: SharedArrayBuffer, start: number) {
    this.words = new Int32Array(memory, start, ARENA_BYTES / WORD_BYTES);
    this.bytes = Buffer.from(memory, start, ARENA_BYTES);
  }

  /** All that was taken is free again. */
  clear(): void {
    this.words[TOP] = HEADER_WORDS * WORD_BYTES;
    this.words[IS_FULL] = 0;
    Atomics.store(this.words, DIRECTORY_COUNT, 0);
  }

  /** Somebody wanted more than there was. */
  get isFull(): boolean {
    return Atomics.load(this.words, IS_FULL) === 1;
  }

  /** False where so much cannot be taken any more: then the arena is full. */
  hasRoom(words: number, bytes = 0): boolean {
    const isThere = this.words[TOP]! + words * WORD_BYTES + bytes + GAPS_BYTES <= ARENA_BYTES;
    if (!isThere) Atomics.store(this.words, IS_FULL, 1);
    return isThere;
  }

  /** For so many words there must be room. */
  takeWords(count: number): number {
    const place = Math.ceil(this.words[TOP]! / WORD_BYTES);
    this.words[TOP] = (place + count) * WORD_BYTES;
    return place;
  }

  /** Copies bytes, for which there must be room; returns where they begin. */
  putBytes(buffer: Uint8Array, start: number, end: number): number {
    const at = this.words[TOP]!;
    this.words[TOP] = at + end - start;
    const { bytes } = this;
    if (end - start >= LONG_BYTES) bytes.set(buffer.subarray(start, end), at);
    else for (let from = start, to = at; from < end; from++, to++) bytes[to] = buffer[from]!;
    return at;
  }

  /** Two words that belong to a name, a number of up to 56 bits; 0: it is not there. */
  named(name: number): number {
    const high = Math.floor(name / HIGH);
    const low = name | 0;
    const count = Atomics.load(this.words, DIRECTORY_COUNT);
    for (let i = 0, at = DIRECTORY; i < count; i++, at += ENTRY_WORDS) {
      if (this.words[at + NAME_LOW] === low && this.words[at + NAME_HIGH] === high) return at + OWN;
    }
    return NOWHERE;
  }

  /** The same for a name that is not there; they are 0 at first. */
  addName(name: number): number {
    const count = this.words[DIRECTORY_COUNT]!;
    if (count === DIRECTORY_SIZE) {
      Atomics.store(this.words, IS_FULL, 1);
      return NOWHERE;
    }
    const at = DIRECTORY + count * ENTRY_WORDS;
    this.words[at + NAME_HIGH] = Math.floor(name / HIGH);
    this.words[at + NAME_LOW] = name | 0;
    this.words.fill(0, at + OWN, at + ENTRY_WORDS);
    Atomics.store(this.words, DIRECTORY_COUNT, count + 1);
    return at + OWN;
  }
}

/** Words of a stretch: a number that tells what it is of, where it begins and where it ends. */
const ID_HIGH = 0;
const ID_LOW = 1;
const START = 2;
const END = 3;
export const STRETCH_WORDS = 4;

/** `id`: a safe integer that is not negative. */
export function writeStretch(words: Int32Array, at: number, id: number, start: number, end: number): void {
  words[at + ID_HIGH] = Math.floor(id / HIGH);
  words[at + ID_LOW] = id | 0;
  words[at + START] = start;
  words[at + END] = end;
}

export function idAt(words: Int32Array, at: number): number {
  return words[at + ID_HIGH]! * HIGH + (words[at + ID_LOW]! >>> 0);
}

export function startAt(words: Int32Array, at: number): number {
  return words[at + START]!;
}

export function endAt(words: Int32Array, at: number): number {
  return words[at + END]!;
}
