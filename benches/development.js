// Development mode: how long it takes from saving a file to the first answer that shows it, and whether any request fails meanwhile.
// Usage: node benches/development.js [edits] [requests at a time]
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const edits = Number(process.argv[2] ?? 50);
const clients = Number(process.argv[3] ?? 4);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'foxden-development-'));
const child = spawn(
  process.execPath,
  [
    join(root, 'bin', 'foxden.js'),
    '--server.endpoint=tcp://127.0.0.1:0',
    '--server.authentication=false',
    `--database.directory=${join(folder, 'data')}`,
    `--javascript.app-path=${join(folder, 'apps')}`,
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);

try {
  const url = await new Promise((resolve) => child.stdout.on('data', (chunk) => resolve(/http:\/\/\S+/.exec(String(chunk))?.[0] ?? '')));
  const answer = await fetch(`${url}/_api/foxx?mount=/notes&development=true`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ source: join(root, 'examples', 'notes') }),
  });
  const { path } = await answer.json();
  const main = join(path, 'index.js');
  const original = readFileSync(main, 'utf8');
  /** As an editor saves: beside the file, then in its place. */
  const save = (edit) => {
    writeFileSync(`${main}.new`, `${original}\nrouter.get('/edit', (req, res) => res.send('${edit}'));\n`);
    renameSync(`${main}.new`, main);
  };
  save(0);

  let shown = 0;
  let requests = 0;
  let failed = 0;
  let isOver = false;
  const seen = new Map();
  const client = async () => {
    while (!isOver) {
      const response = await fetch(`${url}/notes/edit`);
      const text = await response.text();
      requests++;
      if (response.status !== 200) failed++;
      else if (!seen.has(text)) {
        seen.set(text, performance.now());
        shown = Number(text);
      }
    }
  };
  const running = Promise.all(Array.from({ length: clients }, client));
  const delays = [];
  for (let edit = 1; edit <= edits; edit++) {
    const savedAt = performance.now();
    save(edit);
    while (shown < edit) await new Promise((resolve) => setTimeout(resolve, 1));
    delays.push(seen.get(String(edit)) - savedAt);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  isOver = true;
  await running;
  delays.sort((a, b) => a - b);
  const at = (part) => delays[Math.min(delays.length - 1, Math.floor(delays.length * part))].toFixed(1);
  console.log(
    `${edits} edits, ${requests} requests by ${clients} clients, ${failed} failed; from saving to the new answer: median ${at(0.5)} ms, p95 ${at(0.95)} ms`,
  );
} finally {
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
