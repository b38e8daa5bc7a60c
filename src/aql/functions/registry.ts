/** All functions of AQL by name, aliases included. */
import type { AqlFunction } from './define.ts';
import * as array from './array.ts';
import * as bit from './bit.ts';
import * as date from './date.ts';
import * as geo from './geo.ts';
import * as hash from './hash.ts';
import * as number from './number.ts';
import * as object from './object.ts';
import * as pattern from './pattern.ts';
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
};

export const FUNCTIONS: readonly AqlFunction[] = Object.values(GROUPS).flatMap((group) => Object.values(group));

const BY_NAME: ReadonlyMap<string, AqlFunction> = new Map(
  FUNCTIONS.flatMap((definition) => [definition.name, ...definition.aliases].map((name) => [name, definition])),
);

/** `name` in any case; undefined when it is none of AQL's, but perhaps a user's. */
export function findFunction(name: string): AqlFunction | undefined {
  return BY_NAME.get(name) ?? BY_NAME.get(name.toUpperCase());
}
