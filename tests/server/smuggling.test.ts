/** Requests that two parsers might understand differently. Each ends the connection; none may let a second request through. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openClient, startTestServer } from './support.ts';

const POST = 'POST /digest HTTP/1.1\r\nHost: here\r\n';
const HIDDEN = 'GET /hello HTTP/1.1\r\nHost: here\r\n\r\n';

const CASES: readonly (readonly [name: string, request: string, status: number])[] = [
  ['content-length and transfer-encoding', `${POST}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`, 400],
  ['transfer-encoding and content-length', `${POST}Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n${HIDDEN}`, 400],
  ['two lengths', `${POST}Content-Length: 0\r\nContent-Length: 5\r\n\r\n${HIDDEN}`, 400],
  ['two equal lengths', `${POST}Content-Length: 0\r\nContent-Length: 0\r\n\r\n${HIDDEN}`, 400],
  ['a list of lengths', `${POST}Content-Length: 0, 0\r\n\r\n${HIDDEN}`, 400],
  ['a length with a sign', `${POST}Content-Length: +0\r\n\r\n${HIDDEN}`, 400],
  ['a negative length', `${POST}Content-Length: -1\r\n\r\n${HIDDEN}`, 400],
  ['a length in hexadecimal', `${POST}Content-Length: 0x0\r\n\r\n${HIDDEN}`, 400],
  ['a length beyond numbers', `${POST}Content-Length: 99999999999999999999999999\r\n\r\n${HIDDEN}`, 400],
  ['an empty length', `${POST}Content-Length:\r\n\r\n${HIDDEN}`, 400],
  ['an unknown encoding', `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${HIDDEN}`, 501],
  ['an encoding before chunked', `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n${HIDDEN}`, 501],
  ['an encoding after chunked', `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${HIDDEN}`, 400],
  ['two encodings', `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${HIDDEN}`, 400],
  ['an encoding in HTTP/1.0', `POST /digest HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`, 400],
  ['white space before the colon', `${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${HIDDEN}`, 400],
  ['a folded header', `${POST}X: a\r\n Transfer-Encoding: chunked\r\n\r\n${HIDDEN}`, 400],
  ['a line that ends in LF', `${POST}X: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`, 400],
  ['a line that ends in CR', `${POST}X: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`, 400],
  ['a NUL in a value', `${POST}X: a\0b\r\n\r\n${HIDDEN}`, 400],
  ['a header without a name', `${POST}: a\r\n\r\n${HIDDEN}`, 400],
  ['a header without a colon', `${POST}nothing\r\n\r\n${HIDDEN}`, 400],
  ['white space before the first header', `POST /digest HTTP/1.1\r\n Host: here\r\n\r\n${HIDDEN}`, 400],
  ['a chunk that says less than it has', `${POST}Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n${HIDDEN}`, 400],
  ['a chunk size beyond numbers', `${POST}Transfer-Encoding: chunked\r\n\r\n${'f'.repeat(20)}\r\na\r\n0\r\n\r\n${HIDDEN}`, 400],
  ['a chunk size with a prefix', `${POST}Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n${HIDDEN}`, 400],
  ['a chunk size ended by LF', `${POST}Transfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n${HIDDEN}`, 400],
  ['no host', `POST /digest HTTP/1.1\r\n\r\n${HIDDEN}`, 400],
  ['two hosts', `${POST}Host: there\r\n\r\n${HIDDEN}`, 400],
  ['a tab in the request line', `POST\t/digest HTTP/1.1\r\n\r\n${HIDDEN}`, 400],
  ['a byte beyond ASCII in the URL', `POST /\xe4 HTTP/1.1\r\n\r\n${HIDDEN}`, 400],
  ['a URL that is no path', `POST digest HTTP/1.1\r\n\r\n${HIDDEN}`, 400],
  ['no version', 'GET /hello\r\n\r\n', 505],
  ['another version', `GET /hello HTTP/1.2\r\n\r\n${HIDDEN}`, 505],

  ['a method in lower case', `get /hello HTTP/1.1\r\n\r\n${HIDDEN}`, 400],
  ['TRACE', `TRACE /hello HTTP/1.1\r\nHost: here\r\n\r\n${HIDDEN}`, 405],
  ['CONNECT', `CONNECT there:80 HTTP/1.1\r\nHost: here\r\n\r\n${HIDDEN}`, 405],
  ['the beginning of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
];

test('each suspicious request is refused, and nothing behind it is answered', async (context) => {
  const server = await startTestServer(context);
  for (const [name, request, expected] of CASES) {
    const client = openClient(context, server);
    client.send(request);
    const { status, headers, body } = await client.reply();
    assert.deepEqual([status, headers['connection']], [expected, 'Close'], name);
    assert.equal((JSON.parse(body) as { error: boolean }).error, true, name);
    assert.equal(await client.closed(), '', name);
  }
});

test('an offer to speak another protocol is not taken, and hides nothing', async (context) => {
  const server = await startTestServer(context);
  const client = openClient(context, server);
  client.send(`GET /hello HTTP/1.1\r\nHost: here\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n\r\n`);
  assert.equal((await client.reply()).body, '{"hello":"world"}');
  client.send(`POST /digest HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n\r\nabc${HIDDEN}`);
  assert.match((await client.reply()).body, /"bytes":3/);
  assert.equal((await client.reply()).body, '{"hello":"world"}');
});

test('trailers after a chunked body are no headers', async (context) => {
  const server = await startTestServer(context);
  const client = openClient(context, server);
  client.send(`POST /echo HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Late: yes\r\n\r\n${HIDDEN}`);
  const { headers, body } = JSON.parse((await client.reply()).body) as { headers: Record<string, string>; body: string };
  assert.equal(body, 'abc');
  assert.equal(headers['x-late'], undefined);
  assert.equal((await client.reply()).body, '{"hello":"world"}');
});
