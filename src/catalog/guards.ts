/**
 * Guards: what makes a change of a collection's definition conflict with transactions that write to the collection.
 *
 * A transaction that keeps its writes aside makes index entries for the indexes that it knows. If one has been added when it commits,
 * its rows would have no entries there. So each collection has a row in a table of its own, with a fingerprint of the definition as
 * its version: the transaction puts the row back as it was, and the engine finds out whether it has changed meanwhile. Rows that are
 * put back as they are do not conflict with one another.
 */
import { createHash } from 'node:crypto';
import type { RowBatch, TableId, Transaction } from '#storage';
import type { CollectionDefinition } from './definition.ts';
import { writeCollection } from './records.ts';

/** The only table that is not given out: engines count from 1. */
const GUARDS: TableId = 0;
const FINGERPRINT_BYTES = 8;

const fingerprints = new WeakMap<CollectionDefinition, Uint8Array>();

export function setGuard(transaction: Transaction, collection: CollectionDefinition): void {
  const bytes = fingerprint(collection);
  const write = { table: GUARDS, id: collection.id, bytes, add: [] };
  const hasGuard = storedGuard(transaction, collection).length > 0;
  transaction.mutate([hasGuard ? { do: 'replace', ...write, drop: [] } : { do: 'insert', ...write }]);
}

export function removeGuard(transaction: Transaction, collection: CollectionDefinition): void {
  transaction.mutate([{ do: 'remove', table: GUARDS, id: collection.id, drop: [] }]);
}

/**
 * Lets the commit of a deferred transaction fail (1200) when the definition is another one by then. False: it is already, for the
 * transaction's snapshot.
 */
export function holdDefinition(transaction: Transaction, collection: CollectionDefinition): boolean {
  const bytes = fingerprint(collection);
  if (Buffer.compare(storedGuard(transaction, collection), bytes) !== 0) return false;
  transaction.mutate([{ do: 'replace', table: GUARDS, id: collection.id, bytes, add: [], drop: [] }]);
  return true;
}

/** Empty when there is none. */
function storedGuard(transaction: Transaction, { id }: CollectionDefinition): Uint8Array {
  const { buffer, starts, ends }: RowBatch = transaction.rows(GUARDS, [id]);
  return buffer.subarray(starts[0], ends[0]);
}

function fingerprint(collection: CollectionDefinition): Uint8Array {
  let known = fingerprints.get(collection);
  if (known === undefined) {
    known = createHash('sha256').update(writeCollection(collection)).digest().subarray(0, FINGERPRINT_BYTES);
    fingerprints.set(collection, known);
  }
  return known;
}
