/**
 * The `db` object of services: the façade under ArangoDB's names. Collections are its properties too.
 */
import { ARANGODB_VERSION, ArangoError, isArangoError } from '#base';
import { Analyzers, viewsMissing, withParams, type Collection, type Database, type TransactionDefinition } from '#database';
import { toText, type ValueObject } from '#values';
import type { ServiceHost } from '../service.ts';
import { isAqlSource, nameOf } from './aql-tag.ts';
import { ArangoCollection } from './collection.ts';
import type { ArangoQueryCursor } from './cursor.ts';
import { explainText, profileText } from './explainer/explain-text.ts';
import { toObject, toValue } from './plain-value.ts';
import { ArangoStatement, type StatementData } from './statement.ts';
import { ArangoTransaction, type TransactionOptions } from './transaction.ts';

export interface DbOptions {
  readonly database: Database;
  readonly host: ServiceHost;
  readonly print: (text: string) => void;
  /** Queries read the rings of polygons as before ArangoDB 3.10, and geo indexes are made for that. */
  readonly hasLegacyPolygons?: boolean;
  /** Makes a function of its source, with the scope of the service. */
  readonly evaluate: (source: string) => unknown;
}

interface TransactionData extends TransactionOptions {
  readonly action?: unknown;
  readonly params?: unknown;
}

/** An option of queries and of geo indexes. */
const LEGACY_POLYGONS = { legacyPolygons: true };

export type Db = ArangoDatabase & Readonly<Record<string, unknown>>;

export function createDb(options: DbOptions): Db {
  const db = new ArangoDatabase(options);
  return new Proxy(db, {
    get(target, name) {
      if (typeof name === 'string' && !(name in target)) return target._collection(name) ?? undefined;
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function' || Object.hasOwn(target, name)) return member;
      // `const {_query} = db` works in ArangoDB, whose methods know their database.
      const bound: unknown = member.bind(target);
      Object.defineProperty(target, name, { value: bound, writable: true, configurable: true });
      return bound;
    },
    has: (target, name) => name in target || (typeof name === 'string' && target._collection(name) !== null),
  }) as Db;
}

export class ArangoDatabase {
  readonly #options: DbOptions;
  /** By id, so that a collection is the same object each time. */
  readonly #collections = new Map<string, ArangoCollection>();
  #database: Database;

  constructor(options: DbOptions) {
    this.#options = options;
    this.#database = options.database;
  }

  // The database

  _name(): string {
    return this.#database.name;
  }

  _id(): string {
    return this.#database.id;
  }

  _isSystem(): boolean {
    return this.#database.isSystem;
  }

  _path(): string {
    return 'none';
  }

  _properties(): ValueObject {
    return this.#database.properties();
  }

  _version(details = false): unknown {
    if (!details) return ARANGODB_VERSION;
    return {
      server: 'arango',
      license: 'community',
      version: ARANGODB_VERSION,
      details: { 'server-version': ARANGODB_VERSION, mode: 'server' },
    };
  }

  _engine(): ValueObject {
    return { name: 'rocksdb', supports: { indexes: ['primary', 'edge', 'hash', 'skiplist', 'persistent', 'ttl'] } };
  }

  _endpoints(): { readonly endpoint: string }[] {
    return this.#options.host.endpoints.map((endpoint) => ({ endpoint: endpoint.replace(/^http/, 'tcp') }));
  }

  /** Figures of RocksDB, of which there are none. */
  _engineStats(): ValueObject {
    return {};
  }

  _flushCache(): void {}

  _compact(): void {}

  _databases(): readonly string[] {
    return this.#databases().list();
  }

  _createDatabase(name: string, options?: object, users?: readonly object[]): boolean {
    this.#needsSystem();
    this.#databases().create(name, toObject({ ...options, ...(users === undefined ? {} : { users }) }));
    return true;
  }

  _dropDatabase(name: string): boolean {
    this.#needsSystem();
    this.#databases().drop(name);
    return true;
  }

  _useDatabase(name: string): boolean {
    this.#database = this.#databases().get(name);
    this.#collections.clear();
    return true;
  }

  // Collections

  /** In the order of their names. */
  _collections(): ArangoCollection[] {
    const names = this.#database.collections().map((collection) => this.#wrap(collection));
    return names.toSorted((left, right) => (left.name().toLowerCase() < right.name().toLowerCase() ? -1 : 1));
  }

  /** By name or by its numeric id; null when there is none. */
  _collection(nameOrId: string | number): ArangoCollection | null {
    const collection = this.#database.findCollection(String(nameOrId));
    return collection === undefined ? null : this.#wrap(collection);
  }

