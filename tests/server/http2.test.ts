/** HTTP/2 as a client sees it: over TLS by ALPN and in clear text by prior knowledge, with limits, and under attack. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, constants, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import { test, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { exchange, openClient, receivedRequests, startTestServer, until, type TestServer } from './support.ts';

const PEM = 'tests/server/localhost.pem';

function open(context: TestContext, url: string): ClientHttp2Session {
  const session = connect(url, { rejectUnauthorized: false });
  session.on('error', () => undefined);
  context.after(() => session.destroy());
  return session;
}

interface Reply {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

function send(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: Uint8Array | string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: body === undefined });
    const chunks: Buffer[] = [];
    let answered: Record<string, unknown> = {};
    stream.on('response', (given) => (answered = { ...given }));
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => resolve({ headers: answered, body: Buffer.concat(chunks) }));
    stream.on('error', reject);
    if (body !== undefined) stream.end(body);
  });
}

async function isWell(context: TestContext, server: TestServer): Promise<void> {
  assert.equal((await exchange(context, server, 'GET /hello HTTP/1.1\r\nHost: here\r\n\r\n')).status, 200);
}

test('requests are answered by prior knowledge, many at once', async (context) => {
  const server = await startTestServer(context, { 'server.minimal-threads': 2, 'server.maximal-threads': 2 });
  const session = open(context, server.url);
  const replies = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      send(session, { ':path': `/echo?${index}`, ':method': 'POST', 'X-Case': 'a' }, `body ${index}`),
    ),
  );
  for (const [index, { headers, body }] of replies.entries()) {
    const echo = JSON.parse(body.toString()) as {
      url: string;
      body: string;
      method: string;
      headers: Record<string, string>;
      isSecure: boolean;
    };
    assert.equal(headers[':status'], 200);
    assert.equal(headers['server'], 'ArangoDB');
    assert.equal(headers['connection'], undefined);
    assert.equal(Number(headers['content-length']), body.length);
    assert.deepEqual([echo.url, echo.body, echo.method, echo.isSecure], [`/echo?${index}`, `body ${index}`, 'POST', false]);
    assert.equal(echo.headers['host'], `127.0.0.1:${server.port}`);
    assert.equal(echo.headers['x-case'], 'a');
  }
});

test('ALPN chooses HTTP/2, or HTTP/1.1 for who speaks only that or when it is preferred', async (context) => {
  const options = { 'server.endpoint': ['ssl://127.0.0.1:0'], 'ssl.keyfile': PEM };
  const server = await startTestServer(context, options);
  const session = open(context, server.url);
  const { body } = await send(session, { ':path': '/echo' });
  assert.equal((JSON.parse(body.toString()) as { isSecure: boolean }).isSecure, true);

  const chosen = async ({ port }: TestServer, protocols: string[]): Promise<string | false | null> => {
    const socket = connectTls({ port, host: '127.0.0.1', ALPNProtocols: protocols, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    context.after(() => socket.destroy());
    return socket.alpnProtocol;
  };
  assert.equal(await chosen(server, ['h2', 'http/1.1']), 'h2');
  assert.equal(await chosen(server, ['http/1.1']), 'http/1.1');
  const older = await startTestServer(context, { ...options, 'ssl.prefer-http1-in-alpn': true });
  assert.equal(await chosen(older, ['h2', 'http/1.1']), 'http/1.1');
});

test('large bodies go both ways, and compressed ones', async (context) => {
  const server = await startTestServer(context, { 'http.compress-response-threshold': 1000 });
  const session = open(context, server.url);
  const bytes = Buffer.alloc(3_000_000, 'abc');
  const digest = JSON.parse((await send(session, { ':path': '/digest', ':method': 'POST' }, bytes)).body.toString()) as { sha1: string };
  assert.equal(digest.sha1, createHash('sha1').update(bytes).digest('hex'));
  assert.equal((await send(session, { ':path': '/bytes?count=5000000' })).body.length, 5_000_000);
  const compressed = await send(session, { ':path': '/bytes?count=100000', 'accept-encoding': 'gzip' });
  assert.equal(compressed.headers['content-encoding'], 'gzip');
  assert.equal(gunzipSync(compressed.body).length, 100_000);
});

test('HEAD and statuses without a body have none', async (context) => {
  const session = open(context, (await startTestServer(context)).url);
  const { headers, body } = await send(session, { ':path': '/hello', ':method': 'HEAD' });
  assert.deepEqual([headers[':status'], headers['content-length'], body.length], [200, '17', 0]);
});

test('what is too large, too long or unknown gets a 4xx, and the connection goes on', async (context) => {
  const limits = {
    'http.maximal-body-size': 1024,
    'http.maximal-header-size': 1024,
    'http.maximal-header-count': 10,
    'http.maximal-url-size': 256,
  };
  const server = await startTestServer(context, limits);
  const session = open(context, server.url);
  const status = async (headers: OutgoingHttpHeaders, body?: string): Promise<unknown> =>
    (await send(session, headers, body)).headers[':status'];
  assert.equal(await status({ ':path': '/digest', ':method': 'POST', 'content-length': 5000 }, 'x'.repeat(5000)), 413);
  assert.equal(await status({ ':path': '/digest', ':method': 'POST' }, 'x'.repeat(5000)), 413);
  assert.equal(await status({ ':path': `/${'x'.repeat(500)}` }), 414);
  assert.equal(await status({ ':path': '/hello', 'x-long': 'x'.repeat(1100) }), 431);
  assert.equal(await status({ ':path': '/hello', ...Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`x-${i}`, 'y'])) }), 431);
  assert.equal(await status({ ':path': '/hello', ':method': 'BREW' }), 405);
  assert.equal(await status({ ':path': '/hello' }), 200);
});

test('a client that gives up leaves nothing behind', async (context) => {
  const server = await startTestServer(context);
  const session = open(context, server.url);
  const stream = session.request({ ':path': '/later?ms=100' });
  stream.on('error', () => undefined);
  await new Promise((resolve) => setTimeout(resolve, 20));
  stream.close(constants.NGHTTP2_CANCEL);
  await once(stream, 'close');
  assert.equal((await send(session, { ':path': '/hello' })).headers[':status'], 200);
  session.destroy();
  await isWell(context, server);
});

/** Frames by hand, for what no honest client sends. */
function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const PREFACE = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0)]);
/** `GET /hello` in clear text, as HPACK writes it: three indexed fields and one literal. */
const HEADERS = Buffer.concat([Buffer.from([0x82, 0x86, 0x41, 1, 0x78, 0x04, 6]), Buffer.from('/hello')]);

