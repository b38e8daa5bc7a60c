/**
 * Accounts: documents in `_users`, read into memory by each thread.
 *
 * Whoever changes an account through this class makes all threads read them again. A change to the documents themselves is seen after
 * `reload()`, as in ArangoDB.
 */
import { createHash, randomBytes } from 'node:crypto';
import { ArangoError, clock } from '#base';
import { SYSTEM_DATABASE, type CollectionDefinition } from '#catalog';
import { isThere, mergeDocument, type DocumentStore, type DocumentTransaction } from '#documents';
import { DocumentView, isObject, type Value, type ValueObject } from '#values';
import {
  describeAccessToken,
  isAccessToken,
  makeAccessToken,
  readAccessTokens,
  userOfAccessToken,
  writeAccessTokens,
  type AccessToken,
} from './access-tokens.ts';
import type { HoldLock } from './locks.ts';
import { hashPassword, isPassword, type PasswordHash } from './passwords.ts';

export type AccessLevel = 'rw' | 'ro' | 'none';

export interface DatabaseGrants {
  /** undefined: only collections were granted. */
  readonly level: AccessLevel | undefined;
  readonly collections: ReadonlyMap<string, AccessLevel>;
}

export interface Account {
  readonly key: string;
  readonly name: string;
  readonly isActive: boolean;
  readonly extra: ValueObject;
  readonly password: PasswordHash | undefined;
  readonly accessTokens: readonly AccessToken[];
  /** By name; `*` is for all that are not named. */
  readonly databases: ReadonlyMap<string, DatabaseGrants>;
}

/** An account as `/_api/user` shows it. */
export interface UserDescription {
  readonly user: string;
  readonly active: boolean;
  readonly extra: ValueObject;
}

export interface UserChanges {
  readonly passwd?: string;
  readonly active?: boolean;
  readonly extra?: ValueObject;
}

const VERSION_KEY = 'users/version';
/** The lock of who is making an account, and how long others wait for it. */
const MAKING = 'making of a user';
const MAKING_WAIT_MS = 10_000;

export class UserDirectory {
  readonly #store: DocumentStore;
  readonly #holdLock: HoldLock;
  #metaVersion = -1;
  #version: string | undefined;
  #accounts: ReadonlyMap<string, Account> = new Map();
  /** Passwords that proved right before, so that not every request pays for the hash: digests under a salt of this thread. */
  readonly #proven = new Map<string, string>();
  readonly #provenSalt = randomBytes(16);

  constructor(store: DocumentStore, holdLock: HoldLock) {
    this.#store = store;
    this.#holdLock = holdLock;
  }

