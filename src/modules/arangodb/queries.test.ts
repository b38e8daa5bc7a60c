import assert from 'node:assert/strict';
import { test } from 'node:test';
import { captureLog, loadFiles, openDatabase, runCode, errorNumOf } from '../../../tests/support/load-service.ts';

const DATA = `
const c = db._collection('c') || db._create('c');
if (c.count() === 0) c.insert([1, 2, 3, 4, 5].map((n) => ({ _key: 'k' + n, n, parity: n % 2, deep: { n }, 'a.b': n, 'back\`tick': n })));
`;

test('queries in all the ways to write them', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `${DATA}
    const text = 'FOR d IN c FILTER d.n > @min SORT d.n RETURN d.n';
    const all = [
      db._query(text, { min: 3 }),
      db._query({ query: text, bindVars: { min: 3 } }),
      db._query({ query: text, bindVars: { min: 3 }, options: { fullCount: true } }, { count: true }),
      db._query(text, { min: 3 }, { count: true }, { fullCount: true }),
      db._query(aql\`FOR d IN \${c} FILTER d.n > \${3} SORT d.n RETURN d.n\`),
      db._query(aqlQuery\`FOR d IN \${c} FILTER d.n > \${3} SORT d.n RETURN d.n\`),
      query\`FOR d IN \${c} FILTER d.n > \${3} SORT d.n RETURN d.n\`,
      query({ fullCount: true })\`FOR d IN \${c} FILTER d.n > \${3} SORT d.n RETURN d.n\`,
      db._query({ toAQL: () => 'FOR d IN c FILTER d.n > 3 SORT d.n RETURN d.n' }),
      db._createStatement({ query: text, bindVars: { min: 3 } }).execute(),
      db._createStatement(text).bind === undefined ? [] : (() => { const s = db._createStatement(text); s.bind('min', 3); return s.execute(); })(),
      db._query('FOR d IN @@c FILTER d.n > 3 SORT d.n RETURN d.n', { '@c': c.name() }),
    ];
    return all.map((one) => one.toArray());`,
    { database },
  ) as unknown[];
  for (const result of found) assert.deepEqual(result, [4, 5]);
  assert.equal(found.length, 12);
});

test('a cursor is walked, counted and looked into', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `${DATA}
    const run = () => query\`FOR d IN c SORT d.n RETURN d.n\`;
    const a = run(); const walked = []; while (a.hasNext()) walked.push(a.next());
    const b = run(); b.next();
    const d = run(); d.dispose();
    const e = run();
    return [
      walked, a.next(), b.toArray(), run().count(), run()._documents, run()._countTotal, [...run()], e.toArray(), e.toArray(), d.toArray(),
      run().map((n) => n * 2), run().filter((n) => n > 3), run().reduce((s, n) => s + n, 0), run().some((n) => n > 4), run().every((n) => n > 4),
      run().isArangoResultSet, typeof run().getExtra().stats, JSON.stringify(run()),
    ];`,
    { database },
  );
  const all = [1, 2, 3, 4, 5];
  assert.deepEqual(found, [
    all,
    undefined,
    [2, 3, 4, 5],
    5,
    all,
    5,
    all,
    all,
    all,
    [],
    [2, 4, 6, 8, 10],
    [4, 5],
    15,
    true,
    false,
    true,
    'object',
    '[1,2,3,4,5]',
  ]);
});

test('fullCount is among the extras', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(t, `${DATA} return db._query('FOR d IN c LIMIT 2 RETURN d', {}, { fullCount: true }).getExtra().stats.fullCount;`, {
    database,
  });
  assert.equal(found, 5);
});

test('a collection by its numeric id is a bind value too', (t) => {
  const { database } = openDatabase(t);
  assert.deepEqual(
    runCode(t, `${DATA} return db._query('FOR d IN @@c FILTER d.n == 1 RETURN d.n', { '@c': c._id }).toArray();`, { database }),
    [1],
  );
});

