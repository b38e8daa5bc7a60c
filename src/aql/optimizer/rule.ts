/** What an optimizer rule is. Each is in a file of its own in `rules/`, and has its place in the list of `optimizer.ts`. */
import type { CollectionDefinition } from '#catalog';
import type { ErrorName } from '#base';
import type { IndexAccess } from '#documents';
import type { Ids, Pipeline } from '../plan.ts';

export interface OptimizerContext {
  readonly ids: Ids;
  accessesOf(collection: CollectionDefinition): readonly IndexAccess[];
  count(collection: CollectionDefinition): number;
  /** Measured; for choices that matter, not for costs that are shown. */
  entriesForValues?(access: IndexAccess, fieldCount: number): number | undefined;
  warn(error: ErrorName, message: string): void;
  readonly maxPlans: number;
  /** The rings of polygons are read as before ArangoDB 3.10. */
  readonly hasLegacyPolygons: boolean;
}

export interface Rule {
  /** ArangoDB's. */
  readonly name: string;
  /** Rules that a query needs to run as it should stay on whatever the options say. */
  readonly isRequired?: true;
  /** It is not listed among the rules that were applied. */
  readonly isHidden?: true;
  /** Another pipeline for the same query, subqueries included; the same object if there is nothing to do. */
  readonly apply: (nodes: Pipeline, context: OptimizerContext) => Pipeline;
  /** Further pipelines that may turn out cheaper. */
  readonly propose?: (nodes: Pipeline, context: OptimizerContext) => readonly Pipeline[];
}
