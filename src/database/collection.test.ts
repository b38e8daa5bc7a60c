import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { isArangoError } from '#base';
import type { Value } from '#values';
import type { Collection } from './collection.ts';
import { openTemporaryDatabases } from './temporary-databases.suite.ts';

const temporary = openTemporaryDatabases();
const { database } = temporary;
after(() => temporary.close());

let collection: Collection;
let made = 0;

beforeEach(() => {
  collection = database.createCollection({ name: `c${made++}` });
});

function fails(errorNum: number, action: () => unknown, check?: (error: Error) => void): void {
  assert.throws(action, (error) => {
    assert(isArangoError(error), String(error));
    assert.equal(error.errorNum, errorNum, error.message);
    check?.(error);
    return true;
  });
}

test('an insert answers with the meta attributes', () => {
  const result = collection.insert({ name: 'Ada' });
  assert.deepEqual(Object.keys(result), ['_id', '_key', '_rev']);
  assert.equal(result._id, `${collection.name}/${result._key}`);
  assert.match(result._key, /^\d+$/);
  assert.match(result._rev, /^[\w-]{11}$/);
  assert.deepEqual(collection.document(result._key), { _key: result._key, _id: result._id, _rev: result._rev, name: 'Ada' });
});

test('JSON text is inserted as the document that it stands for, or not at all where more is to be said of it', () => {
  const insertJson = (into: Collection, text: string, options = {}): unknown => into.insertJson(Buffer.from(text), options);
  collection.ensureIndex({ type: 'persistent', fields: ['n'], unique: true });
  const automatic = collection.insertJson(Buffer.from('{ "n": 1, "o": {"x": [1.50, "é"]} }'), { returnNew: true })!;
  assert.deepEqual(automatic.new, collection.document(automatic._key));
  assert.deepEqual(automatic.new?.['o'], { x: [1.5, 'é'] });
  const { _rev } = automatic;
  assert.deepEqual(insertJson(collection, '{"_key":"a","n":2}', { silent: true }), {});
  assert.equal(collection.document('a')['n'], 2);
  assert.notEqual(collection.document('a')['_rev'], _rev);

  for (const text of ['{"_key":"a"}', '{"n":2}', '{"n":3,"n":4}', '{"n":5', '[]', '']) {
    assert.equal(insertJson(collection, text), undefined, text);
  }
  assert.equal(insertJson(collection, '{"_key":"a","n":9}', { overwriteMode: 'replace' }), undefined);
  assert.equal(collection.count(), 2);
  const others = [{ type: 3 }, { schema: { rule: { required: ['n'] } } }, { keyOptions: { type: 'autoincrement' } }] as const;
  for (const options of others) {
    const other = database.createCollection({ name: `c${made++}`, ...options });
    assert.equal(insertJson(other, '{"n":1}'), undefined);
    assert.equal(other.count(), 0);
  }
  const strict = database.createCollection({ name: `c${made++}`, keyOptions: { allowUserKeys: false } });
  assert.equal(insertJson(strict, '{"_key":"a"}'), undefined);
  assert.notEqual(insertJson(strict, '{}'), undefined);
});

test('meta attributes in a document are not taken over', () => {
  const { _key, _rev } = collection.insert({ _id: 'x/y', _rev: 'abc', a: 1 });
  const stored = collection.document(_key);
  assert.equal(stored['_id'], `${collection.name}/${_key}`);
  assert.equal(stored['_rev'], _rev);
});

test('every write has a new revision, and they ascend', () => {
  const first = collection.insert({ _key: 'a' });
  const second = collection.update('a', { b: null });
  const third = collection.replace('a', { b: 1 });
  assert.equal(second._oldRev, first._rev);
  assert.equal(third._oldRev, second._rev);
  assert.equal(new Set([first._rev, second._rev, third._rev]).size, 3);
  assert.deepEqual(Object.keys(second), ['_id', '_key', '_rev', '_oldRev']);
});

test('an update with nothing in it leaves a document as it is, with its revision', () => {
  const { _rev } = collection.insert({ _key: 'a', n: 1 });
  for (const changes of [{}, { _key: 'a' }]) {
    assert.deepEqual(collection.update('a', changes), { _id: `${collection.name}/a`, _key: 'a', _rev, _oldRev: _rev });
  }
  assert.equal(collection.replace('a', {})._oldRev, _rev);
  assert.equal(collection.document('a')['n'], undefined);
});

