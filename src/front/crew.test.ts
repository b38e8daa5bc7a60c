import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Crew } from './crew.ts';

const BUSY = { all: 1, own: 0.5 };
const TIGHT = { all: 0.85, own: 0.5 };
const FREE = { all: 0.5, own: 0.3 };
const BUSY_WITH_OTHERS = { all: 1, own: 0.1 };
const LEFT_OUT = { all: 1, own: 0.02 };

const CASES = [
  { name: 'one after the other stands back, down to the processors', processors: 4, loads: [BUSY, BUSY, BUSY], sizes: [5, 4, 4] },
  { name: 'two go on in any case', processors: 1, loads: [BUSY, BUSY, BUSY, BUSY, BUSY], sizes: [5, 4, 3, 2, 2] },
  { name: 'they return when there is time', processors: 2, loads: [BUSY, BUSY, FREE, FREE, BUSY], sizes: [5, 4, 5, Infinity, 5] },
  { name: 'in between all stays as it is', processors: 2, loads: [TIGHT, BUSY, TIGHT, TIGHT], sizes: [Infinity, 5, 5, 5] },
  { name: 'nobody makes room for others', processors: 2, loads: [BUSY_WITH_OTHERS, BUSY, BUSY_WITH_OTHERS], sizes: [Infinity, 5, 5] },
  { name: 'they return when others have taken nearly all', processors: 2, loads: [BUSY, BUSY, LEFT_OUT, BUSY], sizes: [5, 4, 5, 4] },
] as const;

for (const { name, processors, loads, sizes } of CASES) {
  test(`of six workers: ${name}`, () => {
    const crew = new Crew(processors);
    assert.equal(crew.size, Infinity, 'nothing is known yet');
    const seen = loads.map((load) => {
      crew.adapt(load, 6);
      return crew.size;
    });
    assert.deepEqual(seen, sizes);
  });
}

test('the crew follows the number of workers', () => {
  const crew = new Crew(2);
  crew.adapt(BUSY, 2);
  assert.equal(crew.size, 2, 'all there are');
  crew.adapt(BUSY, 16);
  assert.equal(crew.size, 2, 'those that have come since stand back');
});
