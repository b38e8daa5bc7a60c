/**
 * A map by keys that lie in buffers: neither texts nor copies are made of them. Answers have hundreds of keys, of which most are looked for once.
 */
const FIRST_SLOTS = 64;
const EMPTY = -1;

export class KeyMap<Value> {
  readonly #buffers: Uint8Array[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #hashes: number[] = [];
  readonly #values: Value[] = [];
  /** Places in the arrays by hash; the next free slot is taken. Always less than half full. */
  #slots = new Int32Array(FIRST_SLOTS).fill(EMPTY);

  get size(): number {
    return this.#values.length;
  }

  /** What is kept under `buffer[start..end]`. */
  get(buffer: Uint8Array, start = 0, end = buffer.length): Value | undefined {
    return this.#values[this.#slots[this.#slotOf(hashOf(buffer, start, end), buffer, start, end)]!];
  }

  /** The buffer must not be written to any more. */
  set(value: Value, buffer: Uint8Array, start = 0, end = buffer.length): void {
    const hash = hashOf(buffer, start, end);
    const slot = this.#slotOf(hash, buffer, start, end);
    const known = this.#slots[slot]!;
    if (known !== EMPTY) {
      this.#values[known] = value;
      return;
    }
    this.#slots[slot] = this.#values.push(value) - 1;
    this.#buffers.push(buffer);
    this.#starts.push(start);
    this.#ends.push(end);
    this.#hashes.push(hash);
    if (2 * this.size >= this.#slots.length) this.#grow();
  }

  /** Where the key is, or would be. */
  #slotOf(hash: number, buffer: Uint8Array, start: number, end: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let place = slots[slot]!; place !== EMPTY; place = slots[slot]!) {
      if (this.#hashes[place] === hash && this.#isSame(place, buffer, start, end)) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #isSame(place: number, buffer: Uint8Array, start: number, end: number): boolean {
    const own = this.#starts[place]!;
    return areSame(this.#buffers[place]!, own, this.#ends[place]!, buffer, start, end);
  }

  #grow(): void {
    const slots = new Int32Array(4 * this.#slots.length).fill(EMPTY);
    const mask = slots.length - 1;
    for (let place = 0; place < this.size; place++) {
      let slot = this.#hashes[place]! & mask;
      while (slots[slot] !== EMPTY) slot = (slot + 1) & mask;
      slots[slot] = place;
    }
    this.#slots = slots;
  }
}

/** Whether two stretches of bytes are the same. Keys that differ mostly do so at their ends. */
function areSame(one: Uint8Array, start: number, end: number, other: Uint8Array, otherStart: number, otherEnd: number): boolean {
  const length = end - start;
  if (otherEnd - otherStart !== length) return false;
  for (let i = length - 1; i >= 0; i--) if (one[start + i] !== other[otherStart + i]) return false;
  return true;
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x9e3779b1) ^ (hash >>> 15);
  return hash ^ (hash >>> 13);
}
