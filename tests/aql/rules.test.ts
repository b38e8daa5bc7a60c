/** Each rule of the optimizer: where it applies, what becomes of the plan, and that the answer stays the same. */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { isArray, isObject, toText, type Value } from '#values';
import { RULES } from '../../src/aql/optimizer/optimizer.ts';
import { Worlds, type DataSet } from '../support/world.ts';

const DATA: DataSet = {
  collections: [
    { name: 'users', type: 'document' },
    { name: 'posts', type: 'document' },
    { name: 'empty', type: 'document' },
    { name: 'knows', type: 'edge' },
  ],
  documents: {
    users: Array.from({ length: 20 }, (_, i) => ({
      _key: `u${i}`,
      name: `name${i % 5}`,
      age: i,
      at: [i, i % 3],
      city: i % 2 === 0 ? 'Oslo' : 'Rome',
      tags: [`t${i % 3}`],
      ...(i % 4 === 0 && { nick: `n${i}` }),
    })),
    knows: Array.from({ length: 30 }, (_, i) => ({ _from: `users/u${i % 20}`, _to: `users/u${(i * 7 + 3) % 20}`, since: i % 5 })),
    posts: Array.from({ length: 15 }, (_, i) => ({ _key: `p${i}`, author: `u${i}`, likes: i % 4 })),
  },
  indexes: [
    { collection: 'users', type: 'persistent', fields: ['city', 'age'] },
    { collection: 'users', type: 'persistent', fields: ['age'], storedValues: ['name'] },
    { collection: 'users', type: 'persistent', fields: ['nick'], sparse: true },
    { collection: 'users', type: 'persistent', fields: ['tags[*]'] },
    { collection: 'users', type: 'geo', fields: ['at'], geoJson: true },
    { collection: 'posts', type: 'persistent', fields: ['author'] },
    { collection: 'empty', type: 'persistent', fields: ['a'] },
  ],
};

const worlds = new Worlds();
after(() => worlds.close());
const world = worlds.get('rules', () => DATA);

/** Rules that are applied and not listed. */
const HIDDEN = new Set(['specialize-collect']);

/** The types of a plan's nodes without the word that all have, and the rules that made it. */
function planOf(query: string, rules: readonly string[] = []) {
  const { plan } = world.explain({ query, options: { optimizer: { rules } } });
  assert.ok(plan !== undefined && isObject(plan));
  const nodes = asList(plan['nodes']).map((node) => toText(isObject(node) ? (node['type'] ?? null) : null).replace(/Node$/, ''));
  return { nodes: nodes.filter((type) => type !== 'Singleton').join(' '), rules: asList(plan['rules']).map(toText) };
}

const asList = (value: Value | undefined): readonly Value[] => (value !== undefined && isArray(value) ? value : []);

interface Case {
  readonly rule: string;
  readonly query: string;
  /** The nodes with it and without it. */
  readonly with: string;
  readonly without?: string;
}

