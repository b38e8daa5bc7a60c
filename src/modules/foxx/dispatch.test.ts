import assert from 'node:assert/strict';
import { test } from 'node:test';
import { captureLog, loadRoutes } from '../../../tests/support/load-service.ts';

test('middleware runs outermost first, wherever it was defined, and again on the way back', (t) => {
  const service = loadRoutes(
    t,
    `
    const trace = [];
    const log = (name) => (req, res, next) => { trace.push(name + ' ' + req.suffix); next(); trace.push('/' + name); };
    const child = createRouter();
    child.get('/end', log('route'), (req, res) => { trace.push('end ' + req.suffix); res.json(trace); });
    child.use(log('child'));
    router.use('/a', child);
    router.use('/a', log('at a'));
    context.use((req, res, next) => { trace.length = 0; next(); res.set('x-trace', trace.join(',')); });
    router.use(log('router'));
    `,
  );
  const answer = service.get('/a/end');
  assert.deepEqual(answer.json, ['router a/end', 'at a end', 'child end', 'route ', 'end ']);
  assert.equal(answer.headers['x-trace'], 'router a/end,at a end,child end,route ,end ,/route,/child,/at a,/router');
});

test('middleware that does not call next ends the request, and catches what comes from below', (t) => {
  const service = loadRoutes(
    t,
    `
    router.get('/stop', () => { throw new Error('not reached'); });
    router.use('/stop', (req, res) => { res.status(401); });
    router.get('/throw', () => { throw new Error('caught'); });
    router.use('/throw', (req, res, next) => { try { next(); } catch (e) { res.send(e.message + req.path); } });
    router.get('/error', () => {});
    router.use('/error', (req, res, next) => { next(new TypeError('passed on')); });
    router.get('/twice', (req, res) => { res.write('x'); });
    router.use('/twice', (req, res, next) => { next(); next(); });
    `,
  );
  assert.equal(service.get('/stop').status, 401);
  assert.equal(service.get('/throw').body, 'caught/throw');
  captureLog(t);
  assert.equal(service.get('/error').status, 500);
  assert.equal(service.get('/twice').body, 'x');
});

test('middleware sees the parameters of its own place, and gives them back', (t) => {
  const service = loadRoutes(
    t,
    `
    const child = createRouter();
    child.get('/:b', (req, res) => { res.json(req.pathParams); }).pathParam('b', joi.number());
    router.use('/:a', child);
    router.use((req, res, next) => {
      const before = JSON.stringify([req.pathParams, req.queryParams, req.path, req.suffix]);
      next();
      res.set('x', JSON.stringify([req.pathParams, req.queryParams, req.path, req.suffix]) === before ? 'same' : 'changed');
    });
    `,
  );
  const answer = service.get('/1/2?q=3');
  assert.deepEqual(answer.json, { a: '1', b: 2 });
  assert.equal(answer.headers['x'], 'same');
});

test('a middleware made by register adds to what is said about its routes', (t) => {
  const service = loadRoutes(
    t,
    `
    router.use({ register(endpoint) { endpoint.header('X-Token', joi.string().required()); return (req, res, next) => next(); } });
    router.get((req, res) => { res.send(req.headers['x-token']); });
    `,
  );
  assert.equal(service.get('/', { headers: { 'x-token': 'abc' } }).body, 'abc');
  assert.deepEqual(service.get('/').json, {
    error: true,
    errorNum: 400,
    errorMessage: 'request header "x-token" is required',
    code: 400,
  });
});

test('parameters are converted, or refused by their names', (t) => {
  const service = loadRoutes(
    t,
    `router.get('/sum', (req, res) => { res.json(req.queryParams.a + req.queryParams.b); })
       .queryParam('a', joi.number().required()).queryParam('b', joi.number().default(1)).queryParam('c', 'any text');
     router.get('/raw', (req, res) => { res.json(req.queryParams); });
     router.get('/own', (req, res) => { res.json(req.queryParams); }).queryParam('n', { validate: (v) => ({ value: v + '!' }) });`,
  );
  assert.equal(service.get('/sum?a=40&b=2').json, 42);
  assert.equal(service.get('/sum?a=1&c=x').json, 2);
  assert.equal((service.get('/sum?a=x').json as { errorMessage: string }).errorMessage, 'query parameter "a" must be a number');
  assert.deepEqual(service.get('/raw?a=1&a=2&b=x%20y&c').json, { a: ['1', '2'], b: 'x y', c: '' });
  assert.deepEqual(service.get('/own?n=1').json, { n: '1!' });
});

