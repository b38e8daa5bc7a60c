/**
 * The results of queries, and those of them that stay on the server to be fetched in parts.
 *
 * A query has usually finished before its cursor is handed out; its results wait as documents' bytes or values. A streaming one runs as
 * its results are fetched, and holds its snapshot meanwhile.
 */
import type { Execution } from '#aql';
import { ArangoError, clock } from '#base';
import { documentText, DocumentView, plain, type Value, type ValueObject } from '#values';
import { mayUseOf, type Scope } from './scope.ts';

const DEFAULT_TTL_SECONDS = 30;
/** A thread that was busy finds the request for the next batch only now, and it came in time. */
const GRACE_MS = 10_000;

/** As `asJson` says: a JSON text, or a value, which may be a document's bytes. */
type Result = Value | DocumentView;

/** As much of a running query as its cursor needs. */
export type Results = Pick<Execution, 'next' | 'nextJson' | 'close' | 'extra' | 'isProfiled' | 'keepResults'>;

export interface CursorOptions {
  readonly execution: Results;
  /** Results are made as JSON texts; as values otherwise. Either can be had as the other. */
  readonly asJson: boolean;
  /** Read all results now. Otherwise they are read as they are fetched. */
  readonly isComplete: boolean;
  readonly batchSize: number | undefined;
  readonly ttlSeconds: number | undefined;
  /** A write of the query asked to be on disk before the answer. */
  readonly isDurable: boolean;
  /** The results were there from an earlier run. */
  readonly isCached?: boolean;
  /** Of the plan, if it was kept from an earlier query. */
  readonly planCacheKey?: string | undefined;
  /** Called once there is nothing left to read, or nobody to read it. */
  onEnd(): void;
}

export class QueryCursor implements Iterable<Value> {
  readonly #cursors: Cursors;
  readonly #scope: Scope;
  readonly #options: CursorOptions;
  readonly #count: number | undefined;
  #batch: readonly Result[] = [];
  #place = 0;
  #hasEnded = false;
  /** Of a profiled query: taken while the transaction is open, as it is read from it. */
  #extra: ValueObject | undefined;
  #id: string | undefined;
  #batchNumber = 0;
  #keptUntilMs = 0;

  constructor(cursors: Cursors, scope: Scope, options: CursorOptions) {
    this.#cursors = cursors;
    this.#scope = scope;
    this.#options = options;
    if (options.isComplete) {
      options.execution.keepResults();
      this.#batch = this.#readAll();
      this.#end();
    }
    this.#count = options.isComplete ? this.#batch.length : undefined;
  }

  /** Its name once it is kept on the server for further batches. */
  get id(): string | undefined {
    return this.#id;
  }

  get scope(): Scope {
    return this.#scope;
  }

  /** What the client asked for. */
  get batchSize(): number | undefined {
    return this.#options.batchSize;
  }

  /** How many batches `nextJson` has given. */
  get batchNumber(): number {
    return this.#batchNumber;
  }

  get isDurable(): boolean {
    return this.#options.isDurable;
  }

  get isCached(): boolean {
    return this.#options.isCached === true;
  }

  get planCacheKey(): string | undefined {
    return this.#options.planCacheKey;
  }

  /** All results of a query that has run, read or not, as JSON texts. */
  allJson(): readonly string[] {
    return this.#batch.map((result) => this.#textOf(result));
  }

