/**
 * Making, changing and dropping collections. All of it happens in a `direct` transaction, whose catalog is exact; the documents
 * and index entries of a collection are in tables that go with it.
 */
import { ArangoError } from '#base';
import type { StorageEngine, Transaction } from '#storage';
import type { Value, ValueObject } from '#values';
import type { DatabaseCatalog } from './catalog.ts';
import { collectionTables, type CollectionDefinition, type CollectionType, type IndexDefinition, type KeyOptions } from './definition.ts';
import { parseFieldPath } from './field-path.ts';
import { discardTables } from './discarded.ts';
import { removeGuard, setGuard } from './guards.ts';
import { checkCollectionName, type NamingOptions } from './names.ts';
import { booleanOption, numberOption, objectOption } from './options.ts';
import { assembleCollection, collectionKey, writeCollection } from './records.ts';
import { readComputedValues } from './computed-values.ts';
import { readSchema } from './schema.ts';

/** Throws 1208 for an illegal name, 1207 for a taken one, 1218, 1232, 1621 or 10 for what is wrong with the rest. */
export function createCollection(
  transaction: Transaction,
  engine: StorageEngine,
  database: DatabaseCatalog,
  options: ValueObject,
  naming: NamingOptions & { readonly serverId: string },
): CollectionDefinition {
  const { name } = options;
  // Others than those whose names begin with _ are none, whatever is said.
  const isSystem = booleanOption(options, 'isSystem', false) && typeof name === 'string' && name.startsWith('_');
  checkCollectionName(name, naming, isSystem);
  const type = collectionType(options['type'] ?? null);
  const keyOptions = readKeyOptions(objectOption(options, 'keyOptions') ?? {}, engine);
  const schema = readSchema(options['schema'] ?? null);
  const computedValues = readComputedValues(options['computedValues'] ?? null);
  checkNameIsFree(database, name);

  const id = engine.tick();
  const collection = assembleCollection(
    {
      id,
      databaseId: database.definition.id,
      name,
      type,
      isSystem,
      rows: engine.tick(),
      globallyUniqueId: isSystem ? name : `h${naming.serverId}/${id}`,
      objectId: engine.tick(),
      waitForSync: booleanOption(options, 'waitForSync', false),
      cacheEnabled: booleanOption(options, 'cacheEnabled', false),
      writeConcern: numberOption(options, 'writeConcern', 1),
      keyOptions,
      schema,
      computedValues,
    },
    systemIndexes(type, engine),
  );
  storeCollection(transaction, collection);
  return collection;
}

export function storeCollection(transaction: Transaction, collection: CollectionDefinition): void {
  transaction.writeMeta(collectionKey(collection.databaseId, collection.id), writeCollection(collection));
  setGuard(transaction, collection);
}

/** System collections go only with `allowSystem` (error 11). */
export function dropCollection(
  transaction: Transaction,
  collection: CollectionDefinition,
  options: { readonly allowSystem: boolean },
): void {
  if (collection.isSystem && !options.allowSystem) throw new ArangoError('ERROR_FORBIDDEN');
  discardTables(transaction, collectionTables(collection));
  removeGuard(transaction, collection);
  transaction.writeMeta(collectionKey(collection.databaseId, collection.id), undefined);
}

/** Throws 11 for a system collection, 1208 and 1207. */
export function renameCollection(
  transaction: Transaction,
  database: DatabaseCatalog,
  collection: CollectionDefinition,
  name: string,
  naming: NamingOptions,
): CollectionDefinition {
  if (collection.isSystem) throw new ArangoError('ERROR_FORBIDDEN');
  checkCollectionName(name, naming, false);
  if (name === collection.name) return collection;
  checkNameIsFree(database, name);
  const renamed = { ...collection, name };
  storeCollection(transaction, renamed);
  return renamed;
}

/** Changes what may be changed of a collection and ignores the rest, as ArangoDB does. */
export function changeCollection(transaction: Transaction, collection: CollectionDefinition, changes: ValueObject): CollectionDefinition {
  const changed = {
    ...collection,
    waitForSync: booleanOption(changes, 'waitForSync', collection.waitForSync),
    cacheEnabled: booleanOption(changes, 'cacheEnabled', collection.cacheEnabled),
    writeConcern: numberOption(changes, 'writeConcern', collection.writeConcern),
    schema: changes['schema'] === undefined ? collection.schema : readSchema(changes['schema']),
    computedValues: changes['computedValues'] === undefined ? collection.computedValues : readComputedValues(changes['computedValues']),
  };
  storeCollection(transaction, changed);
  return changed;
}

