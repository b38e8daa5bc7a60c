/** /_api/simple: queries by example and by keys, from before AQL. Each is an AQL query. */
import { ArangoError } from '#base';
import type { QueryRequest } from '#database';
import { isObject, type Value, type ValueObject } from '#values';
import { describe, findAttribute, getAttribute } from '../attributes.ts';
import { answerQuery, readBatching } from './cursor.ts';
import { answerOk } from '../respond.ts';
import { put, type ApiRequest, type Route } from '../routes.ts';

export const simpleApi: readonly Route[] = [
  put('/_api/simple/all', 'read', (request) => {
    const body = request.jsonObject();
    // Only here: elsewhere what is below zero counts as none.
    for (const name of ['skip', 'limit']) {
      if ((findAttribute(body, name, 'number') ?? 0) < 0) throw new ArangoError('ERROR_QUERY_NUMBER_OUT_OF_RANGE');
    }
    return answerQuery(request, listing(request, body, `FOR doc IN @@collection ${limitOf(body)} RETURN doc`));
  }),

  put('/_api/simple/all-keys', 'read', (request) => {
    const body = request.jsonObject();
    return answerQuery(request, listing(request, body, `FOR doc IN @@collection RETURN ${addressOf(request, body)}`));
  }),

  put('/_api/simple/any', 'read', (request) => {
    const { '@collection': name } = collectionOf(request, request.jsonObject());
    const [document = null] = run(request, 'FOR doc IN @@collection SORT RAND() LIMIT 1 RETURN doc', { '@collection': name });
    return answerOk({ document });
  }),

  put('/_api/simple/by-example', 'read', (request) => {
    const body = request.jsonObject();
    const { filter, bindVars } = exampleOf(getAttribute(body, 'example', 'object'));
    return answerQuery(request, listing(request, body, `FOR doc IN @@collection ${filter} ${limitOf(body)} RETURN doc`, bindVars));
  }),

  put('/_api/simple/first-example', 'read', (request) => {
    const body = request.jsonObject();
    const { filter, bindVars } = exampleOf(getAttribute(body, 'example', 'object'));
    const found = run(request, `FOR doc IN @@collection ${filter} LIMIT 1 RETURN doc`, { ...collectionOf(request, body), ...bindVars });
    if (found.length === 0) throw new ArangoError('ERROR_HTTP_NOT_FOUND', { message: 'no match' });
    return answerOk({ document: found[0] });
  }),

  put('/_api/simple/range', 'read', (request) => {
    const body = request.jsonObject();
    const path = getAttribute(body, 'attribute', 'string').split('.');
    const upper = body['closed'] === true ? '<=' : '<';
    const query = `FOR doc IN @@collection FILTER doc.@path >= @left && doc.@path ${upper} @right SORT doc.@path ${limitOf(body)} RETURN doc`;
    return answerQuery(request, listing(request, body, query, { path, left: body['left'] ?? null, right: body['right'] ?? null }));
  }),

  put('/_api/simple/near', 'read', (request) => {
    const body = request.jsonObject();
    const { skip, limit = NEAREST_BY_DEFAULT } = rangeOf(body);
    const query = `FOR doc IN NEAR(@@collection, @latitude, @longitude, @most, @distance) ${limitOf(body)} RETURN doc`;
    return answerQuery(request, listing(request, body, query, { ...placeOf(body), most: skip + limit }));
  }),

  put('/_api/simple/within', 'read', (request) => {
    const body = request.jsonObject();
    const radius = getAttribute(body, 'radius', 'number');
    const query = `FOR doc IN WITHIN(@@collection, @latitude, @longitude, @radius, @distance) ${limitOf(body)} RETURN doc`;
    return answerQuery(request, listing(request, body, query, { ...placeOf(body), radius }));
  }),

  put('/_api/simple/within-rectangle', 'read', (request) => {
    const body = request.jsonObject();
    const names = ['latitude1', 'longitude1', 'latitude2', 'longitude2'] as const;
    const corners = Object.fromEntries(names.map((name) => [name, getAttribute(body, name, 'number')]));
    const query = `FOR doc IN WITHIN_RECTANGLE(@@collection, @latitude1, @longitude1, @latitude2, @longitude2) ${limitOf(body)} RETURN doc`;
    return answerQuery(request, listing(request, body, query, corners));
  }),

  put('/_api/simple/fulltext', 'read', (request) => {
    const body = request.jsonObject();
    const asked = { attribute: getAttribute(body, 'attribute', 'string'), query: getAttribute(body, 'query', 'string') };
    const query = `FOR doc IN FULLTEXT(@@collection, @attribute, @query) ${limitOf(body)} RETURN doc`;
    return answerQuery(request, listing(request, body, query, asked));
  }),

  put('/_api/simple/lookup-by-keys', 'read', (request) => {
    const body = request.jsonObject();
    const bindVars = { ...collectionOf(request, body), keys: getAttribute(body, 'keys', 'array') };
    const query = 'FOR key IN UNIQUE(@keys) LET doc = DOCUMENT(@@collection, TO_STRING(key)) FILTER doc != null RETURN doc';
    const documents = run(request, query, bindVars);
    return answerOk({ documents });
  }),

  put('/_api/simple/remove-by-keys', 'read', (request) => {
    const body = request.jsonObject();
    const collection = request.database.getCollection(getAttribute(body, 'collection', 'string'));
    const keys = getAttribute(body, 'keys', 'array');
    const options = findAttribute(body, 'options', 'object') ?? {};
    const isSilent = findAttribute(options, 'silent', 'boolean') ?? false;
    const returnOld = findAttribute(options, 'returnOld', 'boolean') ?? false;
    const waitForSync = findAttribute(options, 'waitForSync', 'boolean') ?? false;
    const results = collection.removeAll(keys, { returnOld, waitForSync });
    const removed = results.filter((result) => !('errorNum' in result));
    const old = isSilent ? {} : { old: removed.map((result) => ('old' in result ? result.old : result)) };
    return answerOk({ removed: removed.length, ignored: results.length - removed.length, ...old });
  }),

  put('/_api/simple/remove-by-example', 'read', (request) => {
    const { affected, isDurable } = modify(request, 'REMOVE doc', {});
    return { ...answerOk({ deleted: affected }), isDurable };
  }),

  put('/_api/simple/replace-by-example', 'read', (request) => {
    const { affected, isDurable } = modify(request, 'REPLACE doc WITH @newValue', { newValue: newValueOf(request) });
    return { ...answerOk({ replaced: affected }), isDurable };
  }),

  put('/_api/simple/update-by-example', 'read', (request) => {
    const { affected, isDurable } = modify(request, 'UPDATE doc WITH @newValue', { newValue: newValueOf(request) });
    return { ...answerOk({ updated: affected }), isDurable };
  }),
];

