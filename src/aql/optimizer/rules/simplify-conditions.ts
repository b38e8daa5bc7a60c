/**
 * simplify-conditions: parts of objects and arrays that a query makes are taken without making them.
 *
 *   {name: u.name, age: u.age}.age   =>   u.age
 *   [a, b][1]                        =>   b
 */
import { constant, isDeterministic, mayThrow, operandsOf, type Expression } from '../../expression.ts';
import { mapExpressions, mapPipelines, rewriteExpression } from '../../plan.ts';
import type { Rule } from '../rule.ts';

export const simplifyConditions: Rule = {
  name: 'simplify-conditions',
  apply: (nodes) =>
    mapPipelines(nodes, (pipeline) => {
      let isChanged = false;
      const simplified = pipeline.map((node) => {
        if (node.type !== 'CalculationNode') return node;
        const expression = rewriteExpression(node.expression, simplify);
        if (expression === node.expression) return node;
        isChanged = true;
        return mapExpressions(node, () => expression);
      });
      return isChanged ? simplified : pipeline;
    }),
};

function simplify(expression: Expression): Expression {
  switch (expression.type) {
    case 'attribute': {
      const { object, name } = expression;
      if (object.type !== 'object' || object.members.some((member) => typeof member.name !== 'string') || !isPure(object))
        return expression;
      return object.members.findLast((member) => member.name === name)?.value ?? constant(null);
    }
    case 'index': {
      const { object, index } = expression;
      if (object.type !== 'array' || index.type !== 'constant' || typeof index.value !== 'number' || !isPure(object)) return expression;
      return object.elements.at(Math.floor(index.value)) ?? constant(null);
    }
    default:
      return expression;
  }
}

/** What is left out may go unevaluated. */
const isPure = (expression: Expression): boolean =>
  operandsOf(expression).every((operand) => isDeterministic(operand) && !mayThrow(operand));
