import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isArangoError } from '#base';
import type { Value } from '../value.ts';
import { decodeVelocypack } from './decode.ts';
import { encodeVelocypack } from './encode.ts';

function hex(text: string): Uint8Array {
  return Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
}

const name = fc.oneof(fc.constantFrom('', '__proto__', 'constructor', '_key', 'é', '狐', 'a', 'b', 'x'.repeat(200)), fc.string());
const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -300, max: 300 }),
);
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    number,
    fc.string({ unit: 'grapheme' }),
    fc.integer({ min: 120, max: 300 }).map((count) => 'ä'.repeat(count)),
    fc.array(tie('value'), { maxLength: 8 }),
    fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 300 }),
    fc.uniqueArray(fc.tuple(name, tie('value')), { selector: ([key]) => key, maxLength: 8 }).map((entries) => Object.fromEntries(entries)),
  ) as fc.Arbitrary<Value>,
}));

test('what was encoded is decoded to the same', () => {
  fc.assert(
    fc.property(value, (given) => {
      assert.deepEqual(decodeVelocypack(encodeVelocypack(given)), given);
    }),
    { numRuns: 500 },
  );
});

test('large values need wider tables, and come back as well', () => {
  for (const given of [
    Array.from({ length: 100_000 }, (_, index) => index),
    Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`name ${index}`, index])),
    ['x'.repeat(70_000), 1],
    { a: 'x'.repeat(300) },
  ]) {
    assert.deepEqual(decodeVelocypack(encodeVelocypack(given)), given);
  }
});

/** The specification's own examples, and one for each type. */
const EXAMPLES: readonly (readonly [bytes: string, value: Value])[] = [
  ['02 05 31 32 33', [1, 2, 3]],
  ['03 06 00 31 32 33', [1, 2, 3]],
  ['04 08 00 00 00 31 32 33', [1, 2, 3]],
  ['05 0c 00 00 00 00 00 00 00 31 32 33', [1, 2, 3]],
  ['02 0c 00 00 00 00 00 00 00 31 32 33', [1, 2, 3]],
  ['06 09 03 31 32 33 03 04 05', [1, 2, 3]],
  ['07 0e 00 03 00 31 32 33 05 00 06 00 07 00', [1, 2, 3]],
  ['08 18 00 00 00 03 00 00 00 31 32 33 09 00 00 00 0a 00 00 00 0b 00 00 00', [1, 2, 3]],
  [
    `09 2c 00 00 00 00 00 00 00 31 32 33 09 00 00 00 00 00 00 00 0a 00 00 00 00 00 00 00
     0b 00 00 00 00 00 00 00 03 00 00 00 00 00 00 00`,
    [1, 2, 3],
  ],
  ['13 06 31 28 10 02', [1, 16]],
  ['14 0a 41 61 31 41 62 28 10 02', { a: 1, b: 16 }],
  ['0b 13 03 41 62 1a 41 61 28 0c 41 63 43 78 79 7a 06 03 0a', { b: true, a: 12, c: 'xyz' }],
  ['0d 22 00 00 00 03 00 00 00 41 62 1a 41 61 28 0c 41 63 43 78 79 7a 0c 00 00 00 09 00 00 00 10 00 00 00', { b: true, a: 12, c: 'xyz' }],
  ['0f 13 03 41 62 1a 41 61 28 0c 41 63 43 78 79 7a 03 06 0a', { b: true, a: 12, c: 'xyz' }],
  ['01', []],
  ['0a', {}],
  ['18', null],
  ['19', false],
  ['1a', true],
  ['1b 00 00 00 00 00 00 f8 3f', 1.5],
  ['1b 00 00 00 00 00 00 f8 7f', null],
  ['1c 00 dc 5f 38 9d 01 00 00', 1774767299584],
  ['20 ff', -1],
  ['27 ff ff ff ff ff ff ff ff', -1],
  ['27 00 00 00 00 00 00 00 80', -(2 ** 63)],
  ['2f ff ff ff ff ff ff ff ff', 2 ** 64],
  ['3a', -6],
  ['39', 9],
  ['40', ''],
  ['bf 02 00 00 00 00 00 00 00 c3 a4', 'ä'],
  ['c0 02 ab cd', 'abcd'],
  ['c8 03 00 00 00 00 01 23 45', 12345],
  ['c8 03 ff ff ff ff 12 34 50', 12345],
  ['d0 01 fe ff ff ff 25', -0.25],
  ['ee 01 31', 1],
  ['ef 01 00 00 00 00 00 00 00 31', 1],
  ['0b 07 01 31 41 61 03', { _key: 'a' }],
];