test('bodies are parsed by their type, checked, and made into what the model wants', (t) => {
  const service = loadRoutes(
    t,
    `
    const echo = (req, res) => { res.json({ body: Buffer.isBuffer(req.body) ? 'buffer ' + req.body : req.body }); };
    router.post('/raw', echo);
    router.post('/json', echo).body(joi.object({ a: joi.number().required() }).required(), 'a thing');
    router.post('/plain', echo).body({ a: joi.number() });
    router.post('/list', echo).body([joi.object({ a: joi.number().required() })]);
    router.post('/model', echo).body({ schema: { a: joi.number() }, fromClient: (x) => ({ b: x.a }) });
    router.post('/models', echo).body([{ schema: joi.object({ a: joi.number() }), fromClient: (x) => x.a }]);
    router.post('/text', echo).body(['text/plain'], 'text');
    router.post('/types', echo).body(['json', 'application/x-www-form-urlencoded', 'text/plain']);
    router.post('/none', echo).body(null);
    router.delete('/gone', echo);
    router.delete('/why', echo).body(joi.object());
    `,
  );
  const table: [path: string, body: unknown, headers: Record<string, string>, expected: unknown][] = [
    ['/raw', '{"a":1}', {}, { body: 'buffer {"a":1}' }],
    ['/json', { a: '1' }, {}, { body: { a: 1 } }],
    ['/json', '{"a":1}', { 'content-type': 'application/vnd.api+json' }, { body: { a: 1 } }],
    ['/json', {}, {}, 'child "a" fails because ["a" is required]'],
    ['/json', undefined, {}, 'request body is required'],
    ['/json', '{', {}, /JSON/],
    ['/plain', { a: 1, b: 2 }, {}, '"b" is not allowed'],
    ['/list', [{ a: 1 }, { a: 2 }], {}, { body: [{ a: 1 }, { a: 2 }] }],
    ['/list', { a: 1 }, {}, 'request body must be an array'],
    ['/model', { a: 1 }, {}, { body: { b: 1 } }],
    ['/models', [{ a: 1 }, { a: 2 }], {}, { body: [1, 2] }],
    ['/text', 'h\xe9', { 'content-type': 'text/plain' }, { body: 'hé' }],
    ['/types', 'a=1&b=2&b=3', { 'content-type': 'application/x-www-form-urlencoded' }, { body: { a: '1', b: ['2', '3'] } }],
    ['/types', '[1]', { 'content-type': 'application/unknown' }, { body: [1] }],
    ['/types', 'abc', { 'content-type': 'text/plain; charset=utf-8' }, { body: 'abc' }],
    ['/none', 'x', {}, 'Unexpected request body'],
    ['/none', undefined, {}, { body: null }],
  ];
  for (const [path, body, headers, expected] of table) {
    const answer = service.post(path, body, { headers });
    if (typeof expected === 'object' && !(expected instanceof RegExp)) {
      assert.deepEqual(answer.json, expected, path);
    } else {
      assert.equal(answer.status, 400, path);
      const { errorMessage } = answer.json as { errorMessage: string };
      if (expected instanceof RegExp) assert.match(errorMessage, expected);
      else assert.equal(errorMessage, expected, path);
    }
  }
  assert.equal(service.ask('DELETE', '/gone').status, 200);
  assert.equal(service.ask('DELETE', '/gone', { body: 'x' }).status, 400);
  assert.deepEqual(service.ask('DELETE', '/why', { body: { a: 1 } }).json, { body: { a: 1 } });
});

