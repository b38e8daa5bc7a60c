/** That keys are found where they were, and nowhere else once another commit has come. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashOf, KnownPlaces } from './known-places.ts';

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
