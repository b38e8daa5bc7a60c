/** Finding the primary of a PostgreSQL cluster among several hosts. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ArangoError } from '#base';
import { connectPrimary, openStorage, parseAddress } from '#storage';
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

test('waits for no host that takes connections and says nothing, as one that is frozen', async () => {
  const sockets: Socket[] = [];
  const frozen = createServer((socket) => sockets.push(socket));
  await new Promise<void>((resolve) => frozen.listen(0, '127.0.0.1', resolve));
  const { port: silent } = frozen.address() as AddressInfo;
  const url = await postgres.createDatabase();
  const { hostname, port, pathname } = new URL(url);
  // The test would take an hour.
  const address = parseAddress(`postgres://postgres@127.0.0.1:${silent},${hostname}:${port}${pathname}?connect_timeout=3600`);
  const client = await connectPrimary(address);
  assert.equal(client.port, Number(port));
  await client.end();
  for (const socket of sockets) socket.destroy();
  frozen.close();
});

test('passes over a primary that does not stand an examination, and tells why when there is no other', async () => {
  const url = await postgres.createDatabase();
  const old = await postgres.createDatabase();
  const { hostname, port } = new URL(url);
  const hosts = `${hostname}:${port},localhost:${port}`;
  let looked = 0;
  // Both are the same server: the first to be asked is the one that is behind.
  const client = await connectPrimary(parseAddress(`postgres://postgres@${hosts}/${new URL(url).pathname.slice(1)}`), {
    check: async () => {
      if (looked++ === 0) throw new ArangoError('ERROR_ARANGO_CORRUPTED_DATAFILE', 'behind');
    },
  });
  assert.equal(looked, 2);
  await client.end();
  const check = async (): Promise<void> => {
    throw new ArangoError('ERROR_ARANGO_CORRUPTED_DATAFILE', 'behind');
  };
  await assert.rejects(connectPrimary(parseAddress(old), { check }), { errorNum: 1100, message: /behind/ });
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

test('speaks TLS, checks certificates as it is told, and gives passwords', async () => {
  const pem = 'tests/server/localhost.pem';
  const folder = mkdtempSync(join(tmpdir(), 'foxden-tls-'));
  const secured = await startPostgres({
    certificate: readFileSync(pem, 'utf8'),
    accessRules: ['host all postgres 127.0.0.1/32 trust', 'hostssl all ada 127.0.0.1/32 scram-sha-256'],
  });
  try {
    const { port } = secured;
    await secured.query("CREATE ROLE ada LOGIN PASSWORD 'käse: 1/2'");
    const url = (settings: string, password = 'käse: 1/2'): string =>
      `postgres://ada:${encodeURIComponent(password)}@localhost:${port}/postgres?${settings}`;
    const connect = (settings: string, password?: string): ReturnType<typeof connectPrimary> =>
      connectPrimary(parseAddress(url(settings, password)));
    for (const settings of ['', 'sslmode=require', `sslmode=verify-ca&sslrootcert=${pem}`, `sslmode=verify-full&sslrootcert=${pem}`]) {
      const client = await connect(settings);
      const { rows } = await client.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
      assert.deepEqual(rows, [{ ssl: true }], settings);
      await client.end();
    }
    await assert.rejects(connect('sslmode=disable'), /refuses|no primary/);
    await assert.rejects(connect('sslmode=verify-full'), /no primary/);
    await assert.rejects(connect('', 'wrong'), /refuses: password authentication failed/);
    const engine = openStorage({
      url: `postgres://postgres@localhost:${port}/postgres?sslmode=require`,
      folder,
    });
    engine.tick();
    engine.close();
  } finally {
    await secured.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
