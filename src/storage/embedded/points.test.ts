/** What is under many keys is what a walk through each of them finds, in whatever pages it lies, also when it is asked for again. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { EntryBatch, IndexEntry, KeyRange, StorageEngine, Transaction } from '../engine.ts';
import { openMemoryStorage } from './engine.ts';

const TABLE = 1;
const INDEX = 2;
const UNIQUE = 3;
/** Keys with one entry and with more than a page holds; the values of some have pages of their own. */
const ENTRIES = [1, 2, 30, 200];
const KEYS = 120;
const VALUE_BYTES = [0, 1, 20, 20, 20, 3000];

const keyOf = (number: number): Buffer => Buffer.from(`key ${number}\0`);
const uniqueOf = (id: number): Buffer => Buffer.from(`unique ${id}\0`);
const pointOf = (key: Uint8Array): KeyRange => ({ from: key, to: key, toInclusive: true });

interface Found {
  readonly range: number;
  readonly id: number;
  readonly value: string;
}

function foundOf({ count, ids, ranges, values }: EntryBatch): Found[] {
  return Array.from({ length: count }, (_, i) => ({
    range: ranges[i]!,
    id: ids[i]!,
    value: Buffer.from(values!.buffer.subarray(values!.starts[i], values!.ends[i])).toString(),
  }));
}

function bytesOf(id: number): Buffer {
  return Buffer.from(`row ${id}`);
}

describe('many keys', () => {
  let engine: StorageEngine;
  const expected = new Map<number, { id: number; value: string }[]>();
  let lastId = 0;

  const insert = (transaction: Transaction, number: number): void => {
    const id = ++lastId;
    const value = Buffer.alloc(VALUE_BYTES[id % VALUE_BYTES.length]!, `value ${id} `);
    const add: IndexEntry[] = [
      { index: INDEX, key: keyOf(number), isUnique: false, value },
      { index: UNIQUE, key: uniqueOf(id), isUnique: true },
    ];
    transaction.mutate([{ do: 'insert', table: TABLE, id, bytes: bytesOf(id), add }]);
    expected.set(number, [...(expected.get(number) ?? []), { id, value: value.toString() }]);
  };

  before(() => {
    // All goes into the data file with the next commit.
    engine = openMemoryStorage({ applyBytes: 0, journalBytes: 4096, syncIntervalMs: 1 });
    for (const round of [0, 1, 2]) {
      const write = engine.begin({ mode: 'direct' });
      for (let number = 0; number < KEYS; number++) {
        for (let i = 0; i < ENTRIES[number % ENTRIES.length]!; i++) if (i % 3 === round) insert(write, number);
      }
      write.commit();
    }
    const last = engine.begin({ mode: 'direct' });
    last.mutate([{ do: 'insert', table: TABLE, id: 1_000_000, bytes: bytesOf(1_000_000), add: [] }]);
    last.commit();
  });

  after(() => engine.close());

  /** Some of them are not there; some come twice. */
  const asked = Array.from({ length: 300 }, (_, i) => (i * 37) % (KEYS + 20));
  const wanted = (): Found[] => asked.flatMap((number, range) => (expected.get(number) ?? []).map((entry) => ({ range, ...entry })));

  for (const count of [1, 3, 300]) {
    test(`${count} at a time`, () => {
      const read = engine.begin({ mode: 'read' });
      for (const isBorrowed of [false, true, true]) {
        const found: Found[] = [];
        for (let from = 0; from < asked.length; from += count) {
          const probes = asked.slice(from, from + count).map((number) => pointOf(keyOf(number)));
          const batch = read.probe(INDEX, probes, { withValues: true, isBorrowed });
          for (const list of [batch.ids, batch.ranges, batch.values!.ids]) assert.equal(list.length, batch.count);
          assert.deepEqual(Array.from(batch.values!.ids), Array.from(batch.ids));
          const entries = foundOf(batch);
          found.push(...entries.map((entry) => ({ ...entry, range: entry.range + from })));
        }
        assert.deepEqual(found, wanted());
      }
      read.abort();
    });
  }

  test('keys that are the beginning of others', () => {
    const read = engine.begin({ mode: 'read' });
    const probes = Array.from({ length: 40 }, (_, i) => pointOf(Buffer.from(`key ${i}`)));
    for (const isBorrowed of [false, true]) assert.deepEqual(foundOf(read.probe(INDEX, probes, { withValues: true, isBorrowed })), []);
    read.abort();
  });

  test('up to a limit', () => {
    const read = engine.begin({ mode: 'read' });
    const probes = asked.map((number) => pointOf(keyOf(number)));
    for (const limit of [0, 1, 31, 33, 250, 5000]) {
      for (const isBorrowed of [false, true]) {
        assert.deepEqual(foundOf(read.probe(INDEX, probes, { withValues: true, isBorrowed, limit })), wanted().slice(0, limit));
      }
    }
    read.abort();
  });

  test('the rows that hold unique keys', () => {
    const read = engine.begin({ mode: 'read' });
    const ids = Array.from({ length: 700 }, (_, i) => (i * 7919) % (lastId + 300));
    for (const _again of [false, true]) {
      const rows = read.lookup(
        UNIQUE,
        TABLE,
        ids.map((id) => uniqueOf(id)),
      );
      const texts = ids.map((_, i) => Buffer.from(rows.buffer.subarray(rows.starts[i], rows.ends[i])).toString());
      assert.deepEqual(
        texts,
        ids.map((id) => (id >= 1 && id <= lastId ? bytesOf(id).toString() : '')),
      );
    }
    read.abort();
  });

  test('own writes lie over them, and other transactions do not see those', () => {
    const earlier = engine.begin({ mode: 'read' });
    const write = engine.begin({ mode: 'deferred' });
    const probes = [1, 5, 1].map((number) => pointOf(keyOf(number)));
    const old = foundOf(earlier.probe(INDEX, probes, { withValues: true }));
    const [gone] = expected.get(1)!;
    write.mutate([
      { do: 'remove', table: TABLE, id: gone!.id, drop: [{ index: INDEX, key: keyOf(1), isUnique: false }] },
      { do: 'insert', table: TABLE, id: 2_000_000, bytes: bytesOf(1), add: [{ index: INDEX, key: keyOf(5), isUnique: false }] },
    ]);
    const changed = [...old.filter(({ id }) => id !== gone!.id), { range: 1, id: 2_000_000, value: '' }].toSorted(
      (a, b) => a.range - b.range,
    );
    assert.deepEqual(foundOf(write.probe(INDEX, probes, { withValues: true })), changed);
    assert.deepEqual(foundOf(earlier.probe(INDEX, probes, { withValues: true })), old);
    write.abort();
    earlier.abort();
  });
});
