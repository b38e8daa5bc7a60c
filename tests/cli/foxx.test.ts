/** `foxx` against a real server: each command once as people use it, and how the common mistakes are answered. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { service, zip } from '../support/bundles.ts';
import { runTool, startTool, type Ended, type RunOptions } from '../support/cli.ts';
import { eventually } from '../support/fixtures.ts';
import { startServer, type TestServer } from '../support/server.ts';

const scratch = mkdtempSync(join(tmpdir(), 'foxden-foxx-'));
const environment = { FOXXRC_PATH: join(scratch, 'rc') };
let server: TestServer;

before(async () => {
  server = await startServer({ workers: 1 });
  await foxx('server', 'set', 'default', server.url);
});
after(async () => {
  await server.dispose();
  rmSync(scratch, { recursive: true, force: true });
});

function attempt(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return runTool('foxx', args, { environment, ...options });
}

/** A command that must succeed; its output. */
async function foxx(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await attempt(args);
  assert.equal(status, 0, `foxx ${args.join(' ')}: ${stderr}${stdout}`);
  return stdout;
}

/** A command that must fail; what it says on stderr. */
async function refused(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await attempt(args);
  assert.equal(status, 1, stdout);
  assert.equal(stdout, '');
  return stderr;
}

function folderOf(name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(scratch, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

test('without a command it shows how it is used and fails; with one that is unknown it suggests', async () => {
  const { status, stderr } = await attempt([]);
  assert.equal(status, 1);
  assert.match(stderr, /foxx install <mount> \[source\]/);
  assert.match(await foxx('--version'), /^\d+\.\d+\.\d+\n$/);
  assert.match(await foxx('install', '--help'), /--development/);
  assert.match(await refused('instal', '/x'), /Did you mean install\?/);
  assert.match(await refused('list', '--nope'), /Unknown argument: nope/);
  assert.match(await foxx('completion'), /foxx completion/);
});

test('servers have names, which keep their credentials', async () => {
  const own = { environment: { FOXXRC_PATH: join(scratch, 'rc-own') } };
  const run = (...args: readonly string[]): Promise<Ended> => attempt(args, own);
  assert.equal((await run('server', 'set', 'dev', '//localhost:8529')).status, 0);
  assert.equal(
    readFileSync(own.environment.FOXXRC_PATH, 'utf8').trim(),
    '[server.dev]\nurl=http://localhost:8529\ndatabase=_system\nusername=root\npassword=',
  );
  assert.equal((await run('server', 'set', 'prod', 'https://fox:den@host', '-D', 'shop')).status, 0);
  assert.equal((await run('remote', 'ls')).stdout, 'dev\nprod\n');
  assert.equal(
    (await run('server', 'show', 'dev')).stdout,
    'URL: http://localhost:8529\nDatabase: _system\nUsername: root\nPassword: (hidden)\n',
  );
  assert.match((await run('server', 'show', 'dev', '-v')).stdout, /Password: \(empty\)/);
  assert.match((await run('server', 'show', 'nope')).stderr, /No such server: "nope"\. Known servers: dev, prod/);
  assert.equal((await run('server', 'rm', 'dev')).status, 0);
  assert.equal((await run('server', 'list')).stdout, 'prod\n');
  assert.match((await run('server', 'set', '/x', 'http://a')).stderr, /must not start with a slash/);
  assert.match((await run('list', '-H', 'nope')).stderr, /Not a valid server: "nope"\./);
  assert.match((await run('list', '-H', 'http://127.0.0.1:1')).stderr, /Connection refused/);
  assert.match((await run('list', '-u', 'a', '-T')).stderr, /Can not use both username and token/);
});

test('versions are listed, gone back to, and activated on all coordinators or on none', async () => {
  const folder = (number: number, code = '', more: Readonly<Record<string, string>> = {}): string =>
    folderOf(`version${number}${code.length}`, {
      ...service(`router.get('/', (req, res) => res.json(${number})); ${code}`, { version: `${number}.0.0`, tests: 'test/*.js' }),
      ...more,
    });
  await foxx('install', '/versions', folder(1));
  assert.equal(
    await foxx('upgrade', '/versions', folder(2), '--activation', 'atomic', '--gate', 'tests'),
    'Upgraded service at "/versions".\n',
  );
  const listed = await foxx('versions', '/versions');
  assert.match(listed, /^Version {2}Service/m);
  assert.match(listed, /^2 \* +made@2\.0\.0 +[0-9a-f]+ +\d{4}-.*Z +upgrade$/m);
  assert.match(listed, /^1 +made@1\.0\.0 .* install$/m);
  assert.equal(await foxx('rollback', '/versions'), 'Rolled back service at "/versions" to made@1.0.0.\n');
  assert.equal(
    await foxx('rollback', '/versions', '2.0.0', '--activation', 'atomic'),
    'Rolled back service at "/versions" to made@2.0.0.\n',
  );
  const versions = JSON.parse(await foxx('versions', '/versions', '--json')) as readonly {
    readonly id: number;
    readonly restores?: number;
  }[];
  assert.deepEqual(
    versions.map(({ id, restores }) => [id, restores]),
    [
      [4, 2],
      [3, 1],
    ],
  );
  assert.match(await refused('rollback', '/versions', '7'), /Wanted: 7\nCurrent: 4 \(2\.0\.0\)\nKept: 3 \(1\.0\.0\)/);
  assert.match(await refused('rollback', '/nothing'), /No service found at "\/nothing"\./);
  assert.match(await refused('versions', '/nothing'), /No service found at "\/nothing"\./);

  assert.match(await refused('upgrade', '/versions', folder(3), '--gate', 'tests'), /--gate needs --activation atomic\./);
  assert.match(await refused('upgrade', '/versions', folder(3), '--activation', 'lazy'), /Invalid values/);
  const broken = folder(3, `throw new Error('not today');`);
  assert.match(
    await refused('upgrade', '/versions', broken, '--activation', 'atomic'),
    /not activated on any coordinator\n.*\nCoordinator .*not today/s,
  );
  const tested = folder(4, '', { 'test/all.js': `it('works', () => { throw new Error('it does not'); });` });
  const { status, stdout, stderr } = await attempt(['replace', '/versions', tested, '--activation', 'atomic', '--gate', 'tests']);
  assert.equal(status, 1);
  assert.match(stdout, /1 failing\n\n {2}1\) works\n {4}Error: it does not/);
  assert.match(stderr, /1 of 1 tests of the new version failed, and it was not activated/);
  assert.match(await foxx('show', '/versions'), /Version: 2\.0\.0/);
  await foxx('uninstall', '/versions');
});

test('a service is created, extended, bundled, installed, used and removed', async () => {
  const folder = join(scratch, 'made');
  await foxx('init', folder);
  for (const command of ['add crud kittens', 'add router cats', 'add script feed', 'add test login']) {
    const { status, stderr } = await attempt(command.split(' '), { cwd: folder });
    assert.equal(status, 0, stderr);
  }
  writeFileSync(join(folder, 'scripts/feed.js'), 'module.exports = { fed: module.context.argv };');
  assert.match((await attempt(['add', 'router', 'cats'], { cwd: folder })).stderr, /already exists/);
  assert.match(await refused('init', folder), /Refusing to write to non-empty directory/);
  assert.match(readFileSync(join(folder, 'index.js'), 'utf8'), /use\('\/kittens', require\('\.\/api\/kittens'\), 'kittens'\)/);

  assert.equal(await foxx('install', '/made', folder), 'Installed service at "/made".\n');
  assert.match(await foxx('list'), /^ {2}\/made {2}made@0\.0\.0$/m);
  assert.match(await foxx('show', '/made'), /^Mount: \/made\nName: made\nVersion: 0\.0\.0\nPath: .*\nChecksum: [0-9a-f]+\n$/);
  assert.deepEqual(JSON.parse(await foxx('scripts', '/made', '--raw')), { feed: 'Feed' });
  assert.deepEqual(JSON.parse(await foxx('run', '/made', 'feed', '{"to":1}')), { fed: [{ to: 1 }] });
  assert.match(await refused('run', '/made', 'nope'), /Service does not have a script called "nope"\./);
  assert.match(await refused('run', '/made', 'feed', '{'), /Not valid JSON/);
  assert.equal((await server.fetch('/made/cats', { json: { hello: 1 } })).status, 200);
  assert.match(await refused('install', '/made', folder), /Mount path already in use: "\/made"\./);
  assert.match(await refused('install', 'made', folder), /Not a valid mount path|400/);
  assert.match(await refused('install', '/other', join(scratch, 'nothing')), /No such file or directory/);
  assert.match(await refused('install', '/other', '-R'), /Please specify a URL or file path when using --remote/);
  assert.match(await refused('show', '/other'), /No service found at "\/other"\./);

  const bundle = join(scratch, 'made.zip');
  writeFileSync(join(folder, 'notes.swp'), 'left out');
  await foxx('bundle', folder, '-o', bundle);
  assert.match(await refused('bundle', folder, '-o', bundle), /Refusing to overwrite existing file/);
  assert.match(await refused('bundle', scratch, '-o', join(scratch, 'x.zip')), /does not contain a manifest file/);
  assert.equal(await foxx('upgrade', '/made', bundle), 'Upgraded service at "/made".\n');
  assert.equal(await foxx('replace', '/made', bundle), 'Replaced service at "/made".\n');
  assert.equal((await attempt(['install', '/stdin', '@'], { input: readFileSync(bundle) })).stdout, 'Installed service at "/stdin".\n');

  const out = join(scratch, 'out');
  await foxx('download', '/made', '-x', '-o', out);
  assert.ok(existsSync(join(out, 'api/kittens.js')));
  assert.ok(!existsSync(join(out, 'notes.swp')));
  assert.match(await refused('download', '/made', '-x', '-o', out), /Refusing to extract to non-empty directory/);

  await foxx('set-dev', '/made');
  assert.match(await foxx('list'), /\/made {3}made@0\.0\.0 \[DEV\]|\/made {2}made@0\.0\.0 \[DEV\]/);
  await foxx('set-prod', '/made');
  assert.equal(await foxx('uninstall', '/made'), '');
  assert.match(await foxx('uninstall', '/made', '-v'), /Nothing to uninstall/);
});

test('configuration and dependencies are shown, changed and forgotten', async () => {
  const folder = folderOf('configured', {
    'manifest.json': JSON.stringify({
      name: 'configured',
      version: '1.0.0',
      main: 'index.js',
      configuration: {
        currency: { type: 'string', default: 'EUR', description: 'What it costs in.' },
        rate: { type: 'number', required: false },
      },
      dependencies: { mail: { name: 'mailer', version: '^1.0.0', required: false }, many: { required: false, multiple: true } },
    }),
    'index.js': '',
  });
  await foxx('install', '/configured', folder, '-c', 'rate=1.5', '-d', 'many=/a', '-d', 'many=/b');
  assert.equal(
    await foxx('config', '/configured'),
    'Currency\nKey: currency\nType: string\nValue: EUR\nWhat it costs in.\n\nRate\nKey: rate\nType: number (optional)\nValue: 1.5\n',
  );
  assert.equal(await foxx('config', '/configured', 'currency=USD', '--minimal'), 'currency: USD\nrate: 1.5\n');
  assert.deepEqual(JSON.parse(await foxx('config', '/configured', '--raw', '--minimal')), { currency: 'USD', rate: 1.5 });
  assert.match(
    (await attempt(['config', '/configured', 'rate=fast', '--minimal'])).stderr,
    /rate: "value" must be a number|rate: must be a number/,
  );
  assert.equal(await foxx('config', '/configured', '-f', '--minimal'), 'currency: EUR\nrate: N/A\n');
  assert.equal((await attempt(['config', '/configured', '@', '--minimal'], { input: '{"rate": 2}' })).stdout, 'currency: EUR\nrate: 2\n');
  assert.match(await foxx('deps', '/configured'), /Key: mail\nDepends: mailer@\^1\.0\.0 \(optional\)\nMount: N\/A/);
  assert.match(await foxx('deps', '/configured'), /Key: many\nDepends: \*@\* \(optional\) \(multi\)\nMount: \["\/a","\/b"\]/);
  assert.match(await foxx('deps', '/configured', 'mail=/post', '--minimal'), /^mail: \/post$/m);
  assert.match(await refused('config', '/nowhere'), /No service found at "\/nowhere"/);
});

test('tests are told in each way, and the exit code is the number of failures', async () => {
  const files = service(
    '',
    { tests: ['test.js'] },
    {
      'test.js': `describe('a fox', () => { it('runs'); it('sleeps', () => {}); it('flies', () => { throw new Error('no wings'); }); describe('young', () => { it('plays', () => {}); }); });`,
    },
  );
  writeFileSync(join(scratch, 'tested.zip'), zip(files));
  await foxx('install', '/tested', join(scratch, 'tested.zip'));
  for (const reporter of ['spec', 'list', 'min', 'json', 'tap', 'stream', 'xunit']) {
    const { status, stdout } = await attempt(['test', '/tested', '-R', reporter]);
    assert.equal(status, 1, `${reporter}: ${stdout}`);
    assert.match(stdout, /no wings/, reporter);
  }
  const spec = (await attempt(['test', '/tested'])).stdout.replace(/\d+ms/g, 'Nms').split('    Error: no wings')[0];
  assert.equal(
    spec,
    '\n  a fox\n    - runs\n    ✓ sleeps (Nms)\n    1) flies\n    young\n      ✓ plays (Nms)\n\n  2 passing (Nms)\n  1 pending\n  1 failing\n\n  1) a fox flies\n',
  );
  assert.equal((await attempt(['test', '/tested', 'sleeps'])).status, 0);
  assert.match(await refused('test', '/nowhere'), /No service found at "\/nowhere"/);
});

test('.foxxignore keeps what it had', async () => {
  const folder = folderOf('ignoring', { 'manifest.json': '{}' });
  const read = (): string => readFileSync(join(folder, '.foxxignore'), 'utf8');
  await attempt(['ignore', 'example/'], { cwd: folder });
  assert.equal(read(), 'example/\n.git/\n.svn/\n.hg/\n*.swp\n.DS_Store\n');
  await attempt(['ignore', '*.md'], { cwd: folder });
  assert.equal(read(), '*.md\nexample/\n.git/\n.svn/\n.hg/\n*.swp\n.DS_Store\n');
  await attempt(['exclude', '-f'], { cwd: folder });
  assert.equal(read(), '\n');
});

test('foxx dev sends what is saved, and tells what breaks', async () => {
  const says = (text: string): string => service(`router.get('/', (req, res) => res.send('${text}'));`)['index.js'] ?? '';
  const folder = folderOf('worked-on', { ...service(''), 'index.js': says('one') });
  const asked = async (): Promise<string> => (await server.fetch('/worked-on/')).text();
  const tool = startTool('foxx', ['dev', '/worked-on', folder], { environment });
  try {
    await tool.says(/is what is in/);
    assert.equal(await asked(), 'one');
    writeFileSync(join(folder, 'index.js'), says('two'));
    await tool.says(/✓ index\.js/);
    assert.equal(await asked(), 'two');
    mkdirSync(join(folder, 'lib'));
    writeFileSync(join(folder, 'lib/words.js'), `module.exports = 'three';`);
    await tool.says(/✓ lib\/words\.js/);
    writeFileSync(join(folder, 'index.js'), `${says('loud')}\nconsole.warn('a fox is heard');`);
    await tool.says(/WARNING a fox is heard index\.js:\d+/);
    writeFileSync(join(folder, 'index.js'), `not javascript`);
    await tool.says(/✗ syntax error in module/);
    writeFileSync(join(folder, 'index.js'), says('three'));
    rmSync(join(folder, 'lib'), { recursive: true });
    await tool.says(/✓ (?:lib\/words\.js|index\.js)[^✓]*✓ (?:lib\/words\.js|index\.js)|✓ index\.js, lib\/words\.js/);
    await eventually('the third answer', async () => (await asked()) === 'three');
  } finally {
    assert.equal(await tool.end('SIGINT'), 0);
  }
  assert.match(await foxx('list'), /\/worked-on .*\[DEV\]/);
  await foxx('dev', '/worked-on', folder, '--once', '--prod');
  assert.doesNotMatch(await foxx('list'), /\/worked-on .*\[DEV\]/);
});

test('edits from afar cannot leave the folder, and are for development mode only', async () => {
  await foxx('install', '/guarded', folderOf('guarded', service('')));
  const send = async (files: Record<string, string>, removed = '[]'): Promise<{ status: number; errorNum: number }> => {
    const form = new FormData();
    form.set('source', new Blob([new Uint8Array(zip(files))]), 'data.bin');
    form.set('removed', removed);
    const response = await server.fetch('/_api/foxx/development?mount=/guarded', { method: 'PATCH', body: form });
    return { status: response.status, errorNum: ((await response.json()) as { errorNum: number }).errorNum };
  };
  assert.deepEqual(await send({ 'a.js': '' }), { status: 400, errorNum: 10 });
  await foxx('set-dev', '/guarded');
  assert.equal((await send({ 'a.js': '' })).status, 200);
  assert.deepEqual(await send({}, '["../../other"]'), { status: 400, errorNum: 3015 });
  assert.deepEqual(await send({}, '["/etc/passwd"]'), { status: 400, errorNum: 3015 });
  for (const paths of ['{}', '[1]', '["a']) assert.deepEqual(await send({}, paths), { status: 400, errorNum: 400 });
});
