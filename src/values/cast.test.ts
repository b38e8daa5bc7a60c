import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toArray, toBool, toNumber, toText } from './cast.ts';
import { encodeDocument } from './document-encode.ts';
import { DocumentView } from './document.ts';
import type { Value } from './value.ts';

const row = encodeDocument(1n, { _key: 'k', a: 1 });
const view = new DocumentView(row, 0, row.length, 'c');

test('to boolean', () => {
  for (const value of [null, false, 0, -0, '']) assert.equal(toBool(value), false);
  for (const value of [true, 1, -1, 0.1, ' ', '0', 'false', [], [0], [false], {}, { a: null }, view]) assert.equal(toBool(value), true);
});

test('to number', () => {
  const cases: readonly (readonly [Value, number])[] = [
    [null, 0],
    [false, 0],
    [true, 1],
    [1.5, 1.5],
    ['5', 5],
    ['-17', -17],
    ['+2.5', 2.5],
    ['  \t42\r\n', 42],
    ['.5', 0.5],
    ['1.', 1],
    ['1e3', 1000],
    ['1E-2', 0.01],
    ['', 0],
    [' ', 0],
    ['abc', 0],
    ['5abc', 0],
    ['1 2', 0],
    ['0x10', 0],
    ['Infinity', 0],
    ['1e999', 0],
    ['\u00a05', 0],
    [[], 0],
    [[8], 8],
    [['-3'], -3],
    [[[['7']]], 7],
    [[8, 9], 0],
    [{}, 0],
    [{ a: 1 }, 0],
  ];
  for (const [value, number] of cases) assert.equal(toNumber(value), number, JSON.stringify(value));
  assert.equal(toNumber(view), 0);
});

test('to string', () => {
  const cases: readonly (readonly [Value, string])[] = [
    [null, ''],
    [true, 'true'],
    [false, 'false'],
    [123, '123'],
    [-1.23, '-1.23'],
    [0, '0'],
    [-0, '0'],
    [0.0000002, '2e-7'],
    [0.000001, '0.000001'],
    [0.1, '0.1'],
    [1 / 3, '0.3333333333333333'],
    [3.0590000005759066e-4, '3.0590000005759066e-4'],
    [0.0012001991271972656, '0.0012001991271972656'],
    [1234.5678901234, '1234.5678901234'],
    [12345.678901234, '1.2345678901234e+4'],
    [9007199254740992, '9007199254740992'],
    [1e18, '1000000000000000000'],
    [1e20, '1e+20'],
    [-1e21, '-1e+21'],
    [1.2345678901234568e22, '12345678901234568000000'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    ['text', 'text'],
    [[1, 2, 3], '[1,2,3]'],
    [{ foo: 'bar', baz: null }, '{"foo":"bar","baz":null}'],
    [['é', [null]], '["é",[null]]'],
  ];
  for (const [value, text] of cases) assert.equal(toText(value), text);
  assert.equal(toText(view), '{"_key":"k","_id":"c/k","_rev":"_","a":1}');
});

test('to array', () => {
  const cases: readonly (readonly [Value, readonly Value[]])[] = [
    [null, []],
    [false, [false]],
    [5, [5]],
    ['foo', ['foo']],
    [
      [1, 'a'],
      [1, 'a'],
    ],
    [{ foo: 1, bar: [3] }, [1, [3]]],
  ];
  for (const [value, array] of cases) assert.deepEqual(toArray(value), array);
  assert.deepEqual(toArray(view), ['k', 'c/k', '_', 1]);
});
