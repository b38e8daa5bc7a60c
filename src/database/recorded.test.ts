/**
 * The answers that ArangoDB was recorded with (`../shared/golden/http.jsonl`), made without HTTP: same attributes in the same order, same
 * values but for those that differ from one recording to the next.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { isArangoError } from '#base';
import { isArray, isObject, type Value, type ValueObject } from '#values';
import type { Collection } from './collection.ts';
import { openTemporaryDatabases } from './temporary-databases.suite.ts';

const RECORDINGS = '../shared/golden/http.jsonl';

interface Recording {
  readonly id: string;
  readonly version: string;
  readonly expectedBody: Value;
}

const temporary = openTemporaryDatabases();
const { database, databases } = temporary;
after(() => temporary.close());

/** An empty collection under a name that the recordings use. */
function fresh(name: string, options: ValueObject = {}): Collection {
  database.findCollection(name)?.drop();
  return database.createCollection({ name, ...options });
}

function withCount(collection: Collection): ValueObject {
  return { ...collection.properties(), count: collection.count() };
}

function failing(action: () => unknown): ValueObject {
  try {
    action();
  } catch (error) {
    assert(isArangoError(error));
    return { code: error.code, error: true, errorMessage: error.errorMessage, errorNum: error.errorNum };
  }
  return assert.fail('nothing was thrown');
}

function productsWithIndexes(): Collection {
  const products = fresh('products');
  products.ensureIndex({ type: 'persistent', fields: ['name'] });
  products.ensureIndex({ type: 'persistent', fields: ['price'], sparse: true });
  return products;
}

const summary = (collection: Collection): ValueObject => ({
  id: collection.id,
  name: collection.name,
  status: 3,
  type: collection.type,
  isSystem: collection.isSystem,
  globallyUniqueId: collection.globallyUniqueId,
});

const ANSWERS: Readonly<Record<string, () => unknown>> = {
  'RestCollectionCreateCollection#1': () => fresh('testCollectionBasics').properties(),
  'RestCollectionCreateCollection#2': () => fresh('testCollectionEdges', { type: 3 }).properties(),
  RestCollectionGetCollectionCount: () => {
    const products = fresh('products', { waitForSync: true });
    products.insertAll(Array.from({ length: 100 }, (_, count) => ({ count })));
    return withCount(products);
  },
  RestCollectionGetCollectionFiguresDetails: () => {
    const products = fresh('products');
    products.insert({ test: 'hello' });
    return { ...withCount(products), figures: products.figures(true) };
  },
  RestCollectionGetCollectionChecksumNoRev: () => {
    const products = fresh('products');
    products.insert({ test: 'hello' });
    return { ...summary(products), ...products.checksum({ withData: true }) };
  },
  RestCollectionIdentifierPropertiesSync: () => fresh('products').setProperties({ waitForSync: true }),
  RestCollectionIdentifierRename: () => {
    database.findCollection('newname')?.drop();
    const products = fresh('products1');
    products.rename('newname');
    return summary(products);
  },
  RestDatabaseGetUser: () => ({ result: databases.list() }),
  RestDocumentHandlerDeleteDocumentIdentifierMulti: () => {
    const products = fresh('products');
    products.insertAll([{ _key: '1' }, { _key: '2' }]);
    return products.removeAll(['products/1', 'products/2']);
  },
  RestDocumentHandlerDeleteDocumentObjectMulti: () => {
    const products = fresh('products');
    products.insertAll([{ _key: '1' }, { _key: '2' }]);
    return products.removeAll([{ _key: '1' }, { _key: '2' }]);
  },
  RestDocumentHandlerDeleteDocumentUnknownHandle: () => failing(() => fresh('products').remove('70768')),
  RestDocumentHandlerPostAccept1: () => fresh('products').insert({ Hello: 'World' }),
  RestDocumentHandlerPostMulti2: () =>
    fresh('products').insertAll([{ Hello: 'Earth' }, { Hello: 'Venus' }, { Hello: 'Mars' }], { returnNew: true }),
  'RestDocumentHandlerPostOverwrite#2': () => {
    const products = fresh('products');
    products.insert({ Hello: 'World', _key: 'lock' });
    return products.insert({ Hello: 'Universe', _key: 'lock' }, { overwrite: true });
  },
  RestDocumentHandlerPostUnknownCollection1: () => {
    database.findCollection('products')?.drop();
    return failing(() => database.getCollection('products'));
  },
  RestDocumentHandlerReadMultiDocument: () => {
    const products = fresh('products');
    products.insertAll([
      { _key: 'doc1', hello: 'world' },
      { _key: 'doc2', say: 'hi to mom' },
    ]);
    return products.documents(['doc1', { _key: 'doc2' }]);
  },
  RestDocumentHandlerUpdateDocument: () => {
    const products = fresh('products');
    return products.replace(products.insert({ hello: 'world' })._key, { Hello: 'you' });
  },
  RestFetchUserDatabaseList: () => {
    databases.users.create('anotherAdmin@secapp');
    databases.users.grantDatabase('anotherAdmin@secapp', '_system', 'rw');
    return { result: databases.grantedDatabases('anotherAdmin@secapp') };
  },
  RestReplaceUser: () => {
    databases.users.create('admin@myapp');
    return databases.users.replace('admin@myapp', { passwd: 'secure' });
  },
  RestUpdateUser: () => databases.users.update('admin@myapp', { passwd: 'secure' }),
  RestIndexAllIndexes: () => {
    const indexes = productsWithIndexes().indexes();
    return { indexes, identifiers: Object.fromEntries(indexes.map((index, i) => [`products/${i}`, index])) };
  },
  RestIndexPrimaryIndex: () => productsWithIndexes().index('products/0'),
  RestIndexCreateNewPersistent: () => fresh('products').ensureIndex({ type: 'persistent', unique: false, fields: ['a', 'b'] }),
  RestIndexCreateSparsePersistent: () => fresh('products').ensureIndex({ type: 'persistent', unique: false, sparse: true, fields: ['a'] }),
  RestIndexCreateNewTtlIndex: () => fresh('sessions').ensureIndex({ type: 'ttl', expireAfter: 3600, fields: ['createdAt'] }),
  RestTransactionAbortInternal: () => {
    const products = fresh('products');
    return failing(() =>
      database.executeTransaction({ collections: { write: ['products'] } }, () => {
        products.insert({ _key: 'abc' });
        products.insert({ _key: 'abc' });
      }),
    );
  },
  RestTransactionBeginNonExisting: () => {
    database.findCollection('products')?.drop();
    return failing(() => database.beginTransaction({ collections: { read: ['products'] } }));
  },
  RestTransactionBeginSingle: () => {
    fresh('products');
    const transaction = database.beginTransaction({ collections: { write: ['products'] } });
    const result = { id: transaction.id, status: transaction.status() };
    transaction.abort();
    return { result };
  },
};

