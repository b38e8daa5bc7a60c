/**
 * Evaluates AQL expressions of literals, bind parameters and function calls by walking the tree, so that functions can be tested without
 * the compiler: their examples, and the recorded queries that need no more. What goes beyond is refused with `Unsupported`.
 */
import { ArangoError, type ErrorName } from '#base';
import {
  compareValues,
  DocumentView,
  encodeDocument,
  equalValues,
  isArray,
  isObject,
  plain,
  toBool,
  toNumber,
  toText,
  type Value,
  type ValueObject,
} from '#values';
import type { BinaryOperator, Expression, Statement } from '../ast.ts';
import { parseQuery } from '../parser.ts';
import type { FunctionContext } from './context.ts';
import { callByName } from './registry.ts';

export class Unsupported extends Error {}

/** A context without a database behind it, that remembers the warnings. */
export function testContext(
  documents: Readonly<Record<string, readonly ValueObject[]>> = {},
  indexes: readonly ValueObject[] = [],
): FunctionContext & {
  readonly warnings: (readonly [error: ErrorName, message: string])[];
} {
  const warnings: (readonly [ErrorName, string])[] = [];
  const rows = (collection: string): readonly ValueObject[] => {
    const found = documents[collection];
    if (found === undefined) throw new ArangoError('ERROR_ARANGO_DATA_SOURCE_NOT_FOUND', collection);
    return found;
  };
  return {
    warnings,
    database: '_system',
    user: undefined,
    warn: (error, message) => warnings.push([error, message]),
    checkKilled: () => undefined,
    random: () => 0.5,
    version: '3.12.0',
    callFunction(name, inputs) {
      if (name.includes('::')) throw new ArangoError('ERROR_QUERY_FUNCTION_NOT_FOUND', name);
      return callByName(name, inputs, this);
    },
    documents: {
      collections: () => Object.keys(documents).map((name, i) => ({ name, id: String(i + 1) })),
      find: (collection, key) => {
        const row = documents[collection]?.find(({ _key }) => _key === key);
        return row === undefined ? undefined : asView(collection, row);
      },
      count: (collection) => rows(collection).length,
      all: (collection) => rows(collection).map((row) => asView(collection, row)),
      withWords: (collection, _attribute, _query, limit) =>
        rows(collection)
          .slice(0, limit)
          .map((row) => asView(collection, row)),
      nearest: (collection) => rows(collection).map((row, i) => ({ document: asView(collection, row), distance: i * 150_000 })),
      indexes: () => indexes,
      schema: () => null,
      analyzer: () => undefined,
      calculate: () => [],
    },
  };
}

function asView(collection: string, row: ValueObject): DocumentView {
  const bytes = encodeDocument(1n, row);
  return new DocumentView(bytes, 0, bytes.length, collection);
}

type Variables = ReadonlyMap<string, Value>;

/** The result of a query of LET, FOR over arrays, and RETURN: the list of what is returned. */
export function evaluate(text: string, bindVars: ValueObject, context: FunctionContext): Value[] {
  return evaluateBlock(parseQuery(text).query.statements, new Map(), bindVars, context);
}

function evaluateBlock(statements: readonly Statement[], variables: Variables, bindVars: ValueObject, context: FunctionContext): Value[] {
  const [first, ...others] = statements;
  const valueOf = (expression: Expression): Value => evaluateExpression(expression, variables, bindVars, context);
  if (first?.type === 'return') return [valueOf(first.value)];
  if ((first?.type !== 'let' && first?.type !== 'for') || first.target.type !== 'variable') throw new Unsupported(first?.type);
  const { name } = first.target;
  const within = (value: Value): Value[] => evaluateBlock(others, new Map(variables).set(name, value), bindVars, context);
  if (first.type === 'let') return within(valueOf(first.value));
  const source = valueOf(first.source);
  return isArray(source) ? source.flatMap(within) : [];
}

