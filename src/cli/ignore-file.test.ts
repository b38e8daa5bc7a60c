import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMatcher } from './ignore-file.ts';

test('patterns are those of foxx-cli', () => {
  const cases: readonly (readonly [readonly string[], string, boolean])[] = [
    [['.git/'], '.git/config', true],
    [['.git/'], 'lib/.git/x/y', true],
    [['.git/'], '.gitignore', false],
    [['*.swp'], 'a/b/.index.swp', true],
    [['/package.json'], 'package.json', true],
    [['/package.json'], 'node_modules/joi/package.json', false],
    [['.*'], '.env', true],
    [['hello/**/world'], 'hello/world', true],
    [['hello/**/world'], 'x/hello/foo/bar/world', true],
    [['*.js', '!index.js'], 'lib/index.js', false],
    [['*.js', '!index.js'], 'lib/other.js', true],
    [['# index.js', ''], 'index.js', false],
  ];
  for (const [lines, path, isIgnored] of cases) assert.equal(createMatcher(lines)(path), isIgnored, `${lines.join(' ')} ${path}`);
});
