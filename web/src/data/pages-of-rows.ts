/**
 * The rows of a long result, fetched in pages as they come into view and kept for a while. Only the latest places are asked for: who drags the
 * scroll bar from end to end causes a few requests, not hundreds.
 */

export const PAGE_SIZE = 100;
/** Pages that are kept; the ones seen longest ago go first. */
const MAX_PAGES = 60;

export type FetchPage = (offset: number, count: number, aborting: AbortSignal) => Promise<readonly unknown[]>;

export class PagesOfRows {
  readonly #fetch: FetchPage;
  readonly #onChange: (error?: unknown) => void;
  readonly #pages = new Map<number, readonly unknown[]>();
  readonly #running = new Map<number, AbortController>();
  #isClosed = false;

  constructor(fetch: FetchPage, onChange: (error?: unknown) => void) {
    this.#fetch = fetch;
    this.#onChange = onChange;
  }

  rowAt(index: number): unknown {
    return this.#pages.get(Math.floor(index / PAGE_SIZE))?.[index % PAGE_SIZE];
  }

  /** All rows that are here, in their order. */
  loaded(): readonly unknown[] {
    return [...this.#pages].toSorted(([a], [b]) => a - b).flatMap(([, rows]) => rows);
  }

  view(first: number, end: number): void {
    const from = Math.floor(first / PAGE_SIZE);
    const to = Math.floor(Math.max(first, end - 1) / PAGE_SIZE);
    for (const [page, aborting] of this.#running) {
      if (page >= from && page <= to) continue;
      aborting.abort();
      this.#running.delete(page);
    }
    for (let page = from; page <= to; page++) {
      const rows = this.#pages.get(page);
      if (rows !== undefined) {
        // Seen now, so it is the last to go.
        this.#pages.delete(page);
        this.#pages.set(page, rows);
      } else if (!this.#running.has(page)) void this.#load(page);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const aborting of this.#running.values()) aborting.abort();
  }

  async #load(page: number): Promise<void> {
    const aborting = new AbortController();
    this.#running.set(page, aborting);
    try {
      const rows = await this.#fetch(page * PAGE_SIZE, PAGE_SIZE, aborting.signal);
      this.#pages.set(page, rows);
      const [oldest] = this.#pages.keys();
      if (this.#pages.size > MAX_PAGES && oldest !== undefined) this.#pages.delete(oldest);
      if (!this.#isClosed) this.#onChange();
    } catch (error) {
      if (!aborting.signal.aborted && !this.#isClosed) this.#onChange(error);
    } finally {
      if (this.#running.get(page) === aborting) this.#running.delete(page);
    }
  }
}
