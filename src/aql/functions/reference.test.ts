import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { functionReference } from './reference.ts';

test('the page of functions is what their definitions say', () => {
  assert.equal(
    readFileSync('docs/reference/functions.md', 'utf8'),
    functionReference(),
    'docs/reference/functions.md is not up to date: run `node scripts/write-function-reference.js`',
  );
});
