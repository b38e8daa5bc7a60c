/**
 * What data-modification nodes do at run time: from the values that an operation was given to changes of documents, and from the
 * outcomes to errors and counts.
 */
import { ArangoError, findErrorName } from '#base';
import type { CollectionDefinition } from '#catalog';
import type { Change, Removal, WriteOutcome } from '#documents';
import { DocumentView, isObject, plain, typeName, type Value, type ValueObject } from '#values';
import type { ModificationOptions } from '../plan.ts';
import type { Run } from '../run.ts';

type Given = Value | DocumentView;

export function insertRows(
  run: Run,
  collection: CollectionDefinition,
  documents: readonly Given[],
  options: RunOptions,
): readonly WriteOutcome[] {
  return settle(run, run.transaction.insert(collection, documents.map(plain), options.write), options);
}

/** `keys` is undefined in `UPDATE document IN …`. */
export function updateRows(
  run: Run,
  collection: CollectionDefinition,
  keys: readonly Given[] | undefined,
  documents: readonly Given[],
  options: RunOptions,
): readonly WriteOutcome[] {
  const changes = changesOf(keys, documents, options);
  const outcomes = writeValid(changes, (valid) => run.transaction.update(collection, valid, options.write));
  return settle(run, outcomes, options);
}

export function replaceRows(
  run: Run,
  collection: CollectionDefinition,
  keys: readonly Given[] | undefined,
  documents: readonly Given[],
  options: RunOptions,
): readonly WriteOutcome[] {
  const changes = changesOf(keys, documents, options);
  const outcomes = writeValid(changes, (valid) => run.transaction.replace(collection, valid, options.write));
  return settle(run, outcomes, options);
}

/** Changes for `keys`, or for what the documents say of themselves. */
function changesOf(keys: readonly Given[] | undefined, documents: readonly Given[], options: RunOptions): ReturnType<typeof changeOf>[] {
  return documents.map((document, i) => changeOf(keys === undefined ? document : (keys[i] ?? null), document, options));
}

export function removeRows(
  run: Run,
  collection: CollectionDefinition,
  keys: readonly Given[],
  options: RunOptions,
): readonly WriteOutcome[] {
  const removals = keys.map((key) => removalOf(key, options));
  const outcomes = writeValid(removals, (valid) => run.transaction.remove(collection, valid));
  return settle(run, outcomes, options);
}

/** One row of UPSERT: `found` is the document that the lookup found, or null. */
export function upsertRow(
  run: Run,
  collection: CollectionDefinition,
  found: Given,
  insert: Given,
  update: Given,
  options: RunOptions,
  isReplace: boolean,
): WriteOutcome {
  const selector = options.ignoreRevs === false ? withRevisionOf(update, found) : found;
  const outcomes =
    found === null
      ? insertRows(run, collection, [insert], options)
      : isReplace
        ? replaceRows(run, collection, [selector], [update], options)
        : updateRows(run, collection, [selector], [update], options);
  const [outcome] = outcomes;
  if (outcome === undefined) throw new Error('a write of one document has one outcome');
  return outcome;
}

/** What an UPSERT found, at the revision that its update asks for. */
function withRevisionOf(update: Given, found: Given): Given {
  const content = plain(update);
  const key = found instanceof DocumentView ? found.get('_key') : keyOf(found);
  return { _key: key, _rev: isObject(content) ? (content['_rev'] ?? null) : null };
}

/** Writes what is not refused already, and puts the outcomes where the rows were. */
function writeValid<Write extends Change | Removal>(
  writes: readonly (Write | ArangoError)[],
  write: (valid: readonly Write[]) => WriteOutcome[],
): WriteOutcome[] {
  const isValid = (each: Write | ArangoError): each is Write => !(each instanceof ArangoError);
  if (writes.every(isValid)) return write(writes);
  const outcomes = write(writes.filter(isValid)).values();
  return writes.map((each) => (isValid(each) ? (outcomes.next().value as WriteOutcome) : { is: 'failed', error: each }));
}

/** Options with the nodes through which an error goes up, as ArangoDB names them in its message. */
export interface RunOptions extends ModificationOptions {
  readonly trace: string;
}

/**
 * What comes of writing a batch of rows, after which a query that commits in pieces may do so, also when some of them failed. Then the
 * first failure ends the query, unless errors are ignored.
 */
function settle(run: Run, outcomes: readonly WriteOutcome[], { ignoreErrors, trace }: RunOptions): readonly WriteOutcome[] {
  const failures = outcomes.filter((outcome) => outcome.is === 'failed');
  const executed = outcomes.length - failures.length;
  run.writesExecuted += executed;
  if (run.transaction.commitPiece(executed)) run.intermediateCommits++;
  const [failure] = failures;
  if (failure !== undefined && ignoreErrors !== true) throw withTrace(failure.error, trace);
  run.writesIgnored += failures.length;
  return outcomes;
}

function withTrace(error: ArangoError, trace: string): ArangoError {
  const name = findErrorName(error.errorNum);
  return name === undefined ? error : new ArangoError(name, { message: `${error.message} ${trace}` }, { cause: error });
}

function changeOf(selector: Given, document: Given, options: ModificationOptions): Change | ArangoError {
  const content = plain(document);
  if (!isObject(content)) return new ArangoError('ERROR_ARANGO_DOCUMENT_TYPE_INVALID');
  const removal = removalOf(selector, options);
  if (removal instanceof ArangoError) return removal;
  return { ...removal, document: content };
}

/** Operations take a key, or an object with `_key`; ids are not taken. */
function removalOf(selector: Given, { ignoreRevs }: ModificationOptions): Removal | ArangoError {
  if (!(selector instanceof DocumentView) && typeof selector !== 'string' && !isObject(selector)) {
    return new ArangoError('ERROR_ARANGO_DOCUMENT_TYPE_INVALID', {
      message: `Expected object or string, but got ${typeName(selector)}`,
    });
  }
  const key = selector instanceof DocumentView ? selector.get('_key') : keyOf(selector);
  if (typeof key !== 'string' || key === '') return new ArangoError('ERROR_ARANGO_DOCUMENT_KEY_MISSING');
  if (ignoreRevs !== false || typeof selector === 'string') return { key };
  const revision = (plain(selector) as ValueObject)['_rev'];
  return typeof revision === 'string' ? { key, expectedRevision: revision } : { key };
}

const keyOf = (selector: Value): Value => (isObject(selector) ? (selector['_key'] ?? null) : selector);
