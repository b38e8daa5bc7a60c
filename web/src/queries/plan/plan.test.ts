import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expressionText, type Tree } from './expression-text.ts';
import { allSteps, readPlan } from './plan.ts';

const node = (type: string, subNodes: readonly Tree[] = [], own: Tree = {}): Tree => ({ type, subNodes, ...own });
const value = (of: unknown): Tree => node('value', [], { value: of });
const d = node('reference', [], { name: 'd', id: 0 });
const attribute = (name: string, of: Tree = d): Tree => node('attribute access', [of], { name });

const EXPRESSIONS: readonly (readonly [string, Tree])[] = [
  ['d.age > 5', node('compare >', [attribute('age'), value(5)])],
  ['d.`a b`', attribute('a b')],
  ['(d.a + 1) * 2', node('times', [node('plus', [attribute('a'), value(1)]), value(2)])],
  ['d.a + 1 * 2', node('plus', [attribute('a'), node('times', [value(1), value(2)])])],
  ['1 - (2 - 3)', node('minus', [value(1), node('minus', [value(2), value(3)])])],
  ['(1 OR 2) AND 3', node('logical and', [node('logical or', [value(1), value(2)]), value(3)])],
  ['NOT (1 AND 2)', node('unary not', [node('logical and', [value(1), value(2)])])],
  ['LENGTH(d.x, [1, 2])', node('function call', [node('array', [attribute('x'), node('array', [], { raw: [1, 2] })])], { name: 'LENGTH' })],
  ['1 ? "a" : "b"', node('ternary', [value(1), value('a'), value('b')])],
  ['{ a: 1, b: d }', node('object', [node('object element', [value(1)], { name: 'a' }), node('object element', [d], { name: 'b' })])],
  [
    'd.tags[* FILTER x > 1].name',
    node(
      'expansion',
      [
        node('iterator', [node('reference', [], { name: 'x' }), attribute('tags')]),
        node('reference', [], { name: 'x' }),
        node('compare >', [node('reference', [], { name: 'x' }), value(1)]),
        node('no-op'),
        attribute('name', node('reference', [], { name: 'x' })),
      ],
      { levels: 1 },
    ),
  ],
];

for (const [text, tree] of EXPRESSIONS) test(`the expression ${text}`, () => assert.equal(expressionText(tree), text));

const PLAN = {
  nodes: [
    { type: 'SingletonNode', id: 1, dependencies: [], estimatedCost: 1, estimatedNrItems: 1 },
    {
      type: 'EnumerateCollectionNode',
      id: 2,
      dependencies: [1],
      estimatedCost: 102,
      estimatedNrItems: 100,
      collection: 'users',
      outVariable: { id: 0, name: 'u' },
      filter: node('compare >', [attribute('age', node('reference', [], { name: 'u' })), value(50)]),
      projections: [{ path: ['age'] }, { path: ['address', 'city'] }],
    },
    {
      type: 'SubqueryStartNode',
      id: 3,
      dependencies: [2],
      estimatedCost: 0,
      estimatedNrItems: 0,
      subqueryOutVariable: { id: 1, name: 's' },
    },
    {
      type: 'IndexNode',
      id: 4,
      dependencies: [3],
      estimatedCost: 3,
      estimatedNrItems: 2,
      collection: 'knows',
      sorted: true,
      outVariable: { id: 2, name: 'k' },
      condition: node('n-ary or', [node('n-ary and', [node('compare ==', [value('a'), value('b')])])]),
      indexes: [{ name: 'edge', type: 'edge', fields: ['_from'], selectivityEstimate: 0.5 }],
    },
    {
      type: 'SubqueryEndNode',
      id: 5,
      dependencies: [4],
      estimatedCost: 402,
      estimatedNrItems: 100,
      outVariable: { id: 1, name: 's' },
      inVariable: { id: 2, name: 'k' },
    },
    {
      type: 'SortNode',
      id: 6,
      dependencies: [5],
      estimatedCost: 502,
      estimatedNrItems: 100,
      elements: [{ inVariable: { id: 3, name: '3' }, ascending: false }],
      limit: 10,
    },
    { type: 'ReturnNode', id: 7, dependencies: [6], estimatedCost: 602, estimatedNrItems: 100, inVariable: { id: 0, name: 'u' } },
  ],
  rules: ['use-indexes'],
  collections: [{ name: 'users', type: 'read' }],
  estimatedCost: 602,
  estimatedNrItems: 100,
};

test('a plan is a tree of loops and subqueries, with the cost of each step alone', () => {
  const plan = readPlan(PLAN);
  assert.deepEqual(
    plan.steps.map(({ verb, steps }) => [verb, steps.length]),
    [
      ['START', 0],
      ['FOR', 3],
    ],
  );
  const [, loop] = plan.steps;
  assert.equal(loop?.text, 'u IN users FILTER u.age > 50');
  assert.deepEqual(loop?.notes, ['full collection scan', 'reads only age, address.city']);
  assert.ok(loop?.warning?.includes('index'));
  const [subquery, sort, last] = loop?.steps ?? [];
  assert.deepEqual([subquery?.verb, subquery?.text, subquery?.cost], ['LET', 's = (', 402]);
  assert.equal(subquery?.steps[0]?.text, 'k IN knows FILTER "a" == "b"');
  assert.equal(subquery?.steps[0]?.steps[0]?.verb ?? subquery?.steps[1]?.verb, 'RETURN');
  assert.deepEqual([sort?.text, sort?.ownCost], ['#3 DESC', 100]);
  assert.equal(last?.verb, 'RETURN');
  assert.deepEqual(plan.indexes, [
    {
      collection: 'knows',
      name: 'edge',
      type: 'edge',
      fields: ['_from'],
      storedValues: [],
      isUnique: false,
      isSparse: false,
      selectivity: 0.5,
    },
  ]);
});

test('each step has its own part of the measured time', () => {
  const statistics = [
    { id: 2, calls: 1, items: 100, filtered: 0, runtime: 0.5, fetching: 0.1 },
    { id: 7, calls: 1, items: 100, filtered: 0, runtime: 0.75, fetching: 0.5 },
  ];
  const plan = readPlan(PLAN, statistics);
  const times = allSteps(plan.steps).flatMap(({ id, profile }) => (profile === undefined ? [] : [[id, profile.seconds]]));
  assert.deepEqual(times, [
    [2, 0.4],
    [7, 0.25],
  ]);
  assert.equal(plan.seconds, 0.65);
});
