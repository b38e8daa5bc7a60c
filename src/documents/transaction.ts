/**
 * One storage transaction seen as documents: all that AQL and the façade read and write goes through here.
 *
 * Rows come as batches of bytes; whoever wants an attribute makes a `DocumentView` with the collection's name over a row. A row
 * that is not there is empty (`starts[i] === ends[i]`).
 */
import type { Catalog, CollectionDefinition } from '#catalog';
import type { BatchCursor, EntryBatch, RowBatch, RowId, ScanOptions, TransactionMode } from '#storage';
import type { Value } from '#values';
import type { IndexAccess, IndexRange } from './access.ts';
import type { Change, InsertOptions, Removal, WriteOptions, WriteOutcome } from './write-options.ts';

export interface ProbedRows {
  readonly rows: RowBatch;
  /** Which probe each row answers; ascending. */
  readonly probes: ArrayLike<number>;
}

export type EdgeDirection = 'from' | 'to';

export interface DocumentTransaction {
  readonly mode: TransactionMode;
  /** What exists for this transaction. */
  readonly catalog: Catalog;

  /** All documents in the order of insertion. */
  scan(collection: CollectionDefinition, options?: ScanOptions): BatchCursor<RowBatch>;
  /**
   * The documents in any of the ranges, each once, in the order of the index (within one range, if the access is not sorted).
   * Ranges may overlap and come in any order.
   */
  scanIndex(
    collection: CollectionDefinition,
    access: IndexAccess,
    ranges: readonly IndexRange[],
    options?: ScanOptions,
  ): BatchCursor<RowBatch>;
  /** Like `scanIndex` with what the entries store instead of documents: each value is an array of `access.covered`. */
  scanCovered(access: IndexAccess, ranges: readonly IndexRange[], options?: ScanOptions): BatchCursor<RowBatch>;
  /** The documents for each of many ranges (joins). A document appears once for each range it answers. */
  probeIndex(collection: CollectionDefinition, access: IndexAccess, probes: readonly IndexRange[]): ProbedRows;
  countIndex(access: IndexAccess, ranges: readonly IndexRange[]): number;

  /** One row for each key, in their order; empty where there is none. */
  lookup(collection: CollectionDefinition, keys: readonly string[]): RowBatch;
  /**
   * The edges at each of many vertices (`_id`s): `ranges` says at which, `values` holds the `_id` of the vertex at the other end as
   * UTF-8, so that neighbours are known without the edges' documents; `rows` gets those.
   */
  edges(collection: CollectionDefinition, direction: EdgeDirection, vertices: readonly string[]): EntryBatch;
  rows(collection: CollectionDefinition, ids: ArrayLike<RowId>): RowBatch;
  count(collection: CollectionDefinition): number;

  /** One outcome for each document, in order. A failed one changed nothing and does not stop the others. */
  insert(collection: CollectionDefinition, documents: readonly Value[], options?: InsertOptions): WriteOutcome[];
  update(collection: CollectionDefinition, changes: readonly Change[], options?: WriteOptions): WriteOutcome[];
  replace(collection: CollectionDefinition, changes: readonly Change[], options?: WriteOptions): WriteOutcome[];
  remove(collection: CollectionDefinition, removals: readonly Removal[]): WriteOutcome[];
  truncate(collection: CollectionDefinition): void;

  /** Puts back the state at this call, for a statement inside a longer transaction that fails. */
  savepoint(): { rollback(): void; release(): void };
}
