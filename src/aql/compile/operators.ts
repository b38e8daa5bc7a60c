/**
 * AQL's operators on any values: what compiled queries call where the types are not known, and what constants are folded with.
 *
 * Operands are plain values; a document that was not decoded yet is made plain before. Nothing fails: what has no result is null, with
 * a warning where ArangoDB gives one.
 */
import { ArangoError, errorMessage, type ErrorName } from '#base';
import { compareValues, equalValues, isArray, isObject, toNumber, toText, type Value, type ValueObject } from '#values';
import type { CompareOperator, QuestionQuantifier } from '../expression.ts';
import type { FunctionContext } from '../functions/context.ts';
import { LONGEST_ARRAY, reserveArray } from '../functions/reserve.ts';

/** A query that runs also says when something takes more memory than it may. */
type Warner = Pick<FunctionContext, 'warn' | 'reserve'>;

function warned(context: Warner, error: ErrorName): null {
  context.warn(error, errorMessage(error));
  return null;
}

export function add(left: Value, right: Value, context: Warner): Value {
  return finite(toNumber(left) + toNumber(right), context);
}

export function subtract(left: Value, right: Value, context: Warner): Value {
  return finite(toNumber(left) - toNumber(right), context);
}

export function multiply(left: Value, right: Value, context: Warner): Value {
  return finite(toNumber(left) * toNumber(right), context);
}

export function divide(left: Value, right: Value, context: Warner): Value {
  const divisor = toNumber(right);
  return divisor === 0 ? warned(context, 'ERROR_QUERY_DIVISION_BY_ZERO') : finite(toNumber(left) / divisor, context);
}

export function modulo(left: Value, right: Value, context: Warner): Value {
  const divisor = toNumber(right);
  return divisor === 0 ? warned(context, 'ERROR_QUERY_DIVISION_BY_ZERO') : finite(toNumber(left) % divisor, context);
}

export function finite(result: number, context: Warner): Value {
  return Number.isFinite(result) ? result : warned(context, 'ERROR_QUERY_NUMBER_OUT_OF_RANGE');
}

/** ArangoDB walks through longer ranges but makes no arrays of them. */
const LONGEST_RANGE = 10_000_000;

export function rangeBound(bound: Value): number {
  return Math.trunc(toNumber(bound));
}

/** `3..1` counts down. */
export function rangeArray(from: Value, to: Value, context: Warner): readonly Value[] {
  const first = rangeBound(from);
  const step = first <= rangeBound(to) ? 1 : -1;
  const length = Math.abs(rangeBound(to) - first) + 1;
  if (length > LONGEST_RANGE) throw new ArangoError('ERROR_RESOURCE_LIMIT', { message: 'could not materialize very large range' });
  reserveArray(context, length);
  return Array.from({ length }, (_, i) => first + i * step);
}

/** `value IN from..to` without the array. */
export function isInRange(value: Value, from: Value, to: Value): boolean {
  if (typeof value !== 'number' || !Number.isInteger(value)) return false;
  const first = rangeBound(from);
  const last = rangeBound(to);
  return first <= last ? value >= first && value <= last : value <= first && value >= last;
}

export function isIn(value: Value, list: Value): boolean {
  if (!isArray(list)) return false;
  for (const each of list) if (equalValues(value, each)) return true;
  return false;
}

/** Nothing is in what is no array, and nothing is not in it. */
export function isNotIn(value: Value, list: Value): boolean {
  return isArray(list) && !isIn(value, list);
}

export function compares(operator: CompareOperator, left: Value, right: Value): boolean {
  switch (operator) {
    case '==':
      return equalValues(left, right);
    case '!=':
      return !equalValues(left, right);
    case '<':
      return compareValues(left, right) < 0;
    case '<=':
      return compareValues(left, right) <= 0;
    case '>':
      return compareValues(left, right) > 0;
    case '>=':
      return compareValues(left, right) >= 0;
    case 'IN':
      return isIn(left, right);
    case 'NOT IN':
      return isNotIn(left, right);
  }
}

