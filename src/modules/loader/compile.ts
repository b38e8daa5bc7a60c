/**
 * From a file to a function: reads, wraps and compiles a CommonJS module, and keeps what it compiled, so that a service that is
 * reloaded recompiles only the files that changed. The cache is the thread's: a file that two services load is compiled once.
 *
 * A module's text stands inside two functions. The outer one's parameters are names that a module may declare again
 * (`const console = …`, as with globals), the inner one's are CommonJS's. A module is sloppy unless it says 'use strict'.
 */
import { readFileSync, statSync } from 'node:fs';
import { compileFunction, constants, Script } from 'node:vm';
import { clock } from '#base';
import { missingFile, moduleSyntaxError } from './module-error.ts';

/** What every module of a service sees, and may shadow, on top of JavaScript's and Node's globals; the last is a legacy service's. */
export const SCOPE_NAMES = ['console', 'print', 'aqlQuery', 'global', 'globalThis', 'applicationContext'] as const;
export type Scope = Readonly<Record<(typeof SCOPE_NAMES)[number], unknown>>;

const MODULE_NAMES = ['exports', 'require', 'module', '__filename', '__dirname'];

export type ModuleFunction = (
  this: unknown,
  exports: unknown,
  require: unknown,
  module: unknown,
  filename: string,
  dirname: string,
) => void;

const HEAD = `(function(${SCOPE_NAMES.join(',')}){return function(${MODULE_NAMES.join(',')}){`;
const TAIL = '\n}})';

/** All sources in the cache together; the least recently used go first. */
const CACHE_LIMIT_CHARS = 64 * 1024 * 1024;
/** File systems count time in steps: of two writes in one step the second may leave no trace in a file's times. */
const TIME_STEP_MS = 25;

interface CachedFile {
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly size: number;
  readonly inode: number;
  readonly readAtMs: number;
  readonly source: string;
  script: Script | undefined;
}

const cache = new Map<string, CachedFile>();
let cachedChars = 0;

/** The module's function, with the scope of one service. `stored` takes the place of what the file holds. Throws 3101. */
export function compileModule(path: string, scope: Scope, stored?: string): ModuleFunction {
  const file = stored === undefined ? readCached(path) : storedFile(path, stored);
  if (file.script === undefined) {
    file.script = compileScript(path, file.source);
  }
  return bind(file.script, scope);
}

/** A text that is no file, such as a function that was stored as text; `name` stands for it in stack traces. */
export function compileText(text: string, name: string, scope: Scope): ModuleFunction {
  return bind(compileScript(name, text), scope);
}

/** A file's text without byte-order mark and with the `#!` line made a comment. */
export function readSource(path: string): string {
  return readCached(path).source;
}

/** Parses without running, and without the wrapper, which a stray `}` could leave. Throws 3100 and 3101. */
export function checkSyntax(path: string): void {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw missingFile(path);
  if (path.endsWith('.json')) {
    parseJson(path);
    return;
  }
  try {
    compileFunction(readSource(path), MODULE_NAMES, { filename: path });
  } catch (cause) {
    throw moduleSyntaxError(path, cause);
  }
}

export function parseJson(path: string, stored?: string): unknown {
  try {
    return JSON.parse(stored === undefined ? readSource(path) : cleanSource(stored));
  } catch (cause) {
    throw moduleSyntaxError(path, cause);
  }
}

function bind(script: Script, scope: Scope): ModuleFunction {
  const outer = script.runInThisContext() as (...scope: readonly unknown[]) => ModuleFunction;
  return outer(...SCOPE_NAMES.map((name) => scope[name]));
}

function compileScript(path: string, source: string): Script {
  try {
    return new Script(HEAD + source + TAIL, {
      filename: path,
      columnOffset: -HEAD.length,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
  } catch (cause) {
    throw moduleSyntaxError(path, cause);
  }
}

function readCached(path: string): CachedFile {
  const { mtimeMs, ctimeMs, size, ino: inode } = statSync(path);
  const known = cache.get(path);
  if (known !== undefined) {
    const isSame = known.mtimeMs === mtimeMs && known.ctimeMs === ctimeMs && known.size === size && known.inode === inode;
    if (isSame && Math.max(mtimeMs, ctimeMs) < known.readAtMs - TIME_STEP_MS) return known;
  }
  const readAtMs = clock.now();
  const source = cleanSource(readFileSync(path, 'utf8'));
  const script = known?.source === source ? known.script : undefined;
  const file = { mtimeMs, ctimeMs, size, inode, readAtMs, source, script };
  remember(path, file);
  return file;
}

/** A text that stands for a file: kept like one, and never taken for what the file itself holds. */
function storedFile(path: string, text: string): CachedFile {
  const key = `${path}\0stored`;
  const source = cleanSource(text);
  const known = cache.get(key);
  if (known?.source === source) return known;
  const file = { mtimeMs: 0, ctimeMs: 0, size: 0, inode: 0, readAtMs: clock.now(), source, script: undefined };
  remember(key, file);
  return file;
}

function cleanSource(text: string): string {
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  return source.startsWith('#!') ? `//${source.slice(2)}` : source;
}

function remember(path: string, file: CachedFile): void {
  const known = cache.get(path);
  if (known !== undefined) {
    cachedChars -= known.source.length;
    cache.delete(path);
  }
  cache.set(path, file);
  cachedChars += file.source.length;
  for (const [oldest, { source }] of cache) {
    if (cachedChars <= CACHE_LIMIT_CHARS || oldest === path) return;
    cache.delete(oldest);
    cachedChars -= source.length;
  }
}
