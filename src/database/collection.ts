/**
 * A collection as a client sees it. It stands for the collection that had its id when it was looked up: a rename does not matter to it,
 * and once dropped it is gone for good (error 1203).
 *
 * Methods on lists never throw for one element: its place in the answer holds an `ElementError`.
 */
import { ArangoError, isArangoError } from '#base';
import {
  changeCollection,
  describeCollection,
  describeIndex,
  dropCollection,
  getIndex,
  renameCollection,
  type Catalog,
  type CollectionDefinition,
  type CollectionType,
  type IndexDefinition,
} from '#catalog';
import {
  dropIndex,
  ensureIndex,
  isThere,
  parseSelector,
  type SelectedDocument,
  prepareInsert,
  revisionConflict,
  selectivityEstimate,
  verifyCollection,
  type Change,
  type DocumentTransaction,
  type InsertOptions as StoreInsertOptions,
  type Removal,
  type Verification,
  type WriteOptions,
  type WriteOutcome,
} from '#documents';
import { documentJson, DocumentView, isObject, type Value, type ValueObject } from '#values';
import { answerAll, answerOne, elementError, metaOf } from './answers.ts';
import { checkComputedValues } from './computed-values.ts';
import type { DatabaseContext } from './context.ts';
import { checkIsInNoGraph, renameInGraphs } from './graph-members.ts';
import type { Scope } from './scope.ts';
import type { DocumentMeta, ElementError, InsertOptions, ModifyOptions, RemoveOptions, Selector, WriteResult } from './document-options.ts';
import { checksum, figures, lastKeyNumber, revisionOf, type ChecksumOptions } from './measures.ts';

export interface DropOptions {
  readonly isSystem?: boolean;
  /** Graphs may have it: one of the same name takes its place at once. */
  readonly isInGraph?: boolean;
}

export class Collection {
  readonly #context: DatabaseContext;
  readonly #scope: Scope;
  readonly #id: number;
  #catalog: Catalog;
  #definition: CollectionDefinition;

  /** `definition` is of the current catalog. */
  constructor(context: DatabaseContext, scope: Scope, definition: CollectionDefinition) {
    this.#context = context;
    this.#scope = scope;
    this.#id = definition.id;
    this.#catalog = context.store.catalog();
    this.#definition = definition;
  }

  get id(): string {
    return String(this.#id);
  }

  /** The last one it had, if it was dropped. */
  get name(): string {
    return (this.#context.store.catalog().findCollectionById(this.#id) ?? this.#definition).name;
  }

  get type(): CollectionType {
    return this.#definition.type;
  }

  get isSystem(): boolean {
    return this.#definition.isSystem;
  }

  get globallyUniqueId(): string {
    return this.#definition.globallyUniqueId;
  }

  /** Every write is on disk before it is answered. */
  get waitsForSync(): boolean {
    return this.#current().waitForSync;
  }

  /** As `GET /_api/collection/<name>/properties` answers, without `error` and `code`. */
  properties(): ValueObject {
    return this.#read((transaction, definition) => describeCollection(definition, lastKeyNumber(transaction, definition)));
  }

  setProperties(changes: ValueObject): ValueObject {
    this.#define((transaction, definition) => {
      checkComputedValues(changeCollection(transaction.storage, definition, changes).computedValues);
    });
    return this.properties();
  }

