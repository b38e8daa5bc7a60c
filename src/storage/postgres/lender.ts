/** Lends connections of the pool to threads, passes on what they are answered, and takes them back: what is returned, and what has not been used for a while. */
import type { Connection } from './connection.ts';
import type { LineEntry, LineTable } from './lines.ts';
import { OUTCOME, type Outcome } from './outcome.ts';

/** A thread needs one, and one more for each transaction that it has going on. */
const LINES_EACH = 6;
/** What was not used for so many looks is taken back, for others to use. */
const QUIET_LOOKS = 10;

interface Loan {
  readonly connection: Connection;
  uses: number;
  quietLooks: number;
}

/** `handle`: of the transaction that goes on there, or 0. */
export interface Return {
  readonly connection: Connection;
  readonly owner: number;
  readonly handle: number;
}

export class Lender {
  readonly #lines: readonly LineEntry[];
  readonly #loans = new Map<LineEntry, Loan>();

  /** Told of a transaction whose connection died after it was returned. */
  readonly #onLost: (owner: number, handle: number) => void;

  constructor(table: LineTable, onLost: (owner: number, handle: number) => void) {
    this.#lines = table.all();
    this.#onLost = onLost;
  }

  get size(): number {
    return this.#loans.size;
  }

  /** Its place among the lines; undefined when it cannot be lent. `answer` takes what its borrower is answered. */
  lend(connection: Connection, owner: number, answer: (outcome: Outcome, chunks: readonly Buffer[]) => void): number | undefined {
    if (!connection.isLendable) return undefined;
    let own = 0;
    for (const entry of this.#loans.keys()) if (entry.owner === owner) own++;
    const entry = own < LINES_EACH ? this.#lines.find(({ isFree }) => isFree) : undefined;
    if (entry === undefined) return undefined;
    this.#loans.set(entry, { connection, uses: entry.uses, quietLooks: 0 });
    const descriptor = connection.lend({
      done: (chunks) => {
        if (!entry.takeUnread() && entry.takeAwaited()) answer(OUTCOME.answered, chunks);
      },
      breakOff: () => entry.breakOff(),
      lost: (reason, isRefused) => {
        this.#loans.delete(entry);
        const isAwaited = entry.takeAwaited();
        if (entry.handle !== 0) this.#onLost(owner, entry.handle);
        entry.free();
        if (isAwaited) answer(isRefused ? OUTCOME.refused : OUTCOME.broken, [Buffer.from(reason)]);
      },
    });
    entry.lend(owner, descriptor);
    return entry.place;
  }

  /** Takes back what was returned. */
  *returns(): Iterable<Return> {
    for (const [entry, { connection }] of this.#loans) {
      if (!entry.isReturned) continue;
      const { owner, handle, unread } = entry;
      this.#loans.delete(entry);
      entry.free();
      connection.takeBack(unread);
      yield { connection, owner, handle };
    }
  }

  /** Has all that rests returned. */
  recall(): void {
    for (const entry of this.#loans.keys()) entry.recall();
  }

  /** To be called now and then: has what rests unused returned. */
  look(): void {
    for (const [entry, loan] of this.#loans) {
      if (entry.uses !== loan.uses) loan.quietLooks = 0;
      else if (++loan.quietLooks > QUIET_LOOKS) entry.recall();
      loan.uses = entry.uses;
    }
  }

  /** A thread is gone: what rests is returned, what it had in the midst of something is stopped and closed. */
  abandon(owner: number): void {
    for (const [entry, { connection }] of this.#loans) {
      if (entry.owner !== owner || (entry.recall() && entry.handle === 0)) continue;
      connection.cancel();
      // It may have ended while it wrote.
      entry.endWriting();
      connection.destroy('cancelled');
    }
  }
}
