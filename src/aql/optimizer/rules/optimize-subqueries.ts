/**
 * optimize-subqueries: a subquery of which only the first result is looked at, or whether there is one, stops at the first.
 *
 *   FIRST(FOR u IN users RETURN u)        =>   FIRST(FOR u IN users LIMIT 1 RETURN u)
 *   LENGTH(FOR u IN users RETURN u) > 0   =>   LENGTH(FOR u IN users LIMIT 1 RETURN true) > 0
 */
import type { Variable } from '../../bound-query.ts';
import { constant, type Expression } from '../../expression.ts';
import { isModification, mapPipelines, someNode, type ExecutionNode, type Pipeline, type SubqueryNode } from '../../plan.ts';
import { isLengthOf, isUsedOnly, isVariable } from '../readers.ts';
import type { OptimizerContext, Rule } from '../rule.ts';

export const optimizeSubqueries: Rule = {
  name: 'optimize-subqueries',
  apply: (nodes, context) => mapPipelines(nodes, (pipeline) => limitAll(pipeline, context)),
};

function limitAll(nodes: Pipeline, context: OptimizerContext): Pipeline {
  let isChanged = false;
  const limited = nodes.map((node, i) => {
    if (node.type !== 'SubqueryNode' || node.isUpsertLookup === true || !mayStop(node)) return node;
    const after = nodes.slice(i + 1);
    const { outVariable } = node;
    const isFirst = (expression: Expression): boolean => readsFirst(expression, outVariable);
    const isExistence = (expression: Expression): boolean => asksExistence(expression, outVariable);
    if (!isUsedOnly(after, outVariable, (expression) => isFirst(expression) || isExistence(expression))) return node;
    isChanged = true;
    return withLimit(node, context);
  });
  return isChanged ? limited : nodes;
}

function mayStop({ nodes }: SubqueryNode): boolean {
  if (someNode(nodes, isModification)) return false;
  const last = nodes.at(-1);
  if (last?.type !== 'ReturnNode' || !nodes.some((node) => node.type.startsWith('Enumerate') || node.type === 'IndexNode')) return false;
  // It stops already.
  return !nodes.some((node) => node.type === 'LimitNode' && node.count.type === 'constant' && Number(node.count.value) <= 1);
}

function withLimit(node: SubqueryNode, { ids }: OptimizerContext): SubqueryNode {
  const limit: ExecutionNode = { type: 'LimitNode', id: ids.node(), offset: constant(0), count: constant(1), fullCount: false };
  return { ...node, nodes: [...node.nodes.slice(0, -1), limit, ...node.nodes.slice(-1)] };
}

/** `FIRST(variable)`, `variable[0]` */
function readsFirst(expression: Expression, variable: Variable): boolean {
  if (expression.type === 'call') return expression.function.name === 'FIRST' && isVariable(expression.arguments[0], variable);
  return (
    expression.type === 'index' &&
    isVariable(expression.object, variable) &&
    expression.index.type === 'constant' &&
    expression.index.value === 0
  );
}

/** `LENGTH(variable)` compared with 0 so that more than one makes no difference. */
function asksExistence(expression: Expression, variable: Variable): boolean {
  if (expression.type !== 'binary') return false;
  const { operator, left, right } = expression;
  if (isLengthOf(left, variable)) return right.type === 'constant' && right.value === 0 && ['>', '==', '!=', '<='].includes(operator);
  if (isLengthOf(right, variable)) return left.type === 'constant' && left.value === 0 && ['<', '==', '!=', '>='].includes(operator);
  return false;
}
