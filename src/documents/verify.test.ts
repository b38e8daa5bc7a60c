import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { indexTables, type CollectionDefinition } from '#catalog';
import { openTemporaryStore } from './temporary-store.suite.ts';
import { verifyCollection, type Verification } from './verify.ts';

const temporary = openTemporaryStore();
const { engine, store } = temporary;
after(() => temporary.close());

const INDEXES = [
  { type: 'persistent', fields: ['n'], storedValues: ['text'], name: 'by-n' },
  { type: 'persistent', fields: ['tags[*]'], name: 'by-tags' },
  { type: 'geo', fields: ['place'], name: 'by-place' },
  { type: 'fulltext', fields: ['text'], name: 'by-words' },
];

function verified(collection: CollectionDefinition): Verification {
  return store.read((transaction) => {
    const steps = verifyCollection(transaction.storage, collection);
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    return step.value;
  });
}

function filled(name: string): CollectionDefinition {
  const collection = temporary.create({ name }, INDEXES);
  const documents = Array.from({ length: 500 }, (_, n) => ({
    n: n % 7,
    text: `fox number ${n}`,
    tags: [n, n % 3],
    place: [n / 10, n / 20],
  }));
  store.write((transaction) => transaction.insert(collection, documents));
  store.write((transaction) => transaction.remove(collection, [{ key: '3' }]));
  return temporary.collection(name);
}

test('what was written by documents alone is in order', () => {
  const { documents, entries, problems } = verified(filled('whole'));
  assert.deepEqual(problems, []);
  assert.ok(documents >= 499 && entries > documents * 4);
});

test('a row without its entries, and an entry without its row, are found in the index that they are in', () => {
  const collection = filled('torn');
  const transaction = engine.begin({ mode: 'direct' });
  const rows = transaction.scanRows(collection.rows, { limit: 1 }).next();
  assert.ok(rows !== undefined);
  transaction.mutate([{ do: 'remove', table: collection.rows, id: rows.ids[0]!, drop: [] }]);
  const byN = collection.indexes.find(({ name }) => name === 'by-n');
  assert.ok(byN !== undefined);
  transaction.commit();
  const { problems } = verified(collection);
  assert.equal(problems.length, collection.indexes.length, problems.join('\n'));

  const again = engine.begin({ mode: 'direct' });
  again.clear(indexTables(byN));
  again.commit();
  assert.ok(
    verified(collection).problems.some((problem) => /^the index by-n \(persistent\) .* it has 0 entries instead of \d+$/.test(problem)),
  );
});
