/**
 * The documents of one thread: begins transactions and knows which one is going on, so that everything that happens inside it, however
 * deep, is part of it.
 */
import assert from 'node:assert/strict';
import { ArangoError, log } from '#base';
import { CatalogCache, clearDiscardedTables, hasDiscardedTables, markWalked, type Catalog, type CollectionDefinition } from '#catalog';
import type { BeginOptions, Fate, StorageEngine, TableId, Transaction } from '#storage';
import { withoutConflict } from './conflicts.ts';
import { textKey } from './indexes/entry-key.ts';
import { DocumentTransaction, type DeclaredCollections } from './transaction.ts';
import type { ComputeValues } from './write-options.ts';

export interface StoreOptions {
  /** Without it, computed values are kept with their collections and nothing more. */
  readonly computeValues?: ComputeValues;
  /** Told of the ids of the collections that were written to, after each commit. */
  readonly onCommit?: (collections: Iterable<number>) => void;
}

/** Where a document is, if it is there. */
export interface DocumentPlace {
  readonly collection: CollectionDefinition;
  readonly key: string;
}

export class DocumentStore {
  readonly engine: StorageEngine;
  readonly #catalogs: CatalogCache;
  readonly #computeValues: ComputeValues | undefined;
  readonly #onCommit: StoreOptions['onCommit'];
  #current: DocumentTransaction | undefined;

  constructor(engine: StorageEngine, options: StoreOptions = {}) {
    this.engine = engine;
    this.#catalogs = new CatalogCache(engine);
    const { computeValues } = options;
    this.#computeValues =
      computeValues &&
      ((...given) => {
        engine.gathering?.onDelay?.('work');
        return computeValues(...given);
      });
    this.#onCommit = options.onCommit;
    // Not in the midst of the transaction that has walked.
    engine.onWalks = (tables, isWorthTelling) => void setImmediate(() => this.#markWalked(new Set(tables), isWorthTelling)).unref();
  }

  /** The transaction that is going on in this thread. */
  get current(): DocumentTransaction | undefined {
    return this.#current;
  }

  /** What exists: for the transaction that is going on, or at this moment. */
  catalog(): Catalog {
    return this.#current?.catalog ?? this.#catalogs.latest();
  }

  begin(options: BeginOptions, declared?: DeclaredCollections, isSingle = false): DocumentTransaction {
    const { transaction, version } = this.#beginAtVersion(options);
    const context = { transaction, engine: this.engine, computeValues: this.#computeValues, isSingle };
    return new DocumentTransaction(context, this.#catalogs.read(transaction, version), declared, this.#onCommit);
  }

  /**
   * A transaction and the version of the catalog for it. A direct one holds the lock, so nothing changes once it has begun. A snapshot
   * can show a newer catalog than the version says, if a commit is just being announced, and then it still has all tables of the older
   * one (`discarded.ts`).
   */
  #beginAtVersion(options: BeginOptions): { readonly transaction: Transaction; readonly version: number } {
    for (;;) {
      const before = this.engine.metaVersion();
      const transaction = this.engine.begin(options);
      const version = this.engine.metaVersion();
      if (options.mode === 'direct' || version === before) return { transaction, version };
      transaction.abort();
    }
  }

  /** Makes `transaction` the one that is going on while `action` runs. */
  within<Result>(transaction: DocumentTransaction, action: () => Result): Result {
    const before = this.#current;
    this.#current = transaction;
    try {
      return action();
    } finally {
      this.#current = before;
    }
  }

  /** Runs `action` in the transaction that is going on, or on a snapshot of its own. `none`: it reads once only and needs no snapshot. */
  read<Result>(action: (transaction: DocumentTransaction) => Result, snapshot: 'late' | 'none' = 'late'): Result {
    if (this.#current !== undefined) return action(this.#current);
    const transaction = this.begin({ mode: 'read', snapshot });
    try {
      return action(transaction);
    } finally {
      transaction.abort();
    }
  }

  /**
   * Runs `action` in the transaction that is going on, or in a direct one of its own, which commits. Where several processes share the store,
   * others may come in between; it is run again then. `isSingle`: it makes one change of documents and nothing else.
   */
  write<Result>(action: (transaction: DocumentTransaction) => Result, { isSingle = false }: { readonly isSingle?: boolean } = {}): Result {
    if (this.#current !== undefined) return action(this.#current);
    return withoutConflict((isAgain) => this.#commit({ mode: 'direct', ...(isAgain && { locks: 'rows' }) }, action, isSingle));
  }

  /** `StorageEngine.together`, where documents are read before by their keys, and what else by rehearsals. */
  together(places: readonly DocumentPlace[], rehearsals: readonly (() => void)[], pieces: readonly (() => void)[]): readonly Fate[] {
    assert(this.engine.together !== undefined && this.#current === undefined, 'nothing goes on, and trips are worth sharing');
    const rows = places.map(({ collection, key }) => ({ index: collection.primary.table, table: collection.rows, key: textKey(key) }));
    return this.engine.together({ places: rows, rehearsals }, pieces);
  }

  /**
   * Changes definitions: in a direct transaction of its own, whose catalog is exact. Throws 1653 while another transaction is going
   * on.
   */
  define<Result>(action: (transaction: DocumentTransaction) => Result): Result {
    if (this.#current !== undefined) throw new ArangoError('ERROR_TRANSACTION_DISALLOWED_OPERATION');
    let hasDiscarded = false;
    const result = this.#define((transaction) => {
      const own = action(transaction);
      hasDiscarded = hasDiscardedTables(transaction.storage);
      return own;
    });
    if (hasDiscarded) this.clearDiscarded();
    return result;
  }

  /** Empties the tables of what was dropped. */
  clearDiscarded(): void {
    this.#define(({ storage }) => clearDiscardedTables(storage));
  }

  /** What nobody has asked for does no harm when it cannot be done. */
  #markWalked(tables: ReadonlySet<TableId>, isWalked: boolean): void {
    try {
      const marked = this.#define(({ storage, catalog }) =>
        catalog.databases
          .flatMap(({ collections }) => collections)
          .filter((collection) => tables.has(collection.rows) && markWalked(storage, collection, isWalked)),
      );
      if (marked.length === 0) return;
      const names = marked.map(({ name }) => name).join(', ');
      log.info('engines', `walks in ${names} are ${isWalked ? 'kept in memory from now on' : 'not kept in memory any more'}`);
    } catch (error) {
      log.debug('engines', `whether walks are kept could not be changed: ${String(error)}`);
    }
  }

  #define<Result>(action: (transaction: DocumentTransaction) => Result): Result {
    return withoutConflict(() => this.#commit({ mode: 'direct', locks: 'definitions' }, action, false));
  }

  #commit<Result>(options: BeginOptions, action: (transaction: DocumentTransaction) => Result, isSingle: boolean): Result {
    const transaction = this.begin(options, undefined, isSingle);
    try {
      const result = action(transaction);
      transaction.commit();
      return result;
    } finally {
      transaction.abort();
    }
  }
}
