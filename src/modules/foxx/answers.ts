/**
 * What a client gets when something is wrong: an error in a handler, a service that could not be loaded or is not configured.
 *
 * In production nothing of the cause is told. In development the answer has the exception and its stack, and a browser gets a page with
 * the lines of the service's source where it happened.
 */
import { readFileSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import { isArangoError, type ErrorName, ERRORS, retryHeaders, type HttpAnswer } from '#base';
import { loadPackage } from '../loader/bundled.ts';
import { isWithin } from '../loader/resolve.ts';
import { locateError } from '../loader/stack.ts';
import type { ServiceRequest } from '../service.ts';
import { accepts } from './libraries.ts';
import { exposedHeaders } from './cors.ts';

const NO_HEADERS: Readonly<Record<string, string>> = {};

/** Statuses that differ from 400 when a handler lets an ArangoDB error through. */
const STATUS_OF_ERROR: Readonly<Record<number, readonly ErrorName[]>> = {
  403: ['ERROR_FORBIDDEN', 'ERROR_ARANGO_USE_SYSTEM_DATABASE'],
  404: [
    'ERROR_ARANGO_DATA_SOURCE_NOT_FOUND',
    'ERROR_ARANGO_DOCUMENT_NOT_FOUND',
    'ERROR_ARANGO_DATABASE_NOT_FOUND',
    'ERROR_ARANGO_NO_INDEX',
    'ERROR_ARANGO_INDEX_NOT_FOUND',
    'ERROR_CURSOR_NOT_FOUND',
    'ERROR_USER_NOT_FOUND',
    'ERROR_TASK_NOT_FOUND',
    'ERROR_QUERY_NOT_FOUND',
    'ERROR_SERVICE_NOT_FOUND',
  ],
  408: ['ERROR_REQUEST_CANCELED'],
  409: [
    'ERROR_ARANGO_CONFLICT',
    'ERROR_ARANGO_DUPLICATE_NAME',
    'ERROR_ARANGO_DUPLICATE_IDENTIFIER',
    'ERROR_USER_DUPLICATE',
    'ERROR_GRAPH_DUPLICATE',
    'ERROR_TASK_DUPLICATE_ID',
    'ERROR_SERVICE_MOUNTPOINT_CONFLICT',
  ],
  500: ['ERROR_INTERNAL', 'ERROR_OUT_OF_MEMORY', 'ERROR_ARANGO_DOCUMENT_KEY_BAD'],
  501: ['ERROR_CLUSTER_UNSUPPORTED'],
  // The first two are foxden's: a database that is out of reach for a while.
  503: [
    'ERROR_HTTP_SERVICE_UNAVAILABLE',
    'ERROR_CLUSTER_TIMEOUT',
    'ERROR_CLUSTER_BACKEND_UNAVAILABLE',
    'ERROR_CLUSTER_SHARD_LEADER_RESIGNED',
  ],
};

const STATUS_BY_NUMBER: ReadonlyMap<number, number> = new Map(
  Object.entries(STATUS_OF_ERROR).flatMap(([status, names]) => names.map((name) => [ERRORS[name].errorNum, Number(status)] as const)),
);

export interface ServiceIdentity {
  readonly mount: string;
  readonly basePath: string;
  readonly isDevelopment: boolean;
}

/** What a handler threw, as far as answers look at it: services throw all sorts of things. */
interface Thrown {
  readonly statusCode?: unknown;
  readonly errorNum?: unknown;
  readonly methods?: unknown;
  readonly extra?: unknown;
  readonly cause?: unknown;
}

/** The status of an answer to a request whose handler threw this; undefined when the error names none itself. */
export function declaredStatus(thrown: unknown): number | undefined {
  const status = Number(look(thrown).statusCode);
  return Number.isInteger(status) && status >= 100 && status <= 999 ? status : undefined;
}

/** The status of an answer to a request whose handler let an error with this number through. */
export function statusOfError(errorNum: number | undefined): number {
  return errorNum === undefined || errorNum === 0 ? 500 : (STATUS_BY_NUMBER.get(errorNum) ?? 400);
}

export function answerError(service: ServiceIdentity, { http }: ServiceRequest, thrown: unknown): HttpAnswer {
  const { errorNum, extra, methods, cause } = look(thrown);
  const declared = declaredStatus(thrown);
  const status = declared ?? statusOfError(typeof errorNum === 'number' ? errorNum : undefined);
  const shown = cause ?? thrown;
  if (service.isDevelopment && status >= 500 && prefersHtml(http.headers)) {
    const failed = page(
      status,
      STATUS_CODES[status] ?? 'Error',
      `Request to "${service.mount}" failed`,
      describePage(thrown, service.basePath),
    );
    return { ...failed, failure: { error: thrown } };
  }
  const body: Record<string, unknown> = {
    error: true,
    errorNum: declared === undefined ? status : (errorNum ?? status),
    errorMessage: declared === undefined ? 'Internal Server Error' : messageOf(thrown),
    code: status,
    ...(service.isDevelopment ? exceptionOf(shown) : {}),
    ...(typeof extra === 'object' ? extra : {}),
  };
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    ...(declared === undefined && typeof errorNum === 'number' ? retryHeaders({ code: status, errorNum }) : {}),
  };
  if (status === 405 && Array.isArray(methods)) headers['allow'] = methods.join(', ');
  if (http.headers['origin'] !== undefined) {
    headers['access-control-expose-headers'] = exposedHeaders('allow' in headers ? { allow: '' } : undefined);
  }
  return { status, headers, body: JSON.stringify(body), failure: { error: thrown } };
}

