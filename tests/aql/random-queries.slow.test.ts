/** The same as `random-queries.test.ts`, for very many queries. */
import { after, test } from 'node:test';
import { assert, property } from 'fast-check';
import { Worlds } from '../support/world.ts';
import { checkQuery, checkWrites } from './check-query.ts';
import { DATA, randomQueries, randomWriteLists } from './random-queries.ts';

const worlds = new Worlds();
after(() => worlds.close());

test('a hundred thousand random queries give the same with and without the optimizer', () => {
  const world = worlds.get('random', () => DATA);
  assert(
    property(randomQueries, (query) => checkQuery(world, query)),
    { numRuns: 100_000 },
  );
});

test('random writes leave the same with and without the optimizer', () => {
  const world = worlds.get('random', () => DATA);
  assert(
    property(randomWriteLists, (statements) => checkWrites(world, statements)),
    { numRuns: 10_000 },
  );
});