function collectionOf({ database }: ApiRequest, body: ValueObject): { readonly '@collection': string } {
  return { '@collection': database.getCollection(getAttribute(body, 'collection', 'string')).name };
}

function newValueOf(request: ApiRequest): ValueObject {
  return objectIn(request.jsonObject(), 'newValue');
}

function run({ database }: ApiRequest, query: string, bindVars: ValueObject): readonly Value[] {
  return database.query({ query, bindVars }).toArray();
}

/** A query whose result is sent in batches. */
function listing(request: ApiRequest, body: ValueObject, query: string, bindVars: ValueObject = {}): QueryRequest {
  return { query, bindVars: { ...collectionOf(request, body), ...bindVars }, ...readBatching(body), count: true };
}

/** `skip` below zero counts as none, as in ArangoDB. */
function rangeOf(body: ValueObject): { readonly skip: number; readonly limit: number | undefined } {
  const skip = Math.max(0, Math.floor(findAttribute(body, 'skip', 'number') ?? 0));
  const limit = findAttribute(body, 'limit', 'number');
  return { skip, limit: limit === undefined ? undefined : Math.max(0, Math.floor(limit)) };
}

function limitOf(body: ValueObject): string {
  const { skip, limit } = rangeOf(body);
  return skip === 0 && limit === undefined ? '' : `LIMIT ${skip}, ${limit ?? Number.MAX_SAFE_INTEGER}`;
}

/** Of `near`, unless there is a limit. */
const NEAREST_BY_DEFAULT = 100;

/** A point, and the name of the attribute that is to have the distance from it. */
function placeOf(body: ValueObject): ValueObject {
  return {
    latitude: getAttribute(body, 'latitude', 'number'),
    longitude: getAttribute(body, 'longitude', 'number'),
    distance: findAttribute(body, 'distance', 'string') ?? null,
  };
}

function addressOf({ database }: ApiRequest, body: ValueObject): string {
  switch (findAttribute(body, 'type', 'string') ?? 'path') {
    case 'id':
      return 'doc._id';
    case 'key':
      return 'doc._key';
    default:
      return `CONCAT(${JSON.stringify(`/_db/${encodeURIComponent(database.name)}/_api/document/`)}, doc._id)`;
  }
}

/** A condition for each attribute of an example; a name with dots is a path. */
function exampleOf(example: ValueObject): { readonly filter: string; readonly bindVars: ValueObject } {
  const conditions: string[] = [];
  const bindVars: Record<string, Value> = {};
  for (const [at, [name, value]] of Object.entries(example).entries()) {
    conditions.push(`doc.@name${at} == @value${at}`);
    bindVars[`name${at}`] = name.split('.');
    bindVars[`value${at}`] = value;
  }
  return { filter: conditions.length === 0 ? '' : `FILTER ${conditions.join(' && ')}`, bindVars };
}

/** Changes the documents that are like the example; options stand in `options`, or in the body itself as older clients send them. */
/** Throws 400 for what is no object. */
function objectIn(body: ValueObject, name: string): ValueObject {
  const value = body[name];
  if (value !== undefined && isObject(value)) return value;
  throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', `<${name}> must be an object and is ${describe(value)}`);
}

function modify(request: ApiRequest, operation: string, others: ValueObject): { readonly affected: number; readonly isDurable: boolean } {
  const body = request.jsonObject();
  const given = body['options'] ?? null;
  const options = isObject(given) ? given : body;
  const { filter, bindVars } = exampleOf(objectIn(body, 'example'));
  const settings = Object.fromEntries(
    (['waitForSync', 'keepNull', 'mergeObjects'] as const).flatMap((name) => {
      const value = findAttribute(options, name, 'boolean');
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const cursor = request.database.query({
    query: `FOR doc IN @@collection ${filter} ${limitOf({ limit: options['limit'] ?? null })} ${operation} IN @@collection OPTIONS ${JSON.stringify(settings)}`,
    bindVars: { ...collectionOf(request, body), ...bindVars, ...others },
  });
  const { writesExecuted } = cursor.extra()['stats'] as { readonly writesExecuted: number };
  return { affected: writesExecuted, isDurable: cursor.isDurable };
}
