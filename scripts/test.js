// Runs the tests whose path has one of the given words: `npm test aql http`. Slow ones (`.slow.test.ts`) and those that walk through the web
// interface in a browser (`.browser.test.ts`) only with --slow or when a word asks for them; `npm run test:web` runs the latter. What needs several
// PostgreSQL servers (`.failover.test.ts`) is run by `npm run test:failover`.
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, normalize } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { prepare, root } from './prepare.js';

await prepare();

const withSlow = process.argv.includes('--slow');
const words = process.argv.slice(2).filter((word) => word !== '--slow');
const isWanted = (path) =>
  path.endsWith('.test.js') &&
  !path.endsWith('.failover.test.js') &&
  (withSlow || !path.endsWith('.slow.test.js')) &&
  (words.length === 0 ? withSlow || !path.endsWith('.browser.test.js') : words.some((word) => path.includes(word)));

// These take the longest and begin first: a long one that is left for the end has one core, and the others have nothing to do.
const LONGEST = ['tests/cluster/together-http', 'tests/cluster/', 'tests/server/', 'tests/', 'src/storage/', 'src/documents/'].map(
  normalize,
);
const turnOf = (path) => {
  const turn = LONGEST.findIndex((start) => path.startsWith(start));
  return turn === -1 ? LONGEST.length : turn;
};

const files = readdirSync(join(root, 'dist'), { recursive: true })
  .filter(isWanted)
  .toSorted((one, other) => turnOf(one) - turnOf(other) || (one < other ? -1 : 1))
  .map((path) => join(root, 'dist', path));

// Laws are tried more often then (`tests/support/law.ts`).
if (withSlow) process.env.FOXDEN_TEST_THOROUGH = '1';

// A file that hangs fails, and does not hang the others.
const FILE_TIMEOUT_MS = withSlow ? 3_600_000 : 240_000;

// What the files need alike is made once, here. Servers of others run as other users, who must be able to look into it.
const shared = mkdtempSync(join(tmpdir(), 'foxden-run-'));
chmodSync(shared, 0o755);
process.env.FOXDEN_TEST_FOLDER = shared;
process.once('exit', () => rmSync(shared, { recursive: true, force: true }));
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(1));

// Several files run at once, each with processes that have four such threads by themselves: those would only wait for one another.
process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --v8-pool-size=1`.trim();

// One more than there are processors: tests wait for others, and now and then for time to pass.
const ran = run({ files, concurrency: availableParallelism() + 1, timeout: FILE_TIMEOUT_MS });
ran.on('test:fail', () => {
  process.exitCode = 1;
});
ran.compose(spec).pipe(process.stdout);
