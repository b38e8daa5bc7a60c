import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { afterRun, type JobDocument, type RunOutcome } from './job-document.ts';

const job = (attributes: Partial<JobDocument> = {}): JobDocument => ({
  _id: '_jobs/1',
  _key: '1',
  queue: 'default',
  status: 'progress',
  type: { name: 'script', mount: '/m' },
  delayUntil: 0,
  ...attributes,
});
const DONE: RunOutcome = { is: 'done', result: 1 };
const FAILED: RunOutcome = { is: 'failed', error: { message: 'no' } };
const call = (source: string, argument: number): unknown => (source === 'ten' ? 10 * argument : Number.NaN);
const settle = (attributes: Partial<JobDocument>, outcome: RunOutcome) => afterRun(job(attributes), outcome, { nowMs: 1000, call });

const cases: readonly (readonly [
  what: string,
  attributes: Partial<JobDocument>,
  outcome: RunOutcome,
  changes: object,
  callback: string | undefined,
])[] = [
  ['done', {}, DONE, { status: 'complete', runs: 1, modified: 1000 }, 'success'],
  ['failed for good', {}, FAILED, { status: 'failed', runs: 1, runFailures: 1, failures: [{ message: 'no' }], modified: 1000 }, 'failure'],
  [
    'tried again',
    { maxFailures: 1, backOff: 'ten' },
    FAILED,
    { status: 'pending', delayUntil: 1000, runFailures: 1, failures: [{ message: 'no' }], modified: 1000 },
    undefined,
  ],
  [
    'tried again for ever, later each time',
    { maxFailures: -1, backOff: 'ten', runFailures: 7 },
    FAILED,
    { status: 'pending', delayUntil: 1070, runFailures: 8, failures: [{ message: 'no' }], modified: 1000 },
    undefined,
  ],
  [
    'repeated',
    { repeatTimes: 2, repeatDelay: 5 },
    DONE,
    { status: 'pending', runs: 1, runFailures: 0, delayUntil: 1005, modified: 1000 },
    'success',
  ],
  ['repeated often enough', { repeatTimes: 2, runs: 1 }, DONE, { status: 'complete', runs: 2, modified: 1000 }, 'success'],
  ['repeated for long enough', { repeatTimes: -1, repeatUntil: 999 }, DONE, { status: 'complete', runs: 1, modified: 1000 }, 'success'],
  [
    'repeated after a failure',
    { repeatTimes: -1 },
    FAILED,
    { status: 'pending', runs: 1, runFailures: 0, delayUntil: 1000, failures: [{ message: 'no' }], modified: 1000 },
    'failure',
  ],
];

test('what becomes of a job after a run', () => {
  for (const [what, attributes, outcome, changes, callback] of cases) {
    assert.deepEqual(settle(attributes, outcome), { changes, callback }, what);
    // What the type says counts where the job says nothing.
    const { maxFailures, repeatTimes, repeatUntil, repeatDelay, backOff, ...others } = attributes;
    const given = Object.entries({ maxFailures, repeatTimes, repeatUntil, repeatDelay, backOff }).filter(
      ([, value]) => value !== undefined,
    );
    assert.deepEqual(
      settle({ ...others, type: { name: 'script', ...Object.fromEntries(given) } }, outcome),
      { changes, callback },
      `${what}, by its type`,
    );
  }
});

test('without a function the wait is a random multiple, at first none', () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(30), (backOff, earlier) => {
      const { changes } = settle({ maxFailures: -1, backOff, runFailures: earlier }, FAILED);
      const waitMs = Number(changes['delayUntil']) - 1000;
      assert.ok(waitMs >= 0 && waitMs <= backOff * earlier && (backOff === 0 || waitMs % backOff === 0));
    }),
  );
});
