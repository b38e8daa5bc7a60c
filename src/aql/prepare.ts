/**
 * From the text of a query to its plan: parse, bind, plan, fold, optimize.
 *
 * Everything here is paid once for a text and then kept (`plan-cache.ts`), so a plan refers to nothing of the request it was made for
 * but the types of its bind values, and the values of those that are part of it.
 */
import { ArangoError, clock, findErrorName, isArangoError, type ErrorName } from '#base';
import type { CollectionDefinition, DatabaseCatalog, IndexDefinition } from '#catalog';
import { indexAccesses, type IndexAccess } from '#documents';
import { typeName, type DocumentView, type TypeName, type Value, type ValueObject } from '#values';
import { bindQuery } from './bind.ts';
import type { BoundQuery, QueryWarning } from './bound-query.ts';
import type { CompiledPlan } from './compile/compile.ts';
import { readOffEntries } from './compile/late-rows.ts';
import { someExpression, type Expression } from './expression.ts';
import { foldConstants } from './fold.ts';
import { findFunction } from './functions/registry.ts';
import { optimize, type Optimized } from './optimizer/optimizer.ts';
import { parseQuery } from './parser.ts';
import { allNodes, expressionsOf, isModification, type ExecutionNode, type Plan } from './plan.ts';
import { makePlan, type NamedGraph } from './planner.ts';
import { isTooLarge, whileParsing } from './query-error.ts';
import { readsFirst, readsOnce } from './reads-once.ts';
import type { QueryOptions } from './query-options.ts';

/** What planning may ask of the database. */
export interface PlanningEnvironment {
  readonly database: DatabaseCatalog;
  /** Documents in a collection, for the choice between plans; need not be exact. */
  count(collection: CollectionDefinition): number;
  /** Entries in an index for the same values of its first fields, on average; undefined if that is not known. */
  entriesForValues?(access: IndexAccess, fieldCount: number): number | undefined;
  /** Undefined: there is no such graph. */
  findGraph(name: string): NamedGraph | undefined;
  /** Each call for data costs a trip: documents are best read along with the entries that lead to them. */
  readonly callsAreTrips?: boolean;
  /** As `GET /_api/index` shows it, for EXPLAIN. */
  describeIndex(collection: CollectionDefinition, index: IndexDefinition): ValueObject;
}

export interface QueryRequest {
  readonly text: string;
  readonly bindVars: ValueObject;
  /** As in the body of `POST /_api/cursor`, `memoryLimit` among them. */
  readonly options: ValueObject;
}

export interface QueryCollection {
  readonly collection: CollectionDefinition;
  readonly access: 'read' | 'write' | 'exclusive';
}

/** The phases of a query that `profile` shows, in their order. */
export const PHASES = [
  'initializing',
  'parsing',
  'optimizing ast',
  'loading collections',
  'instantiating plan',
  'optimizing plan',
  'instantiating executors',
] as const;

export type Phase = (typeof PHASES)[number];

/** Everything about a query that all of its runs share. */
export interface PreparedPlan {
  readonly plan: Plan;
  readonly optimized: Optimized;
  readonly isModification: boolean;
  /** It asks for data with one call at most. */
  readonly readsOnce: boolean;
  /** That call is all but the first thing that it does. */
  readonly readsFirst: boolean;
  /** As in `CompileOptions`. */
  readonly hasLateRows: boolean;
  readonly warnings: readonly QueryWarning[];
  readonly collections: readonly QueryCollection[];
  /** The bind values that it is made for: their types, and the values of those that are part of the plan. */
  readonly parameters: readonly { readonly name: string; readonly kind: TypeName; readonly value: Value | undefined }[];
  /** False: made for this very run. */
  readonly isReusable: boolean;
  /** Its results may be kept and served again. */
  readonly isCacheable: boolean;
  /** Why the plan may not be kept for other values of the bind parameters, by ArangoDB's rules; undefined: it may. */
  readonly planRefusal: string | undefined;
  readonly secondsByPhase: Map<Phase, number>;
  /** The programs, as they are asked for. */
  readonly programs: { values?: CompiledPlan<Value | DocumentView>; json?: CompiledPlan<string> };
}

/** `late`: bind values are read when the query runs. `inlined`: they are constants of the plan, as EXPLAIN shows them. */
export type Parameters = 'late' | 'inlined';

