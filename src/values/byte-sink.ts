/** Bytes that are being written: grows as needed. Writers keep `bytes` in a local variable only between two calls of `reserve`. */

/** A loop is faster than a call for few bytes, as most keys are. */
const FEW_BYTES = 48;

export class ByteSink {
  bytes: Uint8Array;
  length = 0;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Makes room for so many bytes more and gives back `bytes`. */
  reserve(count: number): Uint8Array {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return this.bytes;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, needed));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    return grown;
  }

  append(bytes: Uint8Array, from: number, to: number): void {
    const target = this.reserve(to - from);
    let at = this.length;
    for (let i = from; i < to; i++) target[at++] = bytes[i]!;
    this.length = at;
  }

  /** What was written from `start` on, in bytes of its own. */
  copyFrom(start: number): Uint8Array {
    const { bytes, length } = this;
    const copy = Buffer.allocUnsafe(length - start);
    if (length - start > FEW_BYTES) copy.set(bytes.subarray(start, length));
    else for (let i = start; i < length; i++) copy[i - start] = bytes[i]!;
    return copy;
  }
}
