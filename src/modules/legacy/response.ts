/**
 * A response as Foxx 2.8 writes it: `responseCode`, `contentType`, `body`, `headers` and `cookies` are plain properties, which the
 * methods set and services set, too.
 */
import { readFileSync, statSync } from 'node:fs';
import { deflateSync, gzipSync } from 'node:zlib';
import type { HttpAnswer } from '#base';
import { printCookie, signValue } from '../foxx/cookies.ts';
import { mimeTypes } from '../foxx/libraries.ts';
import { textOf } from '../text.ts';
import type { SignatureOptions } from './request.ts';

const DEFAULT_TYPE = 'text/plain; charset=utf-8';
const BINARY_TYPE = 'application/octet-stream';

interface CookieSettings {
  /** Seconds. */
  readonly ttl?: number;
  readonly path?: string;
  readonly domain?: string;
  readonly secure?: boolean;
  readonly httpOnly?: boolean;
  readonly signed?: string | SignatureOptions;
}

/** In the form of ArangoDB's own handlers. */
interface RawCookie {
  readonly name: string;
  readonly value: string;
  readonly lifeTime?: number | undefined;
  readonly path?: string | undefined;
  readonly domain?: string | undefined;
  readonly secure?: boolean | undefined;
  readonly httpOnly?: boolean | undefined;
}

const TRANSFORMATIONS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  base64encode: (body) => Buffer.from(body.toString('base64')),
  base64decode: (body) => Buffer.from(body.toString('utf8'), 'base64'),
  gzip: (body) => gzipSync(body),
  deflate: (body) => deflateSync(body),
};

const ENCODINGS = new Set(['gzip', 'deflate']);

export class LegacyResponse {
  responseCode: number | undefined = undefined;
  contentType: string | undefined = undefined;
  body: unknown = undefined;
  /** A file whose content is the body. */
  bodyFromFile: string | undefined = undefined;
  headers: Record<string, unknown> | undefined = undefined;
  cookies: RawCookie[] | RawCookie | undefined = undefined;
  /** Applied to the body one after the other: base64encode, base64decode, gzip, deflate. */
  transformations: readonly string[] | undefined = undefined;

  status(code: number): void {
    this.responseCode = code;
  }

  set(given: string | Readonly<Record<string, unknown>>, value?: unknown): void {
    const headers = typeof given === 'string' ? { [given]: value } : given;
    for (const [name, one] of Object.entries(headers)) {
      this.headers ??= {};
      this.headers[name.toLowerCase()] = one;
      if (name.toLowerCase() === 'content-type') this.contentType = String(one);
    }
  }

  json(value: unknown): void {
    this.contentType = 'application/json';
    this.body = JSON.stringify(value);
  }

  send(value: unknown): void {
    if (Buffer.isBuffer(value)) this.contentType ??= BINARY_TYPE;
    else if (typeof value === 'string') this.contentType ??= 'text/html';
    else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      this.json(value);
      return;
    }
    this.body = value;
  }

  sendFile(path: string, { lastModified = false }: { readonly lastModified?: boolean } = {}): void {
    this.body = readFileSync(path);
    if (lastModified) this.set('Last-Modified', statSync(path).mtime.toUTCString());
    this.contentType ??= mimeTypes().lookup(path) || BINARY_TYPE;
  }

  /** `given` is how many seconds the cookie lives, or settings. */
  cookie(name: string, value: string, given?: number | CookieSettings): void {
    const settings = typeof given === 'object' && given !== null ? given : given === undefined ? {} : { ttl: given };
    const { ttl, path, domain, secure, httpOnly } = settings;
    const signed = typeof settings.signed === 'string' ? { secret: settings.signed } : settings.signed;
    const lifeTime = typeof ttl === 'number' && Number.isFinite(ttl) ? ttl : undefined;
    this.#setCookie({ name, value, lifeTime, path, domain, secure, httpOnly });
    if (signed?.secret) {
      const signature = signValue(value, signed.secret, signed.algorithm);
      this.#setCookie({ name: `${name}.sig`, value: signature, lifeTime, path, domain, secure, httpOnly });
    }
  }

  #setCookie(cookie: RawCookie): void {
    this.cookies = [...[this.cookies ?? []].flat().filter(({ name }) => name !== cookie.name), cookie];
  }

  toAnswer(): HttpAnswer {
    const headers: Record<string, string | readonly string[]> = { 'content-type': this.contentType ?? DEFAULT_TYPE };
    for (const [name, value] of Object.entries(this.headers ?? {})) {
      if (value !== undefined && name.toLowerCase() !== 'content-type') headers[name.toLowerCase()] = textOf(value);
    }
    const cookies = [this.cookies ?? []].flat().map(({ name, value, lifeTime, ...options }) => {
      const { path, domain, secure, httpOnly } = options;
      return printCookie(name, value, {
        ...(lifeTime === undefined ? {} : { ttl: lifeTime }),
        ...(path === undefined ? {} : { path }),
        ...(domain === undefined ? {} : { domain }),
        ...(secure === undefined ? {} : { secure }),
        ...(httpOnly === undefined ? {} : { httpOnly }),
      });
    });
    if (cookies.length > 0) headers['set-cookie'] = cookies;
    const body = this.#transform(headers);
    return { status: this.responseCode ?? 200, headers, body };
  }

  #transform(headers: Record<string, string | readonly string[]>): Uint8Array | string {
    const body = this.bodyFromFile === undefined ? toBody(this.body) : readFileSync(this.bodyFromFile);
    let bytes: Buffer | undefined;
    for (const name of this.transformations ?? []) {
      bytes = TRANSFORMATIONS[name]?.(bytes ?? Buffer.from(body as string)) ?? bytes;
      if (ENCODINGS.has(name)) headers['content-encoding'] = name;
    }
    return bytes ?? body;
  }
}

function toBody(value: unknown): Buffer | string {
  if (value === undefined || value === null) return '';
  if (Buffer.isBuffer(value) || typeof value === 'string') return value;
  return textOf(value);
}
