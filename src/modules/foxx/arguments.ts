/**
 * Reads the arguments of calls like `router.get(path?, ...handlers, name?)` or `endpoint.body(model?, mimes?, description?)`: any
 * leading one may be left out, and which are there is told by their types.
 */
import { inspect } from 'node:util';
import { ArangoError } from '#base';

/** Undefined when the argument is not of this kind. */
export type Reader<Value> = (value: unknown) => { readonly value: Value } | undefined;

export interface Parameter {
  readonly name: string;
  readonly read: Reader<unknown>;
  readonly isRequired?: boolean;
}

export const text: Reader<string> = (value) => (typeof value === 'string' ? { value } : undefined);
export const flag: Reader<boolean> = (value) => (typeof value === 'boolean' ? { value } : undefined);
export const plainObject: Reader<Record<string, unknown>> = (value) =>
  typeof value === 'object' && value !== null ? { value: value as Record<string, unknown> } : undefined;

/** What was given, by the parameters' names. Throws error 10. */
export function readArguments(method: string, values: readonly unknown[], parameters: readonly Parameter[]): Record<string, unknown> {
  let count = values.length;
  while (count > 0 && values[count - 1] === undefined) count--;
  const found: Record<string, unknown> = {};
  if (match(values, count, parameters, 0, 0, found)) return found;
  const shown = values.map((value) => inspect(value, { depth: 0, breakLength: Infinity })).join(', ');
  const wanted = parameters.map(({ name, isRequired }) => (isRequired ? name : `${name}?`)).join(', ');
  throw new ArangoError('ERROR_BAD_PARAMETER', `${method}(${shown}) does not fit ${method}(${wanted})`);
}

/** Gives values from `at` on to parameters from `to` on, each to the first that takes it and leaves the rest a place. */
function match(
  values: readonly unknown[],
  count: number,
  parameters: readonly Parameter[],
  at: number,
  to: number,
  found: Record<string, unknown>,
): boolean {
  const parameter = parameters[to];
  if (parameter === undefined) return at === count;
  const value = values[at];
  if (at < count) {
    const read = value === undefined && !parameter.isRequired ? NOTHING : parameter.read(value);
    if (read !== undefined && match(values, count, parameters, at + 1, to + 1, found)) {
      found[parameter.name] = read.value;
      return true;
    }
  }
  return !parameter.isRequired && match(values, count, parameters, at, to + 1, found);
}

const NOTHING = { value: undefined };
