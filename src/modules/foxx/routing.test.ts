import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { ArangoError } from '#base';
import { captureLog, loadRoutes } from '../../../tests/support/load-service.ts';

/** Each row: a request and what answers it; `undefined` is no route, a number is only a status. */
type Row = readonly [method: string, path: string, expected: string | number | undefined];

function checkRoutes(t: TestContext, routes: string, rows: readonly Row[]): void {
  const service = loadRoutes(t, routes);
  for (const [method, path, expected] of rows) {
    const answer = service.find(method, path);
    assert.equal(typeof expected === 'string' ? answer?.body : answer?.status, expected, `${method} ${path}`);
  }
}

test('a route that ends at the path goes before literal text, text before a parameter, a parameter before a wildcard', (t) =>
  checkRoutes(
    t,
    `
    const answer = (text) => (req, res) => { res.send(text + JSON.stringify(req.pathParams) + req.suffix); };
    router.get('/*', answer('wild'));
    router.get('/:a', answer('parameter'));
    router.get('/:a/:b', answer('two'));
    router.get('/all/version', answer('text'));
    router.get('/foo/*', answer('foo'));
    router.get('/foo/bar', answer('bar'));
    router.get(answer('root'));
    `,
    [
      ['GET', '/', 'root{}'],
      ['GET', '', 'root{}'],
      ['GET', '/x', 'parameter{"a":"x"}'],
      ['GET', '/x/', 'parameter{"a":"x"}'],
      ['GET', '//x//y', 'two{"a":"x","b":"y"}'],
      ['GET', '/all/version', 'text{}'],
      ['GET', '/all/other', 'two{"a":"all","b":"other"}'],
      ['GET', '/foo', 'foo{}'],
      ['GET', '/foo/bar', 'bar{}'],
      ['GET', '/foo/bar/x', 'foo{}bar/x'],
      ['GET', '/a/b/c%2Fd', 'wild{}a/b/c%2Fd'],
      ['GET', '/caf%C3%A9', 'parameter{"a":"café"}'],
    ],
  ));

test('a wildcard also matches its own base', (t) =>
  checkRoutes(t, `router.get('files/*', (req, res) => { res.send('[' + req.suffix + ']'); });`, [
    ['GET', '/files', '[]'],
    ['GET', '/files/a', '[a]'],
    ['GET', '/file', undefined],
  ]));

test('of two definitions of one route the first answers', (t) =>
  checkRoutes(
    t,
    `router.get('/a', (req, res) => { res.send('first'); }, 'name');
     router.get('/a', (req, res) => { res.send('second'); }, 'name');`,
    [['GET', '/a', 'first']],
  ));

test('a path with another verb is 405 with the verbs that there are, and HEAD is no GET', (t) => {
  const service = loadRoutes(t, `router.get('/a', () => {}); router.post('/a', () => {}); router.get('/b/:x', () => {});`);
  const answer = service.ask('PUT', '/a');
  assert.equal(answer.status, 405);
  assert.equal(answer.headers['allow'], 'POST'); // the route that was looked at last
  assert.deepEqual(answer.json, { error: true, errorNum: 405, errorMessage: 'Method Not Allowed', code: 405 });
  assert.equal(service.ask('HEAD', '/b/1').status, 405);
});

test('router.all is an endpoint for every verb, reached only where no other route fits', (t) => {
  const service = loadRoutes(
    t,
    `router.all('*', (req, res, next) => { res.send(typeof next); });
     router.put('/:id', (req, res) => { res.send('put'); });`,
  );
  assert.equal(service.ask('PUT', '/1').body, 'put');
  assert.equal(service.ask('PATCH', '/1').body, 'undefined');
  assert.equal(service.ask('GET', '/x/y').body, 'undefined');
});

test('path parameters that do not fit leave the path to others, and are a 404 when there are none', (t) => {
  const service = loadRoutes(
    t,
    `router.get('/:n', (req, res) => { res.send(typeof req.pathParams.n); }).pathParam('n', joi.number());
     router.get('/x', 'text', () => {}) ;`.replace("'text', ", ''),
  );
  assert.equal(service.get('/12').body, 'number');
  assert.equal(service.get('/twelve').status, 404);
  assert.deepEqual(service.get('/twelve').json, { error: true, errorNum: 404, errorMessage: 'Not Found', code: 404 });
  const withOther = loadRoutes(
    t,
    `router.get('/:n', () => {}).pathParam('n', joi.number());
     router.get('/:name', (req, res) => { res.send(req.pathParams.name); });`,
  );
  assert.equal(withOther.get('/twelve').body, 'twelve');
});

