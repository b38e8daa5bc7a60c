import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { signValue } from './cookies.ts';
import { loadRoutes, type Ask } from '../../../tests/support/load-service.ts';

/** The value of an expression over `req`, at `/items/:id` below the mount `/test`. */
function look(t: TestContext, expression: string, target = '/items/7/a%20b?q=1&r=x%20y', ask: Ask = {}): unknown {
  const service = loadRoutes(t, `router.all('/items/:id/*', (req, res) => { res.json({ value: ${expression} }); });`);
  return (service.ask(ask.body === undefined ? 'GET' : 'POST', target, ask).json as { value: unknown }).value;
}

test('what a request is', (t) => {
  const table: [expression: string, expected: unknown][] = [
    ['req.method', 'GET'],
    ['req.path', '/items/7/a%20b'],
    ['req.suffix', 'a%20b'],
    ['req.url', '/items/7/a%20b?q=1&r=x%20y'],
    ['req.originalUrl', '/_db/_system/test/items/7/a%20b?q=1&r=x%20y'],
    ['req.baseUrl', '/_db/_system'],
    ['req.database', '_system'],
    ['req.pathParams', { id: '7' }],
    ['req.queryParams', { q: '1', r: 'x y' }],
    ['req.param("id") + req.param("q")', '71'],
    ['req.protocol', 'http'],
    ['req.secure', false],
    ['req.hostname', 'localhost'],
    ['req.port', 8529],
    ['req.remoteAddress', '10.0.0.7'],
    ['req.remoteAddresses', ['10.0.0.7']],
    ['req.remotePort', 5000],
    ['req.xhr', false],
    ['req.arangoVersion', 31205],
    ['req.arangoUser', null],
    ['req.authorized', false],
    ['req.auth', null],
    ['req.body instanceof Buffer && req.body.length', 0],
    ['req.rawBody.length', 0],
    ['req.json() === undefined', true],
    ['req.context === module.context', true],
    ['req.context.mount', '/test'],
    ['req.params === undefined', true],
    ['req.get("HOST")', 'localhost:8529'],
    ['req.makeAbsolute("/x")', 'http://localhost:8529/_db/_system/test/x'],
    ['req.makeAbsolute("x", {a: [1, 2]})', 'http://localhost:8529/_db/_system/test/x?a=1&a=2'],
    ['req.makeAbsolute("x", "?a=b")', 'http://localhost:8529/_db/_system/test/x?a=b'],
    ['req._raw.url', '/test/items/7/a%20b?q=1&r=x%20y'],
    ['req._raw.requestType', 'GET'],
    ['(req.session = 1, delete req.session, "session" in req)', false],
    ['(req.path = "/own", req.path)', '/own'],
    ['(req.hostname = "own", req.hostname)', 'own'],
  ];
  for (const [expression, expected] of table) assert.deepEqual(look(t, expression), expected, expression);
});

test('what headers make of it', (t) => {
  const table: [expression: string, headers: Record<string, string>, expected: unknown][] = [
    ['req.xhr', { 'x-requested-with': 'XMLHttpRequest' }, true],
    ['req.get("referrer")', { referer: 'here' }, 'here'],
    ['req.header("X-Own")', { 'x-own': 'yes' }, 'yes'],
    ['req.is("json")', { 'content-type': 'application/json; charset=utf-8' }, 'json'],
    ['req.is(["html", "text/*"])', { 'content-type': 'text/plain' }, 'text/plain'],
    ['req.is("json")', { 'content-type': 'text/plain' }, false],
    ['req.accepts("json", "html")', { accept: 'text/html' }, 'html'],
    ['req.accepts(["json", "html"])', {}, 'json'],
    ['req.accepts("png")', { accept: 'text/html' }, false],
    ['req.acceptsEncodings("gzip", "identity")', { 'accept-encoding': 'gzip' }, 'gzip'],
    ['req.acceptsLanguages("de", "en")', { 'accept-language': 'en;q=0.8, de' }, 'de'],
    ['req.acceptsCharsets("utf-8")', { 'accept-charset': 'utf-8' }, 'utf-8'],
    [
      'req.range(100)',
      { range: 'bytes=0-9,90-' },
      [
        { start: 0, end: 9 },
        { start: 90, end: 99 },
      ],
    ],
    ['req.range(100)', { range: 'bytes=200-' }, -1],
    ['req.range(100)', { range: 'nonsense' }, -2],
    ['req.range(100) === undefined', {}, true],
    ['req.auth', { authorization: 'Bearer abc' }, { bearer: 'abc' }],
    ['req.auth', { authorization: `Basic ${Buffer.from('ada:x:y').toString('base64')}` }, { basic: { username: 'ada', password: 'x:y' } }],
    ['req.auth', { authorization: `Basic ${Buffer.from('ada').toString('base64')}` }, { basic: { username: 'ada' } }],
    ['req.auth', { authorization: 'Basic ' }, { basic: {} }],
    ['req.auth', { authorization: 'Digest x' }, null],
    ['req.cookie("a")', { cookie: 'a=1; b="x%20y"; a=2' }, '1'],
    ['req.cookie("b")', { cookie: 'a=1; b="x%20y"' }, 'x y'],
    ['req.cookie("c") === undefined', { cookie: 'a=1' }, true],
    ['req._raw.cookies.sid', { cookie: 'sid=abc' }, 'abc'],
    ['req.cookie("a", "secret")', { cookie: `a=1; a.sig=${signValue('1', 'secret')}` }, '1'],
    ['req.cookie("a", {secret: "secret", algorithm: "sha512"})', { cookie: `a=1; a.sig=${signValue('1', 'secret', 'sha512')}` }, '1'],
    ['req.cookie("a", "secret")', { cookie: `a=2; a.sig=${signValue('1', 'secret')}` }, null],
    ['req.cookie("a", "secret")', { cookie: 'a=2' }, null],
    ['req.hostname + req.port', { host: 'example.org' }, 'example.org80'],
    ['req.arangoVersion', { 'x-arango-version': '30400' }, 30400],
  ];
  for (const [expression, headers, expected] of table) assert.deepEqual(look(t, expression, undefined, { headers }), expected, expression);
});

