/**
 * Documents in a box of numbers. Entries are read a few at a time; where they have left the box, the reading goes on where the keys come
 * into it again.
 */
import type { BatchCursor, KeyRange, RowBatch, RowId, Transaction } from '#storage';
import type { IndexAccess } from './access.ts';
import type { KeyBox } from './indexes/mdi.ts';
import { SearchedRows } from './searched-rows.ts';

/** Entries read at a time: a few at first, for the box may be small, and more as long as they are in it. */
const FIRST_ENTRIES = 16;
const MOST_ENTRIES = 1024;

export class BoxCursor implements BatchCursor<RowBatch> {
  readonly #transaction: Transaction;
  readonly #access: IndexAccess;
  readonly #box: KeyBox;
  readonly #searched: SearchedRows;
  #rest: KeyRange | undefined;
  #entries = FIRST_ENTRIES;

  constructor(transaction: Transaction, access: IndexAccess, box: KeyBox) {
    this.#transaction = transaction;
    this.#access = access;
    this.#box = box;
    this.#searched = new SearchedRows(transaction, access.collection.rows);
    this.#rest = box.range();
  }

  next(): RowBatch | undefined {
    while (this.#rest !== undefined) {
      const ids = this.#read(this.#rest);
      if (ids.length > 0) return this.#transaction.rows(this.#access.collection.rows, ids);
    }
    return undefined;
  }

  close(): void {
    this.#rest = undefined;
  }

  /** The documents of the next few entries. */
  #read(range: KeyRange): RowId[] {
    const cursor = this.#transaction.scanEntries(this.#access.table, [range], { withKeys: true, limit: this.#entries });
    const ids: RowId[] = [];
    let last: Uint8Array | undefined;
    let count = 0;
    for (let batch = cursor.next(); batch !== undefined; batch = cursor.next()) {
      const { buffer, starts, ends } = batch.keys!;
      for (let i = 0; i < batch.count; i++) {
        last = buffer.subarray(starts[i], ends[i]);
        if (this.#box.contains(last) && this.#searched.isMet(batch.ids[i]!)) ids.push(batch.ids[i]!);
      }
      count += batch.count;
      last = last?.slice();
    }
    cursor.close();
    const isOver = last === undefined || count < this.#entries;
    this.#entries = this.#entriesAfter(range, last, ids.length * 2 > count);
    this.#rest = isOver || last === undefined ? undefined : this.#restAfter(range, last);
    return ids;
  }

  #entriesAfter({ from }: KeyRange, last: Uint8Array | undefined, isDense: boolean): number {
    // More documents have the same key than were read: nothing but more at a time leads beyond it.
    if (from !== undefined && last !== undefined && Buffer.compare(from, last) === 0) return this.#entries * 4;
    return isDense ? Math.min(this.#entries * 4, MOST_ENTRIES) : FIRST_ENTRIES;
  }

  /** Other documents may have the last key too: it is read again, and they are told apart. */
  #restAfter(range: KeyRange, last: Uint8Array): KeyRange | undefined {
    const next = this.#box.next(last);
    return next && { ...range, from: next };
  }
}
