/**
 * What services that other people published rely on, in their code: each test is one behaviour that a natural implementation gets wrong.
 * What they rely on in their life on a server is in `life.test.ts`, what they ask of AQL in `queries.test.ts`.
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { captureLog, loadFiles, loadRoutes, openDatabase, type Answered, type Files, type TestService } from '../support/load-service.ts';

const brief = ({ status, body }: Answered): unknown[] => [status, body];

function withDatabase(t: TestContext, body: string): TestService {
  const { database } = openDatabase(t);
  return loadRoutes(t, `const { db, aql, query, errors } = require('@arangodb');\n${body}`, { database });
}

/** What `main` exports. */
function exported(t: TestContext, files: Files): unknown {
  return loadFiles(t, files).loaded.exports;
}

test('middleware that is declared after the routes runs before them, and sees what they throw', (t) => {
  captureLog(t);
  const service = loadRoutes(
    t,
    `
    router.get('/who', (req, res) => { res.json(req.user); });
    router.get('/fails', () => { throw new Error('from a route'); });
    context.use((req, res, next) => { req.user = 'ada'; try { next(); } catch (e) { res.status(418); res.json({ caught: e.message }); } });
    `,
  );
  assert.deepEqual(brief(service.get('/who')), [200, '"ada"']);
  assert.deepEqual(brief(service.get('/fails')), [418, '{"caught":"from a route"}']);
});

test('literal segments win over parameters, whatever the order of definition', (t) => {
  const service = loadRoutes(
    t,
    `
    router.get('/:stream/:version', (req, res) => { res.json(['version', req.pathParams]); });
    router.get('/:stream/all/version', (req, res) => { res.json('all of a stream'); });
    router.get('/stream/all', (req, res) => { res.json('all'); });
    router.get('/:stream/latest', (req, res) => { res.json('latest'); });
    `,
  );
  assert.equal(service.get('/stream/all').json, 'all');
  assert.equal(service.get('/a/latest').json, 'latest');
  assert.equal(service.get('/a/all/version').json, 'all of a stream');
  assert.deepEqual(service.get('/a/7').json, ['version', { stream: 'a', version: '7' }]);
});

test('router.all("*") is an endpoint that gets no next, and not middleware', (t) => {
  captureLog(t);
  const service = loadRoutes(
    t,
    `
    router.all('*', function (req, res, next) { if (req.get('x-admin') === undefined) res.throw(401); next(); });
    router.get('/', (req, res) => { res.json('list'); });
    router.put('/:id', (req, res) => { res.json(req.pathParams.id); });
    `,
  );
  assert.deepEqual(brief(service.get('/')), [200, '"list"']);
  assert.deepEqual(brief(service.ask('PUT', '/7')), [200, '"7"']);
  assert.equal(service.ask('PATCH', '/7').status, 401, 'a verb that the route lacks');
  assert.equal(service.get('/x/y').status, 401);
  assert.equal(service.get('/x/y', { headers: { 'x-admin': '1' } }).status, 500, 'next is undefined');
});

test('middleware that does not go on ends the request for its own router only', (t) => {
  captureLog(t);
  const service = loadRoutes(
    t,
    `
    const inner = createRouter();
    inner.get('/', (req, res) => { res.json('never'); });
    inner.use((req, res) => { res.throw(500, 'stopped here'); });
    const other = createRouter();
    other.get('/api', (req, res) => { res.json('reached'); });
    context.use('/inner', inner); context.use(other);
    `,
  );
  assert.equal(service.get('/inner').status, 500);
  assert.equal(service.get('/api').json, 'reached');
  assert.equal(service.find('GET', '/inner/none'), undefined, 'middleware alone is no route');
});

