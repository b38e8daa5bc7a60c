import assert from 'node:assert/strict';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { checkModule, loadService, runScript } from '#modules';
import {
  captureLog,
  loadFiles,
  sourceOf,
  TestService,
  writeFileIn,
  writeFiles,
  type Files,
  failureOf,
} from '../../../tests/support/load-service.ts';

/** What `main` exports. */
function exportsOf(t: TestContext, files: Files): unknown {
  return loadFiles(t, files).loaded.exports;
}

test('a require finds files, folders, packages and what comes with foxden', (t) => {
  const found = exportsOf(t, {
    'index.js': `module.exports = [
      require('./file'), require('./file.js'), require('./data'), require('./folder'), require('./withmain'), require('./json-index'),
      require('.' + '/sub/up'), require(__dirname + '/file'), require('pkg'), require('pkg/lib/deep'), require('@scope/pkg'),
      require('exported'), require('exported/sub'), require('hidden/file'), require('noext'),
    ];`,
    'file.js': `module.exports = 'file';`,
    'data.json': '\uFEFF{"data": 1}',
    'folder/index.js': `exports.folder = 1;`,
    'withmain/package.json': { main: './lib/start' },
    'withmain/lib/start.js': `exports.main = 1;`,
    'json-index/index.json': { index: 1 },
    'sub/up.js': `module.exports = require('../file') + '!';`,
    'node_modules/pkg/index.js': `module.exports = 'pkg';`,
    'node_modules/pkg/lib/deep.js': `module.exports = 'deep of ' + require('pkg') + module.context.mount;`,
    'node_modules/@scope/pkg/package.json': { main: 'x.js' },
    'node_modules/@scope/pkg/x.js': `module.exports = 'scoped';`,
    'node_modules/exported/package.json': {
      exports: { '.': { import: './no.mjs', require: './cjs/main.cjs' }, './sub': './cjs/sub.cjs' },
    },
    'node_modules/exported/cjs/main.cjs': `module.exports = 'exported';`,
    'node_modules/exported/cjs/sub.cjs': `module.exports = 'exported sub';`,
    'node_modules/hidden/package.json': { exports: { '.': './file.js' } },
    'node_modules/hidden/file.js': `module.exports = 'not hidden';`,
    'node_modules/noext': `module.exports = 'no extension';`,
  });
  assert.deepEqual(found, [
    'file',
    'file',
    { data: 1 },
    { folder: 1 },
    { main: 1 },
    { index: 1 },
    'file!',
    'file',
    'pkg',
    'deep of pkg/test',
    'scoped',
    'exported',
    'exported sub',
    'not hidden',
    'no extension',
  ]);
});

test('a package of the service goes before the bundled one, and not before a module of the server', (t) => {
  const found = exportsOf(t, {
    'index.js': `module.exports = [require('joi'), typeof require('lodash').map, require('fs').own, require('fs/'), require('path') === require('node:path')];`,
    'node_modules/joi/index.js': `module.exports = 'my own joi';`,
    'node_modules/fs/index.js': `exports.own = true; module.exports = 'own fs';`,
  });
  assert.deepEqual(found, ['my own joi', 'function', undefined, 'own fs', true]);
});

test('bundled packages are there, with files in them, and their dependencies are not', (t) => {
  const found = exportsOf(t, {
    'index.js': `
    const names = ['accepts', 'ansi-html', 'ansi_up', 'aqb', 'babel-code-frame', 'chai', 'chalk', 'content-disposition', 'dedent',
      'error-stack-parser', 'expect.js', 'extendible', 'graphql', 'graphql-sync', 'highlight.js', 'http-errors', 'i', 'iconv-lite', 'joi',
      'joi-to-json-schema', 'js-yaml', 'lodash', 'marked', 'media-typer', 'mime-types', 'minimatch', 'mocha', 'netmask', 'qs',
      'range-parser', 'semver', 'sinon', 'statuses', 'timezone', 'type-is', 'underscore', 'vary', 'xmldom'];
    exports.missing = names.filter((name) => { try { return !require(name); } catch (e) { console.error(e); return true; } });
    exports.fp = typeof require('lodash/fp').map;
    exports.version = require('joi/package.json').version;
    exports.marked = require('marked')('*a*').trim();
    exports.dedent = require('dedent')\`
      a
        b\`;
    exports.statuses = require('statuses')('not found');
    exports.joi = require('joi').validate('x', require('joi').number()).error.name;
    for (const name of ['undici', 'lmdb', 'jake']) try { require(name); exports.leak = name; } catch (e) { exports.code = e.code; }
    `,
  });
  assert.deepEqual(found, {
    missing: [],
    fp: 'function',
    version: '14.3.1',
    marked: '<p><em>a</em></p>',
    dedent: 'a\n  b',
    statuses: 404,
    joi: 'ValidationError',
    code: 'MODULE_NOT_FOUND',
  });
});

