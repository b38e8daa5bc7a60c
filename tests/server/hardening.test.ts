/** The options that restrict services and their users, each with its effect, looked at as somebody would who wants more than they may. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { service, zip } from '../support/bundles.ts';
import { startServer, type TestServer, type TestServerOptions } from '../support/server.ts';

/** Runs the code it is sent, and says what came out of it. */
const RUNNER = service(
  `const joi = require('joi');
   router.post('/run', async (req, res) => {
     try { res.json({ value: (await new Function('require', 'module', 'process', 'return (async () => {' + req.body.code + '})()')(require, module, process)) ?? null }); }
     catch (error) { res.json({ error: error.errorNum ?? (error.cause && error.cause.errorNum) ?? String(error) }); }
   }).body(joi.object());
   router.get('/who', (req, res) => res.json({ user: req.arangoUser, authorized: req.authorized }));
   router.get('/throw', () => { require('fs').read('/etc/hostname'); });`,
);

/** Options are the same in all of them. */
const ONE_WORKER = ['--server.minimal-threads=1', '--server.maximal-threads=1'];

type Run = (code: string) => Promise<unknown>;

async function start(t: TestContext, args: readonly string[], options: TestServerOptions = {}): Promise<{ server: TestServer; run: Run }> {
  const server = await startServer({ arguments: [...ONE_WORKER, ...args], ...options });
  t.after(() => server.dispose());
  const installed = await server.fetch('/_api/foxx?mount=/run', {
    method: 'POST',
    body: zip(RUNNER),
    headers: { 'content-type': 'application/zip' },
  });
  assert.equal(installed.status, 201, await installed.text());
  const run: Run = async (code) => {
    const { value, error } = (await (await server.fetch('/run/run', { json: { code } })).json()) as { value?: unknown; error?: unknown };
    return error === undefined ? value : { error };
  };
  return { server, run };
}

const FORBIDDEN = { error: 11 };

test('services may do much, but not end the process, learn its secrets, or see what its threads share', async (t) => {
  const environment = { FOXDEN_SERVER_JWT_SECRET: 'a secret', SOME_SETTING: 'open', ARANGO_ROOT_PASSWORD: 'a password' };
  const { run, server } = await start(t, [], { environment });
  const everywhere = `const real = new Function('return this')().process; return [process.env, real.env, require('internal').env, require('node:process').env]`;
  assert.deepEqual(
    await run(`${everywhere}.map((env) => [env.SOME_SETTING, env.FOXDEN_SERVER_JWT_SECRET, env.ARANGO_ROOT_PASSWORD])`),
    Array.from({ length: 4 }, () => ['open', null, null]),
  );
  for (const code of [
    'process.exit(3)',
    'process.kill(process.pid)',
    'process.abort()',
    `require('child_process').execSync('id')`,
    `require('node:child_process').spawn('id')`,
    `require('internal').executeExternalAndWait('id')`,
    `require('internal').testPort('tcp://127.0.0.1:1')`,
  ]) {
    assert.deepEqual(await run(`return ${code}`), FORBIDDEN, code);
  }
  assert.deepEqual(await run(`process.env.MINE = '1'; return [process.env.MINE, new Function('return this')().process.env.MINE ?? null]`), [
    '1',
    null,
  ]);
  assert.equal(await run(`return JSON.stringify(require('internal').options()).includes('a secret')`), false);
  assert.equal(await run(`return require('internal').options()['foxx.api']`), true);
  for (const code of [
    `require('worker_threads')`,
    `require('module').createRequire('/x.js')('worker_threads')`,
    `(await import('node:worker_threads'))`,
  ]) {
    assert.deepEqual(
      await run(`const { workerData, parentPort } = ${code}; return [workerData ?? null, parentPort ?? null]`),
      [null, null],
      code,
    );
  }
  const shared = await server.fetch('/run/run', { json: { code: `return 1` }, headers: {} });
  assert.equal(shared.status, 200);
  assert.equal((await server.fetch('/_admin/execute', { method: 'POST', body: 'return 1' })).status, 404, 'not unless it is switched on');
});

test('a body that a service keeps does not show the requests of others', async (t) => {
  const { server } = await start(t, []);
  const spy = service(
    `router.post('/raw', (req, res) => { const { rawBody } = req; res.json([rawBody.toString(), rawBody.buffer.byteLength, rawBody.buffer instanceof SharedArrayBuffer]); });`,
  );
  await server.fetch('/_api/foxx?mount=/spy', { method: 'POST', body: zip(spy), headers: { 'content-type': 'application/zip' } });
  const answer = await server.fetch('/spy/raw', { method: 'POST', body: 'mine', headers: { 'content-type': 'text/plain' } });
  assert.deepEqual(await answer.json(), ['mine', 4, false]);
});

