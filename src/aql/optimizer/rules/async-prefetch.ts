/**
 * async-prefetch: marks the nodes whose rows ArangoDB would make ahead of time in other threads. A query runs in one thread here, so the
 * mark changes nothing but what EXPLAIN shows.
 *
 * Nothing is marked in queries that write or call functions of users, in subqueries, or before a LIMIT, which may want no more rows.
 */
import { isDeterministic, someExpression } from '../../expression.ts';
import { allNodes, isModification, type ExecutionNode, type Pipeline } from '../../plan.ts';
import type { Rule } from '../rule.ts';

export const asyncPrefetch: Rule = {
  name: 'async-prefetch',
  apply: (nodes) => ([...allNodes(nodes)].some(isForbidding) ? nodes : markAll(nodes)),
};

function isForbidding(node: ExecutionNode): boolean {
  if (isModification(node)) return true;
  return node.type === 'CalculationNode' && someExpression(node.expression, ({ type }) => type === 'user call');
}

function markAll(nodes: Pipeline): Pipeline {
  const from = nodes.findLastIndex(({ type }) => type === 'LimitNode') + 1;
  let isChanged = false;
  const marked = nodes.map((node, i) => {
    if (i < from || !mayReadAhead(node)) return node;
    isChanged = true;
    return { ...node, readsAhead: true } as const;
  });
  return isChanged ? marked : nodes;
}

function mayReadAhead(node: ExecutionNode): boolean {
  switch (node.type) {
    case 'CalculationNode':
      return isDeterministic(node.expression);
    case 'EnumerateCollectionNode':
    case 'IndexNode':
    case 'EnumerateListNode':
      return node.filter === undefined || isDeterministic(node.filter);
    case 'CollectNode':
    case 'EnumeratePathsNode':
    case 'FilterNode':
    case 'ShortestPathNode':
    case 'SortNode':
    case 'TraversalNode':
      return true;
    default:
      return false;
  }
}
