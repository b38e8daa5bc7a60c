/**
 * replace-or-with-in: alternatives for one value are one list.
 *
 *   u.city == "Oslo" || u.city == "Rome"   =>   u.city IN ["Oslo", "Rome"]
 */
import { isArray } from '#values';
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
  /** Constants, and parameters, which are constants of each run. */
  readonly values: readonly Expression[];
}

function combine(expression: Expression): Expression {
  if (expression.type !== 'binary' || expression.operator !== '||') return expression;
  const [left, right] = [alternativesOf(expression.left), alternativesOf(expression.right)];
  const subject = left?.find((one) => right?.some((other) => sameExpression(one.subject, other.subject)))?.subject;
  if (subject === undefined) return expression;
  const values = [left, right].flatMap((side) => side?.find((one) => sameExpression(one.subject, subject))?.values ?? []);
  return { type: 'binary', operator: 'IN', left: subject, right: listOf(values) };
}

function listOf(values: readonly Expression[]): Expression {
  const constants = values.flatMap((value) => (value.type === 'constant' ? [value.value] : []));
  return constants.length === values.length ? constant(constants) : { type: 'array', elements: values };
}

/** Ways to read a condition as a choice among constants. */
function alternativesOf(expression: Expression): readonly Alternatives[] | undefined {
  if (expression.type !== 'binary') return undefined;
  const { operator, left, right } = expression;
  if (operator === 'IN') {
    const values = membersOf(right);
    return values && [{ subject: left, values }];
  }
  if (operator !== '==') return undefined;
  if (isFixed(right)) return [{ subject: left, values: [right] }];
  return isFixed(left) ? [{ subject: right, values: [left] }] : undefined;
}

function membersOf(list: Expression): readonly Expression[] | undefined {
  if (list.type === 'constant' && isArray(list.value)) return list.value.map(constant);
  return list.type === 'array' && list.elements.every(isFixed) ? list.elements : undefined;
}

const isFixed = ({ type }: Expression): boolean => type === 'constant' || type === 'parameter';
