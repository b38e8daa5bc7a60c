import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Manifest } from '#modules';
import { captureLog, loadFiles, openDatabase, type Files, type TestService } from '../../../tests/support/load-service.ts';

interface LegacyFiles extends Files {
  /** The body of a controller's file. */
  readonly app: string;
}

const HEAD = `var Foxx = require('org/arangodb/foxx'); var joi = require('joi'); var db = require('org/arangodb').db;
  var controller = new Foxx.Controller(applicationContext);`;

/** A service with one controller at its root, and a database. */
function load(t: TestContext, { app, ...files }: LegacyFiles, options = {}, manifest: Partial<Manifest> = {}): TestService {
  const { database } = openDatabase(t);
  return loadFiles(
    t,
    { 'app.js': `${HEAD}\n${app}`, ...files },
    { isLegacy: true, database, ...options },
    { main: undefined as never, controllers: { '/': 'app.js' }, defaultDocument: '', ...manifest },
  );
}

test('a controller answers with what its handlers set on the response', (t) => {
  const service = load(t, {
    app: `
    controller.get('/text', function (req, res) { res.set('Content-Type', 'text/plain'); res.body = 'Hello ' + req.params('name'); });
    controller.get('/json', function (req, res) { res.json({ a: 1 }); });
    controller.get('/html', function (req, res) { res.send('<p>'); });
    controller.get('/bytes', function (req, res) { res.send(new Buffer([1, 2])); });
    controller.get('/status', function (req, res) { res.status(201); res.set({ 'X-One': 1, 'X-Two': 'b' }); });
    controller.get('/plain', function (req, res) { res.responseCode = 202; res.contentType = 'text/x'; res.body = 'raw'; res.headers = { a: 'b' }; });
    controller.get('/coded', function (req, res) { res.body = 'text'; res.transformations = ['base64encode']; });
    controller.get('/file', function (req, res) { res.sendFile(applicationContext.foxxFilename('page.html'), { lastModified: true }); });
    controller.get('/cookies', function (req, res) { res.cookie('a', 'b', 60); res.cookie('s', 'v', { signed: 'secret', path: '/x', httpOnly: true }); });
    controller.get('/read', function (req, res) { res.json([req.cookie('a') || null, req.cookie('s', { signed: 'secret' }) || null]); });
    `,
    'page.html': '<html>',
  });
  const seen = (path: string): unknown[] => {
    const { status, headers, body } = service.get(path);
    return [status, headers['content-type'], body];
  };
  assert.deepEqual(seen('/text?name=you'), [200, 'text/plain', 'Hello you']);
  assert.deepEqual(seen('/json'), [200, 'application/json', '{"a":1}']);
  assert.deepEqual(seen('/html'), [200, 'text/html', '<p>']);
  assert.deepEqual(seen('/bytes'), [200, 'application/octet-stream', '\u0001\u0002']);
  assert.deepEqual(seen('/status'), [201, 'text/plain; charset=utf-8', '']);
  assert.deepEqual([service.get('/status').headers['x-one'], service.get('/status').headers['x-two']], ['1', 'b']);
  assert.deepEqual(seen('/plain'), [202, 'text/x', 'raw']);
  assert.equal(service.get('/plain').headers['a'], 'b');
  assert.equal(service.get('/coded').body, 'dGV4dA==');
  assert.deepEqual(seen('/file'), [200, 'text/html', '<html>']);
  assert.match(service.get('/file').headers['last-modified'] as string, /GMT$/);
  const [first, second, signature] = service.get('/cookies').headers['set-cookie'] as string[];
  assert.match(first ?? '', /^a=b; Max-Age=60; /);
  assert.match(second ?? '', /^s=v; Path=\/x; HttpOnly$/);
  const sent = (value: string): unknown =>
    service.get('/read', { headers: { cookie: `a=b; s=${value}; ${String(signature).split(';')[0]}` } }).json;
  assert.deepEqual(sent('v'), ['b', 'v']);
  assert.deepEqual(sent('forged'), ['b', null]);
});

test('a request has its body, parameters and parts', (t) => {
  const service = load(t, {
    app: `
    controller.post('/body', function (req, res) { res.json([req.body(), req.rawBody(), req.rawBodyBuffer().length, req.requestType]); });
    controller.get('/params/:a/:b', function (req, res) { res.json([req.params('a'), req.params('b'), req.urlParameters, req.parameters]); });
    controller.get('/rest/*', function (req, res) { res.json([req.suffix, req.rawSuffix, req.prefix, req.path]); });
    controller.post('/parts', function (req, res) { res.json(req.requestParts().map(function (part) { return part.data.toString(); })); });
    controller.get('/self', function (req, res) { res.json({ json: JSON.stringify(req).length > 2, url: req.url, db: req.database, ip: req.client.address }); });
    `,
  });
  assert.deepEqual(service.post('/body', { a: 1 }).json, [{ a: 1 }, '{"a":1}', 7, 'POST']);
  assert.deepEqual(service.post('/body').json, [{}, '', 0, 'POST']);
  // The query comes before the path: newer versions have it the other way round.
  assert.deepEqual(service.get('/params/x%20y/2?a=q').json, ['q', '2', { a: 'x y', b: '2' }, { a: 'q' }]);
  assert.deepEqual(service.get('/rest/a%20b/c').json, [['a b', 'c'], ['a%20b', 'c'], '/rest', '/rest/a%20b/c']);
  const multipart = '--x\r\nContent-Type: text/plain\r\n\r\none\r\n--x\r\n\r\ntwo\r\n--x--';
  assert.deepEqual(service.post('/parts', multipart, { headers: { 'content-type': 'multipart/form-data; boundary=x' } }).json, [
    'one',
    'two',
  ]);
  assert.deepEqual(service.get('/self').json, { json: true, url: '/test/self', db: '_system', ip: '10.0.0.7' });
});

