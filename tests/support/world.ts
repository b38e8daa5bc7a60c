/** Databases in memory with the collections, documents and indexes that recorded queries were run against. */
import { Aql, type NamedGraph, type PlanningEnvironment, type PreparedQuery, type QueryEnvironment } from '#aql';
import { ArangoError } from '#base';
import {
  createCollection,
  createDatabase,
  describeIndex,
  renameCollection,
  storeCollection,
  SYSTEM_DATABASE,
  withIndex,
  type CollectionDefinition,
  type DatabaseCatalog,
  type IndexDefinition,
} from '#catalog';
import { DocumentStore, ensureIndex, type DocumentTransaction } from '#documents';
import { openTestStorage } from './storage.ts';
import { DocumentView, plain, type Value, type ValueObject } from '#values';
import { Run } from '../../src/aql/run.ts';

export interface DataSet {
  readonly collections: readonly { readonly name: string; readonly type: 'document' | 'edge' }[];
  readonly documents: Readonly<Record<string, readonly ValueObject[]>>;
  readonly indexes?: readonly (ValueObject & { readonly collection: string; readonly type: string })[];
  readonly graphs?: readonly NamedGraph[];
}

export interface Answer {
  readonly result: readonly Value[];
  readonly extra: ValueObject;
}

/** How the rows of an answer are asked for. */
type Form = 'values' | 'json';

export interface QueryCall {
  readonly query: string;
  readonly bindVars?: ValueObject | undefined;
  readonly options?: ValueObject | undefined;
  readonly isKilled?: () => boolean;
}

const rules = { extendedNames: false, serverId: '1' };

/** One store for all data sets. */
export class Worlds {
  readonly #store: DocumentStore;
  readonly #worlds = new Map<string, World>();

  /** With limits for the embedded engine. */
  constructor(embedded?: Parameters<typeof openTestStorage>[0]) {
    this.#store = new DocumentStore(openTestStorage(embedded));
    this.#create(SYSTEM_DATABASE);
  }

  /** The database of a data set, which is made when it is first asked for; without a name it is `_system`. */
  get(name: string, load: () => DataSet | undefined): World {
    let world = this.#worlds.get(name);
    if (world === undefined) {
      const database = name === '' ? SYSTEM_DATABASE : `world${this.#worlds.size}`;
      if (name !== '') this.#create(database);
      world = new World(this.#store, database);
      this.#worlds.set(name, world);
      const data = load();
      if (data !== undefined) world.load(data);
    }
    return world;
  }

  #create(name: string): void {
    const { engine } = this.#store;
    this.#store.define(({ storage, catalog }) => createDatabase(storage, engine, catalog, name, rules));
  }

  close(): void {
    this.#store.engine.close();
  }
}

export interface WorldReader {
  prepare(call: QueryCall): PreparedQuery;
  readonly context: Run;
  documents(collection: string): readonly ValueObject[];
}

export class World {
  readonly #store: DocumentStore;
  readonly #database: string;
  readonly #aql = new Aql({ planCacheEntries: 1000, memoryLimitBytes: 0 });

  constructor(store: DocumentStore, database: string) {
    this.#store = store;
    this.#database = database;
  }

  load({ collections, documents, indexes = [], graphs = [] }: DataSet): void {
    const { engine } = this.#store;
    for (const { name, type } of collections) {
      if (name.startsWith('_')) continue;
      this.#store.define(({ storage, catalog }) =>
        createCollection(storage, engine, catalog.getDatabase(this.#database), { name, type: type === 'edge' ? 3 : 2 }, rules),
      );
    }
    this.#store.write((transaction) => {
      for (const [name, rows] of Object.entries(documents)) this.#insert(transaction, name, rows);
      const definitions = graphs.map((graph) => ({ _key: graph.name, ...(graph as unknown as ValueObject) }));
      this.#insert(transaction, '_graphs', definitions);
    });
    for (const { collection, legacyType: _legacy, ...definition } of indexes) {
      const { id } = this.#store.catalog().getDatabase(this.#database).getCollection(collection);
      ensureIndex(this.#store, id, definition, rules);
    }
  }

