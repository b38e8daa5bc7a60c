/**
 * TypeScript and ES modules as text that the loader can run: types are taken away, and `import` and `export` become calls to the loader.
 * Nothing is checked but syntax.
 *
 * The work is oxc's (types, enums, namespaces, decorators; live bindings, hoisting, top-level `await`); what is done here is to tell
 * files apart, to ask for dependencies by `yield`, so that a module graph runs without a promise as long as nobody awaits anything, and to
 * put everything back on its line. oxc and acorn are loaded with the first such file.
 */
import { SourceMap, type SourceMapPayload } from 'node:module';
import type * as Acorn from 'acorn';
import type * as Oxc from 'oxc-transform';
import { loadPackage } from './bundled.ts';
import { realign, type Place } from './realign.ts';

export interface Transpiled {
  readonly code: string;
  /** It has imports or exports. All else is CommonJS. */
  readonly isEsModule: boolean;
  /** It awaits something at its top level. */
  readonly isAsync: boolean;
}

/** What a module's code calls the things that the loader gives it, besides those of CommonJS. */
export const ESM_NAMES = ['exports$', 'import$', 'meta$', 'all$', 'load$'] as const;
/** `import()` in a file that is not an ES module otherwise: as many letters, so that columns stay right. */
export const DYNAMIC_IMPORT = 'load$_';

const RUNNER_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    __vite_ssr_exports__: 'exports$',
    __vite_ssr_import__: 'import$',
    __vite_ssr_import_meta__: 'meta$',
    __vite_ssr_exportAll__: 'all$',
    __vite_ssr_dynamic_import__: 'load$',
  }),
);
const IMPORTED = /^__vite_ssr_import_(\d+)__$/;
const RUNNER_PREFIX = '__vite_ssr_';

type Language = 'ts' | 'tsx' | 'js';

export function languageOf(path: string): Language {
  if (/\.[cm]?ts$/.test(path)) return 'ts';
  return path.endsWith('.tsx') ? 'tsx' : 'js';
}

/** Is this what V8 says to a CommonJS file that is an ES module? */
export function isModuleSyntaxError(error: unknown): boolean {
  return (
    error instanceof SyntaxError &&
    /Cannot use import statement outside a module|Unexpected token 'export'|Cannot use 'import\.meta' outside a module|await is only valid in async functions/.test(
      error.message,
    )
  );
}

/** Throws a SyntaxError whose stack begins with the place, as V8's do. */
export function transpile(path: string, source: string): Transpiled {
  const { transformSync, moduleRunnerTransformSync } = loadPackage('oxc-transform') as typeof Oxc;
  const lang = languageOf(path);
  let code = source;
  const maps: SourceMap[] = [];
  if (lang !== 'js') {
    const stripped = transformSync(path, source, { lang, sourcemap: true, target: 'es2023', decorator: { legacy: true } });
    throwFirst(path, source, stripped.errors);
    code = stripped.code;
    if (stripped.map !== undefined) maps.push(new SourceMap(stripped.map as unknown as SourceMapPayload));
  }
  const run = moduleRunnerTransformSync(path, code, { sourcemap: true });
  throwFirst(path, code, run.errors, maps);
  if (run.map !== undefined) maps.push(new SourceMap(run.map as unknown as SourceMapPayload));

  const { parse } = loadPackage('acorn') as typeof Acorn;
  const tokens: Acorn.Token[] = [];
  const tree = parse(run.code, { ecmaVersion: 'latest', sourceType: 'module', onToken: tokens });
  const texts = tokens.map(({ start, end }) => run.code.slice(start, end));
  const isEsModule = texts.some((text) => text.startsWith(RUNNER_PREFIX) && text !== '__vite_ssr_dynamic_import__');
  const asksForModule = new Set(
    tokens.filter((_, index) => texts[index] === 'await' && texts[index + 1] === '__vite_ssr_import__').map(({ start }) => start),
  );
  const isAsync = hasTopLevelAwait(tree, asksForModule);
  const mayShorten = !source.includes('import$');
  const lines = lineStarts(run.code);
  const wordAt = new Map(tokens.map(({ start }, index) => [start, texts[index]]));
  const text = realign({
    code: run.code,
    tokens,
    findOrigin: (offset) => (asksForModule.has(offset) ? undefined : originOf(maps, placeOf(lines, offset))),
    rename: (offset) => {
      const word = wordAt.get(offset) ?? '';
      if (asksForModule.has(offset)) return 'yield';
      if (!isEsModule && word === '__vite_ssr_dynamic_import__') return DYNAMIC_IMPORT;
      const number = mayShorten ? IMPORTED.exec(word)?.[1] : undefined;
      return number === undefined ? RUNNER_NAMES.get(word) : `import$${number}`;
    },
  });
  return { code: text, isEsModule: isEsModule || isAsync, isAsync };
}

