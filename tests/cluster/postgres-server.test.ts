/** A foxden on PostgreSQL from outside: documents, queries, transactions, a service; a restart; a database that goes away for a while. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { service, zip } from '../support/bundles.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startServer, type TestServer } from '../support/server.ts';

let postgres: TestPostgres;
let server: TestServer;
let url: string;
const options = (): string[] => [
  `--storage.url=${url}`,
  '--storage.pool-size=8',
  '--server.minimal-threads=2',
  '--storage.failover-timeout=60',
];

before(async () => {
  postgres = await startPostgres();
  url = await postgres.createDatabase();
  server = await startServer({ arguments: options() });
});
after(async () => {
  await server.dispose();
  await postgres.stop();
});

type Body = Record<string, unknown>;

async function send(
  method: string,
  path: string,
  json?: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Body }> {
  const answer = await fetch(server.url + path, { method, headers, ...(json !== undefined && { body: JSON.stringify(json) }) });
  const text = await answer.text();
  return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as Body };
}

async function query(text: string, bindVars: Body = {}): Promise<unknown> {
  const { status, body } = await send('POST', '/_api/cursor', { query: text, bindVars });
  assert.equal(status, 201, JSON.stringify(body));
  return body['result'];
}

test('documents, indexes and queries', async () => {
  await send('POST', '/_api/collection', { name: 'people' });
  const documents = Array.from({ length: 1500 }, (_, i) => ({ _key: `p${i}`, age: i % 100, name: `Ä${i}\u0000`, minus: -0 }));
  assert.equal((await send('POST', '/_api/document/people?silent=true', documents)).status, 202);
  assert.equal((await send('POST', '/_api/index?collection=people', { type: 'persistent', fields: ['age'] })).status, 201);
  assert.deepEqual(await query('RETURN LENGTH(people)'), [1500]);
  assert.deepEqual(await query('FOR p IN people FILTER p.age == @age SORT p._key LIMIT 3 RETURN p.name', { age: 7 }), [
    'Ä1007\u0000',
    'Ä107\u0000',
    'Ä1107\u0000',
  ]);
  assert.deepEqual(
    await query('FOR p IN people FILTER p.age < 2 UPDATE p WITH { young: true } IN people COLLECT WITH COUNT INTO n RETURN n'),
    [30],
  );
  assert.equal((await send('POST', '/_api/document/people', { _key: 'p1' })).body['errorNum'], 1210);
  assert.equal((await send('PATCH', '/_api/document/people/p1', { age: 1000 })).status, 202);
  assert.equal((await send('GET', '/_api/document/people/p1')).body['age'], 1000);
  assert.equal((await send('DELETE', '/_api/document/people/p1')).status, 202);
  assert.equal((await send('GET', '/_api/document/people/p1')).status, 404);
});

test('transactions, of one request and of several', async () => {
  await send('POST', '/_api/collection', { name: 'accounts' });
  await send('POST', '/_api/document/accounts', [
    { _key: 'a', amount: 10 },
    { _key: 'b', amount: 10 },
  ]);
  const action = `() => {
    const { db } = require('@arangodb');
    for (const [key, change] of [['a', -3], ['b', 3]]) db.accounts.update(key, { amount: db.accounts.document(key).amount + change });
  }`;
  assert.equal((await send('POST', '/_api/transaction', { collections: { write: 'accounts' }, action })).status, 200);
  assert.deepEqual(await query('FOR a IN accounts SORT a._key RETURN a.amount'), [7, 13]);
  const exclusive = { collections: { exclusive: 'accounts' }, action };
  const all = await Promise.all(Array.from({ length: 6 }, () => send('POST', '/_api/transaction', exclusive)));
  assert(
    all.every(({ status }) => status === 200),
    JSON.stringify(all),
  );
  assert.deepEqual(await query('FOR a IN accounts SORT a._key RETURN a.amount'), [-11, 31]);

  const begin = async (): Promise<Record<string, string>> => {
    const { body } = await send('POST', '/_api/transaction/begin', { collections: { write: 'accounts' } });
    return { 'x-arango-trx-id': (body['result'] as { id: string }).id };
  };
  const [one, other] = [await begin(), await begin()];
  for (const inside of [one, other]) assert.equal((await send('PATCH', '/_api/document/accounts/a', { amount: 0 }, inside)).status, 202);
  const commit = (inside: Record<string, string>): ReturnType<typeof send> => send('PUT', `/_api/transaction/${inside['x-arango-trx-id']}`);
  assert.equal((await commit(one)).status, 200);
  assert.equal((await commit(other)).body['errorNum'], 1200);
});

test('a service, before and after a restart', async () => {
  const files = service(`
    router.get('/count', (req, res) => res.json(query\`FOR p IN people COLLECT WITH COUNT INTO n RETURN n\`.toArray()));
    router.post('/add', (req, res) => res.json(db.people.save({ age: 5 }, { returnNew: true }).new.age));
  `);
  const installed = await fetch(`${server.url}/_api/foxx?mount=/people`, {
    method: 'POST',
    headers: { 'content-type': 'application/zip' },
    body: zip(files),
  });
  assert.equal(installed.status, 201, await installed.text());
  assert.deepEqual((await send('GET', '/people/count')).body, [1499]);
  assert.deepEqual((await send('POST', '/people/add')).body, 5);
  await server.stop();
  server = await startServer({ folder: server.folder, arguments: options() });
  assert.deepEqual((await send('GET', '/people/count')).body, [1500]);
});

test('a database that is away for a while is waited for', async () => {
  await postgres.crash();
  const asked = send('GET', '/people/count');
  await postgres.restart();
  assert.deepEqual((await asked).body, [1500]);
});
