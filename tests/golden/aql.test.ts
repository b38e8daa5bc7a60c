/**
 * Recorded queries, replayed: each gives what ArangoDB gave, as values and as JSON, with the optimizer and without.
 *
 * Those that do not are listed with their reasons in `known-misses.ts`; the list is exact, so a query that begins to agree must be
 * taken off it.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isArangoError } from '#base';
import { isArray, isObject, type Value, type ValueObject } from '#values';
import { isSame } from './compare.ts';
import { GOLDEN, isMissing, recordedExamples, records, resultMiss, skip, type Recorded, type RecordedExample } from './examples.ts';
import { KNOWN_MISSES } from './known-misses.ts';
import { isThorough } from '../support/law.ts';
import { Worlds, type Answer, type DataSet, type QueryCall } from '../support/world.ts';

interface Asserted extends Recorded {
  readonly setup: string | null;
  readonly before?: readonly QueryCall[];
  readonly options?: ValueObject;
  readonly mode: 'normalized' | 'normalizedRecursive' | 'raw' | 'full' | 'stats' | 'parse';
  readonly checks?: readonly {
    readonly path: readonly (string | number)[];
    readonly expected: Value;
    readonly unordered?: boolean;
    readonly tolerance?: number;
  }[];
  readonly expectedError?: number;
  readonly expectedWarning?: number;
  readonly confidence: 'high' | 'check';
}

const worlds = new Worlds();
after(() => worlds.close());

const readJson = (file: string): unknown => JSON.parse(readFileSync(join(GOLDEN, file), 'utf8'));

interface Way {
  readonly as: 'values' | 'json';
  readonly options: ValueObject;
}

const PLAIN = { optimizer: { rules: ['-all'] } };

/** Every way to run a query must give the same. */
const WAYS: readonly Way[] = [
  { as: 'values', options: {} },
  { as: 'json', options: {} },
  { as: 'values', options: PLAIN },
];
/** The test suite has thousands of queries: in the quick tests one in three, others in each run, is run in a second way. */
const FEW_WAYS: readonly Way[] = [
  { as: 'values', options: {} },
  { as: 'json', options: PLAIN },
];
const FEW = 3;
const firstTurn = Math.floor(Math.random() * FEW);
const knownIds = new Set(KNOWN_MISSES.flatMap(({ ids }) => ids));
function waysOf({ id }: Recorded, place: number): readonly Way[] {
  if (isThorough) return WAYS;
  return knownIds.has(id) || (place + firstTurn) % FEW === 0 ? FEW_WAYS : FEW_WAYS.slice(0, 1);
}

for (const file of ['aql.jsonl', 'aql-static.jsonl'] as const) {
  test(`examples of the manual: ${file}`, { skip }, (context) => {
    const examples = recordedExamples(file);
    const misses = examples.flatMap((record) => missOf(record, () => exampleMiss(record)));
    report(file, examples, misses, (line) => context.diagnostic(line));
  });
}

test('queries of the test suite: aql-asserted.jsonl', { skip }, (context) => {
  const asserted = records('aql-asserted.jsonl') as Asserted[];
  const setups = isMissing ? {} : (readJson('aql-asserted-setups.json') as Readonly<Record<string, DataSet>>);
  const misses = asserted.flatMap((record, place) => missOf(record, () => assertedMiss(record, setups, waysOf(record, place))));
  for (const confidence of ['high', 'check'] as const) {
    const ids = new Set(asserted.filter((record) => record.confidence === confidence).map(({ id }) => id));
    const own = misses.filter(({ id }) => ids.has(id));
    context.diagnostic(`aql-asserted.jsonl, ${confidence}: ${ids.size - own.length} of ${ids.size}`);
  }
  report('aql-asserted.jsonl', asserted, misses, (line) => context.diagnostic(line));
});

interface Miss {
  readonly id: string;
  readonly why: string;
}

function missOf({ id }: Recorded, find: () => string | undefined): readonly Miss[] {
  try {
    const why = find();
    return why === undefined ? [] : [{ id, why }];
  } catch (error) {
    return [{ id, why: isArangoError(error) ? `${error.errorNum} ${error.message}` : `broke: ${String(error)}` }];
  }
}

