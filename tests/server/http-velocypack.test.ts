/** VelocyPack bodies in and out, for the API and for services, on a running server. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { decodeVelocypack, encodeVelocypack, type Value, type ValueObject } from '#values';
import { foxxCli, startServer, type TestServer } from '../support/server.ts';

const TYPE = 'application/x-velocypack';

let server: TestServer;

before(async () => {
  server = await startServer({ workers: 1 });
});
after(() => server.dispose());

async function send(method: string, path: string, value?: Value, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(server.url + path, {
    method,
    headers: { ...(value === undefined ? {} : { 'content-type': TYPE }), accept: TYPE, ...headers },
    ...(value === undefined ? {} : { body: encodeVelocypack(value) }),
  });
}

async function decoded(response: Response): Promise<ValueObject> {
  assert.equal(response.headers.get('content-type'), TYPE);
  return decodeVelocypack(new Uint8Array(await response.arrayBuffer())) as ValueObject;
}

test('documents, queries and errors travel as VelocyPack', async () => {
  assert.equal((await decoded(await send('POST', '/_api/collection', { name: 'things' })))['name'], 'things');
  const documents = [
    { _key: 'a', n: 1.5, list: [1, 'zwei', null, { deep: [true] }], big: 2 ** 60, negative: -7000 },
    { _key: 'b', text: 'é狐'.repeat(100), empty: {}, none: [] },
  ];
  const written = await decoded(await send('POST', '/_api/document/things', documents));
  assert.equal((written as unknown as readonly Value[]).length, 2);
  const { _id, _rev, ...read } = await decoded(await send('GET', '/_api/document/things/a'));
  assert.deepEqual(read, documents[0]);

  const query = { query: 'FOR t IN things FILTER t._key == @key RETURN t.text', bindVars: { key: 'b' } };
  assert.deepEqual((await decoded(await send('POST', '/_api/cursor', query)))['result'], [documents[1]?.text]);

  const missing = await send('GET', '/_api/document/things/none');
  assert.equal(missing.status, 404);
  assert.equal((await decoded(missing))['errorNum'], 1202);
});

test('a body that is no VelocyPack is 400, and changes nothing', async () => {
  for (const body of ['ff', '06090331323303040f', '42', '0b0601']) {
    const headers = { 'content-type': TYPE };
    const answer = await fetch(`${server.url}/_api/cursor`, { method: 'POST', headers, body: Buffer.from(body, 'hex') });
    assert.equal(answer.status, 400, body);
    assert.equal(((await answer.json()) as { errorNum: number }).errorNum, 600);
  }
});

test('the client says what it wants', async () => {
  const type = async (accept: string): Promise<string | null> => {
    const answer = await fetch(`${server.url}/_api/version`, { headers: { accept } });
    await answer.arrayBuffer();
    return answer.headers.get('content-type');
  };
  const json = 'application/json; charset=utf-8';
  assert.equal(await type('*/*'), json);
  assert.equal(await type('application/json'), json);
  assert.equal(await type(`application/json, ${TYPE};q=0.5`), json);
  assert.equal(await type(`${TYPE};q=0, application/json`), json);
  assert.equal(await type(`${TYPE}, application/json;q=0.5`), TYPE);
  assert.equal(await type('Application/X-Velocypack'), TYPE);
});

test('compression works with it, in both directions', async () => {
  const body = gzipSync(encodeVelocypack({ query: 'RETURN @x', bindVars: { x: 'y'.repeat(1000) } }));
  const headers = { 'content-type': TYPE, 'content-encoding': 'gzip', accept: TYPE };
  const answer = await fetch(`${server.url}/_api/cursor`, { method: 'POST', headers, body });
  assert.deepEqual((await decoded(answer))['result'], ['y'.repeat(1000)]);
  assert.equal(gunzipSync(body).length > 1000, true);
});

test('a service reads it as JSON and is read as VelocyPack', async () => {
  assert.equal(foxxCli(server, 'install', '/todo', 'tests/services/todo-list').status, 0);
  const made = await send('POST', '/todo/lists', { name: 'groceries' });
  assert.ok(made.status < 500, String(made.status));
  assert.equal(made.headers.get('content-type'), TYPE);
  assert.equal(typeof decodeVelocypack(new Uint8Array(await made.arrayBuffer())), 'object');
});
