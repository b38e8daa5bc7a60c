import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { replaceClock } from '#base';
import { captureLog, loadFiles, loadRoutes, type Answered, type Ask } from '../../../tests/support/load-service.ts';
import type { ServiceSource } from '#modules';

/** The answer of a handler that does this, on a route that says that about itself. */
function answer(t: TestContext, code: string, said = '', options: Partial<ServiceSource> = {}, ask: Ask = {}): Answered {
  return loadRoutes(t, `router.get((req, res) => { ${code} })${said};`, options).get('/', ask);
}

const JSON_TYPE = 'application/json; charset=utf-8';
const HTML_TYPE = 'text/html; charset=utf-8';

test('what is sent, and as what', (t) => {
  const table: [code: string, said: string, status: number, type: string, body: string][] = [
    ['', '', 204, 'application/json', ''],
    ['res.send("<b>")', '', 200, HTML_TYPE, '<b>'],
    ['res.send({a: 1})', '', 200, JSON_TYPE, '{"a":1}'],
    ['res.send([1])', '', 200, JSON_TYPE, '[1]'],
    ['res.send(Buffer.from("x"))', '', 200, 'application/octet-stream', 'x'],
    ['res.send(12)', '', 200, HTML_TYPE, '12'],
    ['res.send(null)', '', 204, HTML_TYPE, ''],
    ['res.send({ isArangoResultSet: true, toArray: () => [1, 2] })', '', 200, JSON_TYPE, '[1,2]'],
    ['res.send("x")', '.response(["text/plain"])', 200, 'text/plain; charset=utf-8', 'x'],
    ['res.send(5)', '.response(["text/plain"], "a number")', 200, 'text/plain; charset=utf-8', '5'],
    ['res.send("x")', '.response(["text/css"])', 200, 'text/css', 'x'],
    ['res.send({a: 1})', '.response(["application/vnd.api+json"])', 200, 'application/vnd.api+json', '{"a":1}'],
    ['res.send({a: 1, b: 2})', '.response(["application/x-www-form-urlencoded"])', 200, 'application/x-www-form-urlencoded', 'a=1&b=2'],
    ['res.send("x")', '.response(joi.string())', 200, JSON_TYPE, '"x"'],
    ['res.send({a: 1})', '.response({ forClient: (x) => ({ b: x.a }) })', 200, JSON_TYPE, '{"b":1}'],
    ['res.send([{a: 1}])', '.response([{ forClient: (x) => x.a }])', 200, JSON_TYPE, '[1]'],
    ['res.send({a: 1})', '.response([{ forClient: (x) => x.a }])', 200, JSON_TYPE, '1'],
    [
      'res.status(201); res.send({a: 1})',
      '.response(201, { forClient: (x) => x.a }, "made").response({ forClient: () => 0 })',
      201,
      JSON_TYPE,
      '1',
    ],
    ['res.status("created").json(1)', '.response("created", joi.any(), "made")', 201, JSON_TYPE, '1'],
    ['res.send("x", "text/css")', '', 200, 'text/css', 'x'],
    ['res.send("x", "css")', '', 200, 'text/css', 'x'],
    ['res.send({a: 1}, "json")', '', 200, JSON_TYPE, '{"a":1}'],
    ['res.set("Content-Type", "text/x-own"); res.send("x")', '', 200, 'text/x-own', 'x'],
    ['res.type("txt"); res.send("x")', '', 200, 'text/plain', 'x'],
    ['res.json({a: 1})', '', 200, JSON_TYPE, '{"a":1}'],
    ['res.json({a: 1}, true)', '', 200, JSON_TYPE, '{\n  "a": 1\n}'],
    ['res.type("application/own"); res.json(1)', '', 200, 'application/own', '1'],
    ['res.body = {a: 1}', '', 200, 'application/json', '{"a":1}'],
    ['res.body = 5', '', 200, 'application/json', '5'],
    ['res.body = "x"; res.body = null', '', 204, 'application/json', ''],
    ['res.write("a").write({b: 1}).write(null).write(1)', '', 200, 'application/json', 'a{"b":1}1'],
    ['res.write("a").write(Buffer.from("b")).write("c")', '', 200, 'application/json', 'abc'],
    ['res.status(404, "ignored").send("x")', '', 404, HTML_TYPE, 'x'],
    ['res.status("no content")', '', 204, 'application/json', ''],
    ['res.statusCode = 299; res.send("x")', '', 299, HTML_TYPE, 'x'],
    ['res.sendStatus(404)', '', 404, 'application/json', 'Not Found'],
    ['res.sendStatus("created")', '', 201, 'application/json', 'Created'],
    ['res.sendStatus(299)', '', 299, 'application/json', '299'],
    ['res._raw.responseCode = 201; res._raw.body = "raw"; res._raw.contentType = "text/raw"', '', 201, 'text/raw', 'raw'],
  ];
  for (const [code, said, status, type, body] of table) {
    const sent = answer(t, code, said);
    assert.deepEqual([sent.status, sent.headers['content-type'], sent.body], [status, type, body], `${code} ${said}`);
  }
});

