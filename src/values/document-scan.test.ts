import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { encodeDocument } from './document-encode.ts';
import { scanDocument } from './document-scan.ts';
import { isObject, type Value, type ValueObject } from './value.ts';

const REVISION = 0x0123_4567_89ab_cdefn;

/** What becomes of a text by way of values; undefined where it is no document. */
function encoded(json: Uint8Array): Uint8Array | undefined {
  let value: Value;
  try {
    value = JSON.parse(Buffer.from(json).toString('utf8')) as Value;
  } catch {
    return undefined;
  }
  return isObject(value) ? encodeDocument(REVISION, value, typeof value['_key'] === 'string' ? value['_key'] : 'automatic') : undefined;
}

function scanned(json: Uint8Array | string): Uint8Array | undefined {
  return scanDocument(Buffer.from(json), REVISION, 'automatic')?.bytes;
}

const name = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'name',
    '_key',
    '_id',
    '_rev',
    '_from',
    '_to',
    '_x',
    '',
    '0',
    '12',
    '1a',
    '__proto__',
    'é',
    'ключ',
    'x'.repeat(300),
  ),
  fc.string({ maxLength: 8 }),
);
const string = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom('a', '"', '\\', '/', '\n', '\t', '\0', '\u007f', 'é', '\ufffd', '\uff0c', '🦊', '\u2028', '\ud800') }),
  fc.constantFrom('k1', 'x'.repeat(45)),
);
const value = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, false, 0, -0, 1.5, 1e21, 1e-7, 123_456_789_012_345, 0.1, 1e15, 2 ** 53),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    string,
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.array(fc.tuple(name, tie('value')), { maxLength: 6 }).map((entries) => Object.fromEntries(entries)),
}));
const document = fc.array(fc.tuple(name, value.value), { maxLength: 8 }).map((entries) => Object.fromEntries(entries));

const number = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.stringMatching(/^\d{1,17}$/),
    fc.stringMatching(/^(\.\d{0,17})?$/),
    fc.stringMatching(/^([eE][+-]?\d{0,3})?$/),
  )
  .map((parts) => parts.join(''));

/** What is read may be less than what there is, but never something else. */
function checkSame(json: Uint8Array): void {
  const bytes = scanned(json);
  if (bytes === undefined) return;
  const expected = encoded(json);
  assert(expected !== undefined, `${Buffer.from(json).toString()} is no document`);
  assert.deepEqual(Buffer.from(bytes), Buffer.from(expected), Buffer.from(json).toString());
}

test('a text is stored as the value that it stands for', () => {
  fc.assert(
    fc.property(document, fc.constantFrom(undefined, 1, '\t', ' \r\n'), (object, space) => {
      checkSame(Buffer.from(JSON.stringify(object, null, space)));
    }),
    { numRuns: 2000 },
  );
});

test('a text with a mistake is not stored', () => {
  fc.assert(
    fc.property(
      document,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(3),
      fc.oneof(
        fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', '0', '-', '.', 'e', ' ', '\\u0041', '\\/', '\ufeff'),
        fc.string({ maxLength: 2 }),
      ),
      (object, at, removed, added) => {
        const json = Buffer.from(JSON.stringify(object));
        const place = Math.floor(at * json.length);
        checkSame(Buffer.concat([json.subarray(0, place), Buffer.from(added), json.subarray(place + removed)]));
      },
    ),
    { numRuns: 3000 },
  );
});

test('bytes that are no UTF-8 are left alone', () => {
  fc.assert(
    fc.property(
      document,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.uint8Array({ minLength: 1, maxLength: 3 }),
      (object, at, bytes) => {
        const json = Buffer.from(JSON.stringify(object));
        const place = Math.floor(at * json.length);
        checkSame(Buffer.concat([json.subarray(0, place), bytes, json.subarray(place)]));
      },
    ),
    { numRuns: 2000 },
  );
});

test('numbers are stored in their shortest form', () => {
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: 3 }), (numbers) => {
      checkSame(Buffer.from(`{"n":[${numbers.join(',')}],"x":${numbers[0]}}`));
    }),
    { numRuns: 5000 },
  );
});

test('documents as they are usual are taken', () => {
  const usual: readonly ValueObject[] = [
    {},
    { _key: 'k' },
    { _key: 'k', a: 1 },
    {
      name: 'Ann',
      age: 42,
      address: { city: 'Köln', geo: { lat: 50.9375, lon: 6.9603 } },
      tags: ['a', { b: null }, []],
      empty: {},
      on: true,
    },
    {
      text: 'a line\nand "another" one',
      long: 'Lorem ipsum '.repeat(50),
      ratio: 0.12345678901234568,
      big: 1.2345678901234567e19,
      small: 1e-7,
    },
    Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`attribute${i}`, i])),
    { wide: 'x'.repeat(70_000), nested: { a: { b: { c: [1, 2, 3] } } } },
  ];
  for (const object of usual) {
    for (const space of [0, 2]) {
      const json = Buffer.from(JSON.stringify(object, null, space));
      const bytes = scanned(json);
      assert(bytes !== undefined, json.toString().slice(0, 200));
      assert.deepEqual(Buffer.from(bytes), Buffer.from(encoded(json)!));
    }
  }
});

test('whoever gives a key is told, and what cannot be a key is left alone', () => {
  const scan = (json: string): unknown => {
    const found = scanDocument(Buffer.from(json), REVISION, 'automatic');
    return found && [found.key, found.isAutomatic];
  };
  assert.deepEqual(scan('{"_key":"a"}'), ['a', false]);
  assert.deepEqual(scan('{ "_key" : "a" , "b" : 1 }'), ['a', false]);
  assert.deepEqual(scan('{"b":1}'), ['automatic', true]);
  for (const json of [
    '{"_key":"a/b"}',
    '{"_key":""}',
    '{"_key":1}',
    '{"b":1,"_key":"a"}',
    '{"_key":"a",}',
    '{"_key":"a" "b":1}',
    '{"_keys":"a"',
  ]) {
    assert.equal(scan(json), undefined, json);
  }
  assert.deepEqual(scan('{"_keys":"a"}'), ['automatic', true]);
});
