/** Versions that are put into their place under load, all at once, or not at all. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { service, zip, type Files } from '../../support/bundles.ts';
import { useFixtures } from '../../support/fixtures.ts';
import { tries } from '../../support/law.ts';
import { release, whileAsking } from '../../support/releases.ts';

const fixtures = useFixtures([], {
  arguments: ['--server.minimal-threads=4', '--server.maximal-threads=4', '--foxx.activation-wait=4'],
});
const { ask, get } = fixtures;
const ZIP = { 'content-type': 'application/zip' };
const UPGRADES = tries({ quick: 4, thorough: 20 });
const READ_UPGRADES = tries({ quick: 5, thorough: 100 });
const CLIENTS = 6;

interface Body {
  readonly version?: string;
  readonly errorNum?: number;
  readonly errorMessage?: string;
  readonly activation?: { readonly coordinators: readonly string[]; readonly tests?: { readonly stats: { readonly passes: number } } };
  readonly failures?: readonly { readonly coordinator: string; readonly errorNum: number; readonly errorMessage: string }[];
  readonly tests?: { readonly failures: readonly { readonly fullTitle: string }[] };
}

async function send(method: string, path: string, files: Files): Promise<readonly [status: number, body: Body]> {
  const { status, body } = await ask(method, path, zip(files), ZIP);
  return [status, body];
}
const install = (mount: string, files: Files, more = '') => send('POST', `/_api/foxx?mount=${mount}${more}`, files);
const upgrade = (mount: string, files: Files, more = '&activation=atomic') =>
  send('PATCH', `/_api/foxx/service?mount=${mount}${more}`, files);
const served = async (mount: string): Promise<unknown> => ((await get(mount)).body as readonly unknown[])[0];
const staged = (): readonly string[] => readdirSync(join(fixtures.server.appPath, '_staging'));

for (const [what, more] of [
  ['as usual', ''],
  ['atomically', '&activation=atomic'],
] as const) {
  test(`under constant requests ${UPGRADES} upgrades, ${what}, fail no request, and each answer is of one version`, async () => {
    const mount = `/load${more.length}`;
    await install(mount, release(1));
    const { answers, oldAfterNew, releases } = await whileAsking([fixtures.server], mount, CLIENTS, async () => {
      for (let number = 2; number <= UPGRADES + 1; number++) {
        const [status, body] = await upgrade(mount, release(number), more);
        assert.equal(status, 200, JSON.stringify(body));
        assert.equal(await served(mount), number, 'what is done can be seen');
      }
    });
    assert.ok(answers > UPGRADES && releases.size > 2, `${answers} answers of ${releases.size} versions`);
    if (more !== '') assert.equal(oldAfterNew, 0, 'the old one never answers after the new one');
  });
}

/** Reads files that all releases have, with `fs`, a hundred times for each request; what it finds missing is in the answer. */
const READER = `
  const fs = require('fs');
  const { join } = require('path');
  const [file, folder] = [module.context.fileName('lib/early.js'), join(__dirname, 'lib')];
  const looks = {
    readFileSync: () => fs.readFileSync(file, 'utf8').startsWith('module'),
    read: () => fs.read(file).startsWith('module'),
    exists: () => fs.exists(file),
    statSync: () => fs.statSync(file, { throwIfNoEntry: false }) !== undefined,
    list: () => fs.list(folder).includes('late.js'),
    node: () => require('node:fs').readdirSync(__dirname).includes('lib'),
  };
  router.get('/read', (req, res) => {
    const missed = new Set();
    for (let i = 0; i < 100; i++) {
      for (const [name, look] of Object.entries(looks)) {
        try {
          if (!look()) missed.add(name);
        } catch (error) {
          missed.add(name + ': ' + error.message);
        }
      }
    }
    res.json([...missed]);
  });`;

test(`a service that reads its own folder all the time finds its files while ${READ_UPGRADES} others take its place`, async () => {
  await install('/reader', release(1, { code: READER }));
  const end = new AbortController();
  const read = async (): Promise<void> => {
    while (!end.signal.aborted) {
      const { status, body } = await get('/reader/read');
      assert.deepEqual([status, body], [200, []]);
    }
  };
  const upgraded = (async () => {
    for (let number = 2; number <= READ_UPGRADES + 1; number++) {
      const [status, body] = await upgrade('/reader', release(number, { code: READER }), '');
      assert.equal(status, 200, JSON.stringify(body));
    }
  })().finally(() => end.abort());
  await Promise.all([upgraded, ...Array.from({ length: 4 }, read)]);
});

