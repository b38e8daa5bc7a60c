/** What a compiled query reads off the entries of an index, and when it reads the documents. */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { Value, ValueObject } from '#values';
import type { ExecutionNode, Pipeline } from '../../src/aql/plan.ts';
import { readOffEntries, readRowsLate } from '../../src/aql/compile/late-rows.ts';
import { readsOnce } from '../../src/aql/reads-once.ts';
import { Worlds } from '../support/world.ts';

const USERS = 300;

const worlds = new Worlds();
after(() => worlds.close());
const world = worlds.get('late rows', () => ({
  collections: [
    { name: 'users', type: 'document' },
    { name: 'orders', type: 'document' },
  ],
  documents: {
    users: Array.from({ length: USERS }, (_, i) => ({ _key: `u${i}`, city: `city${i % 3}`, age: i % 50, name: `name${i}`, mail: `${i}@` })),
    orders: Array.from({ length: USERS }, (_, i) => ({ _key: `o${i}`, customer: `u${(i * 7) % 90}`, total: i % 11, state: i % 2 })),
  },
  indexes: [
    { collection: 'users', type: 'persistent', fields: ['city', 'age'] },
    { collection: 'orders', type: 'persistent', fields: ['customer'], storedValues: ['total'] },
  ],
}));

/** The nodes that are compiled, with the attributes that are read off entries in brackets and those that are read off documents in parentheses. */
function steps(nodes: Pipeline): string {
  return nodes
    .filter(({ type }) => type !== 'SingletonNode')
    .map((node) => node.type.replace(/Node$/, '') + attributesOf(node))
    .join(' ');
}

function attributesOf(node: ExecutionNode): string {
  if (!('projections' in node) || node.projections === undefined) return '';
  const names = node.projections.map(({ path }) => path.join('.')).join(' ');
  return node.type === 'IndexNode' && node.isCovering ? `[${names}]` : `(${names})`;
}

const ORDERS = 'FOR o IN orders FILTER o.customer == u._key';
const CITY = 'FOR u IN users FILTER u.city == "city1"';

const CASES: readonly (readonly [query: string, compiled: string])[] = [
  [`${CITY} RETURN u._key`, 'Index[_key] Return'],
  [`${CITY} RETURN u._id`, 'Index[_id] Return'],
  [`${CITY} RETURN [u._id, u.age, u._key]`, 'Index[_id age _key] Calculation Return'],
  [`${CITY} RETURN 1`, 'Calculation Index[] Return'],
  [`${CITY} RETURN u.name`, 'Index(name) Return'],
  [`${CITY} RETURN u`, 'Index Return'],
  [`${CITY} ${ORDERS} RETURN [u.name, o.total]`, 'Index[_key] Index[total] Materialize Calculation Calculation Return'],
  [`${CITY} ${ORDERS} RETURN [u._id, o.state]`, 'Index[_key _id] Index(state) Calculation Return'],
  [`${CITY} && u.age % 5 == 0 RETURN [u.name, u.mail]`, 'Index[age] Materialize Calculation Calculation Calculation Return'],
  [`${CITY} SORT u._key DESC LIMIT 4 RETURN u.name`, 'Index[_key] Sort Limit Materialize Calculation Return'],
  [`${CITY} SORT u._key DESC LIMIT 4 RETURN u`, 'Index[_key] Calculation Sort Limit Materialize Return'],
  [`${CITY} SORT u.age LIMIT 4 RETURN u.name`, 'Index(name) Limit Return'],
  [`${CITY} SORT u.age LIMIT 90, 5 RETURN u.name`, 'Index(name) Limit Return'],
  [`${CITY} SORT u.age LIMIT 120, 5 RETURN u.name`, 'Index[] Limit Materialize Calculation Return'],
  [`${CITY} FOR i IN 1..2 RETURN [u.name, i]`, 'Calculation Index(name) EnumerateList Calculation Return'],
  [`${CITY} LET n = LENGTH(${ORDERS} RETURN o) FILTER n > 3 RETURN u.mail`, ''],
  [`${CITY} && u.age > 40 UPDATE u WITH { old: true } IN users`, 'Calculation Index[_key] Update'],
  [`${CITY} FILTER u.age % 5 == 0 INSERT { name: u.name } INTO orders`, ''],
];

suite('documents are read where entries do not do', () => {
  for (const [query, compiled] of CASES) {
    test(query, () => {
      const { nodes } = world.read((reader) => reader.prepare({ query }).plan);
      const late = readRowsLate(readOffEntries(nodes));
      if (compiled !== '') assert.equal(steps(late), compiled);
      const without = query.replaceAll(/ IN (users|orders) FILTER/g, ' IN $1 OPTIONS { disableIndex: true } FILTER');
      const isOrdered = query.includes('u._key DESC');
      const answer = (text: string): readonly string[] => {
        const texts = world.run([], { query: text }).result.map((each: Value) => JSON.stringify(each));
        return isOrdered ? texts : texts.toSorted();
      };
      // Which of equal ages come first is nowhere said.
      if (query.includes('LIMIT') && !isOrdered) assert.equal(answer(query).length, answer(without).length);
      else assert.deepEqual(answer(query), answer(without));
    });
  }

  test('each document once for its neighbours, and only those that are needed', () => {
    const { extra } = world.run([], { query: `${CITY} ${ORDERS} RETURN [u.name, o.total]` });
    const buyers = world.run([], { query: `${CITY} FILTER LENGTH(${ORDERS} RETURN 1) > 0 RETURN 1` }).result.length;
    assert.ok(buyers > 0 && buyers < USERS / 3);
    assert.equal((extra['stats'] as ValueObject)['documentLookups'], buyers);
  });

  test('own writes are seen', () => {
    const writes = ['FOR u IN users FILTER u.age < 20 UPDATE u WITH { name: "young", city: "city1" } IN users', 'REMOVE "u1" IN users'];
    const query = `${CITY} ${ORDERS} SORT u._key, o._key RETURN [u.name, u._id, o.total]`;
    const before = writes.map((each) => ({ query: each }));
    const without = query.replace('users', 'users OPTIONS { disableIndex: true }');
    assert.deepEqual(world.run(before, { query }).result, world.run(before, { query: without }).result);
  });
});

test('what may have to look for long values reads more than once', () => {
  const cases: readonly (readonly [query: string, isOnce: boolean])[] = [
    [`${CITY} RETURN u.age`, false],
    [`${CITY} RETURN u._key`, true],
    [`${CITY} RETURN u.name`, true],
    ['FOR o IN orders FILTER o.customer == "u7" RETURN [o.total, o.customer]', true],
  ];
  for (const [query, isOnce] of cases) {
    const { nodes } = world.read((reader) => reader.prepare({ query }).plan);
    assert.equal(readsOnce(readOffEntries(nodes)), isOnce, query);
  }
});
