/**
 * What a write may be told and what it tells: the same for the façade and for AQL's data-modification operations.
 */
import type { ArangoError } from '#base';
import type { DocumentView, ValueObject } from '#values';

export interface WriteOptions {
  /** Update: null removes the attribute when false. Default true. */
  readonly keepNull?: boolean;
  /** Update: objects are merged, not replaced. Default true. */
  readonly mergeObjects?: boolean;
  /** An attribute with a number: an update or replace whose number is not greater changes nothing and succeeds. */
  readonly versionAttribute?: string;
}

export interface InsertOptions extends WriteOptions {
  /** When the key is taken. Default `conflict`: error 1210. */
  readonly overwriteMode?: 'conflict' | 'ignore' | 'replace' | 'update';
  /** Keeps the given `_rev`; key generator and computed values stand back. */
  readonly isRestore?: boolean;
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
  /** `old` is absent after an insert, `new` after a removal. An update that changed nothing has the same in both. */
  | { readonly is: 'written'; readonly key: string; readonly old?: DocumentView; readonly new?: DocumentView }
  /** `overwriteMode: 'ignore'` met a document. */
  | { readonly is: 'ignored'; readonly key: string; readonly old: DocumentView }
  /** `existing` is the document whose revision was not the expected one. */
  | { readonly is: 'failed'; readonly key?: string; readonly error: ArangoError; readonly existing?: DocumentView };
