import assert from 'node:assert/strict';
import { test } from 'node:test';
import { xxh64 } from './xxh64.ts';
import { hashValue } from './value-hash.ts';

function hash(text: string): string {
  return xxh64(Buffer.from(text), 0n).toString(16);
}

test('texts of all lengths have the hashes that the algorithm is known by', () => {
  assert.equal(hash(''), 'ef46db3751d8e999');
  assert.equal(hash('a'), 'd24ec4f1a98c6e5b');
  assert.equal(hash('abc'), '44bc2cf5ad770999');
  assert.equal(hash('Nobody inspects the spammish repetition'), 'fbcea83c8a378bf1');
});

test('values that AQL tells apart have different hashes, in whatever order attributes are', () => {
  const values = [null, false, true, 0, 1, '', '1', [], [1], ['1'], [[1]], {}, { a: 1 }, { a: '1' }, { b: 1 }, 'x'.repeat(127)];
  assert.equal(new Set(values.map((each) => hashValue(each))).size, values.length);
  assert.equal(hashValue({ a: 1, b: [2, { c: 3, d: 4 }] }), hashValue({ b: [2, { d: 4, c: 3 }], a: 1 }));
});
