/**
 * One run of a compiled query: what it may use, what it has counted, and what can end it. The generated code knows it as `q`.
 *
 * A compiled query itself is shared by all of its runs and never refers to one.
 */
import { ArangoError, clock, findErrorName, type ErrorName } from '#base';
import type { CollectionDefinition, DatabaseCatalog } from '#catalog';
import type {
  BatchCursor,
  DocumentTransaction,
  EntryScanOptions,
  IndexAccess,
  IndexRange,
  ProbedRows,
  RowBatch,
  ScanOptions,
} from '#documents';
import { DocumentView, isArray, type Value, type ValueObject } from '#values';
import type { QueryWarning } from './bound-query.ts';
import { NodeProfile } from './profile.ts';
import { documentColumns, entryColumns, type ReadColumns } from './compile/entry-columns.ts';
import { columnCursor, EMPTY_BATCH, UnionCursor, type CoveredBatch } from './compile/index-rows.ts';
import { sizeOf } from './compile/memory.ts';
import { isIn } from './compile/operators.ts';
import { sampleRow } from './compile/random-row.ts';
import type { QueryOptions } from './query-options.ts';
import type { DocumentAccess, FunctionContext } from './functions/context.ts';
import { callByName } from './functions/registry.ts';
import type { AnalyzerDefinition } from './functions/text/analyzer.ts';

/** What surrounds a query: the caller's side of the door. */
export interface QueryEnvironment {
  readonly transaction: DocumentTransaction;
  readonly database: DatabaseCatalog;
  readonly user: string | undefined;
  /** Calls a user function; throws 1582 when there is none. Its warnings become the query's. */
  callUserFunction(name: string, inputs: readonly Value[], warn: (code: number, message: string) => void): Value;
  /** The indexes of a collection as `GET /_api/index` shows them. */
  describeIndexes(collection: CollectionDefinition): readonly ValueObject[];
  /** An analyzer that users defined. */
  findAnalyzer(name: string): AnalyzerDefinition | undefined;
  /** The results of a query that an analyzer is made of. */
  calculate(query: string, bindVars: ValueObject): readonly Value[];
  /** The version of ArangoDB that the server stands for. */
  readonly version: string;
  /** For collections that a query only finds out about as it runs (`DOCUMENT`, vertices of edges); throws 11. */
  checkReadable(collection: CollectionDefinition): void;
  /** Asked now and then while the query runs, and told how much memory it has needed. */
  isKilled(peakMemoryBytes: number): boolean;
}

type Limits = Pick<
  QueryOptions,
  'memoryLimitBytes' | 'maxRuntimeSeconds' | 'maxWarningCount' | 'failOnWarning' | 'profile' | 'hasLegacyPolygons'
>;

type ProbedColumns = Omit<ProbedRows, 'rows'> & { readonly rows: CoveredBatch };

/** A query's documents are read where they lie: it ends before its transaction does, and its results are values and texts of their own. */
export const BORROWED = { isBorrowed: true } as const;
/** For who takes each document from its own buffer. */
export const SCATTERED = { isScattered: true } as const;

/** Results that a compiled query gives out at a time: fewer if they take more memory than that. */
const BATCH_SIZE = 1000;
const BATCH_BYTES = 4 * 1024 * 1024;

/** What may be read ahead. */
const AHEAD_BYTES = 16 * 1024 * 1024;

/** Memory is asked for, and shown in statistics, in steps of this. */
const MEMORY_STEP_BYTES = 32_768;

export class Run implements FunctionContext {
  /** The bind parameters' values in the order that the program has given them; set before it starts. */
  parameters: readonly Value[] = [];
  readonly transaction: DocumentTransaction;
  readonly catalog: DatabaseCatalog;
  readonly database: string;
  readonly user: string | undefined;
  readonly warnings: QueryWarning[] = [];
  readonly batchSize = BATCH_SIZE;
  readonly batchBytes = BATCH_BYTES;
  /** Whoever runs the query keeps all of its results, which then count as its memory. */
  keepsResults = false;
  /** Where the time goes, if somebody wants to know. */
  readonly profile: NodeProfile | undefined;

