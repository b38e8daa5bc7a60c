/**
 * Values of entries where they lie, when nothing else is asked for: what covered queries read, a million of them at a time.
 *
 * All of a batch lie in one window of the file, so that a place is a number. The lists are used again for the next batch.
 */
import type { EntryBatch, RowBatch } from '../engine.ts';
import { ID_BYTES } from '../entry.ts';
import { IS_ELSEWHERE, NODE_HEAD_BYTES, nodeAt, type Window } from './pages.ts';
import { isIdInKey } from './row-list.ts';

/** Arrays of 64 bytes are made much faster than larger ones, and often little is read. */
const FIRST_ROOM = 16;
const NO_NUMBERS: readonly number[] = [];

export class LyingValues implements EntryBatch, RowBatch {
  readonly ids = NO_NUMBERS;
  readonly ranges = NO_NUMBERS;
  readonly values: RowBatch = this;
  buffer: Uint8Array = new Uint8Array(0);
  starts = new Int32Array(FIRST_ROOM);
  ends = new Int32Array(FIRST_ROOM);
  count = 0;

  clear(): void {
    this.count = 0;
  }

  /** Adds `buffer[start..end]`; false when the others lie in another buffer. */
  add(buffer: Uint8Array, start: number, end: number): boolean {
    if (this.count === 0) this.buffer = buffer;
    else if (this.buffer !== buffer) return false;
    this.#makeRoom(1);
    this.starts[this.count] = start;
    this.ends[this.count++] = end;
    return true;
  }

  /** Adds those of a leaf in the same window, from one place on, `count` of them, or fewer when one has pages of its own. Answers where it stopped. */
  addLeaf({ bytes, halves }: Window, leaf: number, from: number, count: number): number {
    this.#makeRoom(count);
    const { starts, ends } = this;
    let added = this.count;
    let place = from;
    for (; place < from + count; place++) {
      const node = nodeAt(halves, leaf, place);
      const half = node >> 1;
      if ((halves[half + 2]! & IS_ELSEWHERE) !== 0) break;
      const start = node + NODE_HEAD_BYTES + halves[half + 3]!;
      const size = halves[half]! | (halves[half + 1]! << 16);
      starts[added] = !isIdInKey(bytes, start, size) ? start + ID_BYTES : size === 0 ? start : start + 1;
      ends[added++] = start + size;
    }
    this.count = added;
    return place;
  }

  #makeRoom(more: number): void {
    const needed = this.count + more;
    if (needed <= this.starts.length) return;
    const room = Math.max(needed, 4 * this.starts.length);
    this.starts = grown(this.starts, room);
    this.ends = grown(this.ends, room);
  }
}

function grown(from: Int32Array, room: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(room);
  to.set(from);
  return to;
}
