/**
 * remove-redundant-sorts: what has no influence on the order is not sorted by, and of two sorts in a row only the last is done.
 *
 *   SORT u.name, 1                  =>   SORT u.name
 *   SORT null                       =>   (nothing)
 *   SORT u.age  LET …  SORT u.name  =>   LET …  SORT u.name
 */
import type { Variable } from '../../bound-query.ts';
import { mapPipelines, type ExecutionNode, type Pipeline, type SortNode } from '../../plan.ts';
import type { Rule } from '../rule.ts';

export const removeRedundantSorts: Rule = {
  name: 'remove-redundant-sorts',
  apply: (nodes) => mapPipelines(nodes, removeIn),
};

function removeIn(nodes: Pipeline): Pipeline {
  const constants = new Set<Variable>();
  for (const node of nodes) {
    if (node.type === 'CalculationNode' && node.expression.type === 'constant') constants.add(node.outVariable);
  }
  let isChanged = false;
  const kept = nodes.flatMap((node, i): readonly ExecutionNode[] => {
    if (node.type !== 'SortNode') return [node];
    const elements = withoutRepeats(node.elements).filter(({ variable }) => !constants.has(variable));
    if (elements.length === node.elements.length && !isSortedAgain(nodes.slice(i + 1))) return [node];
    isChanged = true;
    return elements.length === 0 || isSortedAgain(nodes.slice(i + 1)) ? [] : [{ ...node, elements }];
  });
  return isChanged ? kept : nodes;
}

/** A second mention of a variable has nothing left to decide. */
function withoutRepeats(elements: SortNode['elements']): SortNode['elements'] {
  const seen = new Set<Variable>();
  return elements.filter(({ variable }) => !seen.has(variable) && seen.add(variable));
}

/** Another sort comes before anything that depends on the order. */
function isSortedAgain(after: Pipeline): boolean {
  for (const node of after) {
    if (node.type === 'SortNode') return true;
    if (node.type !== 'CalculationNode' && node.type !== 'FilterNode' && node.type !== 'EnumerateListNode') return false;
  }
  return false;
}
