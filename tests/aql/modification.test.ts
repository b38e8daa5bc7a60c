/** INSERT, UPDATE, REPLACE, REMOVE and UPSERT: what is written, what OLD and NEW are, and what a query sees of its own writes. */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { Value, ValueObject } from '#values';
import { Worlds, type DataSet } from '../support/world.ts';

const DATA: DataSet = {
  collections: [
    { name: 'c', type: 'document' },
    { name: 'e', type: 'document' },
  ],
  documents: {
    c: Array.from({ length: 2500 }, (_, i) => ({ _key: `k${i}`, n: i, o: { a: 1, b: { x: 1 } }, l: [1] })),
    e: [],
  },
  indexes: [
    { collection: 'c', type: 'persistent', fields: ['n'] },
    { collection: 'e', type: 'persistent', fields: ['u'], unique: true, sparse: true },
  ],
};

const worlds = new Worlds();
after(() => worlds.close());
const world = worlds.get('modification', () => DATA);

const COUNT_C = 'RETURN LENGTH(c)';
const SUM_N = 'FOR d IN c COLLECT AGGREGATE s = SUM(d.n) RETURN s';
const ALL_E = 'FOR d IN e SORT d._key RETURN UNSET(d, "_id", "_rev")';

/** The results of a query, and those of another after it. */
const CASES: readonly (readonly [query: string, result: readonly Value[], then?: readonly [query: string, result: readonly Value[]]])[] = [
  ['INSERT {_key: "x", a: 1} INTO e', [], [ALL_E, [{ _key: 'x', a: 1 }]]],
  ['INSERT {_key: "x", a: 1} INTO e RETURN NEW.a', [1]],
  ['FOR i IN 1..3 INSERT {_key: TO_STRING(i)} INTO e RETURN NEW._key', ['1', '2', '3']],
  ['FOR i IN 1..1500 INSERT {i} INTO e COLLECT WITH COUNT INTO n RETURN n', [1500], ['RETURN LENGTH(e)', [1500]]],
  // A LIMIT limits rows, not writes.
  ['FOR i IN 1..5 INSERT {i} INTO e LIMIT 2 RETURN NEW.i', [1, 2], ['RETURN LENGTH(e)', [5]]],
  ['RETURN FIRST(FOR i IN 1..5 INSERT {i} INTO e RETURN NEW.i)', [1], ['RETURN LENGTH(e)', [5]]],
  ['FOR i IN 1..5 INSERT {i} INTO e FILTER false RETURN NEW.i', [], ['RETURN LENGTH(e)', [5]]],
  // What is written by a query is not read by it.
  ['FOR d IN c INSERT {n: d.n} INTO c', [], [COUNT_C, [5000]]],
  ['FOR d IN c UPDATE d WITH {n: d.n + 1} IN c', [], [SUM_N, [(2500 * 2501) / 2]]],
  ['FOR d IN c FILTER d.n >= 0 UPDATE d WITH {n: d.n + 1} IN c', [], [SUM_N, [(2500 * 2501) / 2]]],
  ['FOR d IN c FILTER d.n >= 100 REMOVE d IN c', [], [COUNT_C, [100]]],
  ['FOR d IN c LET x = (INSERT {n: 0} INTO c RETURN NEW.n) RETURN DISTINCT x', [[0]], [COUNT_C, [5000]]],
  // Keys, or documents with keys.
  ['UPDATE "k1" WITH {n: -1} IN c RETURN [OLD.n, NEW.n]', [[1, -1]]],
  ['UPDATE {_key: "k1"} WITH {n: -1} IN c RETURN NEW.n', [-1]],
  ['UPDATE {_key: "k1", n: -1} IN c RETURN NEW.n', [-1]],
  ['UPDATE "k1" WITH {o: {b: {y: 2}}} IN c RETURN NEW.o', [{ a: 1, b: { x: 1, y: 2 } }]],
  ['UPDATE "k1" WITH {o: {b: 2}} IN c OPTIONS {mergeObjects: false} RETURN NEW.o', [{ b: 2 }]],
  ['UPDATE "k1" WITH {n: null, o: {a: null}} IN c OPTIONS {keepNull: false} RETURN [HAS(NEW, "n"), NEW.o]', [[false, { b: { x: 1 } }]]],
  ['UPDATE "k1" WITH {n: null} IN c RETURN HAS(NEW, "n")', [true]],
  ['REPLACE "k1" WITH {z: 1} IN c RETURN [HAS(NEW, "n"), NEW.z, OLD.n]', [[false, 1, 1]]],
  ['REMOVE "k1" IN c RETURN OLD.n', [1], ['RETURN DOCUMENT("c/k1")', [null]]],
  // Errors that are ignored leave the row out.
  ['FOR k IN ["k1", "none", "k2"] REMOVE k IN c OPTIONS {ignoreErrors: true} RETURN OLD._key', ['k1', 'k2']],
  ['FOR k IN ["a", "b", "a"] INSERT {_key: k} INTO e OPTIONS {ignoreErrors: true} RETURN NEW._key', ['a', 'b']],
  // What happens when the key is taken.
  ['INSERT {_key: "k1", n: -1} INTO c OPTIONS {overwriteMode: "ignore"} RETURN NEW', [null]],
  ['INSERT {_key: "k1", z: 1} INTO c OPTIONS {overwriteMode: "update"} RETURN [OLD.n, NEW.n, NEW.z]', [[1, 1, 1]]],
  ['INSERT {_key: "k1", z: 1} INTO c OPTIONS {overwriteMode: "replace"} RETURN [OLD.n, NEW.n, NEW.z]', [[1, null, 1]]],
  // UPSERT sees what the rows before have written.
  [
    'FOR i IN 1..3 UPSERT {a: 1} INSERT {a: 1, n: 1} UPDATE {n: OLD.n + 1} INTO e RETURN [OLD == null, NEW.n]',
    [
      [true, 1],
      [false, 2],
      [false, 3],
    ],
  ],
  ['UPSERT {n: 5} INSERT {n: 5} REPLACE {n: 6} INTO c RETURN [OLD._key, NEW.n]', [['k5', 6]]],
  ['UPSERT FILTER CURRENT.n > 2498 INSERT {} UPDATE {found: true} INTO c RETURN NEW.n', [2499]],
  ['UPSERT {missing: 1} INSERT {new: 1} UPDATE {} INTO e RETURN [OLD, NEW.new]', [[null, 1]]],
  [
    'FOR d IN c FILTER d.n < 3 UPSERT {n: d.n + 1} INSERT {} UPDATE {n: 10000 + OLD.n} INTO c',
    [],
    ['FOR d IN c FILTER d.n > 9999 SORT d.n RETURN d.n', [10001, 10002, 10003]],
  ],
  // Two collections.
  [
    'FOR d IN c FILTER d.n < 2 INSERT {_key: d._key} INTO e REMOVE d IN c RETURN [NEW._key, OLD.n]',
    [
      ['k0', 0],
      ['k1', 1],
    ],
    ['RETURN [LENGTH(c), LENGTH(e)]', [[2498, 2]]],
  ],
];

