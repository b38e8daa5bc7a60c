/**
 * `controller.activateAuthentication`: users and sessions in collections of the service's own, as Foxx had them before 2.3. Later services
 * use `activateSessions`.
 */
import { clock } from '#base';
import type { ArangoCollection } from '../arangodb/collection.ts';
import * as crypto from '../arangodb/crypto.ts';
import type { RouteDefiner } from './hooks.ts';
import type { LegacyContext } from './context.ts';
import { UserAlreadyExistsError } from './errors.ts';
import type { LegacyRequest } from './request.ts';
import type { LegacyResponse } from './response.ts';
import type { LegacyRoute } from './route.ts';

const TOKEN_LENGTH = 32;
const SALT_LENGTH = 8;
const UPDATE_STEP_SECONDS = 10;
const SESSION_UNKNOWN = 1750;
const SESSION_EXPIRED = 1751;

export interface AuthenticationOptions {
  readonly type?: string;
  /** Seconds. */
  readonly cookieLifetime?: number;
  /** Of the cookie. */
  readonly name?: string;
  readonly path?: string;
  readonly domain?: string;
  readonly secure?: boolean;
  readonly httpOnly?: boolean;
  /** Seconds. */
  readonly sessionLifetime?: number;
}

interface UserDocument {
  readonly _key: string;
  readonly identifier: string;
  readonly password?: string;
  readonly active: boolean;
  readonly data: object;
}

interface SessionDocument {
  readonly _key: string;
  readonly identifier: string;
  readonly data: object;
  /** Seconds since 1970. */
  readonly expires: number;
}

type Reply = (req: LegacyRequest, res: LegacyResponse) => unknown;

interface HandlerOptions {
  readonly usernameField?: string;
  readonly passwordField?: string;
  readonly acceptedAttributes?: readonly string[];
  readonly defaultAttributes?: object;
  readonly onSuccess?: Reply;
  readonly onError?: Reply;
}

/** A collection that these classes make and drop themselves. */
class OwnCollection {
  readonly #name: string;
  readonly #db: LegacyContext['db'];

  constructor({ db }: LegacyContext, name: string) {
    this.#db = db;
    this.#name = name;
  }

  get(): ArangoCollection {
    const found = this.#db._collection(this.#name);
    if (found === null) throw new Error(`collection "${this.#name}" not found`);
    return found;
  }

  create(index: object): void {
    (this.#db._collection(this.#name) ?? this.#db._create(this.#name)).ensureIndex(index);
  }

  drop(): void {
    this.#db._collection(this.#name)?.drop();
  }
}

/** Users by the name they log in with. The password is kept salted and hashed. */
export class Users {
  readonly #collection: OwnCollection;

  constructor(context: LegacyContext, { collectionName }: { readonly collectionName?: string } = {}) {
    this.#collection = new OwnCollection(context, collectionName ?? context.collectionName('users'));
  }

  setup(): void {
    this.#collection.create({ type: 'hash', fields: ['identifier'], sparse: true });
  }

  teardown(): void {
    this.#collection.drop();
  }

  flush(): void {
    this.storage().truncate();
  }

  storage(): ArangoCollection {
    return this.#collection.get();
  }

  get(identifier: string): UserDocument {
    const user = this.#find(identifier);
    if (user === undefined) throw new Error('user not found');
    return withoutPassword(user);
  }

  exists(identifier: string): boolean {
    return this.#find(identifier) !== undefined;
  }

  /** The user, or false. */
  isValid(identifier: string, password: string): UserDocument | false {
    const user = this.#find(identifier);
    if (user === undefined || !user.active || !isPassword(password, user.password ?? '')) return false;
    return withoutPassword(user);
  }

  /** Replaces a user of the same name. */
  add(identifier: string, password: string, active = true, data: object = {}): object {
    if (typeof identifier !== 'string' || identifier === '') throw new TypeError("invalid type for 'identifier'");
    if (typeof password !== 'string') throw new TypeError("invalid type for 'password'");
    const user = { identifier, active, data };
    const document = { ...user, password: encodePassword(password) };
    const known = this.#find(identifier);
    if (known === undefined) this.storage().save(document);
    else this.storage().replace(known._key, document);
    return user;
  }

  updateData(identifier: string, data: object): true {
    this.storage().update(this.get(identifier)._key, data);
    return true;
  }

  setActive(identifier: string, active: boolean): boolean {
    return this.#change(identifier, { active });
  }

  setPassword(identifier: string, password: string): boolean {
    return this.#change(identifier, { password: encodePassword(password) });
  }

