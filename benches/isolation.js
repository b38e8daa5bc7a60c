// What a service that misbehaves costs its neighbours: a service is asked at a steady rate, first alone and then while another one loops for
// ever, fills its memory or throws. Usage: node benches/isolation.js [seconds a measurement] [requests a second]
import { spawn } from 'node:child_process';
import { Agent, get } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const seconds = Number(process.argv[2] ?? 4);
const rate = Number(process.argv[3] ?? 200);
const folder = mkdtempSync(join(tmpdir(), 'foxden-isolation-'));
const mounted = (name) => `--foxx.install=/${name}=${join(root, 'tests', 'services', name)}`;
const child = spawn(
  process.execPath,
  [
    join(root, 'bin', 'foxden.js'),
    '--server.endpoint=tcp://127.0.0.1:0',
    '--server.authentication=false',
    '--server.maximal-request-time=2',
    '--javascript.v8-max-heap=256',
    '--log.level=fatal',
    '--log.level=general=info',
    `--database.directory=${folder}`,
    mounted('hello-tour'),
    mounted('hostile'),
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const agent = new Agent({ keepAlive: true });
let url;

/** The status, or 0 when there was no answer. */
function ask(path) {
  return new Promise((done) => {
    const request = get(url + path, { agent }, (answer) => {
      answer.resume();
      answer.once('close', () => done(answer.complete ? answer.statusCode : 0));
    });
    request.setTimeout(10_000, () => request.destroy());
    request.once('error', () => done(0));
  });
}

/** Asks the neighbour at a steady rate, whether or not earlier answers have come; `others` are asked beside it, each again as soon as it is answered. */
async function measure(what, others, pauseMs = 0) {
  let isOver = false;
  const beside = others.map(async (path) => {
    while (!isOver) {
      await ask(path);
      if (pauseMs > 0) await new Promise((later) => setTimeout(later, pauseMs));
    }
  });
  const times = [];
  let failed = 0;
  const asked = [];
  const askAt = async (dueMs) => {
    const status = await ask('/hello-tour/hello_json');
    times.push(performance.now() - dueMs);
    if (status !== 200) failed++;
  };
  const began = performance.now();
  for (let index = 0; index < seconds * rate; index++) {
    const dueMs = began + (index * 1000) / rate;
    while (performance.now() < dueMs) await new Promise((later) => setTimeout(later, 1));
    asked.push(askAt(dueMs));
  }
  await Promise.all(asked);
  isOver = true;
  await Promise.all(beside);
  times.sort((a, b) => a - b);
  const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))].toFixed(1).padStart(7);
  console.log(`${what.padEnd(34)} median ${at(0.5)} ms   p99 ${at(0.99)} ms   longest ${at(1)} ms   ${failed} failed`);
}

try {
  url = await new Promise((found) =>
    child.stdout.on(
      'data',
      (chunk) => /listening at (http:\S+)/.test(String(chunk)) && found(/listening at (http:\S+)/.exec(String(chunk))[1]),
    ),
  );
  for (let index = 0; index < 200; index++) await ask(index % 2 === 0 ? '/hello-tour/hello_json' : '/hostile/fine');
  await measure('alone', []);
  await measure('beside one that answers', ['/hostile/fine']);
  await measure('beside an endless loop', ['/hostile/loop']);
  await measure('beside two endless loops', ['/hostile/loop', '/hostile/loop']);
  await measure('beside a loop behind a timer', ['/hostile/loop-in-timer'], 2500);
  await measure('beside one that fills its memory', ['/hostile/memory']);
  await measure('beside one that throws', [
    '/hostile/throw/error',
    '/hostile/throw/rejection',
    '/hostile/throw/in-timer',
    '/hostile/throw/to-json',
  ]);
  await measure('alone again', []);
} finally {
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
