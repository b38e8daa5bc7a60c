import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Value } from '#values';
import { findAggregateFunction } from './aggregates.ts';
import { testContext } from './constant-expression.suite.ts';
import { callFunction } from './define.ts';
import { findFunction } from './registry.ts';

function aggregate(name: string, values: readonly Value[]): Value {
  const accumulator = findAggregateFunction(name)?.create();
  assert(accumulator !== undefined, name);
  for (const each of values) accumulator.add(each);
  return accumulator.result();
}

const CASES: readonly (readonly [name: string, values: readonly Value[], result: Value])[] = [
  ['COUNT', [null, 1], 2],
  ['LENGTH', [], 0],
  ['MIN', [], null],
  ['MIN', [null, 'a', 2, true], true],
  ['MAX', [null, 'a', 2, true], 'a'],
  ['MAX', [null], null],
  ['SUM', [], null],
  ['SUM', [null], 0],
  ['SUM', [1, null, 2.5], 3.5],
  ['SUM', [1, '2'], null],
  ['AVG', [1, null, 2], 1.5],
  ['AVERAGE', [null], null],
  ['VARIANCE', [19, 23], 4],
  ['VARIANCE_SAMPLE', [-42.5, null], null],
  ['STDDEV', [19, 23], 2],
  ['STDDEV', ['19', 23], null],
  ['UNIQUE', [2, 1, 2, null], [2, 1, null]],
  ['SORTED_UNIQUE', [2, 1, 2, null], [null, 1, 2]],
  ['COUNT_UNIQUE', [{}, { a: null }, 1], 2],
  ['BIT_AND', [255, null, 63], 63],
  ['BIT_OR', [2147483648, 1], 2147483649],
  ['BIT_XOR', [1, -1, 1], null],
  ['BIT_XOR', [], null],
  ['PUSH', [1, null], [1, null]],
];

test('aggregates of a few values', () => {
  for (const [name, values, result] of CASES) assert.deepEqual(aggregate(name, values), result, `${name} of ${JSON.stringify(values)}`);
});

test('over numbers, aggregates are what the functions on arrays are', () => {
  const names = [
    'MIN',
    'MAX',
    'SUM',
    'AVERAGE',
    'VARIANCE',
    'VARIANCE_SAMPLE',
    'STDDEV',
    'STDDEV_SAMPLE',
    'COUNT_DISTINCT',
    'SORTED_UNIQUE',
  ];
  const context = testContext();
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 }), (name, values) => {
      const definition = findFunction(name);
      assert(definition !== undefined);
      assert.deepEqual(aggregate(name, values), callFunction(definition, [values], context));
    }),
  );
});

test('a result may be asked for before all values came', () => {
  const accumulator = findAggregateFunction('PUSH')?.create();
  accumulator?.add(1);
  const first = accumulator?.result();
  accumulator?.add(2);
  assert.deepEqual([first, accumulator?.result()], [[1], [1, 2]]);
});
