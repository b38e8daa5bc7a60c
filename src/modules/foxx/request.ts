/**
 * A request as a service sees it. Nothing is computed that a handler does not look at: on the way to most handlers only the object
 * itself is made.
 *
 * What depends on the place in the chain of routers and middleware (`path`, `suffix`, `pathParams`, …) is in a `View`, which dispatch
 * changes from step to step. Everything else may be assigned to, as if it were a plain property.
 */
import { parse as parseQuery, stringify as printQuery } from 'node:querystring';
import { posix } from 'node:path';
import { ARANGODB_VERSION_NUMBER, type HttpRequest } from '#base';
import type { ServiceRequest } from '../service.ts';
import type { FoxxContext } from './context.ts';
import { isSigned, parseCookies, type CookieOptions } from './cookies.ts';
import { accepts, rangeParser, typeIs } from './libraries.ts';
import { isTrustedProxy } from './proxies.ts';
import type { Match, PathValues, Step } from './tree.ts';

export interface View {
  readonly match: Match;
  readonly step: Step;
  /** Made when first asked for, where nothing is validated. */
  pathParams: PathValues | undefined;
  queryParams: Record<string, unknown> | undefined;
  headers: Record<string, string> | undefined;
  path: string | undefined;
  suffix: string | undefined;
}

/** Finds the URL of a named route, seen from the routers that the request went through. */
export type Reverse = (view: View, name: string, params?: PathValues | string, suffix?: string) => string;

/** The request in the form of ArangoDB's own handlers, as far as services look at it. */
export interface RawRequest {
  readonly url: string;
  readonly requestType: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly database: string;
  readonly user: string | null;
  readonly authorized: boolean;
  readonly protocol: string;
  readonly portType: string;
  readonly compatibility: number;
  readonly client: { readonly address: string; readonly port: number };
  readonly server: { readonly address: string; readonly port: number };
  readonly rawRequestBody: Buffer;
  readonly requestBody: string;
  readonly suffix: readonly string[];
  readonly rawSuffix: readonly string[];
}

let setView: (req: FoxxRequest, view: View) => View | undefined;
let getHttp: (req: FoxxRequest) => HttpRequest;

export class FoxxRequest {
  readonly context: FoxxContext;
  declare protocol: string;
  declare hostname: string;
  declare port: number;
  declare remoteAddress: string;
  declare remoteAddresses: string[];
  declare remotePort: number;
  declare trustProxy: boolean;
  /** The session middleware's. */
  declare session?: unknown;
  declare sessionStorage?: unknown;
  readonly #incoming: ServiceRequest;
  readonly #reverse: Reverse;
  #view: View | undefined;
  #body: unknown;
  #hasOwnBody = false;
  #rawBody: Buffer | undefined;
  #query: Record<string, unknown> | undefined;
  #cookies: Record<string, string> | undefined;
  #raw: RawRequest | undefined;

  static {
    setView = (req, view) => {
      const before = req.#view;
      req.#view = view;
      return before;
    };
    getHttp = (req) => req.#incoming.http;
  }

  constructor(incoming: ServiceRequest, context: FoxxContext, reverse: Reverse) {
    this.context = context;
    this.#incoming = incoming;
    this.#reverse = reverse;
  }

  // As in Node

  get headers(): Record<string, string> {
    return this.#view?.headers ?? this.#incoming.http.headers;
  }

  set headers(headers: Record<string, string>) {
    if (this.#view !== undefined) this.#view.headers = headers;
  }

  get method(): string {
    return this.#incoming.http.method;
  }

  get url(): string {
    return this.path + this.#search;
  }

  get #search(): string {
    return this.#incoming.query === '' ? '' : `?${this.#incoming.query}`;
  }

  // As in Express

  get originalUrl(): string {
    return `${this.baseUrl}${this.context.mount}${this.#incoming.path}${this.#search}`;
  }

  get secure(): boolean {
    return this.protocol === 'https';
  }

  get xhr(): boolean {
    return this.headers['x-requested-with']?.toLowerCase() === 'xmlhttprequest';
  }

  get path(): string {
    const view = this.#view;
    if (view === undefined) return this.#incoming.path;
    view.path ??= joinPath(view.match.segments.slice(0, view.step.depth).map(decodeSegment), this.suffix);
    return view.path;
  }

