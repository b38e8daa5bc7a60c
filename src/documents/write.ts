/**
 * Writing documents: from what a client gave to one storage mutation for each document with all of its index entries.
 *
 * Documents of one call go to the engine together. A key that comes twice in a call is changed twice, so it ends a group.
 */
import { ArangoError, isArangoError } from '#base';
import type { CollectionDefinition } from '#catalog';
import type { Mutation, MutationFailure, RowId, StorageEngine, Transaction } from '#storage';
import { decodeRevision, DocumentView, encodeDocument, isDocumentKey, isObject, scanDocument, type Value, type ValueObject } from '#values';
import { isThere } from './batches.ts';
import { isStorageConflict } from './conflicts.ts';
import { refusedMutation, revisionConflict } from './failures.ts';
import { documentEntries, entryChanges } from './indexes/entries.ts';
import { textKey } from './indexes/entry-key.ts';
import { advanceCounter, automaticKey, automaticKeyNumber } from './keys.ts';
import { mergeDocument } from './merge.ts';
import { applyRules } from './rules.ts';
import type { Change, ComputeValues, InsertOptions, Removal, WriteOptions, WriteOutcome } from './write-options.ts';

export interface WriteContext {
  readonly transaction: Transaction;
  readonly engine: StorageEngine;
  readonly computeValues: ComputeValues | undefined;
  /** The transaction makes one change of documents and nothing else. */
  readonly isSingle: boolean;
}

/** A document on its way in, at its place among the documents of the call. */
interface Draft {
  readonly place: number;
  readonly key: string;
  readonly isAutomatic: boolean;
  /** As the client gave it: what an overwrite begins with. */
  readonly given: ValueObject;
  readonly view: DocumentView;
}

export function insertDocuments(
  context: WriteContext,
  collection: CollectionDefinition,
  documents: readonly Value[],
  options: InsertOptions,
): WriteOutcome[] {
  const outcomes: WriteOutcome[] = [];
  const places = [...documents.keys()];
  if (isOneByOne(collection, documents, options))
    for (const place of places) insertAt(context, collection, documents, [place], options, outcomes);
  else insertAt(context, collection, documents, places, options, outcomes);
  return outcomes;
}

/**
 * An insert that becomes an update can free a unique value for the documents after it, which must not go ahead of it then. And of two documents
 * with one key the first may be refused: it must not meet there what the second has put.
 */
function isOneByOne(collection: CollectionDefinition, documents: readonly Value[], options: InsertOptions): boolean {
  if (!isOverwriting(options)) return false;
  const mayFree = options.overwriteMode !== 'ignore' && collection.maintained.some(({ isUnique, type }) => isUnique && type !== 'primary');
  return mayFree || hasRepeatedKey(documents);
}

function hasRepeatedKey(documents: readonly Value[]): boolean {
  const keys = new Set<Value>();
  for (const document of documents) {
    const key = isObject(document) ? document['_key'] : undefined;
    if (key === undefined) continue;
    if (keys.has(key)) return true;
    keys.add(key);
  }
  return false;
}

/** A new document that is ready before the transaction that inserts it begins. */
export interface PreparedInsert {
  readonly collection: CollectionDefinition;
  readonly key: string;
  readonly mutation: Extract<Mutation, { do: 'insert' }>;
  readonly view: DocumentView;
}

/**
 * Makes a document of JSON text; undefined where the collection has rules, the text is not plain, or anything is wrong: `insertDocuments` then
 * says what becomes of it.
 */
export function prepareInsert(engine: StorageEngine, collection: CollectionDefinition, json: Uint8Array): PreparedInsert | undefined {
  const { keyOptions, computedValues, schema, type } = collection;
  if (type !== 2 || computedValues !== null || schema !== null || keyOptions.type === 'autoincrement') return undefined;
  const id = engine.tick();
  const scanned = scanDocument(json, engine.revision(), automaticKey(keyOptions, id));
  if (scanned === undefined || (!scanned.isAutomatic && !keyOptions.allowUserKeys)) return undefined;
  const { bytes, key } = scanned;
  const view = new DocumentView(bytes, 0, bytes.length, collection.name);
  try {
    return { collection, key, view, mutation: { do: 'insert', table: collection.rows, id, bytes, add: documentEntries(collection, view) } };
  } catch (error) {
    if (isArangoError(error)) return undefined;
    throw error;
  }
}

