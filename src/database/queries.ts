/**
 * Queries: from a request to a cursor. Here is decided in which transaction a query runs; what it does is `aql`'s business.
 *
 * Inside a transaction a query is a statement: when it fails, what it did is taken back and the transaction goes on. By itself, a query
 * that only reads has a snapshot. A modification keeps its writes aside, and if others were first when it comes to commit, it runs
 * again under the lock, where nobody can get in its way.
 */
import type { Execution, PlanningEnvironment, PreparedQuery, QueryEnvironment, QueryRequest as AqlRequest } from '#aql';
import { ArangoError, clock, isArangoError } from '#base';
import { describeIndex, type CollectionDefinition, type DatabaseCatalog } from '#catalog';
import {
  entriesForValues,
  isStorageConflict,
  selectivityEstimate,
  withoutConflict,
  type DocumentTransaction,
  type PieceLimits,
} from '#documents';
import type { BeginOptions } from '#storage';
import { isArray, plain, type Value, type ValueObject } from '#values';
import { findAnalyzer } from './find-analyzer.ts';
import type { WarnQuery } from './compiled-function.ts';
import type { DatabaseContext } from './context.ts';
import { QueryCursor, type CursorOptions, type Results } from './cursors.ts';
import { findGraph } from './graphs.ts';
import type { Scope } from './scope.ts';
import type { QueryOutcome, Tracked, TrackedQuery } from './tracking/query-tracking.ts';
import type { CachedResult, ResultKey, ResultWindow } from './tracking/result-cache.ts';
import { UserFunctionCalls } from './user-functions.ts';

export interface QueryRequest {
  readonly query: string;
  readonly bindVars?: ValueObject;
  readonly count?: boolean;
  readonly batchSize?: number;
  readonly ttl?: number;
  readonly cache?: boolean;
  readonly memoryLimit?: number;
  readonly options?: ValueObject;
  /** Results are wanted as JSON texts (`nextJson`) and need not become values first. */
  readonly asJson?: boolean;
}

/** Throws what is wrong with text, bind values and rights, and what goes wrong while it runs. */
export function runQuery(context: DatabaseContext, scope: Scope, request: QueryRequest): QueryCursor {
  const { store } = context;
  if (store.current !== undefined) return runStatement(context, scope, request, store.current);
  if (request.options?.['stream'] === true) return runStream(context, scope, request);
  const window = context.results.open(request.cache);
  const snapshot = store.begin({ mode: 'read', snapshot: 'late' });
  try {
    const query = prepare(context, scope, request, snapshot);
    if (!query.isModification) {
      if (query.readsOnce) snapshot.readOnce();
      return window !== undefined && query.isCacheable
        ? executeCached(context, scope, request, query, snapshot, window)
        : execute(context, scope, request, query, snapshot);
    }
    if (query.collections.some(({ access }) => access === 'exclusive')) return runUndisturbed(context, scope, request);
  } finally {
    snapshot.abort();
  }
  try {
    return runAlone(context, scope, request, { mode: 'deferred', snapshot: 'late' });
  } catch (error) {
    if (error instanceof CommitConflict || isStorageConflict(error)) return runUndisturbed(context, scope, request);
    throw error;
  }
}

/** Whether what a query is going to read can be found out by `rehearseQuery`, of a query of some text in place of all others of it. */
export function mayRehearseQuery(context: DatabaseContext, scope: Scope, request: QueryRequest): boolean {
  const isUsual = request.options?.['stream'] !== true && context.results.open(request.cache) === undefined;
  return isUsual && context.store.read((transaction) => prepareUnchecked(context, scope, request, transaction).mayRehearse);
}

/**
 * Begins a query as `runQuery` will, for an engine that ends it where it asks for data. Rights are for the query itself to check, and nobody counts it
 * among those that have run.
 */
export function rehearseQuery(context: DatabaseContext, scope: Scope, request: QueryRequest): void {
  const { store } = context;
  const snapshot = store.begin({ mode: 'read', snapshot: 'late' });
  try {
    const query = prepareUnchecked(context, scope, request, snapshot);
    if (!query.mayRehearse) return;
    snapshot.readOnce();
    store.within(snapshot, () => query.rehearse(new Surroundings(context, scope, snapshot, UNTRACKED)));
  } finally {
    snapshot.abort();
  }
}

/** Where nobody gets in the way, or else until nobody does. */
function runUndisturbed(context: DatabaseContext, scope: Scope, request: QueryRequest): QueryCursor {
  return withoutConflict(() => runAlone(context, scope, request, { mode: 'direct', locks: 'rows' }));
}

