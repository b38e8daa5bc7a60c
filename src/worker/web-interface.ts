/**
 * The files of the web interface, as `web/` was built to `dist/web`: public, since they hold nothing that is anybody's, and kept in memory.
 *
 * Only what was found in the folder is ever answered with, so no path leads out of it. A build while the server runs is seen with the next
 * load of the page.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { HttpAnswer, HttpRequest } from '#base';
import { acceptedEncoding } from './answer.ts';

const PREFIX = '/_admin/aardvark';
const START_PAGE = 'index.html';

export const isOfWebInterface = (path: string): boolean => path === PREFIX || path.startsWith(`${PREFIX}/`);

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** Of these the packed form is much smaller; the others are packed already. */
const PACKABLE = /^(text|image\/svg|application\/(json|manifest|wasm))/;
const WORTH_PACKING_BYTES = 1024;
/** What the name of a packed file ends with. */
const PACKED = '.gz';

/** Scripts and styles of this server only, and nobody may put the interface into a frame of theirs. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const SECURITY_HEADERS: HttpAnswer['headers'] = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/** The name of a file that the build called after its content never means another content. */
const NAMED_AFTER_CONTENT = /^assets\/.*-[\w-]{8}\.\w+$/;
const FOR_EVER = 'public, max-age=31536000, immutable';

interface Content {
  readonly etag: string;
  readonly body: Uint8Array;
  readonly packed: { readonly etag: string; readonly body: Uint8Array } | undefined;
}

interface WebFile {
  readonly path: string;
  readonly type: string;
  readonly cacheControl: string;
  /** Read when it is first asked for. */
  content: Content | undefined;
}

export class WebInterface {
  readonly #folder: string;
  #files = new Map<string, WebFile>();
  /** Of the build that the files are of. */
  #builtAtMs: number | undefined;

  constructor(folder = fileURLToPath(new URL('../../web', import.meta.url))) {
    this.#folder = folder;
  }

  /** `path` is below `/_db/<name>`. Undefined for what is not the interface's. */
  answer(http: HttpRequest, path: string): HttpAnswer | undefined {
    if (!isOfWebInterface(path) || (http.method !== 'GET' && http.method !== 'HEAD')) return undefined;
    const below = path.slice(PREFIX.length);
    const name = decode(below.slice(1));
    const file = below === '/' ? this.#find(START_PAGE) : this.#find(name);
    if (file !== undefined) return this.#send(http, file);
    if (this.#builtAtMs === undefined)
      return failure(`this server was built without its web interface: there are no files in ${this.#folder}`);
    if (below === '' || isNavigation(http, name)) return redirect(302, startPageOf(http));
    return failure(`the web interface has no file "${name}"`);
  }

  #find(name: string): WebFile | undefined {
    if (name === START_PAGE || !this.#files.has(name)) this.#look();
    return this.#files.get(name);
  }

  /** Lists the folder again when it was built since the last time. */
  #look(): void {
    const builtAtMs = statSync(join(this.#folder, START_PAGE), { throwIfNoEntry: false })?.mtimeMs;
    if (builtAtMs === this.#builtAtMs) return;
    this.#builtAtMs = builtAtMs;
    this.#files = new Map(builtAtMs === undefined ? [] : listFiles(this.#folder).map((file) => [file.name, file]));
  }

  #send({ headers }: HttpRequest, file: WebFile): HttpAnswer {
    const content = (file.content ??= readContent(file));
    const packed = acceptedEncoding(headers['accept-encoding'] ?? '') === 'gzip' ? content.packed : undefined;
    const { etag, body } = packed ?? content;
    const common: HttpAnswer['headers'] = {
      ...SECURITY_HEADERS,
      etag,
      'cache-control': file.cacheControl,
      // Left out, for they would contradict it.
      expires: [],
      pragma: [],
      ...(content.packed === undefined ? {} : { vary: 'accept-encoding' }),
    };
    if (isKnown(headers['if-none-match'], etag)) return { status: 304, headers: common, body: '' };
    const encoding: HttpAnswer['headers'] = packed === undefined ? {} : { 'content-encoding': 'gzip' };
    return { status: 200, headers: { ...common, ...encoding, 'content-type': file.type }, body };
  }
}

/** Where a path leads for which there is no file: a page that was bookmarked, or an address that was typed. */
function startPageOf({ url }: HttpRequest): string {
  return `${url.slice(0, url.indexOf(PREFIX))}${PREFIX}/${START_PAGE}`;
}

/** `status` 301: for ever. Not to be remembered by browsers all the same, since a service may come to be there. */
export function redirect(status: 301 | 302, location: string): HttpAnswer {
  return { status, headers: { location, 'content-type': 'text/plain; charset=utf-8' }, body: `The page is at ${location}\n` };
}

function listFiles(folder: string): (WebFile & { readonly name: string })[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && !entry.name.endsWith(PACKED))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const name = relative(folder, path).split(sep).join('/');
      return {
        name,
        path,
        type: TYPES[extname(name)] ?? 'application/octet-stream',
        cacheControl: NAMED_AFTER_CONTENT.test(name) ? FOR_EVER : 'no-cache',
        content: undefined,
      };
    });
}

function readContent({ path, type }: WebFile): Content {
  const body = readFileSync(path);
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 22);
  const isPacked = body.length >= WORTH_PACKING_BYTES && PACKABLE.test(type);
  return {
    body,
    etag: `"${hash}"`,
    packed: isPacked ? { etag: `"${hash}-gzip"`, body: readPacked(path) ?? gzipSync(body, { level: 9 }) } : undefined,
  };
}

/** As the build has packed it; undefined where something else has made the file. */
function readPacked(path: string): Uint8Array | undefined {
  const packed = `${path}${PACKED}`;
  return existsSync(packed) ? readFileSync(packed) : undefined;
}

/** Undecodable names are names of no file. */
function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function isKnown(condition: string | undefined, etag: string): boolean {
  if (condition === undefined) return false;
  return condition.trim() === '*' || condition.split(',').some((one) => one.trim().replace(/^W\//, '') === etag);
}

/** Somebody opens a page, as far as can be told, and not a script a file. */
function isNavigation({ headers }: HttpRequest, name: string): boolean {
  const mode = headers['sec-fetch-mode'];
  return /^[\w/-]*$/.test(name) && (headers['accept'] ?? '').includes('text/html') && (mode === undefined || mode === 'navigate');
}

function failure(errorMessage: string): HttpAnswer {
  return {
    status: 404,
    headers: { ...SECURITY_HEADERS, 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ error: true, code: 404, errorNum: 404, errorMessage }),
  };
}