const CASES: readonly Case[] = [
  {
    rule: 'async-prefetch',
    query: 'FOR u IN users SORT u.name, u._key RETURN UPPER(u.name)',
    with: 'EnumerateCollection Sort Calculation Return',
  },
  {
    rule: 'join-index-nodes',
    query: 'FOR u IN users FILTER u.city == "Oslo" FOR p IN posts FILTER p.author == u._key SORT p._key RETURN [u.age, p.likes]',
    with: 'Join Sort Calculation Return',
    without: 'Index Index Sort Calculation Return',
  },
  {
    rule: 'push-down-late-materialization',
    query: 'FOR u IN users FILTER u.age > 4 SORT u.name, u.age DESC LIMIT 3 RETURN u',
    with: 'Index Sort Limit Materialize Return',
    without: 'Index Calculation Calculation Sort Limit Return',
  },
  {
    rule: 'push-down-late-materialization',
    query:
      'FOR u IN users FILTER u.age > 4 && u.name != "name2" SORT u.age FOR p IN posts FILTER p.author == u._key RETURN [u.city, p.likes]',
    with: 'Index Materialize Index Calculation Return',
  },
  {
    rule: 'remove-sort-rand-limit-1',
    query: 'FOR u IN users SORT RAND() LIMIT 1 RETURN u.age >= 0',
    with: 'EnumerateCollection Limit Calculation Return',
    without: 'EnumerateCollection Calculation Sort Limit Calculation Return',
  },
  {
    rule: 'replace-any-eq-with-in',
    query: 'FOR u IN users FILTER ["n4", "n8"] ANY == u.nick SORT u.name, u._key RETURN u._key',
    with: 'Index Sort Return',
    without: 'EnumerateCollection Sort Return',
  },
  {
    rule: 'replace-like-with-range',
    query: 'FOR u IN users FILTER u.city LIKE "Osl%" SORT u.name, u._key RETURN u._key',
    with: 'Index Sort Return',
    without: 'EnumerateCollection Sort Return',
  },
  {
    rule: 'geo-index-optimizer',
    query: 'FOR u IN users SORT GEO_DISTANCE(u.at, [1, 2]) LIMIT 3 RETURN u._key',
    with: 'Index Limit Return',
    without: 'EnumerateCollection Calculation Sort Limit Return',
  },
  {
    rule: 'optimize-traversal-last-element-access',
    query: 'FOR v, e, p IN 1..2 OUTBOUND "users/u1" knows RETURN [p.vertices[-1]._key, p.edges[-1].since]',
    with: 'Traversal Calculation Return',
  },
  {
    rule: 'optimize-traversals',
    query: 'FOR v, e, p IN 1..3 OUTBOUND "users/u1" knows FILTER p.edges[*].since ALL >= 2 && v.age > 5 SORT v._key RETURN v._key',
    with: 'Traversal Calculation Sort Return',
    without: 'Traversal Calculation Filter Calculation Sort Return',
  },
  {
    rule: 'optimize-traversals',
    query: 'FOR v, e, p IN 0..3 ANY "users/u1" knows FILTER p.vertices[1].age > 3 && p.edges[1].since != 4 SORT v._key RETURN v._key',
    with: 'Traversal Calculation Filter Calculation Sort Return',
  },
  {
    rule: 'remove-filter-covered-by-traversal',
    query: 'FOR v, e, p IN 1..3 OUTBOUND "users/u1" knows FILTER p.vertices[*].age NONE == 7 SORT v._key RETURN v._key',
    with: 'Traversal Calculation Sort Return',
    without: 'Traversal Calculation Filter Calculation Sort Return',
  },
  {
    rule: 'remove-redundant-path-var',
    query: 'FOR v, e, p IN 1..3 OUTBOUND "users/u1" knows SORT v._key RETURN v._key',
    with: 'Traversal Calculation Sort Return',
  },
  {
    rule: 'inline-subqueries',
    query: 'FOR x IN (FOR u IN users FILTER u.age > 10 RETURN u.name) SORT x RETURN x',
    with: 'Index Sort Return',
    without: 'SubqueryStart Index SubqueryEnd EnumerateList Sort Return',
  },
  {
    rule: 'simplify-conditions',
    query: 'FOR u IN users SORT u.name, u._key RETURN {a: u.age, b: u.city}.b',
    with: 'EnumerateCollection Sort Return',
  },
  {
    rule: 'move-calculations-up',
    query: 'FOR u IN users FOR p IN posts LET n = UPPER(u.name) FILTER p.author == u._key SORT p.likes, p._key RETURN n',
    with: 'EnumerateCollection Index Sort Calculation Return',
  },
  {
    rule: 'move-filters-up',
    query: 'FOR u IN users FOR p IN posts FILTER u.name == "name1" && p.likes == u.age SORT p.likes, p._key RETURN p._key',
    with: 'EnumerateCollection Index Sort Return',
  },
  {
    rule: 'remove-redundant-calculations',
    query: 'FOR u IN users SORT u.name, u._key LET n = u.name RETURN n',
    with: 'EnumerateCollection Sort Return',
  },
  {
    rule: 'remove-unnecessary-filters',
    query: 'LET yes = 1 == 1 FOR u IN users FILTER yes SORT u.name, u._key RETURN u._key',
    with: 'EnumerateCollection Sort Return',
    without: 'Calculation Filter EnumerateCollection Sort Return',
  },
  {
    rule: 'remove-unnecessary-filters',
    query: 'LET no = false FOR u IN users FILTER no COLLECT WITH COUNT INTO n RETURN n',
    with: 'NoResults EnumerateCollection Collect Return',
  },
  {
    rule: 'remove-unnecessary-calculations',
    query: 'FOR u IN users LET unused = UPPER(u.name) SORT u.name, u._key RETURN u._key',
    with: 'EnumerateCollection Sort Return',
  },
  {
    rule: 'specialize-collect',
    query: 'FOR u IN users COLLECT c = u.name RETURN c',
    with: 'EnumerateCollection Collect Sort Return',
  },
  {
    rule: 'remove-redundant-sorts',
    query: 'FOR u IN users COLLECT c = u.name SORT null RETURN c',
    with: 'EnumerateCollection Collect Return',
  },
  {
    rule: 'optimize-subqueries',
    query: 'FOR u IN users LET p = FIRST(FOR p IN posts FILTER p.author == u._key RETURN p._key) SORT u.name, u._key RETURN p',
    with: 'EnumerateCollection SubqueryStart Index Limit SubqueryEnd Sort Calculation Return',
  },
  {
    rule: 'interchange-adjacent-enumerations',
    query: 'FOR p IN posts FOR u IN users FILTER u.age == 3 && p.author == u._key RETURN p._key',
    with: 'Join Return',
  },
  {
    rule: 'remove-collect-variables',
    query: 'FOR u IN users COLLECT c = u.name INTO g RETURN [c, LENGTH(g)]',
    with: 'EnumerateCollection Collect Sort Calculation Return',
  },
  {
    rule: 'propagate-constant-attributes',
    query: 'FOR u IN users FOR p IN posts FILTER u._key == "u3" && p.author == u._key RETURN p._key',
    with: 'Index Index Return',
  },
  {
    rule: 'replace-or-with-in',
    query: 'FOR u IN users FILTER u.age == 3 || u.age == 5 SORT u._key RETURN u._key',
    with: 'Index Sort Return',
  },
  {
    rule: 'use-indexes',
    query: 'FOR u IN users FILTER u.city == "Oslo" && u.age > 10 SORT u._key RETURN u._key',
    with: 'Index Sort Return',
  },
  {
    rule: 'use-indexes',
    query: 'FOR u IN users FILTER u.city == "Oslo" || u.age > 17 SORT u._key RETURN u._key',
    with: 'Index Sort Return',
  },
  { rule: 'use-indexes', query: 'FOR u IN users FILTER "t1" IN u.tags SORT u._key RETURN u._key', with: 'Index Sort Return' },
  { rule: 'use-indexes', query: 'FOR u IN users FILTER u.nick == "n4" RETURN u._key', with: 'Index Return' },
  {
    rule: 'remove-filter-covered-by-index',
    query: 'FOR u IN users FILTER u.age > 15 SORT u._key RETURN u._key',
    with: 'Index Sort Return',
    without: 'Index Materialize Calculation Sort Return',
  },
  { rule: 'use-index-for-sort', query: 'FOR u IN users SORT u.age RETURN u._key', with: 'Index Return' },
  {
    rule: 'use-index-for-collect',
    query: 'FOR u IN users COLLECT c = u.city RETURN c',
    with: 'Index Collect Return',
    without: 'EnumerateCollection Collect Sort Return',
  },
  {
    rule: 'use-index-for-sort',
    query: 'FOR u IN users FILTER u._key > "u13" SORT u._key DESC LIMIT 3 RETURN u.age',
    with: 'Index Limit Return',
  },
  {
    rule: 'use-index-for-sort',
    query: 'FOR u IN users SORT u._id RETURN u',
    with: 'Index Return',
    without: 'EnumerateCollection Calculation Sort Return',
  },
  {
    rule: 'use-index-for-sort',
    query: 'FOR u IN users FILTER u.city == "Rome" SORT u.age DESC RETURN u._key',
    with: 'Index Return',
  },
  {
    rule: 'use-index-for-collect',
    query: 'FOR u IN users COLLECT age = u.age AGGREGATE first = MIN(u.name) RETURN { age, first }',
    with: 'Index Collect Calculation Return',
    without: 'EnumerateCollection Collect Sort Calculation Return',
  },
  {
    rule: 'move-calculations-down',
    query: 'FOR u IN users SORT u.name, u._key LET n = UPPER(u.name) LIMIT 3 RETURN n',
    with: 'EnumerateCollection Sort Limit Calculation Return',
  },
  {
    rule: 'fuse-filters',
    query: 'FOR u IN users SORT u.name, u._key LIMIT 10 FILTER u.name != "x" FILTER u.city != "y" RETURN u._key',
    with: 'EnumerateCollection Sort Limit Calculation Filter Return',
    without: 'EnumerateCollection Sort Limit Calculation Filter Calculation Filter Return',
  },
  {
    rule: 'move-filters-into-enumerate',
    query: 'FOR u IN users FILTER u.name == "name1" SORT u.name, u._key RETURN u._key',
    with: 'EnumerateCollection Sort Return',
    without: 'EnumerateCollection Calculation Filter Sort Return',
  },
  {
    rule: 'sort-limit',
    query: 'FOR u IN users SORT u.name, u._key LIMIT 2, 3 RETURN u._key',
    with: 'EnumerateCollection Sort Limit Return',
  },
  {
    rule: 'reduce-extraction-to-projection',
    query: 'FOR u IN users FILTER u.age > 5 SORT u.age RETURN u.name',
    with: 'Index Return',
  },
  {
    rule: 'reduce-extraction-to-projection',
    query: 'FOR p IN posts COLLECT AGGREGATE last = MAX(p._id) RETURN last',
    with: 'Index Collect Return',
    without: 'EnumerateCollection Calculation Collect Return',
  },
  {
    rule: 'optimize-projections',
    query: 'FOR u IN users SORT u.name, u._key RETURN u.name',
    with: 'EnumerateCollection Sort Return',
    without: 'EnumerateCollection Calculation Calculation Sort Return',
  },
  {
    rule: 'optimize-count',
    query: 'RETURN LENGTH(FOR u IN users FILTER u.age > 5 RETURN u)',
    with: 'SubqueryStart Index Collect SubqueryEnd Calculation Return',
  },
];

