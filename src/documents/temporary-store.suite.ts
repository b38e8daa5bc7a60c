/** A store of documents in a folder of its own, with an empty database `test`, for as long as a test needs it. */
import { createCollection, createDatabase, type CollectionDefinition } from '#catalog';
import type { StorageEngine } from '#storage';
import { openTestStorage } from '../../tests/support/storage.ts';
import type { ValueObject } from '#values';

import { ensureIndex } from './building.ts';
import { DocumentStore } from './store.ts';

const NAMING = { extendedNames: false, serverId: 'ABCDEF012345' };

export interface TemporaryStore {
  readonly engine: StorageEngine;
  readonly store: DocumentStore;
  create(options: ValueObject, indexes?: readonly ValueObject[]): CollectionDefinition;
  /** The definition as it is now. */
  collection(name: string): CollectionDefinition;
  close(): void;
}

export function openTemporaryStore(embedded?: Parameters<typeof openTestStorage>[0]): TemporaryStore {
  const engine = openTestStorage(embedded);
  const store = new DocumentStore(engine);
  store.define(({ storage, catalog }) => createDatabase(storage, engine, catalog, 'test', NAMING));
  const collection = (name: string): CollectionDefinition => store.catalog().getDatabase('test').getCollection(name);
  return {
    engine,
    store,
    collection,
    create(options, indexes = []) {
      const { id, name } = store.define(({ storage, catalog }) =>
        createCollection(storage, engine, catalog.getDatabase('test'), options, NAMING),
      );
      for (const index of indexes) ensureIndex(store, id, index, NAMING);
      return collection(name);
    },
    close() {
      engine.close();
    },
  };
}
