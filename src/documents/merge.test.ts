import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ValueObject } from '#values';
import { mergeDocument, type MergeOptions } from './merge.ts';

interface Case {
  readonly name: string;
  readonly old: ValueObject;
  readonly patch: ValueObject;
  readonly options?: Partial<MergeOptions>;
  readonly expected: ValueObject;
}

const cases: readonly Case[] = [
  {
    name: 'attributes keep their places and new ones come last',
    old: { b: 1, a: 2 },
    patch: { c: 3, a: 4 },
    expected: { b: 1, a: 4, c: 3 },
  },
  {
    name: 'objects are merged at every depth',
    old: { o: { a: { x: 1 }, b: 2 } },
    patch: { o: { a: { y: 2 } } },
    expected: { o: { a: { x: 1, y: 2 }, b: 2 } },
  },
  { name: 'arrays are replaced', old: { a: [1, 2] }, patch: { a: [3] }, expected: { a: [3] } },
  { name: 'an object replaces a value', old: { a: 1 }, patch: { a: { b: 1 } }, expected: { a: { b: 1 } } },
  { name: 'null is stored', old: { a: 1 }, patch: { a: null, b: null }, expected: { a: null, b: null } },
  {
    name: 'mergeObjects false replaces objects',
    old: { o: { a: 1 } },
    patch: { o: { b: 2 } },
    options: { mergeObjects: false },
    expected: { o: { b: 2 } },
  },
  {
    name: 'keepNull false removes attributes at every depth',
    old: { a: 1, o: { x: 1, y: 2 }, n: null },
    patch: { a: null, o: { x: null } },
    options: { keepNull: false },
    expected: { o: { y: 2 }, n: null },
  },
  {
    name: 'keepNull false leaves no null in an object that is new, but in arrays',
    old: {},
    patch: { o: { a: true, b: null, c: { d: null } }, l: [{ x: null }] },
    options: { keepNull: false },
    expected: { o: { a: true, c: {} }, l: [{ x: null }] },
  },
];

for (const { name, old, patch, options, expected } of cases) {
  test(name, () => {
    const merged = mergeDocument(old, patch, { keepNull: true, mergeObjects: true, ...options });
    assert.equal(JSON.stringify(merged), JSON.stringify(expected));
  });
}

test('an attribute called __proto__ is an attribute like any other', () => {
  const patch = JSON.parse('{"__proto__":{"a":1}}') as ValueObject;
  const merged = mergeDocument({}, patch, { keepNull: true, mergeObjects: true });
  assert.equal(JSON.stringify(merged), '{"__proto__":{"a":1}}');
  assert.equal(JSON.stringify(mergeDocument(merged, { b: 1 }, { keepNull: true, mergeObjects: true })), '{"__proto__":{"a":1},"b":1}');
});
