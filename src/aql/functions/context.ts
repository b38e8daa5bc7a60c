/**
 * What a function may ask of the query that calls it. Most functions ask nothing but to warn; so the context is one argument,
 * always the last, and a test can make one in a few lines.
 */
import type { ErrorName } from '#base';
import type { DocumentView, Value, ValueObject } from '#values';

export interface FunctionContext {
  /** The name of the query's database. */
  readonly database: string;
  /** Undefined where nobody had to log in. */
  readonly user: string | undefined;
  readonly documents: DocumentAccess;

  /** Adds a warning. Throws instead when the query has `failOnWarning`. */
  warn(error: ErrorName, message: string): void;
  /** Throws 1500 when the query was killed or ran too long. Functions that may take long call it now and then. */
  checkKilled(): void;
  /** At least 0 and below 1. */
  random(): number;
  /** Calls a function that users registered, by its name with `::`; throws 1582. */
  callUserFunction(name: string, inputs: readonly Value[]): Value;
}

/** The reads of the few functions that look into collections, as part of the query's transaction and with its user's rights. */
export interface DocumentAccess {
  collections(): readonly { readonly name: string; readonly id: string }[];
  /** Undefined when there is no such document, or no such collection. */
  find(collection: string, key: string): DocumentView | undefined;
  /** This and the rest throw 1203 when there is no such collection. */
  count(collection: string): number;
  all(collection: string): Iterable<DocumentView>;
  /** The definitions of the indexes, as `GET /_api/index` shows them. */
  indexes(collection: string): readonly ValueObject[];
  /** The collection's `schema` property, null without one. */
  schema(collection: string): ValueObject | null;
}
