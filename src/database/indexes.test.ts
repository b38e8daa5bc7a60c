import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { isArangoError, replaceClock } from '#base';
import type { Value, ValueObject } from '#values';
import type { Collection } from './collection.ts';
import { openTemporaryDatabases } from './temporary-databases.suite.ts';

const temporary = openTemporaryDatabases();
const { database, databases } = temporary;
after(() => temporary.close());

let collection: Collection;
let made = 0;

beforeEach(() => {
  collection = database.createCollection({ name: `c${made++}` });
});

function fails(errorNum: number, action: () => unknown, message?: RegExp): void {
  assert.throws(action, (error) => {
    assert(isArangoError(error), String(error));
    assert.equal(error.errorNum, errorNum, error.message);
    if (message !== undefined) assert.match(error.message, message);
    return true;
  });
}

test('a collection begins with its primary index, an edge collection with the edge index too', () => {
  const edges = database.createCollection({ name: `${collection.name}-edges`, type: 3 });
  assert.deepEqual(edges.indexes(), [
    { fields: ['_key'], id: `${edges.name}/0`, name: 'primary', selectivityEstimate: 1, sparse: false, type: 'primary', unique: true },
    { fields: ['_from', '_to'], id: `${edges.name}/1`, name: 'edge', selectivityEstimate: 1, sparse: false, type: 'edge', unique: false },
  ]);
  fails(11, () => edges.dropIndex('primary'));
  fails(11, () => edges.dropIndex(`${edges.name}/1`));
});

test('the same type, fields, uniqueness and sparseness are the same index', () => {
  const first = collection.ensureIndex({ type: 'persistent', fields: ['a', 'b'], name: 'mine' });
  assert.equal(first.isNewlyCreated, true);
  for (const again of [{}, { name: 'yours' }, { storedValues: ['c'] }, { deduplicate: false }]) {
    const same = collection.ensureIndex({ type: 'persistent', fields: ['a', 'b'], ...again });
    assert.deepEqual([same.isNewlyCreated, same['id'], same['name']], [false, first['id'], 'mine']);
  }
  for (const other of [{ unique: true }, { sparse: true }, { fields: ['b', 'a'] }, { fields: ['a'] }]) {
    assert.equal(collection.ensureIndex({ type: 'persistent', fields: ['a', 'b'], ...other }).isNewlyCreated, true);
  }
  fails(1005, () => collection.ensureIndex({ type: 'persistent', fields: ['z'], name: 'mine' }));
});

test('an index is found by id, number and name', () => {
  const { id, name } = collection.ensureIndex({ type: 'persistent', fields: ['a'] });
  assert.match(name as string, /^idx_\d+$/);
  for (const handle of [id, (id as string).split('/')[1], name]) assert.equal(collection.index(handle as string)['id'], id);
  fails(1212, () => collection.index('nothing'));
  fails(1213, () => collection.index('other/0'));
  assert.equal(collection.dropIndex(id as string), true);
  fails(1212, () => collection.dropIndex(id as string));
  assert.equal(collection.indexes().length, 1);
});

const BAD_DEFINITIONS: readonly (readonly [definition: ValueObject, errorNum: number])[] = [
  [{}, 10],
  [{ type: 'magic', fields: ['a'] }, 10],
  [{ type: 'persistent' }, 10],
  [{ type: 'persistent', fields: [] }, 10],
  [{ type: 'persistent', fields: 'a' }, 10],
  [{ type: 'persistent', fields: [1] }, 10],
  [{ type: 'persistent', fields: ['a', 'a'] }, 10],
  [{ type: 'persistent', fields: ['_id'] }, 10],
  [{ type: 'persistent', fields: ['a'], unique: 1 }, 10],
  [{ type: 'persistent', fields: ['a[*].b[*]'] }, 10],
  [{ type: 'persistent', fields: ['a'], name: '1' }, 1208],
  [{ type: 'persistent', fields: ['a'], storedValues: ['a'] }, 10],
  [{ type: 'persistent', fields: ['a'], storedValues: [] }, 10],
  [{ type: 'ttl', fields: ['a'] }, 10],
  [{ type: 'ttl', fields: ['a', 'b'], expireAfter: 1 }, 10],
  [{ type: 'ttl', fields: ['a'], expireAfter: -1 }, 10],
  [{ type: 'geo', fields: ['a', 'b', 'c'] }, 10],
  [{ type: 'geo', fields: [] }, 10],
  [{ type: 'geo', fields: ['a[*]'] }, 10],
  [{ type: 'geo', fields: ['a'], geoJson: 1 }, 10],
  [{ type: 'geo1', fields: ['a', 'b'] }, 10],
  [{ type: 'fulltext', fields: ['a', 'b'] }, 10],
  [{ type: 'fulltext', fields: ['a'], minLength: 0 }, 10],
  [{ type: 'fulltext', fields: ['a'], minLength: 'x' }, 10],
  [{ type: 'mdi', fields: ['a'] }, 10],
  [{ type: 'mdi', fields: ['a'], fieldValueTypes: 'float' }, 10],
  [{ type: 'mdi', fields: ['a[*]'], fieldValueTypes: 'double' }, 10],
  [{ type: 'mdi', fields: [], fieldValueTypes: 'double' }, 10],
  [{ type: 'mdi-prefixed', fields: ['a'], fieldValueTypes: 'double' }, 10],
  [{ type: 'mdi-prefixed', fields: ['a'], prefixFields: ['a'], fieldValueTypes: 'double' }, 10],
  [{ type: 'mdi-prefixed', fields: ['a'], prefixFields: ['b'], storedValues: ['b'], fieldValueTypes: 'double' }, 10],
  [{ type: 'inverted', fields: ['a'] }, 9],
  [{ type: 'vector', fields: ['a'] }, 9],
  [{ type: 'primary', fields: ['_key'] }, 11],
];

