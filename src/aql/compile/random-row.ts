/**
 * One document of a collection, picked at random: a few ids between the first and the last row are tried, and where most of them are gone,
 * the rows are counted off.
 */
import type { CollectionDefinition } from '#catalog';
import type { BatchCursor, DocumentTransaction, RowBatch } from '#documents';

const TRIES = 64;

/** A cursor with one row at most. */
export function sampleRow(transaction: DocumentTransaction, collection: CollectionDefinition, random: () => number): BatchCursor<RowBatch> {
  let isRead = false;
  return {
    next: () => {
      if (isRead) return undefined;
      isRead = true;
      return pick(transaction, collection, random);
    },
    close: () => {
      isRead = true;
    },
  };
}

function pick(transaction: DocumentTransaction, collection: CollectionDefinition, random: () => number): RowBatch | undefined {
  const [first, last] = [false, true].map((reverse) => {
    const cursor = transaction.scan(collection, { limit: 1, reverse });
    const id = cursor.next()?.ids[0];
    cursor.close();
    return id;
  });
  if (first === undefined || last === undefined) return undefined;
  const tried = Array.from({ length: TRIES }, () => first + Math.floor(random() * (last - first + 1)));
  const rows = transaction.rows(collection, tried);
  const found = tried.findIndex((_, place) => rows.starts[place] !== rows.ends[place]);
  return found === -1 ? countOff(transaction, collection, random) : only(rows, found);
}

function countOff(transaction: DocumentTransaction, collection: CollectionDefinition, random: () => number): RowBatch | undefined {
  let left = Math.floor(random() * transaction.count(collection));
  const cursor = transaction.scan(collection);
  try {
    for (let batch = cursor.next(); batch !== undefined; batch = cursor.next()) {
      if (left < batch.count) return only(batch, left);
      left -= batch.count;
    }
    return undefined;
  } finally {
    cursor.close();
  }
}

function only({ ids, buffer, starts, ends }: RowBatch, place: number): RowBatch {
  return { count: 1, ids: [ids[place] ?? 0], buffer, starts: [starts[place] ?? 0], ends: [ends[place] ?? 0] };
}
