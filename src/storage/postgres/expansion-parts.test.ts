/** What is kept of an answer's entries: in the order of their ids, whatever order the server gives, and no key that may have more. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { EntryPart, type Stretch } from './expansion-parts.ts';
import { KeyMap } from './key-map.ts';
import { bytesArray, int8Array } from './wire.ts';

/** A row of an answer from its second column on. */
function rowOf(key: string, entries: readonly number[]): Buffer {
  const columns = [Buffer.from(`${key}\0`), int8Array(entries), bytesArray(entries.map((id) => Buffer.from(`to ${id}`)))];
  return Buffer.concat(
    columns.flatMap((column) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(column.length);
      return [length, column];
    }),
  );
}

const groups = fc.uniqueArray(
  fc.tuple(fc.string({ unit: 'grapheme-ascii' }), fc.uniqueArray(fc.nat(1e12), { minLength: 1, maxLength: 9 })),
  {
    selector: ([key]) => key,
    minLength: 1,
    maxLength: 20,
  },
);

suite('entries of an answer', () => {
  for (const isCut of [false, true]) {
    test(isCut ? 'are known below the highest key only, when there may be more' : 'are known under each key, by ids', () => {
      fc.assert(
        fc.property(groups, (given) => {
          const rows = given.map(([key, ids]) => rowOf(key, ids));
          const known = new KeyMap<Stretch>();
          const part = new EntryPart(Buffer.concat(rows), known);
          let at = 0;
          for (const row of rows) {
            part.add(at);
            at += row.length;
          }
          const cut = part.close(isCut);
          const highest = given.map(([key]) => key).reduce((one, other) => (one < other ? other : one));
          assert.equal(cut?.toString(), isCut ? highest : undefined);
          for (const [key, ids] of given) {
            const stretch = known.get(Buffer.from(key));
            assert.equal(stretch === undefined, isCut && key === highest);
            if (stretch === undefined) continue;
            const { list, from, end } = stretch;
            const sorted = ids.toSorted((one, other) => one - other);
            assert.deepEqual(list.ids.slice(from, end), sorted);
            const values = sorted.map((_, i) => list.buffer.subarray(list.starts[from + i], list.ends[from + i]));
            assert.deepEqual(
              values.map((value) => Buffer.from(value).toString()),
              sorted.map((id) => `to ${id}`),
            );
          }
        }),
      );
    });
  }
});