/** Whether every change of it has to be told to those who keep what they have read. */
export function tellsChanges({ cacheEnabled, isWalked }: CollectionDefinition): boolean {
  return cacheEnabled || isWalked === true;
}

/** Walks in it are kept, or not, without its property for that. False: so it was. */
export function markWalked(transaction: Transaction, collection: CollectionDefinition, isWalked: boolean): boolean {
  if ((collection.isWalked === true) === isWalked) return false;
  storeCollection(transaction, { ...collection, isWalked: isWalked ? true : undefined });
  return true;
}

/** The properties as `GET /_api/collection/<name>/properties` has them. `lastValue` is of the key generator, if it counts. */
export function describeCollection(collection: CollectionDefinition, lastValue: number | undefined): ValueObject {
  const { keyOptions } = collection;
  return {
    writeConcern: collection.writeConcern,
    waitForSync: collection.waitForSync,
    usesRevisionsAsDocumentIds: true,
    syncByRevision: true,
    supportsRBAC: true,
    statusString: 'loaded',
    id: String(collection.id),
    isSmartChild: false,
    schema: collection.schema,
    name: collection.name,
    type: collection.type,
    status: 3,
    cacheEnabled: collection.cacheEnabled,
    isSystem: collection.isSystem,
    internalValidatorType: 0,
    globallyUniqueId: collection.globallyUniqueId,
    keyOptions: {
      allowUserKeys: keyOptions.allowUserKeys,
      type: keyOptions.type,
      ...(keyOptions.type === 'autoincrement' ? { offset: keyOptions.offset, increment: keyOptions.increment } : {}),
      ...(lastValue === undefined ? {} : { lastValue }),
    },
    computedValues: collection.computedValues,
    objectId: String(collection.objectId),
  };
}

function checkNameIsFree(database: DatabaseCatalog, name: string): void {
  if (database.collections.some((other) => other.name === name)) throw new ArangoError('ERROR_ARANGO_DUPLICATE_NAME');
}

function systemIndexes(type: CollectionType, engine: StorageEngine): IndexDefinition[] {
  const primary: IndexDefinition = {
    type: 'primary',
    id: 0,
    name: 'primary',
    fields: [parseFieldPath('_key')],
    isUnique: true,
    isSparse: false,
    isBuilding: false,
    table: engine.tick(),
  };
  if (type === 2) return [primary];
  const edge: IndexDefinition = {
    type: 'edge',
    id: 1,
    name: 'edge',
    fields: [parseFieldPath('_from'), parseFieldPath('_to')],
    isUnique: false,
    isSparse: false,
    isBuilding: false,
    from: engine.tick(),
    to: engine.tick(),
  };
  return [primary, edge];
}

function collectionType(type: Value): CollectionType {
  if (type === null || type === 2 || type === 'document') return 2;
  if (type === 3 || type === 'edge') return 3;
  throw new ArangoError('ERROR_ARANGO_COLLECTION_TYPE_INVALID');
}

function readKeyOptions(options: ValueObject, engine: StorageEngine): KeyOptions {
  const allowUserKeys = booleanOption(options, 'allowUserKeys', true);
  const { type = null } = options;
  const name = type === null ? 'traditional' : typeof type === 'string' ? type : '';
  switch (name) {
    case 'traditional':
    case 'padded':
    case 'uuid':
      return { type: name, allowUserKeys };
    case 'autoincrement':
      return {
        type: name,
        allowUserKeys,
        offset: wholeOption(options, 'offset', 0, 0),
        increment: wholeOption(options, 'increment', 1, 1),
        counter: engine.tick(),
      };
    default:
      throw new ArangoError('ERROR_ARANGO_INVALID_KEY_GENERATOR', `unknown key generator type`);
  }
}

/** ArangoDB's bound for the spacing of automatic keys. */
const INCREMENT_LIMIT = 2 ** 16;

function wholeOption(options: ValueObject, name: 'offset' | 'increment', otherwise: number, least: number): number {
  const value = options[name] ?? otherwise;
  const limit = name === 'increment' ? INCREMENT_LIMIT : Number.MAX_SAFE_INTEGER;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value >= limit) {
    throw new ArangoError('ERROR_ARANGO_INVALID_KEY_GENERATOR', `${name} value must be a whole number from ${least} on`);
  }
  return value;
}
