/**
 * Queries that geo, multi-dimensional and fulltext indexes answer: what becomes of the plan, that less is read, and that the answer is
 * that of looking at all documents.
 */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { isArray, isObject, type Value, type ValueObject } from '#values';
import { Worlds, type DataSet } from '../support/world.ts';

/** A grid over all of the Earth, and some shapes. */
const GRID = Array.from({ length: 19 * 36 }, (_, i) => {
  const latitude = -90 + 10 * Math.floor(i / 36);
  const longitude = -180 + 10 * (i % 36);
  return {
    _key: `g${i}`,
    latitude,
    longitude,
    pair: [latitude, longitude],
    place: i % 2 === 0 ? [longitude, latitude] : { type: 'Point', coordinates: [longitude, latitude] },
    kind: i % 3 === 0 ? 'fox' : 'bear',
  };
});
const SHAPES = [
  { _key: 'road', place: { type: 'LineString', coordinates: [[1, 1], [8, 8]] } },
  { _key: 'park', place: { type: 'Polygon', coordinates: [[[2, 2], [4, 2], [4, 4], [2, 4], [2, 2]]] } },
]; // prettier-ignore

const DATA: DataSet = {
  collections: [
    { name: 'grid', type: 'document' },
    { name: 'points', type: 'document' },
    { name: 'tales', type: 'document' },
  ],
  documents: {
    grid: [...GRID, ...SHAPES],
    points: Array.from({ length: 900 }, (_, i) => ({ _key: `p${i}`, x: i % 30, y: Math.floor(i / 30), kind: i % 2 })),
    tales: [
      { _key: 'a', title: 'The fox', text: ['A fox', 'and a hunter'] },
      { _key: 'b', title: 'The bear', text: { one: 'A BEAR', two: 'no foxes' } },
    ],
  },
  indexes: [
    { collection: 'grid', type: 'geo', fields: ['place'], geoJson: true, name: 'place' },
    { collection: 'grid', type: 'geo', fields: ['latitude', 'longitude'], name: 'two' },
    { collection: 'grid', type: 'geo', fields: ['pair'], name: 'pair' },
    { collection: 'points', type: 'mdi', fields: ['x', 'y'], fieldValueTypes: 'double', name: 'box' },
    {
      collection: 'points',
      type: 'mdi-prefixed',
      fields: ['x'],
      prefixFields: ['kind'],
      fieldValueTypes: 'double',
      sparse: true,
      name: 'sparse',
    },
    { collection: 'tales', type: 'fulltext', fields: ['text'] },
  ],
};

const worlds = new Worlds();
after(() => worlds.close());
const world = worlds.get('search indexes', () => DATA);

interface Case {
  readonly query: string;
  readonly bindVars?: ValueObject;
  /** The index that is used; none: it is not for this query. */
  readonly index?: string;
  readonly isSorted?: true;
  readonly mostRead?: number;
  /** Documents without a place for the index, which have no distance: null, and so below every limit. */
  readonly leavesOut?: readonly string[];
}

const NOT_ON_GRID = ['park', 'road'];

const PARK = '{type: "Polygon", coordinates: [[[-5, -5], [25, -5], [25, 25], [-5, 25], [-5, -5]]]}';

