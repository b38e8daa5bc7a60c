/**
 * Services are installed from a zip with the foxx-cli that npm has, and do what they do. With FOXDEN_ORIGINALS naming a folder that holds
 * `demo-hello-foxx`, `foxx-training` and `Arango-Foxx-Inventory-API`, those are exercised instead of the fixtures.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
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

/** Made once: foxx-cli writes over nothing. */
function bundle(exercise: Exercise): string {
  const zip = join(scratch, `${exercise.fixture}.zip`);
  if (existsSync(zip)) return zip;
  assert.equal(foxxCli(undefined, 'bundle', folderOf(exercise), '--outfile', zip).status, 0);
  assert.ok(existsSync(zip));
  return zip;
}

for (const exercise of EXERCISES) {
  test(`${exercise.fixture} is installed with foxx-cli, answers, and is removed`, async () => {
    const { mount } = exercise;
    assert.equal(foxx('install', mount, bundle(exercise)), `Installed service at "${mount}".\n`);
    await exercise.steps(server.url + mount);
    foxx('uninstall', mount);
    assert.equal((await server.fetch(mount)).status, 404);
    foxx('uninstall', mount);
  });
}

test('an installed service is listed, shown, set to development and back, upgraded and replaced', () => {
  const [exercise] = EXERCISES;
  assert(exercise !== undefined);
  const { mount } = exercise;
  const zip = bundle(exercise);
  foxx('install', mount, zip);
  assert.match(foxx('list'), new RegExp(mount));
  assert.equal(foxxCli(server, 'install', mount, zip).status, 1, 'the mount is taken');
  foxx('set-dev', mount);
  assert.match(foxx('show', mount), /\[DEV\]/);
  foxx('set-prod', mount);
  assert.doesNotMatch(foxx('show', mount), /\[DEV\]/);
  assert.equal(foxx('upgrade', mount, zip), `Upgraded service at "${mount}".\n`);
  assert.equal(foxx('replace', mount, zip), `Replaced service at "${mount}".\n`);
  foxx('uninstall', mount);
});
