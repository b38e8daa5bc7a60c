/** `require('@arangodb/users')`: accounts, and what they may do. */
import { ArangoError } from '#base';
import type { AccessLevel, Account, Databases, UserChanges, UserDescription } from '#database';
import type { Environment } from '../environment.ts';
import { toObject } from './plain-value.ts';

export function createUsers({ source }: Environment): object {
  const databases = (): Databases => {
    if (source.host.databases === undefined) throw new ArangoError('ERROR_FORBIDDEN', 'this service sees no accounts');
    return source.host.databases;
  };
  return {
    /** `(user, passwd?, active?, extra?)`. Throws 1702 when the name is taken. */
    save: (user: unknown, passwd?: string, active?: boolean, extra?: object) => {
      if (typeof user !== 'string') throw new ArangoError('ERROR_USER_INVALID_NAME');
      return databases().users.create(user, changes(passwd, active, extra));
    },
    replace: (user: string, passwd?: string, active?: boolean, extra?: object) =>
      databases().users.replace(user, changes(passwd, active, extra)),
    /** What is left out stays. */
    update: (user: string, passwd?: string, active?: boolean, extra?: object) =>
      databases().users.update(user, changes(passwd, active, extra)),
    remove: (user: string) => databases().users.remove(user),
    /** Throws 1703. */
    document: (user: string): UserDescription => databases().users.describe(user),
    all: (): readonly UserDescription[] => databases().users.list(),
    exists: (user: string) => databases().users.find(user) !== undefined,
    isValid: (user: string, passwd: string) => databases().users.isValid(user, passwd),
    reload: () => databases().users.reload(),
    grantDatabase: (user: string, database: string, level: unknown = 'rw') =>
      databases().users.grantDatabase(user, database, checkedLevel(level)),
    revokeDatabase: (user: string, database: string) => databases().users.grantDatabase(user, database, undefined),
    grantCollection: (user: string, database: string, collection: string, level: unknown = 'rw') =>
      databases().grantCollection(user, database, collection, checkedLevel(level)),
    revokeCollection: (user: string, database: string, collection: string) =>
      databases().grantCollection(user, database, collection, undefined),
    /** Of all databases, of one, or of a collection in it. */
    permission: (user: string, database?: string, collection?: string) => {
      const account = databases().users.get(user);
      if (database !== undefined) return levelOf(account, database, collection);
      return Object.fromEntries(
        databases()
          .list()
          .map((name) => [name, levelOf(account, name)] as const)
          .filter(([, level]) => level !== 'none'),
      );
    },
  };
}

function checkedLevel(level: unknown): AccessLevel {
  if (level === 'rw' || level === 'ro' || level === 'none') return level;
  throw new ArangoError('ERROR_BAD_PARAMETER', 'expecting the level to be "rw", "ro" or "none"');
}

/** What is granted for a name goes before what is granted for all. */
function levelOf({ databases }: Account, database: string, collection?: string): AccessLevel {
  const [own, others] = [databases.get(database), databases.get('*')];
  const ofDatabase = own?.level ?? others?.level ?? 'none';
  if (collection === undefined) return ofDatabase;
  return own?.collections.get(collection) ?? own?.collections.get('*') ?? others?.collections.get('*') ?? ofDatabase;
}

function changes(passwd: string | undefined, active: boolean | undefined, extra: object | undefined): UserChanges {
  return {
    ...(passwd === undefined ? {} : { passwd }),
    ...(active === undefined ? {} : { active }),
    ...(extra === undefined ? {} : { extra: toObject(extra) }),
  };
}
