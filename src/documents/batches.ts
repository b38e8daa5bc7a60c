/**
 * Batches of rows and entries, picked apart and put together without copying a row.
 */
import type { BatchCursor, RowBatch, RowId } from '#storage';

const NOTHING_READ = new Uint8Array(0);

export const EMPTY_ROWS: RowBatch = { count: 0, ids: [], buffer: NOTHING_READ, starts: [], ends: [] };

export function isThere({ starts, ends }: RowBatch, place: number): boolean {
  return starts[place] !== ends[place];
}

/** Where a row lies. */
export function bufferOf({ buffer, buffers }: RowBatch, place: number): Uint8Array {
  return buffers === undefined ? buffer : buffers[place]!;
}

/** The rows at some places of a batch. */
export function pickRows({ ids, buffer, buffers, starts, ends }: RowBatch, places: readonly number[]): RowBatch {
  return {
    count: places.length,
    ids: places.map((place) => ids[place]!),
    buffer,
    starts: places.map((place) => starts[place]!),
    ends: places.map((place) => ends[place]!),
    buffers: buffers && places.map((place) => buffers[place]!),
  };
}

/** The places of a batch at which a row is. */
export function placesThere(batch: RowBatch): number[] {
  const places: number[] = [];
  for (let place = 0; place < batch.count; place++) if (isThere(batch, place)) places.push(place);
  return places;
}

/** The batch without the places at which no row is. */
export function rowsThere(batch: RowBatch): RowBatch {
  const places = placesThere(batch);
  return places.length === batch.count ? batch : pickRows(batch, places);
}

/**
 * What `pick` leaves of each batch of `source`, up to `limit` rows in all. `pick` gives the places to keep; batches of which nothing
 * is kept are passed over.
 */
export function pickingCursor(source: BatchCursor<RowBatch>, pick: (batch: RowBatch) => number[], limit = Infinity): BatchCursor<RowBatch> {
  let left = limit;
  return {
    next() {
      while (left > 0) {
        const batch = source.next();
        if (batch === undefined) return undefined;
        const places = pick(batch);
        if (places.length === 0) continue;
        if (places.length > left) places.length = left;
        left -= places.length;
        return places.length === batch.count ? batch : pickRows(batch, places);
      }
      source.close();
      return undefined;
    },
    close: () => source.close(),
  };
}

/** The places of rows that were not seen before. */
export function unseenPlaces(seen: Set<RowId>): (batch: RowBatch) => number[] {
  return ({ count, ids }) => {
    const places: number[] = [];
    for (let place = 0; place < count; place++) {
      const id = ids[place]!;
      if (seen.has(id)) continue;
      seen.add(id);
      places.push(place);
    }
    return places;
  };
}
