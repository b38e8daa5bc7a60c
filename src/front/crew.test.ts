import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Crew } from './crew.ts';

const BUSY = 1;
const TIGHT = 0.85;
const FREE = 0.5;

const CASES = [
  {
    name: 'one after the other stands back, down to one more than processors',
    processors: 3,
    shares: [BUSY, BUSY, BUSY],
    sizes: [5, 4, 4],
  },
  { name: 'two go on in any case', processors: 1, shares: [BUSY, BUSY, BUSY, BUSY, BUSY], sizes: [5, 4, 3, 2, 2] },
  { name: 'they return when there is time', processors: 2, shares: [BUSY, BUSY, FREE, FREE, BUSY], sizes: [5, 4, 5, Infinity, 5] },
  { name: 'in between all stays as it is', processors: 2, shares: [TIGHT, BUSY, TIGHT, TIGHT], sizes: [Infinity, 5, 5, 5] },
] as const;

for (const { name, processors, shares, sizes } of CASES) {
  test(`of six workers: ${name}`, () => {
    const crew = new Crew(processors);
    assert.equal(crew.size, Infinity, 'nothing is known yet');
    const seen = shares.map((share) => {
      crew.adapt(share, 6);
      return crew.size;
    });
    assert.deepEqual(seen, sizes);
  });
}

test('the crew follows the number of workers', () => {
  const crew = new Crew(2);
  crew.adapt(BUSY, 3);
  assert.equal(crew.size, 3, 'all there are');
  crew.adapt(BUSY, 16);
  assert.equal(crew.size, 3, 'those that have come since stand back');
});
