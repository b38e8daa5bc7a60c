import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quotedName, tokenize } from './tokens.ts';

const kinds = (text: string): readonly string[] =>
  tokenize(text)
    .filter(({ kind }) => kind !== 'space')
    .map(({ kind, text: own }) => `${kind} ${own}`);

const CASES: readonly (readonly [query: string, ...tokens: readonly string[]])[] = [
  ['FOR d IN users', 'keyword FOR', 'name d', 'operator word IN', 'name users'],
  ['return For', 'keyword return', 'name For'],
  ['LENGTH (x)', 'function LENGTH', 'bracket (', 'name x', 'bracket )'],
  ['my::fn(1)', 'function my', 'operator ::', 'function fn', 'bracket (', 'number 1', 'bracket )'],
  ['1..10', 'number 1', 'operator ..', 'number 10'],
  ['1.5e3 .5 0x1F 0b01', 'number 1.5e3', 'number .5', 'number 0x1F', 'number 0b01'],
  ["'it\\'s' \"a\"", "string 'it\\'s'", 'string "a"'],
  ['`a b` ´c´', 'name `a b`', 'name ´c´'],
  ['@x @@coll @', 'parameter @x', 'parameter @@coll', 'parameter @'],
  ['// a\n1 /* b */ 2', 'comment // a', 'number 1', 'comment /* b */', 'number 2'],
  ['a != b && !c', 'name a', 'operator !=', 'name b', 'operator &&', 'operator !', 'name c'],
  ['to TO KEEP', 'name to', 'keyword TO', 'keyword KEEP'],
  ['🦊', 'unknown 🦊'],
];

for (const [query, ...tokens] of CASES) test(`tokens of ${JSON.stringify(query)}`, () => assert.deepEqual(kinds(query), tokens));

test('tokens are the whole text, whatever it is', () => {
  for (const text of ['FOR d IN @@c FILTER d.a =~ "x" RETURN { a: [1, 2..3] }', '"open', '/* open', '`', '\\ $ # ~ 🦊 "a\\', "'"]) {
    assert.equal(
      tokenize(text)
        .map((token) => token.text)
        .join(''),
      text,
    );
  }
});

test('what the end of the text cuts off is open', () => {
  const isOpen = (text: string): boolean => tokenize(text).at(-1)?.isOpen === true;
  for (const text of ['"a', '"a\\"', "'", '/* a', '/*', '/*/', '`a']) assert.equal(isOpen(text), true, text);
  for (const text of ['"a"', '"a\\\\"', '/* a */', '/**/', '`a`', '// a', 'a']) assert.equal(isOpen(text), false, text);
});

test('a name is quoted when it would be something else', () => {
  assert.deepEqual(['name', '_key', 'For', 'for', 'a b', 'a`b', '1a'].map(quotedName), [
    'name',
    '_key',
    'For',
    '`for`',
    '`a b`',
    '`a\\`b`',
    '`1a`',
  ]);
});
