/** The text of an entry is that of `JSON.stringify`, whichever way it is written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Value } from '#values';
import { isWithoutLong, ownBytes } from './held-values.ts';

const STRUCTURES: readonly Value[] = [null, true, false, [], {}, { b: 1, a: [null, 'x'] }];
const NUMBERS = [0, -0, 9, 10, 99, 100, 999, 1000, 9999, 10_000, 65_535, 65_536, -1, 0.5, 1e21, 2 ** 31, 2 ** 32 + 34];
const PLAIN_TEXTS = ['', 'Oslo', ' ~', 'x'.repeat(64), 'x'.repeat(65)];
const OTHER_TEXTS = ['a"b', 'a\\b', 'tab\t', '\u007f', 'Ærø', '💾', '\ud800', 'ä'.repeat(64)];
const VALUES: readonly Value[] = [...STRUCTURES, ...NUMBERS, ...PLAIN_TEXTS, ...OTHER_TEXTS];

/** With their quotes these have 256 and 257 characters. */
const LONGEST = 'y'.repeat(254);
const TOO_LONG = 'y'.repeat(255);

function textOf(own: readonly Value[], key?: Value): string {
  return Buffer.from(ownBytes(own, key)).toString();
}

test('values stand as JSON.stringify writes them', () => {
  for (const value of VALUES) {
    assert.equal(textOf([value], 'k"1'), JSON.stringify([value, 'k"1']));
    assert.equal(textOf([value]), JSON.stringify([value]));
    assert.equal(textOf([value, LONGEST, value], 'k'), JSON.stringify([value, LONGEST, value, 'k']));
  }
  assert.equal(textOf(VALUES, 'k'), JSON.stringify([...VALUES, 'k']));
  const many = Array.from({ length: 100 }, () => LONGEST);
  assert.equal(textOf(many), JSON.stringify(many));
});

test('what is long is left out, and the first byte says so', () => {
  const quotes = '"'.repeat(64);
  for (const long of [TOO_LONG, 'ä'.repeat(255), quotes.repeat(2), [LONGEST]]) {
    assert.equal(textOf([1, long, 'Oslo'], 'k'), '(1,null,"Oslo","k"]');
    assert.equal(textOf([long]), '(null]');
    assert(isWithoutLong(ownBytes([long], undefined), 0));
  }
  assert.equal(textOf([quotes]), JSON.stringify([quotes]));
  assert(!isWithoutLong(ownBytes([LONGEST], undefined), 0));
});
