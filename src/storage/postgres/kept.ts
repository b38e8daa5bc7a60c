/**
 * What walks have read, kept for the transactions to come, of tables whose changes are told (`changes.ts`). All threads of the process have it in common.
 *
 * What is kept of a state is only added to: a transaction that has begun with it goes on with it, whatever others find meanwhile.
 */
import type { TableId } from '../engine.ts';
import { Look, type TablesState } from './changes.ts';
import type { KeptMemory, KeptPlace } from './kept-memory.ts';
import { KeptWalk } from './kept-walk.ts';
import type { Parameter, Rows } from './wire.ts';

export class Kept {
  readonly #memory: KeptMemory;
  readonly #thread: number;
  /** As this thread knows it. */
  readonly #walks = new Map<KeptPlace, KeptWalk>();

  /** `thread`: its number in that memory. */
  constructor(memory: KeptMemory, thread: number) {
    this.#memory = memory;
    this.#thread = thread;
  }

  /** What there is of these tables, pinned; it may not be as the transaction sees them: a look has to tell. */
  open(tables: readonly TableId[]): OpenedWalk {
    const found = this.#memory.locked(() => {
      const place = this.#memory.find(tables);
      place?.pin(this.#thread);
      return place && { walk: this.#walkAt(place), xmin: place.state.xmin };
    });
    return { tables, ...found };
  }

  /** Once for each time that it was opened or judged good. What came from there is not to be read any more. */
  unpin({ place }: KeptWalk): void {
    place.unpin(this.#thread);
  }

  /**
   * What can be used, and added to, pinned, by a transaction that goes by the definitions of `version` and has taken this look in its snapshot; undefined: nothing,
   * as it sees an older state than others have seen, or other definitions.
   */
  judge(opened: OpenedWalk, rows: Rows, version: number): KeptWalk | undefined {
    return this.#memory.locked(() => {
      const walk = this.#judge(opened, rows, version);
      walk?.place.pin(this.#thread);
      return walk;
    });
  }

  /** Unpins all, when this thread uses the store no more. */
  leave(): void {
    for (const place of this.#memory.places) place.unpinAll(this.#thread);
  }

  /** Whoever uses it goes on doing so; others begin anew. */
  forget({ place, generation }: KeptWalk): void {
    this.#memory.locked(() => {
      if (place.generation === generation) place.retire();
    });
  }

  #judge({ tables, xmin }: OpenedWalk, rows: Rows, version: number): KeptWalk | undefined {
    if (rows.count === 0) return undefined;
    const look = new Look(rows, xmin);
    const state = look.state(version);
    if (state === undefined) return undefined;
    const place = this.#memory.find(tables);
    const found = place === undefined ? 'changed' : look.compare(place.state);
    if (found === 'earlier') return undefined;
    if (place === undefined || found === 'changed' || place.arena.isFull) return this.#begin(tables, state, place);
    place.state = state;
    return this.#walkAt(place);
  }

  #begin(tables: readonly TableId[], state: TablesState, former: KeptPlace | undefined): KeptWalk | undefined {
    former?.retire();
    const place = this.#memory.begin(tables, state);
    return place && this.#walkAt(place);
  }

  #walkAt(place: KeptPlace): KeptWalk {
    let walk = this.#walks.get(place);
    if (walk?.generation !== place.generation) this.#walks.set(place, (walk = new KeptWalk(place)));
    return walk;
  }
}

/** What there is, before it is known whether it can be used. */
export interface OpenedWalk {
  readonly tables: readonly TableId[];
  readonly walk?: KeptWalk;
  /** All transactions with lower numbers were over when it was last found to be as it was. */
  readonly xmin?: number;
}

/** Of the look that tells whether it can. */
export function lookFor({ tables, xmin }: OpenedWalk): Parameter[] {
  return Look.parameters(tables, xmin);
}
