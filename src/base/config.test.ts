import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { totalmem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ConfigError } from './config-error.ts';
import { readConfig, type ConfigSources } from './config.ts';
import { helpText } from './config-help.ts';
import { IGNORED, IGNORED_SECTIONS, OPTIONS, RENAMED, SECTIONS, type Config } from './options.ts';

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'foxden-config-'));
  context.after(() => rmSync(path, { recursive: true }));
  return path;
}

function read(args: string | readonly string[], sources: Partial<ConfigSources> = {}): { config: Config; notices: readonly string[] } {
  const reading = readConfig({ args: typeof args === 'string' ? args.split(' ') : args, env: {}, cwd: tmpdir(), ...sources });
  assert.equal(reading.do, 'start');
  return reading;
}

test('options on the command line, in all their forms', () => {
  const cases: readonly (readonly [args: string, changes: Partial<Config>])[] = [
    ['--server.endpoint tcp://0.0.0.0:1 --server.endpoint unix:///tmp/x', { 'server.endpoint': ['tcp://0.0.0.0:1', 'unix:///tmp/x'] }],
    ['--server.authentication false', { 'server.authentication': false }],
    ['--server.authentication=no', { 'server.authentication': false }],
    ['--no-server.authentication', { 'server.authentication': false }],
    ['--javascript.harden', { 'javascript.harden': true }],
    ['--javascript.harden ./data', { 'javascript.harden': true, 'database.directory': './data' }],
    ['--javascript.harden off ./data', { 'javascript.harden': false, 'database.directory': './data' }],
    ['./data --foxx.development-reload changed', { 'database.directory': './data', 'foxx.development-reload': 'changed' }],
    ['--inspect ./data', { inspect: '127.0.0.1:9229', 'database.directory': './data' }],
    ['--inspect=0.0.0.0:1', { inspect: '0.0.0.0:1' }],
    ['--foxx.queues-poll-interval 0.5', { 'foxx.queues-poll-interval': 0.5 }],
    ['--query.memory-limit 128MB', { 'query.memory-limit': 128e6 }],
    ['--query.memory-limit=1GiB', { 'query.memory-limit': 1024 ** 3 }],
    ['--query.memory-limit 1.5kib', { 'query.memory-limit': 1536 }],
    ['--query.memory-limit 50%', { 'query.memory-limit': Math.floor(totalmem() / 2) }],
    ['--server.maximal-queue-size 2k', { 'server.maximal-queue-size': 2000 }],
    ['--server.maximal-queue-size 1 --server.maximal-queue-size 2', { 'server.maximal-queue-size': 2 }],
    ['--log queries=debug --log.level all=warning', { 'log.level': ['queries=debug', 'all=warning'] }],
    ['--server.threads 3', { 'server.maximal-threads': 3 }],
    ['--temp.path=', { 'temp.path': '' }],
    ['--temp.path=a=b', { 'temp.path': 'a=b' }],
    ['--query.optimizer-rules -all', { 'query.optimizer-rules': ['-all'] }],
  ];
  for (const [args, changes] of cases) {
    const { config } = read(args);
    for (const [name, value] of Object.entries(changes)) assert.deepEqual(config[name as keyof Config], value, args);
  }
});

test('what is wrong is said, with what was found and what is wanted', () => {
  const cases: readonly (readonly [args: string, message: RegExp])[] = [
    ['--server.authenticaton false', /unknown option '--server.authenticaton'. Did you mean --server.authentication/],
    ['--endpoint tcp://x', /Did you mean --server.endpoint/],
    ['--rubbish', /Use --help-all/],
    ['-x', /unknown option '--x'/],
    ['--server.maximal-queue-size many', /--server.maximal-queue-size: found "many", wanted a whole number from 1 up to 65536/],
    ['--server.maximal-queue-size 0', /found "0"/],
    ['--server.maximal-queue-size 1.5', /found "1.5"/],
    ['--query.memory-limit 5x', /like 64KiB/],
    ['--foxx.api=maybe', /--foxx.api: found "maybe", wanted true or false/],
    ['--foxx.development-reload sometimes', /wanted one of always, changed/],
    ['--temp.path', /--temp.path wants a value/],
    ['-c /no/such/file.conf', /no\/such\/file.conf cannot be read/],
  ];
  for (const [args, message] of cases) {
    assert.throws(
      () => read(args),
      (error) => error instanceof ConfigError && message.test(error.message),
      args,
    );
  }
});

