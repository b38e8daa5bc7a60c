/** Jobs and tasks that never end, from outside: each is ended, and the others are none the worse for it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, inTime, useFixtures, type Answer } from '../../support/fixtures.ts';

const { ask, get } = useFixtures(['queues'], { arguments: ['--foxx.queues-poll-interval=60', '--server.maximal-request-time=1'] });

interface Job {
  readonly status: string;
  readonly failures: readonly { readonly message: string }[];
}

/** A machine that is short of time may need as long as that for an honest script or request, too. */
const PATIENT = { maxFailures: 10, backOff: 0 };

async function failuresOf(job: object, status: string): Promise<Job['failures']> {
  const id = await eventually('the push', async () => ((await ask('POST', '/queues/job', job)).body as { readonly id?: string }).id);
  return eventually(`the status ${status}`, async () => {
    const found: Job = (await get(`/queues/job/${id.slice('_jobs/'.length)}`)).body;
    return found.status === status && found.failures;
  });
}

test('a script that does not come to an end is ended, and the job has failed once more', async () => {
  const failures = await failuresOf({ script: 'loop', options: { maxFailures: 1, backOff: 0 } }, 'failed');
  assert.equal(failures.length, 2);
  assert.match(failures[0]?.message ?? '', /longer than 1 s/);
  await failuresOf({ data: 'after the loop', options: PATIENT }, 'complete');
});

test('a task that throws or never ends harms nobody, and a periodic one goes on', async () => {
  const register = (task: object): Promise<Answer> => inTime(() => ask('POST', '/queues/task', task));
  const runs = async (): Promise<number> => (await get('/queues/notes/fine')).body['length'];
  await register({ id: 'bad', period: 0.05, command: "throw new Error('of a task')" });
  await register({ id: 'stuck', command: 'for (;;);' });
  await register({ id: 'fine', period: 0.05, params: { what: 'fine' } });
  await eventually('the end of the task that hangs', async () => (await get('/queues/task/stuck')).status === 404);
  const seen = await eventually('a run', runs);
  await eventually('more runs', async () => (await runs()) > seen + 2);
  assert.equal((await inTime(() => get('/queues/task/bad'))).status, 200);
});
