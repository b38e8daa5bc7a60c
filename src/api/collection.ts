/** /_api/collection: what collections there are, and making, changing and dropping them. */
import { ArangoError } from '#base';
import type { Collection } from '#database';
import type { ValueObject } from '#values';
import { answerOk, answerResult } from './respond.ts';
import { del, get, post, put, type ApiRequest, type Route } from './routes.ts';

export const collectionApi: readonly Route[] = [
  get('/_api/collection', 'read', ({ database, query }) => {
    const isLeftOut = query.flag('excludeSystem') ? ({ isSystem }: Collection) => isSystem : () => false;
    return answerResult(
      database
        .collections()
        .filter((collection) => !isLeftOut(collection))
        .map(summary),
    );
  }),

  post('/_api/collection', 'write', (request) => {
    const body = request.jsonObject();
    const { name } = body;
    if (typeof name !== 'string' || name === '') throw new ArangoError('ERROR_ARANGO_ILLEGAL_NAME');
    return answerOk(request.database.createCollection(body).properties());
  }),

  get('/_api/collection/:name', 'read', (request) => answerOk(summary(collectionOf(request)))),

  del('/_api/collection/:name', 'write', (request) => {
    const collection = collectionOf(request);
    collection.drop({ isSystem: request.query.flag('isSystem') });
    return answerOk({ id: collection.id });
  }),

  get('/_api/collection/:name/properties', 'read', (request) => answerOk(collectionOf(request).properties())),

  put('/_api/collection/:name/properties', 'write', (request) => answerOk(collectionOf(request).setProperties(request.jsonObject()))),

  get('/_api/collection/:name/count', 'read', (request) => {
    const collection = collectionOf(request);
    return answerOk({ ...collection.properties(), count: collection.count() });
  }),

  get('/_api/collection/:name/figures', 'read', (request) => {
    const collection = collectionOf(request);
    return answerOk({ ...collection.properties(), count: collection.count(), figures: collection.figures(request.query.flag('details')) });
  }),

  get('/_api/collection/:name/revision', 'read', (request) => {
    const collection = collectionOf(request);
    return answerOk({ ...collection.properties(), revision: collection.revision() });
  }),

  get('/_api/collection/:name/checksum', 'read', (request) => {
    const { query } = request;
    const collection = collectionOf(request);
    return answerOk({
      ...summary(collection),
      ...collection.checksum({ withRevisions: query.flag('withRevisions'), withData: query.flag('withData') }),
    });
  }),

  put('/_api/collection/:name/truncate', 'write', (request) => {
    const collection = collectionOf(request);
    collection.truncate();
    return answerOk(summary(collection));
  }),

  put('/_api/collection/:name/rename', 'write', (request) => {
    const { name } = request.jsonObject();
    if (typeof name !== 'string' || name === '') throw new ArangoError('ERROR_ARANGO_ILLEGAL_NAME');
    const collection = collectionOf(request);
    collection.rename(name);
    return answerOk(summary(request.database.getCollection(name)));
  }),

  put('/_api/collection/:name/load', 'read', (request) => {
    const collection = collectionOf(request);
    return answerOk({ ...summary(collection), count: collection.count() });
  }),

  put('/_api/collection/:name/unload', 'read', (request) => answerOk(summary(collectionOf(request)))),

  put('/_api/collection/:name/loadIndexesIntoMemory', 'read', (request) => {
    collectionOf(request);
    return answerResult(true);
  }),

  put('/_api/collection/:name/recalculateCount', 'write', (request) => answerOk({ result: true, count: collectionOf(request).count() })),

  put('/_api/collection/:name/compact', 'write', (request) => answerOk(summary(collectionOf(request)))),
];

function collectionOf({ database, params }: ApiRequest<'name'>): Collection {
  return database.getCollection(params.name);
}

function summary(collection: Collection): ValueObject {
  const { globallyUniqueId } = collection.properties();
  const { id, name, type, isSystem } = collection;
  return { id, name, status: 3, type, isSystem, globallyUniqueId: globallyUniqueId ?? null };
}
