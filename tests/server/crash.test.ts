/**
 * kill -9 in the middle of things: what was acknowledged is there after a restart, indexes agree with documents, and every service is
 * wholly there or not at all. The moments of the kills are random; the seed is printed.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { saying, service, zip } from '../support/bundles.ts';
import { tries } from '../support/law.ts';
import { startServer, type TestServer } from '../support/server.ts';

const KILLS = tries({ quick: 2, thorough: 6 });

/** A small generator of its own, so that a printed seed repeats a run's moments. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function isRunning({ process }: TestServer): boolean {
  return process.exitCode === null && process.signalCode === null;
}

/** Runs `work` over and over until the server is gone. Whatever the server did not answer is not counted. */
async function untilDead(server: TestServer, work: (turn: number) => Promise<void>): Promise<void> {
  for (let turn = 0; isRunning(server); turn++) {
    try {
      await work(turn);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      return; // the connection went with the server
    }
  }
}

async function query(server: TestServer, text: string): Promise<unknown[]> {
  const answer = await server.fetch('/_api/cursor', { json: { query: text, batchSize: 100_000 } });
  const body = (await answer.json()) as { result: unknown[] };
  assert.equal(answer.status, 201, JSON.stringify(body));
  return body.result;
}

test('nothing acknowledged is lost by kill -9, and indexes agree with documents', async (context) => {
  const seed = Date.now() % 1_000_000;
  context.diagnostic(`seed ${seed}`);
  const next = random(seed);
  let server = await startServer();
  try {
    await server.fetch('/_api/collection', { json: { name: 'items' } });
    await server.fetch('/_api/index?collection=items', { json: { type: 'persistent', fields: ['group'] } });
    await server.fetch('/_api/index?collection=items', { json: { type: 'persistent', fields: ['serial'], unique: true } });
    const alive = new Map<string, number>();
    const doubtful = new Set<string>();
    let serial = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const current = server;
      const writer = (name: string): Promise<void> =>
        untilDead(current, async (turn) => {
          const key = `${kill}-${name}-${turn}`;
          doubtful.add(key);
          const created = await current.fetch('/_api/document/items', {
            json: { _key: key, serial: serial++, group: turn % 10, state: 1 },
          });
          assert.ok(created.status === 202, await created.text());
          alive.set(key, 1);
          if (turn % 3 === 1) {
            const changed = await current.fetch(`/_api/document/items/${key}`, { method: 'PATCH', json: { state: 2, group: 10 } });
            assert.equal(changed.status, 202);
            alive.set(key, 2);
          }
          if (turn % 3 !== 2) doubtful.delete(key);
          else {
            alive.delete(key);
            const removed = await current.fetch(`/_api/document/items/${key}`, { method: 'DELETE' });
            assert.equal(removed.status, 202);
            doubtful.delete(key);
            assert.equal((await current.fetch(`/_api/document/items/${key}`)).status, 404);
          }
        });
      const writers = Promise.all(['a', 'b', 'c', 'd'].map(writer));
      setTimeout(() => current.process.kill('SIGKILL'), 150 + next() * 400);
      await writers;
      await current.stop('SIGKILL');
      server = await startServer({ folder: current.folder });

      const found = new Map((await query(server, 'FOR i IN items RETURN [i._key, i.state]')) as [string, number][]);
      for (const [key, state] of alive) {
        if (doubtful.has(key)) continue;
        assert.equal(found.get(key), state, `${key} was acknowledged`);
      }
      for (const key of found.keys()) assert.ok(alive.has(key) || doubtful.has(key), `${key} was removed, and that was acknowledged`);
      const byScan = await query(server, 'FOR i IN items OPTIONS { disableIndex: true } SORT i._key RETURN i._key');
      const byGroup = await query(server, 'FOR i IN items FILTER i.group >= 0 SORT i._key RETURN i._key');
      const bySerial = await query(server, 'FOR i IN items FILTER i.serial >= 0 SORT i._key RETURN i._key');
      assert.deepEqual(byGroup, byScan);
      assert.deepEqual(bySerial, byScan);
      assert.deepEqual(await query(server, 'RETURN LENGTH(items)'), [byScan.length]);
      for (const key of found.keys()) if (doubtful.has(key)) alive.set(key, found.get(key) ?? 0);
      for (const key of alive.keys()) if (!found.has(key)) alive.delete(key);
      doubtful.clear();
    }
    assert.ok(alive.size > 0);
  } finally {
    await server.dispose();
  }
});