test('paths need no slash, verbs need no path, names may repeat, and reversed routes are absolute', (t) => {
  const service = loadRoutes(
    t,
    `
    router.get((req, res) => { res.json('root'); }, 'list');
    router.get(':key', (req, res) => { res.json([req.reverse('detail', { key: 'a b' }), req.makeAbsolute(req.reverse('child.deep.item', { uid: 'u', id: 1 }), { q: 1 })]); }, 'detail');
    router.post('twice', (req, res) => { res.json(1); }, 'same'); router.post('twice/again', (req, res) => { res.json(2); }, 'same');
    const child = createRouter(); const deep = createRouter();
    child.use((req, res, next) => { req.seen = req.pathParams.uid; next(); });
    deep.get('/item/:id', (req, res) => { res.json([req.seen, req.pathParams]); }, 'item');
    child.use('/deep', deep, 'deep');
    context.use('/users/:uid', child, 'child'); context.use('/again', deep);
    `,
  );
  assert.equal(service.get('/').json, 'root');
  assert.equal(service.post('/twice/again').json, 2);
  assert.deepEqual(service.get('/x').json, ['/a%20b', 'http://localhost:8529/_db/_system/test/users/u/deep/item/1?q=1']);
  assert.deepEqual(service.get('/users/ada/deep/item/3').json, ['ada', { uid: 'ada', id: '3' }]);
  assert.deepEqual(service.get('/again/item/4').json, [null, { id: '4' }]);
});

test('a path parameter that fails its schema means another route, and no bad request', (t) => {
  const service = loadRoutes(
    t,
    `
    router.get('/stream/:version', (req, res) => { res.json(['number', req.pathParams.version]); }).pathParam('version', joi.number().integer().required());
    router.get('/stream/:name', (req, res) => { res.json(['name', req.pathParams.name]); });
    router.get('/only/:version', (req, res) => { res.json(1); }).pathParam('version', joi.number().required());
    `,
  );
  assert.deepEqual(service.get('/stream/7').json, ['number', 7]);
  assert.deepEqual(service.get('/stream/version').json, ['name', 'version']);
  assert.equal(service.get('/only/x').status, 404);
});

test('a model of plain schemas refuses what it does not know, and a bare joi.object takes anything', (t) => {
  const service = loadRoutes(
    t,
    `
    const Item = { schema: { _key: joi.string() }, forClient: (o) => { const { _id, _rev, ...rest } = o; return rest; }, fromClient: (o) => o };
    router.post('/', (req, res) => { res.status(201); res.send({ ...req.body, _id: 'c/1', _rev: 'r' }); }).body(Item).response(201, Item);
    router.patch('/', (req, res) => { res.json(req.body); }).body(joi.object());
    `,
  );
  assert.deepEqual(brief(service.post('/', {})), [201, '{}']);
  assert.deepEqual(brief(service.post('/', { _key: 'k' })), [201, '{"_key":"k"}']);
  assert.equal(service.post('/', { title: 'x' }).status, 400);
  assert.deepEqual(service.ask('PATCH', '/', { body: { title: 'x' } }).json, { title: 'x' });
});

test('answers and bodies are declared in every way that services do it', (t) => {
  const service = loadRoutes(
    t,
    `
    const Item = { schema: joi.object({ a: joi.number() }), forClient: ({ a }) => ({ a }) };
    router.delete('/none', () => {}).response(null);
    router.get('/list', (req, res) => { res.send([{ a: 1, b: 2 }, { a: 3, c: 4 }]); }).response([Item], 'a list');
    router.get('/made', (req, res) => { res.status('created'); res.send({ a: 1, b: 2 }); }).response(201, Item, 'made');
    router.get('/text', (req, res) => { res.send('t'); }).response(['text/plain'], 'a text');
    router.get('/named', (req, res) => { res.send({ a: 1 }); }).response('ok', 'by name');
    router.post('/typed', (req, res) => { res.json(req.body); }).body(joi.object(), ['application/json'], 'typed');
    router.post('/nobody', (req, res) => { res.json(!req.body || req.body.length === 0); }).body(null);
    `,
  );
  assert.deepEqual(brief(service.ask('DELETE', '/none')), [204, '']);
  assert.deepEqual(service.get('/list').json, [{ a: 1 }, { a: 3 }]);
  assert.deepEqual(brief(service.get('/made')), [201, '{"a":1}']);
  assert.match(String(service.get('/text').headers['content-type']), /^text\/plain/);
  assert.equal(service.get('/named').status, 200);
  assert.deepEqual(service.post('/typed', { a: 1 }).json, { a: 1 });
  assert.equal(service.post('/nobody').json, true);
});