  writesExecuted = 0;
  writesIgnored = 0;
  intermediateCommits = 0;
  documentLookups = 0;
  cursorsCreated = 0;
  cursorsRearmed = 0;
  cacheMisses = 0;
  scannedFull = 0;
  scannedIndex = 0;
  filtered = 0;
  /** Rows before the last LIMIT, once it is known. */
  fullCount: number | undefined;
  memoryBytes = 0;
  peakMemoryBytes = 0;

  readonly environment: QueryEnvironment;
  readonly #limits: Limits;
  readonly #deadlineMs: number;
  // Most queries need none of these.
  #readable: Set<CollectionDefinition> | undefined;
  #members: WeakMap<readonly Value[], Set<Value> | 'seen once' | 'not only primitive'> | undefined;
  #documents: DocumentAccess | undefined;
  readonly #lookedFrom = new Set<unknown>();

  constructor(environment: QueryEnvironment, limits: Limits) {
    this.environment = environment;
    this.#limits = limits;
    this.profile = limits.profile === 2 ? new NodeProfile() : undefined;
    this.transaction = environment.transaction;
    this.catalog = environment.database;
    this.database = environment.database.definition.name;
    this.user = environment.user;
    this.#deadlineMs = limits.maxRuntimeSeconds > 0 ? clock.monotonic() + limits.maxRuntimeSeconds * 1000 : Infinity;
  }

  get maxWarningCount(): number {
    return this.#limits.maxWarningCount;
  }

  warn(error: ErrorName, message: string): void {
    if (this.#limits.failOnWarning) throw new ArangoError(error, { message });
    this.#addWarning(new ArangoError(error).errorNum, message);
  }

  /** A warning of a user function, which may have a number of its own. */
  readonly #warnByNumber = (code: number, message: string): void => {
    const name = findErrorName(code);
    if (name === undefined) this.#addWarning(code, message);
    else this.warn(name, message);
  };

  #addWarning(code: number, message: string): void {
    if (this.warnings.length < this.#limits.maxWarningCount) this.warnings.push({ code, message });
  }

