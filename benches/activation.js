// Upgrades under constant requests, as usual and atomically: how many requests failed, got an answer of two versions, or got the old version
// after somebody had seen the new one; how long an upgrade took, and how long a request had to wait at the most.
// Usage: node benches/activation.js [upgrades] [requests at a time] [url of a coordinator…]; without urls on a server of its own.
import AdmZip from 'adm-zip';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [upgrades = 100, clients = 8] = process.argv.slice(2, 4).map(Number);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const THREADS = 4;

/** Each part of the service says of which version it is; one of them is loaded for the first request. */
function bundle(version) {
  const zip = new AdmZip();
  const add = (path, text) => zip.addFile(path, Buffer.from(text));
  add('manifest.json', JSON.stringify({ name: 'made', version: `${version}.0.0`, main: 'index.js' }));
  add('early.js', `module.exports = ${version};`);
  add('late.js', `module.exports = ${version};`);
  for (let i = 0; i < 50; i++) add(`lib/${i}.js`, `module.exports = ${version}; // ${'x'.repeat(1000)}`);
  add(
    'index.js',
    `const early = require('./early');
    for (let i = 0; i < 50; i++) require('./lib/' + i);
    const router = require('@arangodb/foxx/router')();
    module.context.use(router);
    router.get('/', (req, res) => res.json([${version}, early, require('./late'), parseInt(module.context.manifest.version)]));`,
  );
  return zip.toBuffer();
}

const headers = { 'content-type': 'application/zip', authorization: `Basic ${Buffer.from('root:').toString('base64')}` };

async function send(method, url, version) {
  const answer = await fetch(url, { method, headers, body: bundle(version) });
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
}

const part = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
const told = (ms) => `${ms.toFixed(1)} ms`;

async function measure(what, urls, more) {
  const mount = `/bench${more.length}`;
  await send('POST', `${urls[0]}/_api/foxx?mount=${mount}`, 1);
  const figures = { answers: 0, failed: 0, mixed: 0, oldAfterNew: 0 };
  const waitsMs = [];
  const upgradesMs = [];
  let newest = 0;
  let isOver = false;
  const client = async (url) => {
    while (!isOver) {
      const seen = newest;
      const startedAt = performance.now();
      const answer = await fetch(`${url}${mount}`);
      const text = await answer.text();
      waitsMs.push(performance.now() - startedAt);
      figures.answers++;
      if (answer.status !== 200) {
        figures.failed++;
        continue;
      }
      const parts = JSON.parse(text);
      if (new Set(parts).size > 1) figures.mixed++;
      if (parts[0] < seen) figures.oldAfterNew++;
      newest = Math.max(newest, parts[0]);
    }
  };
  const running = Promise.all(Array.from({ length: clients }, (_, at) => client(urls[at % urls.length])));
  for (let version = 2; version <= upgrades + 1; version++) {
    const startedAt = performance.now();
    await send('PATCH', `${urls[version % urls.length]}/_api/foxx/service?mount=${mount}${more}`, version);
    upgradesMs.push(performance.now() - startedAt);
  }
  isOver = true;
  await running;
  const sorted = (list) => list.toSorted((left, right) => left - right);
  const [waits, durations] = [sorted(waitsMs), sorted(upgradesMs)];
  console.log(`${what}: ${upgrades} upgrades on ${urls.length} coordinator(s), ${clients} clients`);
  console.log(
    `  answers ${figures.answers}, failed ${figures.failed}, of two versions ${figures.mixed}, old after new ${figures.oldAfterNew}`,
  );
  console.log(`  an upgrade took ${told(part(durations, 0.5))} (median), ${told(part(durations, 1))} at the most`);
  console.log(
    `  a request took ${told(part(waits, 0.5))} (median), ${told(part(waits, 0.99))} (99 %), ${told(part(waits, 1))} at the most`,
  );
}

let urls = process.argv.slice(4);
const folder = mkdtempSync(join(tmpdir(), 'foxden-activation-'));
let child;
try {
  if (urls.length === 0) {
    const settings = {
      'server.endpoint': 'tcp://127.0.0.1:0',
      'server.authentication': 'false',
      'server.minimal-threads': THREADS,
      'server.maximal-threads': THREADS,
      'database.directory': join(folder, 'data'),
      'javascript.app-path': join(folder, 'apps'),
    };
    const options = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
    child = spawn(process.execPath, [join(root, 'bin', 'foxden.js'), ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
    urls = [await new Promise((resolve) => child.stdout.on('data', (chunk) => resolve(/http:\/\/\S+/.exec(String(chunk))?.[0] ?? '')))];
  }
  await measure('as usual', urls, '');
  await measure('atomic', urls, '&activation=atomic');
} finally {
  child?.kill();
  rmSync(folder, { recursive: true, force: true });
}
