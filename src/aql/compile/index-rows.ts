/** Reading rows by indexes: what is more than one call of the transaction. */
import { bufferOf, type BatchCursor, type IndexRange, type RangeBound, type RowBatch, type RowId } from '#documents';
import { isArray, type Value } from '#values';
import type { Columns, ReadColumns } from './entry-columns.ts';

export const EMPTY_BATCH: RowBatch = { count: 0, ids: [], buffer: new Uint8Array(0), starts: [], ends: [] };

/** Who says whether there is memory enough. */
interface Memory {
  reserve(bytes: number): void;
}

/** What a range takes, about. */
const RANGE_BYTES = 128;

/** A range for each combination of values of the leading fields, each field having a list of them. What is no list has none. */
export function rangesOf(
  memory: Memory,
  lists: readonly Value[],
  bounds: { readonly low?: RangeBound; readonly high?: RangeBound },
): IndexRange[] {
  if (!lists.every(isArray)) return [];
  memory.reserve(lists.reduce((count, { length }) => count * length, RANGE_BYTES));
  let combinations: Value[][] = [[]];
  for (const list of lists) {
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
    const buffers: Uint8Array[] = [];
    for (let i = 0; i < batch.count; i++) {
      const id = batch.ids[i] ?? 0;
      if (this.#seen.has(id)) continue;
      this.#seen.add(id);
      ids.push(id);
      starts.push(batch.starts[i] ?? 0);
      ends.push(batch.ends[i] ?? 0);
      buffers.push(bufferOf(batch, i));
    }
    return { count: ids.length, ids, buffer: batch.buffer, starts, ends, buffers };
  }

  close(): void {
    this.#current?.close();
    this.#current = undefined;
  }
}

/** Each id once where neighbours are the same, and for each of those that were given the place of its own. */
export function withoutRepeats(given: readonly RowId[]): { readonly ids: readonly RowId[]; readonly places: readonly number[] } {
  const ids: RowId[] = [];
  const places: number[] = [];
  for (const id of given) {
    if (id !== ids.at(-1)) ids.push(id);
    places.push(ids.length - 1);
  }
  return { ids, places };
}

/** What an index holds of documents. */
export interface CoveredBatch {
  readonly count: number;
  /** The documents' rows. */
  readonly ids: ArrayLike<RowId>;
  /** For each of the values that are wanted, a list with that of each document. */
  readonly columns: Columns;
}

/** The same batches with columns for what was found. */
export function columnCursor(cursor: BatchCursor<RowBatch>, columnsOf: ReadColumns): BatchCursor<CoveredBatch> {
  return {
    next: () => {
      const batch = cursor.next();
      return batch && { count: batch.count, ids: batch.ids, columns: columnsOf(batch) };
    },
    close: () => cursor.close(),
  };
}
