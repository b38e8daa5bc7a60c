/**
 * Tables of what was dropped. They are only noted when the definition goes, and emptied in a transaction after that.
 *
 * A reader may have looked up a definition just before it went and take its snapshot just after. It finds the tables as they were,
 * because they are emptied only once nobody looks up the old definition any more. Should the server stop in between, the note is
 * still there.
 */
import type { TableId, Transaction } from '#storage';

const DISCARDED_PREFIX = 'catalog/discarded/';

export function discardTables(transaction: Transaction, tables: readonly TableId[]): void {
  for (const table of tables) transaction.writeMeta(DISCARDED_PREFIX + String(table), new Uint8Array(1));
}

export function hasDiscardedTables(transaction: Transaction): boolean {
  return transaction.listMeta(DISCARDED_PREFIX).length > 0;
}

export function clearDiscardedTables(transaction: Transaction): void {
  const keys = transaction.listMeta(DISCARDED_PREFIX).map(([key]) => key);
  transaction.clear(
    keys.map((key) => Number(key.slice(DISCARDED_PREFIX.length))),
    { areGone: true },
  );
  for (const key of keys) transaction.writeMeta(key, undefined);
}