/** Undefined where something stands in its way. */
export function insertPrepared({ transaction, isSingle }: WriteContext, { key, view, mutation }: PreparedInsert): WriteOutcome | undefined {
  const [failure] = transaction.mutate([mutation], { isLast: isSingle });
  return failure === undefined ? { is: 'written', key, new: view } : undefined;
}

/** Automatic keys that somebody took by hand are tried again with new ones. */
function insertAt(
  context: WriteContext,
  collection: CollectionDefinition,
  documents: readonly Value[],
  places: readonly number[],
  options: InsertOptions,
  outcomes: WriteOutcome[],
): void {
  let left = places;
  while (left.length > 0) left = tryInsert(context, collection, documents, left, options, outcomes);
}

/** Fills in the outcomes at `places` and returns those that must be tried again. */
function tryInsert(
  context: WriteContext,
  collection: CollectionDefinition,
  documents: readonly Value[],
  places: readonly number[],
  options: InsertOptions,
  outcomes: WriteOutcome[],
): number[] {
  const drafts: Draft[] = [];
  const mutations: Mutation[] = [];
  const unfit: UnfitInsert[] = [];
  let id = context.engine.tick(places.length);
  for (const place of places) {
    try {
      const draft = draftInsert(context, collection, documents[place] ?? null, place, id, options);
      const { buffer } = draft.view;
      mutations.push({ do: 'insert', table: collection.rows, id, bytes: buffer, add: documentEntries(collection, draft.view) });
      drafts.push(draft);
    } catch (error) {
      unfit.push({ place, outcome: failed(error) });
    }
    id++;
  }
  const failures = context.transaction.mutate(mutations, {
    isLast: context.isSingle && unfit.length === 0 && places.length === documents.length,
  });
  const again: number[] = [];
  drafts.forEach((draft, i) => {
    const failure = failures[i];
    if (failure === undefined) outcomes[draft.place] = { is: 'written', key: draft.key, new: draft.view };
    else if (failure.entry.index !== collection.primary.table) outcomes[draft.place] = refused(context, collection, failure, draft.key);
    else if (draft.isAutomatic) again.push(draft.place);
    else if (isOverwriting(options)) outcomes[draft.place] = overwrite(context, collection, draft.key, draft.given, options);
    else outcomes[draft.place] = refused(context, collection, failure, draft.key);
  });
  for (const { place, outcome } of unfit)
    outcomes[place] = overwriteUnfit(context, collection, documents[place] ?? null, options) ?? outcome;
  return again;
}

/** A document that cannot be inserted as it is. */
interface UnfitInsert {
  readonly place: number;
  readonly outcome: WriteOutcome;
}

function isOverwriting({ overwriteMode = 'conflict' }: InsertOptions): boolean {
  return overwriteMode !== 'conflict';
}

/** What the collection's rules refuse as a new document may still change the one that is there already. */
function overwriteUnfit(
  context: WriteContext,
  collection: CollectionDefinition,
  given: Value,
  options: InsertOptions,
): WriteOutcome | undefined {
  if (!isOverwriting(options) || !isObject(given) || !isDocumentKey(given['_key'])) return undefined;
  const key = given['_key'];
  return isThere(findRows(context.transaction, collection, [{ key }]), 0) ? overwrite(context, collection, key, given, options) : undefined;
}

function draftInsert(
  context: WriteContext,
  collection: CollectionDefinition,
  given: Value,
  place: number,
  id: RowId,
  options: InsertOptions,
): Draft {
  if (!isObject(given)) throw new ArangoError('ERROR_ARANGO_DOCUMENT_TYPE_INVALID');
  const isAutomatic = given['_key'] === undefined;
  const key = isAutomatic ? newKey(context, collection, id) : givenKey(context, collection, given['_key']!, options);
  const revision = newRevision(context, given, options);
  const write = { event: 'insert', key, revision, old: undefined, options } as const;
  const document = applyRules(collection, given, write, context.computeValues);
  const bytes = encodeDocument(revision, document, key);
  return { place, key, isAutomatic, given, view: new DocumentView(bytes, 0, bytes.length, collection.name) };
}

function newKey({ transaction, engine }: WriteContext, { keyOptions }: CollectionDefinition, id: RowId): string {
  return keyOptions.type === 'autoincrement' ? String(advanceCounter(transaction, engine, keyOptions)) : automaticKey(keyOptions, id);
}

