/** Coordinators that find each other, agree by locks and tell each other news, over a real PostgreSQL: each has its thread, as in a server. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAlarmMemory, createLogMemory, createMetricsMemory, DEFAULT_CONFIG } from '#base';
import { createSharedClusterMemory, joinCoordinators, joinShared, type Cluster, type Coordinator } from '#cluster';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';

const LIMIT_MS = 60_000;

let postgres: TestPostgres;
const members: Coordinator[] = [];
before(async () => {
  // What was committed is there after a crash of the server, if not of the machine.
  postgres = await startPostgres({ settings: { fsync: 'off' } });
});
afterEach(async () => {
  await Promise.all(members.splice(0).map((member) => member.leave()));
});
after(() => postgres.stop());

interface TestMember {
  readonly cluster: Cluster;
  readonly member: Coordinator;
  /** Ends its connections and lets it make no other. */
  cutOff(): Promise<void>;
}

async function join(url: string, id: string, { leaseSeconds = 5 } = {}): Promise<TestMember> {
  const memory = createSharedClusterMemory();
  const role = `${id.toLowerCase().replace(/\W/g, '_')}_${new URL(url).pathname.slice(1)}`;
  await postgres.query(`CREATE ROLE ${role} LOGIN SUPERUSER`);
  const own = new URL(url);
  own.username = role;
  const member = await joinCoordinators({
    config: {
      ...DEFAULT_CONFIG,
      'cluster.heartbeat-interval': 0.2,
      'cluster.lease': leaseSeconds,
      'storage.url': own.href,
      'log.output': ['-'],
    },
    memory,
    log: createLogMemory(),
    metrics: createMetricsMemory(2),
    metricsLane: 1,
    alarm: createAlarmMemory(),
    id,
    endpoint: `http://${id}:8529`,
  });
  members.push(member);
  const cluster = joinShared(memory, { id });
  cluster.catchUp(cluster.life);
  return {
    cluster,
    member,
    cutOff: async () => {
      await postgres.query(`ALTER ROLE ${role} NOLOGIN`);
      await postgres.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${role}'`);
    },
  };
}

async function until(isSo: () => boolean): Promise<void> {
  for (const end = Date.now() + LIMIT_MS; !isSo(); await sleep(10)) assert.ok(Date.now() < end, 'waited too long');
}

const alive = (cluster: Cluster): string[] =>
  cluster
    .members()
    .filter(({ isAlive }) => isAlive)
    .map(({ id }) => id);

test('coordinators know of each other until one leaves', async () => {
  const url = await postgres.createDatabase();
  const [one, other] = await Promise.all([join(url, 'CRDN-a'), join(url, 'CRDN-b')]);
  await until(() => alive(one.cluster).length === 2 && alive(other.cluster).length === 2);
  const [a, b] = one.cluster.members();
  assert.equal(a?.isSelf, true);
  assert.equal(b?.endpoint, 'http://CRDN-b:8529');
  assert.notEqual(a?.number, b?.number);
  assert.equal(one.cluster.isCurrent, true);
  assert.equal([one, other].filter(({ cluster }) => cluster.isLeader).length, 1);
  await other.member.leave();
  members.splice(members.indexOf(other.member), 1);
  await until(() => alive(one.cluster).length === 1 && one.cluster.isLeader);
});

test('an announcement is news to all others, and to oneself at once', async () => {
  const url = await postgres.createDatabase();
  const all = await Promise.all(['CRDN-a', 'CRDN-b', 'CRDN-c'].map((id) => join(url, id)));
  const clusters = all.map(({ cluster }) => cluster);
  const [one, ...others] = clusters;
  assert.ok(one !== undefined);
  // Whoever comes is news, too.
  await until(() => clusters.every((cluster) => alive(cluster).length === 3));
  const counts = (): number[][] => clusters.map((cluster) => [cluster.versionElsewhere('services'), cluster.versionElsewhere('tasks')]);
  const known = counts();
  const version = one.version('services');
  one.announce('services');
  assert.equal(one.version('services'), version + 1);
  await until(() => others.every((cluster, i) => cluster.versionElsewhere('services') > (known[i + 1]?.[0] ?? 0)));
  assert.equal(others[0]?.version('services'), 0);
  const now = counts();
  assert.deepEqual(now[0], known[0]);
  assert.deepEqual(
    now.map(([, tasks]) => tasks),
    known.map(([, tasks]) => tasks),
  );
});

