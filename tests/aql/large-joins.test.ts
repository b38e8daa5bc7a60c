/** Joins whose rows have many matches: they are read in pieces, and the answers are those of a join without an index. */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { Value, ValueObject } from '#values';
import { Worlds, type DataSet } from '../support/world.ts';

const COUNT = 24_000;

/** Most of them have the same `many`; `some` comes a few hundred times each. */
const DATA: DataSet = {
  collections: [{ name: 'c', type: 'document' }],
  documents: {
    c: Array.from({ length: COUNT }, (_, i) => ({ _key: `k${i}`, n: i, many: i % 8 === 0 ? i : -1, some: i % 60, list: [i % 3, 7, 7] })),
  },
  indexes: [
    { collection: 'c', type: 'persistent', fields: ['many'] },
    { collection: 'c', type: 'persistent', fields: ['some'] },
    { collection: 'c', type: 'persistent', fields: ['some', 'n'], storedValues: ['list'] },
    { collection: 'c', type: 'persistent', fields: ['list[*]'] },
  ],
};

const worlds = new Worlds();
after(() => worlds.close());
const world = worlds.get('large joins', () => DATA);

const run = (query: string): readonly Value[] => world.run([], { query }).result;
const nodesOf = (query: string): string => JSON.stringify((world.explain({ query })['plan'] as ValueObject)['nodes']);

suite('a join with many matches', () => {
  for (const condition of ['d.many == i', 'd.some == i', 'd.some == i && d.n >= 100', 'd.some > i', 'i IN d.list']) {
    for (const result of ['RETURN [i, d._key]', 'COLLECT WITH COUNT INTO n RETURN n', 'LIMIT 17000, 5 RETURN [i, d.n]']) {
      test(`${condition} ${result}`, () => {
        const query = (options: string): string => `FOR i IN [8, -1, 9, 3, -1, 50, 7] FOR d IN c ${options} FILTER ${condition} ${result}`;
        assert.match(nodesOf(query('')), /"IndexNode"/);
        assert.doesNotMatch(nodesOf(query('OPTIONS { disableIndex: true }')), /"IndexNode"/);
        const found = run(query(''));
        // In the order of the index, which is another one than that of the collection where a condition is not of one value.
        if (condition !== 'd.some > i') assert.deepEqual(found, run(query('OPTIONS { disableIndex: true }')));
        else assert.equal(found.length, run(query('OPTIONS { disableIndex: true }')).length);
      });
    }
  }
});
