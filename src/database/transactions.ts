/**
 * Transactions of several operations: JavaScript ones, which run a function, and the beginning of stream ones, which live from one
 * request to the next.
 *
 * Both keep their writes aside and take the lock only to commit, so the first to commit a change wins and the other gets 1200. With
 * exclusive collections a JavaScript transaction holds the lock from the start instead: nobody can get in its way.
 */
import { ArangoError } from '#base';
import type { CollectionDefinition } from '#catalog';
import type { DeclaredCollections } from '#documents';
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
  const { declared, hasWrites, hasExclusive } = declare(context, scope, definition);
  const mode = hasExclusive ? 'direct' : hasWrites ? 'deferred' : 'read';
  const transaction = store.begin({ mode, ...sizeLimit(definition.maxTransactionSize) }, declared);
  try {
    const result = store.within(transaction, action);
    if (result instanceof Promise)
      throw new ArangoError('ERROR_BAD_PARAMETER', { message: 'the action of a transaction must not be asynchronous' });
    transaction.commit();
    if (definition.waitForSync === true) context.requestSync();
    return result;
  } finally {
    transaction.abort();
  }
}

/** Throws 1203 for an unknown collection, 10 for a size above the limit. */
export function beginTransaction(context: DatabaseContext, scope: Scope, definition: TransactionDefinition): StreamTransaction {
  const { store, transactions } = context;
  const { maxTransactionSize = transactions.sizeLimitBytes } = definition;
  if (maxTransactionSize > transactions.sizeLimitBytes) {
    throw new ArangoError('ERROR_BAD_PARAMETER', `maxTransactionSize is above ${transactions.sizeLimitBytes}`);
  }
  const { declared, hasWrites } = declare(context, scope, definition);
  const transaction = store.begin({ mode: hasWrites ? 'deferred' : 'read', sizeLimitBytes: maxTransactionSize }, declared);
  const onCommit = (): void => {
    if (definition.waitForSync === true) context.requestSync();
  };
  const held = new StreamTransaction(context.nextHeldId(), scope, store, transaction, onCommit);
  transactions.add(held);
  return held;
}

interface Declaration {
  readonly declared: DeclaredCollections;
  readonly hasWrites: boolean;
  readonly hasExclusive: boolean;
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
    hasExclusive: exclusive.length > 0,
  };
}

function sizeLimit(bytes: number | undefined): { readonly sizeLimitBytes?: number } {
  return bytes === undefined || !Number.isFinite(bytes) ? {} : { sizeLimitBytes: bytes };
}

function ids(definitions: readonly CollectionDefinition[]): ReadonlySet<number> {
  return new Set(definitions.map(({ id }) => id));
}
