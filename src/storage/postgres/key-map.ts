/**
 * A map by keys that lie in buffers: neither texts nor copies are made of them. Answers have hundreds of keys, of which most are looked for once.
 */
import { hashBytes } from '#base';

const FIRST_SLOTS = 64;
const EMPTY = -1;
/** Numbers of a key: where it begins, where it ends, its hash. */
const WORDS = 3;

export class KeyMap<Value> {
  readonly #buffers: Uint8Array[] = [];
  readonly #values: Value[] = [];
  /** The numbers of one key after the other's. */
  #keys = new Int32Array((WORDS * FIRST_SLOTS) / 2);
  /** Places of keys by hash; the next free slot is taken. Never more than half full. */
  #slots = new Int32Array(FIRST_SLOTS).fill(EMPTY);

  get size(): number {
    return this.#values.length;
  }

  /** What is kept under `buffer[start..end]`. */
  get(buffer: Uint8Array, start = 0, end = buffer.length): Value | undefined {
    const place = this.#slots[this.#slotOf(hashBytes(buffer, start, end), buffer, start, end)]!;
    return place === EMPTY ? undefined : this.#values[place];
  }

  /** The buffer must not be written to any more. */
  set(value: Value, buffer: Uint8Array, start = 0, end = buffer.length): void {
    const hash = hashBytes(buffer, start, end);
    const slot = this.#slotOf(hash, buffer, start, end);
    const known = this.#slots[slot]!;
    if (known !== EMPTY) {
      this.#values[known] = value;
      return;
    }
    const place = this.size;
    this.#slots[slot] = place;
    this.#values.push(value);
    this.#buffers.push(buffer);
    const at = WORDS * place;
    this.#keys[at] = start;
    this.#keys[at + 1] = end;
    this.#keys[at + 2] = hash;
    if (2 * this.size === this.#slots.length) this.#grow();
  }

  forEach(see: (value: Value, buffer: Uint8Array, start: number, end: number) => void): void {
    for (let i = 0; i < this.size; i++) see(this.#values[i]!, this.#buffers[i]!, this.#keys[WORDS * i]!, this.#keys[WORDS * i + 1]!);
  }

  /** Where the key is, or would be. */
  #slotOf(hash: number, buffer: Uint8Array, start: number, end: number): number {
    const slots = this.#slots;
    const keys = this.#keys;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let place = slots[slot]!; place !== EMPTY; place = slots[slot]!) {
      const at = WORDS * place;
      if (keys[at + 2] === hash && areSame(this.#buffers[place]!, keys[at]!, keys[at + 1]!, buffer, start, end)) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const slots = new Int32Array(4 * this.#slots.length).fill(EMPTY);
    const keys = new Int32Array((WORDS * slots.length) / 2);
    keys.set(this.#keys);
    const mask = slots.length - 1;
    for (let place = 0; place < this.size; place++) {
      let slot = keys[WORDS * place + 2]! & mask;
      while (slots[slot] !== EMPTY) slot = (slot + 1) & mask;
      slots[slot] = place;
    }
    this.#slots = slots;
    this.#keys = keys;
  }
}

/** Whether two stretches of bytes are the same. Keys that differ mostly do so at their ends. */
function areSame(one: Uint8Array, start: number, end: number, other: Uint8Array, otherStart: number, otherEnd: number): boolean {
  const length = end - start;
  if (otherEnd - otherStart !== length) return false;
  for (let i = length - 1; i >= 0; i--) if (one[start + i] !== other[otherStart + i]) return false;
  return true;
}
