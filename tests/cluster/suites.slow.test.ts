/** The suites of documents, databases, AQL and HTTP once more, on PostgreSQL: what they say is true of both engines. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { TEST_POSTGRES } from '../support/database.ts';

const SUITES = {
  documents: ['src/documents'],
  databases: ['src/database'],
  AQL: ['tests/aql'],
  'recorded answers': ['tests/golden'],
  HTTP: ['collections', 'http-graphs', 'queries', 'services', 'transactions'].map((name) => `tests/server/${name}.test.js`),
};

function testsIn(path: string): string[] {
  const whole = join('dist', path);
  if (whole.endsWith('.test.js')) return [whole];
  return readdirSync(whole)
    .filter((name) => name.endsWith('.test.js') && !name.endsWith('.slow.test.js'))
    .map((name) => join(whole, name));
}

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

for (const [name, paths] of Object.entries(SUITES)) {
  test(`${name} on PostgreSQL`, async () => {
    const { user, host, port } = postgres;
    const child = spawn(process.execPath, ['--test', '--test-concurrency=2', '--test-reporter=dot', ...paths.flatMap(testsIn)], {
      env: { ...process.env, NODE_TEST_CONTEXT: undefined, [TEST_POSTGRES]: `postgres://${user}@${host}:${port}/postgres` },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const status = await new Promise((resolve) => child.once('exit', resolve));
    assert.equal(status, 0, output.slice(-20_000));
  });
}
