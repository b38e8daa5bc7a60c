/**
 * Recorded HTTP examples, replayed against a real server: status, body and the headers that do not change from answer to answer.
 *
 * Each example is run as the script it was recorded with, so identifiers made along the way are ours. What differs in every recording
 * (revisions, ids, times) is compared by its type only. Answers that differ otherwise are listed with reasons in `http-misses.ts`, and the
 * list is exact.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { startServer, type TestServer } from '../support/server.ts';
import { BlockingClient, type ShellAnswer } from './http-client.ts';
import { LEFT_OUT, LEFT_OUT_TAGS, MISSES, SETUPS, WORLD } from './http-misses.ts';
import { runScript } from './http-shell.ts';

const RECORDS = '../shared/golden/http.jsonl';
const skip = existsSync(RECORDS) ? false : `${RECORDS} is missing, and with it the recorded answers`;

interface RecordedRequest {
  readonly example: string;
  readonly seq: number;
  readonly tags: readonly string[];
  readonly script: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  /** null: it was sent and its answer not logged. */
  readonly expectedStatus: number | null;
  readonly expectedHeaders: Readonly<Record<string, string>>;
  readonly expectedBody: unknown;
  readonly volatile: Readonly<Record<string, readonly string[]>>;
}

/** Made anew in each recording, or a measure of how the engine went about it. */
const MASKED = new Set(
  (
    'checksum executionTime globallyUniqueId id lastValue objectId peakMemoryUsage revision _rev _oldRev endpoint ' +
    'created created_at valid_until fingerprint token size documentsSize runtime fetching ' +
    'rulesExecuted rulesSkipped'
  ).split(' '),
);
const MASKED_IF_GENERATED = new Set(['_key', '_id', '_from', '_to']);
/** Headers whose values are ours alone, or say how long something took. */
const MASKED_HEADERS = new Set([
  'content-length',
  'etag',
  'date',
  'x-arango-queue-time-seconds',
  'x-arango-async-id',
  'connection',
  'keep-alive',
]);

let server: TestServer;
let client: BlockingClient;

before(async () => {
  if (skip !== false) return;
  server = await startServer();
  client = new BlockingClient(server.url);
  const { failure } = runScript(client, WORLD);
  assert.equal(failure, undefined);
});
after(async () => {
  if (skip !== false) return;
  await client.close();
  await server.dispose();
});

function readExamples(): ReadonlyMap<string, readonly RecordedRequest[]> {
  const lines = readFileSync(RECORDS, 'utf8').split('\n');
  const records = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as RecordedRequest);
  const applicable = records.filter(({ example, tags }) => LEFT_OUT[example] === undefined && !tags.some((tag) => LEFT_OUT_TAGS.has(tag)));
  const examples = new Map<string, RecordedRequest[]>();
  for (const record of applicable) examples.set(record.example, [...(examples.get(record.example) ?? []), record]);
  return examples;
}

test('recorded requests get the recorded answers', { skip }, (context) => {
  const misses: Record<string, string> = {};
  let total = 0;
  for (const [example, requests] of readExamples()) {
    const { logged, failure } = runScript(client, scriptOf(requests[0]!));
    let place = 0;
    for (const recorded of requests) {
      if (recorded.expectedStatus === null) continue;
      total++;
      const answer = logged[place++];
      const miss = answer === undefined ? `no answer: ${failure ?? 'none logged'}` : missOf(recorded, answer);
      if (miss !== undefined) misses[`${example} ${recorded.seq}`] = miss;
    }
  }
  const missed = Object.keys(misses).length;
  context.diagnostic(`http.jsonl: ${total - missed} of ${total}`);
  const unknown = Object.entries(misses).filter(([name]) => MISSES[name] === undefined);
  const gone = Object.keys(MISSES).filter((name) => misses[name] === undefined);
  assert.deepEqual({ unknown: unknown.map(([name, why]) => `${name}: ${why}`), gone }, { unknown: [], gone: [] });
  assert(missed <= 0.1 * total, `${missed} of ${total} answers differ`);
});

function scriptOf({ example, script, method, path, body }: RecordedRequest): string {
  if (script !== '') return script;
  const setup = SETUPS[example];
  assert(setup !== undefined, `${example} has no script`);
  const request = [method, path, body].map((part) => JSON.stringify(part)).join(', ');
  return `${setup} logJsonResponse(logCurlRequest(${request}));`;
}

function missOf(recorded: RecordedRequest, answer: ShellAnswer): string | undefined {
  const { expectedStatus, expectedBody, expectedHeaders } = recorded;
  if (answer.code !== expectedStatus) return `status ${answer.code} instead of ${expectedStatus}: ${answer.body.slice(0, 300)}`;
  for (const [name, value] of Object.entries(expectedHeaders)) {
    const actual = answer.headers[name];
    if (MASKED_HEADERS.has(name) && (actual !== undefined || name !== 'etag')) continue;
    if (plainHeader(name, actual) !== plainHeader(name, value)) return `header ${name}: ${actual} instead of ${value}`;
  }
  if (typeof expectedBody === 'string' || expectedBody === null) return undefined;
  return difference('body', answer.parsedBody, expectedBody);
}

/** A media type without its charset, and an address without generated ids. */
function plainHeader(name: string, value: string | undefined): string | undefined {
  if (name === 'content-type') return value?.split(';')[0];
  return name === 'location' ? value?.replace(/\d+$/, '0') : value;
}

function difference(path: string, actual: unknown, expected: unknown): string | undefined {
  const name = path.slice(path.lastIndexOf('.') + 1);
  const isTime = path.includes('.profile.');
  if ((isTime || isMasked(name, expected)) && typeof actual === typeof expected) return undefined;
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (isList(expected) && isList(actual)) return difference(path, byName(actual), byName(expected));
    if (actual.length !== expected.length) return `${path} has ${actual.length} members instead of ${expected.length}`;
    return firstOf(expected.map((each, i) => () => difference(`${path}.${i}`, actual[i], each)));
  }
  if (isObject(expected) && isObject(actual)) {
    if (Object.keys(expected).some(isGenerated)) return difference(path, Object.values(actual), Object.values(expected));
    const missing = Object.keys(expected).filter((key) => !(key in actual));
    const added = Object.keys(actual).filter((key) => !(key in expected));
    if (missing.length + added.length > 0) return `${path} lacks ${JSON.stringify(missing)} and has ${JSON.stringify(added)}`;
    return firstOf(
      Object.entries(expected).map(
        ([key, value]) =>
          () =>
            difference(`${path}.${key}`, actual[key], value),
      ),
    );
  }
  return JSON.stringify(actual) === JSON.stringify(expected)
    ? undefined
    : `${path} is ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`;
}

function firstOf(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const found = check();
    if (found !== undefined) return found;
  }
  return undefined;
}

const isGenerated = (name: string): boolean => /\/\d{4,}$/.test(name);

/** Collections and users are listed in no particular order. */
function isList(value: readonly unknown[]): value is readonly { readonly [name: string]: string }[] {
  return value.length > 0 && value.every((each) => isObject(each) && ('globallyUniqueId' in each || 'user' in each));
}

function byName(list: readonly { readonly [name: string]: string }[]): unknown {
  return Object.fromEntries(list.map((each) => [each['name'] ?? each['user'], each]));
}

function isMasked(name: string, expected: unknown): boolean {
  if (MASKED.has(name)) return true;
  if (MASKED_IF_GENERATED.has(name)) return /(^|\/)\d{4,}$/.test(String(expected));
  return name === 'name' && String(expected).startsWith('idx_');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
