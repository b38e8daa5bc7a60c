import assert from 'node:assert/strict';
import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { DEFAULT_CONFIG, type HttpAnswer, type HttpRequest } from '#base';
import { policyOf } from '../policy.ts';
import { createRequest, type RequestFunction } from './request.ts';

/** A server in a thread of its own, for this one sleeps while it asks. */
const SERVER = `
const { createServer } = require('node:http');
const { parentPort } = require('node:worker_threads');
const server = createServer((req, res) => {
  let body = '';
  req.on('data', (part) => { body += part; });
  req.on('end', () => {
    const [, kind, value] = req.url.split(/[/?]/);
    if (kind === 'status') { res.statusCode = Number(value); res.end('{"status":' + value + '}'); }
    else if (kind === 'redirect') { res.writeHead(Number(value), { location: '/echo' }).end(); }
    else if (kind === 'loop') res.writeHead(302, { location: req.url }).end();
    else if (kind === 'slow') setTimeout(() => res.end('late'), 2000);
    else if (kind === 'bytes') res.end(Buffer.from([0, 255, 1]));
    else if (kind === 'close') req.socket.destroy();
    else { res.setHeader('x-own', ['1', '2']); res.setHeader('x-port', req.socket.remotePort); res.end(JSON.stringify({ method: req.method, url: req.url, headers: req.headers, body })); }
  });
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

async function startServer(t: TestContext): Promise<string> {
  const worker = new Worker(SERVER, { eval: true });
  t.after(() => worker.terminate());
  const [port] = (await once(worker, 'message')) as [number];
  return `http://127.0.0.1:${port}`;
}

