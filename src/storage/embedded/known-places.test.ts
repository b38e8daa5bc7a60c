/** That keys are found where they were, and nowhere else once another commit has come. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hashOf, KnownPlaces } from './known-places.ts';
import { Lmdb, TABLE, WriteList } from './lmdb.ts';
import { hashOfPoint } from './pages.ts';

test('places are known for their commit, and forgotten one by one when there are too many', () => {
  const known = new KnownPlaces();
  const keys = Array.from({ length: 5000 }, (_, i) => Buffer.from(`key ${i}`));
  const hashes = keys.map((key) => hashOf(key, key.length));
  for (const [i, hash] of hashes.entries()) known.note(7, hash, i, i + 1);
  let found = 0;
  for (const [i, hash] of hashes.entries()) {
    if (!known.find(7, hash)) continue;
    found++;
    assert.ok(hashes[known.page] === hash && known.place === known.page + 1, `key ${i}`);
  }
  assert.ok(found > 4500, `${found} of 5000 are known`);
  assert.ok(hashes.every((hash) => !known.find(8, hash)));
  known.note(8, hashes[0]!, 1, 2);
  known.note(7, hashes[0]!, 3, 4);
  assert.ok(known.find(8, hashes[0]!));
  assert.deepEqual([known.page, known.place], [1, 2]);
  assert.ok(!known.find(7, hashes[0]!));
});

test('a commit is not taken for one whose number has the same 32 bits', () => {
  const known = new KnownPlaces();
  const commit = 12_345;
  known.note(commit, 1, 2, 3);
  const later = commit + 2 ** 32;
  assert.ok(!known.find(later, 1));
  known.note(later, 4, 5, 6);
  assert.ok(known.find(later, 4));
  assert.ok(!known.find(later, 1));
  assert.ok(!known.find(commit, 4));
});

test('the hash is of the bytes that count', () => {
  assert.equal(hashOf(Buffer.from('abcdefg'), 5), hashOf(Buffer.from('abcdexx'), 5));
  const hashes = new Set<number>();
  for (let i = 0; i < 10_000; i++) {
    const key = Buffer.from(`vertices/v${i}`);
    hashes.add(hashOf(key, key.length));
  }
  const rows = Buffer.alloc(12);
  for (let i = 0; i < 10_000; i++) {
    rows.writeUInt32BE(i, 8);
    hashes.add(hashOf(rows, 12));
  }
  assert.ok(hashes.size > 19_900, `${hashes.size} hashes of 20000 keys`);
});

const ROWS = 1;
const ENTRIES = 2;

function rowKey(id: number): Buffer {
  const key = Buffer.alloc(12);
  key.writeUInt32BE(ROWS);
  key.writeUInt32BE(id, 8);
  return key;
}

function entryKey(number: number): Buffer {
  const key = Buffer.alloc(4);
  key.writeUInt32BE(number);
  return key;
}

/** A row's id and an entry's number that are noted under the same hash. */
function findCollision(): { readonly id: number; readonly number: number } {
  const ids = new Map<number, number>();
  for (let id = 1; id <= 2 ** 17; id++) ids.set(hashOf(rowKey(id), 12), id);
  for (let number = 0; number < 2 ** 20; number++) {
    const id = ids.get(hashOfPoint(ENTRIES, entryKey(number)));
    if (id !== undefined) return { id, number };
  }
  throw new Error('no two keys have the same hash');
}

test('a row and an entry with the same hash are both found, whichever was looked for first', () => {
  const { id, number } = findCollision();
  const folder = mkdtempSync(join(tmpdir(), 'foxden-places-'));
  const lmdb = new Lmdb(folder, { createsTables: true });
  const empty = lmdb.snapshot();
  const writes = new WriteList(empty);
  for (let other = 0; other < 200; other++) writes.putNumbered(TABLE.data, ROWS, id + other, Buffer.from(`row ${id + other}`));
  const storedKey = Buffer.concat([entryKey(number), Buffer.alloc(8, 0)]).toString('latin1');
  writes.put(TABLE.data, ENTRIES, storedKey, Buffer.alloc(0));
  lmdb.commit(writes);

  const snapshot = lmdb.snapshot();
  const cursor = snapshot.openCursor(TABLE.data);
  const findRow = (): void => {
    assert.ok(snapshot.find(TABLE.data, rowKey(id), 12));
    const { bytes, start, end } = lmdb.pages;
    assert.equal(bytes.toString('latin1', start, end), `row ${id}`);
  };
  const findEntry = (): void => {
    assert.ok(cursor.seekPoint(ENTRIES, entryKey(number), 0, entryKey(number).length, { reverse: false }));
    assert.equal(cursor.bytes.toString('latin1', cursor.keyStart + 4, cursor.keyEnd), storedKey);
  };
  for (const find of [findRow, findEntry, findEntry, findRow, findRow]) find();

  cursor.close();
  snapshot.close();
  empty.close();
  lmdb.close();
  rmSync(folder, { recursive: true });
});
