/**
 * Searching geo and multi-dimensional indexes: batches of documents that may be meant. Whoever asks filters them, so a search may give
 * too much; only the nearest-first search is exact in its order.
 *
 * A value that says nothing (an origin that is no shape) leaves all documents.
 */
import assert from 'node:assert/strict';
import type { BatchCursor, RowBatch, Transaction } from '#storage';
import { isArray, type Value } from '#values';
import type { IndexAccess } from './access.ts';
import { pickingCursor, unseenPlaces } from './batches.ts';
import { BoxCursor } from './box-cursor.ts';
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
  /** In metres, of a distance. */
  readonly farthest?: Value;
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
  const ruler = rulerFrom(search.values[0] ?? null, maker, access.search === 'great circle');
  if (ruler === undefined) return transaction.scanRows(collection.rows);
  const farthest = typeof search.farthest === 'number' ? search.farthest : Infinity;
  if (search.isSorted) return new NearestCursor(transaction, access, ruler, farthest);
  const ranges = farthest === Infinity ? [ALL_CENTROIDS] : capRanges(ruler.center, angleOf(farthest));
  return transaction.scanEntryRows(table, collection.rows, ranges);
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
