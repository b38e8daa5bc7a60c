import assert from 'node:assert/strict';
import { test } from 'node:test';
import { captureLog, loadFiles, openDatabase, runCode, errorNumOf } from '../../../tests/support/load-service.ts';

test('collections are made, found, and are properties of db', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `
    const a = db._create('a'), e = db._createEdgeCollection('e', { waitForSync: true }), d = db._createDocumentCollection('d');
    db._create('f', {}, 'edge'); db._create('g', {}, 3);
    return [
      a.name(), a.type(), e.type(), d.type(), db.f.type(), db.g.type(), e.properties().waitForSync,
      db.a === a, db._collection('a') === a, db._collection(a._id) === a, db._collection('none'), db.none, typeof db._query, 'a' in db,
      a.isArangoCollection, a instanceof require('@arangodb').ArangoCollection, String(db), a.status(), Object.keys(a),
      db._collections().map((c) => c.name()).filter((n) => !n.startsWith('_')).sort(),
    ];`,
    { database },
  );
  assert.deepEqual(found, [
    'a',
    2,
    3,
    2,
    3,
    3,
    true,
    true,
    true,
    true,
    null,
    undefined,
    'function',
    true,
    true,
    true,
    '[ArangoDatabase "_system"]',
    3,
    [],
    ['a', 'd', 'e', 'f', 'g'],
  ]);
});

test('dropping and truncating what is not there is no error', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `
    db._create('a').insert({}); db._drop('none'); db._truncate('none'); db._truncate('a');
    const count = db.a.count(); const kept = db.a; db._drop(db.a);
    let error; try { kept.count(); } catch (e) { error = e.errorNum; }
    db._create('a').insert({});
    return [count, error, db.a.count(), db.a === kept, kept.status(), /status deleted/.test(kept), 'name' in db.a.properties()];`,
    { database },
  );
  assert.deepEqual(found, [0, 1203, 1, false, 5, true, false]);
});

test('documents: what goes in, what comes out, what it says about itself', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `
    const c = db._create('c');
    const first = c.save({ _key: 'k', a: 1 });
    const updated = c.update('k', { b: 2 });
    const doc = c.document('c/k');
    doc.changed = true; // ours alone
    const again = c.document({ _id: 'c/k' });
    const replaced = c.replace(again, { x: null }, { returnNew: true, returnOld: true });
    return {
      first: [Object.keys(first), first._id], updated: [Object.keys(updated), updated._oldRev === first._rev],
      again: [again.a, again.b, again.changed], replaced: [replaced.new.x, replaced.old.a, Object.keys(replaced.new)],
      exists: [c.exists('k')._key, c.exists('none'), db._exists('c/k')._id], id: c.documentId('k'), document: db._document('c/k').x,
      removed: Object.keys(c.remove('k')), count: c.count(), silent: c.insert({}, { silent: true }),
    };`,
    { database },
  );
  assert.deepEqual(found, {
    first: [['_id', '_key', '_rev'], 'c/k'],
    updated: [['_id', '_key', '_rev', '_oldRev'], true],
    again: [1, 2, undefined],
    replaced: [null, 1, ['_key', '_id', '_rev', 'x']],
    exists: ['k', false, 'c/k'],
    id: 'c/k',
    document: null,
    removed: ['_id', '_key', '_rev'],
    count: 0,
    silent: true,
  });
});

test('what JavaScript has and JSON has not', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `
    const c = db._create('c');
    class Model { constructor() { this.own = 1; } method() {} }
    c.insert({ _key: 'k', date: new Date(0), none: undefined, fn() {}, nan: NaN, inf: [Infinity, undefined, () => {}], re: /x/, boxed: new String('s'),
      model: new Model(), json: { toJSON: () => ({ a: 1 }) }, map: new Map([[1, 2]]), nested: { deep: [{ gone: undefined, there: 1 }] }, symbol: Symbol('x') });
    const { _id, _rev, _key, ...doc } = c.document('k');
    return doc;`,
    { database },
  );
  assert.deepEqual(found, {
    date: '1970-01-01T00:00:00.000Z',
    nan: null,
    inf: [null, null, null],
    re: '/x/',
    boxed: 's',
    model: { own: 1 },
    json: { a: 1 },
    map: {},
    nested: { deep: [{ there: 1 }] },
  });
  const cycle = `const a = {}; a.a = a; db._create('d').insert(a);`;
  assert.equal(
    errorNumOf(() => runCode(t, cycle, { database })),
    10,
  );
  assert.equal(
    errorNumOf(() => runCode(t, `db._create('f').insert('text');`, { database })),
    1227,
  );
});

