/**
 * specialize-collect: how COLLECT groups, and the order in which the groups come out.
 *
 *   COLLECT x = …                  =>   COLLECT (hash)   SORT x
 *   COLLECT x = … SORT null        =>   COLLECT (hash)
 *   COLLECT … OPTIONS {method: "sorted"}   =>   SORT …   COLLECT (sorted)
 *
 * Without it groups would come out in any order, so it cannot be switched off.
 */
import type { CollectNode, ExecutionNode, Ids, Pipeline, SortNode } from '../../plan.ts';
import { mapPipelines } from '../../plan.ts';
import type { Variable } from '../../bound-query.ts';
import type { Rule } from '../rule.ts';

export const specializeCollect: Rule = {
  name: 'specialize-collect',
  isRequired: true,
  isHidden: true,
  apply: (nodes, { ids }) =>
    mapPipelines(nodes, (pipeline) => {
      const isOpen = (node: ExecutionNode): boolean => node.type === 'CollectNode' && node.method !== 'distinct';
      return pipeline.some(isOpen) ? pipeline.flatMap((node, i) => specialize(node, pipeline.slice(i + 1), ids)) : pipeline;
    }),
};

function specialize(node: ExecutionNode, after: Pipeline, ids: Ids): readonly ExecutionNode[] {
  if (node.type !== 'CollectNode' || node.method === 'distinct') return [node];
  if (node.groups.length === 0) return [{ ...node, method: isCount(node) ? 'count' : node.method }];
  if (node.method === 'sorted')
    return [
      sortBy(
        node.groups.map(({ inVariable }) => inVariable),
        ids,
      ),
      node,
    ];
  return isUnordered(after)
    ? [node]
    : [
        node,
        sortBy(
          node.groups.map(({ outVariable }) => outVariable),
          ids,
        ),
      ];
}

function sortBy(variables: readonly Variable[], ids: Ids): SortNode {
  return { type: 'SortNode', id: ids.node(), elements: variables.map((variable) => ({ variable, isAscending: true })) };
}

function isCount({ aggregates, into }: CollectNode): boolean {
  return into === undefined && aggregates.every(({ function: name, inVariable }) => name === 'LENGTH' && inVariable === undefined);
}

/** `SORT null` comes next. */
function isUnordered([calculation, sort]: Pipeline): boolean {
  if (calculation?.type !== 'CalculationNode' || calculation.expression.type !== 'constant' || sort?.type !== 'SortNode') return false;
  return sort.elements.every(({ variable }) => variable === calculation.outVariable);
}
