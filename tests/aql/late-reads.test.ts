/** When a compiled query reads the attributes that its plan takes from documents. */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { ExecutionNode } from '../../src/aql/plan.ts';
import { readLate } from '../../src/aql/compile/late-reads.ts';
import { Worlds } from '../support/world.ts';

const worlds = new Worlds();
after(() => worlds.close());
const world = worlds.get('late reads', () => ({
  collections: [{ name: 'users', type: 'document' }],
  documents: { users: Array.from({ length: 9 }, (_, i) => ({ _key: `u${i}`, name: `name${i % 5}`, age: i, mail: i % 2 === 0 })) },
  indexes: [{ collection: 'users', type: 'persistent', fields: ['age'], storedValues: ['name'] }],
}));

/** The nodes behind the first, with the attributes that have variables where they stand. */
function steps(nodes: readonly ExecutionNode[]): string {
  return nodes
    .slice(1)
    .map((node) => {
      const given = 'projections' in node ? (node.projections ?? []).filter(({ variable }) => variable !== undefined) : [];
      const name = node.type.replace(/Node$/, '');
      return given.length === 0 ? name : `${name}(${given.map(({ path }) => path.join('.')).join(' ')})`;
    })
    .join(' ');
}

suite('attributes are read where the fewest rows are', () => {
  const cases: readonly (readonly [query: string, planned: string, compiled: string])[] = [
    [
      'FOR u IN users SORT u.name LIMIT 3 RETURN u.age',
      'EnumerateCollection(name age) Sort Limit Return',
      'EnumerateCollection(name) Sort Limit Calculation Return',
    ],
    [
      'FOR u IN users FILTER u.age > RAND() RETURN u.name',
      'EnumerateCollection(age name) Calculation Filter Return',
      'EnumerateCollection Calculation Filter Calculation Return',
    ],
    [
      'FOR u IN users RETURN u.mail ? u.name : null',
      'EnumerateCollection(mail name) Calculation Return',
      'EnumerateCollection Calculation Return',
    ],
    ['FOR u IN users SORT u.name RETURN u.age', 'EnumerateCollection(name age) Sort Return', 'EnumerateCollection(name age) Sort Return'],
    ['FOR u IN users FOR i IN 1..3 RETURN u.age + i', 'Calculation EnumerateCollection(age) EnumerateList Calculation Return', ''],
    ['FOR u IN users FILTER u.age > 3 LIMIT 2 RETURN u.name', 'Index(name) Limit Return', ''],
  ];
  for (const [query, planned, compiled] of cases) {
    test(query, () => {
      const { nodes } = world.read((reader) => reader.prepare({ query }).plan);
      assert.equal(steps(nodes), planned);
      const late = readLate(nodes);
      if (compiled === '') assert.equal(late, nodes);
      else assert.equal(steps(late), compiled);
    });
  }
});
