/** HTTP/1.1 as a client sees it: framing, limits, timeouts, headers, compression, CORS. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { deflateSync, gunzipSync, gzipSync } from 'node:zlib';
import { exchange, openClient, openConnections, startTestServer, until } from './support.ts';

const HOST = 'Host: here\r\n';

interface Echo {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly remoteAddress: string;
}

async function echo(response: Response | Promise<Response>): Promise<Echo> {
  return (await (await response).json()) as Echo;
}

test('pipelined requests are answered in their order, one after the other', async (context) => {
  const server = await startTestServer(context, { 'server.minimal-threads': 2, 'server.maximal-threads': 2 });
  const client = openClient(context, server);
  client.send(
    `GET /later?ms=50 HTTP/1.1\r\n${HOST}\r\nGET /hello HTTP/1.1\r\n${HOST}\r\nPOST /echo HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\nabcGET /worker HTTP/1.1\r\n${HOST}\r\n`,
  );
  assert.match((await client.reply()).body, /^\{"index":\d\}$/);
  assert.equal((await client.reply()).body, '{"hello":"world"}');
  assert.equal((JSON.parse((await client.reply()).body) as Echo).body, 'abc');
  assert.match((await client.reply()).body, /"runs":1/);
});

test('a thousand pipelined requests that come in odd pieces are answered', async (context) => {
  const server = await startTestServer(context);
  const client = openClient(context, server);
  const all = Array.from(
    { length: 1000 },
    (_, i) => `POST /echo?${i} HTTP/1.1\r\n${HOST}Content-Length: ${i % 50}\r\n\r\n${'x'.repeat(i % 50)}`,
  ).join('');
  for (let at = 0; at < all.length; at += 1237) client.send(all.slice(at, at + 1237));
  for (let i = 0; i < 1000; i++) {
    const { url, body } = JSON.parse((await client.reply()).body) as Echo;
    assert.equal(url, `/echo?${i}`);
    assert.equal(body.length, i % 50);
  }
});

test('a client that has sent its last bytes still gets its answers', async (context) => {
  const server = await startTestServer(context);
  const client = openClient(context, server);
  client.socket.end(`GET /later?ms=30 HTTP/1.1\r\n${HOST}\r\nGET /hello HTTP/1.1\r\n${HOST}\r\n`);
  assert.equal((await client.reply()).status, 200);
  assert.equal((await client.reply()).body, '{"hello":"world"}');
  assert.equal(await client.closed(), '');
});

test('who asks to close the connection, or speaks HTTP/1.0, finds it closed', async (context) => {
  const server = await startTestServer(context);
  for (const [head, connection] of [
    ['GET /hello HTTP/1.1\r\nConnection: close\r\n', 'Close'],
    ['GET /hello HTTP/1.0\r\n', 'Close'],
    ['GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n', 'Keep-Alive'],
    ['GET /hello HTTP/1.1\r\n', 'Keep-Alive'],
    ['GET /answer?status=200&headers={"connection":"close"} HTTP/1.1\r\n'.replaceAll('"', '%22'), 'Close'],
  ] as const) {
    const client = openClient(context, server);
    client.send(`${head}${HOST}\r\n`);
    const { status, headers } = await client.reply();
    assert.deepEqual([status, headers['connection']], [200, connection], head);
    if (connection === 'Close') assert.equal(await client.closed(), '');
  }
});

test('HEAD has the headers of GET and no body', async (context) => {
  const server = await startTestServer(context);
  const client = openClient(context, server);
  client.send(`HEAD /hello HTTP/1.1\r\n${HOST}\r\nGET /hello HTTP/1.1\r\n${HOST}\r\nHEAD /bytes?count=300000 HTTP/1.1\r\n${HOST}\r\n`);
  assert.equal((await client.reply({ hasBody: false })).headers['content-length'], '17');
  assert.equal((await client.reply()).body, '{"hello":"world"}');
  assert.equal((await client.reply({ hasBody: false })).headers['content-length'], '300000');
  client.send(`GET /hello HTTP/1.1\r\n${HOST}\r\n`);
  assert.equal((await client.reply()).body, '{"hello":"world"}');
});

test('an answer that may have no body has none', async (context) => {
  const server = await startTestServer(context);
  const client = openClient(context, server);
  for (const status of [204, 304]) {
    client.send(`GET /answer?status=${status}&body=nothing HTTP/1.1\r\n${HOST}\r\n`);
    const reply = await client.reply();
    assert.deepEqual([reply.status, reply.headers['content-length'], reply.body], [status, undefined, '']);
  }
  client.send(`GET /hello HTTP/1.1\r\n${HOST}\r\n`);
  assert.equal((await client.reply()).body, '{"hello":"world"}');
});

test('a client that waits for "100 Continue" is told so, or why not', async (context) => {
  const server = await startTestServer(context, { 'http.maximal-body-size': 1024 });
  const client = openClient(context, server);
  client.send(`POST /echo HTTP/1.1\r\n${HOST}Expect: 100-Continue\r\nContent-Length: 3\r\n\r\n`);
  assert.equal((await client.reply()).status, 100);
  client.send('abc');
  assert.equal((JSON.parse((await client.reply()).body) as Echo).body, 'abc');

  const tooLarge = await exchange(context, server, `POST /echo HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 2000\r\n\r\n`);
  assert.equal(tooLarge.status, 413);
  const unknown = await exchange(context, server, `POST /echo HTTP/1.1\r\n${HOST}Expect: miracles\r\nContent-Length: 1\r\n\r\n`);
  assert.equal(unknown.status, 417);
});

test('bodies of all sizes arrive whole, chunked or not, and so do answers', async (context) => {
  const server = await startTestServer(context);
  for (const bytes of [0, 1, 7000, 8100, 8192, 9000, 65_536, 200_000, 20_000_000]) {
    const body = Buffer.alloc(bytes, 'abcdefghijk');
    const expected = { bytes, sha1: createHash('sha1').update(body).digest('hex') };
    const plain = await fetch(`${server.url}/digest`, { method: 'POST', body });
    assert.deepEqual(await plain.json(), expected);
    const chunked = await fetch(`${server.url}/digest`, { method: 'POST', body: new Blob([body]).stream(), duplex: 'half' });
    assert.deepEqual(await chunked.json(), expected);
    assert.equal((await (await fetch(`${server.url}/bytes?count=${bytes}`)).text()).length, bytes);
    const characters = Math.floor(bytes / 10);
    assert.equal((await (await fetch(`${server.url}/text?count=${characters}`)).text()).length, characters);
  }
});

test('headers reach the handler in lower case, joined as Node joins them', async (context) => {
  const server = await startTestServer(context);
  const { body } = await exchange(
    context,
    server,
    `GET /echo?%7B HTTP/1.1\r\n${HOST}X-Two: a\r\nx-two:  b \t\r\nCookie: a=1\r\ncookie: b=2\r\nAuthorization: one\r\nAuthorization: two\r\nEmpty:\r\nConstructor: c\r\n__proto__: p\r\n\r\n`,
  );
  const { method, url, headers, remoteAddress } = JSON.parse(body) as Echo;
  assert.deepEqual([method, url, remoteAddress], ['GET', '/echo?%7B', '127.0.0.1']);
  assert.deepEqual(headers, { host: 'here', 'x-two': 'a, b', cookie: 'a=1; b=2', authorization: 'one', empty: '', constructor: 'c' });
});

test("a proxy's form of the target means the path", async (context) => {
  const server = await startTestServer(context);
  for (const [target, path] of [
    ['http://here/echo?a=b', '/echo?a=b'],
    ['/echo', '/echo'],
  ]) {
    const { body } = await exchange(context, server, `GET ${target} HTTP/1.1\r\n${HOST}\r\n`);
    assert.equal((JSON.parse(body) as Echo).url, path);
  }
});

test('each answer has the default headers that were recorded of ArangoDB, unless the handler has set them', async (context) => {
  const recorded = readFileSync('../shared/golden/http.jsonl', 'utf8').split('\n', 1)[0] ?? '';
  const { expectedHeaders } = JSON.parse(recorded) as { expectedHeaders: Record<string, string> };
  const server = await startTestServer(context);
  const { headers } = await exchange(context, server, `GET /hello HTTP/1.1\r\n${HOST}\r\n`);
  const { 'x-arango-queue-time-seconds': queued, 'content-length': length, ...others } = headers;
  const { 'x-arango-queue-time-seconds': _, 'content-length': __, ...expected } = expectedHeaders;
  assert.deepEqual(others, expected);
  assert.match(queued ?? '', /^\d+\.\d{6}$/);
  assert.equal(length, '17');

  const own = await fetch(
    `${server.url}/answer?status=200&headers=${encodeURIComponent('{"cache-control":"no-transform","set-cookie":["a=1","b=2"]}')}`,
  );
  assert.equal(own.headers.get('cache-control'), 'no-transform');
  assert.equal(own.headers.get('expires'), '0');
  assert.deepEqual(own.headers.getSetCookie(), ['a=1', 'b=2']);
});

test('a status that is none becomes 500', async (context) => {
  const server = await startTestServer(context);
  for (const status of [0, 100, 101, 1000, NaN]) assert.equal((await fetch(`${server.url}/answer?status=${status}`)).status, 500);
});

test('a header that would forge another is not sent', async (context) => {
  const server = await startTestServer(context);
  for (const headers of [{ a: 'b\r\nset-cookie: x=y' }, { 'a\r\nb': 'c' }, { a: 'b\0' }]) {
    const response = await fetch(`${server.url}/answer?status=200&headers=${encodeURIComponent(JSON.stringify(headers))}`);
    assert.equal(response.status, 500);
    assert.equal(response.headers.get('set-cookie'), null);
  }
  const unicode = await fetch(`${server.url}/answer?status=200&headers=${encodeURIComponent('{"x-fox":"🦊"}')}`);
  assert.equal(Buffer.from(unicode.headers.get('x-fox') ?? '', 'latin1').toString(), '🦊');
});

test('compressed bodies are inflated, and limited while they are', async (context) => {
  const server = await startTestServer(context, { 'http.maximal-body-size': 100_000 });
  const text = 'a fox '.repeat(1000);
  for (const [encoding, body] of [
    ['gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
  ] as const) {
    const { body: received, headers } = await echo(
      fetch(`${server.url}/echo`, { method: 'POST', body, headers: { 'content-encoding': encoding } }),
    );
    assert.equal(received, text);
    assert.equal(headers['content-encoding'], undefined);
  }
  const bomb = gzipSync(Buffer.alloc(10_000_000));
  const refused = await fetch(`${server.url}/echo`, { method: 'POST', body: bomb, headers: { 'content-encoding': 'gzip' } });
  assert.equal(refused.status, 413);
  const garbage = await fetch(`${server.url}/echo`, { method: 'POST', body: 'no gzip', headers: { 'content-encoding': 'gzip' } });
  assert.equal(garbage.status, 400);
});

test('answers are compressed from the threshold on, for clients that accept it', async (context) => {
  const server = await startTestServer(context, { 'http.compress-response-threshold': 1000 });
  for (const [accept, count, encoding] of [
    ['gzip, deflate', 2000, 'gzip'],
    ['deflate', 2000, 'deflate'],
    ['gzip;q=0, deflate;q=0.5', 2000, 'deflate'],
    ['br', 2000, undefined],
    ['gzip', 100, undefined],
  ] as const) {
    const { headers, body } = await exchange(
      context,
      server,
      `GET /bytes?count=${count} HTTP/1.1\r\n${HOST}Accept-Encoding: ${accept}\r\n\r\n`,
    );
    assert.equal(headers['content-encoding'], encoding, accept);
    if (encoding === 'gzip') assert.equal(gunzipSync(Buffer.from(body, 'latin1')).length, count);
  }
});

test('OPTIONS is answered by the server, with what a browser asks for', async (context) => {
  const server = await startTestServer(context, { 'http.trusted-origin': ['http://friend:80'] });
  const preflight = `OPTIONS /throws HTTP/1.1\r\n${HOST}Origin: http://page\r\nAccess-Control-Request-Method: PATCH\r\nAccess-Control-Request-Headers: x-a, x-b\r\n\r\n`;
  const { status, headers, body } = await exchange(context, server, preflight);
  assert.deepEqual([status, body], [200, '']);
  assert.equal(headers['access-control-allow-origin'], 'http://page');
  assert.equal(headers['access-control-allow-methods'], 'DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT');
  assert.equal(headers['access-control-allow-headers'], 'x-a, x-b');
  assert.equal(headers['access-control-max-age'], '1800');
  assert.equal(headers['access-control-allow-credentials'], 'false');

  const friend = await exchange(context, server, `GET /hello HTTP/1.1\r\n${HOST}Origin: http://friend:80\r\n\r\n`);
  assert.equal(friend.headers['access-control-allow-credentials'], 'true');
  assert.match(friend.headers['access-control-expose-headers'] ?? '', /x-arango-async-id/);
  const plain = await exchange(context, server, `GET /hello HTTP/1.1\r\n${HOST}\r\n`);
  assert.equal(plain.headers['access-control-allow-origin'], undefined);
});

test('what is too long or too much is refused, and the connection closed', async (context) => {
  const server = await startTestServer(context, {
    'http.maximal-url-size': 500,
    'http.maximal-header-size': 2000,
    'http.maximal-header-count': 20,
    'http.maximal-body-size': 1000,
  });
  const cases: readonly (readonly [name: string, request: string, status: number])[] = [
    ['a long URL', `GET /${'a'.repeat(600)} HTTP/1.1\r\n${HOST}\r\n`, 414],
    ['a long URL that never ends', `GET /${'a'.repeat(600)}`, 414],
    ['a long header', `GET / HTTP/1.1\r\n${HOST}X: ${'a'.repeat(2000)}\r\n\r\n`, 431],
    ['a long header that never ends', `GET / HTTP/1.1\r\n${HOST}X: ${'a'.repeat(3000)}`, 431],
    ['many headers', `GET / HTTP/1.1\r\n${HOST}${'A: b\r\n'.repeat(30)}\r\n`, 431],
    ['a long body', `POST / HTTP/1.1\r\n${HOST}Content-Length: 1001\r\n\r\n`, 413],
    ['a long chunked body', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n400\r\n${'x'.repeat(1024)}\r\n0\r\n\r\n`, 413],
  ];
  for (const [name, request, expected] of cases) {
    const client = openClient(context, server);
    client.send(request);
    const { status, headers, body } = await client.reply();
    assert.deepEqual([status, headers['connection']], [expected, 'Close'], name);
    assert.equal((JSON.parse(body) as { code: number }).code, expected);
    assert.equal(await client.closed(), '', name);
  }
  assert.equal((await fetch(`${server.url}/hello`)).status, 200);
});

test('what arrives too slowly is ended: a head, a body, an idle connection', async (context) => {
  const server = await startTestServer(context, { 'http.header-timeout': 0.3, 'http.stall-timeout': 0.3, 'http.keep-alive-timeout': 0.3 });
  const head = openClient(context, server);
  head.send('GET /hello HTTP/1.1\r\nX: ');
  const drip = setInterval(() => head.send('a'), 50);
  context.after(() => clearInterval(drip));
  const body = openClient(context, server);
  body.send(`POST /echo HTTP/1.1\r\n${HOST}Content-Length: 10\r\n\r\nabc`);
  const idle = openClient(context, server);
  idle.send(`GET /hello HTTP/1.1\r\n${HOST}\r\n`);
  assert.equal((await idle.reply()).status, 200);

  assert.equal((await head.reply()).status, 408);
  assert.equal((await body.reply()).status, 408);
  assert.equal(await idle.closed(), '');
});

test('a client that does not read its answers gets no further ones', async (context) => {
  const server = await startTestServer(context, { 'http.stall-timeout': 0.3 });
  const before = openConnections();
  const client = openClient(context, server);
  client.socket.pause();
  client.send(`GET /bytes?count=30000000 HTTP/1.1\r\n${HOST}\r\nGET /worker HTTP/1.1\r\n${HOST}\r\n`);
  await until(() => openConnections() === before + 1);
  await until(() => openConnections() === before);
  assert.match(await (await fetch(`${server.url}/worker`)).text(), /"runs":1\b/);
  client.socket.resume();
  await assert.rejects(client.reply(), /closed the connection/);
});
