import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ArangoError, replaceLogSink } from '#base';
import { checkManifest, isLegacy } from './manifest.ts';

replaceLogSink(() => {});
const check = (manifest: unknown): Record<string, unknown> => checkManifest(manifest, '/m', { isNoisy: true });

const BAD: readonly (readonly [field: string, value: unknown])[] = [
  ['name', 'has space'],
  ['name', '1digit'],
  ['name', 'a.b'],
  ['name', '@scope/name'],
  ['version', 1],
  ['description', 1],
  ['author', ['a']],
  ['contributors', 'a'],
  ['contributors', [5]],
  ['contributors', [{ email: 'a@example.com' }]],
  ['keywords', [1]],
  ['license', true],
  ['repository', 'https://example.com'],
  ['repository', { type: 'git' }],
  ['thumbnail', 5],
  ['engines', 'arangodb'],
  ['engines', { '': '*' }],
  ['engines', { arangodb: 3 }],
  ['defaultDocument', 1],
  ['lib', 1],
  ['main', { path: 'index.js' }],
  ['configuration', []],
  ['configuration', { a: 'string' }],
  ['configuration', { a: { type: 'uuid' } }],
  ['configuration', { a: { extra: 1 } }],
  ['configuration', { '': {} }],
  ['dependencies', { a: 1 }],
  ['dependencies', { a: { version: 'not a range' } }],
  ['dependencies', { a: 'name:not a range' }],
  ['dependencies', { a: { extra: true } }],
  ['provides', 'name'],
  ['provides', ['name']],
  ['provides', { name: '^1.0.0' }],
  ['files', { a: 1 }],
  ['files', { a: { gzip: true } }],
  ['files', { a: { path: 'x', gzip: 'maybe' } }],
  ['scripts', { setup: 1 }],
  ['scripts', ['setup.js']],
  ['tests', { a: 'b' }],
  ['tests', [1]],
];

test('each bad value of a field is error 3001 and names the field', () => {
  for (const [field, value] of BAD) {
    assert.throws(
      () => check({ [field]: value }),
      (error) => error instanceof ArangoError && error.errorNum === 3001 && error.message.includes(`"${field}"`),
      `${field}: ${JSON.stringify(value)}`,
    );
  }
});

test('one error tells of all bad fields', () => {
  assert.throws(
    () => check({ name: '1', version: 1, tests: 5 }),
    (error) =>
      error instanceof ArangoError &&
      error.message.startsWith('manifest file is invalid\nManifest for service at "/m":\n') &&
      ['name', 'version', 'tests'].every((field) => error.message.includes(`"${field}"`)),
  );
});

test('what is no object is no manifest', () => {
  for (const raw of [null, [], 'x', 5]) assert.throws(() => check(raw), { errorNum: 3001 });
});

test('defaults are filled in and short forms made long', () => {
  assert.deepEqual(check({}), {
    $schema: 'http://json.schemastore.org/foxx-manifest',
    description: '',
    author: '',
    configuration: {},
    dependencies: {},
    scripts: {},
    tests: [],
  });
  const manifest = check({
    lib: 'src',
    main: 'index.js',
    scripts: { setup: './scripts/setup.js' },
    tests: 'test/**/*.js',
    files: { '/a.html': 'assets/a.html' },
    configuration: { secret: { type: 'password' }, size: { type: 'int', default: 5, required: false } },
    dependencies: { one: 'sessions:^1.0.0', two: 'mailer', three: { multiple: true } },
    provides: ['auth:1.2.3'],
    unknown: { kept: true },
  });
  assert.equal(manifest['main'], 'src/index.js');
  assert.equal(manifest['lib'], undefined);
  assert.deepEqual(manifest['scripts'], { setup: 'src/scripts/setup.js' });
  assert.deepEqual(manifest['tests'], ['src/test/**/*.js']);
  assert.deepEqual(manifest['files'], { '/a.html': { path: 'assets/a.html' } });
  assert.deepEqual(manifest['configuration'], {
    secret: { type: 'password', required: true },
    size: { type: 'int', default: 5, required: false },
  });
  assert.deepEqual(manifest['provides'], { auth: '1.2.3' });
  assert.deepEqual(manifest['unknown'], { kept: true });
  assert.deepEqual((manifest['dependencies'] as Record<string, unknown>)['one'], {
    name: 'sessions',
    version: '^1.0.0',
    required: true,
    multiple: false,
  });
  assert.deepEqual((manifest['dependencies'] as Record<string, unknown>)['three'], {
    name: '*',
    version: '*',
    required: true,
    multiple: true,
  });
});

test('a service is legacy when all that its engines allow lies below 3.0.0', () => {
  for (const range of ['^2.8.0', '2.x', '<3.0.0', '>=2.5 <2.9']) assert.equal(isLegacy({ engines: { arangodb: range } }), true, range);
  for (const range of ['^3.0.0', '>=2.8', '*', '2 || 3', 'nonsense'])
    assert.equal(isLegacy({ engines: { arangodb: range } }), false, range);
  assert.equal(isLegacy({}), false);
});

test('a manifest of the old form is that of a legacy service, unless its engines rule 2.8 out', () => {
  for (const engines of [undefined, {}, { arangodb: '>=2.5' }, { other: '1' }]) {
    const given = engines === undefined ? {} : { engines };
    assert.equal(isLegacy({ ...given, controllers: 'app.js' }), true);
    assert.equal(isLegacy({ ...given, exports: { a: 'a.js' } }), true);
    assert.equal(isLegacy({ ...given, controllers: 'app.js', main: 'index.js' }), false);
  }
  assert.equal(isLegacy({ engines: { arangodb: '^3.0.0' }, controllers: 'app.js' }), false);
});

test('setup and teardown of an old manifest are scripts', () => {
  const manifest = checkManifest(
    { controllers: 'app.js', files: { data: 'data' }, setup: 'a.js', teardown: 'b.js', scripts: { setup: 'c.js', other: 'd.js' } },
    '/m',
    { isNoisy: false },
  );
  assert.deepEqual(manifest.scripts, { setup: 'c.js', teardown: 'b.js', other: 'd.js' });
  assert.deepEqual(
    [manifest['controllers'], manifest.files, manifest.defaultDocument],
    [{ '/': 'app.js' }, { data: 'data' }, 'index.html'],
  );
});
