/** Rows that have their keys in themselves are found as the index finds them: also again, and when they have gone, come back, or moved. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { tries } from '../../../tests/support/law.ts';
import type { IndexEntry, Mutation, RowBatch, StorageEngine, Transaction } from '../engine.ts';
import { openMemoryStorage } from './engine.ts';

/** Two tables with the same keys, each with its index. */
const TABLES = [1, 2];
const INDEXES = [11, 12];
const HEAD = '{"_key":"';
const KEY_IN_ROW = { at: 8 + HEAD.length, end: 0x22 };

/** Some begin others, and some look like the text of a row. */
const KEYS = ['a', 'ab', 'abc', 'b', 'a","n":', 'k1', 'k10', 'k100', ...Array.from({ length: 400 }, (_, i) => `key${i}`)];
/** Keys of rows have no quotes. */
const ROW_KEYS = KEYS.filter((key) => !key.includes('"'));
/** The last have pages of their own. */
const TEXT_BYTES = [0, 3, 40, 900, 3000];

const filed = (key: string): Buffer => Buffer.from(`${key}\0`);

interface Row {
  readonly id: number;
  readonly bytes: Buffer;
}

function bytesOf(key: string, id: number): Buffer {
  const version = Buffer.alloc(8);
  version.writeUInt32BE(id, 4);
  return Buffer.concat([version, Buffer.from(`${HEAD}${key}","n":"${'x'.repeat(TEXT_BYTES[id % TEXT_BYTES.length]!)}"}`)]);
}

function rowsOf({ count, ids, buffer, buffers, starts, ends }: RowBatch): (Row | undefined)[] {
  return Array.from({ length: count }, (_, i) =>
    starts[i] === ends[i] ? undefined : { id: ids[i]!, bytes: Buffer.from((buffers?.[i] ?? buffer).subarray(starts[i], ends[i])) },
  );
}

/** A store, and what is in it. */
class Model {
  readonly engine: StorageEngine = openMemoryStorage({ applyBytes: 0, journalBytes: 4096, syncIntervalMs: 1 });
  readonly rows = TABLES.map(() => new Map<string, Row>());
  #lastId = 0;

  /** Puts rows under these keys, or takes them away where they are. */
  toggle(table: number, keys: readonly string[]): void {
    const own = this.rows[table]!;
    const write = this.engine.begin({ mode: 'direct' });
    const mutations = keys.map((key): Mutation => {
      const entry: IndexEntry = { index: INDEXES[table]!, key: filed(key), isUnique: true };
      const known = own.get(key);
      if (known !== undefined) {
        own.delete(key);
        return { do: 'remove', table: TABLES[table]!, id: known.id, drop: [entry] };
      }
      const id = ++this.#lastId;
      const bytes = bytesOf(key, id);
      own.set(key, { id, bytes });
      return { do: 'insert', table: TABLES[table]!, id, bytes, add: [entry] };
    });
    assert.deepEqual(
      write.mutate(mutations),
      mutations.map(() => undefined),
    );
    write.commit();
  }

  clear(table: number): void {
    const write = this.engine.begin({ mode: 'direct' });
    write.clear([TABLES[table]!, INDEXES[table]!]);
    write.commit();
    this.rows[table]!.clear();
  }

  check(read: Transaction, table: number, keys: readonly string[], rows = this.rows[table]!): void {
    const expected = keys.map((key) => rows.get(key));
    for (const options of [{ isScattered: true }, {}, { isBorrowed: true }]) {
      const found = read.lookup(INDEXES[table]!, TABLES[table]!, keys.map(filed), { ...options, keyInRow: KEY_IN_ROW });
      assert.deepEqual(rowsOf(found), expected);
    }
  }
}

test('against a map of keys', () => {
  const table = fc.constantFrom(0, 1);
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ table, keys: fc.uniqueArray(fc.constantFrom(...ROW_KEYS), { maxLength: 300, size: 'max' }) }) },
    { weight: 1, arbitrary: fc.record({ table, keys: fc.constant(undefined) }) },
  );
  const asked = fc.array(fc.constantFrom(...KEYS), { minLength: 1, maxLength: 600, size: 'max' });
  fc.assert(
    fc.property(fc.array(fc.tuple(step, asked), { minLength: 1, maxLength: 8 }), (steps) => {
      const model = new Model();
      try {
        for (const [{ table: number, keys }, questions] of steps) {
          const before = model.engine.begin({ mode: 'read' });
          const rows = model.rows.map((each) => new Map(each));
          if (keys === undefined) model.clear(number);
          else model.toggle(number, keys);
          const now = model.engine.begin({ mode: 'read' });
          for (const each of [0, 1, 0]) {
            model.check(now, each, questions);
            model.check(before, each, questions, rows[each]);
          }
          for (const question of questions.slice(0, 5)) model.check(now, number, [question]);
          before.abort();
          now.abort();
        }
      } finally {
        model.engine.close();
      }
    }),
    { numRuns: tries({ quick: 8, thorough: 25 }) },
  );
});