test('text in a path wins over parameters, and a number is asked of those that are integers', (t) => {
  const service = load(t, {
    app: `
    controller.get('/:id', function (req, res) { res.json(['any', req.urlParameters.id]); });
    controller.get('/:id/x', function (req, res) { res.json(['number', req.urlParameters.id]); })
      .pathParam('id', { type: joi.number().integer().required(), description: 'the id' });
    controller.get('/fixed', function (req, res) { res.json('fixed'); });
    controller.get('/old/:n', function (req, res) { res.json(req.params('n')); }).pathParam('n', { type: 'int' });
    controller.del('/fixed', function (req, res) { res.json('gone'); });
    `,
  });
  assert.deepEqual(service.get('/a').json, ['any', 'a']);
  assert.equal(service.get('/fixed').json, 'fixed');
  assert.equal(service.ask('DELETE', '/fixed').json, 'gone');
  assert.deepEqual(service.get('/7/x').json, ['number', 7]);
  assert.equal(service.find('GET', '/seven/x'), undefined);
  assert.equal(service.get('/old/12').json, 12);
  assert.equal(service.find('GET', '/old/twelve'), undefined);
  assert.equal(service.find('POST', '/fixed'), undefined);
  assert.equal(service.ask('HEAD', '/fixed').status, 200);
});

test('parameters and bodies are validated before the handler', (t) => {
  const service = load(t, {
    app: `
    var Item = Foxx.Model.extend({ schema: { name: joi.string().required(), size: joi.number().default(3) } });
    controller.get('/q', function (req, res) { res.json({ n: req.params('n') }); }).queryParam('n', { type: joi.number().integer().default(9) });
    controller.post('/model', function (req, res) { var item = req.params('item'); res.json([item instanceof Item, item.forDB()]); }).bodyParam('item', { type: Item });
    controller.post('/list', function (req, res) { res.json(req.params('items').map(function (i) { return i.get('name'); })); }).bodyParam('items', { type: [Item] });
    controller.post('/joi', function (req, res) { res.json(req.params('data')); }).bodyParam('data', joi.object({ a: joi.number() }).required());
    controller.post('/map', function (req, res) { res.json(req.params('data')); }).bodyParam('data', { type: { a: joi.number().required() } });
    controller.post('/loose', function (req, res) { res.json([req.params('item').isValid, Object.keys(req.params('item').errors)]); }).bodyParam('item', { type: Item, allowInvalid: true });
    controller.post('/none', function (req, res) { res.json(req.params('undocumented body')); });
    `,
  });
  assert.deepEqual(service.get('/q?n=4').json, { n: 4 });
  assert.deepEqual(service.get('/q').json, { n: 9 });
  assert.deepEqual(service.get('/q?n=x').json, {
    error: true,
    code: 400,
    errorNum: 400,
    errorMessage: 'Invalid value for "n": "value" must be a number',
  });
  assert.deepEqual(service.post('/model', { name: 'a' }).json, [true, { name: 'a', size: 3 }]);
  const refused = service.post('/model', {});
  assert.equal(refused.status, 422);
  assert.match((refused.json as { errorMessage: string }).errorMessage, /"name" is required/);
  assert.deepEqual(service.post('/list', [{ name: 'a' }, { name: 'b' }]).json, ['a', 'b']);
  assert.deepEqual(service.post('/joi', { a: '5' }).json, { a: 5 });
  const noObject = service.post('/joi', '"text"');
  assert.deepEqual([noObject.status, (noObject.json as { errorMessage: string }).errorMessage], [422, 'Request body must be an object']);
  assert.equal(service.post('/map', {}).status, 422);
  assert.deepEqual(service.post('/loose', { other: 1 }).json, [false, ['name', 'other']]);
  assert.deepEqual(service.post('/none', { a: 1 }).json, { a: 1 });
});

