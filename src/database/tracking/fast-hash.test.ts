import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryHashOf } from './fast-hash.ts';

/** ArangoDB shows them as numbers, so the last digits are lost. */
const RECORDED: readonly (readonly [text: string, hash: number])[] = [
  ['RETURN 42', 9621679463990086000],
  ['FOR doc IN @@coll FILTER doc.attr == @val RETURN doc', 5130438352381113000],
];

test('queries have the hashes that ArangoDB gives them', () => {
  for (const [text, hash] of RECORDED) assert.equal(Number(queryHashOf(text)), hash);
});