test('modules are sloppy unless they ask not to be, and see their own globals', (t) => {
  const found = exportsOf(t, {
    'index.js': `
    leaked = 1;
    exports.sloppy = (function () { return this === undefined; })();
    exports.strict = (function () { 'use strict'; return this === undefined; })();
    exports.evaluated = eval('2 + leaked');
    exports.made = new Function('a', 'return a * 2')(21);
    global.shared = 'shared';
    exports.other = require('./other');
    delete leaked;
    `,
    'other.js': `
    const aqlQuery = 'mine'; const console = 'mine'; const print = 'mine'; const process = 'mine'; const Buffer = 'mine';
    const global = globalThis;
    module.exports = [aqlQuery, console, print, process, Buffer, shared, global.shared, typeof setTimeout, __filename.endsWith('other.js')];
    `,
  });
  assert.deepEqual(found, {
    sloppy: false,
    strict: true,
    evaluated: 3,
    made: 42,
    other: ['mine', 'mine', 'mine', 'mine', 'mine', 'shared', 'shared', 'function', true],
  });
});

test('what one service assigns to global another does not see, and a request sees its own', (t) => {
  const define = (value: string): Files => ({
    'index.js': `
    exports.before = [typeof global.secret, typeof secret];
    global.secret = '${value}';
    const router = require('@arangodb/foxx/router')();
    router.get((req, res) => { res.json([secret, global.secret, typeof global.Array, typeof nothing]); });
    module.context.use(router);
    `,
  });
  const [first, second] = [loadFiles(t, define('one')), loadFiles(t, define('two'))];
  assert.deepEqual(second.loaded.exports, { before: ['undefined', 'undefined'] });
  assert.deepEqual(first.get('/').json, ['one', 'one', 'function', 'undefined']);
  assert.deepEqual(second.get('/').json, ['two', 'two', 'function', 'undefined']);
  assert.equal((globalThis as { secret?: string }).secret, undefined, 'outside of services there is none');
});

test('what a service assigned to global is its own after an await and in a timer, too', async (t) => {
  const define = (value: string): Files => ({
    'index.js': `
    global.late = '${value}';
    const router = require('@arangodb/foxx/router')();
    const look = new Function('return typeof late === "undefined" ? undefined : late');
    router.get(async (req, res) => {
      const found = [late, look()];
      await new Promise((resolve) => setTimeout(resolve, 5));
      found.push(late, look(), globalThis.late);
      await new Promise((resolve) => setTimeout(() => { found.push(late, look()); resolve(); }, 1));
      res.json(found);
    });
    module.context.use(router);
    `,
  });
  const services = [loadFiles(t, define('one')), loadFiles(t, define('two'))] as const;
  const spy = loadFiles(t, {
    'index.js': `
    const router = require('@arangodb/foxx/router')();
    router.get(async (req, res) => { await 1; res.json([typeof late, typeof globalThis.late, new Function('return typeof late')()]); });
    module.context.use(router);
    `,
  });
  const answers = await Promise.all([...services, spy].map((service) => service.askAsync('GET', '/')));
  assert.deepEqual(
    answers.map(({ json }) => json),
    [Array(7).fill('one'), Array(7).fill('two'), Array(3).fill('undefined')],
  );
});

test('modules that require each other get what is exported so far, and each runs once', (t) => {
  const found = exportsOf(t, {
    'index.js': `exports.early = 1; exports.b = require('./b'); exports.runs = require('./count').n;`,
    'b.js': `require('./count').n++; module.exports = { early: require('./index').early, late: require('.').b, again: require('./count').n };`,
    'count.js': `exports.n = 0;`,
  });
  assert.deepEqual(found, { early: 1, b: { early: 1, late: undefined, again: 1 }, runs: 1 });
});

test('a #! line and a byte-order mark are no syntax errors, and positions stay right', (t) => {
  captureLog(t);
  const error = failureOf(() => exportsOf(t, { 'index.js': '\uFEFF#!/usr/bin/env node\nthrow new Error("here");' }));
  assert.match(error.message, /^failed to invoke module\nReason: Error: here\nFile: \/.*index\.js\nLine: 2\nColumn: 7$/);
  const first = failureOf(() => exportsOf(t, { 'index.js': 'throw new Error("here");' }));
  assert.match(first.message, /Line: 1\nColumn: 7$/);
});

