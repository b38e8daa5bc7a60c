import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileRegex } from './icu-regex.ts';

/** The match and its groups, null for no match, 'invalid' for a pattern that is none. */
function match(pattern: string, text: string, ignoreCase = false): readonly string[] | null | 'invalid' {
  const regex = compileRegex(pattern, { ignoreCase });
  if (regex === undefined) return 'invalid';
  const found = regex.pattern.exec(text);
  return found === null ? null : regex.groups.map((group) => found[group] ?? '');
}

const CASES: readonly (readonly [pattern: string, text: string, expected: readonly string[] | null | 'invalid'])[] = [
  // Classes are Unicode's.
  [String.raw`\d+`, 'a٣4', ['٣4']],
  [String.raw`\w+`, '-über_', ['über_']],
  [String.raw`\bü`, 'x ü', ['ü']],
  [String.raw`\bb`, 'üb', null],
  [String.raw`a\sb`, 'a\u00a0b', ['a\u00a0b']],
  ['[[:alpha:]]+', '1éa2', ['éa']],
  ['[[:^alpha:]]+', 'é12a', ['12']],
  [String.raw`\p{Lu}\p{Greek}\pN`, 'Aλ1', ['Aλ1']],
  [String.raw`[\p{Latin}--[aeiou]]+`, 'aeixyz', ['xyz']],
  ['[a-z&&[^aeiou]]+', 'aeixyz', ['xyz']],
  ['[[a-z]-[x]]+', 'xab', ['ab']],
  ['[]a]+', 'b]a', [']a']],
  ['[a-]+', 'b-a', ['-a']],
  ['[a.b]+', 'x.a', ['.a']],
  // Lines.
  ['fox$', 'fox\n', ['fox']],
  ['fox$', 'fox\n\n', null],
  [String.raw`fox\z`, 'fox\n', null],
  ['a.b', 'a\u0085b', null],
  ['(?s)a.b', 'a\nb', ['a\nb']],
  ['(?m)^b$', 'a\nb\nc', ['b']],
  ['^b$', 'a\nb\nc', null],
  [String.raw`a\Rb`, 'a\r\nb', ['a\r\nb']],
  // Flags.
  ['(?i)fox', 'FOX', ['FOX']],
  ['a(?i)b', 'aB', ['aB']],
  ['a(?i)b', 'AB', null],
  ['(?i:a)b', 'Ab', ['Ab']],
  ['(?i:a)b', 'AB', null],
  ['(?i:[b-d])x', 'Cx', ['Cx']],
  ['(?x) a b # all\n c', 'abc', ['abc']],
  ['(?-i)a', 'A', null],
  // Atomic groups and possessive quantifiers do not go back, and do not count as groups.
  ['(?>a+)ab', 'aaab', null],
  ['(?>a+)(b)', 'aaab', ['aaab', 'b']],
  ['a++b', 'aab', ['aab']],
  ['a*+a', 'aaa', null],
  [String.raw`(x)(a|b)++(c)\3`, 'xabcc', ['xabcc', 'x', 'b', 'c']],
  [String.raw`((a)\2)++b`, 'aab', ['aab', 'aa', 'a']],
  // Groups and references.
  [String.raw`(?<first>a)(b)\k<first>`, 'aba', ['aba', 'a', 'b']],
  [String.raw`(a)\10`, 'aa0', ['aa0', 'a']],
  ['(a)|(b)', 'b', ['b', '', 'b']],
  ['(?<=a)b', 'ab', ['b']],
  ['(?<!a)b', 'ab', null],
  ['a(?#not this)b', 'ab', ['ab']],
  // Escapes.
  [String.raw`\Qa.b\E+`, 'a.bb', ['a.bb']],
  [String.raw`\x41\x{1f98a}\u0042\0101`, 'A🦊BA', ['A🦊BA']],
  ['^.$', '🦊', ['🦊']],
  [String.raw`\-\/\.`, '-/.', ['-/.']],
  // What ICU refuses.
  ['(', '', 'invalid'],
  ['a)', '', 'invalid'],
  ['[a', '', 'invalid'],
  ['*a', '', 'invalid'],
  ['a{', '', 'invalid'],
  ['a{2,1}', '', 'invalid'],
  [String.raw`\y`, '', 'invalid'],
  [String.raw`\2(a)`, '', 'invalid'],
  [String.raw`\p{Nonsense}`, '', 'invalid'],
  ['[z-a]', '', 'invalid'],
];

test("ICU's patterns match what ICU matches", () => {
  for (const [pattern, text, expected] of CASES) assert.deepEqual(match(pattern, text), expected, `${pattern} on ${JSON.stringify(text)}`);
});

test('ignoring case from outside reaches sets and literals', () => {
  assert.deepEqual(match('[a-f]+Ö', 'ABö', true), ['ABö']);
  assert.deepEqual(match('a(?-i)b', 'AB', true), null);
  assert.deepEqual(match('a(?-i)b', 'Ab', true), ['Ab']);
});
