/** The life of a service over HTTP: every way to install one, every error, and the two modes. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before as beforeAll, test } from 'node:test';
import { saying, service, zip, type Files } from '../support/bundles.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
after(() => server.dispose());

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown> & { readonly errorNum?: number; readonly errorMessage?: string };
  readonly text: string;
}

async function call(method: string, path: string, body?: string | Uint8Array | object, type = 'application/json'): Promise<Answer> {
  const isRaw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  const init: RequestInit = { method, redirect: 'manual' };
  if (body !== undefined) Object.assign(init, { body: isRaw ? body : JSON.stringify(body), headers: { 'content-type': type } });
  const answer = await server.fetch(path, init);
  const text = await answer.text();
  const isJson = (answer.headers.get('content-type') ?? '').includes('json') && text !== '';
  return { status: answer.status, text, body: isJson ? (JSON.parse(text) as Answer['body']) : {} };
}

const install = (mount: string, files: Files, flags = ''): Promise<Answer> =>
  call('POST', `/_api/foxx?mount=${mount}${flags}`, zip(files), 'application/zip');
const hello = saying('hello');

/** The collections, folders and definitions that a failed install might have left. */
async function traces(): Promise<unknown> {
  const { body } = await call('GET', '/_api/foxx');
  const staging = join(server.appPath, '_staging');
  const folders = existsSync(join(server.appPath, '_db', '_system')) ? readdirSync(join(server.appPath, '_db', '_system')) : [];
  return { body, staged: existsSync(staging) ? readdirSync(staging) : [], folders };
}

test('every form of source installs', async () => {
  const folder = join(server.folder, 'source');
  mkdirSync(folder);
  for (const [path, content] of Object.entries(hello)) writeFileSync(join(folder, path), content);
  writeFileSync(join(server.folder, 'source.zip'), zip(hello));
  const code = hello['index.js'] ?? '';
  const form = new FormData();
  form.set('source', new Blob([zip(hello)], { type: 'application/zip' }), 'service.zip');
  form.set('configuration', '{}');
  const web = createServer((_, answer) => answer.end(zip(hello))).listen(0, '127.0.0.1');
  await once(web, 'listening');
  const { port } = web.address() as { port: number };

  const forms: readonly (readonly [mount: string, answer: Promise<Answer>])[] = [
    ['/zip', install('/zip', hello)],
    ['/js', call('POST', '/_api/foxx?mount=/js', code, 'application/javascript')],
    ['/bare', call('POST', '/_api/foxx?mount=/bare', zip(hello), 'application/octet-stream')],
    ['/path', call('POST', '/_api/foxx?mount=/path', { source: join(server.folder, 'source.zip') })],
    ['/folder', call('POST', '/_api/foxx?mount=/folder', { source: folder })],
    [
      '/form',
      server
        .fetch('/_api/foxx?mount=/form', { method: 'POST', body: form })
        .then(async (answer) => ({ status: answer.status, text: '', body: (await answer.json()) as Answer['body'] })),
    ],
  ];
  for (const [mount, answer] of forms) {
    const { status, body } = await answer;
    assert.equal(status, 201, `${mount}: ${JSON.stringify(body)}`);
    assert.deepEqual([body['mount'], body['development'], body['legacy']], [mount, false, false]);
    assert.equal((await call('GET', mount)).text, 'hello');
  }
  assert.deepEqual(
    (await call('POST', '/_api/foxx?mount=/web', { source: `http://127.0.0.1:${port}/x.zip` })).body.errorNum,
    11,
    'only GitHub by default',
  );
  web.close();
});

