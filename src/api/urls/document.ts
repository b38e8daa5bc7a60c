/**
 * /_api/document: reading and writing documents, one by one or as arrays.
 *
 * A write answers 201 when it is on disk before the answer (`waitForSync`, by the request or by the collection) and 202 otherwise.
 * In an array each element has its own outcome; the header `x-arango-error-codes` counts the errors.
 */
import { ArangoError, isArangoError, type HttpAnswer } from '#base';
import type { Collection, ElementError, InsertOptions, ModifyOptions, WriteResult } from '#database';
import type { Value, ValueObject } from '#values';
import { answerError, answerJson, answerJsonText } from '../respond.ts';
import { del, get, head, patch, post, put, type ApiRequest, type Route } from '../routes.ts';

type Outcome = WriteResult | ElementError;

export const documentApi: readonly Route[] = [
  get('/_api/document/:collection/:key', 'read', (request) => read(request, { withBody: true })),
  head('/_api/document/:collection/:key', 'read', (request) => read(request, { withBody: false })),

  post('/_api/document/:collection', 'write', (request) => insert(request, collectionOf(request))),
  /** The old form, with the collection in the query. */
  post('/_api/document', 'write', (request) => insert(request, request.database.getCollection(request.query.get('collection')))),

  put('/_api/document/:collection/:key', 'write', (request) => modifyOne(request, 'replace')),
  patch('/_api/document/:collection/:key', 'write', (request) => modifyOne(request, 'update')),
  del('/_api/document/:collection/:key', 'write', (request) => {
    const collection = collectionOf(request);
    return answeringConflicts(collection, request.params.key, () => {
      const options = { ...modifyOptions(request), ignoreRevs: request.header('if-match') === undefined };
      const result = collection.remove(selectorOf(request), options);
      return answerWrite(request, collection, result, { done: 200, options });
    });
  }),

  put('/_api/document/:collection', 'write', (request) =>
    request.query.flag('onlyget')
      ? readMany(request)
      : modifyMany(request, (collection, documents, options) => collection.replaceAll(documents, options), 201),
  ),
  patch('/_api/document/:collection', 'write', (request) =>
    modifyMany(request, (collection, documents, options) => collection.updateAll(documents, options), 201),
  ),
  del('/_api/document/:collection', 'write', (request) =>
    modifyMany(request, (collection, selectors, options) => collection.removeAll(selectors, options), 200),
  ),
];

function collectionOf({ database, params }: ApiRequest<'collection'>): Collection {
  return database.getCollection(params.collection);
}

function read(request: ApiRequest<'collection' | 'key'>, { withBody }: { readonly withBody: boolean }): HttpAnswer {
  const collection = collectionOf(request);
  const { key } = request.params;
  const found = collection.documentJson(key);
  if (found === undefined) throw new ArangoError('ERROR_ARANGO_DOCUMENT_NOT_FOUND');
  const { rev, json } = found;
  const headers = { etag: `"${rev}"` };
  const unless = revisionOf(request.header('if-none-match'));
  if (unless !== undefined && unless === rev)
    return { status: 304, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body: '' };
  const wanted = revisionOf(request.header('if-match'));
  if (wanted !== undefined && wanted !== rev) return answerConflict(collection, key, revisionConflict());
  return answerJsonText(200, withBody ? json : '', headers);
}

function readMany(request: ApiRequest<'collection'>): HttpAnswer {
  const selectors = listOf(request);
  const ignoresRevisions = request.query.flag('ignoreRevs', true);
  const asked = selectors.map((selector) => (ignoresRevisions && isDocument(selector) ? { ...selector, _rev: null } : selector));
  const found = collectionOf(request).documents(asked);
  return answerJson(200, found, errorCodes(found));
}

function insert(request: ApiRequest, collection: Collection): HttpAnswer {
  const options = request.query.isEmpty ? NO_OPTIONS : insertOptions(request);
  const inserted = collection.insertJson(request.http.body, options);
  if (inserted !== undefined) return answerWrite(request, collection, inserted, { done: 201, options });
  const body = request.json();
  if (Array.isArray(body)) return answerMany(request, collection, collection.insertAll(body as readonly Value[], options), 201);
  if (!isDocument(body)) throw new ArangoError('ERROR_ARANGO_DOCUMENT_TYPE_INVALID');
  return answerWrite(request, collection, collection.insert(body, options), { done: 201, options });
}

const NO_OPTIONS: InsertOptions = {};

function insertOptions(request: ApiRequest): InsertOptions {
  const { query } = request;
  const mode = query.find('overwriteMode');
  return {
    ...writeOptions(request),
    overwrite: query.flag('overwrite'),
    isRestore: query.flag('isRestore'),
    ...(mode === undefined ? {} : { overwriteMode: overwriteMode(mode) }),
  };
}

function overwriteMode(text: string): NonNullable<InsertOptions['overwriteMode']> {
  if (text === 'conflict' || text === 'ignore' || text === 'replace' || text === 'update') return text;
  throw new ArangoError('ERROR_BAD_PARAMETER', `overwriteMode must be conflict, ignore, replace or update and is "${text}"`);
}

