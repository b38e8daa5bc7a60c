import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { checkModule, loadService, runScript } from '#modules';
import { captureLog, loadFiles, sourceOf, writeFileIn, writeFiles, type Files, failureOf } from '../../../tests/support/load-service.ts';

function exportsOf(t: TestContext, files: Files, main = 'index.mjs'): Record<string, unknown> {
  return loadFiles(t, files, {}, { main }).loaded.exports as Record<string, unknown>;
}

test('ES modules import each other, CommonJS, packages, what comes with foxden, and Node', (t) => {
  const found = exportsOf(t, {
    'index.mjs': `
      const require = __dirname; const exports = 1, module_ = 1;
      import own, { named, change, value, list } from './own.mjs';
      import * as all from './own.mjs';
      import common, { b } from './common.cjs';
      import data from './data.json' with { type: 'json' };
      import esm, { extra } from 'esm-only';
      import dual from 'dual';
      import inner from '#inner';
      import lodash, { map } from 'lodash';
      import createRouter from '@arangodb/foxx/router';
      import { context } from '@arangodb/locals';
      import { aql } from '@arangodb';
      import fs, { readFileSync } from 'node:fs';
      import * as path from 'path';
      change(2);
      export const result = {
        own, named, value, list, all: Object.keys(all).sort(), common: [common.a, b], data, esm, extra, dual, inner,
        lodash: typeof lodash.chunk + typeof map, router: typeof createRouter().get, same: context === module.context, meta: import.meta.context === context,
        aql: aql\`RETURN \${1}\`.query, fs: readFileSync === fs.readFileSync, path: path.join('a', 'b'), here: this === undefined,
        urls: [import.meta.url.startsWith('file:///'), import.meta.filename === __filename, import.meta.dirname === require, import.meta.resolve('./own.mjs').endsWith('/own.mjs')],
      };
      export { named as renamed } from './own.mjs';
      export * from './own.mjs';
      export * as nested from './own.mjs';
    `,
    'own.mjs': `
      export default function own() {}
      export const named = 'named';
      export let value = 1;
      export let list = [];
      export function change(to) { value = to; [list] = [[to]]; }
    `,
    'common.cjs': `exports.a = 1; exports.b = 2;`,
    'data.json': { data: 1 },
    'package.json': { imports: { '#inner': './inner.js' } },
    'inner.js': `export default 'inner';`,
    'node_modules/esm-only/package.json': { name: 'esm-only', type: 'module', exports: { import: './lib/start.js' } },
    'node_modules/esm-only/lib/start.js': `export { default } from './deep.js'; export const extra = 'extra';`,
    'node_modules/esm-only/lib/deep.js': `export default 'esm only';`,
    'node_modules/dual/package.json': { main: './c.js', exports: { import: './m.mjs', require: './c.js' } },
    'node_modules/dual/m.mjs': `export default 'for import';`,
    'node_modules/dual/c.js': `module.exports = 'for require';`,
  });
  const { own, ...result } = found['result'] as Record<string, unknown>;
  assert.equal(typeof own, 'function');
  assert.deepEqual(result, {
    named: 'named',
    value: 2,
    list: [2],
    all: ['change', 'default', 'list', 'named', 'value'],
    common: [1, 2],
    data: { data: 1 },
    esm: 'esm only',
    extra: 'extra',
    dual: 'for import',
    inner: 'inner',
    lodash: 'functionfunction',
    router: 'function',
    same: true,
    meta: true,
    aql: 'RETURN @value0',
    fs: true,
    path: 'a/b',
    here: true,
    urls: [true, true, true, true],
  });
  assert.deepEqual(Object.keys(found).toSorted(), ['change', 'list', 'named', 'nested', 'renamed', 'result', 'value']);
  assert.equal(found['value'], 2, 'exports are live');
});

test('CommonJS requires ES modules, also packages that are nothing else', (t) => {
  const found = exportsOf(
    t,
    {
      'index.js': `module.exports = [require('./own').default, require('./own.mjs').named, require('esm-only').named, require('./chosen.mjs'), require('./bare')];`,
      'own.mjs': `export default 'own'; export const named = 1;`,
      'bare.js': `export const here = typeof module.context.mount;`,
      'chosen.mjs': `const chosen = 'chosen'; export { chosen as 'module.exports' };`,
      'node_modules/esm-only/package.json': { type: 'module', exports: './index.js' },
      'node_modules/esm-only/index.js': `export const named = 'esm only';`,
    },
    'index.js',
  );
  assert.deepEqual(JSON.parse(JSON.stringify(found)), ['own', 1, 'esm only', 'chosen', { here: 'string' }]);
});

