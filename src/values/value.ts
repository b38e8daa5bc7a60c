/**
 * What an AQL value is. At run time it is a plain JavaScript value: `null`, boolean, number (finite), string, array or plain object; never
 * `undefined`, a date, a bigint or a class instance, except a `DocumentView`, which stands for the object it can become.
 *
 * Everything in this layer that takes a value takes a view as well, at any depth. Code elsewhere that looks into objects itself (`Object.keys`,
 * `value[name]`) calls `plain()` first, or reads with an `attributeReader`.
 */

export type Value = null | boolean | number | string | readonly Value[] | ValueObject;

export interface ValueObject {
  readonly [name: string]: Value;
}

export type TypeName = 'null' | 'bool' | 'number' | 'string' | 'array' | 'object';

/** The rank of a value's type in AQL's total order: null < bool < number < string < array < object. */
export function typeRank(value: Value | object): number {
  if (typeof value === 'string') return 3;
  if (typeof value === 'number') return 2;
  if (typeof value === 'boolean') return 1;
  return value === null ? 0 : Array.isArray(value) ? 4 : 5;
}

const NAMES: readonly TypeName[] = ['null', 'bool', 'number', 'string', 'array', 'object'];

/** The name that AQL's `TYPENAME` gives. */
export function typeName(value: Value | object): TypeName {
  return NAMES[typeRank(value)] ?? 'null';
}

export function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isObject(value: Value): value is ValueObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