test('services that use one that is changed change with it', async () => {
  const provider = (number: number): Files => service(`exports.number = ${number};`, { version: `${number}.0.0` });
  const user = service(
    `const { number } = module.context.dependencies.provider;
    router.get('/', (req, res) => res.json([number, number, number, number]));`,
    { dependencies: { provider: '*' } },
  );
  const through = service(
    `const { other } = module.context.dependencies; router.get('/', (req, res) => res.json([other.number, other.number, other.number, other.number]));`,
    { dependencies: { other: '*' } },
  );
  await install('/provider', provider(1));
  await install('/middle', service(`exports.number = module.context.dependencies.provider.number;`, { dependencies: { provider: '*' } }));
  await ask('PATCH', '/_api/foxx/dependencies?mount=/middle', { provider: '/provider' });
  for (const [mount, files, dependencies] of [
    ['/user', user, { provider: '/provider' }],
    ['/a-user', through, { other: '/middle' }],
  ] as const) {
    await install(mount, files);
    await ask('PATCH', `/_api/foxx/dependencies?mount=${mount}`, dependencies);
    const asked = await whileAsking([fixtures.server], mount, 4, async () => {
      for (let number = 2; number <= 6; number++) assert.equal((await upgrade('/provider', provider(number)))[0], 200);
      assert.equal(await served(mount), 6);
    });
    assert.equal(asked.oldAfterNew, mount === '/user' ? 0 : asked.oldAfterNew);
    await upgrade('/provider', provider(1));
  }
});

test('a version that cannot be loaded switches nobody, and the answer says where and why', async () => {
  await install('/safe', release(1));
  const scripts = { scripts: { setup: 'setup.js' } };
  const broken: readonly (readonly [what: string, files: Files, errorNum: number, why: RegExp])[] = [
    ['main', release(2, { code: `throw new Error('not today');` }), 3103, /not today/],
    ['a module', release(2, { code: `require('./missing');` }), 3100, /missing/],
    ['setup', release(2, { manifest: scripts, files: { 'setup.js': `throw new Error('no room');` } }), 3103, /no room/],
    [
      'asynchronous main',
      release(2, { manifest: { main: 'main.mjs' }, files: { 'main.mjs': `await null; throw new Error('too late');` } }),
      3103,
      /too late/,
    ],
  ];
  for (const method of ['PATCH', 'PUT']) {
    for (const [what, files, errorNum, why] of broken) {
      const [status, body] = await send(method, '/_api/foxx/service?mount=/safe&activation=atomic', files);
      assert.deepEqual([status, body.errorNum], [400, errorNum], `${what}: ${JSON.stringify(body)}`);
      assert.match(body.errorMessage ?? '', why);
      const [failure] = body.failures ?? [];
      assert.match(failure?.coordinator ?? '', /^\w+-/, what);
      assert.match(failure?.errorMessage ?? '', why);
      assert.equal(await served('/safe'), 1, what);
    }
  }
  assert.equal(((await get('/_api/foxx/versions?mount=/safe')).body as readonly unknown[]).length, 1);
  const [status, body] = await send('PATCH', '/_api/foxx/service?mount=/safe&activation=atomic', { 'manifest.json': '{' });
  assert.deepEqual([status, body.errorNum], [400, 3000]);
  const [installed, refused] = await install('/never', release(2, { code: `throw new Error('no');` }), '&activation=atomic');
  assert.deepEqual([installed, refused.failures?.length], [400, 1]);
  assert.equal((await get('/never')).status, 404);
  assert.deepEqual(staged(), []);
});

const TESTED = { manifest: { tests: 'test.js' } };
/** Tests that look at the module, the context, and the answers of the service itself. */
const tests = (number: number, wanted = number): Files => ({
  'test.js': `
    const { expect } = require('chai');
    const request = require('@arangodb/request');
    describe('the release', () => {
      it('has its number', () => expect(require('./lib/early')).to.equal(${wanted}));
      it('answers with its number', () => expect(request.get(module.context.baseUrl).json[0]).to.equal(${wanted}));
    });`,
});

test('with a gate a version must pass its own tests, which ask the version that they belong to', async () => {
  await install('/gated', release(1));
  const gate = '&activation=atomic&gate=tests';
  const [refused, failed] = await upgrade('/gated', release(2, { ...TESTED, files: tests(2, 3) }), gate);
  assert.deepEqual([refused, failed.errorNum], [400, 3103], JSON.stringify(failed));
  assert.match(failed.errorMessage ?? '', /2 of 2 tests .*\nMount: \/gated\nTest: the release has its number/s);
  assert.deepEqual(
    failed.tests?.failures.map(({ fullTitle }) => fullTitle),
    ['the release has its number', 'the release answers with its number'],
  );
  assert.equal(await served('/gated'), 1);

  const [status, body] = await upgrade('/gated', release(2, { ...TESTED, files: tests(2) }), gate);
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(body.activation?.tests?.stats.passes, 2);
  assert.equal(body.activation?.coordinators.length, 1);
  assert.equal(await served('/gated'), 2);

  const later = { 'test.js': `describe('later', () => it('fails', async () => { await null; throw new Error('asynchronously'); }));` };
  const [asynchronous, body3] = await upgrade('/gated', release(3, { ...TESTED, files: later }), gate);
  assert.deepEqual([asynchronous, body3.tests?.failures.length], [400, 1], JSON.stringify(body3));
  assert.equal(await served('/gated'), 2);
  assert.deepEqual(staged(), []);
});

