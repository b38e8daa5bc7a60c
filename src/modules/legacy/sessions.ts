/**
 * `controller.activateSessions`: a session for each request, found by what travels in a cookie or a header. Where sessions are kept is
 * the business of another service, by default the one at `/_system/sessions`.
 */
import * as crypto from '../arangodb/crypto.ts';
import type { RouteDefiner } from './hooks.ts';
import type { LegacyRequest } from './request.ts';
import type { LegacyResponse } from './response.ts';
import type { Injected, LegacyRoute } from './route.ts';

const DEFAULT_STORAGE = '/_system/sessions';
const VERBS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const ONE_WEEK_SECONDS = 7 * 24 * 60 * 60;

export interface SessionStorage {
  create(sessionData?: unknown, userData?: unknown): Session;
  /** Throws `errors.SessionNotFound`. */
  get(sid: string): Session;
  readonly errors: { readonly SessionNotFound: new (...values: never[]) => Error };
}

export interface Session {
  forClient(): string;
  /** Milliseconds. */
  getTTL(): number;
  readonly delete?: () => unknown;
}

interface CookieSettings {
  readonly name?: string;
  readonly secret?: string;
  readonly algorithm?: string;
}

interface JwtSettings {
  readonly secret?: string;
  readonly algorithm?: string;
  readonly verify?: boolean;
}

export interface SessionOptions {
  readonly type?: string;
  readonly cookie?: boolean | string | CookieSettings;
  readonly header?: boolean | string;
  readonly param?: boolean | string;
  readonly jwt?: boolean | string | JwtSettings;
  readonly autoCreateSession?: boolean;
  readonly sessionStorage?: string | SessionStorage;
  readonly sessionStorageApp?: string | SessionStorage;
}

interface Settings {
  readonly cookie:
    { readonly name: string; readonly signed: { readonly secret: string; readonly algorithm?: string } | undefined } | undefined;
  readonly header: string | undefined;
  readonly param: string | undefined;
  readonly jwt: { readonly secret: string; readonly algorithm: string; readonly verify: boolean } | undefined;
  readonly createsSessions: boolean;
  readonly storage: string | SessionStorage;
}

interface DestroyOptions {
  readonly method?: string;
  readonly before?: (req: LegacyRequest, res: LegacyResponse, injected: Injected) => unknown;
  readonly after?: (req: LegacyRequest, res: LegacyResponse, injected: Injected) => unknown;
}

export class Sessions {
  readonly configuration: Settings;
  readonly #controller: RouteDefiner;

  constructor(controller: RouteDefiner, options: SessionOptions = {}) {
    this.#controller = controller;
    this.configuration = readOptions(options);
  }

