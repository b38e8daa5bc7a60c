import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Value } from '#values';
import { testContext } from './constant-expression.suite.ts';
import { array, bool, callFunction, define, integer, list, optional, rest, text, value, type AqlFunction } from './define.ts';

function call(definition: AqlFunction, ...inputs: Value[]): readonly [result: Value, ...messages: string[]] {
  const context = testContext();
  const result = callFunction(definition, inputs, context) as Value;
  return [result, ...context.warnings.map(([, message]) => message)];
}

const about = { summary: '', examples: [] };

test('arguments are cast, and those left out are undefined or what stands for them', () => {
  const definition = define({
    ...about,
    name: 'F',
    params: [text('a'), integer('b'), optional(bool('c')), optional(value('d'), 'd')],
    call: (a, b, c, d) => [a, b, c === undefined ? 'left out' : c, d],
  });
  assert.deepEqual(call(definition, null, '2.5'), [['', 2, 'left out', 'd']]);
  assert.deepEqual(call(definition, [1], true, 'x', null), [['[1]', 1, true, null]]);
  assert.deepEqual([definition.minArguments, definition.maxArguments], [2, 4]);
});

test('an argument that does not fit gives a warning in the words of ArangoDB, and null', () => {
  const mismatch = define({ ...about, name: 'F', params: [array('a')], call: () => 'called' });
  const expected = define({ ...about, name: 'F', params: [list('a')], call: () => 'called' });
  assert.deepEqual(call(mismatch, 1), [null, "invalid argument type in call to function 'F()'"]);
  assert.deepEqual(call(expected, {}), [null, "in function 'F()': array expected"]);
  assert.deepEqual(call(mismatch, []), ['called']);
});

test('the arguments of a parameter that occurs often are one array, each cast and checked', () => {
  const casting = define({ ...about, name: 'F', params: [value('a'), rest(text('b'), 1)], call: (a, b) => [a, b] });
  const insisting = define({ ...about, name: 'F', params: [rest(list('a'), 2)], call: (a) => a });
  assert.deepEqual(call(casting, 0, 1, null), [[0, ['1', '']]]);
  assert.deepEqual(call(insisting, [1], [2]), [[[1], [2]]]);
  assert.deepEqual(call(insisting, [1], 2), [null, "in function 'F()': array expected"]);
  assert.deepEqual([casting.minArguments, insisting.minArguments, insisting.maxArguments], [2, 2, Infinity]);
});

function itself(given: Value): Value {
  return given;
}

test('a function that takes its arguments as they are is called without a detour', () => {
  assert.equal(define({ ...about, name: 'F', params: [value('a')], call: itself }).call, itself);
});
