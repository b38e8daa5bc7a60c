/**
 * What a transaction has seen of what it may change, so that its commit can prove that it is still so: versions of rows, values of meta, holders
 * of unique entries.
 *
 * A direct transaction reads the latest each time. One that finds another version of a row than before has based something on a state
 * that is no more.
 */
import { clock } from '#base';
import type { BatchCursor, IndexEntry, RowBatch, RowId, TableId } from '../engine.ts';
import { StorageConflict } from '../conflict.ts';
import type { Before } from './commit.ts';
import { versionAt, type PostgresStore } from './store.ts';

/** The table of guards: its rows have fingerprints for versions, which are no readings of a clock. */
const GUARDS: TableId = 0;

export class Seen implements Before {
  readonly rows = new Map<TableId, Map<RowId, bigint>>();
  readonly meta = new Map<string, Uint8Array | undefined>();
  readonly unique = new Set<TableId>();
  readonly freed = new Map<TableId, Map<string, RowId>>();
  readonly #store: PostgresStore;
  readonly #isReadOnly: boolean;

  constructor(store: PostgresStore, { isReadOnly }: { readonly isReadOnly: boolean }) {
    this.#store = store;
    this.#isReadOnly = isReadOnly;
  }

  /** The same batch, whose rows may be changed from now on. */
  noted(table: TableId, batch: RowBatch): RowBatch {
    if (this.#isReadOnly) return batch;
    let versions = this.rows.get(table);
    if (versions === undefined) this.rows.set(table, (versions = new Map<RowId, bigint>()));
    const now = clock.now();
    for (let i = 0; i < batch.count; i++) {
      if (batch.starts[i] === batch.ends[i]) continue;
      const id = batch.ids[i]!;
      const version = versionAt(batch, i);
      const before = versions.get(id);
      if (before !== undefined && before !== version) throw new StorageConflict();
      if (table !== GUARDS) this.#store.observe(version, now);
      versions.set(id, version);
    }
    return batch;
  }

  noting(table: TableId, cursor: BatchCursor<RowBatch>): BatchCursor<RowBatch> {
    if (this.#isReadOnly) return cursor;
    return {
      next: () => {
        const batch = cursor.next();
        return batch && this.noted(table, batch);
      },
      close: () => cursor.close(),
    };
  }

  hasRow(table: TableId, id: RowId): boolean {
    return this.rows.get(table)?.has(id) === true;
  }

  /** `id` has held a unique entry before this transaction. Of several holders in a transaction, the first is the one that is stored. */
  noteFreed({ index }: IndexEntry, stored: string, id: RowId): void {
    let freed = this.freed.get(index);
    if (freed === undefined) this.freed.set(index, (freed = new Map<string, RowId>()));
    if (!freed.has(stored)) freed.set(stored, id);
  }
}