test('multipart bodies are lists of parts', (t) => {
  const service = loadRoutes(
    t,
    `router.post((req, res) => { res.json(req.body.map(({ headers, data }) => [headers['content-disposition'], data.toString()])); })
       .body(['multipart/form-data']);`,
  );
  const body = [
    '--xyz',
    'Content-Disposition: form-data; name="a"',
    '',
    '1',
    '--xyz',
    'Content-Disposition: form-data; name="f"; filename="f.txt"',
    'Content-Type: text/plain',
    '',
    'line\r\nline',
    '--xyz--',
    '',
  ].join('\r\n');
  const headers = { 'content-type': 'multipart/form-data; boundary=xyz' };
  assert.deepEqual(service.post('/', body, { headers }).json, [
    ['form-data; name="a"', '1'],
    ['form-data; name="f"; filename="f.txt"', 'line\r\nline'],
  ]);
  assert.equal(service.post('/', 'garbage', { headers }).status, 400);
});

test('types of a service take part both ways', (t) => {
  const service = loadRoutes(
    t,
    `
    context.registerType('application/vnd.upper', {
      fromClient: (body) => body.toString().toUpperCase(),
      forClient: (value) => ({ headers: { 'x-made': 'yes' }, data: String(value).toUpperCase() }),
    });
    context.registerType(/^text\\/x-/, { forClient: (value) => 'x:' + value });
    context.registerType((type) => type === 'image/none', { forClient: () => Buffer.from('none') });
    router.post('/up', (req, res) => { res.send(req.body + '?'); }).body(['application/vnd.upper']).response(['application/vnd.upper']);
    router.get('/x', (req, res) => { res.send('a', 'text/x-own'); });
    router.get('/image', (req, res) => { res.send('a', 'image/none'); });
    `,
  );
  const answer = service.post('/up', 'abc', { headers: { 'content-type': 'application/vnd.upper' } });
  assert.equal(answer.body, 'ABC?');
  assert.equal(answer.headers['x-made'], 'yes');
  assert.equal(answer.headers['content-type'], 'application/vnd.upper');
  assert.equal(service.get('/x').body, 'x:a');
  assert.equal(service.get('/x').headers['content-type'], 'text/x-own');
  assert.equal(service.get('/image').body, 'none');
});

test('handlers and middleware may be asynchronous, and what they throw is answered', async (t) => {
  captureLog(t);
  const service = loadRoutes(
    t,
    `
    const wait = () => new Promise((resolve) => setTimeout(resolve, 1));
    const slow = async (req, res) => { await wait(); res.write('slow' + req.path); };
    router.get('/plain', slow);
    router.get('/awaited', slow);
    router.use('/awaited', async (req, res, next) => { await wait(); await next(); res.write(' after' + req.suffix); });
    router.get('/returned', slow);
    router.use('/returned', (req, res, next) => next());
    router.get('/forgotten', slow);
    router.use('/forgotten', async (req, res, next) => { await wait(); next(); });
    router.get('/sync', slow);
    router.use('/sync', (req, res, next) => { next(); res.write('first '); });
    router.get('/route', async (req, res, next) => { await wait(); next(); }, slow);
    const fails = async () => { await wait(); const e = new Error('late'); e.statusCode = 418; throw e; };
    router.get('/throws', fails);
    router.get('/caught', fails);
    router.use('/caught', async (req, res, next) => { try { await next(); } catch (e) { res.write('caught ' + e.message); } });
    router.get('/uncaught', fails);
    router.use('/uncaught', async (req, res, next) => { next(); });
    router.get('/then', fails);
    router.use('/then', (req, res, next) => next().catch((e) => { res.write('then ' + e.message); }));
    `,
  );
  const table: [string, string | number][] = [
    ['/plain', 'slow/plain'],
    ['/awaited', 'slow/awaited after'],
    ['/returned', 'slow/returned'],
    ['/forgotten', 'slow/forgotten'],
    ['/sync', 'first slow/sync'],
    ['/route', 'slow/route'],
    ['/throws', 418],
    ['/caught', 'caught late'],
    ['/uncaught', 418],
    ['/then', 'then late'],
  ];
  for (const [path, expected] of table) {
    const answer = await service.askAsync('GET', path);
    assert.equal(typeof expected === 'number' ? answer.status : answer.body, expected, path);
  }
});
