import assert from 'node:assert/strict';
import { test } from 'node:test';
import { automaticKey, automaticKeyNumber } from './keys.ts';

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
