/** Removing documents whose time has come, by the ttl indexes of all collections. One thread of the server does it, now and then. */
import { clock } from '#base';
import type { CollectionDefinition, TtlIndex } from '#catalog';
import type { Transaction } from '#storage';
import { DocumentView, encodeKey } from '#values';
import { placesThere } from './batches.ts';
import type { DocumentStore } from './store.ts';

export interface ExpiryLimits {
  /** `--ttl.max-collection-removes` */
  readonly maxCollectionRemoves: number;
  /** `--ttl.max-total-removes` */
  readonly maxTotalRemoves: number;
}

/** Documents removed in one transaction, so that nobody waits long for the lock. */
const REMOVES_AT_ONCE = 500;

/** Removes what has expired, and returns how many documents that were. */
export function removeExpired(store: DocumentStore, { maxCollectionRemoves, maxTotalRemoves }: ExpiryLimits): number {
  let removed = 0;
  for (const { collections } of store.catalog().databases) {
    for (const { id, indexes } of collections) {
      const index = indexes.find((one) => one.type === 'ttl');
      if (index === undefined) continue;
      let left = Math.min(maxCollectionRemoves, maxTotalRemoves - removed);
      while (left > 0) {
        const wanted = Math.min(left, REMOVES_AT_ONCE);
        const count = removeSome(store, id, index.id, wanted);
        removed += count;
        left -= count;
        if (count < wanted) break;
      }
    }
  }
  return removed;
}

function removeSome(store: DocumentStore, collectionId: number, indexId: number, limit: number): number {
  return store.write((transaction) => {
    const collection = transaction.catalog.findCollectionById(collectionId);
    const index = collection?.indexes.find((one) => one.id === indexId);
    if (collection === undefined || index?.type !== 'ttl') return 0;
    const removals = expiredKeys(transaction.storage, collection, index, limit).map((key) => ({ key }));
    return transaction.remove(collection, removals).length;
  });
}

function expiredKeys(storage: Transaction, collection: CollectionDefinition, index: TtlIndex, limit: number): string[] {
  // Numbers below 0 are no times; ArangoDB leaves them alone.
  const to = encodeKey([clock.now() / 1000 - index.expireAfterSeconds]);
  const cursor = storage.scanEntryRows(index.table, collection.rows, [{ from: encodeKey([0]), to, toInclusive: true }], { limit });
  const keys: string[] = [];
  for (let rows = cursor.next(); rows !== undefined; rows = cursor.next()) {
    const { buffer, starts, ends } = rows;
    for (const place of placesThere(rows)) {
      keys.push(new DocumentView(buffer, starts[place]!, ends[place]!, collection.name).get('_key') as string);
    }
  }
  return keys;
}
