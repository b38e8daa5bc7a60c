/** arangojs over TLS and HTTP/2, and its graphs and tokens. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Database } from 'arangojs';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let db: Database;

before(async () => {
  server = await startServer({
    arguments: [
      '--server.endpoint=ssl://127.0.0.1:0',
      '--ssl.keyfile=tests/server/localhost.pem',
      '--server.authentication=true',
      '--database.password=pw',
    ],
  });
  let secureUrl: string | undefined;
  while ((secureUrl = /https:\/\/127\.0\.0\.1:\d+/.exec(server.output())?.[0]) === undefined)
    await new Promise((resolve) => setTimeout(resolve, 20));
  db = new Database({
    url: secureUrl,
    auth: { username: 'root', password: 'pw' },
    agentOptions: { allowH2: true, connect: { rejectUnauthorized: false } },
  });
});
after(async () => {
  db.close();
  await server.dispose();
});

test('a hundred requests at once go over HTTP/2', async () => {
  const items = await db.createCollection('items');
  await Promise.all(Array.from({ length: 100 }, (_, n) => items.save({ _key: String(n), text: 'x'.repeat(1000 * n) })));
  assert.equal((await items.count()).count, 100);
  const metrics = await fetch(`${server.url}/_admin/metrics/v2`, {
    headers: { authorization: `Basic ${Buffer.from('root:pw').toString('base64')}` },
  });
  const [, connections] = /arangodb_http2_connections_total (\d+)/.exec(await metrics.text()) ?? [];
  assert.ok(Number(connections) > 0, 'HTTP/2 was spoken');
});

test('graphs and access tokens', async () => {
  const graph = await db.createGraph('friends', [{ collection: 'knows', from: 'people', to: 'people' }]);
  await graph.vertexCollection('people').save({ _key: 'ada' });
  assert.deepEqual(await graph.listVertexCollections(), ['people']);
  const { token } = await db.createAccessToken('root', { name: 'test' });
  await db.login('root', token);
  assert.equal((await graph.vertexCollection('people').vertex('ada'))['_key'], 'ada');
  await db.renewAuthToken();
  assert.equal((await db.version()).server, 'arango');
});
