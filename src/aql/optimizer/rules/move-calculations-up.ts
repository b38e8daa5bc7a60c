/**
 * move-calculations-up: calculations and subqueries as early as what they read is known, and so out of loops.
 *
 *   FOR u IN users  LET limit = POW(2, @n)  …   =>   LET limit = POW(2, @n)  FOR u IN users  …
 *
 * Only what may be evaluated more or less often than written: not what differs from call to call or may end the query.
 */
import { isDeterministic, mayThrow } from '../../expression.ts';
import {
  expressionsOf,
  isModification,
  mapPipelines,
  someNode,
  variablesReadBy,
  variablesSetBy,
  type ExecutionNode,
  type Pipeline,
} from '../../plan.ts';
import type { Rule } from '../rule.ts';

export const moveCalculationsUp: Rule = {
  name: 'move-calculations-up',
  apply: (nodes) => mapPipelines(nodes, moveAll),
};

function moveAll(nodes: Pipeline): Pipeline {
  const moved: ExecutionNode[] = [];
  let isMoved = false;
  for (const node of nodes) {
    const position = isMovable(node) ? highestPosition(node, moved) : moved.length;
    if (position < moved.length) isMoved = true;
    moved.splice(position, 0, node);
  }
  return isMoved ? moved : nodes;
}

export function isMovable(node: ExecutionNode): boolean {
  switch (node.type) {
    case 'CalculationNode':
      return isDeterministic(node.expression) && !mayThrow(node.expression);
    case 'SubqueryNode':
      return node.isUpsertLookup !== true && !someNode(node.nodes, (inner) => isModification(inner) || !expressionsOf(inner).every(isPure));
    default:
      return false;
  }
}

const isPure = (expression: Parameters<typeof isDeterministic>[0]): boolean => isDeterministic(expression) && !mayThrow(expression);

function highestPosition(node: ExecutionNode, before: Pipeline): number {
  const read = variablesReadBy(node);
  let position = before.length;
  while (position > 0) {
    const above = before[position - 1];
    if (above === undefined || above.type === 'SingletonNode' || endsScope(above)) break;
    if (variablesSetBy(above).some((variable) => read.has(variable))) break;
    position--;
  }
  return position;
}

/** What was set before a COLLECT is gone after it. */
function endsScope(node: ExecutionNode): boolean {
  return node.type === 'CollectNode' || (node.type === 'SubqueryNode' && someNode(node.nodes, isModification)) || isModification(node);
}
