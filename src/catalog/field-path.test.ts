import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isArangoError } from '#base';
import { parseFieldPath } from './field-path.ts';

test('paths are split at dots and may expand one array', () => {
  assert.deepEqual(parseFieldPath('a'), { text: 'a', steps: ['a'], expandedStep: -1 });
  assert.deepEqual(parseFieldPath('a.b'), { text: 'a.b', steps: ['a', 'b'], expandedStep: -1 });
  assert.deepEqual(parseFieldPath('a.b[*].c'), { text: 'a.b[*].c', steps: ['a', 'b', 'c'], expandedStep: 1 });
});

test('a path goes through one list at most', () => {
  for (const text of ['a[*].b[*]', 'a[*].b.c[*]']) {
    assert.throws(
      () => parseFieldPath(text),
      (error) => isArangoError(error) && error.errorNum === 10,
      text,
    );
  }
});

test('what is no path is error 1220', () => {
  for (const text of ['', '.', 'a.', '.a', 'a..b', '[*]', 'a[*', 'a[0]', 'a[*][*]']) {
    assert.throws(
      () => parseFieldPath(text),
      (error) => isArangoError(error) && error.errorNum === 1220,
      text,
    );
  }
});
