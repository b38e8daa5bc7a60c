/** `/_api/foxx/queues`: how many jobs of a queue run at once. */
import assert from 'node:assert/strict';
import { after, before as beforeAll, test } from 'node:test';
import { service, zip } from '../support/bundles.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ workers: 1 });
  const body = zip(service(`router.get('/create', (req, res) => { require('@arangodb/foxx/queues').create('mail', 2); res.json(1); });`));
  await server.fetch('/_api/foxx?mount=/queues', { method: 'POST', body, headers: { 'content-type': 'application/zip' } });
  await server.fetch('/queues/create');
});
after(() => server.dispose());

async function change(name: string, maxWorkers: unknown): Promise<{ readonly code?: number; readonly maxWorkers?: number }> {
  const answer = await server.fetch(`/_api/foxx/queues/${name}`, { method: 'PUT', body: JSON.stringify({ maxWorkers }) });
  return (await answer.json()) as { code?: number; maxWorkers?: number };
}

test('the number of workers of a queue is changed where users could not', async () => {
  assert.deepEqual(await change('mail', 5), { name: 'mail', maxWorkers: 5 });
  const { maxWorkers } = (await (await server.fetch('/_api/document/_queues/mail')).json()) as { maxWorkers: number };
  assert.equal(maxWorkers, 5);
});

test('what is no number of workers, and no queue, is refused', async () => {
  for (const wrong of [0, 65, 1.5, 'many', null, undefined]) assert.equal((await change('mail', wrong)).code, 400, String(wrong));
  assert.equal((await change('none', 2)).code, 404);
});
