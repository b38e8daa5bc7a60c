/**
 * A request as Foxx 2.8 shows it: the plain properties of ArangoDB's own handlers, with methods on top. Services put things on it.
 */
import { parse as parseQuery } from 'node:querystring';
import { ARANGODB_VERSION_NUMBER } from '#base';
import { isSigned, parseCookies } from '../foxx/cookies.ts';
import { parseMultipart, type Part } from '../foxx/multipart.ts';
import type { ServiceRequest } from '../service.ts';
import type { LegacyContext } from './context.ts';
import { splitPath, type UrlMatch } from './routing.ts';

export interface SignatureOptions {
  readonly secret: string;
  readonly algorithm?: string;
}

export class LegacyRequest {
  readonly url: string;
  /** Of the route, without what a trailing `/*` stands for. */
  readonly prefix: string;
  readonly path: string;
  readonly suffix: readonly string[];
  readonly rawSuffix: readonly string[];
  readonly requestType: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: Readonly<Record<string, string>>;
  /** Of the query, and the bodies that routes declare by name. */
  parameters: Record<string, unknown>;
  urlParameters: Record<string, unknown>;
  readonly database: string;
  readonly protocol: string;
  readonly portType = 'tcp/ip';
  readonly authorized: boolean;
  readonly compatibility = ARANGODB_VERSION_NUMBER;
  readonly client: { readonly address: string; readonly port: number };
  readonly server: { readonly address: string; readonly port: number };
  /** Who the server says it is, or what `activateAuthentication` found. */
  user: unknown;
  declare session?: unknown;
  declare currentSession?: unknown;
  readonly #body: Buffer;

  constructor({ http, path, query, user, isAuthorized }: ServiceRequest, { mount, service }: LegacyContext, match: UrlMatch) {
    const raw = splitPath(path);
    this.url = `${mount}${path}${query === '' ? '' : `?${query}`}`;
    this.path = path;
    this.prefix = `/${raw.slice(0, raw.length - match.rest.length).join('/')}`;
    this.suffix = match.rest;
    this.rawSuffix = raw.slice(raw.length - match.rest.length);
    this.requestType = http.method;
    this.headers = http.headers;
    this.cookies = parseCookies(http.headers['cookie']);
    this.parameters = { ...parseQuery(query) };
    this.urlParameters = { ...match.parameters };
    this.database = service.database.name;
    this.protocol = http.isSecure ? 'https' : 'http';
    this.authorized = isAuthorized;
    this.client = { address: http.remoteAddress, port: http.remotePort };
    this.server = { address: http.localAddress, port: http.localPort };
    this.user = user ?? null;
    // A copy: it outlives the answer, and around the original lie the requests of others.
    this.#body = Buffer.from(new Uint8Array(http.body).buffer);
  }

  get requestBody(): string {
    return this.#body.toString('utf8');
  }

  /** The body as JSON; an empty one is an empty object. */
  body(): unknown {
    return JSON.parse(this.requestBody || '{}');
  }

  rawBody(): string {
    return this.requestBody;
  }

  rawBodyBuffer(): Buffer {
    return this.#body;
  }

  requestParts(): Part[] {
    return parseMultipart(this.#body, this.headers['content-type'] ?? '');
  }

  /** From the query first, then from the path. */
  params(name: string): unknown {
    return Object.hasOwn(this.parameters, name) ? this.parameters[name] : this.urlParameters[name];
  }

  cookie(name: string, options: { readonly signed?: string | SignatureOptions } = {}): string | undefined {
    const value = Object.hasOwn(this.cookies, name) ? this.cookies[name] : undefined;
    const signed = typeof options?.signed === 'string' ? { secret: options.signed } : options?.signed;
    if (!value || signed === undefined) return value || undefined;
    return isSigned(value, this.cookies[`${name}.sig`], signed.secret, signed.algorithm) ? value : undefined;
  }

  toJSON(): Record<string, unknown> {
    return { ...Object.fromEntries(Object.entries(this)), requestBody: this.requestBody };
  }
}
