// The program against its peers: each line is the same work with the same durability on both sides, in one run on one machine. Both
// sides are warmed up, then measured in turns. A machine that others use changes from second to second, so what counts is the median of
// the ratios of neighbours. Usage: npm run bench [-- --documents 1000000 --seconds 3 --rounds 5 --only hello]
import { fork, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { documentOf, KEYS } from './documents.js';

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    documents: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
  },
});
const count = Number(options.documents);
const seconds = Number(options.seconds);
const rounds = Number(options.rounds);
/** Until the compilers of both sides have seen enough: code that is new to V8 gets faster for about as long. */
const WARM_UP_SECONDS = 4;
const STARTS = 3;
const folder = mkdtempSync(join(tmpdir(), 'foxden-bench-'));
const children = [];

/** CPU time that a process and its threads have used, in milliseconds. */
function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function startPeer(name, synchronous) {
  const data = mkdtempSync(join(folder, `${name}-`));
  const child = fork(join(here, 'peer.js'), [data, synchronous, String(count)], { stdio: 'inherit' });
  children.push(child);
  const { port } = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`the peer ended with ${code}`)));
  });
  return { pid: child.pid, url: `http://127.0.0.1:${port}` };
}

/** Starts on `data`; `startMs` is the time until it can answer. */
async function startFoxden(data, { workers } = {}) {
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [
      join(here, '..', 'bin', 'foxden.js'),
      '--server.endpoint',
      'tcp://127.0.0.1:0',
      '--server.authentication',
      'false',
      '--database.directory',
      join(data, 'data'),
      '--javascript.app-path',
      join(data, 'apps'),
      ...(workers === undefined ? [] : ['--javascript.v8-contexts-minimum', String(workers)]),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  children.push(child);
  const url = await new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(text);
      if (found) resolve(found[0]);
    });
    child.once('exit', (code) => reject(new Error(`foxden ended with ${code}:\n${text}`)));
  });
  await fetch(`${url}/_api/version`);
  return { pid: child.pid, url, child, startMs: performance.now() - began };
}

async function stopFoxden({ child }) {
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('exit', resolve));
}

/** What the process holds in memory, without the pages of the data file that the system has in its cache anyway. */
function memoryMb(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return (Number(/RssAnon:\s+(\d+)/.exec(status)[1]) + Number(/RssShmem:\s+(\d+)/.exec(status)[1])) / 1024;
}

