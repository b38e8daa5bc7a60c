/**
 * move-calculations-down: calculations as late as their result is needed, behind what may drop rows or keeps them.
 *
 *   LET name = UPPER(u.name)  FILTER u.age > 30  RETURN name   =>   FILTER u.age > 30  LET name = UPPER(u.name)  RETURN name
 *
 * Never into a loop, where they would run more often.
 */
import { mapPipelines, variablesReadBy, type CalculationNode, type ExecutionNode, type Pipeline } from '../../plan.ts';
import type { Rule } from '../rule.ts';
import { isMovable } from './move-calculations-up.ts';

export const moveCalculationsDown: Rule = {
  name: 'move-calculations-down',
  apply: (nodes) => mapPipelines(nodes, moveAll),
};

function moveAll(nodes: Pipeline): Pipeline {
  let moved = nodes;
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = moved[i];
    if (node?.type !== 'CalculationNode' || !isMovable(node)) continue;
    const target = lowestPosition(node, moved, i);
    if (target > i) moved = [...moved.slice(0, i), ...moved.slice(i + 1, target + 1), node, ...moved.slice(target + 1)];
  }
  return moved;
}

/** The position of the last node that is worth passing. */
function lowestPosition(node: CalculationNode, nodes: Pipeline, position: number): number {
  let lowest = position;
  for (let i = position + 1; i < nodes.length; i++) {
    const below = nodes[i] as ExecutionNode;
    if (variablesReadBy(below).has(node.outVariable)) break;
    if (below.type === 'FilterNode' || below.type === 'LimitNode' || below.type === 'SubqueryNode' || below.type === 'SortNode') lowest = i;
    else if (below.type !== 'CalculationNode') break;
  }
  return lowest;
}
