/** Databases in a store that is gone when a test is over. Queries are another layer's business: here they are refused. */
import type { Aql } from '#aql';
import { ArangoError } from '#base';
import { openMemoryStorage, type StorageEngine } from '#storage';
import { openDatabases, type Databases, type DatabasesOptions } from './databases.ts';
import type { Database } from './database.ts';

function refuse(): never {
  throw new ArangoError('ERROR_NOT_IMPLEMENTED');
}

export const NO_QUERIES: Aql = { parse: refuse, prepare: refuse, explain: refuse };

export interface TemporaryDatabases {
  readonly engine: StorageEngine;
  readonly databases: Databases;
  /** `_system`, opened for the server itself. */
  readonly database: Database;
  close(): void;
}

export function openTemporaryDatabases(options: Partial<DatabasesOptions> = {}): TemporaryDatabases {
  const engine = openMemoryStorage();
  const databases = openDatabases(engine, { aql: NO_QUERIES, ...options });
  return {
    engine,
    databases,
    database: databases.get('_system'),
    close() {
      databases.close();
      engine.close();
    },
  };
}