  remove(identifier: string): boolean {
    const user = this.#find(identifier);
    if (user !== undefined) this.storage().remove(user._key);
    return user !== undefined;
  }

  #change(identifier: string, changes: object): boolean {
    const user = this.#find(identifier);
    if (user !== undefined) this.storage().update(user._key, changes);
    return user !== undefined;
  }

  #find(identifier: string): UserDocument | undefined {
    return (this.storage().firstExample({ identifier }) as unknown as UserDocument | null) ?? undefined;
  }
}

function nowSeconds(): number {
  return clock.now() / 1000;
}

function withoutPassword(user: UserDocument): UserDocument {
  const { ...shown }: { -readonly [Name in keyof UserDocument]: UserDocument[Name] } = user;
  delete shown.password;
  return shown;
}

/** `$1$salt$hash`, as ArangoDB 2.8 keeps passwords. */
function encodePassword(password: string): string {
  const salt = crypto.genRandomAlphaNumbers(SALT_LENGTH);
  return `$1$${salt}$${crypto.sha256(salt + password)}`;
}

function isPassword(password: string, encoded: string): boolean {
  const [, , salt = '', hash = ''] = encoded.split('$');
  return crypto.constantEquals(hash, crypto.sha256(salt + password));
}

/** A session as handlers see it; what they set is kept when the request is over. */
export interface AuthenticationSession extends SessionDocument {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  update(): void;
}

interface SessionsOptions {
  readonly collectionName?: string;
  /** Seconds. */
  readonly sessionLifetime?: number;
  readonly allowMultiple?: boolean;
}

/** Sessions by their tokens, one a user unless `allowMultiple`. */
export class AuthenticationSessions {
  readonly #collection: OwnCollection;
  readonly #options: SessionsOptions;

  constructor(context: LegacyContext, options: SessionsOptions = {}) {
    this.#options = options;
    this.#collection = new OwnCollection(context, options.collectionName ?? context.collectionName('sessions'));
  }

  setup(): void {
    this.#collection.create({ type: 'hash', fields: ['identifier'] });
  }

  teardown(): void {
    this.#collection.drop();
  }

  storage(): ArangoCollection {
    return this.#collection.get();
  }

