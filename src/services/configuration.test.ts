import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkManifest } from './manifest.ts';
import { changeConfiguration, changeDependencies, missingNames, parseConfiguration, readableName } from './configuration.ts';

const manifest = checkManifest(
  {
    configuration: {
      text: { type: 'string' },
      secret: { type: 'password', required: false },
      size: { type: 'integer', default: 5 },
      ratio: { type: 'number', required: false },
      flag: { type: 'boolean', required: false },
      data: { type: 'json', required: false },
    },
    dependencies: { one: { required: true }, many: { required: false, multiple: true } },
  },
  '/m',
  { isNoisy: false },
);
const merge = { isReplace: false, keepsUnknown: false };
const replace = { isReplace: true, keepsUnknown: false };

test('values are coerced, stored raw and exposed parsed', () => {
  const { raw, warnings } = changeConfiguration(
    manifest,
    {},
    { text: 'a', size: '7', ratio: '1.5', flag: 'true', data: '{"a":[1]}' },
    merge,
  );
  assert.deepEqual(warnings, {});
  assert.deepEqual(raw, { text: 'a', size: 7, ratio: 1.5, flag: true, data: '{"a":[1]}' });
  assert.deepEqual(parseConfiguration(manifest, raw), { text: 'a', size: 7, ratio: 1.5, flag: true, data: { a: [1] } });
});

test('a bad value is a warning, and the old value stays', () => {
  const old = { text: 'old', size: 1 };
  const { raw, warnings } = changeConfiguration(manifest, old, { text: 5, size: 'x', flag: 'maybe', data: '{', other: 1 }, merge);
  assert.deepEqual(raw, old);
  assert.deepEqual(warnings, {
    text: 'must be a string',
    size: 'must be a number',
    flag: 'must be a boolean',
    data: 'must be valid JSON',
    other: 'is not allowed',
  });
});

test('replace unsets what is not given, merge leaves it', () => {
  const old = { text: 'old', ratio: 2 };
  assert.deepEqual(changeConfiguration(manifest, old, { ratio: 3 }, merge).raw, { text: 'old', ratio: 3 });
  assert.deepEqual(changeConfiguration(manifest, old, { ratio: 3 }, replace), {
    raw: { ratio: 3 },
    warnings: { text: 'is required', size: 'is required' },
  });
  assert.deepEqual(changeConfiguration(manifest, old, { text: '' }, merge).raw, { ratio: 2 });
});

test('stored names that the manifest does not know are dropped, but not in development', () => {
  assert.deepEqual(changeConfiguration(manifest, { gone: 1 }, {}, merge).raw, {});
  assert.deepEqual(changeConfiguration(manifest, { gone: 1 }, {}, { isReplace: false, keepsUnknown: true }).raw, { gone: 1 });
});

test('a default satisfies a required entry; a required one without value is missing', () => {
  assert.deepEqual(missingNames(manifest, {}, {}), ['text', 'one']);
  assert.deepEqual(missingNames(manifest, { text: 'a' }, { one: '/a' }), []);
});

test('dependencies are mounts, or lists of them where several are wanted', () => {
  assert.deepEqual(changeDependencies(manifest, {}, { one: '/a', many: ['/b', '/c'] }, merge), {
    raw: { one: '/a', many: ['/b', '/c'] },
    warnings: {},
  });
  assert.deepEqual(changeDependencies(manifest, {}, { many: '/b' }, merge).raw, { many: ['/b'] });
  assert.deepEqual(changeDependencies(manifest, { one: '/a' }, { one: 5, many: ['/b', 5], other: '/x' }, merge), {
    raw: { one: '/a' },
    warnings: { one: 'must be a string', many: 'at 1 must be a string', other: 'is not allowed' },
  });
  assert.deepEqual(changeDependencies(manifest, { one: '/a' }, {}, replace).warnings, { one: 'is required' });
});

test('names are made readable', () => {
  for (const [name, readable] of [
    ['send-mail', 'Send Mail'],
    ['sendMail', 'Send Mail'],
    ['setup', 'Setup'],
    ['my_long-name', 'My Long Name'],
  ]) {
    assert.equal(readableName(name ?? ''), readable);
  }
});
