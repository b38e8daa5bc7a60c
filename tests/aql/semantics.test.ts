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

const DATA: DataSet = { collections: [{ name: 'c', type: 'document' }], documents: { c: [{ _key: 'k', n: 1 }] } };

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
    ['FOR d IN c UPDATE d WITH {n: 2, n: 3} IN c RETURN NEW.n', [2]],
    ['RETURN MERGE({a: 1}, {a: 2, a: 3})', [{ a: 2 }]],
  ],
  'CALL and APPLY call each other': [
    ['RETURN CALL("APPLY", "CALL", ["UPPER", "x"])', ['X']],
    ['RETURN APPLY("CALL")', 1541],
  ],
  'an empty name is no name of a collection': [['FOR d IN @@c RETURN d', 1208, { '@c': '' }]],
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

function outcome(call: { readonly query: string; readonly bindVars: ValueObject; readonly options: ValueObject }, as: 'values' | 'json') {
  try {
    return world.run([], call, as).result;
  } catch (error) {
    if (!isArangoError(error)) throw error;
    return error.errorNum;
  }
}
