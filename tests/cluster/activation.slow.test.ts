/** What `activation.test.ts` shows, many times over, and with coordinators that are killed on the way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { release, whileAsking } from '../support/releases.ts';
import { ATOMIC, servedBy, startCoordinators } from './activation.suite.ts';

const UPGRADES = 100;
/** A change takes so long on a quiet machine; the kills are spread over it. */
const MOMENTS_MS = [0, 20, 40, 80, 120, 200];

/** What its server said last is shown of an upgrade that failed. */
const LOG_CHARACTERS = 5_000;

const coordinators = startCoordinators();
const { member, install, upgrade, everywhere } = coordinators;

for (const [what, more] of [
  ['as usual', ''],
  ['atomically', ATOMIC],
] as const) {
  test(`under constant requests to all of them ${UPGRADES} upgrades, ${what}, fail none, and no answer is of two versions`, async (context) => {
    const mount = `/load${more.length}`;
    await install(mount, release(1));
    await everywhere(mount);
    const { answers, oldAfterNew } = await whileAsking(coordinators.members, mount, 6, async () => {
      for (let number = 2; number <= UPGRADES + 1; number++) {
        const [status, body] = await upgrade(member(number % 3), mount, release(number), more);
        assert.equal(
          status,
          200,
          `${JSON.stringify(body)}\n${member(number % 3)
            .output()
            .slice(-LOG_CHARACTERS)}`,
        );
        if (more === ATOMIC) for (const server of coordinators.members) assert.equal(await servedBy(server, mount), number);
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
      await coordinators.restart(victim);
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