test('the command line counts more than the environment, and that more than the file', (context) => {
  const cwd = folder(context);
  writeFileSync(
    join(cwd, 'foxden.conf'),
    'server.maximal-queue-size = 1\nserver.maximal-queue-time = 1\nfoxx.queues-poll-interval = 1.5\n',
  );
  const env = { FOXDEN_SERVER_MAXIMAL_QUEUE_SIZE: '2', ARANGO_SERVER_MAXIMAL_QUEUE_TIME: '2' };
  const { config } = read('--server.maximal-queue-size 3', { cwd, env });
  assert.deepEqual(
    [config['server.maximal-queue-size'], config['server.maximal-queue-time'], config['foxx.queues-poll-interval']],
    [3, 2, 1.5],
  );
});

test('a list in one source replaces that of a lesser one', (context) => {
  const cwd = folder(context);
  writeFileSync(join(cwd, 'foxden.conf'), '[server]\nendpoint = tcp://a:1\nendpoint = tcp://b:1\n');
  assert.deepEqual(read([], { cwd }).config['server.endpoint'], ['tcp://a:1', 'tcp://b:1']);
  assert.deepEqual(read('--server.endpoint tcp://c:1', { cwd }).config['server.endpoint'], ['tcp://c:1']);
  const env = { FOXDEN_SERVER_ENDPOINT: 'tcp://d:1, tcp://e:1' };
  assert.deepEqual(read([], { cwd, env }).config['server.endpoint'], ['tcp://d:1', 'tcp://e:1']);
});

test("variables of ArangoDB's container image are understood", (context) => {
  const cwd = folder(context);
  writeFileSync(join(cwd, 'secret'), 'p@ss@word\n');
  assert.equal(read([], { cwd, env: { ARANGO_ROOT_PASSWORD: 'a@HOME@b' } }).config['database.password'], 'a@HOME@b');
  assert.equal(read([], { cwd, env: { ARANGO_ROOT_PASSWORD_FILE: join(cwd, 'secret') } }).config['database.password'], 'p@ss@word');
  assert.equal(read([], { cwd, env: { ARANGO_NO_AUTH: '1' } }).config['server.authentication'], false);
  const { notices } = read([], { cwd, env: { ARANGO_LICENSE_KEY: 'x', FOXDEN_SERVER_ENDPONT: 'x' } });
  assert.deepEqual(notices, ['the environment variable FOXDEN_SERVER_ENDPONT is no option of foxden']);
});

test('a configuration file has sections, comments, includes and variables', (context) => {
  const cwd = folder(context);
  mkdirSync(join(cwd, 'more'));
  writeFileSync(
    join(cwd, 'my.conf'),
    '# first\n\n[server]\nendpoint=tcp://a:1\r\n  ## second\nmaximal-queue-size  =  7\nlog.level = queries = trace\n@include more/other\n[foxx]\nqueues = false\n',
  );
  writeFileSync(join(cwd, 'more', 'other.conf'), '[temp]\npath = "@BASE@/tmp@@"\n');
  const { config } = read(['-c', 'my.conf'], { cwd, env: { BASE: '/var' } });
  assert.deepEqual(config['server.endpoint'], ['tcp://a:1']);
  assert.equal(config['server.maximal-queue-size'], 7);
  assert.deepEqual(config['log.level'], ['queries = trace']);
  assert.equal(config['temp.path'], '/var/tmp@');
  assert.equal(config['foxx.queues'], false);
});

