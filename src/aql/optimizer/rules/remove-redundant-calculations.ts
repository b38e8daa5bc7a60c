/**
 * remove-redundant-calculations: what is calculated twice is read where it was calculated first.
 *
 *   LET a = u.name  LET b = u.name  RETURN [a, b]   =>   LET a = u.name  LET b = u.name  RETURN [a, a]
 *
 * The calculation that nobody reads any more is left for `remove-unnecessary-calculations`.
 */
import type { Variable } from '../../bound-query.ts';
import { sameExpression } from '../../expression.ts';
import { mapPipelines, replaceVariable, type CalculationNode, type ExecutionNode, type Pipeline } from '../../plan.ts';
import type { Rule } from '../rule.ts';

export const removeRedundantCalculations: Rule = {
  name: 'remove-redundant-calculations',
  apply: (nodes) => mapPipelines(nodes, shareAll),
};

function shareAll(nodes: Pipeline): Pipeline {
  let shared = nodes;
  let known: CalculationNode[] = [];
  for (let i = 0; i < shared.length; i++) {
    const node = shared[i];
    // What was set before a COLLECT is gone after it.
    if (node?.type === 'CollectNode') known = [];
    if (node?.type !== 'CalculationNode') continue;
    const original = originalOf(node, known);
    if (original === undefined) known.push(node);
    else shared = readInstead(shared, i, node.outVariable, original);
  }
  return shared;
}

/** The variable with the same value. */
function originalOf({ expression }: CalculationNode, known: readonly CalculationNode[]): Variable | undefined {
  if (expression.type === 'variable') return expression.variable;
  return known.find((other) => sameExpression(other.expression, expression))?.outVariable;
}

function readInstead(nodes: Pipeline, position: number, variable: Variable, original: Variable): Pipeline {
  const after = nodes.slice(position + 1);
  // The elements of a group bear the names of the variables that go in.
  if (after.some((node) => keepsByName(node, variable))) return nodes;
  const replaced = replaceVariable(after, variable, original);
  return replaced.every((node, i) => node === after[i]) ? nodes : [...nodes.slice(0, position + 1), ...replaced];
}

/** The elements of a group are named after the variable. */
export function keepsByName(node: ExecutionNode, variable: Variable): boolean {
  if (node.type === 'SubqueryNode') return node.nodes.some((inner) => keepsByName(inner, variable));
  return node.type === 'CollectNode' && node.into !== undefined && node.into.keep.includes(variable);
}
