import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { createClusterMemory, joinSingle } from '#cluster';
import { Turns } from './turns.ts';

test('what is over when it returns is done at once, and what it calls is part of it', () => {
  const turns = new Turns(joinSingle(createClusterMemory()), { isLocal: true });
  assert.equal(
    turns.take('a', () => turns.take('a', () => 'inside')),
    'inside',
  );
  assert.throws(() =>
    turns.take('a', () => {
      throw new Error('out');
    }),
  );
  assert.equal(
    turns.take('a', () => 1),
    1,
  );
});

test('in one thread, asynchronous operations of a name come one after the other, and others at once', async () => {
  const turns = new Turns(joinSingle(createClusterMemory()), { isLocal: true });
  const seen: string[] = [];
  const operation = (name: string) => async (): Promise<void> => {
    seen.push(`${name} begins`);
    await sleep(5);
    seen.push(`${name} ends`);
    if (name === 'two') throw new Error('two fails');
  };
  const one = turns.take('a', operation('one'));
  const two = turns.take('a', operation('two'));
  const three = turns.take('a', () => 'three');
  assert.equal(
    turns.take('b', () => 'other'),
    'other',
  );
  const settled = await Promise.allSettled([one, two, three]);
  assert.deepEqual(
    settled.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(seen, ['one begins', 'one ends', 'two begins', 'two ends']);
});

test('across threads too, without blocking those that wait for long', async () => {
  const memory = createClusterMemory();
  const inside = new Int32Array(new SharedArrayBuffer(12));
  const code = `
    import { workerData } from 'node:worker_threads';
    const { joinSingle } = await import(workerData.cluster);
    const { Turns } = await import(workerData.turns);
    const turns = new Turns(joinSingle(workerData.memory), { isLocal: true });
    const inside = new Int32Array(workerData.shared);
    let beats = 0;
    const beat = setInterval(() => beats++, 1);
    for (let i = 0; i < 3; i++) {
      await turns.take('a', async () => {
        if (Atomics.add(inside, 0, 1) !== 0) Atomics.add(inside, 1, 1);
        await new Promise((done) => setTimeout(done, 120));
        Atomics.sub(inside, 0, 1);
      });
    }
    clearInterval(beat);
    if (beats > 10) Atomics.add(inside, 2, 1);`;
  const threads = [1, 2, 3].map(
    () =>
      new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), {
        workerData: {
          memory,
          shared: inside.buffer,
          cluster: new URL('../cluster/index.js', import.meta.url).href,
          turns: new URL('./turns.js', import.meta.url).href,
        },
      }),
  );
  await Promise.all(threads.map((thread) => new Promise((resolve, reject) => void thread.once('exit', resolve).once('error', reject))));
  assert.deepEqual([...inside], [0, 0, 3], 'none inside, never two at once, and every thread went on');
});
