/**
 * Reading what clients send as options: each getter says what was found wrong, with error 10 and the option's name.
 */
import { ArangoError } from '#base';
import { isObject, type ValueObject } from '#values';

export function booleanOption(options: ValueObject, name: string, otherwise: boolean): boolean {
  const value = options[name] ?? null;
  if (value === null) return otherwise;
  if (typeof value !== 'boolean') throw badOption(name, 'a boolean');
  return value;
}

export function numberOption(options: ValueObject, name: string, otherwise: number): number {
  const value = options[name] ?? null;
  if (value === null) return otherwise;
  if (typeof value !== 'number') throw badOption(name, 'a number');
  return value;
}

export function objectOption(options: ValueObject, name: string): ValueObject | undefined {
  const value = options[name] ?? null;
  if (value === null) return undefined;
  if (!isObject(value)) throw badOption(name, 'an object');
  return value;
}

export function badOption(name: string, expected: string): ArangoError {
  return new ArangoError('ERROR_BAD_PARAMETER', { message: `expecting '${name}' to be ${expected}` });
}
