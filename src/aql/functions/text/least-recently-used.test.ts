import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LeastRecentlyUsed } from './least-recently-used.ts';

test('what was not asked for longest is forgotten first, and what fails is not kept', () => {
  const made: string[] = [];
  const cache = new LeastRecentlyUsed<string, string>(2);
  const get = (key: string): string =>
    cache.get(key, () => {
      made.push(key);
      if (key === 'bad') throw new Error('bad');
      return key.toUpperCase();
    });
  for (const key of ['a', 'b', 'a', 'a', 'c', 'a', 'b']) assert.equal(get(key), key.toUpperCase());
  assert.deepEqual(made, ['a', 'b', 'c', 'b']);
  assert.throws(() => get('bad'));
  assert.throws(() => get('bad'));
  assert.deepEqual(made.slice(4), ['bad', 'bad']);
});
