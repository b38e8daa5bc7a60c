/**
 * replace-or-with-in: alternatives for one value are one list.
 *
 *   u.city == "Oslo" || u.city == "Rome"   =>   u.city IN ["Oslo", "Rome"]
 */
import { isArray, type Value } from '#values';
import { constant, sameExpression, type Expression } from '../../expression.ts';
import { mapExpressions, mapPipelines, rewriteExpression } from '../../plan.ts';
import type { Rule } from '../rule.ts';

export const replaceOrWithIn: Rule = {
  name: 'replace-or-with-in',
  apply: (nodes) =>
    mapPipelines(nodes, (pipeline) => {
      let isChanged = false;
      const replaced = pipeline.map((node) => {
        if (node.type !== 'CalculationNode') return node;
        const expression = rewriteExpression(node.expression, combine);
        if (expression === node.expression) return node;
        isChanged = true;
        return mapExpressions(node, () => expression);
      });
      return isChanged ? replaced : pipeline;
    }),
};

interface Alternatives {
  readonly subject: Expression;
  readonly values: readonly Value[];
}

function combine(expression: Expression): Expression {
  if (expression.type !== 'binary' || expression.operator !== '||') return expression;
  const [left, right] = [alternativesOf(expression.left), alternativesOf(expression.right)];
  const subject = left?.find((one) => right?.some((other) => sameExpression(one.subject, other.subject)))?.subject;
  if (subject === undefined) return expression;
  const values = [left, right].flatMap((side) => side?.find((one) => sameExpression(one.subject, subject))?.values ?? []);
  return { type: 'binary', operator: 'IN', left: subject, right: constant(values) };
}

/** Ways to read a condition as a choice among constants. */
function alternativesOf(expression: Expression): readonly Alternatives[] | undefined {
  if (expression.type !== 'binary') return undefined;
  const { operator, left, right } = expression;
  if (operator === 'IN' && right.type === 'constant' && isArray(right.value)) return [{ subject: left, values: right.value }];
  if (operator !== '==') return undefined;
  if (right.type === 'constant') return [{ subject: left, values: [right.value] }];
  return left.type === 'constant' ? [{ subject: right, values: [left.value] }] : undefined;
}
