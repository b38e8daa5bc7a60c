/**
 * What queries read off the entries of indexes is what stands in the documents: whatever the values are, however long, after changes, with own
 * writes over what is committed, and with indexes that were made before entries held what they are of.
 */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import fc from 'fast-check';
import type { Value, ValueObject } from '#values';
import { Worlds, type DataSet } from '../support/world.ts';

const INDEXES: readonly (ValueObject & { readonly fields: readonly string[] })[] = [
  { fields: ['a'] },
  { fields: ['b', 'a'], sparse: true },
  { fields: ['o.x', 'a'], storedValues: ['b'] },
  { fields: ['a', 'o'], storedValues: ['_key', 'b'] },
  { fields: ['u'], unique: true, sparse: true },
  { fields: ['u', 'a'], unique: true },
  { fields: ['_key', 'b'] },
  { fields: ['t[*]'], storedValues: ['a'] },
  { fields: ['a', 't[*].x'] },
];

const long = fc.nat({ max: 700 }).map((length) => 'long "ü"'.repeat(Math.ceil(length / 8)).slice(0, length));
const value: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom<Value>(
    null,
    true,
    false,
    0,
    1,
    1.5,
    -1,
    1e21,
    '',
    'a',
    'A',
    '"',
    '\\',
    '\ud800',
    '(',
    '[',
    '",',
    { x: 1, y: 2 },
    { y: 2, x: 1 },
  ),
  fc.constantFrom<Value>([], [null], [1, null], { x: null }, ['(', { x: 'ß' }]),
  fc.string({ unit: 'grapheme', maxLength: 5 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
  long,
  fc.array(long, { maxLength: 2 }),
  long.map((x) => ({ x })),
);
const attributes = fc.record(
  {
    a: value,
    b: value,
    o: fc.oneof(fc.record({ x: value }, { noNullPrototype: true }), value),
    t: fc.oneof(fc.array(value, { maxLength: 3 }), value),
  },
  { requiredKeys: [], noNullPrototype: true },
);

const documents = (prefix: string, count: number): fc.Arbitrary<readonly ValueObject[]> =>
  fc
    .array(attributes, { minLength: count, maxLength: count })
    .map((all) => all.map((one, i) => ({ _key: `${prefix}-.@()+,=;$!*'%:${i}`, u: [prefix, i], ...one })));

const COLLECTIONS = ['new', 'older'];
const DATA: DataSet = {
  collections: COLLECTIONS.map((name) => ({ name, type: 'document' })),
  documents: {},
  indexes: COLLECTIONS.flatMap((collection) => INDEXES.map((index, i) => ({ ...index, collection, type: 'persistent', name: `i${i}` }))),
};

const worlds = new Worlds({ applyBytes: 0, journalBytes: 64 });
after(() => worlds.close());
const world = worlds.get('held', () => DATA);
world.makeIndexesOlder('older');
const [committed = []] = fc.sample(documents('c', 100), { seed: 1, numRuns: 1 });
world.load({ collections: [], documents: Object.fromEntries(COLLECTIONS.map((name) => [name, committed])) });
// The last commit before this one is now in the data file.
worlds.get('another', () => undefined);

const ATTRIBUTES = ['a', 'b', 'o', 'o.x', 'u', '_key', '_id', 't'];

/** All ways to go through one of the indexes, and what then is asked of it. */
const reads = fc
  .record({
    index: fc.nat({ max: INDEXES.length - 1 }),
    given: fc.oneof(value, fc.constant(null)),
    how: fc.constantFrom('>=', '==', '<=', 'SORT'),
    then: fc.constantFrom(
      '',
      'FILTER d.a != @given',
      'FILTER d._key >= "c-3"',
      'LET k = d._key FILTER k > "c"',
      'FILTER d.b != 1 FOR i IN d.b == null ? [] : [1, 2]',
    ),
    returned: fc.subarray(ATTRIBUTES, { minLength: 1 }),
    isWhole: fc.boolean(),
  })
  .map(({ index, given, how, then, returned, isWhole }) => {
    const [field = ''] = INDEXES[index]!.fields;
    const isExpanded = field.includes('[*]');
    const found = isExpanded
      ? `FILTER @given IN d.${field}`
      : how === 'SORT'
        ? `SORT d.${field} FILTER @given == @given`
        : `FILTER d.${field} ${how} @given`;
    const result = isWhole ? 'UNSET(d, "_rev")' : `[${returned.map((name) => `d.${name}`).join(', ')}]`;
    const query = (name: string, options: string): string =>
      `FOR d IN ${name} OPTIONS ${options} ${found} ${then} FILTER @given == @given RETURN ${result}`;
    return { index: `i${index}`, query, bindVars: { given } };
  });

const changes = fc.array(
  fc.oneof(
    documents('own', 3).map((all) => `FOR x IN ${JSON.stringify(all)} INSERT x INTO @@c OPTIONS { overwriteMode: "replace" }`),
    attributes.map((change) => `FOR x IN @@c FILTER x.a != null UPDATE x WITH ${JSON.stringify(change)} IN @@c`),
    value.map((a) => `FOR x IN @@c FILTER x.a == ${JSON.stringify(a)} REMOVE x IN @@c`),
    fc.constant('FOR x IN @@c FILTER x._key < "c-2" REPLACE x WITH { a: x.b, b: x.a, u: x.u, o: x.t } IN @@c'),
  ),
  { maxLength: 3 },
);

suite('what entries hold', () => {
  for (const name of COLLECTIONS) {
    test(`is what documents have: ${name} indexes`, () => {
      fc.assert(
        fc.property(reads, changes, ({ index, query, bindVars }, writes) => {
          const before = writes.map((each) => ({ query: each, bindVars: { '@c': name } }));
          const run = (options: string, as: 'values' | 'json'): readonly string[] =>
            sorted(world.run(before, { query: query(name, options), bindVars: { ...bindVars } }, as).result);
          const expected = run('{ disableIndex: true }', 'values');
          assert.deepEqual(run(`{ indexHint: "${index}" }`, 'values'), expected);
          assert.deepEqual(run(`{ indexHint: "${index}" }`, 'json'), expected);
        }),
        { numRuns: 40 },
      );
    });
  }

  test('spares the documents, unless it is long', () => {
    const lookups = (name: string, query: string): unknown => {
      const { extra } = world.run(
        [
          { query: `FOR x IN ${name} REMOVE x IN ${name}` },
          { query: `FOR i IN 1..9 INSERT { _key: TO_STRING(i), u: i, a: i < 3 ? REPEAT("a", 300) : "a" } INTO ${name}` },
        ],
        { query },
      );
      return (extra['stats'] as ValueObject)['documentLookups'];
    };
    const options = 'OPTIONS { indexHint: "i5", forceIndexHint: true }';
    assert.equal(lookups('new', `FOR d IN new ${options} FILTER d.u >= 0 RETURN d.u`), 0);
    assert.equal(lookups('new', `FOR d IN new ${options} FILTER d.u >= 0 RETURN [d._key, d._id]`), 0);
    assert.equal(lookups('new', `FOR d IN new ${options} FILTER d.u >= 0 RETURN [d.u, d.a]`), 2);
    assert.equal(lookups('older', `FOR d IN older ${options} FILTER d.u >= 0 RETURN d.u`), 9);
  });
  test('has no name of the collection in it', () => {
    const ids = (name: string): readonly Value[] =>
      world.run([], { query: `FOR d IN ${name} FILTER d.u >= null SORT d._key LIMIT 3 RETURN d._id` }).result;
    const before = ids('new');
    world.rename('new', 'renamed');
    assert.deepEqual(
      ids('renamed'),
      before.map((id) => (id as string).replace('new/', 'renamed/')),
    );
    world.rename('renamed', 'new');
  });
});

function sorted(values: readonly Value[]): readonly string[] {
  return values.map((each) => JSON.stringify(each)).toSorted();
}
