/**
 * Services are installed from a zip with the foxx-cli that npm has, and do what they do. With FOXDEN_ORIGINALS naming a folder that holds
 * `demo-hello-foxx`, `foxx-training` and `Arango-Foxx-Inventory-API`, those are exercised instead of the fixtures.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { foxxCli, startServer, type TestServer } from '../support/server.ts';
import { EXERCISES, type Exercise } from './exercises.ts';

const originals = process.env['FOXDEN_ORIGINALS'];
const scratch = mkdtempSync(join(tmpdir(), 'foxden-cli-'));
let server: TestServer;

before(async () => {
  server = await startServer();
});
after(async () => {
  await server.dispose();
  rmSync(scratch, { recursive: true, force: true });
});

function folderOf({ fixture, original }: Exercise): string {
  return originals === undefined ? join('tests', 'services', fixture) : join(originals, original);
}

/** Runs a command that must succeed; its output. */
function foxx(...args: readonly string[]): string {
  const { status, stdout, stderr } = foxxCli(server, ...args);
  assert.equal(status, 0, `foxx ${args.join(' ')}: ${stderr}${stdout}`);
  return stdout;
}

/** Bundles a service, and installs it from that. */
function installed(exercise: Exercise): string {
  const zip = join(scratch, `${exercise.fixture}.zip`);
  assert.equal(foxxCli(undefined, 'bundle', folderOf(exercise), '--outfile', zip).status, 0);
  assert.equal(foxx('install', exercise.mount, zip), `Installed service at "${exercise.mount}".\n`);
  return zip;
}

const [first, ...others] = EXERCISES;
assert(first !== undefined);

for (const exercise of others) {
  test(`${exercise.fixture} is bundled and installed with foxx-cli, and answers`, async () => {
    installed(exercise);
    await exercise.steps(server.url + exercise.mount);
  });
}

// Each command takes foxx-cli most of a second, so that all of them are asked of one service.
test(`${first.fixture} is also listed, shown, set to development and back, upgraded, replaced and removed`, async () => {
  const { mount } = first;
  const zip = installed(first);
  await first.steps(server.url + mount);
  assert.match(foxx('list'), new RegExp(mount));
  assert.equal(foxxCli(server, 'install', mount, zip).status, 1, 'the mount is taken');
  foxx('set-dev', mount);
  assert.match(foxx('show', mount), /\[DEV\]/);
  foxx('set-prod', mount);
  assert.doesNotMatch(foxx('show', mount), /\[DEV\]/);
  assert.equal(foxx('upgrade', mount, zip), `Upgraded service at "${mount}".\n`);
  assert.equal(foxx('replace', mount, zip), `Replaced service at "${mount}".\n`);
  foxx('uninstall', mount);
  assert.equal((await server.fetch(mount)).status, 404);
  foxx('uninstall', mount);
});
