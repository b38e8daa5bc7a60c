/**
 * The façade: all that a client or a service may ask of a database. Everything blocks, and everything is done with the rights of
 * whoever the `Database` was opened for.
 *
 * Errors are `ArangoError`s with ArangoDB's numbers. Properties and answers have ArangoDB's names.
 */
import { createCollection, type DatabaseCatalog } from '#catalog';
import type { ValueObject } from '#values';
import { Collection } from './collection.ts';
import { checkComputedValues } from './computed-values.ts';
import type { DatabaseContext } from './context.ts';
import { DatabaseQueries } from './database-queries.ts';
import type { Scope } from './scope.ts';
import type { QueryCursor } from './cursors.ts';
import { explainQuery, runQuery, type QueryRequest } from './queries.ts';
import { Snapshot } from './snapshots.ts';
import type { StreamTransaction } from './stream-transactions.ts';
import { allAnalyzers, ANALYZERS, findAnalyzer, type AnalyzerDescription } from './find-analyzer.ts';
import { UserFunctions } from './user-functions.ts';
import { beginTransaction, executeTransaction, lockTimeoutMs, type TransactionDefinition } from './transactions.ts';

export class Database {
  readonly name: string;
  readonly id: string;
  readonly isSystem: boolean;
  readonly #context: DatabaseContext;
  readonly #scope: Scope;

  constructor(context: DatabaseContext, scope: Scope, { definition }: DatabaseCatalog) {
    this.name = definition.name;
    this.id = String(definition.id);
    this.isSystem = definition.isSystem;
    this.#context = context;
    this.#scope = scope;
  }

  /** The user that it was opened for; undefined: the server itself. */
  get user(): string | undefined {
    return this.#scope.user;
  }

  /** As `GET /_api/database/current` answers. */
  properties(): ValueObject {
    return { id: this.id, name: this.name, isSystem: this.isSystem, path: 'none' };
  }

  /** Those that the user may see. */
  collections(): readonly Collection[] {
    return this.#catalog()
      .collections.filter(({ name }) => this.#context.access.collectionLevel(this.#scope, name) !== 'none')
      .map((definition) => new Collection(this.#context, this.#scope, definition));
  }

  /** By name, or by numeric id as text. */
  findCollection(nameOrId: string): Collection | undefined {
    const definition = this.#catalog().findCollection(nameOrId);
    return definition === undefined ? undefined : new Collection(this.#context, this.#scope, definition);
  }

  /** Throws 1203. */
  getCollection(nameOrId: string): Collection {
    return new Collection(this.#context, this.#scope, this.#catalog().getCollection(nameOrId));
  }

  /** `name`, `type` and whatever `POST /_api/collection` takes. Throws 1207 when the name is taken, 1208 when it is illegal. */
  createCollection(options: ValueObject): Collection {
    const { store, access, naming } = this.#context;
    access.checkDatabase(this.#scope, 'rw');
    const definition = store.define(({ storage, catalog }) => {
      const created = createCollection(storage, store.engine, catalog.getDatabase(this.name), options, naming);
      checkComputedValues(created.computedValues);
      return created;
    });
    return this.getCollection(String(definition.id));
  }

  query(request: QueryRequest): QueryCursor {
    return runQuery(this.#context, this.#scope, request);
  }

  explain(request: QueryRequest): ValueObject {
    return explainQuery(this.#context, this.#scope, request);
  }

  /** As `POST /_api/query` answers. */
  parse(query: string): ValueObject {
    return this.#context.aql.parse(query);
  }

  get queries(): DatabaseQueries {
    return new DatabaseQueries(this.#context, this.#scope);
  }

  /** One that a user defined, in this database or in `_system`, by its name with the database's. */
  storedAnalyzer(name: string): AnalyzerDescription | undefined {
    return this.#context.store.read((transaction) =>
      this.#seesAnalyzers(name.slice(0, name.lastIndexOf('::')))
        ? findAnalyzer(transaction, transaction.catalog.getDatabase(this.name), name)
        : undefined,
    );
  }

  /** All of them. */
  storedAnalyzers(): readonly AnalyzerDescription[] {
    const names = [...new Set([this.name, '_system'])].filter((name) => this.#seesAnalyzers(name));
    return this.#context.store.read((transaction) =>
      names.flatMap((name) => allAnalyzers(transaction, transaction.catalog.getDatabase(name))),
    );
  }

  #seesAnalyzers(databaseName: string): boolean {
    return this.#context.access.collectionLevel({ ...this.#scope, databaseName }, ANALYZERS) !== 'none';
  }

  /** AQL functions that users wrote. */
  get functions(): UserFunctions {
    return new UserFunctions(this.#context, this.#scope);
  }

  /** A cursor that was kept for further batches (`hasMore`); throws 1600. Disposing of it forgets it. */
  keptCursor(id: string): QueryCursor {
    return this.#context.cursors.get(this.#scope, id);
  }

  /**
   * Runs `action` as one transaction: every use of this database inside, however deep, is part of it. An exception rolls it back and
   * goes on upwards. Throws 1651 when there is one already.
   */
  executeTransaction<Result>(definition: TransactionDefinition, action: () => Result): Result {
    return executeTransaction(this.#context, this.#scope, definition, action);
  }

  /** Whatever is done now is part of a transaction that somebody else ends. */
  get isInTransaction(): boolean {
    return this.#context.store.current !== undefined;
  }

  /** Throws 18 when others have its exclusive collections for too long; with `waits: false` at once. */
  beginTransaction(definition: TransactionDefinition, options: { readonly waits?: boolean } = {}): StreamTransaction {
    return beginTransaction(this.#context, this.#scope, definition, options);
  }

  /** How long a stream transaction waits for its exclusive collections, in milliseconds. */
  lockTimeoutMs(definition: TransactionDefinition): number {
    return lockTimeoutMs(definition, this.#context.transactions.limits.lockTimeoutMs);
  }

  /** Throws 1655. */
  streamTransaction(id: string): StreamTransaction {
    return this.#context.transactions.get(this.#scope, id);
  }

  /** The database as it is now, to be read over many requests. */
  takeSnapshot(ttlSeconds: number): Snapshot {
    const { access, snapshots, store } = this.#context;
    access.checkDatabase(this.#scope, 'ro');
    const snapshot = new Snapshot({ id: this.#context.nextHeldId(), scope: this.#scope, store, access }, ttlSeconds);
    snapshots.add(snapshot);
    return snapshot;
  }

  findSnapshot(id: string): Snapshot | undefined {
    return this.#context.snapshots.find(this.#scope, id);
  }

  /** Throws 1600. */
  snapshot(id: string): Snapshot {
    return this.#context.snapshots.get(this.#scope, id);
  }

  forgetSnapshot(snapshot: Snapshot): void {
    this.#context.snapshots.remove(snapshot);
  }

  streamTransactions(): readonly StreamTransaction[] {
    return this.#context.transactions.running(this.#scope);
  }

  #catalog(): DatabaseCatalog {
    return this.#context.store.catalog().getDatabase(this.name);
  }
}
