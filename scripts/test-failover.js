// `npm run test:failover`: what becomes of foxden when its database fails over. Three PostgreSQL 15 under Patroni with etcd, and PgBouncer, on this machine, from Debian's
// packages: those that are missing are installed where one is root and there is apt-get; otherwise it says which they are. Words choose among the tests. With
// --if-there (for `npm run check`) nothing is installed, and nothing is run where packages are missing.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { prepare, root } from './prepare.js';

const FILE_TIMEOUT_MS = 3_600_000;

await prepare();
const { missingPackages } = await import('../dist/tests/support/patroni.js');
const mayInstall = !process.argv.includes('--if-there');
if (mayInstall && missingPackages().length > 0) install(missingPackages());
const missing = missingPackages();
if (missing.length > 0) {
  console.log(
    `No tests of failovers: the Debian packages ${missing.join(', ')} are missing. As root: apt-get install --no-install-recommends ${missing.join(' ')}`,
  );
  process.exitCode = mayInstall ? 1 : 0;
} else {
  const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
  const folder = join(root, 'dist', 'tests', 'failover');
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.failover.test.js') && (words.length === 0 || words.some((word) => name.includes(word))))
    .map((name) => join(folder, name))
    .toSorted();
  // One after the other: each has a cluster of its own, and a busy machine fails over by itself.
  const ran = run({ files, concurrency: 1, timeout: FILE_TIMEOUT_MS });
  ran.on('test:fail', () => {
    process.exitCode = 1;
  });
  ran.compose(spec).pipe(process.stdout);
}

/** Nothing that comes with the packages is started, or set up to be. */
function install(packages) {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;
  const policy = '/usr/sbin/policy-rc.d';
  const isOurs = !existsSync(policy);
  if (isOurs) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    for (const args of [
      ['update', '-qq'],
      ['install', '-y', '-qq', '--no-install-recommends', ...packages],
    ]) {
      const { status } = spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env: environment });
      if (status !== 0) console.log(`apt-get ${args[0]} has failed.`);
    }
  } finally {
    if (isOurs) rmSync(policy);
  }
}
