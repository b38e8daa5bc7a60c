/** The same as `random-queries.test.ts`, for very many queries. */
import { after, test } from 'node:test';
import fc from 'fast-check';
import { Worlds } from '../support/world.ts';
import { checkQuery } from './check-query.ts';
import { DATA, randomQueries } from './random-queries.ts';

const worlds = new Worlds();
after(() => worlds.close());

test('a hundred thousand random queries give the same with and without the optimizer', () => {
  const world = worlds.get('random', () => DATA);
  fc.assert(
    fc.property(randomQueries, (query) => checkQuery(world, query)),
    { numRuns: Number(process.env['RUNS'] ?? 100_000) },
  );
});
