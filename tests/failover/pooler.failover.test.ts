/** PgBouncer in transaction mode between coordinators and PostgreSQL: the engine does all that it does without, and coordinators work together. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openStorage } from '#storage';
import { conformance } from '../../src/storage/conformance.suite.ts';
import { saying, zip } from '../support/bundles.ts';
import { startCluster, textAt, until } from '../support/coordinators.ts';
import { startPgBouncer } from '../support/pgbouncer.ts';
import { startPostgres } from '../support/postgres.ts';
import { describeSpell, installLoad, startLoad } from '../support/steady-load.ts';

/** What a session would have set, and cannot behind a pooler: the recipe has it set for the role. */
const SESSION = [
  "lock_timeout = '1s'",
  'enable_seqscan = off',
  'enable_hashjoin = off',
  'enable_mergejoin = off',
  'enable_bitmapscan = off',
  'jit = off',
];
const STORES = 12;

const postgres = await startPostgres({ settings: { fsync: 'off', full_page_writes: 'off', max_connections: '200' } });
for (const setting of SESSION) await postgres.query(`ALTER ROLE ${postgres.user} SET ${setting}`);
const pooler = await startPgBouncer(postgres);
const folder = mkdtempSync(join(tmpdir(), 'foxden-pooler-'));
const urls = await Promise.all(Array.from({ length: STORES }, () => postgres.createDatabase()));
after(async () => {
  await pooler.stop();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

conformance('the PostgreSQL engine behind PgBouncer', () =>
  openStorage({ url: pooler.through(urls.pop()!), folder: mkdtempSync(join(folder, 'store-')), keepsStatements: false }),
);

for (const [name, isPast] of [
  ['hear of each other past the pooler', true],
  ['look for news where the pooler passes on no notifications', false],
] as const) {
  test(`coordinators ${name}`, async (context) => {
    const url = await postgres.createDatabase();
    const cluster = await startCluster(pooler.through(url), 2, {
      arguments: ['--storage.prepared-statements=false', ...(isPast ? [`--cluster.url=${url}`] : [])],
    });
    try {
      await installLoad(cluster.members);
      const load = startLoad('pooled', cluster.members, { limitSeconds: 60 });
      await load.progress(20);
      const installed = await cluster.members[0]!.fetch('/_api/foxx?mount=/pooled', {
        method: 'POST',
        body: zip(saying('here')),
        headers: { 'content-type': 'application/zip' },
      });
      assert.equal(installed.status, 201, await installed.text());
      await until(
        () => textAt(cluster.members[1]!, '/pooled'),
        (text) => text === '200 here',
      );
      await load.progress(20);
      const spell = await load.end();
      context.diagnostic(describeSpell(context.name, spell));
      assert.equal(spell.unknown, 0);
      const seen = (await (await cluster.members[1]!.fetch('/_admin/cluster/database')).json()) as Record<string, unknown>;
      assert.deepEqual([seen['isPooled'], seen['notifies']], [true, isPast], JSON.stringify(seen));
    } finally {
      await cluster.dispose();
    }
  });
}
