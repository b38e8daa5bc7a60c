/**
 * How selective an index is: the number of different keys for each entry, between 0 (all alike) and 1 (all different, or empty).
 *
 * It is measured when asked for, on a few keys from both ends of the index and how often each of them comes. The optimizer compares
 * indexes by it and needs no more.
 */
import type { IndexDefinition } from '#catalog';
import type { KeyRange, TableId, Transaction } from '#storage';
import { attributeReader, DocumentView, prefixRange } from '#values';
import type { IndexAccess } from './access.ts';

/** Different keys looked at from each end. */
const KEYS_LOOKED_AT = 8;
/** A key that comes so often counts as coming exactly so often. */
const RUN_LIMIT = 1000;

/** Undefined for an index that has no estimate. */
export function selectivityEstimate(transaction: Transaction, index: IndexDefinition): number | undefined {
  switch (index.type) {
    case 'primary':
      return 1;
    case 'edge':
      return (measure(transaction, index.from) + measure(transaction, index.to)) / 2;
    case 'persistent':
      if (!index.hasEstimates) return undefined;
      return index.isUnique ? 1 : measure(transaction, index.table);
    case 'mdi':
      if (!index.hasEstimates) return undefined;
      return index.isUnique ? 1 : measure(transaction, index.table);
    case 'ttl':
    case 'geo':
    case 'fulltext':
      return undefined;
  }
}

/**
 * How many entries there are on average for the same values of the first `fieldCount` fields, measured on some documents from both ends of
 * the index. Undefined for an index without an order, or without entries.
 */
export function entriesForValues(transaction: Transaction, access: IndexAccess, fieldCount: number): number | undefined {
  if (!access.isSorted || access.isExpanded || access.index.type === 'primary' || fieldCount === 0) return undefined;
  const readers = access.fields.slice(0, fieldCount).map(({ steps: [first = '', ...path] }) => attributeReader(first, ...path));
  let keys = 0;
  let entries = 0;
  for (const reverse of [false, true]) {
    let range: KeyRange = {};
    for (let i = 0; i < KEYS_LOOKED_AT; i++) {
      const document = firstDocument(transaction, access, range, reverse);
      if (document === undefined) break;
      const { isExact: _isExact, ...found } = prefixRange(readers.map((read) => read(document)));
      keys++;
      entries += transaction.countEntries(access.table, [found]);
      if ((reverse ? found.from : found.to) === undefined) break;
      range = reverse ? { to: found.from! } : { from: found.to! };
    }
  }
  return keys === 0 ? undefined : entries / keys;
}

function firstDocument(transaction: Transaction, access: IndexAccess, range: KeyRange, reverse: boolean): DocumentView | undefined {
  const { collection, table } = access;
  const cursor = transaction.scanEntryRows(table, collection.rows, [range], { limit: 1, reverse });
  const rows = cursor.next();
  cursor.close();
  return rows && new DocumentView(rows.buffer, rows.starts[0]!, rows.ends[0]!, collection.name);
}

function measure(transaction: Transaction, table: TableId): number {
  const keys = new Map<string, number>();
  for (const reverse of [false, true]) {
    let range: KeyRange = {};
    for (let i = 0; i < KEYS_LOOKED_AT; i++) {
      const key = firstKey(transaction, table, range, reverse);
      if (key === undefined) break;
      keys.set(Buffer.from(key).toString('latin1'), runLength(transaction, table, key));
      range = reverse ? { to: key } : { from: key, fromExclusive: true };
    }
  }
  let entries = 0;
  for (const length of keys.values()) entries += length;
  return entries === 0 ? 1 : keys.size / entries;
}

function firstKey(transaction: Transaction, table: TableId, range: KeyRange, reverse: boolean): Uint8Array | undefined {
  const cursor = transaction.scanEntries(table, [range], { withKeys: true, limit: 1, reverse });
  try {
    const keys = cursor.next()?.keys;
    return keys === undefined || keys.count === 0 ? undefined : keys.buffer.slice(keys.starts[0], keys.ends[0]);
  } finally {
    cursor.close();
  }
}

function runLength(transaction: Transaction, table: TableId, key: Uint8Array): number {
  const cursor = transaction.scanEntries(table, [{ from: key, to: key, toInclusive: true }], { limit: RUN_LIMIT });
  let length = 0;
  for (let batch = cursor.next(); batch !== undefined; batch = cursor.next()) length += batch.count;
  return length;
}