const CASES: readonly Case[] = [
  { query: 'FOR d IN grid FILTER GEO_DISTANCE(d.place, [0, 0]) <= 1200000 SORT d._key RETURN d._key', index: 'place', mostRead: 30 },
  { query: 'FOR d IN grid FILTER GEO_DISTANCE([0, 0], d.place) < 1200000 SORT d._key RETURN d._key', index: 'place', mostRead: 30 },
  {
    query: 'FOR d IN grid FILTER @far > GEO_DISTANCE(@at, d.place) SORT d._key RETURN d',
    bindVars: { far: 1e6, at: [5, 5] },
    index: 'place',
  },
  { query: 'FOR d IN grid FILTER GEO_IN_RANGE(d.place, [0, 0], 10, 1200000) SORT d._key RETURN d._key', index: 'place' },
  {
    query:
      'FOR d IN grid FILTER d.kind == "fox" && GEO_DISTANCE([d.longitude, d.latitude], GEO_POINT(0, 0)) <= 2e6 SORT d._key RETURN d._key',
    index: 'two',
  },
  {
    query: 'FOR d IN grid FILTER DISTANCE(d.latitude, d.longitude, 50, 10) < 1500000 SORT d._key RETURN d._key',
    index: 'two',
    mostRead: 30,
    leavesOut: NOT_ON_GRID,
  },
  {
    query: 'FOR d IN grid FILTER DISTANCE(50, 10, d.latitude, d.longitude) < 1500000 SORT d._key RETURN d._key',
    index: 'two',
    leavesOut: NOT_ON_GRID,
  },
  {
    query: 'FOR d IN grid FILTER DISTANCE(50, 10, d.pair[0], d.pair[1]) < 1500000 SORT d._key RETURN d._key',
    index: 'pair',
    leavesOut: NOT_ON_GRID,
  },
  { query: `FOR d IN grid FILTER GEO_CONTAINS(${PARK}, d.place) SORT d._key RETURN d._key`, index: 'place', mostRead: 100 },
  { query: `FOR d IN grid FILTER GEO_INTERSECTS(${PARK}, d.place) == true SORT d._key RETURN d._key`, index: 'place' },
  { query: 'FOR d IN grid FILTER GEO_INTERSECTS(GEO_POINT(3, 3), d.place) RETURN d._key', index: 'place', mostRead: 20 },
  { query: 'FOR d IN grid SORT GEO_DISTANCE(d.place, [3, 3]) LIMIT 5 RETURN d._key', index: 'place', isSorted: true, mostRead: 120 },
  { query: 'FOR d IN grid LET far = GEO_DISTANCE(d.place, [3, 2]) SORT far LIMIT 2, 5 RETURN ROUND(far)', index: 'place', isSorted: true },
  {
    query: 'FOR d IN grid FILTER d.kind == "fox" SORT DISTANCE(d.latitude, d.longitude, 11, 22) LIMIT 3 RETURN d._key',
    index: 'two',
    isSorted: true,
  },
  {
    query:
      'FOR d IN grid FILTER DISTANCE(d.latitude, d.longitude, 11, 22) < 3e6 SORT DISTANCE(d.latitude, d.longitude, 11, 22) RETURN d._key',
    index: 'two',
    isSorted: true,
    leavesOut: NOT_ON_GRID,
  },
  {
    query: 'FOR p IN [[0, 0], [10, 50]] FOR d IN grid FILTER GEO_DISTANCE(d.place, p) < 100 SORT d._key RETURN [p, d._key]',
    index: 'place',
  },
  { query: 'RETURN LENGTH(FOR d IN grid FILTER GEO_DISTANCE(d.place, [0, 0]) < 2000000 RETURN 1)', index: 'place' },
  { query: 'FOR d IN grid SORT GEO_DISTANCE(d.place, [3, 3]) DESC LIMIT 3 RETURN 1' },
  { query: 'FOR d IN grid FILTER GEO_DISTANCE(d.place, d.place) < 5 RETURN 1' },
  { query: 'FOR d IN grid FILTER GEO_DISTANCE(d.pair, [0, 0]) < 5 RETURN 1' },
  { query: 'FOR d IN grid OPTIONS {disableIndex: true} FILTER GEO_DISTANCE(d.place, [0, 0]) < 5 RETURN 1' },
  { query: 'FOR d IN grid OPTIONS {indexHint: "two"} FILTER GEO_DISTANCE(d.place, [0, 0]) < 5 RETURN 1' },
  {
    query: 'FOR p IN points FILTER 3 <= p.x && p.x < 6 FILTER p.y >= 10 && p.y <= 12 SORT p._key RETURN p._key',
    index: 'box',
    mostRead: 60,
  },
  { query: 'FOR p IN points FILTER p.x == 3 && p.y > 27 SORT p._key RETURN p', index: 'box', mostRead: 60 },
  { query: 'FOR p IN points FILTER p.y <= @most SORT p._key RETURN p._key', bindVars: { most: 0 }, index: 'box', mostRead: 60 },
  {
    query: 'FOR p IN points OPTIONS {indexHint: "sparse"} FILTER p.kind == 1 && p.x > 3 && p.x < 6 SORT p._key RETURN p._key',
    index: 'box',
  },
  { query: 'FOR p IN points FILTER p.kind == 1 RETURN 1' },
];

function indexOf({ query, bindVars = {} }: Case): Value {
  const { plan = null } = world.explain({ query, bindVars });
  assert(isObject(plan) && isArray(plan['nodes'] ?? null));
  const nodes = plan['nodes'] as readonly ValueObject[];
  const node = nodes.find(({ type }) => type === 'IndexNode');
  const [index = null] = (node?.['indexes'] ?? []) as readonly Value[];
  return isObject(index) ? (index['name'] ?? null) : null;
}

test('a search for places is taken to find one of a hundred', () => {
  const { plan = null } = world.explain({ query: 'FOR d IN grid FILTER GEO_DISTANCE(d.place, [0, 0]) <= 1200000 RETURN d' });
  assert(isObject(plan));
  const node = (plan['nodes'] as readonly ValueObject[]).find(({ type }) => type === 'IndexNode');
  assert.equal(node?.['estimatedNrItems'], Math.round(GRID.length / 100));
});