suite('a rule applies and changes no answer', () => {
  for (const { rule, query, with: expected, without } of CASES) {
    test(`${rule}: ${query}`, () => {
      const plan = planOf(query);
      assert.equal(plan.nodes, expected);
      assert.ok(
        HIDDEN.has(rule) || plan.rules.some((name) => name === rule || name.startsWith(`${rule}-`)),
        `applied were ${plan.rules.join(', ')}`,
      );
      if (without !== undefined) assert.equal(planOf(query, [`-${rule}`, ...[2, 3, 4].map((turn) => `-${rule}-${turn}`)]).nodes, without);
      const { result } = world.run([], { query });
      for (const rules of [[`-${rule}`], ['-all'], ['-all', `+${rule}`]]) {
        assert.deepEqual(world.run([], { query, options: { optimizer: { rules } } }).result, result, rules.join(' '));
      }
    });
  }
});

test('every rule that may be switched off has a case', () => {
  const covered = new Set(CASES.map(({ rule }) => rule));
  const names = new Set(RULES.map(({ name }) => name));
  // A later turn has a number after its name.
  const missing = [...names].filter((name) => !covered.has(name) && !(/-\d$/.test(name) && names.has(name.replace(/-\d$/, ''))));
  assert.deepEqual(missing, ['remove-data-modification-out-variables']);
});

