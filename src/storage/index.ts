/** The door of `storage`. */
export type {
  BatchCursor,
  BeginOptions,
  CommitGathering,
  EntryBatch,
  EntryScanOptions,
  IndexEntry,
  KeyRange,
  Mutation,
  MutationFailure,
  ReadOptions,
  RowBatch,
  RowId,
  ScanOptions,
  StorageEngine,
  StorageShare,
  TableId,
  Transaction,
  TransactionMode,
} from './engine.ts';
export { joinStorage, openMemoryStorage, openStorage, type OpenOptions } from './embedded/engine.ts';
export { describeAddress, parseAddress, type Address } from './postgres/address.ts';
export { connectPrimary, NoPrimaryError, type ConnectOptions } from './postgres/connect.ts';
