/**
 * What a join finds for a batch of rows, in pieces: a row may have a match or a million, and nobody knows before. Whole probes are read
 * together as long as their entries are not too many; one that has more by itself is read as a cursor reads.
 */
import type { BatchCursor, IndexAccess, IndexRange, RowBatch } from '#documents';
import { SCATTERED, type Run } from '../run.ts';
import type { CoveredBatch } from './index-rows.ts';

/** Entries that are read together. */
const ENOUGH_ENTRIES = 16_384;

export interface Piece<Rows> {
  readonly rows: Rows;
  /** Which probe each row answers, counted from `first`. */
  readonly probes: ArrayLike<number>;
  readonly first: number;
}

type Found<Rows> = Omit<Piece<Rows>, 'first'> & { readonly answered: number };

/** The documents in each of the ranges. */
export function joinedRows(run: Run, access: IndexAccess, ranges: readonly IndexRange[]): Generator<Piece<RowBatch>, void, void> {
  return pieces(
    run,
    ranges,
    (some) => run.transaction.probeIndex(access, some, { ...SCATTERED, enough: ENOUGH_ENTRIES }),
    (range) => run.transaction.scanIndex(access, [range], SCATTERED),
  );
}

/** The values at some places of what the index covers of them. */
export function joinedColumns(
  run: Run,
  access: IndexAccess,
  places: readonly number[],
  ranges: readonly IndexRange[],
): Generator<Piece<CoveredBatch>, void, void> {
  return pieces(
    run,
    ranges,
    (some) => run.probeCovered(access, places, some, ENOUGH_ENTRIES),
    (range) => run.scanCovered(access, places, [range], SCATTERED),
  );
}

function* pieces<Rows extends { readonly count: number }>(
  run: Run,
  ranges: readonly IndexRange[],
  probe: (ranges: readonly IndexRange[]) => Found<Rows>,
  scan: (range: IndexRange) => BatchCursor<Rows>,
): Generator<Piece<Rows>, void, void> {
  for (let first = 0; first < ranges.length;) {
    const { rows, probes, answered } = probe(first === 0 ? ranges : ranges.slice(first));
    if (answered > 0) {
      yield { rows, probes, first };
      first += answered;
      if (first < ranges.length) run.check();
      continue;
    }
    const cursor = scan(ranges[first]!);
    try {
      for (let batch = cursor.next(); batch !== undefined; batch = cursor.next()) {
        run.check();
        yield { rows: batch, probes: new Uint8Array(batch.count), first };
      }
    } finally {
      cursor.close();
    }
    first++;
  }
}
