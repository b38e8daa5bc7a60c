/** A cache of bounded size that forgets first what was not asked for the longest time. */
export class LeastRecentlyUsed<Key, Value> {
  readonly #limit: number;
  readonly #entries = new Map<Key, Value>();
  #lastKey: Key | undefined;
  #lastValue: Value | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The value of `key`, made by `make` when it is not there. What `make` throws is not kept. */
  get(key: Key, make: (key: Key) => Value): Value {
    // Queries ask for the same key row after row, and the last one is found without looking.
    if (key === this.#lastKey && this.#lastValue !== undefined) return this.#lastValue;
    let found = this.#entries.get(key);
    if (found === undefined) found = make(key);
    else this.#entries.delete(key);
    this.#entries.set(key, found);
    if (this.#entries.size > this.#limit) this.#entries.delete(this.#entries.keys().next().value as Key);
    this.#lastKey = key;
    this.#lastValue = found;
    return found;
  }
}