test('nodes that ArangoDB would run ahead are marked: none before a LIMIT, in a subquery, or where something is written', () => {
  const marked = (query: string): string => {
    const { plan } = world.explain({ query });
    assert.ok(plan !== undefined && isObject(plan));
    const nodes = asList(plan['nodes']).map((node) => (isObject(node) ? node : {}));
    const ahead = nodes
      .filter((node) => node['isAsyncPrefetchEnabled'] === true)
      .map(({ type = null }) => toText(type).replace(/Node$/, ''));
    assert.equal(plan['asyncPrefetchNodes'], ahead.length);
    assert.equal(asList(plan['rules']).includes('async-prefetch'), ahead.length > 0);
    return ahead.join(' ');
  };
  assert.equal(marked('FOR i IN 1..9 LET b = i * 2 RETURN b'), 'Calculation EnumerateList Calculation');
  assert.equal(marked('FOR i IN 1..9 LET b = i * RAND() RETURN b'), 'Calculation EnumerateList');
  assert.equal(marked('FOR u IN users COLLECT c = u.age % 2 RETURN c'), 'EnumerateCollection Calculation Collect Sort');
  assert.equal(marked('FOR u IN users FILTER u.name == "a" LIMIT 3 RETURN u'), '');
  assert.equal(marked('FOR u IN users LIMIT 3 SORT u.name RETURN u.age + 1'), 'Sort Calculation');
  assert.equal(
    marked('FOR u IN users LET s = (FOR p IN posts RETURN p) FILTER LENGTH(s) > RAND() RETURN s[0]'),
    'Calculation EnumerateCollection Filter',
  );
  assert.equal(marked('FOR u IN users UPDATE u WITH { a: 1 } IN users'), '');
  assert.equal(marked('FOR v, e, p IN 1..3 OUTBOUND "users/u1" knows FILTER v.age == 1 RETURN p'), 'Traversal');
});