test('in development JSON is made for reading', (t) => {
  for (const code of ['res.json({a: 1})', 'res.send({a: 1})', 'res.body = {a: 1}', 'res.write({a: 1})']) {
    assert.equal(answer(t, code, '', { isDevelopment: true }).body, '{\n  "a": 1\n}', code);
  }
});

test('headers are names without case', (t) => {
  const sent = answer(
    t,
    `res.set('X-A', 1).set({ 'X-B': ['1', '2'], 'x-c': true });
     res.setHeader('X-D', 'd'); res.removeHeader('x-d'); res.setHeader('', 'none');
     res.set('x-e', res.getHeader('x-a') + res.getHeader('X-A'));
     res.headers['x-f'] = 'f';
     res.vary('Accept'); res.vary('Origin', 'accept'); res.vary(['X-Own']);`,
  );
  const { 'content-type': _, ...headers } = sent.headers;
  assert.deepEqual(headers, { 'x-a': '1', 'x-b': ['1', '2'], 'x-c': 'true', 'x-e': '11', 'x-f': 'f', vary: 'Accept, Origin, X-Own' });
  assert.equal(answer(t, `res.set('content-type', 'a/b'); res.removeHeader('Content-Type');`).headers['content-type'], 'application/json');
  assert.deepEqual(answer(t, `res.headers = { 'Content-Type': 'a/b', 'X-Y': 'z' };`).headers, { 'content-type': 'a/b', 'x-y': 'z' });
});

test('redirects', (t) => {
  const table: [code: string, status: number][] = [
    ['res.redirect("/x")', 302],
    ['res.redirect(307, "/x")', 307],
    ['res.redirect("permanent", "/x")', 301],
    ['res.redirect("see other", "/x")', 303],
    ['res.status(308); res.redirect("/x")', 308],
  ];
  for (const [code, status] of table) {
    const sent = answer(t, code);
    assert.deepEqual([sent.status, sent.headers['location']], [status, '/x'], code);
  }
});

test('cookies, signed and not', (t) => {
  t.after(replaceClock({ now: () => Date.UTC(2026, 0, 1), monotonic: () => 0 }));
  const cookies = (code: string): unknown => answer(t, code).headers['set-cookie'];
  assert.deepEqual(cookies('res.cookie("a", "x y")'), ['a=x%20y; Path=/']);
  assert.deepEqual(cookies('res.cookie("a", 1, 60)'), ['a=1; Max-Age=60; Expires=Thu, 01 Jan 2026 00:01:00 GMT; Path=/']);
  assert.deepEqual(cookies('res.cookie("a", 1, { path: "/p", domain: "d", secure: true, httpOnly: true, sameSite: "Lax" })'), [
    'a=1; Path=/p; Domain=d; SameSite=Lax; Secure; HttpOnly',
  ]);
  assert.deepEqual(cookies('res.cookie("a", 1); res.cookie("b", 2); res.cookie("a", 3)'), ['b=2; Path=/', 'a=3; Path=/']);
  const signed = cookies('res.cookie("a", "1", "secret")') as string[];
  assert.match(signed[1] ?? '', /^a\.sig=[0-9a-f]{64}; Path=\/$/);
});

