/** The door of `database`: all that may be asked of databases, with rights and limits. */
export {
  coordinatorOfHeldId,
  Databases,
  openDatabases,
  prepareDatabases,
  threadOfHeldId,
  type Caller,
  type DatabasesOptions,
  type DocumentName,
  type JointWork,
  type QueryName,
} from './databases.ts';
export { Analyzers, type AnalyzerDescription } from './analyzers.ts';
export { Backups, type Backup, type BackupFile } from './backups.ts';
export type { Database } from './database.ts';
export type { Collection } from './collection.ts';
export { isOverwriteMode } from './document-options.ts';
export type { DocumentMeta, ElementError, InsertOptions, ModifyOptions, RemoveOptions, Selector, WriteResult } from './document-options.ts';
export {
  byCollection,
  edgeCollections,
  NamedGraphs,
  parseEdgeDefinition,
  vertexCollections,
  type EdgeDefinition,
  type GraphDescription,
} from './named-graphs.ts';
export type { QueryCursor } from './cursors.ts';
export type { QueryRequest } from './queries.ts';
export type { Snapshot } from './snapshots.ts';
export type { StreamTransaction, StreamTransactionLimits, TransactionStatus } from './stream-transactions.ts';
export { withParams, type TransactionDefinition } from './transactions.ts';
export type { AccessLevel, Account, DatabaseGrants, UserChanges, UserDescription, UserDirectory } from './users.ts';
export type { CompiledFunction, CompileFunction, WarnQuery } from './compiled-function.ts';
export { createQueryMemory, type QueryMemory } from './tracking/query-memory.ts';
export { forgetQueriesOf } from './tracking/running-queries.ts';
export type { CacheMode, CacheProperties } from './tracking/result-cache.ts';
export type { TrackingProperties } from './tracking/query-tracking.ts';
export type { CollectionType } from '#catalog';
export { viewsMissing } from './views.ts';
