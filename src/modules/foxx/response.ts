/**
 * A response as a service writes it. It is buffered whole; nothing leaves before the last handler has returned.
 */
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { HttpAnswer } from '#base';
import type { FoxxContext } from './context.ts';
import { findBodyType, JSON_CONTENT_TYPE, lookupType } from './body-types.ts';
import { exposedHeaders } from './cors.ts';
import { printCookie, signValue, type CookieOptions } from './cookies.ts';
import type { BodyDefinition } from './endpoint.ts';
import { isMissing } from '../node/second-look.ts';
import { textOf } from '../text.ts';
import { contentDisposition, httpErrors, mediaTyper, mimeTypes, statuses, vary } from './libraries.ts';

const BINARY_TYPE = 'application/octet-stream';
const HTML_TYPE = 'text/html; charset=utf-8';
const NO_RESPONSES: ReadonlyMap<number, BodyDefinition> = new Map();

type HeaderValue = string | string[];
type Body = string | Buffer;

let setResponses: (res: FoxxResponse, responses: ReadonlyMap<number, BodyDefinition>) => ReadonlyMap<number, BodyDefinition>;

export class FoxxResponse {
  readonly context: FoxxContext;
  /** A number once it is valid; services may assign anything. */
  statusCode: number | undefined = undefined;
  #headers: Record<string, HeaderValue> | undefined;
  #contentType: string | undefined;
  #body: unknown;
  #responses = NO_RESPONSES;

  static {
    setResponses = (res, responses) => {
      const before = res.#responses;
      res.#responses = responses;
      return before;
    };
  }

  constructor(context: FoxxContext) {
    this.context = context;
  }

  // As in Node

  get headers(): Record<string, HeaderValue> {
    this.#headers ??= {};
    return this.#headers;
  }

  set headers(headers: Record<string, HeaderValue> | undefined) {
    this.#headers = {};
    for (const [name, value] of Object.entries(headers ?? {})) this.setHeader(name, value);
  }

  get body(): unknown {
    return this.#body;
  }

  set body(data: unknown) {
    this.#body = data === null || data === undefined ? undefined : this.#toBody(data);
  }

  getHeader(name: string): HeaderValue | undefined {
    const key = name.toLowerCase();
    return key === 'content-type' ? this.#contentType : this.#headers?.[key];
  }

  setHeader(name: string, value: unknown): this {
    if (!name) return this;
    const key = name.toLowerCase();
    if (key === 'content-type') this.#contentType = value === undefined || value === null ? undefined : textOf(value);
    else this.headers[key] = Array.isArray(value) ? value.map(textOf) : textOf(value);
    return this;
  }

