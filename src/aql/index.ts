/** The door of `aql`, as `database` needs it. */
import type { CollectionDefinition, DatabaseCatalog, IndexDefinition } from '#catalog';
import type { DocumentTransaction } from '#documents';
import type { DocumentView, Value, ValueObject } from '#values';

export interface Aql {
  /** A query that is ready to run. Throws what is wrong with text, bind values and names. */
  prepare(request: QueryRequest, environment: PlanningEnvironment): PreparedQuery;
  /** As `POST /_api/explain` answers, without `error` and `code`. */
  explain(request: QueryRequest, environment: PlanningEnvironment): ValueObject;
  /** As `POST /_api/query` answers. */
  parse(text: string): ValueObject;
}

export interface QueryRequest {
  readonly text: string;
  readonly bindVars: ValueObject;
  /** As in the body of `POST /_api/cursor`, `memoryLimit` among them. */
  readonly options: ValueObject;
}

/** What planning may ask of the database. */
export interface PlanningEnvironment {
  readonly database: DatabaseCatalog;
  /** Documents in a collection, for the choice between plans; need not be exact. */
  count(collection: CollectionDefinition): number;
  /** Undefined: there is no such graph. */
  findGraph(name: string): NamedGraph | undefined;
  /** As `GET /_api/index` shows it, for EXPLAIN. */
  describeIndex(collection: CollectionDefinition, index: IndexDefinition): ValueObject;
}

export interface NamedGraph {
  readonly name: string;
  readonly edgeDefinitions: readonly { readonly collection: string; readonly from: readonly string[]; readonly to: readonly string[] }[];
  readonly orphanCollections: readonly string[];
}

export interface PreparedQuery {
  readonly collections: readonly { readonly collection: CollectionDefinition; readonly access: 'read' | 'write' | 'exclusive' }[];
  readonly isModification: boolean;
  execute(environment: QueryEnvironment): Execution;
}

/** What surrounds a query: the caller's side of the door. */
export interface QueryEnvironment {
  readonly transaction: DocumentTransaction;
  readonly database: DatabaseCatalog;
  readonly user: string | undefined;
  /** Calls a user function; throws 1582 when there is none. */
  callUserFunction(name: string, inputs: readonly Value[]): Value;
  /** The indexes of a collection as `GET /_api/index` shows them. */
  describeIndexes(collection: CollectionDefinition): readonly ValueObject[];
  /** Asked now and then while the query runs. */
  isKilled(): boolean;
}

export interface Execution {
  /** The next results; undefined at the end. Documents may come undecoded. */
  next(): readonly (Value | DocumentView)[] | undefined;
  /** The next results as JSON texts. */
  nextJson(): readonly string[] | undefined;
  /** Ends it, whether there are more results or not. */
  close(): void;
  /** `extra` of an answer: complete once the results are. */
  extra(): ValueObject;
}
