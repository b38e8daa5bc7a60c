/**
 * Pieces of work that share their trips to the server: one call before them fetches what they are known to ask for (or found to, by a rehearsal), one after
 * them commits what they have written.
 *
 * They know nothing of each other. All of them read the state of the beginning, and each of their writes proves that what it changes
 * is still as it was read, so one commit for all does what one for each would have done at the same moment. Where a row or an entry is written by two of them,
 * the second is not done; where the joint commit meets an obstacle, none is.
 */
import assert from 'node:assert/strict';
import { isArangoError, type ArangoError } from '#base';
import type { Fate, RowBatch, RowId, RowPlace, TableId } from '../engine.ts';
import { textOf } from '../entry.ts';
import { Overlay } from '../overlay.ts';
import type { Writes } from '../writes.ts';
import { Committer } from './committer.ts';
import { Rehearsals } from './rehearsal.ts';
import type { LeftCommit, PostgresStore, SharedTrips } from './store.ts';
import { PostgresTransaction } from './transaction.ts';

const UNAVAILABLE = 503;
const NOTHING_GONE: ReadonlySet<TableId> = new Set();

export class Together implements SharedTrips {
  readonly rehearsals = new Rehearsals();
  readonly #store: PostgresStore;
  /** Rows that were read before; empty where there is none. */
  readonly #rows = new Map<string, RowBatch>();
  /** What the piece that runs has left to be committed. */
  #left: LeftCommit | undefined;

  constructor(store: PostgresStore) {
    this.#store = store;
  }

  run(places: readonly RowPlace[], rehearsals: readonly (() => void)[], pieces: readonly (() => void)[]): Fate[] {
    const commits: (LeftCommit | undefined)[] = [];
    try {
      this.#store.together = this;
      for (const rehearse of rehearsals) this.rehearsals.note(rehearse);
      const failure = this.#readAhead(places);
      if (failure !== undefined) return pieces.map(() => failure);
      for (const piece of pieces) {
        this.#left = undefined;
        piece();
        commits.push(this.#left);
      }
    } finally {
      this.#store.together = undefined;
    }
    return this.#commit(commits);
  }

  rowAt(index: TableId, key: Uint8Array): RowBatch | undefined {
    return this.#rows.get(nameOf(index, key));
  }

  take(commit: LeftCommit): boolean {
    if (commit.overlay.meta.size > 0 || commit.overlay.cleared.size > 0) return false;
    assert(this.#left === undefined, 'a piece of work commits once');
    this.#left = commit;
    return true;
  }

  /** What is wrong when nothing can be read. */
  #readAhead(places: readonly RowPlace[]): Error | undefined {
    try {
      this.#read(places);
      this.rehearsals.ask((write) => this.#store.ask(write));
      return undefined;
    } catch (error) {
      // Whatever one of them met, say a table that has just been dropped: who asks for it finds out by itself, and the others do not.
      return isUnavailable(error) ? error : undefined;
    }
  }

  /** One call for each index. */
  #read(places: readonly RowPlace[]): void {
    const wanted = new Map(places.map((place) => [nameOf(place.index, place.key), place]));
    const tables = new Map(places.map(({ index, table }) => [index, table]));
    const reading = new PostgresTransaction(this.#store, { mode: 'read', snapshot: 'none' });
    try {
      for (const [index, table] of tables) {
        const asked = [...wanted].filter(([, place]) => place.index === index);
        const found = reading.lookup(
          index,
          table,
          asked.map(([, { key }]) => key),
        );
        asked.forEach(([name], i) => this.#rows.set(name, rowAlone(found, i)));
      }
    } finally {
      reading.abort();
    }
  }

  #commit(commits: readonly (LeftCommit | undefined)[]): Fate[] {
    const joint = new JointCommit();
    const fates = commits.map((commit): Fate => (commit === undefined || joint.add(commit) ? 'done' : 'again'));
    if (joint.size === 0) return fates;
    const fate = this.#attempt(joint);
    return fates.map((one, i) => (one === 'done' && commits[i] !== undefined ? fate : one));
  }

  #attempt({ overlay, before, version }: LeftCommit): Fate {
    try {
      return new Committer(this.#store, overlay, before, NOTHING_GONE).tryAtOnce(version) ? 'done' : 'again';
    } catch (error) {
      // When it is not known what has become of it, or there is no server, that is so for all of them.
      return isUnavailable(error) ? error : 'again';
    }
  }
}

function isUnavailable(error: unknown): error is ArangoError {
  return isArangoError(error) && error.code === UNAVAILABLE;
}

/** Several commits as one. */
class JointCommit implements LeftCommit {
  size = 0;
  version = 0;
  readonly overlay = new Overlay(Infinity);
  readonly before = {
    rows: new Map<TableId, Map<RowId, bigint>>(),
    meta: new Map<string, Uint8Array | undefined>(),
    unique: new Set<TableId>(),
    freed: new Map<TableId, Map<string, RowId>>(),
  };

  /** False where it cannot go along with those that are there already. */
  add({ version, overlay, before }: LeftCommit): boolean {
    if (
      this.size > 0 &&
      (version !== this.version || meets(this.overlay.rows, overlay.rows) || meets(this.overlay.entries, overlay.entries))
    )
      return false;
    this.size++;
    this.version = version;
    for (const [table, writes] of overlay.rows) {
      writes.forEach((id, bytes) => {
        this.overlay.setRow(table, id, bytes, 0);
        const was = before.rows.get(table)?.get(id);
        if (was !== undefined) inner(this.before.rows, table).set(id, was);
      });
    }
    for (const [index, writes] of overlay.entries) writes.forEach((key, value) => this.overlay.setEntry(index, key, value));
    for (const table of overlay.told) this.overlay.told.add(table);
    for (const index of before.unique) this.before.unique.add(index);
    for (const [index, holders] of before.freed) for (const [key, id] of holders) inner(this.before.freed, index).set(key, id);
    return true;
  }
}

function meets<Key extends string | number>(tables: ReadonlyMap<TableId, Writes<Key>>, others: ReadonlyMap<TableId, Writes<Key>>): boolean {
  for (const [table, writes] of others) {
    const own = tables.get(table);
    if (own === undefined) continue;
    for (const [key] of writes.from(undefined)) if (own.has(key)) return true;
  }
  return false;
}

function inner<Key, Value>(maps: Map<TableId, Map<Key, Value>>, table: TableId): Map<Key, Value> {
  let map = maps.get(table);
  if (map === undefined) maps.set(table, (map = new Map()));
  return map;
}

function rowAlone({ ids, buffer, starts, ends }: RowBatch, i: number): RowBatch {
  return { count: 1, ids: [ids[i]!], buffer, starts: [starts[i]!], ends: [ends[i]!] };
}

function nameOf(index: TableId, key: Uint8Array): string {
  return `${index}/${textOf(key)}`;
}
