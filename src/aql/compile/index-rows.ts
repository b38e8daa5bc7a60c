/** Reading rows by indexes: what is more than one call of the transaction. */
import type { BatchCursor, IndexAccess, IndexRange, RangeBound, RowBatch, RowId } from '#documents';
import { attributeReader, DocumentView, isArray, type Value } from '#values';

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

/** What an index stores of documents: for each a list of the values of `IndexAccess.covered`. */
export interface CoveredBatch {
  readonly count: number;
  /** The documents' rows. */
  readonly ids: ArrayLike<RowId>;
  /** Empty if there are no such values and only the number of documents counts. */
  readonly entries: readonly (readonly Value[])[];
}

export function coveredByEntries(cursor: BatchCursor<RowBatch>, { covered }: IndexAccess): BatchCursor<CoveredBatch> {
  if (covered.length === 0) return mappedCursor(cursor, undefined);
  return mappedCursor(cursor, ({ buffer, starts, ends }, i) => {
    const bytes = Buffer.from(buffer.buffer, buffer.byteOffset + (starts[i] ?? 0), (ends[i] ?? 0) - (starts[i] ?? 0));
    return JSON.parse(bytes.toString()) as readonly Value[];
  });
}

export function coveredByDocuments(cursor: BatchCursor<RowBatch>, { covered, collection }: IndexAccess): BatchCursor<CoveredBatch> {
  const readers = covered.map(({ steps: [first = '', ...path] }) => attributeReader(first, ...path));
  return mappedCursor(cursor, ({ buffer, starts, ends }, i) => {
    const view = new DocumentView(buffer, starts[i] ?? 0, ends[i] ?? 0, collection.name);
    return readers.map((read) => read(view));
  });
}

function mappedCursor(
  cursor: BatchCursor<RowBatch>,
  map: ((batch: RowBatch, i: number) => readonly Value[]) | undefined,
): BatchCursor<CoveredBatch> {
  return {
    next: () => {
      const batch = cursor.next();
      if (batch === undefined) return undefined;
      const { count, ids } = batch;
      return { count, ids, entries: map === undefined ? [] : Array.from({ length: count }, (_, i) => map(batch, i)) };
    },
    close: () => cursor.close(),
  };
}
