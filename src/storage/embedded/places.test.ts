/** That the pages of tables that grow in order get full, and that nothing is left of tables that were cleared. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { StorageEngine } from '../engine.ts';
import { openMemoryStorage } from './engine.ts';
import { PAGE_BYTES } from './pages.ts';

const BATCH = 50;

/** Bytes of the pages that are in use. */
async function usedBytes(engine: StorageEngine): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'foxden-places-'));
  await engine.backup(folder);
  const { size } = statSync(join(folder, 'data.mdb'));
  rmSync(folder, { recursive: true });
  return size;
}

function insert(engine: StorageEngine, table: number, ids: { readonly from: number; readonly count: number }, size: number): void {
  const transaction = engine.begin({ mode: 'direct' });
  for (let id = ids.from; id < ids.from + ids.count; id++) {
    const key = Buffer.from(`${String(id).padStart(8, '0')}\0`);
    const add = [{ index: table + 1, key, isUnique: true }];
    transaction.mutate([{ do: 'insert', table, id, bytes: Buffer.alloc(size, id), add }]);
  }
  transaction.commit();
}

for (const { size, perPage } of [
  { size: 40, perPage: 60 },
  { size: 300, perPage: 11 },
  { size: 700, perPage: 4 },
  { size: 900, perPage: 4 },
  { size: 1060, perPage: 3 },
  { size: 1300, perPage: 3 },
]) {
  test(`three tables that grow at once, with rows of ${size} bytes`, async () => {
    const engine = openMemoryStorage({ applyBytes: 16 * 1024 });
    const tables = [1, 3, 5];
    const count = 3000;
    for (const table of tables) insert(engine, table, { from: 1, count: 1 }, size);
    for (let from = 2; from <= count; from += BATCH) for (const table of tables) insert(engine, table, { from, count: BATCH }, size);
    const pagesOfRows = tables.length * (count / perPage);
    // The keys of the index take 31 bytes each with all that belongs to them.
    const pagesOfEntries = tables.length * (count / (PAGE_BYTES / 34));
    const pages = (await usedBytes(engine)) / PAGE_BYTES;
    assert.ok(pages < 1.1 * (pagesOfRows + pagesOfEntries) + 20, `${pages} pages for ${pagesOfRows} and ${pagesOfEntries}`);
    engine.close();
  });
}

test('nothing is left of tables that are cleared', { timeout: 60_000 }, async () => {
  const engine = openMemoryStorage({ applyBytes: 0 });
  insert(engine, 1, { from: 1, count: 10 }, 100);
  const before = await usedBytes(engine);
  for (let round = 0; round < 30; round++) {
    insert(engine, 3, { from: 1, count: 100 }, 1000);
    const transaction = engine.begin({ mode: 'direct' });
    transaction.clear([3, 4]);
    transaction.commit();
  }
  insert(engine, 1, { from: 11, count: 1 }, 100);
  while ((await usedBytes(engine)) > before + 8 * PAGE_BYTES) await new Promise((resolve) => setTimeout(resolve, 20));
  const read = engine.begin({ mode: 'read' });
  assert.equal(read.countRows(1), 11);
  assert.equal(read.countEntries(2, [{}]), 11);
  read.abort();
  engine.close();
});
