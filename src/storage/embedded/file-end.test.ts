/** That nothing is read behind the end of the data file, where the system would end the process. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { KeyRange, Mutation } from '../engine.ts';
import { openStorage } from './engine.ts';
import { PAGE_BYTES } from './pages.ts';

const ROWS = 1;
const ENTRIES = 2;
const COUNT = 2000;

// Of an even length: nodes are.
const keyOf = (number: number): string => `entry ${String(number).padStart(5, '0')}.`;

/** The number of the last page in which a text stands. */
function lastPageWith(file: string, text: string): number {
  return Math.floor(readFileSync(file).lastIndexOf(text, undefined, 'latin1') / PAGE_BYTES);
}

test('an entry without a value is read where the data file ends behind it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'foxden-end-'));
  const engine = openStorage({ folder, applyBytes: 0 });
  const writing = engine.begin({ mode: 'direct' });
  const insert = (number: number): Mutation => ({
    do: 'insert',
    table: ROWS,
    id: engine.tick(),
    bytes: Buffer.alloc(8),
    add: [{ index: ENTRIES, key: Buffer.from(keyOf(number)), isUnique: false }],
  });
  writing.mutate(Array.from({ length: COUNT }, (_, number) => insert(number)));
  writing.commit();
  const other = engine.begin({ mode: 'direct' });
  other.writeMeta('any', Buffer.alloc(1));
  other.commit();

  const reading = engine.begin({ mode: 'read' });
  assert.equal(reading.countEntries(ENTRIES, [{}]), COUNT);
  // The first entry in a page stands at its end. Of the pages behind nothing more is needed: the way to this one is known.
  const file = join(folder, 'data.mdb');
  const page = lastPageWith(file, keyOf(COUNT - 1));
  const content = readFileSync(file).subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
  const first = Array.from({ length: COUNT }, (_, number) => number).find((number) => content.includes(keyOf(number)))!;
  assert.ok(content.subarray(-keyOf(first).length - 8).includes(keyOf(first)));
  const whole = readFileSync(file);
  truncateSync(file, (page + 1) * PAGE_BYTES);

  const from = Buffer.from(keyOf(first));
  const ranges: readonly KeyRange[] = [{ from }, { from, fromExclusive: true }, { from, to: from, toInclusive: true }];
  const expected = [COUNT - first, COUNT - first - 1, 1];
  for (const [i, range] of ranges.entries()) {
    for (const reverse of [false, true])
      assert.equal(reading.scanEntries(ENTRIES, [range], { reverse, limit: COUNT }).next()?.count, expected[i]);
    assert.equal(reading.probe(ENTRIES, [range], { withKeys: true, withValues: true }).count, expected[i]);
    assert.equal(reading.countEntries(ENTRIES, [range]), expected[i]);
  }

  reading.abort();
  appendFileSync(file, whole.subarray((page + 1) * PAGE_BYTES));
  engine.close();
  rmSync(folder, { recursive: true });
});