  list(): UserDescription[] {
    return [...this.#load().values()].map(describe);
  }

  find(name: string): Account | undefined {
    return this.#load().get(name);
  }

  /** Throws 1703. */
  get(name: string): Account {
    const account = this.find(name);
    if (account === undefined) throw new ArangoError('ERROR_USER_NOT_FOUND');
    return account;
  }

  /** Throws 1703. */
  describe(name: string): UserDescription {
    return describe(this.get(name));
  }

  /**
   * The active account that a name and a password, or an access token in its place, belong to. A token says itself whose it is, so the name
   * may be left empty.
   */
  identify(name: string, password: string): string | undefined {
    const user = name === '' ? userOfAccessToken(password) : name;
    const account = user === undefined ? undefined : this.find(user);
    if (account === undefined || !account.isActive) return undefined;
    const isTheirs = isAccessToken(password, account.accessTokens, nowSeconds()) || this.isValid(account.name, password);
    return isTheirs ? account.name : undefined;
  }

  /** An active account with this password. */
  isValid(name: string, password: string): boolean {
    const account = this.find(name);
    if (account === undefined || !account.isActive || account.password === undefined) return false;
    const proof = createHash('sha256').update(this.#provenSalt).update(account.password.hash).update('\0').update(password).digest('hex');
    if (this.#proven.get(name) === proof) return true;
    if (!isPassword(password, account.password)) return false;
    this.#proven.set(name, proof);
    return true;
  }

  /** Throws 1700 for an illegal name, 1702 for a taken one. */
  create(name: string, { passwd = '', active = true, extra = {} }: UserChanges = {}): UserDescription {
    if (name === '' || name.includes('/') || name.startsWith(':role:')) throw new ArangoError('ERROR_USER_INVALID_NAME');
    const release = this.#holdLock(MAKING, MAKING_WAIT_MS);
    try {
      const simple = { ...hashPassword(passwd) };
      this.#change((transaction, users) => {
        if (this.#load().has(name)) throw new ArangoError('ERROR_USER_DUPLICATE');
        const document = {
          user: name,
          source: 'LOCAL',
          authData: { active, simple },
          databases: {},
          configData: {},
          userData: extra,
        };
        throwFailure(transaction.insert(users, [document])[0]);
      });
    } finally {
      release();
    }
    return this.describe(name);
  }

  /** What is left out is as in a new account. Grants stay. Throws 1703. */
  replace(name: string, { passwd = '', active = true, extra = {} }: UserChanges): UserDescription {
    const simple = { ...hashPassword(passwd) };
    this.#patch(name, () => ({ authData: { active, simple }, userData: extra }));
    return this.describe(name);
  }

  /** Attributes of `extra` are put beside those that are there. Throws 1703. */
  update(name: string, { passwd, active, extra }: UserChanges): UserDescription {
    const changed = passwd === undefined ? undefined : { ...hashPassword(passwd) };
    this.#patch(name, (account) => ({
      authData: { active: active ?? account.isActive, simple: changed ?? { ...account.password } },
      userData: extra === undefined ? account.extra : mergeDocument(account.extra, extra, { keepNull: false, mergeObjects: true }),
    }));
    return this.describe(name);
  }

  /** As `/_api/token` lists them. Throws 1703. */
  accessTokens(name: string): ValueObject[] {
    return this.get(name).accessTokens.map((token) => describeAccessToken(token, nowSeconds()));
  }

  /** With the token itself, which nobody learns later. Throws 1703, and 1702 when the name is taken. */
  createAccessToken(name: string, options: { readonly name: string; readonly validUntilSeconds?: number }): ValueObject {
    let made: { readonly token: string; readonly kept: AccessToken } | undefined;
    this.#patch(name, ({ accessTokens }) => {
      made = makeAccessToken(name, accessTokens, { ...options, nowSeconds: nowSeconds() });
      return { accessTokens: writeAccessTokens([...accessTokens, made.kept]) };
    });
    return made === undefined ? {} : { ...describeAccessToken(made.kept, nowSeconds()), token: made.token };
  }

  /** Throws 1703, and 404 when there is no such token. */
  removeAccessToken(name: string, id: number): void {
    this.#patch(name, ({ accessTokens }) => {
      const others = accessTokens.filter((token) => token.id !== id);
      if (others.length === accessTokens.length) throw new ArangoError('ERROR_HTTP_NOT_FOUND', { message: 'access token not found' });
      return { accessTokens: writeAccessTokens(others) };
    });
  }

  /** Throws 1703. */
  remove(name: string): void {
    this.#awaitAccount(name);
    this.#change((transaction, users) => {
      throwFailure(transaction.remove(users, [{ key: this.get(name).key }])[0]);
    });
  }

  /** `level` undefined takes the grant back. Throws 1703. */
  grantDatabase(name: string, database: string, level: AccessLevel | undefined): void {
    this.#grant(name, database, ({ collections }) => ({ level, collections }));
  }

  /** `level` undefined takes the grant back. Throws 1703. */
  grantCollection(name: string, database: string, collection: string, level: AccessLevel | undefined): void {
    this.#grant(name, database, ({ level: own, collections }) => {
      const changed = new Map(collections);
      if (level === undefined) changed.delete(collection);
      else changed.set(collection, level);
      return { level: own, collections: changed };
    });
  }

  /** Takes back all grants for a database that is no more. */
  forgetDatabase(database: string): void {
    for (const account of this.#load().values()) {
      if (account.databases.has(database)) this.#grant(account.name, database, () => ({ level: undefined, collections: new Map() }));
    }
  }

  /** Makes all threads read the accounts again. */
  reload(): void {
    this.#change(() => undefined);
  }

  #grant(name: string, database: string, change: (grants: DatabaseGrants) => DatabaseGrants): void {
    this.#patch(name, ({ databases }) => {
      const changed = new Map(databases);
      const grants = change(databases.get(database) ?? { level: undefined, collections: new Map() });
      if (grants.level === undefined && grants.collections.size === 0) changed.delete(database);
      else changed.set(database, grants);
      return { databases: writeGrants(changed) };
    });
  }

  #patch(name: string, patch: (account: Account) => ValueObject): void {
    this.#awaitAccount(name);
    this.#change((transaction, users) => {
      const account = this.get(name);
      throwFailure(transaction.update(users, [{ key: account.key, document: patch(account) }], { mergeObjects: false })[0]);
    });
  }

  /**
   * Some clients make an account and grant it rights without waiting for either. Its password takes longer to hash than the grant takes to get
   * here, so who asks for an account that is not there waits for the thread that is making one.
   */
  #awaitAccount(name: string): void {
    if (this.find(name) === undefined) this.#holdLock(MAKING, MAKING_WAIT_MS)();
  }

  /**
   * The lock is held, so the accounts are as they are now, and two changes at once do not overwrite each other. All writers wait
   * meanwhile, so passwords have been hashed before, which takes long on purpose.
   */
  #change(action: (transaction: DocumentTransaction, users: CollectionDefinition) => void): void {
    this.#store.define((transaction) => {
      action(transaction, usersCollection(transaction));
      transaction.storage.writeMeta(VERSION_KEY, Buffer.from(String(this.#store.engine.tick())));
    });
  }

  /** The latest state, also inside a transaction: rights do not belong to its snapshot. */
  #load(): ReadonlyMap<string, Account> {
    const metaVersion = this.#store.engine.metaVersion();
    if (metaVersion === this.#metaVersion) return this.#accounts;
    const transaction = this.#store.begin({ mode: 'read' });
    try {
      const version = Buffer.from(transaction.storage.readMeta(VERSION_KEY) ?? []).toString();
      if (version !== this.#version) {
        this.#accounts = readAccounts(transaction);
        this.#forgetProofs();
        this.#version = version;
      }
      this.#metaVersion = metaVersion;
      return this.#accounts;
    } finally {
      transaction.abort();
    }
  }

  /** Of accounts that are no more. Others stay good as long as the hash of the password does, which is a part of the proof. */
  #forgetProofs(): void {
    for (const name of this.#proven.keys()) {
      if (!this.#accounts.has(name)) this.#proven.delete(name);
    }
  }
}