test('cursors and whole collections are sent as lists, and errors are thrown in many forms', (t) => {
  captureLog(t);
  const service = withDatabase(
    t,
    `
    const c = db._create('c'); c.save({ _key: 'a', n: 1 }); c.save({ _key: 'b', n: 2 });
    router.get('/cursor', (req, res) => { res.send(db._query('FOR d IN c SORT d.n RETURN d.n')); });
    router.get('/all', (req, res) => { res.send(c.all()); });
    router.get('/named', (req, res) => { res.throw('bad request', 'said so', new Error('cause')); });
    router.get('/number', (req, res) => { res.throw(409); });
    router.get('/text', (req, res) => { res.throw('500', 'as text'); });
    router.get('/error', (req, res) => { res.throw(new Error('itself')); });
    router.get('/cause', (req, res) => { res.throw(404, { cause: new Error('inner') }); });
    router.get('/status', (req, res) => { res.status('no content'); });
    router.get('/extra', (req, res) => { res.status(202, 'ignored').json({ chained: true }); });
    `,
  );
  assert.deepEqual(service.get('/cursor').json, [1, 2]);
  assert.deepEqual(
    (service.get('/all').json as { n: number }[]).map(({ n }) => n).toSorted((a, b) => a - b),
    [1, 2],
  );
  const failures = ['/named', '/number', '/text', '/error', '/cause'].map((path) => service.get(path));
  assert.deepEqual(
    failures.map(({ status }) => status),
    [400, 409, 500, 500, 404],
  );
  assert.match(failures[0]?.body ?? '', /said so/);
  assert.equal(service.get('/status').status, 204);
  assert.deepEqual(brief(service.get('/extra')), [202, '{"chained":true}']);
});

test('a body that is not declared is a buffer, which JSON.parse and files take', (t) => {
  const service = loadRoutes(
    t,
    `
    const fs = require('fs');
    router.post('/', (req, res) => {
      const path = fs.getTempFile(); fs.write(path, req.body);
      res.json([Buffer.isBuffer(req.body), JSON.parse(req.body), fs.read(path)]); fs.remove(path);
    });
    `,
  );
  assert.deepEqual(service.post('/', '{"a":"ü"}').json, [true, { a: 'ü' }, '{"a":"ü"}']);
});

test('requests and responses may be printed, circles or not', (t) => {
  const service = loadRoutes(
    t,
    `
    router.get('/json', (req, res) => { req.self = req; delete req.self; res.json({ req, res }); });
    router.get('/text', (req, res) => { res.send(JSON.stringify(req).length > 10 ? 'long' : 'short'); });
    router.get('/inspect', (req, res) => { const o = { req, res, context: module.context }; o.o = o; res.send(require('@arangodb').inspect(o) + require('util').inspect(o)); });
    `,
  );
  for (const path of ['/json', '/text', '/inspect']) assert.equal(service.get(path).status, 200, path);
});

test('what older versions had is missing without harm', (t) => {
  captureLog(t);
  const service = loadRoutes(
    t,
    `
    router.get('/:id', (req, res) => { res.json(req.params.id); });
    router.get('/caught/:id', (req, res) => { try { req.params.id; } catch (e) { res.throw(404, 'no such thing', e); } });
    `,
  );
  assert.deepEqual([service.get('/7').status, service.get('/caught/7').status], [500, 404]);
});

