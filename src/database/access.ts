/**
 * Who may do what: levels of users for databases and collections, as they are kept in `_users`.
 *
 * A level is looked up from the most special to the most general: the collection, all collections (`*`) of the database, the same of all
 * databases (`*`), and at last the level of the database.
 */
import { ArangoError } from '#base';
import type { Scope } from './scope.ts';
import type { AccessLevel, UserDirectory } from './users.ts';

const RANK: Readonly<Record<AccessLevel, number>> = { none: 0, ro: 1, rw: 2 };

export class Access {
  readonly #users: UserDirectory;

  constructor(users: UserDirectory) {
    this.#users = users;
  }

  databaseLevel({ databaseName, user }: Scope): AccessLevel {
    if (user === undefined) return 'rw';
    const account = this.#users.find(user);
    if (account === undefined || !account.isActive) return 'none';
    return (account.databases.get(databaseName) ?? account.databases.get('*'))?.level ?? 'none';
  }

  collectionLevel(scope: Scope, collection: string): AccessLevel {
    const { databaseName, user } = scope;
    if (user === undefined) return 'rw';
    if (collection.startsWith('_')) return this.#systemCollectionLevel(scope, collection);
    const account = this.#users.find(user);
    if (account === undefined || !account.isActive) return 'none';
    const own = account.databases.get(databaseName);
    const general = account.databases.get('*');
    return (
      own?.collections.get(collection) ??
      own?.collections.get('*') ??
      general?.collections.get('*') ??
      own?.level ??
      general?.level ??
      'none'
    );
  }

  /** Throws 11. */
  checkDatabase(scope: Scope, needed: AccessLevel): void {
    if (RANK[this.databaseLevel(scope)] < RANK[needed]) throw new ArangoError('ERROR_FORBIDDEN');
  }

  /** Throws 11, or 1004 when reading alone would be allowed. */
  checkCollection(scope: Scope, collection: string, needed: 'ro' | 'rw'): void {
    if (scope.user === undefined) return;
    const level = this.collectionLevel(scope, collection);
    if (level === 'none') throw new ArangoError('ERROR_FORBIDDEN');
    if (RANK[level] < RANK[needed]) throw new ArangoError('ERROR_ARANGO_READ_ONLY');
  }

  /** Accounts are changed through their own functions only, and jobs through the queues. */
  #systemCollectionLevel(scope: Scope, collection: string): AccessLevel {
    if (collection === '_users') return 'none';
    const level = this.databaseLevel(scope);
    if (level === 'none') return 'none';
    if (collection === '_queues') return 'ro';
    return collection === '_frontend' ? 'rw' : level;
  }
}
