/**
 * A service's static files: what its manifest lists under `files`, and the redirect to its default document.
 *
 * A compressed file next to the plain one (`app.js.gz`) is sent to clients that take it; where there is none, one is made and kept
 * in memory.
 */
import { readFileSync, statSync } from 'node:fs';
import { basename, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { HttpAnswer, HttpRequest } from '#base';
import { isWithin } from '../loader/resolve.ts';
import type { ServiceRequest } from '../service.ts';
import { escapeHtml, page } from './answers.ts';
import { answerFile } from './conditional.ts';
import type { FoxxService } from './foxx-service.ts';
import { accepts, mimeTypes } from './libraries.ts';

interface FileRoute {
  /** With its leading and without its trailing slash. */
  readonly prefix: string;
  readonly path: string;
  readonly isCompressed: boolean;
  readonly type: string | undefined;
}

/** Smaller files are not worth it. */
const COMPRESSIBLE_BYTES = 1024;
const CACHE_LIMIT_BYTES = 16 * 1024 * 1024;

const compressed = new Map<string, { readonly mtimeMs: number; readonly bytes: Buffer }>();
let compressedBytes = 0;

export class StaticFiles {
  readonly #service: FoxxService;
  /** The longest prefix first: it is the most specific. */
  readonly #routes: readonly FileRoute[];
  readonly #defaultDocument: string | undefined;

  constructor(service: FoxxService) {
    const { files = {}, defaultDocument } = service.manifest;
    this.#service = service;
    this.#defaultDocument = defaultDocument === '' ? undefined : defaultDocument;
    this.#routes = Object.entries(files)
      .map(([key, given]) => {
        const { path, gzip = false, type } = typeof given === 'string' ? { path: given as string } : given;
        return { prefix: `/${key.replaceAll(/^\/+|\/+$/g, '')}`, path, isCompressed: gzip, type };
      })
      .toSorted((left, right) => right.prefix.length - left.prefix.length);
  }

  get isEmpty(): boolean {
    return this.#routes.length === 0 && this.#defaultDocument === undefined;
  }

  /** What goes before the service's routes; undefined when the path is neither that of a file nor of the service itself. */
  answer({ path, http }: ServiceRequest): HttpAnswer | undefined {
    if (path === '/' && this.#defaultDocument !== undefined) return this.#redirect(this.#defaultDocument);
    const route = this.#find(path);
    return route && this.#sendFile(route, path.slice(route.prefix.length), http);
  }

  /** What of a path belongs to the manifest and not to the file; undefined when the path is not that of a file below a folder. */
  prefixOf(path: string): string | undefined {
    return this.#find(path)?.prefix;
  }

  #find(path: string): FileRoute | undefined {
    return this.#routes.find(({ prefix }) => prefix !== '/' && (path === prefix || path.startsWith(`${prefix}/`)));
  }

  /** Files at the root of the service are looked for only where there is no route: they would hide all of them. */
  answerUnrouted({ path, http }: ServiceRequest): HttpAnswer | undefined {
    const route = this.#routes.find(({ prefix }) => prefix === '/');
    return route && this.#sendFile(route, path, http);
  }

  #redirect(document: string): HttpAnswer {
    const location = `/_db/${encodeURIComponent(this.#service.database.name)}${this.#service.mount}/${document.replace(/^\/+/, '')}`;
    const shown = escapeHtml(location);
    const answer = page(307, 'Moved', 'This page has moved', `<p>It is at <a href="${shown}">${shown}</a>.</p>`);
    return { ...answer, headers: { ...answer.headers, location } };
  }

  #sendFile(route: FileRoute, rest: string, http: HttpRequest): HttpAnswer {
    const root = join(this.#service.basePath, route.path);
    const target = normalize(join(root, decodePath(rest)));
    const isInside = isWithin(this.#service.basePath, target) && (target === root || isWithin(root, target) || root.endsWith('/'));
    const found = isInside && !target.includes('\0') ? this.#service.readFile(() => read(target, route, http)) : undefined;
    return found ?? missing(route.path + rest);
  }
}

function read(path: string, { type, isCompressed }: FileRoute, { method, headers: asked }: HttpRequest): HttpAnswer | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile()) return undefined;
  const headers = { 'content-type': type ?? (mimeTypes().contentType(basename(path)) || 'text/plain') };
  if (isCompressed && accepts()({ headers: asked }).encodings(['gzip', 'identity']) === 'gzip') {
    const encoded = findCompressed(path, stats.mtimeMs, stats.size);
    const encodedHeaders = { ...headers, 'content-encoding': 'gzip', vary: 'accept-encoding' };
    if (encoded !== undefined) return answerFile({ path, stats, headers: encodedHeaders, encoded }, method, asked);
  }
  return answerFile({ path, stats, headers }, method, asked);
}

function missing(path: string): HttpAnswer {
  return { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: `cannot find file "${path}"` };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // then no file has this name
  }
}

function findCompressed(path: string, mtimeMs: number, size: number): Buffer | undefined {
  const ready = `${path}.gz`;
  if (statSync(ready, { throwIfNoEntry: false })?.isFile()) return readFileSync(ready);
  if (size < COMPRESSIBLE_BYTES) return undefined;
  const known = compressed.get(path);
  if (known?.mtimeMs === mtimeMs) return known.bytes;
  const bytes = gzipSync(readFileSync(path));
  compressedBytes += bytes.length - (known?.bytes.length ?? 0);
  compressed.delete(path);
  compressed.set(path, { mtimeMs, bytes });
  for (const [oldest, entry] of compressed) {
    if (compressedBytes <= CACHE_LIMIT_BYTES) break;
    compressed.delete(oldest);
    compressedBytes -= entry.bytes.length;
  }
  return bytes;
}
