/**
 * kill -9 while a service is changed atomically: after a restart it is wholly the version before or the one after, open, and can be changed
 * again. The moments of the kills are random and spread over the time that a change takes; the seed is printed.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { zip } from '../../support/bundles.ts';
import { askServer } from '../../support/fixtures.ts';
import { tries } from '../../support/law.ts';
import { release } from '../../support/releases.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const KILLS = tries({ quick: 2, thorough: 6 });
const ZIP = { 'content-type': 'application/zip' };

test('kill -9 during an atomic change leaves the old version or the new one', async (context) => {
  const seed = Date.now() % 1_000_000;
  context.diagnostic(`seed ${seed}`);
  let server = await startServer();
  const upgrade = async (to: TestServer, number: number): Promise<boolean> => {
    try {
      const { status, text } = await askServer(to, 'PATCH', '/_api/foxx/service?mount=/x&activation=atomic', zip(release(number)), ZIP);
      assert.equal(status, 200, text);
      return true;
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      return false; // the connection went with the server
    }
  };
  try {
    assert.equal((await askServer(server, 'POST', '/_api/foxx?mount=/x', zip(release(1)), ZIP)).status, 201);
    const startedAt = performance.now();
    for (let number = 2; number <= 4; number++) assert.ok(await upgrade(server, number));
    const usualMs = (performance.now() - startedAt) / 3;
    let number = 4;
    for (let kill = 0; kill < KILLS; kill++) {
      const current = server;
      let acknowledged = number;
      const changes = (async () => {
        while (await upgrade(current, acknowledged + 1)) acknowledged++;
      })();
      // One part of the time for each kill, and a random moment in it.
      const at = (kill + ((seed >>> kill) % 100) / 100) / KILLS;
      setTimeout(() => current.process.kill('SIGKILL'), usualMs * (1 + at));
      await changes;
      await current.stop('SIGKILL');
      server = await startServer({ folder: current.folder });

      const { status, text } = await askServer(server, 'GET', '/x');
      assert.equal(status, 200, text);
      const [found = 0, ...others] = JSON.parse(text) as readonly number[];
      assert.deepEqual(others, [found, found, found]);
      assert.ok(found === acknowledged || found === acknowledged + 1, `${found} after ${acknowledged} was acknowledged`);
      const listed = (await askServer(server, 'GET', '/_api/foxx/versions?mount=/x')).body as readonly { readonly version: string }[];
      assert.deepEqual(
        listed.slice(0, 2).map(({ version }) => version),
        [`${found}.0.0`, `${found - 1}.0.0`],
      );
      const query = 'RETURN LENGTH(FOR a IN _apps FILTER a.closedBy != null RETURN 1)';
      const closed = (await askServer(server, 'POST', '/_api/cursor', { query })).body as { readonly result: readonly number[] };
      assert.deepEqual(closed.result, [0]);
      const staging = join(server.appPath, '_staging');
      assert.deepEqual(existsSync(staging) ? readdirSync(staging) : [], []);
      number = found;
    }
    assert.ok(await upgrade(server, number + 1));
    assert.equal((await askServer(server, 'POST', '/_api/foxx/rollback?mount=/x&activation=atomic')).status, 200);
    assert.match((await askServer(server, 'GET', '/x')).text, new RegExp(`^\\[${number},`));
  } finally {
    await server.dispose();
  }
});
