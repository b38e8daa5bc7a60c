/**
 * What filters say of one variable, in the form that indexes understand: alternatives, each a list of comparisons that all hold.
 */
import type { Variable } from '../bound-query.ts';
import {
  attributePathOf,
  isDeterministic,
  mayThrow,
  sameExpression,
  substitute,
  variablesOf,
  type CompareOperator,
  type Expression,
} from '../expression.ts';
import { isModification, variablesSetBy, type Pipeline } from '../plan.ts';

/** A comparison of an attribute of the variable with something that is known before. */
export interface Atom {
  readonly path: readonly string[];
  /** The position in `path` of the array whose members are compared: `value IN doc.tags[*].name`. */
  readonly expandedStep: number;
  readonly operator: CompareOperator;
  readonly value: Expression;
  /** As it stands in the query. */
  readonly source: Expression;
}

/** Alternatives beyond these are not looked at one by one: more than one condition can have, and some of two conditions together. */
const MAX_ALTERNATIVES = 1000;

/** All conditions that rows of the enumeration at `position` must meet, if they are to get anywhere. */
export function conditionsAfter(nodes: Pipeline, position: number): readonly Expression[] {
  const conditions: Expression[] = [];
  for (const node of nodes.slice(position + 1)) {
    if (isModification(node) || ['LimitNode', 'CollectNode', 'WindowNode', 'NoResultsNode'].includes(node.type)) break;
    if (node.type !== 'FilterNode') continue;
    conditions.push(...conjuncts(resolve({ type: 'variable', variable: node.inVariable }, nodes, position)));
  }
  return conditions;
}

/** The expression in terms of what was set up to `position`, as far as calculations say. */
export function resolve(expression: Expression, nodes: Pipeline, position: number): Expression {
  const definitions = new Map<Variable, Expression>();
  for (const node of nodes.slice(position + 1)) {
    if (node.type !== 'CalculationNode' || !isDeterministic(node.expression) || mayThrow(node.expression)) continue;
    definitions.set(node.outVariable, substitute(node.expression, definitions));
  }
  return substitute(expression, definitions);
}

export function conjuncts(expression: Expression): readonly Expression[] {
  if (expression.type !== 'binary' || expression.operator !== '&&') return [expression];
  return [...conjuncts(expression.left), ...conjuncts(expression.right)];
}

function disjuncts(expression: Expression): readonly Expression[] {
  if (expression.type !== 'binary' || expression.operator !== '||') return [expression];
  return [...disjuncts(expression.left), ...disjuncts(expression.right)];
}

/** Alternatives of conditions that all hold. Without `expandOr` there is one, and conditions with alternatives stay whole in it. */
export function alternativesOf(
  conditions: readonly Expression[],
  { expandOr }: { readonly expandOr: boolean },
): readonly (readonly Expression[])[] {
  let alternatives: readonly (readonly Expression[])[] = [[]];
  for (const condition of conditions) {
    const parts = expandOr ? expand(condition) : [[condition]];
    const isTooMuch = alternatives.length * parts.length > MAX_ALTERNATIVES;
    alternatives = isTooMuch
      ? alternatives.map((each) => [...each, condition])
      : alternatives.flatMap((each) => parts.map((part) => [...each, ...part]));
  }
  return alternatives;
}

function expand(condition: Expression): readonly (readonly Expression[])[] {
  return disjuncts(condition).flatMap((part) => {
    const all = conjuncts(part);
    return all.length === 1 ? [all] : alternativesOf(all, { expandOr: true });
  });
}

/** Whether `alternatives` of conditions that hold imply a condition. */
export function isImplied(condition: Expression, alternatives: readonly (readonly Expression[])[]): boolean {
  const options = expand(condition);
  // Mostly they stem from the very same filter, and of hundreds each would be compared with each.
  const identical = new Map(options.map((option) => [option[0], option]));
  return alternatives.every(
    (held) =>
      held.some((each) => identical.get(each)?.every((part) => held.includes(part))) ||
      options.some((option) => option.every((part) => held.some((each) => sameExpression(each, part)))),
  );
}

/** The variables that are known where a node begins: those of nodes before it, and of outer queries. */
export function isKnownAt(nodes: Pipeline, position: number): (expression: Expression) => boolean {
  const later = new Set(nodes.slice(position).flatMap((node) => variablesSetBy(node)));
  return (expression) => [...variablesOf(expression)].every((variable) => !later.has(variable));
}

const MIRRORED: Readonly<Partial<Record<CompareOperator, CompareOperator>>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/** Ways to read a condition as a comparison of an attribute of `variable`. */
export function atomsOf(source: Expression, variable: Variable, isKnown: (expression: Expression) => boolean): readonly Atom[] {
  if (source.type !== 'binary') return [];
  const { operator, left, right } = source;
  switch (operator) {
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const mirrored = MIRRORED[operator] ?? operator;
      return [
        ...comparison(left, operator, right, source, variable, isKnown),
        ...comparison(right, mirrored, left, source, variable, isKnown),
      ];
    }
    case 'IN':
      return [...comparison(left, 'IN', right, source, variable, isKnown), ...membership(left, right, source, variable, isKnown)];
    default:
      return [];
  }
}

function comparison(
  subject: Expression,
  operator: CompareOperator,
  value: Expression,
  source: Expression,
  variable: Variable,
  isKnown: (expression: Expression) => boolean,
): readonly Atom[] {
  const chain = attributePathOf(subject);
  if (chain?.variable !== variable || chain.path.length === 0 || !isKnown(value)) return [];
  return [{ path: chain.path, expandedStep: -1, operator, value, source }];
}

/** `value IN doc.tags`, `value IN doc.tags[*]`, `value IN doc.lines[*].product` */
function membership(
  value: Expression,
  list: Expression,
  source: Expression,
  variable: Variable,
  isKnown: (expression: Expression) => boolean,
): readonly Atom[] {
  if (!isKnown(value)) return [];
  const isExpansion = list.type === 'expansion';
  if (isExpansion && (list.levels !== 1 || list.filter !== undefined || list.limit !== undefined)) return [];
  const chain = attributePathOf(isExpansion ? list.object : list);
  if (chain?.variable !== variable || chain.path.length === 0) return [];
  const inner = isExpansion && list.projection !== undefined ? attributePathOf(list.projection) : undefined;
  if (isExpansion && list.projection !== undefined && inner?.variable !== list.element) return [];
  return [{ path: [...chain.path, ...(inner?.path ?? [])], expandedStep: chain.path.length - 1, operator: '==', value, source }];
}
