/** What /_api/document promises beside the documents themselves: headers, ways to name a document, and what arrays answer. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;

before(async () => {
  server = await startServer({ workers: 1 });
  await server.fetch('/_api/collection', { json: { name: 'birds' } });
  await server.fetch('/_api/collection', { json: { name: 'flights', type: 3 } });
});
after(async () => server.dispose());

const write = async (method: string, path: string, json: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${server.url}/_api/document/${path}`, { method, body: JSON.stringify(json), headers });

const body = async (response: Response): Promise<Readonly<Record<string, unknown>>> =>
  (await response.json()) as Readonly<Record<string, unknown>>;

test('HEAD tells the length that GET would have', async () => {
  await write('POST', 'birds', { _key: 'wren', song: 'loud' });
  const [head, got] = await Promise.all(
    ['HEAD', 'GET'].map((method) =>
      fetch(`${server.url}/_api/document/birds/wren`, { method, headers: { 'accept-encoding': 'identity' } }),
    ),
  );
  assert.equal(head!.headers.get('content-length'), got!.headers.get('content-length'));
  assert.equal(await head!.text(), '');
});

test('a revision may stand in either quotes, and what is none fits no document', async () => {
  const { _rev } = await body(await write('POST', 'birds', { _key: 'tit' }));
  for (const ifMatch of [`"${String(_rev)}"`, `'${String(_rev)}'`, `  ${String(_rev)}`]) {
    const answer = await fetch(`${server.url}/_api/document/birds/tit`, { headers: { 'if-match': ifMatch } });
    assert.equal(answer.status, 200, ifMatch);
  }
  for (const method of ['PUT', 'PATCH', 'DELETE']) {
    assert.equal((await write(method, 'birds/tit', {}, { 'if-match': '*not one' })).status, 412, method);
  }
});

test('a write of which every element has failed waits for no disk', async () => {
  await server.fetch('/_api/collection', { json: { name: 'synced', waitForSync: true } });
  assert.equal((await write('POST', 'synced', [{ _key: 'a' }])).status, 201);
  assert.equal((await write('POST', 'synced', [{ _key: 'a' }])).status, 202);
  assert.equal((await write('DELETE', 'synced?ignoreRevs=false', [{ _key: 'a', _rev: 'other' }])).status, 202);
  assert.equal((await write('DELETE', 'synced', ['none', 'a'])).status, 200);
});

test('errors of arrays are counted by number in a header', async () => {
  const answer = await write('POST', 'birds', [{ _key: 'a' }, { _key: 'a' }, { _key: '/' }, { _key: 'a' }]);
  assert.deepEqual(JSON.parse(answer.headers.get('x-arango-error-codes') ?? ''), { 1210: 2, 1221: 1 });
  const read = await write('PUT', 'birds?onlyget=true', ['a', 'none']);
  assert.equal(read.headers.get('x-arango-error-codes'), null);
  assert.equal((await write('POST', 'birds', [{ _key: 'b' }])).headers.get('x-arango-error-codes'), null);
});

test('the body of a removal may name one document', async () => {
  await write('POST', 'birds', { _key: 'gone' });
  const removed = await write('DELETE', 'birds', { _key: 'gone' });
  assert.deepEqual([removed.status, (await body(removed))['_id']], [202, 'birds/gone']);
  assert.equal((await write('DELETE', 'birds', { _key: 'gone' })).status, 404);
});

test('the collection of an array may stand in the query', async () => {
  await write('POST', 'birds', [{ _key: 'x' }, { _key: 'y' }]);
  const updated = await write('PATCH', '?collection=birds&returnNew=true', [{ _key: 'x', n: 1 }]);
  assert.equal(((await updated.json()) as { new: { n: number } }[])[0]!.new.n, 1);
  const replaced = await write('PUT', '?collection=birds', [{ _key: 'y', n: 2 }]);
  assert.equal(replaced.status, 202);
});

test('an insert that updates drops what is null, unless it is told to keep it', async () => {
  for (const [query, kept] of [
    ['', false],
    ['&keepNull=true', true],
    ['&keepNull=false', false],
  ] as const) {
    await write('POST', 'birds?overwriteMode=replace', { _key: 'owl', n: 1 });
    const answer = await write('POST', `birds?overwriteMode=update&returnNew=true${query}`, { _key: 'owl', n: null });
    assert.equal('n' in ((await body(answer))['new'] as object), kept, query);
  }
  assert.equal((await write('POST', 'birds?overwriteMode=unheard', { _key: 'owl' })).status, 409);
});

test('edges may name a collection by its number', async () => {
  const { id } = await body(await fetch(`${server.url}/_api/collection/birds`));
  const flight = await body(await write('POST', 'flights?returnNew=true', { _from: `${String(id)}/a`, _to: 'birds/b' }));
  assert.equal((flight['new'] as { _from: string })._from, `${String(id)}/a`);
});
