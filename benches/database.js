// foxden's engine beside SQLite and PostgreSQL: each line is the same work on the same data with the same durability, results parsed into
// JavaScript values, all engines in turns in one run, each in a process of its own. A figure is the median of the rounds.
// Usage: npm run bench:database [-- --documents 1000000 --vertices 100000 --edges 3000000 --seconds 1 --rounds 5 --only hop --engines foxden,sqlite]
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    documents: { type: 'string', default: '1000000' },
    vertices: { type: 'string', default: '100000' },
    edges: { type: 'string', default: '3000000' },
    seconds: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    engines: { type: 'string', default: 'foxden,sqlite,sqlite-jsonb,postgres' },
  },
});
const sizes = { documents: Number(options.documents), vertices: Number(options.vertices), edges: Number(options.edges) };
const seconds = Number(options.seconds);
const rounds = Number(options.rounds);
const names = options.engines.split(',');

/** How many times as fast as the better of the others foxden is to be. */
const LINES = {
  'bulk insert': 1,
  'point lookup': 1,
  'point lookup by query': 1,
  'indexed range + sort + limit': 1,
  'full scan with filter': 1,
  'COLLECT with AGGREGATE': 1,
  'COLLECT with AGGREGATE, no index': 1,
  'join through an index': 2,
  '2-hop neighbours': 2,
  '3-hop neighbours': 2,
  'shortest path': 2,
};

const folder = mkdtempSync(join(tmpdir(), 'foxden-bench-'));

/** Starts an engine's process; answers a function that gives it orders. */
async function startEngine(name) {
  const own = join(folder, name);
  mkdirSync(own);
  const child = fork(join(here, 'engine.js'), [name, own, JSON.stringify(sizes)]);
  const waiting = new Map();
  const failAll = (error) => waiting.forEach(({ reject }) => reject(error));
  child.on('message', ({ id, result, error }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(`${name}: ${error}`));
  });
  child.once('exit', (code) => failAll(new Error(`${name} ended with ${code}`)));
  let orders = 0;
  const ready = new Promise((resolve, reject) => waiting.set(0, { resolve, reject }));
  await ready;
  return (order, rest = {}) =>
    new Promise((resolve, reject) => {
      waiting.set(++orders, { resolve, reject });
      child.send({ id: orders, order, ...rest });
    });
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const time = (ms) => (ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : ms >= 1 ? `${ms.toFixed(2)} ms` : `${(ms * 1000).toFixed(1)} µs`);

function show(line, figures) {
  const [ours, ...others] = figures;
  const ratio = others.length === 0 ? undefined : Math.min(...others) / ours;
  console.log(`| ${line} | ${figures.map(time).join(' | ')} | ${ratio === undefined ? '' : ratio.toFixed(2)} | ≥ ${LINES[line]} |`);
}

try {
  const engines = new Map();
  for (const name of names) engines.set(name, await startEngine(name));
  const versions = [];
  for (const engine of engines.values()) versions.push(await engine('version'));
  console.log(`${cpus().length} cores, ${cpus()[0]?.model ?? ''}, Node ${process.version}, ${versions.join(', ')}`);
  console.log(
    `${sizes.documents} documents, ${sizes.vertices} vertices, ${sizes.edges} edges, ${rounds} rounds of ${seconds} s; times are for one operation, of bulk insert for one document\n`,
  );
  console.log(`| work | ${names.join(' | ')} | ratio to the better | wanted |\n|---${'|---'.repeat(names.length + 2)}|`);

  const inserts = [];
  for (const engine of engines.values()) inserts.push((await engine('insertItems')) / sizes.documents);
  show('bulk insert', inserts);
  for (const engine of engines.values()) await engine('loadRest');

  for (const line of Object.keys(LINES).filter((each) => each !== 'bulk insert' && each.includes(options.only))) {
    const answers = [];
    for (const turn of [0, 1]) {
      for (const engine of engines.values()) answers[turn] = [...(answers[turn] ?? []), await engine('answer', { line, turn })];
      const [first, ...others] = answers[turn];
      if (!others.every((other) => isDeepStrictEqual(other, first))) {
        throw new Error(`${line}: the engines do not agree: ${JSON.stringify(answers[turn]).slice(0, 2000)}`);
      }
    }
    for (const engine of engines.values()) await engine('run', { line, seconds: seconds / 2, turn: 1 });
    const runs = new Map(names.map((name) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      for (const [name, engine] of engines) runs.get(name).push((await engine('run', { line, seconds, turn: 1 + round * 1009 })).ms);
    }
    show(
      line,
      names.map((name) => median(runs.get(name))),
    );
  }
  for (const engine of engines.values()) await engine('close');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
