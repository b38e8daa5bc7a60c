/** A database is copied out and brought back over HTTP, as arangodump and arangorestore do it, while it goes on changing. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { asker, type Ask } from '../support/ask.ts';
import { startServer, type TestServer } from '../support/server.ts';

const COUNT = 3000;

let server: TestServer;
let ask: Ask;

before(async () => {
  // With several threads requests for a snapshot come to others than the one that holds it.
  server = await startServer({ arguments: ['--server.minimal-threads=3', '--server.maximal-threads=3'] });
  ask = asker(server);
  await ask('POST', '/_api/collection', { name: 'people', keyOptions: { type: 'autoincrement', increment: 2 } });
  await ask('POST', '/_api/collection', { name: 'knows', type: 3 });
  await ask('POST', '/_api/collection', { name: 'empty' });
  await ask('POST', '/_api/index?collection=people', { type: 'persistent', fields: ['name'], unique: true, name: 'by-name' });
  const people = Array.from({ length: COUNT }, (_, index) => ({ _key: `p${index}`, name: `person ${index}`, bio: 'é'.repeat(50) }));
  await ask('POST', '/_api/document/people', people);
  await ask('POST', '/_api/document/knows', [{ _key: 'e', _from: 'people/p1', _to: 'people/p2' }]);
});
after(() => server.dispose());

interface Inventory {
  readonly collections: readonly { readonly parameters: Record<string, unknown>; readonly indexes: readonly Record<string, unknown>[] }[];
}

async function begin(): Promise<string> {
  const { status, body } = await ask('POST', '/_api/replication/batch', { ttl: 60 });
  assert.equal(status, 200);
  assert.equal(typeof body['lastTick'], 'string');
  return String(body['id']);
}

/** All lines of a collection, in chunks. */
async function dump(batch: string, collection: string, options = ''): Promise<string> {
  let text = '';
  for (let chunks = 0; ; chunks++) {
    assert.ok(chunks < 1000, 'a dump ends');
    const answer = await ask(
      'GET',
      `/_api/replication/dump?collection=${collection}&batchId=${batch}&chunkSize=20000&useEnvelope=false${options}`,
    );
    assert.ok(answer.status === 200 || answer.status === 204, answer.text);
    text += answer.text;
    if (answer.headers.get('x-arango-replication-checkmore') === 'false') return text;
  }
}

function sorted(lines: string): unknown[] {
  const documents = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { readonly _key: string });
  return documents.toSorted((a, b) => (a._key < b._key ? -1 : 1));
}

test('a batch is a moment: what changes later is not in it', async () => {
  const batch = await begin();
  const first = await dump(batch, 'people');
  await ask('POST', '/_api/document/people', { _key: 'later', name: 'later' });
  await ask('PATCH', '/_api/document/people/p0', { bio: 'changed' });
  assert.equal(sorted(first).length, COUNT);
  assert.deepEqual(sorted(await dump(batch, 'people')), sorted(first));
  assert.equal(sorted(await dump(await begin(), 'people')).length, COUNT + 1);
  await ask('DELETE', '/_api/document/people/later');

  assert.equal((await ask('PUT', `/_api/replication/batch/${batch}`, { ttl: 5 })).status, 204);
  assert.equal((await ask('DELETE', `/_api/replication/batch/${batch}`)).status, 204);
  assert.equal((await ask('DELETE', `/_api/replication/batch/${batch}`)).body['errorNum'], 1600);
  assert.equal((await ask('GET', `/_api/replication/dump?collection=people&batchId=${batch}`)).status, 404);
});

test('lines can have an envelope, and an empty collection has none', async () => {
  const batch = await begin();
  const { text } = await ask('GET', `/_api/replication/dump?collection=knows&batchId=${batch}`);
  const { type, key, data } = JSON.parse(text) as { type: number; key: string; data: Record<string, unknown> };
  assert.deepEqual([type, key, data['_from']], [2300, 'e', 'people/p1']);
  assert.equal((await ask('GET', `/_api/replication/dump?collection=empty&batchId=${batch}`)).status, 204);
  assert.equal((await ask('GET', `/_api/replication/dump?collection=none&batchId=${batch}`)).status, 404);
});

