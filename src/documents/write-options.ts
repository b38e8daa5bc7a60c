/**
 * What a write may be told and what it tells: the same for the façade and for AQL's data-modification operations.
 */
import type { ComputedValue } from '#catalog';
import type { ArangoError } from '#base';
import type { DocumentView, ValueObject } from '#values';

export interface WriteOptions {
  /** Update: null removes the attribute when false. Default true. */
  readonly keepNull?: boolean;
  /** Update: objects are merged, not replaced. Default true. */
  readonly mergeObjects?: boolean;
  /** An attribute with a number: an update or replace whose number is not greater changes nothing and succeeds. */
  readonly versionAttribute?: string;
  /** Keeps the given `_rev`; the rules of the collection (`allowUserKeys`, computed values, schema) stand back. */
  readonly isRestore?: boolean;
  /** Takes documents that the schema refuses. */
  readonly skipDocumentValidation?: boolean;
}

export interface InsertOptions extends WriteOptions {
  /** When the key is taken. Default `conflict`: error 1210. */
  readonly overwriteMode?: 'conflict' | 'ignore' | 'replace' | 'update';
}

/** One document's change. */
export interface Change {
  readonly key: string;
  /** Error 1200 unless it is the stored one. */
  readonly expectedRevision?: string;
  /** The patch of an update or the whole of a replacement. `_key`, `_id` and `_rev` in it are ignored. */
  readonly document: ValueObject;
}

export interface Removal {
  readonly key: string;
  readonly expectedRevision?: string;
}

export type WriteOutcome =
  /** `old` is absent after an insert, `new` after a removal. They are the same when `versionAttribute` held a change back. */
  | { readonly is: 'written'; readonly key: string; readonly old?: DocumentView; readonly new?: DocumentView }
  /** `overwriteMode: 'ignore'` met a document. */
  | { readonly is: 'ignored'; readonly key: string; readonly old: DocumentView }
  /** `existing` is the document whose revision was not the expected one. */
  | { readonly is: 'failed'; readonly key?: string; readonly error: ArangoError; readonly existing?: DocumentView };

export type WriteEvent = 'insert' | 'update' | 'replace';

/**
 * Evaluates the computed values of a collection that has any: gives the document with them, or throws. `document` has `_key`, `_id` and
 * `_rev` as it will be stored with.
 */
export type ComputeValues = (
  values: readonly ComputedValue[],
  document: ValueObject,
  event: WriteEvent,
  collectionName: string,
) => ValueObject;
