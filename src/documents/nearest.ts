/**
 * Documents in the order of their distance from a point.
 *
 * The index knows what is inside a circle, roughly. So circles are drawn around the point, each twice as wide as the one before, and what
 * is between two of them is sorted and given out. The first is about as wide as the way to the documents that are next to the point in
 * the index.
 */
import assert from 'node:assert/strict';
import type { s2 as S2 } from 's2js';
import type { BatchCursor, KeyRange, RowBatch, RowId, Transaction } from '#storage';
import { DocumentView, EARTH_RADIUS_M, haversineDistance, isArray, shapeCentroid, shapeDistance, type Value } from '#values';
import type { IndexAccess } from './access.ts';
import { isThere } from './batches.ts';
import { ALL_CENTROIDS, capRanges, centroidKey } from './indexes/geo-cells.ts';
import { findShape, GeoEntries } from './indexes/geo.ts';
import { entryMaker } from './indexes/entries.ts';
import { SearchedRows } from './searched-rows.ts';

/** What measures distances from one place. */
export interface Ruler {
  readonly center: S2.Point;
  /** In metres, to the digit what AQL's functions give; undefined for a document without a place. */
  distanceTo(document: DocumentView): number | undefined;
}

/** Undefined for an origin that is none. */
export function rulerFrom(origin: Value, maker: GeoEntries, isGreatCircle: boolean): Ruler | undefined {
  const from = findShape(origin, maker.index);
  if (from === undefined) return undefined;
  const center = shapeCentroid(from);
  if (!isGreatCircle) {
    return {
      center,
      distanceTo: (document) => {
        const shape = maker.shape(document);
        return shape && shapeDistance(from, shape, 'sphere');
      },
    };
  }
  const [longitude, latitude] = isArray(origin) ? origin : [];
  if (typeof longitude !== 'number' || typeof latitude !== 'number') return undefined;
  return {
    center,
    distanceTo: (document) => {
      const place = maker.coordinates(document);
      return place && haversineDistance(place.latitude, place.longitude, latitude, longitude);
    },
  };
}

const SLACK = 1 + 1e-9;
const SLACK_M = 0.01;
/** No point is farther from another. */
const HALF_AROUND_M = EARTH_RADIUS_M * Math.PI;

/** The angle (in radians) of a circle that holds whatever is so near, however it was measured. */
export function angleOf(distance: number): number {
  return (Math.max(0, distance) * SLACK + SLACK_M) / EARTH_RADIUS_M;
}

interface Found {
  readonly id: RowId;
  readonly distance: number;
}

/** Entries on each side of the point that the first circle is made by. */
const NEIGHBOURS = 8;
const LEAST_RADIUS_M = 1;
const ROWS_AT_ONCE = 100;

export interface DistanceLimit {
  /** Beyond a distance that is not within, none is. */
  isWithin(distance: number): boolean;
  /** In metres; a circle of this size holds all that is within. */
  readonly about: number;
}

const NO_LIMIT: DistanceLimit = { isWithin: () => true, about: Infinity };

export class NearestCursor implements BatchCursor<RowBatch> {
  readonly #transaction: Transaction;
  readonly #access: IndexAccess;
  readonly #ruler: Ruler;
  readonly #limit: DistanceLimit;
  /** What is no farther was found already. */
  #reached = -1;
  #radius: number | undefined;
  readonly #searched: SearchedRows;
  #sorted: readonly Found[] = [];
  #given = 0;

  constructor(transaction: Transaction, access: IndexAccess, ruler: Ruler, limit: DistanceLimit) {
    this.#transaction = transaction;
    this.#access = access;
    this.#ruler = ruler;
    this.#limit = limit;
    this.#searched = new SearchedRows(transaction, access.collection.rows);
  }

  next(): RowBatch | undefined {
    return this.nextWithDistances()?.rows;
  }