test('the dump of 3.12 gives all collections in numbered batches, and a batch again to who has not got it', async () => {
  const started = await ask('POST', '/_api/dump/start', { shards: ['people', 'empty', 'knows'], batchSize: 50_000, ttl: 60 });
  assert.equal(started.status, 201);
  const id = started.headers.get('x-arango-dump-id') ?? '';
  const found = new Map<string, number>();
  for (let number = 0; ; number++) {
    const path = `/_api/dump/next/${id}?batchId=${number}${number === 0 ? '' : `&lastBatch=${number - 1}`}`;
    const answer = await ask('POST', path);
    if (answer.status === 204) break;
    assert.equal((await ask('POST', path)).text, answer.text);
    const collection = answer.headers.get('x-arango-dump-shard-id') ?? '';
    found.set(collection, (found.get(collection) ?? 0) + sorted(answer.text).length);
  }
  assert.deepEqual(Object.fromEntries(found), { people: COUNT, knows: 1 });
  assert.equal((await ask('DELETE', `/_api/dump/${id}`)).status, 200);
  assert.equal((await ask('POST', `/_api/dump/next/${id}?batchId=0`)).status, 404);
});

test('what was dumped is restored as it was, revisions, keys and indexes', async () => {
  await ask('POST', '/_api/database', { name: 'copy' });
  const batch = await begin();
  const { body } = await ask('GET', `/_api/replication/inventory?batchId=${batch}&includeSystem=false`);
  const { collections } = body as unknown as Inventory;
  assert.deepEqual(
    collections.map(({ parameters }) => String(parameters['name'])).toSorted((a, b) => (a < b ? -1 : 1)),
    ['empty', 'knows', 'people'],
  );
  for (const { parameters, indexes } of collections) {
    const name = String(parameters['name']);
    const collection = { parameters, indexes };
    for (let round = 0; round < 2; round++) {
      const made = await ask('PUT', '/_db/copy/_api/replication/restore-collection?overwrite=true', collection);
      assert.deepEqual([made.status, made.body['result']], [200, true], made.text);
    }
    assert.equal((await ask('PUT', '/_db/copy/_api/replication/restore-collection', collection)).status, 409);
    assert.equal((await ask('PUT', '/_db/copy/_api/replication/restore-indexes', collection)).status, 200);
    const lines = await dump(batch, name);
    const restored = await ask('PUT', `/_db/copy/_api/replication/restore-data?collection=${name}`, lines);
    assert.equal(restored.status, 200, restored.text);
    const there = asker({ url: `${server.url}/_db/copy` });
    const again = String((await there('POST', '/_api/replication/batch', { ttl: 60 })).body['id']);
    const copied = await there('GET', `/_api/replication/dump?collection=${name}&batchId=${again}&useEnvelope=false`);
    assert.deepEqual(sorted(copied.text), sorted(lines));
  }
  const { body: index } = await ask('GET', '/_db/copy/_api/index?collection=people');
  assert.equal((index['indexes'] as Record<string, unknown>[]).find(({ name }) => name === 'by-name')?.['unique'], true);
  const twice = await ask('POST', '/_db/copy/_api/document/people', { name: 'person 5' });
  assert.equal(twice.body['errorNum'], 1210);
});

test('removals in an envelope are carried out, and what is no line is refused', async () => {
  await ask('POST', '/_api/collection', { name: 'restored' });
  const lines = [
    { type: 2300, data: { _key: 'a', n: 1 } },
    { type: 2300, data: { _key: 'b', n: 2 } },
    { type: 2302, key: 'a' },
  ];
  await ask('PUT', '/_api/replication/restore-data?collection=restored', lines.map((line) => JSON.stringify(line)).join('\n'));
  assert.equal((await ask('GET', '/_api/document/restored/b')).body['n'], 2);
  assert.equal((await ask('GET', '/_api/document/restored/a')).status, 404);
  assert.equal((await ask('PUT', '/_api/replication/restore-data?collection=restored', '{"_key":')).status, 400);
  assert.equal((await ask('PUT', '/_api/replication/restore-collection', {})).status, 400);
});

test('positions are told in the form that tools expect', async () => {
  const { body: state } = await ask('GET', '/_api/replication/logger-state');
  assert.equal((state['state'] as Record<string, unknown>)['running'], true);
  const { body: range } = await ask('GET', '/_api/wal/range');
  assert.match(String(range['tickMax']), /^\d+$/);
  const { body: last } = await ask('GET', '/_api/wal/lastTick');
  assert.ok(BigInt(String(last['tick'])) > BigInt(String(range['tickMax'])));
  const { body: all } = await ask('GET', '/_api/replication/inventory?global=true');
  assert.ok('_system' in (all['databases'] as object));
});
