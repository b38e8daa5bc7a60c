import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import {
  ASLEEP,
  AWAKE,
  createExchangeMemory,
  createLane,
  createPeer,
  FRONT_IS_CALLED,
  Lane,
  RESTING,
  SLEEP,
  SLOT_BYTES,
  SlotQueue,
  STANDS_BACK,
  writeAnswer,
  type RequestParts,
} from '#base';
import { RequestQueue } from './queue.ts';

const HEAD = Buffer.from('/', 'latin1');
const REQUEST: RequestParts = {
  method: 0,
  head: HEAD,
  spans: Int32Array.of(0, HEAD.length),
  spanCount: 2,
  body: [],
  bodyBytes: 0,
  peer: createPeer({ isSecure: false }),
  arrivedAtMs: 0,
};

test('an answer leaves though its worker has told nobody and has gone on to a request that takes long', async () => {
  const memory = createExchangeMemory(8);
  const queue = new RequestQueue(memory, { waiting: 4, running: 4, waitingMs: 0, runningMs: 0 });
  const laneMemory = createLane(memory.slotCount);
  const { port1 } = new MessageChannel();
  queue.addWorker(0, { lane: new Lane(laneMemory), mail: port1 });
  const answered = new Promise<number>((resolve) => {
    queue.submit(REQUEST, { answered: ({ status }) => resolve(status) });
  });
  queue.submit(REQUEST, { answered: () => assert.fail('this one is never answered') });

  // Only when the front has looked at what has come: from then on it has to come by on its own.
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  const worker = new SlotQueue(memory);
  const lane = new Lane(laneMemory);
  const slot = worker.claim(0) ?? NaN;
  worker.begin(slot, 0);
  const at = worker.offset(slot);
  assert.ok(writeAnswer(worker.slots.bytes, at, at + SLOT_BYTES, { status: 201, head: '', body: '', bodyBytes: 0, closes: false }));
  lane.report(slot, false);
  worker.begin(worker.claim(0) ?? NaN, 0);

  // The queue keeps no process alive by itself.
  const alive = setInterval(() => undefined, 1000);
  assert.equal(await answered, 201);
  clearInterval(alive);
  port1.close();
});

test('while many requests wait and all workers are at work, answers leave together', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const memory = createExchangeMemory(32);
  const queue = new RequestQueue(memory, { waiting: 32, running: 4, waitingMs: 0, runningMs: 0 });
  const laneMemory = createLane(memory.slotCount);
  const { port1 } = new MessageChannel();
  queue.addWorker(0, { lane: new Lane(laneMemory), mail: port1 });
  const worker = new SlotQueue(memory);
  const lane = new Lane(laneMemory);
  let answered = 0;
  const submit = (count: number): void => {
    for (let i = 0; i < count; i++) queue.submit(REQUEST, { answered: () => answered++ });
  };
  const answer = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const slot = worker.claim(0) ?? NaN;
      worker.begin(slot, 0);
      const at = worker.offset(slot);
      assert.ok(writeAnswer(worker.slots.bytes, at, at + SLOT_BYTES, { status: 200, head: '', body: '', bodyBytes: 0, closes: false }));
      lane.report(slot, false);
    }
  };
  const turn = async (): Promise<void> => {
    for (let i = 0; i < 3; i++) await new Promise(setImmediate);
  };

  submit(12);
  await turn();
  answer(2);
  submit(1);
  await turn();
  assert.equal(answered, 0, 'the request that came brings none');
  assert.equal(Atomics.load(worker.words, FRONT_IS_CALLED), 0, 'but a worker that runs out of requests may call');
  t.mock.timers.tick(3);
  assert.equal(answered, 2);

  answer(5);
  submit(1);
  await turn();
  assert.equal(answered, 7, 'of few that wait none is for later');

  submit(3);
  answer(1);
  Atomics.store(lane.words, SLEEP, ASLEEP);
  await turn();
  assert.equal(answered, 8, 'nor where a worker is to be woken');
  assert.equal(Atomics.load(lane.words, SLEEP), AWAKE);
  port1.close();
});

test('a worker that rests, or stands back, is called when those that are awake take nothing', async () => {
  const memory = createExchangeMemory(8);
  const queue = new RequestQueue(memory, { waiting: 4, running: 4, waitingMs: 0, runningMs: 0 });
  const { port1 } = new MessageChannel();
  const lanes = Array.from({ length: 3 }, () => new Lane(createLane(memory.slotCount)));
  for (const [worker, lane] of lanes.entries()) queue.addWorker(worker, { lane, mail: port1 });
  const [, resting, standingBack] = lanes.map(({ words }) => words) as [Int32Array, Int32Array, Int32Array];
  for (const words of [resting, standingBack]) Atomics.store(words, SLEEP, RESTING);
  Atomics.store(standingBack, STANDS_BACK, 1);
  queue.submit(REQUEST, { answered: () => assert.fail('nobody answers') });
  const alive = setInterval(() => undefined, 1000);
  for (const words of [resting, standingBack]) while (Atomics.load(words, SLEEP) !== AWAKE) await new Promise(setImmediate);
  clearInterval(alive);
  port1.close();
});