  /** Throws 1207 when the name is taken, 1208 when it is illegal, 11 for a system collection. */
  rename(name: string): void {
    this.#define((transaction, definition) => {
      const database = transaction.catalog.getDatabaseById(definition.databaseId);
      renameCollection(transaction.storage, database, definition, name, this.#context.naming);
      renameInGraphs(transaction, database, definition.name, name);
    });
  }

  /** Throws 11 for a system collection without `isSystem`, 1942 for one that a named graph has. */
  drop(options: DropOptions = {}): void {
    this.#define((transaction, definition) => {
      const database = transaction.catalog.getDatabaseById(definition.databaseId);
      if (options.isInGraph !== true) checkIsInNoGraph(transaction, database, definition.name);
      dropCollection(transaction.storage, definition, { allowSystem: options.isSystem === true });
    });
  }

  truncate(): void {
    this.#write({}, (transaction, definition) => transaction.truncate(definition));
  }

  count(): number {
    return this.#readOnce((transaction, definition) => transaction.count(definition));
  }

  figures(details = false): ValueObject {
    return this.#read((transaction, definition) => figures(transaction, definition, details));
  }

  revision(): string {
    return this.#read(revisionOf);
  }

  checksum(options: ChecksumOptions = {}): { readonly checksum: string; readonly revision: string } {
    return this.#read((transaction, definition) => ({
      checksum: checksum(transaction, definition, options),
      revision: revisionOf(transaction, definition),
    }));
  }

  /** Whether it agrees with its indexes, at one moment. Other work of this thread goes on between the steps. */
  async verify(): Promise<Verification> {
    this.#context.access.checkCollection(this.#scope, this.#definition.name, 'ro');
    const transaction = this.#context.store.begin({ mode: 'read' });
    try {
      const steps = verifyCollection(transaction.storage, this.#in(transaction.catalog));
      for (let step = steps.next(); ; step = steps.next()) {
        if (step.done === true) return step.value;
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      transaction.abort();
    }
  }

  /** Throws 1202 when there is none, 1200 when a `_rev` in the selector is not the stored one. */
  document(selector: Selector): ValueObject {
    return this.#readOnce((transaction, definition) => select(transaction, definition, selector)).toObject();
  }

  /** The JSON text of a document, without making an object of it first; `undefined` when there is none. */
  documentJson(key: string): { readonly rev: string; readonly json: Uint8Array } | undefined {
    const found = this.#readOnce((transaction, definition) => transaction.find(definition, key));
    return found === undefined ? undefined : { rev: found.get('_rev') as string, json: documentJson(found) };
  }

  /** Throws 1200 when a `_rev` in the selector is not the stored one. */
  exists(selector: Selector): DocumentMeta | undefined {
    return this.#readOnce((transaction, definition) => {
      const { key, revision } = parseSelector(definition, selector);
      const found = transaction.find(definition, key);
      if (found === undefined) return undefined;
      if (revision !== undefined && found.get('_rev') !== revision) throw revisionConflict();
      return metaOf(found);
    });
  }

  documents(selectors: readonly Value[]): (ValueObject | ElementError)[] {
    return this.#readOnce((transaction, definition) => {
      const selected = selectors.map((selector) => attempt(() => parseElement(definition, selector)));
      const keys = selected.map((one) => (one instanceof ArangoError ? '' : one.key));
      const rows = transaction.lookup(definition, keys);
      return selected.map((one, place) => {
        if (one instanceof ArangoError) return elementError(one);
        if (!isThere(rows, place)) return elementError(new ArangoError('ERROR_ARANGO_DOCUMENT_NOT_FOUND'));
        const found = new DocumentView(rows.buffer, rows.starts[place]!, rows.ends[place]!, definition.name);
        if (one.revision !== undefined && found.get('_rev') !== one.revision) return elementError(revisionConflict());
        return found.toObject();
      });
    });
  }

  insert(document: ValueObject, options: InsertOptions = {}): WriteResult {
    return this.#write(options, (transaction, definition) =>
      answerOne(definition, transaction.insert(definition, [document], insertOptions(options))[0]!, options),
    );
  }

  /**
   * Inserts a document that is JSON text, without making an object of it. Undefined where the text or the collection take more than that:
   * `insert` then says what becomes of it.
   */
  insertJson(json: Uint8Array, options: InsertOptions = {}): WriteResult | undefined {
    const { store } = this.#context;
    const { overwrite, overwriteMode = 'conflict', isRestore } = options;
    if (overwrite === true || overwriteMode !== 'conflict' || isRestore === true || store.current !== undefined) return undefined;
    const prepared = prepareInsert(store.engine, this.#current(), json);
    if (prepared === undefined) return undefined;
    return this.#write(options, (transaction, definition) => {
      if (definition !== prepared.collection) return undefined;
      const outcome = transaction.insertPrepared(prepared);
      return outcome && answerOne(definition, outcome, options);
    });
  }

  insertAll(documents: readonly Value[], options: InsertOptions = {}): (WriteResult | ElementError)[] {
    return this.#write(options, (transaction, definition) =>
      answerAll(definition, transaction.insert(definition, documents, insertOptions(options)), options),
    );
  }

  update(selector: Selector, changes: ValueObject, options: ModifyOptions = {}): WriteResult {
    return this.#modifyOne(selector, changes, options, updateDocuments);
  }

  updateAll(changes: readonly Value[], options: ModifyOptions = {}): (WriteResult | ElementError)[] {
    return this.#modifyAll(changes, options, updateDocuments);
  }

  replace(selector: Selector, document: ValueObject, options: ModifyOptions = {}): WriteResult {
    return this.#modifyOne(selector, document, options, replaceDocuments);
  }

  replaceAll(documents: readonly Value[], options: ModifyOptions = {}): (WriteResult | ElementError)[] {
    return this.#modifyAll(documents, options, replaceDocuments);
  }

  remove(selector: Selector, options: RemoveOptions = {}): WriteResult {
    return this.#write(options, (transaction, definition) => {
      const removal = removalOf(parseSelector(definition, selector), options.ignoreRevs === true);
      return answerOne(definition, transaction.remove(definition, [removal])[0]!, options);
    });
  }

  removeAll(selectors: readonly Value[], options: RemoveOptions = {}): (WriteResult | ElementError)[] {
    return this.#write(options, (transaction, definition) => {
      const removals = selectors.map((selector) =>
        attempt(() => removalOf(parseElement(definition, selector), options.ignoreRevs !== false)),
      );
      const outcomes = writeValid(removals, (valid) => transaction.remove(definition, valid));
      return answerAll(definition, outcomes, options);
    });
  }

  /** Definitions as `GET /_api/index` has them. */
  indexes({ withStats = false } = {}): ValueObject[] {
    return this.#read((transaction, definition) =>
      definition.indexes.map((index) => {
        const described = describe(transaction, definition, index);
        return withStats ? { ...described, figures: INDEX_FIGURES } : described;
      }),
    );
  }

  /** By id (`collection/123`), number or name; throws 1212. */
  index(idOrName: string): ValueObject {
    return this.#read((transaction, definition) => describe(transaction, definition, getIndex(definition, idOrName)));
  }

  /** Throws 1210 when documents stand in the way of a unique index; nothing is left behind then. */
  ensureIndex(definition: ValueObject): ValueObject & { readonly isNewlyCreated: boolean } {
    this.#checkMayDefine();
    const { store, naming } = this.#context;
    const { collection, index, isNew } = ensureIndex(store, this.#id, definition, naming);
    const description = store.read((transaction) => describe(transaction, collection, index));
    const names = [...Object.keys(description), 'isNewlyCreated'].toSorted();
    return Object.fromEntries(names.map((name) => [name, name === 'isNewlyCreated' ? isNew : description[name]!])) as ValueObject & {
      readonly isNewlyCreated: boolean;
    };
  }

  /** Throws 1212 when there is none, 11 for the primary index and the edge index. */
  dropIndex(idOrName: string): boolean {
    this.#checkMayDefine();
    dropIndex(this.#context.store, { collectionId: this.#id, indexId: getIndex(this.#current(), idOrName).id });
    return true;
  }

  #modifyOne(selector: Selector, document: ValueObject, options: ModifyOptions, modify: Modify): WriteResult {
    return this.#write(options, (transaction, definition) => {
      const change = changeOf(parseSelector(definition, selector), document, options.ignoreRevs === true);
      return answerOne(definition, modify(transaction, definition, [change], options)[0]!, options);
    });
  }

  #modifyAll(documents: readonly Value[], options: ModifyOptions, modify: Modify): (WriteResult | ElementError)[] {
    return this.#write(options, (transaction, definition) => {
      const changes = documents.map((document) =>
        attempt(() => {
          if (!isObject(document)) throw new ArangoError('ERROR_ARANGO_DOCUMENT_TYPE_INVALID');
          return changeOf(parseSelector(definition, document), document, options.ignoreRevs !== false);
        }),
      );
      return answerAll(
        definition,
        writeValid(changes, (valid) => modify(transaction, definition, valid, options)),
        options,
      );
    });
  }

  #read<Result>(action: (transaction: DocumentTransaction, definition: CollectionDefinition) => Result): Result {
    this.#context.access.checkCollection(this.#scope, this.#definition.name, 'ro');
    return this.#context.store.read((transaction) => action(transaction, this.#in(transaction.catalog)));
  }

  /** For what the transaction is asked once only. */
  #readOnce<Result>(action: (transaction: DocumentTransaction, definition: CollectionDefinition) => Result): Result {
    this.#context.access.checkCollection(this.#scope, this.#definition.name, 'ro');
    return this.#context.store.read((transaction) => action(transaction, this.#in(transaction.catalog)), 'none');
  }

  #write<Result>(
    options: { readonly waitForSync?: boolean },
    action: (transaction: DocumentTransaction, definition: CollectionDefinition) => Result,
  ): Result {
    this.#context.access.checkCollection(this.#scope, this.#definition.name, 'rw');
    const result = this.#context.store.write((transaction) => action(transaction, this.#in(transaction.catalog)), { isSingle: true });
    if (options.waitForSync === true || this.#definition.waitForSync) this.#context.requestSync();
    return result;
  }

  /** It takes the right to write to the database and to the collection. */
  #checkMayDefine(): void {
    this.#context.access.checkDatabase(this.#scope, 'rw');
    this.#context.access.checkCollection(this.#scope, this.#definition.name, 'rw');
  }

  #define(action: (transaction: DocumentTransaction, definition: CollectionDefinition) => void): void {
    this.#checkMayDefine();
    this.#context.store.define((transaction) => action(transaction, this.#in(transaction.catalog)));
  }

  /** The definition as it is now. Throws 1203 once it is gone. */
  #current(): CollectionDefinition {
    return this.#in(this.#context.store.catalog());
  }

  #in(catalog: Catalog): CollectionDefinition {
    if (catalog !== this.#catalog) {
      const definition = catalog.findCollectionById(this.#id);
      if (definition === undefined) throw new ArangoError('ERROR_ARANGO_DATA_SOURCE_NOT_FOUND', this.#definition.name);
      this.#definition = definition;
      this.#catalog = catalog;
    }
    return this.#definition;
  }
}

