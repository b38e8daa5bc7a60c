// How soon what is installed on one coordinator answers on the others: three foxden processes on one PostgreSQL that have many services
// already. The time is counted from the answer to the install. Build first. Usage: node benches/cluster.js [services] [installs]
import { loadavg } from 'node:os';
import { saying, zip } from '../dist/tests/support/bundles.js';
import { startCluster } from '../dist/tests/support/coordinators.js';
import { startPostgres } from '../dist/tests/support/postgres.js';

const services = Number(process.argv[2] ?? 200);
const installs = Number(process.argv[3] ?? 30);
const postgres = await startPostgres({ settings: {} });
// The intervals are those of a server that nobody has told anything.
const defaults = ['--cluster.heartbeat-interval=1', '--cluster.lease=10', '--foxx.queues-poll-interval=1'];
const cluster = await startCluster(await postgres.createDatabase(), 3, { arguments: defaults });

async function install(server, mount, text) {
  const answer = await server.fetch(`/_api/foxx?mount=${mount}`, {
    method: 'POST',
    body: zip(saying(text)),
    headers: { 'content-type': 'application/zip' },
  });
  if (!answer.ok) throw new Error(await answer.text());
}

async function untilAnswers(server, path, text) {
  for (;;) {
    const answer = await server.fetch(path);
    if ((await answer.text()) === text) return performance.now();
    await new Promise((later) => setTimeout(later, 2));
  }
}

const quantile = (values, share) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
const describe = (values) =>
  `median ${quantile(values, 0.5).toFixed(0)} ms, 95 % ${quantile(values, 0.95).toFixed(0)} ms, longest ${Math.max(...values).toFixed(0)} ms`;

try {
  const [first, ...others] = cluster.members;
  for (let i = 0; i < services; i++) await install(first, `/many/s${i}`, `many ${i}`);
  for (const other of others) await untilAnswers(other, `/many/s${services - 1}`, `many ${services - 1}`);
  const taken = [];
  const latencies = [];
  for (let i = 0; i < installs; i++) {
    const startedAt = performance.now();
    await install(first, `/new/s${i}`, `new ${i}`);
    const installedAt = performance.now();
    taken.push(installedAt - startedAt);
    const answered = await Promise.all(others.map((other) => untilAnswers(other, `/new/s${i}`, `new ${i}`)));
    latencies.push(Math.max(...answered) - installedAt);
  }
  console.log(`${services} services, ${installs} installs, three coordinators; load ${loadavg()[0].toFixed(1)}`);
  console.log(`an install took       ${describe(taken)}`);
  console.log(`then all answered in  ${describe(latencies)}`);
} finally {
  await cluster.dispose();
  await postgres.stop();
}
