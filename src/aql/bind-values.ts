/**
 * The values of bind parameters, checked: each that the query declares has one, none is left over, and where the value becomes a
 * name it is one.
 */
import { ArangoError } from '#base';
import { isArray, isObject, type Value, type ValueObject } from '#values';
import { queryError } from './query-error.ts';

/** Where the binder gets a value from; the methods differ in what the value is for. */
export interface BindValues {
  value(name: string): Value;
  /** `@@name` */
  collection(name: string): string;
  /** `object.@name`: one attribute or a path. */
  path(name: string): readonly string[];
  /** An attribute's name in `{ @name: … }`, a graph's in `GRAPH @name`. */
  name(name: string): string;
}

/** Throws 1550, 1551 and 1552 at once, 1553 when a value is asked for. */
export function checkBindValues(parameters: ReadonlySet<string>, bindVars: Value | undefined): BindValues {
  const values = bindVars ?? {};
  if (!isObject(values)) throw new ArangoError('ERROR_QUERY_BIND_PARAMETERS_INVALID');
  for (const parameter of parameters) {
    if (!Object.hasOwn(values, parameter)) throw queryError('ERROR_QUERY_BIND_PARAMETER_MISSING', parameter);
  }
  for (const name of Object.keys(values)) {
    if (!parameters.has(name)) throw queryError('ERROR_QUERY_BIND_PARAMETER_UNDECLARED', name);
  }
  return new CheckedValues(values);
}

class CheckedValues implements BindValues {
  readonly #values: ValueObject;

  constructor(values: ValueObject) {
    this.#values = values;
  }

  value(name: string): Value {
    return this.#values[name] ?? null;
  }

  /** An empty name is one that no collection has: that is up to who looks for the collection. */
  collection(name: string): string {
    const value = this.value(`@${name}`);
    if (typeof value !== 'string') throw queryError('ERROR_QUERY_BIND_PARAMETER_TYPE', `@${name}`);
    return value;
  }

  path(name: string): readonly string[] {
    const value = this.value(name);
    const path = isArray(value) ? value : [value];
    if (path.length === 0) throw queryError('ERROR_QUERY_BIND_PARAMETER_TYPE', name);
    return path.map((attribute) => {
      if (typeof attribute !== 'string' || attribute === '') throw queryError('ERROR_QUERY_BIND_PARAMETER_TYPE', name);
      return attribute;
    });
  }

  name(name: string): string {
    const value = this.value(name);
    if (typeof value !== 'string' || value === '') throw queryError('ERROR_QUERY_BIND_PARAMETER_TYPE', name);
    return value;
  }
}

/** Begins a name that is a bind parameter's and shall be shown as such. No name in a query's text begins so. */
export const MARK = '\0';

/** Where there are no values. */
export const PLACEHOLDERS: BindValues = {
  value: () => null,
  collection: (name) => `${MARK}@${name}`,
  path: (name) => [MARK + name],
  name: (name) => MARK + name,
};
