/** Services on several coordinators: what is changed on one of them reaches all, and who missed it heals itself. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { saying, service, zip, type Files } from '../support/bundles.ts';
import { startCluster, textAt, until, type TestCluster } from '../support/coordinators.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import type { TestServer } from '../support/server.ts';

/** Healing without a pause would take the time from what it waits for. */
const HEAL_PAUSE_MS = 20;

let postgres: TestPostgres;
let cluster: TestCluster;
before(async () => {
  postgres = await startPostgres({ settings: { fsync: 'off' } });
  cluster = await startCluster(await postgres.createDatabase(), 3, { arguments: ['--foxx.heal-interval=2'] });
});
after(async () => {
  await cluster.dispose();
  await postgres.stop();
});

interface Listed {
  readonly mount: string;
  readonly warnings?: readonly string[];
  readonly coordinators: readonly {
    readonly id: string;
    readonly state: string;
    readonly checksum: string;
    readonly development: boolean;
    readonly edits?: string;
  }[];
}

const member = (place: number): TestServer => cluster.members[place] as TestServer;

async function send(
  server: TestServer,
  method: string,
  path: string,
  files?: Files,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const init: RequestInit = { method };
  if (files !== undefined) Object.assign(init, { body: zip(files), headers: { 'content-type': 'application/zip' } });
  const response = await server.fetch(path, init);
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

async function manage(server: TestServer, method: string, path: string, status: number, files?: Files): Promise<Record<string, unknown>> {
  const answer = await send(server, method, path, files);
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer.body;
}

const list = async (server: TestServer, mount: string): Promise<Listed | undefined> =>
  ((await (await server.fetch('/_api/foxx')).json()) as Listed[]).find((each) => each.mount === mount);

async function everywhere(path: string, text: string): Promise<void> {
  for (const server of cluster.members)
    await until(
      () => textAt(server, path),
      (answer) => answer === text,
    );
}

test('coordinators say who they are, and know of each other', async () => {
  const ids = new Set<string>();
  for (const server of cluster.members) {
    assert.equal((await manage(server, 'GET', '/_admin/server/role', 200))['role'], 'COORDINATOR');
    ids.add((await manage(server, 'GET', '/_admin/server/id', 200))['id'] as string);
    const seen = await until(
      () => manage(server, 'GET', '/_admin/cluster/health', 200),
      ({ Health }) => Object.values(Health as Record<string, { Status: string }>).filter(({ Status }) => Status === 'GOOD').length === 3,
    );
    assert.match(Object.keys(seen['Health'] as object)[0] ?? '', /^CRDN-/);
    const { endpoints } = await manage(server, 'GET', '/_api/cluster/endpoints', 200);
    assert.equal((endpoints as unknown[]).length, 3);
  }
  assert.equal(ids.size, 3);
});

test('an install, an upgrade, other settings and a removal on any coordinator reach all', async () => {
  const first = service(`router.get('/', (req, res) => res.send('one ' + module.context.configuration.word));`, {
    configuration: { word: { type: 'string', default: 'none' } },
  });
  await manage(member(0), 'POST', '/_api/foxx?mount=/a', 201, first);
  await everywhere('/a', '200 one none');
  await member(1).fetch('/_api/foxx/configuration?mount=/a', { method: 'PATCH', json: { word: 'set' } });
  await everywhere('/a', '200 one set');
  const { checksum } = await manage(member(2), 'PATCH', '/_api/foxx/service?mount=/a', 200, { ...first, ...saying('two') });
  await everywhere('/a', '200 two');
  const listed = await until(
    () => list(member(1), '/a'),
    (found) => found?.coordinators.length === 3 && found.coordinators.every(({ state }) => state === 'current'),
  );
  assert.deepEqual(new Set(listed?.coordinators.map((each) => each.checksum)), new Set([checksum]));
  await manage(member(1), 'DELETE', '/_api/foxx/service?mount=/a', 204);
  for (const server of cluster.members) {
    await until(
      () => textAt(server, '/a'),
      (answer) => answer.startsWith('404'),
    );
    await until(
      () => Promise.resolve(existsSync(join(server.appPath, '_db', '_system', 'a'))),
      (isThere) => !isThere,
    );
  }
});

test('setup and teardown run on one coordinator, once', async () => {
  const scripts = { setup: 'setup.js', teardown: 'teardown.js' };
  const log = (what: string): string =>
    `'use strict'; const { db } = require('@arangodb'); if (!db._collection('ran')) db._create('ran'); db.ran.save({ what: '${what}' });`;
  const files = service(
    `router.get('/', (req, res) => res.send('here'));`,
    { scripts },
    { 'setup.js': log('setup'), 'teardown.js': log('teardown') },
  );
  await manage(member(0), 'POST', '/_api/foxx?mount=/scripts', 201, files);
  await everywhere('/scripts', '200 here');
  await manage(member(1), 'DELETE', '/_api/foxx/service?mount=/scripts', 204);
  for (const server of cluster.members)
    await until(
      () => textAt(server, '/scripts'),
      (answer) => answer.startsWith('404'),
    );
  const answer = await member(2).fetch('/_api/cursor', { json: { query: 'FOR each IN ran SORT each.what RETURN each.what' } });
  assert.deepEqual(((await answer.json()) as { result: unknown }).result, ['setup', 'teardown']);
});

test('a service that cannot be loaded elsewhere is broken there, and listed so', async () => {
  const files = service(
    `if (require('@arangodb').db._collection('fails')) throw new Error('not here'); router.get('/', (req, res) => res.send('x'));`,
  );
  await manage(member(0), 'POST', '/_api/foxx?mount=/fragile', 201, files);
  await everywhere('/fragile', '200 x');
  await member(0).fetch('/_api/collection', { json: { name: 'fails' } });
  // Whether others hear of it or find it by themselves first.
  const end = new AbortController();
  const healing = [member(1), member(2)].map(async (other) => {
    while (!end.signal.aborted) {
      await manage(other, 'POST', '/_api/foxx/_local/heal', 204);
      await sleep(HEAL_PAUSE_MS);
    }
  });
  await manage(member(0), 'PATCH', '/_api/foxx/service?mount=/fragile&force=true', 200, { ...files, 'other.js': '' });
  await until(
    () => list(member(0), '/fragile'),
    (found) => found !== undefined && found.coordinators.every(({ state }) => state === 'broken'),
  ).finally(() => end.abort());
  await Promise.all(healing);
  await manage(member(1), 'POST', '/_api/foxx/_local/heal', 204);
  const healed = await list(member(1), '/fragile');
  assert.deepEqual(
    healed?.coordinators.map(({ state }) => state),
    ['broken', 'broken', 'broken'],
  );
  await manage(member(0), 'DELETE', '/_api/foxx/service?mount=/fragile&force=true&teardown=false', 204);
});

test('a coordinator that was away makes up for what it has missed', async () => {
  await manage(member(0), 'POST', '/_api/foxx?mount=/old', 201, saying('old'));
  await manage(member(0), 'POST', '/_api/foxx?mount=/gone', 201, saying('gone'));
  await everywhere('/gone', '200 gone');
  await member(2).stop('SIGKILL');
  await manage(member(0), 'PUT', '/_api/foxx/service?mount=/old', 200, saying('new'));
  await manage(member(1), 'DELETE', '/_api/foxx/service?mount=/gone', 204);
  await manage(member(1), 'POST', '/_api/foxx?mount=/more', 201, saying('more'));
  const back = await cluster.restart(2);
  assert.equal(await textAt(back, '/old'), '200 new');
  assert.equal(await textAt(back, '/more'), '200 more');
  assert.match(await textAt(back, '/gone'), /^404/);
  assert.deepEqual(
    readdirSync(join(back.appPath, '_db', '_system')).filter((name) => name === 'gone'),
    [],
  );
});

test('files that were damaged are healed on request, and what changed without an announcement is found', async () => {
  const { checksum: stored } = await manage(member(0), 'POST', '/_api/foxx?mount=/damaged', 201, saying('whole'));
  await everywhere('/damaged', '200 whole');
  const bundle = join(member(1).appPath, '_db', '_system', '_appbundles', 'damaged.zip');
  writeFileSync(bundle, 'rubbish');
  rmSync(join(member(1).appPath, '_db', '_system', 'damaged'), { recursive: true });
  await manage(member(1), 'POST', '/_api/foxx/_local/heal', 204);
  assert.deepEqual(await manage(member(1), 'GET', '/_api/foxx/_local/checksums?mount=/damaged', 200), { '/damaged': stored });
  assert.equal(await textAt(member(1), '/damaged'), '200 whole');

  const query = 'FOR app IN _apps FILTER app.mount == "/damaged" UPDATE app WITH { mount: "/moved", id: "/moved" } IN _apps';
  assert.equal((await member(0).fetch('/_api/cursor', { json: { query } })).status, 201);
  await everywhere('/moved', '200 whole');
});

test('development mode is of each coordinator alone, and leaving it distributes its files', async () => {
  await manage(member(0), 'POST', '/_api/foxx?mount=/dev', 201, saying('stored'));
  await everywhere('/dev', '200 stored');
  const { path } = await manage(member(0), 'POST', '/_api/foxx/development?mount=/dev', 200);
  writeFileSync(join(path as string, 'index.js'), saying('edited')['index.js'] ?? '');
  await until(
    () => textAt(member(0), '/dev'),
    (answer) => answer === '200 edited',
  );
  assert.equal(await textAt(member(1), '/dev'), '200 stored');
  await until(
    () => list(member(1), '/dev'),
    (found) => found?.coordinators.filter(({ edits }) => edits !== undefined).length === 1,
  );
  await manage(member(0), 'DELETE', '/_api/foxx/development?mount=/dev', 200);
  await everywhere('/dev', '200 edited');
  await until(
    () => list(member(1), '/dev'),
    (found) =>
      found?.coordinators.every(({ edits, state, development }) => edits === undefined && state === 'current' && !development) === true,
  );
});

test('a service that is edited on two coordinators at once is not lost silently', async () => {
  await manage(member(0), 'POST', '/_api/foxx?mount=/two', 201, saying('stored'));
  await everywhere('/two', '200 stored');
  await manage(member(0), 'POST', '/_api/foxx/development?mount=/two', 200);
  const folder = (server: TestServer): string => join(server.appPath, '_db', '_system', 'two', 'APP', 'index.js');
  for (const place of [0, 1]) writeFileSync(folder(member(place)), saying(`edited at ${place}`)['index.js'] ?? '');
  const refused = await send(member(0), 'DELETE', '/_api/foxx/development?mount=/two');
  assert.equal(refused.status, 409, JSON.stringify(refused.body));
  const rival = (await manage(member(1), 'GET', '/_admin/server/id', 200))['id'] as string;
  assert.match(refused.body['errorMessage'] as string, new RegExp(rival));
  await until(
    () => list(member(2), '/two'),
    (found) => found?.warnings?.[0]?.includes(rival) === true,
  );
  assert.equal(await textAt(member(1), '/two'), '200 edited at 1');
  const forced = await manage(member(0), 'DELETE', '/_api/foxx/development?mount=/two&force=true', 200);
  assert.match((forced['warnings'] as readonly string[])[0] ?? '', new RegExp(rival));
  await everywhere('/two', '200 edited at 0');
});

test('cursors and transactions are found from every coordinator', async () => {
  const opened = await member(0).fetch('/_api/cursor', { json: { query: 'FOR i IN 1..5 RETURN i', batchSize: 2 } });
  const { id } = (await opened.json()) as { id: string };
  const next = await member(1).fetch(`/_api/cursor/${id}`, { method: 'POST' });
  assert.equal(next.headers.get('x-arango-request-forwarded-to'), (await manage(member(0), 'GET', '/_admin/server/id', 200))['id']);
  assert.deepEqual(((await next.json()) as { result: unknown }).result, [3, 4]);
  assert.equal((await member(2).fetch(`/_api/cursor/${id}`, { method: 'DELETE' })).status, 202);
  assert.equal((await member(0).fetch(`/_api/cursor/${id}`, { method: 'POST' })).status, 404);

  await member(0).fetch('/_api/collection', { json: { name: 'moved' } });
  const begun = await member(0).fetch('/_api/transaction/begin', { json: { collections: { write: ['moved'] } } });
  const { result } = (await begun.json()) as { result: { id: string } };
  const headers = { 'x-arango-trx-id': result.id, 'content-type': 'application/json' };
  const written = await member(1).fetch('/_api/document/moved', { method: 'POST', body: '{"_key":"a"}', headers });
  assert.equal(written.status, 202, await written.text());
  assert.match(await textAt(member(2), '/_api/transaction'), new RegExp(result.id));
  assert.match(await textAt(member(2), '/_api/document/moved/a'), /^404/);
  assert.equal((await member(2).fetch(`/_api/transaction/${result.id}`, { method: 'PUT' })).status, 200);
  for (const server of cluster.members) assert.match(await textAt(server, '/_api/document/moved/a'), /^200/);
});
