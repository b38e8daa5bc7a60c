/** Stream transactions over HTTP, whichever worker a request comes to; expiry; and what silent writes answer. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../support/fixtures.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

async function send(method: string, path: string, json?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const response = await fetch(server.url + path, { method, headers, ...(json === undefined ? {} : { body: JSON.stringify(json) }) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: (text === '' ? {} : JSON.parse(text)) as Answer['body'] };
}

async function begin(definition: unknown): Promise<string> {
  const { status, body } = await send('POST', '/_api/transaction/begin', definition);
  assert.equal(status, 201, JSON.stringify(body));
  return (body['result'] as { readonly id: string }).id;
}

const inside = (id: string): Readonly<Record<string, string>> => ({ 'x-arango-trx-id': id });

before(async () => {
  server = await startServer({ arguments: ['--ttl.frequency=1000', '--transaction.streaming-idle-timeout=2'] });
  for (const name of ['c', 'd', 'gone']) await send('POST', '/_api/collection', { name });
  await send('POST', '/_api/document/c', { _key: 'a', n: 1 });
});
after(async () => server.dispose());

test('transactions are listed whichever workers hold them', async () => {
  const ids = await Promise.all(Array.from({ length: 8 }, () => begin({ collections: { write: 'c' } })));
  for (let i = 0; i < 4; i++) {
    const { body } = await send('GET', '/_api/transaction');
    const listed = (body['transactions'] as readonly { readonly id: string; readonly state: string }[]).map(({ id }) => id);
    assert.deepEqual(
      ids.filter((id) => !listed.includes(id)),
      [],
    );
  }
  for (const id of ids) assert.equal((await send('DELETE', `/_api/transaction/${id}`)).status, 200);
  assert.deepEqual((await send('GET', '/_api/transaction')).body['transactions'], []);
});

test('what is exclusive is waited for, and not for ever', async () => {
  const first = await begin({ collections: { exclusive: ['c'] } });
  const refused = await send('POST', '/_api/transaction/begin', { collections: { exclusive: 'c' }, lockTimeout: 0.1 });
  assert.deepEqual([refused.status, refused.body['errorNum']], [400, 18]);
  const later = begin({ collections: { exclusive: 'c' } });
  await send('PATCH', '/_api/document/c/a', { n: 2 }, inside(first));
  assert.equal((await send('PUT', `/_api/transaction/${first}`)).status, 200);
  const second = await later;
  assert.equal((await send('GET', '/_api/document/c/a', undefined, inside(second))).body['n'], 2);
  await send('DELETE', `/_api/transaction/${second}`);
});

test('collections that are not declared are refused if that is asked for, in either place', async () => {
  for (const definition of [{ collections: { read: 'c', allowImplicit: false } }, { collections: { read: 'c' }, allowImplicit: false }]) {
    const id = await begin(definition);
    assert.equal((await send('GET', '/_api/document/d/x', undefined, inside(id))).body['errorNum'], 1652);
    assert.equal((await send('POST', '/_api/cursor', { query: 'FOR x IN d RETURN x' }, inside(id))).body['errorNum'], 1652);
    assert.equal((await send('GET', '/_api/document/c/a', undefined, inside(id))).status, 200);
    await send('DELETE', `/_api/transaction/${id}`);
  }
});

test('a transaction that nobody uses is aborted', async () => {
  const id = await begin({ collections: { write: 'c' } });
  await send('POST', '/_api/document/c', { _key: 'late' }, inside(id));
  const status = async (): Promise<string> =>
    ((await send('GET', `/_api/transaction/${id}`)).body['result'] as { readonly status: string }).status;
  await eventually('its end', async () => (await status()) === 'aborted');
  const late = await send('PUT', '/_api/collection/c/truncate', undefined, inside(id));
  assert.deepEqual([late.status, late.body['errorNum']], [410, 1654]);
  assert.equal((await send('GET', '/_api/document/c/late')).status, 404);
});

test('documents go when their time has come', async () => {
  await send('POST', '/_api/index?collection=gone', { type: 'ttl', fields: ['at'], expireAfter: 0 });
  await send('POST', '/_api/document/gone', [{ at: 1 }, { at: '2001-01-01' }, { _key: 'stays', at: 1e10 }]);
  await eventually('their end', async () => (await send('GET', '/_api/collection/gone/count')).body['count'] === 1);
  assert.equal((await send('GET', '/_api/document/gone/stays')).status, 200);
});

test('a silent write answers an empty object, and errors', async () => {
  const silent = (method: string, path: string, json?: unknown): Promise<Answer> =>
    send(method, `/_api/document/d${path}?silent=true`, json);
  const empty: readonly Answer[] = [
    await silent('POST', '', { _key: 'a' }),
    await silent('PATCH', '/a', { n: 1 }),
    await silent('PUT', '/a', { n: 2 }),
    await silent('POST', '', [{ _key: 'b' }, { _key: 'c' }]),
    await silent('PATCH', '', [{ _key: 'b', n: 1 }]),
    await silent('PUT', '', [{ _key: 'b', n: 1 }]),
    await silent('DELETE', '', ['b', 'c']),
    await silent('DELETE', '/a'),
  ];
  for (const { status, body } of empty) assert.deepEqual([status, body], [202, {}]);
  await silent('POST', '', { _key: 'a' });
  const mixed = await silent('POST', '', [{ _key: 'a' }, { _key: 'z' }]);
  assert.deepEqual([mixed.status, mixed.headers.get('x-arango-error-codes')], [202, '{"1210":1}']);
  assert.deepEqual(
    (mixed.body as unknown as readonly Record<string, unknown>[]).map(({ errorNum }) => errorNum),
    [1210],
  );
});
