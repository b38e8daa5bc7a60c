/** Rows that are looked for together are those that are found one by one, whatever lies between them in the tree. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RowId, StorageEngine, TableId } from '../engine.ts';
import { openMemoryStorage } from './engine.ts';
import { hashOf, hashOfRow } from './known-places.ts';

const TABLES = [1, 2, 3] as const;
const INDEX = 4;
/** Rows in a leaf by the dozen, few, and with pages of their own. */
const SIZES = [0, 9, 120, 1300, 9000];

type Model = Map<TableId, Map<RowId, Buffer>>;

function randomOf(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function write(engine: StorageEngine, model: Model, random: (limit: number) => number, nextId: () => RowId, count: number): void {
  const transaction = engine.begin({ mode: 'direct' });
  for (let i = 0; i < count; i++) {
    const table = TABLES[random(TABLES.length)]!;
    const rows = model.get(table)!;
    const id = nextId();
    const bytes = Buffer.alloc(SIZES[random(SIZES.length)]!, `${table}/${id} `);
    rows.set(id, bytes);
    const key = Buffer.from(`${random(1000)}/${id}\0`);
    transaction.mutate([{ do: 'insert', table, id, bytes, add: [{ index: INDEX, key, isUnique: false }] }]);
    if (random(4) > 0) continue;
    const [gone] = rows.keys();
    rows.delete(gone!);
    transaction.mutate([{ do: 'remove', table, id: gone!, drop: [] }]);
  }
  transaction.commit();
}

function check(engine: StorageEngine, model: Model, random: (limit: number) => number, lastId: RowId): void {
  const read = engine.begin({ mode: 'read' });
  for (const [table, rows] of model) {
    const known = [...rows.keys()];
    if (known.length === 0) continue;
    const asked = Array.from({ length: 1 + random(700) }, () => (random(5) === 0 ? random(lastId + 10) : known[random(known.length)]!));
    // The second time their places are known.
    for (const isScattered of [false, true, false]) {
      const found = read.rows(table, asked, { isScattered });
      assert.deepEqual(Array.from(found.ids), asked);
      for (const [i, id] of asked.entries()) {
        const buffer = found.buffers?.[i] ?? found.buffer;
        const row = buffer.subarray(found.starts[i], found.ends[i]);
        assert.ok(Buffer.compare(row, rows.get(id) ?? Buffer.alloc(0)) === 0, `row ${id} of table ${table}`);
      }
    }
  }
  read.abort();
}

for (const [name, gap] of [
  ['given out one after the other', 1],
  ['far apart', 5000],
  ['beyond 32 bits', 2 ** 30],
] as const) {
  test(`rows with numbers ${name}`, () => {
    const random = randomOf(1 + gap);
    // All goes into the data file with the next commit, and pages are used again.
    const engine = openMemoryStorage({ applyBytes: 0, journalBytes: 4096, syncIntervalMs: 1 });
    const model: Model = new Map(TABLES.map((table) => [table, new Map()]));
    let last = 0;
    const nextId = (): RowId => (last += 1 + random(gap));
    try {
      for (const count of [1, 3, 20, 200, 900]) {
        write(engine, model, random, nextId, count);
        check(engine, model, random, last);
      }
    } finally {
      engine.close();
    }
  });
}

test('own writes are seen over what the file has', () => {
  const engine = openMemoryStorage({ applyBytes: 0, journalBytes: 4096, syncIntervalMs: 1 });
  try {
    const ids = Array.from({ length: 300 }, (_, i) => i + 1);
    const bytesOf = (id: RowId, version: number): Buffer => Buffer.from(`row ${id}, version ${version}`);
    const insert = engine.begin({ mode: 'direct' });
    insert.mutate(ids.map((id) => ({ do: 'insert', table: 1, id, bytes: bytesOf(id, 1), add: [] })));
    insert.commit();
    const before = engine.begin({ mode: 'read' });
    const change = engine.begin({ mode: 'deferred' });
    change.mutate(
      ids.filter((id) => id % 3 === 0).map((id) => ({ do: 'replace', table: 1, id, bytes: bytesOf(id, 2), add: [], drop: [] })),
    );
    change.mutate(ids.filter((id) => id % 3 === 1).map((id) => ({ do: 'remove', table: 1, id, drop: [] })));
    const seen = (transaction: typeof change): string[] => {
      const { starts, ends, buffer, buffers } = transaction.rows(1, ids, { isScattered: true });
      return ids.map((_, i) => Buffer.from((buffers?.[i] ?? buffer).subarray(starts[i], ends[i])).toString());
    };
    const changed = ids.map((id) => (id % 3 === 1 ? '' : bytesOf(id, id % 3 === 0 ? 2 : 1).toString()));
    assert.deepEqual(seen(change), changed);
    change.commit();
    assert.deepEqual(
      seen(before),
      ids.map((id) => bytesOf(id, 1).toString()),
    );
    before.abort();
    const after = engine.begin({ mode: 'read' });
    assert.deepEqual(seen(after), changed);
    after.abort();
  } finally {
    engine.close();
  }
});

test('a row has the hash of its key', () => {
  const key = Buffer.alloc(12);
  for (const [prefix, id] of [
    [1, 1],
    [0xfffffffe, 2 ** 32 - 1],
    [77, 2 ** 32],
    [77, 2 ** 53 - 1],
  ] as const) {
    key.writeUInt32BE(prefix, 0);
    key.writeUInt32BE(Math.floor(id / 2 ** 32), 4);
    key.writeUInt32BE(id % 2 ** 32, 8);
    assert.equal(hashOfRow(prefix, id), hashOf(key, key.length));
  }
});