test('every bad source has its error, and leaves nothing behind', async () => {
  const before = await traces();
  const bad: readonly (readonly [what: string, errorNum: number, answer: () => Promise<Answer>])[] = [
    ['mount', 3007, () => install('/a/', hello)],
    ['reserved mount', 3007, () => install('/_a', hello)],
    ['no manifest', 3012, () => install('/x', { 'index.js': '' })],
    ['garbage manifest', 3000, () => install('/x', { 'manifest.json': '{ nope' })],
    ['invalid manifest', 3001, () => install('/x', { 'manifest.json': '{"name": 5, "version": 6}' })],
    ['missing main', 3100, () => install('/x', { 'manifest.json': '{"main": "nope.js"}' })],
    ['missing script', 3100, () => install('/x', service('', { scripts: { setup: 'nope.js' } }))],
    ['syntax error', 3101, () => install('/x', service('}{'))],
    ['syntax error in a script', 3101, () => install('/x', service('', { scripts: { other: 's.js' } }, { 's.js': 'let let' }))],
    ['main throws', 3103, () => install('/x', service('throw new Error("no")'))],
    ['setup throws', 3103, () => install('/x', service('', { scripts: { setup: 's.js' } }, { 's.js': 'throw new Error("no")' }))],
    ['leaves its folder', 3015, () => call('POST', '/_api/foxx?mount=/x', slip(), 'application/zip')],
    ['no zip after all', 3015, () => call('POST', '/_api/foxx?mount=/x', Buffer.from('PK\x03\x04garbage'), 'application/zip')],
    ['no such path', 3014, () => call('POST', '/_api/foxx?mount=/x', { source: '/no/such/path' })],
    ['relative path', 3014, () => call('POST', '/_api/foxx?mount=/x', { source: '../x' })],
  ];
  for (const [what, errorNum, answer] of bad) {
    const { status, body } = await answer();
    assert.deepEqual([body.errorNum, status], [errorNum, errorNum === 11 ? 403 : 400], `${what}: ${JSON.stringify(body)}`);
    assert.equal((await call('GET', '/x')).status, 404, what);
  }
  assert.deepEqual(await traces(), before);
});

function slip(): Buffer {
  const name = 'xxxxxxxxxxxx';
  return Buffer.from(
    zip({ 'manifest.json': '{}', [name]: 'boo' })
      .toString('latin1')
      .replaceAll(name, '../../evil.x'),
    'latin1',
  );
}

test('one mount, one service', async () => {
  assert.equal((await install('/taken', hello)).status, 201);
  const { status, body } = await install('/taken', hello);
  assert.deepEqual([status, body.errorNum], [409, 3011]);
  for (const method of ['PUT', 'PATCH']) {
    const missing = await call(method, '/_api/foxx/service?mount=/missing', { source: '/no/such/path' });
    assert.deepEqual([missing.status, missing.body.errorNum], [400, 3009]);
  }
  const unread = await call('POST', '/_api/foxx?mount=/taken', { source: '/no/such/path' });
  assert.equal(unread.body.errorNum, 3011);
});

test('what is not there is 400 with number 3009 for management', async () => {
  for (const [method, path] of [
    ['GET', '/_api/foxx/service'],
    ['DELETE', '/_api/foxx/service'],
    ['GET', '/_api/foxx/configuration'],
    ['GET', '/_api/foxx/scripts'],
    ['POST', '/_api/foxx/development'],
    ['GET', '/_api/foxx/readme'],
    ['POST', '/_api/foxx/download'],
  ] as const) {
    const { status, body } = await call(method, `${path}?mount=/dev/null`);
    assert.deepEqual([status, body.errorNum, body.errorMessage], [400, 3009, 'No service installed at mount path "/dev/null".'], path);
    assert.equal((await call(method, path)).status, 400, `${path} without mount`);
  }
});