  nextWithDistances(): { readonly rows: RowBatch; readonly distances: readonly number[] } | undefined {
    while (this.#given >= this.#sorted.length) {
      if (this.#reached > HALF_AROUND_M || (this.#reached >= 0 && !this.#limit.isWithin(this.#reached))) return undefined;
      this.#widen();
    }
    const found = this.#sorted.slice(this.#given, this.#given + ROWS_AT_ONCE);
    this.#given += found.length;
    const ids = found.map(({ id }) => id);
    return {
      rows: this.#transaction.rows(this.#access.collection.rows, ids),
      distances: found.map(({ distance }) => distance),
    };
  }

  close(): void {
    this.#reached = Infinity;
    this.#sorted = [];
    this.#given = 0;
  }

  /** Finds what is in the next circle and not in the one before. */
  #widen(): void {
    const radius = (this.#radius ??= Math.min(this.#firstRadius(), Math.max(this.#limit.about, LEAST_RADIUS_M)));
    const isLast = radius >= HALF_AROUND_M;
    const ranges = isLast ? [ALL_CENTROIDS] : capRanges(this.#ruler.center, angleOf(radius));
    const limit = isLast ? Infinity : radius;
    const isNew = ({ id, distance }: Found): boolean =>
      distance > this.#reached && distance <= limit && this.#limit.isWithin(distance) && this.#searched.isMet(id);
    const found = this.#measure(ranges, {}).filter(isNew);
    this.#sorted = found.toSorted((left, right) => left.distance - right.distance || left.id - right.id);
    this.#given = 0;
    this.#reached = limit;
    this.#radius = radius * 2;
  }

  #firstRadius(): number {
    const here = centroidKey(this.#ruler.center);
    const sides: readonly (readonly [KeyRange, boolean])[] = [
      [{ ...ALL_CENTROIDS, from: here }, false],
      [{ ...ALL_CENTROIDS, to: here }, true],
    ];
    const near = sides.flatMap(([range, reverse]) => this.#measure([range], { reverse, limit: NEIGHBOURS }));
    const distances = near.map(({ distance }) => distance).toSorted((left, right) => left - right);
    return Math.max(distances[Math.floor(distances.length / 2)] ?? HALF_AROUND_M, LEAST_RADIUS_M);
  }

  #measure(ranges: readonly KeyRange[], options: { readonly reverse?: boolean; readonly limit?: number }): Found[] {
    const { collection, table } = this.#access;
    const cursor = this.#transaction.scanEntryRows(table, collection.rows, ranges, options);
    const found: Found[] = [];
    for (let rows = cursor.next(); rows !== undefined; rows = cursor.next()) {
      const document = new DocumentView(rows.buffer, 0, 0, collection.name);
      for (let place = 0; place < rows.count; place++) {
        if (!isThere(rows, place)) continue;
        document.moveTo(rows.buffer, rows.starts[place]!, rows.ends[place]!);
        const distance = this.#ruler.distanceTo(document);
        if (distance !== undefined) found.push({ id: rows.ids[place]!, distance });
      }
    }
    cursor.close();
    return found;
  }
}

export interface LocatedDocument {
  readonly document: DocumentView;
  /** In metres. */
  readonly distance: number;
}

/** The documents of a geo index by their distance from a point, the nearest first. */
export function* nearestDocuments(
  transaction: Transaction,
  access: IndexAccess,
  latitude: number,
  longitude: number,
): Generator<LocatedDocument> {
  const maker = entryMaker(access.index);
  assert(maker instanceof GeoEntries);
  const ruler = rulerFrom([longitude, latitude], maker, access.search === 'great circle');
  assert(ruler !== undefined, 'two numbers are a place');
  const { collection } = access;
  const cursor = new NearestCursor(transaction, access, ruler, NO_LIMIT);
  for (let found = cursor.nextWithDistances(); found !== undefined; found = cursor.nextWithDistances()) {
    const { rows, distances } = found;
    for (let place = 0; place < rows.count; place++) {
      const document = new DocumentView(rows.buffer, rows.starts[place]!, rows.ends[place]!, collection.name);
      yield { document, distance: distances[place]! };
    }
  }
}