test('a proxy is believed when it is trusted', (t) => {
  const headers = {
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'example.org',
    'x-forwarded-for': '1.2.3.4, 5.6.7.8',
    'x-forwarded-port': '77',
  };
  const code = `router.get((req, res) => { res.json([req.protocol, req.secure, req.hostname, req.port, req.remoteAddress, req.remoteAddresses, req.remotePort, req.makeAbsolute('x')]); });`;
  const believed = ['https', true, 'example.org', 443, '1.2.3.4', ['1.2.3.4', '5.6.7.8'], 77, 'https://example.org/_db/_system/test/x'];
  const direct = ['http', false, 'localhost', 8529, '10.0.0.7', ['10.0.0.7'], 5000, 'http://localhost:8529/_db/_system/test/x'];
  const host = { endpoints: [], exportsOf: () => null, request: () => ({ status: 500, headers: {}, body: '' }) };
  const ask = (trustedProxies: readonly string[] | undefined, before = ''): unknown =>
    loadRoutes(t, before + code, { host: trustedProxies === undefined ? host : { ...host, trustedProxies } }).get('/', { headers }).json;
  assert.deepEqual(ask(undefined), believed);
  assert.deepEqual(ask(['10.0.0.0/8']), believed);
  assert.deepEqual(ask(['10.0.0.7']), believed);
  assert.deepEqual(ask(['192.168.0.0/16']), direct);
  assert.deepEqual(ask(undefined, 'context.trustProxy = false;'), direct);
  assert.deepEqual(ask(['192.168.0.0/16'], 'context.trustProxy = true;'), believed);
});

test('who asks', (t) => {
  assert.deepEqual(look(t, '[req.arangoUser, req.authorized]', undefined, { user: 'ada' }), ['ada', true]);
});

test('a body that no one declared is a buffer, for JSON.parse and req.json too', (t) => {
  const service = loadRoutes(
    t,
    `router.post((req, res) => { res.json([JSON.parse(req.body), req.json(), req.body === req.rawBody, req._raw.requestBody]); });`,
  );
  assert.deepEqual(service.post('/', '{"a":1}').json, [{ a: 1 }, { a: 1 }, true, '{"a":1}']);
});

test('a request and a response can be printed and sent', (t) => {
  const service = loadRoutes(
    t,
    `const { inspect } = require('util');
     router.get('/json', (req, res) => { req.own = 1; res.json({ req, res }); });
     router.get('/send', (req, res) => { res.send(req); });
     router.get('/inspect', (req, res) => { res.send(inspect(req) + inspect(res) + inspect(module.context, { depth: 5 })); });
     router.get('/text', (req, res) => { res.send(String(req) + JSON.stringify(module.context)); });`,
  );
  assert.equal((service.get('/json').json as { req: { own: number } }).req.own, 1);
  for (const path of ['/send', '/inspect', '/text']) assert.equal(service.get(path).status, 200, path);
});

test('the raw body is the request’s own bytes and no others, wherever they lay', (t) => {
  const service = loadRoutes(t, `router.post('/', (req, res) => { res.json([req.rawBody.toString(), req.rawBody.buffer.byteLength]); });`);
  const around = Buffer.from('secrets of others [own] and more');
  for (const body of [around.subarray(19, 22), new Uint8Array(around.buffer, around.byteOffset + 19, 3), Buffer.from('own')]) {
    assert.deepEqual(service.post('/', body).json, ['own', 3]);
  }
});
