/**
 * optimize-count: a subquery of which only the length is asked counts instead of gathering.
 *
 *   LENGTH(FOR u IN users FILTER u.age > 30 RETURN u)   =>   (FOR u IN users FILTER u.age > 30 COLLECT WITH COUNT INTO n RETURN n)[0]
 */
import type { Variable } from '../../bound-query.ts';
import { constant, mapOperands, reference, type Expression } from '../../expression.ts';
import {
  isModification,
  mapExpressions,
  mapPipelines,
  someNode,
  variablesReadBy,
  type ExecutionNode,
  type Pipeline,
  type SubqueryNode,
} from '../../plan.ts';
import { isLengthOf, isUsedOnly } from '../readers.ts';
import type { OptimizerContext, Rule } from '../rule.ts';
import { isMovable } from './move-calculations-up.ts';

export const optimizeCount: Rule = {
  name: 'optimize-count',
  apply: (nodes, context) => mapPipelines(nodes, (pipeline) => countAll(pipeline, context)),
};

function countAll(nodes: Pipeline, context: OptimizerContext): Pipeline {
  let counted = nodes;
  for (const [i, node] of nodes.entries()) {
    if (node.type !== 'SubqueryNode' || !mayCount(node)) continue;
    const { outVariable } = node;
    const after = counted.slice(i + 1);
    if (!isUsedOnly(after, outVariable, (expression) => isLengthOf(expression, outVariable))) continue;
    counted = [...counted.slice(0, i), counting(node, context), ...after.map((each) => readCount(each, outVariable))];
  }
  return counted;
}

function mayCount({ nodes }: SubqueryNode): boolean {
  if (someNode(nodes, isModification)) return false;
  return nodes.at(-1)?.type === 'ReturnNode' && nodes.some(({ type }) => type.startsWith('Enumerate') || type === 'IndexNode');
}

function counting(node: SubqueryNode, { ids }: OptimizerContext): SubqueryNode {
  const outVariable = ids.variable();
  const returned = node.nodes.at(-1);
  // What is returned need not be calculated, if that is all it was for.
  const before = node.nodes.slice(0, -1);
  const calculation = before.at(-1);
  const isForReturnOnly =
    calculation?.type === 'CalculationNode' &&
    returned?.type === 'ReturnNode' &&
    calculation.outVariable === returned.inVariable &&
    isMovable(calculation);
  return {
    ...node,
    nodes: [
      ...(isForReturnOnly ? before.slice(0, -1) : before),
      {
        type: 'CollectNode',
        id: ids.node(),
        method: 'count',
        isFixed: true,
        groups: [],
        aggregates: [{ outVariable, function: 'LENGTH' }],
      },
      { type: 'ReturnNode', id: ids.node(), inVariable: outVariable },
    ],
  };
}

function readCount(node: ExecutionNode, counts: Variable): ExecutionNode {
  if (!variablesReadBy(node).has(counts)) return node;
  if (node.type === 'SubqueryNode') return { ...node, nodes: node.nodes.map((inner) => readCount(inner, counts)) };
  return mapExpressions(node, (expression) => firstInstead(expression, counts));
}

function firstInstead(expression: Expression, counts: Variable): Expression {
  if (isLengthOf(expression, counts)) return { type: 'index', object: reference(counts), index: constant(0) };
  return mapOperands(expression, (operand) => firstInstead(operand, counts));
}
