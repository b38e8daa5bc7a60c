/** Lends connections of the pool to threads, and takes them back: what is returned, what is broken, and what has not been used for a while. */
import type { Connection } from './connection.ts';
import { LINE_STATE, type LineEntry, type LineTable } from './lines.ts';

/** A thread needs one, and one more for each transaction that it has going on. */
const LINES_EACH = 6;
/** A connection that was not used for so many looks is taken back, so that somebody notices when it dies. */
const QUIET_LOOKS = 5;

interface Loan {
  readonly connection: Connection;
  uses: number;
  quietLooks: number;
  /** A cancel request may be on its way, and must not meet another borrower's statement. */
  isCancelled: boolean;
}

/** `handle`: of the transaction that goes on there, or 0. */
export interface Return {
  readonly connection: Connection;
  readonly owner: number;
  readonly handle: number;
}

export class Lender {
  readonly #table: LineTable;
  readonly #loans = new Map<LineEntry, Loan>();

  constructor(table: LineTable) {
    this.#table = table;
  }

  get size(): number {
    return this.#loans.size;
  }

  /** Its place among the lines; undefined when it cannot be lent. */
  lend(connection: Connection, owner: number): number | undefined {
    if (!this.#table.isLending || !connection.isLendable) return undefined;
    let own = 0;
    for (const entry of this.#loans.keys()) if (entry.owner === owner) own++;
    const entry = own < LINES_EACH ? this.#table.lines.find(({ state }) => state === LINE_STATE.free) : undefined;
    if (entry === undefined) return undefined;
    this.#loans.set(entry, { connection, uses: entry.uses, quietLooks: 0, isCancelled: false });
    entry.lend(owner, connection.lend());
    return entry.place;
  }

  /** Takes back what was returned, and closes what is broken. */
  *returns(): Iterable<Return> {
    for (const [entry, loan] of this.#loans) {
      if (entry.state === LINE_STATE.broken || (entry.state === LINE_STATE.returned && loan.isCancelled)) this.#close(entry, loan);
      else if (entry.state === LINE_STATE.returned) yield this.#takeBack(entry, loan);
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

  /** Has the server stop what a thread is blocked by. */
  cancel(owner: number): void {
    for (const [entry, loan] of this.#loans) {
      if (entry.owner !== owner || entry.state !== LINE_STATE.busy) continue;
      loan.isCancelled = true;
      loan.connection.cancel();
    }
  }

  /** A thread is gone: what it had in the midst of something is closed, the rest is returned. */
  abandon(owner: number): void {
    for (const [entry, loan] of this.#loans) if (entry.owner === owner && !entry.recall()) this.#close(entry, loan);
  }

  #takeBack(entry: LineEntry, { connection }: Loan): Return {
    const { owner, handle, unread } = entry;
    this.#loans.delete(entry);
    entry.free();
    connection.takeBack(unread);
    return { connection, owner, handle };
  }

  #close(entry: LineEntry, { connection }: Loan): void {
    this.#loans.delete(entry);
    entry.free();
    connection.destroy('its borrower has given it up');
  }
}
