/**
 * What the transactions of a thread have in common: the way to the server, the tables that are known to be there, the version of the
 * definitions, and what errors of the server mean.
 */
import { Buffer } from 'node:buffer';
import { ArangoError } from '#base';
import type { RowBatch, StorageEngine, TableId } from '../engine.ts';
import { StorageConflict } from '../conflict.ts';
import type { Overlay } from '../overlay.ts';
import type { Bridge } from './bridge.ts';
import type { Before } from './commit.ts';
import { Kept } from './kept.ts';
import type { SharedMemory } from './memory.ts';
import type { Rehearsals } from './rehearsal.ts';
import { createEntryTable, createRowTable } from './schema.ts';
import { askChangedRows, WalkWatch } from './walk-watch.ts';
import {
  ANY_CONNECTION,
  IS_REPEATABLE,
  readInt8,
  statement,
  type Answer,
  type Handle,
  type PostgresError,
  type RequestWriter,
} from './wire.ts';

const COUNTER_BITS = 20n;
/** Of the counter's bits those that tell coordinators apart, so that two of them never make the same revision. */
const PROCESS_BITS = 10n;
const STEP = 1n << PROCESS_BITS;
/** A revision so far ahead of the clock is nobody's clock: a user has restored it. */
const AHEAD_LIMIT = 60_000n << COUNTER_BITS;

/** A commit of another one, or the server's way to settle who waits for whom, came in between. */
const CONFLICTS = new Set(['40001', '40P01', '55P03', '23505', '22012']);
/** A table or schema that was dropped meanwhile. */
const MISSING = new Set(['42P01', '3F000']);
const MET_ANOTHER = new Set(['23505', '42P07', '42710', '40001', 'XX000']);
const ATTEMPTS = 10;

const TABLES = statement("SELECT tablename::bytea FROM pg_catalog.pg_tables WHERE schemaname = 'foxden'");
const VERSION = statement('SELECT value FROM foxden.version');

export type TableKind = 'r' | 'e';
const CREATE = { r: createRowTable, e: createEntryTable } as const;
const KINDS = ['r', 'e'] as const;
const TABLE_NAME = /^([re])_(\d+)$/;

/** What a transaction would have committed. */
export interface LeftCommit {
  /** The definitions that it goes by. */
  readonly version: number;
  readonly overlay: Overlay;
  readonly before: Before;
}

/** Trips that several transactions have in common (`together.ts`). */
export interface SharedTrips {
  /** The row under a unique key that was read before, empty where there is none; undefined where it was not asked for. */
  rowAt(index: TableId, key: Uint8Array): RowBatch | undefined;
  /** Takes a commit over, unless it is more than rows and their entries. */
  take(commit: LeftCommit): boolean;
  readonly rehearsals: Rehearsals;
}

export class PostgresStore {
  readonly bridge: Bridge;
  readonly shared: SharedMemory;
  /** What walks of former transactions have read. */
  readonly kept: Kept;
  /** Whether others should be kept, too; undefined where only what users ask for is. */
  readonly watch: WalkWatch | undefined;
  onWalks: StorageEngine['onWalks'];
  /** While pieces of work share them. */
  together: SharedTrips | undefined;
  /** Those that are there; undefined before they were asked for. */
  #tables: Readonly<Record<TableKind, Set<TableId>>> | undefined;

  constructor(bridge: Bridge, shared: SharedMemory) {
    this.bridge = bridge;
    this.shared = shared;
    this.kept = new Kept(shared.kept, bridge.box);
    if (!shared.keepsWalks) return;
    this.watch = new WalkWatch({
      changedRows: (tables) => this.#changedRows(tables),
      onVerdict: (tables, isWorthTelling) => this.onWalks?.(tables, isWorthTelling),
    });
  }

  /** Asks something that belongs to no transaction and only reads. */
  ask(write: (writer: RequestWriter) => void): Answer {
    return this.checked(this.bridge.call(ANY_CONNECTION, IS_REPEATABLE, write));
  }

  call(handle: Handle, flags: number, write: (writer: RequestWriter) => void): Answer {
    return this.bridge.call(handle, flags, write);
  }

  checked(answer: Answer): Answer {
    if (answer.error !== undefined) throw this.meaningOf(answer.error);
    return answer;
  }

