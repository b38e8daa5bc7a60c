/**
 * A map that keeps its keys in order and can be frozen cheaply: the writes of a transaction, while scans over them are open.
 *
 * Keys stand in chunks of bounded size. `freeze` shares the chunks with the frozen map, and whoever writes copies the one chunk it
 * writes to.
 */

export type Ordered = string | number;

interface Chunk<Key extends Ordered, Value> {
  readonly keys: Key[];
  readonly values: Value[];
  /** The map it was made for, at a time: another map, and the same after it was frozen, must copy it before it changes it. */
  readonly owner: number;
}

const CHUNK_LIMIT = 256;

let owners = 0;

export class SortedMap<Key extends Ordered, Value> {
  #chunks: Chunk<Key, Value>[] = [];
  #owner = ++owners;
  #hasSharedList = false;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get firstValue(): Value | undefined {
    return this.#chunks[0]?.values[0];
  }

  has(key: Key): boolean {
    const chunk = this.#chunks[this.#chunkOf(key)];
    return chunk !== undefined && chunk.keys[lowerBound(chunk.keys, key)] === key;
  }

  get(key: Key): Value | undefined {
    const chunk = this.#chunks[this.#chunkOf(key)];
    if (chunk === undefined) return undefined;
    const at = lowerBound(chunk.keys, key);
    return chunk.keys[at] === key ? chunk.values[at] : undefined;
  }

  set(key: Key, value: Value): void {
    if (this.#hasSharedList) this.#copyList();
    let which = this.#chunkOf(key);
    if (which === this.#chunks.length && which > 0) which--;
    const chunk = this.#ownChunk(which);
    const { keys, values } = chunk;
    const last = keys.length - 1;
    const at = last >= 0 && keys[last]! < key ? last + 1 : lowerBound(keys, key);
    if (keys[at] === key) {
      values[at] = value;
      return;
    }
    this.#size++;
    if (at === keys.length) {
      keys.push(key);
      values.push(value);
    } else {
      keys.splice(at, 0, key);
      values.splice(at, 0, value);
    }
    if (keys.length > CHUNK_LIMIT) this.#split(which);
  }

  delete(key: Key): void {
    if (this.#hasSharedList) this.#copyList();
    const which = this.#chunkOf(key);
    if (which === this.#chunks.length) return;
    const { keys, values } = this.#ownChunk(which);
    const at = lowerBound(keys, key);
    if (keys[at] !== key) return;
    keys.splice(at, 1);
    values.splice(at, 1);
    this.#size--;
    if (keys.length === 0) this.#chunks.splice(which, 1);
  }

  /** What is here now; later writes to this map do not show there. */
  freeze(): SortedMap<Key, Value> {
    const frozen = new SortedMap<Key, Value>();
    frozen.#chunks = this.#chunks;
    frozen.#size = this.#size;
    frozen.#hasSharedList = true;
    this.#hasSharedList = true;
    this.#owner = ++owners;
    return frozen;
  }

  /** All of it in order. */
  forEach(visit: (key: Key, value: Value) => void): void {
    for (const { keys, values } of this.#chunks) {
      for (let i = 0; i < keys.length; i++) visit(keys[i]!, values[i]!);
    }
  }

  /** From the first key that is not below `lower`. */
  *from(lower: Key | undefined): Generator<readonly [Key, Value]> {
    let which = lower === undefined ? 0 : this.#chunkOf(lower);
    let at = lower === undefined || which === this.#chunks.length ? 0 : lowerBound(this.#chunks[which]!.keys, lower);
    for (; which < this.#chunks.length; which++, at = 0) {
      const { keys, values } = this.#chunks[which]!;
      for (; at < keys.length; at++) yield [keys[at]!, values[at]!];
    }
  }

  /** Downwards from the last key below `upper`. */
  *before(upper: Key | undefined): Generator<readonly [Key, Value]> {
    let which = upper === undefined ? this.#chunks.length : this.#chunkOf(upper);
    let at = upper === undefined || which === this.#chunks.length ? 0 : lowerBound(this.#chunks[which]!.keys, upper);
    for (;;) {
      while (at > 0) {
        at--;
        const { keys, values } = this.#chunks[which]!;
        yield [keys[at]!, values[at]!];
      }
      if (which === 0) return;
      which--;
      at = this.#chunks[which]!.keys.length;
    }
  }

  /** The first chunk whose last key is not below `key`. */
  #chunkOf(key: Key): number {
    let low = 0;
    let high = this.#chunks.length;
    // Most keys come in ascending order.
    if (high > 0 && lastOf(this.#chunks[high - 1]!.keys) < key) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (lastOf(this.#chunks[middle]!.keys) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #ownChunk(which: number): Chunk<Key, Value> {
    const chunk = this.#chunks[which];
    if (chunk?.owner === this.#owner) return chunk;
    const own = { keys: chunk?.keys.slice() ?? [], values: chunk?.values.slice() ?? [], owner: this.#owner };
    this.#chunks[which] = own;
    return own;
  }

  #copyList(): void {
    this.#chunks = this.#chunks.slice();
    this.#hasSharedList = false;
  }

  #split(which: number): void {
    const { keys, values } = this.#chunks[which]!;
    // Ascending inserts fill the last chunk: leave it full and go on in an empty one.
    const cut = which === this.#chunks.length - 1 ? keys.length - 1 : keys.length >> 1;
    const upper = { keys: keys.splice(cut), values: values.splice(cut), owner: this.#owner };
    this.#chunks.splice(which + 1, 0, upper);
  }
}

function lastOf<Key extends Ordered>(keys: readonly Key[]): Key {
  return keys[keys.length - 1]!;
}

/** Where the first key stands that is not below `key`. */
function lowerBound<Key extends Ordered>(keys: readonly Key[], key: Key): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
