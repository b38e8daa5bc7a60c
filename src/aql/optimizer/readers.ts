/** How a subquery's result is used: by which expressions, wherever they are. */
import type { Variable } from '../bound-query.ts';
import { operandsOf, type Expression } from '../expression.ts';
import { expressionsOf, mapExpressions, variablesReadBy, type ExecutionNode, type Pipeline } from '../plan.ts';

/**
 * Whether all uses of a variable are inside expressions of a certain form. `accepts` is shown each expression that has the variable
 * right below it or is it; false for the variable itself means that it is used as a whole.
 */
export function isUsedOnly(nodes: Pipeline, variable: Variable, accepts: (expression: Expression) => boolean): boolean {
  return nodes.every((node) => {
    if (!variablesReadBy(node).has(variable)) return true;
    if (node.type === 'SubqueryNode') return isUsedOnly(node.nodes, variable, accepts);
    return readsInExpressions(node, variable) && expressionsOf(node).every((expression) => isAccepted(expression, variable, accepts));
  });
}

function isAccepted(expression: Expression, variable: Variable, accepts: (expression: Expression) => boolean): boolean {
  if (accepts(expression)) return true;
  if (expression.type === 'variable') return expression.variable !== variable;
  return operandsOf(expression).every((operand) => isAccepted(operand, variable, accepts));
}

/** The node itself does not refer to it. */
function readsInExpressions(node: ExecutionNode, variable: Variable): boolean {
  const inExpressions = mapExpressions(node, () => ({ type: 'constant', value: null }));
  return !variablesReadBy(inExpressions).has(variable);
}

export function isVariable(expression: Expression | undefined, variable: Variable): boolean {
  return expression?.type === 'variable' && expression.variable === variable;
}

/** `LENGTH(variable)` */
export function isLengthOf(expression: Expression, variable: Variable): boolean {
  return expression.type === 'call' && expression.function.name === 'LENGTH' && isVariable(expression.arguments[0], variable);
}
