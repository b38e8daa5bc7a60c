import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textAt, writeBytes, writeText } from './bytes.ts';

const ALL = Uint8Array.from({ length: 256 }, (_, i) => i);

test('texts have a character for each byte, few or many', () => {
  for (const size of [0, 1, 24, 25, 64, 65, 256]) {
    const text = textAt(ALL, 256 - size, 256);
    assert.equal(text, Buffer.from(ALL.subarray(256 - size)).toString('latin1'));
    const target = Buffer.alloc(300);
    assert.equal(writeText(target, 7, text), 7 + size);
    assert.deepEqual(target.subarray(7, 7 + size), Buffer.from(ALL.subarray(256 - size)));
    assert.deepEqual(target.subarray(7 + size), Buffer.alloc(293 - size));
  }
});

test('a text is written as far as there is room', () => {
  for (const room of [0, 10, 100]) {
    const target = Buffer.alloc(200);
    assert.equal(writeText(target, 200 - room, 'é'.repeat(150)), 200);
    assert.deepEqual(target.subarray(200 - room), Buffer.alloc(room, 0xe9));
  }
});

test('bytes, few or many', () => {
  for (const size of [0, 1, 24, 25, 256]) {
    const target = new Uint8Array(300);
    writeBytes(target, 9, ALL.subarray(0, size));
    assert.deepEqual(target.subarray(9, 9 + size), ALL.subarray(0, size));
    assert.deepEqual(target.subarray(9 + size), new Uint8Array(291 - size));
  }
});
