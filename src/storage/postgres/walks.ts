/**
 * The walks of a transaction: entries under keys, then under the keys that these name, and the rows of all of them. Answers bring along what
 * will most likely be asked next (`expansion.ts`); where changes of tables are told, they are kept for later transactions (`kept.ts`).
 */
import assert from 'node:assert/strict';
import type { EntryBatch, ExpandOptions, ReadAhead, RowBatch, RowId, TableId } from '../engine.ts';
import { EMPTY_ENTRIES } from './batches.ts';
import { BroughtAlong } from './brought-along.ts';
import { LOOK } from './changes.ts';
import { expansion, type ExpansionShape } from './expansion.ts';
import { lookFor } from './kept.ts';
import type { KeptWalk } from './kept-walk.ts';
import { Pace, type Extent } from './pace.ts';
import { asBuffer } from './ranges.ts';
import { createCoveredEntryTable } from './schema.ts';
import type { Session } from './session.ts';
import type { PostgresStore } from './store.ts';
import { bytesArray, int8, type Parameter, type Rows, type Statement } from './wire.ts';

const NOTHING_AHEAD: ReadAhead = { levels: 0, isWhole: false };
const NOTHING_KNOWN = new BroughtAlong();

/** What is asked for by one call. */
interface Step {
  readonly indexes: readonly TableId[];
  readonly keys: readonly Uint8Array[];
  readonly ahead: ReadAhead | undefined;
}

/** What is kept, as a transaction uses it. */
interface UsedWalk {
  readonly tables: readonly TableId[];
  readonly walk: KeptWalk;
}

interface Question {
  readonly statement: Statement;
  readonly parameters: readonly Parameter[];
  readonly shape: ExpansionShape;
  readonly keys: readonly Uint8Array[];
  readonly extent: Extent;
}

export class Walks {
  readonly #store: PostgresStore;
  readonly #session: Session;
  /** The definitions that the transaction goes by. */
  readonly #version: number;
  readonly #isSnapshot: boolean;
  readonly #pace = new Pace();
  #own = new BroughtAlong();
  /** What this transaction uses of what is kept, and adds to, by the tables; undefined where it cannot. */
  readonly #kept = new Map<string, UsedWalk | undefined>();

  /** `isSnapshot`: all that is read is of one state, so what came along is good when it is asked for. */
  constructor(store: PostgresStore, session: Session, { version, isSnapshot }: { readonly version: number; readonly isSnapshot: boolean }) {
    this.#store = store;
    this.#session = session;
    this.#version = version;
    this.#isSnapshot = isSnapshot;
  }

