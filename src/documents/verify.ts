/**
 * Does a collection agree with its indexes? Each index must hold the entries that its documents have, no other ones, and each row must be
 * a document. Entries are compared by how many there are and by a sum of their hashes, so a collection of any size needs no memory.
 */
import { indexTables, type CollectionDefinition } from '#catalog';
import type { BatchCursor, RowBatch, TableId, Transaction } from '#storage';
import { DocumentView } from '#values';
import { documentEntries } from './indexes/entries.ts';

export interface Verification {
  readonly documents: number;
  readonly entries: number;
  /** What is wrong, in words; none is as it should be. */
  readonly problems: readonly string[];
}

/** Of the entries of an index, in any order. */
class Sum {
  count = 0;
  #low = 0;
  #high = 0;

  add(key: Uint8Array, id: number, value: Uint8Array | undefined): void {
    this.count++;
    const hash = hashOf(value ?? NOTHING, hashOf(key, id | 0));
    this.#low = (this.#low + hash) | 0;
    this.#high = (this.#high + (Math.imul(hash, 0x9e3779b1) ^ (hash >>> 15))) | 0;
  }

  equals(other: Sum): boolean {
    return this.count === other.count && this.#low === other.#low && this.#high === other.#high;
  }
}

const NOTHING = new Uint8Array(0);

/** FNV-1a over the bytes, mixed once more at the end. */
function hashOf(bytes: Uint8Array, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let at = 0; at < bytes.length; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

/** At most so many problems are told one by one. */
const PROBLEMS_LIMIT = 100;

/** Gives way between batches, so that whoever runs it may do other things meanwhile. The snapshot must live until the end. */
export function* verifyCollection(transaction: Transaction, collection: CollectionDefinition): Generator<void, Verification> {
  const problems: string[] = [];
  const report = (problem: string): void => {
    if (problems.length < PROBLEMS_LIMIT) problems.push(problem);
  };
  const expected = new Map<TableId, Sum>();
  let documents = 0;
  for (const rows of batches(transaction.scanRows(collection.rows))) {
    for (let place = 0; place < rows.count; place++) {
      documents++;
      const id = rows.ids[place]!;
      const document = new DocumentView(rows.buffer, rows.starts[place]!, rows.ends[place]!, collection.name);
      try {
        if (typeof document.toObject()['_key'] !== 'string') report(`the document in row ${id} has no key`);
        for (const { index, key, value } of documentEntries(collection, document)) sumOf(expected, index).add(key, id, value);
      } catch (error) {
        report(`row ${id} is not a document: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    yield;
  }
  const counted = transaction.countRows(collection.rows);
  if (counted !== documents) report(`${counted} documents are counted, and there are ${documents}`);

  let entries = 0;
  for (const index of collection.indexes) {
    for (const table of indexTables(index)) {
      const found = new Sum();
      const cursor = transaction.scanEntries(table, [{}], { withKeys: true, withValues: true });
      for (const { count, ids, keys, values } of batches(cursor)) {
        for (let place = 0; place < count; place++) {
          const value = values === undefined ? NOTHING : rowOf(values, place);
          found.add(keys === undefined ? NOTHING : rowOf(keys, place), ids[place]!, value);
        }
        yield;
      }
      entries += found.count;
      const wanted = sumOf(expected, table);
      if (!found.equals(wanted)) {
        const counts =
          found.count === wanted.count ? `${found.count} entries that are not theirs` : `${found.count} entries instead of ${wanted.count}`;
        report(`the index ${index.name} (${index.type}) does not agree with the documents: it has ${counts}`);
      }
    }
  }
  return { documents, entries, problems };
}

function sumOf(sums: Map<TableId, Sum>, table: TableId): Sum {
  let sum = sums.get(table);
  if (sum === undefined) {
    sum = new Sum();
    sums.set(table, sum);
  }
  return sum;
}

function* batches<Batch>(cursor: BatchCursor<Batch>): Generator<Batch> {
  try {
    for (let batch = cursor.next(); batch !== undefined; batch = cursor.next()) yield batch;
  } finally {
    cursor.close();
  }
}

function rowOf({ buffer, starts, ends }: RowBatch, place: number): Uint8Array {
  return buffer.subarray(starts[place], ends[place]);
}