function evaluateExpression(expression: Expression, variables: Variables, bindVars: ValueObject, context: FunctionContext): Value {
  const valueOf = (each: Expression): Value => evaluateExpression(each, variables, bindVars, context);
  switch (expression.type) {
    case 'literal':
      return expression.value;
    case 'bind':
      return bindVars[expression.name] ?? null;
    case 'name': {
      const found = variables.get(expression.name);
      if (found === undefined) throw new Unsupported(`the name ${expression.name}`);
      return found;
    }
    case 'array':
      return expression.elements.map(valueOf);
    case 'object':
      return Object.fromEntries(
        expression.elements.map((element) => {
          if (element.type !== 'property') throw new Unsupported(element.type);
          return [element.name, valueOf(element.value)];
        }),
      );
    case 'unary':
      if (expression.operator === '!') return !toBool(valueOf(expression.operand));
      return toNumber(valueOf(expression.operand)) * (expression.operator === '-' ? -1 : 1);
    case 'binary':
      if (expression.operator === '||') return toBool(valueOf(expression.left)) ? valueOf(expression.left) : valueOf(expression.right);
      return evaluateBinary(expression.operator, valueOf(expression.left), valueOf(expression.right));
    case 'attribute': {
      const object = valueOf(expression.object);
      return isObject(object) ? (object[expression.name] ?? null) : null;
    }
    case 'index': {
      const [object, index] = [valueOf(expression.object), valueOf(expression.index)];
      if (isArray(object)) return object.at(toNumber(index)) ?? null;
      return isObject(object) ? (object[toText(index)] ?? null) : null;
    }
    case 'subquery':
      return evaluateBlock(expression.query.statements, variables, bindVars, context);
    case 'call':
      return plain(callByName(expression.name, expression.arguments.map(valueOf), context));
    case 'ternary': {
      const condition = valueOf(expression.condition);
      return toBool(condition) ? (expression.then === undefined ? condition : valueOf(expression.then)) : valueOf(expression.otherwise);
    }
    case 'bound attribute':
    case 'collection bind':
    case 'expansion':
    case 'quantified':
    case 'question':
      throw new Unsupported(expression.type);
  }
}

function evaluateBinary(operator: BinaryOperator, left: Value, right: Value): Value {
  if (operator === '==') return equalValues(left, right);
  if (operator === '>') return compareValues(left, right) > 0;
  if (operator === '+') return toNumber(left) + toNumber(right);
  if (operator === '-') return toNumber(left) - toNumber(right);
  if (operator === '/') return toNumber(right) === 0 ? null : toNumber(left) / toNumber(right);
  if (operator === '*') return toNumber(left) * toNumber(right);
  if (operator !== '..') throw new Unsupported(operator);
  const [start, end] = [Math.trunc(toNumber(left)), Math.trunc(toNumber(right))];
  return Array.from({ length: Math.abs(end - start) + 1 }, (_, i) => (start <= end ? start + i : start - i));
}

/** What jsunity takes for equal: a number and the string that shows it, objects in any order of their attributes. */
export function looselyEqual(left: Value, right: Value, how: { readonly tolerance?: number; readonly unordered?: boolean } = {}): boolean {
  if (isArray(left) && isArray(right)) {
    if (left.length !== right.length) return false;
    if (!how.unordered) return left.every((each, i) => looselyEqual(each, right[i] ?? null, how));
    return left.every((each) => right.some((other) => looselyEqual(each, other, how)));
  }
  if (isObject(left) && isObject(right)) {
    const names = Object.keys(left);
    const others = new Set(Object.keys(right));
    return (
      names.length === others.size && names.every((name) => others.has(name) && looselyEqual(left[name] ?? null, right[name] ?? null, how))
    );
  }
  if (typeof left === 'number' && typeof right === 'number') return left === right || Math.abs(left - right) <= (how.tolerance ?? 0);
  return typeof left !== 'object' && typeof right !== 'object' ? String(left) === String(right) : left === right;
}
