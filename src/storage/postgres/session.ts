/**
 * Where a transaction reads: on any connection what is the latest, or on one of its own a snapshot, or what it has locked there.
 *
 * A snapshot is taken with the first read that needs it, and walks that the server must remember (portals) have a connection in any case.
 */
import assert from 'node:assert/strict';
import type { BeginOptions, TableId } from '../engine.ts';
import { BEGIN, LOCK_DEFINITIONS } from './commit.ts';
import { Cursor } from './cursor.ts';
import { rowTable } from './schema.ts';
import { firstNumber, type PostgresStore } from './store.ts';
import {
  IS_REPEATABLE,
  statement,
  type Answer,
  type Handle,
  type Parameter,
  type RequestWriter,
  type Rows,
  type Statement,
} from './wire.ts';

const SNAPSHOT = statement('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
const EXCLUSIVE = statement('BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE');
const VERSION = statement('SELECT value FROM foxden.version');
/** Takes the snapshot. */
const ANYTHING = statement('SELECT 1');
const ALL = 0;
const FIRST_ROWS = 100;
const MOST_ROWS = 1000;
const BATCH_BYTES = 1024 * 1024;

export class Session {
  readonly #store: PostgresStore;
  readonly #options: BeginOptions;
  /** Whether all reads go to one connection, with a snapshot or locks. */
  #isPinned: boolean;
  /** That connection. */
  #handle: Handle | undefined;
  /** The connection for walks of a transaction whose other reads each see the latest. */
  #walkHandle: Handle | undefined;
  readonly #open = new Set<Cursor<unknown>>();
  /** Portals of closed cursors. */
  #leftPortals: string[] = [];
  #portals = 0;
  #isOver = false;
  #atEnd: (() => void)[] | undefined;

  /** Takes what is to be taken at the beginning. */
  constructor(store: PostgresStore, options: BeginOptions) {
    this.#store = store;
    this.#options = options;
    const { mode, snapshot = 'now', locks, exclusive } = options;
    this.#isPinned = mode === 'direct' ? locks !== undefined || exclusive !== undefined : snapshot !== 'none';
    if (mode === 'direct') {
      if (locks === 'definitions') this.#lockDefinitions();
      else if (exclusive !== undefined) this.#lockTables(exclusive);
    } else if (snapshot === 'now') this.ask((writer) => writer.run(ANYTHING, []));
  }

  /** Rows that are read to be changed are locked. */
  get isLocking(): boolean {
    return this.#options.mode === 'direct' && this.#options.locks === 'rows';
  }

  get isPinned(): boolean {
    return this.#isPinned;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  assertOpen(): void {
    assert(!this.#isOver, 'the transaction is over');
  }

  /** From now on each read may see what is the latest then, if there is no snapshot yet. */
  unpin(): void {
    if (this.#handle === undefined) this.#isPinned = false;
  }

  /** Asks where this transaction reads: its snapshot, its locked state, or the latest state. */
  ask(write: (writer: RequestWriter) => void): Answer {
    this.#store.together?.rehearsals.assertPerforming();
    if (!this.#isPinned) return this.#store.ask(write);
    if (this.#handle !== undefined) return this.#call(this.#handle, write);
    this.#handle = this.#store.bridge.newHandle();
    return this.#beginAndCall(this.#handle, this.isLocking ? BEGIN : SNAPSHOT, write);
  }

  /** The rows that a statement gives. */
  rows(what: Statement, parameters: readonly Parameter[]): Rows {
    return this.#ahead(what, parameters, ALL) ?? this.ask((writer) => writer.run(what, parameters)).results[0]!;
  }

  /** A walk over what a statement gives; `limit`: no more rows than that. */
  cursor<Batch extends { readonly count: number }>(
    what: Statement,
    parameters: readonly Parameter[],
    make: (rows: Rows) => Batch,
    limit: number | undefined,
  ): Cursor<Batch> {
    const portal = `c${++this.#portals}`;
    const cursor = new Cursor<Batch>({
      fetch: (isFirst, count) => {
        if (isFirst && !this.#isPinned && this.#walkHandle === undefined) {
          const rows =
            this.#ahead(what, parameters, count) ?? this.#store.ask((writer) => writer.run(what, parameters, '', count)).results[0]!;
          if (!rows.hasMore) return rows;
          // There is more than one batch, and all of them are to be of one state: it begins anew, with a snapshot.
        }
        const write = (writer: RequestWriter): void =>
          void (isFirst ? writer.run(what, parameters, portal, count) : writer.fetch(portal, count));
        return this.#walk(write).results[0]!;
      },
      make,
      close: (isOpen) => {
        this.#open.delete(cursor);
        if (isOpen) this.#leftPortals.push(portal);
      },
      // The server says that there is no more only when asked for more than there is.
      sizes: { first: limit !== undefined && limit <= FIRST_ROWS ? limit + 1 : FIRST_ROWS, most: MOST_ROWS, bytes: BATCH_BYTES },
    });
    this.#open.add(cursor);
    return cursor;
  }

  /** The connection of this transaction, if it has one, for whoever commits on it. */
  takeHandle(): Handle | undefined {
    const handle = this.#handle;
    this.#handle = undefined;
    return handle;
  }

  /** Has something done when it ends. */
  whenOver(action: () => void): void {
    (this.#atEnd ??= []).push(action);
  }

  end(): void {
    this.#isOver = true;
    this.leave();
    for (const action of this.#atEnd?.splice(0) ?? []) action();
  }

  /** Gives back what it has: the snapshot is gone, and what is read from now on may be of another one. */
  leave(): void {
    for (const cursor of this.#open) cursor.end();
    this.#open.clear();
    for (const handle of [this.#handle, this.#walkHandle])
      if (handle !== undefined)
        this.#store.bridge.release(handle, { hasLocks: this.#options.mode === 'direct' && handle === this.#handle });
    this.#handle = undefined;
    this.#walkHandle = undefined;
  }

  /** What came before it was asked for: the latest state, of a moment after the work began that asks. */
  #ahead(what: Statement, parameters: readonly Parameter[], limit: number): Rows | undefined {
    return this.#isPinned ? undefined : this.#store.together?.rehearsals.answerTo({ what, parameters, limit });
  }

  #lockDefinitions(): void {
    this.#handle = this.#store.bridge.newHandle();
    const { results } = this.#call(this.#handle, (writer) => writer.run(BEGIN, []).run(LOCK_DEFINITIONS, []).run(VERSION, []));
    this.#store.shared.raiseMetaVersion(firstNumber(results[2]));
  }

  #lockTables(tables: readonly TableId[]): void {
    this.#store.needTables('r', tables);
    this.#handle = this.#store.bridge.newHandle();
    const ordered = tables.toSorted((one, other) => one - other);
    const { results } = this.#call(this.#handle, (writer) => {
      writer.run(EXCLUSIVE, []);
      for (const table of ordered) writer.run(statement(`LOCK TABLE ${rowTable(table)} IN SHARE ROW EXCLUSIVE MODE`), []);
      // It takes the snapshot. Who went by older definitions could not commit.
      writer.run(VERSION, []);
    });
    this.#store.shared.raiseMetaVersion(firstNumber(results.at(-1)));
  }

  /** Asks on one connection, which a walk needs from its beginning to its end. */
  #walk(write: (writer: RequestWriter) => void): Answer {
    if (this.#isPinned) return this.ask(write);
    if (this.#walkHandle !== undefined) return this.#call(this.#walkHandle, write);
    this.#walkHandle = this.#store.bridge.newHandle();
    return this.#beginAndCall(this.#walkHandle, SNAPSHOT, write);
  }

  #beginAndCall(handle: Handle, begin: Statement, write: (writer: RequestWriter) => void): Answer {
    const { results } = this.#call(handle, (writer) => {
      writer.run(begin, []);
      write(writer);
    });
    return { results: results.slice(1), error: undefined };
  }

  #call(handle: Handle, write: (writer: RequestWriter) => void): Answer {
    const portals = this.#leftPortals;
    this.#leftPortals = [];
    const answer = this.#store.call(handle, IS_REPEATABLE, (writer) => {
      for (const portal of portals) writer.closePortal(portal);
      write(writer);
    });
    if (answer.error !== undefined) {
      // The server answers nothing more in this transaction.
      const error = this.#store.meaningOf(answer.error);
      this.end();
      throw error;
    }
    return answer;
  }
}
