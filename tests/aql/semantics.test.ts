/**
 * What queries give where it is easily got otherwise, as ArangoDB 3.12 has it: each as values and as JSON, with the optimizer and without.
 *
 * A result is the whole array; a number alone is that of the error.
 */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { isArangoError } from '#base';
import type { Value, ValueObject } from '#values';
import { Worlds, type DataSet } from '../support/world.ts';

type Case = readonly [query: string, expected: readonly Value[] | number, bindVars?: ValueObject];

/** Two ways from `k` to `l`, of which the shorter is a bad one. */
const DATA: DataSet = {
  collections: [
    { name: 'c', type: 'document' },
    { name: 'e', type: 'edge' },
  ],
  documents: {
    c: [{ _key: 'k', n: 1 }, { _key: 'l' }, { _key: 'm' }],
    e: [
      { _from: 'c/k', _to: 'c/l', good: false },
      { _from: 'c/k', _to: 'c/m', good: true },
      { _from: 'c/m', _to: 'c/l', good: true },
    ],
  },
};

const NEITHER = [[false, false]];

const CASES: Readonly<Record<string, readonly Case[]>> = {
  'quoted names know the escapes of strings': [
    ['RETURN {"a\\tb": 1}.`a\\tb`', [1]],
    ['RETURN {"a\\u0041": 1}.´aA´', [1]],
    ['LET `x\\n` = 2 RETURN `x\\n`', [2]],
  ],
  'question marks may be repeated': [
    ['RETURN [[1][??], [][????]]', [[true, false]]],
    ['RETURN [1, 2, 3][??? 2 FILTER CURRENT > 1]', [true]],
  ],
  'destructuring of objects has holes': [
    ['LET {} = {a: 1} RETURN 1', [1]],
    ['LET {, a, , b} = {a: 1, b: 2} RETURN [a, b]', [[1, 2]]],
    ['FOR {, a} IN [{a: 1}, {}] RETURN a', [1, null]],
  ],
  'of repeated names the first counts': [
    ['RETURN {a: 1, b: 2, a: 3}', [{ a: 1, b: 2 }]],
    ['FOR k IN ["a", "b"] RETURN {a: 1, [k]: 2, [LOWER(k)]: 3}', [{ a: 1 }, { a: 1, b: 2 }]],
    ['FOR k IN ["a"] RETURN {[k]: 1, a: 2}', [{ a: 1 }]],
    ['UPDATE "k" WITH {n: 2, n: 3} IN c RETURN NEW.n', [2]],
    ['RETURN MERGE({a: 1}, {a: 2, a: 3})', [{ a: 2 }]],
  ],
  'CALL and APPLY call each other': [
    ['RETURN CALL("APPLY", "CALL", ["UPPER", "x"])', ['X']],
    ['RETURN APPLY("CALL")', 1541],
  ],
  'an empty name is no name of a collection, any other may be one': [
    ['FOR d IN @@c RETURN d', 1208, { '@c': '' }],
    ['FOR d IN @@c RETURN d', 1203, { '@c': 'a b' }],
    ['FOR d IN c UPSERT FILTER $CURRENT.n == d.n INSERT {a: $CURRENT.n} UPDATE {} IN c', 1203],
  ],
  'nothing is in what is no array, and nothing is not in it': [
    [
      'FOR x IN [null, 1, "a", {a: 1}, [], [1]] RETURN [1 IN x, 1 NOT IN x]',
      [...NEITHER, ...NEITHER, ...NEITHER, ...NEITHER, [false, true], [true, false]],
    ],
    ['RETURN [1 NOT IN null, 1 NOT IN [], 1 NOT IN 2..3, NOT (1 IN null)]', [[false, true, true, true]]],
    ['RETURN 1 NOT IN @x', [false], { x: 'a' }],
  ],
  'what is wrong with a query itself comes before missing bind variables': [
    ['RETURN VALUE(@x)', 1541],
    ['LET a = @x LET a = 1 RETURN a', 1511],
    ['RETURN @x', 1551],
  ],
  'the bounds of a WINDOW are checked before the query runs': [
    ['FOR d IN [] WINDOW {} AGGREGATE s = SUM(d) RETURN s', 1501],
    ['FOR d IN [] WINDOW {preceding: 1, before: 1} AGGREGATE s = SUM(d) RETURN s', 1501],
    ['FOR d IN [] WINDOW {preceding: 1, preceding: 1} AGGREGATE s = SUM(d) RETURN s', 1501],
    ['FOR d IN [] WINDOW {preceding: d} AGGREGATE s = SUM(d) RETURN s', 1575],
    ...[-1, 1.5, 'all', null, true, [], {}].map((x): Case => [
      'FOR d IN [] WINDOW {preceding: @x} AGGREGATE s = SUM(d) RETURN s',
      10,
      { x },
    ]),
    ['FOR d IN [] WINDOW d WITH {preceding: 1, following: "P1D"} AGGREGATE s = SUM(d) RETURN s', 10],
    ['FOR d IN [] WINDOW d WITH {preceding: "P1X"} AGGREGATE s = SUM(d) RETURN s', 10],
    ['FOR d IN 1..3 WINDOW d WITH {preceding: 0.5, following: "unbounded"} AGGREGATE s = SUM(d) RETURN s', [6, 5, 3]],
    ['FOR d IN 1..3 WINDOW {preceding: @x} AGGREGATE s = SUM(d) RETURN s', [1, 3, 5], { x: 1 }],
    ['FOR d IN 1..3 WINDOW {preceding: @x} AGGREGATE s = SUM(d) RETURN s', [1, 3, 6], { x: 2 }],
  ],
  'what a statement sets is unknown to its own parts': [
    ['FOR x IN [1] COLLECT AGGREGATE a = MAX(x), b = MAX(a) RETURN b', 1512],
    ['FOR x IN [1] COLLECT AGGREGATE a = MAX(x) INTO g = a RETURN g', 1512],
    ['FOR x IN [1] COLLECT y = x INTO g KEEP y RETURN g', 1512],
    ['FOR x IN [1] COLLECT y = x INTO g KEEP g RETURN g', 1501],
  ],
  'names of variables do not begin with a digit after all underscores': [
    ['LET `a b` = 1 RETURN `a b`', [1]],
    ['LET `_1` = 1 RETURN 1', 1501],
    ['LET `__` = 1 RETURN 1', 1501],
  ],
  'walks start where a string or an object may be': [
    ['FOR v IN OUTBOUND null e RETURN v', []],
    ['FOR v IN ANY -1 e RETURN v', 1501],
    ['FOR v IN ANY @x e RETURN v', 1501, { x: true }],
    ['FOR v IN OUTBOUND SHORTEST_PATH "c/k" TO 1 e RETURN v', 1501],
    ['FOR v IN OUTBOUND [] e RETURN v', []],
    ['FOR x IN [null] FOR v IN OUTBOUND x e RETURN v', []],
  ],
  'numbers of other bases have 32 bits, leading zeros among them': [
    ['RETURN [0xFFFFFFFF, 0b11111111111111111111111111111111]', [[4294967295, 4294967295]]],
    ['RETURN 0x0FFFFFFFF', 1501],
    ['RETURN 0b000000000000000000000000000000001', 1501],
  ],
  'what was written is not read again, not even where no collection may stand': [
    ['REMOVE "k" IN c RETURN c', 1579],
    ['UPDATE "k" WITH {} IN c LET a = NEW RETURN @@c', 1579, { '@c': 'c' }],
    ['RETURN c', 1568],
  ],
  'modifications take keys and objects that have one': [
    ['REMOVE null IN c', 1227],
    ['REMOVE [] IN c', 1227],
    ['REMOVE {} IN c', 1226],
    ['UPDATE 1 WITH {} IN c', 1227],
  ],
  'an UPSERT with revisions asks for that of its update': [
    ['UPSERT {n: 1} INSERT {} UPDATE {_rev: "x", n: 2} IN c OPTIONS {ignoreRevs: false} RETURN NEW.n', 1200],
    ['UPSERT {n: 1} INSERT {} UPDATE {_rev: OLD._rev, n: 2} IN c OPTIONS {ignoreRevs: false} RETURN NEW.n', [2]],
    ['UPSERT {n: 1} INSERT {} REPLACE {n: 2} IN c OPTIONS {ignoreRevs: false} RETURN NEW.n', [2]],
    ['UPSERT {n: 1} INSERT {} UPDATE {_rev: "x", n: 2} IN c RETURN NEW.n', [2]],
  ],
  'walks have whole depths': [
    ...['-1..2', '1.5', '"a"', '1..18446744073709551616'].map((depth): Case => [`FOR v IN ${depth} OUTBOUND "c/k" e RETURN v`, 1501]),
    ['FOR v IN 1..2 OUTBOUND "c/k" e PRUNE LENGTH(FOR x IN [v] RETURN x) > 1 RETURN v', 1501],
  ],
  'options of walks are checked before the query runs': [
    ['FOR v IN 1 OUTBOUND "c/k" e OPTIONS {uniqueEdges: "global"} RETURN v', 10],
    ['FOR v IN 1 OUTBOUND "c/k" e OPTIONS {defaultWeight: -1} RETURN v', 1948],
  ],
  'edge collections, and those of WITH, may be bound as values': [
    ['WITH @a, @@b FOR v IN 1 OUTBOUND "c/m" @e RETURN v._key', ['l'], { a: 'c', '@b': 'c', e: 'e' }],
    ['FOR v IN 1 OUTBOUND "c/k" @e RETURN v', 1553, { e: 1 }],
    ['FOR v IN 1 OUTBOUND "c/k" @e RETURN v', 1203, { e: 'x' }],
  ],
};

