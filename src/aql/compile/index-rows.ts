/** Reading rows by indexes: what is more than one call of the transaction. */
import type { BatchCursor, IndexRange, RangeBound, RowBatch, RowId } from '#documents';
import { isArray, type Value } from '#values';

export const EMPTY_BATCH: RowBatch = { count: 0, ids: [], buffer: new Uint8Array(0), starts: [], ends: [] };

/** A range for each combination of values of the leading fields, each field having a list of them. What is no list has none. */
export function rangesOf(lists: readonly Value[], bounds: { readonly low?: RangeBound; readonly high?: RangeBound }): IndexRange[] {
  let combinations: Value[][] = [[]];
  for (const list of lists) {
    if (!isArray(list)) return [];
    combinations = combinations.flatMap((combination) => list.map((value) => [...combination, value]));
  }
  return combinations.map((equal) => ({ equal, ...bounds }));
}

/** One cursor after the other; a row that came already is left out. */
export class UnionCursor implements BatchCursor<RowBatch> {
  readonly #open: readonly (() => BatchCursor<RowBatch>)[];
  readonly #seen = new Set<RowId>();
  #position = 0;
  #current: BatchCursor<RowBatch> | undefined;

  constructor(open: readonly (() => BatchCursor<RowBatch>)[]) {
    this.#open = open;
  }

  next(): RowBatch | undefined {
    for (;;) {
      this.#current ??= this.#open[this.#position++]?.();
      if (this.#current === undefined) return undefined;
      const batch = this.#current.next();
      if (batch !== undefined) return this.#unseen(batch);
      this.close();
    }
  }

  #unseen(batch: RowBatch): RowBatch {
    const ids: RowId[] = [];
    const starts: number[] = [];
    const ends: number[] = [];
    for (let i = 0; i < batch.count; i++) {
      const id = batch.ids[i] ?? 0;
      if (this.#seen.has(id)) continue;
      this.#seen.add(id);
      ids.push(id);
      starts.push(batch.starts[i] ?? 0);
      ends.push(batch.ends[i] ?? 0);
    }
    return { count: ids.length, ids, buffer: batch.buffer, starts, ends };
  }

  close(): void {
    this.#current?.close();
    this.#current = undefined;
  }
}
