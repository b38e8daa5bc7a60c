/** Constant requests while a service is upgraded on several coordinators: every answer is wholly of one release, and none fails. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { zip } from '../support/bundles.ts';
import { startCluster, textAt, until, type TestCluster } from '../support/coordinators.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { release, whileAsking } from '../support/releases.ts';
import type { TestServer } from '../support/server.ts';

export function testUpgrades(count: number): void {
  let postgres: TestPostgres;
  let cluster: TestCluster;
  before(async () => {
    postgres = await startPostgres();
    cluster = await startCluster(await postgres.createDatabase(), 3);
  });
  after(async () => {
    await cluster.dispose();
    await postgres.stop();
  });

  const member = (place: number): TestServer => cluster.members[place % 3] as TestServer;

  async function change(server: TestServer, method: string, path: string, number: number): Promise<void> {
    const answer = await server.fetch(path, { method, body: zip(release(number)), headers: { 'content-type': 'application/zip' } });
    assert.ok(answer.ok, await answer.text());
  }

  for (const way of ['', '&activation=atomic']) {
    test(`upgrades${way === '' ? '' : ' with activation=atomic'} leave no answer between two releases`, async () => {
      const mount = way === '' ? '/plain' : '/atomic';
      await change(member(0), 'POST', `/_api/foxx?mount=${mount}`, 1);
      for (const server of cluster.members)
        await until(
          () => textAt(server, mount),
          (text) => text.startsWith('200'),
        );
      const { releases, oldAfterNew } = await whileAsking(cluster.members, mount, 6, async () => {
        for (let number = 2; number <= count; number++) {
          await change(member(number), 'PATCH', `/_api/foxx/service?mount=${mount}${way}`, number);
        }
        for (const server of cluster.members)
          await until(
            () => textAt(server, mount),
            (text) => text === `200 [${count},${count},${count},${count}]`,
          );
      });
      assert.ok(releases.has(count));
      if (way !== '') assert.equal(oldAfterNew, 0);
    });
  }
}
