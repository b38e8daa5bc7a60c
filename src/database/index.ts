/** The door of `database`. */
export type {
  Collection,
  CollectionType,
  Database,
  Databases,
  DocumentMeta,
  ElementError,
  InsertOptions,
  ModifyOptions,
  QueryCursor,
  QueryRequest,
  Selector,
  StreamTransaction,
  TransactionDefinition,
  WriteResult,
} from './database.ts';