/** Serves the results of an earlier run, or keeps those of this one. */
function executeCached(
  context: DatabaseContext,
  scope: Scope,
  request: QueryRequest,
  query: PreparedQuery,
  snapshot: DocumentTransaction,
  window: ResultWindow,
): QueryCursor {
  const { query: text, bindVars = {} } = request;
  const dataSources = query.collections.map(({ collection: { name, id } }) => ({ name, id }));
  if (!window.accepts(dataSources)) return execute(context, scope, request, query, snapshot);
  const key: ResultKey = { database: scope.databaseName, query: text, bindVars, options: query.resultOptions, dataSources };
  const found = context.results.find(key, window);
  if (found !== undefined) {
    const { batchSize, ttl } = request;
    return new QueryCursor(context.cursors, scope, {
      execution: cachedExecution(found),
      asJson: true,
      batchSize,
      ttlSeconds: ttl,
      isDurable: false,
      isCached: true,
      isComplete: true,
      onEnd: () => undefined,
    });
  }
  const startedMs = clock.monotonic();
  const cursor = execute(context, scope, request, query, snapshot);
  const extra = cursor.extra();
  const hasWarnings = isArray(extra['warnings'] ?? null) && (extra['warnings'] as readonly Value[]).length > 0;
  if (!hasWarnings) context.results.add(key, window, { results: cursor.allJson(), extra }, (clock.monotonic() - startedMs) / 1000);
  return cursor;
}

function cachedExecution({ results, extra }: CachedResult): Results {
  let rest: readonly string[] | undefined = results;
  const take = (): readonly string[] | undefined => {
    const taken = rest;
    rest = undefined;
    return taken;
  };
  return {
    isProfiled: false,
    keepResults: () => undefined,
    nextJson: take,
    next: () => take()?.map((text) => JSON.parse(text) as Value),
    extra: () => extra,
    close: () => undefined,
  };
}

/** As `POST /_api/explain` answers. */
export function explainQuery(context: DatabaseContext, scope: Scope, request: QueryRequest): ValueObject {
  return context.store.read((transaction) => {
    // What is wrong with a query is told in other words than where it would be run.
    const explained = context.aql.explain(aqlRequest(request), planningEnvironment(context, scope, transaction));
    const planCacheKey = notePlan(context, scope, request, prepare(context, scope, request, transaction));
    return { ...explained, ...(planCacheKey !== undefined && { planCacheKey }) };
  });
}

/** Others were first. Never leaves this file: what runs again under the lock cannot meet it. */
class CommitConflict extends Error {}

function runAlone(context: DatabaseContext, scope: Scope, request: QueryRequest, options: BeginOptions): QueryCursor {
  const transaction = context.store.begin({ ...options, ...sizeLimit(request) });
  transaction.allowPieces(pieceLimits(request));
  try {
    const query = prepare(context, scope, request, transaction);
    const cursor = execute(context, scope, request, query, transaction);
    commit(transaction);
    if (cursor.isDurable) context.requestSync();
    return cursor;
  } catch (error) {
    // Others were first, and what is committed already must not be done again.
    if (!transaction.hasCommittedPieces || !(error instanceof CommitConflict || isStorageConflict(error))) throw error;
    throw new ArangoError('ERROR_ARANGO_CONFLICT', { message: 'write-write conflict after intermediate commits' });
  } finally {
    transaction.abort();
  }
}

function commit(transaction: DocumentTransaction): void {
  try {
    transaction.commit();
  } catch (error) {
    if (transaction.mode !== 'deferred' || !isArangoError(error) || error.errorNum !== 1200) throw error;
    throw new CommitConflict('a query that kept its writes aside came too late', { cause: error });
  }
}

/** Results are read as they are fetched; the snapshot goes with the cursor. A modification does all of its work at once. */
function runStream(context: DatabaseContext, scope: Scope, request: QueryRequest): QueryCursor {
  const transaction = context.store.begin({ mode: 'read' });
  try {
    const query = prepare(context, scope, request, transaction);
    if (query.isModification) {
      transaction.abort();
      return runUndisturbed(context, scope, request);
    }
    const tracked = track(context, scope, request, query);
    const execution = start(context, scope, query, transaction, tracked);
    const onEnd = (): void => {
      tracked.end(() => outcomeOf(execution, 0));
      transaction.abort();
    };
    const planCacheKey = notePlan(context, scope, request, query);
    return new QueryCursor(context.cursors, scope, cursorOptions(request, query, execution, planCacheKey, { isComplete: false, onEnd }));
  } catch (error) {
    transaction.abort();
    throw error;
  }
}

