/**
 * Results of queries as services walk through them. A query has run when its cursor is there, so its results are read at once; only
 * those of a streaming query are read as they are asked for.
 */
import type { QueryCursor } from '#database';
import type { Value, ValueObject } from '#values';
import { printed, type PrintContext } from './print.ts';

export class ArangoQueryCursor implements Iterable<Value> {
  readonly isArangoResultSet = true;
  readonly #cursor: QueryCursor;
  readonly #isStreaming: boolean;
  #all: Value[] | undefined;
  #position = 0;
  #batchSize = 1000;

  constructor(cursor: QueryCursor) {
    this.#cursor = cursor;
    this.#isStreaming = cursor.count() === undefined;
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

  /** The number of all results. */
  count(): number {
    return this.#all?.length ?? this.#cursor.count() ?? this._documents.length;
  }

  getExtra(): ValueObject {
    if (!this.#isStreaming) void this._documents; // the figures are complete when the last result has been read
    return this.#cursor.extra();
  }

  /** Whether results come as they are asked for. */
  stream(): boolean {
    return this.#isStreaming;
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

  get _countTotal(): number {
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

  /** How the shell shows it: what it is, and its first results. */
  _PRINT(context: PrintContext): void {
    const isCached = this.#cursor.isCached;
    context.output += `[object ArangoQueryCursor, count: ${this.count()}, results cached: ${isCached}, hasMore: false]\n\n${printed(this.toArray())}`;
  }
}
