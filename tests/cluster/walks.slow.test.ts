/**
 * Walks while others write, in graphs that are kept in memory, on coordinators whose workers are ended again and again in the midst of walks: each sees all
 * that was acknowledged before it began, and nothing that had not begun when it ended.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { clock } from '#base';
import { service, zip } from '../support/bundles.ts';
import { startCluster, type TestCluster } from '../support/coordinators.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import type { TestServer } from '../support/server.ts';

const LEAVES = 1000;
const RUN_MS = 20_000;
/** So long nobody writes, so that it pays to keep what is read; then for a while somebody does. */
const QUIET_MS = 6000;
const WRITING_MS = 2000;
/** Requests that run longer end with their worker. */
const REQUEST_LIMIT_S = 2;
const TOOK_TOO_LONG = 504;

let postgres: TestPostgres;
let cluster: TestCluster;
before(async () => {
  postgres = await startPostgres();
  cluster = await startCluster(await postgres.createDatabase(), 2, { arguments: [`--server.maximal-request-time=${REQUEST_LIMIT_S}`] });
});
after(async () => {
  await cluster.dispose();
  await postgres.stop();
});

async function post(server: TestServer, path: string, json: unknown): Promise<unknown> {
  const response = await server.fetch(path, { json });
  const body = await response.json();
  assert.ok(response.ok, JSON.stringify(body));
  return body;
}

for (const cacheEnabled of [true, false]) {
  test(`with cacheEnabled ${cacheEnabled}`, async (context) => {
    const [one] = cluster.members;
    const [leaves, twigs, mount] = [`leaves_${cacheEnabled}`, `twigs_${cacheEnabled}`, `/endless_${cacheEnabled}`];
    const edge = (i: number): object => ({ _from: `${leaves}/root`, _to: `${leaves}/k${i % LEAVES}` });
    await post(one!, '/_api/collection', { name: leaves, cacheEnabled });
    await post(one!, '/_api/collection', { name: twigs, type: 3, cacheEnabled });
    const all = Array.from({ length: LEAVES }, (_, i) => i);
    await post(
      one!,
      `/_api/document/${leaves}`,
      all.map((i) => ({ _key: `k${i}`, n: i })),
    );
    await post(one!, `/_api/document/${twigs}`, all.map(edge));
    const walk = `FOR v IN 1..1 OUTBOUND "${leaves}/root" ${twigs} RETURN v.n`;
    const endless = zip(
      service(`router.get('/', (req, res) => { for (;;) db._query(${JSON.stringify(walk)}).toArray(); });`, {
        engines: { arangodb: '^3.0.0' },
      }),
    );
    const installed = await one!.fetch(`/_api/foxx?mount=${mount}`, {
      method: 'POST',
      headers: { 'content-type': 'application/zip' },
      body: endless,
    });
    assert.equal(installed.status, 201, await installed.text());

    const endMs = clock.monotonic() + RUN_MS;
    const isOver = (): boolean => clock.monotonic() > endMs;
    let begun = LEAVES;
    let acknowledged = LEAVES;
    let walks = 0;
    let ended = 0;
    let isQuiet = true;
    const memberAt = (i: number): TestServer => cluster.members[i % cluster.members.length]!;
    const write = async (): Promise<void> => {
      for (let i = 0; !isOver(); i++) {
        if (isQuiet) await sleep(100);
        else {
          begun++;
          await post(memberAt(i), `/_api/document/${twigs}`, edge(i));
          acknowledged++;
        }
      }
    };
    const walkAbout = async (first: number): Promise<void> => {
      for (let i = first; !isOver(); i++) {
        const least = acknowledged;
        const response = await memberAt(i).fetch('/_api/cursor', { json: { query: walk, batchSize: 1_000_000 } });
        if (response.status === TOOK_TOO_LONG) continue;
        assert.equal(response.status, 201);
        const { result } = (await response.json()) as { result: unknown[] };
        assert.ok(result.length >= least && result.length <= begun, `${result.length} is not from ${least} to ${begun}`);
        assert.ok(result.every((n) => typeof n === 'number'));
        walks++;
      }
    };
    const endWorkers = async (): Promise<void> => {
      for (let i = 0; !isOver(); i++) {
        const { status } = await memberAt(i).fetch(mount);
        assert.notEqual(status, 200);
        ended++;
      }
    };
    const change = async (): Promise<void> => {
      while (!isOver()) {
        await sleep(isQuiet ? QUIET_MS : WRITING_MS);
        isQuiet = !isQuiet;
      }
    };
    await Promise.all([write(), walkAbout(0), walkAbout(1), walkAbout(2), endWorkers(), change()]);
    const said = cluster.members.map((member) => member.output()).join('\n');
    const isMarked = new RegExp(`walks in .*${twigs}.* are kept in memory`, 'u').test(said);
    context.diagnostic(`${walks} walks, ${acknowledged - LEAVES} writes, ${ended} requests ended, kept: ${cacheEnabled || isMarked}`);
    assert.ok(walks > 0 && ended > 0 && acknowledged > LEAVES);
    assert.ok(!(cacheEnabled && isMarked));
  });
}