  /** Called once for each batch of documents and every thousand rows or so of anything else. */
  check(): void {
    if (this.environment.isKilled(this.peakMemoryBytes)) throw new ArangoError('ERROR_QUERY_KILLED');
    if (this.#deadlineMs !== Infinity && clock.monotonic() > this.#deadlineMs) throw new ArangoError('ERROR_QUERY_KILLED');
  }

  checkKilled(): void {
    this.check();
  }

  random(): number {
    return Math.random();
  }

  get hasLegacyPolygons(): boolean {
    return this.#limits.hasLegacyPolygons ?? false;
  }

  get version(): string {
    return this.environment.version;
  }

  callFunction(name: string, inputs: readonly Value[]): Value | DocumentView {
    return name.includes('::') ? this.environment.callUserFunction(name, inputs, this.#warnByNumber) : callByName(name, inputs, this);
  }

  /** Called before results are given out that take so many bytes. */
  give(bytes: number): void {
    if (this.keepsResults) this.charge(bytes);
  }

  /** Counts memory that the query keeps, and returns it. */
  charge(bytes: number): number {
    this.memoryBytes += bytes;
    if (this.memoryBytes <= this.peakMemoryBytes) return bytes;
    this.peakMemoryBytes = Math.ceil(this.memoryBytes / MEMORY_STEP_BYTES) * MEMORY_STEP_BYTES;
    const { memoryLimitBytes } = this.#limits;
    if (memoryLimitBytes > 0 && this.memoryBytes > memoryLimitBytes) {
      this.memoryBytes -= bytes;
      throw new ArangoError('ERROR_RESOURCE_LIMIT', { message: 'query would use more memory than allowed' });
    }
    return bytes;
  }

  /** Counts a value in place of another that took so many bytes; answers what this one takes. */
  hold(value: Value | DocumentView, heldBytes: number): number {
    this.memoryBytes -= heldBytes;
    return this.charge(sizeOf(value));
  }

  /** Throws when so many bytes are more than the query may still use. */
  reserve(bytes: number): void {
    this.charge(bytes);
    this.memoryBytes -= bytes;
  }

  /** Whether documents are worth reading before they are asked for: where each call costs a trip, and there is memory for them. */
  get readsAhead(): boolean {
    const { memoryLimitBytes } = this.#limits;
    return this.transaction.readsAhead && (memoryLimitBytes === 0 || memoryLimitBytes - this.memoryBytes > AHEAD_BYTES);
  }

  /** `value IN list` for a list that is likely to be asked again: from the second time on by a set. */
  isMember(value: Value, list: Value): boolean {
    if (!isArray(list) || list.length < SET_FROM_LENGTH) return isIn(value, list);
    const members = (this.#members ??= new WeakMap());
    let known = members.get(list);
    if (known === undefined) {
      members.set(list, 'seen once');
      return isIn(value, list);
    }
    if (known === 'seen once') {
      known = list.every((each) => typeof each !== 'object' || each === null) ? new Set(list) : 'not only primitive';
      members.set(list, known);
    }
    return known instanceof Set ? known.has(value) : isIn(value, list);
  }

  get documents(): DocumentAccess {
    return (this.#documents ??= {
      collections: () => this.catalog.collections.map(({ name, id }) => ({ name, id: String(id) })),
      find: (name, key) => {
        const collection = this.findReadable(name);
        return collection === undefined ? undefined : this.findDocument(collection, key);
      },
      count: (name) => this.transaction.count(this.#getReadable(name)),
      all: (name) => this.#all(this.#getReadable(name)),
      withWords: (name, attribute, query, limit) => this.#withWords(this.#getReadable(name), attribute, query, limit),
      nearest: (name, latitude, longitude) => this.transaction.nearest(this.#getReadable(name), latitude, longitude),
      indexes: (name) => this.environment.describeIndexes(this.#getReadable(name)),
      schema: (name) => this.#getReadable(name).schema,
      analyzer: (name) => this.environment.findAnalyzer(name),
      calculate: (query, bindVars) => this.environment.calculate(query, bindVars),
    });
  }

  /** The document with a key; empty when there is none, or when the value is no key. */
  lookupKey(collection: CollectionDefinition, key: Value): RowBatch {
    if (typeof key !== 'string') return EMPTY_BATCH;
    const batch = this.transaction.lookup(collection, [key], BORROWED);
    return batch.starts[0] === batch.ends[0] ? EMPTY_BATCH : batch;
  }

  /** The documents in any of the ranges of several indexes. */
  scanIndexes(
    scans: readonly (readonly [access: IndexAccess, ranges: readonly IndexRange[]])[],
    options?: ScanOptions,
  ): BatchCursor<RowBatch> {
    return new UnionCursor(
      scans.map(
        ([access, ranges]) =>
          () =>
            this.transaction.scanIndex(access, ranges, options),
      ),
    );
  }

  /** A document picked at random. */
  sample(collection: CollectionDefinition): BatchCursor<RowBatch> {
    return sampleRow(this.transaction, collection, () => this.random());
  }

  /** The values at some places of what an index holds of the documents in the ranges; from the documents, where the entries do not tell. */
  scanCovered(
    access: IndexAccess,
    places: readonly number[],
    ranges: readonly IndexRange[],
    options?: EntryScanOptions,
  ): BatchCursor<CoveredBatch> {
    const entries = this.transaction.scanCovered(access, ranges, options);
    return entries === undefined
      ? columnCursor(this.transaction.scanIndex(access, ranges, options), documentColumns(access, places))
      : columnCursor(entries, this.#entryColumns(access, places));
  }

  /**
   * Counts cursors as ArangoDB has them: what looks into an index for the first time makes a cursor, and later turns it to other values.
   * `cached` are the values that it looks for in an index that has them in memory, where they never are yet.
   */
  noteLookups(place: unknown, cursors: number, times: number, cached: number): void {
    if (times === 0) return;
    const created = this.#lookedFrom.has(place) ? 0 : cursors;
    this.#lookedFrom.add(place);
    this.cursorsCreated += created;
    this.cursorsRearmed += cursors * times - created;
    this.cacheMisses += cached;
  }

  /** How many documents are in any of the ranges. */
  countIndex(access: IndexAccess, ranges: readonly IndexRange[]): number {
    const count = this.transaction.countIndex(access, ranges);
    this.cursorsCreated++;
    this.scannedIndex += count;
    return count;
  }

  /** The same for each of many ranges, as `DocumentTransaction.probeIndex` gives them. */
  probeCovered(access: IndexAccess, places: readonly number[], ranges: readonly IndexRange[], enough: number): ProbedColumns {
    const found = this.transaction.probeCovered(access, ranges, enough);
    if (found !== undefined) {
      const { count, ids } = found.rows;
      return { ...found, rows: { count, ids, columns: this.#entryColumns(access, places)(found.rows) } };
    }
    const probed = this.transaction.probeIndex(access, ranges, { ...SCATTERED, enough });
    const { count, ids } = probed.rows;
    return { ...probed, rows: { count, ids, columns: documentColumns(access, places)(probed.rows) } };
  }

  #entryColumns(access: IndexAccess, places: readonly number[]): ReadColumns {
    return entryColumns(access, places, (keys) => {
      this.documentLookups += keys.length;
      return this.transaction.lookup(access.collection, keys, SCATTERED);
    });
  }

  /** A collection that the query only now finds out about; throws 11 without the right to read it. */
  findReadable(name: string): CollectionDefinition | undefined {
    const collection = this.catalog.findCollection(name);
    if (collection !== undefined && this.#readable?.has(collection) !== true) {
      this.environment.checkReadable(collection);
      (this.#readable ??= new Set()).add(collection);
    }
    return collection;
  }

  #getReadable(name: string): CollectionDefinition {
    this.findReadable(name);
    return this.catalog.getCollection(name);
  }

  findDocument(collection: CollectionDefinition, key: string): DocumentView | undefined {
    const { buffer, starts, ends } = this.transaction.lookup(collection, [key], BORROWED);
    const start = starts[0] ?? 0;
    const end = ends[0] ?? 0;
    return start === end ? undefined : new DocumentView(buffer, start, end, collection.name);
  }

  *#all(collection: CollectionDefinition): Generator<DocumentView> {
    const cursor = this.transaction.scan(collection, BORROWED);
    try {
      for (let batch = cursor.next(); batch !== undefined; batch = cursor.next()) {
        this.check();
        this.scannedFull += batch.count;
        for (let i = 0; i < batch.count; i++) {
          yield new DocumentView(batch.buffer, batch.starts[i] ?? 0, batch.ends[i] ?? 0, collection.name);
        }
      }
    } finally {
      cursor.close();
    }
  }

  #withWords(collection: CollectionDefinition, attribute: string, query: string, limit: number): readonly DocumentView[] | undefined {
    const rows = this.transaction.searchWords(collection, attribute, query, limit);
    if (rows === undefined) return undefined;
    this.cursorsCreated++;
    this.scannedIndex += rows.count;
    return Array.from(
      { length: rows.count },
      (_, place) => new DocumentView(rows.buffer, rows.starts[place] ?? 0, rows.ends[place] ?? 0, collection.name),
    );
  }

  /** `extra.stats`. */
  statistics(executionTime: number): Readonly<Record<string, number>> {
    const statistics: Record<string, number> = {
      writesExecuted: this.writesExecuted,
      writesIgnored: this.writesIgnored,
      documentLookups: this.documentLookups,
      // Those of merge joins, which there are none of.
      seeks: 0,
      scannedFull: this.scannedFull,
      scannedIndex: this.scannedIndex,
      searchParallelism: 1,
      cursorsCreated: this.cursorsCreated,
      cursorsRearmed: this.cursorsRearmed,
      cacheHits: 0,
      cacheMisses: this.cacheMisses,
      filtered: this.filtered,
      httpRequests: 0,
      executionTime,
      peakMemoryUsage: this.peakMemoryBytes,
      intermediateCommits: this.intermediateCommits,
    };
    if (this.fullCount !== undefined) statistics['fullCount'] = this.fullCount;
    return statistics;
  }
}

/** Arrays that are shorter are looked through faster than a set is made. */
const SET_FROM_LENGTH = 8;