test('modules are found by Foxx’s rules and not by those of Node', (t) => {
  const found = exported(t, {
    'index.js': `
      module.exports = [require('hidden/inside'), require('dep').mount, require(require('path').join(module.context.basePath, 'lib', 'own')),
        require('./data'), require('./folder'), require('noext'), require('dep/sub')];
    `,
    'node_modules/hidden/package.json': { exports: { '.': './index.js' } },
    'node_modules/hidden/index.js': '',
    'node_modules/hidden/inside.js': `module.exports = 'inside';`,
    'node_modules/dep/index.js': `exports.mount = module.context.mount;`,
    'node_modules/dep/sub.json': { sub: 1 },
    'node_modules/noext/package.json': { main: 'lib/start' },
    'node_modules/noext/lib/start.js': `module.exports = 'started';`,
    'lib/own.js': `module.exports = 'own';`,
    'data.json': '\uFEFF{"a":1}',
    'folder/index.js': `module.exports = 'folder';`,
  });
  assert.deepEqual(found, ['inside', '/test', 'own', { a: 1 }, 'folder', 'started', { sub: 1 }]);
});

test('modules are sloppy unless they say otherwise', (t) => {
  const found = exported(t, {
    'index.js': `
      implicit = 1; var text = 'var fromEval = 2; fromEval * 2';
      module.exports = [implicit, eval(text), typeof fromEval, new Function('a', 'undeclared = a; return undeclared')(3), (function () { return this !== undefined; })(), require('./strict')];`,
    'strict.js': `'use strict'; try { undeclaredToo = 1; } catch (e) { module.exports = e.name; }`,
  });
  assert.deepEqual(found, [1, 4, 'number', 3, true, 'ReferenceError']);
});

test('names around a module may be declared again, and what main makes global its modules see', (t) => {
  const service = loadRoutes(
    t,
    `
    const aqlQuery = 1, console = 2, print = 3, process = 4, Buffer = 5, global_ = global;
    global_.shared = { by: 'main' };
    router.get('/', (req, res) => { res.json([aqlQuery, console, print, process, Buffer, require('./later').read(), typeof setTimeout, __dirname.length > 1, __filename.endsWith('index.js')]); });
    require('fs').write(module.context.fileName('later.js'), 'exports.read = () => [shared.by, global.shared.by, typeof aqlQuery, typeof print];');
    `,
  );
  const later = ['main', 'main', 'function', 'function'];
  assert.deepEqual(service.get('/').json, [1, 2, 3, 4, 5, later, 'function', true, true]);
});

test('services put functions of their own on their context', (t) => {
  const service = loadRoutes(
    t,
    `context.own = (a) => a + context.mount; router.get('/', (req, res) => { res.json([module.context.own('x'), req.context.own('y')]); });`,
  );
  assert.deepEqual(service.get('/').json, ['x/test', 'y/test']);
});

test('Node’s modules can be required, and a native addon that is not there gives way to its fallback', (t) => {
  const found = exported(t, {
    'index.js': `
      const names = ['crypto', 'os', 'http', 'https', 'zlib', 'child_process', 'dns', 'tls', 'stream', 'url', 'util', 'punycode', 'querystring', 'assert', 'events', 'path'];
      const missing = names.filter((name) => { try { return typeof require(name) !== 'object' && typeof require(name) !== 'function'; } catch (e) { return true; } });
      module.exports = [missing, require('native'), require('crypto').createHash('md5').update('a').digest('hex')];`,
    'node_modules/native/index.js': `try { module.exports = require('./build/addon.node'); } catch (e) { module.exports = require('./fallback'); }`,
    'node_modules/native/fallback.js': `module.exports = 'in JavaScript';`,
  });
  assert.deepEqual(found, [[], 'in JavaScript', '0cc175b9c0f1b6a831c399e269772661']);
});

