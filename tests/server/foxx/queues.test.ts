/** Queues, jobs and tasks from outside: a service pushes, and what was done is read over HTTP. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askServer, eventually, serviceFolder, useFixtures } from '../../support/fixtures.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const { ask, get } = useFixtures(['queues'], { arguments: ['--foxx.queues-poll-interval=60'] });

interface Job {
  readonly id: string;
  readonly status: string;
  readonly runs: number;
  readonly runFailures: number;
  readonly failures: readonly { readonly message: string; readonly statusCode?: number }[];
  readonly data: unknown;
}
type Note = Readonly<Record<string, unknown>> & { readonly at: number };

async function push(job: object): Promise<string> {
  const { body, text } = await ask('POST', '/queues/job', job);
  assert.ok((body as { id?: string }).id, text);
  return (body as { id: string }).id.slice('_jobs/'.length);
}
const jobOf = async (key: string): Promise<Job> => (await get(`/queues/job/${key}`)).body;
const notes = async (what: string, key?: string): Promise<readonly Note[]> =>
  (await get(`/queues/notes/${what}${key === undefined ? '' : `?job=_jobs/${key}`}`)).body;
const ended = (key: string, status = 'complete'): Promise<Job> =>
  eventually(`the job with status ${status}`, async () => {
    const job = await jobOf(key);
    return job.status === status && job;
  });

test('a job runs its script with its data and its id, at once and without a look at the clock', async () => {
  const key = await push({ data: { a: 1 } });
  const { runs, failures } = await ended(key);
  assert.deepEqual([runs, failures], [1, []]);
  const [done] = await eventually('the callback', async () => (await notes('success', key)).length > 0 && notes('success', key));
  assert.deepEqual([done?.['result'], done?.['data'], done?.['runs'], done?.['status']], [{ noted: { a: 1 } }, { a: 1 }, 1, 'complete']);
  const list = await push({ data: [1, 'two'] });
  await ended(list);
  const ran = (await notes('note')).map(({ argv }) => argv);
  assert.deepEqual(ran.slice(-2), [
    [{ a: 1 }, `_jobs/${key}`],
    [1, 'two', `_jobs/${list}`],
  ]);
});

test('a script that goes on asynchronously is waited for', async () => {
  const key = await push({ script: 'later' });
  await ended(key);
  const [done] = await eventually('the callback', async () => (await notes('success', key)).length > 0 && notes('success', key));
  assert.equal(done?.['result'], 'later');
});

test('a push in a transaction counts from its commit on', async () => {
  const { body } = await ask('POST', '/queues/in-transaction');
  await ended((body as { id: string }).id.slice('_jobs/'.length));
});

test('data are checked and changed before they are kept', async () => {
  const { body } = await ask('POST', '/queues/typed');
  const { id, refused } = body as { id: string; refused: string };
  assert.equal(refused, 'ValidationError');
  assert.deepEqual((await jobOf(id.slice('_jobs/'.length))).data, { n: 42 });
});

test('a job waits until its time has come', async () => {
  const pushedAt = Date.now();
  const soon = await push({ data: 'soon', options: { delay: 300 } });
  const until = await push({ data: 'until', options: { delayUntil: pushedAt + 200 } });
  const late = await push({ data: 'late', options: { delay: 600_000 } });
  await ended(soon);
  await ended(until);
  assert.equal((await jobOf(late)).status, 'pending');
  const ranAt = new Map((await notes('note')).map(({ argv, at }) => [(argv as readonly unknown[])[0], at]));
  assert.ok((ranAt.get('soon') ?? 0) >= pushedAt + 300);
  assert.ok((ranAt.get('until') ?? 0) >= pushedAt + 200);
  assert.equal((await ask('DELETE', `/queues/job/${late}`)).text, 'true');
});

test('a job that fails is tried again as often as it may be', async () => {
  const key = await push({ script: 'fail', data: { times: 2 }, options: { maxFailures: 2, backOff: 'function' } });
  const { failures, runs, runFailures } = await ended(key);
  assert.deepEqual(
    [failures.map(({ message }) => message.replace(/^.*?(try \d fails).*$/s, '$1')), runs, runFailures],
    [['try 1 fails', 'try 2 fails'], 1, 2],
  );
  const tries = await notes('try', key);
  assert.equal(tries.length, 3);
  assert.equal((await notes('failure', key)).length, 0);

  const hopeless = await push({ script: 'fail', data: { times: 9 }, type: { maxFailures: 1, backOff: 0 } });
  assert.equal((await ended(hopeless, 'failed')).failures.length, 2);
  const [told] = await eventually('the callback', async () => (await notes('failure', hopeless)).length > 0 && notes('failure', hopeless));
  assert.deepEqual([told?.['failures'], told?.['status']], [2, 'failed']);
});

test('a job is repeated so often, and until a time', async () => {
  const three = await push({ options: { repeatTimes: 3, repeatDelay: 5 } });
  assert.equal((await ended(three)).runs, 3);
  assert.equal(
    (await eventually('three callbacks', async () => (await notes('success', three)).length === 3 && notes('success', three))).length,
    3,
  );
  const over = await push({ options: { repeatTimes: -1, repeatUntil: Date.now() - 1 } });
  assert.equal((await ended(over)).runs, 1);
});

test('what has no service, no script or no such name has failed', async () => {
  for (const type of [{ mount: '/nobody' }, { name: 'none' }]) {
    const key = await push({ type });
    const { failures } = await ended(key, 'failed');
    assert.equal(failures.length, 1);
  }
});

test('a queue runs no more jobs at once than it has workers', async () => {
  for (const [name, maxWorkers] of [
    ['one', 1],
    ['two', 2],
  ] as const) {
    await ask('POST', '/queues/queue', { name, maxWorkers });
    const keys = await Promise.all([1, 2, 3, 4].map(() => push({ queue: name, script: 'slow', data: { ms: 60 } })));
    for (const key of keys) await ended(key);
    const spans = await Promise.all(
      keys.map(async (key) => [(await notes('begin', key))[0]?.at ?? 0, (await notes('end', key))[0]?.at ?? 0] as const),
    );
    const most = Math.max(...spans.map(([begin]) => spans.filter(([from, to]) => from <= begin && begin < to).length));
    assert.ok(most <= maxWorkers, `${most} at once in a queue of ${maxWorkers}`);
  }
});

test('a queue that was taken away runs nothing, until it is there again', async () => {
  await ask('POST', '/queues/queue', { name: 'away', maxWorkers: 1 });
  assert.equal((await ask('DELETE', '/queues/queue/away')).text, 'true');
  assert.equal((await ask('DELETE', '/queues/queue/away')).text, 'false');
  assert.deepEqual((await get('/queues/queue/away')).body, { message: 'Queue does not exist: away' });
  assert.equal((await get('/queues/queue/default')).status, 200);
});

test('a job can be called off, taken away, and begun again', async () => {
  const waiting = await push({ options: { delay: 60_000 } });
  await ask('POST', `/queues/job/${waiting}/abort`);
  assert.equal((await jobOf(waiting)).status, 'failed');
  await ask('POST', '/queues/queue', { name: 'slow', maxWorkers: 1 });
  const running = await push({ queue: 'slow', script: 'slow', data: { until: 'aborted' } });
  await eventually('the beginning', async () => (await notes('begin', running)).length === 1);
  assert.equal((await jobOf(running)).status, 'progress');
  await ask('POST', `/queues/job/${running}/abort`);
  await ask('POST', '/_api/document/queues_notes', { _key: 'aborted' });
  await eventually('the end', async () => (await notes('end', running)).length > 0);
  assert.equal((await jobOf(running)).status, 'failed', 'what it came to does not count any more');
  assert.equal((await ask('DELETE', `/queues/job/${waiting}`)).text, 'true');
  assert.equal((await ask('DELETE', `/queues/job/${waiting}`)).text, 'false');
  const again = await push({ data: 'again' });
  await ended(again);
  await ask('POST', `/queues/job/${again}/reset`);
  await eventually('the second run', async () => (await jobOf(again)).runs === 2);
  await ended(again);
  await ask('POST', `/queues/job/${again}/abort`);
  assert.equal((await jobOf(again)).status, 'complete', 'a job that is complete cannot be called off');
});

test('a task runs once, or again and again until it is taken back', async () => {
  const once = await ask('POST', '/queues/task', { params: { what: 'once' } });
  const { type, database, offset, command } = once.body as Readonly<Record<string, unknown>>;
  assert.deepEqual([type, database, offset], ['timed', '_system', 0]);
  assert.match(String(command), /^\(function \(params\) \{ \(function/);
  await eventually('its run', async () => (await notes('once')).length === 1);

  const again = await ask('POST', '/queues/task', { id: 'again', name: 'mine', period: 0.05, offset: 0.1, params: { what: 'tick' } });
  const shown = again.body as Readonly<Record<string, unknown>>;
  assert.deepEqual([shown['id'], shown['name'], shown['type'], shown['period'], shown['offset']], ['again', 'mine', 'periodic', 0.05, 0.1]);
  await eventually('three runs', async () => (await notes('tick')).length >= 3);
  assert.equal((await ask('POST', '/queues/task', { id: 'again' })).status, 409);
  assert.deepEqual((await get('/queues/task/again')).body, shown);
  assert.equal((await ask('DELETE', '/queues/task/again')).status, 204);
  assert.equal((await get('/queues/task/again')).status, 404);
  const seen = (await notes('tick')).length;
  await new Promise((later) => setTimeout(later, 200));
  assert.ok((await notes('tick')).length <= seen + 1, 'no more than the run that was under way');
});

test('jobs outlast a kill of the server, and one that was in progress is run again', async () => {
  const install = `--foxx.install=/queues=${serviceFolder('queues')}`;
  const first = await startServer({ arguments: [install] });
  const at = (server: TestServer) => async (path: string) => (await askServer(server, 'GET', path)).body as Job & readonly Note[];
  const pushTo = async (job: object): Promise<string> => {
    const { body } = await askServer(first, 'POST', '/queues/job', job);
    return (body as { id: string }).id.slice('_jobs/'.length);
  };
  const running = await pushTo({ script: 'slow', data: { until: 'killed' } });
  await eventually('the beginning', async () => (await at(first)(`/queues/notes/begin`)).length === 1);
  const waiting = await pushTo({ data: 'after the kill' });
  assert.equal((await at(first)(`/queues/job/${running}`)).status, 'progress');
  await first.stop('SIGKILL');

  const second = await startServer({ folder: first.folder, arguments: [install] });
  try {
    await askServer(second, 'POST', '/_api/document/queues_notes', { _key: 'killed' });
    for (const key of [running, waiting])
      await eventually('its end', async () => (await at(second)(`/queues/job/${key}`)).status === 'complete');
    assert.equal((await at(second)('/queues/notes/begin')).length, 2);
    assert.equal((await at(second)('/queues/notes/end')).length, 1);
  } finally {
    await second.dispose();
  }
});
