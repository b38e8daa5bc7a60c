/**
 * The optimizer: an ordered list of rules, each of which makes of a plan another one with the same answers. A rule may propose further
 * plans; all go through the rules that follow, and the cheapest wins.
 */
import { ArangoError } from '#base';
import { estimate } from '../cost.ts';
import { allNodes, type Plan } from '../plan.ts';
import type { OptimizerContext, Rule } from './rule.ts';
import { asyncPrefetch } from './rules/async-prefetch.ts';
import { fuseFilters } from './rules/fuse-filters.ts';
import { geoIndexOptimizer } from './rules/geo-index-optimizer.ts';
import { inlineSubqueries } from './rules/inline-subqueries.ts';
import { interchangeAdjacentEnumerations } from './rules/interchange-adjacent-enumerations.ts';
import { joinIndexNodes } from './rules/join-index-nodes.ts';
import { moveCalculationsDown } from './rules/move-calculations-down.ts';
import { moveCalculationsUp } from './rules/move-calculations-up.ts';
import { moveFiltersIntoEnumerate } from './rules/move-filters-into-enumerate.ts';
import { moveFiltersUp } from './rules/move-filters-up.ts';
import { optimizeCount } from './rules/optimize-count.ts';
import { optimizeProjections } from './rules/optimize-projections.ts';
import { optimizeTraversalLastElementAccess } from './rules/optimize-traversal-last-element-access.ts';
import { optimizeTraversals } from './rules/optimize-traversals.ts';
import { optimizeSubqueries } from './rules/optimize-subqueries.ts';
import { propagateConstantAttributes } from './rules/propagate-constant-attributes.ts';
import { pushDownLateMaterialization } from './rules/push-down-late-materialization.ts';
import { reduceExtractionToProjection } from './rules/reduce-extraction-to-projection.ts';
import { removeCollectVariables } from './rules/remove-collect-variables.ts';
import { removeDataModificationOutVariables } from './rules/remove-data-modification-out-variables.ts';
import { removeFilterCoveredByIndex } from './rules/remove-filter-covered-by-index.ts';
import { removeFilterCoveredByTraversal } from './rules/remove-filter-covered-by-traversal.ts';
import { removeRedundantPathVar } from './rules/remove-redundant-path-var.ts';
import { removeRedundantCalculations } from './rules/remove-redundant-calculations.ts';
import { removeRedundantSorts } from './rules/remove-redundant-sorts.ts';
import { removeUnnecessaryCalculations } from './rules/remove-unnecessary-calculations.ts';
import { removeUnnecessaryFilters } from './rules/remove-unnecessary-filters.ts';
import { removeSortRandLimit1 } from './rules/remove-sort-rand-limit-1.ts';
import { replaceAnyEqWithIn } from './rules/replace-any-eq-with-in.ts';
import { replaceLikeWithRange } from './rules/replace-like-with-range.ts';
import { replaceOrWithIn } from './rules/replace-or-with-in.ts';
import { simplifyConditions } from './rules/simplify-conditions.ts';
import { sortLimit } from './rules/sort-limit.ts';
import { specializeCollect } from './rules/specialize-collect.ts';
import { useIndexForCollect } from './rules/use-index-for-collect.ts';
import { useIndexForSort } from './rules/use-index-for-sort.ts';
import { useIndexes } from './rules/use-indexes.ts';

/** In the order in which they are applied. The same rule may have several turns, with a number after its name. */
export const RULES: readonly Rule[] = [
  inlineSubqueries,
  replaceLikeWithRange,
  simplifyConditions,
  moveCalculationsUp,
  moveFiltersUp,
  removeRedundantCalculations,
  removeUnnecessaryFilters,
  removeUnnecessaryCalculations,
  specializeCollect,
  removeRedundantSorts,
  optimizeSubqueries,
  interchangeAdjacentEnumerations,
  again(moveCalculationsUp, 2),
  again(moveFiltersUp, 2),
  again(removeRedundantSorts, 2),
  removeSortRandLimit1,
  removeCollectVariables,
  propagateConstantAttributes,
  removeDataModificationOutVariables,
  replaceOrWithIn,
  replaceAnyEqWithIn,
  geoIndexOptimizer,
  useIndexes,
  removeFilterCoveredByIndex,
  again(removeUnnecessaryFilters, 2),
  useIndexForSort,
  useIndexForCollect,
  optimizeTraversalLastElementAccess,
  optimizeTraversals,
  removeFilterCoveredByTraversal,
  again(removeUnnecessaryCalculations, 2),
  removeRedundantPathVar,
  moveCalculationsDown,
  fuseFilters,
  moveFiltersIntoEnumerate,
  sortLimit,
  pushDownLateMaterialization,
  reduceExtractionToProjection,
  optimizeProjections,
  again(removeUnnecessaryCalculations, 4),
  joinIndexNodes,
  optimizeCount,
  asyncPrefetch,
];

