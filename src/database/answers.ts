/** What a write tells its caller: an answer with the meta attributes, or the error. */
import type { ArangoError } from '#base';
import type { WriteOutcome } from '#documents';
import type { CollectionDefinition } from '#catalog';
import { joinDocumentId, type DocumentView } from '#values';
import type { DocumentMeta, ElementError, WriteResult } from './document-options.ts';

interface AnswerOptions {
  readonly returnNew?: boolean;
  readonly returnOld?: boolean;
  readonly silent?: boolean;
}

/** Throws the error of a failed outcome. */
export function answerOne(collection: CollectionDefinition, outcome: WriteOutcome, options: AnswerOptions): WriteResult {
  if (outcome.is === 'failed') throw withExisting(outcome.error, outcome.existing);
  return answer(collection, outcome, options);
}

/** With `silent` only the errors remain. */
export function answerAll(
  collection: CollectionDefinition,
  outcomes: readonly WriteOutcome[],
  options: AnswerOptions,
): (WriteResult | ElementError)[] {
  const answers: (WriteResult | ElementError)[] = [];
  for (const outcome of outcomes) {
    if (outcome.is === 'failed') answers.push(elementError(outcome.error));
    else if (options.silent !== true) answers.push(answer(collection, outcome, options));
  }
  return answers;
}

const SILENT = {} as WriteResult;

function answer(collection: CollectionDefinition, outcome: Exclude<WriteOutcome, { is: 'failed' }>, options: AnswerOptions): WriteResult {
  if (options.silent === true) return SILENT;
  const { key, old } = outcome;
  const written = outcome.is === 'written' ? outcome.new : undefined;
  const meta: DocumentMeta = { _id: joinDocumentId(collection.name, key), _key: key, _rev: revisionOf(written ?? old!) };
  const result: { -readonly [Name in keyof WriteResult]: WriteResult[Name] } =
    old === undefined || written === undefined ? meta : { _id: meta._id, _key: meta._key, _rev: meta._rev, _oldRev: revisionOf(old) };
  if (options.returnOld === true && old !== undefined && outcome.is === 'written') result.old = old.toObject();
  if (options.returnNew === true && written !== undefined) result.new = written.toObject();
  return result;
}

/** In an array an error says nothing of what is stored. */
export function elementError({ errorNum, errorMessage }: ArangoError): ElementError {
  return { error: true, errorNum, errorMessage };
}

export function metaOf(document: DocumentView): DocumentMeta {
  return { _id: document.get('_id') as string, _key: document.get('_key') as string, _rev: revisionOf(document) };
}

/** An error about a revision shows what the stored document has. */
function withExisting(error: ArangoError, existing: DocumentView | undefined): ArangoError {
  return existing === undefined ? error : Object.assign(error, metaOf(existing));
}

function revisionOf(document: DocumentView): string {
  return document.get('_rev') as string;
}
