/** The queries of ArangoDB's manual with their recorded results, for whatever way they are run. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Value, ValueObject } from '#values';
import { isSame, type Comparison } from './compare.ts';

export const GOLDEN = '../shared/golden';
export const isMissing = !existsSync(GOLDEN);
export const skip = isMissing ? `${GOLDEN} is missing, and with it the recorded answers` : false;

export interface Recorded {
  readonly id: string;
  readonly query: string;
  readonly bindVars: ValueObject;
  readonly tags: readonly string[];
}

export interface RecordedExample extends Recorded {
  readonly dataset: string | null;
  readonly expected: Value;
  readonly expectedForm?: 'result' | 'result-or-value';
  readonly compare: 'exact' | 'masked' | 'unordered' | 'shape';
  readonly orderUndefined?: boolean;
  readonly tolerance?: number | null;
  readonly needsData?: boolean;
  readonly suspect?: string | null;
}

export function records(file: string): readonly unknown[] {
  if (isMissing) return [];
  const lines = readFileSync(join(GOLDEN, file), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as unknown);
}

/** Optional subsystems, and what other versions have. */
const LEFT_OUT = new Set(['legacy-docs', 'v4', 'cluster', 'enterprise', 'arangosearch', 'vector', 'needs-data']);
const isLeftOut = ({ tags }: Recorded): boolean => tags.some((tag) => LEFT_OUT.has(tag));

/** Those that are about what foxden has and that can be run as they stand. */
export function recordedExamples(file: 'aql.jsonl' | 'aql-static.jsonl'): readonly RecordedExample[] {
  return (records(file) as RecordedExample[]).filter((record) => !isLeftOut(record) && record.needsData !== true && !record.suspect);
}

/** What is different about a result; undefined: nothing that matters. */
export function resultMiss(record: RecordedExample, result: readonly Value[]): string | undefined {
  const { expected } = record;
  const how: Comparison = {
    tolerance: record.tolerance ?? undefined,
    masked: record.compare === 'masked',
    shape: record.compare === 'shape',
    unordered: record.compare === 'unordered' || record.orderUndefined,
  };
  const isValue = record.expectedForm === 'result-or-value' && result.length === 1 && isSame(result[0] ?? null, expected, how);
  return isValue || isSame(result, expected, how) ? undefined : `want ${JSON.stringify(expected)}, got ${JSON.stringify(result)}`;
}
