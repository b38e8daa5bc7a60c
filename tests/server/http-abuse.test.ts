/** Bodies that are meant to break a server: each gets a clear answer, and the server goes on. (What breaks framing is in smuggling.test.ts and http2.test.ts.) */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import { asker, type Ask } from '../support/ask.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let ask: Ask;

before(async () => {
  server = await startServer({
    workers: 1,
    arguments: ['--http.maximal-body-size=4000000', '--server.authentication=true', '--database.password=pw'],
  });
  ask = asker(server, { authorization: `Basic ${Buffer.from('root:pw').toString('base64')}` });
  await ask('POST', '/_api/collection', { name: 'c' });
});
after(() => server.dispose());

function nested(open: string, inner: string, close: string, depth: number): string {
  return open.repeat(depth) + inner + close.repeat(depth);
}

const DEEP = 100_000;

/** A body that is nested deeper than JSON is read on this version of Node, or not. */
const TOO_DEEP_OR_NOT = [400, 201];

const BODIES: readonly (readonly [name: string, path: string, body: string, status: number | readonly number[]])[] = [
  ['arrays in arrays', '/_api/document/c', nested('[', '', ']', DEEP), 202],
  ['objects in objects', '/_api/document/c', nested('{"a":', '1', '}', DEEP), 400],
  ['a deep bind parameter', '/_api/cursor', `{"query":"RETURN @x","bindVars":{"x":${nested('[', '', ']', DEEP)}}}`, TOO_DEEP_OR_NOT],
  ['deep options', '/_api/collection', `{"name":"d","schema":${nested('{"a":', '1', '}', DEEP)}}`, 400],
  ['a deep expression', '/_api/cursor', JSON.stringify({ query: `RETURN ${nested('(', '1', ')', DEEP)}` }), 400],
  ['a deep array in a query', '/_api/cursor', JSON.stringify({ query: `RETURN ${nested('[', '', ']', DEEP)}` }), 400],
  ['a body that is cut', '/_api/document/c', '{"a":', 400],
  ['two values', '/_api/document/c', '{} {}', 400],
  ['a byte order mark', '/_api/document/c', '\ufeff{}', 400],
  ['a number beyond numbers', '/_api/document/c', `{"a":${'9'.repeat(1_000_000)}}`, 202],
  ['names of prototypes', '/_api/document/c', '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}', 202],
];

test('deep and broken JSON gets a clear answer, and the server goes on', async () => {
  for (const [name, path, body, expected] of BODIES) {
    const { status, text } = await ask('POST', path, body);
    const isExpected = [expected].flat().includes(status) || (expected === 400 && status === 404);
    assert.ok(isExpected, `${name}: ${status} ${text.slice(0, 200)}`);
    assert.equal((await ask('GET', '/_api/version')).status, 200, name);
  }
  assert.equal((await ask('POST', '/_api/cursor', { query: 'RETURN HAS({}, "polluted")' })).text.includes('[false]'), true);
});

async function sendEncoded(body: Uint8Array, encoding: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const answer = await fetch(`${server.url}/_api/document/c`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('root:pw').toString('base64')}`, 'content-encoding': encoding, ...headers },
    body,
  });
  await answer.arrayBuffer();
  return answer.status;
}

test('a small body that inflates to a large one is refused', async () => {
  const bomb = Buffer.alloc(200_000_000, ' ');
  assert.equal(await sendEncoded(gzipSync(bomb), 'gzip'), 413);
  assert.equal(await sendEncoded(deflateSync(bomb), 'deflate'), 413);
  assert.equal(await sendEncoded(gzipSync(gzipSync(bomb)), 'gzip'), 400);
  assert.equal(await sendEncoded(Buffer.from('no gzip'), 'gzip'), 400);
  assert.equal(await sendEncoded(gzipSync('{}').subarray(0, 10), 'gzip'), 400);
  assert.equal(await sendEncoded(gzipSync('{}'), 'gzip'), 202);
});

test('nobody unknown has a body inflated', async () => {
  assert.equal(await sendEncoded(Buffer.from('no gzip'), 'gzip', { authorization: 'Basic bm86' }), 401);
});

test('VelocyPack that lies about its lengths is refused', async () => {
  const type = { 'content-type': 'application/x-velocypack' };
  for (const bytes of [
    '09ffffffffffffffff',
    '0e1200000000000000ffffffffffffffffffff',
    'bfffffffffffffff7f',
    'ee'.repeat(50_000),
    '13ffffffffffffffffff',
  ]) {
    const answer = await fetch(`${server.url}/_api/document/c`, {
      method: 'POST',
      headers: { ...type, authorization: `Basic ${Buffer.from('root:pw').toString('base64')}` },
      body: Buffer.from(bytes, 'hex'),
    });
    assert.equal(answer.status, 400, await answer.text());
  }
});

test('hundreds of connections that say nothing keep nobody out', async () => {
  const port = Number(new URL(server.url).port);
  const sockets = Array.from({ length: 400 }, () => connect(port, '127.0.0.1'));
  for (const socket of sockets) {
    socket.on('error', () => undefined);
    socket.write('POST /_api/version HTTP/1.1\r\nhost: x\r\n');
  }
  assert.equal((await ask('GET', '/_api/version')).status, 200);
  for (const socket of sockets) socket.destroy();
  assert.equal((await ask('GET', '/_api/version')).status, 200);
});

test('what is odd in a URL is a 4xx', async () => {
  for (const path of [
    '/_db/%ff/_api/version',
    '/_api/document/c/%ff',
    '/_api/document/%2e%2e/%2f',
    `/_api/document/c/${'k'.repeat(10_000)}`,
    '/_db//_api/version',
    '/_api/collection/%00',
  ]) {
    const { status, text } = await ask('GET', path);
    assert.ok(status >= 400 && status < 500, `${path.slice(0, 60)}: ${status} ${text.slice(0, 100)}`);
  }
});
