/** Expressions as EXPLAIN shows them: ArangoDB's tree with its names and numbers of node types. */
import { isArray, isObject, typeRank, type Value, type ValueObject } from '#values';
import type { Variable } from '../bound-query.ts';
import { operandsOf, type Expression, type Operator, type QuestionQuantifier } from '../expression.ts';

/** The numbers that tools know node types by. */
const TYPE_IDS = {
  'unary plus': 15,
  'unary minus': 16,
  'unary not': 17,
  'logical and': 18,
  'logical or': 19,
  plus: 20,
  minus: 21,
  times: 22,
  division: 23,
  modulus: 24,
  'compare ==': 25,
  'compare !=': 26,
  'compare <': 27,
  'compare <=': 28,
  'compare >': 29,
  'compare >=': 30,
  'compare in': 31,
  'compare not in': 32,
  ternary: 33,
  'attribute access': 35,
  'indexed access': 37,
  expansion: 38,
  iterator: 39,
  value: 40,
  array: 41,
  object: 42,
  'object element': 43,
  collection: 44,
  reference: 45,
  parameter: 46,
  'function call': 47,
  'user function call': 48,
  range: 49,
  'no-op': 50,
  'calculated object element': 53,
  'array limit': 57,
  'n-ary and': 62,
  'n-ary or': 63,
  'array compare ==': 66,
  'array compare !=': 67,
  'array compare <': 68,
  'array compare <=': 69,
  'array compare >': 70,
  'array compare >=': 71,
  'array compare in': 72,
  'array compare not in': 73,
  quantifier: 74,
  'array filter': 79,
} as const;

type NodeName = keyof typeof TYPE_IDS;

/** The node of each operator. */
export const OPERATORS: Readonly<Record<Operator, NodeName>> = {
  '&&': 'logical and',
  '||': 'logical or',
  '+': 'plus',
  '-': 'minus',
  '*': 'times',
  '/': 'division',
  '%': 'modulus',
  '==': 'compare ==',
  '!=': 'compare !=',
  '<': 'compare <',
  '<=': 'compare <=',
  '>': 'compare >',
  '>=': 'compare >=',
  IN: 'compare in',
  'NOT IN': 'compare not in',
  '..': 'range',
};

/** What ArangoDB says of comparisons beside their operands. */
export function comparisonTraits(operator: string): ValueObject {
  if (isMembership(operator)) return { sorted: false };
  return ['==', '<', '<='].includes(operator) ? { excludesNull: false } : {};
}

export const isMembership = (operator: string): boolean => operator === 'IN' || operator === 'NOT IN';