test('mistakes in a configuration file are named with their line', (context) => {
  const cwd = folder(context);
  const path = join(cwd, 'foxden.conf');
  for (const [text, message] of [
    ['server.endpoint = a\nrubbish\n', /foxden.conf:2: found "rubbish", wanted "key = value"/],
    ['[server]\nendpont = a\n', /foxden.conf:2: unknown option '--server.endpont'. Did you mean --server.endpoint/],
    ['\n[server]\nauthentication = 3\n', /foxden.conf:3: server.authentication: found "3", wanted true or false/],
    ['@include foxden\n', /includes itself/],
    ['@include nothing\n', /nothing.conf cannot be read \(included by/],
  ] as const) {
    writeFileSync(path, text);
    assert.throws(() => read([], { cwd }), message);
  }
  assert.equal(read('-c none', { cwd }).config['server.authentication'], true);
});

test('a file in the database directory is found, after one beside the caller', (context) => {
  const cwd = folder(context);
  mkdirSync(join(cwd, 'data'));
  writeFileSync(join(cwd, 'data', 'foxden.conf'), 'temp.path = there\n');
  assert.equal(read('data', { cwd }).config['temp.path'], 'there');
  assert.equal(read([], { cwd, env: { FOXDEN_DATABASE_DIRECTORY: 'data' } }).config['temp.path'], 'there');
  writeFileSync(join(cwd, 'foxden.conf'), 'temp.path = here\n');
  assert.equal(read('data', { cwd }).config['temp.path'], 'here');
});

test("arangod's options that have no meaning here are accepted, with a notice", () => {
  const { config, notices } = read('--rocksdb.block-cache-size 1GB --server.storage-engine auto --vector-index ./data --log.color=false');
  assert.equal(config['database.directory'], '');
  assert.deepEqual(notices, [
    'option --rocksdb.block-cache-size has no effect in foxden',
    'option --server.storage-engine has no effect in foxden',
    'option --vector-index has no effect in foxden',
    'option --log.color has no effect in foxden',
  ]);
});

function command(args: string): unknown {
  return readConfig({ args: args.split(' '), env: {}, cwd: tmpdir() });
}

test('commands are found among options', () => {
  assert.deepEqual(command('--help'), { do: 'help', section: '' });
  assert.deepEqual(command('-h'), { do: 'help', section: '' });
  assert.deepEqual(command('--server.endpoint x --help-web-interface'), { do: 'help', section: 'web-interface' });
  assert.deepEqual(command('--version'), { do: 'version', asJson: false });
  assert.throws(() => command('--check-configuration --foxx.api=maybe'), ConfigError);
});

test('help tells of every option, and of sections that there are', () => {
  const all = helpText('all');
  for (const name of Object.keys(OPTIONS)) assert.ok(all.includes(`--${name} `), name);
  for (const section of Object.keys(SECTIONS)) if (section !== '') assert.match(helpText(section), new RegExp(`--${section}\\.`));
  assert.match(helpText(''), /--help-server/);
  assert.throws(() => helpText('rubbish'), /no such section/);
});

test('the table is in order: defaults fit their own limits, no name is taken twice', () => {
  for (const [name, row] of Object.entries(OPTIONS)) {
    assert.ok(!IGNORED.has(name) && !(name in RENAMED), name);
    assert.match(row.description, /^[A-Z].*\.\)?$/s, name);
    if ('minimum' in row) assert.ok(row.default >= row.minimum, name);
    if ('maximum' in row) assert.ok(row.default <= row.maximum, name);
    if ('values' in row) assert.ok((row.values as readonly string[]).includes(row.default), name);
    assert.ok(Object.hasOwn(SECTIONS, name.includes('.') ? name.slice(0, name.indexOf('.')) : ''), name);
  }
  for (const section of IGNORED_SECTIONS) assert.match(section, /^[a-z-]+$/);
});
