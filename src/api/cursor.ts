/**
 * /_api/cursor, /_api/explain, /_api/query: running and examining AQL queries.
 *
 * The first batch comes with the answer; what is left stays on the server as a cursor until it is read, deleted, or its time is over.
 */
import { ArangoError, type HttpAnswer } from '#base';
import type { QueryCursor, QueryRequest } from '#database';
import { answerEmpty, answerJson, answerJsonText, answerOk } from './respond.ts';
import { del, post, put, type ApiRequest, type Route } from './routes.ts';

const DEFAULT_BATCH = 1000;

const nextBatch = (request: ApiRequest<'id'>): HttpAnswer => {
  const cursor = request.database.keptCursor(request.params.id);
  return answerBatch(cursor, cursor.batchSize ?? DEFAULT_BATCH, { status: 200 });
};

export const cursorApi: readonly Route[] = [
  post('/_api/cursor', 'read', (request) => {
    const query = queryOf(request);
    const batchSize = query.batchSize ?? DEFAULT_BATCH;
    if (!Number.isInteger(batchSize) || batchSize < 1)
      throw new ArangoError('ERROR_QUERY_NUMBER_OUT_OF_RANGE', `batchSize must be a positive integer and is ${JSON.stringify(batchSize)}`);
    const cursor = request.database.query(query);
    const answer = answerBatch(cursor, batchSize, { status: 201, ...(query.count === true ? { count: cursor.count() } : {}) });
    return { ...answer, isDurable: cursor.isDurable };
  }),

  post('/_api/cursor/:id', 'read', nextBatch),
  put('/_api/cursor/:id', 'read', nextBatch),

  del('/_api/cursor/:id', 'read', ({ database, params }) => {
    database.keptCursor(params.id).dispose();
    return answerJson(202, { id: params.id, error: false, code: 202 });
  }),

  post('/_api/explain', 'read', (request) => answerOk(request.database.explain(queryOf(request)))),

  post('/_api/query', 'read', (request) => {
    const { query } = request.jsonObject();
    if (typeof query !== 'string' || query === '') throw new ArangoError('ERROR_QUERY_EMPTY');
    return answerOk(request.database.parse(query));
  }),

  del('/_api/query-cache', 'read', () => answerEmpty(200)),
];

function queryOf(request: ApiRequest): QueryRequest {
  const body = request.findJson() === undefined ? {} : request.jsonObject();
  const { query } = body;
  if (typeof query !== 'string' || query === '') throw new ArangoError('ERROR_QUERY_EMPTY');
  return body as unknown as QueryRequest;
}

/** Results go from their bytes to the answer's text without becoming objects. */
function answerBatch(
  cursor: QueryCursor,
  batchSize: number,
  { status, count }: { readonly status: number; readonly count?: number | undefined },
): HttpAnswer {
  const rows = cursor.nextJson(batchSize);
  const hasMore = cursor.hasNext();
  const id = hasMore ? cursor.keep() : undefined;
  const head = `{"result":[${rows.join(',')}],"hasMore":${hasMore}`;
  const more = id === undefined ? '' : `,"id":${JSON.stringify(id)},"nextBatchId":${JSON.stringify(String(cursor.batchNumber + 1))}`;
  const counted = count === undefined ? '' : `,"count":${count}`;
  const extra = `,"cached":false,"extra":${JSON.stringify(cursor.extra())},"error":false,"code":${status}}`;
  return answerJsonText(status, head + more + counted + extra);
}
