/** The versions that are kept of a service, and the way back to one of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { service, zip, type Files } from '../../support/bundles.ts';
import { askServer, useFixtures } from '../../support/fixtures.ts';
import { startServer } from '../../support/server.ts';

const { ask, get } = useFixtures([], { arguments: ['--foxx.kept-versions=3'] });
const ZIP = { 'content-type': 'application/zip' };
type Body = Readonly<Record<string, unknown>>;

interface Listed extends Body {
  readonly id: number;
  readonly version?: string;
  readonly current: boolean;
  readonly restores?: number;
}

/** Answers with its version, its configuration and how often its setup has run. */
const release = (version: string, manifest: object = {}): Files =>
  service(
    `router.get('/', (req, res) => res.json({ version: ${JSON.stringify(version)}, configuration: module.context.configuration, dependencies: Object.keys(module.context.dependencies) }));`,
    { version, scripts: { setup: 'setup.js', teardown: 'teardown.js' }, ...manifest },
    {
      'setup.js': `const { db } = require('@arangodb'); const c = db._collection('runs') || db._create('runs'); c.insert({ script: 'setup', version: ${JSON.stringify(version)} });`,
      'teardown.js': `const { db } = require('@arangodb'); const c = db._collection('runs') || db._create('runs'); c.insert({ script: 'teardown', version: ${JSON.stringify(version)} });`,
    },
  );
const post = async (path: string): Promise<readonly [number, Body]> => {
  const { status, body } = await ask('POST', path);
  return [status, body];
};
const send = async (method: string, path: string, files: Files): Promise<void> => {
  const answer = await ask(method, path, zip(files), ZIP);
  assert.ok(answer.status < 300, answer.text);
};
const install = (mount: string, files: Files, more = '') => send('POST', `/_api/foxx?mount=${mount}${more}`, files);
const upgrade = (mount: string, files: Files, more = '') => send('PATCH', `/_api/foxx/service?mount=${mount}${more}`, files);
const versions = async (mount: string): Promise<readonly Listed[]> => (await get(`/_api/foxx/versions?mount=${mount}`)).body;
const told = async (mount: string): Promise<string> =>
  (await versions(mount))
    .map(
      ({ id, version, current, restores }) =>
        `${id} ${version}${current ? ' current' : ''}${restores === undefined ? '' : ` of ${restores}`}`,
    )
    .join(', ');
const served = async (mount: string): Promise<Body> => (await get(mount)).body;
const query = async (text: string): Promise<readonly unknown[]> =>
  ((await ask('POST', '/_api/cursor', { query: text })).body as { readonly result: readonly unknown[] }).result;

test('each version is told with how and when it came', async () => {
  await install('/told', release('1.0.0'));
  const before = Date.now();
  await upgrade('/told', release('1.1.0'));
  const [current, former] = await versions('/told');
  const { at, checksum, ...others } = current as Listed & { readonly at: string; readonly checksum: string };
  assert.deepEqual(others, {
    id: 2,
    operation: 'upgrade',
    name: 'made',
    version: '1.1.0',
    current: true,
    development: false,
    configuration: {},
    dependencies: {},
  });
  assert.ok(Date.parse(at) >= before - 1000 && Date.parse(at) <= Date.now() + 1000);
  assert.match(checksum, /^[\da-f]{1,8}$/);
  assert.deepEqual([former?.id, former?.version, former?.current, former?.['operation']], [1, '1.0.0', false, 'install']);
  assert.notEqual(former?.['checksum'], checksum);
});

