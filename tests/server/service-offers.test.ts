/** Services that nobody has to bring along: of a template, and of a store. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before as beforeAll, test } from 'node:test';
import { saying, service, zip } from '../support/bundles.ts';
import { startServer, type TestServer } from '../support/server.ts';

const folder = mkdtempSync(join(tmpdir(), 'foxden-test-'));
mkdirSync(join(folder, 'applications'));
mkdirSync(join(folder, 'sources', 'tool'), { recursive: true });
writeFileSync(join(folder, 'sources', 'hello-1.zip'), zip(saying('one')));
writeFileSync(join(folder, 'sources', 'hello-2.zip'), zip(saying('two')));
for (const [path, text] of Object.entries(service(`router.get('/', (req, res) => res.send('tool'));`)))
  writeFileSync(join(folder, 'sources', 'tool', path), text);
const HELLO = {
  name: 'hello',
  description: 'Says a number',
  keywords: ['greeting'],
  versions: {
    '1.0.0': { type: 'path', location: 'sources/hello-1.zip' },
    '2.0.0': { type: 'path', location: 'sources/hello-2.zip' },
    '9.0.0': { type: 'path', location: 'sources/hello-2.zip', engines: { arangodb: '^99.0.0' } },
  },
};
writeFileSync(join(folder, 'applications', 'hello.json'), JSON.stringify(HELLO));
const TOOL = {
  name: 'tool',
  versions: { '1.0.0': { type: 'path', location: 'sources/tool' }, '1.1.0': { type: 'path', location: '../secret' } },
};
writeFileSync(join(folder, 'applications', 'tool.json'), JSON.stringify(TOOL));
writeFileSync(join(folder, 'applications', 'broken.json'), '{');

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ workers: 1, arguments: [`--foxx.store-location=${folder}`] });
});
after(async () => {
  await server.dispose();
  rmSync(folder, { recursive: true });
});

async function install(mount: string, body: object, on = server): Promise<{ readonly code?: number; readonly errorMessage?: string }> {
  return (await (await on.fetch(`/_api/foxx?mount=${mount}`, { json: body })).json()) as { code?: number; errorMessage?: string };
}

test('a template becomes a service with collections, routes and tests that pass', async () => {
  const { templates } = (await (await server.fetch('/_api/foxx/templates')).json()) as {
    templates: { name: string; fields: { name: string }[] }[];
  };
  assert.deepEqual(
    templates.map(({ name }) => name),
    ['collections', 'hello'],
  );
  const values = {
    name: 'shop',
    author: `A "quoted" \`name\``,
    description: '${process} and \u0027 */ </script>',
    license: 'MIT',
    documentCollections: ['wares'],
    edgeCollections: ['bought-with'],
  };
  const installed = await install('/shop', { template: 'collections', values });
  assert.equal(installed.errorMessage, undefined);
  const created = await server.fetch('/shop/wares', { json: { price: 3 } });
  assert.equal(created.status, 201);
  const { _key } = (await created.json()) as { _key: string };
  assert.equal(((await (await server.fetch(`/shop/wares/${_key}`)).json()) as { price: number }).price, 3);
  assert.equal((await server.fetch('/shop/bought-with', { json: { _from: 'a/1', _to: 'a/2' } })).status, 201);
  const report = (await (await server.fetch('/_api/foxx/tests?mount=/shop', { method: 'POST' })).json()) as {
    stats: { passes: number; failures: number };
  };
  assert.deepEqual([report.stats.passes, report.stats.failures], [2, 0]);
  assert.equal((await server.fetch('/_api/foxx/service?mount=/shop', { method: 'DELETE' })).status, 204);
  assert.equal((await server.fetch('/_api/collection/shop_wares')).status, 404);

  await install('/hello', { template: 'hello', values: { name: 'hello' } });
  assert.equal(await (await server.fetch('/hello')).text(), 'Hello World!');
  const bundle = await server.fetch('/_api/foxx/templates/hello', { json: { name: 'mine', version: '3.0.0' } });
  assert.equal(bundle.headers.get('content-type'), 'application/zip');
  assert.equal(Buffer.from(await bundle.arrayBuffer()).toString('latin1', 0, 2), 'PK');
});