suite('a filter that is a constant is decided before there are rules', () => {
  const queries: readonly (readonly [query: string, nodes: string, result: readonly Value[]])[] = [
    ['FOR i IN [1, 2, 3] FILTER 1 == 2 RETURN i', 'Calculation EnumerateList NoResults Return', []],
    ['FOR i IN [1, 2, 3] FILTER 1 == 1 RETURN i', 'Calculation EnumerateList Return', [1, 2, 3]],
    ['FOR u IN users FILTER false COLLECT WITH COUNT INTO n RETURN n', 'EnumerateCollection NoResults Collect Return', [0]],
    ['FOR u IN users COLLECT WITH COUNT INTO n FILTER false RETURN n', 'EnumerateCollection Collect NoResults Return', []],
    ['FOR u IN users COLLECT AGGREGATE m = MAX(u.age) FILTER 0 RETURN m', 'EnumerateCollection Calculation Collect NoResults Return', []],
    ['RETURN (FOR u IN users FILTER null RETURN u)', 'SubqueryStart EnumerateCollection NoResults SubqueryEnd Return', [[]]],
  ];
  for (const [query, nodes, result] of queries) {
    test(query, () => {
      assert.equal(planOf(query, ['-all']).nodes, nodes);
      for (const rules of [[], ['-all']]) {
        assert.deepEqual(world.run([], { query, options: { optimizer: { rules } } }).result, result, rules.join(' '));
      }
    });
  }

  test('what is written before it is written all the same', () => {
    const { nodes } = planOf('FOR i IN 1..2 INSERT { i } INTO empty FILTER false RETURN i');
    assert.equal(nodes, 'Calculation EnumerateList Calculation Insert Calculation Filter Return');
  });

  test('behind it nothing costs anything, and nothing is shown of its condition', () => {
    const { plan } = world.explain({ query: 'FOR i IN [1, 2, 3] FILTER 1 == 2 RETURN i' });
    assert.ok(plan !== undefined && isObject(plan));
    assert.equal(plan['estimatedCost'], 0.5);
    assert.deepEqual(
      asList(plan['variables']).map((each) => isObject(each) && each['name']),
      ['1', 'i'],
    );
  });
});

