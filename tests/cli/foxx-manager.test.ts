/** `foxx-manager` prints what it printed with ArangoDB 2: each line is compared as a whole (foxx.md §5.6 and the texts on production mode). */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { service, zip } from '../support/bundles.ts';
import { runTool, startTool, type Ended } from '../support/cli.ts';
import { startServer, type TestServer } from '../support/server.ts';

const scratch = mkdtempSync(join(tmpdir(), 'foxden-manager-'));
const bundle = join(scratch, 'hello.zip');
let server: TestServer;

before(async () => {
  server = await startServer({ workers: 1 });
  const manifest = {
    name: 'hello-foxx',
    version: '1.5.0',
    author: 'Jane Fox',
    description: 'A simple example application.',
    configuration: { currency: { type: 'string', default: 'EUR' }, rate: { type: 'number', default: 1 } },
    dependencies: { mail: { name: 'mailer', version: '1.0.0', required: false } },
    scripts: { setup: 'setup.js', add: 'add.js' },
    tests: ['test.js'],
  };
  writeFileSync(
    bundle,
    zip(
      service('', manifest, {
        'setup.js': '',
        'add.js': 'const [a, b] = [].concat(module.context.argv[0]); module.exports = { sum: a + b };',
        'test.js': `it('works', () => {});`,
      }),
    ),
  );
});
after(async () => {
  await server.dispose();
  rmSync(scratch, { recursive: true, force: true });
});

function manager(...args: readonly string[]): Promise<Ended> {
  return runTool('foxx-manager', ['--server.endpoint', server.url.replace('http', 'tcp'), ...args], { cwd: scratch });
}

const EMPTY = [
  'Mount   Name   Author   Description   Version   Development',
  '-----   ----   ------   -----------   -------   -----------',
  '-----   ----   ------   -----------   -------   -----------',
  '0 application(s) found',
  '',
].join('\n');

const ONE = (development: boolean): string =>
  [
    'Mount      Name         Author     Description                     Version   Development',
    '--------   ----------   --------   -----------------------------   -------   -----------',
    `/example   hello-foxx   Jane Fox   A simple example application.   1.5.0     ${development}`,
    '--------   ----------   --------   -----------------------------   -------   -----------',
    '1 application(s) found',
    '',
  ].join('\n');

test('a transcript of each command', async () => {
  const transcript: readonly (readonly [readonly string[], string])[] = [
    [['listDevelopment'], EMPTY],
    [
      ['install', bundle, '/example', 'currency=USD', 'rate=2'],
      'Application hello-foxx version 1.5.0 installed successfully at mount point /example\noptions used: {"configuration":{"currency":"USD","rate":2}}\n',
    ],
    [['list'], ONE(false)],
    [['installed', '/exa'], ONE(false)],
    [['list', '/other'], EMPTY],
    [['development', '/example'], 'Activated development mode for Application hello-foxx version 1.5.0 on mount point /example\n'],
    [['listDevelopment'], ONE(true)],
    [['production', '/example'], 'Activated production mode for Application hello-foxx version 1.5.0 on mount point /example\n'],
    [['listDevelopment'], EMPTY],
    [['configure', '/example', 'rate=3'], 'Reconfigured Application hello-foxx version 1.5.0 on mount point /example\n'],
    [
      ['set-dependencies', '/example', 'mail=/mail'],
      'Reconfigured dependencies of Application hello-foxx version 1.5.0 on mount point /example\n',
    ],
    [['run', '/example', 'add', '1', '2'], '{\n  "sum": 3\n}\n'],
    [['setup', '/example'], ''],
    [['teardown', '/example'], ''],
    [
      ['upgrade', bundle, '/example'],
      'Application hello-foxx version 1.5.0 upgraded successfully at mount point /example\noptions used: {}\n',
    ],
    [
      ['update', bundle, '/example'],
      'Application hello-foxx version 1.5.0 installed successfully at mount point /example\noptions used: {}\n',
    ],
    [
      ['replace', bundle, '/example'],
      'Application hello-foxx version 1.5.0 replaced successfully at mount point /example\noptions used: {}\n',
    ],
    [
      ['uninstall', '/example', 'teardown=false'],
      'Application hello-foxx version 1.5.0 uninstalled successfully from mount point /example\n',
    ],
    [['list'], EMPTY],
  ];
  for (const [args, expected] of transcript) {
    const { status, stdout } = await manager(...args);
    assert.equal(stdout, expected, args.join(' '));
    assert.equal(status, 0, args.join(' '));
  }
});

