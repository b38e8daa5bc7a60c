/**
 * What walks have read, kept by a thread for the transactions to come, of tables whose changes are told (`changes.ts`).
 *
 * Each set of tables that is walked in has its own. What is kept of a state is only added to: a transaction that has begun with it goes on with
 * it, whatever others find meanwhile.
 */
import type { TableId } from '../engine.ts';
import { Look, type TablesState } from './changes.ts';
import { KeptWalk } from './kept-walk.ts';
import type { Parameter, Rows } from './wire.ts';

/** Sets of tables; the one that was asked for longest ago goes first. */
const MOST_SETS = 4;

export class Kept {
  readonly #sets = new Map<string, KeptSet>();

  of(tables: readonly TableId[]): KeptSet {
    const name = tables.join();
    const set = this.#sets.get(name) ?? new KeptSet(tables);
    this.#sets.delete(name);
    this.#sets.set(name, set);
    if (this.#sets.size > MOST_SETS) this.#sets.delete(this.#sets.keys().next().value!);
    return set;
  }
}

export class KeptSet {
  readonly tables: readonly TableId[];
  #state: TablesState | undefined;
  #walk = new KeptWalk();

  constructor(tables: readonly TableId[]) {
    this.tables = tables;
  }

  /** What may be found there, if the tables are as they were. */
  get walk(): KeptWalk {
    return this.#walk;
  }

  /** Of the look that tells whether they are. */
  get parameters(): Parameter[] {
    return Look.parameters(this.tables, this.#state);
  }

  /**
   * What can be used, and added to, by a transaction that goes by the definitions of `version` and has taken this look in its snapshot; undefined: nothing,
   * as it sees an older state than others have seen, or other definitions.
   */
  judge(rows: Rows, version: number): KeptWalk | undefined {
    if (rows.count === 0) return undefined;
    const look = new Look(rows);
    const state = look.state(version);
    if (state === undefined) return undefined;
    const found = this.#state === undefined ? 'changed' : look.compare(this.#state);
    if (found === 'earlier') return undefined;
    if (found === 'changed' || this.#walk.isFull) this.forget();
    this.#state = state;
    return this.#walk;
  }

  /** Whoever uses it goes on doing so; others begin anew. */
  forget(): void {
    this.#state = undefined;
    this.#walk = new KeptWalk();
  }
}
