/**
 * What becomes of clients when the database fails over: three PostgreSQL under Patroni, replicating synchronously, and two coordinators on them with a
 * constant load. After each accident every acknowledged write is there, what was refused is not, nothing is there by half, and nobody waited for longer than
 * promised. Each case prints what it has cost.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { service, zip } from '../support/bundles.ts';
import { startCluster, textAt, until, type TestCluster } from '../support/coordinators.ts';
import { startPatroni, type TestPatroni } from '../support/patroni.ts';
import type { TestServer } from '../support/server.ts';
import { describeSpell, installLoad, startLoad, type Spell } from '../support/steady-load.ts';

/** `--cluster.lease` and so on as they are by default: it is about these times. */
const OPTIONS = ['--cluster.heartbeat-interval=1', '--cluster.lease=10', '--storage.pool-size=16', '--server.maximal-threads=4'];
/** 15 s for what was not begun, twice that for a commit of which nobody knows, and what a busy machine adds. */
const LIMIT_SECONDS = 45;
const PROGRESS = 20;

let patroni: TestPatroni;
let cluster: TestCluster;
before(async () => {
  patroni = await startPatroni();
  cluster = await startCluster(await patroni.createDatabase(), 2, { arguments: OPTIONS });
  await installLoad(cluster.members);
});
after(async () => {
  await cluster?.dispose();
  await patroni?.stop();
});
afterEach(() => patroni.untilWhole());

const member = (place: number): TestServer => cluster.members[place] as TestServer;

/** Lets clients write and read while something happens to the database, until all of them write again. */
async function underLoad(
  context: TestContext,
  happens: () => Promise<void>,
  servers: readonly TestServer[] = cluster.members,
): Promise<Spell> {
  const load = startLoad(context.name.replaceAll(/\W+/g, '-'), servers, { limitSeconds: LIMIT_SECONDS });
  await load.progress(PROGRESS);
  await happens();
  await load.progress(PROGRESS);
  const spell = await load.end();
  context.diagnostic(describeSpell(context.name, spell));
  await checkCoordinators();
  return spell;
}

interface Status {
  readonly isCurrent: boolean;
  readonly isLeader: boolean;
  readonly members: readonly { readonly isAlive: boolean }[];
}

/** The lineage guard has said nothing, all that live have leases and know each other, and one of them leads. */
async function checkCoordinators(): Promise<void> {
  const living = cluster.members.filter(({ process: { exitCode, signalCode } }) => exitCode === null && signalCode === null);
  for (const server of living) assert.doesNotMatch(server.output(), /gone back in time/);
  await until(
    () => Promise.all(living.map(async (server) => (await (await server.fetch('/_admin/cluster/status')).json()) as Status)),
    (all) =>
      all.every(({ isCurrent, members }) => isCurrent && members.filter(({ isAlive }) => isAlive).length === living.length) &&
      all.filter(({ isLeader }) => isLeader).length === 1,
  );
}

async function untilOtherLeader(former: string): Promise<void> {
  await until(
    () => patroni.leader(),
    (leader) => leader !== former,
  );
}

test('the process of the primary is killed', async (context) => {
  await underLoad(context, async () => patroni.killPostmaster(await patroni.leader()));
});

test('the machine of the primary is gone', async (context) => {
  const leader = await patroni.leader();
  const { refused } = await underLoad(context, async () => {
    await patroni.killHost(leader);
    await untilOtherLeader(leader);
  });
  assert.ok(refused > 0, 'it takes longer than requests wait');
  patroni.revive(leader);
});

test('the primary is changed on purpose', async (context) => {
  const leader = await patroni.leader();
  await underLoad(context, () => patroni.switchover());
  await untilOtherLeader(leader);
});

test('the primary is frozen until another one has taken its place, and thaws', async (context) => {
  const leader = await patroni.leader();
  await underLoad(context, async () => {
    patroni.freeze(leader);
    await untilOtherLeader(leader);
    // The new one has taken writes when the old one still believes that it is the one.
    await sleep(5_000);
    patroni.thaw(leader);
  });
});

test('the primary stands still for less than it takes to replace it', async (context) => {
  const leader = await patroni.leader();
  await underLoad(context, async () => {
    patroni.freeze(leader);
    await sleep(8_000);
    patroni.thaw(leader);
  });
});

test('the synchronous standby is killed', async (context) => {
  const standby = await patroni.synchronousStandby();
  await underLoad(context, () => patroni.killHost(standby));
  patroni.revive(standby);
});

test('no standby is left for a while', async (context) => {
  const leader = await patroni.leader();
  const standbys = ['node1', 'node2', 'node3'].filter((name) => name !== leader);
  await underLoad(context, async () => {
    for (const name of standbys) await patroni.killHost(name);
    await sleep(20_000);
    for (const name of standbys) patroni.revive(name);
  });
});

test('the leader of etcd is killed', async (context) => {
  const { etcd } = patroni;
  let killed = 0;
  await underLoad(context, async () => {
    killed = await etcd.killLeader();
    await sleep(10_000);
  });
  await etcd.revive(killed);
});

test('a coordinator is killed together with the primary', async (context) => {
  const third = await cluster.start();
  await until(
    () => textAt(third, '/load'),
    (text) => text === '200 here',
  );
  await underLoad(context, async () => {
    const leader = await patroni.leader();
    await Promise.all([third.stop('SIGKILL'), patroni.killPostmaster(leader)]);
  });
  cluster.members.splice(cluster.members.indexOf(third), 1);
});

test('an install that was begun before ends the same everywhere', async (context) => {
  const files = service(
    `router.get('/', (req, res) => res.send('installed'));`,
    { scripts: { setup: 'setup.js' } },
    {
      'setup.js': `'use strict'; const { db } = require('@arangodb'); db.written.save({ _key: 'setup-' + Date.now() }); require('internal').sleep(2);`,
    },
  );
  const install = (server: TestServer): Promise<Response> =>
    server.fetch('/_api/foxx?mount=/begun', { method: 'POST', body: zip(files), headers: { 'content-type': 'application/zip' } });
  const begun = install(member(0));
  await until(
    async () =>
      (await member(1).fetch('/_api/cursor', { json: { query: 'FOR w IN written FILTER w._key LIKE "setup-%" RETURN w' } })).json(),
    (answer) => (answer as { result: unknown[] }).result.length > 0,
  );
  await patroni.killPostmaster(await patroni.leader());
  const first = await begun;
  context.diagnostic(`the install was answered with ${first.status} ${(await first.text()).slice(0, 200)}`);
  if (!first.ok) {
    const again = await until(
      () => install(member(1)),
      ({ status }) => status === 201 || status === 409,
    );
    context.diagnostic(`again: ${again.status}`);
  }
  for (const server of cluster.members)
    await until(
      () => textAt(server, '/begun'),
      (text) => text === '200 installed',
    );
  type Listed = {
    readonly mount: string;
    readonly checksum: string;
    readonly coordinators: readonly { checksum: string; state: string }[];
  };
  const listed = await until(
    async () => ((await (await member(1).fetch('/_api/foxx')).json()) as Listed[]).find(({ mount }) => mount === '/begun'),
    (found) => found?.coordinators.length === cluster.members.length && found.coordinators.every(({ state }) => state === 'current'),
  );
  assert.equal(new Set(listed?.coordinators.map(({ checksum }) => checksum)).size, 1);
});
