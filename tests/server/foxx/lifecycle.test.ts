/** What of the life of a service `../services.test.ts` leaves: the rules of mounts and manifests, modes across upgrades, lost bundles, switches. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { saying, service, zip, type Files } from '../../support/bundles.ts';
import { askServer, eventually, useFixtures } from '../../support/fixtures.ts';
import { startServer } from '../../support/server.ts';

const fixtures = useFixtures([]);
const { ask, get } = fixtures;
const ZIP = { 'content-type': 'application/zip' };
type Body = Readonly<Record<string, unknown>> & { readonly errorNum?: number; readonly errorMessage?: string };

async function send(method: string, path: string, files: Files): Promise<readonly [number, Body]> {
  const { status, body } = await ask(method, path, zip(files), ZIP);
  return [status, body];
}
const install = (mount: string, files: Files, more = '') => send('POST', `/_api/foxx?mount=${encodeURIComponent(mount)}${more}`, files);
const upgrade = (mount: string, files: Files, more = '') => send('PATCH', `/_api/foxx/service?mount=${mount}${more}`, files);
const describe = async (mount: string): Promise<Body> => (await get(`/_api/foxx/service?mount=${mount}`)).body;
const query = async (text: string): Promise<readonly unknown[]> =>
  ((await ask('POST', '/_api/cursor', { query: text })).body as { readonly result: readonly unknown[] }).result;

test('a mount is a path of letters, digits, dashes, underscores and percent signs', async () => {
  for (const mount of ['/a b', '/a/', '/a.b', '//a', '/_own', '/1a', '/-a', '/%41', '/a/APP', '/app/b']) {
    const [status, body] = await install(mount, saying('x'));
    assert.deepEqual([status, body.errorNum], [400, 3007], mount);
  }
  for (const mount of ['/plain', '/deep/er', '/with-dash_and_1', '/_open/thing'])
    assert.equal((await install(mount, saying('x')))[0], 201, mount);
  assert.equal((await ask('POST', '/_api/foxx?mount=nothing', zip(saying('x')), ZIP)).status, 400);
});

test('a manifest is checked whole: each bad field is told, what is only odd is not', async () => {
  const [status, body] = await install(
    '/bad',
    service('', { name: 'no name', version: 5, author: 1, keywords: 'a', scripts: { '': 'x' } }),
  );
  assert.deepEqual([status, body.errorNum], [400, 3001]);
  for (const field of ['name', 'version', 'author', 'keywords', 'scripts'])
    assert.match(body.errorMessage ?? '', new RegExp(`"${field}"`), field);
  const odd = service(`router.get('/', (req, res) => res.send('odd'));`, {
    $schema: 'http://other',
    version: 'not semver',
    unknown: 5,
    engines: { arangodb: '^9.0.0', other: '*' },
  });
  assert.equal((await install('/odd', odd))[0], 201);
  assert.equal((await get('/odd')).text, 'odd');
  const described = (await describe('/odd'))['manifest'] as Body;
  assert.deepEqual([described['$schema'], described['unknown'], described['tests']], ['http://json.schemastore.org/foxx-manifest', 5, []]);
});

test('what tests and other modules are made of is looked at when they run', async () => {
  const [status] = await install(
    '/lazy',
    service(`router.get('/', () => require('./broken'));`, { tests: 'test.js' }, { 'test.js': '}{', 'broken.js': '}{' }),
  );
  assert.equal(status, 201);
  assert.ok((await get('/lazy')).status >= 400);
  assert.equal((await ask('POST', '/_api/foxx/tests?mount=/lazy')).status, 400);
  const wrapped = Object.fromEntries(Object.entries(saying('wrapped')).map(([path, content]) => [`repo-master/${path}`, content]));
  assert.equal((await install('/wrapped', wrapped))[0], 201, 'as GitHub packs it');
  assert.equal((await get('/wrapped')).text, 'wrapped');
});

test('an upgrade keeps the mode, unless it says another; a replacement forgets it', async () => {
  await install('/modes', saying('1'), '&development=true');
  assert.equal((await describe('/modes'))['development'], true);
  await upgrade('/modes', saying('2'));
  assert.equal((await describe('/modes'))['development'], true);
  await upgrade('/modes', saying('3'), '&development=false');
  assert.equal((await describe('/modes'))['development'], false, 'the word false is false');
  await upgrade('/modes', saying('4'), '&development=true');
  await send('PUT', '/_api/foxx/service?mount=/modes', saying('5'));
  assert.equal((await describe('/modes'))['development'], false);
  assert.equal((await send('PUT', '/_api/foxx/service?mount=/forced', saying('x')))[1].errorNum, 3009);
  assert.equal((await send('PUT', '/_api/foxx/service?mount=/forced&force=true', saying('x')))[0], 200);
});

test('services are listed in short and told in full', async () => {
  await install('/listed', service('', { provides: { thing: '1.0.0' } }));
  const list = (await get('/_api/foxx?excludeSystem=true')).body as readonly Body[];
  assert.deepEqual(
    list.find(({ mount }) => mount === '/listed'),
    { mount: '/listed', name: 'made', version: '1.0.0', provides: { thing: '1.0.0' }, development: false, legacy: false },
  );
  assert.ok(!list.some(({ mount }) => String(mount).startsWith('/_')));
  const full = await describe('/listed');
  assert.deepEqual(
    Object.keys(full).toSorted(),
    ['checksum', 'development', 'legacy', 'manifest', 'mount', 'name', 'options', 'path', 'version'].toSorted(),
  );
  assert.match(String(full['checksum']), /^[\da-f]{1,8}$/);
  const [stored] = (await query('FOR app IN _apps FILTER app.mount == "/listed" RETURN app')) as readonly Body[];
  assert.deepEqual(
    [stored?.['id'], stored?.['checksum'], stored?.['options']],
    ['/listed', full['checksum'], { development: false, configuration: {}, dependencies: {} }],
  );
  assert.deepEqual(await query(`FOR b IN _appbundles FILTER b._key == "${String(full['checksum'])}" RETURN 1`), [1]);
});

test('uninstalling leaves nothing, and what is not there cannot be uninstalled', async () => {
  await install('/leaves', saying('x'));
  const { path } = (await describe('/leaves')) as Body & { readonly path: string };
  const gone = await ask('DELETE', '/_api/foxx/service?mount=/leaves');
  assert.deepEqual([gone.status, gone.text], [204, '']);
  assert.deepEqual([(await get('/leaves')).status, existsSync(path)], [404, false]);
  const again = await ask('DELETE', '/_api/foxx/service?mount=/leaves');
  assert.deepEqual([again.status, (again.body as Body).errorNum], [400, 3009]);
  assert.equal((await ask('DELETE', '/_api/foxx/service?mount=/leaves&force=true')).status, 204);
  const stubborn = service('', { scripts: { teardown: 't.js' } }, { 't.js': `throw new Error('not now');` });
  await install('/stubborn', stubborn);
  assert.ok((await ask('DELETE', '/_api/foxx/service?mount=/stubborn&force=false')).status >= 400, 'the word false is false');
  assert.equal((await ask('DELETE', '/_api/foxx/service?mount=/stubborn&teardown=false')).status, 204);
});

test('a broken service says nothing in production and everything in development', async () => {
  const broken = service(`router.get('/', () => 1);\nnull.property;`);
  await install('/broken', saying('x'));
  await send('PUT', '/_api/foxx/service?mount=/broken', broken);
  const production = await get('/broken/any/where');
  assert.deepEqual(
    [production.status, production.body],
    [503, { error: true, errorNum: 503, errorMessage: 'service unavailable', code: 503 }],
  );
  const page = await get('/broken', { accept: 'text/html' });
  assert.deepEqual([page.status, page.headers.get('content-type')], [503, 'text/html; charset=utf-8']);
  assert.match(page.text, /Failed to mount service/);
  assert.doesNotMatch(page.text, /property|index\.js/);
  await eventually('the log to have it', async () => fixtures.server.output().includes('Cannot read properties of null'));
  await ask('POST', '/_api/foxx/development?mount=/broken');
  const development = (await get('/broken')).body as Body;
  assert.match(String(development['exception']), /Cannot read properties of null/);
  assert.ok(Array.isArray(development['stacktrace']));
  const shown = await get('/broken', { accept: 'text/html' });
  assert.match(shown.text, /index\.js/);
  assert.match(shown.text, /property/, 'a piece of the source');
});

test('a service downloaded in development is its folder, in production what was stored', async () => {
  await install('/packed', saying('packed'));
  const { path, checksum } = (await describe('/packed')) as Body & { readonly path: string };
  const download = async (): Promise<string> => (await ask('POST', '/_api/foxx/download?mount=/packed')).text;
  const stored = await download();
  assert.ok(stored.startsWith('PK'));
  writeFileSync(join(path, 'new.txt'), 'new');
  assert.equal(await download(), stored);
  await ask('POST', '/_api/foxx/development?mount=/packed');
  assert.ok((await download()).includes('new.txt'));
  await ask('DELETE', '/_api/foxx/development?mount=/packed');
  assert.notEqual((await describe('/packed'))['checksum'], checksum);
  assert.equal((await ask('GET', '/_api/foxx/readme?mount=/packed')).status, 204);
});

test('a bundle that the database has lost is put there again, and a commit makes this disk right', async () => {
  await install('/lost', saying('lost'));
  const checksum = String((await describe('/lost'))['checksum']);
  const isStored = async (): Promise<boolean> => (await query(`FOR b IN _appbundles FILTER b._key == "${checksum}" RETURN 1`)).length === 1;
  await ask('DELETE', `/_api/document/_appbundles/${checksum}`);
  assert.equal(await isStored(), false);
  await ask('POST', '/_api/foxx/_local/heal');
  assert.equal(await isStored(), true);

  await query('FOR app IN _apps FILTER app.mount == "/lost" REMOVE app IN _apps');
  await ask('POST', '/_admin/routing/reload');
  assert.equal((await get('/lost')).status, 404);
  assert.equal((await ask('POST', '/_api/foxx/commit')).status, 204);
  assert.equal((await get('/lost')).text, 'lost');
  await query('FOR app IN _apps FILTER app.mount == "/lost" UPDATE app WITH { checksum: "1234" } IN _apps');
  assert.equal((await ask('POST', '/_api/foxx/commit?replace=false')).status, 204);
  assert.equal((await query('FOR app IN _apps FILTER app.mount == "/lost" RETURN app.checksum'))[0], '1234', 'the word false is false');
  assert.equal((await ask('POST', '/_api/foxx/commit?replace=true')).status, 204);
  assert.equal((await query('FOR app IN _apps FILTER app.mount == "/lost" RETURN app.checksum'))[0], checksum);
});

test('under constant requests an upgrade loses none, and each answer is that of one version', async () => {
  const version = (n: number): Files =>
    service(`router.get('/', (req, res) => res.json([require('./number'), ${n}]));`, {}, { 'number.js': `module.exports = ${n};` });
  await install('/steady', version(0));
  const over = new AbortController();
  const seen = new Set<string>();
  const asking = Promise.all(
    Array.from({ length: 4 }, async () => {
      while (!over.signal.aborted) {
        const { status, text } = await get('/steady');
        assert.equal(status, 200, text);
        seen.add(text);
      }
    }),
  );
  for (let n = 1; n <= 5; n++) {
    assert.equal((await upgrade('/steady', version(n)))[0], 200);
    assert.equal((await get('/steady')).text, `[${n},${n}]`, 'from the answer on it is the new one');
  }
  over.abort();
  await asking;
  for (const text of seen) assert.match(text, /^\[(\d),\1\]$/);
});

test('services and their management can be switched off, and sources restricted', async () => {
  const { server } = fixtures;
  await install('/kept', saying('kept'));
  const remote = await ask('POST', '/_api/foxx?mount=/remote', { source: 'https://example.com/x.zip' });
  assert.equal((remote.body as Body).errorNum, 11);
  for (const [option, api, own] of [
    ['--foxx.api=false', 403, 200],
    ['--foxx.enable=false', 403, 403],
  ] as const) {
    const other = await startServer({
      workers: 1,
      arguments: [option, `--foxx.install=/x=${join(server.appPath, '_db', '_system', 'kept', 'APP')}`],
    });
    try {
      const managed = await askServer(other, 'GET', '/_api/foxx');
      assert.deepEqual([managed.status, (managed.body as Body).errorNum], [api, 3099], option);
      assert.equal((await askServer(other, 'GET', '/x')).status, own, option);
    } finally {
      await other.dispose();
    }
  }
});

test('services are public, the rest is not; unless all is to be guarded', async () => {
  const folder = join(fixtures.server.appPath, '_db', '_system', 'kept', 'APP');
  for (const [more, status] of [
    [[], 200],
    [['--server.authentication-system-only=false'], 401],
  ] as const) {
    const guarded = await startServer({ workers: 1, arguments: ['--server.authentication=true', `--foxx.install=/x=${folder}`, ...more] });
    try {
      assert.equal((await askServer(guarded, 'GET', '/x')).status, status);
      const managed = await askServer(guarded, 'GET', '/_api/foxx');
      assert.equal(managed.status, 401);
      assert.ok(managed.headers.get('www-authenticate'));
      assert.equal(
        (await askServer(guarded, 'GET', '/_api/foxx', undefined, { 'x-omit-www-authenticate': 'yes' })).headers.get('www-authenticate'),
        null,
      );
    } finally {
      await guarded.dispose();
    }
  }
});

test('what lies on the disk is back after a restart, and the files of a dropped database are gone', async () => {
  await ask('POST', '/_api/database', { name: 'mine' });
  await ask('POST', '/_db/mine/_api/foxx?mount=/in-mine', zip(saying('mine')), ZIP);
  assert.equal((await get('/_db/mine/in-mine')).text, 'mine');
  assert.equal((await get('/in-mine')).status, 404);
  const folder = join(fixtures.server.appPath, '_db', 'mine');
  assert.ok(readdirSync(folder).includes('in-mine'));
  const main = join(folder, 'in-mine', 'APP', 'index.js');
  const text = readFileSync(main, 'utf8');
  writeFileSync(main, 'not(');
  assert.equal((await get('/_db/mine/in-mine')).text, 'mine', 'in production the bundle counts');
  writeFileSync(main, text);
  await ask('DELETE', '/_api/database/mine');
  await eventually('the folder to be gone', async () => !existsSync(folder));
});

test('in development files are sent as they are now, and neither they nor requests to itself run setup again', async () => {
  const counting = `const { db } = require('@arangodb'); if (!db._collection('setups')) db._create('setups'); db.setups.save({});`;
  const files = service(
    `router.get('/', (req, res) => res.json(require('@arangodb/request').get(module.context.baseUrl + '/own').json));
     router.get('/own', (req, res) => res.json('own'));`,
    { files: { assets: 'assets' }, scripts: { setup: 'setup.js' } },
    { 'setup.js': counting, 'assets/a.txt': 'one' },
  );
  await install('/watched', files, '&development=true');
  const { path } = (await describe('/watched')) as Body & { readonly path: string };
  const setups = async (): Promise<unknown> => (await query('RETURN LENGTH(setups)'))[0];
  assert.equal((await get('/watched')).text, '"own"');
  const before = await setups();
  writeFileSync(join(path, 'assets', 'a.txt'), 'two');
  assert.equal((await get('/watched/assets/a.txt')).text, 'two');
  assert.equal(await setups(), before);
  assert.equal((await get('/watched')).text, '"own"');
  assert.equal(await setups(), Number(before) + 1);
});

/** A route that keeps its thread busy until a file is there. */
function busyRoute(): { readonly code: string; readonly release: () => void } {
  const file = join(mkdtempSync(join(tmpdir(), 'foxden-busy-')), 'go');
  const code = `router.get('/busy', (req, res) => { while (!require('fs').existsSync(${JSON.stringify(file)})); res.json('done'); });`;
  return { code, release: () => writeFileSync(file, '') };
}