interface Echo {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

function requestOf(answer?: (request: HttpRequest) => HttpAnswer): RequestFunction {
  const host = {
    endpoints: ['tcp://127.0.0.1:1'],
    exportsOf: () => null,
    request: answer ?? (() => ({ status: 500, headers: {}, body: '' })),
  };
  return createRequest(host, policyOf(DEFAULT_CONFIG));
}

test('requests to other servers wait for their answer', async (t) => {
  const server = await startServer(t);
  const request = requestOf();
  const echo = (...values: Parameters<RequestFunction>): Echo => request(...values).json as Echo;

  const plain = request(`${server}/echo?a=1`);
  assert.deepEqual([plain.status, plain.statusCode, plain.message], [200, 200, 'OK']);
  assert.deepEqual([(plain.json as Echo).method, (plain.json as Echo).url], ['GET', '/echo?a=1']);
  assert.equal(plain.headers['x-own'], '1, 2');

  assert.equal(echo({ uri: `${server}/echo`, qs: { a: [1, 2], b: "it's" } }).url, '/echo?a%5B0%5D=1&a%5B1%5D=2&b=it%27s');
  assert.equal(echo({ url: `${server}/echo`, qs: { a: [1, 2] }, useQuerystring: true }).url, '/echo?a=1&a=2');
  assert.equal(echo({ url: `${server}/echo?x=1`, qs: '?y=2' }).url, '/echo?y=2');

  const json = request.post(`${server}/echo`, { body: { a: 1 }, json: true }).json as Echo;
  assert.deepEqual([json.method, json.body, json.headers['content-type']], ['POST', '{"a":1}', 'application/json']);
  const form = request.put(`${server}/echo`, { form: { a: 1, b: 'x y' } }).json as Echo;
  assert.deepEqual([form.method, form.body, form.headers['content-type']], ['PUT', 'a=1&b=x%20y', 'application/x-www-form-urlencoded']);
  const text = request.patch(`${server}/echo`, { body: 'text', headers: { 'X-A': 1, 'Content-Type': 'a/b' } }).json as Echo;
  assert.deepEqual([text.method, text.body, text.headers['content-type'], text.headers['x-a']], ['PATCH', 'text', 'a/b', '1']);
  assert.equal((request.delete({ url: `${server}/echo` }).json as Echo).method, 'DELETE');
  assert.equal(request.head(`${server}/echo`).body, '');

  assert.equal(echo({ url: `${server}/echo`, auth: { username: 'a', password: 'b' } }).headers['authorization'], 'Basic YTpi');
  assert.equal(echo({ url: `${server}/echo`, auth: { bearer: 'x' } }).headers['authorization'], 'Bearer x');
  assert.equal(
    echo(`${server.replace('//', '//us%40er:p%3Aw@')}/echo`).headers['authorization'],
    `Basic ${Buffer.from('us@er:p:w').toString('base64')}`,
  );

  assert.deepEqual(request({ url: `${server}/bytes`, encoding: null }).body, Buffer.from([0, 255, 1]));
  assert.deepEqual(request(`${server}/bytes`).rawBody, Buffer.from([0, 255, 1]));
  assert.equal(request({ url: `${server}/echo`, json: false }).json, undefined);
});

test('answers that are errors, and none at all', async (t) => {
  const server = await startServer(t);
  const request = requestOf();
  const missing = request(`${server}/status/404`);
  assert.deepEqual([missing.status, missing.json], [404, { status: 404 }]);
  assert.throws(() => missing.throw(), { statusCode: 404, message: 'Not Found' });
  assert.throws(() => missing.throw('own'), { message: 'own' });
  request(`${server}/status/200`).throw();
  assert.equal(request({ url: `${server}/status/404`, returnBodyOnError: false }).body, undefined);
  assert.equal(request(`${server}/close`).status, 500);
  const late = request({ url: `${server}/slow`, timeout: 0.1 });
  assert.equal(late.status, 500);
  assert.equal(request(`${server}/echo`).status, 200);
  const refused = request('http://127.0.0.1:9/');
  assert.equal(refused.status, 500);
  assert.match(refused.message, /ECONNREFUSED/);
  assert.throws(() => request(''), /must not be empty/);
  assert.throws(() => request.post(server, { formData: {} }), /not supported/);
});

test('redirects are followed as far as wanted', async (t) => {
  const server = await startServer(t);
  const request = requestOf();
  const moved = (status: number, method: string): Echo => request({ url: `${server}/redirect/${status}`, method, body: 'x' }).json as Echo;
  assert.deepEqual([moved(302, 'POST').method, moved(302, 'POST').body], ['GET', '']);
  assert.deepEqual([moved(307, 'POST').method, moved(307, 'POST').body], ['POST', 'x']);
  assert.equal(request({ url: `${server}/redirect/302`, followRedirect: false }).status, 302);
  assert.equal(request({ url: `${server}/loop`, maxRedirects: 3 }).status, 302);
});

test('connections are kept', async (t) => {
  const server = await startServer(t);
  const request = requestOf();
  const ports = [1, 2, 3].map(() => request(`${server}/echo`).headers['x-port']);
  assert.equal(new Set(ports).size, 1);
});

test('requests to this server are answered in this thread', () => {
  const seen: HttpRequest[] = [];
  const request = requestOf((one) => {
    seen.push(one);
    return { status: 201, headers: { 'x-list': ['a', 'b'] }, body: '{"own":true}' };
  });
  for (const url of ['/_db/x/mount?a=1', 'http://127.0.0.1:1/_db/x/mount?a=1', 'http://localhost:1/_db/x/mount?a=1']) {
    const answer = request.post(url, { body: { a: 1 }, json: true });
    assert.deepEqual([answer.status, answer.json, answer.headers['x-list']], [201, { own: true }, 'a, b'], url);
    const { method, url: target, headers, body } = seen.at(-1) ?? ({} as HttpRequest);
    assert.deepEqual([method, target, Buffer.from(body).toString()], ['POST', '/_db/x/mount?a=1', '{"a":1}']);
    assert.deepEqual([headers['content-type'], headers['content-length']], ['application/json', '7']);
  }
  assert.equal(request({ url: '/path', qs: { b: 2 } }).status, 201);
  assert.equal(seen.at(-1)?.url, '/path?b=2');
});