const ATTACKS: readonly (readonly [name: string, bytes: () => Buffer])[] = [
  [
    'streams that are reset at once',
    () => many(20_000, (i) => Buffer.concat([frame(1, 5, 2 * i + 1, HEADERS), frame(3, 0, 2 * i + 1, Buffer.alloc(4, 8))])),
  ],
  ['settings again and again', () => many(50_000, () => frame(4, 0, 0))],
  ['pings again and again', () => many(50_000, () => frame(6, 0, 0, Buffer.alloc(8)))],
  ['headers that never end', () => Buffer.concat([frame(1, 0, 1, HEADERS), many(5_000, () => frame(9, 0, 1, Buffer.alloc(1000, 0x82)))])],
  ['empty data frames', () => Buffer.concat([frame(1, 4, 1, HEADERS), many(50_000, () => frame(0, 0, 1))])],
  ['a window of nothing', () => Buffer.concat([frame(8, 0, 0, Buffer.alloc(4))])],
  ['a frame longer than allowed', () => frame(0, 0, 1, Buffer.alloc(100_000))],
  ['data for no stream', () => frame(0, 0, 7, Buffer.alloc(10))],
  ['a header table that is out of range', () => frame(1, 5, 1, Buffer.from([0xff, 0xff, 0xff, 0x7f]))],
  ['no frames at all', () => Buffer.alloc(10_000, 0xaa)],
];

function many(count: number, make: (index: number) => Buffer): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, index) => make(index)));
}

test('floods and malformed frames end their connection only', async (context) => {
  const server = await startTestServer(context, { 'http.keep-alive-timeout': 1 });
  const clients = ATTACKS.map(([name, bytes]) => {
    const client = openClient(context, server);
    client.socket.write(Buffer.concat([PREFACE, bytes()]));
    return { name, client };
  });
  await isWell(context, server);
  for (const { name, client } of clients) await client.closed().catch((error: unknown) => assert.fail(`${name}: ${String(error)}`));
  await isWell(context, server);
});

test('a preface that comes byte by byte is understood, and a client that closes its side gets its answer', async (context) => {
  const server = await startTestServer(context);
  const client = openClient(context, server);
  for (const byte of PREFACE) {
    client.socket.write(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  client.socket.end(frame(1, 5, 1, HEADERS));
  assert.match(await client.closed(), /hello/);
});

test('a stop finishes what is under way', async (context) => {
  const server = await startTestServer(context);
  const session = open(context, server.url);
  const before = receivedRequests();
  const under = send(session, { ':path': '/later?ms=150' });
  await until(() => receivedRequests() === before + 1);
  await Promise.all([server.stop(), under]);
  assert.equal((await under).headers[':status'], 200);
});
