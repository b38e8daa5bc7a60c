import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSharedText, SharedText } from './shared-text.ts';

test('a text is seen by all, and one that is too long changes nothing', () => {
  const memory = createSharedText(16);
  const [one, other] = [new SharedText(memory), new SharedText(memory)];
  assert.equal(one.read(), '');
  for (const text of ['first', 'zweiter ä', '', 'x'.repeat(16)]) {
    assert.equal(one.write(text), true);
    assert.equal(other.read(), text);
  }
  assert.equal(other.write('ä'.repeat(9)), false);
  assert.equal(one.read(), 'x'.repeat(16));
});
