/**
 * A text that all threads of a process share; gone with the process.
 *
 * There are two places, and a count of the texts so far that says which one holds the last. A new text is written to the other one and is there
 * from one store on, so a thread that ends while it writes leaves the text before. Whoever changes it holds a lock. Whoever reads holds none: if the
 * count has grown meanwhile, the one after that may be on its way into the place that was read, and it is read again.
 */
const COUNT = 0;
/** Two words, for the two places. */
const LENGTHS = 1;
const HEADER_BYTES = 16;

/** Pages that are never written cost no memory. */
export function createSharedText(limitBytes = 16 * 1024 * 1024): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER_BYTES + 2 * limitBytes);
}

export class SharedText {
  readonly #words: Int32Array;
  readonly #bytes: Buffer;
  readonly #limitBytes: number;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory, 0, HEADER_BYTES / 4);
    this.#bytes = Buffer.from(memory, HEADER_BYTES);
    this.#limitBytes = this.#bytes.length / 2;
  }

  read(): string {
    for (;;) {
      const count = Atomics.load(this.#words, COUNT);
      const place = count & 1;
      const start = place * this.#limitBytes;
      // A copy, because what makes a text of bytes looks at them twice and relies on finding the same.
      const bytes = Buffer.from(this.#bytes.subarray(start, start + Atomics.load(this.#words, LENGTHS + place)));
      // Not a load: no processor may put that before the copying.
      if (Atomics.compareExchange(this.#words, COUNT, count, count) === count) return bytes.toString();
    }
  }

  /** False when it is too long, and nothing has changed. */
  write(text: string): boolean {
    if (Buffer.byteLength(text) > this.#limitBytes) return false;
    const count = Atomics.load(this.#words, COUNT) + 1;
    const place = count & 1;
    Atomics.store(this.#words, LENGTHS + place, this.#bytes.write(text, place * this.#limitBytes));
    Atomics.store(this.#words, COUNT, count);
    return true;
  }
}
