/** The older driver, which foxx-cli and many services use, unmodified. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { aql, Database } from 'arangojs-8';
import { CollectionType } from 'arangojs-8/collection.js';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let db: Database;

before(async () => {
  server = await startServer({ arguments: ['--server.minimal-threads=2'] });
  const system = new Database({ url: server.url });
  db = await system.createDatabase('shop');
  system.close();
});
after(async () => {
  db.close();
  await server.dispose();
});

test('documents, edges, queries in batches and transactions', async () => {
  const items = await db.createCollection('items');
  const parts = await db.createEdgeCollection('parts');
  assert.equal((await parts.get()).type, CollectionType.EDGE_COLLECTION);
  await items.saveAll(Array.from({ length: 25 }, (_, n) => ({ _key: `i${n}`, n })));
  await parts.save({ _from: 'items/i0', _to: 'items/i1' });
  assert.equal((await parts.outEdges('items/i0')).edges.length, 1);
  const cursor = await db.query<number>(aql`FOR i IN ${items} SORT i.n RETURN i.n`, { batchSize: 10 });
  assert.deepEqual(
    await cursor.all(),
    Array.from({ length: 25 }, (_, n) => n),
  );
  const streamed = await db.query<number>(aql`FOR i IN ${items} RETURN i.n`, { stream: true, batchSize: 7 });
  let count = 0;
  for await (const batch of streamed.batches) count += batch.length;
  assert.equal(count, 25);

  const transaction = await db.beginTransaction({ write: ['items'] });
  await transaction.step(() => items.remove('i24'));
  assert.equal(await items.documentExists('i24'), true);
  await transaction.commit();
  assert.equal(await items.documentExists('i24'), false);
  const imported = await items.import([{ _key: 'i0', n: -1 }, { _key: 'new' }], { onDuplicate: 'update' });
  assert.deepEqual([imported.created, imported.updated], [1, 1]);
});

test('graphs with their vertices and edges', async () => {
  const graph = db.graph('friends');
  await graph.create([{ collection: 'knows', from: ['people'], to: ['people'] }]);
  const people = graph.vertexCollection('people');
  await people.save({ _key: 'ada' });
  await people.save({ _key: 'bob' });
  const { _key } = await graph.edgeCollection('knows').save({ _from: 'people/ada', _to: 'people/bob', since: 1840 });
  assert.equal((await graph.edgeCollection('knows').edge(_key)).since, 1840);
  await people.remove('ada');
  assert.equal(await graph.edgeCollection('knows').edgeExists(_key), false);
  assert.deepEqual(
    (await db.listGraphs()).map(({ name }) => name),
    ['friends'],
  );
  await graph.drop(true);
});

test('users, jobs and the log', async () => {
  await db.createUser('ada', { passwd: 'secret', extra: { role: 'reader' } });
  await db.setUserAccessLevel('ada', { database: db, grant: 'ro' });
  assert.equal(await db.getUserAccessLevel('ada', { database: db }), 'ro');
  const job = await db.createJob(() => db.query('RETURN 1 + 1').then((cursor) => cursor.next()));
  while (!(await job.getCompleted())) await new Promise((resolve) => setTimeout(resolve, 10));
  await job.load();
  assert.ok(await db.getLogEntries());
  assert.equal((await db.version()).server, 'arango');
});
