/**
 * Queries that an index covers give the same as without it: whatever the values are, where entries lie in the data file in many pages, and with
 * writes of the transaction between them.
 */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import fc from 'fast-check';
import type { Value, ValueObject } from '#values';
import { tries } from '../support/law.ts';
import { Worlds, type DataSet } from '../support/world.ts';

const COUNT = 3000;

const GROUPS: readonly Value[] = [
  null,
  'a',
  'ab',
  'Ab',
  'ä',
  'a "quoted" one',
  'a text that is longer than what is compared with the one before it',
  '',
  0,
  1,
  -2.5,
  true,
  [1, 'x'],
  { a: 'b' },
];
/** What is added up in any order. */
const NUMBERS: readonly Value[] = [0, -0, 1, 7, -7, 0.5, 1000, 123_456, 2 ** 33, -(2 ** 31)];
const ANY: readonly Value[] = [...GROUPS, null, 1e21, -2.25e-9, 1.1, 123_456_789_012_345, 1_234_567_890_123_456, 2 ** 53, false, []];

const at = (values: readonly Value[], i: number, salt: number): Value => values[(Math.imul(i + salt, 0x9e3779b1) >>> 8) % values.length]!;

function documentOf(i: number): ValueObject {
  return {
    _key: `k${i}`,
    group: at(GROUPS, i, 1),
    number: at(NUMBERS, i, 2),
    mixed: i % 50 === 0 ? 'no number' : i % 7 === 0 ? null : i % 10,
    other: at(ANY, i, 3),
    // Not in a sparse index.
    ...(i % 3 === 0 ? {} : { some: i % 20 }),
  };
}

const DATA: DataSet = {
  collections: [{ name: 'c', type: 'document' }],
  documents: { c: Array.from({ length: COUNT }, (_, i) => documentOf(i)) },
  indexes: [
    { collection: 'c', type: 'persistent', fields: ['group'], storedValues: ['number', 'mixed', 'other'] },
    { collection: 'c', type: 'persistent', fields: ['some'], sparse: true, storedValues: ['other', 'number'] },
  ],
};

const AGGREGATES = [
  'n = COUNT()',
  'sum = SUM(d.number)',
  'average = AVG(d.number)',
  'least = MIN(d.other)',
  'most = MAX(d.other)',
  'broken = SUM(d.mixed)',
  'mean = AVERAGE(d.mixed)',
  'different = COUNT_DISTINCT(d.other)',
  'unique = SORTED_UNIQUE(d.mixed)',
];
const FILTERS = [
  '',
  "FILTER d.group == 'a'",
  "FILTER d.group > 0 && d.group < 'b'",
  'FILTER d.group IN [null, 1, "ä"]',
  'FILTER d.some >= 5',
  'FILTER d.some == 7',
];
const WRITES = [
  'FOR d IN c FILTER d.number == 1 REMOVE d IN c',
  "FOR d IN c FILTER d.group == 'a' UPDATE d WITH { number: d.number + 3, other: 'changed' } IN c",
  "FOR i IN 1..40 INSERT { group: 'ab', number: i, other: i, some: 7 } INTO c",
];

const queries = fc
  .record({
    filter: fc.constantFrom(...FILTERS),
    aggregates: fc.subarray(AGGREGATES, { minLength: 1 }),
    isGrouped: fc.boolean(),
    limit: fc.constantFrom('', 'LIMIT 3', 'LIMIT 2, 5'),
  })
  .map(({ filter, aggregates, isGrouped, limit }) => {
    const names = aggregates.map((text) => text.split(' ')[0]);
    const group = isGrouped ? 'group = d.group' : '';
    const result = [...(isGrouped ? ['group'] : []), ...names].join(', ');
    return `${filter} COLLECT ${group} AGGREGATE ${aggregates.join(', ')} ${limit} RETURN { ${result} }`;
  });

const worlds = new Worlds({ applyBytes: 0, journalBytes: 64 });
after(() => worlds.close());
const world = worlds.get('covered', () => DATA);
// The last commit before this one is now in the data file.
worlds.get('another', () => undefined);

const run = (query: string, writes: readonly string[] = []) =>
  world.run(
    writes.map((each) => ({ query: each })),
    { query },
  );

suite('queries that an index covers', () => {
  test('groups and their aggregates are those of the documents', () => {
    fc.assert(
      fc.property(queries, fc.subarray(WRITES), (query, writes) => {
        const without = run(`FOR d IN c OPTIONS { disableIndex: true } ${query}`, writes);
        assert.deepEqual(run(`FOR d IN c ${query}`, writes).result, without.result);
      }),
      { numRuns: tries({ quick: 25, thorough: 150 }) },
    );
  });

  for (const column of ['group', 'number', 'mixed', 'other']) {
    for (const order of ['SORT d.group', 'SORT d.group DESC']) {
      test(`all values of ${column}, ${order}`, () => {
        const query = (options: string) => `FOR d IN c ${options} ${order} RETURN [d.group, d.${column}]`;
        const { result, extra } = run(query(''));
        assert.equal((extra['stats'] as ValueObject)['scannedIndex'], COUNT);
        assert.equal((extra['stats'] as ValueObject)['documentLookups'], 0);
        assert.deepEqual(sorted(result), sorted(run(query('OPTIONS { disableIndex: true }')).result));
      });
    }
  }

  test('each value once', () => {
    const query = (options: string) => `FOR d IN c ${options} FILTER d.group > 'a' RETURN DISTINCT d.other`;
    assert.deepEqual(sorted(run(query('')).result), sorted(run(query('OPTIONS { disableIndex: true }')).result));
  });

  test('a LIMIT in the middle of a page', () => {
    for (const [offset, count] of [
      [0, 1],
      [15, 2],
      [990, 20],
      [2990, 100],
    ] as const) {
      const { result } = run(`FOR d IN c SORT d.group LIMIT ${offset}, ${count} RETURN [d.group, d.other]`);
      assert.deepEqual(result, run('FOR d IN c SORT d.group RETURN [d.group, d.other]').result.slice(offset, offset + count));
    }
  });
});

function sorted(values: readonly Value[]): readonly string[] {
  return values.map((value) => JSON.stringify(value)).toSorted();
}
