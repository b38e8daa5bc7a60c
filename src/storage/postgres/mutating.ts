/**
 * Mutations, put into the writes that a transaction keeps aside: first what has to be known of the server for them, in as few requests as there
 * are questions, then the writes.
 */
import type { IndexEntry, Mutation, MutationFailure, RowId, TableId } from '../engine.ts';
import { readId, storedKey, storedValue, textOf } from '../entry.ts';
import { addedBy, droppedBy, sizeOf, type Overlay } from '../overlay.ts';
import { asBuffer } from './ranges.ts';
import { createCoveredEntryTable, createEntryTable } from './schema.ts';
import type { Seen } from './seen.ts';
import type { PostgresStore } from './store.ts';
import type { Holders, Stored } from './stored.ts';

export class Mutating {
  readonly #store: PostgresStore;
  readonly #overlay: Overlay;
  readonly #seen: Seen;
  readonly #stored: Stored;

  constructor(store: PostgresStore, overlay: Overlay, seen: Seen, stored: Stored) {
    this.#store = store;
    this.#overlay = overlay;
    this.#seen = seen;
    this.#stored = stored;
  }

  /** To be called before anything else is done with them: tables, and the versions of rows that are changed without having been read. */
  prepare(mutations: readonly Mutation[]): void {
    const unknown = new Map<TableId, RowId[]>();
    for (const mutation of mutations) {
      const { table, id } = mutation;
      this.#store.needTable('r', table);
      for (const entry of addedBy(mutation)) this.#prepareIndex(entry);
      for (const entry of droppedBy(mutation)) this.#prepareIndex(entry);
      if (mutation.do === 'insert' || this.#overlay.cleared.has(table)) continue;
      if (this.#overlay.rows.get(table)?.has(id) === true || this.#seen.hasRow(table, id)) continue;
      const ids = unknown.get(table);
      if (ids === undefined) unknown.set(table, [id]);
      else ids.push(id);
    }
    for (const [table, ids] of unknown) this.#stored.note(table, ids);
  }

  /** Whether it is known without asking that a unique key is taken. */
  meetKnownHolders(mutations: readonly Mutation[]): boolean {
    return mutations.some((mutation) =>
      addedBy(mutation).some((entry) => entry.isUnique && (this.#stored.knownHolder(entry) ?? mutation.id) !== mutation.id),
    );
  }

  /** Who holds the unique keys that mutations add, as far as that is not known from own writes. */
  holders(mutations: readonly Mutation[]): Holders {
    const isAsked = ({ index, key, isUnique }: IndexEntry): boolean =>
      isUnique && !this.#overlay.cleared.has(index) && this.#overlay.entries.get(index)?.has(textOf(key)) !== true;
    return this.#stored.holders(mutations.flatMap((mutation) => addedBy(mutation).filter(isAsked)));
  }

  /** `holders`: of the unique keys that are taken. */
  apply(mutations: readonly Mutation[], holders: Holders): MutationFailure[] {
    const overlay = this.#overlay;
    return mutations.map((mutation) => {
      const { id } = mutation;
      for (const entry of addedBy(mutation)) {
        if (!entry.isUnique) continue;
        const holder = this.#holderOf(entry, holders);
        if (holder !== undefined && holder !== id) return { entry, holder };
      }
      overlay.reserve(sizeOf(mutation));
      for (const entry of droppedBy(mutation)) this.#drop(entry, id);
      for (const entry of addedBy(mutation)) overlay.setEntry(entry.index, storedKey(entry, id), storedValue(entry, id));
      overlay.changeRow(mutation);
      return undefined;
    });
  }

  #prepareIndex({ index, isUnique, hasShortValue }: IndexEntry): void {
    if (isUnique) this.#seen.unique.add(index);
    this.#store.needTable('e', index, hasShortValue ? createCoveredEntryTable : createEntryTable);
  }

  #holderOf({ index, key }: IndexEntry, holders: Holders): RowId | undefined {
    const stored = textOf(key);
    const own = this.#overlay.entries.get(index);
    if (own?.has(stored) === true) {
      const value = own.get(stored);
      return value && readId(asBuffer(value), 0);
    }
    return this.#overlay.cleared.has(index) ? undefined : holders.get(index)?.get(stored);
  }

  #drop(entry: IndexEntry, id: RowId): void {
    const stored = storedKey(entry, id);
    if (entry.isUnique && this.#overlay.entries.get(entry.index)?.has(stored) !== true) this.#seen.noteFreed(entry, stored, id);
    this.#overlay.setEntry(entry.index, stored, undefined);
  }
}

export function hasUnique(mutations: readonly Mutation[]): boolean {
  return mutations.some((mutation) => addedBy(mutation).some(({ isUnique }) => isUnique));
}
