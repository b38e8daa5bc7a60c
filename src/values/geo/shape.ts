/**
 * GeoJSON shapes on the sphere. As in ArangoDB, positions are mapped to the unit sphere, lines are geodesics, and the area of a ring lies
 * on its left. The geometry is S2's.
 */
import type { s2 as S2 } from 's2js';
import { lazily, requirePackage } from '#base';
import { isArray, isObject, type Value } from '../value.ts';
import { EARTH_RADIUS_M } from './haversine.ts';

export const s2js = lazily(() => requirePackage('s2js') as typeof import('s2js'));

const geographicLib = lazily(() => requirePackage('geographiclib-geodesic') as typeof import('geographiclib-geodesic'));

export type Ellipsoid = 'sphere' | 'wgs84';

/** What is wrong with a value that is no shape, in words. */
export class InvalidShape extends Error {}

interface Base {
  /** The name of the type in GeoJSON. */
  readonly type: string;
}
interface Points extends Base {
  readonly is: 'points';
  readonly points: readonly S2.Point[];
}
interface Lines extends Base {
  readonly is: 'lines';
  readonly lines: readonly S2.Polyline[];
}
interface Area extends Base {
  readonly is: 'area';
  readonly polygon: S2.Polygon;
}

export type Shape = Points | Lines | Area;

/** Shapes of objects that were parsed before: a query asks about the same polygon for each document. */
const parsed = new WeakMap<object, Shape>();
const parsedLegacy = new WeakMap<object, Shape>();

export interface PolygonReading {
  /** The area of a ring is the smaller one of the two that it parts, whichever way it runs: so ArangoDB had it before 3.10. */
  readonly hasLegacyPolygons?: boolean | undefined;
}

export interface ShapeReading extends PolygonReading {
  readonly onlyObjects?: boolean;
}

/** A GeoJSON object or, unless `onlyObjects`, a pair of longitude and latitude. Throws InvalidShape. */
export function parseShape(value: Value, options: ShapeReading = {}): Shape {
  if (isArray(value) && value.length >= 2 && options.onlyObjects !== true)
    return { type: 'Point', is: 'points', points: [parsePosition(value)] };
  if (!isObject(value))
    throw new InvalidShape(options.onlyObjects === true ? 'Expecting GeoJSON object' : 'Requires coordinate pair or GeoJSON');
  const known = options.hasLegacyPolygons === true ? parsedLegacy : parsed;
  let shape = known.get(value);
  if (shape === undefined) {
    shape = parseGeoJson(value['type'] ?? null, value['coordinates'] ?? null, options);
    known.set(value, shape);
  }
  return shape;
}

function parseGeoJson(type: Value, coordinates: Value, reading: PolygonReading): Shape {
  switch (typeof type === 'string' ? type.toLowerCase() : '') {
    case 'point':
      return { type: 'Point', is: 'points', points: [parsePosition(coordinates)] };
    case 'multipoint':
      return { type: 'MultiPoint', is: 'points', points: parsePositions(coordinates, 1) };
    case 'linestring':
      return { type: 'LineString', is: 'lines', lines: [parseLine(coordinates)] };
    case 'multilinestring':
      return { type: 'MultiLineString', is: 'lines', lines: listOf(coordinates, 'lines').map(parseLine) };
    case 'polygon':
      return { type: 'Polygon', is: 'area', polygon: assemble(parseRings(coordinates, reading)) };
    case 'multipolygon':
      return {
        type: 'MultiPolygon',
        is: 'area',
        polygon: assemble(listOf(coordinates, 'polygons').flatMap((rings) => parseRings(rings, reading))),
      };
    default:
      throw new InvalidShape('Invalid GeoJSON Geometry Object');
  }
}

function listOf(value: Value, things: string): readonly Value[] {
  if (!isArray(value) || value.length === 0) throw new InvalidShape(`Coordinates must be an array of ${things}`);
  return value;
}

function parsePosition(value: Value): S2.Point {
  const [longitude, latitude] = isArray(value) ? value : [];
  if (typeof longitude !== 'number' || typeof latitude !== 'number') throw new InvalidShape('Bad coordinates, must be numbers');
  const { LatLng, Point } = s2js().s2;
  return Point.fromLatLng(LatLng.fromDegrees(latitude, longitude).normalized());
}

function parsePositions(value: Value, atLeast: number): readonly S2.Point[] {
  const list = listOf(value, 'positions');
  if (list.length < atLeast) throw new InvalidShape(`Needs at least ${atLeast} positions`);
  return list.map(parsePosition);
}