test('a default import follows the mark of a compiler, unless the importer says to be an ES module', (t) => {
  const files = {
    'compiled.cjs': `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = 'inner'; exports.x = 1;`,
  };
  const text = `import value, { x } from './compiled.cjs'; export const result = [value, x];`;
  assert.deepEqual(exportsOf(t, { ...files, 'index.js': text }, 'index.js')['result'], ['inner', 1]);
  assert.deepEqual(exportsOf(t, { ...files, 'index.js': text, 'package.json': { type: 'module' } }, 'index.js')['result'], [
    { default: 'inner', x: 1 },
    1,
  ]);
});

test('modules that import each other see hoisted functions, and each runs once', (t) => {
  const found = exportsOf(t, {
    'index.mjs': `import { b } from './b.mjs'; export function a() { return 'a'; } export const result = [b, a(), globalThis.runs]; `,
    'b.mjs': `import { a } from './index.mjs'; globalThis.runs = (globalThis.runs ?? 0) + 1; export const b = 'b of ' + a(); import './b.mjs';`,
  });
  assert.deepEqual(found['result'], ['b of a', 'a', 1]);
});

test('import() works in both kinds of modules and gives the same modules as import', async (t) => {
  for (const main of ['index.mjs', 'index.js', 'index.ts']) {
    const found = exportsOf(
      t,
      {
        [main]: `
          const load = async () => {
            const own = await import('./own.mjs');
            const json = await import('./data.json', { with: { type: 'json' } });
            const { context } = await import('@arangodb/locals');
            const { readFileSync } = await import('node:fs');
            const missing = await import('./missing').catch(error => error.errorNum);
            const url = await import('file://' + __dirname + '/own.mjs');
            return [own.count, url === own, json.default.a, context === module.context, typeof readFileSync, missing, (await import('./common.js')).default];
          };
          ${main === 'index.js' ? 'module.exports = { load };' : 'export { load };'}
        `,
        'own.mjs': `globalThis.count = (globalThis.count ?? 0) + 1; export const count = globalThis.count;`,
        'common.js': `module.exports = 'common';`,
        'data.json': { a: 1 },
      },
      main,
    );
    assert.deepEqual(await (found['load'] as () => Promise<unknown>)(), [1, true, 1, true, 'function', 3100, 'common'], main);
  }
});

test('a module may await at its top level, and the service answers when it has', async (t) => {
  const service = loadFiles(
    t,
    {
      'index.mjs': `
        import createRouter from '@arangodb/foxx/router';
        import { late } from './late.mjs';
        const { own } = await import('./own.mjs');
        const router = createRouter();
        router.get('/', (req, res) => res.json([late, own]));
        module.context.use(router);
      `,
      'late.mjs': `export const late = await new Promise((resolve) => setTimeout(resolve, 20, 'late'));`,
      'own.mjs': `export const own = 'own';`,
    },
    {},
    { main: 'index.mjs' },
  );
  assert.deepEqual((await service.askAsync('GET', '/')).json, ['late', 'own']);
  assert.deepEqual(service.get('/').json, ['late', 'own'], 'later at once');
});

test('what is missing or wrong in an ES module is an error of modules, with its place', async (t) => {
  captureLog(t);
  const missing = failureOf(() => exportsOf(t, { 'index.mjs': `\nimport './nowhere.mjs';` }));
  assert.equal(missing.errorNum, 3100);
  const name = failureOf(() => exportsOf(t, { 'index.mjs': `import { nothing } from './own.mjs';`, 'own.mjs': `export const a = 1;` }));
  assert.equal(name.errorNum, 3103);
  assert.match(name.message, /'\.\/own\.mjs' does not provide an export named 'nothing'/);
  const syntax = failureOf(() => exportsOf(t, { 'index.mjs': `import fs from 'fs';\n// ünï\nexport const a = ;` }));
  assert.equal(syntax.errorNum, 3101);
  assert.match(syntax.message, /File: .*index\.mjs\nLine: 3$/);
  const thrown = failureOf(() => exportsOf(t, { 'index.mjs': `import fs from 'fs';\n\n  null.x;\nexport {};` }));
  assert.match(thrown.message, /File: .*index\.mjs\nLine: 3\nColumn: 8$/);
  const pending = failureOf(() => exportsOf(t, { 'index.js': `require('./late.mjs')`, 'late.mjs': `await 1;` }, 'index.js'));
  assert.match(pending.message, /awaits something at its top level/);
  const later = loadFiles(t, { 'index.mjs': `await 1;\nthrow new Error('too late');` }, {}, { main: 'index.mjs' });
  assert.equal((await later.askAsync('GET', '/')).status, 503);
  const folder = writeFiles(t, {
    'bad.mjs': `export {`,
    'bad.ts': `let a: = 1;`,
    'good.ts': `enum A { B } throw 1;`,
    'good.js': `export {}`,
  });
  checkModule(join(folder, 'good.ts'));
  checkModule(join(folder, 'good.js'));
  assert.equal(failureOf(() => checkModule(join(folder, 'bad.mjs'))).errorNum, 3101);
  assert.match(failureOf(() => checkModule(join(folder, 'bad.ts'))).message, /Line: 1$/);
});

