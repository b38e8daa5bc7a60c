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
export function readArguments(method: string, given: readonly unknown[], parameters: readonly Parameter[]): Record<string, unknown> {
  const values = given.slice(0, given.findLastIndex((value) => value !== undefined) + 1);
  const found = match(values, parameters);
  if (found !== undefined) return Object.fromEntries(found);
  const shown = values.map((value) => inspect(value, { depth: 0, breakLength: Infinity })).join(', ');
  const wanted = parameters.map(({ name, isRequired }) => (isRequired ? name : `${name}?`)).join(', ');
  throw new ArangoError('ERROR_BAD_PARAMETER', `${method}(${shown}) does not fit ${method}(${wanted})`);
}

function match(values: readonly unknown[], parameters: readonly Parameter[]): [string, unknown][] | undefined {
  const [parameter, ...others] = parameters;
  if (parameter === undefined) return values.length === 0 ? [] : undefined;
  if (values.length > 0) {
    const read = values[0] === undefined && !parameter.isRequired ? { value: undefined } : parameter.read(values[0]);
    const rest = read && match(values.slice(1), others);
    if (rest !== undefined) return [[parameter.name, read?.value], ...rest];
  }
  return parameter.isRequired ? undefined : match(values, others);
}
