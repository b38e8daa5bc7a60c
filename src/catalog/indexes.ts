/**
 * Index definitions, from what clients send.
 *
 * Two definitions are of the same index when type, fields, uniqueness and sparseness agree (of a ttl index: the field); names,
 * stored values and the rest do not matter then. A name belongs to one index of a collection.
 */
import { ArangoError } from '#base';
import type { StorageEngine } from '#storage';
import { isArray, type Value, type ValueObject } from '#values';
import {
  indexTypeName,
  type CollectionDefinition,
  type FulltextIndex,
  type GeoIndex,
  type GeoTypeName,
  type IndexDefinition,
  type MdiIndex,
  type MdiTypeName,
  type OwnIndex,
  type PersistentIndex,
  type PersistentTypeName,
  type TtlIndex,
} from './definition.ts';
import { parseFieldPath, type FieldPath } from './field-path.ts';
import { checkIndexName, type NamingOptions } from './names.ts';
import { badOption, booleanOption, numberOption } from './options.ts';
import { assembleCollection } from './records.ts';

const STORED_VALUES_LIMIT = 32;
const SHORTEST_WORD_BY_DEFAULT = 2;

/** A new index with ids of its own, still to be filled. Throws 10, 1208, 1220, 11, and 9 for a type that foxden does not have. */
export function newIndex(engine: StorageEngine, definition: ValueObject, naming: NamingOptions): OwnIndex {
  const type = typeof definition['type'] === 'string' ? definition['type'] : '';
  switch (type) {
    case 'persistent':
    case 'hash':
    case 'skiplist':
    case 'rocksdb':
      return newPersistentIndex(engine, type, definition, naming);
    case 'ttl':
      return newTtlIndex(engine, definition, naming);
    case 'geo':
    case 'geo1':
    case 'geo2':
      return newGeoIndex(engine, type, definition, naming);
    case 'fulltext':
      return newFulltextIndex(engine, definition, naming);
    case 'mdi':
    case 'mdi-prefixed':
    case 'zkd':
      return newMdiIndex(engine, type, definition, naming);
    case 'inverted':
    case 'vector':
      throw new ArangoError('ERROR_NOT_IMPLEMENTED', `indexes of type ${type}`);
    case 'primary':
    case 'edge':
      throw new ArangoError('ERROR_FORBIDDEN', `cannot create a ${type} index`);
    default:
      throw new ArangoError('ERROR_BAD_PARAMETER', 'invalid index type');
  }
}

function newPersistentIndex(
  engine: StorageEngine,
  typeName: PersistentTypeName,
  definition: ValueObject,
  naming: NamingOptions,
): PersistentIndex {
  const fields = readFields(definition['fields']);
  if (fields.length === 0) throw badOption('fields', 'a list of at least one attribute path');
  const storedValues = readStoredValues(definition['storedValues'], fields);
  return {
    type: 'persistent',
    typeName,
    ...identity(engine, definition, naming),
    fields,
    isUnique: booleanOption(definition, 'unique', false),
    isSparse: booleanOption(definition, 'sparse', false),
    isDeduplicating: booleanOption(definition, 'deduplicate', true),
    hasEstimates: booleanOption(definition, 'estimates', true),
    cacheEnabled: booleanOption(definition, 'cacheEnabled', false),
    storedValues,
    hasOwnValues: storedValues.length === 0 && fields.every(({ expandedStep }) => expandedStep === -1),
    isBuilding: true,
  };
}

function newTtlIndex(engine: StorageEngine, definition: ValueObject, naming: NamingOptions): TtlIndex {
  const fields = readFields(definition['fields']);
  if (fields.length !== 1 || fields[0]?.expandedStep !== -1) throw badOption('fields', 'a list of exactly one attribute path');
  const { expireAfter } = definition;
  if (typeof expireAfter !== 'number' || !(expireAfter >= 0)) throw badOption('expireAfter', 'a number of seconds');
  return {
    type: 'ttl',
    ...identity(engine, definition, naming),
    fields,
    isUnique: false,
    isSparse: true,
    expireAfterSeconds: expireAfter,
    isBuilding: true,
  };
}

