/**
 * Nothing is read behind what stands last in a page: where that page is the last of the data file, the system ends the process. A test that fails here
 * does so by SIGBUS.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ArrayColumns } from '#values';
import type { RowBatch } from '../engine.ts';
import { openMemoryStorage } from './engine.ts';
import { NODE_HEAD_BYTES, nodeAt, PAGE_BYTES } from './pages.ts';

const TABLE = 1;
const INDEX = 2;
const OTHER = 3;
const ROUNDS = 150;
const IS_LEAF = 2;

/** What stands at the very end of the last page, if that is a leaf: the size of its value. */
function lastValueSize(path: string): number | undefined {
  const file = readFileSync(path);
  const page = Uint8Array.from(file.subarray(-PAGE_BYTES));
  const halves = new Uint16Array(page.buffer);
  if ((halves[9]! & IS_LEAF) === 0) return undefined;
  for (let place = 0; place < halves[10]! >> 1; place++) {
    const node = nodeAt(halves, 0, place);
    const size = halves[node >> 1]!;
    // Entries are of even sizes.
    if (node + NODE_HEAD_BYTES + halves[(node >> 1) + 3]! + size >= PAGE_BYTES - 1) return size;
  }
  return undefined;
}

/** Puts entries with these values into a data file that grows, in random order, and reads all of them each time. */
function growAndRead(values: readonly Buffer[], isMeant: (size: number) => boolean, check: (values: RowBatch) => void): void {
  // With a checkpoint for each commit, so that pages are used again.
  const engine = openMemoryStorage({ applyBytes: 0, journalBytes: 64 });
  const share = engine.share();
  assert(share.kind === 'embedded');
  let seed = 1;
  const random = (limit: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((seed / 2 ** 32) * limit);
  };
  let id = 0;
  let meant = 0;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const write = engine.begin({ mode: 'direct' });
      for (let left = 1 + random(60); left > 0; left--) {
        // Some fill their page up to the last byte, others leave one.
        const key = Buffer.alloc(6 + random(2));
        key.writeUInt32BE(random(2 ** 32));
        const entry = { index: INDEX, key, isUnique: false, value: values[random(values.length)]! };
        write.mutate([{ do: 'insert', table: TABLE, id: ++id, bytes: Buffer.from('a row'), add: [entry] }]);
      }
      write.commit();
      // Puts what is pending into the data file.
      const last = engine.begin({ mode: 'direct' });
      last.mutate([{ do: 'insert', table: OTHER, id: round, bytes: Buffer.alloc(8), add: [] }]);
      last.commit();
      const size = lastValueSize(join(share.location, 'data.mdb'));
      if (size !== undefined && isMeant(size)) meant++;
      const read = engine.begin({ mode: 'read' });
      const entries = read.scanEntries(INDEX, [{}], { withValues: true, withoutIds: true, isBorrowed: true, isPassing: true });
      let count = 0;
      for (let batch = entries.next(); batch !== undefined; batch = entries.next()) {
        count += batch.count;
        check(batch.values!);
      }
      assert.equal(count, id);
      read.abort();
    }
    assert.ok(meant > 5, `the last page ended ${meant} times with what is meant`);
  } finally {
    engine.close();
  }
}

test('entries without values', () => {
  growAndRead(
    [Buffer.alloc(0)],
    (size) => size === 0,
    () => {},
  );
});

test('short texts that are compared with longer ones', () => {
  const texts = ['', 'x', 'xx', 'xxx', 'x'.repeat(60)];
  const reader = new ArrayColumns([0]);
  growAndRead(
    texts.map((text) => Buffer.from(JSON.stringify([text]))),
    (size) => size > 0 && size < 10,
    ({ buffer, starts, ends, count }) => {
      const [column] = reader.read(buffer, starts, ends, count);
      assert.ok(column!.slice(0, count).every((text) => texts.includes(text as string)));
    },
  );
});