test('only edges have ends', () => {
  const sent = { _key: 'a', _from: 'x/1', _to: 'x/2', n: 1 };
  for (const write of [() => collection.insert(sent), () => collection.update('a', sent), () => collection.replace('a', sent)]) {
    write();
    assert.deepEqual(Object.keys(collection.document('a')).toSorted(), ['_id', '_key', '_rev', 'n']);
  }
});

test('old and new documents come when they are asked for', () => {
  const inserted = collection.insert({ _key: 'a', n: 1 }, { returnNew: true, returnOld: true });
  assert.deepEqual(Object.keys(inserted), ['_id', '_key', '_rev', 'new']);
  assert.equal(inserted.new?.['n'], 1);
  const updated = collection.update('a', { m: 2 }, { returnNew: true, returnOld: true });
  assert.deepEqual(Object.keys(updated), ['_id', '_key', '_rev', '_oldRev', 'old', 'new']);
  assert.equal(updated.old?.['m'], undefined);
  assert.equal(updated.new?.['m'], 2);
  const removed = collection.remove('a', { returnOld: true });
  assert.deepEqual(Object.keys(removed), ['_id', '_key', '_rev', 'old']);
  assert.equal(removed._rev, updated._rev);
});

test('a silent write says nothing, and in an array only what failed', () => {
  assert.deepEqual(collection.insert({ _key: 'a' }, { silent: true }), {});
  const results = collection.insertAll([{ _key: 'b' }, { _key: 'a' }], { silent: true });
  assert.equal(results.length, 1);
  assert('error' in results[0]!);
});

test('an insert over an existing document does as its mode says', () => {
  collection.insert({ _key: 'a', n: 1 });
  fails(
    1210,
    () => collection.insert({ _key: 'a' }),
    ({ message }) => {
      assert.equal(message, "unique constraint violated - in index primary of type primary over '_key'; conflicting key: a");
    },
  );
  fails(1210, () => collection.insert({ _key: 'a' }, { overwriteMode: 'conflict', overwrite: true }));
  const ignored = collection.insert({ _key: 'a', n: 2 }, { overwriteMode: 'ignore', returnNew: true });
  assert.deepEqual(Object.keys(ignored), ['_id', '_key', '_rev']);
  assert.equal(collection.document('a')['n'], 1);
  collection.insert({ _key: 'a', m: 3 }, { overwriteMode: 'update' });
  assert.equal(collection.document('a')['n'], 1);
  const replaced = collection.insert({ _key: 'a', m: 4 }, { overwrite: true, returnOld: true });
  assert.equal(replaced.old?.['m'], 3);
  assert.equal('n' in collection.document('a'), false);
});

test('a revision that is not the stored one is error 1200 with what is stored', () => {
  const { _rev } = collection.insert({ _key: 'a' });
  const { _rev: current } = collection.update('a', { b: 1 });
  for (const action of [
    () => collection.document({ _key: 'a', _rev }),
    () => collection.update({ _key: 'a', _rev }, {}),
    () => collection.replace({ _id: `${collection.name}/a`, _rev }, {}),
    () => collection.remove({ _key: 'a', _rev }),
  ]) {
    fails(1200, action, (error) => {
      assert.equal(error.message, 'conflict, _rev values do not match');
      assert.deepEqual([(error as { code?: number }).code, (error as { _rev?: string })._rev], [412, current]);
    });
  }
  collection.update({ _key: 'a', _rev }, {}, { ignoreRevs: true });
});

test('in an array revisions count only when ignoreRevs is false', () => {
  const { _rev } = collection.insert({ _key: 'a' });
  collection.update('a', {});
  assert(!('error' in collection.updateAll([{ _key: 'a', _rev, n: 1 }])[0]!));
  const [refused] = collection.updateAll([{ _key: 'a', _rev, n: 2 }], { ignoreRevs: false });
  assert(refused !== undefined && 'error' in refused);
  assert.deepEqual(Object.keys(refused), ['error', 'errorNum', 'errorMessage']);
});