test('errors of modules have ArangoDB’s numbers, the file and the cause, and name the innermost module', (t) => {
  const missing = failureOf(() => exportsOf(t, { 'index.js': `require('./a')`, 'a.js': `require('nowhere')` }));
  assert.deepEqual([missing.errorNum, missing.code], [3100, 400]);
  assert.match(missing.message, /^cannot locate module\nFile: nowhere\nRequired by: .*a\.js\nSearched:\n {2}.*node_modules\/nowhere$/);

  const noMain = failureOf(() => loadFiles(t, {}));
  assert.equal(noMain.errorNum, 3100);
  assert.match(noMain.message, /File: \/.*index\.js$/);

  const syntax = failureOf(() => exportsOf(t, { 'index.js': `require('./a')`, 'a.js': `let a;\nlet b = ;` }));
  assert.equal(syntax.errorNum, 3101);
  assert.match(syntax.message, /^syntax error in module\nFile: .*a\.js\nLine: 2$/);
  assert.ok(syntax.cause instanceof SyntaxError);

  const json = failureOf(() => exportsOf(t, { 'index.js': `require('./a')`, 'a.json': `{` }));
  assert.equal(json.errorNum, 3101);

  const thrown = failureOf(() => exportsOf(t, { 'index.js': `require('./a')`, 'a.js': `null.x` }));
  assert.equal(thrown.errorNum, 3103);
  assert.match(thrown.message, /File: .*a\.js\n/);
  assert.ok(thrown.cause instanceof TypeError);

  const text = failureOf(() => exportsOf(t, { 'index.js': `throw 'a text'` }));
  assert.match(text.message, /Reason: a text\n/);
  assert.equal(text.cause, 'a text');
});

test('a module that failed may be tried again', (t) => {
  const found = exportsOf(t, {
    'index.js': `global.tries = 0; try { require('./a'); } catch (e) { exports.first = e.errorNum; } exports.second = require('./a');`,
    'a.js': `if (++global.tries === 1) throw new Error('not yet'); module.exports = 'now';`,
  });
  assert.deepEqual(found, { first: 3103, second: 'now' });
});

test('files are checked without being run', (t) => {
  const folder = writeFiles(t, { 'good.js': `throw 1`, 'bad.js': `}); (function () {`, 'json.json': `{"a":1}` });
  checkModule(join(folder, 'good.js'));
  checkModule(join(folder, 'json.json'));
  assert.equal(failureOf(() => checkModule(join(folder, 'bad.js'))).errorNum, 3101);
  assert.equal(failureOf(() => checkModule(join(folder, 'none.js'))).errorNum, 3100);
  assert.equal(failureOf(() => checkModule(folder)).errorNum, 3100);
});

test('a service that is loaded again has its new text at once, and its old modules anew', (t) => {
  const folder = writeFiles(t, { 'index.js': `exports.n = require('./n');`, 'n.js': `module.exports = 1;` });
  for (const n of [2, 3, 4, 5]) {
    writeFileIn(folder, 'n.js', `module.exports = ${n};`);
    assert.deepEqual(loadService(sourceOf(folder)).exports, { n });
  }
});

test('scripts are modules of their own with arguments', (t) => {
  const folder = writeFiles(t, {
    'script.js': `module.exports = [module.context.argv, require('./count').n++];`,
    'nothing.js': ``,
    'count.js': `exports.n = 0;`,
  });
  assert.deepEqual(runScript(sourceOf(folder), 'script.js', [{ a: 1 }]), [[{ a: 1 }], 0]);
  assert.deepEqual(runScript(sourceOf(folder), 'script', [[1]]), [[[1]], 0]);
  assert.deepEqual(runScript(sourceOf(folder), 'nothing.js', []), {});
  assert.equal(failureOf(() => runScript(sourceOf(folder), 'none.js', [])).errorNum, 3100);
});

test('a module that is first required while another version takes its place is found', (t) => {
  const folder = writeFiles(t, {
    'index.js': `
    const router = require('@arangodb/foxx/router')();
    router.get((req, res) => { res.json([require('./lib/late'), require('own')]); });
    module.context.use(router);`,
    'lib/late.js': `module.exports = 'late';`,
    'node_modules/own/index.js': `module.exports = 'own';`,
  });
  const places = ['lib', 'node_modules'].map((name) => [join(folder, name), join(folder, `${name} of another`)] as const);
  const whileInPlace = <Result>(look: () => Result): Result => {
    for (const [live, trash] of places) if (existsSync(trash)) renameSync(trash, live);
    return look();
  };
  const service = new TestService(loadService(sourceOf(folder, { whileInPlace })));
  for (const [live, trash] of places) renameSync(live, trash);
  assert.deepEqual(service.get('/').json, ['late', 'own']);
});