  set path(path: string) {
    if (this.#view !== undefined) this.#view.path = path;
  }

  get suffix(): string {
    const view = this.#view;
    if (view === undefined) return '';
    view.suffix ??= view.match.segments.slice(view.step.depth).join('/');
    return view.suffix;
  }

  set suffix(suffix: string) {
    if (this.#view !== undefined) this.#view.suffix = suffix;
  }

  get pathParams(): PathValues {
    const view = this.#view;
    if (view === undefined) return {};
    view.pathParams ??= {};
    return view.pathParams;
  }

  set pathParams(values: PathValues) {
    if (this.#view !== undefined) this.#view.pathParams = values;
  }

  get queryParams(): Record<string, unknown> {
    const view = this.#view;
    if (view?.queryParams !== undefined) return view.queryParams;
    this.#query ??= { ...parseQuery(this.#incoming.query) };
    return this.#query;
  }

  set queryParams(values: Record<string, unknown>) {
    if (this.#view === undefined) this.#query = values;
    else this.#view.queryParams = values;
  }

  accepts(...types: readonly (string | readonly string[])[]): unknown {
    return accepts()(this).types(types.flat());
  }

  acceptsCharsets(...charsets: readonly (string | readonly string[])[]): unknown {
    return accepts()(this).charsets(charsets.flat());
  }

  acceptsEncodings(...encodings: readonly (string | readonly string[])[]): unknown {
    return accepts()(this).encodings(encodings.flat());
  }

  acceptsLanguages(...languages: readonly (string | readonly string[])[]): unknown {
    return accepts()(this).languages(languages.flat());
  }

  range(size?: number): unknown {
    const header = this.headers['range'];
    return header === undefined ? undefined : rangeParser()(size ?? Infinity, header);
  }

  get(name: string): string | undefined {
    const key = name.toLowerCase();
    return key === 'referer' || key === 'referrer' ? (this.headers['referer'] ?? this.headers['referrer']) : this.headers[key];
  }

  header(name: string): string | undefined {
    return this.get(name);
  }

  is(...types: readonly (string | readonly string[])[]): string | false {
    const type = this.headers['content-type'];
    return type === undefined ? false : typeIs().is(type, types.flat());
  }

  // Foxx's own

  get body(): unknown {
    return this.#hasOwnBody ? this.#body : this.rawBody;
  }

  set body(body: unknown) {
    this.#body = body;
    this.#hasOwnBody = true;
  }

  get rawBody(): Buffer {
    if (this.#rawBody === undefined) {
      // A copy: it outlives the answer, and around the original lie the requests of others.
      // Not by `slice`, which of a Buffer is a view.
      this.#rawBody = Buffer.from(new Uint8Array(this.#incoming.http.body).buffer);
    }
    return this.#rawBody;
  }

  get authorized(): boolean {
    return this.#incoming.isAuthorized;
  }

  get arangoUser(): string | null {
    return this.#incoming.isAuthorized ? (this.#incoming.user ?? null) : null;
  }

  get arangoVersion(): number {
    const given = Number(this.#incoming.http.headers['x-arango-version']);
    return Number.isInteger(given) && given > 0 ? given : ARANGODB_VERSION_NUMBER;
  }

  get auth(): { readonly basic?: { readonly username?: string; readonly password?: string }; readonly bearer?: string } | null {
    const [, scheme, value = ''] = /^(Bearer|Basic) (.*)$/i.exec(this.headers['authorization'] ?? '') ?? [];
    if (scheme === undefined) return null;
    if (scheme.toLowerCase() === 'bearer') return { bearer: value };
    const text = Buffer.from(value, 'base64').toString('utf8');
    if (text === '') return { basic: {} };
    const colon = text.indexOf(':');
    return { basic: colon < 0 ? { username: text } : { username: text.slice(0, colon), password: text.slice(colon + 1) } };
  }

  get baseUrl(): string {
    return `/_db/${encodeURIComponent(this.database)}`;
  }

  get database(): string {
    return this.context.service.database.name;
  }

  get reverse(): (name: string, params?: PathValues | string, suffix?: string) => string {
    const view = this.#view;
    return (name, params, suffix) => {
      if (view === undefined) throw new Error(`Route could not be resolved: "${name}"`);
      return this.#reverse(view, name, params, suffix);
    };
  }

  json(): unknown {
    return this.rawBody.length === 0 ? undefined : JSON.parse(this.rawBody.toString('utf8'));
  }

  param(name: string): unknown {
    return Object.hasOwn(this.pathParams, name) ? this.pathParams[name] : this.queryParams[name];
  }

  /** `null` when the signature is wrong. */
  cookie(name: string, options?: string | Pick<CookieOptions, 'secret' | 'algorithm'>): string | null | undefined {
    this.#cookies ??= parseCookies(this.#incoming.http.headers['cookie']);
    const value = Object.hasOwn(this.#cookies, name) ? this.#cookies[name] : undefined;
    const { secret, algorithm } = typeof options === 'string' ? { secret: options, algorithm: undefined } : (options ?? {});
    if (value === undefined || secret === undefined || secret === '') return value;
    return isSigned(value, this.#cookies[`${name}.sig`], secret, algorithm) ? value : null;
  }

  makeAbsolute(path: string, query?: string | Record<string, unknown>): string {
    const { protocol, hostname, port } = this;
    const pathname = posix.join(this.baseUrl, this.context.mount, path);
    const isDefaultPort = port === (this.secure ? 443 : 80);
    return `${protocol}://${hostname}${isDefaultPort || !port ? '' : `:${port}`}${pathname}${searchOf(query)}`;
  }

  get _raw(): RawRequest {
    this.#raw ??= this.#createRaw();
    return this.#raw;
  }

  #createRaw(): RawRequest {
    const { http, query, path, isAuthorized, user } = this.#incoming;
    const segments = path.split('/').filter((segment) => segment !== '');
    const { rawBody, database } = this;
    return {
      url: `${this.context.mount}${path}${this.#search}`,
      requestType: http.method,
      headers: http.headers,
      cookies: parseCookies(http.headers['cookie']),
      parameters: { ...parseQuery(query) },
      database,
      user: user ?? null,
      authorized: isAuthorized,
      protocol: http.isSecure ? 'https' : 'http',
      portType: 'tcp/ip',
      compatibility: this.arangoVersion,
      client: { address: http.remoteAddress, port: http.remotePort },
      server: { address: http.localAddress, port: http.localPort },
      rawRequestBody: rawBody,
      get requestBody() {
        return rawBody.toString('utf8');
      },
      suffix: segments.map(decodeSegment),
      rawSuffix: segments,
    };
  }

  /** A request may be printed or answered with; what leads to the service and back to it is left out. */
  toJSON(): Record<string, unknown> {
    const { method, url, originalUrl, baseUrl, path, suffix, pathParams, queryParams, headers, body } = this;
    const own = Object.fromEntries(Object.entries(this).filter(([name]) => name !== 'context'));
    return { method, url, originalUrl, baseUrl, path, suffix, pathParams, queryParams, headers, body, ...own };
  }
}

/** What is computed when it is first asked for, and kept. */
const COMPUTED: Readonly<Record<string, (req: FoxxRequest, http: HttpRequest) => unknown>> = {
  trustProxy: ({ context }, { remoteAddress }) => context.trustProxy ?? isTrustedProxy(remoteAddress, context.service.host.trustedProxies),
  protocol: (req, http) => forwarded(req, http, 'x-forwarded-proto') ?? (http.isSecure ? 'https' : 'http'),
  hostname: (req, http) => hostOf(req, http)?.name ?? http.localAddress,
  port: (req, http) => {
    const host = hostOf(req, http);
    return host === undefined ? http.localPort : (host.port ?? (req.secure ? 443 : 80));
  },
  remoteAddresses: (req, http) => {
    const list = forwarded(req, http, 'x-forwarded-for')
      ?.split(',')
      .map((address) => address.trim())
      .filter((address) => address !== '');
    return list === undefined || list.length === 0 ? [http.remoteAddress] : list;
  },
  remoteAddress: ({ remoteAddresses }) => remoteAddresses[0],
  remotePort: (req, http) => Number(forwarded(req, http, 'x-forwarded-port') ?? http.remotePort),
};

for (const [name, compute] of Object.entries(COMPUTED)) {
  Object.defineProperty(FoxxRequest.prototype, name, {
    configurable: true,
    get(this: FoxxRequest) {
      const value = compute(this, getHttp(this));
      Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
      return value;
    },
    set(this: FoxxRequest, value: unknown) {
      Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
    },
  });
}

function forwarded(req: FoxxRequest, http: HttpRequest, header: string): string | undefined {
  const value = http.headers[header];
  return value !== undefined && value !== '' && req.trustProxy ? value : undefined;
}

function hostOf(req: FoxxRequest, http: HttpRequest): { readonly name: string; readonly port: number | undefined } | undefined {
  const host = forwarded(req, http, 'x-forwarded-host') ?? http.headers['host'];
  if (host === undefined || host === '') return undefined;
  const [, name = host, port] = /^(.*):(\d+)$/.exec(host) ?? [];
  return { name, port: port === undefined ? undefined : Number(port) };
}

function joinPath(segments: readonly string[], suffix: string): string {
  return `/${segments.join('/')}${suffix === '' || segments.length === 0 ? suffix : `/${suffix}`}`;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // matched as it stands
  }
}

function searchOf(query: string | Record<string, unknown> | undefined): string {
  if (query === undefined) return '';
  const text = typeof query === 'string' ? query.replace(/^\?/, '') : printQuery(query as Record<string, string>);
  return text === '' ? '' : `?${text}`;
}

/** Moves the request to another step of its chain; returns where it was. */
export function enterView(req: FoxxRequest, view: View): View | undefined {
  return setView(req, view);
}