  /** Entries under keys of several indexes. */
  expand(indexes: readonly TableId[], keys: readonly Uint8Array[], { ahead, walked }: ExpandOptions): readonly EntryBatch[] {
    if (keys.length === 0) return indexes.map(() => EMPTY_ENTRIES);
    if (!this.#isSnapshot || !this.#own.hasRoom) {
      this.#own = new BroughtAlong();
      this.#pace.forget();
    }
    const step: Step = { indexes, keys, ahead: this.#isSnapshot ? ahead : undefined };
    // A look tells of what is read in the same snapshot.
    const told = this.#isSnapshot && this.#session.isPinned && walked?.areTold === true ? walked.tables : undefined;
    const name = told?.join();
    if (told !== undefined && name !== undefined && !this.#kept.has(name)) this.#open(name, told, step);
    for (;;) {
      const known = (name === undefined ? undefined : this.#kept.get(name)?.walk) ?? this.#own;
      const found = indexes.map((index) => known.entries(index, keys));
      if (found.every((entries) => entries !== undefined)) return found;
      const question = this.#questionFor(known, step);
      assert(question !== undefined, 'something is not known');
      const { statement, parameters } = question;
      const answer = this.#session.rows(statement, parameters);
      this.#keep(name, question, answer);
      if (this.#isSnapshot && walked?.areTold === false) this.#store.watch?.noteRead(walked.tables, answer.buffer.length);
    }
  }

  /** Rows under keys of a unique index, if they are known. `ask`: for those that are not, where it is worth it to keep them. */
  rowsUnder(
    index: TableId,
    table: TableId,
    keys: readonly Uint8Array[],
    ask: (keys: readonly Uint8Array[]) => RowBatch,
  ): RowBatch | undefined {
    if (!this.#isSnapshot) return undefined;
    const own = this.#own.findNamed(index, keys);
    if (own !== undefined) return own;
    const kept = this.#keptOf(table);
    if (kept === undefined || keys.some((key) => key.at(-1) !== 0)) return undefined;
    const found = kept.findNamed(index, keys);
    if (found !== undefined || kept.isFull) return found;
    const missing = kept.unknownNamed(index, keys);
    kept.keepNamed(index, missing, ask(missing));
    return kept.findNamed(index, keys);
  }

  /** Rows by their ids, if they are known. */
  rows(table: TableId, ids: ArrayLike<RowId>): RowBatch | undefined {
    return this.#isSnapshot ? (this.#own.findRows(table, ids) ?? this.#keptOf(table)?.findRows(table, ids)) : undefined;
  }

  #keptOf(table: TableId): KeptWalk | undefined {
    for (const used of this.#kept.values()) if (used?.tables.includes(table) === true) return used.walk;
    return undefined;
  }

  /** Looks whether what is kept is as this transaction sees it, and asks along for what is not there in any case. */
  #open(name: string, tables: readonly TableId[], step: Step): void {
    const { kept } = this.#store;
    const opened = kept.open(tables);
    this.#pinned(opened.walk);
    const question = this.#questionFor(opened.walk ?? NOTHING_KNOWN, step);
    const { results } = this.#session.ask((writer) => {
      writer.run(LOOK, lookFor(opened));
      if (question !== undefined) writer.run(question.statement, question.parameters);
    });
    const walk = kept.judge(opened, results[0]!, this.#version);
    this.#pinned(walk);
    this.#store.watch?.noteLook(tables, walk !== undefined && walk === opened.walk);
    this.#kept.set(name, walk && { tables, walk });
    if (question !== undefined) this.#keep(name, question, results[1]!);
  }

  /** It stays as it is for as long as this transaction may read what it has borrowed. */
  #pinned(walk: KeptWalk | undefined): void {
    if (walk !== undefined) this.#session.whenOver(() => this.#store.kept.unpin(walk));
  }

  /** With others' where there is room, or in the transaction. */
  #keep(name: string | undefined, { shape, keys, extent }: Question, answer: Rows): void {
    const used = name === undefined ? undefined : this.#kept.get(name);
    const brought = used === undefined ? this.#own : new BroughtAlong();
    brought.keep(answer, shape, keys, extent, this.#pace);
    if (name === undefined || used === undefined || used.walk.keep(brought)) return;
    this.#own = brought;
    if (used.walk.isFull) this.#store.kept.forget(used.walk);
    this.#kept.set(name, undefined);
  }

  /** What is not known of a step, and what else may be brought along with it; undefined: all is known. */
  #questionFor(known: KeptWalk | BroughtAlong, { indexes, keys, ahead = NOTHING_AHEAD }: Step): Question | undefined {
    const isKnown = (key: Uint8Array): boolean => indexes.every((index) => known.hasEntries(index, key));
    const unknown = keys.filter((key) => !isKnown(key));
    if (unknown.length === 0) return undefined;
    const { levels, isWhole, fromLast = false, named = [], own = [] } = ahead;
    const goesOn = isWhole ? 'from all' : fromLast ? 'from last' : 'from first';
    const shape: ExpansionShape = { indexes, levels, goesOn, named, own };
    // Their values are keys, so they are short.
    this.#store.needTables('e', indexes, createCoveredEntryTable);
    this.#store.needTables(
      'e',
      named.map(({ index }) => index),
    );
    this.#store.needTables('r', [...own, ...named.map(({ table }) => table)]);
    const extent = this.#pace.nextExtent(isWhole);
    const all = [...unknown, ...this.#pace.takeWaiting(shape, extent.keys, isKnown)];
    const bounds = levels === 0 ? [] : goesOn === 'from all' ? [extent.entries] : [extent.entries, extent.keys];
    const parameters = [bytesArray(all), ...bounds.map((bound) => int8(bound)), ...named.map(({ prefix }) => asBuffer(prefix))];
    return { statement: expansion(shape), parameters, shape, keys: all, extent };
  }
}
