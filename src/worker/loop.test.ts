import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import {
  ArangoError,
  createExchangeMemory,
  createLane,
  createPeer,
  DEFAULT_CONFIG,
  FRONT_IS_CALLED,
  Lane,
  readAnswer,
  RESTING,
  SLEEP,
  SlotQueue,
  STANDS_BACK,
  writeRequest,
} from '#base';
import { RequestLoop } from './loop.ts';

const SLOTS = 4;
const PEER = createPeer({ isSecure: false });

/** A loop in this thread, which is its front too. */
function setUp(slots = SLOTS): {
  readonly loop: RequestLoop;
  readonly queue: SlotQueue;
  readonly lane: Lane;
  readonly submit: (url: string) => void;
} {
  const exchange = createExchangeMemory(slots);
  const lane = createLane(slots);
  const { port1, port2 } = new MessageChannel();
  port1.close();
  const surroundings = { config: DEFAULT_CONFIG, handlerModule: '', endpoints: [], share: undefined };
  const memories = { metrics: new SharedArrayBuffer(8), log: new SharedArrayBuffer(8), exchange, lane };
  const loop = new RequestLoop(
    { ...surroundings, ...memories, index: 0, mail: port2 },
    () => undefined,
    (error) => assert.ifError(error),
  );
  const queue = new SlotQueue(exchange);
  let next = 0;
  const submit = (url: string): void => {
    const slot = next++;
    const head = Buffer.from(url, 'latin1');
    const spans = Int32Array.of(0, head.length);
    writeRequest(queue.slots, queue.offset(slot), {
      method: 0,
      head,
      spans,
      spanCount: 2,
      body: [],
      bodyBytes: 0,
      peer: PEER,
      arrivedAtMs: 0,
    });
    queue.push(slot);
  };
  return { loop, queue, lane: new Lane(lane), submit };
}

test('the front is called for several answers at once, but at once for one that took its time, and for the last', async () => {
  const { loop, queue, lane, submit } = setUp();
  const seen: unknown[] = [];
  for (const url of ['/short', '/long', '/short', '/short']) submit(url);
  loop.start({
    handle: ({ url }) => {
      seen.push([url, Atomics.exchange(queue.words, FRONT_IS_CALLED, 0), lane.take()]);
      if (url === '/long') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      return { status: 200, headers: {}, body: '' };
    },
    whenDurable: (done) => done(),
    close: () => undefined,
  });
  while (seen.length < 4) await new Promise(setImmediate);
  assert.equal(Atomics.load(queue.words, FRONT_IS_CALLED), 1);
  await loop.stop();
  // The first request of a thread may be slow: what it runs is new to the machine.
  const [first, second, third, fourth] = seen;
  assert.deepEqual(first, ['/short', 0, undefined]);
  assert.deepEqual((second as unknown[])[2], 0);
  assert.deepEqual(third, ['/short', 1, 1]);
  assert.deepEqual((fourth as unknown[])[2], 2);
});

