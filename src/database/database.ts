/**
 * The façade: all that a client or a service may ask of a database. Everything blocks, and everything is done with the rights of
 * whoever the `Database` was opened for.
 *
 * Errors are `ArangoError`s with ArangoDB's numbers. Properties and answers have ArangoDB's names.
 */
import type { Value, ValueObject } from '#values';

export interface DocumentMeta {
  readonly _id: string;
  readonly _key: string;
  readonly _rev: string;
}

export interface WriteResult extends DocumentMeta {
  readonly _oldRev?: string;
  readonly new?: ValueObject;
  readonly old?: ValueObject;
}

/** What stands in an array's answer for an element that failed. */
export interface ElementError {
  readonly error: true;
  readonly errorNum: number;
  readonly errorMessage: string;
  readonly _id?: string;
  readonly _key?: string;
  readonly _rev?: string;
}

export interface InsertOptions {
  readonly waitForSync?: boolean;
  readonly returnNew?: boolean;
  readonly returnOld?: boolean;
  readonly silent?: boolean;
  readonly overwrite?: boolean;
  readonly overwriteMode?: 'conflict' | 'ignore' | 'replace' | 'update';
  readonly keepNull?: boolean;
  readonly mergeObjects?: boolean;
  readonly versionAttribute?: string;
}

export interface ModifyOptions {
  readonly waitForSync?: boolean;
  readonly returnNew?: boolean;
  readonly returnOld?: boolean;
  readonly silent?: boolean;
  /** false: the `_rev` of the given document must be the stored one (error 1200). */
  readonly ignoreRevs?: boolean;
  readonly keepNull?: boolean;
  readonly mergeObjects?: boolean;
  readonly versionAttribute?: string;
}

/** A key, an id (`collection/key`), or an object with `_key` or `_id` and perhaps `_rev`. */
export type Selector = string | ValueObject;

/** 2 is a document collection, 3 an edge collection. */
export type CollectionType = 2 | 3;

/**
 * A collection of one database. Methods on lists never throw for one element: its place in the answer holds an `ElementError`.
 */
export interface Collection {
  readonly id: string;
  readonly name: string;
  readonly type: CollectionType;
  readonly isSystem: boolean;
  /** As `GET /_api/collection/<name>/properties` answers, without `error` and `code`. */
  properties(): ValueObject;
  setProperties(changes: ValueObject): ValueObject;
  rename(name: string): void;
  drop(options?: { readonly isSystem?: boolean }): void;
  truncate(): void;
  count(): number;
  figures(details?: boolean): ValueObject;
  revision(): string;
  checksum(options?: { readonly withRevisions?: boolean; readonly withData?: boolean }): {
    readonly checksum: string;
    readonly revision: string;
  };

  /** Throws 1202 when there is none, 1200 when a `_rev` in the selector is not the stored one. */
  document(selector: Selector): ValueObject;
  /** The JSON text of a document, without making an object of it first; `undefined` when there is none. */
  documentJson(key: string): { readonly rev: string; readonly json: Uint8Array } | undefined;
  exists(selector: Selector): DocumentMeta | undefined;
  documents(selectors: readonly Selector[]): (ValueObject | ElementError)[];
  insert(document: ValueObject, options?: InsertOptions): WriteResult;
  insertAll(documents: readonly Value[], options?: InsertOptions): (WriteResult | ElementError)[];
  update(selector: Selector, changes: ValueObject, options?: ModifyOptions): WriteResult;
  updateAll(changes: readonly Value[], options?: ModifyOptions): (WriteResult | ElementError)[];
  replace(selector: Selector, document: ValueObject, options?: ModifyOptions): WriteResult;
  replaceAll(documents: readonly Value[], options?: ModifyOptions): (WriteResult | ElementError)[];
  remove(selector: Selector, options?: ModifyOptions): WriteResult;
  removeAll(selectors: readonly Value[], options?: ModifyOptions): (WriteResult | ElementError)[];

  /** Definitions as `GET /_api/index` has them. */
  indexes(): ValueObject[];
  /** By id (`collection/123`), number or name; throws 1212. */
  index(idOrName: string): ValueObject;
  ensureIndex(definition: ValueObject): ValueObject & { readonly isNewlyCreated: boolean };
  dropIndex(idOrName: string): boolean;
}

export interface QueryRequest {
  readonly query: string;
  readonly bindVars?: ValueObject;
  readonly count?: boolean;
  readonly batchSize?: number;
  readonly ttl?: number;
  readonly cache?: boolean;
  readonly memoryLimit?: number;
  readonly options?: ValueObject;
}

export interface QueryCursor extends Iterable<Value> {
  /** With a name once it is kept on the server for further batches. */
  readonly id: string | undefined;
  hasNext(): boolean;
  next(): Value | undefined;
  toArray(): Value[];
  /** The number of all results, known without the `count` option too, unless the query streams. */
  count(): number | undefined;
  /** At most `size` further results, each as its JSON text. */
  nextJson(size: number): string[];
  /** `stats`, `warnings`, and with `profile` the rest, as `extra` of `POST /_api/cursor`. */
  extra(): ValueObject;
  dispose(): void;
}

export interface TransactionDefinition {
  readonly collections: {
    readonly read?: readonly string[];
    readonly write?: readonly string[];
    readonly exclusive?: readonly string[];
    readonly allowImplicit?: boolean;
  };
  readonly lockTimeout?: number;
  readonly waitForSync?: boolean;
  readonly maxTransactionSize?: number;
}

export interface StreamTransaction {
  readonly id: string;
  status(): 'running' | 'committed' | 'aborted';
  /** Runs `action`; every use of the database inside is part of this transaction. */
  run<Result>(action: () => Result): Result;
  commit(): void;
  abort(): void;
}

export interface Database {
  readonly name: string;
  readonly id: string;
  readonly isSystem: boolean;
  /** The user that it was opened for; undefined: the server itself. */
  readonly user: string | undefined;
  properties(): ValueObject;

  collections(): readonly Collection[];
  /** By name, or by numeric id as text. */
  findCollection(nameOrId: string): Collection | undefined;
  /** Throws 1203. */
  getCollection(nameOrId: string): Collection;
  /** `name`, `type` and whatever `POST /_api/collection` takes. Throws 1207 when the name is taken, 1208 when it is illegal. */
  createCollection(options: ValueObject): Collection;

  query(request: QueryRequest): QueryCursor;
  explain(request: QueryRequest): ValueObject;
  /** As `POST /_api/query` answers. */
  parse(query: string): ValueObject;
  /** A cursor that was kept for further batches (`hasMore`); throws 1600. Disposing of it forgets it. */
  keptCursor(id: string): QueryCursor;

  /**
   * Runs `action` as one transaction: every use of this database inside, however deep, is part of it. An exception rolls it back and
   * goes on upwards. Throws 1651 when there is one already.
   */
  executeTransaction<Result>(definition: TransactionDefinition, action: () => Result): Result;
  beginTransaction(definition: TransactionDefinition): StreamTransaction;
  /** Throws 1655. */
  streamTransaction(id: string): StreamTransaction;
  streamTransactions(): readonly StreamTransaction[];
}

/** All databases of the server, as one worker sees them. */
export interface Databases {
  list(): readonly string[];
  find(name: string, user?: string): Database | undefined;
  /** Throws 1228. */
  get(name: string, user?: string): Database;
  create(name: string, options?: ValueObject): Database;
  drop(name: string): void;
}
