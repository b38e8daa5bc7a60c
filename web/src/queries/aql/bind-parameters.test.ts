import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindParametersOf, fieldText, fieldTypeOf, readField, valuesFor } from './bind-parameters.ts';

test('a query has the parameters that it reads, each once', () => {
  const query = 'FOR d IN @@c FILTER d.a == @a && d.b != "@no" // @none\n && d.c == @a LIMIT @1 RETURN d';
  assert.deepEqual(
    bindParametersOf(query).map(({ key }) => key),
    ['@c', 'a', '1'],
  );
  assert.equal(bindParametersOf('RETURN @').length, 0);
});

test('a value goes through its field unchanged', () => {
  for (const value of [null, true, false, 1.5, 'text', '5', '', [1, { a: null }], {}]) {
    assert.deepEqual(readField(fieldText(value), fieldTypeOf(value)), value);
  }
});

test('a field of another type says that its text is no value', () => {
  assert.equal(readField('five', 'number'), undefined);
  assert.equal(readField('', 'number'), undefined);
  assert.equal(readField('[1', 'json'), undefined);
});

test('only the values that a query asks for are sent', () => {
  assert.deepEqual(valuesFor(bindParametersOf('RETURN [@a, @b]'), { a: 0, c: 1 }), { a: 0 });
});
