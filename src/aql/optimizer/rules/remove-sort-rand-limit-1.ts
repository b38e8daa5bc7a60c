/**
 * remove-sort-rand-limit-1: one document at random is picked, instead of all being sorted.
 *
 *   FOR u IN users  SORT RAND()  LIMIT 1  RETURN u   =>   FOR u IN users (at random)  LIMIT 1  RETURN u
 */
import { mapPipelines, variablesReadByAll, type CalculationNode, type ExecutionNode, type Pipeline } from '../../plan.ts';
import type { Rule } from '../rule.ts';
import { isMovable } from './move-calculations-up.ts';

export const removeSortRandLimit1: Rule = {
  name: 'remove-sort-rand-limit-1',
  apply: (nodes) => mapPipelines(nodes, pickInstead),
};

/** Only calculations may come between, and nobody else may want the random numbers. */
function pickInstead(nodes: Pipeline): Pipeline {
  const position = nodes.findIndex(({ type }) => type !== 'SingletonNode' && type !== 'CalculationNode');
  const end = nodes.findIndex(({ type }) => type === 'LimitNode');
  const [loop, limit] = [nodes[position], nodes[end]];
  if (loop?.type !== 'EnumerateCollectionNode' || loop.filter !== undefined || limit?.type !== 'LimitNode' || limit.fullCount) return nodes;
  const isOne = limit.count.type === 'constant' && limit.count.value === 1 && limit.offset.type === 'constant' && limit.offset.value === 0;
  const between = nodes.slice(position + 1, end);
  const random = between.find(isRandom);
  const [sort, ...otherSorts] = between.filter(({ type }) => type === 'SortNode');
  if (!isOne || random === undefined || sort?.type !== 'SortNode' || otherSorts.length > 0 || sort.elements.length !== 1) return nodes;
  const others = between.filter((node) => node !== random && node !== sort);
  const isSortedByIt = sort.elements[0]?.variable === random.outVariable;
  if (!isSortedByIt || !others.every(isMovable) || variablesReadByAll([...others, ...nodes.slice(end)]).has(random.outVariable))
    return nodes;
  return [...nodes.slice(0, position), { ...loop, isRandom: true }, ...others, ...nodes.slice(end)];
}

function isRandom(node: ExecutionNode): node is CalculationNode {
  return node.type === 'CalculationNode' && node.expression.type === 'call' && node.expression.function.name === 'RAND';
}
