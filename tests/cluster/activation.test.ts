/**
 * Atomic activation among three coordinators: all change to a version together, or none does, whoever fails or dies on the way. And upgrades without it,
 * of which no answer is of two versions. A hundred of either are in `activation.slow.test.ts`.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../support/coordinators.ts';
import { askServer } from '../support/fixtures.ts';
import { release, whileAsking } from '../support/releases.ts';
import type { TestServer } from '../support/server.ts';
import { ATOMIC, servedBy, startCoordinators } from './activation.suite.ts';

const UPGRADES = 4;
const INSTALLS = 3;

const coordinators = startCoordinators();
const { member, install, upgrade, everywhere } = coordinators;

const staged = (server: TestServer): readonly string[] => {
  const staging = join(server.appPath, '_staging');
  return existsSync(staging) ? readdirSync(staging) : [];
};

test(`under constant requests to all of them, ${UPGRADES} upgrades are never seen undone`, async () => {
  await install('/load', release(1));
  await everywhere('/load');
  const { answers, oldAfterNew, releases } = await whileAsking(coordinators.members, '/load', 3, async () => {
    for (let number = 2; number <= UPGRADES + 1; number++) {
      const [status, body] = await upgrade(member(number % 3), '/load', release(number));
      assert.equal(status, 200, JSON.stringify(body));
      assert.equal(body.activation?.coordinators.length, 3);
      for (const server of coordinators.members)
        assert.equal(await servedBy(server, '/load'), number, 'what is done can be seen everywhere');
    }
  });
  assert.ok(answers > UPGRADES && releases.size > 2, `${answers} answers of ${releases.size} versions`);
  assert.equal(oldAfterNew, 0, 'the old one never answers after the new one, on whatever coordinator');
  for (const server of coordinators.members)
    await until(
      async () => staged(server).length,
      (count) => count === 0,
    );
});

test('an install is never seen undone', async () => {
  for (let number = 0; number < INSTALLS; number++) {
    const mount = `/fresh${number}`;
    const end = new AbortController();
    let hasAnswered = false;
    const ask = async (server: TestServer): Promise<void> => {
      while (!end.signal.aborted) {
        const hadAnswered = hasAnswered;
        const { status, text } = await askServer(server, 'GET', mount);
        assert.ok(status === 200 || (status === 404 && !hadAnswered), text);
        hasAnswered ||= status === 200;
      }
    };
    const asking = [...coordinators.members, ...coordinators.members].map(ask);
    const installed = install(mount, release(1)).finally(() => end.abort());
    await Promise.all([installed, ...asking]);
    for (const server of coordinators.members) assert.equal(await servedBy(server, mount), 1, 'what is done can be seen everywhere');
  }
});

test('upgrades as usual fail no request, and no answer is of two versions', async () => {
  await install('/usual', release(1));
  await everywhere('/usual');
  const { releases } = await whileAsking(coordinators.members, '/usual', 6, async () => {
    for (let number = 2; number <= UPGRADES; number++) {
      const [status, body] = await upgrade(member(number % 3), '/usual', release(number), '');
      assert.equal(status, 200, JSON.stringify(body));
    }
    for (const server of coordinators.members)
      await until(
        () => servedBy(server, '/usual'),
        (number) => number === UPGRADES,
      );
  });
  assert.ok(releases.has(UPGRADES));
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
  for (const server of coordinators.members) assert.equal(await servedBy(server, '/back'), 1);
});