test('queries without AQL', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `${DATA}
    const keys = (result) => result.map((one) => one._key).sort();
    return {
      all: keys(c.all().toArray()), limited: c.all().limit(2).toArray().length, skipped: c.all().skip(3).toArray().length,
      count: [c.all().limit(2).count(), c.all().limit(2).count(true), c.byExample({ parity: 1 }).limit(1).count()],
      chained: [c.all().skip(1).skip(1).toArray().length, c.all().limit(4).skip(1).limit(9).toArray().length],
      once: c.documents(['k1', 'k1', 'c/k1']).documents.length,
      last: c.all().skip(-2).toArray().length, array: c.toArray().length, any: typeof c.any()._key,
      example: keys(c.byExample({ parity: 0 }).toArray()), pairs: keys(c.byExample('parity', 0, 'n', 2).toArray()), deep: keys(c.byExample({ 'deep.n': 3 }).toArray()),
      id: keys(c.byExample({ _id: 'c/k2' }).toArray()), tick: keys(c.byExample({ 'back\`tick': 2 }).toArray()), missing: keys(c.byExample({ none: null, n: 1 }).toArray()),
      first: [c.firstExample({ n: 3 })._key, c.firstExample('n', 3)._key, c.firstExample({ n: 99 })],
      range: [keys(c.range('n', 2, 4).toArray()), keys(c.closedRange('n', 2, 4).toArray())],
      next: (() => { const q = c.byExample({ n: 1 }); return [q.hasNext(), q.next()._key, q.hasNext(), q.next()]; })(),
      iterated: (() => { let n = 0; c.iterate(() => { n++; }, { limit: 3 }); return n; })(),
      spread: [...c.byExample({ n: 1 })].length, sent: c.all().isArangoResultSet,
    };`,
    { database },
  );
  const keys = ['k1', 'k2', 'k3', 'k4', 'k5'];
  assert.deepEqual(found, {
    all: keys,
    limited: 2,
    skipped: 2,
    chained: [3, 3],
    once: 1,
    count: [5, 2, 3],
    last: 2,
    array: 5,
    any: 'string',
    example: ['k2', 'k4'],
    pairs: ['k2'],
    deep: ['k3'],
    id: ['k2'],
    tick: ['k2'],
    missing: ['k1'],
    first: ['k3', 'k3', null],
    range: [
      ['k2', 'k3'],
      ['k2', 'k3', 'k4'],
    ],
    next: [true, 'k1', false, undefined],
    iterated: 3,
    spread: 1,
    sent: true,
  });
});

test('changes by example', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `${DATA}
    return [
      c.updateByExample({ parity: 1 }, { u: 1, deep: { x: 1 } }), c.byExample({ u: 1 }).toArray().map((d) => d.deep.n).sort(),
      c.updateByExample({ parity: 1 }, { u: null }, { keepNull: false, limit: 2 }), c.byExample({ u: 1 }).count(),
      c.updateByExample({ n: 1 }, { u: null }, true), 'u' in c.document('k1'),
      c.replaceByExample({ n: 1 }, { r: 1 }), c.document('k1').n, c.replaceByExample({ n: 2 }, {}, { limit: 0 }),
      c.removeByExample({ parity: 0 }, false, 1), c.removeByExample({ parity: 0 }), c.removeByExample({ none: 1 }), c.count(),
    ];`,
    { database },
  );
  assert.deepEqual(found, [3, [1, 3, 5], 2, 1, 1, true, 1, undefined, 0, 1, 1, 0, 3]);
  assert.equal(
    errorNumOf(() => runCode(t, `${DATA} c.removeByExample({ n: 1 }, {}, 1);`, { database })),
    10,
  );
});

test('edges at a vertex', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `
    const v = db._create('v'), e = db._createEdgeCollection('e');
    for (const k of ['a', 'b']) v.insert({ _key: k });
    e.insert([{ _key: 'ab', _from: 'v/a', _to: 'v/b' }, { _key: 'ba', _from: 'v/b', _to: 'v/a' }, { _key: 'aa', _from: 'v/a', _to: 'v/a' }]);
    const keys = (list) => list.map((one) => one._key).sort();
    return [keys(e.edges('v/a')), keys(e.outEdges(v.document('a'))), keys(e.inEdges(['v/a', v.document('b')]))];`,
    { database },
  );
  assert.deepEqual(found, [
    ['aa', 'ab', 'ba'],
    ['aa', 'ab'],
    ['aa', 'ab', 'ba'],
  ]);
  assert.equal(
    errorNumOf(() => runCode(t, `db.v.edges('v/a');`, { database })),
    1218,
  );
});

