/** /_api/transaction: stream transactions, and JavaScript transactions sent as text. */
import { setTimeout } from 'node:timers/promises';
import { ArangoError, clock, findErrorName, isArangoError, type HttpAnswer } from '#base';
import type { Database, StreamTransaction, TransactionDefinition } from '#database';
import type { Value, ValueObject } from '#values';
import { describe as show, findAttribute, getAttribute } from '../attributes.ts';
import { answerJson, answerResult } from '../respond.ts';
import { del, get, post, put, type ApiRequest, type Route } from '../routes.ts';

export const transactionApi: readonly Route[] = [
  get('/_api/transaction', 'read', ({ database }) =>
    answerJson(200, { transactions: database.streamTransactions().map(({ id }) => ({ id, state: 'running' })) }),
  ),

  post('/_api/transaction', 'read', (request) => {
    if (request.http.body.length === 0) throw new ArangoError('ERROR_BAD_PARAMETER', 'the body must be a JSON object and is empty');
    const body = request.jsonObject();
    const action = getAttribute(body, 'action', 'string');
    const { context, database } = request;
    if (!context.server.config['javascript.transactions']) throw new ArangoError('ERROR_FORBIDDEN', 'JavaScript transactions are disabled');
    const run = (): unknown => context.services.call(database, action, [body['params'] ?? null]);
    try {
      return answerResult(database.executeTransaction(definitionOf(body), run) ?? null);
    } catch (error) {
      throw asTransactionError(error);
    }
  }),

  post('/_api/transaction/begin', 'read', (request) => begin(request.database, definitionOf(request.jsonObject()))),

  get('/_api/transaction/:id', 'read', ({ database, params }) => answerResult(describe(database.streamTransaction(params.id)))),

  put('/_api/transaction/:id', 'read', ({ database, params }) => {
    const transaction = database.streamTransaction(params.id);
    transaction.commit();
    return answerResult(describe(transaction));
  }),

  del('/_api/transaction/:id', 'read', ({ database, params }) => {
    const transaction = database.streamTransaction(params.id);
    transaction.abort();
    return answerResult(describe(transaction));
  }),
];

/** How often a transaction looks whether others have let go of its exclusive collections. */
const LOOK_MS = 20;

/** A request that waits gives its thread back meanwhile: the one that it waits for may need it to commit. */
function begin(database: Database, definition: TransactionDefinition): HttpAnswer | Promise<HttpAnswer> {
  const tryToBegin = (): HttpAnswer | undefined => {
    try {
      return answerResult(describe(database.beginTransaction(definition, { waits: false })), { status: 201 });
    } catch (error) {
      if (isArangoError(error) && findErrorName(error.errorNum) === 'ERROR_LOCK_TIMEOUT') return undefined;
      throw error;
    }
  };
  return tryToBegin() ?? beginLater(tryToBegin, clock.monotonic() + database.lockTimeoutMs(definition));
}

async function beginLater(tryToBegin: () => HttpAnswer | undefined, deadlineMs: number): Promise<HttpAnswer> {
  while (clock.monotonic() < deadlineMs) {
    await setTimeout(LOOK_MS);
    const answer = tryToBegin();
    if (answer !== undefined) return answer;
  }
  throw new ArangoError('ERROR_LOCK_TIMEOUT');
}

function describe(transaction: StreamTransaction): { readonly id: string; readonly status: string } {
  return { id: transaction.id, status: transaction.status() };
}

/** What the action threw and is no error with a number ends the transaction with 1650 and its own words. */
function asTransactionError(error: unknown): unknown {
  if (isArangoError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && error.name === 'TypeError') return new ArangoError('ERROR_TYPE_ERROR', { message }, { cause: error });
  return new ArangoError('ERROR_TRANSACTION_INTERNAL', { message }, { cause: error });
}

/** Reads a definition; a single collection may stand for a list. Throws 10. */
export function definitionOf(body: ValueObject): TransactionDefinition {
  const collections = body['collections'];
  if (collections === null || typeof collections !== 'object' || Array.isArray(collections))
    throw new ArangoError('ERROR_BAD_PARAMETER', 'missing/invalid collections definition for transaction');
  const { read, write, exclusive, allowImplicit = body['allowImplicit'] } = collections as ValueObject;
  const lockTimeout = findAttribute(body, 'lockTimeout', 'number');
  const waitForSync = findAttribute(body, 'waitForSync', 'boolean');
  const maxTransactionSize = findAttribute(body, 'maxTransactionSize', 'number');
  return {
    collections: {
      read: names(read),
      write: names(write),
      exclusive: names(exclusive),
      ...(typeof allowImplicit === 'boolean' ? { allowImplicit } : {}),
    },
    ...(lockTimeout === undefined ? {} : { lockTimeout }),
    ...(waitForSync === undefined ? {} : { waitForSync }),
    ...(maxTransactionSize === undefined ? {} : { maxTransactionSize }),
  };
}

function names(given: Value | undefined): readonly string[] {
  if (given === undefined || given === null) return [];
  const list = Array.isArray(given) ? (given as readonly Value[]) : [given];
  if (!list.every((name) => typeof name === 'string'))
    throw new ArangoError('ERROR_BAD_PARAMETER', { message: `the names of collections must be strings, found ${show(given)}` });
  return list;
}

/** Runs a request inside the stream transaction that its header names, if it names one. */
export function withinTransaction<Result>(database: Database, request: ApiRequest, action: () => Result): Result {
  const id = request.header('x-arango-trx-id');
  return id === undefined ? action() : database.streamTransaction(id).run(action);
}