export function expressionJson(expression: Expression): ValueObject {
  switch (expression.type) {
    case 'constant':
      return valueJson(expression.value);
    case 'parameter':
      return node('parameter', [], { name: expression.name });
    case 'variable':
      return referenceJson(expression.variable);
    case 'collection':
      return node('collection', [], { name: expression.name });
    case 'array':
      return listJson(expression.elements);
    case 'object':
      return node(
        'object',
        expression.members.map(({ name, value }) =>
          typeof name === 'string'
            ? node('object element', [expressionJson(value)], { name })
            : node('calculated object element', [expressionJson(name), expressionJson(value)]),
        ),
      );
    case 'attribute':
      return node('attribute access', [expressionJson(expression.object)], { name: expression.name });
    case 'index':
      return node('indexed access', [expressionJson(expression.object), expressionJson(expression.index)]);
    case 'unary':
      return node(({ '!': 'unary not', '+': 'unary plus', '-': 'unary minus' } as const)[expression.operator], [
        expressionJson(expression.operand),
      ]);
    case 'binary': {
      const { operator } = expression;
      return node(OPERATORS[operator], [expressionJson(expression.left), expressionJson(expression.right)], comparisonTraits(operator));
    }
    case 'quantified':
      return node(
        `array ${OPERATORS[expression.operator]}` as NodeName,
        [expressionJson(expression.left), expressionJson(expression.right), quantifierJson(expression.quantifier)],
        isMembership(expression.operator) ? comparisonTraits(expression.operator) : {},
      );
    case 'ternary': {
      const { condition, then, otherwise } = expression;
      return node('ternary', [condition, ...(then === undefined ? [] : [then]), otherwise].map(expressionJson));
    }
    case 'expansion': {
      const { element, filter, limit, projection, levels } = expression;
      return node(
        'expansion',
        [
          node('iterator', [node('reference', [], variableName(element)), expressionJson(expression.object)]),
          referenceJson(element),
          filter === undefined ? node('no-op') : expressionJson(filter),
          limit === undefined ? node('no-op') : node('array limit', [expressionJson(limit.offset), expressionJson(limit.count)]),
          projection === undefined ? node('no-op') : expressionJson(projection),
        ],
        { levels },
      );
    }
    case 'question': {
      const { element, filter, quantifier } = expression;
      return node(
        'expansion',
        [
          node('iterator', [node('reference', [], variableName(element)), expressionJson(expression.object)]),
          referenceJson(element),
          node('array filter', [quantifierJson(quantifier), filter === undefined ? node('no-op') : expressionJson(filter)]),
          node('no-op'),
          node('no-op'),
        ],
        { levels: 1, booleanize: true },
      );
    }
    case 'call':
      return node('function call', [listJson(expression.arguments)], {
        name: expression.function.name,
        deterministic: expression.function.deterministic,
        cacheable: expression.function.cacheable,
        usesV8: false,
      });
    case 'user call':
      return node('user function call', [listJson(expression.arguments)], { name: expression.name, ...USER_FUNCTION });
  }
}

const USER_FUNCTION = { deterministic: false, cacheable: false, usesV8: true };

/** A condition of an index: alternatives of comparisons that all hold. */
export function conditionJson(alternatives: readonly (readonly Expression[])[]): ValueObject {
  return node(
    'n-ary or',
    alternatives.map((all) => node('n-ary and', all.map(expressionJson))),
  );
}

/** `json`, `attribute` or `simple`, by which EXPLAIN calls kinds of expressions. */
export function expressionTypeOf(expression: Expression): string {
  if (expression.type === 'constant') return 'json';
  return expression.type === 'attribute' ? 'attribute' : 'simple';
}

function quantifierJson(quantifier: QuestionQuantifier): ValueObject {
  const { is } = quantifier;
  return node(
    'quantifier',
    is === 'between' ? [] : operandsOf({ type: 'array', elements: 'count' in quantifier ? [quantifier.count] : [] }).map(expressionJson),
    {
      quantifier: is,
    },
  );
}

function node(type: NodeName, subNodes: readonly ValueObject[] = [], own: ValueObject = {}): ValueObject {
  return { type, typeID: TYPE_IDS[type], ...own, ...(subNodes.length > 0 && { subNodes }) };
}

function valueJson(value: Value): ValueObject {
  if (isArray(value)) return node('array', [], { raw: value });
  if (isObject(value)) return node('object', [], { raw: value });
  const isFraction = typeof value === 'number' && !Number.isSafeInteger(value);
  return node('value', [], { value, vTypeID: isFraction ? FRACTION_TYPE : (VALUE_TYPES[typeRank(value)] ?? 0) });
}

/** By rank: null, bool, integer, string. */
const VALUE_TYPES = [0, 1, 2, 4];
const FRACTION_TYPE = 3;

function listJson(elements: readonly Expression[]): ValueObject {
  const values = elements.flatMap((element) => (element.type === 'constant' ? [element.value] : []));
  return values.length === elements.length ? node('array', [], { raw: values }) : node('array', elements.map(expressionJson));
}

function referenceJson(variable: Variable): ValueObject {
  return node('reference', [], { ...variableName(variable), subqueryReference: false });
}

const variableName = ({ name, id }: Variable): ValueObject => ({ name, id });
