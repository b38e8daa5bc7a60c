import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDocumentKey, joinDocumentId, parseDocumentId } from './document-id.ts';
import { isCollectionName, isDatabaseName } from './names.ts';

test('keys', () => {
  for (const key of ['a', '0', 'A-Z_z.9', "_-.@()+,=;$!*'%:", 'k'.repeat(254)]) assert(isDocumentKey(key), key);
  for (const key of ['', 'k'.repeat(255), 'a b', 'a/b', 'ä', 'a\n', '\0', '#', '"', '\\', '<', '&', '~', 1, null, undefined, ['a']]) {
    assert(!isDocumentKey(key), String(key));
  }
});

test('ids', () => {
  assert.deepEqual(parseDocumentId('users/ada'), { collection: 'users', key: 'ada' });
  assert.deepEqual(parseDocumentId('_graphs/a:b'), { collection: '_graphs', key: 'a:b' });
  assert.deepEqual(parseDocumentId('犬/1'), { collection: '犬', key: '1' });
  assert.deepEqual(parseDocumentId('4711/1'), { collection: '4711', key: '1' });
  assert.equal(joinDocumentId('users', 'ada'), 'users/ada');
  for (const id of ['', 'users', 'users/', '/ada', 'users/a/b', 'users/a b', 'us\ners/a', '1a/a', ' users/a', 1, null, {}]) {
    assert.equal(parseDocumentId(id), undefined, JSON.stringify(id));
  }
});

test('traditional names', () => {
  for (const name of ['a', 'Users', 'a_b-c1', 'c'.repeat(256)]) assert(isCollectionName(name), name);
  for (const name of ['', '_a', '1a', '-a', 'a.b', 'a b', 'é', 'a/b', 'a\n', 'c'.repeat(257)]) assert(!isCollectionName(name), name);
  assert(isCollectionName('_users', { maySystem: true }));
  assert(isDatabaseName('d'.repeat(64)) && !isDatabaseName('d'.repeat(65)));
  assert(isDatabaseName('_system', { maySystem: true }) && !isDatabaseName('_system'));
});

test('extended names', () => {
  const rules = { isExtended: true };
  // The examples of the manual.
  for (const name of ['España', '😀', '犬', 'كلب', '@abc123', 'København', 'München', 'Бишкек', 'abc? <> 123!']) {
    assert(isCollectionName(name, rules) && isDatabaseName(name, rules), name);
    assert(!isCollectionName(name) && !isDatabaseName(name), name);
  }
  for (const name of ['', 'a/b', 'a:b', 'a\tb', '\0', ' a', 'a ', '.a', '1a', '_a', 'e\u0301', '\ud800', 'é'.repeat(129)]) {
    assert(!isCollectionName(name, rules), JSON.stringify(name));
  }
  assert(isCollectionName('é'.repeat(128), rules) && !isDatabaseName('é'.repeat(128), rules) && isDatabaseName('é'.repeat(64), rules));
  assert(isCollectionName('_é', { isExtended: true, maySystem: true }));
});
