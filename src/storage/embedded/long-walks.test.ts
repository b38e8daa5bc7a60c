/** Walks through many leaves, which read ahead: each finds just what is between its bounds, wherever in the tree it begins and ends. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { tries } from '../../../tests/support/law.ts';
import type { KeyRange, RowBatch, StorageEngine, Transaction } from '../engine.ts';
import { openMemoryStorage } from './engine.ts';

const TABLE = 1;
const INDEX = 2;
const ROWS = 6000;
/** Rows of a few bytes, some that fill half a page, and some that have pages of their own: leaves of many rows and of two. */
const ROW_BYTES = [9, 9, 9, 60, 60, 1900, 1900, 5000];
/** Long keys make branches small, so that the tree is deep. */
const KEY_BYTES = 300;
const MOST_RANGES = 4;
/** Of what is stored along with entries: nothing, a little, and what has pages of its own. */
const VALUE_BYTES = [0, 5, 5, 30, 5, 5, 3000];

const keyOf = (number: number): Buffer => {
  const key = Buffer.alloc(KEY_BYTES, 1);
  key.writeUInt32BE(number * 2);
  return key;
};
const bytesOf = (id: number): Buffer => Buffer.alloc(ROW_BYTES[Math.floor(id / 50) % ROW_BYTES.length]!, `row ${id} `);

const valueOf = (id: number): Buffer =>
  Buffer.from(`${id} `.padEnd(VALUE_BYTES[id % VALUE_BYTES.length]!).slice(0, VALUE_BYTES[id % VALUE_BYTES.length]));

function idsFrom(read: Transaction, ranges: readonly KeyRange[], reverse: boolean): number[] {
  const cursor = read.scanEntries(INDEX, ranges, { reverse, withKeys: true, isBorrowed: true });
  const ids: number[] = [];
  for (let batch; (batch = cursor.next()) !== undefined;) {
    for (let i = 0; i < batch.count; i++) {
      const key: RowBatch = batch.keys!;
      assert.deepEqual(Buffer.from(key.buffer.subarray(key.starts[i], key.ends[i])), keyOf(batch.ids[i]!));
      ids.push(batch.ids[i]!);
    }
  }
  return ids;
}

/** Values alone, or with the ids of their entries, which are given where they lie. */
function valuesFrom(read: Transaction, ranges: readonly KeyRange[], reverse: boolean, withIds: boolean): string[] {
  const options = { reverse, withValues: true, withoutIds: !withIds, withoutRanges: true, isBorrowed: true, isPassing: true };
  const cursor = read.scanEntries(INDEX, ranges, options);
  const values: string[] = [];
  for (let batch; (batch = cursor.next()) !== undefined;) {
    const { buffer, starts, ends, count }: RowBatch = batch.values!;
    for (let i = 0; i < count; i++) {
      const value = Buffer.from(buffer.subarray(starts[i], ends[i])).toString();
      values.push(withIds ? `${batch.ids[i]!}: ${value}` : value);
    }
  }
  return values;
}

describe('long walks', () => {
  let engine: StorageEngine;

  before(() => {
    engine = openMemoryStorage({ applyBytes: 0, journalBytes: 64 });
    for (let first = 0; first < ROWS; first += 1500) {
      const write = engine.begin({ mode: 'direct' });
      for (let id = first; id < first + 1500; id++) {
        write.mutate([
          {
            do: 'insert',
            table: TABLE,
            id,
            bytes: bytesOf(id),
            add: [{ index: INDEX, key: keyOf(id), isUnique: id % 3 === 0, value: valueOf(id) }],
          },
        ]);
      }
      write.commit();
    }
    // Puts what is pending into the data file.
    const last = engine.begin({ mode: 'direct' });
    last.mutate([{ do: 'insert', table: TABLE + 10, id: 1, bytes: bytesOf(1), add: [] }]);
    last.commit();
  });

  after(() => engine.close());

  for (const reverse of [false, true]) {
    test(`through entries ${reverse ? 'in reverse' : 'forwards'}`, () => {
      const read = engine.begin({ mode: 'read' });
      const bound = fc.integer({ min: 0, max: ROWS });
      fc.assert(
        fc.property(fc.uniqueArray(bound, { minLength: 2, maxLength: 2 * MOST_RANGES }), (bounds) => {
          const sorted = bounds.toSorted((one, other) => one - other);
          const ranges: KeyRange[] = [];
          const expected: number[] = [];
          for (let i = 0; i + 1 < sorted.length; i += 2) {
            ranges.push({ from: keyOf(sorted[i]!), to: keyOf(sorted[i + 1]!) });
            for (let id = sorted[i]!; id < sorted[i + 1]!; id++) expected.push(id);
          }
          const ordered = reverse ? expected.toReversed() : expected;
          assert.deepEqual(idsFrom(read, ranges, reverse), ordered);
          for (const withIds of [false, true]) {
            const values = ordered.map((id) => (withIds ? `${id}: ` : '') + valueOf(id).toString());
            assert.deepEqual(valuesFrom(read, ranges, reverse, withIds), values);
          }
          assert.equal(read.countEntries(INDEX, ranges), expected.length);
        }),
        { numRuns: tries({ quick: 20, thorough: 60 }) },
      );
      read.abort();
    });

    test(`through rows ${reverse ? 'in reverse' : 'forwards'}, where they lie and copied`, () => {
      const read = engine.begin({ mode: 'read' });
      for (const options of [{ isScattered: true }, { isBorrowed: true }, {}]) {
        const cursor = read.scanRows(TABLE, { reverse, ...options });
        let seen = 0;
        for (let batch; (batch = cursor.next()) !== undefined;) {
          for (let i = 0; i < batch.count; i++, seen++) {
            const id = reverse ? ROWS - 1 - seen : seen;
            assert.equal(batch.ids[i], id);
            const buffer: Uint8Array = batch.buffers?.[i] ?? batch.buffer;
            assert.deepEqual(Buffer.from(buffer.subarray(batch.starts[i], batch.ends[i])), bytesOf(id));
          }
        }
        assert.equal(seen, ROWS);
      }
      read.abort();
    });
  }
});
