/** Atomic activation among three coordinators: all change to a version together, or none does, whoever fails or dies on the way. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { zip, type Files } from '../support/bundles.ts';
import { startCluster, until, type TestCluster } from '../support/coordinators.ts';
import { askServer } from '../support/fixtures.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { release, whileAsking } from '../support/releases.ts';
import type { TestServer } from '../support/server.ts';

const UPGRADES = 5;
const ZIP = { 'content-type': 'application/zip' };
const ATOMIC = '&activation=atomic';

let postgres: TestPostgres;
let cluster: TestCluster;
before(async () => {
  postgres = await startPostgres({ settings: { fsync: 'off' } });
  cluster = await startCluster(await postgres.createDatabase(), 3, {
    arguments: ['--foxx.heal-interval=2', '--foxx.activation-wait=20', '--server.minimal-threads=2', '--server.maximal-threads=3'],
  });
});
after(async () => {
  await cluster.dispose();
  await postgres.stop();
});

const member = (place: number): TestServer => cluster.members[place] as TestServer;

interface Body {
  readonly version?: string;
  readonly errorNum?: number;
  readonly errorMessage?: string;
  readonly activation?: { readonly coordinators: readonly string[] };
  readonly failures?: readonly { readonly coordinator: string; readonly errorNum: number; readonly errorMessage: string }[];
}

async function send(server: TestServer, method: string, path: string, files: Files): Promise<readonly [status: number, body: Body]> {
  const { status, body } = await askServer(server, method, path, zip(files), ZIP);
  return [status, body];
}
const install = (mount: string, files: Files): Promise<unknown> => send(member(0), 'POST', `/_api/foxx?mount=${mount}${ATOMIC}`, files);
const upgrade = (server: TestServer, mount: string, files: Files, more = ATOMIC): ReturnType<typeof send> =>
  send(server, 'PATCH', `/_api/foxx/service?mount=${mount}${more}`, files);

async function servedBy(server: TestServer, mount: string): Promise<unknown> {
  const { status, text } = await askServer(server, 'GET', mount);
  assert.equal(status, 200, text);
  return (JSON.parse(text) as readonly unknown[])[0];
}

/** What every coordinator serves, as soon as that is the same. */
async function everywhere(mount: string): Promise<unknown> {
  const all = await until(
    () => Promise.all(cluster.members.map((server) => servedBy(server, mount))),
    (found) => new Set(found).size === 1,
  );
  return all[0];
}

const staged = (server: TestServer): readonly string[] => {
  const staging = join(server.appPath, '_staging');
  return existsSync(staging) ? readdirSync(staging) : [];
};

test(`under constant requests to all of them, ${UPGRADES} upgrades are never seen undone`, async () => {
  await install('/load', release(1));
  await everywhere('/load');
  const { answers, oldAfterNew, releases } = await whileAsking(cluster.members, '/load', 3, async () => {
    for (let number = 2; number <= UPGRADES + 1; number++) {
      const [status, body] = await upgrade(member(number % 3), '/load', release(number));
      assert.equal(status, 200, JSON.stringify(body));
      assert.equal(body.activation?.coordinators.length, 3);
      for (const server of cluster.members) assert.equal(await servedBy(server, '/load'), number, 'what is done can be seen everywhere');
    }
  });
  assert.ok(answers > UPGRADES && releases.size > 2, `${answers} answers of ${releases.size} versions`);
  assert.equal(oldAfterNew, 0, 'the old one never answers after the new one, on whatever coordinator');
  for (const server of cluster.members)
    await until(
      async () => staged(server).length,
      (count) => count === 0,
    );
});

test('what one of them cannot load is activated on none, and the answer says where and why', async () => {
  await install('/picky', release(1));
  await everywhere('/picky');
  const last = member(2);
  const { id } = (await askServer(last, 'GET', '/_admin/server/id')).body as { readonly id: string };
  const picky = `if (db._endpoints().some(({ endpoint }) => endpoint.endsWith(':${new URL(last.url).port}'))) throw new Error('not on this one');`;
  const [status, body] = await upgrade(member(0), '/picky', release(2, { code: picky }));
  assert.deepEqual([status, body.errorNum], [400, 3103], JSON.stringify(body));
  assert.deepEqual(
    body.failures?.map(({ coordinator, errorNum }) => [coordinator, errorNum]),
    [[id, 3103]],
  );
  assert.match(body.errorMessage ?? '', /not on this one/);
  assert.equal(await everywhere('/picky'), 1);
  assert.equal((await upgrade(last, '/picky', release(3)))[0], 200);
  assert.equal(await everywhere('/picky'), 3);
});

test('a rollback on one is a rollback on all', async () => {
  await install('/back', release(1));
  assert.equal((await upgrade(member(1), '/back', release(2)))[0], 200);
  const { status, text } = await askServer(member(2), 'POST', `/_api/foxx/rollback?mount=/back${ATOMIC}`);
  assert.equal(status, 200, text);
  for (const server of cluster.members) assert.equal(await servedBy(server, '/back'), 1);
});