type Modify = (
  transaction: DocumentTransaction,
  definition: CollectionDefinition,
  changes: readonly Change[],
  options: WriteOptions,
) => WriteOutcome[];

const updateDocuments: Modify = (transaction, definition, changes, options) => transaction.update(definition, changes, options);
const replaceDocuments: Modify = (transaction, definition, changes, options) => transaction.replace(definition, changes, options);

function insertOptions({ overwrite, overwriteMode, ...others }: InsertOptions): StoreInsertOptions {
  return { ...others, overwriteMode: overwriteMode ?? (overwrite === true ? 'replace' : 'conflict') };
}

function changeOf(
  { key, revision }: { readonly key: string; readonly revision?: string },
  document: ValueObject,
  ignoresRevision: boolean,
): Change {
  return revision === undefined || ignoresRevision ? { key, document } : { key, document, expectedRevision: revision };
}

function removalOf({ key, revision }: { readonly key: string; readonly revision?: string }, ignoresRevision: boolean): Removal {
  return revision === undefined || ignoresRevision ? { key } : { key, expectedRevision: revision };
}

/** What is wrong with one element of a list is a value. */
function attempt<Result>(action: () => Result): Result | ArangoError {
  try {
    return action();
  } catch (error) {
    if (isArangoError(error)) return error;
    throw error;
  }
}

