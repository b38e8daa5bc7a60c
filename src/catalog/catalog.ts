/**
 * Snapshots of what exists, and the cache that makes a new one only when something changed.
 *
 * A snapshot never changes; a newer one shares with it every definition that stayed the same, so what is cached under a definition
 * outlives changes to others.
 */
import { ArangoError } from '#base';
import type { StorageEngine, Transaction } from '#storage';
import type { CollectionDefinition, DatabaseDefinition } from './definition.ts';
import { COLLECTION_PREFIX, DATABASE_PREFIX, readCollection, readDatabase } from './records.ts';

/** What exists by now, for who does not find what another coordinator may have made a moment ago. */
type LookAgain = () => Catalog;

export class Catalog {
  /** The engine's `metaVersion()` that it shows. */
  readonly version: number;
  /** In the order of their creation. */
  readonly databases: readonly DatabaseCatalog[];
  readonly #byName: ReadonlyMap<string, DatabaseCatalog>;
  readonly #byId: ReadonlyMap<number, DatabaseCatalog>;
  /** Databases by the ids of their collections; made when first asked for. */
  #homes: ReadonlyMap<number, DatabaseCatalog> | undefined;

  readonly #lookAgain: LookAgain | undefined;

  constructor(version: number, databases: readonly DatabaseCatalog[], lookAgain?: LookAgain) {
    this.version = version;
    this.#lookAgain = lookAgain;
    this.databases = databases;
    this.#byName = new Map(databases.map((database) => [database.definition.name, database]));
    this.#byId = new Map(databases.map((database) => [database.definition.id, database]));
  }

  findDatabase(name: string): DatabaseCatalog | undefined {
    return this.#byName.get(name) ?? this.#lookAgain?.().knownDatabase(name);
  }

  /** Without looking again. */
  knownDatabase(nameOrId: string | number): DatabaseCatalog | undefined {
    return typeof nameOrId === 'string' ? this.#byName.get(nameOrId) : this.#byId.get(nameOrId);
  }

  /** Throws 1228. */
  getDatabase(name: string): DatabaseCatalog {
    const database = this.findDatabase(name);
    if (database === undefined) throw new ArangoError('ERROR_ARANGO_DATABASE_NOT_FOUND');
    return database;
  }

  /** A name may pass to another database, an id does not. Throws 1228. */
  getDatabaseById(id: number): DatabaseCatalog {
    const database = this.#byId.get(id) ?? this.#lookAgain?.().knownDatabase(id);
    if (database === undefined) throw new ArangoError('ERROR_ARANGO_DATABASE_NOT_FOUND');
    return database;
  }

  /** A collection of any database. */
  findCollectionById(id: number): CollectionDefinition | undefined {
    return this.knownCollection(id) ?? this.#lookAgain?.().knownCollection(id);
  }

  /** Without looking again. */
  knownCollection(id: number): CollectionDefinition | undefined {
    this.#homes ??= new Map(this.databases.flatMap((database) => database.collections.map((collection) => [collection.id, database])));
    return this.#homes.get(id)?.knownCollection(String(id));
  }

  /** Throws 1203. */
  getCollectionById(id: number): CollectionDefinition {
    const collection = this.findCollectionById(id);
    if (collection === undefined) throw new ArangoError('ERROR_ARANGO_DATA_SOURCE_NOT_FOUND');
    return collection;
  }
}

export class DatabaseCatalog {
  readonly definition: DatabaseDefinition;
  /** In the order of their creation. */
  readonly collections: readonly CollectionDefinition[];
  readonly #byName: ReadonlyMap<string, CollectionDefinition>;
  readonly #byId: ReadonlyMap<string, CollectionDefinition>;

  readonly #lookAgain: LookAgain | undefined;

  constructor(definition: DatabaseDefinition, collections: readonly CollectionDefinition[], lookAgain?: LookAgain) {
    this.definition = definition;
    this.#lookAgain = lookAgain;
    this.collections = collections;
    this.#byName = new Map(collections.map((collection) => [collection.name, collection]));
    this.#byId = new Map(collections.map((collection) => [String(collection.id), collection]));
  }

