/** The door of `documents`: reading and writing documents in a transaction. */
export type { IndexAccess, IndexRange, RangeBound } from './access.ts';
export type { DocumentTransaction, EdgeDirection, ProbedRows } from './transaction.ts';
export type { Change, InsertOptions, Removal, WriteOptions, WriteOutcome } from './write-options.ts';
export type { BatchCursor, EntryBatch, RowBatch, RowId, ScanOptions } from '#storage';