test('the libraries that come along behave as services know them', (t) => {
  const found = exported(t, {
    'index.js': `
      const joi = require('joi'), _ = require('lodash'), dd = require('dedent'), statuses = require('statuses'), httpError = require('http-errors'), { expect } = require('chai');
      const old = joi.extend((joi) => ({ name: 'even', base: joi.number(), rules: [{ name: 'check', validate(params, value, state, options) { return value % 2 ? this.createError('number.base', {}, state, options) : value; } }] }));
      module.exports = {
        validate: joi.validate({ a: '1' }, { a: joi.number() }).value, extended: [old.even().check().validate(2).error, old.even().check().validate(3).error !== null],
        email: [joi.string().email({ minDomainAtoms: 2 }).validate('a@b.co').error, joi.string().email({ minDomainSegments: 2 }).validate('a@b.co').error],
        date: joi.date().timestamp().validate('1500000000000').value.getTime(), lodash: _.pick({ a: 1, b: 2 }, 'a'), dedent: dd\`
          one
            two\`,
        status: [statuses('not found'), httpError(409, 'x').statusCode, new httpError.NotFound('y').status], chai: (expect([1]).to.be.an('array').that.eql([1]), true),
        others: ['underscore', 'minimatch', 'qs', 'semver', 'js-yaml', 'aqb', 'i', 'iconv-lite', 'timezone', 'sinon', 'error-stack-parser', 'highlight.js', 'graphql-sync', 'graphql-sync/node_modules/graphql/language'].filter((name) => !require(name)),
      };`,
  });
  assert.deepEqual(found, {
    validate: { a: 1 },
    extended: [null, true],
    email: [null, null],
    date: 1_500_000_000_000,
    lodash: { a: 1 },
    dedent: 'one\n  two',
    status: [404, 409, 404],
    chai: true,
    others: [],
  });
});

test('what compilers make of TypeScript and ES modules runs', (t) => {
  const found = exported(t, {
    'index.js': `"use strict";
      var __importDefault = (this && this.__importDefault) || function (mod) { return (mod && mod.__esModule) ? mod : { "default": mod }; };
      Object.defineProperty(exports, "__esModule", { value: true });
      const lodash_1 = __importDefault(require("lodash")); const named_1 = require("./named");
      exports.default = lodash_1.default.identity(named_1.value); Object.defineProperty(exports, "again", { enumerable: true, get: function () { return named_1.value; } });
      function* numbers() { yield 1; yield 2; } exports.spread = [...numbers()]; exports.optional = exports?.none?.deep ?? 'none';
      (async () => {})(); exports.decorated = named_1.Thing.decorated;`,
    'named.js': `'use strict'; Object.defineProperty(exports, '__esModule', { value: true }); exports.value = 7;
      var __decorate = function (decorators, target) { for (const d of decorators) target = d(target) || target; return target; };
      let Thing = class Thing {}; Thing = __decorate([(target) => { target.decorated = true; }], Thing); exports.Thing = Thing;`,
  });
  assert.deepEqual({ ...(found as object) }, { default: 7, again: 7, spread: [1, 2], optional: 'none', decorated: true });
});

test('a transaction is a function with all that is around it, and its result is the call’s', (t) => {
  const service = withDatabase(
    t,
    `
    const c = db._create('c'); const around = { n: 41 };
    router.get('/', (req, res) => {
      const result = db._executeTransaction({ collections: { write: 'c' }, params: { by: 1 }, action: function (params) { const { db } = require('@arangodb'); db._collection('c').save({ n: around.n + params.by }); return c.toArray()[0].n; } });
      let thrown; try { db._executeTransaction({ collections: { write: ['c'] }, action() { c.save({}); throw new Error('back'); } }); } catch (e) { thrown = e.message; }
      const text = db._executeTransaction({ collections: {}, action: 'function (params) { return params.x; }', params: { x: 'as text' } });
      res.json([result, thrown, c.count(), text]);
    });
    `,
  );
  assert.deepEqual(service.get('/').json, [42, 'back', 1, 'as text']);
});