test('what is asked for wrongly is refused before anything happens', async () => {
  await install('/asked', release(1));
  for (const [more, what] of [
    ['&activation=sometimes', /"activation" must be "atomic" and is "sometimes"/],
    ['&activation=atomic&gate=all', /"gate" must be "tests" and is "all"/],
    ['&gate=tests', /"gate" needs "activation" to be "atomic"/],
  ] as const) {
    const [status, body] = await upgrade('/asked', release(2), more);
    assert.deepEqual([status, body.errorNum], [400, 400], more);
    assert.match(body.errorMessage ?? '', what);
  }
  assert.equal(await served('/asked'), 1);
  const form = new FormData();
  form.set('source', new Blob([zip(release(2, { ...TESTED, files: tests(2, 3) }))]), 'source.zip');
  form.set('activation', 'atomic');
  form.set('gate', 'tests');
  assert.equal((await ask('PATCH', '/_api/foxx/service?mount=/asked', form)).status, 400, 'as a field of a form');
  assert.equal(await served('/asked'), 1);
});

test('an asynchronous setup is waited for, and runs once', async () => {
  const setup = (number: number): Files => ({
    'setup.js': `
      const { db } = require('@arangodb');
      const runs = db._collection('setups') || db._create('setups');
      module.exports = Promise.resolve().then(() => void runs.insert({ number: ${number} }));`,
  });
  await install('/slow', release(1));
  const [status, body] = await upgrade('/slow', release(2, { manifest: { scripts: { setup: 'setup.js' } }, files: setup(2) }));
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(await served('/slow'), 2);
  assert.deepEqual((await ask('POST', '/_api/cursor', { query: 'FOR s IN setups RETURN s.number' })).body['result'], [2]);
});

test('a rollback goes atomically too, and a service that calls itself is not held up', async () => {
  const calling = (number: number): Files =>
    release(number, {
      code: `const request = require('@arangodb/request');
        router.get('/self', (req, res) => res.send(request.get(module.context.baseUrl).body));
        router.post('/self', (req, res) => res.send(request.post(module.context.baseUrl + '/own').body));
        router.post('/own', (req, res) => res.json('own'));
        router.get('/later', async (req, res) => { await null; res.send(request.post(module.context.baseUrl + '/own').body); });`,
    });
  await install('/calls', calling(1));
  await upgrade('/calls', calling(2));
  const end = new AbortController();
  const call = async (method: string, path: string): Promise<void> => {
    while (!end.signal.aborted) {
      const { status, text } = await ask(method, path);
      assert.equal(status, 200, text);
    }
  };
  const calls = [call('POST', '/calls/self'), call('GET', '/calls/self'), call('GET', '/calls/later'), call('GET', '/calls')];
  for (let turn = 0; turn < 10; turn++) {
    const { status, text } = await ask('POST', '/_api/foxx/rollback?mount=/calls&activation=atomic');
    assert.equal(status, 200, text);
    assert.equal(await served('/calls'), 1 + (turn % 2));
  }
  end.abort();
  await Promise.all(calls);
});

test('a mount that somebody closed and never opened is opened by the next change, by healing, or by those who wait', async () => {
  await install('/stuck', release(1));
  const close = async (): Promise<void> => {
    const query = 'FOR a IN _apps FILTER a.mount == "/stuck" UPDATE a WITH { closedBy: "nobody" } IN _apps';
    assert.equal((await ask('POST', '/_api/cursor', { query })).status, 201);
    // All threads look again.
    await install('/other', release(1));
    await ask('DELETE', '/_api/foxx/service?mount=/other');
  };
  await close();
  assert.equal((await upgrade('/stuck', release(2)))[0], 200);
  assert.equal(await served('/stuck'), 2);
  await close();
  const waiting = served('/stuck');
  assert.equal((await ask('POST', '/_api/foxx/_local/heal')).status, 204);
  assert.equal(await waiting, 2);
  await close();
  assert.deepEqual(await Promise.all([served('/stuck'), served('/stuck')]), [2, 2]);
});
