/** Random queries give the same whatever the optimizer does, as values and as JSON, and the same as the naive interpreter. */
import { after, test } from 'node:test';
import { assert, property } from 'fast-check';
import { tries } from '../support/law.ts';
import { Worlds } from '../support/world.ts';
import { checkQuery, checkWrites } from './check-query.ts';
import { DATA, randomQueries, randomWriteLists } from './random-queries.ts';

const worlds = new Worlds();
after(() => worlds.close());

test('random queries give the same with and without the optimizer', () => {
  const world = worlds.get('random', () => DATA);
  assert(
    property(randomQueries, (query) => checkQuery(world, query)),
    { numRuns: tries({ quick: 100, thorough: 400 }) },
  );
});

test('random writes leave the same with and without the optimizer', () => {
  const world = worlds.get('random', () => DATA);
  assert(
    property(randomWriteLists, (statements) => checkWrites(world, statements)),
    { numRuns: tries({ quick: 50, thorough: 200 }) },
  );
});