test('every type is decoded', () => {
  for (const [bytes, expected] of EXAMPLES) assert.deepEqual(decodeVelocypack(hex(bytes)), expected, bytes);
});

const MALFORMED: readonly (readonly [name: string, bytes: string])[] = [
  ['nothing', ''],
  ['none', '00'],
  ['the illegal type', '17'],
  ['a reserved type', '15'],
  ['a pointer', '1d 00 00 00 00 00 00 00 00'],
  ['a smallest key', '1e'],
  ['a custom type', 'f0 01'],
  ['something behind the value', '18 18'],
  ['a string that is cut', '42 61'],
  ['a string longer than everything', 'bf ff ff ff ff ff ff ff ff 61'],
  ['a string that is no UTF-8', '41 ff'],
  ['an array longer than the body', '02 09 31'],
  ['an array that is shorter than its header', '02 01 31'],
  ['an array without items', '02 02'],
  ['items of different lengths without a table', '02 05 31 28 10'],
  ['an item that is longer than its array', '02 04 42 61'],
  ['more items than there are', '06 09 04 31 32 33 03 04 05'],
  ['a table with more entries than bytes', '06 09 ff 31 32 33 03 04 05'],
  ['a table that points elsewhere', '06 09 03 31 32 33 03 04 06'],
  ['a count beyond all memory', '09 12 00 00 00 00 00 00 00 31 ff ff ff ff ff ff ff ff'],
  ['padding that is not zero', '02 0c 00 00 00 00 00 01 00 31 32 33'],
  ['a compact array with another count', '13 06 31 28 10 03'],
  ['a compact length without an end', '13 ff ff ff ff ff ff ff ff ff ff'],
  ['an object whose table is not sorted', '0b 13 03 41 62 1a 41 61 28 0c 41 63 43 78 79 7a 03 06 0a'],
  ['a name that is no string', '0b 06 01 1a 1a 03'],
  ['a name that comes twice', '14 09 41 61 31 41 61 32 02'],
  ['a name without a value', '14 05 41 61 01'],
  ['a decimal with a letter for a digit', 'c8 01 00 00 00 00 1a'],
  ['a decimal without end', 'c8 ff 00 00 00 00 11'],
  ['a tag without a value', 'ee 01'],
];

test('what is malformed is refused with 400', () => {
  for (const [what, bytes] of MALFORMED) {
    assert.throws(
      () => decodeVelocypack(hex(bytes)),
      (error) => isArangoError(error) && error.errorNum === 600 && error.code === 400,
      what,
    );
  }
});

test('a value of very many levels is refused', () => {
  let bytes: Uint8Array = hex('18');
  for (let i = 0; i < 5000; i++) bytes = Buffer.concat([hex('04'), Buffer.from(Uint32Array.of(bytes.length + 5).buffer), bytes]);
  assert.throws(() => decodeVelocypack(bytes), /levels/);
  assert.throws(() => decodeVelocypack(Buffer.alloc(100_000, 0xee)), /levels/);
});

test('whatever bytes come, they are a value or refused', () => {
  const damaged = fc.tuple(value, fc.nat(), fc.integer({ min: 0, max: 255 })).map(([given, at, byte]) => {
    const bytes = Buffer.from(encodeVelocypack(given));
    bytes[at % bytes.length] = byte;
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), damaged), (bytes) => {
      try {
        JSON.stringify(decodeVelocypack(bytes));
      } catch (error) {
        assert.ok(isArangoError(error), String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
