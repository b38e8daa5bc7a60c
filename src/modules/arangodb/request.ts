/**
 * `require('@arangodb/request')`: HTTP requests that return when the answer is there.
 *
 * Requests to this very server are answered in this thread, without a socket: a service may call its own routes without waiting for
 * itself.
 */
import { parse as parseUrl, format as formatUrl, type UrlObject } from 'node:url';
import { STATUS_CODES } from 'node:http';
import { stringify as printQuery } from 'node:querystring';
import { inspect } from 'node:util';
import type { HttpAnswer } from '#base';
import { httpErrors } from '../foxx/libraries.ts';
import { loadPackage } from '../loader/bundled.ts';
import { forbidden, formsOfUrl, type ServicePolicy } from '../policy.ts';
import type { ServiceHost } from '../service.ts';
import { textOf } from '../text.ts';
import { requestAndWait } from './outbound.ts';

interface Credentials {
  readonly username?: string;
  readonly password?: string;
  readonly bearer?: string;
  readonly jwt?: string;
}

export interface RequestOptions {
  readonly url?: string | UrlObject;
  readonly uri?: string | UrlObject;
  readonly method?: string;
  readonly qs?: string | object;
  readonly useQuerystring?: boolean;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly json?: boolean;
  readonly form?: string | object;
  readonly formData?: unknown;
  readonly multipart?: unknown;
  readonly auth?: Credentials;
  readonly followRedirect?: boolean;
  readonly maxRedirects?: number;
  /** Seconds. */
  readonly timeout?: number;
  readonly returnBodyOnError?: boolean;
  /** `null`: the body stays a buffer. */
  readonly encoding?: BufferEncoding | null;
  readonly verifyCertificates?: boolean;
}

type Call = (url: string | RequestOptions, options?: RequestOptions) => IncomingResponse;

export interface RequestFunction extends Call {
  readonly request: Call;
  readonly Response: typeof IncomingResponse;
  readonly get: Call;
  readonly head: Call;
  readonly post: Call;
  readonly put: Call;
  readonly patch: Call;
  readonly delete: Call;
}

const DEFAULT_TIMEOUT_SECONDS = 300;
const DEFAULT_MAX_REDIRECTS = 10;
const SHOWN_CHARACTERS = 100;

interface Received {
  readonly status: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

export class IncomingResponse {
  readonly status: number;
  readonly statusCode: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly rawBody: Buffer | undefined;
  readonly body: Buffer | string | undefined;
  /** The body, where it is JSON. */
  readonly json: unknown;

  constructor({ status, message, headers, body }: Received, { encoding = 'utf-8', json }: RequestOptions) {
    this.status = status;
    this.statusCode = status;
    this.message = message;
    this.headers = headers;
    this.rawBody = body;
    this.body = body === undefined || encoding === null ? body : body.toString(encoding);
    if (json !== false && typeof this.body === 'string') this.json = parseJson(this.body);
  }

  /** Throws when the answer is an error. */
  throw(message?: string): void {
    if (this.status >= 400) throw Object.assign(httpErrors()(this.status, message ?? this.message), { details: this });
  }

  toString(): string {
    const size = this.body === undefined || this.body.length === 0 ? 'empty' : `${this.body.length} bytes`;
    const start = typeof this.body === 'string' ? ` ${JSON.stringify(this.body.slice(0, SHOWN_CHARACTERS))}` : '';
    return `[IncomingResponse ${this.status} ${this.message} ${size}${start}]`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** For a service of a host. */
export function createRequest(host: ServiceHost, policy: ServicePolicy): RequestFunction {
  const request: Call = (url, options) => send(host, policy, typeof url === 'string' ? { ...options, url } : { ...url, ...options });
  const call =
    (method: string): Call =>
    (url, options) =>
      request(url, { ...(typeof url === 'string' ? options : { ...url, ...options }), method });
  return Object.assign(request.bind(undefined), {
    request,
    Response: IncomingResponse,
    get: call('GET'),
    head: call('HEAD'),
    post: call('POST'),
    put: call('PUT'),
    patch: call('PATCH'),
    delete: call('DELETE'),
  });
}

function send(host: ServiceHost, policy: ServicePolicy, options: RequestOptions): IncomingResponse {
  const { url, credentials } = targetOf(options);
  if (URL.canParse(url) && !policy.mayConnect(formsOfUrl(url))) throw forbidden(`connect to "${url}"`);
  const { body, type } = bodyOf(options);
  const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
  const authorization = authorizationOf(options.auth ?? credentials);
  if (authorization !== undefined) headers['authorization'] = authorization;
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value !== undefined && value !== null) headers[name.toLowerCase()] = textOf(value);
  }
  const method = (options.method ?? 'GET').toUpperCase();
  const own = ownPath(host, url);
  const received =
    own === undefined
      ? ask(url, method, headers, body, options)
      : askSelf(host, { path: own, host: url.startsWith('/') ? undefined : new URL(url).host, method, headers, body });
  const isKept = options.returnBodyOnError !== false || received.status < 400;
  return new IncomingResponse(isKept ? received : { ...received, body: undefined }, options);
}

/** The URL without credentials, which may stand in it. */
function targetOf({ url, uri, qs, useQuerystring }: RequestOptions): { readonly url: string; readonly credentials?: Credentials } {
  const given = url ?? uri;
  if (given === undefined || given === '') throw new Error('Request URL must not be empty.');
  const { auth, ...parts } = typeof given === 'string' ? parseUrl(given) : given;
  const query = queryText(qs, useQuerystring);
  // `search` goes before `query` when a URL is put together.
  const target = formatUrl(query === '' ? parts : { ...parts, search: `?${query}` });
  const plain = target.startsWith('http:///') ? target.slice('http://'.length) : target;
  if (!auth) return { url: plain };
  const colon = `${auth}:`.indexOf(':');
  return { url: plain, credentials: { username: auth.slice(0, colon), password: auth.slice(colon + 1) } };
}

function queryText(given: string | object | undefined, isSimple = false): string {
  if (given === undefined) return '';
  if (typeof given === 'string') return given.replace(/^\?/, '');
  const text = isSimple
    ? printQuery(given as Record<string, string>)
    : (loadPackage('qs') as { stringify(value: object): string }).stringify(given);
  // Stricter than JavaScript: RFC 3986.
  return text.replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}

function bodyOf({ body, json, form, formData, multipart, useQuerystring }: RequestOptions): {
  readonly body: Buffer | undefined;
  readonly type: string | undefined;
} {
  if (json) return { body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)), type: 'application/json' };
  if (typeof body === 'string') return { body: Buffer.from(body), type: 'text/plain; charset=utf-8' };
  if (body instanceof Uint8Array) return { body: Buffer.from(body), type: 'application/octet-stream' };
  if (body !== undefined && body !== null) return { body: Buffer.from(JSON.stringify(body)), type: 'application/json' };
  if (form !== undefined) {
    return { body: Buffer.from(queryText(form, useQuerystring)), type: 'application/x-www-form-urlencoded' };
  }
  if (formData !== undefined) throw new Error('Multipart form encoding is currently not supported.');
  if (multipart !== undefined) throw new Error('Multipart encoding is currently not supported.');
  return { body: undefined, type: undefined };
}

