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

/** Stretches of something, each with a number that tells what it is of. */
export class Stretches {
  ids = new Float64Array(FIRST);
  starts = new Int32Array(FIRST);
  ends = new Int32Array(FIRST);
  count = 0;

  add(id: number, start: number, end: number): void {
    const place = this.count++;
    if (place === this.ids.length) {
      this.ids = grown(this.ids, new Float64Array(2 * place));
      this.starts = grown(this.starts, new Int32Array(2 * place));
      this.ends = grown(this.ends, new Int32Array(2 * place));
    }
    this.ids[place] = id;
    this.starts[place] = start;
    this.ends[place] = end;
  }
}

function grown<Numbers extends Float64Array | Int32Array>(from: Numbers, to: Numbers): Numbers {
  to.set(from);
  return to;
}

/** Keys that lie on a shelf, by the order in which they were added. */
export class Keys {
  readonly #shelf: Shelf;
  /** Each with its hash. */
  readonly #keys = new Stretches();
  /** Places by hash; the next free slot is taken. Never more than half full. */
  #slots = new Int32Array(2 * FIRST).fill(NOWHERE);

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
  }

  /** Which of them is `buffer[start..end]`; -1: none. */
  placeOf(buffer: Uint8Array, start: number, end: number): number {
    const hash = hashBytes(buffer, start, end);
    const slots = this.#slots;
    const { ids, starts, ends } = this.#keys;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = slots[slot]!;
      if (place === NOWHERE) return NOWHERE;
      if (ids[place] === hash && this.#isAt(starts[place]!, ends[place]!, buffer, start, end)) return place;
    }
  }

  has(buffer: Uint8Array, start: number, end: number): boolean {
    return this.placeOf(buffer, start, end) !== NOWHERE;
  }

  /** One that is not among them, from its place on the shelf. */
  add(start: number, end: number): void {
    const place = this.#keys.count;
    this.#keys.add(hashBytes(this.#shelf.bytes, start, end), start, end);
    if (2 * this.#keys.count > this.#slots.length) {
      this.#slots = new Int32Array(2 * this.#slots.length).fill(NOWHERE);
      for (let known = 0; known < place; known++) this.#file(known);
    }
    this.#file(place);
  }

  #file(place: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = this.#keys.ids[place]! & mask;
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
