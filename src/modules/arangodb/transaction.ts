/** `db._createTransaction`: a stream transaction, whose collections and queries are used through it. */
import type { Database, StreamTransaction } from '#database';
import type { ArangoCollection } from './collection.ts';

export interface TransactionOptions {
  readonly collections?: object;
  readonly [option: string]: unknown;
}

interface Surroundings {
  readonly database: Database;
  collection(name: string): ArangoCollection | null;
  query(values: readonly unknown[]): { _documents: unknown[] };
}

export class ArangoTransaction {
  readonly #transaction: StreamTransaction;
  readonly #around: Surroundings;

  constructor(transaction: StreamTransaction, around: Surroundings) {
    this.#transaction = transaction;
    this.#around = around;
  }

  id(): string {
    return this.#transaction.id;
  }

  status(): { readonly id: string; readonly status: string } {
    return { id: this.#transaction.id, status: this.#transaction.status() };
  }

  running(): boolean {
    return this.#transaction.status() === 'running';
  }

  commit(): { readonly id: string; readonly status: string } {
    this.#transaction.commit();
    return this.status();
  }

  abort(): { readonly id: string; readonly status: string } {
    this.#transaction.abort();
    return this.status();
  }

  query(...values: readonly unknown[]): unknown {
    return this.#transaction.run(() => {
      const cursor = this.#around.query(values);
      void cursor._documents; // what is read later would be read outside
      return cursor;
    });
  }

  /** The collection, with every call inside the transaction. */
  collection(name: string): ArangoCollection | null {
    const found = this.#transaction.run(() => this.#around.collection(name));
    if (found === null) return null;
    const transaction = this.#transaction;
    return new Proxy(found, {
      get(target, property) {
        const member: unknown = Reflect.get(target, property, target);
        if (typeof member !== 'function') return member;
        return (...values: readonly unknown[]): unknown => transaction.run(() => Reflect.apply(member, target, values));
      },
    });
  }

  toString(): string {
    return `[ArangoTransaction ${this.id()}]`;
  }
}