test('files', (t) => {
  const files = {
    'index.js': `
    const router = require('@arangodb/foxx/router')();
    const path = (name) => module.context.fileName(name);
    router.get('/file', (req, res) => { res.sendFile(path('a.css')); });
    router.get('/plain', (req, res) => { res.sendFile(path('a.css'), { lastModified: false }); });
    router.get('/dated', (req, res) => { res.set('last-modified', 'x'); res.sendFile(path('a.css')); });
    router.get('/forced', (req, res) => { res.set('last-modified', 'x'); res.sendFile(path('a.css'), true); });
    router.get('/download', (req, res) => { res.download(path('a.css'), 'a €.css'); });
    router.get('/attachment', (req, res) => { res.attachment('a.json'); res.send('{}'); });
    router.get('/missing', (req, res) => { res.sendFile(path('none')); });
    router.get('/text', (req, res) => { res.send(module.context.file('a.css', 'utf8') + Buffer.isBuffer(module.context.file('a.css'))); });
    module.context.use(router);
    `,
    'a.css': 'a {}',
  };
  const service = loadFiles(t, files);
  const file = service.get('/file');
  assert.deepEqual([file.status, file.body, file.headers['content-type']], [200, 'a {}', 'text/css; charset=utf-8']);
  assert.match(String(file.headers['last-modified']), /GMT$/);
  assert.equal(service.get('/plain').headers['last-modified'], undefined);
  assert.equal(service.get('/dated').headers['last-modified'], 'x');
  assert.notEqual(service.get('/forced').headers['last-modified'], 'x');
  assert.equal(
    service.get('/download').headers['content-disposition'],
    `attachment; filename="a ?.css"; filename*=UTF-8''a%20%E2%82%AC.css`,
  );
  assert.equal(service.get('/attachment').headers['content-disposition'], 'attachment; filename="a.json"');
  assert.equal(service.get('/missing').status, 404);
  assert.equal(service.get('/text').body, 'a {}true');
});

test('res.throw', (t) => {
  captureLog(t);
  const table: [code: string, expected: object][] = [
    ['res.throw(409)', { errorNum: 409, errorMessage: 'Conflict', code: 409 }],
    ['res.throw(409, "why")', { errorNum: 409, errorMessage: 'why', code: 409 }],
    ['res.throw("bad request", "why")', { errorNum: 400, errorMessage: 'why', code: 400 }],
    ['res.throw("500", "why")', { errorNum: 500, errorMessage: 'why', code: 500 }],
    ['res.throw(404, Object.assign(new Error("cause"), { errorNum: 1202 }))', { errorNum: 1202, errorMessage: 'cause', code: 404 }],
    ['res.throw(404, "why", Object.assign(new Error("cause"), { errorNum: 1202 }))', { errorNum: 1202, errorMessage: 'why', code: 404 }],
    ['res.throw(400, "why", { errorNum: 7, extra: { more: 1 } })', { errorNum: 7, errorMessage: 'why', code: 400, more: 1 }],
    [
      'res.throw(500, { cause: new Error("cause"), extra: { code: 9 } })',
      { errorNum: 500, errorMessage: 'Internal Server Error', code: 9 },
    ],
    ['const e = new Error("own"); e.statusCode = 418; res.throw(e)', { errorNum: 418, errorMessage: 'own', code: 418 }],
  ];
  for (const [code, expected] of table) assert.deepEqual(answer(t, code).json, { error: true, ...expected }, code);
});

test('a page of another origin may read the headers that the service set', (t) => {
  const ask = { headers: { origin: 'http://elsewhere' } };
  assert.equal(
    answer(t, `res.set('x-own', 1); res.send('');`, '', {}, ask).headers['access-control-expose-headers'],
    'content-length, server, x-own',
  );
  assert.equal(answer(t, `res.set('Access-Control-Expose-Headers', 'x');`, '', {}, ask).headers['access-control-expose-headers'], 'x');
  assert.equal(answer(t, `res.set('x-own', 1);`).headers['access-control-expose-headers'], undefined);
});

test('a status that is none is 500, and a body that is none is text', (t) => {
  const entries = captureLog(t);
  assert.equal(answer(t, 'res.statusCode = "what"; res.send("x");').status, 500);
  assert.equal(answer(t, 'res._raw.body = { a: 1 };').body, '{"a":1}');
  assert.deepEqual(
    entries.map(({ level }) => level),
    ['warning', 'warning'],
  );
});
