/**
 * Making and dropping databases, and the system collections that each of them begins with.
 */
import { ArangoError } from '#base';
import type { StorageEngine, Transaction } from '#storage';
import type { ValueObject } from '#values';
import type { Catalog, DatabaseCatalog } from './catalog.ts';
import { DatabaseCatalog as EmptyDatabase } from './catalog.ts';
import { createCollection, dropCollection, storeCollection } from './collections.ts';
import type { DatabaseDefinition } from './definition.ts';
import { newIndex, withIndex } from './indexes.ts';
import { checkDatabaseName, type NamingOptions } from './names.ts';
import { databaseKey, writeDatabase } from './records.ts';

export const SYSTEM_DATABASE = '_system';
const SYSTEM_DATABASE_ID = 1;

interface SystemCollection {
  readonly name: string;
  readonly isOnlyInSystemDatabase?: boolean;
  readonly indexes?: readonly ValueObject[];
}

/** As ArangoDB 3.12 makes them, in its order. */
const SYSTEM_COLLECTIONS: readonly SystemCollection[] = [
  { name: '_users', isOnlyInSystemDatabase: true, indexes: [{ type: 'hash', fields: ['user'], unique: true, sparse: true }] },
  { name: '_statistics', isOnlyInSystemDatabase: true, indexes: [{ type: 'persistent', fields: ['time'] }] },
  { name: '_statistics15', isOnlyInSystemDatabase: true, indexes: [{ type: 'persistent', fields: ['time'] }] },
  { name: '_statisticsRaw', isOnlyInSystemDatabase: true, indexes: [{ type: 'persistent', fields: ['time'] }] },
  { name: '_graphs' },
  { name: '_analyzers' },
  { name: '_aqlfunctions' },
  { name: '_queues' },
  {
    name: '_jobs',
    indexes: [
      { type: 'persistent', fields: ['queue', 'status', 'delayUntil'] },
      { type: 'persistent', fields: ['status', 'queue', 'delayUntil'] },
    ],
  },
  { name: '_apps', indexes: [{ type: 'persistent', fields: ['mount'], unique: true }] },
  { name: '_appbundles' },
  { name: '_frontend' },
];

/** Throws 1208 for an illegal name, 1207 for a taken one. */
export function createDatabase(
  transaction: Transaction,
  engine: StorageEngine,
  catalog: Catalog,
  name: string,
  naming: NamingOptions & { readonly serverId: string },
): DatabaseDefinition {
  const isSystem = name === SYSTEM_DATABASE;
  if (!isSystem) checkDatabaseName(name, naming);
  if (catalog.findDatabase(name) !== undefined)
    throw new ArangoError('ERROR_ARANGO_DUPLICATE_NAME', `database name '${name}' already exists`);
  const database: DatabaseDefinition = { id: isSystem ? SYSTEM_DATABASE_ID : engine.tick(), name, isSystem };
  transaction.writeMeta(databaseKey(database.id), writeDatabase(database));
  for (const system of SYSTEM_COLLECTIONS) {
    if (system.isOnlyInSystemDatabase !== true || isSystem) createSystemCollection(transaction, engine, database, system, naming);
  }
  return database;
}

/** Throws 11 for `_system`. */
export function dropDatabase(transaction: Transaction, database: DatabaseCatalog): void {
  if (database.definition.isSystem) throw new ArangoError('ERROR_FORBIDDEN');
  for (const collection of database.collections) dropCollection(transaction, collection, { allowSystem: true });
  transaction.writeMeta(databaseKey(database.definition.id), undefined);
}

/** Its indexes are ready at once: there is no document yet. */
function createSystemCollection(
  transaction: Transaction,
  engine: StorageEngine,
  database: DatabaseDefinition,
  { name, indexes = [] }: SystemCollection,
  naming: NamingOptions & { readonly serverId: string },
): void {
  const empty = new EmptyDatabase(database, []);
  let collection = createCollection(transaction, engine, empty, { name, isSystem: true }, naming);
  for (const definition of indexes) {
    collection = withIndex(collection, { ...newIndex(engine, definition, naming), isBuilding: false });
  }
  storeCollection(transaction, collection);
}
