/** Databases in a store that is gone when a test is over. */
import type { StorageEngine } from '#storage';
import { openTestStorage } from '../../tests/support/storage.ts';
import { openDatabases, type Databases, type DatabasesOptions } from './databases.ts';
import type { Database } from './database.ts';

export interface TemporaryDatabases {
  readonly engine: StorageEngine;
  readonly databases: Databases;
  /** `_system`, opened for the server itself. */
  readonly database: Database;
  close(): void;
}

export function openTemporaryDatabases(options: Partial<DatabasesOptions> = {}): TemporaryDatabases {
  const engine = openTestStorage();
  const databases = openDatabases(engine, options);
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
