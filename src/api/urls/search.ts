/**
 * /_api/analyzer and /_api/view. Analyzers are kept and can be used by functions of AQL. Views need ArangoSearch, which foxden has not: making
 * one says so, and there are none to be found.
 */
import { ArangoError, type HttpAnswer } from '#base';
import type { Collection, Database } from '#database';
import { equalValues, isObject, type ValueObject } from '#values';
import { findAttribute, getAttribute } from '../attributes.ts';
import { answerJson, answerOk, answerResult } from '../respond.ts';
import { del, get, patch, post, put, type ApiRequest, type Route } from '../routes.ts';

const FEATURES = ['frequency', 'norm', 'position'];
const LANGUAGES = ['de', 'en', 'es', 'fi', 'fr', 'it', 'nl', 'no', 'pt', 'ru', 'sv', 'zh'];

/** As ArangoDB brings them along. */
const ANALYZERS: readonly ValueObject[] = [
  { name: 'identity', type: 'identity', properties: {}, features: ['frequency', 'norm'] },
  ...LANGUAGES.map((locale) => ({
    name: `text_${locale}`,
    type: 'text',
    properties: { locale, case: 'lower', stopwords: [], accent: false, stemming: true },
    features: FEATURES,
  })),
];

/** Types of ArangoDB; those that functions of AQL can use are fewer. */
const TYPES = new Set(
  (
    'identity delimiter multi_delimiter stem norm ngram text aql pipeline stopwords collation segmentation minhash classification ' +
    'nearest_neighbors geojson geo_s2 geopoint wildcard'
  ).split(' '),
);
const NAME = /^[a-z][\w-]{0,253}$/i;

export const searchApi: readonly Route[] = [
  get('/_api/analyzer', 'read', ({ database }) =>
    answerResult([...ANALYZERS, ...storedAnalyzers(database).map((document) => describeAnalyzer(database, document))]),
  ),

  get('/_api/analyzer/:name', 'read', ({ database, params }) => answerOk(getAnalyzer(database, params.name))),

  /** 201 for a new one, 200 for one that is there just like that. Throws 10 for one that is there otherwise. */
  post('/_api/analyzer', 'write', (request) => {
    const { database } = request;
    const body = request.jsonObject();
    const name = localName(database, getAttribute(body, 'name', 'string'));
    const type = getAttribute(body, 'type', 'string');
    if (name === undefined || !NAME.test(name))
      throw new ArangoError('ERROR_BAD_PARAMETER', `invalid characters in analyzer name '${name ?? ''}'`);
    if (!TYPES.has(type)) throw new ArangoError('ERROR_BAD_PARAMETER', `there is no analyzer of type '${type}'`);
    const wanted = {
      name,
      type,
      properties: findAttribute(body, 'properties', 'object') ?? {},
      features: findAttribute(body, 'features', 'array') ?? [],
    };
    const present = findStored(database, name);
    if (present !== undefined) {
      if (!isSame(present, wanted)) throw new ArangoError('ERROR_BAD_PARAMETER', `the analyzer '${name}' is there with other properties`);
      return answerJson(200, describeAnalyzer(database, present));
    }
    analyzersOf(database).insert({ _key: name, ...wanted });
    return answerJson(201, describeAnalyzer(database, wanted));
  }),

  del('/_api/analyzer/:name', 'write', ({ database, params }) => {
    if (ANALYZERS.some(({ name }) => name === params.name))
      throw new ArangoError('ERROR_FORBIDDEN', { message: `the analyzer '${params.name}' cannot be removed` });
    const { name } = getAnalyzer(database, params.name);
    analyzersOf(database).remove({ _key: localName(database, params.name) ?? '' });
    return answerOk({ name });
  }),

  get('/_api/view', 'read', () => answerResult([])),

  post('/_api/view', 'write', () => {
    throw new ArangoError('ERROR_NOT_IMPLEMENTED', { message: 'views are not implemented: use indexes and FILTER in the place of SEARCH' });
  }),

  get('/_api/view/:view', 'read', unknownView),
  get('/_api/view/:view/properties', 'read', unknownView),
  put('/_api/view/:view/properties', 'write', unknownView),
  patch('/_api/view/:view/properties', 'write', unknownView),
  put('/_api/view/:view/rename', 'write', unknownView),
  del('/_api/view/:view', 'write', unknownView),
];

function analyzersOf(database: Database): Collection {
  return database.findCollection('_analyzers') ?? database.createCollection({ name: '_analyzers', isSystem: true });
}

function storedAnalyzers(database: Database): readonly ValueObject[] {
  if (database.findCollection('_analyzers') === undefined) return [];
  return database.query({ query: 'FOR a IN _analyzers SORT a._key RETURN a' }).toArray().filter(isObject);
}

function findStored(database: Database, name: string): ValueObject | undefined {
  const collection = database.findCollection('_analyzers');
  return collection?.exists({ _key: name }) === undefined ? undefined : collection.document({ _key: name });
}

/** Without the name of the database before it; undefined for one of another database. */
function localName(database: Database, name: string): string | undefined {
  const parting = name.lastIndexOf('::');
  if (parting === -1) return name;
  return name.slice(0, parting) === database.name ? name.slice(parting + 2) : undefined;
}

/** Throws 1202. */
function getAnalyzer(database: Database, name: string): ValueObject {
  const known = ANALYZERS.find((analyzer) => analyzer['name'] === name);
  if (known !== undefined) return known;
  const local = localName(database, name);
  const found = local === undefined ? undefined : findStored(database, local);
  if (found === undefined) throw new ArangoError('ERROR_ARANGO_DOCUMENT_NOT_FOUND', { message: `unable to find analyzer '${name}'` });
  return describeAnalyzer(database, found);
}

function describeAnalyzer(database: Database, { name, _key, type, properties, features }: ValueObject): ValueObject {
  const own = typeof name === 'string' ? name : _key;
  return { name: `${database.name}::${own as string}`, type: type ?? null, properties: properties ?? {}, features: features ?? [] };
}

function isSame(present: ValueObject, wanted: ValueObject): boolean {
  return ['type', 'properties', 'features'].every((name) => equalValues(present[name] ?? null, wanted[name] ?? null));
}

function unknownView({ params }: ApiRequest<'view'>): HttpAnswer {
  throw new ArangoError('ERROR_ARANGO_DATA_SOURCE_NOT_FOUND', { message: `view not found: ${params.view}` });
}
