/** What a request to a service may take: its manifest says less than the server, and only its own requests are ended. */
import assert from 'node:assert/strict';
import { after, before as beforeAll, test } from 'node:test';
import { service, zip } from '../support/bundles.ts';
import { eventually } from '../support/fixtures.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
after(() => server.dispose());

const ROUTES = `
  router.get('/loop', () => { for (;;); });
  router.get('/wait', async (req, res) => { await new Promise(() => {}); });
  router.get('/fill', (req, res) => { const all = []; for (let i = 0; i < 4e7; i++) { all.push({ i }); } res.json(all.length); });
  router.get('/quick', (req, res) => res.json('quick'));
  router.get('/slow', (req, res) => { const until = Date.now() + 2500; while (Date.now() < until); res.json('slow'); });
`;

test('a service that takes too long or too much is ended, and its neighbours are not', async () => {
  for (const [mount, manifest] of [
    ['/limited', { limits: { time: 1, memory: 100 } }],
    ['/small', { limits: { memory: 100 } }],
    ['/free', {}],
  ] as const) {
    const body = zip(service(ROUTES, manifest));
    const answer = await server.fetch(`/_api/foxx?mount=${mount}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/zip' },
    });
    assert.equal(answer.status, 201, await answer.text());
  }
  const ask = async (path: string): Promise<readonly [number, unknown]> => {
    const answer = await server.fetch(path);
    const text = await answer.text();
    return [answer.status, (JSON.parse(text) as { errorNum?: number }).errorNum ?? JSON.parse(text)];
  };
  // A new worker on a machine that is short of time may need more than the limit; then it is asked again.
  const isQuick = (): Promise<boolean> => eventually('an answer', async () => (await ask('/limited/quick'))[1] === 'quick');
  await isQuick();
  assert.deepEqual(await ask('/limited/loop'), [504, 21]);
  assert.deepEqual(await ask('/limited/wait'), [504, 21], 'without keeping a thread busy, too');
  assert.deepEqual(await ask('/free/slow'), [200, 'slow']);
  assert.deepEqual(await ask('/limited/slow'), [504, 21]);
  assert.deepEqual(await ask('/small/fill'), [500, 3]);
  await isQuick();
});

test('limits in a manifest are numbers', async () => {
  const body = zip(service('', { limits: { time: 'long' } }));
  const answer = await server.fetch('/_api/foxx?mount=/wrong', { method: 'POST', body, headers: { 'content-type': 'application/zip' } });
  assert.equal(answer.status, 400);
  assert.equal(((await answer.json()) as { errorNum: number }).errorNum, 3001);
});
