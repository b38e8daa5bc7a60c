/**
 * From a file to a function: reads, wraps and compiles a module, and keeps what it compiled, so that a service that is reloaded
 * recompiles only the files that changed. The cache is the thread's: a file that two services load is compiled once.
 *
 * A module's text stands inside two functions. The outer one's parameters are names that a module may declare again
 * (`const console = …`, as with globals), the inner one's are CommonJS's. A CommonJS module is sloppy unless it says 'use strict'.
 *
 * An ES module is a generator that asks for its imports one after the other, strict, and may declare CommonJS's names again (`const
 * require = createRequire(…)`). Which of both a file is, its syntax says, and its extension when that is `.mjs` or `.mts`.
 */
import { readFileSync, statSync } from 'node:fs';
import { compileFunction, constants, Script } from 'node:vm';
import { clock } from '#base';
import { TIMER_NAMES } from '../node/timers.ts';
import { missingFile, moduleSyntaxError } from './module-error.ts';
import { DYNAMIC_IMPORT, ESM_NAMES, isModuleSyntaxError, languageOf, redirectDynamicImports, transpile } from './transpile.ts';

/** What every module of a service sees, and may shadow, on top of JavaScript's and Node's globals; `applicationContext` is a legacy service's. */
export const SCOPE_NAMES = [
  'console',
  'print',
  'aqlQuery',
  'global',
  'globalThis',
  'applicationContext',
  'process',
  ...TIMER_NAMES,
] as const;
export type Scope = Readonly<Record<(typeof SCOPE_NAMES)[number], unknown>>;

const MODULE_NAMES = ['exports', 'require', 'module', '__filename', '__dirname'];

/** What CommonJS gives a module, in the order of `MODULE_NAMES`. */
export interface ModuleNames {
  readonly exports: unknown;
  readonly require: unknown;
  readonly module: unknown;
  readonly filename: string;
  readonly dirname: string;
}

/** What a module asks for when it yields. */
export interface ImportRequest {
  readonly specifier: string;
  readonly importedNames: readonly string[] | undefined;
}

/** What an ES module has of the loader. */
export interface EsmHooks {
  /** Makes what is yielded. */
  readonly request: (specifier: string, options?: { readonly importedNames?: readonly string[] }) => ImportRequest;
  readonly meta: object;
  readonly exportAll: (namespace: object) => void;
  readonly load: DynamicImport;
}

export type DynamicImport = (specifier: unknown, options?: unknown) => Promise<unknown>;

type Steps = Generator<ImportRequest, void, unknown> | AsyncGenerator<ImportRequest, void, unknown>;

export type CompiledModule =
  | { readonly type: 'CommonJS'; readonly run: (names: ModuleNames, load: DynamicImport) => void }
  | { readonly type: 'ES module'; readonly isAsync: boolean; readonly start: (names: ModuleNames, hooks: EsmHooks) => Steps };