/** A CommonJS file with `import()` in it, which becomes a call to the loader. What does not parse is left as it is. */
export function redirectDynamicImports(source: string): string {
  const { parse } = loadPackage('acorn') as typeof Acorn;
  const starts: number[] = [];
  try {
    const tree = parse(source, { ecmaVersion: 'latest', sourceType: 'script', allowReturnOutsideFunction: true });
    visit(tree, (node) => {
      if (node.type === 'ImportExpression') starts.push(node.start);
      return true;
    });
  } catch {
    return source; // V8 says what is wrong with it
  }
  let text = source;
  for (const start of starts) text = text.slice(0, start) + DYNAMIC_IMPORT + text.slice(start + 'import'.length);
  return text;
}

function hasTopLevelAwait(tree: Acorn.Program, besides: ReadonlySet<number>): boolean {
  let found = false;
  visit(tree, (node) => {
    if (node.type === 'AwaitExpression' && !besides.has(node.start)) found = true;
    if (node.type === 'ForOfStatement' && (node as Acorn.ForOfStatement).await) found = true;
    return !/Function|MethodDefinition|PropertyDefinition|StaticBlock/.test(node.type);
  });
  return found;
}

/** Calls back for each node of a tree; false: not for those in it. */
function visit(node: Acorn.Node, enter: (node: Acorn.Node) => boolean): void {
  if (!enter(node)) return;
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof child === 'object' && child !== null && 'type' in child && 'start' in child) visit(child as Acorn.Node, enter);
    }
  }
}

function lineStarts(code: string): readonly number[] {
  const starts = [0];
  for (let at = code.indexOf('\n'); at >= 0; at = code.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function placeOf(starts: readonly number[], offset: number): Place {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low, column: offset - (starts[low] ?? 0) };
}

/** Through all maps, the last first. Only the last must know the very place: in those before it, the nearest one before will do. */
function originOf(maps: readonly SourceMap[], place: Place): Place | undefined {
  let { line, column } = place;
  for (const [step, map] of maps.toReversed().entries()) {
    const entry = map.findEntry(line, column);
    if (!('originalLine' in entry) || entry.generatedLine !== line) return undefined;
    if (entry.generatedColumn !== column && step === 0) return undefined;
    column = entry.originalColumn + (column - entry.generatedColumn);
    line = entry.originalLine;
  }
  return { line, column };
}

function throwFirst(path: string, source: string, errors: readonly Oxc.OxcError[], maps: readonly SourceMap[] = []): void {
  const first = errors.find(({ severity }) => (severity as string) === 'Error');
  if (first === undefined) return;
  const error = new SyntaxError(first.message);
  const offset = Buffer.from(source)
    .subarray(0, first.labels[0]?.start ?? 0)
    .toString('utf8').length;
  const generated = placeOf(lineStarts(source), offset);
  const { line } = originOf(maps, generated) ?? generated;
  error.stack = `${path}:${line + 1}\n${first.codeframe ?? ''}\nSyntaxError: ${first.message}`;
  throw error;
}
