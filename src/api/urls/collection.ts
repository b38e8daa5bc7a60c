/** /_api/collection: what collections there are, and making, changing and dropping them. */
import { ArangoError, type HttpAnswer } from '#base';
import type { Collection } from '#database';
import { isObject, type Value, type ValueObject } from '#values';
import { describe, findAttribute } from '../attributes.ts';
import { answerJson, answerOk, answerResult } from '../respond.ts';
import { del, get, post, put, type ApiRequest, type Route } from '../routes.ts';

const onlyInCluster = (request: ApiRequest<'name'>): HttpAnswer => {
  collectionOf(request);
  throw new ArangoError('ERROR_CLUSTER_ONLY_ON_COORDINATOR');
};

const wantsAction = (): HttpAnswer => {
  throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', { message: 'expected PUT /_api/collection/<collection-name>/<action>' });
};

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
    const body = request.findJson();
    if (body === undefined || !isObject(body)) throw illegalName(undefined);
    const { name } = body;
    if (typeof name !== 'string' || name === '') throw illegalName(name);
    return answerOk(request.database.createCollection(body).properties());
  }),

  get('/_api/collection/:name', 'read', (request) => answerOk(summary(collectionOf(request)))),

  del('/_api/collection/:name', 'write', (request) => {
    const collection = collectionOf(request);
    collection.drop({ isSystem: request.query.flag('isSystem') });
    return answerOk({ id: collection.id });
  }),

  get('/_api/collection/:name/properties', 'read', (request) => answerAbout(request, collectionOf(request).properties())),

  put('/_api/collection/:name/properties', 'write', (request) =>
    answerAbout(request, collectionOf(request).setProperties(request.jsonObject())),
  ),

  get('/_api/collection/:name/count', 'read', (request) => {
    const collection = collectionOf(request);
    return answerAbout(request, { ...collection.properties(), count: collection.count() });
  }),

  get('/_api/collection/:name/figures', 'read', (request) => {
    const collection = collectionOf(request);
    const figures = collection.figures(request.query.flag('details'));
    return answerAbout(request, { ...collection.properties(), count: collection.count(), figures });
  }),

  get('/_api/collection/:name/revision', 'read', (request) => {
    const collection = collectionOf(request);
    return answerAbout(request, { ...collection.properties(), revision: collection.revision() });
  }),

  get('/_api/collection/:name/checksum', 'read', (request) => {
    const { query } = request;
    const collection = collectionOf(request);
    const checksum = collection.checksum({ withRevisions: query.flag('withRevisions'), withData: query.flag('withData') });
    return answerAbout(request, { ...summary(collection), ...checksum });
  }),

  /** foxden's own, for `foxden check`: do documents and indexes agree? */
  get('/_api/collection/:name/verify', 'read', async (request) => {
    const collection = collectionOf(request);
    return answerAbout(request, { ...summary(collection), ...(await collection.verify()) });
  }),

  put('/_api/collection/:name/truncate', 'write', (request) => {
    const collection = collectionOf(request);
    collection.truncate();
    const isDurable = request.query.flag('waitForSync') || collection.waitsForSync;
    return { ...answerAbout(request, summary(collection)), isDurable };
  }),

  put('/_api/collection/:name/rename', 'write', (request) => {
    const { name } = request.jsonObject();
    if (typeof name !== 'string' || name === '') throw illegalName(name);
    const collection = collectionOf(request);
    collection.rename(name);
    return answerAbout(request, summary(request.database.getCollection(name)));
  }),

  put('/_api/collection/:name/load', 'read', (request) => {
    const collection = collectionOf(request);
    const isCounted = request.findJson() === undefined || (findAttribute(request.jsonObject(), 'count', 'boolean') ?? true);
    return answerAbout(request, { ...summary(collection), ...(isCounted ? { count: collection.count() } : {}) });
  }),

  put('/_api/collection/:name/unload', 'read', (request) => answerAbout(request, summary(collectionOf(request)))),

  put('/_api/collection/:name/loadIndexesIntoMemory', 'read', (request) => {
    collectionOf(request);
    return answerAbout(request, { result: true });
  }),

  put('/_api/collection/:name/recalculateCount', 'write', (request) =>
    answerAbout(request, { result: true, count: collectionOf(request).count() }),
  ),

  put('/_api/collection/:name/compact', 'write', (request) => answerAbout(request, summary(collectionOf(request)))),

  put('/_api/collection/:name/responsibleShard', 'read', onlyInCluster),
  get('/_api/collection/:name/shards', 'read', onlyInCluster),

  put('/_api/collection', 'read', wantsAction),
  put('/_api/collection/:name', 'read', wantsAction),
  put('/_api/collection/:name/:action', 'read', () => {
    throw new ArangoError('ERROR_HTTP_NOT_FOUND', {
      message: "expecting one of the actions 'load', 'unload', 'truncate', 'properties', 'compact', 'rename', 'loadIndexesIntoMemory'",
    });
  }),
  get('/_api/collection/:name/:resource', 'read', () => {
    throw new ArangoError('ERROR_HTTP_NOT_FOUND', {
      message: "expecting one of the resources 'checksum', 'count', 'figures', 'properties', 'responsibleShard', 'revision', 'shards'",
    });
  }),
  del('/_api/collection', 'read', () => {
    throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', { message: 'expected DELETE /_api/collection/<collection-name>' });
  }),

  get('/_api/key-generators', 'read', () =>
    answerJson(200, { keyGenerators: ['upgrade', 'padded', 'uuid', 'autoincrement', 'traditional'] }),
  ),
];

function collectionOf({ database, params }: ApiRequest<'name'>): Collection {
  return database.getCollection(params.name);
}

function illegalName(found: Value | undefined): ArangoError {
  return new ArangoError('ERROR_ARANGO_ILLEGAL_NAME', `the name must be a string and is ${describe(found)}`);
}

/** Answers below a collection's name say where they came from. */
function answerAbout({ database, path }: ApiRequest, value: object): HttpAnswer {
  return answerOk(value, { headers: { location: `/_db/${encodeURIComponent(database.name)}${path}` } });
}

function summary(collection: Collection): ValueObject {
  const { globallyUniqueId } = collection.properties();
  const { id, name, type, isSystem } = collection;
  return { id, name, status: 3, type, isSystem, globallyUniqueId: globallyUniqueId ?? null };
}