  hasNext(): boolean {
    while (this.#place >= this.#batch.length) {
      if (this.#hasEnded) return false;
      const batch = this.#read();
      if (batch === undefined) {
        this.#end();
        return false;
      }
      this.#batch = batch;
      this.#place = 0;
    }
    return true;
  }

  next(): Value | undefined {
    return this.hasNext() ? this.#takeValue() : undefined;
  }

  /** What is left. */
  toArray(): Value[] {
    if (this.#place === 0 && this.#hasEnded && !this.#options.asJson) {
      this.#place = this.#batch.length;
      return this.#batch.map(plain);
    }
    const values: Value[] = [];
    while (this.hasNext()) values.push(this.#takeValue());
    return values;
  }

  *[Symbol.iterator](): Iterator<Value> {
    while (this.hasNext()) yield this.#takeValue();
  }

  /** The number of all results, known without the `count` option too, unless the query streams. */
  count(): number | undefined {
    return this.#count;
  }

  /** At most `size` further results, each as its JSON text. */
  nextJson(size: number): string[] {
    const texts: string[] = [];
    while (texts.length < size && this.hasNext()) texts.push(this.#takeJson());
    this.#batchNumber++;
    if (!this.hasNext()) this.#cursors.forget(this);
    return texts;
  }

  /** `stats`, `warnings`, and with `profile` the rest, as `extra` of `POST /_api/cursor`. */
  extra(): ValueObject {
    return this.#extra ?? this.#options.execution.extra();
  }

  /** Keeps it on the server for `ttl` seconds from now; returns its id. */
  keep(): string {
    this.#keptUntilMs = clock.monotonic() + (this.#options.ttlSeconds ?? this.#cursors.ttlSeconds) * 1000;
    this.#id = this.#cursors.add(this);
    return this.#id;
  }

  isOverdue(): boolean {
    return clock.monotonic() > this.#keptUntilMs + GRACE_MS;
  }

  /** Forgets what is left. */
  dispose(): void {
    this.#batch = [];
    this.#place = 0;
    this.#end();
    this.#cursors.forget(this);
  }

  #read(): readonly Result[] | undefined {
    const { execution, asJson } = this.#options;
    return asJson ? execution.nextJson() : execution.next();
  }

  /** Most queries have one batch of results. */
  #readAll(): readonly Result[] {
    const first = this.#read();
    const second = first && this.#read();
    if (first === undefined || second === undefined) return first ?? [];
    const others: (readonly Result[])[] = [];
    for (let batch: readonly Result[] | undefined = second; batch !== undefined; batch = this.#read()) others.push(batch);
    return first.concat(...others);
  }

  #takeValue(): Value {
    const result = this.#batch[this.#place++]!;
    return this.#options.asJson ? (JSON.parse(result as string) as Value) : plain(result);
  }

  #takeJson(): string {
    return this.#textOf(this.#batch[this.#place++]!);
  }

  #textOf(result: Result): string {
    if (this.#options.asJson) return result as string;
    return result instanceof DocumentView ? documentText(result) : JSON.stringify(result);
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const { execution } = this.#options;
    if (execution.isProfiled) this.#extra = execution.extra();
    execution.close();
    this.#options.onEnd();
  }
}

/** The cursors that this thread keeps. */
export class Cursors {
  /** How long one is kept whose query does not say. */
  readonly ttlSeconds: number;
  readonly #nextId: () => string;
  readonly #kept = new Map<string, QueryCursor>();

  constructor(nextId: () => string, ttlSeconds = DEFAULT_TTL_SECONDS) {
    this.#nextId = nextId;
    this.ttlSeconds = ttlSeconds;
  }

  /** Also one that was forgotten because all of it has been read. */
  add(cursor: QueryCursor): string {
    const id = cursor.id ?? this.#nextId();
    this.#kept.set(id, cursor);
    return id;
  }

  /** Its time begins anew. Throws 1600 for an unknown one, and for one of another database or user. */
  get(scope: Scope, id: string): QueryCursor {
    this.sweep();
    const cursor = this.#kept.get(id);
    if (cursor === undefined || !mayUseOf(scope, cursor.scope)) throw new ArangoError('ERROR_CURSOR_NOT_FOUND');
    cursor.keep();
    return cursor;
  }

  forget({ id }: QueryCursor): void {
    if (id !== undefined) this.#kept.delete(id);
  }

  /** Disposes of those whose time is over. */
  sweep(): void {
    for (const cursor of this.#kept.values()) if (cursor.isOverdue()) cursor.dispose();
  }

  disposeAll(): void {
    for (const cursor of this.#kept.values()) cursor.dispose();
  }
}
