/**
 * The expressions of a plan: what calculations compute. In contrast to the syntax tree every name is resolved, subqueries are nodes of
 * the plan and stand here as the variable that holds their result, operators that are functions (`LIKE`, `=~`) are calls, and
 * `CURRENT` is a variable like any other.
 *
 * Expressions are values: a rule that changes one makes another.
 */
import type { TypeName, Value } from '#values';
import type { BinaryOperator, ComparisonOperator } from './ast.ts';
import type { Variable } from './bound-query.ts';
import type { AqlFunction } from './functions/define.ts';

export type CompareOperator = Exclude<ComparisonOperator, 'LIKE' | 'NOT LIKE' | '=~' | '!~'>;
export type Operator = Exclude<BinaryOperator, 'LIKE' | 'NOT LIKE' | '=~' | '!~'>;

export type Quantifier =
  { readonly is: 'all' } | { readonly is: 'any' } | { readonly is: 'none' } | { readonly is: 'at least'; readonly count: Expression };

export type QuestionQuantifier =
  | Quantifier
  | { readonly is: 'exactly'; readonly count: Expression }
  | { readonly is: 'between'; readonly low: Expression; readonly high: Expression };

export interface ObjectMember {
  readonly name: string | Expression;
  readonly value: Expression;
}

export type Expression =
  | { readonly type: 'constant'; readonly value: Value }
  /** A bind parameter whose value is known only when the query runs; a plan is made for one kind of value. */
  | { readonly type: 'parameter'; readonly name: string; readonly kind: TypeName }
  | { readonly type: 'variable'; readonly variable: Variable }
  | { readonly type: 'array'; readonly elements: readonly Expression[] }
  | { readonly type: 'object'; readonly members: readonly ObjectMember[] }
  | { readonly type: 'attribute'; readonly object: Expression; readonly name: string }
  | { readonly type: 'index'; readonly object: Expression; readonly index: Expression }
  | { readonly type: 'unary'; readonly operator: '!' | '+' | '-'; readonly operand: Expression }
  | { readonly type: 'binary'; readonly operator: Operator; readonly left: Expression; readonly right: Expression }
  | {
      readonly type: 'quantified';
      readonly quantifier: Quantifier;
      readonly operator: CompareOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  /** `then` is absent in `a ?: b`. */
  | { readonly type: 'ternary'; readonly condition: Expression; readonly then?: Expression; readonly otherwise: Expression }
  | {
      readonly type: 'expansion';
      readonly object: Expression;
      /** How many levels of arrays are walked through: 1 for `[*]`. */
      readonly levels: number;
      /** `CURRENT` in the clauses. */
      readonly element: Variable;
      readonly filter?: Expression;
      readonly limit?: { readonly offset: Expression; readonly count: Expression };
      readonly projection?: Expression;
    }
  | {
      readonly type: 'question';
      readonly object: Expression;
      readonly element: Variable;
      readonly quantifier: QuestionQuantifier;
      /** Absent in `array[?]`. */
      readonly filter?: Expression;
    }
  | { readonly type: 'call'; readonly function: AqlFunction; readonly arguments: readonly Expression[] }
  | { readonly type: 'user call'; readonly name: string; readonly arguments: readonly Expression[] }
  /** As an argument of the few functions that take one. */
  | { readonly type: 'collection'; readonly name: string };

export const constant = (value: Value): Expression => ({ type: 'constant', value });
export const reference = (variable: Variable): Expression => ({ type: 'variable', variable });

/** The same expression with other operands. */
export function mapOperands(expression: Expression, map: (operand: Expression) => Expression): Expression {
  switch (expression.type) {
    case 'constant':
    case 'parameter':
    case 'variable':
    case 'collection':
      return expression;
    case 'array':
      return { ...expression, elements: mapAll(expression.elements, map) };
    case 'object':
      return {
        ...expression,
        members: expression.members.map(({ name, value }) => ({ name: typeof name === 'string' ? name : map(name), value: map(value) })),
      };
    case 'attribute':
      return { ...expression, object: map(expression.object) };
    case 'index':
      return { ...expression, object: map(expression.object), index: map(expression.index) };
    case 'unary':
      return { ...expression, operand: map(expression.operand) };
    case 'binary':
      return { ...expression, left: map(expression.left), right: map(expression.right) };
    case 'quantified':
      return {
        ...expression,
        quantifier: mapQuantifier(expression.quantifier, map),
        left: map(expression.left),
        right: map(expression.right),
      };
    case 'ternary': {
      const { condition, then, otherwise } = expression;
      // oxlint-disable-next-line unicorn/no-thenable -- the tree's own word
      return { type: 'ternary', condition: map(condition), ...(then && { then: map(then) }), otherwise: map(otherwise) };
    }
    case 'expansion': {
      const { object, levels, element, filter, limit, projection } = expression;
      return {
        type: 'expansion',
        object: map(object),
        levels,
        element,
        ...(filter && { filter: map(filter) }),
        ...(limit && { limit: { offset: map(limit.offset), count: map(limit.count) } }),
        ...(projection && { projection: map(projection) }),
      };
    }
    case 'question': {
      const { object, element, quantifier, filter } = expression;
      return {
        type: 'question',
        object: map(object),
        element,
        quantifier: mapQuantifier(quantifier, map),
        ...(filter && { filter: map(filter) }),
      };
    }
    case 'call':
    case 'user call':
      return { ...expression, arguments: mapAll(expression.arguments, map) };
  }
}

const mapAll = (all: readonly Expression[], map: (operand: Expression) => Expression): readonly Expression[] =>
  all.map((each) => map(each));

function mapQuantifier<Given extends QuestionQuantifier>(quantifier: Given, map: (operand: Expression) => Expression): Given {
  switch (quantifier.is) {
    case 'at least':
    case 'exactly':
      return { ...quantifier, count: map(quantifier.count) };
    case 'between':
      return { ...quantifier, low: map(quantifier.low), high: map(quantifier.high) };
    default:
      return quantifier;
  }
}

/** What stands directly below an expression, in the order of evaluation. */
export function operandsOf(expression: Expression): readonly Expression[] {
  const operands: Expression[] = [];
  mapOperands(expression, (operand) => {
    operands.push(operand);
    return operand;
  });
  return operands;
}

/** Whether an expression or anything in it is such. */
export function someExpression(expression: Expression, is: (expression: Expression) => boolean): boolean {
  return is(expression) || operandsOf(expression).some((operand) => someExpression(operand, is));
}

/** The variables that an expression reads, without those that it makes itself (`CURRENT`). */
export function variablesOf(expression: Expression, into: Set<Variable> = new Set()): Set<Variable> {
  switch (expression.type) {
    case 'variable':
      into.add(expression.variable);
      break;
    case 'expansion':
    case 'question': {
      const inner = new Set<Variable>();
      for (const operand of operandsOf(expression)) variablesOf(operand, inner);
      inner.delete(expression.element);
      for (const variable of inner) into.add(variable);
      break;
    }
    default:
      for (const operand of operandsOf(expression)) variablesOf(operand, into);
  }
  return into;
}

/** Puts expressions in the place of variables. Gives the same object when there are none of them. */
export function substitute(expression: Expression, replacements: ReadonlyMap<Variable, Expression>): Expression {
  if (expression.type === 'variable') return replacements.get(expression.variable) ?? expression;
  let isChanged = false;
  const replaced = mapOperands(expression, (operand) => {
    const other = substitute(operand, replacements);
    if (other !== operand) isChanged = true;
    return other;
  });
  return isChanged ? replaced : expression;
}

/** Gives the same result whenever it is evaluated in one query. */
export function isDeterministic(expression: Expression): boolean {
  return !someExpression(expression, (each) => each.type === 'user call' || (each.type === 'call' && !each.function.deterministic));
}

/** May end the query by itself, so it is evaluated neither earlier nor more often than written. */
export function mayThrow(expression: Expression): boolean {
  return someExpression(expression, (each) => each.type === 'user call' || (each.type === 'call' && each.function.canThrow));
}

/** Its result is one of true and false. */
export function isBoolean(expression: Expression): boolean {
  switch (expression.type) {
    case 'constant':
      return typeof expression.value === 'boolean';
    case 'unary':
      return expression.operator === '!';
    case 'binary':
      switch (expression.operator) {
        case '&&':
        case '||':
          return isBoolean(expression.left) && isBoolean(expression.right);
        default:
          return isComparison(expression.operator);
      }
    case 'quantified':
    case 'question':
      return true;
    default:
      return false;
  }
}

export function isComparison(operator: Operator): operator is CompareOperator {
  switch (operator) {
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
    case 'IN':
    case 'NOT IN':
      return true;
    default:
      return false;
  }
}

/** Structural equality. Calls of functions that may differ from call to call are never the same. */
export function sameExpression(left: Expression, right: Expression): boolean {
  return left === right || (isDeterministic(left) && sameStructure(left, right));
}

function sameStructure(left: Expression, right: Expression): boolean {
  if (left === right) return true;
  if (left.type !== right.type) return false;
  switch (left.type) {
    case 'variable':
      return left.variable === (right as typeof left).variable;
    case 'constant':
      return sameConstant(left.value, (right as typeof left).value);
    default: {
      // The variable that an expansion makes is its own, so two are the same only after renaming; not worth the while.
      if ('element' in left && left.element !== (right as typeof left).element) return false;
      const leftOperands = operandsOf(left);
      const rightOperands = operandsOf(right);
      return (
        leftOperands.length === rightOperands.length &&
        headOf(left) === headOf(right) &&
        leftOperands.every((operand, i) => sameStructure(operand, rightOperands[i] as Expression))
      );
    }
  }
}

/** JSON text, since `1` and `"1"`, or two orders of attributes, are not the same result. */
const sameConstant = (left: Value, right: Value): boolean => Object.is(left, right) || JSON.stringify(left) === JSON.stringify(right);

/** What tells an expression from others with the same operands. */
function headOf(expression: Expression): string {
  switch (expression.type) {
    case 'parameter':
    case 'collection':
    case 'user call':
    case 'attribute':
      return `${expression.type} ${expression.name}`;
    case 'call':
      return `call ${expression.function.name}`;
    case 'unary':
    case 'binary':
      return `${expression.type} ${expression.operator}`;
    case 'quantified':
      return `${expression.quantifier.is} ${expression.operator}`;
    case 'ternary':
      return expression.then === undefined ? '?:' : '? :';
    case 'object':
      return JSON.stringify(expression.members.map(({ name }) => (typeof name === 'string' ? name : null)));
    default:
      return expression.type;
  }
}

/** `variable.a.b` as the variable and its path; undefined for anything else. */
export function attributePathOf(expression: Expression): { readonly variable: Variable; readonly path: readonly string[] } | undefined {
  const path: string[] = [];
  let at = expression;
  while (at.type === 'attribute') {
    path.unshift(at.name);
    at = at.object;
  }
  return at.type === 'variable' ? { variable: at.variable, path } : undefined;
}
