/**
 * /_api/cursor: running AQL queries, batch by batch.
 *
 * The first batch comes with the answer; what is left stays on the server as a cursor until it is read, deleted, or its time is over. With
 * `allowRetry` the last batch that was sent can be asked for again, and the cursor stays until it is deleted.
 */
import { ArangoError, type ErrorName, type HttpAnswer } from '#base';
import type { QueryCursor, QueryRequest } from '#database';
import { isObject, type Value, type ValueObject } from '#values';
import { describe } from '../attributes.ts';
import { answerJson, answerJsonText } from '../respond.ts';
import { del, post, put, type ApiRequest, type Route } from '../routes.ts';

const DEFAULT_BATCH = 1000;

export const cursorApi: readonly Route[] = [
  // Other URLs that take a query call an object with nothing in it an empty query, as they do an empty body.
  post('/_api/cursor', 'read', (request) => answerQuery(request, readQuery(request, { nothing: 'ERROR_HTTP_CORRUPTED_JSON' }))),

  put('/_api/cursor', 'read', () => {
    throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', { message: 'expecting POST /_api/cursor/<cursor-id>' });
  }),

  post('/_api/cursor/:id', 'read', (request) => nextBatch(request)),
  put('/_api/cursor/:id', 'read', (request) => nextBatch(request)),

  post('/_api/cursor/:id/:batch', 'read', (request) => {
    const cursor = request.database.keptCursor(request.params.id);
    const delivery = deliveries.get(cursor);
    const { batch } = request.params;
    if (delivery?.allowsRetry === true && batch === String(delivery.number)) return answerJsonText(200, delivery.body);
    if (batch === String((delivery?.number ?? 0) + 1) && cursor.hasNext()) return nextBatch(request);
    throw new ArangoError('ERROR_CURSOR_NOT_FOUND');
  }),

  del('/_api/cursor/:id', 'read', ({ database, params }) => {
    database.keptCursor(params.id).dispose();
    return answerJson(202, { id: params.id, error: false, code: 202 });
  }),
];

/** What of a cursor was sent so far. */
interface Delivery {
  /** Of the batch that was sent last. */
  readonly number: number;
  /** Shown with every batch, if it was asked for. */
  readonly count: number | undefined;
  readonly allowsRetry: boolean;
  /** Of the last answer, as a further batch has it; empty unless it may be asked for again. */
  readonly body: string;
}

const deliveries = new WeakMap<QueryCursor, Delivery>();

/** Runs a query and answers with its first batch. */
export function answerQuery({ database }: ApiRequest, query: QueryRequest): HttpAnswer {
  const cursor = database.query({ ...query, asJson: true });
  const count = query.count === true ? cursor.count() : undefined;
  const allowsRetry = query.options?.['allowRetry'] === true;
  const answer = answerBatch(cursor, 201, { number: 0, count, allowsRetry, body: '' });
  return { ...answer, isDurable: cursor.isDurable };
}

function nextBatch({ database, params }: ApiRequest<'id'>): HttpAnswer {
  const cursor = database.keptCursor(params.id);
  return answerBatch(cursor, 200, deliveries.get(cursor) ?? { number: 0, count: undefined, allowsRetry: false, body: '' });
}

/** Results go from their bytes to the answer's text without becoming objects. */
function answerBatch(cursor: QueryCursor, status: number, { number: last, count, allowsRetry }: Delivery): HttpAnswer {
  const number = last + 1;
  const rows = cursor.nextJson(cursor.batchSize ?? DEFAULT_BATCH);
  const hasMore = cursor.hasNext();
  const isKept = hasMore || (allowsRetry && (number > 1 || cursor.id !== undefined));
  const keptId = isKept ? cursor.keep() : undefined;
  const id = hasMore ? `,"id":"${keptId}"` : '';
  const next = hasMore ? `,"nextBatchId":"${number + 1}"` : '';
  const counted = count === undefined ? '' : `,"count":${count}`;
  const plan = cursor.planCacheKey === undefined ? '' : `,"planCacheKey":"${cursor.planCacheKey}"`;
  const head = `{"result":[${rows.join(',')}],"hasMore":${hasMore}${id}${counted}${plan}${next}`;
  const body = (code: number): string =>
    `${head},"cached":${cursor.isCached},"extra":${JSON.stringify(cursor.extra())},"error":false,"code":${code}}`;
  if (isKept) deliveries.set(cursor, { number, count, allowsRetry, body: allowsRetry ? body(200) : '' });
  return answerJsonText(status, body(status));
}

/** A query in a body. Throws 1502 when there is none, 17 for a wrong type; `nothing` where the body is an object without any attribute. */
export function readQuery(request: ApiRequest, { nothing = 'ERROR_QUERY_EMPTY' }: { readonly nothing?: ErrorName } = {}): QueryRequest {
  const isGiven = request.http.body.length > 0;
  const body = isGiven ? request.jsonObject() : {};
  const { query = null, bindVars = null, options = null } = body;
  if (query === null || query === '') throw new ArangoError(isGiven && Object.keys(body).length === 0 ? nothing : 'ERROR_QUERY_EMPTY');
  if (typeof query !== 'string') throw wrongType('a string', 'query', query);
  if (bindVars !== null && !isObject(bindVars)) throw wrongType('object', 'bindVars', bindVars);
  if (options !== null && !isObject(options)) throw wrongType('object', 'options', options);
  return {
    query,
    ...(bindVars === null ? {} : { bindVars }),
    ...(options === null ? {} : { options }),
    ...readBatching(body),
    ...numberOf(body, 'memoryLimit'),
    ...cacheWish(body, options),
  };
}

/** `cache` stands in the body or among the options; false counts too, where caching is on for all. */
function cacheWish(body: ValueObject, options: ValueObject | null): { readonly cache?: boolean } {
  const wish = body['cache'] ?? options?.['cache'];
  return typeof wish === 'boolean' ? { cache: wish } : {};
}

/** How results are to be sent: `count`, `batchSize` and `ttl`. */
export function readBatching(body: ValueObject): Pick<QueryRequest, 'count' | 'batchSize' | 'ttl'> {
  const { batchSize = null } = body;
  if (typeof batchSize === 'number' && (batchSize < 1 || !Number.isInteger(batchSize)))
    throw new ArangoError('ERROR_TYPE_ERROR', { message: `expecting a positive integer for <batchSize>, found ${batchSize}` });
  const { ttl } = body;
  if (typeof ttl === 'number' && ttl <= 0)
    throw new ArangoError('ERROR_TYPE_ERROR', { message: `expecting a positive number for <ttl>, found ${ttl}` });
  return { ...(body['count'] === true ? { count: true } : {}), ...numberOf(body, 'batchSize'), ...numberOf(body, 'ttl') };
}

function numberOf<Name extends string>(body: ValueObject, name: Name): { readonly [Key in Name]?: number } {
  const value = body[name] ?? null;
  if (value === null) return {};
  if (typeof value !== 'number') throw wrongType('a number', name, value);
  return { [name]: value } as { readonly [Key in Name]?: number };
}

function wrongType(wanted: string, name: string, found: Value): ArangoError {
  return new ArangoError('ERROR_TYPE_ERROR', { message: `expecting ${wanted} for <${name}>, found ${describe(found)}` });
}