test('setup and teardown run when they should', async () => {
  const scripts = { setup: 'setup.js', teardown: 'teardown.js' };
  const counting = (name: string): string => `
    const { db } = require('@arangodb');
    if (!db._collection('runs')) db._create('runs');
    db._query('UPSERT { _key: @name } INSERT { _key: @name, count: 1 } UPDATE { count: OLD.count + 1 } IN runs', { name: '${name}' });`;
  const counter = service('', { scripts }, { 'setup.js': counting('setup'), 'teardown.js': counting('teardown') });
  const counts = async (): Promise<readonly number[]> => {
    const { body } = await call('POST', '/_api/cursor', {
      query: 'RETURN [DOCUMENT("runs/setup").count || 0, DOCUMENT("runs/teardown").count || 0]',
    });
    return (body['result'] as number[][])[0] ?? [];
  };
  const steps: readonly (readonly [what: string, act: () => Promise<Answer>, setup: number, teardown: number])[] = [
    ['install', () => install('/count', counter), 1, 0],
    ['upgrade', () => call('PATCH', '/_api/foxx/service?mount=/count', zip(counter), 'application/zip'), 2, 0],
    ['upgrade with teardown', () => call('PATCH', '/_api/foxx/service?mount=/count&teardown=true', zip(counter), 'application/zip'), 3, 1],
    ['upgrade without setup', () => call('PATCH', '/_api/foxx/service?mount=/count&setup=false', zip(counter), 'application/zip'), 3, 1],
    ['replace', () => call('PUT', '/_api/foxx/service?mount=/count', zip(counter), 'application/zip'), 4, 2],
    [
      'replace without teardown',
      () => call('PUT', '/_api/foxx/service?mount=/count&teardown=false', zip(counter), 'application/zip'),
      5,
      2,
    ],
    ['a run by hand', () => call('POST', '/_api/foxx/scripts/setup?mount=/count'), 6, 2],
    ['uninstall', () => call('DELETE', '/_api/foxx/service?mount=/count'), 6, 3],
    ['install without setup', () => install('/count', counter, '&setup=false'), 6, 3],
    ['uninstall without teardown', () => call('DELETE', '/_api/foxx/service?mount=/count&teardown=false'), 6, 3],
  ];
  for (const [what, act, setup, teardown] of steps) {
    const { status, text } = await act();
    assert.ok(status < 300, `${what}: ${text}`);
    assert.deepEqual(await counts(), [setup, teardown], what);
  }
});

test('a service without its configuration answers 503 until it has it', async () => {
  const needy = service(`router.get('/', (req, res) => res.json(module.context.configuration));`, {
    configuration: { secret: { type: 'password' }, size: { type: 'integer', default: 5 } },
  });
  assert.equal((await install('/needy', needy)).status, 201);
  const refused = await call('GET', '/needy/whatever');
  assert.deepEqual([refused.status, refused.body], [503, { error: true, errorNum: 503, errorMessage: 'service unavailable', code: 503 }]);
  const page = await server.fetch('/needy', { headers: { accept: 'text/html' } });
  assert.equal(page.status, 503);
  assert.match(await page.text(), /Service needs to be configured/);

  const warned = await call('PATCH', '/_api/foxx/configuration?mount=/needy', { size: 'x', other: 1 });
  assert.deepEqual(warned.body, { values: { size: 5 }, warnings: { size: 'must be a number', other: 'is not allowed' } });
  assert.deepEqual((await call('PATCH', '/_api/foxx/configuration?mount=/needy', { secret: 'x' })).body, {
    values: { secret: 'x', size: 5 },
  });
  assert.deepEqual((await call('GET', '/needy')).body, { secret: 'x', size: 5 });

  await call('PATCH', '/_api/foxx/service?mount=/needy', zip(needy), 'application/zip');
  assert.deepEqual((await call('GET', '/needy')).body, { secret: 'x', size: 5 }, 'an upgrade keeps it');
  await call('PUT', '/_api/foxx/service?mount=/needy', zip(needy), 'application/zip');
  assert.equal((await call('GET', '/needy')).status, 503, 'a replacement does not');
});

test('a replacement that cannot be loaded is stored, and answers 503', async () => {
  await install('/breaks', hello);
  assert.equal(
    (await call('PUT', '/_api/foxx/service?mount=/breaks', zip(service('throw new Error("secret cause")')), 'application/zip')).status,
    200,
  );
  const { status, text } = await call('GET', '/breaks');
  assert.equal(status, 503);
  assert.doesNotMatch(text, /secret cause/);
  assert.equal((await call('PUT', '/_api/foxx/service?mount=/breaks', zip(hello), 'application/zip')).status, 200);
  assert.equal((await call('GET', '/breaks')).text, 'hello');
});