function runStatement(context: DatabaseContext, scope: Scope, request: QueryRequest, transaction: DocumentTransaction): QueryCursor {
  const query = prepare(context, scope, request, transaction);
  for (const { collection, access } of query.collections) {
    if (access === 'read') transaction.checkReadable(collection);
    else transaction.checkWritable(collection);
  }
  if (!query.isModification) return execute(context, scope, request, query, transaction);
  const savepoint = transaction.savepoint();
  try {
    const cursor = execute(context, scope, request, query, transaction);
    savepoint.release();
    if (cursor.isDurable) context.requestSync();
    return cursor;
  } catch (error) {
    savepoint.rollback();
    throw error;
  }
}

function prepare(context: DatabaseContext, scope: Scope, request: QueryRequest, transaction: DocumentTransaction): PreparedQuery {
  const query = prepareUnchecked(context, scope, request, transaction);
  checkRights(context, scope, query);
  return query;
}

function prepareUnchecked(context: DatabaseContext, scope: Scope, request: QueryRequest, transaction: DocumentTransaction): PreparedQuery {
  return context.aql.prepare(aqlRequest(request), planningEnvironment(context, scope, transaction));
}

/** Throws 11 and 1004. */
function checkRights(context: DatabaseContext, scope: Scope, { collections }: PreparedQuery): void {
  for (const { collection, access } of collections) {
    context.access.checkCollection(scope, collection.name, access === 'read' ? 'ro' : 'rw');
  }
}

function aqlRequest({ query, bindVars = {}, memoryLimit, options = {} }: QueryRequest): AqlRequest {
  return { text: query, bindVars, options: memoryLimit === undefined ? options : { ...options, memoryLimit } };
}

function planningEnvironment(context: DatabaseContext, { databaseName }: Scope, transaction: DocumentTransaction): PlanningEnvironment {
  const database = transaction.catalog.getDatabase(databaseName);
  return {
    database,
    count: (collection) => transaction.count(collection),
    entriesForValues: (access, fieldCount) => entriesForValues(transaction.storage, access, fieldCount),
    findGraph: (name) => findGraph(transaction, database, name),
    callsAreTrips: context.store.engine.name === 'postgres',
    describeIndex: (collection, index) => describeIndex(collection, index, selectivityEstimate(transaction.storage, index)),
  };
}

/** Runs a query to its end; what it calls is part of its transaction. */
function execute(
  context: DatabaseContext,
  scope: Scope,
  request: QueryRequest,
  query: PreparedQuery,
  transaction: DocumentTransaction,
): QueryCursor {
  const planCacheKey = notePlan(context, scope, request, query);
  return context.store.within(transaction, () => {
    const tracked = track(context, scope, request, query);
    const execution = start(context, scope, query, transaction, tracked);
    let exitCode = 0;
    try {
      return new QueryCursor(context.cursors, scope, cursorOptions(request, query, execution, planCacheKey, COMPLETE));
    } catch (error) {
      exitCode = isArangoError(error) ? error.errorNum : INTERNAL_ERROR;
      throw error;
    } finally {
      tracked.end(() => outcomeOf(execution, exitCode));
    }
  });
}

const INTERNAL_ERROR = 4;

function track(context: DatabaseContext, scope: Scope, request: QueryRequest, query: PreparedQuery): Tracked {
  const isStream = request.options?.['stream'] === true;
  const describe = (): TrackedQuery => ({
    database: scope.databaseName,
    user: scope.user,
    query: request.query,
    bindVars: request.bindVars ?? {},
    dataSources: query.collections.map(({ collection }) => collection.name),
    isStream,
    isModification: query.isModification,
  });
  return context.tracking.begin(describe, { isStream });
}

function outcomeOf(execution: Execution, exitCode: number): QueryOutcome {
  return { ...execution.outcome(), exitCode };
}

/** Under `usePlanCache`: throws 1584, or gives the key of a plan that was there already. One that warned when it was made is not kept. */
function notePlan(context: DatabaseContext, scope: Scope, request: QueryRequest, query: PreparedQuery): string | undefined {
  const { query: text, bindVars = {}, options = {} } = request;
  if (options['usePlanCache'] !== true || query.warnings.length > 0) return undefined;
  if (query.planRefusal !== undefined) throw new ArangoError('ERROR_QUERY_NOT_ELIGIBLE_FOR_PLAN_CACHING');
  return context.plans.use({
    database: scope.databaseName,
    query: text,
    bindVars: Object.fromEntries(Object.entries(bindVars).filter(([name]) => name.startsWith('@'))),
    fullCount: options['fullCount'] === true,
    dataSources: query.collections.map(({ collection }) => collection.name),
    definitions: JSON.stringify(query.collections.map(({ collection }) => collection)),
    planBytes: PLAN_NODE_BYTES * query.plan.nodes.length + text.length,
  });
}