test('a thread that has not loaded the service yet sends its files without another setup', async () => {
  const { code, release } = busyRoute();
  const files = service(
    code,
    { files: { assets: 'assets' }, scripts: { setup: 'setup.js' } },
    {
      'setup.js': `const { db } = require('@arangodb'); if (!db._collection('turned')) db._create('turned'); db.turned.save({});`,
      'assets/a.txt': 'one',
    },
  );
  await install('/busy', files, '&development=true');
  const setups = async (): Promise<unknown> => (await query('RETURN LENGTH(turned)'))[0];
  const before = await setups();
  const busy = get('/busy/busy');
  await eventually('a thread to be busy', async () => (await setups()) === Number(before) + 1);
  assert.equal((await get('/busy/assets/a.txt')).text, 'one');
  assert.equal((await get('/busy/assets/none')).status, 404);
  assert.equal(await setups(), Number(before) + 1);
  release();
  assert.equal((await busy).text, '"done"');
});

test('in production a file that somebody has removed is put back by a thread that needs it, and others stay as they are', async () => {
  const { code, release } = busyRoute();
  const files = service(
    `router.get('/', (req, res) => res.json(require('./lib')));
     ${code.replace('=> {', "=> { require('@arangodb').db._create('begun');")}`,
    {},
    { 'lib.js': `module.exports = 'of the bundle';` },
  );
  await install('/whole', files);
  const folder = join(fixtures.server.appPath, '_db', '_system', 'whole', 'APP');
  const busy = get('/whole/busy');
  await eventually('a thread to be busy', async () => (await get('/_api/collection/begun')).status === 200);
  rmSync(join(folder, 'lib.js'));
  writeFileSync(join(folder, 'own.txt'), 'written by the service');
  assert.equal((await get('/whole')).text, '"of the bundle"');
  release();
  assert.equal((await busy).text, '"done"');
  assert.ok(existsSync(join(folder, 'lib.js')));
  assert.equal(readFileSync(join(folder, 'own.txt'), 'utf8'), 'written by the service');
});