  getSessionStorage(): SessionStorage {
    const { storage } = this.configuration;
    if (typeof storage !== 'string') return storage;
    return (this.#controller.applicationContext.exportsOf(storage) as { readonly sessionStorage: SessionStorage }).sessionStorage;
  }
}

/** Adds the hooks, and `destroySession` and `getSessions` to the controller. */
export function activateSessions(controller: RouteDefiner, options?: SessionOptions): void {
  const sessions = new Sessions(controller, options);
  const { configuration } = sessions;
  if (configuration.param !== undefined) controller.allRoutes['queryParam']?.(configuration.param, { type: 'string' });
  controller.before((req) => {
    const session = findSession(sessions, req);
    if (session !== undefined) req.session = session;
    else if (!req.session && configuration.createsSessions) req.session = sessions.getSessionStorage().create();
  });
  controller.after((req, res) => {
    if (req.session) sendSession(configuration, req.session as Session, res);
  });
  Object.assign(controller, {
    sessions,
    getSessions: () => sessions,
    destroySession: (path: string, given: DestroyOptions | DestroyOptions['after'] = {}): LegacyRoute => {
      const { method = 'post', before, after = loggedOut } = typeof given === 'function' ? { after: given } : given;
      const verb = VERBS.find((one) => one === method.toLowerCase()) ?? 'post';
      return controller[verb](path, (req, res, injected) => {
        before?.(req, res, injected);
        destroySession(sessions, req, res);
        after(req, res, injected);
      });
    },
  });
}

const loggedOut: NonNullable<DestroyOptions['after']> = (_, res) => res.json({ message: 'logged out' });

function findSession(sessions: Sessions, req: LegacyRequest): Session | undefined {
  const { cookie, header, param, jwt } = sessions.configuration;
  let sid = param === undefined ? undefined : (req.params(param) as string | undefined);
  if (!sid && cookie !== undefined) sid = req.cookie(cookie.name, cookie.signed === undefined ? {} : { signed: cookie.signed });
  if (!sid && header !== undefined) sid = req.headers[header.toLowerCase()];
  if (!sid) return undefined;
  const storage = sessions.getSessionStorage();
  try {
    return storage.get(jwt === undefined ? sid : (crypto.jwtDecode(jwt.secret, sid, !jwt.verify) as string));
  } catch (error) {
    if (error instanceof storage.errors.SessionNotFound) return undefined;
    throw error;
  }
}

function sendSession({ cookie, header, jwt }: Settings, session: Session, res: LegacyResponse): void {
  const id = session.forClient();
  const sid = jwt === undefined ? id : crypto.jwtEncode(jwt.secret, id, jwt.algorithm);
  if (cookie !== undefined) {
    const ttl = session.getTTL() / 1000;
    res.cookie(cookie.name, sid, { ttl, ...(cookie.signed === undefined ? {} : { signed: cookie.signed }) });
  }
  if (header !== undefined) res.set(header, sid);
}

function destroySession(sessions: Sessions, req: LegacyRequest, res: LegacyResponse): void {
  const { cookie, createsSessions } = sessions.configuration;
  (req.session as Session | undefined)?.delete?.();
  if (createsSessions) {
    req.session = sessions.getSessionStorage().create();
    return;
  }
  if (cookie !== undefined) res.cookie(cookie.name, '', { ttl: -ONE_WEEK_SECONDS });
  delete req.session;
}

function readOptions(options: SessionOptions): Settings {
  const { type, autoCreateSession = true } = options;
  if (type !== undefined && type !== 'cookie' && type !== 'header') {
    throw new Error('Only the following session types are supported at this time: cookie, header');
  }
  const cookie = type === 'header' ? undefined : type === 'cookie' ? options.cookie || true : options.cookie;
  const header = type === 'cookie' ? undefined : type === 'header' ? options.header || true : options.header;
  return {
    cookie: readCookie(cookie),
    header: readName(header, 'Header', 'X-Session-Id'),
    param: readName(options.param, 'Param', 'FOXXSID'),
    jwt: readJwt(options.jwt),
    createsSessions: autoCreateSession,
    storage: options.sessionStorage ?? options.sessionStorageApp ?? DEFAULT_STORAGE,
  };
}

function readName(given: boolean | string | undefined, kind: string, standard: string): string | undefined {
  if (!given) return undefined;
  if (given === true) return standard;
  if (typeof given !== 'string') throw new Error(`${kind} name must be true, a string or empty.`);
  return given;
}

function readCookie(given: SessionOptions['cookie']): Settings['cookie'] {
  if (!given) return undefined;
  const settings = given === true ? {} : typeof given === 'string' ? { name: given } : given;
  if (typeof settings !== 'object') throw new Error('Expected cookie settings to be an object, boolean or string.');
  const { name = 'sid', secret, algorithm } = settings;
  if (typeof name !== 'string') throw new Error('Cookie name must be a string or empty.');
  if (secret && typeof secret !== 'string') throw new Error('Cookie secret must be a string or empty.');
  return { name: name || 'sid', signed: secret ? { secret, ...(algorithm === undefined ? {} : { algorithm }) } : undefined };
}

function readJwt(given: SessionOptions['jwt']): Settings['jwt'] {
  if (!given) return undefined;
  const settings = given === true ? {} : typeof given === 'string' ? { secret: given } : given;
  if (typeof settings !== 'object') throw new Error('Expected JWT settings to be an object, boolean or string.');
  const { secret = '', algorithm, verify = true } = settings;
  if (secret === '' && algorithm !== undefined && algorithm !== 'none') {
    throw new Error('Must provide a JWT secret to use any algorithm other than "none".');
  }
  return { secret, algorithm: algorithm ?? (secret === '' ? 'none' : 'HS256'), verify };
}