test('kill -9 during installs leaves no half-installed service', async (context) => {
  const seed = Date.now() % 1_000_000;
  context.diagnostic(`seed ${seed}`);
  const next = random(seed);
  const filler = Object.fromEntries(
    Array.from({ length: 60 }, (_, i) => [`lib/file${i}.js`, `module.exports = ${i}; // ${'x'.repeat(2000)}`]),
  );
  const version = (number: number): Buffer =>
    zip(
      service(
        `for (let i = 0; i < 60; i++) require('./lib/file' + i);\nrouter.get('/', (req, res) => res.json({ version: ${number}, all: module.context.manifest.version }));`,
        { version: `${number}.0.0` },
        filler,
      ),
    );
  let server = await startServer();
  try {
    let checked = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const current = server;
      const installed = new Map<string, number>();
      const doubtful = new Set<string>();
      const work = untilDead(current, async (turn) => {
        const mount = `/m${kill}_${turn}`;
        doubtful.add(mount);
        const answer = await current.fetch(`/_api/foxx?mount=${mount}`, {
          method: 'POST',
          body: version(1),
          headers: { 'content-type': 'application/zip' },
        });
        assert.equal(answer.status, 201, await answer.text());
        installed.set(mount, 1);
        const upgraded = await current.fetch(`/_api/foxx/service?mount=${mount}`, {
          method: 'PATCH',
          body: version(2),
          headers: { 'content-type': 'application/zip' },
        });
        assert.equal(upgraded.status, 200);
        installed.set(mount, 2);
        doubtful.delete(mount);
      });
      // One of them at least is killed after an install, however slow the machine is.
      const leastInstalled = checked === 0 ? 1 : 0;
      const delayMs = 200 + next() * 600;
      const killing = (async () => {
        await sleep(delayMs);
        while (installed.size < leastInstalled && isRunning(current)) await sleep(10);
        current.process.kill('SIGKILL');
      })();
      await Promise.all([work, killing]);
      await current.stop('SIGKILL');
      server = await startServer({ folder: current.folder });

      const listed = (await (await server.fetch('/_api/foxx?excludeSystem=true')).json()) as { mount: string }[];
      const mounts = new Set(listed.map(({ mount }) => mount));
      for (const [mount, least] of installed) {
        assert.ok(mounts.has(mount), `${mount} was acknowledged`);
        const answer = (await (await server.fetch(mount)).json()) as { version: number; all: string };
        assert.equal(answer.all, `${answer.version}.0.0`, 'code and manifest are of one version');
        assert.ok(answer.version >= least, `${mount}: version ${least} was acknowledged and ${answer.version} answers`);
        checked += 1;
      }
      for (const mount of mounts) if (doubtful.has(mount)) assert.equal((await server.fetch(mount)).status, 200, `${mount} is whole`);
      const folder = join(server.appPath, '_db', '_system');
      const onDisk = existsSync(folder) ? readdirSync(folder).filter((name) => name !== '_appbundles') : [];
      assert.deepEqual(new Set(onDisk.map((name) => `/${name}`)), mounts, 'no folder without a service');
      assert.deepEqual(readdirSync(join(server.appPath)).includes('_staging') ? readdirSync(join(server.appPath, '_staging')) : [], []);
    }
    assert.ok(checked > 0);
    const again = await server.fetch('/_api/foxx?mount=/after', {
      method: 'POST',
      body: zip(saying('ok')),
      headers: { 'content-type': 'application/zip' },
    });
    assert.equal(again.status, 201);
  } finally {
    await server.dispose();
  }
});
