/** Accounts over HTTP and by `@arangodb/users`: what is merged, what counts as none, and what is no account. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;

before(async () => {
  server = await startServer({ workers: 1, arguments: ['--javascript.allow-admin-execute=true'] });
});
after(async () => server.dispose());

async function send(method: string, path: string, body?: unknown): Promise<readonly [status: number, body: Record<string, unknown>]> {
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(server.url + path, { method, ...text });
  return [answer.status, (await answer.json()) as Record<string, unknown>];
}

test('a password can be tried, and tells nothing of whether there is such an account', async () => {
  await send('POST', '/_api/user', { user: 'ann', passwd: 'sesame' });
  const [status, { result }] = await send('POST', '/_api/user/ann', { passwd: 'sesame' });
  assert.deepEqual([status, result], [200, true]);
  for (const path of ['ann', 'nobody']) {
    const [refused, { errorNum }] = await send('POST', `/_api/user/${path}`, { passwd: 'Sesame' });
    assert.deepEqual([refused, errorNum], [404, 1703], path);
  }
});

test('a change without a body changes nothing, and what is extra is merged', async () => {
  await send('POST', '/_api/user', { user: 'bo', extra: { seat: { row: 1 }, left: true } });
  assert.equal((await send('PATCH', '/_api/user/bo'))[0], 200);
  const [, { extra }] = await send('PATCH', '/_api/user/bo', { extra: { seat: { place: 2 }, left: null } });
  assert.deepEqual(extra, { seat: { row: 1, place: 2 } });
  assert.deepEqual((await send('PUT', '/_api/user/bo'))[1]['extra'], {});
});

test('the module for accounts checks what it is given, and tells of what is granted', async () => {
  const code = `
    const users = require('@arangodb/users');
    const fails = (run) => { try { run(); } catch (error) { return error.errorNum; } };
    users.save('cy');
    const before = users.permission('cy');
    users.grantDatabase('cy', '_system', 'ro');
    return [
      [null, 1, [], {}, ''].map((name) => fails(() => users.save(name, 'x'))),
      ['rx', '_system'].map((level) => fails(() => users.grantDatabase('cy', '_system', level))),
      before, users.permission('cy'),
    ];`;
  const answer = await fetch(`${server.url}/_admin/execute?returnAsJSON=true`, { method: 'POST', body: code });
  const result: unknown = await answer.json();
  assert.deepEqual(result, [[1700, 1700, 1700, 1700, 1700], [10, 10], {}, { _system: 'ro' }]);
});
