/**
 * The first rows of an order, without keeping all that come: for SORT with a LIMIT after it.
 */

/** Who counts the memory that rows take. */
interface Memory {
  charge(bytes: number): number;
}

/** Rows gather to twice the limit before the surplus is sorted away, so each costs a comparison and its share of a few sorts. */
export class TopRows<Row> {
  readonly #limit: number;
  readonly #compare: (left: Row, right: Row) => number;
  readonly #memory: Memory;
  #bytes = 0;
  #rows: Row[] = [];
  /** The last of the first rows, once there are enough. */
  #last: Row | undefined;

  constructor(limit: number, compare: (left: Row, right: Row) => number, memory: Memory) {
    this.#limit = limit;
    this.#compare = compare;
    this.#memory = memory;
  }

  /** Whether the row may be one of the first. Of rows that compare equal the earlier one comes first, as in a stable sort of all. */
  wants(row: Row): boolean {
    return this.#last === undefined || this.#compare(row, this.#last) < 0;
  }

  /** Adds a row that is wanted and takes so many bytes. */
  push(row: Row, bytes: number): void {
    this.#bytes += this.#memory.charge(bytes);
    this.#rows.push(row);
    if (this.#rows.length >= 2 * this.#limit + 16) this.#trim();
  }

  #trim(): void {
    this.#rows.sort(this.#compare);
    if (this.#rows.length > this.#limit) {
      // The rows that go are taken to be like those that stay.
      const left = this.#bytes * (this.#limit / this.#rows.length);
      this.#memory.charge(left - this.#bytes);
      this.#bytes = left;
      this.#rows.length = this.#limit;
    }
    if (this.#rows.length === this.#limit) this.#last = this.#rows.at(-1);
  }

  /** In their order. */
  finish(): readonly Row[] {
    this.#trim();
    return this.#rows;
  }
}
