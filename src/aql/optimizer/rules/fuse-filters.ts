/**
 * fuse-filters: filters in a row are one filter.
 *
 *   FILTER u.a  FILTER u.b   =>   FILTER u.a && u.b
 */
import type { Expression } from '../../expression.ts';
import { countReaders, mapPipelines, type CalculationNode, type ExecutionNode, type FilterNode, type Pipeline } from '../../plan.ts';
import type { Rule } from '../rule.ts';

export const fuseFilters: Rule = {
  name: 'fuse-filters',
  apply: (nodes) => mapPipelines(nodes, fuseAll),
};

function fuseAll(nodes: Pipeline): Pipeline {
  const readers = countReaders(nodes);
  const isPair = (calculation: ExecutionNode | undefined, filter: ExecutionNode | undefined): boolean =>
    calculation?.type === 'CalculationNode' &&
    filter?.type === 'FilterNode' &&
    filter.inVariable === calculation.outVariable &&
    readers.get(calculation.outVariable) === 1;
  const fused: ExecutionNode[] = [];
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i] as ExecutionNode;
    if (isPair(node, nodes[i + 1]) && isPair(fused.at(-2), fused.at(-1))) {
      const filter = fused.pop() as FilterNode;
      const first = fused.pop() as CalculationNode;
      const second = node as CalculationNode;
      const expression: Expression = { type: 'binary', operator: '&&', left: first.expression, right: second.expression };
      fused.push({ ...first, expression }, filter);
      i++;
    } else fused.push(node);
  }
  return fused.length < nodes.length ? fused : nodes;
}