const BAD_SELECTORS: readonly (readonly [selector: Value, errorNum: number])[] = [
  ['', 1205],
  ['a b', 1205],
  ['a/b/c', 1205],
  [5, 1205],
  [null, 1205],
  [[], 1205],
  [{}, 1205],
  [{ _id: 5 }, 1205],
  [{ _key: 5 }, 1221],
  [{ _key: '' }, 1221],
  [{ _id: 'other/a' }, 1213],
  ['nobody', 1202],
];

for (const [selector, errorNum] of BAD_SELECTORS) {
  test(`selecting ${JSON.stringify(selector)} is error ${errorNum}`, () => {
    fails(errorNum, () => collection.remove(selector as string));
    const [removed] = collection.removeAll([selector]);
    const [found] = collection.documents([selector]);
    for (const one of [removed, found]) assert.equal((one as { errorNum?: number }).errorNum, errorNum);
  });
}

test('in an array an id of another collection names nothing, alone it is an error', () => {
  collection.insert({ _key: 'a' });
  fails(1213, () => collection.remove('other/a'));
  const [removed] = collection.removeAll(['other/a']);
  const [found] = collection.documents(['other/a']);
  for (const one of [removed, found]) assert.equal((one as { errorNum?: number }).errorNum, 1202);
  assert.equal(collection.count(), 1);
});

const BAD_DOCUMENTS: readonly (readonly [document: Value, errorNum: number])[] = [
  [5, 1227],
  ['text', 1227],
  [[], 1227],
  [null, 1227],
  [{ _key: 5 }, 1221],
  [{ _key: '' }, 1221],
  [{ _key: 'a b' }, 1221],
  [{ _key: 'x'.repeat(255) }, 1221],
  [{ _key: null }, 1221],
];

for (const [document, errorNum] of BAD_DOCUMENTS) {
  test(`inserting ${JSON.stringify(document).slice(0, 30)} is error ${errorNum}`, () => {
    const [result] = collection.insertAll([document]);
    assert.equal((result as { errorNum?: number }).errorNum, errorNum);
    assert.equal(collection.count(), 0);
  });
}

test('one bad element does not stop the others', () => {
  const results = collection.insertAll([{ _key: 'a' }, 5, { _key: 'a' }, { _key: 'b' }]);
  assert.deepEqual(
    results.map((one) => ('error' in one ? one.errorNum : one._key)),
    ['a', 1227, 1210, 'b'],
  );
  const removed = collection.removeAll(['a', 'a', { _key: 'b' }]);
  assert.deepEqual(
    removed.map((one) => ('error' in one ? one.errorNum : one._key)),
    ['a', 1202, 'b'],
  );
});

const revisionIn = (result: object | undefined): Value => (result as { readonly _rev: string })._rev;

test('elements of an array are written in turn', () => {
  collection.insert({ _key: 'a', n: 0 });
  const results = collection.updateAll([{ _key: 'a', n: 1 }, { _key: 'a', m: 2 }, { _key: 'x' }], { returnOld: true });
  assert.deepEqual((results[1] as { readonly old?: Value }).old, {
    _key: 'a',
    _id: `${collection.name}/a`,
    _rev: revisionIn(results[0]),
    n: 1,
  });
  assert.equal((results[2] as { errorNum: number }).errorNum, 1202);
  assert.deepEqual(collection.replaceAll([5]), [{ error: true, errorNum: 1227, errorMessage: 'invalid document type' }]);
});

test('edges need both of their ends', () => {
  const edges = database.createCollection({ name: `${collection.name}-edges`, type: 3 });
  for (const document of [{}, { _from: 'a/b' }, { _from: 'a/b', _to: 'b' }, { _from: 5, _to: 'a/b' }, { _from: 'a/b', _to: 'a/' }]) {
    fails(1233, () => edges.insert(document));
  }
  const { _key } = edges.insert({ _from: 'a/b', _to: 'c/d', w: 1 });
  assert.deepEqual(Object.keys(edges.document(_key)), ['_key', '_id', '_from', '_to', '_rev', 'w']);
  edges.update(_key, { _to: 'c/e' });
  assert.equal(edges.document(_key)['_to'], 'c/e');
  fails(1233, () => edges.update(_key, { _to: null }));
  fails(1233, () => edges.replace(_key, { w: 2 }));
});

