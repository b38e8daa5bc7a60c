/** What `activation.test.ts` shows, many times over, and with coordinators that are killed on the way. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { zip, type Files } from '../support/bundles.ts';
import { startCluster, until, type TestCluster } from '../support/coordinators.ts';
import { askServer } from '../support/fixtures.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { release, whileAsking } from '../support/releases.ts';
import type { TestServer } from '../support/server.ts';

const UPGRADES = 100;
/** A change takes so long on a quiet machine; the kills are spread over it. */
const MOMENTS_MS = [0, 20, 40, 80, 120, 200];
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

for (const [what, more] of [
  ['as usual', ''],
  ['atomically', ATOMIC],
] as const) {
  test(`under constant requests to all of them ${UPGRADES} upgrades, ${what}, fail none, and no answer is of two versions`, async (context) => {
    const mount = `/load${more.length}`;
    await install(mount, release(1));
    await everywhere(mount);
    const { answers, oldAfterNew } = await whileAsking(cluster.members, mount, 6, async () => {
      for (let number = 2; number <= UPGRADES + 1; number++) {
        const [status, body] = await upgrade(member(number % 3), mount, release(number), more);
        assert.equal(status, 200, JSON.stringify(body));
        if (more === ATOMIC) for (const server of cluster.members) assert.equal(await servedBy(server, mount), number);
      }
    });
    context.diagnostic(`${answers} answers, ${oldAfterNew} of an old version after a new one`);
    if (more === ATOMIC) assert.equal(oldAfterNew, 0);
  });
}

for (const [what, leader, victim] of [
  ['leads', 1, 1],
  ['follows', 0, 2],
] as const) {
  test(`one that is killed while it ${what} leaves one version to all, and holds up nobody for long`, async () => {
    const mount = `/deaths${leader}`;
    await install(mount, release(1));
    await everywhere(mount);
    let number = 1;
    for (const momentMs of MOMENTS_MS) {
      const asked = upgrade(member(leader), mount, release(number + 1)).catch(() => undefined);
      const current = member(victim);
      setTimeout(() => current.process.kill('SIGKILL'), momentMs);
      const answer = await asked;
      await cluster.restart(victim);
      const found = await everywhere(mount);
      if (answer?.[0] === 200) assert.equal(found, number + 1);
      else assert.ok(found === number || (found === number + 1 && leader === victim), `${String(found)} after ${number}`);
      number = found + 1;
      const [status, body] = await upgrade(member(0), mount, release(number));
      assert.equal(status, 200, JSON.stringify(body));
      assert.equal(body.activation?.coordinators.length, 3);
      assert.equal(await everywhere(mount), number);
    }
  });
}