function report(file: string, all: readonly Recorded[], misses: readonly Miss[], say: (line: string) => void): void {
  say(`${file}: ${all.length - misses.length} of ${all.length}`);
  const known = new Map(KNOWN_MISSES.flatMap(({ reason, ids }) => ids.map((id) => [id, reason] as const)));
  const unknown = misses.filter(({ id }) => !known.has(id));
  if (process.env['GOLDEN_MISSES'] !== undefined) for (const { id, why } of unknown) say(`${id}: ${why.slice(0, 400)}`);
  const ids = new Set(all.map(({ id }) => id));
  const missed = new Set(misses.map(({ id }) => id));
  const gone = [...known.keys()].filter((id) => ids.has(id) && !missed.has(id));
  assert.deepEqual({ unknown: unknown.map(({ id, why }) => `${id}: ${why.slice(0, 200)}`), gone }, { unknown: [], gone: [] });
}

function exampleMiss(record: RecordedExample): string | undefined {
  const { dataset, query, bindVars } = record;
  const world = worlds.get(dataset ?? '', () => (dataset === null ? undefined : (readJson(`datasets/${dataset}.json`) as DataSet)));
  for (const { as, options } of WAYS) {
    const miss = resultMiss(record, world.run([], { query, bindVars, options }, as).result);
    if (miss !== undefined) return `${as} ${JSON.stringify(options)}: ${miss}`;
  }
  return undefined;
}

function assertedMiss(record: Asserted, setups: Readonly<Record<string, DataSet>>, ways: readonly Way[]): string | undefined {
  const { setup, query, bindVars, before = [] } = record;
  const world = worlds.get(setup ?? '', () => (setup === null ? undefined : setups[setup]));
  if (record.mode === 'parse') return record.expectedError === undefined ? checksMiss(record, world.parse(query)) : undefined;
  return world.after(before, (run) => {
    for (const { as, options } of ways) {
      let answer: Answer;
      try {
        answer = run({ query, bindVars, options: { ...record.options, ...options } }, as);
      } catch (error) {
        if (!isArangoError(error)) throw error;
        if (error.errorNum === record.expectedError) continue;
        return `want ${record.expectedError === undefined ? 'a result' : `error ${record.expectedError}`}, got ${error.errorNum} ${error.message}`;
      }
      if (record.expectedError !== undefined) return `want error ${record.expectedError}, got ${JSON.stringify(answer.result)}`;
      const miss = checksMiss(record, answerIn(record.mode, answer), options);
      if (miss !== undefined) return `${as} ${JSON.stringify(options)}: ${miss}`;
      const warnings = answer.extra['warnings'] ?? [];
      if (record.expectedWarning !== undefined && !hasWarning(warnings, record.expectedWarning))
        return `no warning ${record.expectedWarning}`;
    }
    return undefined;
  });
}

const hasWarning = (warnings: Value, code: number): boolean =>
  isArray(warnings) && warnings.some((warning) => isObject(warning) && warning['code'] === code);

/** The part of an answer that the checks' paths refer to. */
function answerIn(mode: Asserted['mode'], { result, extra }: Answer): Value {
  switch (mode) {
    case 'raw':
    case 'parse':
      return result;
    case 'full':
      return { json: result, stats: extra['stats'] ?? null, warnings: extra['warnings'] ?? null };
    case 'stats':
      return extra['stats'] ?? null;
    case 'normalized':
    case 'normalizedRecursive':
      return result.map((row) => withoutSystemAttributes(row, mode === 'normalizedRecursive'));
  }
}

function withoutSystemAttributes(value: Value, isRecursive: boolean): Value {
  if (isArray(value)) return isRecursive ? value.map((each) => withoutSystemAttributes(each, true)) : value;
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !name.startsWith('_')));
}

function checksMiss({ mode, checks = [] }: Asserted, answer: Value, options: ValueObject = {}): string | undefined {
  for (const { path, expected, unordered, tolerance } of checks) {
    const isAboutStatistics = mode === 'stats' || (mode === 'full' && path[0] === 'stats');
    // How much was looked at is up to the optimizer.
    if (isAboutStatistics && options['optimizer'] !== undefined && !String(path.at(-1)).startsWith('writes')) continue;
    const found = path.reduce<Value>((value, step) => valueAt(value, step), answer);
    const actual = isAboutStatistics ? onlyNamesOf(found, expected) : found;
    if (!isSame(actual, expected, { loosely: true, unordered, tolerance })) {
      return `at ${JSON.stringify(path)}: want ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`;
    }
  }
  return undefined;
}

/** Later versions count more than the recorded one. */
function onlyNamesOf(statistics: Value, expected: Value): Value {
  if (!isObject(statistics) || !isObject(expected)) return statistics;
  return Object.fromEntries(Object.entries(statistics).filter(([name]) => Object.hasOwn(expected, name)));
}

function valueAt(value: Value, step: string | number): Value {
  if (isArray(value)) return step === 'length' ? value.length : (value[Number(step)] ?? null);
  return isObject(value) ? (value[step] ?? null) : null;
}