test('a version attribute holds back what is not newer', () => {
  collection.insert({ _key: 'a', v: 5, n: 0 });
  const options = { versionAttribute: 'v' };
  const held = collection.update('a', { v: 5, n: 1 }, options);
  assert.equal(held._rev, held._oldRev);
  assert.equal(collection.document('a')['n'], 0);
  assert.equal(collection.replace('a', { v: 4.9, n: 1 }, options)._rev, held._rev);
  collection.update('a', { v: 6, n: 2 }, options);
  collection.update('a', { n: 3 }, options);
  collection.update('a', { v: 'text', n: 4 }, options);
  assert.equal(collection.document('a')['n'], 4);
  collection.insert({ _key: 'a', v: 1, n: 5 }, { ...options, overwriteMode: 'replace' });
  assert.equal(collection.document('a')['n'], 5);
  collection.insert({ _key: 'a', v: 1, n: 6 }, { ...options, overwriteMode: 'update' });
  assert.equal(collection.document('a')['n'], 5);
});

test('automatic keys are made as the collection says', () => {
  const keys = (keyOptions: { readonly [name: string]: Value }, documents: number): string[] => {
    const own = database.createCollection({ name: `k${made++}`, keyOptions });
    return Array.from({ length: documents }, () => own.insert({})._key);
  };
  assert.deepEqual(keys({ type: 'autoincrement', offset: 10, increment: 5 }, 3), ['10', '15', '20']);
  assert.deepEqual(keys({ type: 'autoincrement', offset: 2, increment: 5 }, 3), ['2', '7', '12']);
  assert.deepEqual(keys({ type: 'autoincrement' }, 2), ['1', '2']);
  for (const key of keys({ type: 'padded' }, 2)) assert.match(key, /^[\da-f]{16}$/);
  for (const key of keys({ type: 'uuid' }, 2)) assert.match(key, /^[\da-f-]{36}$/);
  const [first, second] = keys({ type: 'traditional' }, 2);
  assert(Number(first) < Number(second));
});

test('a number taken by hand counts for autoincrement', () => {
  const own = database.createCollection({ name: `k${made++}`, keyOptions: { type: 'autoincrement', increment: 10 } });
  assert.equal(own.insert({})._key, '10');
  own.insert({ _key: '34' });
  assert.equal(own.insert({})._key, '40');
  own.insert({ _key: 'name' });
  assert.equal(own.insert({})._key, '50');
  assert.deepEqual(own.properties()['keyOptions'], { allowUserKeys: true, type: 'autoincrement', offset: 0, increment: 10, lastValue: 50 });
});

test('an automatic key that somebody took is passed over', () => {
  const { _key } = collection.insert({});
  const next = Array.from({ length: 20 }, (_, i) => ({ _key: String(Number(_key) + 2 + i) }));
  collection.insertAll(next);
  const results = collection.insertAll(Array.from({ length: 30 }, () => ({})));
  assert(results.every((one) => !('error' in one)));
  assert.equal(collection.count(), 51);
});

test('keys of one’s own can be forbidden', () => {
  const own = database.createCollection({ name: `k${made++}`, keyOptions: { allowUserKeys: false } });
  fails(1222, () => own.insert({ _key: 'a' }));
  own.insert({});
  own.insert({ _key: 'a', _rev: '_l6zhVFC---' }, { isRestore: true });
  assert.equal(own.document('a')['_rev'], '_l6zhVFC---');
});

test('the JSON text of a document needs no object', () => {
  const { _rev } = collection.insert({ _key: 'a', text: 'ä "quoted"', list: [1, { b: null }] });
  const { rev, json } = collection.documentJson('a')!;
  assert.equal(rev, _rev);
  assert.equal(Buffer.from(json).toString(), JSON.stringify(collection.document('a')));
  assert.equal(collection.documentJson('b'), undefined);
});