/** The same rule at a later place, under a name of its own. */
function again(rule: Rule, turn: number): Rule {
  return { ...rule, name: `${rule.name}-${turn}` };
}

export interface Optimized {
  /** The cheapest first. */
  readonly plans: readonly Plan[];
  readonly rulesExecuted: number;
  readonly rulesSkipped: number;
}

/** `switches` are `+name` and `-name`, applied in their order; `all` is every rule that may be switched off. */
export function optimize(plan: Plan, switches: readonly string[], context: OptimizerContext): Optimized {
  const isOff = readSwitches(switches);
  let plans: readonly Plan[] = [plan];
  let rulesExecuted = 0;
  let rulesSkipped = 0;
  for (const rule of RULES) {
    if (isOff(rule)) {
      rulesSkipped++;
      continue;
    }
    rulesExecuted++;
    plans = plans.flatMap((each) => applyRule(rule, each, context)).slice(0, context.maxPlans);
  }
  const sorted = cheapestFirst(plans, context);
  if (sorted[0] !== undefined) checkForcedHints(sorted[0]);
  return { plans: sorted, rulesExecuted, rulesSkipped };
}

/** Throws 1577 for a collection that is looked at as a whole although the query insists on an index. */
function checkForcedHints({ nodes }: Plan): void {
  for (const node of allNodes(nodes)) {
    if (node.type !== 'EnumerateCollectionNode') continue;
    const { indexHint = [], forceIndexHint } = node.options;
    if (forceIndexHint !== true || indexHint.length === 0) continue;
    const hint = JSON.stringify(indexHint);
    throw new ArangoError('ERROR_QUERY_FORCED_INDEX_HINT_UNUSABLE', `could not use index hint to serve query; ${hint}`);
  }
}

/** Rows of another plan may come in another order, so it must be worth it. */
const WORTHWHILE_SHARE = 0.5;

function cheapestFirst(plans: readonly Plan[], context: OptimizerContext): readonly Plan[] {
  const [first, ...others] = plans;
  if (first === undefined || others.length === 0) return plans;
  const costOf = ({ nodes }: Plan): number => estimate(nodes, context).total.cost;
  const limit = costOf(first) * WORTHWHILE_SHARE;
  const sorted = others.map((plan) => ({ plan, cost: costOf(plan) })).toSorted((left, right) => left.cost - right.cost);
  const better = sorted.filter(({ cost }) => cost < limit);
  return [...better.map(({ plan }) => plan), first, ...sorted.filter(({ cost }) => cost >= limit).map(({ plan }) => plan)];
}

function applyRule(rule: Rule, plan: Plan, context: OptimizerContext): readonly Plan[] {
  const nodes = rule.apply(plan.nodes, context);
  const applied = { ...plan, nodes, rules: rule.isHidden === true ? plan.rules : [...plan.rules, rule.name] };
  const changed = nodes === plan.nodes ? plan : applied;
  const further = rule.propose?.(nodes, context) ?? [];
  return [changed, ...further.map((each) => ({ ...applied, nodes: each }))];
}

function readSwitches(switches: readonly string[]): (rule: Rule) => boolean {
  const off = new Set<string>();
  let isAllOff = false;
  const on = new Set<string>();
  for (const text of switches) {
    const isOn = !text.startsWith('-');
    const name = text.replace(/^[-+]/, '');
    if (name === 'all') {
      isAllOff = !isOn;
      on.clear();
      off.clear();
    } else {
      (isOn ? on : off).add(name);
      (isOn ? off : on).delete(name);
    }
  }
  return ({ name, isRequired }) => isRequired !== true && (isAllOff ? !on.has(name) : off.has(name));
}