test('configuration, dependencies and tests are JSON', async () => {
  await manager('install', bundle, '/json');
  const read = (text: string, title: string): unknown => {
    assert.ok(text.startsWith(title));
    return JSON.parse(text.slice(title.length));
  };
  const configuration = read((await manager('configuration', '/json')).stdout, 'Configuration options:\n') as {
    currency: { current: string };
  };
  assert.equal(configuration.currency.current, 'EUR');
  assert.ok('mail' in (read((await manager('dependencies', '/json')).stdout, 'Dependencies:\n') as object));
  assert.equal((read((await manager('tests', '/json')).stdout, '') as { stats: { passes: number } }).stats.passes, 1);
  await manager('uninstall', '/json');
});

test('an empty service is made with routes for its collections', async () => {
  const { stdout } = await manager('install', 'EMPTY', '/fresh', '{"name":"fresh","collectionNames":["cats"]}');
  assert.match(stdout, /^Application fresh version 0\.0\.1 installed successfully at mount point \/fresh\n/);
  assert.equal((await server.fetch('/fresh/cats', { json: { name: 'Tom' } })).status, 201);
  assert.equal(((await (await server.fetch('/fresh/cats')).json()) as unknown[]).length, 1);
});

test('errors are their message on stdout, with exit code 1; usage is no error', async () => {
  assert.deepEqual(pick(await manager('uninstall', '/nothing')), { status: 1, stdout: 'No service installed at mount path "/nothing".\n' });
  assert.deepEqual(pick(await manager('install')), { status: 1, stdout: 'Expecting an application\n' });
  assert.equal((await manager('install', './nothing', '/x')).status, 1);
  const none = await manager();
  assert.equal(none.status, 0);
  assert.match(none.stdout, /^Expecting a command, please try:\n/);
  assert.match((await manager('fly')).stdout, /^Unknown command 'fly', please try:\n/);
  assert.doesNotMatch((await manager('help')).stdout, /listDevelopment/);
});

test('options come from a configuration file, too', async () => {
  const file = join(scratch, 'manager.conf');
  writeFileSync(file, `[server]\nendpoint = ${server.url.replace('http', 'tcp')}\ndatabase = nowhere\n`);
  const { status, stdout } = await runTool('foxx-manager', ['--configuration', file, 'list']);
  assert.equal(status, 1);
  assert.match(stdout, /database not found/);
  assert.equal((await runTool('foxx-manager', ['-c', file, '--server.database', '_system', 'list'])).status, 0);
});

test('the store is fetched, searched and shown', async () => {
  const entry = (name: string, description: string): string =>
    JSON.stringify({ name, description, author: 'Fox', versions: { '1.0.0': { type: 'github', location: `foxes/${name}`, tag: 'v1' } } });
  const archive = zip({
    'apps-master/applications/itzpapalotl.json': entry('itzpapalotl', 'Random words'),
    'apps-master/applications/mail.json': entry('mail', 'Sends'),
  });
  const store = createServer((_, response) => response.end(archive)).listen(0, '127.0.0.1');
  await new Promise((resolve) => store.once('listening', resolve));
  try {
    const url = `http://127.0.0.1:${(store.address() as AddressInfo).port}/store.zip`;
    const ask = async (...args: readonly string[]): Promise<string> => {
      const tool = startTool('foxx-manager', ['--store.url', url, ...args], { environment: { XDG_CACHE_HOME: scratch } });
      await new Promise((resolve) => tool.process.once('close', resolve));
      return tool.output();
    };
    assert.equal(await ask('update'), 'Updated local repository: 2 application(s)\n');
    store.close();
    assert.match(await ask('available'), /^itzpapalotl {3}Fox +Random words +1\.0\.0$/m);
    assert.match(await ask('search', 'words'), /1 application\(s\) found\n$/);
    assert.match(await ask('info', 'mail'), /1\.0\.0: foxx-manager install mail:1\.0\.0 <mount>/);
  } finally {
    store.close();
  }
});

function pick({ status, stdout }: { readonly status: number | null; readonly stdout: string }): object {
  return { status, stdout };
}
