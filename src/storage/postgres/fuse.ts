/**
 * Several small steps of a commit as one statement, which the server plans once and begins once.
 *
 * Each step becomes a part of it (`WITH`), and what they demand one condition, in their order: so rows are locked in the order of the steps, as they would be
 * one after the other. All parts see the same state, therefore two of them never write to the same row.
 */
import type { Part, Step } from './commit.ts';
import { statement, type Parameter, type Statement } from './wire.ts';

const PARTS_LIMIT = 6;
const KEPT_LIMIT = 1000;

interface Fused {
  readonly statement: Statement;
  /** How many of its step's parameters each part takes: one that stands alone is also told how many rows it must have found. */
  readonly takes: readonly number[];
}

/** By the names of what they were made of: the same few shapes of commits come again and again. */
const kept = new Map<string, Fused>();

/** Undefined where the steps do not fit together. Nobody can tell which of them failed. */
export function fuse(steps: readonly Step[]): Step | undefined {
  if (steps.length > PARTS_LIMIT) return undefined;
  let name = '';
  for (const { part, statement: alone } of steps) {
    if (part === undefined) return undefined;
    name += alone.name;
  }
  let fused = kept.get(name);
  if (fused === undefined) {
    const parts = steps.flatMap(({ part }) => part ?? []);
    if (!areApart(parts)) return undefined;
    fused = fusedFrom(parts);
    if (kept.size === KEPT_LIMIT) kept.clear();
    kept.set(name, fused);
  }
  const parameters: Parameter[] = [];
  for (const [i, step] of steps.entries()) for (let j = 0; j < fused.takes[i]!; j++) parameters.push(step.parameters[j]!);
  return { kind: 'all', statement: fused.statement, parameters };
}

function areApart(parts: readonly Part[]): boolean {
  const isAlone = ({ table }: Part): boolean => parts.filter((other) => other.table === table).length === 1;
  return parts.every((part) => part.isOfOneRow === true || isAlone(part));
}

function fusedFrom(parts: readonly Part[]): Fused {
  let last = 0;
  const texts: string[] = [];
  const demands: string[] = [];
  const takes = parts.map(({ text, demand }, i) => {
    const start = last;
    const numbered = (given: string): string => given.replaceAll('$part', `p${i}`).replaceAll('$?', () => `$${++last}`);
    texts.push(`p${i} AS (${numbered(text)})`);
    if (demand !== undefined) demands.push(numbered(demand));
    return last - start;
  });
  return {
    statement: statement(`WITH ${texts.join(', ')} SELECT 1 / (${demands.join(' AND ') || 'true'})::int`),
    takes,
  };
}