for (const [definition, errorNum] of BAD_DEFINITIONS) {
  test(`an index ${JSON.stringify(definition)} is error ${errorNum}`, () => fails(errorNum, () => collection.ensureIndex(definition)));
}

const GEO = { bestIndexedLevel: 17, worstIndexedLevel: 4, maxNumCoverCells: 8, sparse: true, unique: false };
const MDI = { fieldValueTypes: 'double', sparse: false, unique: false, estimates: false };

/** Each with what is shown of it beside id, name and `isNewlyCreated`. */
const SHOWN: readonly (readonly [definition: ValueObject, shown: ValueObject])[] = [
  [
    { type: 'geo', fields: ['a'] },
    { ...GEO, type: 'geo', fields: ['a'], geoJson: false, legacyPolygons: false },
  ],
  [
    { type: 'geo', fields: ['a'], geoJson: true, legacyPolygons: true, unique: true },
    { ...GEO, type: 'geo', fields: ['a'], geoJson: true, legacyPolygons: true },
  ],
  [
    { type: 'geo', fields: ['a', 'b'], geoJson: true },
    { ...GEO, type: 'geo', fields: ['a', 'b'], geoJson: false, legacyPolygons: false },
  ],
  [
    { type: 'geo2', fields: ['a', 'b'] },
    { ...GEO, type: 'geo', fields: ['a', 'b'], geoJson: false, legacyPolygons: false },
  ],
  [
    { type: 'fulltext', fields: ['a.b'] },
    { type: 'fulltext', fields: ['a.b'], minLength: 2, sparse: true, unique: false },
  ],
  [
    { type: 'mdi', fields: ['a', 'b'], fieldValueTypes: 'double' },
    { ...MDI, type: 'mdi', fields: ['a', 'b'] },
  ],
  [
    { type: 'mdi', fields: ['a'], fieldValueTypes: 'double', unique: true, sparse: true, storedValues: ['a', 'c'] },
    { ...MDI, type: 'mdi', fields: ['a'], unique: true, sparse: true, storedValues: ['a', 'c'], estimates: true, selectivityEstimate: 1 },
  ],
  [
    { type: 'mdi-prefixed', fields: ['a'], prefixFields: ['p'], fieldValueTypes: 'double' },
    { ...MDI, type: 'mdi-prefixed', fields: ['a'], prefixFields: ['p'], estimates: true, selectivityEstimate: 1 },
  ],
  [
    { type: 'ttl', fields: ['a'], expireAfter: 5 },
    { type: 'ttl', fields: ['a'], expireAfter: 5, estimates: false, sparse: true, unique: false },
  ],
];

for (const [definition, shown] of SHOWN) {
  test(`an index ${JSON.stringify(definition)} is shown as ArangoDB shows it, and made once`, () => {
    const { id = null, name = null, isNewlyCreated, ...rest } = collection.ensureIndex({ inBackground: true, ...definition });
    assert.deepEqual(rest, shown);
    assert.equal(isNewlyCreated, true);
    const again = collection.ensureIndex(definition);
    assert.deepEqual([again.isNewlyCreated, again['id'], again['name']], [false, id, name]);
    assert.deepEqual(collection.index(id as string), { id, name, ...shown });
    collection.dropIndex(id as string);
  });
}

