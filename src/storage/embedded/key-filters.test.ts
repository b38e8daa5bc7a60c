/** That a filter never hides a key, whatever commits there were since it was made; and that it is used. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { tries } from '../../../tests/support/law.ts';
import { openMemoryStorage } from './engine.ts';
import { HashFilter } from './hash-filter.ts';
import { Lmdb, TABLE, WriteList } from './lmdb.ts';
import { hashOfPoint } from './pages.ts';

const INDEX = 2;
/** Enough for a filter of any index that is made here. */
const OFTEN = 100_000;

const keyOf = (number: number): Buffer => Buffer.from(`key ${number}\0`);
const hashOfKey = (number: number): number => hashOfPoint(INDEX, keyOf(number));

test('a set of hashes has all of them, and few others', () => {
  for (const count of [1, 100, 5000, 100_000]) {
    const filter = new HashFilter(count);
    for (let number = 0; number < count; number++) filter.add(hashOfKey(number));
    for (let number = 0; number < count; number++) assert.ok(filter.mayHave(hashOfKey(number)), `${number} of ${count}`);
    let others = 0;
    for (let number = 1e6; number < 1.01e6; number++) if (filter.mayHave(hashOfKey(number))) others++;
    assert.ok(others < 400, `${others} of 10000 others among ${count}`);
    assert.ok(filter.capacity >= count);
  }
});

function withLmdb(action: (lmdb: Lmdb) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'foxden-filters-'));
  const lmdb = new Lmdb(folder, { createsTables: true });
  try {
    action(lmdb);
  } finally {
    lmdb.close();
    rmSync(folder, { recursive: true });
  }
}

type Kind = 'plain' | 'stored' | 'elsewhere' | 'unique';

/** An entry as it stands in the data file, in one of the ways in which they do. */
function entryOf(number: number, kind: Kind): { readonly key: string; readonly value: Buffer } {
  const id = Buffer.alloc(8);
  id.writeUInt32BE(number, 4);
  const key = keyOf(number).toString('latin1');
  if (kind === 'unique') return { key, value: id };
  const sizes = { plain: 0, stored: 20, elsewhere: 3000 };
  return { key: key + id.toString('latin1'), value: Buffer.alloc(sizes[kind], 1) };
}

