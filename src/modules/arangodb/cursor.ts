/**
 * Results of queries as services walk through them. A query has run when its cursor is there, so its results are read at once; only
 * those of a streaming query are read as they are asked for.
 */
import type { QueryCursor } from '#database';
import { isArray, isObject, toText, type Value, type ValueObject } from '#values';
import { printed, type PrintContext } from './print.ts';

/** So many results are shown at once. */
const SHOWN = 10;

export class ArangoQueryCursor implements Iterable<Value> {
  readonly isArangoResultSet = true;
  readonly #cursor: QueryCursor;
  readonly #isStreaming: boolean;
  readonly #isRetriable: boolean;
  /** Of a plan that was kept before; services ask whether it is there. */
  declare readonly planCacheKey?: string;
  #all: Value[] | undefined;
  #position = 0;
  #batchSize = 1000;

  constructor(cursor: QueryCursor, { stream, allowRetry }: ValueObject = {}) {
    this.#cursor = cursor;
    this.#isStreaming = stream === true || cursor.count() === undefined;
    this.#isRetriable = allowRetry === true;
    if (cursor.planCacheKey !== undefined) this.planCacheKey = cursor.planCacheKey;
  }

  /** What `next` has not returned yet. */
  toArray(): Value[] {
    return this.#position === 0 || this.#isStreaming ? this._documents : this._documents.slice(this.#position);
  }

  hasNext(): boolean {
    return this.#isStreaming ? this.#cursor.hasNext() : this.#position < this._documents.length;
  }

  /** Undefined past the end. */
  next(): Value | undefined {
    if (!this.hasNext()) return undefined;
    return this.#isStreaming ? this.#cursor.next() : this._documents[this.#position++];
  }

  /** The number of all results; undefined while they are read as they are asked for. */
  count(): number | undefined {
    return this.#isStreaming ? undefined : (this.#all?.length ?? this.#cursor.count());
  }

  getExtra(): ValueObject {
    if (!this.#isStreaming) void this._documents; // the figures are complete when the last result has been read
    return this.#cursor.extra();
  }

  /** Whether results come as they are asked for. */
  stream(): boolean {
    return this.#isStreaming;
  }

  /** Whether results come from the cache of results. */
  cached(): boolean {
    return this.#cursor.isCached;
  }

  /** Whether the last batch may be asked for again (`allowRetry`). */
  retriable(): boolean {
    return this.#isRetriable;
  }

  dispose(): void {
    this.#cursor.dispose();
    this.#all = [];
    this.#position = 0;
  }

  getBatchSize(): number {
    return this.#batchSize;
  }

  setBatchSize(size: number): void {
    this.#batchSize = size;
  }

  /** Services read these two though they are ArangoDB's own. */
  get _documents(): Value[] {
    this.#all ??= this.#cursor.toArray();
    return this.#all;
  }

  get _countTotal(): number | undefined {
    return this.count();
  }

  *[Symbol.iterator](): Iterator<Value> {
    while (this.hasNext()) yield this.next() ?? null;
  }

  forEach(action: (value: Value, index: number) => void): void {
    this.toArray().forEach((value, index) => action(value, index));
  }

  map<Result>(convert: (value: Value, index: number) => Result): Result[] {
    return this.toArray().map((value, index) => convert(value, index));
  }

  filter(isWanted: (value: Value, index: number) => boolean): Value[] {
    return this.toArray().filter((value, index) => isWanted(value, index));
  }

  reduce<Result>(combine: (result: Result, value: Value, index: number) => Result, initial: Result): Result {
    return this.toArray().reduce<Result>((result, value, index) => combine(result, value, index), initial);
  }

  every(isWanted: (value: Value, index: number) => boolean): boolean {
    return this.toArray().every((value, index) => isWanted(value, index));
  }

  some(isWanted: (value: Value, index: number) => boolean): boolean {
    return this.toArray().some((value, index) => isWanted(value, index));
  }

  all(): Value[] {
    return this.toArray();
  }

  toJSON(): Value[] {
    return this._documents;
  }

  toString(): string {
    return '[object ArangoQueryCursor]';
  }

  /** How the shell shows it: what it is, and the results that come next. */
  _PRINT(context: PrintContext): void {
    const rows = this.toArray();
    const hasMore = rows.length > SHOWN;
    const about = [
      ...(this.planCacheKey === undefined ? [] : [`plan cache key: "${this.planCacheKey}"`]),
      this.#isStreaming ? 'stream: true' : `count: ${this.count()}`,
      `results cached: ${this.cached()}`,
      `hasMore: ${hasMore}`,
      ...this.#warnings(),
    ];
    context.output += `[object ArangoQueryCursor, ${about.join(', ')}]\n\n${printed(rows.slice(0, SHOWN))}`;
    if (hasMore) context.output += "\n\ntype 'more' to show more documents\n";
  }

  /** Those that follow each other with the same number count once. */
  #warnings(): readonly string[] {
    const { warnings = [] } = this.#cursor.extra();
    const all = (isArray(warnings) ? warnings : []).filter(isObject);
    const shown = all.filter(({ code = null }, i) => code !== all[i - 1]?.['code']);
    if (shown.length === 0) return [];
    return [`warning(s): ${shown.map(({ code = null, message = null }) => `"${toText(code)} ${toText(message)}"`).join(', ')}`];
  }
}
