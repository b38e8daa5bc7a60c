// What further coordinators bring: the same requests to one of them, and to all at once, on one PostgreSQL. Each coordinator has a share of a
// processor and no more (control groups of Linux, which takes root), as if it had a machine of its own: so a machine that has
// fewer processors than coordinators shows how they get on with each other, as long as shares, PostgreSQL and the load find room on it.
// Usage: npm run bench scaling [-- --coordinators 3 --share 0.25 --seconds 4 --rounds 3 --connections 32 --only GET]
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { startCluster } from '../dist/tests/support/coordinators.js';
import { startPostgres } from '../dist/tests/support/postgres.js';
import { documentOf, KEYS } from './documents.js';

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    coordinators: { type: 'string', default: '3' },
    share: { type: 'string', default: '0.25' },
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '32' },
    only: { type: 'string', default: '' },
  },
});
const [coordinators, share, seconds, rounds, connections] = ['coordinators', 'share', 'seconds', 'rounds', 'connections'].map((name) =>
  Number(values[name]),
);
const DOCUMENTS = 10_000;
const WARM_UP_SECONDS = 8;
const PERIOD_US = 20_000;
const WANTED = 1.7;

/** Keeps a process and its threads to a share of one processor. */
class Limit {
  #folder;
  #isSecond = existsSync('/sys/fs/cgroup/cgroup.controllers');

  constructor(pid) {
    const root = this.#isSecond ? '/sys/fs/cgroup' : '/sys/fs/cgroup/cpu';
    this.#folder = join(root, `foxden-bench-${pid}`);
    if (this.#isSecond) writeFileSync(join(root, 'cgroup.subtree_control'), '+cpu');
    mkdirSync(this.#folder);
    writeFileSync(join(this.#folder, 'cgroup.procs'), String(pid));
  }

  set share(part) {
    const quota = Math.round(part * PERIOD_US);
    if (this.#isSecond) writeFileSync(join(this.#folder, 'cpu.max'), `${quota} ${PERIOD_US}`);
    else {
      writeFileSync(join(this.#folder, 'cpu.cfs_period_us'), String(PERIOD_US));
      writeFileSync(join(this.#folder, 'cpu.cfs_quota_us'), String(quota));
    }
  }

  /** When the process has ended. */
  remove() {
    rmdirSync(this.#folder);
  }
}

async function send(server, path, json) {
  const answer = await server.fetch(path, { json });
  if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
}

async function fill(server) {
  for (const name of ['items', 'fresh', 'accounts']) await send(server, '/_api/collection', { name });
  const insert = async (name, make) => {
    for (let start = 0; start < DOCUMENTS; start += 5000) {
      const batch = Array.from({ length: 5000 }, (_, i) => ({ _key: KEYS(start + i), ...make(start + i) }));
      await send(server, `/_api/document/${name}?silent=true`, batch);
    }
  };
  await insert('items', documentOf);
  await insert('accounts', () => ({ amount: 1000 }));
  await send(server, '/_api/index?collection=items', { type: 'persistent', fields: ['city', 'age'] });
  await send(server, '/_api/foxx?mount=/bench', { source: join(here, 'services', 'postgres') });
}

/** Time that the processors had nothing to do, in hundredths of a second, and all of it. */
function processors() {
  const [, ...ticks] = readFileSync('/proc/stat', 'utf8').split('\n')[0].split(/\s+/).map(Number);
  return { idle: ticks[3] + ticks[4], all: ticks.reduce((sum, each) => sum + each) };
}

/** Requests a second of several servers together, each with a load of its own. */
async function measure(servers, work, forSeconds) {
  const before = processors();
  const runs = await Promise.all(
    servers.map(async ({ url }) => {
      const given = { connections, ...work, url, seconds: forSeconds, count: DOCUMENTS };
      const { stdout } = await promisify(execFile)(process.execPath, [join(here, 'load.js'), JSON.stringify(given)]);
      return JSON.parse(stdout);
    }),
  );
  const after = processors();
  let [rate, failed] = [0, 0];
  for (const run of runs) {
    rate += run.rate;
    failed += run.failed;
  }
  return { rate, failed, idle: (after.idle - before.idle) / (after.all - before.all) };
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

const postgres = await startPostgres({ settings: { shared_buffers: '512MB', max_wal_size: '4GB' } });
const cluster = await startCluster(await postgres.createDatabase(), coordinators);
const limits = [];
try {
  const { members } = cluster;
  await fill(members[0]);
  for (const { process: child } of members) limits.push(new Limit(child.pid));
  const json = { 'content-type': 'application/json' };
  const query = JSON.stringify({
    query: 'FOR i IN items FILTER i.city == @city AND i.age >= @age SORT i.age LIMIT 20 RETURN i',
    bindVars: { city: '{city}', age: '{age}' },
  }).replace('"{age}"', '{age}');
  const lines = {
    'document GET': { method: 'GET', path: '/_api/document/items/{key}' },
    'Foxx route, one document': { method: 'GET', path: '/bench/item/{key}' },
    'document POST': { method: 'POST', path: '/_api/document/fresh', body: 'document', headers: json },
    'indexed query': { method: 'POST', path: '/_api/cursor', body: query, headers: json },
    'transaction of two documents': { method: 'POST', path: '/bench/transfer/{key}', body: '{}', headers: json },
  };
  console.log(
    `${availableParallelism()} processors, load ${loadavg()[0].toFixed(1)}, Node ${process.version}; ${coordinators} coordinators with ${share} of a processor each, ${rounds} rounds of ${seconds} s, ${connections} connections each\n`,
  );
  console.log(
    `| work | one, req/s | ${coordinators}, req/s | ratio | wanted | idle with ${coordinators} | failed |\n|---|---|---|---|---|---|---|`,
  );
  for (const [name, work] of Object.entries(lines)) {
    if (!name.includes(values.only)) continue;
    // The limit would make compiling take minutes.
    for (const limit of limits) limit.share = availableParallelism();
    await measure(members, work, WARM_UP_SECONDS);
    for (const limit of limits) limit.share = share;
    await measure(members, work, 1);
    const runs = [];
    for (let round = 0; round < rounds; round++) {
      const one = await measure(members.slice(0, 1), work, seconds);
      runs.push({ one, all: await measure(members, work, seconds) });
    }
    const [one, all] = ['one', 'all'].map((side) => median(runs.map((run) => run[side].rate)));
    const ratio = median(runs.map((run) => run.all.rate / run.one.rate));
    const idle = median(runs.map((run) => run.all.idle));
    const failed = runs.reduce((sum, run) => sum + run.one.failed + run.all.failed, 0);
    console.log(
      `| ${name} | ${one.toFixed(0)} | ${all.toFixed(0)} | ${ratio.toFixed(2)} | ≥ ${WANTED} | ${(100 * idle).toFixed(0)} % | ${failed} |`,
    );
  }
} finally {
  await cluster.dispose();
  for (const limit of limits) limit.remove();
  await postgres.stop();
}
