import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { createClusterMemory, joinSingle, releaseLocksOf, type ClusterMemory } from './single.ts';

const SELF = new URL('./single.js', import.meta.url).href;

/** Runs a body in a thread of its own; `cluster` and `words` (a shared Int32Array) are in scope. */
function inThread(memory: ClusterMemory, shared: SharedArrayBuffer, body: string): Worker {
  const code = `
    import { workerData } from 'node:worker_threads';
    const { joinSingle } = await import(workerData.module);
    const cluster = joinSingle(workerData.memory);
    const words = new Int32Array(workerData.shared);
    ${body}
  `;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { workerData: { module: SELF, memory, shared } });
}

const ended = (worker: Worker): Promise<void> =>
  new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  });

test('one thread at a time holds a lock', async () => {
  const memory = createClusterMemory();
  const shared = new SharedArrayBuffer(8);
  const body = `for (let i = 0; i < 2000; i++) cluster.withLock('counter', () => { words[0] = words[0] + 1; });`;
  await Promise.all([1, 2, 3].map(() => ended(inThread(memory, shared, body))));
  assert.equal(new Int32Array(shared)[0], 6000);
});

test('a thread may enter its own lock again, and leaves it when the action throws', () => {
  const cluster = joinSingle(createClusterMemory());
  assert.equal(
    cluster.withLock('a', () => cluster.withLock('a', () => 'inside')),
    'inside',
  );
  assert.throws(
    () =>
      cluster.withLock('a', () => {
        throw new Error('out');
      }),
    /out/,
  );
  assert.equal(
    cluster.withLock('a', () => 1),
    1,
  );
});

test('whoever waits too long gets error 18, and a dead holder is no obstacle', async () => {
  const memory = createClusterMemory();
  const shared = new SharedArrayBuffer(8);
  const holder = inThread(
    memory,
    shared,
    `cluster.withLock('a', () => { Atomics.store(words, 0, 1); Atomics.notify(words, 0); for (;;); });`,
  );
  const { threadId } = holder;
  const words = new Int32Array(shared);
  while (Atomics.load(words, 0) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const cluster = joinSingle(memory);
  assert.throws(() => cluster.withLock('a', () => 1, { waitMs: 20 }), { errorNum: 18 });
  await holder.terminate();
  releaseLocksOf(memory, threadId);
  assert.equal(
    cluster.withLock('a', () => 2),
    2,
  );
});

test('versions grow and notes are seen by all', () => {
  const memory = createClusterMemory();
  const one = joinSingle(memory);
  const other = joinSingle(memory);
  const before = one.version('services');
  other.announce('services');
  assert.equal(one.version('services'), before + 1);
  one.setNote('mount', 42n);
  assert.equal(other.note('mount'), 42n);
  assert.equal(other.note('another'), 0n);
});

test('a lock may be held for longer than a call, and nobody enters it twice', () => {
  const cluster = joinSingle(createClusterMemory());
  const release = cluster.hold('a', 0);
  assert.throws(() => cluster.hold('a', 60_000), { errorNum: 18 });
  cluster.hold('b', 0)();
  release();
  release();
  const again = cluster.hold('a', 0);
  release();
  assert.throws(() => cluster.hold('a', 0), { errorNum: 18 });
  again();
});

test('what is published is seen by all threads, in order, until it is taken back', () => {
  const memory = createClusterMemory();
  const one = joinSingle(memory, { id: 'SNGL-1' });
  const other = joinSingle(memory, { id: 'SNGL-1' });
  one.publish('staged /b', 'x');
  other.publish('staged /a', 'y');
  one.publish('else', 'z');
  assert.deepEqual(other.published('staged '), [
    { member: 'SNGL-1', name: 'staged /a', value: 'y' },
    { member: 'SNGL-1', name: 'staged /b', value: 'x' },
  ]);
  one.publish('staged /a', undefined);
  assert.deepEqual(
    other.published('staged').map(({ name }) => name),
    ['staged /b'],
  );
});

test('whoever waits is woken by what another thread announces or publishes', async () => {
  const memory = createClusterMemory();
  const shared = new SharedArrayBuffer(8);
  const cluster = joinSingle(memory);
  const done = ended(inThread(memory, shared, `cluster.publish('ready', 'yes');`));
  assert.equal(await cluster.until(() => cluster.published('ready').length > 0, 60_000), true);
  await done;
  const again = inThread(memory, shared, `cluster.announce('services');`);
  assert.equal(
    cluster.waitUntil(() => cluster.version('services') > 0, 60_000),
    true,
  );
  await ended(again);
  assert.equal(
    cluster.waitUntil(() => false, 10),
    false,
  );
});
