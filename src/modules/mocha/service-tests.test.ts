import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { idiomaticReport, runScript, runTests, type TestOptions } from '#modules';
import { sourceOf, writeFiles, type Files } from '../../../tests/support/load-service.ts';
import { findTestFiles } from './service-tests.ts';

const SUITE = {
  'test/all.js': `
  'use strict';
  const { expect } = require('chai');
  const order = [];
  describe('outer', function () {
    before(() => order.push('before')); beforeEach(() => order.push('each'));
    it('passes', () => { expect(module.context.mount).to.equal('/test'); });
    it('fails & <tells>', () => { expect({ a: 1 }).to.deep.equal({ a: 2 }); });
    it('waits for somebody');
    context('inner', () => { specify('throws', () => { null.x; }); });
  });
  suite('tdd', () => { suiteSetup(() => {}); setup(() => {}); test('runs', () => {}); });
  exports['exported suite'] = { before() { order.push('exported'); }, 'works': () => { expect(order[0]).to.equal('before'); } };
  `,
};

function run(t: TestContext, files: Files, options: TestOptions = {}): unknown {
  return runTests(sourceOf(writeFiles(t, files), {}, { tests: ['test/**/*.js'] }), options);
}

/** Times and stacks differ from run to run. */
function steady(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (name, one: unknown) =>
      ['duration', 'start', 'end', 'time', 'timestamp'].includes(name) ? undefined : name === 'stack' ? 'stack' : one,
    ),
  );
}

test('the default reporter lists tests by what became of them', (t) => {
  const { stats, passes, failures, pending, tests } = steady(run(t, SUITE)) as Record<
    string,
    { title: string; fullTitle: string; err: object }[]
  >;
  assert.deepEqual(stats, { suites: 4, tests: 6, passes: 3, pending: 1, failures: 2 });
  assert.deepEqual(
    passes?.map(({ fullTitle }) => fullTitle),
    ['outer passes', 'tdd runs', 'exported suite works'],
  );
  assert.deepEqual(
    pending?.map(({ title }) => title),
    ['waits for somebody'],
  );
  assert.equal(tests?.length, 6);
  assert.deepEqual(passes?.[0]?.err, {});
  assert.deepEqual(failures?.[0]?.err, {
    name: 'AssertionError',
    message: 'expected { a: 1 } to deeply equal { a: 2 }',
    showDiff: true,
    actual: { a: 1 },
    expected: { a: 2 },
    stack: 'stack',
  });
});

test('the suite reporter keeps suites in each other', (t) => {
  const { suites } = steady(run(t, SUITE, { reporter: 'suite' })) as {
    suites: { title: string; suites: { title: string; tests: object[] }[]; tests: { title: string; result: string }[] }[];
  };
  assert.deepEqual(
    suites.map(({ title, tests }) => [title, tests.map((one) => one.result)]),
    [
      ['outer', ['pass', 'fail', 'pending']],
      ['tdd', ['pass']],
      ['exported suite', ['pass']],
    ],
  );
  assert.equal(suites[0]?.suites[0]?.title, 'inner');
});

test('the stream reporter is a row for each event', (t) => {
  const rows = run(t, SUITE, { reporter: 'stream' }) as [string, object][];
  assert.deepEqual(
    rows.map(([event]) => event),
    ['start', 'pass', 'fail', 'fail', 'pass', 'pass', 'end'],
  );
  assert.deepEqual(rows[0], ['start', { total: 6 }]);
  const { type, text } = idiomaticReport('stream', rows) ?? {};
  assert.equal(type, 'application/x-ldjson');
  assert.equal(text?.split('\r\n').length, 8);
});

test('the xunit reporter is XML that nothing can break out of', (t) => {
  const reported = run(t, SUITE, { reporter: 'xunit' });
  assert.equal((reported as [string, { name: string }])[1].name, '/test');
  const { type, text = '' } = idiomaticReport('xunit', reported) ?? {};
  assert.equal(type, 'application/xml');
  assert.match(
    text,
    /^<\?xml version="1\.0" encoding="utf-8"\?>\n<testsuite timestamp="[^"]*" tests="6" errors="0" failures="2" skip="1" time="[^"]*" name="\/test">/,
  );
  assert.match(
    text,
    /<testcase classname="outer" name="fails &#38; &#60;tells&#62;" time="[^"]*"><failure message="expected [^"]*" type="AssertionError">/,
  );
  assert.match(text, /<testcase classname="outer" name="waits for somebody" time="0"><skipped\/><\/testcase>/);
});