test('errors are answered as the route says, or by what they are', (t) => {
  captureLog(t);
  const app = `
    function Teapot() { this.message = 'short and stout'; } Teapot.prototype = new Error(); Teapot.prototype.name = 'Teapot';
    var throws = function (path, error) { return controller.get(path, function () { throw error(); }); };
    throws('/teapot', function () { return new Teapot(); }).errorResponse(Teapot, 418, 'I am one');
    throws('/named', function () { return new Teapot(); }).errorResponse('Teapot', 418, 'I am one', function (e) { return { said: e.message }; });
    throws('/plain', function () { return new Error('plain'); });
    throws('/type', function () { return new TypeError('typed'); });
    throws('/status', function () { return require('http-errors')(403, 'no'); });
    controller.get('/missing', function () { db._collection('none').document('x'); });
    controller.get('/document', function () { db._create('c').document('x'); });
    controller.get('/checked', function (req, res) { res.json(1); }).onlyIf(function (req) { if (!req.params('ok')) throw new Teapot(); }).errorResponse(Teapot, 403, 'not ok');
    controller.get('/authenticated', function (req, res) { res.json(1); }).onlyIfAuthenticated();
    controller.after(function (req, res) { res.set('X-After', 'yes'); });
  `;
  const service = load(t, { app });
  const seen = (path: string): unknown[] => {
    const { status, json } = service.get(path);
    return [status, json];
  };
  assert.deepEqual(seen('/teapot'), [418, { error: 'I am one' }]);
  assert.equal(service.get('/teapot').headers['x-after'], 'yes');
  assert.deepEqual(seen('/named'), [418, { said: 'short and stout' }]);
  assert.deepEqual(seen('/plain'), [500, { error: true, code: 500, errorNum: 500, errorMessage: 'plain' }]);
  assert.deepEqual(seen('/type'), [400, { error: true, code: 400, errorNum: 17, errorMessage: 'typed' }]);
  assert.deepEqual(seen('/status'), [403, { error: true, code: 403, errorNum: 403, errorMessage: 'no' }]);
  assert.equal(service.get('/missing').status, 400);
  assert.deepEqual((service.get('/document').json as { code: number; errorNum: number }).errorNum, 1202);
  assert.equal(service.get('/document').status, 409); // the collection is there now: that its name is taken is the error
  assert.deepEqual(seen('/checked'), [403, { error: 'not ok' }]);
  assert.deepEqual(seen('/checked?ok=1'), [200, 1]);
  assert.deepEqual(seen('/authenticated'), [401, { error: 'Not authorized' }]);
  const inDevelopment = load(t, { app }, { isDevelopment: true }).get('/plain').json as { exception: string; stacktrace: string[] };
  assert.equal(inDevelopment.exception, 'Error: plain');
  assert.match(inDevelopment.stacktrace[1] ?? '', /app\.js:8/);
});

test('hooks run in the order of their declaration, around the route', (t) => {
  const service = load(t, {
    app: `
    controller.before(function (req, res) { req.seen = ['before']; });
    controller.around(function (req, res, opts, next) { req.seen.push('in ' + opts.mount); next(); req.seen.push('out'); res.json(req.seen); });
    controller.before('/private/*', function (req, res) { res.status(403); req.seen.push('stopped'); return false; });
    controller.after('/open', function (req, res) { req.seen.push('after'); });
    controller.get('/open', function (req, res, injected) { req.seen.push(injected.made, injected.given, injected.made === injected.made); });
    controller.get('/private/x', function (req, res) { req.seen.push('never'); });
    controller.addInjector('made', function () { return 'by a function'; });
    controller.addInjector({ given: 7 });
    `,
  });
  assert.deepEqual(service.get('/open').json, ['before', 'in /test', 'by a function', 7, true, 'after', 'out']);
  const stopped = service.get('/private/x');
  assert.deepEqual([stopped.status, stopped.json], [403, ['before', 'in /test', 'stopped', 'out']]);
});

test('what is said of all routes holds for those that come after', (t) => {
  const service = load(t, {
    app: `
    controller.get('/before', function (req, res) { res.json(1); });
    controller.extend({ upper: function (name) { this.queryParam(name, { type: joi.string().uppercase() }); } });
    controller.allRoutes.errorResponse(RangeError, 409, 'too far').upper('u').onlyIf(function (req) { if (req.params('far')) throw new RangeError(); });
    controller.get('/after', function (req, res) { res.json(req.params('u')); });
    controller.get('/own', function (req, res) { res.json(req.params('v')); }).upper('v').summary('chained');
    `,
  });
  assert.equal(service.get('/before?far=1').status, 200);
  assert.deepEqual([service.get('/after?far=1').status, service.get('/after?u=a').json], [409, 'A']);
  assert.equal(service.get('/own?v=b').json, 'B');
});

test('the manifest says where each controller is, and a controller may add to that', (t) => {
  const controllerOf = (name: string, options = ''): string =>
    `var Foxx = require('org/arangodb/foxx'); new Foxx.Controller(applicationContext${options}).get('/x', function (req, res) { res.json('${name}'); });`;
  const service = load(
    t,
    {
      app: `controller.get('/x', function (req, res) { res.json('root'); });`,
      'one.js': controllerOf('one'),
      'two.js': controllerOf('two', `, { urlPrefix: '/deep' }`) + controllerOf('three', `, { urlPrefix: 'deeper' }`),
    },
    {},
    { controllers: { '/': 'app.js', '/one': 'one.js', '/two/': 'two.js' } },
  );
  assert.deepEqual(
    ['/x', '/one/x', '/two/deep/x', '/two/deeper/x'].map((path) => service.get(path).json),
    ['root', 'one', 'two', 'three'],
  );
});

