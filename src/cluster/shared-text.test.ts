import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { createSharedText, SharedText } from './shared-text.ts';

const SELF = new URL('./shared-text.js', import.meta.url).href;

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

test('whoever reads while another thread writes again and again reads a whole text', async () => {
  const memory = createSharedText(65_536);
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const code = `
    import { workerData } from 'node:worker_threads';
    const { SharedText } = await import(workerData.module);
    const shared = new SharedText(workerData.memory);
    for (let turn = 1; Atomics.load(workerData.stop, 0) === 0; turn++) {
      shared.write(String.fromCharCode(97 + turn % 26).repeat(40_000 + turn % 20_000));
      if (turn % 8 === 0) Atomics.wait(workerData.stop, 0, 0, 1);
    }
  `;
  const writer = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { workerData: { module: SELF, memory, stop } });
  await once(writer, 'online');
  const text = new SharedText(memory);
  const seen = new Set<string>();
  try {
    while (seen.size < 200) {
      const found = text.read();
      assert.ok(found === (found[0] ?? '').repeat(found.length), 'a mixture of two');
      seen.add(`${found[0]}${found.length}`);
    }
  } finally {
    Atomics.store(stop, 0, 1);
    Atomics.notify(stop, 0);
    await once(writer, 'exit');
  }
});