function givenKey({ transaction, engine }: WriteContext, { keyOptions }: CollectionDefinition, key: Value, options: InsertOptions): string {
  if (!keyOptions.allowUserKeys && options.isRestore !== true) throw new ArangoError('ERROR_ARANGO_DOCUMENT_KEY_UNEXPECTED');
  if (!isDocumentKey(key)) throw new ArangoError('ERROR_ARANGO_DOCUMENT_KEY_BAD');
  if (keyOptions.type === 'autoincrement') {
    const number = automaticKeyNumber(keyOptions, key);
    if (number !== undefined) advanceCounter(transaction, engine, keyOptions, number);
  }
  return key;
}

function newRevision({ engine }: WriteContext, given: ValueObject, options: WriteOptions): bigint {
  const kept = options.isRestore === true && typeof given['_rev'] === 'string' ? decodeRevision(given['_rev']) : undefined;
  return kept ?? engine.revision();
}

/** An insert met a document with its key. */
function overwrite(
  context: WriteContext,
  collection: CollectionDefinition,
  key: string,
  document: ValueObject,
  options: InsertOptions,
): WriteOutcome {
  switch (options.overwriteMode) {
    case 'update':
      return updateDocuments(context, collection, [{ key, document }], options)[0]!;
    case 'replace':
      return replaceDocuments(context, collection, [{ key, document }], options)[0]!;
    default:
      return { is: 'ignored', key, old: viewAt(findRows(context.transaction, collection, [{ key }]), 0, collection)! };
  }
}

export function updateDocuments(
  context: WriteContext,
  collection: CollectionDefinition,
  changes: readonly Change[],
  options: WriteOptions,
): WriteOutcome[] {
  const { keepNull = true, mergeObjects = true } = options;
  return modify(context, collection, changes, 'update', options, (old, patch) =>
    mergeDocument(old.toObject(), patch, { keepNull, mergeObjects }),
  );
}

export function replaceDocuments(
  context: WriteContext,
  collection: CollectionDefinition,
  changes: readonly Change[],
  options: WriteOptions,
): WriteOutcome[] {
  return modify(context, collection, changes, 'replace', options, (_old, replacement) => replacement);
}

type MakeDocument = (old: DocumentView, given: ValueObject) => ValueObject;

function modify(
  context: WriteContext,
  collection: CollectionDefinition,
  changes: readonly Change[],
  event: 'update' | 'replace',
  options: WriteOptions,
  make: MakeDocument,
): WriteOutcome[] {
  return inGroups(changes, (group) => modifyGroup(context, collection, group, event, options, make));
}

function modifyGroup(
  context: WriteContext,
  collection: CollectionDefinition,
  changes: readonly Change[],
  event: 'update' | 'replace',
  options: WriteOptions,
  make: MakeDocument,
): WriteOutcome[] {
  const outcomes: WriteOutcome[] = [];
  const mutations: Mutation[] = [];
  const places: number[] = [];
  const found = findRows(context.transaction, collection, changes);
  changes.forEach((change, place) => {
    const { key } = change;
    const old = viewAt(found, place, collection);
    const refusal = checkExisting(change, old);
    if (old === undefined || refusal !== undefined) {
      outcomes[place] = refusal ?? notFound(key);
      return;
    }
    const changesNothing = event === 'update' && isEmptyUpdate(collection, change, options);
    if (changesNothing || isHeldBack(old, change.document, options.versionAttribute)) {
      outcomes[place] = { is: 'written', key, old, new: old };
      return;
    }
    try {
      const revision = newRevision(context, change.document, options);
      const write = { event, key, revision, old, options };
      const document = applyRules(collection, make(old, change.document), write, context.computeValues);
      const bytes = encodeDocument(revision, document, key);
      const view = new DocumentView(bytes, 0, bytes.length, collection.name);
      const { add, drop } = entryChanges(collection, old, view);
      mutations.push({ do: 'replace', table: collection.rows, id: found.ids[place]!, bytes, add, drop });
      places.push(place);
      outcomes[place] = { is: 'written', key, old, new: view };
    } catch (error) {
      outcomes[place] = failed(error, key);
    }
  });
  context.transaction.mutate(mutations, { isLast: context.isSingle && changes.length === 1 }).forEach((failure, i) => {
    const place = places[i]!;
    if (failure !== undefined) outcomes[place] = refused(context, collection, failure, changes[place]!.key);
  });
  return outcomes;
}

