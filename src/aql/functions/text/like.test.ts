import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { like, likeIgnoringCase } from './like.ts';

/** The same by a regular expression, which is simple and may be slow. */
function likeByRegex(text: string, pattern: string): boolean {
  const source = pattern.replace(/\\([\\%_])|([%_])|([^])/gu, (_, escaped?: string, wild?: string, other?: string) => {
    if (wild !== undefined) return wild === '%' ? '.*' : '.';
    return (escaped ?? other ?? '').replace(/[\\^$.*+?()[\]{}|/]/, String.raw`\$&`);
  });
  return new RegExp(`^${source}$`, 'su').test(text);
}

test('a pattern matches as its regular expression does', () => {
  const letters = fc.array(fc.constantFrom('a', 'b', '🦊', '\n', '%', '_', '\\'), { maxLength: 8 }).map((all) => all.join(''));
  fc.assert(
    fc.property(letters, letters, (text, pattern) => {
      assert.equal(like(text, pattern), likeByRegex(text, pattern));
    }),
  );
});

test('letters of either case are alike when case is ignored', () => {
  assert(likeIgnoringCase('MÖterTräNen', 'möt_rträ%'));
});

test('a pattern of many runs is answered at once', () => {
  assert.equal(like('a'.repeat(10_000), `${'%a'.repeat(50)}%b`), false);
});