function residentMb(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

/** Starts anew on the full database, with two workers and with three, and looks at it when it has been idle for a while. */
async function measureIdle(data) {
  for (const workers of [2, 3]) {
    const seen = [];
    for (let start = 0; start < STARTS; start++) {
      const server = await startFoxden(data, { workers });
      await new Promise((resolve) => setTimeout(resolve, 3000));
      seen.push({ startMs: server.startMs, residentMb: residentMb(server.pid), memoryMb: memoryMb(server.pid) });
      await stopFoxden(server);
    }
    const middle = (name) => median(seen.map((each) => each[name])).toFixed(0);
    console.log(
      `${workers} workers, idle: ${middle('residentMb')} MB resident, ${middle('memoryMb')} MB of them not backed by files; started in ${middle('startMs')} ms`,
    );
  }
}

async function send(url, method, body, headers = { 'content-type': 'application/json' }) {
  const answer = await fetch(url, { method, body, headers });
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

async function fillFoxden(url) {
  for (const name of ['items', 'fresh']) await send(`${url}/_api/collection`, 'POST', JSON.stringify({ name }));
  const began = performance.now();
  for (let start = 0; start < count; start += 5000) {
    const batch = [];
    for (let i = start; i < Math.min(count, start + 5000); i++) batch.push({ _key: KEYS(i), ...documentOf(i) });
    await send(`${url}/_api/document/items?silent=true`, 'POST', JSON.stringify(batch));
  }
  console.log(`foxden took in ${count} documents over HTTP at ${Math.round((count / (performance.now() - began)) * 1000)}/s`);
  await send(`${url}/_api/index?collection=items`, 'POST', JSON.stringify({ type: 'persistent', fields: ['city', 'age'] }));
  const zip = await serviceBody();
  await send(`${url}/_api/foxx?mount=/bench`, 'POST', JSON.stringify({ source: zip }));
}

const serviceBody = async () => join(here, 'services', 'bench');

function load(server, work) {
  const beforeMs = cpuMs(server.pid);
  const { stdout, status } = spawnSync(
    process.execPath,
    [join(here, 'load.js'), JSON.stringify({ ...work, url: server.url, seconds: work.seconds ?? seconds, count })],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  if (status !== 0) throw new Error(`the load generator ended with ${status}`);
  const figures = JSON.parse(stdout);
  return { ...figures, cpuUs: ((cpuMs(server.pid) - beforeMs) * 1000) / figures.answered };
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Both sides in turns, after a warm-up. */
function compare(name, target, ours, peers) {
  if (options.only !== '' && !name.includes(options.only)) return;
  load(ours.server, { ...ours.work, seconds: WARM_UP_SECONDS });
  load(peers.server, { ...peers.work, seconds: WARM_UP_SECONDS });
  const runs = [];
  for (let round = 0; round < rounds; round++) {
    // Who goes first would always meet the machine as the other has left it.
    const oursFirst = round % 2 === 0 ? load(ours.server, ours.work) : undefined;
    const theirs = load(peers.server, peers.work);
    runs.push({ ours: oursFirst ?? load(ours.server, ours.work), peers: theirs });
  }
  const middle = (side, figure) => median(runs.map((run) => run[side][figure]));
  const ratios = runs.map((run) => run.ours.rate / run.peers.rate);
  const failed = runs.reduce((sum, run) => sum + run.ours.failed + run.peers.failed, 0);
  const both = (figure, digits) => `${middle('ours', figure).toFixed(digits)} / ${middle('peers', figure).toFixed(digits)}`;
  console.log(
    `| ${name} | ${middle('ours', 'rate').toFixed(0)} | ${middle('peers', 'rate').toFixed(0)} | ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}) | ${target} | ${both('cpuUs', 1)} | ${both('generatorUs', 1)} | ${both('p50', 1)} | ${both('p99', 1)} | ${failed} |`,
  );
}

try {
  const relaxed = await startPeer('relaxed', 'NORMAL');
  const synced = await startPeer('synced', 'FULL');
  const data = mkdtempSync(join(folder, 'foxden-'));
  const foxden = await startFoxden(data);
  await fillFoxden(foxden.url);

  const json = { 'content-type': 'application/json' };
  const get = (path, connections = 64) => ({ method: 'GET', path, connections });
  const post = (path, body, connections = 64) => ({ method: 'POST', path, body, connections, headers: json });
  console.log(
    `\n${cpus().length} cores, ${cpus()[0]?.model ?? ''}, Node ${process.version}, ${count} documents, ${rounds} rounds of ${seconds} s`,
  );
  console.log(
    '\n| work | foxden req/s | peer req/s | ratio (least–most) | wanted | CPU µs a request | generator µs | p50 ms | p99 ms | failed |\n|---|---|---|---|---|---|---|---|---|---|',
  );
  const side = (server, work) => ({ server, work });
  compare('Foxx hello', '≥ 0.9', side(foxden, get('/bench/hello')), side(relaxed, get('/hello')));
  compare('Foxx route, one document', '≥ 1.2', side(foxden, get('/bench/greet/{key}')), side(relaxed, get('/greet/{key}')));
  compare('document GET', '≥ 1.3', side(foxden, get('/_api/document/items/{key}')), side(relaxed, get('/items/{key}')));
  compare('document POST', '≥ 1.6', side(foxden, post('/_api/document/fresh', 'document')), side(relaxed, post('/items', 'document')));
  compare(
    'document POST, synced',
    '≥ 2',
    side(foxden, post('/_api/document/fresh?waitForSync=true', 'document')),
    side(synced, post('/items', 'document')),
  );
  const query = JSON.stringify({
    query: 'FOR i IN items FILTER i.city == @city AND i.age >= @age SORT i.age LIMIT 20 RETURN i',
    bindVars: { city: '{city}', age: '{age}' },
  }).replace('"{age}"', '{age}');
  compare('indexed query', '≥ 1', side(foxden, post('/_api/cursor', query)), side(relaxed, get('/query/{city}/{age}')));
  const scan = JSON.stringify({ query: 'FOR i IN items FILTER i.score > 90000 AND i.active == true COLLECT WITH COUNT INTO n RETURN n' });
  compare('full scan with filter', '≥ 1', side(foxden, post('/_api/cursor', scan, 1)), side(relaxed, get('/scan/90000', 1)));
  console.log('');
  await stopFoxden(foxden);
  await measureIdle(data);
} finally {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
