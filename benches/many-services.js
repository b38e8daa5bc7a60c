// What services cost a worker: a server with one worker and no service beside one with many, how long it takes until each of them has answered,
// and how much memory that is. Usage: node benches/many-services.js [services] [folders of services, which are mounted in turns]
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const count = Number(process.argv[2] ?? 50);
const given = process.argv.slice(3).map((path) => resolve(path));
const sources =
  given.length > 0
    ? given
    : ['examples/notes', 'tests/services/hello-tour', 'tests/services/stock-api', 'tests/services/todo-list'].map((path) =>
        join(root, path),
      );
const folder = mkdtempSync(join(tmpdir(), 'foxden-many-'));
let child;

async function start(data) {
  child = spawn(
    process.execPath,
    [
      join(root, 'bin', 'foxden.js'),
      '--server.endpoint=tcp://127.0.0.1:0',
      '--server.authentication=false',
      '--javascript.v8-contexts=1',
      '--javascript.v8-contexts-minimum=1',
      `--database.directory=${join(folder, data)}`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const url = await new Promise((found) =>
    child.stdout.on('data', (chunk) => /http:\/\/\S+/.test(String(chunk)) && found(/http:\/\/\S+/.exec(String(chunk))[0])),
  );
  while (!(await fetch(`${url}/_api/version`)).ok);
  return url;
}

async function stop() {
  const gone = new Promise((ended) => child.once('exit', ended));
  child.kill('SIGTERM');
  await gone;
}

/** Of the process, once it has been idle for a while: its own memory, and with it the pages of files that are mapped, which the system takes back. */
async function memory() {
  await new Promise((later) => setTimeout(later, 3000));
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const [own, resident] = ['RssAnon', 'VmRSS'].map((name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)[1]) / 1024);
  return { own, text: `${own.toFixed(0)} MB (${resident.toFixed(0)} MB with mapped files)` };
}

try {
  await start('none');
  await stop();
  await start('none');
  const without = await memory();
  await stop();

  let url = await start('many');
  const mounts = [];
  for (let index = 0; index < count; index++) {
    const mount = `/service${index}`;
    const source = sources[index % sources.length];
    const answer = await fetch(`${url}/_api/foxx?mount=${mount}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ source }),
    });
    if (answer.status === 201) mounts.push(mount);
    else console.log(`${source}: ${(await answer.json()).errorMessage.split('\n')[0]}`);
  }
  await stop();

  url = await start('many');
  const idle = await memory();
  const began = performance.now();
  const each = [];
  for (const mount of mounts) {
    const at = performance.now();
    await (await fetch(url + mount)).arrayBuffer();
    each.push(performance.now() - at);
  }
  const loadedMs = performance.now() - began;
  const loaded = await memory();
  each.sort((a, b) => a - b);
  console.log(
    `${mounts.length} services: loaded one after the other in ${loadedMs.toFixed(0)} ms (median ${each[each.length >> 1].toFixed(1)} ms, longest ${each.at(-1).toFixed(1)} ms); ` +
      `${(loaded.own - without.own).toFixed(0)} MB more than none: ${without.text} without, ${idle.text} before and ${loaded.text} after the first requests`,
  );
} finally {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