const kinds: readonly Kind[] = ['plain', 'stored', 'elsewhere', 'unique'];
const commits = fc.array(
  fc.record({
    from: fc.nat(3000),
    count: fc.integer({ min: 0, max: 400 }),
    isRemoving: fc.boolean(),
    kind: fc.constantFrom(...kinds),
    isAsked: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12 },
);

test('after any commits a filter has all keys of the last, and only that one is asked', () => {
  fc.assert(
    fc.property(commits, (steps) => {
      withLmdb((lmdb) => {
        const empty = lmdb.snapshot();
        const entries = new Map<number, Kind>();
        for (const { from, count, isRemoving, kind, isAsked } of steps) {
          const before = lmdb.snapshot();
          const writes = new WriteList(empty);
          for (let number = from; number < from + count; number++) {
            const former = entries.get(number);
            if (former !== undefined) writes.delete(TABLE.data, INDEX, entryOf(number, former).key);
            entries.delete(number);
            if (isRemoving) continue;
            const { key, value } = entryOf(number, kind);
            writes.put(TABLE.data, INDEX, key, value);
            entries.set(number, kind);
          }
          // Others share pages with the first and the last of the index.
          writes.put(TABLE.data, INDEX - 1, `before ${from}`, Buffer.alloc(0));
          writes.put(TABLE.data, INDEX + 1, `after ${from}`, Buffer.alloc(0));
          lmdb.commit(writes);
          const snapshot = lmdb.snapshot();
          lmdb.filters.noteVain(INDEX, OFTEN);
          if (isAsked) {
            let filter = snapshot.findFilter(INDEX);
            // One that had to take too many is given up, and made anew the next time.
            lmdb.filters.noteVain(INDEX, OFTEN);
            filter ??= snapshot.findFilter(INDEX);
            for (const number of entries.keys()) assert.ok(filter!.mayHave(hashOfKey(number)), `key ${number}`);
            assert.equal(before.findFilter(INDEX), undefined);
          }
          snapshot.close();
          before.close();
        }
        empty.close();
      });
    }),
    { numRuns: tries({ quick: 10, thorough: 30 }) },
  );
});

test('a filter is made when it pays, and brought up to date by what was written since', () => {
  withLmdb((lmdb) => {
    const put = (from: number, end: number): void => {
      const snapshot = lmdb.snapshot();
      const writes = new WriteList(snapshot);
      for (let number = from; number < end; number++) {
        const { key, value } = entryOf(number, 'stored');
        writes.put(TABLE.data, INDEX, key, value);
      }
      lmdb.commit(writes);
      snapshot.close();
    };
    put(0, 40_000);
    const first = lmdb.snapshot();
    assert.equal(first.findFilter(INDEX), undefined);
    lmdb.filters.noteVain(INDEX, 2000);
    assert.equal(first.findFilter(INDEX), undefined, 'not yet');
    lmdb.filters.noteVain(INDEX, 8000);
    const filter = first.findFilter(INDEX)!;
    assert.ok(filter.mayHave(hashOfKey(39_999)));
    assert.ok(!filter.mayHave(hashOfKey(50_000)) || !filter.mayHave(hashOfKey(50_001)));

    put(50_000, 50_010);
    const second = lmdb.snapshot();
    assert.equal(second.findFilter(INDEX), undefined, 'what the first one took has not been looked for in vain again');
    lmdb.filters.noteVain(INDEX, 8000);
    assert.equal(second.findFilter(INDEX), filter);
    assert.ok(filter.mayHave(hashOfKey(50_009)));
    assert.equal(first.findFilter(INDEX), undefined, 'it is of a later commit now');

    put(50_010, 50_020);
    const third = lmdb.snapshot();
    lmdb.filters.noteVain(INDEX, 100);
    assert.equal(third.findFilter(INDEX), filter, 'little was written, so little has to be waited for');
    assert.ok(filter.mayHave(hashOfKey(50_019)));
    for (const snapshot of [first, second, third]) snapshot.close();
  });
});

test('probes find what is there while entries come and go, whether a filter is asked or not', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(200), fc.boolean()), { minLength: 4, maxLength: 12 }), (steps) => {
      // All goes into the data file with the next commit.
      const engine = openMemoryStorage({ applyBytes: 0, journalBytes: 4096, syncIntervalMs: 1 });
      const present = new Set<number>();
      const asked = Array.from({ length: 1500 }, (_, i) => i);
      const probes = asked
        .map((number) => ({ from: keyOf(number), to: keyOf(number), toInclusive: true }))
        .map((range) => ({ ...range, to: range.from }));
      let older: { readonly read: ReturnType<typeof engine.begin>; readonly expected: readonly number[] } | undefined;
      for (const [first, isRemoving] of steps) {
        const write = engine.begin({ mode: 'direct' });
        for (let number = first; number < first + 60; number++) {
          const entry = { index: INDEX, key: keyOf(number), isUnique: false };
          const id = number + 1;
          if (present.has(number) === isRemoving) {
            if (isRemoving) write.mutate([{ do: 'remove', table: 1, id, drop: [entry] }]);
            else write.mutate([{ do: 'insert', table: 1, id, bytes: Buffer.from('row'), add: [entry] }]);
          }
          if (isRemoving) present.delete(number);
          else present.add(number);
        }
        write.commit();
        // With it, what came before goes into the data file.
        const next = engine.begin({ mode: 'direct' });
        next.writeMeta('any', Buffer.from('thing'));
        next.commit();
        const expected = asked.filter((number) => present.has(number));
        const read = engine.begin({ mode: 'read' });
        for (const _again of [1, 2]) assert.deepEqual(Array.from(read.probe(INDEX, probes).ranges), expected);
        if (older !== undefined) {
          assert.deepEqual(Array.from(older.read.probe(INDEX, probes).ranges), older.expected);
          older.read.abort();
        }
        older = { read, expected };
      }
      older?.read.abort();
      engine.close();
    }),
    { numRuns: tries({ quick: 4, thorough: 10 }) },
  );
});
