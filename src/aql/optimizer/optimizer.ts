/**
 * The optimizer: an ordered list of rules, each of which makes of a plan another one with the same answers. A rule may propose further
 * plans; all go through the rules that follow, and the cheapest wins.
 */
import { estimate } from '../cost.ts';
import type { Plan } from '../plan.ts';
import type { OptimizerContext, Rule } from './rule.ts';

/** In the order in which they are applied. The same rule may have several turns, with a number after its name. */
export const RULES: readonly Rule[] = [];

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
  const costs = new Map(plans.map((each) => [each, estimate(each.nodes, context).total.cost]));
  const byCost = (left: Plan, right: Plan): number => (costs.get(left) ?? 0) - (costs.get(right) ?? 0);
  return { plans: plans.length === 1 ? plans : plans.toSorted(byCost), rulesExecuted, rulesSkipped };
}

function applyRule(rule: Rule, plan: Plan, context: OptimizerContext): readonly Plan[] {
  const nodes = rule.apply(plan.nodes, context);
  const applied = { ...plan, nodes, rules: [...plan.rules, rule.name] };
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