test('statements, parsing and explaining', (t) => {
  const entries = captureLog(t);
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `${DATA}
    const s = db._createStatement({ query: 'FOR d IN c FILTER d.n == @n RETURN d', count: true, batchSize: 5, options: { fullCount: true } });
    s.bind({ n: 1 }); s.setBatchSize(7);
    db._explain('FOR d IN c RETURN d');
    db._profileQuery('FOR d IN c RETURN d');
    return [
      s.getQuery(), s.getBindVariables(), s.getCount(), s.getBatchSize(), s.getOptions(), s.parse().collections, s.explain().plan.nodes.length > 2,
      db._parse('RETURN @x').bindVars, require('@arangodb/aql/explainer').explain('RETURN 1', {}, false).includes('ReturnNode'),
    ];`,
    { database },
  );
  assert.deepEqual(found, ['FOR d IN c FILTER d.n == @n RETURN d', { n: 1 }, true, 7, { fullCount: true }, ['c'], true, ['x'], true]);
  assert.ok(entries.some(({ message }) => message.includes('EnumerateCollectionNode')));
  for (const bad of ['{}', '""', '{ query: 5 }']) {
    assert.equal(
      errorNumOf(() => runCode(t, `db._createStatement(${bad});`, { database })),
      10,
      bad,
    );
  }
  const twice = `const s = db._createStatement('RETURN @a'); s.bind('a', 1); s.bind('a', 2);`;
  assert.equal(
    errorNumOf(() => runCode(t, twice, { database })),
    10,
  );
  assert.equal(
    errorNumOf(() => runCode(t, `db._query('RETURN');`, { database })),
    1501,
  );
  assert.equal(
    errorNumOf(() => runCode(t, `db._query('RETURN @a');`, { database })),
    1551,
  );
});

test('kept plans show by their keys, and cursors tell what they are', (t) => {
  const entries = captureLog(t);
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `${DATA}
    const options = { usePlanCache: true, optimizePlanForCaching: true };
    const keyOf = (query, more) => db._query(query, null, { ...options, ...more }).planCacheKey;
    const stored = 'FOR d IN c FILTER d.n > 1 RETURN d';
    const [first, second] = [keyOf(stored), keyOf(stored, { profile: 2 })];
    const statement = db._createStatement({ query: 'FOR d IN c RETURN d.n', options });
    const explained = [statement.explain(), statement.explain()].map((each) => 'planCacheKey' in each);
    require('@arangodb/aql/explainer').profileQuery({ query: stored, options });
    require('internal').print(db._query('FOR i IN 1..12 RETURN i / 0'));
    const cursor = db._query('RETURN 1', {}, { allowRetry: true });
    const writing = db._query('FOR i IN 1..3 INSERT {} INTO c RETURN i', {}, { stream: true });
    const endless = db._query('FOR i IN 1..100000000000 RETURN i', {}, { stream: true });
    return [
      first === undefined && typeof second === 'string', explained, Object.hasOwn(db._query(stored), 'planCacheKey'),
      [keyOf('RETURN 1 / 0'), keyOf('RETURN 1 / 0')], [cursor.retriable(), cursor.cached(), db._query('RETURN 1').retriable()],
      db._views(), db._view('v'), db._dropView('v'), [endless.count(), endless.next(), endless.hasNext(), endless.dispose()], [writing.count(), writing.stream(), writing.toArray()],
    ];`,
    { database },
  );
  assert.deepEqual(found, [
    true,
    [false, true],
    false,
    [undefined, undefined],
    [true, false, false],
    [],
    null,
    undefined,
    [undefined, 1, true, undefined],
    [undefined, true, [1, 2, 3]],
  ]);
  const texts = entries.map(({ message }) => message).join('\n');
  assert.match(texts, /Query String \(34 chars, plan cache key: "\d+", results cachable: false\):/);
  assert.match(texts, /ArangoQueryCursor, count: 12, results cached: false, hasMore: true, warning\(s\): "1562 division by zero"\]/);
  assert.match(texts, /type 'more' to show more documents/);
  for (const [code, errorNum] of [
    [`db._createView('v', 'arangosearch', {});`, 9],
    [`db._query('FOR d IN @@c RETURN d.@a', { '@c': 'c', a: 'n' }, { usePlanCache: true });`, 1584],
  ] as const) {
    assert.equal(
      errorNumOf(() => runCode(t, `${DATA} ${code}`, { database: openDatabase(t).database })),
      errorNum,
    );
  }
});

