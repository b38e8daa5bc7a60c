/** AQL's casts: to boolean, number, string and array. None of them fails. */
import { isArray, isObject, type Value } from './value.ts';

/** null, false, 0 and "" are false; everything else is true, empty arrays and objects too. */
export function toBool(value: Value): boolean {
  return !(value === null || value === false || value === 0 || value === '');
}

/** null and false are 0, true is 1; a numeric string is its number, any other 0; `[x]` is x, longer arrays and objects are 0. */
export function toNumber(value: Value): number {
  switch (typeof value) {
    case 'number':
      return value;
    case 'boolean':
      return value ? 1 : 0;
    case 'string': {
      const text = value.trim();
      return /^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$/.test(text) ? Number(text) : 0;
    }
    default:
      if (value === null || isObject(value)) return 0;
      return value.length === 1 ? toNumber(value[0] ?? null) : 0;
  }
}

/** null is "", arrays and objects are compact JSON. */
export function toText(value: Value): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return numberToText(value);
    case 'boolean':
      return value ? 'true' : 'false';
    default:
      return value === null ? '' : JSON.stringify(value);
  }
}

/** null is [], an array itself, an object the list of its values, any other value an array of it. */
export function toArray(value: Value): readonly Value[] {
  if (value === null) return [];
  if (isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [value];
}

/** A number as ArangoDB prints it. */
export function numberToText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
