/** Walks over what the server answers, a batch at a time: small ones first, then larger ones, as far as rows are small. */
import type { BatchCursor, EntryBatch, RowBatch } from '../engine.ts';
import type { Rows } from './wire.ts';

export interface CursorParts<Batch> {
  /** Up to `count` rows more. */
  readonly fetch: (isFirst: boolean, count: number) => Rows;
  readonly make: (rows: Rows) => Batch;
  /** Told once it is over; `isOpen`: the server has more rows for it. */
  readonly close: (isOpen: boolean) => void;
  readonly sizes: { readonly first: number; readonly most: number; readonly bytes: number };
}

export class Cursor<Batch> implements BatchCursor<Batch> {
  readonly #parts: CursorParts<Batch>;
  #count: number;
  #state: 'new' | 'open' | 'over' = 'new';

  constructor(parts: CursorParts<Batch>) {
    this.#parts = parts;
    this.#count = parts.sizes.first;
  }

  next(): Batch | undefined {
    if (this.#state === 'over') return undefined;
    const rows = this.#parts.fetch(this.#state === 'new', this.#count);
    this.#state = 'open';
    if (!rows.hasMore) {
      this.#state = 'over';
      this.#parts.close(false);
      if (rows.count === 0) return undefined;
    }
    const { most, bytes } = this.#parts.sizes;
    const each = Math.max(1, rows.buffer.length / Math.max(1, rows.count));
    this.#count = Math.max(1, Math.min(most, this.#count * 4, Math.floor(bytes / each)));
    return rows.count === 0 ? this.next() : this.#parts.make(rows);
  }

  close(): void {
    if (this.#state === 'over') return;
    const wasOpen = this.#state === 'open';
    this.#state = 'over';
    this.#parts.close(wasOpen);
  }

  /** Its transaction is over. */
  end(): void {
    this.#state = 'over';
  }
}

/** Up to `limit` rows or entries of a cursor. */
export function limited<Batch extends RowBatch | EntryBatch>(cursor: BatchCursor<Batch>, limit: number | undefined): BatchCursor<Batch> {
  if (limit === undefined) return cursor;
  let left = limit;
  return {
    next() {
      if (left === 0) return undefined;
      const batch = cursor.next();
      if (batch === undefined) return undefined;
      const count = Math.min(left, batch.count);
      left -= count;
      if (left === 0) cursor.close();
      return count === batch.count ? batch : cut(batch, count);
    },
    close: () => cursor.close(),
  };
}

function cut<Batch extends RowBatch | EntryBatch>(batch: Batch, count: number): Batch {
  if ('buffer' in batch) return { ...batch, ...firstRows(batch, count) };
  const { keys, values } = batch;
  return {
    ...batch,
    count,
    ids: first(batch.ids, count),
    ranges: first(batch.ranges, count),
    ...(keys && { keys: firstRows(keys, count) }),
    ...(values && { values: firstRows(values, count) }),
  };
}

function firstRows({ ids, buffer, starts, ends }: RowBatch, count: number): RowBatch {
  return { count, ids: first(ids, count), buffer, starts: first(starts, count), ends: first(ends, count) };
}

function first(numbers: ArrayLike<number>, count: number): readonly number[] {
  return Array.prototype.slice.call(numbers, 0, count) as number[];
}