test('in production an edit has no effect and an error tells nothing', async () => {
  await install(
    '/prod',
    service(`router.get('/', (req, res) => res.send('one'));\nrouter.get('/fail', () => { throw new Error('secret cause'); });`),
  );
  const live = join(server.appPath, '_db', '_system', 'prod', 'APP', 'index.js');
  writeFileSync(live, readFileSync(live, 'utf8').replace("'one'", "'two'"));
  assert.equal((await call('GET', '/prod')).text, 'one');
  const { status, body, text } = await call('GET', '/prod/fail');
  assert.deepEqual([status, body], [500, { error: true, errorNum: 500, errorMessage: 'Internal Server Error', code: 500 }]);
  assert.doesNotMatch(text, /stack|secret/);
});

test('in development an edit shows at once, setup runs again, and an error tells all', async () => {
  const setup = `
    const { db } = require('@arangodb');
    if (!db._collection('dev_runs')) db._create('dev_runs');
    db.dev_runs.save({});`;
  await install(
    '/dev',
    service(
      `router.get('/', (req, res) => res.send('one'));\nrouter.get('/fail', () => { throw new Error('the cause'); });`,
      { scripts: { setup: 'setup.js' } },
      { 'setup.js': setup },
    ),
  );
  const on = await call('POST', '/_api/foxx/development?mount=/dev');
  assert.deepEqual([on.status, on.body['development']], [200, true]);
  const folder = on.body['path'] as string;
  const runs = async (): Promise<number> => (await call('GET', '/_api/collection/dev_runs/count')).body['count'] as number;
  const before = await runs();
  const edit = (from: string, to: string): void =>
    writeFileSync(join(folder, 'index.js'), readFileSync(join(folder, 'index.js'), 'utf8').replace(from, to));
  edit("'one'", "'two'");
  assert.equal((await call('GET', '/dev')).text, 'two');
  assert.equal(await runs(), before + 1);

  const failure = await call('GET', '/dev/fail');
  assert.equal(failure.status, 500);
  assert.match(String(failure.body['exception']), /the cause/);
  assert.ok((failure.body['stacktrace'] as string[]).some((line) => line.includes('index.js')));
  const page = await (await server.fetch('/dev/fail', { headers: { accept: 'text/html' } })).text();
  assert.match(page, /the cause/);

  writeFileSync(join(folder, 'manifest.json'), '{ broken');
  assert.equal((await call('GET', '/dev')).status, 503);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ name: 'renamed', version: '2.0.0', main: 'index.js' }));
  assert.equal((await call('GET', '/dev')).text, 'two');

  edit("'two'", "'three'");
  const off = await call('DELETE', '/_api/foxx/development?mount=/dev');
  assert.deepEqual([off.body['development'], off.body['name'], off.body['version']], [false, 'renamed', '2.0.0']);
  assert.notEqual(off.body['checksum'], on.body['checksum']);
  assert.equal((await call('GET', '/dev')).text, 'three');
  edit("'three'", "'four'");
  assert.equal((await call('GET', '/dev')).text, 'three');
  assert.equal((await call('GET', '/dev/fail')).body['stacktrace'], undefined);
});

test('parallel requests in development never run setup at the same time, and none fails', async () => {
  const setup = `
    const { db } = require('@arangodb');
    if (!db._collection('turns')) db._create('turns');
    const inside = db.turns.exists('inside');
    if (inside) throw new Error('setup runs twice at the same time');
    db.turns.insert({ _key: 'inside' });
    const end = Date.now() + 5;
    while (Date.now() < end);
    db.turns.remove('inside');`;
  await install(
    '/turns',
    service(`router.get('/', (req, res) => res.send('ok'));`, { scripts: { setup: 'setup.js' } }, { 'setup.js': setup }),
    '&development=true',
  );
  const answers = await Promise.all(Array.from({ length: 40 }, () => call('GET', '/turns')));
  assert.deepEqual([...new Set(answers.map(({ status, text }) => `${status} ${text}`))], ['200 ok']);
});