function modifyOne(request: ApiRequest<'collection' | 'key'>, operation: 'update' | 'replace'): HttpAnswer {
  const collection = collectionOf(request);
  const { key } = request.params;
  const body = request.json();
  if (!isDocument(body)) throw new ArangoError('ERROR_ARANGO_DOCUMENT_TYPE_INVALID');
  return answeringConflicts(collection, key, () => {
    const wanted = revisionOf(request.header('if-match'));
    const ignoreRevs = wanted === undefined && request.query.flag('ignoreRevs', true);
    const options = { ...modifyOptions(request), ignoreRevs };
    const selector = ignoreRevs ? { _key: key } : { _key: key, _rev: wanted ?? body['_rev'] ?? null };
    return answerWrite(request, collection, collection[operation](selector, body, options), { done: 201, options });
  });
}

function modifyMany(
  request: ApiRequest<'collection'>,
  modify: (collection: Collection, documents: readonly Value[], options: ModifyOptions) => readonly Outcome[],
  done: number,
): HttpAnswer {
  const collection = collectionOf(request);
  const options = { ...modifyOptions(request), ignoreRevs: request.query.flag('ignoreRevs', true) };
  return answerMany(request, collection, modify(collection, listOf(request), options), done);
}

function listOf(request: ApiRequest): readonly Value[] {
  const body = request.json();
  if (!Array.isArray(body)) throw new ArangoError('ERROR_ARANGO_DOCUMENT_TYPE_INVALID', 'expecting an array');
  return body as readonly Value[];
}

function selectorOf(request: ApiRequest<'collection' | 'key'>): ValueObject {
  const wanted = revisionOf(request.header('if-match'));
  return { _key: request.params.key, ...(wanted === undefined ? {} : { _rev: wanted }) };
}

function writeOptions({ query }: ApiRequest): InsertOptions & ModifyOptions {
  const versionAttribute = query.find('versionAttribute');
  return {
    waitForSync: query.flag('waitForSync'),
    returnNew: query.flag('returnNew'),
    returnOld: query.flag('returnOld'),
    silent: query.flag('silent'),
    keepNull: query.flag('keepNull', true),
    mergeObjects: query.flag('mergeObjects', true),
    ...(versionAttribute === undefined ? {} : { versionAttribute }),
  };
}

function modifyOptions(request: ApiRequest): ModifyOptions {
  return writeOptions(request);
}

function isSynced(request: ApiRequest, collection: Collection): boolean {
  return request.query.flag('waitForSync') || collection.waitsForSync;
}

function answerWrite(
  request: ApiRequest,
  collection: Collection,
  result: WriteResult,
  { done, options }: { readonly done: number; readonly options: { readonly silent?: boolean } },
): HttpAnswer {
  const isDurable = isSynced(request, collection);
  // A silent write tells nothing of the document.
  const headers =
    options.silent === true
      ? {}
      : {
          etag: `"${result._rev}"`,
          location: `/_db/${encodeURIComponent(request.database.name)}/_api/document/${encodeId(result._id)}`,
        };
  return { ...answerJson(isDurable ? done : 202, result, headers), isDurable };
}

function answerMany(request: ApiRequest, collection: Collection, results: readonly Outcome[], done: number): HttpAnswer {
  const isDurable = isSynced(request, collection);
  // Silence leaves the errors; without any there is nothing but an empty object.
  const shown = request.query.flag('silent') && results.length === 0 ? {} : results;
  return { ...answerJson(isDurable ? done : 202, shown, errorCodes(results)), isDurable };
}

function errorCodes(results: readonly object[]): Record<string, string> {
  const counts = new Map<number, number>();
  for (const result of results) {
    if ('errorNum' in result && 'error' in result && result.error === true)
      counts.set(result.errorNum as number, (counts.get(result.errorNum as number) ?? 0) + 1);
  }
  if (counts.size === 0) return {};
  return { 'x-arango-error-codes': [...counts].map(([number, count]) => `${number}:${count}`).join(',') };
}

/** A revision that does not fit is 412 with the revision that is there. */
function answeringConflicts(collection: Collection, key: string, write: () => HttpAnswer): HttpAnswer {
  try {
    return write();
  } catch (error) {
    if (isArangoError(error) && error.errorNum === 1200 && error.code === 412) return answerConflict(collection, key, error);
    throw error;
  }
}

function revisionConflict(): ArangoError {
  return new ArangoError('ERROR_ARANGO_CONFLICT', { message: 'conflict, _rev values do not match' });
}

function answerConflict(collection: Collection, key: string, error: ArangoError): HttpAnswer {
  const present = collection.exists(key);
  if (present === undefined) return answerError(error);
  const { errorMessage, errorNum } = error;
  return answerJson(412, { error: true, code: 412, errorMessage, errorNum, ...present }, { etag: `"${present._rev}"` });
}

function revisionOf(header: string | undefined): string | undefined {
  return header?.trim().replace(/^"(.*)"$/, '$1');
}

function isDocument(value: Value): value is ValueObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** What `encodeURIComponent` leaves alone. */
const PLAIN_ID = /^[\w\-.!~*'()/]+$/;

function encodeId(id: string): string {
  if (PLAIN_ID.test(id)) return id;
  return id.split('/').map(encodeURIComponent).join('/');
}