test('lists restrict variables, options, files and connections', async (t) => {
  const web = createServer((_, answer) => answer.end('reached')).listen(0, '127.0.0.1');
  await once(web, 'listening');
  after(() => web.close());
  const { port } = web.address() as { port: number };
  const { server, run } = await start(
    t,
    [
      '--javascript.environment-variables-allowlist=^SOME_',
      '--javascript.environment-variables-denylist=PRIVATE$',
      '--javascript.startup-options-allowlist=^foxx\\.',
      '--javascript.startup-options-denylist=queues',
      '--javascript.endpoints-allowlist=^tcp://127\\.0\\.0\\.1:',
      `--javascript.endpoints-denylist=:${port}$`,
      '--javascript.files-allowlist=/allowed/',
      '--javascript.files-denylist=secret',
    ],
    { environment: { SOME_SETTING: '1', SOME_PRIVATE: '2', OTHER: '3', TMPDIR: '/tmp' } },
  );
  assert.deepEqual(await run(`return Object.keys(new Function('return this')().process.env)`), ['SOME_SETTING']);
  assert.deepEqual(await run(`return Object.keys(require('internal').options()).filter((name) => /queues|server/.test(name))`), []);
  assert.equal(await run(`return require('internal').options()['foxx.api']`), true);

  const url = `http://127.0.0.1:${port}/`;
  for (const code of [
    `require('@arangodb/request').get('${url}').body`,
    `require('internal').download('${url}').body`,
    `(await (await fetch('${url}')).text())`,
    `await new Promise((resolve, reject) => require('http').get('${url}', resolve).on('error', reject))`,
    `require('net').connect(${port}, '127.0.0.1')`,
    `require('net').connect({ port: 25, host: 'elsewhere.example' })`,
    `require('@arangodb/request').get('http://elsewhere.example/').body`,
  ]) {
    assert.deepEqual(await run(`return ${code}`), FORBIDDEN, code);
  }
  const own = server.url.replace(/\/$/, '');
  assert.equal(await run(`return require('@arangodb/request').get('${own}/run/who').status`), 200);

  const allowed = join(server.folder, 'allowed');
  mkdirSync(allowed);
  writeFileSync(join(allowed, 'file'), 'content');
  writeFileSync(join(allowed, 'secret'), 'secret');
  // The folder for temporary files is a service's, so the forbidden ones must lie elsewhere.
  for (const path of ['/etc/hostname', '/tmp/../etc/hostname']) {
    for (const code of [
      `require('fs').read('${path}')`,
      `require('node:fs').readFileSync('${path}')`,
      `await require('fs/promises').readFile('${path}')`,
      `new (require('node:fs').ReadStream)('${path}')`,
      `require('node:fs').promises.readFile(new URL('file://${path}'))`,
    ]) {
      assert.deepEqual(await run(`return ${code}`), FORBIDDEN, code);
    }
  }
  assert.deepEqual(
    await run(
      `const fs = require('fs'); fs.symlinkSync; require('node:fs').symlinkSync('/etc', module.context.fileName('link')); return fs.read(module.context.fileName('link/hostname'))`,
    ),
    FORBIDDEN,
  );
  assert.equal(await run(`return require('fs').read(module.context.fileName('manifest.json')).includes('made')`), true);
  const thrown = await server.fetch('/run/throw');
  assert.deepEqual([thrown.status, ((await thrown.json()) as { code: number }).code], [403, 403]);
});

test('what is switched on can be done, and what is switched off cannot', async (t) => {
  const modules = mkdtempSync(join(tmpdir(), 'foxden-modules-'));
  t.after(() => rmSync(modules, { recursive: true }));
  mkdirSync(join(modules, 'shared'));
  writeFileSync(join(modules, 'shared/answer.js'), 'module.exports = 42;');
  const { server, run } = await start(t, [
    '--javascript.allow-external-process-control',
    '--javascript.allow-port-testing',
    '--javascript.allow-admin-execute',
    '--javascript.harden',
    '--javascript.transactions=false',
    '--javascript.tasks=false',
    '--javascript.user-defined-functions=false',
    `--javascript.module-directory=${modules}`,
  ]);
  assert.equal(await run(`return require('shared/answer')`), 42);
  assert.deepEqual(await run(`const { status, exit } = require('internal').executeExternalAndWait('false'); return [status, exit]`), [
    'TERMINATED',
    1,
  ]);
  assert.equal(await run(`return require('child_process').execSync('echo 1').toString()`), '1\n');
  assert.equal(await run(`return require('internal').testPort('tcp://127.0.0.1:0')`), true);
  assert.deepEqual(await run(`return require('internal').getPid()`), FORBIDDEN);
  assert.equal(await run(`return process.pid`), 0);
  assert.deepEqual(await run(`return require('@arangodb/aql/functions').register('a::b', () => 1)`), FORBIDDEN);
  const execute = await server.fetch('/_admin/execute?returnAsJSON=true', {
    method: 'POST',
    body: `return require('@arangodb').db._name()`,
  });
  assert.equal(await execute.json(), '_system');
  const transaction = await server.fetch('/_api/transaction', { json: { collections: {}, action: 'function () { return 1; }' } });
  assert.equal(transaction.status, 403);
  assert.notEqual((await server.fetch('/_api/tasks', { json: { name: 'x', command: '1' } })).status, 200);
});

