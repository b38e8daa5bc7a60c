import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clock } from '#base';
import { lowestMarkIdAt, newMarkId } from './mark-id.ts';

test('ids of marks are all different, and none is below the time at which it was made', () => {
  const lowest = lowestMarkIdAt(clock.now());
  const ids = Array.from({ length: 2000 }, () => newMarkId());
  assert.equal(new Set(ids.map((id) => id.toString('hex'))).size, ids.length);
  assert(ids.every((id) => id.length === 16 && Buffer.compare(id, lowest) >= 0));
  const next = lowestMarkIdAt(clock.now() + 1);
  assert(ids.every((id) => Buffer.compare(id, next) < 0));
});

test('later ids are behind earlier ones', () => {
  const first = newMarkId();
  const startMs = clock.now();
  while (clock.now() === startMs);
  assert(Buffer.compare(first, newMarkId()) < 0);
});