function nowSeconds(): number {
  return Math.floor(clock.now() / 1000);
}

function usersCollection({ catalog }: DocumentTransaction): CollectionDefinition {
  return catalog.getDatabase(SYSTEM_DATABASE).getCollection('_users');
}

function readAccounts(transaction: DocumentTransaction): ReadonlyMap<string, Account> {
  const accounts = new Map<string, Account>();
  const cursor = transaction.scan(usersCollection(transaction));
  for (let rows = cursor.next(); rows !== undefined; rows = cursor.next()) {
    for (let place = 0; place < rows.count; place++) {
      if (!isThere(rows, place)) continue;
      const account = readAccount(new DocumentView(rows.buffer, rows.starts[place]!, rows.ends[place]!, '_users').toObject());
      if (account !== undefined) accounts.set(account.name, account);
    }
  }
  return accounts;
}

/** undefined for a document that is no account: somebody wrote it by hand. */
function readAccount(document: ValueObject): Account | undefined {
  const { _key: key, user: name } = document;
  if (typeof name !== 'string' || typeof key !== 'string') return undefined;
  const authData = objectOr(document['authData']);
  const { method, salt, hash } = objectOr(authData['simple']);
  const isKnown = (method === 'scrypt' || method === 'sha256') && typeof salt === 'string' && typeof hash === 'string';
  return {
    key,
    name,
    isActive: authData['active'] !== false,
    extra: objectOr(document['userData']),
    password: isKnown ? { method, salt, hash } : undefined,
    accessTokens: readAccessTokens(document['accessTokens']),
    databases: readGrants(objectOr(document['databases'])),
  };
}

function readGrants(databases: ValueObject): ReadonlyMap<string, DatabaseGrants> {
  return new Map(
    Object.entries(databases).map(([database, value]) => {
      const grants = objectOr(value);
      const collections = Object.entries(objectOr(grants['collections'])).map(
        ([collection, one]) => [collection, readLevel(objectOr(one)['permissions']) ?? 'none'] as const,
      );
      return [database, { level: readLevel(grants['permissions']), collections: new Map(collections) }];
    }),
  );
}

function writeGrants(databases: ReadonlyMap<string, DatabaseGrants>): ValueObject {
  return Object.fromEntries(
    Array.from(databases, ([database, { level, collections }]) => [
      database,
      {
        permissions: level === undefined ? { undefined: true } : writeLevel(level),
        collections: Object.fromEntries(Array.from(collections, ([name, one]) => [name, { permissions: writeLevel(one) }])),
      },
    ]),
  );
}

function readLevel(permissions: Value | undefined): AccessLevel | undefined {
  const { read, write, undefined: isUndefined } = objectOr(permissions);
  if (isUndefined === true || permissions === undefined) return undefined;
  return write === true ? 'rw' : read === true ? 'ro' : 'none';
}

function writeLevel(level: AccessLevel): ValueObject {
  return { read: level !== 'none', write: level === 'rw' };
}

function objectOr(value: Value | undefined): ValueObject {
  return value !== undefined && isObject(value) ? value : {};
}

function describe({ name, isActive, extra }: Account): UserDescription {
  return { user: name, active: isActive, extra };
}

function throwFailure(outcome: ReturnType<DocumentTransaction['insert']>[number] | undefined): void {
  if (outcome?.is === 'failed') throw outcome.error;
}
