/**
 * inline-subqueries: a loop over a subquery becomes the subquery's own loop.
 *
 *   FOR x IN (FOR u IN users FILTER u.ok RETURN u.name) RETURN x   =>   FOR u IN users FILTER u.ok LET x = u.name RETURN x
 *
 * Within another loop only what can be evaluated row by row, since a SORT or LIMIT of the subquery would then see all rows.
 */
import { reference } from '../../expression.ts';
import {
  countReaders,
  isModification,
  mapPipelines,
  someNode,
  type EnumerateListNode,
  type ExecutionNode,
  type Pipeline,
  type SubqueryNode,
} from '../../plan.ts';
import type { OptimizerContext, Rule } from '../rule.ts';

export const inlineSubqueries: Rule = {
  name: 'inline-subqueries',
  apply: (nodes, context) => mapPipelines(nodes, (pipeline) => inlineAll(pipeline, context)),
};

function inlineAll(nodes: Pipeline, context: OptimizerContext): Pipeline {
  const readers = countReaders(nodes);
  for (const [i, node] of nodes.entries()) {
    if (node.type !== 'SubqueryNode' || node.isUpsertLookup === true || readers.get(node.outVariable) !== 1) continue;
    const loop = nodes.slice(i + 1).find((each) => each.type !== 'CalculationNode' && each.type !== 'SubqueryNode');
    if (loop?.type !== 'EnumerateListNode' || loop.inVariable !== node.outVariable || loop.filter !== undefined) continue;
    if (!mayInline(node, nodes.slice(0, i))) continue;
    const position = nodes.indexOf(loop);
    const before = [...nodes.slice(0, i), ...nodes.slice(i + 1, position)];
    return inlineAll([...before, ...inlined(node, loop, context), ...nodes.slice(position + 1)], context);
  }
  return nodes;
}

function mayInline({ nodes }: SubqueryNode, before: Pipeline): boolean {
  if (someNode(nodes, isModification) || nodes.at(-1)?.type !== 'ReturnNode') return false;
  // COLLECT would drop the variables of the outer query.
  if (nodes.some(({ type }) => type === 'CollectNode' || type === 'WindowNode' || type === 'NoResultsNode')) return false;
  const isOneRow = before.every(({ type }) => type === 'SingletonNode' || type === 'CalculationNode' || type === 'SubqueryNode');
  return isOneRow || !nodes.some(({ type }) => type === 'SortNode' || type === 'LimitNode');
}

function inlined({ nodes }: SubqueryNode, loop: EnumerateListNode, { ids }: OptimizerContext): readonly ExecutionNode[] {
  const last = nodes.at(-1);
  if (last?.type !== 'ReturnNode') return nodes;
  return [
    ...nodes.slice(1, -1),
    { type: 'CalculationNode', id: ids.node(), expression: reference(last.inVariable), outVariable: loop.outVariable },
  ];
}