test('a model knows its schema, its errors, and what a client may see', (t) => {
  const service = load(t, {
    app: `
    var Person = Foxx.Model.extend({
      schema: { name: joi.string().required(), age: joi.number().integer().default(18), _key: joi.string() },
      greet: function () { return 'I am ' + this.get('name'); }
    }, { species: 'human' });
    var Child = Person.extend({ greet: function () { return Person.prototype.greet.call(this) + ', small'; } });
    class Grown extends Person { greet() { return super.greet() + ', grown'; } }
    var WithConstructor = Foxx.Model.extend({ constructor: function (data) { Foxx.Model.call(this, data); this.own = true; } });
    controller.get('/', function (req, res) {
      var p = new Person({ name: 'Ada', _id: 'c/1', _key: '1', _rev: 'r', extra: 1 });
      var invalid = new Person({ age: 'x' }); var before = [invalid.isValid, Object.keys(invalid.errors)];
      invalid.set({ name: 'B', age: 4 });
      var loose = new Foxx.Model({ a: 1, b: null });
      var joined = new (Foxx.Model.extend({ schema: joi.object({ a: joi.number() }) }))({ a: '1' });
      res.json({
        greetings: [p.greet(), new Child({ name: 'C' }).greet(), new Grown({ name: 'G' }).greet()], statics: [Person.species, Child.species, Grown.species],
        instances: [new Child() instanceof Person, new Grown() instanceof Foxx.Model, p instanceof require('events').EventEmitter],
        db: p.forDB(), client: p.forClient(), errors: Object.keys(p.errors), before: before, after: [invalid.isValid, invalid.attributes],
        loose: [loose.has('a'), loose.has('b'), loose.has('c'), loose.forClient()], joined: joined.attributes, own: new WithConstructor({ x: 1 }).own,
        fromClient: Person.fromClient({ name: 'F', _id: 'evil', _key: 'k' }).attributes, jsonSchema: Person.toJSONSchema('person'),
        plainSchema: Foxx.toJSONSchema('s', { n: joi.number().integer().required(), t: joi.string() }),
      });
    });
    `,
  });
  assert.deepEqual(service.get('/').json, {
    greetings: ['I am Ada', 'I am C, small', 'I am G, grown'],
    statics: ['human', 'human', 'human'],
    instances: [true, true, true],
    db: { name: 'Ada', age: 18, _key: '1', _id: 'c/1', _rev: 'r', extra: 1 },
    client: { name: 'Ada', age: 18, _key: '1', extra: 1 },
    errors: ['extra'],
    before: [false, ['name', 'age']],
    after: [true, { name: 'B', age: 4 }],
    loose: [true, false, false, { a: 1, b: null }],
    joined: { a: 1 },
    own: true,
    fromClient: { name: 'F', age: 18, _key: 'k' },
    jsonSchema: {
      id: 'person',
      required: ['name'],
      properties: { name: { type: 'string' }, age: { type: 'integer' }, _key: { type: 'string' } },
    },
    plainSchema: { id: 's', required: ['n'], properties: { n: { type: 'integer' }, t: { type: 'string' } } },
  });
});

