/** The recorded queries that need nothing but functions: each gives what ArangoDB gave. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ERRORS, isArangoError } from '#base';
import { isArray, isObject, type Value, type ValueObject } from '#values';
import { evaluate, looselyEqual, testContext, Unsupported } from './constant-expression.suite.ts';

const golden = '../shared/golden';
const options = { skip: existsSync(golden) ? false : `${golden} is missing, and with it the recorded answers` };

/** Recorded answers that are not given, and why. */
const DIFFERENT: readonly (readonly [id: RegExp, reason: string])[] = [
  [/^aql-functions-string#test\w+Invalid\//, 'asserted for 3.0; since then null is cast to "", arrays and objects to JSON'],
  [/^aql-call-apply#test\w+NonExisting\//, 'asserted for 3.0; since 3.4 an unknown function is 1540, and a name that is no string 1542'],
  [/^aql-call-apply#testApplyDisallowed\//, 'asserted for 3.0; since 3.4 CALL and APPLY may call each other'],
  [/^aql-functions-date#testDate\w+Invalid\//, 'asserted for 3.0; since then what is neither number nor string is 1542'],
  [
    /^aql-dynamic-attributes#testDynamicAttributes(?:Repeated|OverwritingRegular)\//,
    'asserted for 3.0; since then the first of a name counts',
  ],
  [/functions\/bit\.md:280:3$/, 'a slip of the manual: 60 is 00111100'],
  [/^aqlObjectSpread/, 'only in 4.x: the spread of objects'],
];

function records<Row>(file: string): Row[] {
  const lines = readFileSync(join(golden, file), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Row);
}

/** What a query comes to, as `POST /_api/cursor` would tell; undefined when it needs more than functions. */
function run(query: string, bindVars: ValueObject): ValueObject | undefined {
  const context = testContext();
  try {
    const json = evaluate(query, bindVars, context);
    return { json, error: 0, warnings: context.warnings.map(([error, message]) => ({ code: ERRORS[error].errorNum, message })) };
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    if (!isArangoError(error)) throw error;
    return { json: null, error: error.errorNum, warnings: [] };
  }
}

function at(value: Value, path: readonly (string | number)[]): Value {
  return path.reduce<Value>((found, step) => {
    if (isArray(found)) return step === 'length' ? found.length : (found[step as number] ?? null);
    return isObject(found) ? (found[step] ?? null) : null;
  }, value);
}

/** How many of the records that could be run came out right. Complains of those that should have and did not. */
function report(file: string, outcomes: readonly (readonly [id: string, outcome: string])[]): string {
  const ran = outcomes.filter(([, outcome]) => outcome !== 'unsupported');
  const failed = ran.filter(([id, outcome]) => outcome !== 'passed' && !DIFFERENT.some(([known]) => known.test(id)));
  if (failed.length > 0) assert.fail(failed.map(([id, outcome]) => `${id}: ${outcome}`).join('\n'));
  return `${file}: ${ran.filter(([, outcome]) => outcome === 'passed').length} of ${ran.length} that need only functions`;
}

interface Documented {
  readonly id: string;
  readonly query: string;
  readonly bindVars: ValueObject;
  readonly dataset: string | null;
  readonly expected: readonly Value[];
  readonly compare: 'exact' | 'masked' | 'unordered' | 'shape';
  readonly tolerance?: number | null;
  readonly expectedForm?: string;
  readonly suspect?: string | null;
}

function checkDocumented(record: Documented): string {
  const outcome = record.dataset === null ? run(record.query, record.bindVars) : undefined;
  if (outcome === undefined || record.compare === 'shape' || record.suspect) return 'unsupported';
  const tolerance = record.tolerance ?? 0;
  const result = outcome['json'] ?? null;
  const isAsExpected =
    looselyEqual(result, record.expected, { tolerance, unordered: record.compare === 'unordered' }) ||
    (record.expectedForm === 'result-or-value' && looselyEqual(at(result, [0]), record.expected, { tolerance }));
  return isAsExpected ? 'passed' : `${record.query}\n  gives   ${JSON.stringify(outcome)}\n  and not ${JSON.stringify(record.expected)}`;
}

for (const file of ['aql.jsonl', 'aql-static.jsonl']) {
  test(`what the manual shows in ${file} comes out`, options, (t) => {
    t.diagnostic(
      report(
        file,
        records<Documented>(file).map((record) => [record.id, checkDocumented(record)]),
      ),
    );
  });
}

interface Asserted {
  readonly id: string;
  readonly query: string;
  readonly bindVars: ValueObject;
  readonly setup: string | null;
  readonly mode: string;
  readonly expectedError?: number;
  readonly expectedWarning?: number;
  readonly checks?: readonly {
    readonly path: readonly (string | number)[];
    readonly expected: Value;
    readonly unordered?: boolean;
    readonly tolerance?: number;
  }[];
}

function withoutSystemAttributes(row: Value): Value {
  return isObject(row) ? Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith('_'))) : row;
}

function checkAsserted(record: Asserted): string {
  const outcome =
    record.setup === null && /\(/.test(record.query) && record.mode !== 'parse' ? run(record.query, record.bindVars) : undefined;
  if (outcome === undefined || record.mode === 'stats') return 'unsupported';
  const { json = null, warnings = null, error } = outcome;
  const subject =
    record.mode === 'full' ? outcome : record.mode.startsWith('normalized') && isArray(json) ? json.map(withoutSystemAttributes) : json;
  const isAsExpected =
    error === (record.expectedError ?? 0) &&
    (record.expectedWarning === undefined ||
      (isArray(warnings) && warnings.some((each) => at(each, ['code']) === record.expectedWarning))) &&
    (record.checks ?? []).every(({ path, expected, ...how }) => looselyEqual(at(subject, path), expected, how));
  const wanted = record.expectedError ?? { checks: record.checks ?? [], warning: record.expectedWarning };
  return isAsExpected
    ? 'passed'
    : `${record.query} ${JSON.stringify(record.bindVars)}\n  gives   ${JSON.stringify(outcome)}\n  and not ${JSON.stringify(wanted)}`;
}

test("what ArangoDB's own tests assert comes out", options, (t) => {
  const file = 'aql-asserted.jsonl';
  t.diagnostic(
    report(
      file,
      records<Asserted>(file).map((record) => [record.id, checkAsserted(record)]),
    ),
  );
});
