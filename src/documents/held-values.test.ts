/** What entries hold, by the definition of their index. What queries make of it is in `tests/aql/held-values.test.ts`. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { describeIndex, storeCollection, withIndex, type CollectionDefinition, type IndexDefinition } from '#catalog';
import type { ValueObject } from '#values';
import { indexAccesses, type IndexAccess } from './access.ts';
import { openTemporaryStore } from './temporary-store.suite.ts';
import { verifyCollection } from './verify.ts';

const temporary = openTemporaryStore();
const { store } = temporary;
after(() => temporary.close());

const LONG = 'x'.repeat(255);

const INDEXES: readonly ValueObject[] = [
  { type: 'persistent', fields: ['a', 'o.b'], name: 'own' },
  { type: 'persistent', fields: ['_key', 'a'], name: 'keyed' },
  { type: 'hash', fields: ['a'], unique: true, sparse: true, name: 'unique' },
  { type: 'persistent', fields: ['a'], storedValues: ['o'], name: 'storing' },
  { type: 'persistent', fields: ['a', 't[*]'], name: 'expanded' },
];

const DOCUMENTS: readonly ValueObject[] = [
  { _key: '1', a: 'ä', o: { b: [1, null] }, t: ['t'] },
  { _key: '2', a: LONG, o: 5, t: ['t'] },
  { _key: '3', a: 'ss'.repeat(200), o: { b: 7 } },
];

/** What entries hold in the order of their keys. */
const HELD: Readonly<Record<string, readonly string[]>> = {
  own: ['["ä",[1,null],"1"]', `(null,7,"3"]`, `(null,null,"2"]`],
  keyed: ['["1","ä"]', '("2",null]', '("3",null]'],
  unique: ['["ä","1"]', '(null,"3"]', '(null,"2"]'],
  storing: ['["ä",{"b":[1,null]}]', `["${'ss'.repeat(200)}",{"b":7}]`, `["${LONG}",5]`],
  expanded: ['', '', ''],
};
const BEFORE: Readonly<Record<string, readonly string[]>> = {
  ...HELD,
  own: ['', '', ''],
  keyed: ['', '', ''],
  unique: ['', '', ''],
};

function accessTo(collection: CollectionDefinition, name: string): IndexAccess {
  const access = indexAccesses(collection).find(({ index }) => index.name === name);
  assert.ok(access !== undefined);
  return access;
}

function heldIn(collection: CollectionDefinition, name: string): readonly string[] {
  return store.read(({ storage }) => {
    const cursor = storage.scanEntries(accessTo(collection, name).table, [{}], { withValues: true });
    const held: string[] = [];
    for (let batch = cursor.next(); batch !== undefined; batch = cursor.next()) {
      const { buffer, starts, ends } = batch.values!;
      for (let i = 0; i < batch.count; i++) held.push(Buffer.from(buffer.subarray(starts[i], ends[i])).toString());
    }
    return held;
  });
}

/** Takes from the definitions what they had not yet before there was this. */
function makeOlder({ name }: CollectionDefinition): void {
  store.define(({ storage, catalog }) => {
    const collection = catalog.getDatabase('test').getCollection(name);
    const older = (index: IndexDefinition): IndexDefinition => {
      if (index.type !== 'persistent') return index;
      const { hasOwnValues: _hasOwnValues, ...before } = index;
      return before as IndexDefinition;
    };
    storeCollection(
      storage,
      collection.maintained.reduce((changed, index) => withIndex(changed, older(index)), collection),
    );
  });
}

for (const [kind, held] of [
  ['new', HELD],
  ['older', BEFORE],
] as const) {
  test(`entries of ${kind} indexes`, () => {
    const name = `${kind}Indexes`;
    const created = temporary.create({ name }, INDEXES);
    if (kind === 'older') makeOlder(created);
    const collection = temporary.collection(name);
    store.write((transaction) => transaction.insert(collection, DOCUMENTS));
    for (const [index, expected] of Object.entries(held))
      assert.deepEqual(heldIn(collection, index).toSorted(), expected.toSorted(), index);
    store.write((transaction) => transaction.update(collection, [{ key: '1', document: { a: 'b', o: null } }]));
    store.write((transaction) => transaction.remove(collection, [{ key: '2' }]));
    store.read(({ storage }) => {
      const steps = verifyCollection(storage, collection);
      let step = steps.next();
      while (step.done !== true) step = steps.next();
      assert.deepEqual(step.value.problems, []);
    });
  });
}

test('an equal value that is written in another way takes the place of the one before', () => {
  const collection = temporary.create({ name: 'rewritten' }, INDEXES);
  store.write((transaction) => transaction.insert(collection, [{ _key: '1', a: { x: 1, y: 2 } }]));
  store.write((transaction) => transaction.replace(collection, [{ key: '1', document: { a: { y: 2, x: 1 } } }]));
  assert.deepEqual(heldIn(collection, 'unique'), ['[{"y":2,"x":1},"1"]']);
  assert.deepEqual(heldIn(collection, 'own'), ['[{"y":2,"x":1},null,"1"]']);
  const [again] = store.write((transaction) => transaction.insert(collection, [{ _key: '2', a: { x: 1, y: 2 } }]));
  assert.equal(again?.is, 'failed');
});

test('nobody is shown what entries hold', () => {
  const collection = temporary.create({ name: 'shown' }, INDEXES);
  for (const index of collection.indexes) assert.ok(!('hasOwnValues' in describeIndex(collection, index, undefined)));
});

test('where only rows tell that they were changed, rows are read', () => {
  const collection = temporary.create({ name: 'changing' }, INDEXES);
  const access = accessTo(collection, 'own');
  store.read((transaction) => assert.ok(transaction.scanCovered(access, [{ equal: [] }]) !== undefined));
  store.write((transaction) => {
    assert.equal(transaction.storage.mode, 'direct');
    assert.equal(transaction.scanCovered(access, [{ equal: [] }]), undefined);
    assert.equal(transaction.probeCovered(access, [{ equal: [] }]), undefined);
  });
});
