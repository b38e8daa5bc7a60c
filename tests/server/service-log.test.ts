/** `/_api/foxx/log`: what each service wrote to its console, alone and as it comes; and `/_api/foxx/openapi`. */
import assert from 'node:assert/strict';
import { after, before as beforeAll, test } from 'node:test';
import { service, zip } from '../support/bundles.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ workers: 1, arguments: ['--log.level=v8=fatal'] });
  for (const mount of ['/one', '/two']) {
    const body = zip(
      service(
        `router.get('/say/:level/:text', (req, res) => {\n console[req.pathParams.level](req.pathParams.text, { mount: '${mount}' });\n res.json(1);\n});\nrouter.get('/throw', () => { throw new Error('thrown'); });`,
      ),
    );
    await server.fetch(`/_api/foxx?mount=${mount}`, { method: 'POST', body, headers: { 'content-type': 'application/zip' } });
  }
});
after(() => server.dispose());

interface Line {
  readonly id: number;
  readonly level: string;
  readonly date: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
}

async function lines(query: string): Promise<readonly Line[]> {
  return ((await (await server.fetch(`/_api/foxx/log?${query}`)).json()) as { messages: readonly Line[] }).messages;
}

test('the lines of a service are its own, with level, time and place', async () => {
  await server.fetch('/one/say/info/first');
  await server.fetch('/two/say/info/other');
  await server.fetch('/one/say/debug/second');
  await server.fetch('/one/throw');
  const all = await lines('mount=/one');
  assert.deepEqual(
    all.slice(0, 2).map(({ level, message, file, line }) => [level, message, file, line]),
    [
      ['INFO', `first { mount: '/one' }`, 'index.js', 6],
      ['DEBUG', `second { mount: '/one' }`, 'index.js', 6],
    ],
  );
  assert.match(all[2]?.message ?? '', /encountered error 500[^]*thrown/);
  assert.ok(Math.abs(Date.parse(all[0]?.date ?? '') - Date.now()) < 60_000);
  assert.deepEqual((await lines('mount=/one&upto=info')).length, 2);
  assert.deepEqual((await lines('mount=/one&level=debug&search=SECOND')).length, 1);
  assert.deepEqual((await lines('mount=/one&sort=desc&size=1'))[0]?.message, all.at(-1)?.message);
  assert.equal((await server.fetch('/_api/foxx/log?mount=/none')).status, 400);
  assert.equal((await server.fetch('/_api/foxx/log?mount=/one&level=loud')).status, 400);
});

test('whoever waits gets the next line when it comes', async () => {
  const next = Math.max(0, ...(await lines('mount=/two')).map(({ id }) => id)) + 1;
  const waiting = lines(`mount=/two&start=${next}&wait=20`);
  await server.fetch('/two/say/warn/soon');
  assert.deepEqual(
    (await waiting).map(({ message }) => message),
    [`soon { mount: '/two' }`],
  );
  assert.deepEqual(await lines(`mount=/two&start=${next + 100}&wait=0.1`), []);
});

test('a service that writes much pushes out its own lines only', async () => {
  for (let batch = 0; batch < 30; batch++)
    await Promise.all(Array.from({ length: 10 }, (_, n) => server.fetch(`/one/say/info/line-${batch * 10 + n}`)));
  const own = await lines('mount=/one');
  assert.ok(own.length > 200 && own.length <= 256, String(own.length));
  assert.ok((await lines('mount=/two')).length >= 1);
});

test('the documentation of a service is there as Swagger 2.0 and as OpenAPI 3.1', async () => {
  const read = async (path: string): Promise<Record<string, unknown>> =>
    (await (await server.fetch(path)).json()) as Record<string, unknown>;
  assert.equal((await read('/_api/foxx/swagger?mount=/one'))['swagger'], '2.0');
  for (const path of [
    '/_api/foxx/openapi?mount=/one',
    '/_api/foxx/swagger?mount=/one&version=3.1',
    '/_api/foxx/swagger?mount=/one&version=3',
  ])
    assert.equal((await read(path))['openapi'], '3.1.0');
  assert.equal((await server.fetch('/_api/foxx/swagger?mount=/one&version=4')).status, 400);
});
