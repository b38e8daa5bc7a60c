/**
 * The HTTP API as a table: method, path, who may, and what is done. Finding a route, checking rights, reading the body and turning
 * errors into answers happen here, once.
 *
 * A path's `:name` is one segment, decoded; `*name` at the end is all that is left, not decoded.
 */
import { ArangoError, type Config, type HttpAnswer, type HttpRequest, type Order, type ServiceLog, type ServiceMetrics } from '#base';
import type { Cluster } from '#cluster';
import type { Backups, Database, Databases } from '#database';
import type { FoxxStore, Services, Tasks } from '#services';
import type { Value, ValueObject } from '#values';
import { describe } from './attributes.ts';
import type { Jobs } from './jobs.ts';
import { parseJson } from './json.ts';
import { QueryParameters } from './query-parameters.ts';

/** What the server is, as far as the API tells of it. */
export interface ServerFacts {
  readonly serverId: string;
  readonly isAuthenticationOn: boolean;
  readonly isFoxxApiOn: boolean;
  readonly allowsRemoteInstall: boolean;
  readonly endpoints: readonly string[];
  readonly config: Config;
}

/** Knows the secrets that tokens are signed with. */
export interface SecretKeeper {
  /** The first signs. Empty: the store's own does. */
  digests(): readonly string[];
  reload(): void;
}

export interface ApiContext {
  readonly databases: Databases;
  readonly services: Services;
  readonly cluster: Cluster;
  readonly jobs: Jobs;
  /** undefined: they are switched off. */
  readonly tasks: Tasks | undefined;
  readonly tokenSecrets: SecretKeeper;
  /** undefined: there is none. */
  readonly store: FoxxStore | undefined;
  readonly serviceLog: ServiceLog;
  readonly serviceMetrics: ServiceMetrics;
  /** Has the first thread do what concerns all of them. */
  readonly order: (order: Order) => void;
  readonly backups: Backups;
  readonly server: ServerFacts;
}

type Names<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | Names<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : Path extends `${string}*${infer Name}`
      ? Name
      : never;

export class ApiRequest<Name extends string = string> {
  readonly context: ApiContext;
  /** Opened for the user who asks. */
  readonly database: Database;
  readonly http: HttpRequest;
  readonly query: QueryParameters;
  readonly params: Readonly<Record<Name, string>>;
  /** Below `/_db/<name>`, without the query. */
  readonly path: string;
  readonly user: string | undefined;

  constructor(parts: Pick<ApiRequest<Name>, 'context' | 'database' | 'http' | 'query' | 'params' | 'path' | 'user'>) {
    this.context = parts.context;
    this.database = parts.database;
    this.http = parts.http;
    this.query = parts.query;
    this.params = parts.params;
    this.path = parts.path;
    this.user = parts.user;
  }

  /** The same database with the server's own rights: services act with those, whoever manages them. */
  get ownDatabase(): Database {
    return this.context.databases.get(this.database.name);
  }

  /** The body as text. */
  text(): string {
    const { body } = this.http;
    return Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8');
  }

  /** The body as JSON; undefined when there is none. Throws 600. */
  findJson(): Value | undefined {
    return this.http.body.length === 0 ? undefined : parseJson(this.text());
  }

  /** The body as a JSON value; throws 600 when there is none. */
  json(): Value {
    const value = this.findJson();
    if (value === undefined)
      throw new ArangoError('ERROR_HTTP_CORRUPTED_JSON', { message: 'VPackError error: Expecting a JSON value and found the end' });
    return value;
  }

  /** The body as an object; throws 400 when it is something else. */
  jsonObject(): ValueObject {
    const value = this.json();
    if (value === null || typeof value !== 'object' || Array.isArray(value))
      throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', `the body must be a JSON object and is ${describe(value)}`);
    return value as ValueObject;
  }

  header(name: string): string | undefined {
    return this.http.headers[name];
  }
}