export function removeDocuments(context: WriteContext, collection: CollectionDefinition, removals: readonly Removal[]): WriteOutcome[] {
  return inGroups(removals, (group) => {
    const found = findRows(context.transaction, collection, group);
    const mutations: Mutation[] = [];
    const outcomes = group.map((removal, place): WriteOutcome => {
      const old = viewAt(found, place, collection);
      const refusal = checkExisting(removal, old);
      if (old === undefined || refusal !== undefined) return refusal ?? notFound(removal.key);
      mutations.push({ do: 'remove', table: collection.rows, id: found.ids[place]!, drop: documentEntries(collection, old) });
      return { is: 'written', key: removal.key, old };
    });
    context.transaction.mutate(mutations);
    return outcomes;
  });
}

/** Calls `write` for stretches of `items` in which no key comes twice. */
function inGroups<Item extends { readonly key: string }>(
  items: readonly Item[],
  write: (group: readonly Item[]) => WriteOutcome[],
): WriteOutcome[] {
  if (items.length < 2) return items.length === 0 ? [] : write(items);
  const outcomes: WriteOutcome[] = [];
  const keys = new Set<string>();
  let start = 0;
  items.forEach(({ key }, i) => {
    if (keys.has(key)) {
      for (const outcome of write(items.slice(start, i))) outcomes.push(outcome);
      keys.clear();
      start = i;
    }
    keys.add(key);
  });
  for (const outcome of write(start === 0 ? items : items.slice(start))) outcomes.push(outcome);
  return outcomes;
}

type FoundRows = ReturnType<Transaction['lookup']>;

function findRows(transaction: Transaction, collection: CollectionDefinition, items: readonly { readonly key: string }[]): FoundRows {
  return transaction.lookup(
    collection.primary.table,
    collection.rows,
    items.map(({ key }) => textKey(key)),
  );
}

function viewAt(rows: FoundRows, place: number, collection: CollectionDefinition): DocumentView | undefined {
  return isThere(rows, place) ? new DocumentView(rows.buffer, rows.starts[place]!, rows.ends[place]!, collection.name) : undefined;
}

/** A refusal because of the revision, or undefined. */
function checkExisting({ key, expectedRevision }: Removal, existing: DocumentView | undefined): WriteOutcome | undefined {
  if (expectedRevision === undefined || existing === undefined || existing.get('_rev') === expectedRevision) return undefined;
  return { is: 'failed', key, error: revisionConflict(), existing };
}

/** Nothing but a key: the document keeps its revision. Where values are computed, they are computed all the same. */
function isEmptyUpdate(
  { computedValues }: CollectionDefinition,
  { document, expectedRevision }: Change,
  { isRestore }: WriteOptions,
): boolean {
  if (computedValues !== null || expectedRevision !== undefined || isRestore === true) return false;
  for (const name in document) if (name !== '_key') return false;
  return true;
}

/** The version that the change brings is not above the stored one. Whatever is no version does not hold anything back. */
function isHeldBack(old: DocumentView, document: ValueObject, versionAttribute: string | undefined): boolean {
  if (versionAttribute === undefined || versionAttribute === '') return false;
  const before = old.get(versionAttribute);
  const after = document[versionAttribute];
  if (typeof before !== 'number' || typeof after !== 'number' || before < 0 || after < 0) return false;
  return Math.floor(after) <= Math.floor(before);
}

function notFound(key: string): WriteOutcome {
  return { is: 'failed', key, error: new ArangoError('ERROR_ARANGO_DOCUMENT_NOT_FOUND') };
}

function refused(
  context: WriteContext,
  collection: CollectionDefinition,
  failure: NonNullable<MutationFailure>,
  key: string,
): WriteOutcome {
  return { is: 'failed', key, error: refusedMutation(context.transaction, collection, failure) };
}

/** What a client did wrong with one document is its outcome; anything else goes on upwards. */
function failed(error: unknown, key?: string): WriteOutcome {
  if (!isArangoError(error) || isStorageConflict(error)) throw error;
  return key === undefined ? { is: 'failed', error } : { is: 'failed', key, error };
}