/** Without positions that repeat the one before. */
function parseLine(value: Value): S2.Polyline {
  const points = parsePositions(value, 2).filter((each, i, all) => i === 0 || !each.equals(all[i - 1] as S2.Point));
  if (points.length < 2) throw new InvalidShape('A line needs two different positions');
  return new (s2js().s2.Polyline)(points);
}

/** The rings of one polygon: the outer one as it is, unless polygons are legacy ones, the others turned so that they lie inside. */
function parseRings(value: Value, { hasLegacyPolygons = false }: PolygonReading): S2.Loop[] {
  const [outer, ...inner] = listOf(value, 'rings').map((ring) => parseRing(ring));
  if (outer === undefined) throw new InvalidShape('A polygon needs a ring');
  if (hasLegacyPolygons) outer.normalize();
  for (const each of inner) {
    if (!outer.contains(each)) each.invert();
    if (!outer.contains(each)) throw new InvalidShape('Subsequent loop is not a hole in polygon');
  }
  return [outer, ...inner];
}

/** At least three different positions; the last one may repeat the first. Throws InvalidShape. */
export function parseRing(value: Value, options: { readonly mustClose?: boolean } = { mustClose: true }): S2.Loop {
  const points = parsePositions(value, 3).filter((each, i, all) => i === 0 || !each.equals(all[i - 1] as S2.Point));
  const [first] = points;
  const isClosed = first !== undefined && points.length > 1 && first.equals(points.at(-1) as S2.Point);
  if (isClosed) points.pop();
  else if (options.mustClose === true) throw new InvalidShape('Loop not closed');
  if (points.length < 3) throw new InvalidShape('Invalid loop in polygon: it needs three different positions');
  const loop = new (s2js().s2.Loop)(points);
  const problem = loop.validate();
  if (problem !== null) throw new InvalidShape(`Invalid loop in polygon: ${problem.message}`);
  return loop;
}

function assemble(loops: S2.Loop[]): S2.Polygon {
  if (findCrossing(loops)) throw new InvalidShape('Polygon not valid: edges cross');
  return new (s2js().s2.Polygon)(loops);
}

/** Of all pairs of edges each is looked at, so rings of very many are taken on trust. */
const MOST_EDGES_CHECKED = 2000;

function findCrossing(loops: readonly S2.Loop[]): boolean {
  const edges = loops.flatMap((loop) => Array.from({ length: loop.numEdges() }, (_, i) => [loop.vertex(i), loop.vertex(i + 1)] as const));
  if (edges.length > MOST_EDGES_CHECKED) return false;
  return edges.some(([a, b], i) => edges.slice(i + 1).some(([c, d]) => cross(a, b, c, d)));
}

/** Whether two edges cross at a point inside both. */
function cross(a: S2.Point, b: S2.Point, c: S2.Point, d: S2.Point): boolean {
  const ab = a.vector.cross(b.vector);
  const cd = c.vector.cross(d.vector);
  const sides = [-ab.dot(c.vector), ab.dot(d.vector), cd.dot(a.vector), -cd.dot(b.vector)];
  const isClear = sides.every((side) => Math.abs(side) > 1e-15);
  return isClear && (sides.every((side) => side > 0) || sides.every((side) => side < 0));
}

/** The point that distances are measured from. */
export function shapeCentroid(shape: Shape): S2.Point {
  const { Point } = s2js().s2;
  const parts = partsOf(shape);
  const [first] = parts;
  if (shape.is === 'points' && parts.length === 1 && first !== undefined) return first;
  const sum = parts.reduce((total, { vector }) => total.add(vector), new (s2js().r3.Vector)(0, 0, 0));
  // What is too short for a centroid, or has its parts on opposite sides of the Earth, is where it begins.
  return sum.norm() === 0 ? (firstPoint(shape) ?? Point.originPoint()) : Point.fromVector(sum.normalize());
}

function partsOf(shape: Shape): readonly S2.Point[] {
  switch (shape.is) {
    case 'points':
      return shape.points;
    case 'lines':
      return shape.lines.map((line) => line.centroid());
    case 'area':
      return [shape.polygon.centroid()];
  }
}

function firstPoint(shape: Shape): S2.Point | undefined {
  switch (shape.is) {
    case 'points':
      return shape.points[0];
    case 'lines':
      return shape.lines[0]?.points[0];
    case 'area':
      return shape.polygon.loops[0]?.vertex(0);
  }
}

function degreesOf(point: S2.Point): { readonly latitude: number; readonly longitude: number } {
  const { lat, lng } = s2js().s2.LatLng.fromPoint(point);
  return { latitude: (lat * 180) / Math.PI, longitude: (lng * 180) / Math.PI };
}