function newGeoIndex(engine: StorageEngine, typeName: GeoTypeName, definition: ValueObject, naming: NamingOptions): GeoIndex {
  const fields = readFields(definition['fields']);
  const isFitting = fields.length === 1 || (fields.length === 2 && typeName !== 'geo1');
  if (!isFitting || fields.some(({ expandedStep }) => expandedStep !== -1)) {
    throw badOption('fields', typeName === 'geo1' ? 'a list of one attribute path' : 'a list of one or two attribute paths');
  }
  return {
    type: 'geo',
    typeName,
    ...identity(engine, definition, naming),
    fields,
    isUnique: false,
    isSparse: true,
    isGeoJson: fields.length === 1 && booleanOption(definition, 'geoJson', false),
    hasLegacyPolygons: booleanOption(definition, 'legacyPolygons', false),
    isBuilding: true,
  };
}

function newFulltextIndex(engine: StorageEngine, definition: ValueObject, naming: NamingOptions): FulltextIndex {
  const fields = readFields(definition['fields']);
  if (fields.length !== 1 || fields[0]?.expandedStep !== -1) throw badOption('fields', 'a list of exactly one attribute path');
  const minLength = numberOption(definition, 'minLength', SHORTEST_WORD_BY_DEFAULT);
  if (!(minLength >= 1)) throw badOption('minLength', 'a number of characters above 0');
  return {
    type: 'fulltext',
    ...identity(engine, definition, naming),
    fields,
    isUnique: false,
    isSparse: true,
    minLength: Math.floor(minLength),
    isBuilding: true,
  };
}

function newMdiIndex(engine: StorageEngine, typeName: MdiTypeName, definition: ValueObject, naming: NamingOptions): MdiIndex {
  const fields = readFields(definition['fields']);
  const prefixFields = typeName === 'mdi-prefixed' ? readFields(definition['prefixFields']) : [];
  const all = [...prefixFields, ...fields];
  if (fields.length === 0) throw badOption('fields', 'a list of at least one attribute path');
  if (typeName === 'mdi-prefixed' && prefixFields.length === 0) throw badOption('prefixFields', 'a list of at least one attribute path');
  if (all.some(({ expandedStep }) => expandedStep !== -1)) throw badOption('fields', 'a list of attribute paths without [*]');
  checkDifferent(all);
  if (definition['fieldValueTypes'] !== 'double') {
    throw new ArangoError('ERROR_BAD_PARAMETER', {
      message: 'fieldValueTypes attribute is required and must be set to "double" - only double is supported',
    });
  }
  const isUnique = booleanOption(definition, 'unique', false);
  const mayEstimate = isUnique || typeName === 'mdi-prefixed';
  return {
    type: 'mdi',
    typeName,
    ...identity(engine, definition, naming),
    fields,
    prefixFields,
    storedValues: readStoredValues(definition['storedValues'], prefixFields),
    isUnique,
    isSparse: booleanOption(definition, 'sparse', false),
    hasEstimates: mayEstimate && booleanOption(definition, 'estimates', true),
    isBuilding: true,
  };
}

function identity(engine: StorageEngine, { id, name }: ValueObject, naming: NamingOptions): { id: number; name: string; table: number } {
  if (name !== undefined && name !== null && name !== '') checkIndexName(name, naming);
  return {
    id: givenId(id) ?? engine.tick(),
    name: typeof name === 'string' && name !== '' ? name : `idx_${engine.revision()}`,
    table: engine.tick(),
  };
}

/** `12345`, `"12345"`, or the same after the name of a collection. 0 and 1 are those of the first indexes. */
function givenId(id: Value | undefined): number | undefined {
  if (typeof id !== 'string' && typeof id !== 'number') return undefined;
  const [, digits] = /^(?:.+\/)?([1-9]\d{0,15})$/.exec(String(id)) ?? [];
  const number = Number(digits ?? 0);
  return Number.isSafeInteger(number) && number > 1 ? number : undefined;
}

function readFields(fields: Value | undefined): FieldPath[] {
  const paths = readPaths('fields', fields);
  if (paths.some(({ steps }) => steps.includes('_id'))) throw new ArangoError('ERROR_BAD_PARAMETER', '_id attribute cannot be indexed');
  return paths;
}

function readPaths(option: string, given: Value | undefined): FieldPath[] {
  if (given === undefined || !isArray(given)) throw badOption(option, 'a list of attribute paths');
  const paths = given.map((field) => {
    if (typeof field !== 'string' || field === '') throw badOption(option, 'a list of attribute paths');
    return parseFieldPath(field);
  });
  checkDifferent(paths);
  return paths;
}

