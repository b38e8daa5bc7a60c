import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonProblem } from './json-problem.ts';

test('a mistake has its line and column', () => {
  for (const [text, line, column] of [
    ['{\n  "a": 1,\n  b: 2\n}', 3, 3],
    ['{"a": }', 1, 7],
    ['{\n  "a": 1\n', 3, 1],
    ['', 1, 1],
    ['[1]', 1, 1],
    ['5', 1, 1],
  ] as const) {
    const problem = jsonProblem(text);
    assert.deepEqual([problem?.line, problem?.column], [line, column], text);
  }
});

test('a document has none', () => assert.equal(jsonProblem(' { "a": [1, null] }\n'), undefined));