/**
 * Who may. `open`: whoever. `user`: whoever proved who they are. `read`, `write`: whoever may read the database; rights on collections are
 * checked where those are used. `manage`: with `rw` on the database. `system`: with `rw` on `_system`.
 */
export type Access = 'open' | 'user' | 'read' | 'write' | 'manage' | 'system';

export type Handler<Name extends string = string> = (request: ApiRequest<Name>) => HttpAnswer | Promise<HttpAnswer>;

export interface Route {
  readonly method: string;
  readonly path: string;
  readonly access: Access;
  readonly handle: Handler;
  /** Of the parameters in the path, in their order. */
  readonly names: readonly string[];
}

function define(method: string) {
  return <Path extends string>(path: Path, access: Access, handle: Handler<Names<Path>>): Route => ({
    method,
    path,
    access,
    handle: handle,
    names: Array.from(path.matchAll(/[:*](\w+)/g), ([, name = '']) => name),
  });
}

export const get = define('GET');
export const head = define('HEAD');
export const post = define('POST');
export const put = define('PUT');
export const patch = define('PATCH');
export const del = define('DELETE');
/** Whatever method has no route of its own. */
export const any = define('*');

interface Node {
  readonly fixed: Map<string, Node>;
  parameter: Node | undefined;
  readonly methods: Map<string, Route>;
  readonly rest: Map<string, Route>;
}

export interface FoundRoute {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds the route for a path; `methods` of a path that exists without the method asked for. */
export type RouteSearch = FoundRoute | { readonly methods: readonly string[] } | undefined;

export class RouteTable {
  readonly #root = newNode();

  constructor(routes: readonly Route[]) {
    for (const route of routes) this.#add(route);
  }

  find(method: string, path: string): RouteSearch {
    let node = this.#root;
    let rest: { readonly node: Node; readonly from: number; readonly values: number } | undefined;
    const values: string[] = [];
    let start = 1;
    while (start <= path.length) {
      if (node.rest.size > 0) rest = { node, from: start, values: values.length };
      const slash = path.indexOf('/', start);
      const end = slash === -1 ? path.length : slash;
      const segment = path.slice(start, end);
      start = end + 1;
      // Slashes in a row count as one.
      if (segment === '') continue;
      const next = node.fixed.get(segment);
      if (next !== undefined) {
        node = next;
        continue;
      }
      if (node.parameter === undefined)
        return rest === undefined
          ? undefined
          : this.#take(rest.node.rest, method, [...values.slice(0, rest.values), path.slice(rest.from)]);
      values.push(decode(segment));
      node = node.parameter;
    }
    if (node.methods.size > 0) return this.#take(node.methods, method, values);
    return rest === undefined ? undefined : this.#take(rest.node.rest, method, [...values.slice(0, rest.values), path.slice(rest.from)]);
  }

  #take(routes: ReadonlyMap<string, Route>, method: string, values: readonly string[]): RouteSearch {
    const route = routes.get(method) ?? (method === 'HEAD' ? routes.get('GET') : undefined) ?? routes.get('*');
    if (route === undefined) return { methods: [...routes.keys()] };
    const params: Record<string, string> = {};
    for (let i = 0; i < route.names.length; i++) params[route.names[i] ?? ''] = values[i] ?? '';
    return { route, params };
  }

  #add(route: Route): void {
    let node = this.#root;
    for (const segment of route.path.slice(1).split('/')) {
      if (segment.startsWith('*')) {
        node.rest.set(route.method, route);
        return;
      }
      if (segment.startsWith(':')) {
        node = node.parameter ??= newNode();
        continue;
      }
      let next = node.fixed.get(segment);
      if (next === undefined) node.fixed.set(segment, (next = newNode()));
      node = next;
    }
    node.methods.set(route.method, route);
  }
}

function newNode(): Node {
  return { fixed: new Map(), parameter: undefined, methods: new Map(), rest: new Map() };
}

function decode(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', `"${segment}" is not percent-encoded UTF-8`, { cause });
  }
}
