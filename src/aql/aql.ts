/**
 * From a request to a prepared query, and from that to its runs.
 *
 * Queries are compiled once: a prepared query is kept and serves again as long as the definitions of its collections are the same and
 * the bind values are of the same types. Bind values are read when it runs, except those that became part of the plan.
 */
import { clock, findErrorName, isArangoError, ArangoError, type ErrorName } from '#base';
import type { CollectionDefinition, DatabaseCatalog, IndexDefinition } from '#catalog';
import { indexAccesses } from '#documents';
import { isCollectionName, typeName, type DocumentView, type TypeName, type Value, type ValueObject } from '#values';
import { bindQuery } from './bind.ts';
import type { BoundQuery, QueryWarning } from './bound-query.ts';
import { compileForJson, compileForValues, type CompiledPlan } from './compile/compile.ts';
import { Execution } from './execution.ts';
import { foldConstants } from './fold.ts';
import { findFunction } from './functions/registry.ts';
import { optimize, type Optimized } from './optimizer/optimizer.ts';
import type { OptimizerContext } from './optimizer/rule.ts';
import { parseQuery } from './parser.ts';
import { allNodes, expressionsOf, isModification, type Plan } from './plan.ts';
import { parseResult } from './parse-result.ts';
import { estimate } from './cost.ts';
import { planJson } from './explain/plan-json.ts';
import { someExpression, type Expression } from './expression.ts';
import { PlanCache } from './plan-cache.ts';
import { makePlan, type NamedGraph } from './planner.ts';
import { whileParsing } from './query-error.ts';
import { readQueryOptions, type QueryOptions } from './query-options.ts';
import { Run, type QueryEnvironment } from './run.ts';

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

export interface QueryRequest {
  readonly text: string;
  readonly bindVars: ValueObject;
  /** As in the body of `POST /_api/cursor`, `memoryLimit` among them. */
  readonly options: ValueObject;
}

export interface AqlOptions {
  /** Prepared queries that are kept. */
  readonly planCacheEntries: number;
  /** The memory that a query may use unless it says otherwise; 0: no limit. */
  readonly memoryLimitBytes: number;
}

export class Aql {
  readonly #cache: PlanCache<PreparedPlan>;
  readonly #options: AqlOptions;

  constructor(options: AqlOptions) {
    this.#options = options;
    this.#cache = new PlanCache(options.planCacheEntries);
  }