test('what main did not find when it was loaded stays missing for it', (t) => {
  const service = withDatabase(
    t,
    `
    const early = db._collection('made_later');
    router.get('/', (req, res) => { if (!db._collection('made_later')) db._create('made_later'); res.json([early, db._collection('made_later') !== null]); });
    `,
  );
  assert.deepEqual(service.get('/').json, [null, true]);
});

test('internals that services reach for are there', (t) => {
  const service = withDatabase(
    t,
    `
    const internal = require('internal'); db._create('c').save([{ n: 1 }, { n: 2 }, { n: 3 }]);
    router.get('/*', (req, res) => {
      const cursor = db._query('FOR d IN c SORT d.n LIMIT 1 RETURN d.n', {}, { count: true, fullCount: true });
      const iterated = []; for (const n of db._query('FOR i IN 1..2 RETURN i')) iterated.push(n);
      res.json([cursor._documents, cursor._countTotal, cursor.getExtra().stats.fullCount, iterated, req._raw.cookies.sid, req._raw.url, req._raw.requestType, typeof module.context.service.configuration,
        internal.db === db, Array.isArray(internal.requestTimeDistribution), typeof internal.authenticationEnabled(), db.c.count(), db.none === undefined]);
    });
    `,
  );
  assert.deepEqual(service.get('/x?y=1', { headers: { cookie: 'sid=abc' } }).json, [
    [1],
    1,
    3,
    [1, 2],
    'abc',
    '/test/x?y=1',
    'GET',
    'object',
    true,
    true,
    'boolean',
    3,
    true,
  ]);
});

test('a collection is bound by its number, too', (t) => {
  const service = withDatabase(
    t,
    `const c = db._create('c'); c.save({ n: 1 }); router.get('/', (req, res) => { res.json([db._query('FOR d IN @@c RETURN d.n', { '@c': c._id }).toArray(), db._collection(c._id).name()]); });`,
  );
  assert.deepEqual(service.get('/').json, [[1], 'c']);
});

test('the old methods of collections are alive', (t) => {
  const service = withDatabase(
    t,
    `
    const c = db._create('c'), e = db._createEdgeCollection('e');
    c.ensureSkiplist('n'); c.ensureHashIndex('name'); c.ensureIndex({ type: 'persistent', fields: ['tags[*]'] }); c.ensureIndex({ type: 'fulltext', fields: ['text'], minLength: 3 });
    c.ensureIndex({ type: 'geo', fields: ['at'], geoJson: true }); c.ensureIndex({ type: 'ttl', fields: ['when'], expireAfter: 60 });
    ['a', 'b', 'd'].forEach((name, n) => c.save({ _key: name, name, n })); e.save('c/a', 'c/b', { kind: 'k' });
    router.get('/', (req, res) => {
      const types = c.getIndexes().map((index) => index.type); const dropped = c.dropIndex(c.indexes().find((index) => index.type === 'fulltext'));
      res.json([c.firstExample({ name: 'a' }).n, c.firstExample('name', 'b').n, c.firstExample({ name: 'z' }), c.byExample({ name: 'a' }).count(), c.all().limit(2).toArray().length, typeof c.any(), c.toArray().length,
        e.inEdges('c/b').length, e.outEdges('c/b').length, e.edges('c/a')[0].kind, Boolean(c.exists('a')), c.exists('z'), c.documents(['a', 'b']).documents.length,
        c.updateByExample({ name: 'a' }, { n: 9 }), c.removeByExample({ name: 'd' }), c.removeByKeys(['b']).removed, c.count(), types.sort(), dropped, c.type(), c.name()]);
    });
    `,
  );
  assert.deepEqual(service.get('/').json, [
    0,
    1,
    null,
    1,
    2,
    'object',
    3,
    1,
    0,
    'k',
    true,
    false,
    2,
    1,
    1,
    1,
    1,
    ['fulltext', 'geo', 'hash', 'persistent', 'primary', 'skiplist', 'ttl'],
    true,
    2,
    'c',
  ]);
});