/** Attributes whose values are of one recording only; of these, the type is compared. */
const VOLATILE = new Set([
  '_rev',
  '_oldRev',
  '_key',
  '_id',
  'id',
  'objectId',
  'globallyUniqueId',
  'lastValue',
  'checksum',
  'revision',
  'size',
  'documentsSize',
]);

/** With the order of attributes where answers have one; the HTTP layer adds `error` and `code` and orders what it puts together. */
function masked(value: Value, name = ''): Value {
  if (VOLATILE.has(name) && typeof value !== 'object') return typeof value;
  if (name === 'name' && typeof value === 'string' && value.startsWith('idx_')) return 'idx_';
  if (isArray(value)) return value.map((element) => masked(element));
  if (!isObject(value)) return value;
  if (name === 'identifiers') return Object.values(value).map((one) => masked(one));
  return Object.fromEntries(Object.entries(value).map(([own, inner]) => [own, masked(inner, own)]));
}

function body(recording: Recording): Value {
  const { expectedBody } = recording;
  if (!isObject(expectedBody) || expectedBody['error'] === true) return expectedBody;
  const { error: _error, code: _code, ...own } = expectedBody;
  return own;
}

if (!existsSync(RECORDINGS)) {
  test('recorded answers', { skip: `${RECORDINGS} is missing` }, () => undefined);
} else {
  const recordings = new Map(
    readFileSync(RECORDINGS, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Recording)
      .map((recording) => [recording.id, recording]),
  );
  for (const [id, answer] of Object.entries(ANSWERS)) {
    test(`${id} answers as recorded`, () => {
      const recording = recordings.get(id);
      assert(recording !== undefined, `no recording ${id}`);
      const actual = JSON.parse(JSON.stringify(answer())) as Value;
      const expected = body(recording);
      assert.deepEqual(masked(actual), masked(expected));
      if (!isObject(actual) || !('globallyUniqueId' in actual))
        assert.equal(JSON.stringify(masked(actual)), JSON.stringify(masked(expected)));
    });
  }
}