test('a repository keeps models, and tells before and after', (t) => {
  const service = load(t, {
    app: `
    var log = [];
    var Item = Foxx.Model.extend({ schema: { name: joi.string(), n: joi.number() } }, {
      beforeSave: function (model, data) { log.push('static beforeSave ' + model.get('name') + ' ' + Boolean(data)); },
      afterRemove: function () { log.push('static afterRemove'); }
    });
    var Items = Foxx.Repository.extend({ indexes: [{ type: 'skiplist', fields: ['n'] }], total: function () { return this.count(); } });
    db._create(applicationContext.collectionName('items'));
    db._createEdgeCollection('links');
    var items = new Items(applicationContext.collection('items'), { model: Item, prefix: 'p' });
    ['beforeCreate', 'beforeSave', 'afterSave', 'afterCreate', 'beforeUpdate', 'afterUpdate', 'beforeRemove', 'afterRemove'].forEach(function (event) {
      items.on(event, function (model, data) { log.push(event + ' ' + model.get('name') + (data ? ' ' + JSON.stringify(data) : '')); });
    });
    controller.get('/', function (req, res) {
      var model = new Item({ name: 'a', n: 1 });
      model.on('afterCreate', function () { log.push('own afterCreate'); });
      items.save(model);
      var plain = items.save({ name: 'b', n: 2 });
      items.update(model, { n: 5 });
      var links = new Foxx.Repository(db._collection('links'));
      var link = links.save(new Foxx.Model({ _from: model.get('_id'), _to: plain.get('_id'), kind: 'k' }));
      var out = {
        key: Boolean(model.get('_key')), isModel: plain instanceof Item, byId: items.byId(model.get('_key')).forClient(), byIdAgain: items.byId(model.get('_id')).get('n'),
        byExample: items.byExample({ name: 'b' }).map(function (m) { return m.get('n'); }), first: items.firstExample({ name: 'a' }).get('n'), none: items.firstExample({ name: 'z' }),
        all: items.all().length, limited: items.all({ skip: 1, limit: 1 }).length, any: items.any() instanceof Item, exists: [Boolean(items.exists(model.get('_key'))), items.exists('none')],
        count: [items.count(), items.total()], range: items.range('n', 2, 6).map(function (m) { return m.get('n'); }).sort(), prefix: items.prefix, schema: Object.keys(items.modelSchema),
        link: [db._document(link.get('_id')).kind, db._document(link.get('_id'))._from === model.get('_id')],
      };
      plain.set('n', 3); items.replace(plain);
      out.replaced = items.byId(plain.get('_key')).get('n');
      out.byKey = [items.updateById(plain.get('_key'), { n: 8 })._key === plain.get('_key'), items.replaceById(plain.get('_key'), new Item({ name: 'c', n: 4 })) instanceof Item];
      out.changed = [items.updateByExample({ name: 'c' }, { n: 9 }), items.replaceByExample({ n: 9 }, { name: 'd', n: 10 }), items.byExample({ n: 10 }).length];
      items.remove(model);
      out.removed = [items.removeByExample({ name: 'd' }), items.count()];
      var last = items.save({ name: 'e' }); items.removeById(last.get('_key'));
      out.end = items.any();
      out.log = log;
      res.json(out);
    });
    `,
  });
  const { log, ...found } = service.get('/').json as { log: string[] };
  assert.deepEqual(found, {
    key: true,
    isModel: true,
    byId: { name: 'a', n: 5 },
    byIdAgain: 5,
    byExample: [2],
    first: 5,
    none: null,
    all: 2,
    limited: 1,
    any: true,
    exists: [true, false],
    count: [2, 2],
    range: [2, 5],
    prefix: 'p',
    schema: ['name', 'n'],
    link: ['k', true],
    replaced: 3,
    byKey: [true, true],
    changed: [1, 1, 1],
    removed: [1, 0],
    end: null,
  });
  assert.deepEqual(log.slice(0, 7), [
    'beforeCreate a',
    'static beforeSave a false',
    'beforeSave a',
    'afterSave a',
    'afterCreate a',
    'own afterCreate',
    'beforeCreate b',
  ]);
  assert.ok(log.includes('beforeUpdate a {"n":5}') && log.includes('static afterRemove'));
});

test('the context is known by its old name, in every file', (t) => {
  const service = load(
    t,
    {
      app: `controller.get('/', function (req, res) { res.json(require('./lib/other')); });`,
      'lib/other.js': `
      var c = applicationContext;
      module.exports = { same: c === module.context, name: c.name, version: c.version, mount: c.mount, prefix: c.collectionPrefix, collection: c.collectionName('a-b'),
        file: c.file('data.txt', 'utf8'), inside: c.foxxFilename('x') === c.path('x') && c.fileName('x') === c.basePath + '/x', development: c.isDevelopment, production: c.isProduction,
        configuration: c.configuration.a, options: c.options.configuration.a, manifest: c.manifest.name, base: c.baseUrl, none: c.collection('none'),
        outside: (function () { try { c.fileName('../x'); } catch (e) { return 'refused'; } })() };
      `,
      'data.txt': 'data',
    },
    { configuration: { a: 1 } },
    { name: 'old', version: '1.2.3', configuration: { a: { type: 'integer', required: true } } },
  );
  assert.deepEqual(service.get('/').json, {
    same: true,
    name: 'old',
    version: '1.2.3',
    mount: '/test',
    prefix: 'test_',
    collection: 'test_a_b',
    file: 'data',
    inside: true,
    development: false,
    production: true,
    configuration: 1,
    options: 1,
    manifest: 'old',
    base: '/_db/_system/test',
    none: null,
    outside: 'refused',
  });
});

test('exports are files, made when somebody asks, and `lib` is the root of all modules', (t) => {
  const named = load(
    t,
    {
      app: '',
      'source/one.js': `exports.one = require('dep') + applicationContext.mount;`,
      'source/node_modules/dep.js': `module.exports = 'dep of ';`,
      'source/app.js': `${HEAD} controller.get('/', function (req, res) { res.json(require('./one')); });`,
    },
    {},
    { lib: 'source', exports: { first: 'one.js' } },
  );
  assert.deepEqual(named.get('/').json, { one: 'dep of /test' });
  assert.deepEqual(named.loaded.exports, { first: { one: 'dep of /test' } });
  const whole = load(t, { app: '', 'all.js': `module.exports = function () { return 'called'; };` }, {}, { exports: 'all.js' });
  assert.equal((whole.loaded.exports as () => string)(), 'called');
  assert.deepEqual(load(t, { app: '' }).loaded.exports, {});
});