test('what changes the documents changes revision and checksum', () => {
  const states = [collection.revision()];
  const note = (): unknown => states.push(collection.revision());
  assert.equal(states[0], '0');
  const first = collection.insert({ _key: 'a' });
  assert.equal(collection.revision(), first._rev);
  note();
  collection.insert({ _key: 'b' });
  note();
  collection.remove('a');
  note();
  assert.equal(new Set(states).size, states.length);
  const { checksum } = collection.checksum({ withData: true });
  collection.update('b', {});
  assert.equal(collection.checksum({ withData: true }).checksum, checksum);
  assert.notEqual(collection.checksum({ withRevisions: true }).checksum, checksum);
  collection.update('b', { n: 1 });
  assert.notEqual(collection.checksum({ withData: true }).checksum, checksum);
});

test('a collection keeps its documents when it is renamed, and is gone when it is dropped', () => {
  collection.insert({ _key: 'a' });
  const other = database.getCollection(collection.id);
  const before = collection.name;
  collection.rename('renamed');
  assert.equal(other.name, 'renamed');
  assert.equal(other.document('renamed/a')['_id'], 'renamed/a');
  assert.equal(database.findCollection(before), undefined);
  fails(1207, () => database.createCollection({ name: 'renamed' }));
  fails(1207, () => database.createCollection({ name: before }).rename('renamed'));
  fails(1208, () => collection.rename('_renamed'));
  collection.drop();
  fails(1203, () => other.count());
  fails(1203, () => database.getCollection('renamed'));
  fails(1203, () => collection.drop());
});

test('system collections are not dropped or renamed by accident', () => {
  fails(11, () => database.getCollection('_jobs').drop());
  fails(11, () => database.getCollection('_jobs').rename('jobs'));
  const own = database.createCollection({ name: '_mine', isSystem: true });
  own.drop({ isSystem: true });
});

test('truncating leaves indexes and an empty collection', () => {
  collection.ensureIndex({ type: 'persistent', fields: ['a'], unique: true });
  collection.insert({ a: 1 });
  collection.truncate();
  assert.equal(collection.count(), 0);
  collection.insert({ a: 1 });
  fails(1210, () => collection.insert({ a: 1 }));
});

test('properties can be changed', () => {
  assert.equal(collection.waitsForSync, false);
  const changed = collection.setProperties({ waitForSync: true, cacheEnabled: true, type: 3, name: 'x' });
  assert.deepEqual([changed['waitForSync'], changed['cacheEnabled'], changed['type'], changed['name']], [true, true, 2, collection.name]);
  assert.equal(collection.waitsForSync, true);
  const schema = { rule: { properties: { a: { type: 'number' } } }, message: 'no' };
  assert.deepEqual(collection.setProperties({ schema })['schema'], { ...schema, level: 'strict', type: 'json' });
  assert.equal(collection.setProperties({ schema: null })['schema'], null);
  fails(1621, () => collection.setProperties({ schema: { rule: 5 } }));
  fails(10, () => collection.setProperties({ waitForSync: 'yes' }));
  const value = { name: 'full', expression: 'RETURN 1', overwrite: true };
  assert.deepEqual(collection.setProperties({ computedValues: [value] })['computedValues'], [
    { ...value, computeOn: ['insert', 'update', 'replace'], failOnWarning: false, keepNull: true },
  ]);
  fails(10, () => collection.setProperties({ computedValues: [{ ...value, name: '_key' }] }));
});

const BAD_COLLECTIONS: readonly (readonly [options: { readonly [name: string]: Value }, errorNum: number])[] = [
  [{}, 1208],
  [{ name: '' }, 1208],
  [{ name: 5 }, 1208],
  [{ name: '1a' }, 1208],
  [{ name: '_a' }, 1208],
  [{ name: ' this name is invalid ' }, 1208],
  [{ name: '_apps', isSystem: true }, 1207],
  [{ name: 'bad', type: 4 }, 1218],
  [{ name: 'bad', keyOptions: { type: 'magic' } }, 1232],
  [{ name: 'bad', keyOptions: { type: 'autoincrement', increment: 0 } }, 1232],
  [{ name: 'bad', keyOptions: { type: 'autoincrement', offset: -1 } }, 1232],
  [{ name: 'bad', keyOptions: 5 }, 10],
  [{ name: 'bad', schema: 'text' }, 1621],
  [{ name: 'bad', computedValues: {} }, 10],
];

for (const [options, errorNum] of BAD_COLLECTIONS) {
  test(`creating ${JSON.stringify(options)} is error ${errorNum}`, () => {
    fails(errorNum, () => database.createCollection(options));
  });
}
