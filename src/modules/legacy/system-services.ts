/**
 * The services for sessions, users and passwords that ArangoDB 2.8 brought along, mounted below `/_system`. Here they are not mounted:
 * they have no routes of their own, and only what they export counts.
 *
 * Sessions are documents in `_sessions`, users in `_foxx_users` of the service's database: those who may log in to the server are others.
 */
import { isArangoError, clock, ERRORS } from '#base';
import type { ArangoCollection } from '../arangodb/collection.ts';
import * as crypto from '../arangodb/crypto.ts';
import type { Db } from '../arangodb/db.ts';
import { joi } from '../foxx/libraries.ts';
import { extend } from './extend.ts';
import { Model, type ModelConstructor } from './model.ts';

const SESSION_LIFETIME_MS = 60 * 60 * 1000;
const SESSION_ID_LENGTH = 20;
const SALT_LENGTH = 16;

/** What the system service at a mount exports; undefined for other mounts. */
export function createSystemService(db: Db, mount: string): object | undefined {
  switch (mount) {
    case '/_system/sessions':
      return { sessionStorage: createSessionStorage(() => systemCollection(db, '_sessions')) };
    case '/_system/users':
      return { userStorage: createUserStorage(() => systemCollection(db, '_foxx_users')) };
    case '/_system/simple-auth':
      return { auth: simpleAuth };
    default:
      return undefined;
  }
}

function systemCollection(db: Db, name: string): ArangoCollection {
  return db._collection(name) ?? db._createDocumentCollection(name, { isSystem: true });
}

class SessionNotFound extends Error {
  override readonly name: string = 'SessionNotFound';

  constructor(sid: string) {
    super(`Session with session id ${sid} not found.`);
  }
}

class SessionExpired extends SessionNotFound {
  override readonly name = 'SessionExpired';
}

class UserNotFound extends Error {
  override readonly name = 'UserNotFound';

  constructor(uid: string) {
    super(`User with user id ${uid} not found.`);
  }
}

class UsernameNotAvailable extends Error {
  override readonly name = 'UsernameNotAvailable';

  constructor(username: string) {
    super(`The username ${username} is not available or already taken.`);
  }
}

type Lookup = () => ArangoCollection;

/** Takes methods as services write them, with the model as `this`. */
function extendModel(methods: object & ThisType<Model & { getTTL(): number }>, staticMethods?: object): ModelConstructor {
  return extend.call(Model as never, methods, staticMethods) as unknown as ModelConstructor;
}

function unlessMissing<Result>(action: () => Result, missing: () => Error): Result {
  try {
    return action();
  } catch (error) {
    if (isArangoError(error) && error.errorNum === ERRORS.ERROR_ARANGO_DOCUMENT_NOT_FOUND.errorNum) throw missing();
    throw error;
  }
}

function createSessionStorage(collection: Lookup): object {
  const remove = (sid: string): null => {
    unlessMissing(
      () => collection().remove(sid),
      () => new SessionNotFound(sid),
    );
    return null;
  };
  const touch = (session: Model): string => {
    const now = clock.now();
    session.set({ lastAccess: now, lastUpdate: now });
    return session.get('_key') as string;
  };
  const Session = extendModel({
    get schema() {
      const time = joi().number().integer();
      return {
        _key: joi().string().required(),
        uid: joi().string().allow(null).default(null),
        userData: joi().object().default({}),
        sessionData: joi().object().default({}),
        created: time.default(() => clock.now(), 'now'),
        lastAccess: time.default(() => clock.now(), 'now'),
        lastUpdate: time.default(() => clock.now(), 'now'),
      };
    },
    forClient() {
      return this.get('_key');
    },
    hasExpired() {
      return this.getTTL() === 0;
    },
    enforceTimeout() {
      if (this.getTTL() === 0) throw new SessionExpired(this.get('_key') as string);
    },
    getTTL() {
      return Math.max(0, (this.get('lastAccess') as number) + SESSION_LIFETIME_MS - clock.now());
    },
    getExpiry() {
      return (this.get('lastAccess') as number) + SESSION_LIFETIME_MS;
    },
    setUser(user?: Model) {
      if (user) return this.set({ uid: user.get('_id'), userData: user.get('userData') });
      delete this.attributes['uid'];
      return this.set('userData', {});
    },
    save() {
      const key = touch(this);
      return this.set(collection().replace(key, this.attributes) as Record<string, unknown>);
    },
    delete() {
      try {
        remove(touch(this));
        return true;
      } catch (error) {
        if (error instanceof SessionNotFound) return false;
        throw error;
      }
    },
  });
  return {
    errors: { SessionNotFound, SessionExpired },
    create: (sessionData: object = {}, userData: { readonly _id?: string } = {}) => {
      const session = new Session({
        _key: crypto.genRandomAlphaNumbers(SESSION_ID_LENGTH),
        uid: userData._id ?? null,
        sessionData,
        userData,
      });
      return session.set(collection().save(session.attributes) as Record<string, unknown>);
    },
    get: (sid: string) => {
      const session = new Session(
        unlessMissing(
          () => collection().document(sid),
          () => new SessionNotFound(sid),
        ),
      ) as Model & { enforceTimeout(): void };
      session.enforceTimeout();
      const lastAccess = clock.now();
      return session.set('lastAccess', lastAccess).set(collection().update(sid, { lastAccess }) as Record<string, unknown>);
    },
    delete: remove,
  };
}

function createUserStorage(collection: Lookup): object {
  const remove = (uid: string): null => {
    unlessMissing(
      () => collection().remove(uid),
      () => new UserNotFound(uid),
    );
    return null;
  };
  const User = extendModel({
    get schema() {
      return { user: joi().string().required(), authData: joi().object().required(), userData: joi().object().required() };
    },
    save() {
      return this.set(collection().replace(this.get('_key'), this.attributes) as Record<string, unknown>);
    },
    delete() {
      try {
        remove(this.get('_key') as string);
        return true;
      } catch (error) {
        if (error instanceof UserNotFound) return false;
        throw error;
      }
    },
  });
  const resolve = (username: string): Model | null => {
    const found = collection().firstExample({ user: username });
    return found ? new User(found) : null;
  };
  return {
    errors: { UserNotFound, UsernameNotAvailable },
    resolve,
    list: () => (collection().toArray() as unknown as readonly { readonly user: string }[]).map(({ user }) => user),
    create: (username: string, userData: object = {}, authData: object = {}) => {
      if (!username) throw new Error('Must provide username!');
      if (resolve(username) !== null) throw new UsernameNotAvailable(username);
      const user = new User({ user: username, userData, authData: { active: true, ...authData } });
      return user.set(collection().save(user.attributes) as Record<string, unknown>);
    },
    get: (uid: string) =>
      new User(
        unlessMissing(
          () => collection().document(uid),
          () => new UserNotFound(uid),
        ),
      ),
    delete: remove,
  };
}

interface AuthData {
  readonly method?: string;
  readonly salt?: string;
  readonly hash?: string;
}

const HASHES: Readonly<Record<string, (text: string) => string>> = crypto as never;

const simpleAuth = {
  hashPassword: (password: string): AuthData => {
    const salt = crypto.genRandomAlphaNumbers(SALT_LENGTH);
    return { method: 'sha256', salt, hash: crypto.sha256(salt + password) };
  },
  verifyPassword: ({ method = 'sha256', salt = '', hash = '' }: AuthData = {}, password: string): boolean =>
    crypto.constantEquals(hash, HASHES[method]?.(salt + password) ?? ''),
};