const HEAD = `(function(${SCOPE_NAMES.join(',')}){return function(${[...MODULE_NAMES, DYNAMIC_IMPORT].join(',')}){`;
const ESM_NAMES_TOGETHER = [...SCOPE_NAMES, ...MODULE_NAMES, ...ESM_NAMES].join(',');
const ESM_HEAD = `(function(${ESM_NAMES_TOGETHER}){"use strict";return function*(){`;
const ASYNC_ESM_HEAD = `(function(${ESM_NAMES_TOGETHER}){"use strict";return async function*(){`;
const TAIL = '\n}})';
const DYNAMIC_IMPORT_SYNTAX = /\bimport\s*(?:\/\*.*?\*\/\s*)?\(/;

/** All sources in the cache together; the least recently used go first. */
const CACHE_LIMIT_CHARS = 64 * 1024 * 1024;
/** File systems count time in steps: of two writes in one step the second may leave no trace in a file's times. */
const TIME_STEP_MS = 25;

type Compiled =
  | { readonly type: 'CommonJS'; readonly script: Script }
  | { readonly type: 'ES module'; readonly script: Script; readonly isAsync: boolean };

interface CachedFile {
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly size: number;
  readonly inode: number;
  readonly readAtMs: number;
  readonly source: string;
  compiled: Compiled | undefined;
}

const cache = new Map<string, CachedFile>();
let cachedChars = 0;

/** The module, with the scope of one service. `stored` takes the place of what the file holds. Throws 3101. */
export function compileModule(path: string, scope: Scope, stored?: string): CompiledModule {
  const file = stored === undefined ? readCached(path) : storedFile(path, stored);
  file.compiled ??= compileSource(path, file.source);
  return bind(file.compiled, scope);
}

/** A text that is no file, such as a function that was stored as text; `name` stands for it in stack traces. */
export function runText(text: string, name: string, scope: Scope, names: ModuleNames, load: DynamicImport): void {
  const bound = bind({ type: 'CommonJS', script: compileScript(name, text, HEAD) }, scope);
  if (bound.type === 'CommonJS') bound.run(names, load);
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
  const file = readCached(path);
  try {
    if (!isOther(path)) {
      compileFunction(file.source, MODULE_NAMES, { filename: path });
      return;
    }
  } catch (cause) {
    if (!isModuleSyntaxError(cause)) throw moduleSyntaxError(path, cause);
  }
  file.compiled ??= compileSource(path, file.source);
}

export function parseJson(path: string, stored?: string): unknown {
  try {
    return JSON.parse(stored === undefined ? readSource(path) : cleanSource(stored));
  } catch (cause) {
    throw moduleSyntaxError(path, cause);
  }
}

function bind(compiled: Compiled, scope: Scope): CompiledModule {
  const values = SCOPE_NAMES.map((name) => scope[name]);
  const outer = compiled.script.runInThisContext() as (...names: readonly unknown[]) => (...names: readonly unknown[]) => unknown;
  if (compiled.type === 'ES module') {
    return {
      type: 'ES module',
      isAsync: compiled.isAsync,
      start: ({ exports, require, module, filename, dirname }, { request, meta, exportAll, load }) =>
        outer(...values, exports, require, module, filename, dirname, exports, request, meta, exportAll, load)() as Steps,
    };
  }
  const inner = outer(...values);
  return {
    type: 'CommonJS',
    run: ({ exports, require, module, filename, dirname }, load) =>
      void inner.call(exports, exports, require, module, filename, dirname, load),
  };
}

/** Neither CommonJS nor JavaScript by its name. */
function isOther(path: string): boolean {
  return path.endsWith('.mjs') || languageOf(path) !== 'js';
}

function compileSource(path: string, source: string): Compiled {
  if (!isOther(path)) {
    try {
      const text = DYNAMIC_IMPORT_SYNTAX.test(source) ? redirectDynamicImports(source) : source;
      return { type: 'CommonJS', script: compileScript(path, text, HEAD) };
    } catch (error) {
      if (path.endsWith('.cjs') || !(error instanceof Error) || !isModuleSyntaxError(error.cause)) throw error;
    }
  }
  const { code, isAsync, isEsModule } = transpileModule(path, source);
  if (!isEsModule && !/\.m[jt]s$/.test(path)) return { type: 'CommonJS', script: compileScript(path, code, HEAD) };
  return { type: 'ES module', isAsync, script: compileScript(path, code, isAsync ? ASYNC_ESM_HEAD : ESM_HEAD) };
}

function transpileModule(path: string, source: string): ReturnType<typeof transpile> {
  try {
    return transpile(path, source);
  } catch (cause) {
    throw moduleSyntaxError(path, cause);
  }
}

function compileScript(path: string, source: string, head: string): Script {
  try {
    return new Script(head + source + TAIL, {
      filename: path,
      columnOffset: -head.length,
      // For `import()` in text that is evaluated, which is left to Node.
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
  const compiled = known?.source === source ? known.compiled : undefined;
  const file = { mtimeMs, ctimeMs, size, inode, readAtMs, source, compiled };
  remember(path, file);
  return file;
}

/** A text that stands for a file: kept like one, and never taken for what the file itself holds. */
function storedFile(path: string, text: string): CachedFile {
  const key = `${path}\0stored`;
  const source = cleanSource(text);
  const known = cache.get(key);
  if (known?.source === source) return known;
  const file = { mtimeMs: 0, ctimeMs: 0, size: 0, inode: 0, readAtMs: clock.now(), source, compiled: undefined };
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
