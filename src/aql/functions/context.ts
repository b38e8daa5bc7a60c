/**
 * What a function may ask of the query that calls it. Most functions ask nothing but to warn; so the context is one argument,
 * always the last, and a test can make one in a few lines.
 */
import type { ErrorName } from '#base';
import type { LocatedDocument } from '#documents';
import type { DocumentView, Value, ValueObject } from '#values';
import type { AnalyzerDefinition } from './text/analyzer.ts';

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
  /** Throws 32 when a value of so many bytes is more than the query may still use. For functions that can make much of little. */
  reserve?(bytes: number): void;
  /** At least 0 and below 1. */
  random(): number;
  /** How the rings of polygons are read: as before ArangoDB 3.10, which a query may ask for. */
  readonly hasLegacyPolygons?: boolean;
  /** The version of ArangoDB that the server stands for. */
  readonly version: string;
  /**
   * Calls a function by its name: one of AQL's as `callByName` of `registry.ts` does, or one with `::` that a user registered.
   * Throws 1540, 1541 or 1582.
   */
  callFunction(name: string, inputs: readonly Value[]): Value | DocumentView;
}

/** The reads of the few functions that look into collections, as part of the query's transaction and with its user's rights. */
export interface DocumentAccess {
  collections(): readonly { readonly name: string; readonly id: string }[];
  /** Undefined when there is no such document, or no such collection. */
  find(collection: string, key: string): DocumentView | undefined;
  /** This and the rest throw 1203 when there is no such collection. */
  count(collection: string): number;
  all(collection: string): Iterable<DocumentView>;
  /** The documents that answer a fulltext query; undefined when no fulltext index knows the words of the attribute. */
  withWords(collection: string, attribute: string, query: string, limit: number): readonly DocumentView[] | undefined;
  /** By the distance from a point, the nearest first; undefined without a geo index. */
  nearest(collection: string, latitude: number, longitude: number): Iterable<LocatedDocument> | undefined;
  /** The definitions of the indexes, as `GET /_api/index` shows them. */
  indexes(collection: string): readonly ValueObject[];
  /** The collection's `schema` property, null without one. */
  schema(collection: string): ValueObject | null;
  /** An analyzer that users defined; undefined when there is none of that name. */
  analyzer(name: string): AnalyzerDefinition | undefined;
  /** The results of a query that reads no documents. */
  calculate(query: string, bindVars: ValueObject): readonly Value[];
}
