import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { createExchangeMemory, createLane, createPeer, DEFAULT_CONFIG, FRONT_IS_CALLED, Lane, SlotQueue, writeRequest } from '#base';
import { RequestLoop } from './loop.ts';

const SLOTS = 4;
const PEER = createPeer({ isSecure: false });

/** A loop in this thread, which is its front too. */
function setUp(): { readonly loop: RequestLoop; readonly queue: SlotQueue; readonly lane: Lane; readonly submit: (url: string) => void } {
  const exchange = createExchangeMemory(SLOTS);
  const lane = createLane(SLOTS);
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