/** An attribute of any value; null where there is none. */
export function attribute(value: Value, name: string): Value {
  return isObject(value) && Object.hasOwn(value, name) ? (value[name] ?? null) : null;
}

/** `value[index]`: a negative index counts from the end of an array, and objects take any index as text. */
export function element(value: Value, index: Value): Value {
  if (isArray(value)) {
    const position = typeof index === 'string' && /^-?\d+$/.test(index) ? Number(index) : index;
    if (typeof position !== 'number') return null;
    const whole = Math.floor(position);
    return value[whole < 0 ? value.length + whole : whole] ?? null;
  }
  if (!isObject(value)) return null;
  if (typeof index === 'string') return attribute(value, index);
  return typeof index === 'number' ? attribute(value, String(Math.trunc(index))) : null;
}

/** The members that `[*]`, `[**]` … walk through. */
export function expanded(value: Value, levels: number): readonly Value[] {
  if (!isArray(value)) return [];
  return levels === 1 ? value : flattened(value, levels - 1, []);
}

function flattened(list: readonly Value[], levels: number, into: Value[]): Value[] {
  if (into.length + list.length > LONGEST_ARRAY) throw new ArangoError('ERROR_RESOURCE_LIMIT');
  for (const each of list) {
    if (levels > 0 && isArray(each)) flattened(each, levels - 1, into);
    else into.push(each);
  }
  return into;
}

/** Bounds of an inline LIMIT, as `slice` takes them. */
export function sliceBounds(offset: Value, count: Value): readonly [start: number, end: number] {
  const start = Math.trunc(toNumber(offset));
  return [Math.max(0, start), Math.max(0, start + Math.trunc(toNumber(count)))];
}

/** How many members of an array compare so; undefined if it is no array. Stops at `enough`. */
export function countMatches(list: Value, operator: CompareOperator, right: Value, enough: number): number | undefined {
  if (!isArray(list)) return undefined;
  let count = 0;
  for (const each of list) {
    if (compares(operator, each, right) && ++count >= enough) break;
  }
  return count;
}

export function allMatch(list: Value, operator: CompareOperator, right: Value): boolean {
  return isArray(list) && list.every((each) => compares(operator, each, right));
}

export function anyMatches(list: Value, operator: CompareOperator, right: Value): boolean {
  return isArray(list) && list.some((each) => compares(operator, each, right));
}

export function noneMatches(list: Value, operator: CompareOperator, right: Value): boolean {
  return isArray(list) && !list.some((each) => compares(operator, each, right));
}

export function atLeastMatch(list: Value, operator: CompareOperator, right: Value, count: Value): boolean {
  const enough = toNumber(count);
  return (countMatches(list, operator, right, enough) ?? -1) >= enough;
}

/**
 * What `array[? quantifier FILTER …]` says of `count` matching members of `length`. Undefined stands for something that is no array,
 * for which nothing holds.
 */
export function questionMatches(
  count: number | undefined,
  length: number,
  quantifier: QuestionQuantifier['is'],
  low: number,
  high: number,
): boolean {
  if (count === undefined) return false;
  switch (quantifier) {
    case 'any':
      return count > 0;
    case 'all':
      return count === length;
    case 'none':
      return count === 0;
    case 'at least':
      return count >= low;
    case 'exactly':
      return count === low;
    case 'between':
      return count >= low && count <= high;
  }
}

/** The name of a computed attribute. */
export function attributeName(value: Value): string {
  return toText(value);
}

/** Sets an attribute of an object in the making; `__proto__` is a name like any other. */
export function setAttribute(object: Record<string, Value>, name: string, value: Value): void {
  if (name === '__proto__') Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  else object[name] = value;
}

/** An object from names and values; of a repeated name the first value counts. */
export function makeObject(members: readonly (readonly [name: string, value: Value])[]): ValueObject {
  const object: Record<string, Value> = {};
  for (const [name, value] of members) if (!Object.hasOwn(object, name)) setAttribute(object, name, value);
  return object;
}