test('while many requests wait the front is not called, since it comes by, and for the first answer after that it is', async () => {
  const { loop, queue, lane, submit } = setUp(16);
  const seen: (readonly [waiting: number, wasCalled: boolean])[] = [];
  let answered = 0;
  for (let i = 0; i < 12; i++) submit('/long');
  loop.start({
    handle: () => {
      seen.push([queue.length, Atomics.exchange(queue.words, FRONT_IS_CALLED, 0) === 1]);
      while (lane.take() !== undefined) answered++;
      assert.equal(answered, seen.length - 1);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      return { status: 200, headers: {}, body: '' };
    },
    whenDurable: (done) => done(),
    close: () => undefined,
  });
  while (seen.length < 12) await new Promise(setImmediate);
  await loop.stop();
  // What it sees is what was done after the request before it, when one more was waiting.
  assert.deepEqual(
    seen,
    [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map((waiting) => [waiting, waiting + 1 < 8]),
  );
});

test('a worker that is to stand back leaves the requests to others until it is called', async () => {
  const { loop, queue, lane, submit } = setUp();
  const seen: string[] = [];
  for (const url of ['/a', '/b', '/c']) submit(url);
  loop.start({
    handle: ({ url }) => {
      seen.push(url);
      if (url === '/a') Atomics.store(lane.words, STANDS_BACK, 1);
      return { status: 200, headers: {}, body: '' };
    },
    whenDurable: (done) => done(),
    close: () => undefined,
  });
  while (Atomics.load(lane.words, SLEEP) !== RESTING) await new Promise(setImmediate);
  assert.deepEqual([seen, queue.length, lane.take()], [['/a'], 2, 0]);
  assert.equal(Atomics.load(queue.words, FRONT_IS_CALLED), 1, 'its answer does not wait');
  Atomics.store(lane.words, STANDS_BACK, 0);
  assert.ok(lane.wakeFrom(RESTING));
  assert.ok(!lane.wakeFrom(RESTING), 'it is awake');
  while (seen.length < 3) await new Promise(setImmediate);
  await loop.stop();
  assert.deepEqual(seen, ['/a', '/b', '/c']);
});

test('what is left to be done after an answer is begun when that has left, and before another request is taken', async () => {
  const { loop, queue, lane, submit } = setUp();
  const seen: unknown[] = [];
  let left = 0;
  for (const url of ['/job', '/next']) submit(url);
  loop.start({
    handle: ({ url }) => {
      seen.push(url);
      if (url === '/job') {
        left++;
        setImmediate(() => {
          left--;
          seen.push(['the job', Atomics.load(queue.words, FRONT_IS_CALLED), lane.take()]);
        });
      }
      return { status: 202, headers: {}, body: '' };
    },
    hasMoreToDo: () => left > 0,
    whenDurable: (done) => done(),
    close: () => undefined,
  });
  while (seen.length < 3) await new Promise(setImmediate);
  await loop.stop();
  assert.deepEqual(seen, ['/job', ['the job', 1, 0], '/next']);
});

test('answers to small writes leave when these are safe, and before anything else begins', async () => {
  const { loop, queue, lane, submit } = setUp();
  const unsafe: string[] = [];
  const seen: unknown[] = [];
  const commits = {
    isOn: false,
    onDelay: undefined as ((delay: 'wait' | 'work') => void) | undefined,
    get isPending() {
      return unsafe.length > 0;
    },
    write() {
      const urls = unsafe.splice(0);
      if (urls.includes('/full')) throw new ArangoError('ERROR_ARANGO_IO_ERROR');
    },
  };
  const statuses = (): number[] => {
    const found: number[] = [];
    for (let slot = lane.take(); slot !== undefined; slot = lane.take()) {
      found.push(readAnswer(queue.slots.bytes, queue.offset(slot)).status);
    }
    return found;
  };
  for (const url of ['/a', '/b', '/long', '/full']) submit(url);
  loop.start({
    handle: ({ url }) => {
      seen.push([url, commits.isOn, statuses()]);
      if (url !== '/long') unsafe.push(url);
      return { status: url === '/long' ? 200 : 201, headers: {}, body: '' };
    },
    gathering: { commits, isFor: ({ url }) => url !== '/long' },
    whenDurable: (done) => done(),
    close: () => undefined,
  });
  while (seen.length < 4) await new Promise(setImmediate);
  await loop.stop();
  const begun = seen.map((each) => (each as [string, boolean]).slice(0, 2));
  assert.deepEqual(begun, [
    ['/a', true],
    ['/b', true],
    ['/long', false],
    ['/full', true],
  ]);
  // The first may have been alone: what it runs is new to the machine and slow.
  const answers = seen.map((each) => (each as [string, boolean, number[]])[2]);
  assert.deepEqual(answers.slice(0, 3).flat(), [201, 201]);
  assert.deepEqual([...(answers[3] ?? []), ...statuses()], [200, 400]);
});

test('requests that go together are answered together, and those of which nothing was done alone, after the others have left', async () => {
  const { loop, queue, lane, submit } = setUp();
  const seen: unknown[] = [];
  for (const url of ['/joint/1', '/joint/2', '/joint/3', '/other']) submit(url);
  const answered: number[] = [];
  const drain = (): number[] => {
    for (let slot = lane.take(); slot !== undefined; slot = lane.take()) answered.push(slot);
    return [...answered];
  };
  loop.start({
    handle: ({ url }) => {
      seen.push([url, drain()]);
      return { status: 200, headers: {}, body: '' };
    },
    together: {
      companionsOf: ({ url }) => (url.startsWith('/joint') ? (other) => other.url.startsWith('/joint') : undefined),
      handle(requests, answer) {
        seen.push(requests.map(({ url }) => url));
        const answers = requests.map((_request, place) => answer(place));
        assert.deepEqual(
          [0, 1, 2, 3].map((slot) => queue.state(slot).is),
          ['begun', 'begun', 'begun', 'waiting'],
        );
        return [undefined, answers[1], undefined];
      },
    },
    whenDurable: (done) => done(),
    close: () => undefined,
  });
  while (seen.length < 7) await new Promise(setImmediate);
  await loop.stop();
  assert.deepEqual(seen, [
    ['/joint/1', '/joint/2', '/joint/3'],
    ['/joint/1', []],
    ['/joint/2', []],
    ['/joint/3', []],
    ['/joint/1', [1]],
    ['/joint/3', [1, 0]],
    ['/other', [1, 0, 2]],
  ]);
});
