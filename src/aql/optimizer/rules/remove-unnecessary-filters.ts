/**
 * remove-unnecessary-filters: filters that let everything through go, and behind one that lets nothing through nothing runs.
 *
 *   FOR u IN users  FILTER true   RETURN u   =>   FOR u IN users  RETURN u
 *   FOR u IN users  FILTER false  RETURN u   =>   (no results)
 *
 * A modification before the filter runs all the same.
 */
import { toBool } from '#values';
import type { Variable } from '../../bound-query.ts';
import { isModification, mapPipelines, someNode, type ExecutionNode, type Pipeline } from '../../plan.ts';
import type { Rule } from '../rule.ts';

export const removeUnnecessaryFilters: Rule = {
  name: 'remove-unnecessary-filters',
  apply: (nodes) => mapPipelines(nodes, removeDecided),
};

function removeDecided(nodes: Pipeline): Pipeline {
  const decided = new Map<Variable, boolean>();
  for (const node of nodes) {
    if (node.type === 'CalculationNode' && node.expression.type === 'constant')
      decided.set(node.outVariable, toBool(node.expression.value));
  }
  let isChanged = false;
  const kept: ExecutionNode[] = [];
  for (const node of nodes) {
    const decision = node.type === 'FilterNode' ? decided.get(node.inVariable) : undefined;
    if (decision === undefined || (!decision && someNode(kept, isModification))) {
      kept.push(node);
      continue;
    }
    isChanged = true;
    if (!decision) kept.push({ type: 'NoResultsNode', id: node.id });
  }
  return isChanged ? kept : nodes;
}
