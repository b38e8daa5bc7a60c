/** A query with its bind values, ready to run once or several times. */
import { clock } from '#base';
import type { DocumentView, Value, ValueObject } from '#values';
import type { QueryWarning } from './bound-query.ts';
import { compileForJson, compileForProfile, compileForValues, type CompiledPlan, type CompileOptions } from './compile/compile.ts';
import { json } from './compile/output.ts';
import { estimate } from './cost.ts';
import { Execution } from './execution.ts';
import { planJson } from './explain/plan-json.ts';
import type { Plan } from './plan.ts';
import { PHASES, timed, type PreparedPlan, type QueryCollection } from './prepare.ts';
import type { QueryOptions } from './query-options.ts';
import { Run, type QueryEnvironment } from './run.ts';

/** Nodes that make more rows. */
const SOURCES: ReadonlySet<string> = new Set([
  'EnumerateCollectionNode',
  'EnumerateListNode',
  'EnumeratePathsNode',
  'IndexNode',
  'ShortestPathNode',
  'TraversalNode',
]);

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
    return this.#prepared.isModification;
  }

  /** It asks for data with one call at most: its transaction needs no snapshot. */
  get readsOnce(): boolean {
    return this.#prepared.readsOnce;
  }

  /** What it asks for can be found out by beginning it, which costs little and does nothing. */
  get mayRehearse(): boolean {
    const { readsOnce, readsFirst, isModification, isReusable } = this.#prepared;
    return readsOnce && readsFirst && isReusable && !isModification && !this.isProfiled;
  }

  get isProfiled(): boolean {
    return this.#options.profile !== 0;
  }

  get plan(): Plan {
    return this.#prepared.plan;
  }

  /** Its results may be kept and served again. */
  get isCacheable(): boolean {
    return this.#prepared.isCacheable && this.#prepared.isReusable && this.#options.profile === 0;
  }

  /** The options that change results, as a text. */
  get resultOptions(): string {
    return JSON.stringify([this.#options.fullCount, this.#options.rules]);
  }

  /** Why the plan may not be kept under `usePlanCache`; undefined: it may. */
  get planRefusal(): string | undefined {
    return this.#prepared.planRefusal;
  }

  /** What planning had to say. */
  get warnings(): readonly QueryWarning[] {
    return this.#prepared.warnings;
  }

  execute(environment: QueryEnvironment): Execution {
    const startedMs = clock.monotonic();
    const run = new Run(environment, this.#options);
    if (this.#options.fullCount) run.fullCount = 0;
    return new Execution(this, run, startedMs);
  }

  /** As if rows ran out of memory where they come into being, before the first SORT if there is one. ArangoDB names a SORT twice then. */
  get memoryTrace(): string {
    const { nodes } = this.plan;
    const sort = nodes.findIndex(({ type }) => type === 'SortNode');
    const source = (sort === -1 ? nodes : nodes.slice(0, sort)).findLastIndex(({ type }) => SOURCES.has(type));
    const passed = nodes.slice(Math.max(source, 0)).map(({ id, type }) => ` [node #${id}: ${type}]`.repeat(type === 'SortNode' ? 2 : 1));
    return passed.join('');
  }

  /** Begins as if its results were wanted as JSON, for a transaction that ends it where it first asks for data. */
  rehearse(environment: QueryEnvironment): void {
    this.startForJson(new Run(environment, this.#options)).next();
  }

  startForValues(run: Run): Generator<readonly (Value | DocumentView)[], void, void> {
    const { programs } = this.#prepared;
    if (run.profile !== undefined) return this.#start(this.#compiled(compileForProfile), run);
    return this.#start((programs.values ??= this.#compiled(compileForValues)), run);
  }

  startForJson(run: Run): Generator<readonly string[], void, void> {
    const { programs } = this.#prepared;
    if (run.profile !== undefined) return asJson(this.startForValues(run));
    return this.#start((programs.json ??= this.#compiled(compileForJson)), run);
  }

  #compiled<Result>(compile: (plan: Plan, options: CompileOptions) => CompiledPlan<Result>): CompiledPlan<Result> {
    const { secondsByPhase, hasLateRows } = this.#prepared;
    return timed(secondsByPhase, 'instantiating executors', () => compile(this.plan, { hasLateRows }));
  }

  #start<Result>({ parameters, start }: CompiledPlan<Result>, run: Run): Generator<readonly Result[], void, void> {
    run.parameters = parameters.map((name) => this.#bindVars[name] ?? null);
    return start(run);
  }

  /** What `extra` has when the query is profiled: how long the phases took, and with 2 the plan with what each node did. */
  profile(run: Run, executionSeconds: number): { readonly extra: ValueObject; readonly stats: ValueObject } {
    const { secondsByPhase } = this.#prepared;
    const phases = Object.fromEntries(PHASES.map((phase) => [phase, secondsByPhase.get(phase) ?? 0]));
    const profile = { ...phases, executing: executionSeconds, finalizing: 0 };
    if (run.profile === undefined) return { extra: { profile }, stats: {} };
    return { extra: { plan: this.#describePlan(run), profile }, stats: { nodes: run.profile.statistics(this.plan.nodes) } };
  }

  #describePlan({ transaction, environment }: Run): ValueObject {
    return planJson(this.plan, {
      estimates: estimate(this.plan.nodes, { count: (collection) => transaction.count(collection) }),
      describeIndex: (collection, index) => environment.describeIndexes(collection)[collection.indexes.indexOf(index)] ?? {},
      isVerbose: this.#options.verbosePlans,
      collections: this.collections.map(({ collection: { name }, access }) => ({ name, type: access })),
    });
  }
}

function* asJson(batches: Generator<readonly (Value | DocumentView)[], void, void>): Generator<readonly string[], void, void> {
  for (const batch of batches) yield batch.map(json);
}
