/**
 * move-filters-into-enumerate: an enumeration leaves out itself what the filter after it would drop.
 *
 *   FOR u IN users  FILTER u.age > 30   =>   FOR u IN users (filter: u.age > 30)
 */
import { isDeterministic, mayThrow, variablesOf, type Expression } from '../../expression.ts';
import { countReaders, mapPipelines, type ExecutionNode, type Pipeline } from '../../plan.ts';
import type { Rule } from '../rule.ts';

export const moveFiltersIntoEnumerate: Rule = {
  name: 'move-filters-into-enumerate',
  apply: (nodes) => mapPipelines(nodes, moveAll),
};

function moveAll(nodes: Pipeline): Pipeline {
  const readers = countReaders(nodes);
  const kept: ExecutionNode[] = [];
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i] as ExecutionNode;
    const filter = nodes[i + 1];
    const target = kept.at(-1);
    if (
      node.type === 'CalculationNode' &&
      filter?.type === 'FilterNode' &&
      filter.inVariable === node.outVariable &&
      readers.get(node.outVariable) === 1 &&
      isEnumeration(target) &&
      mayMove(node.expression, target)
    ) {
      kept.pop();
      kept.push({ ...target, filter: both(target.filter, node.expression) });
      i++;
    } else kept.push(node);
  }
  return kept.length < nodes.length ? kept : nodes;
}

type EnumerationNode = ExecutionNode & { readonly type: 'EnumerateCollectionNode' | 'IndexNode' | 'EnumerateListNode' };

function isEnumeration(node: ExecutionNode | undefined): node is EnumerationNode {
  return node?.type === 'EnumerateCollectionNode' || node?.type === 'IndexNode' || node?.type === 'EnumerateListNode';
}

function mayMove(expression: Expression, { outVariable }: EnumerationNode): boolean {
  return isDeterministic(expression) && !mayThrow(expression) && variablesOf(expression).has(outVariable);
}

function both(first: Expression | undefined, second: Expression): Expression {
  return first === undefined ? second : { type: 'binary', operator: '&&', left: first, right: second };
}
