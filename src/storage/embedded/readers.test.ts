/** As many as read at a time, and what happens to one more. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isArangoError } from '#base';
import type { Transaction } from '../engine.ts';
import { openMemoryStorage } from './engine.ts';

const MORE_THAN_MAY = 4200;

test('one reader too many is told so, and the others go on', () => {
  const engine = openMemoryStorage();
  const readers: Transaction[] = [];
  assert.throws(
    () => {
      while (readers.length < MORE_THAN_MAY) readers.push(engine.begin({ mode: 'read' }));
    },
    (error) => isArangoError(error) && error.errorNum === 32,
  );
  assert.ok(readers.length > 4000, `${readers.length} readers`);
  for (const reader of readers) assert.equal(reader.countRows(1), 0);
  for (const reader of readers) reader.abort();
  engine.begin({ mode: 'read' }).abort();
  engine.close();
});

test('the table of readers has its place on the disk from the beginning', () => {
  const engine = openMemoryStorage();
  const share = engine.share();
  assert(share.kind === 'embedded');
  const { size, blocks } = statSync(join(share.location, 'lock.mdb'));
  assert.ok(512 * blocks >= size, `${512 * blocks} of ${size} bytes`);
  engine.close();
});

test('a store that is closed reads nothing', () => {
  const engine = openMemoryStorage();
  engine.close();
  assert.throws(() => engine.begin({ mode: 'read' }), /the store is closed/);
});