test('an index whose order is used says by what it sorts', () => {
  const orderOf = (query: string): Value | undefined => {
    const { plan } = world.explain({ query });
    assert.ok(plan !== undefined && isObject(plan));
    const node = asList(plan['nodes']).find((each) => isObject(each) && each['type'] === 'IndexNode');
    assert.ok(node !== undefined && isObject(node));
    const elements = asList(node['sortElements']).map((each) =>
      isObject(each) ? [each['path'] ?? null, each['ascending'] ?? null] : each,
    );
    assert.equal(node['needsGatherNodeSort'], 'sortElements' in node);
    return elements;
  };
  assert.deepEqual(orderOf('FOR u IN users FILTER u.age > 3 SORT u.age RETURN u.name'), [[['age'], true]]);
  assert.deepEqual(orderOf('FOR u IN users SORT u.city DESC, u.age DESC RETURN u'), [
    [['city'], false],
    [['age'], false],
  ]);
  assert.deepEqual(orderOf('FOR u IN users FILTER u.age > 3 RETURN u.name'), []);
});

test('an attribute that is taken from documents has one variable, whoever reads it', () => {
  const shown = (query: string, rules: readonly string[] = []) => {
    const { plan } = world.explain({ query, options: { optimizer: { rules } } });
    const accesses = JSON.stringify(plan).match(/"attribute access"/g) ?? [];
    const variables = JSON.stringify(plan).match(/"path":\["\w+"\],"variable"/g) ?? [];
    return [variables.length, accesses.length];
  };
  assert.deepEqual(shown('FOR u IN users SORT u.name RETURN { n: UPPER(u.name), c: u.city }'), [2, 0]);
  assert.deepEqual(shown('FOR u IN users RETURN (FOR p IN posts FILTER p.likes == u.age RETURN [u.name, p.likes])'), [3, 1]);
  // A filter reads the document itself.
  assert.deepEqual(shown('FOR u IN users FILTER u.name == "name1" RETURN u.city'), [1, 1]);
  assert.deepEqual(shown('FOR u IN users RETURN [u, u.name]'), [0, 1]);
});

