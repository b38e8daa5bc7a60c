/** `foxden cluster check` on a cluster of Patroni, while it has the primary changed; and the lineage guard, when a database has really lost something. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startCluster, until, type TestCluster } from '../support/coordinators.ts';
import { startPatroni, type TestPatroni } from '../support/patroni.ts';

let patroni: TestPatroni;
let cluster: TestCluster;
before(async () => {
  patroni = await startPatroni();
  cluster = await startCluster(await patroni.createDatabase(), 2, { arguments: ['--storage.failover-timeout=5'] });
});
after(async () => {
  await cluster?.dispose();
  await patroni?.stop();
});

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

async function foxden(...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, ['bin/foxden.js', ...args, '--server', cluster.members[0]!.url], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
}

test('check tells what the database is like, and what a switchover costs', async (context) => {
  const leader = await patroni.leader();
  const candidate = await patroni.synchronousStandby();
  const body = JSON.stringify({ leader, candidate });
  const { code, output } = await foxden(
    'cluster',
    'check',
    '--seconds=12',
    ...['node1', 'node2', 'node3'].map((name) => `--patroni=${patroni.api(name)}`),
    `--switchover-command=${process.execPath} -e 'fetch("${patroni.api(leader)}/switchover", { method: "POST", body: JSON.stringify(${body}) }).then((r) => process.exit(r.ok ? 0 : 1))'`,
  );
  context.diagnostic(output);
  // The servers of these tests do not wait for the disk, and that is found.
  assert.equal(code, 1, output);
  assert.match(output, /fsync is off/);
  assert.equal(output.match(/✗/g)?.length, 1, output);
  assert.match(output, /PostgreSQL 15\.\d+ .* at 127\.0\.0\.1:\d+, timeline \d+/);
  assert.match(output, new RegExp(`standby ${candidate}: streaming, sync`));
  assert.match(output, /Patroni 3\.\d+\.\d+ at .*: (?:master|leader|primary), running/);
  assert.match(output, /synchronous_mode and synchronous_mode_strict are on/);
  assert.match(output, /\d+ writes were acknowledged, 0 of them are lost/);
  assert.match(output, /the longest time without an acknowledgement, of 4 clients/);
  assert.notEqual(await patroni.leader(), leader);
});

test('a database that has lost what it had acknowledged is written to no more, until somebody accepts it', async (context) => {
  const [one, other] = cluster.members;
  assert.ok(one !== undefined && other !== undefined);
  const url = cluster.url;
  const write = (key: string): Promise<Response> => one.fetch('/_api/document/history', { json: { _key: key } });
  assert.equal((await one.fetch('/_api/collection', { json: { name: 'history' } })).status, 200);
  assert.equal((await write('kept')).status, 202);
  await patroni.untilWhole();
  // The state of now comes back later, as if a standby that was behind, or an old backup, had taken over.
  await patroni.backup();
  const epoch = async (): Promise<number> => {
    const [row] = await patroni.query("SELECT value FROM foxden.counter WHERE name = 'epoch'", { url });
    return Number(row?.['value']);
  };
  const saved = await epoch();
  assert.equal((await write('lost')).status, 202);
  // Both have seen what will be gone.
  await until(epoch, (now) => now > saved + 8);
  await patroni.restore();
  const refused = await until(
    () => write('after'),
    ({ status }) => status === 503,
  );
  context.diagnostic(await refused.text());
  for (const server of cluster.members)
    await until(
      async () => server.output(),
      (output) => /gone back in time/.test(output),
    );
  const atRest = await epoch();
  assert.ok(atRest <= saved + 8, 'nobody has made it grow');
  assert.equal((await write('after')).status, 503);
  assert.equal(await epoch(), atRest);

  // What the manual says: stop all, remove the file of each, start again.
  for (const server of cluster.members) await server.stop('SIGTERM');
  for (const [place, { folder }] of cluster.members.entries()) {
    const path = join(folder, 'data', 'storage-lineage.json');
    assert.ok(existsSync(path), path);
    if (place === 0) await assert.rejects(cluster.restart(0), /gone back in time/);
    rmSync(path);
  }
  for (const place of cluster.members.keys()) await cluster.restart(place);
  const [again] = cluster.members;
  assert.equal((await again!.fetch('/_api/document/history', { json: { _key: 'accepted' } })).status, 202);
  assert.equal((await again!.fetch('/_api/document/history/kept')).status, 200);
  assert.equal((await again!.fetch('/_api/document/history/lost')).status, 404);
});
