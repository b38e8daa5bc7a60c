/** Functions that look into collections, and into what documents are made of. */
import { ArangoError } from '#base';
import {
  decodeRevision,
  DocumentView,
  isArray,
  isObject,
  plain,
  revisionParts,
  toNumber,
  toText,
  type Value,
  type ValueObject,
} from '#values';
import type { FunctionContext } from './context.ts';
import { collection, define, numeral, optional, string, text, value, view, warn } from './define.ts';
import { setAttribute } from './attributes.ts';
import { identifierText } from './identifier.ts';
import { validateBySchema } from './document-schema.ts';

export const DOCUMENT = define({
  name: 'DOCUMENT',
  summary:
    'The document of an identifier, or of a collection and a key or identifier; null if there is none. For an array those that there are.',
  params: [collection('collectionOrId'), optional(value('id'))],
  deterministic: false,
  cacheable: false,
  canPrune: false,
  examples: [
    ['DOCUMENT("foxes/vixen").legs', 4],
    ['DOCUMENT("foxes", "vixen").legs', 4],
    ['LENGTH(DOCUMENT("foxes", ["vixen", "foxes/vixen", "none"]))', 2],
    ['DOCUMENT("foxes", "owls/vixen")', null],
    ['DOCUMENT(["foxes/none", 1])', []],
    ['DOCUMENT(1, "vixen")', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (first, second, context) => {
    const [name, id] = second === undefined ? [undefined, first] : [first, second];
    if (name !== undefined && typeof name !== 'string') return warn(context, 'DOCUMENT');
    if (!isArray(id)) return findDocument(name, id, context) ?? null;
    return id.flatMap((each) => findDocument(name, each, context)?.toObject() ?? []);
  },
});

export const COLLECTION_COUNT = define({
  name: 'COLLECTION_COUNT',
  summary: 'How many documents a collection has. LENGTH of a collection is the same.',
  params: [collection('coll')],
  deterministic: false,
  cacheable: false,
  canThrow: true,
  canPrune: false,
  examples: [['COLLECTION_COUNT("foxes")', 1]],
  call: (name, context) => {
    if (typeof name === 'string') return context.documents.count(name);
    throw new ArangoError('ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH', {
      message: "invalid argument type in call to function 'COLLECTION_COUNT()'",
    });
  },
});

export const COLLECTIONS = define({
  name: 'COLLECTIONS',
  summary: 'Name and id of each collection that the user may see.',
  params: [],
  deterministic: false,
  cacheable: false,
  canPrune: false,
  examples: [['COLLECTIONS()[1]', { _id: '1', name: 'foxes' }]],
  call: (context) =>
    context.documents
      .collections()
      .map(({ id, name }) => ({ _id: id, name }))
      .toSorted((left, right) => (left.name.toLowerCase() < right.name.toLowerCase() ? -1 : 1)),
});

export const SHARD_ID = define({
  name: 'SHARD_ID',
  summary: 'The shard of a collection that documents with these shard keys are in. A collection is never cut here: it is its name.',
  params: [collection('collection'), value('shardKeys')],
  deterministic: false,
  canPrune: false,
  examples: [['SHARD_ID("foxes", {_key: "vixen"})', 'foxes']],
  call: (name) => name,
});

export const DECODE_REV = define({
  name: 'DECODE_REV',
  summary: 'When a revision was made, and its count among those of the same millisecond.',
  params: [string('revision')],
  examples: [
    ['DECODE_REV("_YU0HOEG---")', { date: '2019-03-11T16:15:05.314Z', count: 0 }],
    ['DECODE_REV("a fox")', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (revision, context) => {
    const { timeMs, count } = revisionParts(decodeRevision(revision) ?? 0n);
    return timeMs === 0 ? warn(context, 'DECODE_REV') : { date: new Date(timeMs).toISOString(), count };
  },
});

export const CHECK_DOCUMENT = define({
  name: 'CHECK_DOCUMENT',
  summary: 'Whether `document` is an object that names no attribute twice. None does that is stored here.',
  params: [view('document')],
  examples: [
    ['CHECK_DOCUMENT({a: 1})', true],
    ['CHECK_DOCUMENT([])', false],
  ],
  call: (document) => document instanceof DocumentView || isObject(document),
});

export const SCHEMA_GET = define({
  name: 'SCHEMA_GET',
  summary: "The definition of a collection's schema; null if it has none.",
  params: [collection('collection')],
  deterministic: false,
  canThrow: true,
  canPrune: false,
  examples: [['SCHEMA_GET("foxes")', null]],
  call: (given, context) => {
    const [name = ''] = identifierText(given).split('/');
    if (name === '') throw new ArangoError('ERROR_BAD_PARAMETER', { message: 'could not extract collection name from parameters' });
    return context.documents.schema(name);
  },
});

export const SCHEMA_VALIDATE = define({
  name: 'SCHEMA_VALIDATE',
  summary: 'Whether a document is as a schema definition demands, and what is wrong if not.',
  params: [view('doc'), value('schema')],
  canThrow: true,
  canPrune: false,
  examples: [
    ['SCHEMA_VALIDATE({legs: 4}, {rule: {properties: {legs: {type: "number"}}}})', { valid: true }],
    [
      'SCHEMA_VALIDATE({legs: "4"}, {rule: {properties: {legs: {type: "number"}}}, message: "No fox!"})',
      { valid: false, errorMessage: 'No fox!' },
    ],
    ['SCHEMA_VALIDATE({}, null)', { valid: true }],
    ['SCHEMA_VALIDATE(1, null)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (document, schema, context) => {
    const given = plain(document);
    if (!isObject(given)) {
      return warn(context, 'SCHEMA_VALIDATE', 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH', 'expecting document object');
    }
    if (schema === null || (isObject(schema) && Object.keys(schema).length === 0)) return { valid: true };
    if (isObject(schema)) return validateBySchema(given, schema);
    throw new ArangoError('ERROR_BAD_PARAMETER', { message: `second parameter is not a schema object: ${JSON.stringify(schema)}` });
  },
});

const NEAREST_BY_DEFAULT = 100;

export const NEAR = define({
  name: 'NEAR',
  summary: 'The `limit` documents of a collection with a geo index that are nearest to a point, the nearest first.',
  params: [
    collection('coll'),
    value('latitude'),
    value('longitude'),
    optional(value('limit'), null),
    optional(value('distanceName'), null),
  ],
  deterministic: false,
  cacheable: false,
  canThrow: true,
  canPrune: false,
  examples: [['NEAR("dens", 0, 0, 1, "d")[0].d', 0]],
  call: (name, latitude, longitude, limit, distanceName, context) => {
    const most = limit === null ? NEAREST_BY_DEFAULT : limit;
    return byDistance('NEAR', name, { latitude, longitude, radius: Infinity, most }, distanceName, context);
  },
});

export const WITHIN = define({
  name: 'WITHIN',
  summary: 'The documents of a collection with a geo index that are within `radius` metres of a point, the nearest first.',
  params: [collection('coll'), value('latitude'), value('longitude'), value('radius'), optional(value('distanceName'), null)],
  deterministic: false,
  cacheable: false,
  canThrow: true,
  canPrune: false,
  examples: [['LENGTH(WITHIN("dens", 0, 0, 200000))', 2]],
  call: (name, latitude, longitude, radius, distanceName, context) =>
    byDistance('WITHIN', name, { latitude, longitude, radius, most: Infinity }, distanceName, context),
});

export const WITHIN_RECTANGLE = define({
  name: 'WITHIN_RECTANGLE',
  summary: 'The documents of a collection with a geo index that lie between two latitudes and two longitudes.',
  params: [collection('coll'), numeral('latitude1'), numeral('longitude1'), numeral('latitude2'), numeral('longitude2')],
  deterministic: false,
  cacheable: false,
  canThrow: true,
  canPrune: false,
  examples: [['WITHIN_RECTANGLE("dens", 0.5, 0.5, 2, 2)[0]._key', 'b']],
  call: (name, latitude1, longitude1, latitude2, longitude2, context) => {
    return located(name, context)
      .filter((each) => isBetween(each.latitude, latitude1, latitude2) && isBetween(each.longitude, longitude1, longitude2))
      .map(({ document }) => document);
  },
});

export const FULLTEXT = define({
  name: 'FULLTEXT',
  summary:
    'The documents of a collection whose attribute, which has a fulltext index, has the words of a query: `word`, `prefix:word`, with a comma between them and `+`, `|` or `-` before for and, or, and not.',
  params: [collection('coll'), text('attribute'), text('query'), optional(value('limit'), null)],
  deterministic: false,
  cacheable: false,
  canThrow: true,
  canPrune: false,
  examples: [['FULLTEXT("tales", "text", "fox,prefix:hun,-bear")[0]._key', 'a']],
  call: (name, attribute, query, limit, context) => {
    const collectionName = toText(name);
    const most = limit === null ? -1 : Math.trunc(toNumber(limit));
    const found = context.documents.withWords(collectionName, attribute, query, most < 0 ? Infinity : most);
    if (found !== undefined) return found.map((document) => document.toObject());
    throw new ArangoError('ERROR_QUERY_FULLTEXT_INDEX_MISSING', {
      message: `no suitable fulltext index found for fulltext query on '${collectionName}'`,
    });
  },
});

/** The document of a key or identifier; of an identifier only in that collection, if one is given. */
function findDocument(name: string | undefined, id: Value, context: FunctionContext): DocumentView | undefined {
  if (typeof id !== 'string') return undefined;
  const [first = '', key] = id.split('/');
  if (key === undefined) return name === undefined ? undefined : context.documents.find(name, id);
  return name === undefined || name === first ? context.documents.find(first, key) : undefined;
}

interface Located {
  readonly document: ValueObject;
  readonly latitude: number;
  readonly longitude: number;
}

/** The documents of a collection that its geo index knows a place of. Throws 1570 when it has no such index. */
function located(given: Value, context: FunctionContext): Located[] {
  const name = toText(given);
  const index = context.documents.indexes(name).find(({ type }) => typeof type === 'string' && /^geo[12]?$/.test(type));
  const fields = index?.['fields'] ?? null;
  if (index === undefined || !isArray(fields)) throw missingGeoIndex(name);
  const rows: Located[] = [];
  for (const each of context.documents.all(name)) {
    const document = each.toObject();
    const [latitude, longitude] = placeOf(
      fields.map((field) => valueAt(document, toText(field))),
      index['geoJson'] === true,
    );
    if (typeof latitude === 'number' && typeof longitude === 'number') rows.push({ document, latitude, longitude });
  }
  return rows;
}

/** Latitude and longitude, from two fields or from one with both; GeoJSON has longitude first. */
function placeOf(values: readonly Value[], isGeoJson: boolean): readonly (Value | undefined)[] {
  const [first = null] = values;
  if (values.length > 1) return values;
  const pair = isArray(first) ? first : isObject(first) ? (first['coordinates'] ?? null) : null;
  if (!isArray(pair)) return [];
  return isGeoJson || isObject(first) ? [pair[1], pair[0]] : pair;
}

function isBetween(given: number, one: number, other: number): boolean {
  return given >= Math.min(one, other) && given <= Math.max(one, other);
}

function valueAt(object: ValueObject, path: string): Value {
  return path.split('.').reduce<Value>((found, name) => (isObject(found) ? (found[name] ?? null) : null), object);
}

function missingGeoIndex(name: string): ArangoError {
  return new ArangoError('ERROR_QUERY_GEO_INDEX_MISSING', { message: `no suitable geo index found for geo restriction on '${name}'` });
}

interface Surroundings {
  readonly latitude: Value;
  readonly longitude: Value;
  /** In metres. */
  readonly radius: Value;
  /** No more documents than so many. */
  readonly most: Value;
}

/** ArangoDB makes a query of its own of these two, so that arguments which do not fit end the query. */
function byDistance(
  functionName: string,
  name: Value,
  { latitude, longitude, radius, most }: Surroundings,
  distanceName: Value,
  context: FunctionContext,
): Value[] {
  if (
    (distanceName !== null && typeof distanceName !== 'string') ||
    typeof name !== 'string' ||
    typeof latitude !== 'number' ||
    typeof longitude !== 'number' ||
    typeof radius !== 'number' ||
    typeof most !== 'number'
  ) {
    throw new ArangoError('ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH', {
      message: `invalid argument type in call to function '${functionName}()'`,
    });
  }
  const nearest = context.documents.nearest(name, latitude, longitude);
  if (nearest === undefined) throw missingGeoIndex(name);
  const found: Value[] = [];
  const limit = Math.trunc(most);
  if (limit < 1) return found;
  for (const { document, distance } of nearest) {
    if (distance > radius) break;
    const shown: Record<string, Value> = { ...document.toObject() };
    if (distanceName !== null) setAttribute(shown, distanceName, distance);
    found.push(shown);
    if (found.length >= limit) break;
  }
  return found;
}
