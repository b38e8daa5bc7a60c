import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonMistake } from './json-mistake.ts';

const MISTAKES: readonly (readonly [text: string, at: number, message: RegExp])[] = [
  ['', 0, /ends/],
  ['{"a": }', 6, /value/],
  ['{a: 1}', 1, /name .*double quotes/],
  ['{"a" 1}', 5, /colon/],
  ['{"a": 1 "b": 2}', 8, /comma or }/],
  ['{"a": 1,}', 7, /comma may not/],
  ['[1, 2,]', 5, /comma may not/],
  ['[1 2]', 3, /comma or ]/],
  ['{"a": \'x\'}', 6, /double quotes/],
  ['{"a": 01}', 6, /value/],
  ['{"a": truth}', 6, /value/],
  ['"open', 0, /no end/],
  ['{"a": "x\n"}', 6, /line/],
  ['"\\x"', 0, /\\/],
  ['{} {}', 3, /follow/],
  ['{"a": [1, {"b": ', 16, /ends/],
];

for (const [text, at, message] of MISTAKES) {
  test(`the mistake in ${JSON.stringify(text)}`, () => {
    assert.equal(jsonMistake(text)?.at, at);
    assert.match(jsonMistake(text)?.message ?? '', message);
  });
}

test('it agrees with JSON.parse on what is JSON', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 2 }), (text, place, change) => {
      const at = place % (text.length + 1);
      for (const tried of [text, text.slice(0, at) + change + text.slice(at + 1)]) {
        let isJson = true;
        try {
          JSON.parse(tried);
        } catch {
          isJson = false;
        }
        assert.equal(jsonMistake(tried) === undefined, isJson, tried);
      }
    }),
  );
});