test('a rollback brings bundle, configuration, dependencies and mode back, and another goes forward again', async () => {
  const settings = { configuration: { size: { type: 'integer', default: 1 } }, dependencies: { mail: '*' } };
  await install('/other', release('1.0.0'));
  await install('/back', release('1.0.0', settings));
  await ask('PATCH', '/_api/foxx/configuration?mount=/back', { size: 7 });
  await ask('PATCH', '/_api/foxx/dependencies?mount=/back', { mail: '/other' });
  await upgrade('/back', release('2.0.0', settings), '&development=true');
  await ask('PATCH', '/_api/foxx/configuration?mount=/back', { size: 8 });
  assert.deepEqual(await served('/back'), { version: '2.0.0', configuration: { size: 8 }, dependencies: ['mail'] });

  const [status, body] = await post('/_api/foxx/rollback?mount=/back');
  assert.deepEqual([status, body['version'], body['development']], [200, '1.0.0', false]);
  assert.deepEqual(await served('/back'), { version: '1.0.0', configuration: { size: 7 }, dependencies: ['mail'] });
  assert.equal(await told('/back'), '3 1.0.0 current of 1, 2 2.0.0');

  assert.equal((await post('/_api/foxx/rollback?mount=/back&development=false'))[0], 200);
  assert.deepEqual(await served('/back'), { version: '2.0.0', configuration: { size: 8 }, dependencies: ['mail'] });
  assert.equal(await told('/back'), '4 2.0.0 current of 2, 3 1.0.0 of 1');
  assert.equal((await versions('/back'))[0]?.['development'], false, 'unless another mode is asked for');
});

test('a version is named by its number or by that of its manifest', async () => {
  await install('/named', release('1.0.0'));
  for (const version of ['1.1.0', '1.2.0', '1.3.0']) await upgrade('/named', release(version));
  await post('/_api/foxx/rollback?mount=/named&version=1.1.0');
  assert.equal(await told('/named'), '5 1.1.0 current of 2, 4 1.3.0, 3 1.2.0, 1 1.0.0');
  await post('/_api/foxx/rollback?mount=/named&version=1');
  assert.equal(await told('/named'), '6 1.0.0 current of 1, 5 1.1.0 of 2, 4 1.3.0, 3 1.2.0');
  const [status, body] = await post('/_api/foxx/rollback?mount=/named&version=9.9.9');
  assert.deepEqual([status, body['errorNum']], [400, 3014]);
  assert.match(String(body['errorMessage']), /Wanted: 9\.9\.9\nCurrent: 6 \(1\.0\.0\)\nKept: 5 \(1\.1\.0\), 4 \(1\.3\.0\), 3 \(1\.2\.0\)/);
});

test('what cannot be gone back to is refused, and nothing has changed', async () => {
  assert.deepEqual(
    (await post('/_api/foxx/rollback?mount=/nobody')).map((part) => (typeof part === 'object' ? part['errorNum'] : part)),
    [400, 3009],
  );
  assert.equal((await get('/_api/foxx/versions?mount=/nobody')).status, 400);
  await install('/first', release('1.0.0'));
  const [status, body] = await post('/_api/foxx/rollback?mount=/first');
  assert.deepEqual([status, body['errorNum']], [400, 3014]);
  assert.match(String(body['errorMessage']), /Kept: none/);
  await upgrade('/first', release('2.0.0'));
  const [, former] = await versions('/first');
  await ask('DELETE', `/_api/document/_appbundles/${String(former?.['checksum'])}`);
  const [lostStatus, lost] = await post('/_api/foxx/rollback?mount=/first');
  assert.deepEqual([lostStatus, lost['errorNum']], [400, 3002]);
  assert.match(String(lost['errorMessage']), new RegExp(`Version: 1 \\(1\\.0\\.0\\)\n.*${String(former?.['checksum'])}`));
  assert.equal((await served('/first'))['version'], '2.0.0');
});

