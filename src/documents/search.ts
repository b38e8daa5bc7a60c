/**
 * Searching geo and multi-dimensional indexes: batches of documents that may be meant. A search by distance is exact; of a region or a
 * box there may be too many, so whoever asks filters them.
 *
 * A value that says nothing (an origin that is no shape) leaves all documents, and no distance is null.
 */
import assert from 'node:assert/strict';
import { cursorOf, type BatchCursor, type RowBatch, type Transaction } from '#storage';
import { compareValues, DocumentView, isArray, type Value } from '#values';
import type { IndexAccess } from './access.ts';
import { EMPTY_ROWS, pickingCursor, placesThere, unseenPlaces } from './batches.ts';
import { BoxCursor } from './box-cursor.ts';
import type { RangeBound } from './index-range.ts';
import { entryMaker } from './indexes/entries.ts';
import { ALL_CENTROIDS, capRanges, shapeRanges } from './indexes/geo-cells.ts';
import { findShape, GeoEntries } from './indexes/geo.ts';
import { KeyBox, type Interval } from './indexes/mdi.ts';
import { angleOf, NearestCursor, rulerFrom } from './nearest.ts';

export interface IndexSearch {
  /**
   * Of a distance the origin, a shape or longitude and latitude; of a region the shape; of a box the values of the prefix, then an array
   * with two bounds for each dimension, null where there is none.
   */
  readonly values: readonly Value[];
  /** In metres, of a distance; compared as AQL compares values. */
  readonly farthest?: RangeBound;
  /** The nearest first. */
  readonly isSorted: boolean;
}

export function searchIndex(transaction: Transaction, access: IndexAccess, search: IndexSearch): BatchCursor<RowBatch> {
  switch (access.search) {
    case 'box':
      return searchBox(transaction, access, search);
    case 'region':
      return searchRegion(transaction, access, search);
    default: {
      const maker = entryMaker(access.index);
      assert(maker instanceof GeoEntries, 'what has distances is on Earth');
      return searchNear(transaction, access, maker, search);
    }
  }
}

function searchNear(transaction: Transaction, access: IndexAccess, maker: GeoEntries, search: IndexSearch): BatchCursor<RowBatch> {
  const { collection, table } = access;
  const { farthest } = search;
  const ruler = rulerFrom(search.values[0] ?? null, maker, access.search === 'great circle');
  if (ruler === undefined) return isWithin(null, farthest) ? transaction.scanRows(collection.rows) : cursorOf(EMPTY_ROWS);
  const about = typeof farthest?.value === 'number' ? farthest.value : Infinity;
  if (search.isSorted) {
    return new NearestCursor(transaction, access, ruler, { isWithin: (distance) => isWithin(distance, farthest), about });
  }
  const ranges = about === Infinity ? [ALL_CENTROIDS] : capRanges(ruler.center, angleOf(about));
  const document = new DocumentView(new Uint8Array(0), 0, 0, collection.name);
  return pickingCursor(transaction.scanEntryRows(table, collection.rows, ranges), (rows) =>
    placesThere(rows).filter((place) => {
      document.moveTo(rows.buffer, rows.starts[place]!, rows.ends[place]!);
      const distance = ruler.distanceTo(document);
      return distance !== undefined && isWithin(distance, farthest);
    }),
  );
}

function isWithin(distance: number | null, farthest: RangeBound | undefined): boolean {
  if (farthest === undefined) return true;
  const order = compareValues(distance, farthest.value);
  return order < 0 || (order === 0 && farthest.isInclusive);
}

function searchRegion(transaction: Transaction, { collection, table, index }: IndexAccess, { values }: IndexSearch): BatchCursor<RowBatch> {
  const shape = findShape(values[0] ?? null, index.type === 'geo' ? index : {});
  if (shape === undefined) return transaction.scanRows(collection.rows);
  return pickingCursor(transaction.scanEntryRows(table, collection.rows, shapeRanges(shape)), unseenPlaces(new Set()));
}

function searchBox(transaction: Transaction, access: IndexAccess, { values }: IndexSearch): BatchCursor<RowBatch> {
  const bounds = values.at(-1) ?? null;
  assert(isArray(bounds), 'a box has bounds');
  return new BoxCursor(transaction, access, new KeyBox(values.slice(0, -1), bounds.map(intervalOf)));
}

function intervalOf(bounds: Value): Interval {
  const [low = null, high = null] = isArray(bounds) ? bounds : [];
  return { low: typeof low === 'number' ? low : -Infinity, high: typeof high === 'number' ? high : Infinity };
}
