/** The tools of `foxden` between real servers: import that is killed and goes on, backups of a server under load, and the shell. */
import assert from 'node:assert/strict';
import { appendFileSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { service, zip } from '../support/bundles.ts';
import { runTool, startTool } from '../support/cli.ts';
import { startServer, type TestServer } from '../support/server.ts';

const DOCUMENTS = 20_000;
const scratch = mkdtempSync(join(tmpdir(), 'foxden-tools-'));
let source: TestServer;

before(async () => {
  source = await startServer({ workers: 1 });
  await fill(source);
});
after(async () => {
  await source.dispose();
  rmSync(scratch, { recursive: true, force: true });
});

async function ask<Shape>(server: TestServer, path: string, options: Parameters<TestServer['fetch']>[1] = {}): Promise<Shape> {
  const response = await server.fetch(path, options);
  const answer = (await response.json()) as Shape;
  assert.ok(response.status < 300, `${path}: ${JSON.stringify(answer)}`);
  return answer;
}

async function fill(server: TestServer): Promise<void> {
  await ask(server, '/_api/database', { json: { name: 'shop' } });
  const orders = {
    name: 'orders',
    keyOptions: { type: 'autoincrement' },
    schema: { rule: { type: 'object' }, level: 'strict', message: 'no', type: 'json' },
  };
  await ask(server, '/_db/shop/_api/collection', { json: orders });
  await ask(server, '/_db/shop/_api/collection', { json: { name: 'likes', type: 3 } });
  await ask(server, '/_db/shop/_api/index?collection=orders', { json: { type: 'persistent', fields: ['n'], unique: true, name: 'by-n' } });
  const documents = Array.from({ length: DOCUMENTS }, (_, n) => ({
    n,
    text: `"],"hasMore":false ${n} \u{1f98a}`,
    list: [[], {}, n / 3, -0, null],
  }));
  for (let at = 0; at < DOCUMENTS; at += 5000) {
    await ask(server, '/_db/shop/_api/document/orders?silent=true', { json: documents.slice(at, at + 5000) });
  }
  await ask(server, '/_db/shop/_api/document/likes', { json: { _from: 'orders/1', _to: 'orders/2', hasMore: [] } });
  await ask(server, '/_api/user', { json: { user: 'anna', passwd: 'geheim', extra: { born: 1999 } } });
  await ask(server, '/_api/user/anna/database/shop', { method: 'PUT', json: { grant: 'ro' } });
  const code = `router.get('/', (req, res) => res.send(module.context.configuration.word)); module.context.collection('x');`;
  const form = new FormData();
  form.set('source', new Blob([new Uint8Array(zip(service(code, { configuration: { word: { type: 'password' } } })))]), 'data.bin');
  form.set('configuration', '{"word":"fox"}');
  await ask(server, '/_db/shop/_api/foxx?mount=/words', { method: 'POST', body: form });
}

/** Everything of a collection, in the order of the store, as text. */
async function dump(server: TestServer, collection: string): Promise<string> {
  const { result } = await ask<{ result: unknown[] }>(server, '/_db/shop/_api/cursor', {
    json: { query: 'FOR d IN @@c RETURN TO_STRING(d)', bindVars: { '@c': collection }, batchSize: DOCUMENTS },
  });
  return result.join('\n');
}

test('an import that is killed goes on, and in the end everything is equal', async () => {
  const target = await startServer({ workers: 1 });
  const state = join(scratch, 'state.json');
  const args = ['import', '--from', source.url, '-H', target.url, '--state', state, '--batch-size', '500'];
  try {
    const first = startTool('foxden', args);
    while (!existsSync(state)) await new Promise((resolve) => setTimeout(resolve, 5));
    await first.end('SIGKILL');

    const { status, stdout, stderr } = await runTool('foxden', [...args, '--json']);
    assert.equal(status, 0, stderr + stdout);
    assert.deepEqual(JSON.parse(stdout), {
      databases: 2,
      collections: 2,
      documents: DOCUMENTS + 1,
      indexes: 1,
      graphs: 0,
      functions: 0,
      users: 1,
      services: [{ database: 'shop', mount: '/words', state: 'runs' }],
      remarks: [],
    });
    assert.ok(!existsSync(state));
    for (const collection of ['orders', 'likes'])
      assert.ok((await dump(target, collection)) === (await dump(source, collection)), collection);

    const properties = await ask<{ keyOptions: { type: string }; schema: object }>(target, '/_db/shop/_api/collection/orders/properties');
    assert.equal(properties.keyOptions.type, 'autoincrement');
    assert.ok(properties.schema !== null);
    const { indexes } = await ask<{ indexes: { name: string; unique: boolean }[] }>(target, '/_db/shop/_api/index?collection=orders');
    assert.ok(indexes.some(({ name, unique }) => name === 'by-n' && unique));
    await ask(target, '/_open/auth', { json: { username: 'anna', password: 'geheim' } });
    assert.deepEqual((await ask<{ result: object }>(target, '/_api/user/anna/database')).result, { shop: 'ro' });
    assert.equal(await (await target.fetch('/_db/shop/words/')).text(), 'fox');
  } finally {
    await target.dispose();
  }
});

test('a backup of a server under load is whole; a damaged one is refused', async () => {
  const load = new AbortController();
  const writer = (async (): Promise<void> => {
    for (let n = DOCUMENTS; !load.signal.aborted; n++) await ask(source, '/_db/shop/_api/document/orders', { json: { n } });
  })();
  const { status, stdout, stderr } = await runTool('foxden', ['backup', '-H', source.url, '--label', 'loaded', '--json']);
  load.abort();
  await writer;
  assert.equal(status, 0, stderr);
  const { id, path } = JSON.parse(stdout) as { id: string; path: string };
  assert.match(id, /^\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\dZ_loaded$/);
  assert.match((await runTool('foxden', ['backup', 'list', '-H', source.url])).stdout, /_loaded/);
  const kept = join(scratch, 'kept');
  cpSync(path, kept, { recursive: true });
  assert.equal((await runTool('foxden', ['backup', 'remove', id, '-H', source.url])).status, 0);
  assert.deepEqual(readdirSync(join(path, '..')), []);

  const folder = join(scratch, 'restored');
  assert.equal((await runTool('foxden', ['restore', kept, join(folder, 'data')])).status, 0);
  assert.match((await runTool('foxden', ['restore', kept, join(folder, 'data')])).stderr, /is not empty/);
  const restored = await startServer({ workers: 1, folder });
  try {
    const { count } = await ask<{ count: number }>(restored, '/_db/shop/_api/collection/orders/count');
    assert.ok(count >= DOCUMENTS);
    const { result } = await ask<{ result: number[] }>(restored, '/_db/shop/_api/cursor', {
      json: { query: 'FOR n IN 0..@last FILTER (FOR o IN orders FILTER o.n == n RETURN 1) == [] RETURN n', bindVars: { last: count - 1 } },
    });
    assert.deepEqual(result, [], 'each document is found by its index');
    assert.equal(await (await restored.fetch('/_db/shop/words/')).text(), 'fox');
  } finally {
    await restored.stop('SIGKILL');
  }

  appendFileSync(join(kept, 'data/data.mdb'), 'x');
  const damaged = await runTool('foxden', ['restore', kept, join(scratch, 'never')]);
  assert.equal(damaged.status, 1);
  assert.match(damaged.stderr, /The backup is damaged: data\/data\.mdb has \d+ bytes, and should have \d+\./);
  assert.ok(!existsSync(join(scratch, 'never')));
  assert.match((await runTool('foxden', ['restore', scratch, join(scratch, 'never')])).stderr, /is not a backup/);
});

test('the shell runs JavaScript and AQL, and prints what comes out', async () => {
  const shell = (...args: readonly string[]): ReturnType<typeof runTool> =>
    runTool('foxden', ['shell', '-H', source.url, '-D', 'shop', ...args]);
  assert.equal((await shell('-e', 'FOR i IN 1..2 RETURN {i, square: i * i}')).stdout, 'i  square\n-  ------\n1  1\n2  4\n2 results\n');
  assert.equal((await shell('--json', '-e', 'db.likes.count()')).stdout, '1\n');
  assert.match((await shell('-e', 'db._collections()')).stdout, /\[collection likes\]/);
  const script = `
    const made = db._create('made');
    const { _key } = made.insert({ a: 1 });
    made.update(_key, { b: 2 });
    print(made.document(_key).a + made.document(_key).b, made.exists(_key), made.exists('nope'));
    made.ensureIndex({ type: 'persistent', fields: ['a'] });
    print(made.indexes().length, made.byExample({ a: 1 }).toArray().length);
    made.remove(_key);
    db._drop('made');
    db._useDatabase('_system');
    db._name()
  `;
  const { stdout, stderr } = await runTool('foxden', ['shell', '-H', source.url, '-D', 'shop'], { input: script });
  assert.equal(stdout, '3 true false\n2 1\n_system\n'.replace('_system', `'_system'`), stderr);
  const failed = await shell('-e', 'FOR x IN nothing RETURN x');
  assert.equal(failed.status, 1);
  assert.match(failed.stderr, /Code: 1203/);
});

test('a server that is whole is found to be', async () => {
  const { status, stdout } = await runTool('foxden', ['check', '-H', source.url, '--only', 'shop', '--json']);
  const { documents, entries, services, problems } = JSON.parse(stdout) as Record<string, unknown>;
  assert.deepEqual({ services, problems }, { services: 1, problems: [] });
  assert.ok(Number(documents) > DOCUMENTS && Number(entries) > 2 * DOCUMENTS);
  assert.equal(status, 0);
  assert.match((await runTool('foxden', ['check', '-H', source.url])).stdout, /all is well/);
});
