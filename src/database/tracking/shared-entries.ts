/**
 * Entries that all threads of the process see: small lists and caches in shared memory. An entry is a JSON object (`head`) and a text
 * (`body`) that is only read when it is asked for.
 *
 * A lock is held for each operation, which is short. A thread that dies with it would leave entries half written, so whoever waits too
 * long takes the lock and begins with an empty list: what is kept here may be lost at any time.
 *
 * Layout: words (lock, number of entries, bytes in use, three words for each entry: where it begins and how long its parts are), then the
 * bytes, the oldest entry first and without gaps. The memory grows as far as it is used.
 */
import type { ValueObject } from '#values';

const LOCK = 0;
const COUNT = 1;
const USED = 2;
const ENTRIES = 4;
/** Words of an entry: its beginning, the bytes of its head, those of its body. */
const ENTRY = 3;
const WAIT_LIMIT_MS = 2000;

export interface SharedEntriesSize {
  readonly entries: number;
  readonly bytes: number;
}

interface Place {
  readonly start: number;
  readonly headBytes: number;
  readonly bodyBytes: number;
}

export function createEntriesMemory({ entries, bytes }: SharedEntriesSize): SharedArrayBuffer {
  const first = bytesOffset(entries);
  return new SharedArrayBuffer(first, { maxByteLength: first + bytes });
}

/** Where the bytes begin. The number of places follows from it, so it is kept in the words too. */
function bytesOffset(entries: number): number {
  return (ENTRIES + entries * ENTRY) * 4;
}

export class SharedEntries {
  readonly #memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #offset: number;
  readonly #entryLimit: number;

  constructor(memory: SharedArrayBuffer, entries: number) {
    this.#memory = memory;
    this.#offset = bytesOffset(entries);
    this.#words = new Int32Array(memory, 0, this.#offset / 4);
    this.#entryLimit = entries;
  }

  /** All heads, the oldest first. */
  list(): readonly ValueObject[] {
    return this.#locked(() => this.#places().map((place) => this.#head(place)));
  }

  /** The newest entry that is wanted, with its body. */
  find(isWanted: (head: ValueObject) => boolean): { readonly head: ValueObject; readonly body: string } | undefined {
    return this.#locked(() => {
      for (const place of this.#places().toReversed()) {
        const head = this.#head(place);
        if (isWanted(head)) return { head, body: this.#text(place.start + place.headBytes, place.bodyBytes) };
      }
      return undefined;
    });
  }

  /** Adds an entry in the place of those that it replaces; the oldest that `mayGo` make room. False: it is too large. */
  add(head: ValueObject, body: string, replaces: (head: ValueObject) => boolean, limits: Partial<SharedEntriesSize> = {}): boolean {
    const headText = Buffer.from(JSON.stringify(head));
    const bodyText = Buffer.from(body);
    const size = headText.length + bodyText.length;
    const bytesLimit = Math.min(limits.bytes ?? Infinity, this.#memory.maxByteLength - this.#offset);
    const entryLimit = Math.min(limits.entries ?? Infinity, this.#entryLimit);
    if (size > bytesLimit || entryLimit < 1) return false;
    return this.#locked(() => {
      const kept = this.#places().filter((place) => !replaces(this.#head(place)));
      let bytes = kept.reduce((sum, place) => sum + place.headBytes + place.bodyBytes, 0);
      while (kept.length >= entryLimit || bytes + size > bytesLimit) {
        const oldest = kept.shift();
        bytes -= oldest === undefined ? 0 : oldest.headBytes + oldest.bodyBytes;
      }
      this.#keep(kept);
      const start = this.#words[USED] ?? 0;
      this.#grow(start + size);
      const target = new Uint8Array(this.#memory, this.#offset + start, size);
      target.set(headText, 0);
      target.set(bodyText, headText.length);
      this.#append({ start, headBytes: headText.length, bodyBytes: bodyText.length });
      return true;
    });
  }

  /** The number of entries that are gone. */
  remove(isUnwanted: (head: ValueObject) => boolean): number {
    return this.#locked(() => {
      const places = this.#places();
      const kept = places.filter((place) => !isUnwanted(this.#head(place)));
      if (kept.length < places.length) this.#keep(kept);
      return places.length - kept.length;
    });
  }

  #places(): Place[] {
    return Array.from({ length: this.#words[COUNT] ?? 0 }, (_, i) => {
      const [start = 0, headBytes = 0, bodyBytes = 0] = this.#words.subarray(ENTRIES + i * ENTRY, ENTRIES + (i + 1) * ENTRY);
      return { start, headBytes, bodyBytes };
    });
  }

  #append({ start, headBytes, bodyBytes }: Place): void {
    const count = this.#words[COUNT] ?? 0;
    this.#words.set([start, headBytes, bodyBytes], ENTRIES + count * ENTRY);
    this.#words[COUNT] = count + 1;
    this.#words[USED] = start + headBytes + bodyBytes;
  }

  /** Closes the gaps between the entries that stay. */
  #keep(places: readonly Place[]): void {
    const bytes = new Uint8Array(this.#memory, this.#offset);
    this.#words[COUNT] = 0;
    this.#words[USED] = 0;
    for (const { start, headBytes, bodyBytes } of places) {
      const to = this.#words[USED] ?? 0;
      bytes.copyWithin(to, start, start + headBytes + bodyBytes);
      this.#append({ start: to, headBytes, bodyBytes });
    }
  }

  #grow(bytes: number): void {
    const needed = this.#offset + bytes;
    if (needed <= this.#memory.byteLength) return;
    this.#memory.grow(Math.min(this.#memory.maxByteLength, Math.max(needed, 2 * this.#memory.byteLength)));
  }

  #head({ start, headBytes }: Place): ValueObject {
    return JSON.parse(this.#text(start, headBytes)) as ValueObject;
  }

  #text(start: number, length: number): string {
    return Buffer.from(new Uint8Array(this.#memory, this.#offset + start, length)).toString();
  }

  #locked<Result>(action: () => Result): Result {
    while (Atomics.compareExchange(this.#words, LOCK, 0, 1) !== 0) {
      if (Atomics.wait(this.#words, LOCK, 1, WAIT_LIMIT_MS) !== 'timed-out') continue;
      this.#words[COUNT] = 0;
      this.#words[USED] = 0;
      break;
    }
    try {
      return action();
    } finally {
      Atomics.store(this.#words, LOCK, 0);
      Atomics.notify(this.#words, LOCK);
    }
  }
}
