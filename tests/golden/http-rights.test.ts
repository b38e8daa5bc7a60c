/** Who may use the HTTP API: nobody unknown, and everybody as far as they were granted. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;

before(async () => {
  const open = await startServer({ workers: 1, arguments: ['--database.password=root!'] });
  for (const user of ['reader', 'nobody']) await open.fetch('/_api/user', { json: { user, passwd: `${user}!` } });
  await open.fetch('/_api/database', { json: { name: 'shop', users: [{ username: 'root' }] } });
  await open.fetch('/_api/user/reader/database/shop', { json: { grant: 'ro' }, method: 'PUT' });
  await open.fetch('/_db/shop/_api/collection', { json: { name: 'c' } });
  await open.stop();
  server = await startServer({ workers: 1, folder: open.folder, arguments: ['--server.authentication=true'] });
});
after(async () => server.dispose());

interface Found {
  readonly status: number;
  readonly body: { readonly errorNum?: number; readonly jwt?: string };
  readonly challenge: string | null;
}

async function ask(user: string | undefined, method: string, path: string, json?: unknown, token?: string): Promise<Found> {
  const credentials = token === undefined ? `Basic ${Buffer.from(`${user}:${user}!`).toString('base64')}` : `bearer ${token}`;
  const answer = await fetch(server.url + path, {
    method,
    headers: user === undefined && token === undefined ? {} : { authorization: credentials },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: JSON.parse(text) as Found['body'], challenge: answer.headers.get('www-authenticate') };
}

test('who does not prove who they are is asked to', async () => {
  const unknown = await ask(undefined, 'GET', '/_api/version');
  assert.deepEqual([unknown.status, unknown.body.errorNum], [401, 11]);
  assert.match(unknown.challenge ?? '', /^Bearer/);
  assert.equal((await ask('stranger', 'GET', '/_api/version')).status, 401);
});

test('a token does instead of the password', async () => {
  const { body } = await ask(undefined, 'POST', '/_open/auth', { username: 'root', password: 'root!' });
  assert.equal((await ask(undefined, 'GET', '/_api/version', undefined, body.jwt)).status, 200);
  assert.equal((await ask(undefined, 'GET', '/_api/version', undefined, `${body.jwt}x`)).status, 401);
  assert.equal((await ask(undefined, 'POST', '/_open/auth', { username: 'root', password: 'guess' })).status, 401);
});

const CASES: readonly (readonly [user: string, method: string, path: string, body: unknown, status: number])[] = [
  ['reader', 'GET', '/_db/shop/_api/collection', undefined, 200],
  ['reader', 'GET', '/_db/shop/_api/foxx', undefined, 200],
  ['reader', 'POST', '/_db/shop/_api/cursor', { query: 'FOR d IN c RETURN d' }, 201],
  ['reader', 'GET', '/_api/user/reader', undefined, 200],
  ['reader', 'GET', '/_api/collection', undefined, 401],
  ['reader', 'GET', '/_db/shop/_api/user/reader', undefined, 200],
  ['reader', 'GET', '/_db/shop/_api/user/root', undefined, 403],
  ['reader', 'GET', '/_db/shop/_api/user', undefined, 403],
  ['reader', 'POST', '/_db/shop/_api/collection', { name: 'd' }, 403],
  ['reader', 'POST', '/_db/shop/_api/document/c', {}, 403],
  ['reader', 'POST', '/_db/shop/_api/cursor', { query: 'INSERT {} INTO c' }, 403],
  ['reader', 'POST', '/_db/shop/_api/import?collection=c', ['a'], 403],
  ['reader', 'POST', '/_db/shop/_api/foxx?mount=/x', {}, 403],
  ['reader', 'DELETE', '/_db/shop/_api/foxx/service?mount=/x', undefined, 403],
  ['reader', 'POST', '/_db/shop/_api/transaction', { collections: { write: 'c' }, action: 'function () {}' }, 403],
  ['reader', 'POST', '/_db/shop/_api/user', { user: 'x' }, 403],
  ['reader', 'PUT', '/_db/shop/_api/user/reader/database/shop', { grant: 'rw' }, 403],
  ['reader', 'GET', '/_db/shop/_admin/options', undefined, 403],
  ['reader', 'POST', '/_db/shop/_admin/routing/reload', undefined, 403],
  ['nobody', 'GET', '/_db/shop/_api/collection', undefined, 401],
  ['root', 'POST', '/_db/shop/_api/collection', { name: 'd' }, 200],
  ['root', 'GET', '/_api/user', undefined, 200],
];

for (const [user, method, path, body, status] of CASES) {
  test(`${user}: ${method} ${path} is ${status}`, async () => {
    const found = await ask(user, method, path, body);
    assert.equal(found.status, status, JSON.stringify(found.body));
  });
}