suite('writes', () => {
  for (const [query, expected, then] of CASES) {
    test(query, () => {
      for (const options of [{}, { optimizer: { rules: ['-all'] } }]) {
        assert.deepEqual(world.run([], { query, options }).result, expected);
        assert.deepEqual(world.run([], { query, options }, 'json').result, expected);
        if (then !== undefined) assert.deepEqual(world.run([{ query, options }], { query: then[0] }).result, then[1]);
      }
    });
  }
});

suite('errors end a query', () => {
  const errors: readonly (readonly [query: string, errorNum: number])[] = [
    ['FOR i IN 1..2 INSERT {_key: "same"} INTO e', 1210],
    ['FOR i IN 1..2 INSERT {u: 1} INTO e', 1210],
    ['REMOVE "none" IN c', 1202],
    ['UPDATE {n: 1} IN c', 1226],
    ['UPDATE 5 WITH {n: 1} IN c', 1227],
    ['UPDATE "k1" WITH 5 IN c', 1227],
    ['INSERT 5 INTO e', 1227],
    ['INSERT {} INTO e INSERT {} INTO e', 1579],
    ['INSERT {} INTO e FOR d IN e RETURN d', 1579],
    ['INSERT {} INTO e RETURN DOCUMENT("c/k1")', 1579],
    ['FOR d IN c UPDATE d WITH {} IN c LET n = LENGTH(c) RETURN n', 1579],
    ['UPDATE {_key: "k1", _rev: "x"} WITH {} IN c OPTIONS {ignoreRevs: false}', 1200],
  ];
  for (const [query, errorNum] of errors) test(query, () => assert.throws(() => world.run([], { query }), { errorNum }));
});

test('statistics count what was written and what was not', () => {
  const statistics = (query: string): readonly (Value | undefined)[] => {
    const stats = world.run([], { query }).extra['stats'] as ValueObject;
    return [stats['writesExecuted'], stats['writesIgnored']];
  };
  assert.deepEqual(statistics('FOR k IN ["k1", "none"] REMOVE k IN c OPTIONS {ignoreErrors: true}'), [1, 1]);
  assert.deepEqual(statistics('FOR d IN c UPDATE d WITH {z: 1} IN c'), [2500, 0]);
});
