import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tokenize } from './lexer.ts';

/** Kind and value of each token but the last; the value only where the kind does not say it. */
function tokensOf(text: string): string[] {
  return tokenize(text)
    .tokens.slice(0, -1)
    .map(({ kind, value }) => (/^[a-z]/.test(kind) ? `${kind} ${String(value)}` : kind));
}

const CASES: readonly (readonly [text: string, ...tokens: string[]])[] = [
  [''],
  ['FOR for For', 'FOR', 'FOR', 'FOR'],
  ['format FORM K_PATHS k_shortest_paths', 'name format', 'name FORM', 'K_PATHS', 'K_SHORTEST_PATHS'],
  [
    'keep COUNT options prune search to at least',
    ...'keep COUNT options prune search to at least'.split(' ').map((word) => `name ${word}`),
  ],
  ['a1 _a __a_1 $a $a_b', 'name a1', 'name _a', 'name __a_1', 'name $a', 'name $a_b'],
  ['`a b` `a\\`b` `a\\nb` ´x´', 'name a b', 'name a`b', 'name a\nb', 'name x'],
  ['"a" \'b\'', 'string a', 'string b'],
  ['"\\"\\\'\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\q\\u12"', 'string "\'\\/\b\f\n\r\täqu12'],
  ['"two\nlines"', 'string two\nlines'],
  ['"\\ud83e\\udd8a🦊"', 'string 🦊🦊'],
  [
    '0 1 10 1.5 .5 0.25 1e3 1E+3 1.5e-3',
    'integer 0',
    'integer 1',
    'integer 10',
    'number 1.5',
    'number 0.5',
    'number 0.25',
    'number 1000',
    'number 1000',
    'number 0.0015',
  ],
  ['007', 'integer 0', 'integer 0', 'integer 7'],
  ['1.', 'integer 1', '.'],
  ['1..2', 'integer 1', '..', 'integer 2'],
  ['1...5', 'integer 1', '..', 'number 0.5'],
  ['1.5..2.5', 'number 1.5', '..', 'number 2.5'],
  ['1e 1e+', 'integer 1', 'name e', 'integer 1', 'name e', '+'],
  ['0xFf 0b101 0XA 0B1 0x 0b2', 'integer 255', 'integer 5', 'integer 10', 'integer 1', 'integer 0', 'name x', 'integer 0', 'name b2'],
  ['12345678901234567890', 'integer 12345678901234567000'],
  ['@a @@b @1 @_a @__1', 'parameter a', 'collection parameter b', 'parameter 1', 'parameter _a', 'parameter __1'],
  ['@ @_', 'invalid null', 'invalid null', 'invalid null'],
  ['== != <= >= < > =~ !~ ! NOT && AND || OR', '==', '!=', '<=', '>=', '<', '>', '=~', '!~', 'NOT', 'NOT', 'AND', 'AND', 'OR', 'OR'],
  ['= + - * / % ? : :: .. . , ( ) { } [ ]', ...'= + - * / % ? : :: .. . , ( ) { } [ ]'.split(' ')],
  ['a// x\nb /* y */ c /* d', 'name a', 'name b', 'name c', 'invalid unexpected unterminated multi-line comment'],
  ['/* a /* b */ c', 'name c'],
  ['a/b', 'name a', '/', 'name b'],
  ['; & | ~ # ä', ...Array.from({ length: 6 }, () => 'invalid null')],
  ['"abc', 'invalid unexpected unterminated string literal'],
  ['"abc\\"', 'invalid unexpected unterminated string literal'],
  ['`abc', 'invalid unexpected unterminated identifier'],
  ['NOT IN not\n\tin NOT /**/ IN NOT INx NOTIN ! IN', 'NOT IN', 'NOT IN', 'NOT', 'IN', 'NOT', 'name INx', 'name NOTIN', 'NOT', 'IN'],
  ['_ _1', 'invalid null', 'invalid null', 'integer 1'],
];

for (const [text, ...tokens] of CASES) {
  test(`tokens of ${JSON.stringify(text)}`, () => assert.deepEqual(tokensOf(text), tokens));
}

test('tokens know where they begin and end', () => {
  const { tokens } = tokenize('RETURN  "ab" /* c */\n.5');
  assert.deepEqual(
    tokens.map(({ at, end }) => [at, end]),
    [
      [0, 6],
      [8, 12],
      [21, 23],
      [21, 23],
    ],
  );
});

function endOf(text: string): number | undefined {
  return tokenize(text).tokens.at(-1)?.at;
}

test('the end of a query is where the last thing before it begins', () => {
  assert.equal(endOf('RETURN 1'), 7);
  assert.equal(endOf('RETURN 1  '), 8);
  assert.equal(endOf('RETURN 1\n  '), 9);
  assert.equal(endOf('RETURN 1\n'), 9);
});

test('bind parameters are listed once, in the order of the text', () => {
  assert.deepEqual([...tokenize('@b @@c @a @b @@a').parameters], ['b', '@c', 'a', '@a']);
});

for (const text of ['1e999', '0x1ffffffff', '0b111111111111111111111111111111111']) {
  test(`${text} is out of range: null and a warning`, () => {
    const { tokens, warnings } = tokenize(text);
    assert.equal(tokens[0]?.value, null);
    assert.deepEqual(warnings, [{ code: 1504, message: 'number out of range' }]);
  });
}
