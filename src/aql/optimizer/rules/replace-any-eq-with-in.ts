/**
 * replace-any-eq-with-in: whether a list has a value is asked in the way that indexes can answer.
 *
 *   FILTER ["Oslo", "Rome"] ANY == u.city   =>   FILTER u.city IN ["Oslo", "Rome"]
 */
import { isArray } from '#values';
import type { Expression } from '../../expression.ts';
import { mapExpressions, mapPipelines, rewriteExpression } from '../../plan.ts';
import type { Rule } from '../rule.ts';

export const replaceAnyEqWithIn: Rule = {
  name: 'replace-any-eq-with-in',
  apply: (nodes) =>
    mapPipelines(nodes, (pipeline) => {
      let isChanged = false;
      const replaced = pipeline.map((node) => {
        if (node.type !== 'CalculationNode') return node;
        const expression = rewriteExpression(node.expression, asMembership);
        if (expression === node.expression) return node;
        isChanged = true;
        return mapExpressions(node, () => expression);
      });
      return isChanged ? replaced : pipeline;
    }),
};

function asMembership(expression: Expression): Expression {
  if (expression.type !== 'quantified' || expression.quantifier.is !== 'any' || expression.operator !== '==') return expression;
  const { left, right } = expression;
  const isList = (left.type === 'constant' && isArray(left.value)) || (left.type === 'parameter' && left.kind === 'array');
  return isList ? { type: 'binary', operator: 'IN', left: right, right: left } : expression;
}
