/**
 * Entries under many keys, as hops ask for them: tens of thousands at once. Arrays that grow so large by being pushed to cost more than reading
 * what is put into them, so these are of one kind of number each.
 */
import type { EntryBatch } from '../engine.ts';
import { ID_BYTES, readId } from '../entry.ts';
import { LyingValues } from './lying-values.ts';
import { IS_ELSEWHERE, NODE_HEAD_BYTES, nodeAt, type MappedPages, type Window } from './pages.ts';
import { copyInto, isIdInKey, type LeafEntries } from './row-list.ts';

const PREFIX_BYTES = 4;
/** For each key that is asked for. */
const FIRST_ROOM = 4;

export class ManyEntries {
  count = 0;
  #ids: Float64Array;
  #ranges: Int32Array;
  readonly #values = new LyingValues({ withIds: false });
  /** Where values are copied to as soon as they do not lie in one window. */
  #copies: Copies | undefined;

  constructor(keys: number) {
    this.#ids = new Float64Array(FIRST_ROOM * keys);
    this.#ranges = new Int32Array(FIRST_ROOM * keys);
  }

  /** As `EntryList.addLeaf`. */
  addLeaf(
    mapped: MappedPages,
    window: Window,
    leaf: number,
    [from, end]: readonly [from: number, end: number],
    { range, onlyLength, count }: LeafEntries,
  ): void {
    const { halves } = window;
    for (let place = from; place < end && this.count < count; place++) {
      this.addNode(mapped, window, nodeAt(halves, leaf, place), range, onlyLength);
    }
  }

  /** As `EntryList.addNode`. */
  addNode(mapped: MappedPages, window: Window, node: number, range: number, onlyLength: number | undefined): void {
    const { bytes, halves } = window;
    const half = node >> 1;
    const keySize = halves[half + 3]!;
    const keyEnd = node + NODE_HEAD_BYTES + keySize;
    const size = halves[half]! | (halves[half + 1]! << 16);
    let stored = bytes;
    let start = keyEnd;
    if ((halves[half + 2]! & IS_ELSEWHERE) !== 0) {
      mapped.readValue(window, node);
      stored = mapped.bytes;
      start = mapped.start;
    }
    const valueEnd = start + size;
    const hasId = isIdInKey(stored, start, size);
    if (keySize - PREFIX_BYTES - (hasId ? ID_BYTES : 0) !== onlyLength) return;
    if (this.count === this.#ids.length) this.#makeRoom();
    this.#ids[this.count] = hasId ? readId(bytes, keyEnd - ID_BYTES) : readId(stored, start);
    this.#ranges[this.count++] = range;
    if (!hasId) start += ID_BYTES;
    else if (size > 0) start++;
    if (this.#copies !== undefined || !this.#values.add(stored, start, valueEnd, 0)) this.#copy(stored, start, valueEnd);
  }

  /** All that was added. */
  finish(): EntryBatch {
    const { count } = this;
    const { buffer, starts, ends } = this.#values;
    const ids = this.#ids.subarray(0, count);
    return { count, ids, ranges: this.#ranges.subarray(0, count), values: { count, ids, buffer, starts, ends } };
  }

  #makeRoom(): void {
    const room = 2 * this.#ids.length;
    const [ids, ranges] = [new Float64Array(room), new Int32Array(room)];
    ids.set(this.#ids);
    ranges.set(this.#ranges);
    this.#ids = ids;
    this.#ranges = ranges;
  }

  #copy(source: Uint8Array, start: number, end: number): void {
    const values = this.#values;
    const copies = (this.#copies ??= this.#copyAll());
    const at = copies.add(source, start, end);
    values.buffer = copies.buffer;
    values.add(copies.buffer, at, at + end - start, 0);
  }

  /** From here on all values are in a buffer of their own. */
  #copyAll(): Copies {
    const { buffer, starts, ends, count } = this.#values;
    const copies = new Copies();
    for (let i = 0; i < count; i++) {
      const size = ends[i]! - starts[i]!;
      starts[i] = copies.add(buffer, starts[i]!, ends[i]!);
      ends[i] = starts[i]! + size;
    }
    return copies;
  }
}

const FIRST_BYTES = 4096;

/** Bytes that are put one behind the other. */
class Copies {
  buffer: Uint8Array = Buffer.allocUnsafe(FIRST_BYTES);
  #used = 0;

  /** Answers where they are now. */
  add(source: Uint8Array, start: number, end: number): number {
    const at = this.#used;
    this.#used += end - start;
    if (this.#used > this.buffer.length) {
      const more = Buffer.allocUnsafe(2 * this.#used);
      more.set(this.buffer.subarray(0, at));
      this.buffer = more;
    }
    copyInto(this.buffer, at, source, start, end);
    return at;
  }
}
