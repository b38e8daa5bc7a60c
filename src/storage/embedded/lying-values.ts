/**
 * Values of entries where they lie, perhaps with the ids, when nothing else is asked for: what covered queries read, a million of them at a time.
 *
 * All of a batch lie in one window of the file, so that a place is a number. The lists are used again for the next batch.
 */
import type { EntryBatch, RowBatch, RowId } from '../engine.ts';
import { ID_BYTES, readId } from '../entry.ts';
import { IS_ELSEWHERE, NODE_HEAD_BYTES, nodeAt, type Window } from './pages.ts';
import { isIdInKey } from './row-list.ts';

/** Arrays of 64 bytes are made much faster than larger ones, and often little is read. */
const FIRST_ROOM = 16;
const NO_NUMBERS: readonly number[] = [];

export class LyingValues implements EntryBatch, RowBatch {
  /** With room for more, as the other lists; none at all where they are not wanted. */
  ids: Float64Array;
  readonly ranges = NO_NUMBERS;
  readonly values: RowBatch = this;
  buffer: Uint8Array = new Uint8Array(0);
  starts = new Int32Array(FIRST_ROOM);
  ends = new Int32Array(FIRST_ROOM);
  count = 0;
  readonly #hasIds: boolean;

  constructor({ withIds }: { readonly withIds: boolean }) {
    this.#hasIds = withIds;
    this.ids = new Float64Array(withIds ? FIRST_ROOM : 0);
  }

  clear(): void {
    this.count = 0;
  }

  /** Adds `buffer[start..end]`; false when the others lie in another buffer. */
  add(buffer: Uint8Array, start: number, end: number, id: RowId): boolean {
    if (this.count === 0) this.buffer = buffer;
    else if (this.buffer !== buffer) return false;
    this.#makeRoom(1);
    if (this.#hasIds) this.ids[this.count] = id;
    this.starts[this.count] = start;
    this.ends[this.count++] = end;
    return true;
  }

  /** Adds those of a leaf in the same window, from one place on, `count` of them, or fewer when one has pages of its own. Answers where it stopped. */
  addLeaf({ bytes, halves }: Window, leaf: number, from: number, count: number): number {
    this.#makeRoom(count);
    const { ids, starts, ends } = this;
    const hasIds = this.#hasIds;
    let added = this.count;
    let place = from;
    for (; place < from + count; place++) {
      const node = nodeAt(halves, leaf, place);
      const half = node >> 1;
      if ((halves[half + 2]! & IS_ELSEWHERE) !== 0) break;
      const start = node + NODE_HEAD_BYTES + halves[half + 3]!;
      const size = halves[half]! | (halves[half + 1]! << 16);
      const isInKey = isIdInKey(bytes, start, size);
      if (hasIds) ids[added] = readId(bytes, isInKey ? start - ID_BYTES : start);
      starts[added] = !isInKey ? start + ID_BYTES : size === 0 ? start : start + 1;
      ends[added++] = start + size;
    }
    this.count = added;
    return place;
  }

  #makeRoom(more: number): void {
    const needed = this.count + more;
    if (needed <= this.starts.length) return;
    const room = Math.max(needed, 4 * this.starts.length);
    const { ids, starts, ends } = this;
    if (this.#hasIds) {
      this.ids = new Float64Array(room);
      this.ids.set(ids);
    }
    this.starts = new Int32Array(room);
    this.starts.set(starts);
    this.ends = new Int32Array(room);
    this.ends.set(ends);
  }
}