test('other services are had by their mount, the old system services among them', (t) => {
  const { database } = openDatabase(t);
  const service = load(
    t,
    {
      app: `
      controller.get('/', function (req, res) {
        var auth = Foxx.requireApp('/_system/simple-auth').auth; var users = Foxx.getExports('_system/users/').userStorage; var stored = auth.hashPassword('secret');
        var ada = users.create('ada', { admin: true }, { simple: stored }); var taken; try { users.create('ada'); } catch (e) { taken = e instanceof users.errors.UsernameNotAvailable; }
        var missing; try { users.get('_foxx_users/1'); } catch (e) { missing = e.name; }
        res.json([Foxx.requireApp('other/').name, auth.verifyPassword(stored, 'secret'), auth.verifyPassword(stored, 'wrong'), auth.verifyPassword({}, 'x'),
          users.resolve('ada').get('userData'), users.resolve('bob'), users.list(), taken, missing, ada.delete(), ada.delete(), applicationContext.dependencies.friend.name]);
      });`,
    },
    {
      database,
      dependencies: { friend: '/friend' },
      host: {
        endpoints: [],
        request: () => ({ status: 500, headers: {}, body: '' }),
        exportsOf: (mount: string) => ({ name: `exports of ${mount}` }),
      },
    },
    { dependencies: { friend: { name: '*', version: '*', required: true, multiple: false } } },
  );
  assert.deepEqual(service.get('/').json, [
    'exports of /other',
    true,
    false,
    false,
    { admin: true },
    null,
    ['ada'],
    true,
    'UserNotFound',
    true,
    false,
    'exports of /friend',
  ]);
});

test('sessions travel in a cookie or a header, and end', (t) => {
  const service = load(t, {
    app: `
    controller.activateSessions({ cookie: { secret: 'secret' }, header: true });
    controller.get('/count', function (req, res) {
      var data = req.session.get('sessionData'); data.count = (data.count || 0) + 1; req.session.set('sessionData', data); req.session.save(); res.json(data.count);
    });
    controller.post('/login', function (req, res) { req.session.setUser(new Foxx.Model({ _id: 'u/1', userData: { n: 1 } })); req.session.save(); res.json(req.session.get('userData')); });
    controller.get('/private', function (req, res) { res.json(req.session.get('uid')); }).onlyIfAuthenticated(403, 'log in first');
    controller.destroySession('/logout', { before: function (req) { req.was = req.session.get('_key'); } });
    `,
  });
  const first = service.get('/count');
  const cookies = (first.headers['set-cookie'] as string[]).map((cookie) => cookie.split(';')[0]);
  assert.equal(cookies.length, 2);
  const sid = first.headers['x-session-id'] as string;
  const withCookie = { headers: { cookie: cookies.join('; ') } };
  const withHeader = { headers: { 'x-session-id': sid } };
  assert.equal(service.get('/count', withCookie).json, 2);
  assert.equal(service.get('/count', withHeader).json, 3);
  assert.equal(service.get('/count', { headers: { cookie: `sid=${sid}` } }).json, 1, 'a cookie that is not signed is none');
  assert.deepEqual(
    [service.get('/private', withHeader).status, service.get('/private', withHeader).json],
    [403, { error: 'log in first' }],
  );
  assert.deepEqual(service.post('/login', undefined, withHeader).json, { n: 1 });
  assert.equal(service.get('/private', withHeader).json, 'u/1');
  const ended = service.post('/logout', undefined, withHeader);
  assert.deepEqual(ended.json, { message: 'logged out' });
  assert.notEqual(ended.headers['x-session-id'], sid);
  assert.equal(service.get('/private', withHeader).status, 403);
});

test('without sessions for everybody a request may have none', (t) => {
  const service = load(t, {
    app: `
    controller.activateSessions({ type: 'header', header: 'X-Sid', autoCreateSession: false, sessionStorage: '/_system/sessions' });
    controller.get('/', function (req, res) { res.json(Boolean(req.session)); });
    controller.post('/begin', function (req, res) { req.session = controller.getSessions().getSessionStorage().create({ a: 1 }); res.json(1); });
    controller.destroySession('/end', { method: 'DELETE', after: function (req, res) { res.json(Boolean(req.session)); } });
    `,
  });
  assert.equal(service.get('/').json, false);
  const sid = service.post('/begin').headers['x-sid'] as string;
  assert.equal(service.get('/', { headers: { 'x-sid': sid } }).json, true);
  assert.equal(service.ask('DELETE', '/end', { headers: { 'x-sid': sid } }).json, false);
  assert.equal(service.get('/', { headers: { 'x-sid': sid } }).json, false);
  for (const options of [`{ type: 'other' }`, `{ cookie: 7 }`, `{ header: {} }`, `{ jwt: { algorithm: 'HS256' } }`]) {
    assert.throws(
      () => load(t, { app: `controller.activateSessions(${options});` }),
      /session types|Expected cookie|Header name|JWT secret/,
    );
  }
});

