/** /_api/explain, /_api/query and /_api/aql-builtin: examining queries, and what there is to know of those that run, were slow, or are kept. */
import type { CacheMode, CacheProperties, TrackingProperties } from '#database';
import type { ValueObject } from '#values';
import { findAttribute } from '../attributes.ts';
import { readQuery } from './cursor.ts';
import { answerJson, answerOk } from '../respond.ts';
import { del, get, post, put, type ApiRequest, type Route } from '../routes.ts';

export const queryApi: readonly Route[] = [
  post('/_api/explain', 'read', (request) => answerOk(request.database.explain(readQuery(request)))),

  post('/_api/query', 'read', (request) => answerOk(request.database.parse(readQuery(request).query))),

  get('/_api/query/properties', 'read', ({ database }) => answerOk({ ...database.queries.properties })),
  put('/_api/query/properties', 'manage', (request) => {
    const { queries } = request.database;
    return answerOk({ ...queries.change(changesOf(request.jsonObject(), queries.properties)) });
  }),
  get('/_api/query/current', 'read', (request) => answerJson(200, request.database.queries.current(extentOf(request)))),
  get('/_api/query/slow', 'read', (request) => answerJson(200, request.database.queries.slow(extentOf(request)))),
  del('/_api/query/slow', 'read', (request) => {
    request.database.queries.clearSlow(extentOf(request));
    return answerOk({});
  }),
  get('/_api/query/rules', 'read', ({ database }) => answerJson(200, database.queries.rules())),
  get('/_api/aql-builtin', 'read', ({ database }) => answerOk({ functions: database.queries.functions() })),
  del('/_api/query/:id', 'read', (request) => {
    request.database.queries.kill(request.params.id, extentOf(request));
    return answerOk({});
  }),

  del('/_api/query-cache', 'read', ({ database }) => {
    database.queries.clearCache();
    return answerOk({});
  }),
  get('/_api/query-cache/entries', 'read', ({ database }) => answerJson(200, database.queries.cachedResults())),
  get('/_api/query-cache/properties', 'read', ({ database }) => answerJson(200, { ...database.queries.cacheProperties })),
  put('/_api/query-cache/properties', 'manage', (request) => {
    const { queries } = request.database;
    const body = request.jsonObject();
    const mode = findAttribute(body, 'mode', 'string') as CacheMode | undefined;
    const changes: Partial<CacheProperties> = { ...changesOf(body, queries.cacheProperties), ...(mode && { mode }) };
    return answerJson(200, { ...queries.changeCache(changes) });
  }),

  get('/_api/query-plan-cache', 'read', ({ database }) => answerJson(200, database.queries.cachedPlans())),
  del('/_api/query-plan-cache', 'read', ({ database }) => {
    database.queries.clearPlans();
    return answerOk({});
  }),
];

/** `?all=true` */
const extentOf = ({ query }: ApiRequest): { readonly all: boolean } => ({ all: query.flag('all') });

/** What of the body is a setting of the same type as now. Throws 10 for another type. */
function changesOf<Properties extends CacheProperties | TrackingProperties>(
  body: ValueObject,
  properties: Properties,
): Partial<Properties> {
  const changes = Object.entries(properties).flatMap(([name, now]) => {
    const value = findAttribute(body, name, typeof now as 'boolean' | 'number' | 'string');
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(changes) as Partial<Properties>;
}