test('revisions count in lists as well, and each element of a list is refused by itself', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `
    const c = db._create('c');
    const stale = c.insert([{ _key: 'a' }, { _key: 'b' }]);
    const fresh = c.replace(stale, [{ n: 1 }, { n: 1 }]);
    const outcome = (one) => one.errorNum || one._key;
    const tried = [c.update(stale, [{}, {}]), c.remove([stale[0], fresh[1]]), c.remove(stale.slice(0, 1), { overwrite: true })];
    const bad = [c.insert([5, {}]), c.update(['a', null, 7], [true, {}, {}]), c.remove([null, 'none']), c.document([1.5, {}])];
    const refuse = (action) => { try { action(); } catch (error) { return error.errorNum; } };
    const refused = [() => c.update(['a'], {}), () => c.replace(['a'], []), () => c.replace('a', [{}]), () => db._update(['c/a'], [{}])];
    c.insert({ _key: 'z' });
    const modes = [
      refuse(() => c.insert({ _key: 'z' }, { overwriteMode: 'unheard' })),
      c.insert({ _key: 'z', n: 2 }, { overwrite: true, overwriteMode: 'unheard', returnOld: true }).old._key,
      c.insert({ _key: 'z' }, { overwriteMode: 'ignore', returnOld: true }).old === undefined,
    ];
    return [tried.map((one) => one.map(outcome)), bad.map((one) => one.map((each) => each.errorNum)), refused.map(refuse), modes];`,
    { database },
  );
  assert.deepEqual(found, [
    [[1200, 1200], [1200, 'b'], ['a']],
    [
      [1227, undefined],
      [1227, 1205, 1205],
      [1205, 1202],
      [1205, 1205],
    ],
    [1227, 1227, 1227, 1227],
    [1210, 'z', true],
  ]);
});

test('lists of documents answer for each', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `
    const c = db._create('c');
    const inserted = c.insert([{ _key: 'a' }, { _key: 'a' }, { _key: 'b' }]).map((one) => one.errorNum || one._key);
    const updated = c.update(['a', 'none'], [{ n: 1 }, { n: 2 }]).map((one) => one.errorNum || one._key);
    const replaced = c.replace(['a', { _key: 'b' }], [{ m: 1 }, { _key: 'ignored', m: 2 }]).map((one) => one._key);
    const documents = c.document(['a', 'none']).map((one) => one.errorNum || one.m);
    return [
      inserted, updated, replaced, documents, c.exists(['a', 'none']).map(Boolean), c.documents(['a', 'none', 'b']).documents.length,
      c.removeByKeys(['a', 'none']), c.remove(['b', 'none']).map((one) => one.errorNum || one._key), c.count(),
    ];`,
    { database },
  );
  assert.deepEqual(found, [
    ['a', 1210, 'b'],
    ['a', 1202],
    ['a', 'b'],
    [1, 1202],
    [true, false],
    2,
    { removed: 1, ignored: 1 },
    ['b', 1202],
    0,
  ]);
});