test('authentication of before 2.3: users and sessions of the service itself', (t) => {
  const service = load(t, {
    app: `
    var authentication = require('org/arangodb/foxx/authentication');
    new authentication.Users(applicationContext).setup(); new authentication.Sessions(applicationContext).setup();
    controller.activateAuthentication({ type: 'cookie', cookieLifetime: 3600, sessionLifetime: 600 });
    controller.login('/login', { usernameField: 'user' });
    controller.logout('/logout'); controller.register('/register', { acceptedAttributes: ['mail'], defaultAttributes: { role: 'r' } }); controller.changePassword('/password');
    controller.get('/private', function (req, res) { res.json(req.user.data); }).onlyIfAuthenticated();
    `,
  });
  const cookieOf = ({ headers }: { readonly headers: Readonly<Record<string, unknown>> }): string =>
    String((headers['set-cookie'] as string[])[0]).split(';')[0] as string;
  const registered = service.post('/register', { username: 'ada', password: 'x', mail: 'm', admin: true });
  assert.equal((registered.json as { user: { identifier: string } }).user.identifier, 'ada');
  assert.deepEqual(service.get('/private', { headers: { cookie: cookieOf(registered) } }).json, { role: 'r', mail: 'm' });
  assert.deepEqual([service.post('/register', { username: 'ada', password: 'y' }).status, service.get('/private').status], [400, 401]);
  assert.deepEqual(service.post('/login', { user: 'ada', password: 'wrong' }).json, { error: 'Username or Password was wrong' });
  const loggedIn = service.post('/login', { user: 'ada', password: 'x' });
  const cookie = { headers: { cookie: cookieOf(loggedIn) } };
  assert.equal((loggedIn.json as { user: string }).user, 'ada');
  assert.deepEqual(service.post('/password', { password: 'new' }, cookie).json, { notice: 'Changed password!' });
  assert.deepEqual(service.post('/logout', undefined, cookie).json, { notice: 'Logged out!' });
  assert.deepEqual([service.get('/private', cookie).status, service.post('/logout', undefined, cookie).status], [401, 401]);
  assert.equal(service.post('/login', { user: 'ada', password: 'new' }).status, 200);
  assert.throws(() => load(t, { app: `controller.activateAuthentication({ type: 'header' });` }), /auth types are supported: cookie/);
});

test('a query is a function', (t) => {
  const service = load(t, {
    app: `
    db._create(applicationContext.collectionName('c')).save({ n: 1 });
    var ask = function (cfg) { return Foxx.createQuery(cfg); };
    controller.get('/', function (req, res) {
      res.json([ask('RETURN @a + @b')({ a: 1, b: 2 }), ask({ query: 'RETURN [@a, @b]', params: ['a', 'b'], defaults: { b: 9 } })(1, 2), ask({ query: 'RETURN @a', params: 'a' })(5),
        ask({ query: 'RETURN 1', params: false, transform: function (result, x) { return [result, x]; } })('x'),
        ask({ query: 'FOR d IN @@c RETURN d', context: applicationContext, model: Foxx.Model })({ '@c': 'c' }).map(function (m) { return m.get('n'); }),
        [{}, { query: 1 }, { query: 'x', params: [1] }, { query: 'x', context: {} }, { query: 'x', model: 1 }, { query: 'x', transform: 1 }].map(function (cfg) { try { ask(cfg); } catch (e) { return e.message.split(' ')[0]; } })]);
    });`,
  });
  assert.deepEqual(service.get('/').json, [
    [3],
    [[1, 2]],
    [5],
    [[1], 'x'],
    [1],
    ['Expected', 'Expected', 'Argument', 'Expected', 'Expected', 'Expected'],
  ]);
});

test('routes are documented by chained calls or by the comment above them', (t) => {
  const service = load(t, {
    app: `
    /** The summary.
     *
     * First note.
     * Second note.
     */
    controller.get('/commented/:id', function (req, res) { res.json(1); }).pathParam('id', { type: joi.number().integer().required(), description: 'an id' });

    controller.post('/chained', function (req, res) { res.json(1); })
      .summary('Own summary').notes('one', 'two').bodyParam('data', { type: { a: joi.number() }, description: 'the data' }).errorResponse(Error, 409, 'conflict');

    controller.apiDocumentation('/docs');
    `,
  });
  const { paths } = service.loaded.documentation as { paths: Record<string, Record<string, Record<string, unknown>>> };
  assert.deepEqual(Object.keys(paths).toSorted(), ['/chained', '/commented/{id}']);
  assert.equal(paths['/commented/{id}']?.['get']?.['summary'], 'The summary.');
  assert.equal(paths['/commented/{id}']?.['get']?.['description'], 'First note.\nSecond note.');
  assert.equal(paths['/chained']?.['post']?.['summary'], 'Own summary');
  assert.equal(paths['/chained']?.['post']?.['description'], 'one\ntwo');
  const responses = paths['/chained']?.['post']?.['responses'] as Record<string, { description: string }> | undefined;
  assert.equal(responses?.['409']?.description, 'conflict');
  assert.deepEqual(Object.keys((service.get('/docs/swagger.json').json as { paths: object }).paths).toSorted(), [
    '/chained',
    '/commented/{id}',
  ]);
  assert.throws(() => load(t, { app: `controller.get('/', function () {}).summary(new Array(8194).join('x'));` }), /8192/);
});

