import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ArrayColumns } from './array-columns.ts';
import type { Value } from './value.ts';

const member = fc.oneof(
  fc.constantFrom<Value>(
    null,
    true,
    false,
    0,
    -0,
    -1,
    7,
    123_456_789_012_345,
    1e21,
    1.5,
    -2.25e-9,
    '',
    'a',
    '"',
    '\\',
    '],"',
    'ä',
    '🦊',
    '\u0001',
  ),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ unit: 'binary' }),
  fc.jsonValue() as fc.Arbitrary<Value>,
);

test('columns hold what parsing the arrays gives', () => {
  const arrays = fc.array(fc.tuple(member, member, member), { maxLength: 8 });
  fc.assert(
    fc.property(arrays, fc.subarray([0, 1, 2]), (rows, places) => {
      const texts = rows.map((row) => Buffer.from(JSON.stringify(row)));
      const starts = texts.map((_, i) => texts.slice(0, i).reduce((sum, { length }) => sum + length, 3));
      const ends = texts.map(({ length }, i) => starts[i]! + length);
      const buffer = Buffer.concat([Buffer.from('xyz'), ...texts]);
      const parsed = texts.map((text) => JSON.parse(text.toString()) as Value[]);
      const reader = new ArrayColumns(places);
      for (let turn = 0; turn < 2; turn++) {
        const columns = reader.read(buffer, starts, ends, rows.length);
        assert.deepEqual(
          columns,
          places.map((place) => parsed.map((row) => row[place])),
        );
      }
    }),
  );
});

test('nothing is read behind the last array', () => {
  const texts = ['', 'x', 'xx', 'xxx', 'xxxx', 'xxxxx', 'x'.repeat(60)];
  for (const before of texts) {
    for (const last of texts) {
      const rows = [before, last].map((text) => Buffer.from(JSON.stringify([text])));
      // With an end of its own, behind which a word cannot be read.
      const buffer = Uint8Array.from(Buffer.concat(rows));
      const starts = [0, rows[0]!.length];
      assert.deepEqual(new ArrayColumns([0]).read(buffer, starts, [starts[1]!, buffer.length], 2), [[before, last]]);
    }
  }
});