test('revisions are looked at unless they are to be overwritten', (t) => {
  const { database } = openDatabase(t);
  const code = (call: string): string => `
    const c = db._collection('c') || db._create('c'); c.truncate();
    const old = c.insert({ _key: 'k' }); c.update('k', { a: 1 });
    return typeof (${call});`;
  for (const call of ['c.update(old, {})', 'c.replace(old, {})', 'c.remove(old)', 'c.document(old)', 'c.exists(old)']) {
    assert.equal(
      errorNumOf(() => runCode(t, code(call), { database })),
      1200,
      call,
    );
  }
  for (const call of ['c.update(old, {}, true)', 'c.replace(old, {}, { overwrite: true })', 'c.remove(old, true)', `c.update('k', {})`]) {
    assert.equal(runCode(t, code(call), { database }), 'object', call);
  }
});

test('old lists of options', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `
    const c = db._create('c'); c.insert({ _key: 'k', a: 1, b: 2 }, true);
    c.update('k', { a: null }, true, false, true);
    const first = Object.keys(c.document('k')).filter((n) => n.length === 1);
    c.update('k', { b: null }, { keepNull: false });
    c.insert({ _key: 'k', z: 1 }, { overwrite: true });
    c.insert({ _key: 'k', y: 1 }, { overwriteMode: 'update' });
    return [first, Object.keys(c.document('k')).filter((n) => n.length === 1)];`,
    { database },
  );
  assert.deepEqual(found, [['b'], ['z', 'y']]);
});

test('edges are made of ends and data, or of documents', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `
    const v = db._create('v'), e = db._createEdgeCollection('e');
    const a = v.save({ _key: 'a' }), b = v.save({ _key: 'b' });
    return [e.insert(a, b, { n: 1 }), e.save('v/a', 'v/b', { n: 2 }), e.save({ _from: 'v/b', _to: 'v/a', n: 3 })]
      .map((one) => e.document(one)).map((one) => [one._from, one._to, one.n]);`,
    { database },
  );
  assert.deepEqual(found, [
    ['v/a', 'v/b', 1],
    ['v/a', 'v/b', 2],
    ['v/b', 'v/a', 3],
  ]);
  assert.equal(
    errorNumOf(() => runCode(t, `db.e.insert({ n: 1 });`, { database })),
    1233,
  );
});

test('indexes under their old names too', (t) => {
  const { database } = openDatabase(t);
  const FIGURES = ['memory', 'cacheInUse', 'cacheSize', 'cacheUsage'];
  const found = runCode(
    t,
    `
    const c = db._create('c');
    const made = [c.ensureIndex({ type: 'persistent', fields: ['a'], unique: true }), c.ensureHashIndex('b', 'c', { sparse: true }),
      c.ensureSkiplist('d'), c.ensureUniqueConstraint('e')];
    const again = c.ensureIndex({ type: 'persistent', fields: ['a'], unique: true });
    return [
      made.map((one) => [one.type, one.fields, one.unique, one.sparse, one.isNewlyCreated]), again.isNewlyCreated, again.id === made[0].id,
      c.getIndexes().length, c.indexes()[0].type, c.index(made[0].id).fields, db._index(made[0]).fields, c.lookupSkiplist('d').fields, c.lookupHashIndex('x'),
      c.dropIndex(made[0]), db._dropIndex(made[1].id), db._dropIndex(made[1].id), c.getIndexes().length, db._dropIndex(c.getIndexes()[0]), c.dropIndex('c/0'),
      'figures' in c.indexes()[0], Object.keys(c.indexes(true)[0].figures),
    ];`,
    { database },
  ) as unknown[][];
  assert.deepEqual(
    found[0]?.map((one) => (one as unknown[]).slice(1)),
    [
      [['a'], true, false, true],
      [['b', 'c'], false, true, true],
      [['d'], false, false, true],
      [['e'], true, false, true],
    ],
  );
  assert.deepEqual(found.slice(1), [
    false,
    true,
    5,
    'primary',
    ['a'],
    ['a'],
    ['d'],
    null,
    true,
    true,
    false,
    3,
    false,
    false,
    false,
    FIGURES,
  ]);
  const twice = `const c = db._create('u'); c.ensureUniqueConstraint('a'); c.insert({ a: 1 }); c.insert({ a: 1 });`;
  assert.equal(
    errorNumOf(() => runCode(t, twice, { database })),
    1210,
  );
});