  removeHeader(name: string): this {
    const key = name.toLowerCase();
    if (key === 'content-type') this.#contentType = undefined;
    else if (this.#headers !== undefined) delete this.#headers[key];
    return this;
  }

  write(data: unknown): this {
    if (data === null || data === undefined) return this;
    const before = this.#body as Body | undefined;
    const added = this.#toBody(data);
    if (before === undefined || before === '') this.#body = added;
    else if (typeof before === 'string' && typeof added === 'string') this.#body = before + added;
    else this.#body = Buffer.concat([Buffer.from(before as string), Buffer.from(added as string)]);
    return this;
  }

  // As in Express

  attachment(name?: string): this {
    this.headers['content-disposition'] = contentDisposition()(name);
    if (name !== undefined) this.#contentType ??= mimeTypes().lookup(name) || BINARY_TYPE;
    return this;
  }

  download(path: string, name?: string): this {
    return this.attachment(name ?? basename(path)).sendFile(path);
  }

  json(value: unknown, isPretty = false): this {
    this.#contentType ??= JSON_CONTENT_TYPE;
    this.#body = isPretty || this.context.isDevelopment ? JSON.stringify(value, null, 2) : JSON.stringify(value);
    return this;
  }

  redirect(...given: readonly [path: string] | readonly [status: number | string, path: string]): this {
    const path = given.length === 1 || given[1] === undefined ? String(given[0]) : given[1];
    if (given.length > 1 && given[1] !== undefined) this.status(given[0] === 'permanent' ? 301 : given[0]);
    this.statusCode ??= 302;
    return this.setHeader('location', path);
  }

  /** A file that is not there is a 404, whatever the path was. */
  sendFile(path: string, options: boolean | { readonly lastModified?: boolean } = {}): this {
    const lastModified = typeof options === 'boolean' ? options : options.lastModified;
    try {
      const file = this.context.service.readFile(() => ({ bytes: readFileSync(path), changedAt: statSync(path).mtime }));
      this.#body = file.bytes;
      if (lastModified || (lastModified !== false && this.getHeader('last-modified') === undefined))
        this.setHeader('last-modified', file.changedAt.toUTCString());
    } catch (cause) {
      if (isMissing(cause)) throw Object.assign(httpErrors()(404), { cause });
      throw cause;
    }
    this.#contentType ??= mimeTypes().contentType(basename(path)) || BINARY_TYPE;
    return this;
  }

  sendStatus(status: number | string): this {
    this.status(status);
    const code = this.statusCode;
    this.#body = (code === undefined ? undefined : statuses()[code]) ?? textOf(status);
    return this;
  }

  set(name: string | Readonly<Record<string, unknown>>, value?: unknown): this {
    if (typeof name === 'string') return this.setHeader(name, value);
    for (const [key, one] of Object.entries(name)) this.setHeader(key, one);
    return this;
  }

  /** A number, or a name such as `created`. */
  status(status: number | string): this {
    this.statusCode = typeof status === 'string' ? statuses()(status) : status;
    return this;
  }

  vary(...names: readonly (string | readonly string[])[]): this {
    const before = this.getHeader('vary');
    return this.setHeader(
      'vary',
      names.flat().reduce((header, name) => vary().append(header, name), Array.isArray(before) ? before.join(', ') : (before ?? '')),
    );
  }

  // Foxx's own

  /** Options may be a secret or a time to live. */
  cookie(name: string, value: unknown, given?: CookieOptions | string | number): this {
    const options: CookieOptions =
      typeof given === 'string' ? { secret: given } : typeof given === 'number' ? { ttl: given } : (given ?? {});
    const text = textOf(value);
    this.#addCookie(printCookie(name, text, options));
    if (options.secret !== undefined && options.secret !== '') {
      this.#addCookie(printCookie(`${name}.sig`, signValue(text, options.secret, options.algorithm), options));
    }
    return this;
  }

  #addCookie(cookie: string): void {
    const before = this.headers['set-cookie'] ?? [];
    const name = cookie.slice(0, cookie.indexOf('=') + 1);
    this.headers['set-cookie'] = [...[before].flat().filter((one) => !one.startsWith(name)), cookie];
  }

  /** `throw(status, reason?, options?)`: an error as the reason or the options is the cause. */
  throw(status: number | string | Error, reason?: unknown, options?: object): never {
    if (status instanceof Error) throw status;
    const code = typeof status === 'number' ? status : statuses()(status);
    const isDetail = typeof reason === 'object' && reason !== null && !(reason instanceof Error);
    const message = reason instanceof Error ? reason.message : isDetail || !reason ? undefined : textOf(reason);
    const error = message === undefined ? httpErrors()(code) : httpErrors()(code, message);
    throw Object.assign(
      error,
      { statusCode: code, status: code },
      causeOf(reason),
      isDetail ? reason : causeOf(options),
      detailsOf(options),
    );
  }

  send(value: unknown, type = 'auto'): this {
    let body = isResultSet(value) ? value.toArray() : value;
    const response = this.#responses.get(this.statusCode ?? 200);
    const forClient = response?.model?.forClient;
    if (forClient !== undefined) {
      body = response?.isMultiple && Array.isArray(body) ? body.map((item: unknown) => forClient(item)) : forClient(body);
    }
    const wanted = type === 'auto' ? response?.contentTypes?.[0] : lookupType(type);
    const chosen = wanted ?? typeOf(body);
    if (chosen === 'application/json' && !this.context.service.hasOwnTypes) return this.#answer(this.#toJson(body), JSON_CONTENT_TYPE);

    const found = findBodyType(this.context.service.types, chosen, 'forClient');
    if (found?.handler.forClient === undefined) {
      if (typeof body === 'number' || typeof body === 'boolean') body = String(body);
      const contentType = chosen === 'text/html' ? HTML_TYPE : chosen;
      return this.#answer(body, wanted === undefined ? (this.#contentType ?? contentType) : contentType);
    }
    const name = typeof found.name === 'string' && !chosen.includes('+') ? found.name : chosen;
    const result = found.handler.forClient(body, this as never, mediaTyper().parse(name));
    if (!isTyped(result)) return this.#answer(result, name);
    const { 'content-type': ownType, ...others } = result.headers ?? {};
    this.set(others);
    return this.#answer(result.data, ownType === undefined || chosen.includes('+') ? name : ownType);
  }