function authorizationOf(auth: Credentials | undefined): string | undefined {
  const token = auth?.jwt ?? auth?.bearer;
  if (token !== undefined) return `Bearer ${token}`;
  if (auth?.username === undefined) return undefined;
  return `Basic ${Buffer.from(`${auth.username}:${auth.password ?? ''}`).toString('base64')}`;
}

/** The path, when the URL leads to this server. */
function ownPath({ endpoints }: ServiceHost, url: string): string | undefined {
  if (url.startsWith('/')) return url;
  if (!URL.canParse(url)) return undefined;
  const target = new URL(url);
  const isOwn = endpoints.some((endpoint) => {
    const own = new URL(httpUrl(endpoint));
    if (own.protocol !== target.protocol || portOf(own) !== portOf(target)) return false;
    return own.hostname === target.hostname || (isLocal(own.hostname) && isLocal(target.hostname));
  });
  return isOwn ? target.pathname + target.search : undefined;
}

/** Endpoints may be written as arangod's options have them. */
function httpUrl(endpoint: string): string {
  return endpoint.replace(/^ssl:/, 'https:').replace(/^tcp:/, 'http:');
}

function portOf({ port, protocol }: URL): string {
  return port === '' ? (protocol === 'https:' ? '443' : '80') : port;
}

function isLocal(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname === '[::]' || hostname === '0.0.0.0' || hostname.startsWith('127.');
}

function askSelf(
  host: ServiceHost,
  {
    path,
    host: name,
    method,
    headers,
    body,
  }: {
    readonly path: string;
    readonly host: string | undefined;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Buffer | undefined;
  },
): Received {
  const endpoint = new URL(httpUrl(host.endpoints[0] ?? 'http://127.0.0.1:8529'));
  const answer: HttpAnswer = host.request({
    method,
    url: path,
    headers: {
      host: name ?? endpoint.host,
      ...headers,
      ...(body === undefined ? {} : { 'content-length': String(body.length) }),
    },
    body: body ?? new Uint8Array(),
    remoteAddress: '127.0.0.1',
    remotePort: 0,
    localAddress: '127.0.0.1',
    localPort: Number(portOf(endpoint)),
    isSecure: false,
  });
  const received = Object.entries(answer.headers).map(([header, value]) => [header, typeof value === 'string' ? value : value.join(', ')]);
  return {
    status: answer.status,
    message: STATUS_CODES[answer.status] ?? '',
    headers: Object.fromEntries(received) as Record<string, string>,
    body: method === 'HEAD' ? Buffer.alloc(0) : Buffer.from(answer.body as string),
  };
}

/** What cannot be reached answers with status 500 and says why, as in ArangoDB. */
function ask(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer | undefined,
  { timeout, followRedirect, maxRedirects, verifyCertificates }: RequestOptions,
): Received {
  const result = requestAndWait({
    url,
    method,
    headers,
    body,
    timeoutMs: (timeout ?? DEFAULT_TIMEOUT_SECONDS) * 1000,
    maxRedirects: followRedirect === false ? 0 : (maxRedirects ?? DEFAULT_MAX_REDIRECTS),
    verifiesCertificates: verifyCertificates === true,
  });
  if (result.is === 'failed') return { status: 500, message: result.message, headers: {}, body: undefined };
  const { status, headers: received, body: bytes } = result;
  return { status, message: STATUS_CODES[status] ?? '', headers: received, body: Buffer.from(bytes) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not every answer is JSON, and whoever wants it looks
  }
}