test('indexes keep the ids that they are given, and may store _id', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `const c = db._create('c'); c.save({ _key: 'k', n: 1, x: 2 });
    const made = c.ensureIndex({ type: 'persistent', fields: ['n'], storedValues: ['_id', 'x'], id: '2734752388' });
    const again = c.ensureIndex({ type: 'persistent', fields: ['n'], id: 'c/2734752388' });
    const before = db._query('FOR d IN c FILTER d.n == 1 RETURN [d._id, d.x]').toArray();
    c.rename('moved');
    return [made.id, made.storedValues, again.id, again.isNewlyCreated, before, db._query('FOR d IN moved FILTER d.n == 1 RETURN [d._id, d.x]').toArray()];`,
    { database },
  );
  assert.deepEqual(found, ['c/2734752388', ['_id', 'x'], 'c/2734752388', false, [['c/k', 2]], [['moved/k', 2]]]);
  for (const [definition, errorNum] of [
    [`{ type: 'persistent', fields: ['m'], id: '2734752388' }`, 1005],
    [`{ type: 'persistent', fields: ['_id'] }`, 10],
    [`{ type: 'persistent', fields: ['m'], storedValues: [] }`, 10],
  ] as const) {
    assert.equal(
      errorNumOf(() => runCode(t, `db.moved.ensureIndex(${definition});`, { database })),
      errorNum,
      definition,
    );
  }
});

test('a transaction is an inline function with what is around it, and is undone by what it throws', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `
    const c = db._create('c'); const key = 'closure';
    const result = db._executeTransaction({
      collections: { write: 'c' }, params: { a: 1 },
      action: (params) => { c.insert({ _key: key, ...params }); return c.document(key).a; },
    });
    const text = db._executeTransaction({
      collections: { write: ['c'] }, params: { key: 'text' },
      action: 'function (params) { const { db } = require("@arangodb"); db.c.insert({ _key: params.key }); return db.c.count(); }',
    });
    let error;
    try {
      db._executeTransaction({ collections: { write: c }, action() { c.insert({ _key: 'gone' }); throw new Error('undo'); } });
    } catch (e) { error = e.message; }
    return [result, text, error, c.count(), c.exists('gone')];`,
    { database },
  );
  assert.deepEqual(found, [1, 2, 'undo', 2, false]);
  for (const bad of ['undefined', '{ collections: {} }', '{ action: 5, collections: {} }', '{ action: "return 5;", collections: {} }']) {
    assert.equal(
      errorNumOf(() => runCode(t, `db._executeTransaction(${bad});`, { database })),
      10,
      bad,
    );
  }
});

test('a schema is passed over where it is asked for, and names tell what is a system collection', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `const c = db._create('c', { isSystem: true, schema: { rule: { properties: { n: { type: 'number' } } }, level: 'strict' } });
    const skip = { skipDocumentValidation: true };
    c.save({ _key: 'a', n: 'x' }, skip); c.update('a', { n: 'y' }, skip);
    db._query('INSERT { _key: "b", n: "z" } INTO c OPTIONS { skipDocumentValidation: true }');
    db._query('UPDATE "b" WITH { n: "zz" } IN c OPTIONS { skipDocumentValidation: true }');
    return [c.properties().isSystem, c.toArray().map(({ n }) => n).sort(), c.documentId('a'), c.documentId(1), db._engineStats()];`,
    { database },
  );
  assert.deepEqual(found, [false, ['y', 'zz'], 'c/a', 'c/1', {}]);
  for (const [code, errorNum] of [
    [`db.c.save({ n: 'x' });`, 1620],
    [`db.c.update('a', { n: 'z' });`, 1620],
    [`db.c.documentId('/');`, 1221],
    [`db.c.documentId();`, 1221],
    [`db._remove('c/a/b');`, 1205],
    [`db._document('a');`, 1205],
  ] as const) {
    assert.equal(
      errorNumOf(() => runCode(t, code, { database })),
      errorNum,
      code,
    );
  }
});

