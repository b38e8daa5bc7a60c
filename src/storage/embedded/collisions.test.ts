/** Keys of different kinds that have the same hash are not taken for each other, or something would be read that is behind the end of the file. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStorage } from './engine.ts';
import { hashOf } from './known-places.ts';
import { hashOfPoint } from './pages.ts';
import { placeOfNumber } from './places.ts';

const TABLE = 1;
const INDEX = 2;
const OTHER_TABLE = 3;
const TRIED = 300_000;
const ENTRIES_OF_EACH = 40;

/** A row and a key of an index whose places are noted under the same hash; the table gets the first place in the tree, the index the second one. */
function collisions(): { readonly id: number; readonly key: Buffer }[] {
  const ids = new Map<number, number>();
  const row = Buffer.alloc(12);
  row.writeUInt32BE(placeOfNumber(1), 0);
  for (let id = 1; id <= TRIED; id++) {
    row.writeUInt32BE(id, 8);
    ids.set(hashOf(row, row.length), id);
  }
  const found = [];
  for (let i = 0; i < TRIED; i++) {
    const key = Buffer.alloc(5);
    key.writeUInt32BE(i, 1);
    const id = ids.get(hashOfPoint(placeOfNumber(2), key));
    if (id !== undefined) found.push({ id, key });
  }
  return found;
}

test('a row and a point with the same hash', () => {
  const pairs = collisions();
  assert.ok(pairs.length > 5, `${pairs.length} pairs`);
  const engine = openMemoryStorage({ applyBytes: 0, journalBytes: 4096, syncIntervalMs: 1 });
  try {
    const bytes = Buffer.from('a document');
    const write = engine.begin({ mode: 'direct' });
    for (const { id, key } of pairs) {
      const add = [{ index: INDEX, key, isUnique: false }];
      write.mutate([{ do: 'insert', table: TABLE, id, bytes, add }]);
      for (let i = 1; i < ENTRIES_OF_EACH; i++) write.mutate([{ do: 'insert', table: TABLE, id: id + i * TRIED, bytes, add }]);
    }
    write.commit();
    // Before this one the last goes into the data file.
    const next = engine.begin({ mode: 'direct' });
    next.mutate([{ do: 'insert', table: OTHER_TABLE, id: 1, bytes, add: [] }]);
    next.commit();
    const ids = pairs.map(({ id }) => id);
    const probes = pairs.map(({ key }) => ({ from: key, to: key, toInclusive: true }));
    const read = engine.begin({ mode: 'read' });
    for (let round = 0; round < 3; round++) {
      assert.equal(read.rows(TABLE, ids).count, pairs.length);
      const entries = read.probe(INDEX, probes);
      assert.equal(entries.count, pairs.length * ENTRIES_OF_EACH);
    }
    read.abort();
  } finally {
    engine.close();
  }
});

/** Pairs of keys that have the same hash. */
function twins(): Buffer[][] {
  const known = new Map<number, Buffer>();
  const found: Buffer[][] = [];
  for (let i = 0; i < TRIED; i++) {
    const key = Buffer.from(`${Math.imul(i, 0x9e3779b1) >>> 0}-${i}\0`);
    const hash = hashOf(key, key.length);
    const other = known.get(hash);
    if (other === undefined) known.set(hash, key);
    else found.push([other, key]);
  }
  return found;
}

test('two rows whose keys have the same hash', () => {
  const keys = twins().flat();
  assert.ok(keys.length > 4, `${keys.length} keys`);
  const engine = openMemoryStorage({ applyBytes: 0, journalBytes: 4096, syncIntervalMs: 1 });
  const keyInRow = { at: 8, end: 0x22 };
  const bytesOf = (key: Buffer): Buffer => Buffer.concat([Buffer.alloc(8), key.subarray(0, -1), Buffer.from('"')]);
  try {
    const write = engine.begin({ mode: 'direct' });
    for (const [id, key] of keys.entries()) {
      const add = [{ index: INDEX, key, isUnique: true }];
      write.mutate([{ do: 'insert', table: TABLE, id, bytes: bytesOf(key), add }]);
    }
    write.commit();
    const next = engine.begin({ mode: 'direct' });
    next.mutate([{ do: 'insert', table: OTHER_TABLE, id: 1, bytes: Buffer.from('a document'), add: [] }]);
    next.commit();
    const read = engine.begin({ mode: 'read' });
    for (let round = 0; round < 3; round++) {
      for (const asked of [keys, keys.toReversed(), ...keys.map((key) => [key])]) {
        const { count, buffer, starts, ends } = read.lookup(INDEX, TABLE, asked, { keyInRow });
        const found = Array.from({ length: count }, (_, i) => Buffer.from(buffer.subarray(starts[i], ends[i])));
        assert.deepEqual(found, asked.map(bytesOf));
      }
    }
    read.abort();
  } finally {
    engine.close();
  }
});