test('what a write returns can be merged into the document', (t) => {
  const service = withDatabase(
    t,
    `
    const c = db._create('c');
    router.get('/', (req, res) => {
      const saved = c.save({ _key: 'k', a: 1 }), updated = c.update('k', { b: 2 }), replaced = c.replace('k', { c: 3 }), removed = c.remove('k');
      res.json([saved, updated, replaced, removed].map((meta) => Object.keys(meta).sort()).concat([[updated._oldRev === saved._rev, replaced._oldRev === updated._rev]]));
    });
    `,
  );
  assert.deepEqual(service.get('/').json, [
    ['_id', '_key', '_rev'],
    ['_id', '_key', '_oldRev', '_rev'],
    ['_id', '_key', '_oldRev', '_rev'],
    ['_id', '_key', '_rev'],
    [true, true],
  ]);
});

test('sessions: the cookie is the document’s key, headers have any name, and sessions end', (t) => {
  const service = withDatabase(
    t,
    `
    const middleware = require('@arangodb/foxx/sessions'), collectionStorage = require('@arangodb/foxx/sessions/storages/collection'), jwtStorage = require('@arangodb/foxx/sessions/storages/jwt');
    const store = db._create('test_sessions');
    const routes = () => { const r = createRouter();
      r.post('/login', (req, res) => { req.session.uid = 'u'; if (req.sessionStorage.save) { req.sessionStorage.save(); req.sessionStorage.save(req.session); } res.json(req.session._key || null); });
      r.get('/who', (req, res) => { res.json([req.session.uid || null, req._raw.cookies.sid ? Boolean(store.firstExample({ _key: req._raw.cookies.sid })) : null]); });
      r.post('/logout', (req, res) => { req.sessionStorage.clear(req.session); delete req.session; res.json(1); });
      return r; };
    const cookie = routes(), header = routes();
    cookie.use(middleware({ storage: collectionStorage({ collection: store, ttl: 60, pruneExpired: true, autoUpdate: true }), transport: 'cookie' }));
    header.use(middleware({ storage: jwtStorage({ secret: 's', ttl: 60 }), transport: require('@arangodb/foxx/sessions/transports/header')('BEARER') }));
    context.use('/cookie', cookie); context.use('/header', header);
    `,
  );
  const login = service.post('/cookie/login');
  assert.equal(login.status, 200, login.body);
  const sid = /sid=([^;]+)/.exec(String((login.headers['set-cookie'] as string[])[0]))?.[1];
  assert.equal(login.json, sid);
  const withCookie = { headers: { cookie: `sid=${String(sid)}` } };
  assert.deepEqual(service.get('/cookie/who', withCookie).json, ['u', true]);
  assert.deepEqual(service.get('/cookie/who', { headers: { cookie: 'sid=none' } }).json, [null, false]);
  service.post('/cookie/logout', undefined, withCookie);
  assert.deepEqual(service.get('/cookie/who', withCookie).json, [null, false]);
  const token = service.post('/header/login').headers['bearer'] as string;
  assert.deepEqual(service.get('/header/who', { headers: { bearer: token } }).json, ['u', null]);
  assert.deepEqual(service.get('/header/who', { headers: { bearer: `${token}x` } }).json, [null, null]);
});

test('passwords are verified in every method, and nothing is no password', (t) => {
  const found = exported(t, {
    'index.js': `
      const createAuth = require('@arangodb/foxx/auth');
      module.exports = [{}, { method: 'sha512' }, { method: 'sha256', saltLength: 8 }, { method: 'pbkdf2', workFactor: 1 }].map((options) => {
        const auth = createAuth(options), data = auth.create('secret');
        return [auth.verify(data, 'secret'), auth.verify(data, 'wrong'), auth.verify({}, 'secret'), auth.verify(undefined, 'secret')];
      });`,
  });
  assert.deepEqual(
    found,
    Array.from({ length: 4 }, () => [true, false, false, false]),
  );
});