test('a wrong verb is remembered rather than a parameter that does not fit', (t) => {
  const service = loadRoutes(t, `router.get('/:n', () => {}).pathParam('n', joi.number()); router.post('/:name', () => {});`);
  assert.equal(service.get('/twelve').status, 405);
});

test('middleware is no route', (t) => {
  const service = loadRoutes(t, `router.use((req, res) => { res.send('never'); });`);
  assert.equal(service.find('GET', '/a'), undefined);
});

test('child routers under a parameter, mounted twice, share their routes and have their own parameters', (t) => {
  const service = loadRoutes(
    t,
    `
    const child = createRouter();
    child.use((req, res, next) => { res.set('x-uid', req.pathParams.uid); next(); });
    child.get('/:id', (req, res) => { res.send([req.pathParams.uid, req.pathParams.id, req.path, req.suffix].join('|')); });
    router.use('/users/:uid', child, 'users');
    router.use('/staff/:uid', child);
    `,
  );
  const answer = service.get('/users/7/a%20b');
  assert.equal(answer.headers['x-uid'], '7');
  assert.equal(answer.body, '7|a b|/users/7/a b|');
  assert.equal(service.get('/staff/8/c').body, '8|c|/staff/8/c|');
});

test('what is said about a mount goes before what is said about its router', (t) => {
  const service = loadRoutes(
    t,
    `
    const child = createRouter();
    child.queryParam('q', joi.number().optional());
    child.get('/', (req, res) => { res.json(req.queryParams); });
    router.use('/optional', child);
    router.use('/required', child).queryParam('q', joi.number().required());
    `,
  );
  assert.deepEqual(service.get('/optional?q=1').json, { q: 1 });
  assert.deepEqual(service.get('/required?q=1').json, { q: 1 });
  assert.equal(service.get('/optional').status, 200);
  assert.equal(service.get('/required').status, 400);
});

test('wrong arguments are error 10 and name the method', (t) => {
  for (const call of [`router.get(1)`, `router.get('/a')`, `router.use('/a', {})`, `router.get('/a', () => {}).queryParam(1)`]) {
    assert.throws(
      () => loadRoutes(t, call),
      (error: ArangoError) => error.errorNum === 3103 && (error.cause as ArangoError).errorNum === 10,
      call,
    );
  }
});

test('named routes are found from inside out, by dotted names and through unnamed routers', (t) => {
  captureLog(t);
  const service = loadRoutes(
    t,
    `
    const inner = createRouter();
    inner.get('/detail/:key', (req, res) => { res.json([
      req.reverse('detail', {key: 5}), req.reverse('list'), req.reverse('shop.basket', {page: 2, tag: ['a', 'b']}),
      req.reverse('detail', {key: 'a b/c'}), req.reverse('files', 'x/y.txt'), req.makeAbsolute(req.reverse('list')),
      req.makeAbsolute('x', {a: 1}), context.reverse('items.detail', {key: 1}),
    ]); }, 'detail');
    const outer = createRouter();
    outer.get('list', () => {}, 'list');
    outer.get('/files/*', () => {}, 'files');
    outer.use('/items', inner, 'items');
    const shop = createRouter();
    shop.get('/basket', () => {}, 'basket');
    outer.use('/shop', shop, 'shop');
    router.use(outer);
    router.get('/missing', (req) => { req.reverse('nothing'); });
    router.get('/value', (req) => { req.reverse('items.detail'); });
    `,
    { isDevelopment: true },
  );
  assert.deepEqual(service.get('/items/detail/1').json, [
    '/items/detail/5',
    '/list',
    '/shop/basket?page=2&tag=a&tag=b',
    '/items/detail/a%20b%2Fc',
    '/files/x/y.txt',
    'http://localhost:8529/_db/_system/test/list',
    'http://localhost:8529/_db/_system/test/x?a=1',
    '/items/detail/1',
  ]);
  assert.equal((service.get('/missing').json as { exception: string }).exception, 'Error: Route could not be resolved: "nothing"');
  assert.equal((service.get('/value').json as { exception: string }).exception, 'Error: Missing value for parameter "key"');
});