  /** `(name, properties?, type?, options?)`; the type is 2 or 3, `document` or `edge`. */
  _create(name: string, properties?: object, type?: unknown, options?: object): ArangoCollection {
    const isTyped = typeof type === 'string' || typeof type === 'number';
    const number = type === 'edge' || type === 3 ? 3 : 2;
    const given = { ...properties, ...(isTyped ? options : (type as object | undefined)), name, ...(isTyped ? { type: number } : {}) };
    return this.#wrap(this.#database.createCollection(toObject(given)));
  }

  _createDocumentCollection(name: string, properties?: object, options?: object): ArangoCollection {
    return this._create(name, properties, 'document', options);
  }

  _createEdgeCollection(name: string, properties?: object, options?: object): ArangoCollection {
    return this._create(name, properties, 'edge', options);
  }

  /** One that is not there is no error. */
  _drop(collection: unknown, options?: { readonly isSystem?: boolean }): void {
    this.#database.findCollection(nameOf(collection))?.drop(options);
  }

  _truncate(collection: unknown): void {
    this.#database.findCollection(nameOf(collection))?.truncate();
  }

  // Documents by their ids

  _document(id: unknown): unknown {
    return this.#collectionOf(id).document(id);
  }

  _exists(id: unknown): unknown {
    return this.#collectionOf(id).exists(id);
  }

  _replace(id: unknown, document: unknown, ...options: readonly unknown[]): unknown {
    return this.#collectionOf(oneOf(id)).replace(id, document, ...options);
  }

  _update(id: unknown, changes: unknown, ...options: readonly unknown[]): unknown {
    return this.#collectionOf(oneOf(id)).update(id, changes, ...options);
  }

  _remove(id: unknown, ...options: readonly unknown[]): unknown {
    return this.#collectionOf(id).remove(id, ...options);
  }

  /** Null when there is none. */
  _index(id: unknown): ValueObject | null {
    const text = typeof id === 'object' && id !== null && 'id' in id ? String(id.id) : String(id);
    const collection = this._collection(text.split('/')[0] ?? '');
    try {
      return collection?.index(text) ?? null;
    } catch (error) {
      if (isArangoError(error) && error.errorNum === 1212) return null;
      throw error;
    }
  }

  _dropIndex(id: unknown): boolean {
    const index = this._index(id);
    if (index === null) return false;
    return this._collection(toText(index['id'] ?? null).split('/')[0] ?? '')?.dropIndex(index) ?? false;
  }

  // Queries

  /**
   * `(query, bindVars?, options?)`, `(query, bindVars?, mainOptions, options)`, `({query, bindVars, …}, mainOptions?, options?)`. One set
   * of options serves as both kinds.
   */
  _query(query: unknown, ...rest: readonly unknown[]): ArangoQueryCursor {
    return this.#statement(query, rest).execute();
  }

