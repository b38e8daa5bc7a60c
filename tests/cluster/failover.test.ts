/** The database goes away under load, and comes back: what was acknowledged is there, and no answer is wrong meanwhile. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { saying, service, zip } from '../support/bundles.ts';
import { startCluster, textAt, until, type TestCluster } from '../support/coordinators.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import type { TestServer } from '../support/server.ts';

let postgres: TestPostgres;
let cluster: TestCluster;
before(async () => {
  // What is acknowledged is in the log of the server when that is killed.
  postgres = await startPostgres({ settings: { fsync: 'off' } });
  cluster = await startCluster(await postgres.createDatabase(), 2, {
    arguments: ['--storage.failover-timeout=60', '--cluster.maximal-wait=60'],
  });
});
after(async () => {
  await cluster.dispose();
  await postgres.stop();
});

const member = (place: number): TestServer => cluster.members[place] as TestServer;

test('killed under load, the database has all that was acknowledged when it is back', async () => {
  await member(0).fetch('/_api/collection', { json: { name: 'written' } });
  const acknowledged = new Set<string>();
  const end = new AbortController();
  let serial = 0;
  const write = async (server: TestServer): Promise<void> => {
    while (!end.signal.aborted) {
      const key = `k${serial++}`;
      const answer = await server.fetch('/_api/document/written', { json: { _key: key } });
      const text = await answer.text();
      if (answer.status === 202 || answer.status === 201) acknowledged.add(key);
      else assert.ok(answer.status === 503 || answer.status === 409, `${answer.status} ${text}`);
    }
  };
  const writing = Promise.all(Array.from({ length: 6 }, (_, i) => write(member(i % 2))));
  await until(
    () => Promise.resolve(acknowledged.size),
    (size) => size > 100,
  );
  await postgres.crash('SIGKILL');
  const sofar = acknowledged.size;
  await postgres.restart();
  await until(
    () => Promise.resolve(acknowledged.size),
    (size) => size > sofar + 100,
  );
  end.abort();
  await writing;
  const query = 'FOR document IN written RETURN document._key';
  const answer = await member(1).fetch('/_api/cursor', { json: { query, batchSize: 1_000_000 } });
  const stored = new Set(((await answer.json()) as { result: readonly string[] }).result);
  assert.deepEqual(
    [...acknowledged].filter((key) => !stored.has(key)),
    [],
  );
});

test('services are changed and distributed afterwards as before', async () => {
  const body = zip(saying('here'));
  const installed = await member(0).fetch('/_api/foxx?mount=/after', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/zip' },
  });
  assert.equal(installed.status, 201, await installed.text());
  for (const server of cluster.members)
    await until(
      () => textAt(server, '/after'),
      (text) => text === '200 here',
    );
});

test('a coordinator that was frozen for long is not believed, and catches up', async () => {
  const body = (text: string): RequestInit => ({ method: 'PUT', body: zip(saying(text)), headers: { 'content-type': 'application/zip' } });
  member(1).process.kill('SIGSTOP');
  await until(
    async () => (await member(0).fetch('/_admin/cluster/health')).json() as Promise<{ Health: Record<string, { Status: string }> }>,
    ({ Health }) => Object.values(Health).filter(({ Status }) => Status === 'FAILED').length === 1,
  );
  assert.equal((await member(0).fetch('/_api/foxx/service?mount=/after', body('changed'))).status, 200);
  member(1).process.kill('SIGCONT');
  assert.equal(await textAt(member(1), '/after'), '200 changed');
});

test('a coordinator that was taken for dead in the middle of an upgrade does not finish it', async () => {
  const body = (files: ReturnType<typeof saying>): RequestInit => ({
    body: zip(files),
    headers: { 'content-type': 'application/zip' },
  });
  for (const name of ['gates', 'reached']) await member(0).fetch('/_api/collection', { json: { name } });
  await member(0).fetch('/_api/foxx?mount=/held', { method: 'POST', ...body(saying('first')) });
  const slow = service(
    `router.get('/', (req, res) => res.send('slow'));`,
    { scripts: { setup: 'setup.js' } },
    {
      'setup.js': `'use strict'; const { db } = require('@arangodb'); db.reached.save({});
        while (!db.gates.exists('open')) require('internal').sleep(0.05);`,
    },
  );
  const upgrading = member(1).fetch('/_api/foxx/service?mount=/held', { method: 'PATCH', ...body(slow) });
  await until(
    async () => (await (await member(0).fetch('/_api/collection/reached/count')).json()) as { count: number },
    ({ count }) => count > 0,
  );
  member(1).process.kill('SIGSTOP');
  const second = await member(0).fetch('/_api/foxx/service?mount=/held', { method: 'PATCH', ...body(saying('second')) });
  assert.equal(second.status, 200, await second.text());
  await member(0).fetch('/_api/document/gates', { json: { _key: 'open' } });
  member(1).process.kill('SIGCONT');
  const answer = await upgrading;
  assert.ok(!answer.ok, await answer.text());
  for (const server of cluster.members)
    await until(
      () => textAt(server, '/held'),
      (text) => text === '200 second',
    );
});
