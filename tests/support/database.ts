/**
 * Which engine tests run on: the embedded one, or PostgreSQL where `FOXDEN_TEST_POSTGRES` has the address of a server on which
 * databases may be made. The suites of databases, AQL and HTTP run on both that way (`tests/cluster/suites.slow.test.ts`).
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

export const TEST_POSTGRES = 'FOXDEN_TEST_POSTGRES';

const CREATE = `
  const [driver, url, name] = process.argv.slice(1);
  const { Client } = require(driver);
  const client = new Client({ connectionString: url });
  client.connect().then(() => client.query('CREATE DATABASE ' + name)).then(() => client.end());
`;

/** Why a test of what only the embedded engine has is skipped, or false where it runs. */
export function unlessEmbedded(why: string): string | false {
  return (process.env[TEST_POSTGRES] ?? '') === '' ? false : why;
}

let databases = 0;

/** The address of a database of its own; undefined where tests run on the embedded engine. */
export function createTestDatabase(): string | undefined {
  const server = process.env[TEST_POSTGRES];
  if (server === undefined || server === '') return undefined;
  const name = `run_${process.pid}_${Date.now()}_${++databases}`;
  const driver = createRequire(import.meta.url).resolve('pg');
  const { status, stderr } = spawnSync(process.execPath, ['-e', CREATE, driver, server, name], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`no database could be made: ${stderr}`);
  return Object.assign(new URL(server), { pathname: `/${name}` }).href;
}
