/**
 * Transactions of several operations: JavaScript ones, which run a function, and the beginning of stream ones, which live from one
 * request to the next.
 *
 * Both keep their writes aside and take the lock only to commit, so the first to commit a change wins and the other gets 1200. With
 * exclusive collections a JavaScript transaction holds the lock from the start instead: nobody can get in its way. Besides, transactions
 * with the same exclusive collection wait for each other, or give up with 18.
 */
import { ArangoError } from '#base';
import type { CollectionDefinition } from '#catalog';
import type { DeclaredCollections } from '#documents';
import type { BeginOptions } from '#storage';
import type { DatabaseContext } from './context.ts';
import type { Scope } from './scope.ts';
import { StreamTransaction } from './stream-transactions.ts';

export interface TransactionDefinition {
  readonly collections: {
    readonly read?: readonly string[];
    readonly write?: readonly string[];
    readonly exclusive?: readonly string[];
    /** Undeclared collections may be read. Default true. */
    readonly allowImplicit?: boolean;
  };
  /** In seconds; 0: for as long as it takes. */
  readonly lockTimeout?: number;
  readonly waitForSync?: boolean;
  readonly maxTransactionSize?: number;
}

/**
 * Throws 1651 inside another transaction, 1203 for an unknown collection, 10 for an action that is not over when it returns. An
 * exception rolls back and goes on upwards.
 */
export function executeTransaction<Result>(
  context: DatabaseContext,
  scope: Scope,
  definition: TransactionDefinition,
  action: () => Result,
): Result {
  const { store } = context;
  if (store.current !== undefined) throw new ArangoError('ERROR_TRANSACTION_NESTED');
  checkNumbers(definition);
  const { declared, hasWrites, exclusive } = declare(context, scope, definition);
  const release = holdAll(context, exclusive, lockTimeoutMs(definition, Infinity));
  try {
    const options: BeginOptions =
      exclusive.length > 0
        ? { mode: 'direct', exclusive: exclusive.map(({ rows }) => rows) }
        : { mode: hasWrites ? 'deferred' : 'read', snapshot: 'late' };
    return runAction(context, definition, { declared, options }, action);
  } finally {
    release();
  }
}

function runAction<Result>(
  { store, requestSync }: Pick<DatabaseContext, 'store' | 'requestSync'>,
  definition: TransactionDefinition,
  { options, declared }: { readonly options: BeginOptions; readonly declared: DeclaredCollections },
  action: () => Result,
): Result {
  const transaction = store.begin({ ...options, ...sizeLimit(definition.maxTransactionSize) }, declared);
  try {
    const result = store.within(transaction, action);
    if (result instanceof Promise)
      throw new ArangoError('ERROR_BAD_PARAMETER', { message: 'the action of a transaction must not be asynchronous' });
    transaction.commit();
    if (definition.waitForSync === true) requestSync();
    return result;
  } finally {
    transaction.abort();
  }
}

/**
 * Throws 1203 for an unknown collection, 10 for numbers that cannot be, 18 when others have the exclusive collections for too long.
 * `waits: false`: that is told at once.
 */
export function beginTransaction(
  context: DatabaseContext,
  scope: Scope,
  definition: TransactionDefinition,
  { waits = true }: { readonly waits?: boolean } = {},
): StreamTransaction {
  const { store, transactions } = context;
  const { sizeLimitBytes, lockTimeoutMs: usualTimeoutMs } = transactions.limits;
  const { maxTransactionSize = sizeLimitBytes } = definition;
  checkNumbers(definition);
  if (maxTransactionSize > sizeLimitBytes) {
    throw new ArangoError('ERROR_BAD_PARAMETER', `maxTransactionSize is above ${sizeLimitBytes}`);
  }
  const { declared, hasWrites, exclusive } = declare(context, scope, definition);
  const release = holdAll(context, exclusive, waits ? lockTimeoutMs(definition, usualTimeoutMs) : 0);
  const transaction = store.begin({ mode: hasWrites ? 'deferred' : 'read', sizeLimitBytes: maxTransactionSize }, declared);
  const held: StreamTransaction = new StreamTransaction(context.nextHeldId(), scope, {
    store,
    transaction,
    onCommit: () => {
      if (definition.waitForSync === true) context.requestSync();
    },
    onEnd: () => {
      transactions.noteEnd(held);
      release();
    },
  });
  transactions.add(held);
  return held;
}

/** How long a transaction with exclusive collections waits for others of that kind. */
export function lockTimeoutMs({ lockTimeout }: TransactionDefinition, usualMs: number): number {
  if (lockTimeout === undefined) return usualMs;
  return lockTimeout === 0 ? Infinity : lockTimeout * 1000;
}

function checkNumbers({ lockTimeout, maxTransactionSize }: TransactionDefinition): void {
  if (lockTimeout !== undefined && !(lockTimeout >= 0)) {
    throw new ArangoError('ERROR_BAD_PARAMETER', { message: '<lockTimeout> needs to be positive' });
  }
  if (maxTransactionSize !== undefined && !(maxTransactionSize > 0)) {
    throw new ArangoError('ERROR_BAD_PARAMETER', { message: '<maxTransactionSize> needs to be positive' });
  }
}

/** In the order of ids, so that two transactions never wait for each other. */
function holdAll({ holdLock }: DatabaseContext, collections: readonly CollectionDefinition[], waitMs: number): () => void {
  const releases: (() => void)[] = [];
  const releaseAll = (): void => releases.forEach((release) => release());
  try {
    for (const id of [...ids(collections)].toSorted((left, right) => left - right)) releases.push(holdLock(`exclusive ${id}`, waitMs));
  } catch (error) {
    releaseAll();
    throw error;
  }
  return releaseAll;
}

interface Declaration {
  readonly declared: DeclaredCollections;
  readonly hasWrites: boolean;
  readonly exclusive: readonly CollectionDefinition[];
}

function declare(context: DatabaseContext, scope: Scope, { collections }: TransactionDefinition): Declaration {
  const database = context.store.catalog().getDatabase(scope.databaseName);
  const find = (names: readonly string[] = []): CollectionDefinition[] => names.map((name) => database.getCollection(name));
  const read = find(collections.read);
  const exclusive = find(collections.exclusive);
  const write = [...find(collections.write), ...exclusive];
  for (const { name } of read) context.access.checkCollection(scope, name, 'ro');
  for (const { name } of write) context.access.checkCollection(scope, name, 'rw');
  return {
    declared: { readable: collections.allowImplicit === false ? ids([...read, ...write]) : undefined, writable: ids(write) },
    hasWrites: write.length > 0,
    exclusive,
  };
}

function sizeLimit(bytes: number | undefined): { readonly sizeLimitBytes?: number } {
  return bytes === undefined || !Number.isFinite(bytes) ? {} : { sizeLimitBytes: bytes };
}

function ids(definitions: readonly CollectionDefinition[]): ReadonlySet<number> {
  return new Set(definitions.map(({ id }) => id));
}

/** The action of a JavaScript transaction that came as text. It sees `params` whether or not it takes an argument of that name. */
export function withParams(action: string): string {
  return `function (params) { return (${action}\n)(params); }`;
}
