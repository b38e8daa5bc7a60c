import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Value } from '../value.ts';
import { InvalidShape, parseShape, shapeArea, shapeContains, shapeDistance, shapesIntersect } from './shape.ts';

const square = (size: number, at = 0): Value => [
  [at, at],
  [at + size, at],
  [at + size, at + size],
  [at, at + size],
  [at, at],
];
const polygon = (...rings: Value[]): Value => ({ type: 'Polygon', coordinates: rings });

function contains(outer: Value, inner: Value): boolean {
  const area = parseShape(outer);
  assert(area.is === 'area');
  return shapeContains(area, parseShape(inner));
}

test('a ring that runs clockwise encloses the rest of the world', () => {
  const clockwise = polygon((square(10) as Value[]).toReversed());
  assert.equal(contains(polygon(square(10)), [5, 5]), true);
  assert.equal(contains(clockwise, [5, 5]), false);
  assert.equal(contains(clockwise, [100, -50]), true);
  assert(shapeArea(parseShape(clockwise), 'sphere') > 5e14 - 1.3e12);
});

test('lines between positions are geodesics, not parallels', () => {
  const parallels = polygon([
    [4, 47],
    [16, 47],
    [16, 54],
    [4, 54],
    [4, 47],
  ]);
  assert.equal(contains(parallels, [10, 47.01]), false);
  assert.equal(contains(parallels, [10, 54.01]), true);
});

test('a hole is not in the area, whichever way it runs', () => {
  for (const hole of [square(2, 4), (square(2, 4) as Value[]).toReversed()]) {
    assert.equal(contains(polygon(square(10), hole), [5, 5]), false);
    assert.equal(contains(polygon(square(10), hole), [2, 2]), true);
  }
});

test('several polygons contain what one of them does, and polygons and lines that lie inside', () => {
  const two = { type: 'MultiPolygon', coordinates: [[square(2)], [square(2, 5)]] };
  assert.equal(contains(two, [1, 1]), true);
  assert.equal(contains(two, [6, 6]), true);
  assert.equal(contains(two, [4, 4]), false);
  assert.equal(
    contains(two, {
      type: 'LineString',
      coordinates: [
        [0.5, 0.5],
        [1.5, 1.5],
      ],
    }),
    true,
  );
  assert.equal(
    contains(two, {
      type: 'LineString',
      coordinates: [
        [0.5, 0.5],
        [5.5, 5.5],
      ],
    }),
    false,
  );
  assert.equal(contains(polygon(square(10)), polygon(square(2, 3))), true);
  assert.equal(contains(polygon(square(2, 3)), polygon(square(10))), false);
});

const INTERSECTIONS: readonly (readonly [left: Value, right: Value, expected: boolean])[] = [
  [polygon(square(5)), polygon(square(5, 3)), true],
  [polygon(square(2)), polygon(square(2, 3)), false],
  [
    polygon(square(2)),
    {
      type: 'LineString',
      coordinates: [
        [-1, 1],
        [3, 1],
      ],
    },
    true,
  ],
  [
    polygon(square(2)),
    {
      type: 'MultiPoint',
      coordinates: [
        [9, 9],
        [1, 1],
      ],
    },
    true,
  ],
  [
    {
      type: 'LineString',
      coordinates: [
        [0, 0],
        [2, 2],
      ],
    },
    {
      type: 'LineString',
      coordinates: [
        [0, 2],
        [2, 0],
      ],
    },
    true,
  ],
  [
    {
      type: 'MultiLineString',
      coordinates: [
        [
          [0, 0],
          [1, 1],
        ],
        [
          [5, 5],
          [6, 6],
        ],
      ],
    },
    { type: 'Point', coordinates: [5, 5] },
    true,
  ],
  [{ type: 'Point', coordinates: [1, 2] }, { type: 'Point', coordinates: [1, 2] }, true],
  [{ type: 'Point', coordinates: [1, 2] }, { type: 'Point', coordinates: [1, 3] }, false],
];

test('shapes of all types intersect, in either order', () => {
  for (const [left, right, expected] of INTERSECTIONS) {
    assert.equal(shapesIntersect(parseShape(left), parseShape(right)), expected, JSON.stringify([left, right]));
    assert.equal(shapesIntersect(parseShape(right), parseShape(left)), expected, JSON.stringify([right, left]));
  }
});

test('distances are between centroids, areas in square metres', () => {
  const middle = parseShape({
    type: 'MultiPoint',
    coordinates: [
      [-1, 0],
      [1, 0],
    ],
  });
  assert.equal(Math.round(shapeDistance(middle, parseShape([0, 1]), 'sphere')), 111_195);
  assert.equal(Math.round(shapeDistance(parseShape(polygon(square(2))), parseShape([1, 1]), 'sphere') / 1000), 0);
  assert.equal(Math.round(shapeArea(parseShape(polygon(square(1))), 'wgs84') / 1e6), 12_309);
});

const INVALID: readonly Value[] = [
  1,
  'Point',
  [1],
  ['1', 2],
  {},
  { type: 'Point' },
  { type: 'Circle', coordinates: [1, 2] },
  { type: 'LineString', coordinates: [[1, 2]] },
  {
    type: 'LineString',
    coordinates: [
      [1, 2],
      [1, 2],
    ],
  },
  { type: 'Polygon', coordinates: [] },
  {
    type: 'Polygon',
    coordinates: [
      [
        [0, 0],
        [1, 0],
        [0, 0],
      ],
    ],
  },
  {
    type: 'Polygon',
    coordinates: [
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ],
    ],
  },
  {
    type: 'Polygon',
    coordinates: [
      [
        [0, 0],
        [5, 5],
        [5, 0],
        [0, 5],
        [0, 0],
      ],
    ],
  },
  { type: 'Polygon', coordinates: [square(2), square(2, 1)] },
];

test('what is no shape is refused', () => {
  for (const each of INVALID) assert.throws(() => parseShape(each), InvalidShape, JSON.stringify(each));
});