function checkDifferent(paths: readonly FieldPath[]): void {
  if (new Set(paths.map(({ text }) => text)).size === paths.length) return;
  throw new ArangoError('ERROR_BAD_PARAMETER', 'duplicate attribute name (overlap) in index fields list');
}

function readStoredValues(values: Value | undefined, fields: readonly FieldPath[]): FieldPath[] {
  if (values === undefined || values === null) return [];
  const paths = readPaths('storedValues', values);
  if (paths.length === 0 || paths.length > STORED_VALUES_LIMIT)
    throw badOption('storedValues', `a list of one to ${STORED_VALUES_LIMIT} attribute paths`);
  if (paths.some((path) => path.expandedStep !== -1)) throw badOption('storedValues', 'a list of attribute paths without [*]');
  if (paths.some((path) => fields.some(({ text }) => text === path.text))) {
    throw badOption('storedValues', "a list of attribute paths that are not in 'fields'");
  }
  return paths;
}

/**
 * The index of `collection` that stands for `index` already. Throws 1005 when another one has its id or its name, 10 for a second ttl
 * index.
 */
export function findSameIndex(collection: CollectionDefinition, index: IndexDefinition, isNamed: boolean): IndexDefinition | undefined {
  const same = collection.maintained.find((other) => isSameIndex(other, index));
  if (same !== undefined) return same;
  if (collection.maintained.some(({ id }) => id === index.id)) {
    throw new ArangoError('ERROR_ARANGO_DUPLICATE_IDENTIFIER', `duplicate value for 'id': '${index.id}'`);
  }
  if (isNamed && collection.maintained.some(({ name }) => name === index.name)) {
    throw new ArangoError('ERROR_ARANGO_DUPLICATE_IDENTIFIER', `duplicate value for 'name': '${index.name}'`);
  }
  if (index.type === 'ttl' && collection.maintained.some(({ type }) => type === 'ttl')) {
    throw new ArangoError('ERROR_BAD_PARAMETER', 'there can only be one ttl index per collection');
  }
  return undefined;
}

function isSameIndex(left: IndexDefinition, right: IndexDefinition): boolean {
  return (
    indexTypeName(left) === indexTypeName(right) &&
    left.isUnique === right.isUnique &&
    left.isSparse === right.isSparse &&
    sameFields(left.fields, right.fields) &&
    (left.type !== 'ttl' || right.type !== 'ttl' || left.expireAfterSeconds === right.expireAfterSeconds) &&
    hasSameNature(left, right)
  );
}

/** What only indexes of one type have. */
function hasSameNature(left: IndexDefinition, right: IndexDefinition): boolean {
  if (left.type === 'geo' && right.type === 'geo') return left.isGeoJson === right.isGeoJson;
  if (left.type === 'fulltext' && right.type === 'fulltext') return left.minLength === right.minLength;
  if (left.type === 'mdi' && right.type === 'mdi') return sameFields(left.prefixFields, right.prefixFields);
  return true;
}

function sameFields(left: readonly FieldPath[], right: readonly FieldPath[]): boolean {
  return left.length === right.length && left.every(({ text }, i) => text === right[i]?.text);
}

/** The collection with the index added, or in place of the one with its id. */
export function withIndex(collection: CollectionDefinition, index: IndexDefinition): CollectionDefinition {
  const others = collection.maintained.filter(({ id }) => id !== index.id);
  return assembleCollection(
    collection,
    [...others, index].toSorted((left, right) => left.id - right.id),
  );
}

export function withoutIndex(collection: CollectionDefinition, index: IndexDefinition): CollectionDefinition {
  return assembleCollection(
    collection,
    collection.maintained.filter(({ id }) => id !== index.id),
  );
}

/**
 * An index by its id (`collection/123`), the number alone, or its name. Throws 1213 for the id of another collection's index, 1212
 * when there is none.
 */
export function getIndex(collection: CollectionDefinition, idOrName: string): IndexDefinition {
  const slash = idOrName.indexOf('/');
  if (slash !== -1 && idOrName.slice(0, slash) !== collection.name) throw new ArangoError('ERROR_ARANGO_CROSS_COLLECTION_REQUEST');
  const own = idOrName.slice(slash + 1);
  const index = collection.indexes.find(({ id, name }) => String(id) === own || name === own);
  if (index === undefined) throw new ArangoError('ERROR_ARANGO_INDEX_NOT_FOUND');
  return index;
}