export interface Unavailability extends ServiceIdentity {
  readonly error: unknown;
  /** False when it only lacks configuration. */
  readonly isConfigured: boolean;
}

/** What the server answers where no route has the path: for when it cannot be asked any more who else has it. */
export function unknownPath({ http }: ServiceRequest): HttpAnswer {
  const [path = ''] = http.url.split('?', 1);
  const errorMessage = `unknown path '${path.replace(/^\/_db\/[^/]+/, '')}'`;
  return {
    status: 404,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ error: true, code: 404, errorMessage, errorNum: 404 }),
  };
}

/** The answer of a service that cannot run, to every request. */
export function unavailable(request: ServiceRequest, service: Unavailability): HttpAnswer {
  const frame = service.isDevelopment ? findCodeFrame(service.error, service.basePath, { isColoured: false }) : undefined;
  return { ...unavailability(request, service), failure: { error: service.error, ...(frame === undefined ? {} : { excerpt: frame }) } };
}

function unavailability({ http }: ServiceRequest, service: Unavailability): HttpAnswer {
  const { error, isConfigured, isDevelopment, mount, basePath } = service;
  if (prefersHtml(http.headers)) {
    if (!isConfigured) return page(503, 'Service Unavailable', 'Service needs to be configured', configurationHint(mount));
    return isDevelopment
      ? page(503, shortText(error), `Failed to mount service at "${mount}"`, describePage(error, basePath))
      : page(503, 'Service Unavailable', 'Failed to mount service', '<p>The reason is in the log of the server.</p>');
  }
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  if (!isDevelopment) {
    return { status: 503, headers, body: JSON.stringify({ error: true, errorNum: 503, errorMessage: 'service unavailable', code: 503 }) };
  }
  const { errorNum } = look(error);
  const code = declaredStatus(error) ?? (isArangoError(error) ? error.code : 500);
  const body = {
    error: true,
    errorNum: errorNum ?? code,
    errorMessage: messageOf(error),
    code,
    ...exceptionOf(look(error).cause ?? error),
  };
  return { status: 503, headers, body: JSON.stringify(body) };
}

/** The lines around the place in the service's own files where an error began, as text with ANSI colours; undefined elsewhere. */
export function findCodeFrame(error: unknown, basePath: string, options: { readonly isColoured: boolean }): string | undefined {
  for (let one = error; one !== undefined && one !== null; one = look(one).cause) {
    const location = locateError(one, (path) => isWithin(basePath, path));
    if (location === undefined) continue;
    const library = loadPackage('@babel/code-frame') as CodeFrame;
    const start = { line: location.line, ...(location.column === undefined ? {} : { column: location.column }) };
    try {
      const source = readFileSync(location.path, 'utf8');
      const { isColoured } = options;
      return `${location.path}:${location.line}\n${library.codeFrameColumns(source, { start }, { highlightCode: isColoured, forceColor: isColoured })}`;
    } catch {
      return undefined; // the file is gone, and its lines with it
    }
  }
  return undefined;
}

interface CodeFrame {
  codeFrameColumns(
    source: string,
    location: { readonly start: { readonly line: number; readonly column?: number } },
    options: { readonly highlightCode: boolean; readonly forceColor: boolean },
  ): string;
}

/** As ArangoDB writes an error: with its number, if it has one. */
export function shortText(error: unknown): string {
  if (isArangoError(error)) return `${error.name} ${error.errorNum}: ${error.message}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function exceptionOf(error: unknown): { readonly exception: string; readonly stacktrace: string | readonly string[] } {
  const stack = error instanceof Error ? error.stack : undefined;
  return { exception: shortText(error), stacktrace: stack === undefined ? 'no stacktrace available' : stack.trimEnd().split('\n') };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function look(thrown: unknown): Thrown {
  return typeof thrown === 'object' && thrown !== null ? thrown : {};
}

/** Only where a client wants HTML more than JSON: no `Accept` and any type are JSON's. */
function prefersHtml(headers: Readonly<Record<string, string>> = NO_HEADERS): boolean {
  return headers['accept'] !== undefined && accepts()({ headers }).types(['json', 'html']) === 'html';
}

function describePage(error: unknown, basePath: string): string {
  const frame = findCodeFrame(error, basePath, { isColoured: true });
  const stacks: string[] = [];
  for (let one = error; one !== undefined && one !== null; one = look(one).cause) {
    const text = one instanceof Error ? (one.stack ?? shortText(one)) : shortText(one);
    stacks.push(stacks.length === 0 ? text : `via ${text}`);
  }
  return `${frame === undefined ? '' : `<pre class="source">${ansiToHtml(frame)}</pre>`}<pre>${escapeHtml(stacks.join('\n'))}</pre>`;
}

function configurationHint(mount: string): string {
  return `<p>The service at <code>${escapeHtml(mount)}</code> asks for configuration or dependencies that have no value yet.</p>`;
}

function ansiToHtml(text: string): string {
  const { default: AnsiUp } = loadPackage('ansi_up') as { default: new () => { ansi_to_html(text: string): string } };
  return new AnsiUp().ansi_to_html(text);
}

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f4f4f2;color:#222}
main{max-width:60rem;margin:4rem auto;padding:2rem;background:#fff;border-radius:8px;box-shadow:0 1px 4px #0002}
h1{font-size:1.4rem;margin:0 0 1rem}
pre{overflow:auto;padding:1rem;background:#f4f4f2;border-radius:4px;font-size:13px}
pre.source{background:#222;color:#eee}`;

/** `content` is HTML, everything else text. */
export function page(status: number, title: string, heading: string, content: string): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><main><h1>${escapeHtml(heading)}</h1>${content}</main></body>
</html>
`,
  };
}
