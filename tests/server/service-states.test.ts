/** `/_api/foxx/states`: how services are, broken ones too, without a request to them. */
import assert from 'node:assert/strict';
import { after, before as beforeAll, test } from 'node:test';
import { saying, service, zip, type Files } from '../support/bundles.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ workers: 1, arguments: ['--log.level=v8=fatal'] });
});
after(() => server.dispose());

async function install(method: string, mount: string, files: Files, query = ''): Promise<number> {
  const path = method === 'POST' ? '/_api/foxx' : '/_api/foxx/service';
  const headers = { 'content-type': 'application/zip' };
  return (await server.fetch(`${path}?mount=${mount}${query}`, { method, body: zip(files), headers })).status;
}

const states = async (query = ''): Promise<unknown> => (await server.fetch(`/_api/foxx/states${query}`)).json();

test('each service tells how it is', async () => {
  const needing = service('', { configuration: { key: { type: 'string' } }, dependencies: { mailer: 'mailer:*' } });
  await install('POST', '/ready', saying('hello'));
  await install('POST', '/developed', saying('hello'), '&development=true');
  await install('POST', '/needing', needing);
  await install('POST', '/broken', saying('hello'));
  assert.equal(await install('PUT', '/broken', service(`throw new Error('not today');`)), 200);

  const common = { development: false, reload: 'always' };
  const all = (await states()) as { readonly mount: string; readonly problem?: string }[];
  const broken = all.find(({ mount }) => mount === '/broken');
  assert.match(broken?.problem ?? '', /not today/);
  assert.deepEqual(
    all.map((state) => ({ ...state, problem: undefined })).map((state) => JSON.parse(JSON.stringify(state)) as unknown),
    [
      { mount: '/broken', ...common, state: 'broken' },
      { mount: '/developed', ...common, development: true, state: 'ready' },
      { mount: '/needing', ...common, state: 'unconfigured', missing: ['key', 'mailer'] },
      { mount: '/ready', ...common, state: 'ready' },
    ],
  );
  assert.deepEqual(await states('?mount=/ready'), [{ mount: '/ready', ...common, state: 'ready' }]);
  assert.equal(((await states('?mount=/none')) as { errorNum: number }).errorNum, 3009);
});
