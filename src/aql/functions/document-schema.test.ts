import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isArangoError } from '#base';
import { validateBySchema } from './document-schema.ts';

test('draft 4 decides, and system attributes are not looked at', () => {
  const rule = {
    properties: { legs: { type: 'number', minimum: 0, exclusiveMinimum: true } },
    additionalProperties: false,
    required: ['legs'],
  };
  assert.deepEqual(validateBySchema({ _key: 'a', _rev: 'b', legs: 4 }, { rule }), { valid: true });
  assert.deepEqual(validateBySchema({ legs: 0 }, { rule, message: 'No fox!' }), { valid: false, errorMessage: 'No fox!' });
  assert.deepEqual(validateBySchema({ legs: 4, wings: 2 }, { rule }), { valid: false, errorMessage: 'schema validation failed' });
});

test('a definition without a rule, or with one that is no schema, is error 1621', () => {
  for (const definition of [{ message: 'x' }, { rule: { type: 'fox' } }]) {
    assert.throws(
      () => validateBySchema({}, definition),
      (error) => isArangoError(error) && error.errorNum === 1621,
    );
  }
});