/** Writes the elements that are no errors, and puts the errors at their places among the outcomes. */
function writeValid<Item>(items: readonly (Item | ArangoError)[], write: (valid: readonly Item[]) => WriteOutcome[]): WriteOutcome[] {
  const written = write(items.filter((item): item is Item => !(item instanceof ArangoError)));
  let next = 0;
  return items.map((item) => (item instanceof ArangoError ? { is: 'failed', error: item } : written[next++]!));
}

/** As `parseSelector`. In an array the id of a document of another collection is that of none: error 1202. */
function parseElement(definition: CollectionDefinition, selector: Value): SelectedDocument {
  try {
    return parseSelector(definition, selector);
  } catch (error) {
    if (typeof selector !== 'string' || !isArangoError(error) || error.errorNum !== CROSS_COLLECTION) throw error;
    throw new ArangoError('ERROR_ARANGO_DOCUMENT_NOT_FOUND', undefined, { cause: error });
  }
}

const CROSS_COLLECTION = 1213;

/** Indexes are kept in the store, and nothing of them in memory. */
const INDEX_FIGURES: ValueObject = { memory: 0, cacheInUse: false, cacheSize: 0, cacheUsage: 0 };

function select(transaction: DocumentTransaction, definition: CollectionDefinition, selector: Selector): DocumentView {
  const { key, revision } = parseSelector(definition, selector);
  const found = transaction.find(definition, key);
  if (found === undefined) throw new ArangoError('ERROR_ARANGO_DOCUMENT_NOT_FOUND');
  if (revision !== undefined && found.get('_rev') !== revision) throw Object.assign(revisionConflict(), metaOf(found));
  return found;
}

function describe(transaction: DocumentTransaction, definition: CollectionDefinition, index: IndexDefinition): ValueObject {
  return describeIndex(definition, index, selectivityEstimate(transaction.storage, index));
}
