/**
 * Queries: from a request to a cursor. Here is decided in which transaction a query runs; what it does is `aql`'s business.
 *
 * Inside a transaction a query is a statement: when it fails, what it did is taken back and the transaction goes on. By itself, a query
 * that only reads has a snapshot; one that writes keeps its writes aside, and if others were first when it comes to commit, it runs again
 * under the lock.
 */
import type { Execution, PlanningEnvironment, PreparedQuery, QueryRequest as AqlRequest } from '#aql';
import { ARANGODB_VERSION, ArangoError, isArangoError } from '#base';
import { describeIndex, type DatabaseCatalog } from '#catalog';
import { selectivityEstimate, type DocumentTransaction } from '#documents';
import type { TransactionMode } from '#storage';
import { isObject, type ValueObject } from '#values';
import type { DatabaseContext } from './context.ts';
import type { Scope } from './scope.ts';
import { QueryCursor, type CursorOptions } from './cursors.ts';

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

/** Throws what is wrong with text, bind values and rights, and what goes wrong while it runs. */
export function runQuery(context: DatabaseContext, scope: Scope, request: QueryRequest): QueryCursor {
  const { store } = context;
  if (store.current !== undefined) return runStatement(context, scope, request, store.current);
  const query = prepare(context, scope, request, store.catalog().getDatabase(scope.databaseName));
  if (!isModification(query)) return isStreaming(request) ? stream(context, scope, request) : runIn(context, scope, request, 'read');
  try {
    return runIn(context, scope, request, 'deferred');
  } catch (error) {
    if (error instanceof CommitConflict) return runIn(context, scope, request, 'direct');
    throw error;
  }
}

/** As `POST /_api/explain` answers. */
export function explainQuery(context: DatabaseContext, scope: Scope, request: QueryRequest): ValueObject {
  return context.store.read((transaction) => {
    const database = transaction.catalog.getDatabase(scope.databaseName);
    checkRights(context, scope, prepare(context, scope, request, database));
    return context.aql.explain(aqlRequest(request), planning(context, database));
  });
}

/** Others were first. Never leaves this file: what is run again under the lock cannot meet it. */
class CommitConflict extends Error {}

function runIn(context: DatabaseContext, scope: Scope, request: QueryRequest, mode: TransactionMode): QueryCursor {
  const { store } = context;
  const transaction = store.begin({ mode, ...sizeLimit(request) });
  try {
    const query = prepare(context, scope, request, transaction.catalog.getDatabase(scope.databaseName));
    const cursor = store.within(transaction, () => {
      const execution = execute(context, scope, query, transaction);
      return new QueryCursor(context.cursors, scope, cursorOptions(query, request, execution, { isComplete: true }));
    });
    commit(transaction);
    if (cursor.isDurable) context.requestSync();
    return cursor;
  } finally {
    transaction.abort();
  }
}

function commit(transaction: DocumentTransaction): void {
  try {
    transaction.commit();
  } catch (error) {
    if (transaction.mode !== 'deferred' || !isArangoError(error) || error.errorNum !== CONFLICT.errorNum) throw error;
    throw new CommitConflict('a query that kept its writes aside came too late', { cause: error });
  }
}

const CONFLICT = new ArangoError('ERROR_ARANGO_CONFLICT');

/** Results are read as they are fetched; the snapshot goes with the cursor. */
function stream(context: DatabaseContext, scope: Scope, request: QueryRequest): QueryCursor {
  const transaction = context.store.begin({ mode: 'read' });
  try {
    const query = prepare(context, scope, request, transaction.catalog.getDatabase(scope.databaseName));
    const execution = execute(context, scope, query, transaction);
    const onEnd = (): void => transaction.abort();
    return new QueryCursor(context.cursors, scope, cursorOptions(query, request, execution, { isComplete: false, onEnd }));
  } catch (error) {
    transaction.abort();
    throw error;
  }
}

function runStatement(context: DatabaseContext, scope: Scope, request: QueryRequest, transaction: DocumentTransaction): QueryCursor {
  const query = prepare(context, scope, request, transaction.catalog.getDatabase(scope.databaseName));
  for (const { collection, access } of query.collections) {
    if (access === 'read') transaction.checkReadable(collection);
    else transaction.checkWritable(collection);
  }
  const savepoint = isModification(query) ? transaction.savepoint() : undefined;
  try {
    const execution = execute(context, scope, query, transaction);
    const cursor = new QueryCursor(context.cursors, scope, cursorOptions(query, request, execution, { isComplete: true }));
    savepoint?.release();
    if (cursor.isDurable) context.requestSync();
    return cursor;
  } catch (error) {
    savepoint?.rollback();
    throw error;
  }
}

function prepare(context: DatabaseContext, scope: Scope, request: QueryRequest, database: DatabaseCatalog): PreparedQuery {
  const query = context.aql.prepare(aqlRequest(request), planning(context, database));
  checkRights(context, scope, query);
  return query;
}

function aqlRequest({ query: text, bindVars = {}, memoryLimit, options = {} }: QueryRequest): AqlRequest {
  return { text, bindVars, options: memoryLimit === undefined ? options : { ...options, memoryLimit } };
}

function checkRights({ access: rights }: DatabaseContext, scope: Scope, { collections }: PreparedQuery): void {
  for (const { collection, access } of collections) rights.checkCollection(scope, collection.name, access === 'read' ? 'ro' : 'rw');
}

function planning({ store }: DatabaseContext, database: DatabaseCatalog): PlanningEnvironment {
  return {
    database,
    count: (collection) => store.read((transaction) => transaction.count(collection)),
    findGraph: () => undefined,
    describeIndex: (collection, index) => store.read(({ storage }) => describeIndex(collection, index, selectivityEstimate(storage, index))),
  };
}

function execute(context: DatabaseContext, scope: Scope, query: PreparedQuery, transaction: DocumentTransaction): Execution {
  const { access } = context;
  const database = transaction.catalog.getDatabase(scope.databaseName);
  return query.execute({
    transaction,
    database,
    user: scope.user,
    version: ARANGODB_VERSION,
    checkReadable: ({ name }) => access.checkCollection(scope, name, 'ro'),
    callUserFunction: (name) => {
      throw new ArangoError('ERROR_QUERY_FUNCTION_NOT_FOUND', name);
    },
    describeIndexes: (collection) => {
      const { describeIndex: describe } = planning(context, database);
      return collection.indexes.map((index) => describe(collection, index));
    },
    isKilled: () => false,
  });
}

function cursorOptions(
  query: PreparedQuery,
  request: QueryRequest,
  execution: Execution,
  { isComplete, onEnd = () => undefined }: { readonly isComplete: boolean; readonly onEnd?: () => void },
): CursorOptions {
  const isDurable = query.collections.some(({ collection, access }) => access !== 'read' && collection.waitForSync);
  return { execution, isComplete, batchSize: request.batchSize, ttlSeconds: request.ttl, isDurable, onEnd };
}

function isModification({ collections }: PreparedQuery): boolean {
  return collections.some(({ access }) => access !== 'read');
}

function isStreaming({ options }: QueryRequest): boolean {
  return options !== undefined && isObject(options) && options['stream'] === true;
}

function sizeLimit({ options }: QueryRequest): { readonly sizeLimitBytes?: number } {
  const bytes = options?.['maxTransactionSize'];
  return typeof bytes === 'number' ? { sizeLimitBytes: bytes } : {};
}
