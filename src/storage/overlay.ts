/**
 * The writes of a transaction, kept aside in memory until it commits.
 *
 * Its own reads look here first. A value of `undefined` hides what is in the file. While there are savepoints, what each write
 * replaced is remembered.
 */
import { ArangoError } from '#base';
import type { IndexEntry, Mutation, RowId, Savepoint, TableId } from './engine.ts';
import { SortedMap, type Ordered } from './sorted-map.ts';
import { writesOf, type Writes } from './writes.ts';

/** A guess of what one write costs beside its key and value. */
export const WRITE_BYTES = 64;

/** What a mutation takes of the limit of a transaction. */
export function sizeOf(mutation: Mutation): number {
  let bytes = WRITE_BYTES + (mutation.do === 'remove' ? 0 : mutation.bytes.length);
  for (const { key, value } of addedBy(mutation)) bytes += WRITE_BYTES + key.length + (value?.length ?? 0);
  for (const { key } of droppedBy(mutation)) bytes += WRITE_BYTES + key.length;
  return bytes;
}

const NO_ENTRIES: readonly IndexEntry[] = [];

export function addedBy(mutation: Mutation): readonly IndexEntry[] {
  return mutation.do === 'remove' ? NO_ENTRIES : mutation.add;
}

export function droppedBy(mutation: Mutation): readonly IndexEntry[] {
  return mutation.do === 'insert' ? NO_ENTRIES : mutation.drop;
}

export class Overlay {
  readonly rows = new Map<TableId, Writes<RowId>>();
  readonly entries = new Map<TableId, Writes<string>>();
  readonly meta: Writes<string> = new SortedMap();
  /** By how much the number of rows has changed. */
  readonly counts = new Map<TableId, number>();
  /** Tables of which nothing in the file counts any more. */
  readonly cleared = new Set<TableId>();
  /** Row tables whose changes are told to who keeps copies; more than were changed do no harm. */
  readonly told = new Set<TableId>();
  readonly #sizeLimitBytes: number;
  #sizeBytes = 0;
  #undo: (() => void)[] | undefined;
  readonly #savepoints: Savepoint[] = [];

  constructor(sizeLimitBytes: number) {
    this.#sizeLimitBytes = sizeLimitBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get isEmpty(): boolean {
    return this.rows.size === 0 && this.entries.size === 0 && this.meta.size === 0 && this.cleared.size === 0;
  }

  /** Throws when that much more is too much; to be called before a group of writes that belong together. */
  reserve(bytes: number): void {
    if (this.#sizeBytes + bytes <= this.#sizeLimitBytes) return;
    throw new ArangoError('ERROR_RESOURCE_LIMIT', `a transaction may change at most ${this.#sizeLimitBytes} bytes`);
  }

  setRow(table: TableId, id: RowId, bytes: Uint8Array | undefined, countChange: number): void {
    this.#set(writesOf(this.rows, table), id, bytes, WRITE_BYTES);
    if (countChange !== 0) this.#count(table, countChange);
  }

  /** The row of a mutation; its entries are for whoever knows what they hide. */
  changeRow(mutation: Mutation): void {
    const { table, id } = mutation;
    if (mutation.do === 'remove') this.setRow(table, id, undefined, -1);
    else this.setRow(table, id, mutation.bytes, mutation.do === 'insert' ? 1 : 0);
  }

  setEntry(index: TableId, key: string, value: Uint8Array | undefined): void {
    this.#set(writesOf(this.entries, index), key, value, WRITE_BYTES + key.length);
  }

  /** Takes back an entry that only this transaction knows. */
  forgetEntry(index: TableId, key: string): void {
    const entries = writesOf(this.entries, index);
    const value = entries.get(key);
    this.#undo?.push(() => entries.set(key, value));
    entries.delete(key);
  }

  setMeta(key: string, value: Uint8Array | undefined): void {
    this.#set(this.meta, key, value, WRITE_BYTES + key.length);
  }

  clear(table: TableId): void {
    const rows = this.rows.get(table);
    const entries = this.entries.get(table);
    const count = this.counts.get(table);
    const wasCleared = this.cleared.has(table);
    this.#undo?.push(() => {
      restore(this.rows, table, rows);
      restore(this.entries, table, entries);
      restore(this.counts, table, count);
      if (!wasCleared) this.cleared.delete(table);
    });
    this.rows.delete(table);
    this.entries.delete(table);
    this.counts.delete(table);
    this.cleared.add(table);
  }

  /** A state to go back to. Whoever ends one ends those that were made since along with it; ending it again does nothing. */
  savepoint(): Savepoint {
    this.#undo ??= [];
    const undo = this.#undo;
    const mark = undo.length;
    const end = (): boolean => {
      const place = this.#savepoints.indexOf(savepoint);
      if (place >= 0) this.#savepoints.length = place;
      return place >= 0;
    };
    const savepoint: Savepoint = {
      rollback: () => {
        if (!end()) return;
        while (undo.length > mark) undo.pop()!();
        this.#forget();
      },
      release: () => {
        if (end()) this.#forget();
      },
    };
    this.#savepoints.push(savepoint);
    return savepoint;
  }

  #forget(): void {
    if (this.#savepoints.length === 0) this.#undo = undefined;
  }

  #set<Key extends Ordered>(writes: Writes<Key>, key: Key, value: Uint8Array | undefined, overheadBytes: number): void {
    const addedBytes = overheadBytes + (value?.length ?? 0);
    this.#sizeBytes += addedBytes;
    if (this.#undo !== undefined) {
      const before = writes.has(key) ? { value: writes.get(key) } : undefined;
      this.#undo.push(() => {
        this.#sizeBytes -= addedBytes;
        if (before === undefined) writes.delete(key);
        else writes.set(key, before.value);
      });
    }
    writes.set(key, value);
  }

  #count(table: TableId, change: number): void {
    const before = this.counts.get(table) ?? 0;
    this.#undo?.push(() => this.counts.set(table, before));
    this.counts.set(table, before + change);
  }
}

function restore<Value>(map: Map<TableId, Value>, table: TableId, value: Value | undefined): void {
  if (value === undefined) map.delete(table);
  else map.set(table, value);
}
