/** Workers that are at jobs which take long, on a machine whose processors have no time: others are started all the same. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { startServer } from '../support/server.ts';

const ANSWER_LIMIT_MS = 25_000;

test('requests are answered while every worker is at a job, however busy the machine is', async (context) => {
  const server = await startServer({ arguments: ['--server.minimal-threads=2', '--server.maximal-threads=4'] });
  context.after(() => server.dispose());
  const load = Array.from({ length: 3 * availableParallelism() }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
  context.after(() => load.forEach((one) => one.kill('SIGKILL')));
  for (let i = 0; i < 2; i++) {
    const body = JSON.stringify({ query: 'FOR i IN 1..900 RETURN SLEEP(0.1)' });
    const { status } = await server.fetch('/_api/cursor', { method: 'POST', body, headers: { 'x-arango-async': 'store' } });
    assert.equal(status, 202);
  }
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => server.fetch('/_api/version', { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) })),
  );
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 200],
  );
});