  meaningOf(error: PostgresError): Error {
    if (CONFLICTS.has(error.code)) return new StorageConflict(undefined, { cause: error });
    if (MISSING.has(error.code)) {
      this.#tables = undefined;
      this.latestMetaVersion();
      return new StorageConflict('write-write conflict: a collection or index was dropped', { cause: error });
    }
    return new ArangoError('ERROR_INTERNAL', `PostgreSQL: ${error.message}`, { cause: error });
  }

  /** Has the tables made that are not there yet. */
  needTables(kind: TableKind, tables: Iterable<TableId>, create = CREATE[kind]): void {
    let missing: TableId[] | undefined;
    for (const table of tables) if (!this.#known()[kind].has(table)) (missing ??= []).push(table);
    if (missing === undefined) return;
    for (let attempt = 1; ; attempt++) {
      const { error } = this.bridge.call(ANY_CONNECTION, IS_REPEATABLE, (writer) => {
        for (const table of missing) writer.runOnce(create(table));
      });
      if (error === undefined) break;
      if (attempt === ATTEMPTS || !MET_ANOTHER.has(error.code)) throw this.meaningOf(error);
    }
    for (const table of missing) this.#known()[kind].add(table);
  }

  needTable(kind: TableKind, table: TableId, create = CREATE[kind]): void {
    if (this.#tables?.[kind].has(table) !== true) this.needTables(kind, [table], create);
  }

  /** Of these tables the names of those that exist, whatever their kind. */
  existingTables(tables: Iterable<TableId>): string[] {
    this.#tables = undefined;
    const known = this.#known();
    return [...tables].flatMap((table) => KINDS.filter((kind) => known[kind].has(table)).map((kind) => `${kind}_${table}`));
  }

  latestMetaVersion(): number {
    const { results } = this.ask((writer) => writer.run(VERSION, []));
    this.shared.raiseMetaVersion(firstNumber(results[0]));
    return this.shared.metaVersion;
  }

  nextRevision(nowMs: number): bigint {
    const now = BigInt(nowMs) << COUNTER_BITS;
    const own = BigInt(this.shared.processNumber) & (STEP - 1n);
    return this.shared.advanceClock((last) => {
      const next = ((last >> PROCESS_BITS) + 1n) << PROCESS_BITS;
      return (next > now ? next : now) | own;
    });
  }

  /** Revisions to come are above those of rows that were read to be changed: another coordinator's clock may be ahead. */
  observe(version: bigint, nowMs: number): void {
    if (version <= this.shared.clockReading || version > (BigInt(nowMs) << COUNTER_BITS) + AHEAD_LIMIT) return;
    this.shared.advanceClock((last) => (version > last ? version : last));
  }

  /** Where the server does not count them, there are too many. */
  #changedRows(tables: readonly TableId[]): number {
    const { error, results } = this.bridge.call(ANY_CONNECTION, IS_REPEATABLE, (writer) => askChangedRows(writer, tables));
    return error === undefined ? firstNumber(results[0]) : Infinity;
  }

  #known(): Readonly<Record<TableKind, Set<TableId>>> {
    if (this.#tables !== undefined) return this.#tables;
    const { results } = this.ask((writer) => writer.run(TABLES, []));
    const { buffer, starts } = results[0]!;
    const tables = { r: new Set<TableId>(), e: new Set<TableId>() };
    for (const at of starts) {
      const [, kind, number] = TABLE_NAME.exec(buffer.toString('latin1', at + 4, at + 4 + buffer.readInt32BE(at))) ?? [];
      if (kind === 'r' || kind === 'e') tables[kind].add(Number(number));
    }
    this.#tables = tables;
    return tables;
  }
}

/** The number in the only row's only column. */
export function firstNumber(rows: Answer['results'][number] | undefined): number {
  return rows === undefined || rows.count === 0 ? 0 : readInt8(rows.buffer, rows.starts[0]!);
}

export function versionAt({ buffer, starts }: RowBatch, place: number): bigint {
  const bytes = Buffer.isBuffer(buffer) ? buffer : Buffer.from(buffer.buffer, buffer.byteOffset, buffer.length);
  return bytes.readBigUInt64BE(starts[place]);
}
