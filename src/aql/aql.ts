/**
 * The door's far side. Queries are planned and compiled once: a prepared query is kept and serves again as long as the definitions of its
 * collections are the same and the bind values are of the same types.
 */
import { clock } from '#base';
import type { ValueObject } from '#values';
import { estimate } from './cost.ts';
import { planJson } from './explain/plan-json.ts';
import { findFunction } from './functions/registry.ts';
import { parseResult } from './parse-result.ts';
import { PlanCache } from './plan-cache.ts';
import { preparePlan, type PlanningEnvironment, type PreparedPlan, type QueryRequest } from './prepare.ts';
import { PreparedQuery } from './prepared-query.ts';
import { readQueryOptions, type QueryDefaults, type QueryOptions } from './query-options.ts';

export interface AqlOptions extends QueryDefaults {
  /** Prepared queries that are kept. */
  readonly planCacheEntries: number;
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
    const startedMs = clock.monotonic();
    const { text, bindVars } = request;
    const { database } = environment;
    const options = readQueryOptions(request.options, this.#options);
    const shape = shapeOf(options);
    const known = this.#cache.find(text, shape, bindVars, database);
    if (known !== undefined) return new PreparedQuery(known, bindVars, options);
    const initializingSeconds = (clock.monotonic() - startedMs) / 1000;
    const made = preparePlan(request, options, environment, 'late');
    made.secondsByPhase.set('initializing', initializingSeconds);
    if (made.isReusable) {
      const { parameters, collections } = made;
      const definitions = collections.map(({ collection }) => collection);
      this.#cache.add(text, { database: database.definition.name, shape, parameters, definitions }, made, database);
    }
    return new PreparedQuery(made, bindVars, options);
  }

  /** As `POST /_api/explain` answers, without `error` and `code`. */
  explain(request: QueryRequest, environment: PlanningEnvironment): ValueObject {
    const startedMs = clock.monotonic();
    const options = readQueryOptions(request.options, this.#options);
    const { optimized, collections, warnings, isCacheable } = preparePlan(request, options, environment, 'inlined');
    const plans = optimized.plans.map((plan) =>
      planJson(plan, {
        estimates: estimate(plan.nodes, { count: (collection) => environment.count(collection) }),
        describeIndex: (collection, index) => environment.describeIndex(collection, index),
        isVerbose: options.verbosePlans,
        collections: collections.map(({ collection: { name }, access }) => ({ name, type: access })),
      }),
    );
    return {
      ...(options.allPlans ? { plans } : { plan: plans[0] ?? null, cacheable: isCacheable }),
      warnings: warnings.map(({ code, message }) => ({ code, message })),
      stats: {
        rulesExecuted: optimized.rulesExecuted,
        rulesSkipped: optimized.rulesSkipped,
        plansCreated: plans.length,
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

/** The options that shape a plan, as one text. */
function shapeOf({ fullCount, failOnWarning, rules, maxPlans, hasLegacyPolygons = false }: QueryOptions): string {
  if (rules.length === 0 && !fullCount && !failOnWarning && !hasLegacyPolygons) return '';
  return JSON.stringify([fullCount, failOnWarning, rules, maxPlans, hasLegacyPolygons]);
}
