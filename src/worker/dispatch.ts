/**
 * The way of a request inside a worker: which database, who asks, and whether the web interface, the HTTP API or a service answers.
 *
 * `/_db/<name>/…` names the database, any other path belongs to `_system`. Paths that begin with `/_` need a user when authentication
 * is on; services are public and see who called, unless `--server.authentication-system-only` is off.
 */
import { findAsync, handleApi, type ApiContext } from '#api';
import { ArangoError, type HttpAnswer, type HttpRequest } from '#base';
import type { Caller, Database } from '#database';
import { refusalOfPage, type PageRules } from './foreign-pages.ts';
import { redirect, type WebInterface } from './web-interface.ts';

export interface DispatchOptions extends PageRules {
  /** Only paths beginning with `/_` need a user. */
  readonly isAuthenticationForSystemOnly: boolean;
  /** `--foxx.enable` */
  readonly areServicesOn: boolean;
  /** undefined: it is switched off. */
  readonly webInterface: WebInterface | undefined;
  /** Where `/` leads while no service is there; undefined: nowhere. */
  readonly startPage: StartPage | undefined;
}

export interface StartPage {
  /** A path in the same database, or an address elsewhere. */
  readonly location: string;
  readonly isForEver: boolean;
}

interface Target {
  readonly databaseName: string;
  readonly path: string;
  readonly query: string;
}

export function createDispatch(context: ApiContext, options: DispatchOptions): (http: HttpRequest) => HttpAnswer | Promise<HttpAnswer> {
  return function dispatch(http: HttpRequest): HttpAnswer | Promise<HttpAnswer> {
    const target = parseTarget(http.url);
    if (target === undefined) return failure(400, 'bad request target');
    const { databaseName, path, query } = target;
    const isSystemPath = path.startsWith('/_');
    const refusal = isSystemPath && !isOpenService(path) ? refusalOfPage(http, options) : undefined;
    if (refusal !== undefined) return failure(403, refusal, FORBIDDEN);
    const file = isSystemPath ? options.webInterface?.answer(http, path) : undefined;
    if (file !== undefined) return file;

    const caller = options.isAuthenticationOn ? context.databases.authenticate(http.headers['authorization']) : SERVER;
    const needsUser = isSystemPath || !options.isAuthenticationForSystemOnly;
    const database = openDatabase(context, databaseName, caller, { needsUser: needsUser && !isOwnAccount(path, caller), http });
    if ('status' in database) return database;

    const asJob = findAsync(http);
    if (asJob !== undefined && caller !== undefined) {
      const { 'x-arango-async': _done, ...headers } = http.headers;
      const later = { ...http, headers, body: new Uint8Array(http.body) };
      return context.jobs.start(caller.user, asJob, () => dispatch(later));
    }

    if (isSystemPath) {
      const answer = handleApi(context, { http, database, path, query, user: caller?.user, isAuthenticated: caller !== undefined });
      if (answer !== undefined) return answer;
    }
    if (path === '/' && options.startPage !== undefined && !hasService(database)) return toStartPage(http, databaseName, options.startPage);
    if (needsUser && caller === undefined && !path.startsWith('/_open/')) return unauthorized(http);
    if (!options.areServicesOn) return failure(403, 'services are disabled', 11);
    const answer = context.services.handle(database, path, { http, query, user: caller?.user, isAuthorized: caller !== undefined });
    return answer ?? failure(404, `unknown path '${path}'`);
  };

  function hasService(database: Database): boolean {
    return options.areServicesOn && context.services.above(database, '/') !== undefined;
  }
}

const SERVER: Caller = { user: undefined };

/** Services may be mounted below `/_open/`, and are as public there as elsewhere. */
function isOpenService(path: string): boolean {
  return path.startsWith('/_open/') && path !== '/_open/auth';
}

/** Everybody may see to their own account, also without a right on the database. */
function isOwnAccount(path: string, caller: Caller | undefined): boolean {
  if (caller?.user === undefined) return false;
  const name = encodeURIComponent(caller.user);
  return ['user', 'token'].some((kind) => path === `/_api/${kind}/${name}` || path.startsWith(`/_api/${kind}/${name}/`));
}

/** A service runs with the server's rights whoever calls it, so its database is opened for the server. */
function openDatabase(
  { databases }: ApiContext,
  name: string,
  caller: Caller | undefined,
  { needsUser, http }: { readonly needsUser: boolean; readonly http: HttpRequest },
): Database | HttpAnswer {
  const database = databases.find(name, needsUser ? caller?.user : undefined);
  if (database !== undefined) return database;
  // Who may not read a database does not learn whether it exists.
  if (needsUser && (caller === undefined || databases.databaseLevel(caller.user, name) === 'none')) return unauthorized(http);
  const { code, errorNum, message } = new ArangoError('ERROR_ARANGO_DATABASE_NOT_FOUND');
  return failure(code, message, errorNum);
}

/** undefined: the target is no path, or is not percent-encoded UTF-8. */
export function parseTarget(url: string): Target | undefined {
  if (!url.startsWith('/')) return undefined;
  const mark = url.indexOf('?');
  const full = mark === -1 ? url : url.slice(0, mark);
  const query = mark === -1 ? '' : url.slice(mark + 1);
  if (!full.startsWith('/_db/')) return { databaseName: '_system', path: full, query };
  const slash = full.indexOf('/', 5);
  const encoded = slash === -1 ? full.slice(5) : full.slice(5, slash);
  try {
    return { databaseName: decodeURIComponent(encoded).normalize('NFC'), path: slash === -1 ? '/' : full.slice(slash), query };
  } catch {
    return undefined; // a stray percent sign; the caller answers 400
  }
}

function toStartPage({ method }: HttpRequest, databaseName: string, { location, isForEver }: StartPage): HttpAnswer {
  if (method !== 'GET' && method !== 'HEAD') return failure(404, `unknown path '/'`);
  const target = location.startsWith('/') ? `/_db/${encodeURIComponent(databaseName)}${location}` : location;
  return redirect(isForEver ? 301 : 302, target);
}

/** ArangoDB's number for this, though the status is 401: drivers renew their tokens by it. */
const FORBIDDEN = 11;

function unauthorized({ headers }: HttpRequest): HttpAnswer {
  const answer = failure(401, 'not authorized to execute this request', FORBIDDEN);
  if (headers['x-omit-www-authenticate'] !== undefined) return answer;
  return { ...answer, headers: { ...answer.headers, 'www-authenticate': 'Bearer token_type="JWT", realm="ArangoDB"' } };
}

function failure(code: number, errorMessage: string, errorNum = code): HttpAnswer {
  return {
    status: code,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ error: true, code, errorMessage, errorNum }),
  };
}