test('TypeScript runs without a build step', (t) => {
  const found = exportsOf(
    t,
    {
      'index.ts': `
        import createRouter = require('@arangodb/foxx/router');
        import { context, type Context } from '@arangodb/locals';
        import type { Shape } from './shapes';
        import { Unused } from './no-such-file';
        import { area, type Square } from './shapes.js';
        import * as joi from 'joi';
        import legacy from './legacy';
        enum Color { Red, Green = 'green' }
        const enum Size { Small = 1 }
        namespace Inner { export const value = 'inner'; export function f(): string { return value; } }
        abstract class Base<T> { constructor(protected readonly a: T, public b = 2) {} abstract c(): string; }
        class Derived extends Base<number> { declare d: string; override c(): string { return String(this.a satisfies number) + this.b!; } }
        function decorate(target: object, key: string): PropertyDescriptor { return { value: () => 'decorated' }; }
        class Decorated { @decorate method(): string { return ''; } }
        const generic = <T,>(value: T): T => value as unknown as T;
        let unused: Unused | undefined;
        export const result = {
          color: [Color.Red, Color[0], Color.Green], size: Size.Small, inner: Inner.f(), derived: new Derived(1).c(), generic: generic<string>('g'),
          area: area({ side: 3 } as Square), joi: typeof joi.object, router: typeof createRouter(), context: context === module.context,
          decorated: new Decorated().method(), legacy,
        };
      `,
      'shapes.ts': `export interface Shape { side: number } export type Square = Shape; export function area(shape: Shape): number { return shape.side ** 2; }`,
      'legacy.ts': `const path: string = require('path').join('a', 'b'); module.exports = path;`,
    },
    'index.ts',
  );
  assert.deepEqual(found['result'], {
    color: [0, 'Red', 'green'],
    size: 1,
    inner: 'inner',
    derived: '12',
    generic: 'g',
    area: 9,
    joi: 'function',
    router: 'object',
    context: true,
    decorated: 'decorated',
    legacy: 'a/b',
  });
});

test('stack traces name the lines and columns of the author', (t) => {
  const places = (text: string, main: string): string[] =>
    (exportsOf(t, { [main]: text }, main)['trace'] as string).split('\n').flatMap((line) => /index\.\w+:(\d+:\d+)/.exec(line)?.[1] ?? []);
  const typescript = `#!/usr/bin/env foxden
    import { join } from 'node:path';
    import type { Nothing } from './nothing';

    interface Options {
      readonly text: string; // a comment
    }

    /** A comment
     *  of two lines. */
    enum Kind { A,
      B }

    export const template = \`one
      \${join('a', 'b')} two
    three\`;

    const call = (options: Options): string => {
      return (
        options.text +
        new Error(String(Kind.A)).stack!
      );
    };

    export const trace = call({ text: 'text' } as Options);
    export default function later(): Kind { return Kind.B; }
  `;
  assert.deepEqual(places(typescript, 'index.ts').slice(0, 2), ['21:9', '25:26']);
  const esm = `import { join } from 'node:path';\n\n\nexport class A {\n  static b = () =>\n    new Error('x').stack;\n}\nexport const trace =\n  join('a') && A.b();\nimport 'node:fs';\n`;
  assert.deepEqual(places(esm, 'index.mjs').slice(0, 2), ['6:5', '9:18']);
});

test('a service of ES modules that is loaded again has its new text at once', (t) => {
  const folder = writeFiles(t, { 'index.ts': `export { n } from './n';`, 'n.ts': `export const n: number = 1;` });
  for (const n of [2, 3, 4]) {
    writeFileIn(folder, 'n.ts', `export const n: number = ${n};`);
    assert.equal((loadService(sourceOf(folder, {}, { main: 'index.ts' })).exports as { n: number }).n, n);
  }
});

test('scripts may be ES modules and asynchronous', async (t) => {
  const folder = writeFiles(t, {
    'plain.mjs': `export default module.context.argv;`,
    'late.mjs': `import { context } from '@arangodb/locals'; await 1; export default [context.argv[0], 'late'];`,
    'promise.js': `module.exports = (async () => { await 1; return 'promised'; })();`,
    'typed.ts': `module.exports = (module.context.argv[0] as number) + 1;`,
  });
  assert.deepEqual(runScript(sourceOf(folder), 'plain.mjs', [1]), [1]);
  assert.deepEqual(await runScript(sourceOf(folder), 'late', [1]), [1, 'late']);
  assert.equal(await runScript(sourceOf(folder), 'promise', []), 'promised');
  assert.equal(runScript(sourceOf(folder), 'typed', [1]), 2);
});
