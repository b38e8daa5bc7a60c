/** The door of `documents`: reading and writing documents in transactions. */
export { indexAccesses, searchAccesses, type IndexAccess, type SearchKind } from './access.ts';
export type { IndexRange, RangeBound } from './index-range.ts';
export { bufferOf, isThere } from './batches.ts';
export { dropIndex, dropUnfinishedIndexes, ensureIndex, type EnsuredIndex, type IndexPlace } from './building.ts';
export { entriesForValues, selectivityEstimate } from './estimates.ts';
export { removeExpired, type ExpiryLimits } from './expiry.ts';
export { revisionConflict } from './failures.ts';
export { automaticKeyNumber, readCounter } from './keys.ts';
export type { LocatedDocument } from './nearest.ts';
export type { ProbedRows } from './read.ts';
export type { IndexSearch } from './search.ts';
export { parseSelector, type SelectedDocument } from './selector.ts';
export { isStorageConflict, withoutConflict } from './conflicts.ts';
export { DocumentStore, type DocumentPlace, type StoreOptions } from './store.ts';
export { verifyCollection, type Verification } from './verify.ts';
export {
  DocumentTransaction,
  type DeclaredCollections,
  type EdgeDirection,
  type EdgeWay,
  type PieceLimits,
  type StepsAhead,
} from './transaction.ts';
export { prepareInsert } from './write.ts';
export type { Change, ComputeValues, InsertOptions, Removal, WriteEvent, WriteOptions, WriteOutcome } from './write-options.ts';
export type { BatchCursor, EntryBatch, EntryScanOptions, ReadOptions, RowBatch, RowId, ScanOptions } from '#storage';
