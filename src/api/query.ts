/**
 * /_api/explain and /_api/query: examining queries, and what there is to know of those that run. Queries run to their end in one go, so none
 * but the one that asks is under way in a worker, and results are not cached.
 */
import { ArangoError } from '#base';
import { findAttribute } from './attributes.ts';
import { readQuery } from './cursor.ts';
import { answerJson, answerOk } from './respond.ts';
import { del, get, post, put, type Route } from './routes.ts';

const TRACKING = {
  enabled: true,
  trackSlowQueries: true,
  trackBindVars: true,
  maxSlowQueries: 64,
  slowQueryThreshold: 10,
  slowStreamingQueryThreshold: 10,
  maxQueryStringLength: 4096,
};

const CACHE = { mode: 'off', maxResults: 128, maxResultsSize: 268_435_456, maxEntrySize: 16_777_216, includeSystem: false };

export const queryApi: readonly Route[] = [
  post('/_api/explain', 'read', (request) => answerOk(request.database.explain(readQuery(request)))),

  post('/_api/query', 'read', (request) => answerOk(request.database.parse(readQuery(request).query))),

  get('/_api/query/properties', 'read', () => answerOk(TRACKING)),
  put('/_api/query/properties', 'manage', (request) => {
    const body = request.jsonObject();
    for (const [name, value] of Object.entries(TRACKING)) findAttribute(body, name, typeof value as 'boolean' | 'number');
    return answerOk(TRACKING);
  }),
  get('/_api/query/current', 'read', () => answerJson(200, [])),
  get('/_api/query/slow', 'read', () => answerJson(200, [])),
  del('/_api/query/slow', 'read', () => answerOk({})),
  del('/_api/query/:id', 'read', () => {
    throw new ArangoError('ERROR_QUERY_NOT_FOUND');
  }),

  del('/_api/query-cache', 'read', () => answerOk({})),
  get('/_api/query-cache/entries', 'read', () => answerJson(200, [])),
  get('/_api/query-cache/properties', 'read', () => answerJson(200, CACHE)),
  del('/_api/query-plan-cache', 'read', () => answerOk({})),
];