test('a transaction is a global function too, and none has another in it', (t) => {
  const { database } = openDatabase(t);
  assert.deepEqual(
    runCode(t, `return TRANSACTION({ collections: {}, action: 'function () { return params; }', params: [7] });`, { database }),
    [7],
  );
  const nested = `TRANSACTION({ collections: {}, action() { return TRANSACTION({ collections: {}, action() {} }); } });`;
  assert.equal(
    errorNumOf(() => runCode(t, nested, { database })),
    1651,
  );
});

test('the action of a transaction that is text sees its parameters without naming them', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `const run = (action) => db._executeTransaction({ collections: {}, action, params: { n: 2 } });
    return [run('function () { return params.n; }'), run('({ n }) => n + params.n // so'), run(String(() => params.n * 3))];`,
    { database },
  );
  assert.deepEqual(found, [2, 4, 6]);
});

test('a stream transaction is used through its collections', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `
    db._create('c');
    const one = db._createTransaction({ collections: { write: ['c'] } });
    one.collection('c').insert({ _key: 'a' });
    const seen = [db.c.exists('a'), Boolean(one.collection('c').exists('a')), one.running(), db._transactions().length];
    const committed = one.commit().status;
    const two = db._createTransaction({ collections: { write: ['c'] } });
    two.collection('c').insert({ _key: 'b' });
    return [...seen, committed, Boolean(db.c.exists('a')), two.abort().status, db.c.count()];`,
    { database },
  );
  assert.deepEqual(found, [false, true, true, 1, 'committed', true, 'aborted', 1]);
});

test('errors of the database are errors of JavaScript, with ArangoDB’s names', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `
    let e; try { db._create('c').document('none'); } catch (error) { e = error; }
    const own = new ArangoError({ errorNum: errors.ERROR_ARANGO_CONFLICT.code, errorMessage: 'own' });
    class Sub extends ArangoError {}
    return [
      e.name, e.errorNum === errors.ERROR_ARANGO_DOCUMENT_NOT_FOUND.code, e.code, e.isArangoError, e.error, e.errorMessage === e.message,
      e instanceof ArangoError, e instanceof Error, new Error() instanceof ArangoError,
      own.errorNum, own.message, own.code, own instanceof ArangoError, new Sub({ errorNum: 1 }) instanceof Sub, own instanceof Sub,
      new ArangoError({ errorNum: 99999, errorMessage: 'x' }).errorNum, new ArangoError().errorNum, errors.ERROR_ARANGO_CONFLICT.message,
    ];`,
    { database },
  );
  assert.deepEqual(found, [
    'ArangoError',
    true,
    404,
    true,
    true,
    true,
    true,
    true,
    false,
    1200,
    'own',
    409,
    true,
    true,
    false,
    99999,
    1,
    'conflict',
  ]);
});

test('an error of the database that a handler lets through has its status', (t) => {
  captureLog(t);
  const { database } = openDatabase(t);
  const service = loadFiles(
    t,
    {
      'index.js': `
      const { db } = require('@arangodb'); const router = require('@arangodb/foxx/router')();
      if (!db._collection('c')) db._create('c');
      router.get('/missing', () => { db.c.document('none'); });
      router.get('/told', (req, res) => { try { db.c.document('none'); } catch (e) { res.throw(404, 'no such thing', e); } });
      router.get('/prefixed', (req, res) => { res.json([module.context.collectionName('my-things'), module.context.collection('none')]); });
      module.context.use(router);`,
    },
    { database, mount: '/a-b/c' },
  );
  assert.deepEqual(service.get('/missing').json, { error: true, errorNum: 404, errorMessage: 'Internal Server Error', code: 404 });
  assert.deepEqual(service.get('/told').json, { error: true, errorNum: 1202, errorMessage: 'no such thing', code: 404 });
  assert.deepEqual(service.get('/prefixed').json, ['a_b_c_my_things', null]);
});

