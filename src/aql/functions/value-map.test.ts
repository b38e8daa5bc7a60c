import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { equalValues, type Value } from '#values';
import { canonicalText, ValueMap, ValueSet } from './value-map.ts';

const values = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Value>(null, true, false, 0, -0, 1, 0.5, '', '0', 'null', '[]', 'a'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 }),
  ),
})).value;

test('values have the same text exactly when they are equal', () => {
  fc.assert(
    fc.property(values, values, (left, right) => {
      assert.equal(typeof left === typeof right && canonicalText(left) === canonicalText(right), equalValues(left, right));
    }),
  );
});

test('a set keeps the first of equal values, in the order they came', () => {
  assert.deepEqual(new ValueSet([1, '1', { b: 1, a: null }, 1, { b: 1 }, [null], []]).values, [1, '1', { b: 1, a: null }, [null]]);
});

test('a map finds what was set by an equal key', () => {
  const map = new ValueMap<string>();
  map.set({ a: [1, null] }, 'found');
  assert.equal(map.get({ a: [1], b: null }), 'found');
  assert.equal(map.get('{"a":[1,],}'), undefined);
  assert(map.delete({ a: [1] }));
  assert.equal(map.size, 0);
});
