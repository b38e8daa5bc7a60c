/**
 * One storage transaction seen as documents: all that AQL and the façade read and write goes through here.
 *
 * Rows come as batches of bytes; whoever wants an attribute makes a `DocumentView` with the collection's name over a row. A row
 * that is not there is empty (`starts[i] === ends[i]`).
 */
import { ArangoError } from '#base';
import { documentTables, holdDefinition, tellsChanges, type Catalog, type CollectionDefinition } from '#catalog';
import type {
  BatchCursor,
  EntryBatch,
  EntryScanOptions,
  ReadAhead,
  ReadOptions,
  RowBatch,
  RowId,
  ScanOptions,
  Transaction,
  TransactionMode,
  WalkedTables,
} from '#storage';
import { DocumentView, KEY_IN_ROW, type Value } from '#values';
import { placeAccess, type IndexAccess } from './access.ts';
import type { IndexRange } from './index-range.ts';
import { isThere } from './batches.ts';
import { textBytes, textKey } from './indexes/entry-key.ts';
import { countIndex, keyedOptions, probeCovered, probeIndex, scanCovered, scanIndex, type ProbedRows, type ProbeOptions } from './read.ts';
import { nearestDocuments, type LocatedDocument } from './nearest.ts';
import { searchIndex, type IndexSearch } from './search.ts';
import { findFulltextIndex, searchWords } from './fulltext-query.ts';
import {
  insertDocuments,
  insertPrepared,
  removeDocuments,
  replaceDocuments,
  updateDocuments,
  type PreparedInsert,
  type WriteContext,
} from './write.ts';
import type { Change, InsertOptions, Removal, WriteOptions, WriteOutcome } from './write-options.ts';

export type EdgeDirection = 'from' | 'to';

/** Edges of a collection, and at which of their ends they are looked for. */
export interface EdgeWay {
  readonly collection: CollectionDefinition;
  readonly side: EdgeDirection;
}

/** How a walk through a graph will most likely go on. */
export interface StepsAhead {
  /** How many steps more. */
  readonly levels: number;
  readonly isWhole: boolean;
  /** Newer edges are followed first. */
  readonly fromLast: boolean;
  /** Collections of which the documents of vertices will be read. */
  readonly vertices: readonly CollectionDefinition[];
  /** The documents of edges will be read. */
  readonly edges: boolean;
}

/** Which collections a transaction may touch, by id; undefined: all. */
export interface DeclaredCollections {
  readonly readable: ReadonlySet<number> | undefined;
  readonly writable: ReadonlySet<number> | undefined;
}

/** What makes a piece of a transaction that may commit in pieces. */
export interface PieceLimits {
  readonly operations: number;
  readonly bytes: number;
}

export class DocumentTransaction {
  readonly mode: TransactionMode;
  /** What exists for this transaction. */
  readonly catalog: Catalog;
  readonly #transaction: Transaction;
  readonly #declared: DeclaredCollections | undefined;
  readonly #write: WriteContext;
  readonly #onCommit: ((collections: Iterable<number>) => void) | undefined;
  /** Collections that were written to. The definitions of a deferred transaction's must still hold when it commits. */
  #written: Set<CollectionDefinition> | undefined;
  #pieces: PieceLimits | undefined;
  /** Documents that were written since the last piece. */
  #operations = 0;
  #hasCommittedPieces = false;

  constructor(
    context: WriteContext,
    catalog: Catalog,
    declared: DeclaredCollections | undefined,
    onCommit?: (collections: Iterable<number>) => void,
  ) {
    const { transaction } = context;
    this.mode = transaction.mode;
    this.catalog = catalog;
    this.#transaction = transaction;
    this.#write = context;
    this.#declared = declared;
    this.#onCommit = onCommit;
  }

  /** The storage transaction itself, for changes of definitions. */
  get storage(): Transaction {
    return this.#transaction;
  }

  /** Nothing is read any more but by one call: no snapshot is needed if none was taken. */
  readOnce(): void {
    this.#transaction.readOnce();
  }

  /** All documents in the order of insertion. */
  scan(collection: CollectionDefinition, options?: ScanOptions): BatchCursor<RowBatch> {
    this.checkReadable(collection);
    return this.#transaction.scanRows(collection.rows, options);
  }