test('services and their management can be switched off', async (t) => {
  const first = await start(t, []);
  await first.server.stop();
  const { folder } = first.server;
  const statuses = async (option: string, ...paths: readonly string[]): Promise<readonly number[]> => {
    const server = await startServer({ folder, arguments: [...ONE_WORKER, option] });
    const answers = await Promise.all(paths.map((path) => server.fetch(path)));
    await server.stop();
    return answers.map(({ status }) => status);
  };
  assert.deepEqual(await statuses('--foxx.api=false', '/_api/foxx', '/run/who'), [403, 200]);
  assert.deepEqual(await statuses('--foxx.enable=false', '/run/who'), [403]);
  assert.deepEqual(await statuses('--javascript.enabled=false', '/run/who'), [403]);
  assert.equal(existsSync(folder), true);
});

test('users come by no more than they were granted, also by JavaScript and services', async (t) => {
  const first = await startServer({ arguments: [...ONE_WORKER, '--database.password=root!'] });
  t.after(() => first.dispose());
  await first.fetch('/_api/user', { json: { user: 'reader', passwd: 'reader!' } });
  await first.fetch('/_api/database', { json: { name: 'shop', users: [{ username: 'root' }] } });
  await first.fetch('/_api/user/reader/database/shop', { json: { grant: 'ro' }, method: 'PUT' });
  await first.fetch('/_db/shop/_api/collection', { json: { name: 'c' } });
  await first.fetch('/_db/shop/_api/document/c', { json: { _key: 'kept' } });
  await first.fetch('/_db/shop/_api/foxx?mount=/run', {
    method: 'POST',
    body: zip(RUNNER),
    headers: { 'content-type': 'application/zip' },
  });
  await first.stop();
  const server = await startServer({ folder: first.folder, arguments: [...ONE_WORKER, '--server.authentication=true', '--server.harden'] });
  t.after(() => server.dispose());
  const authorization = `Basic ${Buffer.from('reader:reader!').toString('base64')}`;
  const ask = async (
    path: string,
    body?: object,
    headers: Record<string, string> = { authorization },
  ): Promise<{ status: number; body: Record<string, unknown> }> => {
    const answer = await fetch(server.url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const transaction = (action: string): Promise<{ status: number }> =>
    ask('/_db/shop/_api/transaction', { collections: { read: ['c'] }, action: `function () { ${action} }` });
  for (const action of [
    `require('@arangodb').db.c.remove('kept')`,
    `require('@arangodb').db._query('FOR d IN c REMOVE d IN c')`,
    `require('@arangodb').db._useDatabase('_system'); return require('@arangodb').db._users.toArray()`,
    `require('@arangodb/users').grantDatabase('reader', '_system', 'rw')`,
    `require('@arangodb').db._createDatabase('mine')`,
  ]) {
    const { status } = await transaction(action);
    assert.ok(status === 403 || status === 401 || status === 404, `${status}: ${action}`);
  }
  assert.equal((await transaction(`return require('@arangodb').db.c.count()`)).status, 200);
  assert.equal((await ask('/_db/shop/_api/document/c/kept')).status, 200, 'it is still there');

  assert.equal((await ask('/_api/version')).status, 401, 'no right on that database');
  const version = await ask('/_db/shop/_api/version?details=true');
  const told = ['apiVersions', 'deprecatedApiVersions', 'license', 'requestedApiVersion', 'server'];
  assert.deepEqual(Object.keys(version.body).toSorted(), told, 'a hardened server says no more');
  assert.deepEqual((await ask('/_db/shop/run/who')).body, { user: 'reader', authorized: true });
  assert.deepEqual((await ask('/_db/shop/run/who', undefined, {})).body, { user: null, authorized: false }, 'services are public');
  await server.stop();
  const closed = await startServer({
    folder: first.folder,
    arguments: [...ONE_WORKER, '--server.authentication=true', '--server.authentication-system-only=false'],
  });
  t.after(() => closed.dispose());
  assert.equal((await fetch(`${closed.url}/_db/shop/run/who`)).status, 401);
  assert.equal((await fetch(`${closed.url}/_db/shop/run/who`, { headers: { authorization } })).status, 200);
});
