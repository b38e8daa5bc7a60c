/**
 * Evaluates an expression as it stands, without compiling it: for constants in the optimizer and for the few values that a plan needs
 * before it runs. Rows are for compiled code; the tests hold the two against each other.
 */
import { plain, toBool, toNumber, type Value } from '#values';
import type { Variable } from './bound-query.ts';
import * as operators from './compile/operators.ts';
import type { Expression, QuestionQuantifier } from './expression.ts';
import type { FunctionContext } from './functions/context.ts';
import { callFunction } from './functions/define.ts';

export interface Scope {
  readonly context: FunctionContext;
  parameter(name: string): Value;
  variable(variable: Variable): Value;
}

export function evaluate(expression: Expression, scope: Scope): Value {
  switch (expression.type) {
    case 'constant':
      return expression.value;
    case 'parameter':
      return scope.parameter(expression.name);
    case 'variable':
      return scope.variable(expression.variable);
    case 'collection':
      return expression.name;
    case 'array':
      return expression.elements.map((element) => evaluate(element, scope));
    case 'object':
      return operators.makeObject(
        expression.members.map(({ name, value }) => [
          typeof name === 'string' ? name : operators.attributeName(evaluate(name, scope)),
          evaluate(value, scope),
        ]),
      );
    case 'attribute':
      return operators.attribute(evaluate(expression.object, scope), expression.name);
    case 'index':
      return operators.element(evaluate(expression.object, scope), evaluate(expression.index, scope));
    case 'unary':
      return evaluateUnary(expression, scope);
    case 'binary':
      return evaluateBinary(expression, scope);
    case 'quantified': {
      const { quantifier, operator } = expression;
      const left = evaluate(expression.left, scope);
      const right = evaluate(expression.right, scope);
      switch (quantifier.is) {
        case 'all':
          return operators.allMatch(left, operator, right);
        case 'any':
          return operators.anyMatches(left, operator, right);
        case 'none':
          return operators.noneMatches(left, operator, right);
        case 'at least':
          return operators.atLeastMatch(left, operator, right, evaluate(quantifier.count, scope));
      }
    }
    case 'ternary': {
      const condition = evaluate(expression.condition, scope);
      if (!toBool(condition)) return evaluate(expression.otherwise, scope);
      return expression.then === undefined ? condition : evaluate(expression.then, scope);
    }
    case 'expansion':
      return evaluateExpansion(expression, scope);
    case 'question': {
      const list = evaluate(expression.object, scope);
      if (!Array.isArray(list)) return operators.questionMatches(undefined, 0, expression.quantifier.is, 0, 0);
      const { element, filter } = expression;
      const matches =
        filter === undefined ? list : list.filter((each: Value) => toBool(evaluate(filter, withVariable(scope, element, each))));
      const [low, high] = questionBounds(expression.quantifier, scope);
      return operators.questionMatches(matches.length, list.length, expression.quantifier.is, low, high);
    }
    case 'call':
      return plain(
        callFunction(
          expression.function,
          expression.arguments.map((argument) => evaluate(argument, scope)),
          scope.context,
        ),
      );
    case 'user call':
      return plain(
        scope.context.callFunction(
          expression.name,
          expression.arguments.map((argument) => evaluate(argument, scope)),
        ),
      );
  }
}

function evaluateUnary({ operator, operand }: Expression & { readonly type: 'unary' }, scope: Scope): Value {
  const value = evaluate(operand, scope);
  switch (operator) {
    case '!':
      return !toBool(value);
    case '+':
      return toNumber(value);
    case '-':
      return operators.subtract(0, value, scope.context);
  }
}

function evaluateBinary({ operator, left, right }: Expression & { readonly type: 'binary' }, scope: Scope): Value {
  const first = evaluate(left, scope);
  if (operator === '&&') return toBool(first) ? evaluate(right, scope) : first;
  if (operator === '||') return toBool(first) ? first : evaluate(right, scope);
  const second = evaluate(right, scope);
  switch (operator) {
    case '+':
      return operators.add(first, second, scope.context);
    case '-':
      return operators.subtract(first, second, scope.context);
    case '*':
      return operators.multiply(first, second, scope.context);
    case '/':
      return operators.divide(first, second, scope.context);
    case '%':
      return operators.modulo(first, second, scope.context);
    case '..':
      return operators.rangeArray(first, second, scope.context);
    default:
      return operators.compares(operator, first, second);
  }
}

function evaluateExpansion(expression: Expression & { readonly type: 'expansion' }, scope: Scope): Value {
  const { object, levels, element, filter, limit, projection } = expression;
  const inner = (each: Value): Scope => withVariable(scope, element, each);
  let list = operators.expanded(evaluate(object, scope), levels);
  if (filter !== undefined) list = list.filter((each) => toBool(evaluate(filter, inner(each))));
  if (limit !== undefined) list = list.slice(...operators.sliceBounds(evaluate(limit.offset, scope), evaluate(limit.count, scope)));
  return projection === undefined ? list : list.map((each) => evaluate(projection, inner(each)));
}

function questionBounds(quantifier: QuestionQuantifier, scope: Scope): readonly [low: number, high: number] {
  switch (quantifier.is) {
    case 'exactly':
    case 'at least': {
      const count = toNumber(evaluate(quantifier.count, scope));
      return [count, count];
    }
    case 'between':
      return [toNumber(evaluate(quantifier.low, scope)), toNumber(evaluate(quantifier.high, scope))];
    default:
      return [0, 0];
  }
}

function withVariable(scope: Scope, variable: Variable, value: Value): Scope {
  return {
    context: scope.context,
    parameter: (name) => scope.parameter(name),
    variable: (other) => (other === variable ? value : scope.variable(other)),
  };
}