  #toJson(value: unknown): string {
    return this.context.isDevelopment ? JSON.stringify(value, null, 2) : JSON.stringify(value);
  }

  #answer(body: unknown, contentType: string | undefined): this {
    this.#body = body;
    this.#contentType = contentType;
    return this;
  }

  type(type?: string): string | undefined {
    if (type !== undefined) this.#contentType = lookupType(type);
    return this.#contentType;
  }

  /** The response in the form of ArangoDB's own handlers. */
  get _raw(): object {
    return Object.defineProperties(
      {},
      {
        responseCode: accessor(
          () => this.statusCode,
          (status: number) => (this.statusCode = status),
        ),
        contentType: accessor(
          () => this.#contentType,
          (type: string) => (this.#contentType = type),
        ),
        body: accessor(
          () => this.#body,
          (body: unknown) => (this.#body = body),
        ),
        headers: accessor(
          () => this.headers,
          (headers: Record<string, HeaderValue>) => (this.headers = headers),
        ),
      },
    );
  }

  #toBody(data: unknown): Body {
    if (typeof data === 'string' || Buffer.isBuffer(data)) return data;
    return typeof data === 'object' ? this.#toJson(data) : textOf(data);
  }

  toJSON(): Record<string, unknown> {
    const { statusCode, headers, body } = this;
    return { statusCode, headers, body };
  }

  /** What goes to the client. `warn` hears of what had to be guessed. */
  toAnswer(origin: string | undefined, warn: (message: string) => void): HttpAnswer {
    let body = this.#body;
    if (body === undefined || body === null) {
      body = '';
    } else if (typeof body !== 'string' && !(body instanceof Uint8Array)) {
      warn('the response body is neither text nor a buffer, and is sent as text');
      body = typeof body === 'object' ? this.#toJson(body) : textOf(body);
    }
    const headers: Record<string, string | readonly string[]> = {
      ...this.#headers,
      'content-type': this.#contentType ?? 'application/json',
    };
    if (origin !== undefined) headers['access-control-expose-headers'] ??= exposedHeaders(this.#headers);
    return { status: this.#finalStatus(body as Body, warn), headers, body: body as Body };
  }

  #finalStatus(body: Body, warn: (message: string) => void): number {
    const status: unknown = this.statusCode;
    if (!status) return body.length === 0 ? 204 : 200;
    const code = Number(status);
    if (Number.isInteger(code) && code >= 100 && code <= 999) return code;
    warn(`the status code ${textOf(status)} is no number`);
    return 500;
  }
}

/** Changes what `send` knows of declared answers; returns what it knew. */
export function enterResponses(res: FoxxResponse, responses: ReadonlyMap<number, BodyDefinition>): ReadonlyMap<number, BodyDefinition> {
  return setResponses(res, responses);
}

function accessor(get: () => unknown, set: (value: never) => void): PropertyDescriptor {
  return { get, set, enumerable: true };
}

function causeOf(error: unknown): object | undefined {
  if (!(error instanceof Error)) return undefined;
  return { cause: error, ...('errorNum' in error ? { errorNum: error.errorNum } : {}) };
}

function detailsOf(options: object | undefined): object | undefined {
  return options instanceof Error ? undefined : options;
}

function typeOf(body: unknown): string {
  if (Buffer.isBuffer(body)) return BINARY_TYPE;
  return typeof body === 'object' && body !== null ? 'application/json' : 'text/html';
}

function isResultSet(value: unknown): value is { toArray(): unknown[] } {
  return typeof value === 'object' && value !== null && 'isArangoResultSet' in value && value.isArangoResultSet === true;
}

function isTyped(result: unknown): result is { readonly headers?: Readonly<Record<string, string>>; readonly data: unknown } {
  return typeof result === 'object' && result !== null && !Buffer.isBuffer(result) && ('headers' in result || 'data' in result);
}
