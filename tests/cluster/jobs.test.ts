/** Jobs of queues on several coordinators: each is run by one of them, and what one leaves behind when it dies is run again. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { service, zip } from '../support/bundles.ts';
import { startCluster, textAt, until, type TestCluster } from '../support/coordinators.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import type { TestServer } from '../support/server.ts';

const JOBS = 16;
const MAX_WORKERS = 2;

let postgres: TestPostgres;
let cluster: TestCluster;
before(async () => {
  postgres = await startPostgres({ settings: { fsync: 'off' } });
  cluster = await startCluster(await postgres.createDatabase(), 2);
  const files = service(
    `const queues = require('@arangodb/foxx/queues');
    for (const name of ['runs', 'gates']) if (!db._collection(name)) db._create(name);
    router.post('/push/:queue/:script/:count', (req, res) => {
      const queue = queues.create(req.pathParams.queue, ${MAX_WORKERS});
      for (let i = 0; i < Number(req.pathParams.count); i++) queue.push({ mount: module.context.mount, name: req.pathParams.script }, { number: i });
      res.send('pushed');
    });
    router.get('/', (req, res) => res.send('here'));`,
    { scripts: { count: 'count.js', hang: 'hang.js' } },
    {
      'count.js': `'use strict'; const { db } = require('@arangodb'); const { number } = module.context.argv[0];
        const running = db._query('FOR job IN _jobs FILTER job.status == "progress" AND job.queue == "counted" RETURN 1').toArray().length;
        db.runs.save({ number, running });`,
      'hang.js': `'use strict'; const { db } = require('@arangodb');
        db.runs.save({ number: 'hung' });
        while (!db.gates.exists('open')) require('internal').sleep(0.05);`,
    },
  );
  const installed = await member(0).fetch('/_api/foxx?mount=/queues', {
    method: 'POST',
    body: zip(files),
    headers: { 'content-type': 'application/zip' },
  });
  assert.equal(installed.status, 201, await installed.text());
  for (const server of cluster.members)
    await until(
      () => textAt(server, '/queues'),
      (answer) => answer === '200 here',
    );
});
after(async () => {
  await cluster.dispose();
  await postgres.stop();
});

const member = (place: number): TestServer => cluster.members[place] as TestServer;

async function query<Row>(server: TestServer, text: string): Promise<readonly Row[]> {
  const answer = await server.fetch('/_api/cursor', { json: { query: text, batchSize: 1000 } });
  const { result } = (await answer.json()) as { result: readonly Row[] };
  assert.equal(answer.status, 201);
  return result;
}

test('each job is run once, and no queue runs more than it may in all', async () => {
  await Promise.all([0, 1].map((place) => member(place).fetch(`/queues/push/counted/count/${JOBS / 2}`, { method: 'POST' })));
  await until(
    () => query<number>(member(0), 'RETURN COUNT(FOR job IN _jobs FILTER job.queue == "counted" AND job.status == "complete" RETURN 1)'),
    ([complete]) => complete === JOBS,
  );
  const runs = await query<{ number: number; running: number }>(member(1), 'FOR run IN runs FILTER run.number != "hung" RETURN run');
  assert.equal(runs.length, JOBS);
  for (let number = 0; number < JOBS / 2; number++) assert.equal(runs.filter((run) => run.number === number).length, 2);
  assert.ok(Math.max(...runs.map(({ running }) => running)) <= MAX_WORKERS);
});

test('the jobs of a coordinator that dies are run again by another', async () => {
  await member(1).fetch('/queues/push/hung/hang/1', { method: 'POST' });
  await until(
    () => query(member(0), 'FOR run IN runs FILTER run.number == "hung" RETURN run'),
    (runs) => runs.length === 1,
  );
  const [startedBy] = await query<string>(member(0), 'FOR job IN _jobs FILTER job.queue == "hung" RETURN job.startedBy');
  const ids = await Promise.all(
    cluster.members.map(async (server) => ((await (await server.fetch('/_admin/server/id')).json()) as { id: string }).id),
  );
  const runner = ids.findIndex((id) => startedBy?.startsWith(id));
  assert.notEqual(runner, -1, startedBy);
  await member(runner).stop('SIGKILL');
  const other = member(1 - runner);
  await until(
    () => query(other, 'FOR run IN runs FILTER run.number == "hung" RETURN run'),
    (runs) => runs.length === 2,
  );
  await query(other, 'INSERT { _key: "open" } INTO gates');
  const [job] = await until(
    () => query<{ status: string; failures?: unknown[] }>(other, 'FOR job IN _jobs FILTER job.queue == "hung" RETURN job'),
    ([found]) => found?.status === 'complete',
  );
  assert.deepEqual(job?.failures ?? [], []);
});
