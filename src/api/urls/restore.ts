/** /_api/replication/restore-…: how tools bring collections, indexes and documents back that were copied out. */
import { ArangoError } from '#base';
import type { Collection, Database } from '#database';
import { isArray, isObject, type Value, type ValueObject } from '#values';
import { describe } from '../attributes.ts';
import { answerJson } from '../respond.ts';
import { put, type ApiRequest, type Route } from '../routes.ts';

/** Properties that a new collection takes over from an old one. */
const KEPT = ['name', 'type', 'isSystem', 'waitForSync', 'keyOptions', 'schema', 'computedValues', 'cacheEnabled'] as const;

const REMOVAL_ENTRY = 2302;

export const restoreApi: readonly Route[] = [
  put('/_api/replication/restore-collection', 'write', (request) => {
    const { parameters } = partsOf(request);
    const name = nameOf(parameters);
    const { database, query } = request;
    const present = database.findCollection(name);
    if (present !== undefined) {
      if (!query.flag('overwrite')) throw new ArangoError('ERROR_ARANGO_DUPLICATE_NAME', name);
      // A system collection stays, for something may be holding on to it.
      if (present.isSystem) present.truncate();
      else present.drop({ isInGraph: true });
    }
    if (present?.isSystem !== true) create(database, parameters);
    return answerJson(200, { error: false, code: 200, result: true });
  }),

  put('/_api/replication/restore-indexes', 'write', (request) => {
    const { parameters, indexes } = partsOf(request);
    const collection = request.database.getCollection(nameOf(parameters));
    for (const index of indexes) {
      if (!isObject(index)) throw new ArangoError('ERROR_BAD_PARAMETER', `an index must be an object and is ${describe(index)}`);
      if (index['type'] === 'primary' || index['type'] === 'edge') continue;
      const { id: _id, selectivityEstimate: _estimate, isNewlyCreated: _new, ...definition } = index;
      collection.ensureIndex(definition);
    }
    return answerJson(200, { error: false, code: 200, result: true });
  }),

  put('/_api/replication/restore-data', 'write', (request) => {
    const collection = request.database.getCollection(request.query.get('collection'));
    restoreLines(collection, request.text());
    return answerJson(200, { error: false, code: 200, result: true });
  }),

  put('/_api/replication/restore-view', 'write', () => {
    throw new ArangoError('ERROR_NOT_IMPLEMENTED', { message: 'foxden has no views' });
  }),
];

function partsOf(request: ApiRequest): { readonly parameters: ValueObject; readonly indexes: readonly Value[] } {
  const { parameters, indexes = [] } = request.jsonObject();
  if (parameters === undefined || !isObject(parameters))
    throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', { message: 'collection declaration is invalid: there are no parameters' });
  return { parameters, indexes: isArray(indexes) ? indexes : [] };
}

function nameOf({ name }: ValueObject): string {
  if (typeof name === 'string' && name !== '') return name;
  throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', { message: 'collection name is missing' });
}

function create(database: Database, parameters: ValueObject): void {
  const kept = KEPT.filter((name) => (parameters[name] ?? null) !== null).map((name) => [name, parameters[name]!] as const);
  const { keyOptions, ...others } = Object.fromEntries(kept);
  database.createCollection(keyOptions === undefined ? others : { ...others, keyOptions: withoutState(keyOptions) });
}

/** The last key that was given out follows from the documents. */
function withoutState(keyOptions: Value): Value {
  if (!isObject(keyOptions)) return keyOptions;
  const { lastValue: _last, ...others } = keyOptions;
  return others;
}

/** Lines are documents, or documents in an envelope that says what to do with them; the order counts. */
function restoreLines(collection: Collection, text: string): void {
  let documents: ValueObject[] = [];
  const flush = (): void => {
    const failed = collection
      .insertAll(documents, { overwriteMode: 'replace', isRestore: true, silent: true })
      .find((one) => 'error' in one);
    if (failed !== undefined && 'errorMessage' in failed)
      throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', { message: failed.errorMessage });
    documents = [];
  };
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const entry = parseLine(line);
    if (entry['type'] === REMOVAL_ENTRY && typeof entry['key'] === 'string') {
      flush();
      collection.removeAll([entry['key']], { silent: true });
    } else {
      const { data } = entry;
      documents.push(typeof entry['type'] === 'number' && data !== undefined && isObject(data) && !('_key' in entry) ? data : entry);
    }
  }
  if (documents.length > 0) flush();
}

function parseLine(line: string): ValueObject {
  try {
    const entry = JSON.parse(line) as Value;
    if (isObject(entry)) return entry;
  } catch (cause) {
    throw new ArangoError('ERROR_HTTP_CORRUPTED_JSON', { message: `invalid JSON in line: ${describe(line)}` }, { cause });
  }
  throw new ArangoError('ERROR_HTTP_CORRUPTED_JSON', { message: `expecting an object in each line, found ${describe(line)}` });
}
