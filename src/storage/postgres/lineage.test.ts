/** The lineage guard's file: what it remembers of a database from its first moment on, and when it is refused. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Lineage, readLineage } from './lineage.ts';

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'foxden-lineage-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('a database is remembered from its first moment on, when its epoch has not grown yet', (t) => {
  const folder = folderFor(t);
  const lineage = new Lineage(folder);
  lineage.check(7n, 0n, lineage.highest);
  lineage.save();
  assert.deepEqual(readLineage(folder), { identity: '7', epoch: '0' });
});

test('another database is remembered in place of the first, also at the same epoch', (t) => {
  const folder = folderFor(t);
  const first = new Lineage(folder);
  first.check(7n, 5n, first.highest);
  first.save();
  const again = new Lineage(folder);
  again.check(8n, 5n, again.highest);
  again.save();
  assert.deepEqual(readLineage(folder), { identity: '8', epoch: '5' });
});

test('a lower epoch of the same database is refused after a restart', (t) => {
  const folder = folderFor(t);
  const lineage = new Lineage(folder);
  lineage.check(7n, 5n, lineage.highest);
  lineage.save();
  const again = new Lineage(folder);
  assert.throws(() => again.check(7n, 4n, again.highest), /gone back in time: its epoch is 4, and 5 was seen before/);
  again.check(7n, 5n, again.highest);
});

test('nothing is written when nothing is new', (t) => {
  const folder = folderFor(t);
  const lineage = new Lineage(folder);
  lineage.check(7n, 5n, lineage.highest);
  lineage.save();
  const before = statSync(join(folder, 'storage-lineage.json')).ino;
  const again = new Lineage(folder);
  again.check(7n, 5n, again.highest);
  again.save();
  assert.equal(statSync(join(folder, 'storage-lineage.json')).ino, before);
});