  /** Makes the indexes of a collection without documents what they were before their entries held what they are of. */
  makeIndexesOlder(name: string): void {
    this.#store.define(({ storage, catalog }) => {
      const collection = catalog.getDatabase(this.#database).getCollection(name);
      const older = (index: IndexDefinition): IndexDefinition => (index.type === 'persistent' ? { ...index, hasOwnValues: false } : index);
      storeCollection(
        storage,
        collection.maintained.reduce((changed, index) => withIndex(changed, older(index)), collection),
      );
    });
  }

  rename(name: string, to: string): void {
    this.#store.define(({ storage, catalog }) => {
      const database = catalog.getDatabase(this.#database);
      renameCollection(storage, database, database.getCollection(name), to, rules);
    });
  }

  #insert(transaction: DocumentTransaction, collection: string, rows: readonly Value[]): void {
    for (const outcome of transaction.insert(this.#catalog(transaction).getCollection(collection), rows)) {
      if (outcome.is === 'failed') throw outcome.error;
    }
  }

  #catalog({ catalog }: DocumentTransaction): DatabaseCatalog {
    return catalog.getDatabase(this.#database);
  }

  /** Runs queries one after the other on the data as it was loaded; what they write is gone afterwards. */
  run(before: readonly QueryCall[], call: QueryCall, as?: Form): Answer {
    return this.after(before, (run) => run(call, as));
  }

  /** The same for several queries, each of which finds what those before have written, and nothing of one another. */
  after<Result>(before: readonly QueryCall[], action: (run: (call: QueryCall, as?: Form) => Answer) => Result): Result {
    const transaction = this.#store.begin({ mode: 'deferred' });
    try {
      for (const each of before) {
        const savepoint = transaction.savepoint();
        try {
          this.#execute(transaction, each, 'values');
          savepoint.release();
        } catch (error) {
          if (!(error instanceof ArangoError)) throw error;
          savepoint.rollback();
        }
      }
      return action((call, as = 'values') => {
        const savepoint = transaction.savepoint();
        try {
          return this.#execute(transaction, call, as);
        } finally {
          savepoint.rollback();
        }
      });
    } finally {
      transaction.abort();
    }
  }

  /** What is needed to look at a query and its data without running it. */
  read<Result>(action: (reader: WorldReader) => Result): Result {
    return this.#store.read((transaction) => {
      const environment = this.#running(transaction);
      const { database } = environment;
      return action({
        prepare: (call) => this.#aql.prepare(request(call), this.#planning(transaction)),
        context: new Run(environment, { memoryLimitBytes: 0, maxRuntimeSeconds: 0, maxWarningCount: 0, failOnWarning: false, profile: 0 }),
        documents: (name) => documentsOf(transaction, database.getCollection(name)),
      });
    });
  }

  explain(call: QueryCall): ValueObject {
    return this.#store.read((transaction) => this.#aql.explain(request(call), this.#planning(transaction)));
  }

  parse(query: string): ValueObject {
    return this.#aql.parse(query);
  }

  #execute(transaction: DocumentTransaction, call: QueryCall, as: Form): Answer {
    const prepared = this.#aql.prepare(request(call), this.#planning(transaction));
    const execution = prepared.execute(this.#running(transaction, call.isKilled));
    const result: Value[] = [];
    try {
      if (as === 'values')
        for (let batch = execution.next(); batch !== undefined; batch = execution.next()) result.push(...batch.map(plain));
      else {
        for (let batch = execution.nextJson(); batch !== undefined; batch = execution.nextJson()) {
          result.push(...batch.map((text) => JSON.parse(text) as Value));
        }
      }
    } finally {
      execution.close();
    }
    return { result, extra: execution.extra() };
  }

  #planning(transaction: DocumentTransaction): PlanningEnvironment {
    const database = this.#catalog(transaction);
    return {
      database,
      count: (collection) => transaction.count(collection),
      findGraph: (name) => transaction.find(database.getCollection('_graphs'), name)?.toObject() as unknown as NamedGraph | undefined,
      describeIndex: (collection, index) => describeIndex(collection, index, 1),
    };
  }

  #running(transaction: DocumentTransaction, isKilled = (): boolean => false): QueryEnvironment {
    return {
      transaction,
      database: this.#catalog(transaction),
      user: undefined,
      callUserFunction: (name) => {
        throw new ArangoError('ERROR_QUERY_FUNCTION_NOT_FOUND', { message: `user function '${name}()' not found` });
      },
      describeIndexes: (collection) => collection.indexes.map((index) => describeIndex(collection, index, 1)),
      findAnalyzer: () => undefined,
      calculate: () => [],
      version: '3.12.0',
      checkReadable: () => undefined,
      isKilled,
    };
  }
}

const request = ({ query, bindVars = {}, options = {} }: QueryCall) => ({ text: query, bindVars, options });

function documentsOf(transaction: DocumentTransaction, collection: CollectionDefinition): readonly ValueObject[] {
  const documents: ValueObject[] = [];
  const cursor = transaction.scan(collection);
  for (let batch = cursor.next(); batch !== undefined; batch = cursor.next()) {
    for (let i = 0; i < batch.count; i++) {
      documents.push(new DocumentView(batch.buffer, batch.starts[i] ?? 0, batch.ends[i] ?? 0, collection.name).toObject());
    }
  }
  return documents;
}
