/**
 * What primary and edge indexes hold is read off them. The primary index has keys in the order of their bytes, as ArangoDB's has: what reads keys only, sorts by them or asks for a stretch of them
 * goes by that order, and finds what AQL's comparisons find where both orders agree.
 */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { isObject, type Value } from '#values';
import { Worlds, type DataSet } from '../support/world.ts';

const KEYS = ['b', 'B', 'a', '10', '9', 'a1', 'Z', '_z', 'a:b', 'a-b'];
const IN_ORDER = KEYS.toSorted();

const DATA: DataSet = {
  collections: [
    { name: 'c', type: 'document' },
    { name: 'e', type: 'edge' },
  ],
  documents: {
    c: KEYS.map((_key, i) => ({ _key, v: i })),
    e: [1, 2, 3].map((i) => ({ _from: `c/${KEYS[0]!}`, _to: `c/${KEYS[i]!}`, v: i })),
  },
};

const worlds = new Worlds();
after(() => worlds.close());
const world = worlds.get('keys in order', () => DATA);

const valuesOf = (keys: readonly string[]): readonly Value[] => keys.map((key) => KEYS.indexOf(key));
const above = (text: string): readonly string[] => IN_ORDER.filter((key) => key > text);

const CASES: readonly (readonly [query: string, result: readonly Value[]])[] = [
  ['FOR d IN c RETURN d._key', IN_ORDER],
  ['FOR d IN c RETURN d._id', IN_ORDER.map((key) => `c/${key}`)],
  ['FOR d IN c LIMIT 3, 2 RETURN d._key', IN_ORDER.slice(3, 5)],
  ['FOR d IN c RETURN d.v', KEYS.map((_, i) => i)],
  ['FOR d IN c SORT d._key RETURN d.v', valuesOf(IN_ORDER)],
  ['FOR d IN c SORT d._id DESC LIMIT 4 RETURN d.v', valuesOf(IN_ORDER.toReversed().slice(0, 4))],
  ['FOR d IN c FILTER d._key > "Z" SORT d._key LIMIT 3 RETURN d.v', valuesOf(above('Z').slice(0, 3))],
  ['FOR d IN c FILTER d._key > "a" RETURN d._key', above('a')],
  ['FOR d IN c FILTER d._key >= "a" && d._key < "a1" RETURN d._key', ['a', 'a-b']],
  ['FOR d IN c FILTER d._key > "B" COLLECT WITH COUNT INTO n RETURN n', [above('B').length]],
  ['FOR d IN c FILTER d._key LIKE "a%" SORT d._key RETURN d._key', ['a', 'a-b', 'a1', 'a:b']],
  ['FOR d IN c FILTER d._key IN ["b", 5, "Z", "none"] SORT d._key RETURN d.v', valuesOf(['Z', 'b'])],
  ['FOR d IN c FILTER d._key == "Z" || d._key > "a:" SORT d._key DESC RETURN d._key', ['b', 'a:b', 'Z']],
  ['FOR k IN ["a1", "Z"] FOR d IN c FILTER d._key > k RETURN d._key', [...above('a1'), ...above('Z')]],
  ['FOR k IN ["a1", "none", "Z"] FOR d IN c FILTER d._key == k RETURN d._id', ['c/a1', 'c/Z']],
  ['FOR d IN c COLLECT k = d._key RETURN k', IN_ORDER],
  ...['null', 'true', '7', '""'].map((low) => [`FOR d IN c FILTER d._key > ${low} RETURN d._key`, IN_ORDER] as const),
  ...['[]', '{}'].map((low) => [`FOR d IN c FILTER d._key >= ${low} RETURN d._key`, []] as const),
  ...['null', 'true', '7', '""'].map((high) => [`FOR d IN c FILTER d._key < ${high} RETURN d._key`, []] as const),
  ...['[]', '{}'].map((high) => [`FOR d IN c FILTER d._key < ${high} RETURN d._key`, IN_ORDER] as const),
];

suite('keys come in the order of their bytes', () => {
  for (const [query, result] of CASES) {
    test(query, () => assert.deepEqual(world.run([], { query }).result, result));
  }
});

test('the other ends of edges are read off the edge index', () => {
  const ends = (query: string): readonly Value[] => [...(world.run([], { query }).result as readonly string[])].toSorted();
  const [others, start] = [[1, 2, 3].map((i) => `c/${KEYS[i]!}`).toSorted(), `c/${KEYS[0]!}`];
  assert.deepEqual(ends('FOR e IN e FILTER e._from == "c/b" RETURN e._to'), others);
  assert.deepEqual(ends('FOR e IN e FILTER e._to IN ["c/a", "c/B", "c/none"] RETURN e._from'), [start, start]);
  assert.deepEqual(ends('FOR d IN c FOR e IN e FILTER e._from == d._id RETURN e._to'), others);
  assert.deepEqual(
    ends('FOR d IN c FOR e IN e FILTER e._to == d._id RETURN CONCAT(e._from, e._to)'),
    others.map((end) => start + end),
  );
  assert.deepEqual(ends('FOR e IN e FILTER e._from == "c/b" || e._to == "c/b" RETURN e._to'), others);
});

test('what is counted is entries, and documents only where they are read', () => {
  const counts = (query: string): readonly Value[] => {
    const { stats } = world.run([], { query }).extra;
    assert.ok(stats !== undefined && isObject(stats));
    return ['scannedFull', 'scannedIndex', 'documentLookups'].map((name) => stats[name] ?? null);
  };
  const { length } = KEYS;
  assert.deepEqual(counts('FOR d IN c RETURN d._key'), [0, length, 0]);
  assert.deepEqual(counts('FOR d IN c FILTER d._key == "a" RETURN d._id'), [0, 1, 0]);
  assert.deepEqual(counts('FOR d IN c FILTER d._key == "a" RETURN d.v'), [0, 1, 1]);
  assert.deepEqual(counts('FOR d IN c SORT d._key RETURN d.v'), [0, length, length]);
  assert.deepEqual(counts('FOR e IN e FILTER e._from == "c/b" RETURN e._to'), [0, 3, 0]);
  assert.deepEqual(counts('FOR e IN e FILTER e._to == "c/a" RETURN [e._from, e._to]'), [0, 1, 0]);
  assert.deepEqual(counts('FOR e IN e FILTER e._from == "c/b" RETURN e.v'), [0, 3, 3]);
  assert.deepEqual(counts('FOR d IN c OPTIONS { disableIndex: true } RETURN d._key'), [length, 0, 0]);
});
