/**
 * From what service code hands over to what a database takes: plain JSON values.
 *
 * Dates and everything else with `toJSON` become what that returns, undefined attributes go, functions too, numbers that JSON does not
 * have become null. What is plain already, which most is, is passed on without being copied.
 */
import { types } from 'node:util';
import { ArangoError } from '#base';
import type { Value, ValueObject } from '#values';

/** Deeper nesting is taken for a cycle, as in ArangoDB. */
const DEPTH_LIMIT = 200;

/** Throws error 10 for what has no JSON form at all. */
export function toValue(input: unknown): Value {
  const value = convert(input, 0);
  return value === undefined ? null : value;
}

export function toObject(input: unknown): ValueObject {
  const value = toValue(input);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ArangoError('ERROR_ARANGO_DOCUMENT_TYPE_INVALID');
  }
  return value as ValueObject;
}

function convert(input: unknown, depth: number): Value | undefined {
  switch (typeof input) {
    case 'string':
    case 'boolean':
      return input;
    case 'number':
      return Number.isFinite(input) ? input : null;
    case 'object':
      if (input === null) return null;
      if (depth > DEPTH_LIMIT) throw new ArangoError('ERROR_BAD_PARAMETER', 'the value is nested too deeply, or contains itself');
      if (Array.isArray(input)) return convertArray(input, depth);
      return convertObject(input, depth);
    case 'bigint':
      throw new ArangoError('ERROR_BAD_PARAMETER', 'a bigint has no JSON form');
    case 'undefined':
    case 'function':
    case 'symbol':
      return undefined;
  }
}

function convertArray(input: readonly unknown[], depth: number): readonly Value[] {
  let copy: Value[] | undefined;
  for (let i = 0; i < input.length; i++) {
    const value = convert(input[i], depth + 1) ?? null;
    if (copy !== undefined) copy.push(value);
    else if (value !== input[i]) copy = [...(input.slice(0, i) as Value[]), value];
  }
  return copy ?? (input as readonly Value[]);
}

function convertObject(input: object, depth: number): Value | undefined {
  if ('toJSON' in input && typeof input.toJSON === 'function') return convert(input.toJSON(), depth + 1);
  if (types.isBoxedPrimitive(input)) return convert(input.valueOf(), depth);
  if (types.isRegExp(input)) return String(input);
  let copy: Record<string, Value> | undefined;
  const names = Object.keys(input);
  for (const [position, name] of names.entries()) {
    const given = (input as Record<string, unknown>)[name];
    const value = convert(given, depth + 1);
    if (copy === undefined) {
      if (value === given && value !== undefined) continue;
      copy = Object.fromEntries(names.slice(0, position).map((before) => [before, (input as Record<string, Value>)[before] as Value]));
    }
    if (value !== undefined) copy[name] = value;
  }
  return copy ?? (input as ValueObject);
}
