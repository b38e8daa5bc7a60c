/** Finding the primary of a PostgreSQL cluster among several hosts. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connectPrimary, parseAddress } from '#storage';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres({ settings: { fsync: 'off' } });
});
after(() => postgres.stop());

test('passes over hosts where nobody answers', async () => {
  const url = await postgres.createDatabase();
  const { hostname, port, pathname } = new URL(url);
  const client = await connectPrimary(parseAddress(`postgres://postgres@127.0.0.1:1,${hostname}:${port}${pathname}`), {
    settings: { lock_timeout: '1234ms' },
  });
  const { rows } = await client.query('SELECT current_database() AS name, current_setting($1) AS setting', ['lock_timeout']);
  assert.deepEqual(rows, [{ name: pathname.slice(1), setting: '1234ms' }]);
  await client.end();
});

test('does not take a server that only reads, and waits for one that writes', async () => {
  const url = await postgres.createDatabase();
  const database = new URL(url).pathname.slice(1);
  await postgres.query(`ALTER DATABASE ${database} SET default_transaction_read_only = on`);
  await assert.rejects(connectPrimary(parseAddress(url)), /no primary .* a standby/);
  const waiting = connectPrimary(parseAddress(url), { waitMs: 60_000 });
  await postgres.query(`ALTER DATABASE ${database} RESET default_transaction_read_only`);
  await (await waiting).end();
  const reading = await connectPrimary(parseAddress(`${url}?target_session_attrs=any`));
  await reading.end();
});

test('tells at once what waiting does not mend', async () => {
  const { port } = postgres;
  await assert.rejects(
    connectPrimary(parseAddress(`postgres://postgres@127.0.0.1:${port}/nowhere`), { waitMs: 600_000 }),
    /refuses: .*nowhere/,
  );
});

test('comes back after the server was gone', async () => {
  const url = await postgres.createDatabase();
  await postgres.crash();
  const waiting = connectPrimary(parseAddress(url), { waitMs: 60_000 });
  await postgres.restart();
  await (await waiting).end();
});
