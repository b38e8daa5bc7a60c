/** That keys which are taken are found, wherever they are, when many rows are inserted together. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { tries } from '../../../tests/support/law.ts';
import type { Mutation } from '../engine.ts';
import { openMemoryStorage } from './engine.ts';

const TABLE = 1;
const INDEX = 2;

function insertOf(id: number, key: number): Mutation {
  const add = [{ index: INDEX, key: Buffer.from(`${String(key).padStart(5, '0')}\0`), isUnique: true }];
  return { do: 'insert', table: TABLE, id, bytes: Buffer.from('a row of some bytes'), add };
}

test('against a set of keys', () => {
  const batches = fc.array(fc.array(fc.nat(400), { minLength: 1, maxLength: 60, size: 'max' }), { maxLength: 12, size: 'max' });
  fc.assert(
    fc.property(batches, fc.constantFrom(0, 2000, 1_000_000), (keys, applyBytes) => {
      const engine = openMemoryStorage({ applyBytes });
      try {
        const holders = new Map<number, number>();
        let id = 0;
        for (const [number, batch] of keys.entries()) {
          const transaction = engine.begin({ mode: number % 3 === 2 ? 'deferred' : 'direct' });
          if (number % 5 === 4) {
            transaction.clear([TABLE, INDEX]);
            holders.clear();
          }
          // In ascending order, with one that is lower at the end, or as they come.
          const sorted = number % 2 === 0 ? [...batch.toSorted((one, other) => one - other), batch[0]!] : batch;
          const ids = sorted.map(() => ++id);
          const failures = transaction.mutate(sorted.map((key, i) => insertOf(ids[i]!, key)));
          for (const [i, key] of sorted.entries()) {
            assert.equal(failures[i]?.holder, holders.get(key));
            if (!holders.has(key)) holders.set(key, ids[i]!);
          }
          transaction.commit();
        }
      } finally {
        engine.close();
      }
    }),
    { numRuns: tries({ quick: 8, thorough: 20 }) },
  );
});