test('other databases are there only for who is given them', (t) => {
  const { database, databases } = openDatabase(t);
  const host = { endpoints: ['http://127.0.0.1:1'], exportsOf: () => null, request: () => ({ status: 500, headers: {}, body: '' }) };
  const found = runCode(
    t,
    `
    db._createDatabase('other'); const all = db._databases().slice().sort(); db._useDatabase('other'); db._create('there');
    const name = db._name(); const isSystem = db._isSystem(); db._useDatabase('_system');
    return [all, name, isSystem, db._name(), db.there, db._dropDatabase('other'), db._databases(), db._endpoints()];`,
    { database, host: { ...host, databases } },
  );
  assert.deepEqual(found, [
    ['_system', 'other'],
    'other',
    false,
    '_system',
    undefined,
    true,
    ['_system'],
    [{ endpoint: 'tcp://127.0.0.1:1' }],
  ]);
  assert.equal(
    errorNumOf(() => runCode(t, `db._databases();`, { database, host })),
    11,
  );
});

test('collections find what is near, within and written', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `
    const c = db._create('places');
    c.ensureIndex({ type: 'geo', fields: ['at'] });
    c.ensureFulltextIndex('text', 3);
    for (let i = 0; i < 150; i++) c.insert({ _key: 'k' + i, at: [0, i / 10], text: i % 2 ? 'a fox' : 'a bear' });
    const keys = (query) => query.toArray().map((doc) => doc._key);
    return [
      keys(c.near(0, 0).limit(2)), keys(c.near(0, 0)).length, keys(c.near(0, 0).limit(120)).length, keys(c.near(0, 0).skip(1).limit(1)),
      Math.round(c.near(0, 0.1).distance().skip(1).limit(1).toArray()[0].distance), keys(c.geo('at').within(0, 0, 12000)),
      c.within(0, 0, 12000).distance('far').toArray()[0].far, keys(c.withinRectangle(-1, 0.25, 1, 0.45)),
      keys(c.fulltext('text', 'fox').limit(2)), c.fulltext('text', 'prefix:be').count(),
      c.lookupFulltextIndex('text').minLength, c.insert({}, { silent: true }), c.insert([{}, { _key: 'k1' }], { silent: true }).length,
    ];`,
    { database },
  );
  assert.deepEqual(found, [['k0', 'k1'], 100, 120, ['k1'], 11119, ['k0', 'k1'], 0, ['k3', 'k4'], ['k1', 'k3'], 75, 3, true, 1]);
});

test('analyzers are objects with methods, and are found by their names', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `const analyzers = require('@arangodb/analyzers');
    const saved = analyzers.save('csv', 'delimiter', { delimiter: ',' }, ['frequency', 'norm', 'position']);
    const errors = [
      () => analyzers.save('csv', 'delimiter', { delimiter: ';' }),
      () => analyzers.save('csv'),
      () => analyzers.save('new', 'magic'),
      () => analyzers.save('other::new', 'identity'),
      () => analyzers.remove('text_en'),
      () => analyzers.remove('none'),
    ].map((call) => { try { call(); return 0; } catch (error) { return error.errorNum; } });
    const list = analyzers.toArray().map((each) => each.name());
    const shown = [saved.name(), saved.type(), saved.properties(), saved.features(), JSON.parse(JSON.stringify(saved)), String(analyzers.analyzer('text_en'))];
    const names = [analyzers.analyzer('csv').name(), analyzers.analyzer('none'), list.length, list.at(-1)];
    analyzers.remove(saved.name, true);
    return { errors, shown, names, left: analyzers.analyzer('csv') };`,
    { database },
  );
  const description = {
    name: '_system::csv',
    type: 'delimiter',
    properties: { delimiter: ',' },
    features: ['frequency', 'position', 'norm'],
  };
  assert.deepEqual(found, {
    errors: [10, 10, 9, 11, 11, 1202],
    shown: [...Object.values(description), description, '[ArangoAnalyzer "text_en" (type text)]'],
    names: ['_system::csv', null, 14, '_system::csv'],
    left: null,
  });
});
