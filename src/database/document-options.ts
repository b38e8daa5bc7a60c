/** Options and answers of document operations, with ArangoDB's names. */
import type { ValueObject } from '#values';

export interface DocumentMeta {
  readonly _id: string;
  readonly _key: string;
  readonly _rev: string;
}

/** Empty for a `silent` operation. */
export interface WriteResult extends DocumentMeta {
  readonly _oldRev?: string;
  readonly new?: ValueObject;
  readonly old?: ValueObject;
}

/** What stands in an array's answer for an element that failed. */
export interface ElementError {
  readonly error: true;
  readonly errorNum: number;
  readonly errorMessage: string;
}

interface SharedOptions {
  readonly waitForSync?: boolean;
  readonly returnNew?: boolean;
  readonly returnOld?: boolean;
  readonly silent?: boolean;
  /** Takes documents that the schema refuses. */
  readonly skipDocumentValidation?: boolean;
  /** There are no such caches here; accepted. */
  readonly refillIndexCaches?: boolean;
}

/** What an insert does where there is a document with its key. */
export type OverwriteMode = 'conflict' | 'ignore' | 'replace' | 'update';

/** ArangoDB takes any other word for none. */
export function isOverwriteMode(mode: unknown): mode is OverwriteMode {
  return mode === 'conflict' || mode === 'ignore' || mode === 'replace' || mode === 'update';
}

export interface InsertOptions extends SharedOptions {
  readonly overwrite?: boolean;
  readonly overwriteMode?: OverwriteMode;
  readonly keepNull?: boolean;
  readonly mergeObjects?: boolean;
  readonly versionAttribute?: string;
  /** Keeps the given `_rev`, and lets keys in that `allowUserKeys` would refuse. */
  readonly isRestore?: boolean;
}

export interface ModifyOptions extends SharedOptions {
  /**
   * false: the `_rev` of the selector must be the stored one (error 1200); so it is by default for a single document whose selector is
   * an object. In an array, and when true, revisions are not looked at.
   */
  readonly ignoreRevs?: boolean;
  readonly keepNull?: boolean;
  readonly mergeObjects?: boolean;
  readonly versionAttribute?: string;
}

export type RemoveOptions = SharedOptions & Pick<ModifyOptions, 'ignoreRevs'>;

/** A key, an id (`collection/key`), or an object with `_key` or `_id` and perhaps `_rev`. */
export type Selector = string | ValueObject;
