/**
 * Whether it pays that changes of tables are told (`changes.ts`): walks in them read much, and they change seldom. Each thread counts what it reads
 * itself, and asks the server how much has changed meanwhile.
 */
import { clock } from '#base';
import type { TableId } from '../engine.ts';
import { int8Array, statement, type RequestWriter } from './wire.ts';

/** What walks are answered before it is looked at whether tables change, and then while it is. */
export const BYTES_BEFORE = 1024 * 1024;
export const BYTES_WATCHED = 4 * 1024 * 1024;
/** Within which they do. */
const WINDOW_MS = 60_000;
/** So many calls of walks for each change of a row at least. */
const CALLS_FOR_CHANGE = 4;
/** Changes that the server counts late may be of a time before. */
const AGAIN_MS = 5_000;
/** What has just been decided is not thought of again. */
const PAUSE_MS = 600_000;
/** So many looks are judged together; what is kept is of no use when more than half of them find something changed. */
export const LOOKS = 256;
const MOST_SETS = 64;

/** How many rows were ever changed, as the server has counted. */
const CHANGED_ROWS = statement(
  `SELECT coalesce(sum(pg_stat_get_tuples_inserted(c) + pg_stat_get_tuples_updated(c) + pg_stat_get_tuples_deleted(c)), 0)::bigint
  FROM (SELECT to_regclass('foxden.r_' || t)::oid AS c FROM unnest($1::bigint[]) n(t)) s`,
);

export function askChangedRows(writer: RequestWriter, tables: readonly TableId[]): void {
  writer.run(CHANGED_ROWS, [int8Array(tables)]);
}

interface Watched {
  notBeforeMs: number;
  untilMs: number;
  bytes: number;
  calls: number;
  /** Rows that had been changed when it was first looked at. */
  changed: number | undefined;
  looks: number;
  missed: number;
}

export interface WalkWatchOptions {
  /** How many rows of these tables were changed so far. */
  readonly changedRows: (tables: readonly TableId[]) => number;
  readonly onVerdict: (tables: readonly TableId[], isWorthTelling: boolean) => void;
}

export class WalkWatch {
  readonly #options: WalkWatchOptions;
  readonly #sets = new Map<string, Watched>();

  constructor(options: WalkWatchOptions) {
    this.#options = options;
  }

  /** A walk has had an answer of so many bytes, of tables whose changes nobody tells. */
  noteRead(tables: readonly TableId[], bytes: number): void {
    const set = this.#setOf(tables);
    const now = clock.monotonic();
    if (now < set.notBeforeMs) return;
    if (now > set.untilMs) begin(set, now, undefined);
    set.bytes += bytes;
    set.calls++;
    if (set.changed === undefined) {
      if (set.bytes >= BYTES_BEFORE) begin(set, now, this.#options.changedRows(tables));
    } else if (set.bytes >= BYTES_WATCHED) {
      const changes = this.#options.changedRows(tables) - set.changed;
      const isWorthTelling = changes * CALLS_FOR_CHANGE <= set.calls;
      set.notBeforeMs = now + (isWorthTelling ? PAUSE_MS : AGAIN_MS);
      set.untilMs = 0;
      if (isWorthTelling) this.#options.onVerdict(tables, true);
    }
  }

  /** What is kept was looked at; `isSame`: it can be used. */
  noteLook(tables: readonly TableId[], isSame: boolean): void {
    const set = this.#setOf(tables);
    set.looks++;
    if (!isSame) set.missed++;
    if (set.looks < LOOKS) return;
    const isOfUse = 2 * set.missed <= set.looks;
    set.looks = 0;
    set.missed = 0;
    if (isOfUse) return;
    set.notBeforeMs = clock.monotonic() + PAUSE_MS;
    this.#options.onVerdict(tables, false);
  }

  #setOf(tables: readonly TableId[]): Watched {
    const name = tables.join();
    let set = this.#sets.get(name);
    if (set === undefined) {
      if (this.#sets.size === MOST_SETS) this.#sets.delete(this.#sets.keys().next().value!);
      this.#sets.set(name, (set = { notBeforeMs: 0, untilMs: 0, bytes: 0, calls: 0, changed: undefined, looks: 0, missed: 0 }));
    }
    return set;
  }
}

function begin(set: Watched, now: number, changed: number | undefined): void {
  set.untilMs = now + WINDOW_MS;
  set.bytes = 0;
  set.calls = 0;
  set.changed = changed;
}