test('a unique index says who is in the way', () => {
  collection.ensureIndex({ type: 'persistent', fields: ['name.first', 'name.last'], unique: true, name: 'names' });
  const { _key } = collection.insert({ name: { first: 'hans', last: 'hansen' } });
  collection.insert({ name: { first: 'hans', last: 'jensen' } });
  const message = `unique constraint violated - in index names of type persistent over 'name.first, name.last'; conflicting key: ${_key}`;
  fails(1210, () => collection.insert({ name: { first: 'hans', last: 'hansen' } }), new RegExp(`^${message}$`));
});

test('null is a value unless the index is sparse', () => {
  collection.ensureIndex({ type: 'persistent', fields: ['a'], unique: true });
  collection.ensureIndex({ type: 'persistent', fields: ['b'], unique: true, sparse: true });
  collection.insert({ a: null });
  fails(1210, () => collection.insert({}));
  collection.insert({ a: 1, b: null });
});

test('an array index has each member once, if it is not to refuse them', () => {
  collection.ensureIndex({ type: 'persistent', fields: ['folding[*]'], unique: true });
  collection.ensureIndex({ type: 'persistent', fields: ['strict[*]'], unique: true, deduplicate: false });
  collection.insert({ folding: [1, 2, 2], strict: [1, 2] });
  fails(1210, () => collection.insert({ folding: [2] }));
  fails(1210, () => collection.insert({ strict: [5, 5] }));
  collection.insertAll([{}, { folding: [] }, { folding: 1 }, { strict: 'a' }]);
  assert.equal(collection.count(), 5);
});

for (const documents of [3, 2500]) {
  test(`an index over ${documents} documents finds them all, and leaves nothing behind when they contradict each other`, () => {
    collection.insertAll(Array.from({ length: documents }, (_, n) => ({ _key: `k${n}`, n })));
    collection.ensureIndex({ type: 'persistent', fields: ['n'], unique: true });
    fails(1210, () => collection.insert({ n: 1 }), /conflicting key: k1$/);
    fails(
      1210,
      () => collection.ensureIndex({ type: 'persistent', fields: ['same'], unique: true }),
      /over 'same'; conflicting key: k\d+$/,
    );
    assert.equal(collection.indexes().length, 2);
    collection.insert({ n: -1 });
  });
}

test('how selective an index is shows in its estimate', () => {
  const estimate = (): Value => collection.index('tested')['selectivityEstimate'] ?? null;
  collection.ensureIndex({ type: 'persistent', fields: ['n'], name: 'tested' });
  assert.equal(estimate(), 1);
  collection.insertAll(Array.from({ length: 100 }, (_, i) => ({ n: i % 4 })));
  assert.equal(estimate(), 0.04);
  assert.equal(collection.ensureIndex({ type: 'persistent', fields: ['m'], estimates: false })['selectivityEstimate'], undefined);
});

test('documents go when their time has come', () => {
  collection.ensureIndex({ type: 'ttl', fields: ['at'], expireAfter: 60 });
  const now = Date.parse('2026-01-01T00:00:00Z');
  const restore = replaceClock({ now: () => now, monotonic: () => 0 });
  try {
    collection.insertAll([
      { _key: 'number', at: now / 1000 - 61 },
      { _key: 'date', at: '2025-12-31T23:58:59Z' },
      { _key: 'zone', at: '2026-01-01T01:28:00.5+01:30' },
      { _key: 'day', at: '2025-12-31' },
      { _key: 'fresh', at: now / 1000 - 59 },
      { _key: 'text', at: 'yesterday' },
      { _key: 'negative', at: -5 },
      { _key: 'none' },
    ]);
    assert.equal(databases.removeExpired({ maxCollectionRemoves: 3, maxTotalRemoves: 100 }), 3);
    assert.equal(databases.removeExpired({ maxCollectionRemoves: 100, maxTotalRemoves: 100 }), 1);
    assert.deepEqual(
      ['fresh', 'text', 'negative', 'none'].filter((key) => collection.exists(key) !== undefined),
      ['fresh', 'text', 'negative', 'none'],
    );
    assert.equal(collection.count(), 4);
  } finally {
    restore();
  }
  fails(10, () => collection.ensureIndex({ type: 'ttl', fields: ['other'], expireAfter: 60 }));
});
