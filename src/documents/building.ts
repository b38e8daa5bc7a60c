/**
 * Making indexes over documents that are there already, while others go on writing.
 *
 * The index is defined first, as one that is being built: from then on every write keeps it up, and nobody reads it. Then the documents
 * of a snapshot taken after that get their entries, a batch at a time, each as it is when its turn comes. At the end the index is
 * declared ready. Putting an entry where it already is does no harm, so several threads may build the same index at once.
 *
 * Should the server stop in between, `dropUnfinishedIndexes` clears up. Where several processes share the store, it leaves alone what another
 * one is building: that one holds a lock meanwhile, which goes with it.
 */
import { ArangoError } from '#base';
import {
  discardTables,
  findSameIndex,
  indexTables,
  newIndex,
  storeCollection,
  withIndex,
  withoutIndex,
  type CollectionDefinition,
  type IndexDefinition,
  type NamingOptions,
} from '#catalog';
import type { BatchCursor, IndexEntry, Mutation, RowBatch, StorageEngine, Transaction } from '#storage';
import { DocumentView, type ValueObject } from '#values';
import { isThere } from './batches.ts';
import { isStorageConflict } from './conflicts.ts';
import { refusedMutation } from './failures.ts';
import { entryMaker } from './indexes/entries.ts';
import type { DocumentStore } from './store.ts';
import type { DocumentTransaction } from './transaction.ts';

/** A collection with no more documents gets its index in one go, under the lock. */
const SMALL_COLLECTION = 1000;

/** An index is known by its ids: they do not change, whatever is renamed meanwhile. */
export interface IndexPlace {
  readonly collectionId: number;
  readonly indexId: number;
}

export interface PlacedIndex {
  readonly collection: CollectionDefinition;
  readonly index: IndexDefinition;
}

export interface EnsuredIndex extends PlacedIndex {
  readonly isNew: boolean;
}

/**
 * The index that `definition` asks for, made if need be. Throws 1210 when documents stand in its way; no index is left behind then.
 * What is wrong with the definition itself is told as `newIndex` and `findSameIndex` do.
 */
export function ensureIndex(store: DocumentStore, collectionId: number, definition: ValueObject, naming: NamingOptions): EnsuredIndex {
  let claim: Transaction | undefined;
  const started = store.define((transaction) => {
    claim?.abort();
    const collection = transaction.catalog.getCollectionById(collectionId);
    const wanted = newIndex(store.engine, definition, naming);
    const same = findSameIndex(collection, wanted, typeof definition['name'] === 'string');
    if (same !== undefined) return { collection, index: same, isNew: false };
    const isSmall = transaction.count(collection) <= SMALL_COLLECTION;
    const index = { ...wanted, isBuilding: !isSmall };
    // Before anybody can see that it is being built.
    if (!isSmall) claim = claimBuilding(store.engine, index);
    const changed = withIndex(collection, index);
    storeCollection(transaction.storage, changed);
    if (isSmall) for (const rows of readAll(transaction.scan(collection))) addEntries(transaction, changed, index, rows);
    return { collection: changed, index, isNew: true };
  });
  if (!started.index.isBuilding) return started;
  try {
    return { ...build(store, { collectionId, indexId: started.index.id }), isNew: started.isNew };
  } finally {
    claim?.abort();
  }
}

/** The lock of who builds an index, on a table that is used for nothing else. Throws a `StorageConflict` when another has it. */
function claimBuilding(engine: StorageEngine, index: IndexDefinition): Transaction | undefined {
  return engine.name === 'postgres' ? engine.begin({ mode: 'direct', exclusive: indexTables(index).slice(0, 1) }) : undefined;
}

export function dropIndex(store: DocumentStore, place: IndexPlace): void {
  store.define((transaction) => {
    const found = find(transaction, place);
    if (found === undefined) return;
    if (found.index.type === 'primary' || found.index.type === 'edge') throw new ArangoError('ERROR_FORBIDDEN');
    discardTables(transaction.storage, indexTables(found.index));
    storeCollection(transaction.storage, withoutIndex(found.collection, found.index));
  });
}

/** For the start of the server, before anybody in it builds an index. */
export function dropUnfinishedIndexes(store: DocumentStore): void {
  for (const { collections } of store.catalog().databases) {
    for (const { id: collectionId, maintained } of collections) {
      for (const index of maintained) if (index.isBuilding) dropUnfinished(store, { collectionId, indexId: index.id }, index);
    }
  }
}

function dropUnfinished(store: DocumentStore, place: IndexPlace, index: IndexDefinition): void {
  let claim: Transaction | undefined;
  try {
    claim = claimBuilding(store.engine, index);
  } catch (error) {
    if (isStorageConflict(error)) return;
    throw error;
  }
  try {
    dropIndex(store, place);
  } finally {
    claim?.abort();
  }
}

function build(store: DocumentStore, place: IndexPlace): PlacedIndex {
  const snapshot = store.begin({ mode: 'read' });
  try {
    const cursor = snapshot.scan(get(snapshot, place).collection);
    for (let rows = cursor.next(); rows !== undefined; rows = cursor.next()) {
      const { ids } = rows;
      store.define((transaction) => {
        const { collection, index } = get(transaction, place);
        addEntries(transaction, collection, index, transaction.rows(collection, ids));
      });
    }
  } catch (error) {
    dropIndex(store, place);
    throw error;
  } finally {
    snapshot.abort();
  }
  return store.define((transaction) => {
    const { collection, index } = get(transaction, place);
    const ready = { ...index, isBuilding: false };
    const changed = withIndex(collection, ready);
    storeCollection(transaction.storage, changed);
    return { collection: changed, index: ready };
  });
}

/** Rows are written again as they are, with the entries of one index more. Throws 1210. */
function addEntries(transaction: DocumentTransaction, collection: CollectionDefinition, index: IndexDefinition, rows: RowBatch): void {
  const maker = entryMaker(index);
  const mutations: Mutation[] = [];
  for (let place = 0; place < rows.count; place++) {
    if (!isThere(rows, place)) continue;
    const start = rows.starts[place]!;
    const end = rows.ends[place]!;
    const add: IndexEntry[] = [];
    maker.add(new DocumentView(rows.buffer, start, end, collection.name), add);
    if (add.length === 0) continue;
    mutations.push({ do: 'replace', table: collection.rows, id: rows.ids[place]!, bytes: rows.buffer.subarray(start, end), add, drop: [] });
  }
  const failure = transaction.storage.mutate(mutations).find((one) => one !== undefined);
  if (failure !== undefined) throw refusedMutation(transaction.storage, collection, failure);
}

/** Before anything is written: a cursor need not bear changes to what it reads. */
function readAll(cursor: BatchCursor<RowBatch>): RowBatch[] {
  const batches: RowBatch[] = [];
  for (let rows = cursor.next(); rows !== undefined; rows = cursor.next()) batches.push(rows);
  return batches;
}

/** Throws 1212 when the index or its collection is gone. */
function get(transaction: DocumentTransaction, place: IndexPlace): PlacedIndex {
  const found = find(transaction, place);
  if (found === undefined) throw new ArangoError('ERROR_ARANGO_INDEX_NOT_FOUND');
  return found;
}

function find({ catalog }: DocumentTransaction, { collectionId, indexId }: IndexPlace): PlacedIndex | undefined {
  const collection = catalog.findCollectionById(collectionId);
  const index = collection?.maintained.find(({ id }) => id === indexId);
  return collection === undefined || index === undefined ? undefined : { collection, index };
}
