import assert from 'node:assert/strict';
import { test } from 'node:test';
import { automaticKey, automaticKeyNumber, isDocumentId, isDocumentKey } from './keys.ts';

test('a key has 1 to 254 letters, digits and some punctuation', () => {
  for (const key of ['a', '0', "_-.@()+,=;$!*'%:", 'x'.repeat(254)]) assert(isDocumentKey(key), key);
  for (const key of ['', 'x'.repeat(255), 'a b', 'a/b', 'ä', 'a"b', '#', '?', '&', '<', 'a\n', 1, null, ['a']]) assert(!isDocumentKey(key));
});

test('an id is a collection and a key', () => {
  for (const id of ['c/k', 'my-coll/a:b', '犬/1']) assert(isDocumentId(id), id);
  for (const id of ['c', '/k', 'c/', 'c/d/e', 'c/a b', '', 7, null]) assert(!isDocumentId(id));
});

test('automatic keys come from the number of the row', () => {
  assert.equal(automaticKey({ type: 'traditional', allowUserKeys: true }, 70137), '70137');
  assert.equal(automaticKey({ type: 'padded', allowUserKeys: true }, 6011097), '00000000005bb8d9');
  assert.match(automaticKey({ type: 'uuid', allowUserKeys: true }, 1), /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
});

test('the number behind a key is found again', () => {
  assert.equal(automaticKeyNumber({ type: 'traditional', allowUserKeys: true }, '70137'), 70137);
  assert.equal(automaticKeyNumber({ type: 'traditional', allowUserKeys: true }, 'ada'), undefined);
  assert.equal(automaticKeyNumber({ type: 'padded', allowUserKeys: true }, '00000000005bb8d9'), 6011097);
});
