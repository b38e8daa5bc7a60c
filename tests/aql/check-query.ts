/** Holds all ways to run a query against each other. */
import assert from 'node:assert/strict';
import { compareValues, equalValues, type Value, type ValueObject } from '#values';
import type { World } from '../support/world.ts';
import { runNaively } from './naive.ts';
import type { RandomQuery } from './random-queries.ts';

const UNOPTIMIZED = { optimizer: { rules: ['-all'] } };

export function checkQuery(world: World, { query, bindVars }: RandomQuery): void {
  const expected = world.read((environment) =>
    runNaively(environment.prepare({ query, bindVars, options: UNOPTIMIZED }).plan.nodes, { ...environment, parameters: bindVars }),
  );
  // Rows that are sorted by nothing may come in any order, and of equal values like [] and [null] any may be the one that is shown.
  const check = (actual: readonly Value[], how: string): void => {
    if (isSameSet(actual, expected)) return;
    assert.fail(`${how}: ${query} ${JSON.stringify(bindVars)}\n${JSON.stringify(actual)}\ninstead of\n${JSON.stringify(expected)}`);
  };
  check(world.run([], { query, bindVars, options: UNOPTIMIZED }).result, 'unoptimized');
  check(world.run([], { query, bindVars }).result, 'optimized');
  check(world.run([], { query, bindVars }, 'json').result, 'optimized, as JSON');
}

/** What is in the collections after statements that write, and what these gave, must not depend on the optimizer. */
export function checkWrites(world: World, statements: readonly string[]): void {
  const contentAfter = (options: ValueObject): string => {
    const before = statements.map((query) => ({ query, options }));
    const query =
      'FOR name IN ["c", "d"] LET ofC = (FOR x IN c SORT x._key RETURN UNSET(x, "_rev")) LET ofD = (FOR x IN d SORT x._key RETURN UNSET(x, "_rev")) RETURN name == "c" ? ofC : ofD';
    return JSON.stringify(world.run(before, { query }).result);
  };
  const [optimized, unoptimized] = [contentAfter({}), contentAfter(UNOPTIMIZED)];
  if (optimized !== unoptimized) assert.fail(`${statements.join('\n')}\n${optimized}\ninstead of\n${unoptimized}`);
}

function isSameSet(actual: readonly Value[], expected: readonly Value[]): boolean {
  if (actual.length !== expected.length) return false;
  const [left, right] = [actual.toSorted(compareValues), expected.toSorted(compareValues)];
  return left.every((value, i) => equalValues(value, right[i] ?? null));
}
