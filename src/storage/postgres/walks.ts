/**
 * The walks of a transaction: entries under keys, then under the keys that these name, and the rows of all of them. Answers bring along what
 * will most likely be asked next (`expansion.ts`); where changes of tables are told, they are kept for later transactions (`kept.ts`).
 */
import type { EntryBatch, ExpandOptions, ReadAhead, RowBatch, RowId, TableId } from '../engine.ts';
import { BroughtAlong } from './brought-along.ts';
import { LOOK } from './changes.ts';
import { expansion, type ExpansionShape } from './expansion.ts';
import type { KeptSet } from './kept.ts';
import type { KeptWalk } from './kept-walk.ts';
import { Pace, type Extent } from './pace.ts';
import { asBuffer } from './ranges.ts';
import { createCoveredEntryTable } from './schema.ts';
import type { Session } from './session.ts';
import type { PostgresStore } from './store.ts';
import { bytesArray, int8, type Parameter, type Rows, type Statement } from './wire.ts';

const NOTHING_AHEAD: ReadAhead = { levels: 0, isWhole: false };

/** What is asked for by one call. */
interface Step {
  readonly indexes: readonly TableId[];
  readonly keys: readonly Uint8Array[];
  readonly ahead: ReadAhead | undefined;
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
  /** What this transaction uses of what is kept, and adds to; undefined where it cannot. */
  readonly #kept = new Map<KeptSet, KeptWalk | undefined>();

  /** `isSnapshot`: all that is read is of one state, so what came along is good when it is asked for. */
  constructor(store: PostgresStore, session: Session, { version, isSnapshot }: { readonly version: number; readonly isSnapshot: boolean }) {
    this.#store = store;
    this.#session = session;
    this.#version = version;
    this.#isSnapshot = isSnapshot;
  }

  /** Entries under keys of several indexes. */
  expand(indexes: readonly TableId[], keys: readonly Uint8Array[], { ahead, told }: ExpandOptions): readonly EntryBatch[] {
    if (!this.#isSnapshot || !this.#own.hasRoom) {
      this.#own = new BroughtAlong();
      this.#pace.forget();
    }
    const step: Step = { indexes, keys, ahead: this.#isSnapshot ? ahead : undefined };
    // A look tells of what is read in the same snapshot.
    const set = this.#isSnapshot && this.#session.isPinned && told !== undefined ? this.#store.kept.of(told) : undefined;
    if (set !== undefined && !this.#kept.has(set)) this.#open(set, step);
    for (;;) {
      const known = this.#placeFor(set);
      const question = this.#questionFor(known, step);
      if (question === undefined) return indexes.map((index) => known.entries(index, keys));
      const { statement, parameters } = question;
      this.#keep(set, question, this.#session.rows(statement, parameters));
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
    for (const [{ tables }, known] of this.#kept) if (known !== undefined && tables.includes(table)) return known;
    return undefined;
  }

  #placeFor(set: KeptSet | undefined): KeptWalk | BroughtAlong {
    return (set && this.#kept.get(set)) ?? this.#own;
  }

  /** Looks whether what is kept is as this transaction sees it, and asks along for what is not there in any case. */
  #open(set: KeptSet, step: Step): void {
    const question = this.#questionFor(set.walk, step);
    const { results } = this.#session.ask((writer) => {
      writer.run(LOOK, set.parameters);
      if (question !== undefined) writer.run(question.statement, question.parameters);
    });
    this.#kept.set(set, set.judge(results[0]!, this.#version));
    if (question !== undefined) this.#keep(set, question, results[1]!);
  }

  /** With others' where there is room, or in the transaction. */
  #keep(set: KeptSet | undefined, { shape, keys, extent }: Question, answer: Rows): void {
    const kept = set && this.#kept.get(set);
    const brought = kept === undefined || kept.isFull ? this.#own : new BroughtAlong();
    brought.keep(answer, shape, keys, extent, this.#pace);
    if (brought !== this.#own) kept?.keep(brought);
    else if (set !== undefined && kept !== undefined) {
      set.forget();
      this.#kept.set(set, undefined);
    }
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