test('so many versions are kept with their bundles as the option says, and none after the end', async () => {
  const own = { description: 'of its own' };
  await install('/kept', release('1.0.0', own));
  const all: string[] = [];
  for (let minor = 1; minor <= 6; minor++) {
    all.unshift(String((await versions('/kept'))[0]?.['checksum']));
    await upgrade('/kept', release(`1.${minor}.0`, own));
  }
  assert.equal(await told('/kept'), '7 1.6.0 current, 6 1.5.0, 5 1.4.0, 4 1.3.0');
  const stored = async (): Promise<readonly string[]> =>
    (await query(`FOR b IN _appbundles FILTER b._key IN ${JSON.stringify(all)} RETURN b._key`)) as readonly string[];
  assert.deepEqual((await stored()).toSorted(), all.slice(0, 3).toSorted());
  assert.equal((await ask('POST', '/_api/foxx/_local/heal')).status, 204);
  assert.deepEqual((await stored()).toSorted(), all.slice(0, 3).toSorted(), 'healing leaves them');
  await ask('DELETE', '/_api/foxx/service?mount=/kept');
  await ask('POST', '/_api/foxx/_local/heal');
  assert.deepEqual(await stored(), []);
  await install('/kept', release('5.0.0'));
  assert.equal(await told('/kept'), '1 5.0.0 current');
});

test('scripts run as with an upgrade, unless they are not wanted', async () => {
  const runs = async (): Promise<readonly unknown[]> => query('FOR r IN runs SORT r._key RETURN CONCAT(r.script, " ", r.version)');
  await install('/scripts', release('1.0.0'));
  await upgrade('/scripts', release('2.0.0'));
  await query('FOR r IN runs REMOVE r IN runs');
  await post('/_api/foxx/rollback?mount=/scripts');
  assert.deepEqual(await runs(), ['setup 1.0.0']);
  await post('/_api/foxx/rollback?mount=/scripts&setup=false&teardown=true');
  assert.deepEqual(await runs(), ['setup 1.0.0', 'teardown 1.0.0']);
});

test('the end of development makes a version, and going back from it is no way into development', async () => {
  await install('/edited', release('1.0.0'), '&development=true');
  await ask('DELETE', '/_api/foxx/development?mount=/edited');
  assert.equal(await told('/edited'), '1 1.0.0 current', 'nothing was edited');
  await ask('POST', '/_api/foxx/development?mount=/edited');
  const form = new FormData();
  form.set('source', new Blob([zip(release('1.0.1'))]), 'source.zip');
  assert.equal((await ask('PATCH', '/_api/foxx/development?mount=/edited', form)).status, 200);
  await ask('DELETE', '/_api/foxx/development?mount=/edited');
  assert.equal(await told('/edited'), '2 1.0.1 current, 1 1.0.0');
  await post('/_api/foxx/rollback?mount=/edited');
  const [current] = await versions('/edited');
  assert.deepEqual([current?.['version'], current?.['development']], ['1.0.0', false]);
});

test('versions outlive a restart, and what an ArangoDB has written has versions from then on', async () => {
  const options = { arguments: ['--server.authentication=true'] };
  let server = await startServer(options);
  try {
    const root = { authorization: `Basic ${Buffer.from('root:').toString('base64')}` };
    const call = (method: string, path: string, body?: unknown, headers = {}) =>
      askServer(server, method, path, body, { ...root, ...headers });
    await call('POST', '/_api/foxx?mount=/x', zip(release('1.0.0')), ZIP);
    await call('POST', '/_api/cursor', { query: 'FOR a IN _apps REPLACE a WITH KEEP(a, "id", "mount", "checksum", "options") IN _apps' });
    await call('PATCH', '/_api/foxx/service?mount=/x', zip(release('2.0.0')), ZIP);
    await server.stop();
    server = await startServer({ ...options, folder: server.folder });
    const list: readonly Body[] = (await call('GET', '/_api/foxx/versions?mount=/x')).body;
    assert.deepEqual(
      list.map(({ id, version, by }) => [id, version, by]),
      [
        [2, '2.0.0', 'root'],
        [1, undefined, undefined],
      ],
    );
    assert.equal((await call('POST', '/_api/foxx/rollback?mount=/x')).status, 200);
    assert.equal((await call('GET', '/x')).body['version'], '1.0.0');
  } finally {
    await server.dispose();
  }
});
