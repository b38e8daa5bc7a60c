/**
 * A data file of many gigabytes, which is sparse here: what lies around the borders of the windows through which it is seen is read as it was
 * written.
 */
import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { StorageEngine } from '../engine.ts';
import { openStorage } from './engine.ts';
import { PAGE_BYTES } from './pages.ts';

const TABLE = 1;
const INDEX = 2;
/** With keys in ascending order, so that its leaves stay where they were put first. */
const ORDERED = 3;
const GIBIBYTE_PAGES = 2 ** 30 / PAGE_BYTES;
/** Where the last page's number stands in a meta page. */
const LAST_PAGE = 144;
/** From one page to 64. */
const SIZES = [10, 1500, 4000, 70_000, 260_000];
const ROWS = 60;

function sizeOf(id: number): number {
  return SIZES[id % SIZES.length]! + (id % 7);
}

function keyOf(id: number): Buffer {
  const key = Buffer.alloc(6);
  key.writeUInt32BE(Math.imul(id, 0x9e3779b1) >>> 0);
  return key;
}

function orderedKeyOf(id: number): Buffer {
  const key = Buffer.alloc(200);
  key.writeUInt32BE(id);
  return key;
}

/** Makes LMDB believe that all pages up to this one are taken. */
function takePages(path: string, lastPage: number): void {
  const file = openSync(path, 'r+');
  const number = Buffer.alloc(8);
  number.writeBigUInt64LE(BigInt(lastPage));
  for (const meta of [0, 1]) writeSync(file, number, 0, 8, meta * PAGE_BYTES + LAST_PAGE);
  closeSync(file);
}

function write(engine: StorageEngine, first: number, end: number): void {
  for (let id = first; id < end; id++) {
    const transaction = engine.begin({ mode: 'direct' });
    const bytes = Buffer.alloc(sizeOf(id), id);
    const value = Buffer.from(String(id));
    const add = [
      { index: INDEX, key: keyOf(id), isUnique: false, value },
      { index: ORDERED, key: orderedKeyOf(id), isUnique: false, value },
    ];
    transaction.mutate([{ do: 'insert', table: TABLE, id, bytes, add }]);
    transaction.commit();
  }
  // Puts what is pending into the data file.
  const last = engine.begin({ mode: 'direct' });
  last.mutate([{ do: 'insert', table: ORDERED + 1, id: end, bytes: Buffer.alloc(8), add: [] }]);
  last.commit();
}

function check(engine: StorageEngine, end: number): void {
  const transaction = engine.begin({ mode: 'read' });
  const ids = Array.from({ length: end - 1 }, (_, i) => i + 1);
  for (const isBorrowed of [false, true]) {
    const rows = transaction.rows(TABLE, ids, { isBorrowed });
    for (const [place, id] of ids.entries()) {
      const row = rows.buffer.subarray(rows.starts[place], rows.ends[place]);
      assert.equal(row.length, sizeOf(id));
      assert.ok(
        row.every((byte) => byte === id % 256),
        `row ${id}`,
      );
    }
  }
  for (const id of ids) {
    const key = keyOf(id);
    const found = transaction.probe(INDEX, [{ from: key, to: key, toInclusive: true }], { withValues: true });
    assert.deepEqual(Array.from(found.ids), [id]);
  }
  // In several windows, so the values have to be copied.
  const probes = ids.map(orderedKeyOf).map((key) => ({ from: key, to: key, toInclusive: true }));
  const probed = transaction.probe(ORDERED, probes, { withValues: true, isBorrowed: true });
  assert.deepEqual(Array.from(probed.ids), ids);
  const texts = ids.map((_, i) => Buffer.from(probed.values!.buffer.subarray(probed.values!.starts[i], probed.values!.ends[i])).toString());
  assert.deepEqual(texts, ids.map(String));
  const only = { withValues: true, withoutIds: true, isBorrowed: true, isPassing: true };
  const entries = transaction.scanEntries(ORDERED, [{}], only);
  const values: string[] = [];
  for (let batch = entries.next(); batch !== undefined; batch = entries.next()) {
    const { buffer, starts, ends, count } = batch.values!;
    for (let i = 0; i < count; i++) values.push(Buffer.from(buffer.subarray(starts[i], ends[i])).toString());
  }
  assert.deepEqual(values, ids.map(String));
  const scan = transaction.scanRows(TABLE, { reverse: true });
  let last = end;
  for (let batch = scan.next(); batch !== undefined; batch = scan.next()) {
    for (let place = 0; place < batch.count; place++) {
      assert.equal(batch.ids[place], --last);
      assert.equal(batch.ends[place]! - batch.starts[place]!, sizeOf(last));
    }
  }
  assert.equal(last, 1);
  transaction.abort();
}

test('rows and entries around each border up to 9 GiB', () => {
  const folder = mkdtempSync(join(tmpdir(), 'foxden-large-'));
  const path = join(folder, 'data.mdb');
  try {
    let end = 1;
    for (const gibibytes of [1, 2, 3, 4, 8, 9]) {
      const engine = openStorage({ folder, applyBytes: 0 });
      write(engine, end, end + 5);
      engine.close();
      end += 5;
      takePages(path, gibibytes * GIBIBYTE_PAGES - 150);
      const large = openStorage({ folder, applyBytes: 0 });
      write(large, end, end + ROWS);
      end += ROWS;
      check(large, end);
      large.close();
      assert.ok(statSync(path).size > gibibytes * 2 ** 30, `the file goes beyond ${gibibytes} GiB`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