suite('a query is answered by the index for it', () => {
  for (const each of CASES) {
    test(each.query, () => {
      assert.equal(indexOf(each), each.index ?? null);
      const { query, bindVars = {} } = each;
      const plain = world.run([], { query, bindVars, options: { optimizer: { rules: ['-all'] } } });
      for (const as of ['values', 'json'] as const) {
        const indexed = world.run([], { query, bindVars }, as);
        assert.deepEqual(
          indexed.result,
          plain.result.filter((row) => !(each.leavesOut ?? []).some((key) => key === row)),
        );
        const { scannedIndex, scannedFull } = indexed.extra['stats'] as { readonly scannedIndex: number; readonly scannedFull: number };
        if (each.mostRead !== undefined) assert(scannedFull === 0 && scannedIndex <= each.mostRead, `${scannedIndex} documents were read`);
      }
      const { plan = null } = world.explain({ query, bindVars });
      const hasSort = JSON.stringify(plan).includes('"SortNode"');
      if (each.isSorted === true) assert.equal(hasSort, false);
    });
  }
});

suite('of a search for the nearest a plan says how many are enough, and what it is about', () => {
  const sorted = 'SORT GEO_DISTANCE(d.place, [3, 3])';
  const cases: readonly (readonly [query: string, limit: number, farthest: RegExp])[] = [
    [`FOR d IN grid ${sorted} LIMIT 2, 5 RETURN d._key`, 7, /"GEO_DISTANCE".*"value":"unlimited"/],
    [`FOR d IN grid FILTER GEO_DISTANCE(d.place, [3, 3]) < 1e6 ${sorted} LIMIT 5 RETURN d._key`, 5, /"GEO_DISTANCE".*"value":1000000/],
    [`FOR d IN grid ${sorted} RETURN d._key`, 0, /"value":"unlimited"/],
    [`FOR d IN grid FILTER d.kind == "fox" ${sorted} LIMIT 5 RETURN d._key`, 0, /"value":"unlimited"/],
  ];
  for (const [query, limit, farthest] of cases) {
    test(query, () => {
      const { plan } = world.explain({ query });
      const [, node] = (plan as { readonly nodes: readonly ValueObject[] }).nodes;
      assert.equal(node?.['type'], 'IndexNode');
      assert.equal(node['limit'], limit);
      assert.match(JSON.stringify(node['condition']), farthest);
    });
  }
});

test('a document that is changed is not met again', () => {
  const moved = world.run([], {
    query: 'FOR d IN grid SORT GEO_DISTANCE(d.place, [0, 0]) LIMIT 20 UPDATE d WITH {place: [d.longitude + 5, 80]} IN grid RETURN NEW._key',
  }).result;
  assert.equal(new Set(moved).size, 20);
});

const FUNCTIONS: readonly (readonly [query: string, result: Value])[] = [
  ['FOR t IN FULLTEXT(tales, "text", "fox") RETURN t._key', ['a']],
  ['FOR t IN FULLTEXT(tales, "text", "prefix:fox") RETURN t._key', ['a', 'b']],
  ['FOR t IN FULLTEXT(tales, "text", "prefix:fox,-bear") RETURN t._key', ['a']],
  ['FOR t IN FULLTEXT(tales, "text", "bear,|hunter", 1) RETURN t._key', ['a']],
  ['FOR t IN FULLTEXT(tales, "text", "bear,|hunter", 0) RETURN t._key', []],
  ['FOR t IN FULLTEXT(tales, "text", "prefix:fox", null) RETURN t._key', ['a', 'b']],
  ['RETURN LENGTH(FULLTEXT(tales, "text", "a"))', [0]],
  ['FOR d IN WITHIN(grid, 50, 10, 10) RETURN d._key', ['g523']],
  ['FOR d IN NEAR(grid, 50, 10, 1, "far") RETURN [d._key, d.far]', [['g523', 0]]],
  ['RETURN LENGTH(NEAR(grid, 0, 0))', [100]],
  ['RETURN LENGTH(WITHIN_RECTANGLE(grid, -5, -5, 15, 15))', [4]],
];

suite('functions that search', () => {
  for (const [query, result] of FUNCTIONS) test(query, () => assert.deepEqual(world.run([], { query }).result, result));
  for (const [query, errorNum] of [
    ['RETURN FULLTEXT(tales, "title", "fox")', 1571],
    ['RETURN NEAR(grid, 1, 2, "x")', 1542],
    ['RETURN NEAR(grid, 1, 2, 3, 4)', 1542],
    ['RETURN WITHIN(grid, 1, 2, true)', 1542],
    ['RETURN WITHIN(1, 1, 2, 3)', 1542],
    ['RETURN NEAR(tales, 1, 2)', 1570],
    ['RETURN WITHIN(tales, 1, 2, 3)', 1570],
    ['RETURN WITHIN_RECTANGLE(tales, 1, 2, 3, 4)', 1570],
  ] as const) {
    test(query, () => assert.throws(() => world.run([], { query }), { errorNum }));
  }
});