test('a cursor or a simple query is sent as its results', (t) => {
  const { database } = openDatabase(t);
  const service = loadFiles(
    t,
    {
      'index.js': `
      const { db, aql } = require('@arangodb'); const router = require('@arangodb/foxx/router')();
      ${DATA}
      router.get('/cursor', (req, res) => { res.send(db._query(aql\`FOR d IN \${c} SORT d.n RETURN d.n\`)); });
      router.get('/all', (req, res) => { res.send(c.all().limit(1)); });
      router.get('/models', (req, res) => { res.send(db._query('FOR d IN c SORT d.n RETURN d')); }).response([{ forClient: ({ n }) => n }]);
      router.get('/json', (req, res) => { res.json(db._query('RETURN 1')); });
      module.context.use(router);`,
    },
    { database },
  );
  assert.deepEqual(service.get('/cursor').json, [1, 2, 3, 4, 5]);
  assert.equal((service.get('/all').json as { n: number }[])[0]?.n, 1);
  assert.deepEqual(service.get('/models').json, [1, 2, 3, 4, 5]);
  assert.deepEqual(service.get('/json').json, [1]);
});

test('user-defined functions are kept', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `
    const functions = require('@arangodb/aql/functions');
    return [
      functions.register('MY::own::double', (x) => x * 2, true), functions.register('my::OWN::double', 'function (x) { return x * 3; }'),
      functions.register('other::f', '(function () {})'), functions.toArray('my').map((one) => one.name), functions.toArray().length,
      functions.unregisterGroup('my'), functions.toArray().map((one) => [one.name, one.isDeterministic]),
    ];`,
    { database },
  );
  assert.deepEqual(found, [false, true, false, ['my::OWN::double'], 2, 1, [['other::f', false]]]);
  for (const [code, number] of [
    [`functions.register('noname', () => {})`, 1580],
    [`functions.register('a::b', 'this is no function')`, 1581],
    [`functions.register('a::b', '5')`, 1581],
    [`functions.unregister('a::none')`, 1582],
  ] as const) {
    assert.equal(
      errorNumOf(() => runCode(t, `const functions = require('@arangodb/aql/functions'); ${code};`, { database })),
      number,
      code,
    );
  }
});

test('services that are older than 3.10 mean the smaller area of a ring, and their indexes do', (t) => {
  const { database } = openDatabase(t);
  const main = `
    const { db } = require('@arangodb');
    const clockwise = { type: 'Polygon', coordinates: [[[0, 0], [0, 9], [9, 9], [9, 0], [0, 0]]] };
    const name = module.context.collectionName('c');
    const c = db._collection(name) || db._createDocumentCollection(name);
    const ask = (text, values) => db._query(text, values).toArray()[0];
    const holds = () => [
      ask('RETURN GEO_CONTAINS(@p, [4, 4])', { p: clockwise }), ask('RETURN GEO_CONTAINS(' + JSON.stringify(clockwise) + ', [4, 4])'),
      ask('RETURN COUNT(FOR d IN @@c FILTER GEO_INTERSECTS(GEO_POINT(4, 4), d.area) RETURN 1)', { '@c': name }),
    ];
    c.save({ area: clockwise });
    exports.found = holds();
    exports.index = c.ensureIndex({ type: 'geo', fields: ['area'], geoJson: true }).legacyPolygons;
    exports.indexed = holds();
  `;
  const load = (mount: string, arangodb: string): unknown =>
    loadFiles(t, { 'index.js': main }, { database, mount }, { engines: { arangodb } }).loaded.exports;
  assert.deepEqual(load('/old', '3.4'), { found: [true, true, 1], index: true, indexed: [true, true, 1] });
  assert.deepEqual(load('/new', '^3.0.0'), { found: [false, false, 0], index: false, indexed: [false, false, 0] });
});
