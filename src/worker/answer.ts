/**
 * Makes of a handler's answer what leaves the house: ArangoDB's default headers, CORS, compression, and errors in ArangoDB's shape.
 */
import { deflateSync, gzipSync } from 'node:zlib';
import {
  ArangoError,
  contentLength,
  DEFAULT_HEADERS,
  isArangoError,
  log,
  retryHeaders,
  type AnswerParts,
  type Config,
  type HttpAnswer,
  type HttpRequest,
} from '#base';

/** An error as ArangoDB answers it. What nobody foresaw is logged, and the client learns nothing of it. */
export function errorAnswer(error: unknown): HttpAnswer {
  if (!isArangoError(error)) {
    log.error('requests', 'unexpected error in a request', error);
    return errorAnswer(new ArangoError('ERROR_INTERNAL'));
  }
  const { code, errorNum, errorMessage } = error;
  return {
    status: code,
    headers: { 'content-type': 'application/json; charset=utf-8', ...retryHeaders(error) },
    body: JSON.stringify({ error: true, code, errorNum, errorMessage }),
  };
}

export interface AnswerOptions {
  readonly trustsOrigin: (origin: string) => boolean;
  /** Bodies from this length on are compressed for clients that accept it; 0: none. */
  readonly compressFromBytes: number;
  readonly showsQueueTime: boolean;
}

export function answerOptions(config: Config): AnswerOptions {
  const origins = new Set(config['http.trusted-origin'].map((origin) => origin.replace(/\/$/, '')));
  return {
    trustsOrigin: (origin) => origins.has('*') || origins.has('all') || origins.has(origin),
    compressFromBytes: config['http.compress-response-threshold'],
    showsQueueTime: config['http.return-queue-time-header'],
  };
}

const ALLOWED_METHODS = 'DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT';
const EXPOSED_HEADERS = 'etag, content-encoding, content-length, location, server, x-arango-errors, x-arango-async-id';
const PREFLIGHT_AGE_SECONDS = '1800';

/** `OPTIONS` is the server's to answer: with 200 always, and what a browser wants to know. */
export function preflightAnswer({ headers }: HttpRequest): HttpAnswer {
  const requested = headers['access-control-request-headers'];
  return {
    status: 200,
    headers: {
      allow: ALLOWED_METHODS,
      ...(headers['origin'] === undefined
        ? {}
        : { 'access-control-allow-methods': ALLOWED_METHODS, 'access-control-max-age': PREFLIGHT_AGE_SECONDS }),
      ...(requested === undefined ? {} : { 'access-control-allow-headers': requested }),
    },
    body: '',
  };
}

/** Of the connection, so the front's business, not a handler's. */
const OF_CONNECTION = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding']);

const NAME = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
// eslint-disable-next-line no-control-regex
const UNSENDABLE = /[^\t\x20-\x7e\x80-\xff]/;

function line(name: string, value: string): string {
  if (!UNSENDABLE.test(value) && NAME.test(name)) return `${name}: ${value}\r\n`;
  // Characters beyond Latin-1 travel as the bytes of their UTF-8, as ArangoDB sends them. All else could forge headers.
  const bytes = Buffer.from(value).toString('latin1');
  if (UNSENDABLE.test(bytes) || !NAME.test(name))
    throw new Error(`a header cannot be sent: ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  return `${name}: ${bytes}\r\n`;
}

const DEFAULT_LINES = DEFAULT_HEADERS.map(([name, value]) => `${name}: ${value}\r\n`).join('');
const DEFAULT_NAMES = new Set(DEFAULT_HEADERS.map(([name]) => name));

/** The default headers but for those that the answer has itself. */
function otherDefaultLines(headers: HttpAnswer['headers']): string {
  return DEFAULT_HEADERS.filter(([name]) => !(name in headers))
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}

function corsLines(origin: string, headers: HttpAnswer['headers'], options: AnswerOptions): string {
  const credentials = options.trustsOrigin(origin) ? 'true' : 'false';
  const exposed = 'access-control-expose-headers' in headers ? '' : line('access-control-expose-headers', EXPOSED_HEADERS);
  const allowed = 'access-control-allow-origin' in headers ? '' : line('access-control-allow-origin', origin);
  const may = 'access-control-allow-credentials' in headers ? '' : line('access-control-allow-credentials', credentials);
  return allowed + may + exposed;
}

type Encoding = 'gzip' | 'deflate';

/** The first encoding of those we have that a client accepts; those it refuses with `q=0` are not accepted. */
export function acceptedEncoding(accept: string): Encoding | undefined {
  const accepted = accept
    .split(',')
    .map((item) => item.trim().toLowerCase())
    .filter((item) => !/;\s*q=0(\.0*)?$/.test(item))
    .map((item) => item.split(';', 1)[0]?.trim());
  if (accepted.includes('gzip')) return 'gzip';
  return accepted.includes('deflate') ? 'deflate' : undefined;
}

const COMPRESS: Readonly<Record<Encoding, (body: Uint8Array | string) => Uint8Array>> = {
  gzip: (body) => gzipSync(body, { level: 1 }),
  deflate: (body) => deflateSync(body, { level: 1 }),
};

function compress(request: HttpRequest, answer: HttpAnswer, options: AnswerOptions): { body: Uint8Array; encoding: Encoding } | undefined {
  const accept = request.headers['accept-encoding'];
  if (options.compressFromBytes === 0 || accept === undefined || answer.body.length < options.compressFromBytes) return undefined;
  if ('content-encoding' in answer.headers) return undefined;
  const encoding = acceptedEncoding(accept);
  if (encoding === undefined) return undefined;
  const body = COMPRESS[encoding](answer.body);
  return body.length < answer.body.length ? { body, encoding } : undefined;
}

/** Seconds with six places, as ArangoDB writes the time in the queue. */
function seconds(ms: number): string {
  const micros = Math.max(0, Math.round(ms * 1000));
  return micros < 1e6 ? `0.${String(1e6 + micros).slice(1)}` : (micros / 1e6).toFixed(6);
}

/** `queuedMs`: how long the request has waited for a worker. Throws when a header cannot be sent. */
export function finishAnswer(request: HttpRequest, answer: HttpAnswer, queuedMs: number, options: AnswerOptions): AnswerParts {
  const { headers, status } = answer;
  if (!Number.isInteger(status) || status < 200 || status > 999) throw new Error(`an answer cannot have the status ${status}`);
  let head = '';
  let hasOwnDefaults = false;
  let closes = false;
  // Not `in`: a service may have added to Object.prototype.
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (OF_CONNECTION.has(name)) {
      closes ||= name === 'connection' && String(value).toLowerCase() === 'close';
      continue;
    }
    hasOwnDefaults ||= DEFAULT_NAMES.has(name);
    if (typeof value === 'string') head += line(name, value);
    else for (const each of value ?? []) head += line(name, each);
  }
  head += hasOwnDefaults ? otherDefaultLines(headers) : DEFAULT_LINES;
  const origin = request.headers['origin'];
  if (origin !== undefined) head += corsLines(origin, headers, options);
  if (options.showsQueueTime) head += `x-arango-queue-time-seconds: ${seconds(queuedMs)}\r\n`;
  const compressed = compress(request, answer, options);
  if (compressed !== undefined) head += `content-encoding: ${compressed.encoding}\r\nvary: accept-encoding\r\n`;
  const body = compressed?.body ?? answer.body;
  const bodyBytes = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  head += `${contentLength(status, bodyBytes)}\r\n`;
  return { status, head, body, bodyBytes, closes };
}
