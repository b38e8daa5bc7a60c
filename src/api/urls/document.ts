/**
 * /_api/document: reading and writing documents, one by one or as arrays.
 *
 * A write answers 201 when it is on disk before the answer (`waitForSync`, by the request or by the collection) and 202 otherwise.
 * In an array each element has its own outcome; the header `x-arango-error-codes` counts the errors.
 */
import { ArangoError, isArangoError, type HttpAnswer } from '#base';
import { isOverwriteMode, type Collection, type ElementError, type InsertOptions, type ModifyOptions, type WriteResult } from '#database';
import type { Value, ValueObject } from '#values';
import { answerError, answerJson, answerJsonText } from '../respond.ts';
import { del, get, head, patch, post, put, type ApiRequest, type Route } from '../routes.ts';

type Outcome = WriteResult | ElementError;

export const documentApi: readonly Route[] = [
  get('/_api/document/:collection/:key', 'read', read),

  post('/_api/document/:collection', 'write', (request) => insert(request, collectionOf(request))),
  /** The old form, with the collection in the query. */
  post('/_api/document', 'write', (request) => {
    const name = collectionInQuery(request);
    if (name === undefined || name === '') throw new ArangoError('ERROR_ARANGO_COLLECTION_PARAMETER_MISSING', { message: NO_COLLECTION });
    return insert(request, request.database.getCollection(name));
  }),

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

  put('/_api/document/:collection', 'write', (request) => putMany(request, request.params.collection)),
  put('/_api/document', 'write', (request) => {
    if (wantsToRead(request)) badPath('PUT /_api/document/<collection> with a body');
    return modifyMany(request, namedCollection(request), 'replaceAll');
  }),
  patch('/_api/document/:collection', 'write', (request) => modifyMany(request, request.params.collection, 'updateAll')),
  patch('/_api/document', 'write', (request) => modifyMany(request, namedCollection(request), 'updateAll')),
  del('/_api/document/:collection', 'write', removeMany),

  get('/_api/document', 'read', () => missingKey()),
  get('/_api/document/:collection', 'read', () => missingKey()),
  head('/_api/document', 'read', () => badPath('HEAD /_api/document/<collection>/<key>')),
  head('/_api/document/:collection', 'read', () => badPath('HEAD /_api/document/<collection>/<key>')),
  del('/_api/document', 'write', () => badPath('DELETE /_api/document/<collection>/<key> or /_api/document/<collection> with a body')),
];

function missingKey(): never {
  throw new ArangoError('ERROR_ARANGO_DATA_SOURCE_NOT_FOUND', { message: 'expecting GET /_api/document/<collection>/<key>' });
}

const NO_COLLECTION = "'collection' is missing, expecting /_api/document POST /_api/document/<collection> or query parameter 'collection'";

function badPath(expected: string): never {
  throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', { message: `expecting ${expected}` });
}

const collectionInQuery = ({ query }: ApiRequest): string | undefined => query.find('collection');

function namedCollection(request: ApiRequest): string {
  const name = collectionInQuery(request);
  if (name !== undefined) return name;
  const message = "collection must be given in URL path or query parameter 'collection' must be specified";
  throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', { message });
}

function collectionOf({ database, params }: ApiRequest<'collection'>): Collection {
  return database.getCollection(params.collection);
}

function read(request: ApiRequest<'collection' | 'key'>): HttpAnswer {
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
  return answerJsonText(200, json, headers);
}

const wantsToRead = ({ query }: ApiRequest): boolean => query.find('onlyget') !== undefined;

function putMany(request: ApiRequest, collection: string): HttpAnswer {
  return wantsToRead(request)
    ? readMany(request, request.database.getCollection(collection))
    : modifyMany(request, collection, 'replaceAll');
}

function readMany(request: ApiRequest, collection: Collection): HttpAnswer {
  const selectors = listOf(request);
  const ignoresRevisions = request.query.flag('ignoreRevs', true);
  const asked = selectors.map((selector) => (ignoresRevisions && isDocument(selector) ? { ...selector, _rev: null } : selector));
  return answerJson(200, collection.documents(asked));
}

function insert(request: ApiRequest, collection: Collection): HttpAnswer {
  const options = request.query.isEmpty ? NO_OPTIONS : insertOptions(request);
  const inserted = collection.insertJson(request.http.body, options);
  if (inserted !== undefined) return answerWrite(request, collection, inserted, { done: 201, options });
  const body = request.findJson() ?? null;
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
    // Only what is merged into a document can lose attributes by being null, and unless told otherwise it does.
    ...(mode === 'update' ? { keepNull: query.flag('keepNull') } : {}),
    ...(isOverwriteMode(mode) ? { overwriteMode: mode } : {}),
  };
}

function modifyOne(request: ApiRequest<'collection' | 'key'>, operation: 'update' | 'replace'): HttpAnswer {
  const body = request.findJson() ?? null;
  if (!isDocument(body)) throw new ArangoError('ERROR_ARANGO_DOCUMENT_TYPE_INVALID');
  const collection = collectionOf(request);
  const { key } = request.params;
  return answeringConflicts(collection, key, () => {
    const wanted = revisionOf(request.header('if-match'));
    const ignoreRevs = wanted === undefined && request.query.flag('ignoreRevs', true);
    const options = { ...modifyOptions(request), ignoreRevs };
    const selector = ignoreRevs ? { _key: key } : { _key: key, _rev: wanted ?? body['_rev'] ?? null };
    return answerWrite(request, collection, collection[operation](selector, body, options), { done: 201, options });
  });
}

/** The body is looked at first: what it must be does not depend on the collection. */
function modifyMany(request: ApiRequest, collection: string, operation: 'updateAll' | 'replaceAll'): HttpAnswer {
  const documents = listOf(request);
  const options = { ...modifyOptions(request), ignoreRevs: request.query.flag('ignoreRevs', true) };
  const into = request.database.getCollection(collection);
  return answerMany(request, into, into[operation](documents, options), 201);
}

function listOf(request: ApiRequest): readonly Value[] {
  const body = request.findJson() ?? null;
  if (!Array.isArray(body)) throw new ArangoError('ERROR_ARANGO_DOCUMENT_TYPE_INVALID');
  return body as readonly Value[];
}

/** The body names documents in an array, or one as an object. */
function removeMany(request: ApiRequest<'collection'>): HttpAnswer {
  const body = request.findJson() ?? null;
  const options = { ...modifyOptions(request), ignoreRevs: request.query.flag('ignoreRevs', true) };
  if (Array.isArray(body)) {
    const collection = collectionOf(request);
    return answerMany(request, collection, collection.removeAll(body as readonly Value[], options), 200);
  }
  if (!isDocument(body)) throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', { message: 'Request body not parseable' });
  const collection = collectionOf(request);
  return answerWrite(request, collection, collection.remove(body, options), { done: 200, options });
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
    skipDocumentValidation: query.flag('skipDocumentValidation'),
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

/** Where every element has failed there was nothing to wait for. */
function answerMany(request: ApiRequest, collection: Collection, results: readonly Outcome[], done: number): HttpAnswer {
  const hasFailed = results.length > 0 && results.every((result) => 'error' in result);
  const isDurable = isSynced(request, collection) && !hasFailed;
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
  return { 'x-arango-error-codes': JSON.stringify(Object.fromEntries(counts)) };
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
  return header?.trim().replace(/^["']?(.*?)["']?$/, '$1');
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