test('the console has levels of its own and keeps what was said', (t) => {
  const logged = captureLog(t);
  const service = load(t, {
    app: `
    controller.get('/', function (req, res) {
      console.log('first %d', 1); console.warn('second'); console.custom('LOUD', 150)('third'); console.assert(false, 'not thrown'); console.time('t'); console.timeEnd('t');
      console.setLogLevel('ERROR'); console.warn('unheard'); console.setLogLevel();
      console.setDatabaseLogging(false); console.log('native only'); console.setDatabaseLogging(true);
      res.json([console.logs.list().map(function (e) { return [e.level, e.levelNum, e.message.split('\\n')[0]]; }), console.logs.list({ minLevel: 'LOUD', sort: 'DESC', limit: 1 }).length,
        console.logs.searchByMessage('SECOND').length, console.logs.list({ level: 'WARN' }).length]);
    });`,
  });
  const [entries, limited, found, warnings] = service.get('/').json as [[string, number, string][], number, number, number];
  assert.deepEqual(entries.slice(0, 3), [
    ['INFO', 0, 'first 1'],
    ['WARN', 100, 'second'],
    ['LOUD', 150, 'third'],
  ]);
  assert.deepEqual([entries[3]?.[0], entries[4]?.[0], entries.length], ['ERROR', 'INFO', 5]);
  assert.deepEqual([limited, found, warnings], [1, 1, 1]);
  const lines = logged.map(({ message }) => message);
  assert.ok(lines.includes('/test (LOUD) third') && lines.includes('/test native only') && !lines.some((line) => line.includes('unheard')));
});

test('templates that are documents are rendered', (t) => {
  const service = load(t, {
    app: `
    var TemplateMiddleware = require('org/arangodb/foxx/template_middleware').TemplateMiddleware;
    controller.before(new TemplateMiddleware('templates', { shout: function (text) { return text.toUpperCase(); } }));
    db._collection('templates').save({ path: 'a.html', content: '<b><%= shout(name) %></b>', contentType: 'text/html', templateLanguage: 'underscore' });
    controller.get('/', function (req, res) { res.render('a.html', { name: 'ada' }); });
    controller.get('/none', function (req, res) { res.render('b.html', {}); });
    `,
  });
  captureLog(t);
  const { body, headers } = service.get('/');
  assert.deepEqual([body, headers['content-type']], ['<b>ADA</b>', 'text/html']);
  assert.match((service.get('/none').json as { errorMessage: string }).errorMessage, /'b\.html' does not exist/);
});

test('of files and routes the more specific one answers', (t) => {
  const service = load(
    t,
    {
      app: `
      controller.get('/pages/list', function (req, res) { res.json('route'); });
      controller.get('/:any', function (req, res) { res.json('any'); });
      controller.get('/pages/*', function (req, res) { res.json('rest'); });`,
      'html/list': 'file',
      'html/a.txt': 'a',
      'one.txt': 'one',
    },
    {},
    { files: { pages: 'html', 'one.txt': 'one.txt' } as never, defaultDocument: 'pages/a.txt' },
  );
  assert.deepEqual(
    [service.get('/pages/list').json, service.get('/pages/a.txt').body, service.get('/one.txt').body],
    ['route', 'a', 'one'],
  );
  assert.deepEqual([service.get('/other').json, service.get('/').status, service.get('/pages/none').status], ['any', 307, 404]);
});

test('assets are several files as one', (t) => {
  const service = load(
    t,
    { app: '', 'js/b.js': 'b', 'js/deep/c.js': 'c', 'a.js': 'a', 'secret.txt': 's' },
    {},
    { assets: { 'all.js': { files: ['a.js', 'js/**', '../outside'] }, style: { files: ['a.js'], contentType: 'text/css' } } },
  );
  const { body, headers } = service.get('/all.js');
  assert.deepEqual([body, String(headers['content-type']).includes('javascript')], ['a\nb\nc\n', true]);
  assert.equal(service.get('/style').headers['content-type'], 'text/css');
  assert.equal(service.find('GET', '/secret.txt'), undefined);
});

test('lodash is the one of 2.8', (t) => {
  const app = `controller.get('/', function (req, res) { var _ = require('lodash'); res.json([_.pluck([{ a: 1 }], 'a'), _.contains([1], 1), _.map([1], function (n) { return n + this.by; }, { by: 2 })]); });`;
  assert.deepEqual(load(t, { app }).get('/').json, [[1], true, [3]]);
});