  /** By name, or by id as text. No name begins with a digit, so the two cannot be mistaken. */
  findCollection(nameOrId: string): CollectionDefinition | undefined {
    return this.knownCollection(nameOrId) ?? this.#lookAgain?.().knownDatabase(this.definition.id)?.knownCollection(nameOrId);
  }

  /** Without looking again. */
  knownCollection(nameOrId: string): CollectionDefinition | undefined {
    return this.#byName.get(nameOrId) ?? this.#byId.get(nameOrId);
  }

  /** Throws 1203. */
  getCollection(nameOrId: string): CollectionDefinition {
    const collection = this.findCollection(nameOrId);
    if (collection === undefined) throw new ArangoError('ERROR_ARANGO_DATA_SOURCE_NOT_FOUND', nameOrId);
    return collection;
  }
}

interface Cached<Definition> {
  readonly bytes: Uint8Array;
  readonly definition: Definition;
}

/** One for each thread. */
export class CatalogCache {
  readonly #engine: StorageEngine;
  #catalog = new Catalog(-1, []);
  #databases = new Map<string, Cached<DatabaseDefinition>>();
  #collections = new Map<string, Cached<CollectionDefinition>>();

  readonly #lookAgain: LookAgain | undefined;

  constructor(engine: StorageEngine) {
    this.#engine = engine;
    if (engine.name === 'embedded') return;
    this.#lookAgain = () => {
      engine.latestMetaVersion();
      return this.latest();
    };
  }

  /**
   * The catalog as `transaction` sees it. `version` is the engine's `metaVersion()`, taken before a transaction with a snapshot
   * began, or while a direct one holds the lock: the catalog is then never older than its version says.
   */
  read(transaction: Transaction, version: number): Catalog {
    if (this.#catalog.version !== version) this.#catalog = this.#load(transaction, version);
    return this.#catalog;
  }

  /** The catalog of this moment. */
  latest(): Catalog {
    const version = this.#engine.metaVersion();
    if (this.#catalog.version === version) return this.#catalog;
    const transaction = this.#engine.begin({ mode: 'read' });
    try {
      return this.read(transaction, version);
    } finally {
      transaction.abort();
    }
  }

  #load(transaction: Transaction, version: number): Catalog {
    this.#databases = reread(transaction.listMeta(DATABASE_PREFIX), this.#databases, readDatabase);
    this.#collections = reread(transaction.listMeta(COLLECTION_PREFIX), this.#collections, readCollection);
    const before = new Map(this.#catalog.databases.map((database) => [database.definition, database]));
    const collections = new Map<number, CollectionDefinition[]>();
    for (const { definition } of this.#collections.values()) {
      const siblings = collections.get(definition.databaseId);
      if (siblings === undefined) collections.set(definition.databaseId, [definition]);
      else siblings.push(definition);
    }
    return new Catalog(
      version,
      Array.from(this.#databases.values(), ({ definition }) => {
        const own = collections.get(definition.id) ?? [];
        const known = before.get(definition);
        const isSame = known?.collections.length === own.length && known.collections.every((collection, i) => collection === own[i]);
        return isSame ? known : new DatabaseCatalog(definition, own, this.#lookAgain);
      }),
      this.#lookAgain,
    );
  }
}

function reread<Definition>(
  entries: readonly (readonly [key: string, value: Uint8Array])[],
  before: ReadonlyMap<string, Cached<Definition>>,
  read: (bytes: Uint8Array) => Definition,
): Map<string, Cached<Definition>> {
  return new Map(
    entries.map(([key, bytes]) => {
      const known = before.get(key);
      return [key, known !== undefined && Buffer.compare(known.bytes, bytes) === 0 ? known : { bytes, definition: read(bytes) }];
    }),
  );
}
