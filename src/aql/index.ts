/** The door of `aql`: from the text of a query to batches of results. */
export { Aql, type AqlOptions } from './aql.ts';
export { Calculation } from './calculation.ts';
export type { QueryWarning } from './bound-query.ts';
export type { Execution } from './execution.ts';
export { isAnalyzerType, normalizeProperties } from './functions/text/analyzer-properties.ts';
export { functionDescriptions } from './functions/descriptions.ts';
export { optimizerRules } from './optimizer/known-rules.ts';
export type { NamedGraph } from './planner.ts';
export type { PlanningEnvironment, QueryCollection, QueryRequest } from './prepare.ts';
export type { PreparedQuery } from './prepared-query.ts';
export type { QueryEnvironment } from './run.ts';
