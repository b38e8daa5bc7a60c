/**
 * Keys of geo indexes: S2's cells, which halve the faces of a cube around the Earth again and again. A cell's number is such that all
 * cells in it have numbers next to one another, so what is in a cell is a stretch of keys.
 *
 * Each document has the entry of its centroid, a cell as small as they get. A shape that is more than a point has, under keys of another
 * kind, the entries of the few cells that cover it.
 */
import type { s2 as S2 } from 's2js';
import type { KeyRange } from '#storage';
import { s2js, shapeCentroid, type Shape } from '#values';
import { disjointRanges, pointRange } from './entry-key.ts';

const CENTROID = 0;
const COVERING = 1;

/** As many cells cover a shape, in the index and in a search; ArangoDB has the same number. */
const COVERING_CELLS = 8;
/** A search reads less in vain with more. */
const SEARCH_CELLS = 16;

export const ALL_CENTROIDS: KeyRange = { from: Uint8Array.of(CENTROID), to: Uint8Array.of(COVERING) };

/** The keys of a shape's entries, each once. */
export function shapeKeys(shape: Shape): Uint8Array[] {
  const centroid = centroidKey(shapeCentroid(shape));
  if (shape.is === 'points' && shape.points.length === 1) return [centroid];
  return [centroid, ...coveringOf(shape, COVERING_CELLS).map((cell) => cellKey(COVERING, cell))];
}

export function centroidKey(point: S2.Point): Uint8Array {
  return cellKey(CENTROID, s2js().s2.cellid.fromPoint(point));
}

/** Where centroids are that are no farther than `angle` (in radians) from a point, and perhaps others. */
export function capRanges(center: S2.Point, angle: number): readonly KeyRange[] {
  const { s2 } = s2js();
  if (angle >= Math.PI) return [ALL_CENTROIDS];
  const coverer = new s2.RegionCoverer({ maxCells: SEARCH_CELLS });
  const cells = coverer.covering(s2.Cap.fromCenterAngle(center, angle));
  return disjointRanges([...cells].map((cell) => insideOf(CENTROID, cell)));
}

/** Where the entries of all shapes are that may have a point in common with this one. A document may come several times. */
export function shapeRanges(shape: Shape): readonly KeyRange[] {
  const { level, parent } = s2js().s2.cellid;
  const cells = shape.is === 'points' ? shape.points.flatMap(cellsAround) : coveringOf(shape, SEARCH_CELLS);
  const around = new Set<bigint>();
  for (const cell of cells) for (let above = level(cell) - 1; above >= 0; above--) around.add(parent(cell, above));
  return disjointRanges([
    ...cells.flatMap((cell) => [insideOf(CENTROID, cell), insideOf(COVERING, cell)]),
    ...Array.from(around, (cell) => pointRange(cellKey(COVERING, cell))),
  ]);
}

/** Points count as the same when they are so near, in radians. */
const SAME_POINT = 1e-13;

function cellsAround(point: S2.Point): bigint[] {
  const { Cap, RegionCoverer } = s2js().s2;
  return [...new RegionCoverer({ maxCells: COVERING_CELLS }).covering(Cap.fromCenterAngle(point, SAME_POINT))];
}

function coveringOf(shape: Shape, maxCells: number): bigint[] {
  const { cellid, RegionCoverer } = s2js().s2;
  const coverer = new RegionCoverer({ maxCells });
  switch (shape.is) {
    case 'points':
      return [...new Set(shape.points.map((point) => cellid.fromPoint(point)))];
    case 'lines':
      return [...new Set(shape.lines.flatMap((line) => [...coverer.covering(line)]))];
    case 'area':
      return [...coverer.covering(shape.polygon)];
  }
}

function insideOf(kind: number, cell: bigint): KeyRange {
  const { rangeMin, rangeMax } = s2js().s2.cellid;
  return { from: cellKey(kind, rangeMin(cell)), to: cellKey(kind, rangeMax(cell)), toInclusive: true };
}

const KEY_BYTES = 9;

function cellKey(kind: number, cell: bigint): Uint8Array {
  const key = Buffer.allocUnsafe(KEY_BYTES);
  key[0] = kind;
  key.writeBigUInt64BE(BigInt.asUintN(64, cell), 1);
  return key;
}
