/**
 * A text that all threads of a process share; gone with the process.
 *
 * There are two places, and a word that says which one counts. A new text is written to the other one and counts from one store on, so
 * a thread that ends while it writes leaves the text before. Whoever changes it holds a lock.
 */
const ACTIVE = 0;
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
    const active = Atomics.load(this.#words, ACTIVE);
    const start = active * this.#limitBytes;
    return this.#bytes.toString('utf8', start, start + Atomics.load(this.#words, 1 + active));
  }

  /** False when it is too long, and nothing has changed. */
  write(text: string): boolean {
    if (Buffer.byteLength(text) > this.#limitBytes) return false;
    const next = 1 - Atomics.load(this.#words, ACTIVE);
    Atomics.store(this.#words, 1 + next, this.#bytes.write(text, next * this.#limitBytes));
    Atomics.store(this.#words, ACTIVE, next);
    return true;
  }
}
