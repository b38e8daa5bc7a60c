/**
 * The first rows of an order, without keeping all that come: for SORT with a LIMIT after it.
 */

/** Rows gather to twice the limit before the surplus is sorted away, so each costs a comparison and its share of a few sorts. */
export class TopRows<Row> {
  readonly #limit: number;
  readonly #compare: (left: Row, right: Row) => number;
  #rows: Row[] = [];
  /** The last of the first rows, once there are enough. */
  #last: Row | undefined;

  constructor(limit: number, compare: (left: Row, right: Row) => number) {
    this.#limit = limit;
    this.#compare = compare;
  }

  push(row: Row): void {
    // Of rows that compare equal the earlier one comes first, as in a stable sort of all.
    if (this.#last !== undefined && this.#compare(row, this.#last) >= 0) return;
    this.#rows.push(row);
    if (this.#rows.length >= 2 * this.#limit + 16) this.#trim();
  }

  #trim(): void {
    this.#rows.sort(this.#compare);
    if (this.#rows.length > this.#limit) this.#rows.length = this.#limit;
    if (this.#rows.length === this.#limit) this.#last = this.#rows.at(-1);
  }

  /** In their order. */
  finish(): readonly Row[] {
    this.#trim();
    return this.#rows;
  }
}
