/**
 * The vertices that a walk through a graph has met, by numbers: what the walk remembers of a vertex is looked up in arrays, and most are never
 * more than their number.
 *
 * A vertex is its `_id` in UTF-8 with a NUL behind, as indexes file it. Numbers are given out in ascending order, beginning with 0.
 */
import { hashBytes } from '#base';

/** Small arrays are made much faster than larger ones, and many walks are short. */
const FIRST_VERTICES = 8;
const SLASH = 0x2f;
const EMPTY = -1;

export class VertexTable {
  #bytes = Buffer.allocUnsafe(FIRST_VERTICES * 16);
  #bytesUsed = 0;
  #count = 0;
  /** Of each vertex: where it begins and where its key begins. Where the next one would begin is where it ends. */
  #starts = new Int32Array(FIRST_VERTICES + 1);
  #keyStarts = new Int32Array(FIRST_VERTICES);
  #hashes = new Int32Array(FIRST_VERTICES);
  /** Numbers by hash; the next free slot is taken. Always less than half full. */
  #slots = new Int32Array(2 * FIRST_VERTICES).fill(EMPTY);

  get count(): number {
    return this.#count;
  }

  /** Of the vertex whose `_id` is `buffer[start..end]`. */
  numberOf(buffer: Uint8Array, start: number, end: number): number {
    const hash = hashBytes(buffer, start, end);
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let known = slots[slot]!; known !== EMPTY; known = slots[slot]!) {
      if (this.#hashes[known] === hash && this.#isSame(known, buffer, start, end)) return known;
      slot = (slot + 1) & mask;
    }
    const added = this.#add(buffer, start, end, hash);
    slots[slot] = added;
    if (2 * this.#count >= slots.length) this.#growSlots();
    return added;
  }

  numberOfId(id: string): number {
    const bytes = Buffer.from(id);
    return this.numberOf(bytes, 0, bytes.length);
  }

  idOf(vertex: number): string {
    return this.#bytes.toString('utf8', this.#starts[vertex], this.#starts[vertex + 1]! - 1);
  }

  /** The name of the collection that it belongs to. */
  collectionOf(vertex: number): string {
    return this.#bytes.toString('utf8', this.#starts[vertex], this.#keyStarts[vertex]! - 1);
  }

  /** Of one vertex at least. */
  areInSameCollection(vertices: ArrayLike<number>): boolean {
    const first = vertices[0]!;
    for (let i = 1; i < vertices.length; i++) if (!this.#isInSameCollection(vertices[i]!, first)) return false;
    return true;
  }

  #isInSameCollection(vertex: number, other: number): boolean {
    const [start, otherStart] = [this.#starts[vertex]!, this.#starts[other]!];
    const length = this.#keyStarts[vertex]! - start;
    if (this.#keyStarts[other]! - otherStart !== length) return false;
    const bytes = this.#bytes;
    for (let i = 0; i < length; i++) if (bytes[start + i] !== bytes[otherStart + i]) return false;
    return true;
  }

  /** What edges at vertices are filed under. */
  filedIds(vertices: ArrayLike<number>): Uint8Array[] {
    return this.#filed(vertices, this.#starts);
  }

  /** What documents of vertices are filed under. */
  filedKeys(vertices: ArrayLike<number>): Uint8Array[] {
    return this.#filed(vertices, this.#keyStarts);
  }

  /** The bytes of each from one of these places on. */
  #filed(vertices: ArrayLike<number>, from: Int32Array): Uint8Array[] {
    const { buffer, byteOffset } = this.#bytes;
    const filed: Uint8Array[] = [];
    for (let i = 0; i < vertices.length; i++) {
      const start = from[vertices[i]!]!;
      filed.push(new Uint8Array(buffer, byteOffset + start, this.#starts[vertices[i]! + 1]! - start));
    }
    return filed;
  }

  #isSame(vertex: number, buffer: Uint8Array, start: number, end: number): boolean {
    const own = this.#starts[vertex]!;
    const length = end - start;
    if (this.#starts[vertex + 1]! - own - 1 !== length) return false;
    const bytes = this.#bytes;
    for (let i = length - 1; i >= 0; i--) if (bytes[own + i] !== buffer[start + i]) return false;
    return true;
  }

  #add(buffer: Uint8Array, start: number, end: number, hash: number): number {
    const vertex = this.#count++;
    const size = end - start + 1;
    if (vertex === this.#hashes.length) this.#growVertices();
    if (this.#bytesUsed + size > this.#bytes.length) this.#growBytes(size);
    const bytes = this.#bytes;
    let at = this.#bytesUsed;
    let slash = start;
    while (slash < end && buffer[slash] !== SLASH) slash++;
    this.#keyStarts[vertex] = at + slash + 1 - start;
    for (let i = start; i < end; i++) bytes[at++] = buffer[i]!;
    bytes[at++] = 0;
    this.#bytesUsed = at;
    this.#starts[vertex + 1] = at;
    this.#hashes[vertex] = hash;
    return vertex;
  }

  #growVertices(): void {
    const grown = (from: Int32Array, length: number): Int32Array<ArrayBuffer> => {
      const to = new Int32Array(length);
      to.set(from);
      return to;
    };
    const length = 4 * this.#hashes.length;
    this.#starts = grown(this.#starts, length + 1);
    this.#keyStarts = grown(this.#keyStarts, length);
    this.#hashes = grown(this.#hashes, length);
  }

  /** What was given out of the old bytes stays as it is. */
  #growBytes(size: number): void {
    const bytes = Buffer.allocUnsafe(2 * this.#bytes.length + size);
    bytes.set(this.#bytes.subarray(0, this.#bytesUsed));
    this.#bytes = bytes;
  }

  #growSlots(): void {
    const slots = new Int32Array(4 * this.#slots.length).fill(EMPTY);
    const mask = slots.length - 1;
    for (let vertex = 0; vertex < this.#count; vertex++) {
      let slot = this.#hashes[vertex]! & mask;
      while (slots[slot] !== EMPTY) slot = (slot + 1) & mask;
      slots[slot] = vertex;
    }
    this.#slots = slots;
  }
}
