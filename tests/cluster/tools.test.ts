/** What operators use: foxden cluster status, foxden cluster check; and users who are known everywhere. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runTool, type RunOptions } from '../support/cli.ts';
import { startCluster, until, type TestCluster } from '../support/coordinators.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import type { TestServer } from '../support/server.ts';

let postgres: TestPostgres;
let cluster: TestCluster;
before(async () => {
  postgres = await startPostgres({ settings: { fsync: 'off' } });
  cluster = await startCluster(await postgres.createDatabase(), 2, {
    arguments: ['--server.minimal-threads=1', '--server.authentication=true'],
  });
});
after(async () => {
  await cluster.dispose();
  await postgres.stop();
});

const member = (place: number): TestServer => cluster.members[place] as TestServer;
const ROOT = { authorization: `Basic ${Buffer.from('root:').toString('base64')}` };

interface Told {
  readonly code: number | null;
  readonly output: string;
}

async function foxden(args: readonly string[], options?: RunOptions): Promise<Told> {
  const { status, stdout, stderr } = await runTool('foxden', [...args, '--server', member(0).url, '--username', 'root'], options);
  return { code: status, output: stdout + stderr };
}

test('users, tokens and passwords are the same everywhere', async () => {
  const created = await member(0).fetch('/_api/user', {
    method: 'POST',
    headers: { ...ROOT, 'content-type': 'application/json' },
    body: JSON.stringify({ user: 'ada', passwd: 'one' }),
  });
  assert.equal(created.status, 201, await created.text());
  const signIn = (server: TestServer, password: string): Promise<Response> =>
    server.fetch('/_open/auth', { json: { username: 'ada', password } });
  const { jwt } = (await (
    await until(
      () => signIn(member(1), 'one'),
      ({ status }) => status === 200,
    )
  ).json()) as { jwt: string };
  assert.equal((await member(0).fetch('/_api/user/ada', { headers: { authorization: `bearer ${jwt}` } })).status, 200);
  const changed = await member(0).fetch('/_api/user/ada', {
    method: 'PATCH',
    headers: { ...ROOT, 'content-type': 'application/json' },
    body: JSON.stringify({ passwd: 'two' }),
  });
  assert.equal(changed.status, 200, await changed.text());
  await until(
    () => signIn(member(1), 'two'),
    ({ status }) => status === 200,
  );
  assert.equal((await signIn(member(1), 'one')).status, 401);
});

test('status lists the coordinators, and fails while one is gone', async () => {
  const well = await foxden(['cluster', 'status']);
  assert.equal(well.code, 0, well.output);
  assert.equal(well.output.match(/CRDN-[\da-f]+/g)?.length, 2);
  assert.match(well.output, /serving/);
  const told = JSON.parse((await foxden(['cluster', 'status', '--json'])).output) as { members: readonly { state: string }[] };
  assert.deepEqual(
    told.members.map(({ state }) => state),
    ['serving', 'serving'],
  );
});

test('check finds what was promised, and what the database is like', async () => {
  // What the command prints comes out of the process itself.
  const own = { input: '' };
  const { code, output } = await foxden(['cluster', 'check', '--seconds', '1', '--switchover-command', 'echo switching'], own);
  // The servers of tests do not wait for the disk, and that is found; nothing else is.
  assert.equal(code, 1, output);
  assert.deepEqual(output.match(/✗.*/g), ['✗ fsync is off: a power cut destroys the data'], output);
  assert.match(output, /PostgreSQL \d+\.\d+ .*at 127\.0\.0\.1:\d+, timeline 1/);
  assert.match(output, /! no synchronous standby/);
  assert.equal(output.match(/: notifications arrive/g)?.length, 2);
  assert.equal(output.match(/: the lineage guard is at \d+/g)?.length, 2);
  assert.match(output, /0 were not there yet/);
  assert.match(output, /answered at all 2 after/);
  assert.match(output, /^switching$/m);
  assert.match(output, /[1-9]\d* writes were acknowledged, 0 of them are lost/);
  const told = JSON.parse((await foxden(['cluster', 'check', '--seconds', '1', '--json'])).output) as { findings: { is: string }[] };
  assert.equal(told.findings.filter(({ is }) => is === 'wrong').length, 1);
});

test('status tells of one that was killed', async () => {
  await member(1).stop('SIGKILL');
  const { output } = await until(
    () => foxden(['cluster', 'status']),
    ({ code }) => code === 1,
  );
  assert.match(output, /gone|unreachable/);
});