test('values are seen by all, and gone with the one whose they are', async () => {
  const url = await postgres.createDatabase();
  const [one, other] = await Promise.all([join(url, 'CRDN-a'), join(url, 'CRDN-b')]);
  one.cluster.publish('state /x', 'ready');
  other.cluster.publish('state /x', 'staged');
  other.cluster.publish('state /x', 'ready');
  other.cluster.publish('other', '1');
  const seen = [
    { member: 'CRDN-a', name: 'state /x', value: 'ready' },
    { member: 'CRDN-b', name: 'state /x', value: 'ready' },
  ];
  await until(() => JSON.stringify(one.cluster.published('state ')) === JSON.stringify(seen));
  await until(() => JSON.stringify(other.cluster.published('state ')) === JSON.stringify(seen));
  await other.member.leave();
  members.splice(members.indexOf(other.member), 1);
  await until(() => one.cluster.published('').length === 1);
});

test('a lock keeps all others out until it is given back', async () => {
  const url = await postgres.createDatabase();
  const [one, other] = await Promise.all([join(url, 'CRDN-a'), join(url, 'CRDN-b')]);
  const release = one.cluster.hold('x', LIMIT_MS);
  assert.throws(() => other.cluster.withLock('x', () => 'in', { waitMs: 50 }), { errorNum: 18, message: /CRDN-a/ });
  assert.throws(() => one.cluster.hold('x', LIMIT_MS), { errorNum: 18 });
  assert.equal(
    other.cluster.withLock('x', () => 'in', { isLocal: true }),
    'in',
  );
  one.cluster.checkHeld('x');
  release();
  assert.equal(
    other.cluster.withLock('x', () => other.cluster.withLock('x', () => 'twice')),
    'twice',
  );
  assert.equal(
    one.cluster.withLock('x', () => 'in'),
    'in',
  );
});

test('one that is cut off is taken for dead, and learns of it before it goes on', async () => {
  const url = await postgres.createDatabase();
  const [one, other] = await Promise.all([join(url, 'CRDN-a', { leaseSeconds: 1 }), join(url, 'CRDN-b', { leaseSeconds: 1 })]);
  other.cluster.hold('x', LIMIT_MS);
  other.cluster.publish('value', '1');
  await until(() => one.cluster.published('value').length === 1);
  await other.cutOff();
  await until(() => !other.cluster.isCurrent);
  assert.throws(() => other.cluster.checkHeld('x'), { errorNum: 1495 });
  assert.throws(() => other.cluster.waitUntilCurrent(10), { errorNum: 1478, code: 503 });
  assert.equal(
    one.cluster.withLock('x', () => 'in', { waitMs: LIMIT_MS }),
    'in',
  );
  await until(() => alive(one.cluster).length === 1 && one.cluster.published('').length === 0);
  const { life } = other.cluster;
  await postgres.query(`ALTER ROLE crdn_b_${new URL(url).pathname.slice(1)} LOGIN`);
  await until(() => other.cluster.life > life);
  assert.equal(other.cluster.isCurrent, false, 'it has not looked at what it has missed');
  assert.ok(other.cluster.versionElsewhere('services') > 0);
  other.cluster.catchUp(other.cluster.life);
  await until(() => other.cluster.isCurrent);
  assert.throws(() => other.cluster.checkHeld('x'), { errorNum: 1495 });
  await until(() => one.cluster.published('value').length === 1);
});

test('a database that is away for a while costs no locks', async () => {
  const url = await postgres.createDatabase();
  const [one, other] = await Promise.all([join(url, 'CRDN-a', { leaseSeconds: 3 }), join(url, 'CRDN-b', { leaseSeconds: 3 })]);
  const release = one.cluster.hold('x', LIMIT_MS);
  const releaseOther = one.cluster.hold('z', LIMIT_MS);
  await postgres.crash('SIGKILL');
  await until(() => !one.cluster.isCurrent && !other.cluster.isCurrent);
  assert.throws(() => one.cluster.withLock('y', () => 'in', { waitMs: 50 }), { errorNum: 1478 });
  releaseOther();
  await postgres.restart();
  await until(() => one.cluster.isCurrent && other.cluster.isCurrent);
  one.cluster.checkHeld('x');
  assert.throws(() => other.cluster.withLock('x', () => 'in', { waitMs: 50 }), { errorNum: 18 });
  assert.equal(
    other.cluster.withLock('z', () => 'in', { waitMs: LIMIT_MS }),
    'in',
  );
  release();
  assert.equal(
    other.cluster.withLock('x', () => 'in', { waitMs: LIMIT_MS }),
    'in',
  );
  one.cluster.announce('services');
  await until(() => other.cluster.versionElsewhere('services') > 0);
});

test('the locks of a thread that has ended are free', async () => {
  const url = await postgres.createDatabase();
  const [one, other] = await Promise.all([join(url, 'CRDN-a'), join(url, 'CRDN-b')]);
  one.cluster.hold('x', LIMIT_MS);
  one.member.forgetThread(0);
  assert.equal(
    other.cluster.withLock('x', () => 'in', { waitMs: LIMIT_MS }),
    'in',
  );
});