const worlds = new Worlds();
after(() => worlds.close());
const world = worlds.get('semantics', () => DATA);

const WAYS = [
  ['values', {}],
  ['json', {}],
  ['values', { optimizer: { rules: ['-all'] } }],
] as const;

for (const [title, cases] of Object.entries(CASES)) {
  suite(title, () => {
    for (const [query, expected, bindVars = {}] of cases) {
      test(query, () => {
        for (const [as, options] of WAYS)
          assert.deepEqual(outcome({ query, bindVars, options }, as), expected, as + JSON.stringify(options));
      });
    }
  });
}

test('where vertices are met once, a walk goes on by those ways alone that its filter takes', () => {
  const query = `FOR v, e, p IN 1..3 OUTBOUND "c/k" e OPTIONS {order: "bfs", uniqueVertices: "global"}
    FILTER p.edges[*].good ALL == true RETURN v._key`;
  assert.deepEqual(outcome({ query, bindVars: {}, options: {} }, 'values'), ['m', 'l']);
});

function outcome(call: { readonly query: string; readonly bindVars: ValueObject; readonly options: ValueObject }, as: 'values' | 'json') {
  try {
    return world.run([], call, as).result;
  } catch (error) {
    if (!isArangoError(error)) throw error;
    return error.errorNum;
  }
}