test('what would become program text or leave the folder is refused', async () => {
  const cases: readonly (readonly [string, object, RegExp])[] = [
    ['none', {}, /no template "none"/],
    ['hello', {}, /"name"/],
    ['hello', { name: '../x' }, /"name"/],
    ['hello', { name: 'x', version: 'one' }, /"version"/],
    ['hello', { name: 'x', author: 1 }, /"author"/],
    ['hello', { name: 'x', documentCollections: ['a'] }, /does not ask/],
    ['collections', { name: 'x', documentCollections: [`a'); evil(); ('`] }, /"documentCollections"/],
    ['collections', { name: 'x', documentCollections: ['../../a'] }, /"documentCollections"/],
    ['collections', { name: 'x', documentCollections: ['a'], edgeCollections: ['A'] }, /name of its own/],
  ];
  for (const [template, values, message] of cases) {
    const { code, errorMessage } = await install('/refused', { template, values });
    assert.equal(code, 400, template);
    assert.match(errorMessage ?? '', message);
  }
});

test('a folder is a store', async () => {
  const { isConfigured, services } = (await (await server.fetch('/_api/foxx/store')).json()) as {
    isConfigured: boolean;
    services: readonly { name: string; newest: string; versions: string[] }[];
  };
  assert.ok(isConfigured);
  assert.deepEqual(
    services.map(({ name, newest, versions }) => [name, newest, versions.length]),
    [
      ['hello', '2.0.0', 3],
      ['tool', '1.1.0', 2],
    ],
  );
  await install('/newest', { store: { name: 'hello' } });
  await install('/older', { store: { name: 'hello', version: '1.0.0' } });
  await install('/tool', { store: { name: 'tool', version: '1.0.0' } });
  for (const [mount, text] of [
    ['/newest', 'two'],
    ['/older', 'one'],
    ['/tool', 'tool'],
  ] as const)
    assert.equal(await (await server.fetch(mount)).text(), text);
  assert.match((await install('/x', { store: { name: 'tool' } })).errorMessage ?? '', /may leave its folder/);
  for (const wanted of [{ name: 'none' }, { name: 'hello', version: '3.0.0' }, { name: 'hello', version: 'constructor' }])
    assert.match((await install('/x', { store: wanted })).errorMessage ?? '', /source path not found/);
  assert.equal((await install('/x', { store: 'hello' })).code, 400);
});

test('a zip at an address is a store, and is asked for once', async (context) => {
  let count = 0;
  const archive = zip({
    'store-main/applications/hello.json': JSON.stringify({ name: 'hello', versions: { '1.0.0': { type: 'path', location: 'hello.zip' } } }),
  });
  const shop = createServer((_, answer) => {
    count++;
    answer.end(archive);
  });
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  context.after(() => shop.close());
  const { port } = shop.address() as AddressInfo;
  const own = await startServer({
    arguments: [`--foxx.store-location=http://127.0.0.1:${port}/main.zip`, '--server.maximal-threads=1', '--server.minimal-threads=1'],
  });
  context.after(() => own.dispose());
  const names = async (path: string): Promise<string[]> =>
    ((await (await own.fetch(path)).json()) as { services: { name: string }[] }).services.map(({ name }) => name);
  assert.deepEqual(await names('/_api/foxx/store'), ['hello']);
  assert.deepEqual(await names('/_api/foxx/store'), ['hello']);
  assert.equal(count, 1);
  assert.deepEqual(await names('/_api/foxx/store?refresh=true'), ['hello']);
  assert.equal(count, 2);
});

test('without one nobody is asked', async (context) => {
  const own = await startServer({ workers: 1 });
  context.after(() => own.dispose());
  assert.deepEqual(await (await own.fetch('/_api/foxx/store')).json(), { isConfigured: false, services: [] });
  assert.match((await install('/x', { store: { name: 'hello' } }, own)).errorMessage ?? '', /--foxx\.store-location/);
});