  /**
   * The documents in any of the ranges, each once, in the order of the index (within one range, if the access is not sorted).
   * Ranges may overlap and come in any order.
   */
  scanIndex(access: IndexAccess, ranges: readonly IndexRange[], options?: ScanOptions): BatchCursor<RowBatch> {
    this.checkReadable(access.collection);
    return scanIndex(this.#transaction, access, ranges, options);
  }

  /**
   * Like `scanIndex` with what the entries hold instead of documents: each row is a JSON array of `access.held`, perhaps without what is
   * long (`isWithoutLong`); of a primary index it is a key (`keyText`), of an edge index a text. Undefined where the documents are needed to know which ones are asked for, or that they stay what they are.
   */
  scanCovered(access: IndexAccess, ranges: readonly IndexRange[], options?: EntryScanOptions): BatchCursor<RowBatch> | undefined {
    this.checkReadable(access.collection);
    return scanCovered(this.#transaction, access, ranges, options);
  }

  /**
   * The documents for each of many ranges (joins), or the first of these when their entries are more than `enough`. A document comes once for
   * each range it answers.
   */
  probeIndex(access: IndexAccess, probes: readonly IndexRange[], options?: ProbeOptions): ProbedRows {
    this.checkReadable(access.collection);
    return probeIndex(this.#transaction, access, probes, options);
  }

  /** Documents that a search of a geo or multi-dimensional index finds, and perhaps others (`search.ts`); each once. */
  searchIndex(access: IndexAccess, search: IndexSearch): BatchCursor<RowBatch> {
    this.checkReadable(access.collection);
    return searchIndex(this.#transaction, access, search);
  }

  /** By the distance from a point, the nearest first; undefined without a geo index. */
  nearest(collection: CollectionDefinition, latitude: number, longitude: number): Iterable<LocatedDocument> | undefined {
    this.checkReadable(collection);
    const access = placeAccess(collection);
    return access && nearestDocuments(this.#transaction, access, latitude, longitude);
  }

  /**
   * The documents that answer a fulltext query, in the order of insertion; undefined when no fulltext index knows the words of the
   * attribute.
   */
  searchWords(collection: CollectionDefinition, attribute: string, query: string, limit: number): RowBatch | undefined {
    this.checkReadable(collection);
    const index = findFulltextIndex(collection, attribute);
    return index && searchWords(this.#transaction, collection, index, query, limit);
  }

  /** Like `probeIndex` with what the entries hold, as `scanCovered` gives it. */
  probeCovered(access: IndexAccess, probes: readonly IndexRange[], enough?: number): ProbedRows | undefined {
    this.checkReadable(access.collection);
    return probeCovered(this.#transaction, access, probes, enough);
  }

  /** How many documents `scanIndex` would give. */
  countIndex(access: IndexAccess, ranges: readonly IndexRange[]): number {
    this.checkReadable(access.collection);
    return countIndex(this.#transaction, access, ranges);
  }

  /** One row for each key, in their order; empty where there is none. */
  lookup(collection: CollectionDefinition, keys: readonly string[], options?: ReadOptions): RowBatch {
    this.checkReadable(collection);
    return this.#transaction.lookup(
      collection.primary.table,
      collection.rows,
      keys.map((key) => textKey(key)),
      keyedOptions(options),
    );
  }

  /** The same for keys as `textKey` makes them. */
  lookupFiled(collection: CollectionDefinition, keys: readonly Uint8Array[], options?: ReadOptions): RowBatch {
    this.checkReadable(collection);
    return this.#transaction.lookup(collection.primary.table, collection.rows, keys, keyedOptions(options));
  }

  find(collection: CollectionDefinition, key: string): DocumentView | undefined {
    this.checkReadable(collection);
    const found = this.#transaction.lookup(collection.primary.table, collection.rows, [textKey(key)], keyedOptions());
    return isThere(found, 0) ? new DocumentView(found.buffer, found.starts[0]!, found.ends[0]!, collection.name) : undefined;
  }

  /**
   * The edges at each of many vertices, given as `textKey` makes them of `_id`s, for each of the ways: `ranges` says at which, `values` holds
   * the `_id` of the vertex at the other end as UTF-8 and is borrowed, so that neighbours are known without the edges' documents; `rows` gets
   * those. Throws 1218 for a collection without edges.
   */
  edges(ways: readonly EdgeWay[], vertices: readonly Uint8Array[], ahead?: StepsAhead): readonly EntryBatch[] {
    const indexes = ways.map(({ collection, side }) => {
      this.checkReadable(collection);
      if (collection.edge === undefined) throw new ArangoError('ERROR_ARANGO_COLLECTION_TYPE_INVALID');
      return collection.edge[side];
    });
    const walked = this.readsAhead ? walkedTables(ways, ahead) : undefined;
    return this.#transaction.expand(indexes, vertices, { ahead: ahead && readAhead(ways, ahead), walked });
  }

  /** Whether it helps to say how a walk goes on. */
  get readsAhead(): boolean {
    return this.#transaction.readsAhead;
  }

  rows(collection: CollectionDefinition, ids: ArrayLike<RowId>, options?: ReadOptions): RowBatch {
    this.checkReadable(collection);
    return this.#transaction.rows(collection.rows, ids, options);
  }

  count(collection: CollectionDefinition): number {
    this.checkReadable(collection);
    return this.#transaction.countRows(collection.rows);
  }

  /** One outcome for each document, in order. A failed one changed nothing and does not stop the others. */
  insert(collection: CollectionDefinition, documents: readonly Value[], options: InsertOptions = {}): WriteOutcome[] {
    this.#willWrite(collection);
    return insertDocuments(this.#write, collection, documents, options);
  }

  /** The same for one that was made ready before; undefined where something stands in its way, and nothing was changed. */
  insertPrepared(prepared: PreparedInsert): WriteOutcome | undefined {
    this.#willWrite(prepared.collection);
    return insertPrepared(this.#write, prepared);
  }

  update(collection: CollectionDefinition, changes: readonly Change[], options: WriteOptions = {}): WriteOutcome[] {
    this.#willWrite(collection);
    return updateDocuments(this.#write, collection, changes, options);
  }

  replace(collection: CollectionDefinition, changes: readonly Change[], options: WriteOptions = {}): WriteOutcome[] {
    this.#willWrite(collection);
    return replaceDocuments(this.#write, collection, changes, options);
  }

  remove(collection: CollectionDefinition, removals: readonly Removal[]): WriteOutcome[] {
    this.#willWrite(collection);
    return removeDocuments(this.#write, collection, removals);
  }

  truncate(collection: CollectionDefinition): void {
    this.#willWrite(collection);
    this.#transaction.clear(documentTables(collection));
  }

  /** Throws 1652 for a collection that the transaction did not declare. */
  checkReadable(collection: CollectionDefinition): void {
    const readable = this.#declared?.readable;
    if (readable !== undefined && !readable.has(collection.id)) throw undeclared(collection, 'read');
  }

  /** Throws 1652 for a collection that the transaction did not declare for writing. */
  checkWritable(collection: CollectionDefinition): void {
    const writable = this.#declared?.writable;
    if (writable !== undefined && !writable.has(collection.id)) throw undeclared(collection, 'write');
  }

  /** Puts back the state at this call, for a statement inside a longer transaction that fails. */
  savepoint(): { rollback(): void; release(): void } {
    return this.#transaction.savepoint();
  }

  /** Throws 1200 when others have changed what this transaction changes, or how its collections are defined. */
  commit(): void {
    this.#transaction.commit({ holdDefinitions: () => this.#holdDefinitions() });
    this.#noteCommit();
  }

  #holdDefinitions(): void {
    for (const collection of this.#written ?? []) {
      if (holdDefinition(this.#transaction, collection)) continue;
      throw new ArangoError('ERROR_ARANGO_CONFLICT', {
        message: `write-write conflict: the definition of '${collection.name}' has changed`,
      });
    }
  }

  #noteCommit(): void {
    if (this.#written !== undefined) this.#onCommit?.([...this.#written].map(({ id }) => id));
  }

  /** From now on `commitPiece` may commit before the end. */
  allowPieces(limits: PieceLimits): void {
    if (this.#transaction.commitSoFar !== undefined) this.#pieces = limits;
  }

  /** Some of the writes are committed already, and no abort takes them back. */
  get hasCommittedPieces(): boolean {
    return this.#hasCommittedPieces;
  }

  /** Tells that documents were written. Commits all so far when that makes a piece, and answers whether it did. Throws 1200 as `commit`. */
  commitPiece(operations: number): boolean {
    if (this.#pieces === undefined) return false;
    this.#operations += operations;
    if (this.#operations < this.#pieces.operations && this.#transaction.writtenBytes < this.#pieces.bytes) return false;
    this.#operations = 0;
    if (this.#transaction.commitSoFar?.({ holdDefinitions: () => this.#holdDefinitions() }) !== true) return false;
    this.#hasCommittedPieces = true;
    this.#noteCommit();
    return true;
  }

  /** Harmless after `commit` and when called twice. */
  abort(): void {
    this.#transaction.abort();
  }

  #willWrite(collection: CollectionDefinition): void {
    this.checkWritable(collection);
    if (tellsChanges(collection)) this.#transaction.willChange?.(collection.rows);
    (this.#written ??= new Set()).add(collection);
  }
}

function readAhead(ways: readonly EdgeWay[], { levels, isWhole, fromLast, vertices, edges }: StepsAhead): ReadAhead {
  return {
    levels,
    isWhole,
    fromLast,
    named: vertices.map(({ name, primary, rows }) => ({
      prefix: textBytes(`${name}/`),
      index: primary.table,
      table: rows,
      keyInRow: KEY_IN_ROW,
    })),
    own: edges ? ways.map(({ collection }) => collection.rows) : [],
  };
}

function walkedTables(ways: readonly EdgeWay[], ahead: StepsAhead | undefined): WalkedTables {
  const collections = [...new Set([...ways.map(({ collection }) => collection), ...(ahead?.vertices ?? [])])];
  return { tables: collections.map(({ rows }) => rows), areTold: collections.every(tellsChanges) };
}

function undeclared({ name }: CollectionDefinition, access: 'read' | 'write'): ArangoError {
  return new ArangoError('ERROR_TRANSACTION_UNREGISTERED_COLLECTION', `${name} [${access}]`);
}