test('LENGTH as an aggregate needs no value, and nothing is read for it', () => {
  const query = 'FOR u IN users COLLECT city = u.city AGGREGATE n = LENGTH(u), m = COUNT(u.name) RETURN { city, n, m }';
  const { plan } = world.explain({ query });
  assert.match(JSON.stringify(plan), /"projections":\[\{"path":\["city"\],"variable":[^[]*\]/);
  assert.deepEqual(world.run([], { query }).result, [
    { city: 'Oslo', n: 10, m: 10 },
    { city: 'Rome', n: 10, m: 10 },
  ]);
});

test('an index of an empty collection costs nothing', () => {
  const { plan } = world.explain({ query: 'FOR e IN empty FILTER e.a == 1 RETURN e' });
  assert.ok(plan !== undefined && isObject(plan));
  assert.equal(plan['estimatedCost'], 1);
});

test('OLD and NEW that nobody reads are not set', () => {
  const { plan } = world.explain({ query: 'FOR u IN users UPDATE u WITH {a: 1} IN users' });
  assert.ok(isObject(plan ?? null));
  assert.match(JSON.stringify(plan), /"remove-data-modification-out-variables"/);
  assert.doesNotMatch(JSON.stringify(plan), /outVariableNew|outVariableOld/);
});

suite('an index is used only where it has all that is asked for', () => {
  const queries: readonly (readonly [query: string, isUsed: boolean])[] = [
    ['FOR u IN users FILTER u.nick == null RETURN u', false],
    ['FOR u IN users FILTER u.nick < "z" RETURN u', false],
    ['FOR u IN users FILTER u.nick > "a" RETURN u', true],
    ['FOR u IN users FILTER u.nick IN ["n4", null] RETURN u', false],
    ['FOR u IN users FILTER u.nick IN ["n4", "n8"] RETURN u', true],
    ['FOR u IN users FOR p IN posts FILTER u.nick == p.author RETURN u', false],
    ['FOR u IN users FILTER u.age + 1 == 5 RETURN u', false],
    ['FOR u IN users FILTER u.age == u.city RETURN u', false],
    ['FOR u IN users FILTER u.age == 1 || u.name == "x" RETURN u', false],
    ['FOR u IN users OPTIONS {disableIndex: true} FILTER u.age == 1 RETURN u', false],
    ['FOR u IN users LIMIT 3 FILTER u.age == 1 RETURN u', false],
  ];
  for (const [query, isUsed] of queries) {
    test(query, () => {
      const isIndexed = planOf(query).nodes.split(' ')[0] === 'Index';
      assert.equal(isIndexed && !query.includes('posts'), isUsed);
    });
  }
});

suite('hundreds of alternatives are looked up one by one', () => {
  const alternatives = (write: (i: number) => string): string => Array.from({ length: 400 }, (_, i) => write(i)).join(' || ');
  const queries: Readonly<Record<string, string>> = {
    'of one attribute': alternatives((i) => `u.age == ${i}`),
    'of two attributes': alternatives((i) => `u.${i % 2 === 0 ? 'age' : 'nick'} == ${i % 2 === 0 ? i : `"n${i}"`}`),
    'of ranges': alternatives((i) => `(u.age > ${i * 3} && u.age < ${i * 3 + 2})`),
    'with conditions of each': alternatives((i) => `(u.age == ${i} && u.name == "name${i % 4}")`),
  };
  for (const [what, filter] of Object.entries(queries)) {
    test(what, () => {
      const query = `FOR u IN users FILTER ${filter} SORT u._key RETURN u._key`;
      assert.match(planOf(query).nodes, /^Index (?:Materialize Calculation )?Sort Return$/);
      const { result } = world.run([], { query });
      assert.ok(result.length > 0);
      assert.deepEqual(world.run([], { query, options: { optimizer: { rules: ['-all'] } } }).result, result);
    });
  }

  test('given as bind parameters', () => {
    const query = 'FOR u IN users FILTER u.age == @a || u.age == @b || u.age IN [@c, 7] SORT u.age RETURN u.age';
    const { result, extra } = world.run([], { query, bindVars: { a: 3, b: 5, c: 3 } });
    assert.deepEqual(result, [3, 5, 7]);
    const { stats } = extra;
    assert.ok(stats !== undefined && isObject(stats));
    assert.equal(stats['scannedFull'], 0);
  });
});

test('a hint is good for sorting and for reading keys, too', () => {
  const hint = (name: string) => `OPTIONS {indexHint: "${name}", forceIndexHint: true}`;
  assert.equal(planOf(`FOR p IN posts ${hint('primary')} RETURN p._key`).nodes, 'Index Return');
  assert.equal(planOf(`FOR p IN posts ${hint('primary')} SORT p._key RETURN p`).nodes, 'Index Return');
  assert.throws(() => world.run([], { query: `FOR p IN posts ${hint('primary')} RETURN p.likes` }), { errorNum: 1577 });
  assert.throws(() => world.run([], { query: `FOR u IN users ${hint('primary')} SORT u.age RETURN u` }), { errorNum: 1577 });
});

test('a forced hint that cannot be used is error 1577', () => {
  assert.throws(
    () => world.run([], { query: 'FOR u IN users OPTIONS {indexHint: "none", forceIndexHint: true} FILTER u.age == 1 RETURN u' }),
    {
      errorNum: 1577,
    },
  );
});