  /** A query that is ready to run. Throws what is wrong with text, bind values and names. */
  prepare(request: QueryRequest, environment: PlanningEnvironment): PreparedQuery {
    const { text, bindVars } = request;
    const options = readQueryOptions(request.options, this.#options);
    const shape = shapeOf(options);
    const known = this.#cache.find(text, shape, bindVars, environment.database);
    if (known !== undefined) return new PreparedQuery(known, bindVars, options);
    const made = makePrepared(request, options, environment, 'late');
    const { parameters, definitions } = made;
    const database = environment.database.definition.name;
    if (made.isReusable) this.#cache.add(text, { database, shape, parameters, definitions }, made, environment.database);
    return new PreparedQuery(made, bindVars, options);
  }

  /** As `POST /_api/explain` answers, without `error` and `code`. */
  explain(request: QueryRequest, environment: PlanningEnvironment): ValueObject {
    const startedMs = clock.monotonic();
    const options = readQueryOptions(request.options, this.#options);
    const { optimized, collections, warnings, isCacheable } = makePrepared(request, options, environment, 'inlined');
    const shown = optimized.plans.map((plan) =>
      planJson(plan, {
        estimates: estimate(plan.nodes, environment),
        describeIndex: (collection, index) => environment.describeIndex(collection, index),
        collections: collections.map(({ collection: { name }, access }) => ({ name, type: access })),
      }),
    );
    const [cheapest = {}] = shown;
    return {
      ...(options.allPlans ? { plans: shown } : { plan: cheapest, cacheable: isCacheable }),
      warnings: warnings.map(({ code, message }) => ({ code, message })),
      stats: {
        rulesExecuted: optimized.rulesExecuted,
        rulesSkipped: optimized.rulesSkipped,
        plansCreated: optimized.plans.length,
        rules: {},
        peakMemoryUsage: 0,
        executionTime: (clock.monotonic() - startedMs) / 1000,
      },
    };
  }

  /** As `POST /_api/query` answers. */
  parse(text: string): ValueObject {
    return parseResult(text, findFunction);
  }
}

/** Which parts of a plan are fixed by the bind values at hand. */
type Parameters = 'late' | 'inlined';

/** The options that shape a plan. */
function shapeOf({ fullCount, failOnWarning, rules, maxPlans }: QueryOptions): string {
  return rules.length === 0 && !fullCount && !failOnWarning ? '' : JSON.stringify([fullCount, failOnWarning, rules, maxPlans]);
}

/** Everything about a query that all of its runs share. */
export interface PreparedPlan {
  readonly plan: Plan;
  readonly optimized: Optimized;
  readonly bound: BoundQuery;
  readonly warnings: readonly QueryWarning[];
  readonly collections: readonly QueryCollection[];
  readonly parameters: readonly { readonly name: string; readonly kind: TypeName; readonly value: Value | undefined }[];
  readonly definitions: readonly CollectionDefinition[];
  /** False: made for this very run. */
  readonly isReusable: boolean;
  /** Its results may be kept and served again. */
  readonly isCacheable: boolean;
  values: CompiledPlan<Value | DocumentView> | undefined;
  json: CompiledPlan<string> | undefined;
}

export interface QueryCollection {
  readonly collection: CollectionDefinition;
  readonly access: 'read' | 'write' | 'exclusive';
}

function makePrepared(
  request: QueryRequest,
  options: QueryOptions,
  environment: PlanningEnvironment,
  parameters: Parameters,
): PreparedPlan {
  const { text, bindVars } = request;
  const bound = inPhase(whileParsing, () => bindQuery(parseQuery(text), bindVars, findFunction));
  const warnings: QueryWarning[] = [...bound.warnings];
  const warn = (error: ErrorName, message: string): void => {
    if (options.failOnWarning) throw new ArangoError(error, { message });
    warnings.push({ code: new ArangoError(error).errorNum, message });
  };
  const reliedOn = new Set(bound.structuralParameters);
  for (const name of bound.collections.keys()) checkCollection(environment.database, name);
  const first = makePlan(bound, {
    catalog: environment.database,
    findGraph: (name) => environment.findGraph(name),
    warn,
    relyOn: (parameter) => reliedOn.add(parameter),
    inlinesParameters: parameters === 'inlined',
    countsFull: options.fullCount,
  });
  const context: OptimizerContext = {
    ids: first.ids,
    accessesOf: indexAccesses,
    count: (collection) => environment.count(collection),
    warn,
    maxPlans: options.maxPlans,
  };
  const optimized = optimize({ ...first, nodes: foldConstants(first.nodes, { warn }) }, options.rules, context);
  const [plan] = optimized.plans;
  if (plan === undefined) throw new Error('the optimizer leaves at least one plan');
  const collections = collectionsOf(bound, plan, environment.database);
  return {
    plan,
    optimized,
    bound,
    warnings,
    collections,
    parameters: Object.entries(bindVars).map(([name, value]) => ({
      name,
      kind: typeName(value),
      value: reliedOn.has(name) ? value : undefined,
    })),
    definitions: collections.map(({ collection }) => collection),
    isReusable: ![...allNodes(plan.nodes)].some((node) => 'source' in node && node.source.graphName !== undefined),
    isCacheable: !bound.isModification && [...allNodes(plan.nodes)].every((node) => expressionsOf(node).every(isCacheable)),
    values: undefined,
    json: undefined,
  };
}

/** Throws 1208 for what is no name, 1203 for an unknown one. */
function checkCollection(database: DatabaseCatalog, name: string): void {
  if (database.findCollection(name) !== undefined) return;
  if (!isCollectionName(name, { maySystem: true })) throw new ArangoError('ERROR_ARANGO_ILLEGAL_NAME');
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

/** Runs a phase whose errors get a frame around their messages. */
function inPhase<Result>(frame: (message: string) => string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    const name = isArangoError(error) ? findErrorName(error.errorNum) : undefined;
    if (!isArangoError(error) || name === undefined) throw error;
    throw new ArangoError(name, { message: frame(error.message) }, { cause: error });
  }
}

/** A query with its bind values, ready to run once or several times. */
export class PreparedQuery {
  readonly #prepared: PreparedPlan;
  readonly #bindVars: ValueObject;
  readonly #options: QueryOptions;

  constructor(prepared: PreparedPlan, bindVars: ValueObject, options: QueryOptions) {
    this.#prepared = prepared;
    this.#bindVars = bindVars;
    this.#options = options;
  }

  get collections(): readonly QueryCollection[] {
    return this.#prepared.collections;
  }

  get isModification(): boolean {
    return this.#prepared.bound.isModification;
  }

  get plan(): Plan {
    return this.#prepared.plan;
  }

  /** What planning had to say. */
  get warnings(): readonly QueryWarning[] {
    return this.#prepared.warnings;
  }

  execute(environment: QueryEnvironment): Execution {
    const startedMs = clock.monotonic();
    return new Execution(this, new Run(environment, this.#options), startedMs);
  }

  startForValues(run: Run): Generator<readonly (Value | DocumentView)[], void, void> {
    return this.#start((this.#prepared.values ??= compileForValues(this.plan)), run);
  }

  startForJson(run: Run): Generator<readonly string[], void, void> {
    return this.#start((this.#prepared.json ??= compileForJson(this.plan)), run);
  }

  #start<Result>({ parameters, start }: CompiledPlan<Result>, run: Run): Generator<readonly Result[], void, void> {
    run.parameters = parameters.map((name) => this.#bindVars[name] ?? null);
    return start(run);
  }
}
