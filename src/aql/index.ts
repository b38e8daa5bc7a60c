/** The door of `aql`: from the text of a query to batches of results. */
export { Aql, type AqlOptions, type PlanningEnvironment, type PreparedQuery, type QueryCollection, type QueryRequest } from './aql.ts';
export type { Execution } from './execution.ts';
export type { NamedGraph } from './planner.ts';
export type { QueryEnvironment } from './run.ts';
export type { QueryWarning } from './bound-query.ts';
