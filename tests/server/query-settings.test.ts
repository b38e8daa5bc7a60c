/** What a server is started with holds for all queries that do not say otherwise. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer({
    workers: 1,
    arguments: [
      '--query.max-runtime=0.2',
      '--query.fail-on-warning=true',
      '--query.memory-limit=1000000',
      '--query.memory-limit-override=false',
      '--query.optimizer-rules=-sort-limit',
      '--query.slow-threshold=7',
      '--query.tracking-with-bindvars=false',
      '--query.cache-mode=demand',
      '--query.cache-entries=12',
    ],
  });
});
after(() => server.dispose());

async function send(method: string, path: string, json?: unknown): Promise<Readonly<Record<string, unknown>>> {
  const response = await server.fetch(path, { method, ...(json === undefined ? {} : { json }) });
  return (await response.json()) as Readonly<Record<string, unknown>>;
}

test('queries run with the settings of the server', async () => {
  const errorOf = async (query: string, more: object = {}): Promise<unknown> =>
    (await send('POST', '/_api/cursor', { query, ...more }))['errorNum'];
  assert.equal(await errorOf('RETURN SLEEP(5)'), 1500);
  assert.equal(await errorOf('RETURN SLEEP(0.3)', { options: { maxRuntime: 60 } }), undefined);
  assert.equal(await errorOf('RETURN 1 / 0'), 1562);
  assert.equal(await errorOf('RETURN 1 / 0', { options: { failOnWarning: false } }), undefined);
  assert.equal(await errorOf('RETURN RANGE(1, 200000)', { memoryLimit: 0 }), 32);
  const { plan } = (await send('POST', '/_api/explain', { query: 'FOR i IN 1..5 SORT i DESC LIMIT 1 RETURN i' })) as {
    readonly plan: { readonly rules: readonly string[] };
  };
  assert.equal(plan.rules.includes('sort-limit'), false);
});

test('tracking and the cache of results begin as they were set', async () => {
  const tracking = await send('GET', '/_api/query/properties');
  assert.deepEqual([tracking['slowQueryThreshold'], tracking['trackBindVars'], tracking['enabled']], [7, false, true]);
  const cache = await send('GET', '/_api/query-cache/properties');
  assert.deepEqual([cache['mode'], cache['maxResults']], ['demand', 12]);
});
