import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { isArangoError } from '#base';
import { discardTables, indexTables, storeCollection, withIndex, type CollectionDefinition } from '#catalog';
import type { RowBatch } from '#storage';
import { DocumentView } from '#values';
import { indexAccesses } from './access.ts';
import { dropUnfinishedIndexes, ensureIndex } from './building.ts';
import { openTemporaryStore } from './temporary-store.suite.ts';

const temporary = openTemporaryStore();
const { engine, store } = temporary;
after(() => temporary.close());

const NAMING = { extendedNames: false };

function viewKey({ buffer, starts, ends }: RowBatch, place: number, { name }: CollectionDefinition): string {
  return new DocumentView(buffer, starts[place]!, ends[place]!, name).get('_key') as string;
}

/** Every document is found by its own value, and nothing else is in the index. */
function assertIndexed(collection: CollectionDefinition, name: string): void {
  store.read((transaction) => {
    const access = indexAccesses(collection).find(({ index }) => index.name === name);
    assert(access !== undefined);
    const byValue = new Map<number, string[]>();
    const cursor = transaction.scan(collection);
    for (let rows = cursor.next(); rows !== undefined; rows = cursor.next()) {
      for (let place = 0; place < rows.count; place++) {
        const view = new DocumentView(rows.buffer, rows.starts[place]!, rows.ends[place]!, collection.name);
        const n = view.get('n') as number;
        byValue.set(n, [...(byValue.get(n) ?? []), view.get('_key') as string]);
      }
    }
    assert.equal(transaction.countIndex(access, [{ equal: [] }]), transaction.count(collection));
    for (const [n, keys] of byValue) {
      const { rows } = transaction.probeIndex(access, [{ equal: [n] }]);
      const found = Array.from({ length: rows.count }, (_, place) => viewKey(rows, place, collection));
      assert.deepEqual(found.toSorted(), keys.toSorted(), `n = ${n}`);
    }
  });
}

test('an index that is built while another thread writes has all documents, and no others', async () => {
  const { id } = temporary.create({ name: 'busy' });
  store.write((transaction) =>
    transaction.insert(
      temporary.collection('busy'),
      Array.from({ length: 6000 }, (_, i) => ({ _key: `k${i}`, n: i % 50 })),
    ),
  );
  const stop = new SharedArrayBuffer(4);
  const writer = new Worker(new URL('./writing-thread.suite.js', import.meta.url), {
    workerData: { share: engine.share(), collectionId: id, stop },
  });
  await once(writer, 'message');
  for (let round = 0; round < 3; round++) {
    const { index } = ensureIndex(
      store,
      id,
      { type: 'persistent', fields: ['n'], name: `by-n-${round}`, unique: false, sparse: round === 1 },
      NAMING,
    );
    assert.equal(index.isBuilding, false);
    if (round === 2) ensureIndex(store, id, { type: 'persistent', fields: ['n', 'm'], name: 'by-n-m' }, NAMING);
  }
  Atomics.store(new Int32Array(stop), 0, 1);
  await once(writer, 'message');
  await writer.terminate();
  const collection = temporary.collection('busy');
  for (const name of ['by-n-0', 'by-n-1', 'by-n-m']) assertIndexed(collection, name);
});

test('a unique index that cannot be built is gone again', () => {
  const { id } = temporary.create({ name: 'double' });
  store.write((transaction) =>
    transaction.insert(
      temporary.collection('double'),
      Array.from({ length: 3000 }, (_, i) => ({ n: i === 2999 ? 0 : i })),
    ),
  );
  assert.throws(
    () => ensureIndex(store, id, { type: 'persistent', fields: ['n'], unique: true }, NAMING),
    (error) => isArangoError(error) && error.errorNum === 1210,
  );
  const collection = temporary.collection('double');
  assert.equal(collection.maintained.length, 1);
});

/** PostgreSQL's tables of what was dropped go as a whole, a minute later. */
const emptied = { skip: engine.name === 'postgres' };

test('what a stop of the server left unfinished is cleared up', emptied, () => {
  const { id } = temporary.create({ name: 'half' });
  store.define((transaction) => transaction.insert(temporary.collection('half'), [{ n: 1 }]));
  const { index } = ensureIndex(store, id, { type: 'persistent', fields: ['n'], name: 'n' }, NAMING);
  store.define(({ storage, catalog }) =>
    storeCollection(storage, withIndex(catalog.getCollectionById(id), { ...index, isBuilding: true })),
  );
  assert.equal(temporary.collection('half').indexes.length, 1);
  dropUnfinishedIndexes(store);
  assert.equal(temporary.collection('half').maintained.length, 1);
  const [table] = indexTables(index);
  assert.equal(
    store.read(({ storage }) => storage.countEntries(table!, [{}])),
    0,
  );
});

test('tables of what was dropped are emptied, after a stop of the server too', emptied, () => {
  const { id } = temporary.create({ name: 'gone' });
  store.write((transaction) => transaction.insert(temporary.collection('gone'), [{ n: 1 }]));
  const { rows } = temporary.collection('gone');
  store.write(({ storage }) => discardTables(storage, [rows]));
  assert.equal(
    store.read(({ storage }) => storage.countRows(rows)),
    1,
  );
  store.clearDiscarded();
  assert.equal(
    store.read(({ storage }) => storage.countRows(rows)),
    0,
  );
  assert.equal(store.catalog().findCollectionById(id)?.name, 'gone');
});
