import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { compareValues } from './compare.ts';
import { encodeDocument } from './document-encode.ts';
import { DocumentView } from './document.ts';
import { boundedRange, encodeKey, encodeKeys, isTruncated, pointRange, prefixRange, typeRange, type ValueRange } from './encode.ts';
import { typeName, type Value, type ValueObject } from './value.ts';

const name = fc.constantFrom('a', 'A', 'b', 'ab', '', 'é', 'a\0', '_x', '__proto__', '狐');

const scalar: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom(null, false, true, 0, -0, 1, -1, 1.5, -1.5, 1e300, -1e300, 5e-324, -5e-324, 2 ** 53, 255, 256),
  fc.constantFrom('', 'a', 'A', 'ab', 'aB', 'a\0', '\0', 'é', 'e\u0301', '\uffff', 'zz', '\ud800', '狐', 'ß', 'ss'),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ unit: 'binary', maxLength: 5 }),
);

const { value } = fc.letrec<{ value: Value; array: readonly Value[]; object: ValueObject }>((tie) => ({
  value: fc.oneof({ maxDepth: 3, withCrossShrink: true }, scalar, tie('array'), tie('object')),
  array: fc.array(tie('value'), { maxLength: 3 }),
  object: fc.array(fc.tuple(name, tie('value')), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
}));

const { sign } = Math;
const bytesOrder = (a: Uint8Array, b: Uint8Array): number => sign(Buffer.compare(a, b));

function tupleOrder(a: readonly Value[], b: readonly Value[]): number {
  for (let i = 0; i < a.length; i++) {
    const order = sign(compareValues(a[i] ?? null, b[i] ?? null));
    if (order !== 0) return order;
  }
  return 0;
}

test('keys sort as the values do', () => {
  fc.assert(
    fc.property(value, value, (a, b) => bytesOrder(encodeKey([a]), encodeKey([b])) === sign(compareValues(a, b))),
    { numRuns: 5000 },
  );
  fc.assert(
    fc.property(
      fc.tuple(value, value, value),
      fc.tuple(value, value, value),
      (a, b) => bytesOrder(encodeKey(a), encodeKey(b)) === tupleOrder(a, b),
    ),
    { numRuns: 2000 },
  );
});

test('many keys together are the same keys', () => {
  // Some are truncated, and all of them together are more than is kept room for.
  const long = fc.integer({ min: 1800, max: 2000 }).map((length) => 'é'.repeat(length));
  const lists = fc.array(fc.array(fc.oneof({ weight: 9, arbitrary: value }, { weight: 1, arbitrary: long }), { maxLength: 3 }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(lists, (all) => {
      const { count, bytes, starts } = encodeKeys(all);
      assert.equal(count, all.length);
      assert.equal(starts.length, count + 1);
      assert.equal(starts[count], bytes.length);
      for (const [i, values] of all.entries()) {
        assert.deepEqual(Buffer.from(bytes.subarray(starts[i], starts[i + 1])), Buffer.from(encodeKey(values)));
      }
    }),
    { numRuns: 300 },
  );
});

test('no key of as many values begins another', () => {
  fc.assert(
    fc.property(value, value, (a, b) => {
      const [left, right] = [encodeKey([a]), encodeKey([b])];
      return compareValues(a, b) === 0 || bytesOrder(left, right.subarray(0, left.length)) !== 0;
    }),
    { numRuns: 2000 },
  );
});

function holds(range: ValueRange, key: Uint8Array): boolean {
  return (range.from === undefined || bytesOrder(key, range.from) >= 0) && (range.to === undefined || bytesOrder(key, range.to) < 0);
}

const tuple = fc.tuple(scalar, value);

test('ranges hold the keys that they should, and no others', () => {
  fc.assert(
    fc.property(tuple, tuple, value, fc.boolean(), fc.boolean(), ([first, second], other, bound, isLowerInclusive, isUpperInclusive) => {
      const key = encodeKey(other);
      const isSameFirst = compareValues(first, other[0]) === 0;
      assert.equal(holds(pointRange([first, second]), key), tupleOrder([first, second], other) === 0);
      assert.equal(holds(prefixRange([first]), key), isSameFirst);
      assert(holds(prefixRange([]), key));
      assert.equal(holds(typeRange([first], typeName(second)), key), isSameFirst && typeName(other[1]) === typeName(second));
      const lower = { value: second, isInclusive: isLowerInclusive };
      const upper = { value: bound, isInclusive: isUpperInclusive };
      const isAbove = sign(compareValues(other[1], second)) >= (isLowerInclusive ? 0 : 1);
      const isBelow = sign(compareValues(other[1], bound)) <= (isUpperInclusive ? 0 : -1);
      assert.equal(holds(boundedRange([first], { lower }), key), isSameFirst && isAbove);
      assert.equal(holds(boundedRange([first], { upper }), key), isSameFirst && isBelow);
      assert.equal(holds(boundedRange([first], { lower, upper }), key), isSameFirst && isAbove && isBelow);
      assert.equal(boundedRange([first], { lower, upper }).isExact, true);
    }),
    { numRuns: 3000 },
  );
});

const long = fc
  .tuple(fc.constantFrom(1870, 1880, 1881, 1882, 1883, 1884, 1885, 1890, 1899, 1900, 5000), fc.constantFrom('', 'b', 'a', 'B', 'é'))
  .map(([length, end]) => 'a'.repeat(length) + end);

test('truncated keys are as long as keys may be, equal only for equal values, and in every range that they should be in', () => {
  fc.assert(
    fc.property(long, long, fc.boolean(), (a, b, isInclusive) => {
      const key = encodeKey([a, 1]);
      assert(key.length <= 1900);
      assert.equal(isTruncated(key), key.length === 1900);
      assert.equal(bytesOrder(key, encodeKey([b, 1])) === 0, a === b);
      assert.equal(holds(pointRange([b, 1]), key), a === b);
      if (a === b) assert(holds(prefixRange([b]), key));
      const order = compareValues(a, b);
      const above = boundedRange([], { lower: { value: b, isInclusive } });
      const below = boundedRange([], { upper: { value: b, isInclusive } });
      if (order > 0 || (isInclusive && order === 0)) assert(holds(above, key));
      if (order < 0 || (isInclusive && order === 0)) assert(holds(below, key));
      if (above.isExact) assert.equal(holds(above, key), order > 0 || (isInclusive && order === 0));
      if (below.isExact) assert.equal(holds(below, key), order < 0 || (isInclusive && order === 0));
    }),
    { numRuns: 1000 },
  );
  assert.equal(encodeKey(['a'.repeat(1882)]).length, 1884);
  assert.equal(encodeKey(['a'.repeat(1883)]).length, 1900);
});

test('a view is encoded as the document it stands for', () => {
  const row = encodeDocument(1n, { _key: 'k', b: null, a: [1, null] });
  const view = new DocumentView(row, 0, row.length, 'c');
  assert.deepEqual(encodeKey([view]), encodeKey([view.toObject()]));
});

test('keys have the form that is written down', () => {
  const cases: readonly (readonly [Value, string])[] = [
    [null, '10'],
    [false, '20'],
    [true, '21'],
    [1, '30bff0000000000000'],
    [-0, '308000000000000000'],
    [-1, '30400fffffffffffff'],
    ['ab', '402a2c01'],
    [[1, 'a', null], '5030bff0000000000000402a0100'],
    [[null], '5000'],
    [{ b: null, a: true }, '60d5fe2100'],
    [{}, '6000'],
  ];
  for (const [each, key] of cases) assert.equal(Buffer.from(encodeKey([each])).toString('hex'), key);
});
