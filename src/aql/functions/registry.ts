/** All functions of AQL by name, aliases included. */
import { ArangoError } from '#base';
import type { DocumentView, Value } from '#values';
import type { FunctionContext } from './context.ts';
import { callFunction, type AqlFunction } from './define.ts';
import * as array from './array.ts';
import * as bit from './bit.ts';
import * as control from './control.ts';
import * as date from './date.ts';
import * as document from './document.ts';
import * as geo from './geo.ts';
import * as hash from './hash.ts';
import * as number from './number.ts';
import * as object from './object.ts';
import * as pattern from './pattern.ts';
import * as search from './search.ts';
import * as similarity from './similarity.ts';
import * as statistics from './statistics.ts';
import * as string from './string.ts';
import * as type from './type.ts';

/** The groups by their titles in the manual. */
export const GROUPS: Readonly<Record<string, Readonly<Record<string, AqlFunction>>>> = {
  Types: type,
  Strings: string,
  Patterns: pattern,
  Numbers: number,
  Statistics: statistics,
  Bits: bit,
  Arrays: array,
  Objects: object,
  Dates: date,
  Hashes: hash,
  Similarity: similarity,
  Geo: geo,
  Documents: document,
  'Full-text search': search,
  'Control flow and server': control,
};

export const FUNCTIONS: readonly AqlFunction[] = Object.values(GROUPS).flatMap((group) => Object.values(group));

const BY_NAME: ReadonlyMap<string, AqlFunction> = new Map(
  FUNCTIONS.flatMap((definition) => [definition.name, ...definition.aliases].map((name) => [name, definition])),
);

/** `name` in any case; undefined when it is none of AQL's, but perhaps a user's. */
export function findFunction(name: string): AqlFunction | undefined {
  return BY_NAME.get(name) ?? BY_NAME.get(name.toUpperCase());
}

/** Calls one of AQL's functions. Throws 1540 when it has none of that name, 1541 when the number of arguments does not fit. */
export function callByName(name: string, inputs: readonly Value[], context: FunctionContext): Value | DocumentView {
  const definition = findFunction(name);
  if (definition === undefined) {
    throw new ArangoError('ERROR_QUERY_FUNCTION_NAME_UNKNOWN', { message: `usage of unknown function '${name}()'` });
  }
  const { minArguments, maxArguments } = definition;
  if (inputs.length < minArguments || inputs.length > maxArguments) throw argumentCountError(definition);
  return callFunction(definition, inputs, context);
}

/** 1541 in ArangoDB's words. */
export function argumentCountError({ name, minArguments, maxArguments }: AqlFunction): ArangoError {
  const most = maxArguments === Infinity ? MOST_ARGUMENTS : maxArguments;
  return new ArangoError('ERROR_QUERY_FUNCTION_ARGUMENT_NUMBER_MISMATCH', {
    message: `invalid number of arguments for function '${name}()', expected number of arguments: minimum: ${minArguments}, maximum: ${most}`,
  });
}

/** What ArangoDB says where there is no maximum. */
const MOST_ARGUMENTS = 65_536;
