/**
 * Which rows a search meets that reads an index again and again: those that were there when it began, each once. A query may change
 * documents while it finds more, and what it moves in the index is not to come a second time.
 */
import type { RowId, TableId, Transaction } from '#storage';

export class SearchedRows {
  readonly #newest: RowId;
  readonly #met = new Set<RowId>();

  constructor(transaction: Transaction, rows: TableId) {
    const last = transaction.scanRows(rows, { reverse: true, limit: 1 }).next();
    this.#newest = last === undefined || last.count === 0 ? 0 : last.ids[0]!;
  }

  /** Whether a row is met now; not a second time. */
  isMet(id: RowId): boolean {
    if (id > this.#newest || this.#met.has(id)) return false;
    this.#met.add(id);
    return true;
  }
}