  generate(identifier: string, data: object = {}): AuthenticationSession {
    if (typeof identifier !== 'string' || identifier === '') throw new TypeError("invalid type for 'identifier'");
    const { sessionLifetime, allowMultiple } = this.#options;
    if (sessionLifetime === undefined) throw new Error("no value specified for 'sessionLifetime'");
    if (!allowMultiple) this.storage().removeByExample({ identifier });
    const session = { _key: crypto.genRandomAlphaNumbers(TOKEN_LENGTH), identifier, data, expires: this.#expiry() };
    this.storage().save(session);
    return this.#toSession(session);
  }

  /** With the session, or the number of an error. */
  get(token: string): { readonly errorNum: number; readonly session?: AuthenticationSession } {
    const found = this.storage().firstExample({ _key: token }) as unknown as SessionDocument | null;
    if (found === null) return { errorNum: SESSION_UNKNOWN };
    if (found.expires < nowSeconds()) return { errorNum: SESSION_EXPIRED };
    return { errorNum: 0, session: this.#toSession(found) };
  }

  update(token: string, data: object): void {
    this.storage().update(token, { expires: this.#expiry(), data });
  }

  terminate(token: string): void {
    this.storage().removeByExample({ _key: token });
  }

  #expiry(): number {
    return nowSeconds() + (this.#options.sessionLifetime ?? 0);
  }

  #toSession(session: SessionDocument): AuthenticationSession {
    const data: Record<string, unknown> = { ...session.data };
    let isChanged = false;
    return {
      ...session,
      data,
      get: (name) => data[name],
      set: (name, value) => {
        data[name] = value;
        isChanged = true;
      },
      update: () => {
        if (!isChanged && this.#expiry() - session.expires <= UPDATE_STEP_SECONDS) return;
        this.update(session._key, data);
        isChanged = false;
      },
    };
  }
}

/** Users, sessions and the cookie that names one. */
class Authentication {
  readonly #sessions: AuthenticationSessions;
  readonly #cookie: { readonly name: string; readonly ttl: number };

  constructor(context: LegacyContext, options: AuthenticationOptions) {
    const { type, cookieLifetime, sessionLifetime, name, ...others } = options;
    if (type !== 'cookie') throw new Error('Currently only the following auth types are supported: cookie');
    if (!cookieLifetime) throw new Error('Please provide the cookieLifetime');
    if (!sessionLifetime) throw new Error('Please provide the sessionLifetime');
    this.#cookie = { ...others, name: name ?? `${context.name ?? ''}-session`, ttl: cookieLifetime };
    this.#sessions = new AuthenticationSessions(context, { sessionLifetime });
  }

  authenticate(req: LegacyRequest): AuthenticationSession | undefined {
    const token = req.cookie(this.#cookie.name);
    return token === undefined ? undefined : this.#sessions.get(token).session;
  }

  beginSession(_: LegacyRequest, res: LegacyResponse, identifier: string, data: object): AuthenticationSession {
    const session = this.#sessions.generate(identifier, data);
    res.cookie(this.#cookie.name, session._key, this.#cookie);
    return session;
  }

  endSession(_: LegacyRequest, res: LegacyResponse, key: string): void {
    res.cookie(this.#cookie.name, '', { ...this.#cookie, ttl: 0 });
    this.#sessions.terminate(key);
  }
}

/** Adds the hooks, and `login`, `logout`, `register` and `changePassword` to the controller. */
export function activateAuthentication(controller: RouteDefiner, options: AuthenticationOptions = {}): void {
  const context = controller.applicationContext;
  const auth = new Authentication(context, options);
  const users = new Users(context);
  controller.before((req) => {
    const session = auth.authenticate(req);
    req.currentSession = session ?? null;
    req.user = session === undefined ? null : users.get(session.identifier);
  });
  controller.after((req) => (req.currentSession as AuthenticationSession | null | undefined)?.update());
  const begin = (req: LegacyRequest, res: LegacyResponse, identifier: string): void => {
    req.currentSession = auth.beginSession(req, res, identifier, {});
    req.user = users.get(identifier);
  };
  Object.assign(controller, {
    auth,
    getAuth: () => auth,
    getUsers: () => users,
    login: (path: string, given: HandlerOptions = {}): LegacyRoute => {
      const { onSuccess = loggedIn, onError = refusal('Username or Password was wrong') } = given;
      return controller.post(path, (req, res) => {
        const { username, password } = credentialsOf(req, given);
        const isRight = users.isValid(username, password) !== false;
        if (isRight) begin(req, res, username);
        (isRight ? onSuccess : onError)(req, res);
      });
    },
    logout: (
      path: string,
      { onSuccess = notice('Logged out!'), onError = refusal('No session was found') }: HandlerOptions = {},
    ): LegacyRoute =>
      controller.post(path, (req, res) => {
        const session = req.currentSession as AuthenticationSession | null | undefined;
        if (session) {
          auth.endSession(req, res, session._key);
          req.user = null;
          req.currentSession = null;
        }
        (session ? onSuccess : onError)(req, res);
      }),
    register: (path: string, given: HandlerOptions = {}): LegacyRoute => {
      const { acceptedAttributes = [], defaultAttributes = {}, onSuccess = registered } = given;
      return controller
        .post(path, (req, res) => {
          const { username, password } = credentialsOf(req, given);
          const body = req.body() as Readonly<Record<string, unknown>>;
          const accepted = acceptedAttributes.filter((name) => body[name] !== undefined && body[name] !== null);
          const data = { ...defaultAttributes, ...Object.fromEntries(accepted.map((name) => [name, body[name]])) };
          if (users.exists(username)) throw new UserAlreadyExistsError();
          users.add(username, password, true, data);
          begin(req, res, username);
          onSuccess(req, res);
        })
        .errorResponse(UserAlreadyExistsError, 400, 'User already exists');
    },
    changePassword: (path: string, given: HandlerOptions = {}): LegacyRoute => {
      const { onSuccess = notice('Changed password!'), onError = refusal('No session was found') } = given;
      return controller.post(path, (req, res) => {
        const session = req.currentSession as AuthenticationSession | null | undefined;
        const isChanged = session ? users.setPassword(session.identifier, credentialsOf(req, given).password) : false;
        (isChanged ? onSuccess : onError)(req, res);
      });
    },
  });
}

function credentialsOf(req: LegacyRequest, { usernameField = 'username', passwordField = 'password' }: HandlerOptions) {
  const body = req.body() as Readonly<Record<string, string>>;
  return { username: body[usernameField] as string, password: body[passwordField] as string };
}

const loggedIn: Reply = ({ user, currentSession }, res) =>
  res.json({ user: (user as UserDocument).identifier, key: (currentSession as AuthenticationSession)._key });

const registered: Reply = ({ user }, res) => res.json({ user });

const notice =
  (text: string): Reply =>
  (_, res) =>
    res.json({ notice: text });

const refusal =
  (text: string): Reply =>
  (_, res) => {
    res.status(401);
    res.json({ error: text });
  };
