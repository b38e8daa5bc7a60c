/**
 * AQL's geo functions. Longitude comes first in arrays and GeoJSON, latitude first where they are two arguments. Shapes are read by
 * `values`, and what is none gives a warning and null.
 */
import type { ErrorName } from '#base';
import {
  haversineDistance,
  InvalidShape,
  isArray,
  parseRing,
  parseShape,
  s2js,
  shapeArea,
  shapeContains,
  shapeDistance,
  shapesEqual,
  shapesIntersect,
  type Ellipsoid,
  type Shape,
  type Value,
} from '#values';
import type { FunctionContext } from './context.ts';
import { define, list, numeral, optional, value, warn } from './define.ts';
const MISMATCH: ErrorName = 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH';

export const DISTANCE = define({
  name: 'DISTANCE',
  summary: 'Metres between two points on a sphere of the size of the Earth.',
  params: [numeral('latitude1'), numeral('longitude1'), numeral('latitude2'), numeral('longitude2')],
  examples: [
    ['ROUND(DISTANCE(52.5163, 13.3777, 50.9322, 6.94))', 476919],
    ['DISTANCE(0, 0, 0, null)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: haversineDistance,
});

export const GEO_DISTANCE = define({
  name: 'GEO_DISTANCE',
  summary: 'Metres between the centroids of two shapes, on a sphere or, for the ellipsoid "wgs84", on that.',
  params: [value('geoJsonA'), value('geoJsonB'), optional(value('ellipsoid'), 'sphere')],
  examples: [
    ['ROUND(GEO_DISTANCE([13.3777, 52.5163], [6.94, 50.9322]))', 476919],
    ['ROUND(GEO_DISTANCE([0, 0], GEO_POINT(0, 1), "wgs84"))', 110574],
    ['GEO_DISTANCE([0, 0], 1)', null, 'ERROR_BAD_PARAMETER'],
  ],
  call: (first, second, ellipsoid, context) =>
    withShapes('GEO_DISTANCE', [first, second], context, ([left, right]) => shapeDistance(left, right, ellipsoidOf(ellipsoid))),
});

export const GEO_IN_RANGE = define({
  name: 'GEO_IN_RANGE',
  summary: 'Whether the distance of the centroids of two shapes in metres lies between `low` and `high`.',
  params: [
    value('geoJsonA'),
    value('geoJsonB'),
    value('low'),
    value('high'),
    optional(value('includeLow'), true),
    optional(value('includeHigh'), true),
    optional(value('ellipsoid'), 'sphere'),
  ],
  examples: [
    ['GEO_IN_RANGE([13.4, 52.5], [6.9, 50.9], 400000, 500000)', true],
    ['GEO_IN_RANGE([0, 0], [0, 0], 0, 1, false)', false],
    ['GEO_IN_RANGE([0, 0], [0, 0], "0", 1)', null, 'ERROR_BAD_PARAMETER'],
  ],
  call: (first, second, low, high, includeLow, includeHigh, ellipsoid, context) => {
    const complain = (what: string): null => warn(context, 'GEO_IN_RANGE', 'ERROR_BAD_PARAMETER', `${what} argument requires a `);
    if (typeof low !== 'number' || typeof high !== 'number') return complain(typeof low === 'number' ? '4th' : '3rd');
    if (typeof includeLow !== 'boolean' || typeof includeHigh !== 'boolean')
      return complain(typeof includeLow === 'boolean' ? '6th' : '5th');
    return withShapes('GEO_IN_RANGE', [first, second], context, ([left, right]) => {
      const distance = shapeDistance(left, right, ellipsoidOf(ellipsoid));
      return (includeLow ? distance >= low : distance > low) && (includeHigh ? distance <= high : distance < high);
    });
  },
});

export const GEO_CONTAINS = define({
  name: 'GEO_CONTAINS',
  summary: 'Whether every point of the second shape lies in the first, a polygon or several. Points on the boundary may or may not.',
  params: [value('geoJsonA'), value('geoJsonB')],
  examples: [
    ['GEO_CONTAINS(GEO_POLYGON([[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]), [5, 5])', true],
    ['GEO_CONTAINS(GEO_POLYGON([[4, 47], [16, 47], [16, 54], [4, 54], [4, 47]]), [10, 47])', false],
    ['GEO_CONTAINS(GEO_POINT(1, 1), [1, 1])', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (first, second, context) =>
    withRegion('GEO_CONTAINS', first, second, context, (outer, inner) => {
      if (outer.is === 'area') return shapeContains(outer, inner);
      return warn(context, 'GEO_CONTAINS', MISMATCH, 'Only Polygon and MultiPolygon types are valid as first argument');
    }),
});

export const GEO_INTERSECTS = define({
  name: 'GEO_INTERSECTS',
  summary: 'Whether two shapes have a point in common.',
  params: [value('geoJsonA'), value('geoJsonB')],
  examples: [
    ['GEO_INTERSECTS(GEO_POLYGON([[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]), GEO_LINESTRING([[5, 5], [20, 5]]))', true],
    ['GEO_INTERSECTS(GEO_LINESTRING([[0, 0], [1, 1]]), GEO_LINESTRING([[2, 0], [3, 1]]))', false],
    ['GEO_INTERSECTS([0, 0], [0, 0])', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (first, second, context) => withRegion('GEO_INTERSECTS', first, second, context, shapesIntersect),
});

export const GEO_EQUALS = define({
  name: 'GEO_EQUALS',
  summary: 'Whether two GeoJSON objects are the same shape.',
  params: [value('geoJsonA'), value('geoJsonB')],
  examples: [
    ['GEO_EQUALS(GEO_POINT(1, 2), {type: "Point", coordinates: [1, 2]})', true],
    ['GEO_EQUALS(GEO_POLYGON([[0, 0], [1, 0], [1, 1], [0, 0]]), GEO_POLYGON([[1, 0], [1, 1], [0, 0], [1, 0]]))', true],
    ['GEO_EQUALS([1, 2], [1, 2])', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (first, second, context) => {
    if (isArray(first) || isArray(second)) return warn(context, 'GEO_EQUALS', MISMATCH, 'Expecting GeoJSON object');
    return withShapes('GEO_EQUALS', [first, second], context, ([left, right]) => shapesEqual(left, right));
  },
});

export const GEO_AREA = define({
  name: 'GEO_AREA',
  summary: 'The area of a polygon, or several, in square metres, on a sphere or, for the ellipsoid "wgs84", on that.',
  params: [value('geoJson'), optional(value('ellipsoid'), 'sphere')],
  examples: [
    ['ROUND(GEO_AREA(GEO_POLYGON([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]])) / 1000000)', 12364],
    ['ROUND(GEO_AREA(GEO_POLYGON([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]), "wgs84") / 1000000)', 12309],
    ['GEO_AREA(GEO_POINT(1, 2))', 0],
    ['GEO_AREA("here")', null, 'ERROR_BAD_PARAMETER'],
  ],
  call: (given, ellipsoid, context) => withShapes('GEO_AREA', [given], context, ([shape]) => shapeArea(shape, ellipsoidOf(ellipsoid))),
});

export const IS_IN_POLYGON = define({
  name: 'IS_IN_POLYGON',
  summary: 'Whether a point lies in a polygon, both with latitude first, unless the point is an array and `lonLat` is true.',
  params: [list('polygon'), value('latitudeOrCoord'), optional(value('longitudeOrLonLat'), false)],
  examples: [
    ['IS_IN_POLYGON([[0, 0], [0, 10], [10, 10], [10, 0]], 4, 7)', true],
    ['IS_IN_POLYGON([[0, 0], [10, 0], [10, 10], [0, 10]], [7, 4], true)', true],
    ['IS_IN_POLYGON([[0, 0], [0, 10], [10, 10], [10, 0]], [11, 4])', false],
    ['IS_IN_POLYGON([[0, 0], [0, 10], [10, 10], [10, 0]], "x", 1)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (polygon, second, third, context) => {
    const hasLongitudeFirst = isArray(second) && third === true;
    const coordinates = isArray(second) ? second : [second, third];
    const [latitude, longitude] = hasLongitudeFirst ? [coordinates[1], coordinates[0]] : coordinates;
    if (typeof latitude !== 'number' || typeof longitude !== 'number') return warn(context, 'IS_IN_POLYGON');
    return guarded('IS_IN_POLYGON', context, () => {
      const ring = hasLongitudeFirst ? polygon : polygon.map((each) => (isArray(each) ? [each[1] ?? null, each[0] ?? null] : each));
      const loop = parseRing(ring, { mustClose: false });
      // The smaller of the two areas that the ring parts is meant, whichever way it runs.
      loop.normalize();
      const { LatLng, Point } = s2js().s2;
      return loop.containsPoint(Point.fromLatLng(LatLng.fromDegrees(latitude, longitude)));
    });
  },
});

export const GEO_POINT = define({
  name: 'GEO_POINT',
  summary: 'A GeoJSON Point.',
  params: [numeral('longitude'), numeral('latitude'), optional(numeral('elevation'))],
  examples: [
    ['GEO_POINT(1, 2)', { type: 'Point', coordinates: [1, 2] }],
    ['GEO_POINT(1, 2, 3)', { type: 'Point', coordinates: [1, 2, 3] }],
    ['GEO_POINT("1", 2)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (longitude, latitude, elevation) => ({
    type: 'Point',
    coordinates: elevation === undefined ? [longitude, latitude] : [longitude, latitude, elevation],
  }),
});

export const GEO_MULTIPOINT = define({
  name: 'GEO_MULTIPOINT',
  summary: 'A GeoJSON MultiPoint of at least two positions.',
  params: [list('points')],
  examples: [
    [
      'GEO_MULTIPOINT([[35, 10], [45, 45]])',
      {
        type: 'MultiPoint',
        coordinates: [
          [35, 10],
          [45, 45],
        ],
      },
    ],
    ['GEO_MULTIPOINT([[35, 10]])', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (points, context) => {
    const problem = points.length < 2 ? 'a MultiPoint needs at least two positions' : problemOfPositions(points);
    return problem === undefined ? { type: 'MultiPoint', coordinates: points } : warn(context, 'GEO_MULTIPOINT', MISMATCH, problem);
  },
});

export const GEO_LINESTRING = define({
  name: 'GEO_LINESTRING',
  summary: 'A GeoJSON LineString of at least two positions.',
  params: [list('points')],
  examples: [
    [
      'GEO_LINESTRING([[35, 10], [45, 45]])',
      {
        type: 'LineString',
        coordinates: [
          [35, 10],
          [45, 45],
        ],
      },
    ],
    ['GEO_LINESTRING([[35, 10], ["45", 45]])', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (points, context) => {
    const problem = points.length < 2 ? 'a LineString needs at least two positions' : problemOfPositions(points);
    return problem === undefined ? { type: 'LineString', coordinates: points } : warn(context, 'GEO_LINESTRING', MISMATCH, problem);
  },
});

export const GEO_MULTILINESTRING = define({
  name: 'GEO_MULTILINESTRING',
  summary: 'A GeoJSON MultiLineString of lines with at least two positions each.',
  params: [list('points')],
  examples: [
    [
      'GEO_MULTILINESTRING([[[100, 0], [101, 1]], [[102, 2], [101, 2.3]]])',
      {
        type: 'MultiLineString',
        coordinates: [
          [
            [100, 0],
            [101, 1],
          ],
          [
            [102, 2],
            [101, 2.3],
          ],
        ],
      },
    ],
    ['GEO_MULTILINESTRING([[[100, 0]]])', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (lines, context) => {
    const problem = lines.length < 1 ? 'a MultiLineString needs at least one array of linestrings' : lines.map(problemOfLine).find(Boolean);
    return problem === undefined
      ? { type: 'MultiLineString', coordinates: lines }
      : warn(context, 'GEO_MULTILINESTRING', MISMATCH, problem);
  },
});

export const GEO_POLYGON = define({
  name: 'GEO_POLYGON',
  summary: 'A GeoJSON Polygon of one ring, or of several where the first one is outside. The area lies on the left of the first ring.',
  params: [list('points')],
  examples: [
    [
      'GEO_POLYGON([[0, 0], [7.5, 2.5], [0, 5], [0, 0]])',
      {
        type: 'Polygon',
        coordinates: [
          [
            [0, 0],
            [7.5, 2.5],
            [0, 5],
            [0, 0],
          ],
        ],
      },
    ],
    ['GEO_POLYGON([[0, 0], [7.5, 2.5]])', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
    ['GEO_POLYGON([[0, 0], [5, 5], [5, 0], [0, 5], [0, 0]])', null, 'ERROR_BAD_PARAMETER'],
  ],
  call: (points, context) => {
    const problem = problemOfPolygon(points);
    if (problem !== undefined) return warn(context, 'GEO_POLYGON', MISMATCH, problem);
    return validated('GEO_POLYGON', { type: 'Polygon', coordinates: isRing(points) ? [points] : points }, context);
  },
});

export const GEO_MULTIPOLYGON = define({
  name: 'GEO_MULTIPOLYGON',
  summary: 'A GeoJSON MultiPolygon of at least two polygons, which are arrays of rings.',
  params: [list('polygons')],
  examples: [
    [
      'GEO_MULTIPOLYGON([[[[40, 40], [20, 45], [45, 30], [40, 40]]], [[[0, 0], [7.5, 2.5], [0, 5], [0, 0]]]])',
      {
        type: 'MultiPolygon',
        coordinates: [
          [
            [
              [40, 40],
              [20, 45],
              [45, 30],
              [40, 40],
            ],
          ],
          [
            [
              [0, 0],
              [7.5, 2.5],
              [0, 5],
              [0, 0],
            ],
          ],
        ],
      },
    ],
    ['GEO_MULTIPOLYGON([])', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (polygons, context) => {
    const isEnough = polygons.length >= 2 && polygons.every((each) => isArray(each));
    const problem = isEnough ? polygons.map(problemOfPolygon).find(Boolean) : 'a MultiPolygon needs at least two Polygons inside.';
    if (problem !== undefined) return warn(context, 'GEO_MULTIPOLYGON', MISMATCH, problem);
    return validated('GEO_MULTIPOLYGON', { type: 'MultiPolygon', coordinates: polygons }, context);
  },
});

function ellipsoidOf(given: Value): Ellipsoid {
  return given === 'wgs84' ? 'wgs84' : 'sphere';
}

/** What `compute` gives; null and a warning where it meets an invalid shape. */
function guarded(name: string, context: FunctionContext, compute: () => Value, error: ErrorName = 'ERROR_BAD_PARAMETER'): Value {
  try {
    return compute();
  } catch (problem) {
    if (!(problem instanceof InvalidShape)) throw problem;
    return warn(context, name, error, problem.message);
  }
}

function withShapes<Values extends readonly Value[]>(
  name: string,
  values: readonly [...Values],
  context: FunctionContext,
  compute: (shapes: { [Index in keyof Values]: Shape }) => Value,
): Value {
  return guarded(name, context, () => compute(values.map((each) => parseShape(each, context)) as { [Index in keyof Values]: Shape }));
}

/** The first argument has to be an object. */
function withRegion(
  name: string,
  first: Value,
  second: Value,
  context: FunctionContext,
  compute: (first: Shape, second: Shape) => Value,
): Value {
  if (typeof first !== 'object' || first === null || isArray(first)) return warn(context, name, MISMATCH, 'Expecting GeoJSON object');
  return guarded(name, context, () => compute(parseShape(first, context), parseShape(second, context)));
}

function validated(name: string, shape: Value, context: FunctionContext): Value {
  return guarded(name, context, () => {
    parseShape(shape, context);
    return shape;
  });
}

function isPosition(given: Value): boolean {
  return isArray(given) && (given.length === 2 || given.length === 3) && given.every((each) => typeof each === 'number');
}

function isRing(given: readonly Value[]): boolean {
  return isPosition(given[0] ?? null);
}

function problemOfPositions(positions: readonly Value[]): string | undefined {
  for (const each of positions) {
    if (!isArray(each)) return 'not an array containing positions';
    if (!isPosition(each)) return 'not a numeric value';
  }
  return undefined;
}

function problemOfLine(line: Value): string | undefined {
  if (!isArray(line)) return 'not an array containing positions';
  return line.length < 2 ? 'not an array containing linestrings' : problemOfPositions(line);
}

function problemOfPolygon(given: Value): string | undefined {
  if (!isArray(given)) return 'Polygon needs to be an array of positions.';
  const rings = isRing(given) ? [given] : given;
  if (rings.length === 0) return 'not an array containing positions';
  for (const ring of rings) {
    if (!isArray(ring)) return 'not an array containing positions';
    if (ring.length < 3) return 'a Polygon needs at least three positions';
    const problem = problemOfPositions(ring);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