  _createStatement(data: StatementData | string): ArangoStatement {
    const statement = new ArangoStatement(() => this.#database, data);
    if (this.#options.hasLegacyPolygons) statement.setOptions({ ...LEGACY_POLYGONS, ...statement.getOptions() });
    return statement;
  }

  _parse(query: unknown): ValueObject {
    if (query === '') throw new ArangoError('ERROR_QUERY_EMPTY');
    return this.#database.parse(this.#statement(query, []).getQuery());
  }

  /** Prints how a query would run. */
  _explain(query: unknown, ...rest: readonly unknown[]): void {
    const statement = this.#statement(query, rest);
    this.#options.print(explainText(statement.getQuery(), statement.explain({ ...statement.getOptions(), verbosePlans: true })));
  }

  /** Runs a query, and prints how it ran. */
  _profileQuery(query: unknown, ...rest: readonly unknown[]): void {
    const statement = this.#statement(query, rest);
    statement.setOptions({ ...statement.getOptions(), profile: 2 });
    const cursor = statement.execute();
    this.#options.print(profileText(statement.getQuery(), cursor.getExtra(), cursor.planCacheKey));
  }

  // Views, which need ArangoSearch: there are none, and none can be made

  _views(): readonly never[] {
    return [];
  }

  _view(_nameOrId: unknown): null {
    return null;
  }

  /** Throws 9. */
  _createView(_name: unknown, _type?: unknown, _properties?: unknown): never {
    throw viewsMissing();
  }

  /** One that is not there is no error. */
  _dropView(_nameOrId: unknown): void {}

  // For the modules around it

  _queries(): Database['queries'] {
    return this.#database.queries;
  }

  _analyzers(): Analyzers {
    return new Analyzers(this.#database);
  }

  _userFunctions(): Database['functions'] {
    return this.#database.functions;
  }

  // Transactions

  /** `action` is a function, which may use what is around it, or its source. */
  _executeTransaction(data: TransactionData): unknown {
    if (typeof data !== 'object' || data === null) throw new ArangoError('ERROR_BAD_PARAMETER', 'need the definition of a transaction');
    const { action, params } = data;
    const run: unknown = typeof action === 'string' ? this.#evaluateAction(action) : action;
    if (typeof run !== 'function') throw new ArangoError('ERROR_BAD_PARAMETER', '"action" of a transaction is a function');
    return this.#database.executeTransaction(definitionOf(data), () => Reflect.apply(run, data, [params]) as unknown);
  }

  /** Throws 10 for what is no JavaScript. */
  #evaluateAction(action: string): unknown {
    try {
      return this.#options.evaluate(withParams(action));
    } catch (cause) {
      throw new ArangoError('ERROR_BAD_PARAMETER', cause instanceof Error ? cause.message : String(cause), { cause });
    }
  }

  _createTransaction(data: TransactionOptions): ArangoTransaction {
    return this.#wrapTransaction(this.#database.beginTransaction(definitionOf(data)));
  }

  _transactions(): { readonly id: string; readonly state: string }[] {
    return this.#database.streamTransactions().map((transaction) => ({ id: transaction.id, state: transaction.status() }));
  }

  toString(): string {
    return `[ArangoDatabase "${this.#database.name}"]`;
  }

  toJSON(): string {
    return this.toString();
  }

  #databases(): NonNullable<ServiceHost['databases']> {
    const { databases } = this.#options.host;
    if (databases === undefined) throw new ArangoError('ERROR_FORBIDDEN', 'this service sees its own database only');
    return databases;
  }

  #needsSystem(): void {
    if (!this.#database.isSystem) throw new ArangoError('ERROR_ARANGO_USE_SYSTEM_DATABASE');
  }

  #wrap(collection: Collection): ArangoCollection {
    let wrapped = this.#collections.get(collection.id);
    if (wrapped === undefined) {
      const indexOptions = this.#options.hasLegacyPolygons ? LEGACY_POLYGONS : undefined;
      wrapped = new ArangoCollection(collection, () => this.#database, indexOptions);
      this.#collections.set(collection.id, wrapped);
    }
    return wrapped;
  }

  #wrapTransaction(transaction: ReturnType<Database['beginTransaction']>): ArangoTransaction {
    return new ArangoTransaction(transaction, {
      database: this.#database,
      collection: (name) => this._collection(name),
      query: ([query, ...rest]) => this._query(query, ...rest),
    });
  }

  /** Of an id, or of a document with one. Throws 1205 and 1203. */
  #collectionOf(id: unknown): ArangoCollection {
    const text = typeof id === 'object' && id !== null && '_id' in id ? id._id : id;
    const slash = typeof text === 'string' ? text.indexOf('/') : -1;
    const isOne = typeof text === 'string' && slash > 0 && !text.includes('/', slash + 1);
    if (!isOne) throw new ArangoError('ERROR_ARANGO_DOCUMENT_HANDLE_BAD');
    return this.#wrap(this.#database.getCollection(text.slice(0, slash)));
  }

  #statement(query: unknown, rest: readonly unknown[]): ArangoStatement {
    if (typeof query === 'object' && query !== null && !isAqlSource(query)) {
      const [main, sub = main] = rest as readonly (StatementData | undefined)[];
      const { options, ...own } = query as StatementData;
      return this._createStatement({ ...own, ...main, options: { ...options, ...sub } });
    }
    const [bindVars, main, sub = main] = rest as readonly (object | undefined)[];
    return this._createStatement({
      ...main,
      query,
      ...(bindVars === undefined ? {} : { bindVars }),
      ...(sub === undefined ? {} : { options: sub }),
    });
  }
}

/** Collections may be one name or many. */
function definitionOf(data: TransactionOptions): TransactionDefinition {
  const { collections, lockTimeout, waitForSync, maxTransactionSize } = data;
  const { read, write, exclusive, allowImplicit } = (
    typeof collections === 'string' || Array.isArray(collections) ? { write: collections } : (collections ?? {})
  ) as Record<string, unknown>;
  const definition = {
    collections: { read: namesOf(read), write: namesOf(write), exclusive: namesOf(exclusive), allowImplicit },
    lockTimeout,
    waitForSync,
    maxTransactionSize,
  };
  return toValue(definition) as unknown as TransactionDefinition;
}

/** Of a database's own methods that change documents none takes lists. */
function oneOf(id: unknown): unknown {
  if (Array.isArray(id)) throw new ArangoError('ERROR_ARANGO_DOCUMENT_TYPE_INVALID');
  return id;
}

function namesOf(collections: unknown): string[] | undefined {
  if (collections === undefined) return undefined;
  return Array.isArray(collections) ? collections.map(nameOf) : [nameOf(collections)];
}