test('a service may call itself, also while it is loaded', async () => {
  const code = `
    const request = require('@arangodb/request');
    router.get('/inner', (req, res) => res.send('inner'));
    router.get('/outer', (req, res) => res.send('outer ' + request.get(module.context.baseUrl + '/inner').body));`;
  await install('/self', service(code));
  const answers = await Promise.all(Array.from({ length: 30 }, () => call('GET', '/self/outer')));
  assert.deepEqual([...new Set(answers.map(({ text }) => text))], ['outer inner']);
  await call('POST', '/_api/foxx/development?mount=/self');
  assert.equal((await call('GET', '/self/outer')).text, 'outer inner');
});

test('scripts get their argument and answer with their exports', async () => {
  await install(
    '/scripts',
    service(
      '',
      { scripts: { 'send-mail': 's.js', nothing: 'n.js', fails: 'f.js' } },
      {
        's.js': 'module.exports = module.context.argv;',
        'n.js': 'module.exports = undefined;',
        'f.js': 'const error = new Error("no"); error.statusCode = 418; throw error;',
      },
    ),
  );
  assert.deepEqual((await call('GET', '/_api/foxx/scripts?mount=/scripts')).body, {
    'send-mail': 'Send Mail',
    nothing: 'Nothing',
    fails: 'Fails',
  });
  const run = (name: string, body?: object): Promise<Answer> => call('POST', `/_api/foxx/scripts/${name}?mount=/scripts`, body);
  assert.deepEqual((await run('send-mail', { a: 1 })).body, [{ a: 1 }]);
  assert.deepEqual((await run('send-mail', [1, 2])).body, [[1, 2]]);
  assert.deepEqual((await run('send-mail')).body, []);
  assert.equal((await run('nothing')).text, 'null');
  assert.deepEqual((await run('unknown')).body.errorNum, 3016);
  assert.equal((await run('fails')).status, 418);
});

test('files lie where services expect them, and the bundle has the checksum', async () => {
  const { body } = await install('/deep/er-mount', hello);
  assert.equal(body['path'], join(server.appPath, '_db', '_system', 'deep', 'er-mount', 'APP'));
  assert.ok(existsSync(join(server.appPath, '_db', '_system', '_appbundles', 'deep_er_mount.zip')));
  const download = await server.fetch('/_api/foxx/download?mount=/deep/er-mount', { method: 'POST' });
  assert.equal(download.headers.get('content-disposition'), 'attachment; filename="deep_er_mount.zip"');
  assert.deepEqual(Buffer.from(await download.arrayBuffer()), zip(hello));
  assert.equal((await call('DELETE', '/_api/foxx/service?mount=/deep/er-mount')).status, 204);
  assert.ok(!existsSync(join(server.appPath, '_db', '_system', 'deep')));
});

test('damage on the disk is healed from the database', async () => {
  const { rmSync } = await import('node:fs');
  await install('/heal', hello);
  const live = join(server.appPath, '_db', '_system', 'heal', 'APP');
  const bundle = join(server.appPath, '_db', '_system', '_appbundles', 'heal.zip');
  const stray = join(server.appPath, '_db', '_system', 'stray', 'APP');
  for (const damage of [
    () => rmSync(live, { recursive: true }),
    () => rmSync(join(live, 'index.js')),
    () => rmSync(bundle),
    () => writeFileSync(bundle, 'garbage'),
    () => mkdirSync(stray, { recursive: true }),
  ]) {
    damage();
    assert.equal((await call('POST', '/_api/foxx/_local/heal')).status, 204);
    assert.ok(existsSync(join(live, 'index.js')) && existsSync(bundle) && !existsSync(stray));
    assert.equal((await call('GET', '/heal')).text, 'hello');
  }
});
