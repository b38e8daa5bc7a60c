import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseJson } from './json.ts';

const MISTAKES: readonly (readonly [text: string, reason: string])[] = [
  ['', 'Expecting item'],
  ['{', "Expecting item or '}'"],
  ['{ a: 1 }', "Expecting '\"' or '}'"],
  ['{"a":1,}', "Expecting '\"' or '}'"],
  ['{"a" 1}', "Expecting ':'"],
  ['{"a":1 "b":2}', "Expecting ',' or '}'"],
  ['[', "Expecting item or ']'"],
  ['[1 2]', "Expecting ',' or ']'"],
  ['[1,]', 'Expecting digit'],
  ['moo', 'Expecting digit'],
  ['{"a":nope}', "Expecting 'null'"],
  ['[tru]', "Expecting 'true'"],
  ['[1,2] 3', 'Expecting EOF'],
  ['01', 'Expecting EOF'],
  ['-', 'Incomplete number'],
  ['1.', 'Incomplete number'],
  ['1e+', 'Incomplete number'],
  ['"abc', 'Unfinished string'],
  ['"a\nb"', 'Unexpected control character'],
  ['"\\x"', 'Invalid escape sequence'],
  ['"\\u12g4"', 'Illegal \\uXXXX escape sequence character'],
  ['"\\u12', 'Unfinished \\uXXXX escape sequence'],
  ['{"a":1,"a":2}', 'Duplicate attribute name'],
  ['[{"o":{"x":1, "\\u0078" :2}}]', 'Duplicate attribute name'],
  ['{"__proto__":1,"__proto__":2}', 'Duplicate attribute name'],
];

test('mistakes in JSON are named as VelocyPack names them', () => {
  for (const [text, reason] of MISTAKES) {
    assert.throws(() => parseJson(text), { errorNum: 600, message: `VPackError error: ${reason}` }, text);
  }
});

test('what is JSON without repeated names is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom(undefined, 2), (text, indent) => {
      const value: unknown = JSON.parse(text);
      assert.deepEqual(parseJson(JSON.stringify(value, null, indent)), value);
    }),
  );
  for (const value of [{ 'a\\': ':"', '"': { ':': '\\"' } }, ['"a":', { a: ['a:', 'a'] }], '":"'])
    assert.deepEqual(parseJson(JSON.stringify(value)), value);
});

test('whatever JSON.parse refuses is refused with a reason', () => {
  const characters = fc.string({ unit: fc.constantFrom(...Array.from('{}[]":,\\ue1-.0tfn \n')), maxLength: 12 });
  fc.assert(
    fc.property(characters, (text) => {
      try {
        JSON.parse(text);
      } catch {
        assert.throws(
          () => parseJson(text),
          (error: Error) => !error.message.endsWith('Parse error'),
        );
      }
    }),
    { numRuns: 2000 },
  );
});
