/** The door of `storage`. */
export type {
  BatchCursor,
  BeginOptions,
  CommitGathering,
  CommitOptions,
  EntryBatch,
  EntryScanOptions,
  Fate,
  IndexEntry,
  KnownAhead,
  KeyList,
  KeyRange,
  LookupOptions,
  MutateOptions,
  Mutation,
  MutationFailure,
  ReadAhead,
  ReadOptions,
  RowBatch,
  RowId,
  Savepoint,
  ScanOptions,
  StorageEngine,
  StorageShare,
  TableId,
  Transaction,
  TransactionMode,
  WalkedTables,
} from './engine.ts';
export { StorageConflict } from './conflict.ts';
export { keyListOf } from './key-list.ts';
export { cursorOf } from './one-batch.ts';
export { openMemoryStorage } from './embedded/engine.ts';
export { joinStorage, openStorage, type OpenOptions } from './open.ts';
export type { PostgresOptions } from './postgres/engine.ts';
export { describeAddress, isOnThisMachine, parseAddress, type Address } from './postgres/address.ts';
export { connectPrimary, NoPrimaryError, type ConnectOptions } from './postgres/connect.ts';
export { readLineage } from './postgres/lineage.ts';