/** What a node of a plan takes in memory, about. */
const PLAN_NODE_BYTES = 512;

function start(
  context: DatabaseContext,
  scope: Scope,
  query: PreparedQuery,
  transaction: DocumentTransaction,
  tracked: Tracked,
): Execution {
  return query.execute(new Surroundings(context, scope, transaction, tracked));
}

/** Nobody can end a rehearsal, which is over at once. */
const UNTRACKED = { isKilled: () => false };

/** What surrounds a query of this scope. */
class Surroundings implements QueryEnvironment {
  readonly transaction: DocumentTransaction;
  readonly database: DatabaseCatalog;
  readonly user: string | undefined;
  readonly #context: DatabaseContext;
  readonly #scope: Scope;
  readonly #tracked: Pick<Tracked, 'isKilled'>;
  #userFunctions: UserFunctionCalls | undefined;

  constructor(context: DatabaseContext, scope: Scope, transaction: DocumentTransaction, tracked: Pick<Tracked, 'isKilled'>) {
    this.#context = context;
    this.#scope = scope;
    this.#tracked = tracked;
    this.transaction = transaction;
    this.database = transaction.catalog.getDatabase(scope.databaseName);
    this.user = scope.user;
  }

  get version(): string {
    return this.#context.version;
  }

  callUserFunction(name: string, inputs: readonly Value[], warn: WarnQuery): Value {
    this.#userFunctions ??= new UserFunctionCalls(this.#context, this.#scope.databaseName, this.transaction);
    return this.#userFunctions.call(name, inputs, warn);
  }

  describeIndexes(collection: CollectionDefinition): ValueObject[] {
    const { storage } = this.transaction;
    return collection.indexes.map((index) => describeIndex(collection, index, selectivityEstimate(storage, index)));
  }

  findAnalyzer(name: string): ReturnType<QueryEnvironment['findAnalyzer']> {
    return findAnalyzer(this.transaction, this.database, name);
  }

  calculate(text: string, bindVars: ValueObject): readonly Value[] {
    const environment = planningEnvironment(this.#context, this.#scope, this.transaction);
    const execution = this.#context.aql.prepare({ text, bindVars, options: {} }, environment).execute(this);
    const results: Value[] = [];
    for (let batch = execution.next(); batch !== undefined; batch = execution.next()) results.push(...batch.map((each) => plain(each)));
    return results;
  }

  checkReadable({ name }: CollectionDefinition): void {
    this.#context.access.checkCollection(this.#scope, name, 'ro');
  }

  isKilled(peakMemoryBytes: number): boolean {
    return this.#tracked.isKilled(peakMemoryBytes) || this.#context.isCancelled();
  }
}

function cursorOptions(
  { batchSize, ttl, asJson = false }: QueryRequest,
  { collections }: PreparedQuery,
  execution: Execution,
  planCacheKey: string | undefined,
  { isComplete, onEnd }: Pick<CursorOptions, 'isComplete' | 'onEnd'>,
): CursorOptions {
  const isDurable = collections.some(({ collection, access }) => access !== 'read' && collection.waitForSync);
  return { execution, asJson, isComplete, batchSize, ttlSeconds: ttl, isDurable, planCacheKey, onEnd };
}

const COMPLETE = { isComplete: true, onEnd: () => undefined } as const;

/** What ArangoDB takes for a piece unless a query says otherwise. */
const PIECE_OPERATIONS = 1_000_000;
const PIECE_BYTES = 512 * 1024 * 1024;

function pieceLimits({ options = {} }: QueryRequest): PieceLimits {
  const { intermediateCommitCount: operations, intermediateCommitSize: bytes } = options;
  return {
    operations: typeof operations === 'number' && operations >= 1 ? Math.floor(operations) : PIECE_OPERATIONS,
    bytes: typeof bytes === 'number' && bytes >= 1 ? bytes : PIECE_BYTES,
  };
}

function sizeLimit({ options }: QueryRequest): { readonly sizeLimitBytes?: number } {
  const bytes = options?.['maxTransactionSize'];
  return typeof bytes === 'number' ? { sizeLimitBytes: bytes } : {};
}