test('the server says that it is ready when the asynchronous setups of its services have ended, which come one after the other', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'foxden-declared-'));
  const setup = `
    const { db } = require('@arangodb');
    const all = db._collection('turns') || db._create('turns');
    module.exports = (async () => {
      if (all.count() % 2 !== 0) throw new Error('another setup is at work');
      all.insert({ begins: module.context.mount });
      await new Promise((done) => setTimeout(done, 200));
      all.insert({ ends: module.context.mount });
    })();`;
  const made = zip(
    service(`router.get('/', (req, res) => res.json(db.turns.count()));`, { scripts: { setup: 'setup.js' } }, { 'setup.js': setup }),
  );
  for (const name of ['one', 'two']) writeFileSync(join(folder, `${name}.zip`), made);
  const server = await startServer({
    workers: 1,
    arguments: ['one', 'two'].map((name) => `--foxx.install=/${name}=${join(folder, `${name}.zip`)}`),
  });
  try {
    await eventually('the start', async () => server.output().includes('is ready'));
    assert.equal((await askServer(server, 'GET', '/one')).text, '4');
    // Several threads, one mount: in production and in development.
    const upgrades = await Promise.all(
      Array.from({ length: 6 }, () => askServer(server, 'PATCH', '/_api/foxx/service?mount=/two', made, ZIP)),
    );
    assert.deepEqual([...new Set(upgrades.map(({ status }) => status))], [200]);
    assert.equal((await askServer(server, 'GET', '/one')).text, '16');
    await askServer(server, 'POST', '/_api/foxx/development?mount=/two');
    const answers = await Promise.all(Array.from({ length: 8 }, () => askServer(server, 'GET', '/two')));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
    assert.doesNotMatch(server.output(), /another setup is at work/);
  } finally {
    await server.dispose();
    rmSync(folder, { recursive: true });
  }
});

test('a restart loads what was stored, with its configuration and mode', async () => {
  const first = await startServer({ workers: 1 });
  const files = service(`router.get('/', (req, res) => res.json(['stored', module.context.configuration.a]));`, {
    configuration: { a: { type: 'string' } },
  });
  await askServer(first, 'POST', '/_api/foxx?mount=/again', zip(files), ZIP);
  await askServer(first, 'PATCH', '/_api/foxx/configuration?mount=/again', { a: 'given' });
  assert.deepEqual((await askServer(first, 'GET', '/again')).body, ['stored', 'given']);
  const main = join(first.appPath, '_db', '_system', 'again', 'APP', 'index.js');
  writeFileSync(main, readFileSync(main, 'utf8').replace('stored', 'edited'));
  await first.stop();
  const second = await startServer({ workers: 1, folder: first.folder });
  try {
    assert.deepEqual((await askServer(second, 'GET', '/again')).body, ['stored', 'given']);
  } finally {
    await second.dispose();
  }
});