/** Metres between the centroids. */
export function shapeDistance(left: Shape, right: Shape, ellipsoid: Ellipsoid): number {
  const [from, to] = [shapeCentroid(left), shapeCentroid(right)];
  if (ellipsoid === 'sphere') return from.vector.angle(to.vector) * EARTH_RADIUS_M;
  const [first, second] = [degreesOf(from), degreesOf(to)];
  return geographicLib().Geodesic.WGS84.Inverse(first.latitude, first.longitude, second.latitude, second.longitude).s12 ?? NaN;
}

/** Square metres; 0 for what has no area. */
export function shapeArea(shape: Shape, ellipsoid: Ellipsoid): number {
  if (shape.is !== 'area') return 0;
  if (ellipsoid === 'sphere') return shape.polygon.area() * EARTH_RADIUS_M * EARTH_RADIUS_M;
  return shape.polygon.loops.reduce((sum, loop) => sum + (loop.isHole() ? -1 : 1) * ellipsoidArea(loop), 0);
}

function ellipsoidArea(loop: S2.Loop): number {
  const polygon = geographicLib().Geodesic.WGS84.Polygon(false);
  for (let i = 0; i < loop.numVertices(); i++) {
    const { latitude, longitude } = degreesOf(loop.vertex(i));
    polygon.AddPoint(latitude, longitude);
  }
  return Math.abs(polygon.Compute(false, true).area ?? 0);
}

/** Whether every point of `inner` is in the area of `outer`. */
export function shapeContains(outer: Area, inner: Shape): boolean {
  const { polygon } = outer;
  switch (inner.is) {
    case 'points':
      return inner.points.every((point) => polygon.containsPoint(point));
    case 'lines':
      return inner.lines.every((line) => line.points.every((point) => polygon.containsPoint(point)) && !crossesBoundary(polygon, line));
    case 'area':
      return polygon.contains(inner.polygon);
  }
}

export function shapesIntersect(left: Shape, right: Shape): boolean {
  if (left.is === 'area') return areaIntersects(left.polygon, right);
  if (right.is === 'area') return areaIntersects(right.polygon, left);
  if (left.is === 'points') return left.points.some((point) => touches(point, right));
  if (right.is === 'points') return right.points.some((point) => touches(point, left));
  return left.lines.some((line) => right.lines.some((other) => line.intersects(other)));
}

function areaIntersects(polygon: S2.Polygon, shape: Shape): boolean {
  switch (shape.is) {
    case 'points':
      return shape.points.some((point) => polygon.containsPoint(point));
    case 'lines':
      return shape.lines.some((line) => line.points.some((point) => polygon.containsPoint(point)) || crossesBoundary(polygon, line));
    case 'area':
      return polygon.intersects(shape.polygon);
  }
}

function crossesBoundary(polygon: S2.Polygon, line: S2.Polyline): boolean {
  return polygon.loops.some((loop) => {
    const boundary = Array.from({ length: loop.numVertices() + 1 }, (_, i) => loop.vertex(i));
    return line.intersects(new (s2js().s2.Polyline)(boundary));
  });
}

/** As near as rounding lets one tell. */
const NEAR = 1e-14;

function touches(point: S2.Point, shape: Points | Lines): boolean {
  if (shape.is === 'points') return shape.points.some((other) => point.vector.angle(other.vector) <= NEAR);
  return shape.lines.some((line) => line.project(point)[0].vector.angle(point.vector) <= NEAR);
}

export function shapesEqual(left: Shape, right: Shape): boolean {
  if (left.type !== right.type) return false;
  if (left.is === 'points' && right.is === 'points') return areEqual(left.points, right.points, (one, other) => one.equals(other));
  if (left.is === 'lines' && right.is === 'lines') return areEqual(left.lines, right.lines, (one, other) => one.equal(other));
  if (left.is === 'area' && right.is === 'area') {
    return areEqual(left.polygon.loops, right.polygon.loops, isSameRing);
  }
  return false;
}

/** Whether two rings have the same vertices in the same order, wherever they begin. */
function isSameRing(one: S2.Loop, other: S2.Loop): boolean {
  const count = one.numVertices();
  if (count !== other.numVertices()) return false;
  const [vertices, others] = [one, other].map((loop) => Array.from({ length: count }, (_, i) => loop.vertex(i)));
  const start = others?.findIndex((each) => each.equals(one.vertex(0))) ?? -1;
  return start !== -1 && (vertices ?? []).every((each, i) => each.equals(other.vertex((start + i) % count)));
}

function areEqual<Part>(left: readonly Part[], right: readonly Part[], isEqual: (one: Part, other: Part) => boolean): boolean {
  return left.length === right.length && left.every((each, i) => isEqual(each, right[i] as Part));
}