test('the tap reporter is a line for each test', (t) => {
  const lines = run(t, SUITE, { reporter: 'tap' }) as string[];
  assert.deepEqual(
    lines.filter((line) => !line.startsWith('  ')),
    [
      '1..6',
      'ok 1 outer passes',
      'not ok 2 outer fails & <tells>',
      'ok 3 outer waits for somebody # SKIP -',
      'not ok 4 outer inner throws',
      'ok 5 tdd runs',
      'ok 6 exported suite works',
      '# tests 5',
      '# pass 3',
      '# fail 2',
    ],
  );
  assert.equal(idiomaticReport('default', {}), undefined);
});

test('a filter is a part of the full title, not a pattern', (t) => {
  const titles = (filter: string): unknown => (run(t, SUITE, { filter }) as { tests: { title: string }[] }).tests.map(({ title }) => title);
  assert.deepEqual(titles('outer p'), ['passes']);
  assert.deepEqual(titles('.*'), []);
  assert.deepEqual(titles(''), ['passes', 'fails & <tells>', 'waits for somebody', 'throws', 'runs', 'works']);
});

test('asynchronous tests and hooks are waited for, and the names of tests are gone afterwards', async (t) => {
  const result = run(t, {
    'test/a.js': `
    const wait = () => new Promise((resolve) => setTimeout(resolve, 1));
    describe('async', () => {
      let ready = false;
      before(async () => { await wait(); ready = true; });
      it('promise', async () => { await wait(); if (!ready) throw new Error('not ready'); });
      it('callback', (done) => { setTimeout(done, 1); });
      it('rejects', async () => { await wait(); throw new Error('late'); });
    });`,
  });
  assert.ok(result instanceof Promise);
  const { stats } = steady(await result) as { stats: object };
  assert.deepEqual(stats, { suites: 1, tests: 3, passes: 2, pending: 0, failures: 1 });
  assert.equal(runScript(sourceOf(writeFiles(t, { 's.js': 'module.exports = typeof describe;' })), 's.js', []), 'undefined');
});

test('tests may be TypeScript and ES modules, and await before they say what they are', async (t) => {
  const files = {
    'test/a.ts': `import { expect } from 'chai'; describe('typed', () => { it('runs', async (): Promise<void> => { await 1; expect(1 as number).to.equal(1); }); });`,
    'test/b.mjs': `const text = await Promise.resolve('late'); describe(text, () => { it('runs', () => {}); });`,
    'test/c.js': `exports.last = { runs() {} };`,
  };
  const source = sourceOf(writeFiles(t, files), {}, { tests: ['test/*'] });
  const { passes } = (await runTests(source)) as { readonly passes: readonly { readonly fullTitle: string }[] };
  assert.deepEqual(
    passes.map(({ fullTitle }) => fullTitle),
    ['typed runs', 'late runs', 'last runs'],
  );
});

test('a service may run its own tests, and use the result at once', (t) => {
  const folder = writeFiles(t, {
    ...SUITE,
    'script.js': `
    const service = require('@arangodb/foxx/manager').lookupService(module.context.mount);
    const mocha = require('@arangodb/mocha');
    module.exports = [
      mocha.run((file, context) => service.run(file, { context }), ['test/all.js'], 'default').stats.passes,
      require('@arangodb/foxx/mocha').run(service, { reporter: 'tap' })[0],
    ];`,
  });
  assert.deepEqual(runScript(sourceOf(folder, {}, { tests: ['test/all.js'] }), 'script.js', []), [3, '1..6']);
});

test('each test file is found once, and a name that is no pattern is taken as it is', (t) => {
  const folder = writeFiles(t, {
    'test/b.js': '',
    'test/a.js': '',
    'test/deep/c.js': '',
    'test/data.json': '',
    'node_modules/x/test/d.js': '',
  });
  const find = (...patterns: string[]): string[] => findTestFiles(folder, patterns).map((path) => path.slice(folder.length + 1));
  assert.deepEqual(find('test/*.js', 'test/**/*.js'), ['test/a.js', 'test/b.js', 'test/deep/c.js']);
  assert.deepEqual(find('./test/*.js'), ['test/a.js', 'test/b.js']);
  assert.deepEqual(find('test/none.js', 'test/a.js'), ['test/none.js', 'test/a.js']);
  assert.deepEqual(findTestFiles(folder, ['test/a.js']), [join(folder, 'test/a.js')]);
});