export function preparePlan(
  { text, bindVars }: QueryRequest,
  options: QueryOptions,
  environment: PlanningEnvironment,
  parameters: Parameters,
): PreparedPlan {
  const secondsByPhase = new Map<Phase, number>();
  const frame = (message: string): string => whileParsing(message, { isRun: parameters === 'late' });
  const parsed = timed(secondsByPhase, 'parsing', () => framed(frame, () => parseQuery(text)));
  const bound = timed(secondsByPhase, 'optimizing ast', () => framed(frame, () => bindQuery(parsed, bindVars, findFunction)));
  timed(secondsByPhase, 'loading collections', () => {
    for (const name of bound.collections.keys()) checkCollection(environment.database, name);
  });

  const warnings: QueryWarning[] = [...bound.warnings];
  const warn = (error: ErrorName, message: string): void => {
    if (options.failOnWarning) throw new ArangoError(error, { message });
    warnings.push({ code: new ArangoError(error).errorNum, message });
  };
  const { hasLegacyPolygons = false } = options;
  const reliedOn = new Set(bound.structuralParameters);
  const first = timed(secondsByPhase, 'instantiating plan', () => {
    const made = makePlan(bound, {
      catalog: environment.database,
      findGraph: (name) => environment.findGraph(name),
      warn,
      relyOn: (parameter) => reliedOn.add(parameter),
      inlinesParameters: parameters === 'inlined',
      countsFull: options.fullCount,
    });
    return framed(bare, () => foldConstants(made, { warn, hasLegacyPolygons }));
  });
  const optimized = timed(secondsByPhase, 'optimizing plan', () =>
    framed(bare, () =>
      optimize(first, options.rules, {
        ids: first.ids,
        accessesOf: indexAccesses,
        count: (collection) => environment.count(collection),
        ...(environment.entriesForValues && {
          entriesForValues: (access: IndexAccess, fieldCount: number) => environment.entriesForValues?.(access, fieldCount),
        }),
        warn,
        maxPlans: options.maxPlans,
        hasLegacyPolygons,
      }),
    ),
  );
  const [plan] = optimized.plans;
  if (plan === undefined) throw new Error('the optimizer leaves at least one plan');

  const nodes = [...allNodes(plan.nodes)];
  return {
    plan,
    optimized,
    isModification: bound.isModification,
    readsOnce: readsOnce(readOffEntries(plan.nodes)),
    readsFirst: readsFirst(plan.nodes),
    hasLateRows: environment.callsAreTrips !== true,
    warnings,
    collections: collectionsOf(bound, plan, environment.database),
    parameters: Object.entries(bindVars).map(([name, value]) => ({
      name,
      kind: typeName(value),
      value: reliedOn.has(name) ? value : undefined,
    })),
    // A graph's definition is a document, which may change without the catalog.
    isReusable: !nodes.some((node) => 'source' in node && node.source.graphName !== undefined),
    isCacheable: !bound.isModification && warnings.length === 0 && nodes.every((node) => expressionsOf(node).every(isCacheable)),
    planRefusal: planRefusal(bound, nodes, options),
    secondsByPhase,
    programs: {},
  };
}

/** ArangoDB keeps no plan on request that could differ with the values of bind parameters. */
function planRefusal(
  { structuralParameters }: BoundQuery,
  nodes: readonly ExecutionNode[],
  { rules, allPlans }: QueryOptions,
): string | undefined {
  const hasParameter = (expression: Expression): boolean => someExpression(expression, ({ type }) => type === 'parameter');
  if (rules.length > 0 || allPlans) return 'the options of the query shape its plan';
  if ([...structuralParameters].some((name) => !name.startsWith('@'))) return 'a bind parameter stands for a name';
  if (nodes.some(({ type }) => type === 'UpsertNode')) return 'UPSERT';
  if (nodes.some((node) => node.type === 'LimitNode' && (hasParameter(node.offset) || hasParameter(node.count))))
    return 'a bind parameter in LIMIT';
  if (nodes.some((node) => 'minDepth' in node && (hasParameter(node.minDepth) || hasParameter(node.maxDepth))))
    return 'a bind parameter for a depth';
  return undefined;
}

/** Runs a phase and notes how long it took. */
export function timed<Result>(secondsByPhase: Map<Phase, number>, phase: Phase, action: () => Result): Result {
  const startedMs = clock.monotonic();
  const result = action();
  secondsByPhase.set(phase, (clock.monotonic() - startedMs) / 1000);
  return result;
}

/** Throws 1208 for the empty name, 1203 for an unknown one. */
function checkCollection(database: DatabaseCatalog, name: string): void {
  if (database.findCollection(name) !== undefined) return;
  if (name === '') throw new ArangoError('ERROR_ARANGO_ILLEGAL_NAME');
  database.getCollection(name);
}

function isCacheable(expression: Expression): boolean {
  return !someExpression(expression, (each) => each.type === 'user call' || (each.type === 'call' && !each.function.cacheable));
}

/** All collections that a plan touches, also those of named graphs, which the text does not name. */
function collectionsOf(bound: BoundQuery, plan: Plan, database: DatabaseCatalog): QueryCollection[] {
  const found = new Map<string, QueryCollection>();
  const add = (collection: CollectionDefinition, access: QueryCollection['access']): void => {
    const known = found.get(collection.name);
    if (known === undefined || known.access === 'read') found.set(collection.name, { collection, access });
  };
  for (const [name, access] of bound.collections) add(database.getCollection(name), access);
  for (const node of allNodes(plan.nodes)) {
    if (isModification(node)) add(node.collection, node.options.exclusive === true ? 'exclusive' : 'write');
    else if ('source' in node) {
      for (const { collection } of node.source.edges) add(collection, 'read');
      for (const collection of node.source.vertices) add(collection, 'read');
    } else if ('collection' in node) add(node.collection, 'read');
  }
  return [...found.values()];
}

/** ArangoDB puts no frame around what goes wrong when constants are calculated and plans are compared. */
const bare = (message: string): string => message;

/** Runs a phase whose errors get a frame around their messages. */
function framed<Result>(frame: (message: string) => string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    if (isTooLarge(error)) throw new ArangoError('ERROR_RESOURCE_LIMIT', { message: frame('resource limit exceeded') }, { cause: error });
    const name = isArangoError(error) ? findErrorName(error.errorNum) : undefined;
    if (!isArangoError(error) || name === undefined) throw error;
    throw new ArangoError(name, { message: frame(error.message) }, { cause: error });
  }
}
