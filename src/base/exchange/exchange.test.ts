import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import * as fc from 'fast-check';
import { readAnswer, writeAnswer } from './answer.ts';
import { createExchangeMemory, createLane, Lane, SLOT_BYTES, SlotQueue } from './memory.ts';
import {
  createPeer,
  METHODS,
  packetMemory,
  peekTarget,
  readRequest,
  requestBytes,
  writeRequest,
  type Peeked,
  type RequestParts,
} from './request.ts';

const token = fc.stringMatching(/^[A-Za-z][A-Za-z-]{0,12}$/);
const value = fc.stringMatching(/^([!-~]([ -~]{0,20}[!-~])?)?$/);

test('a request is read as it was written, wherever it lies', () => {
  fc.assert(
    fc.property(
      fc.record({
        method: fc.nat(METHODS.length - 1),
        target: fc.webPath().map((path) => `/${path}`),
        headers: fc.uniqueArray(fc.tuple(token, value), { selector: ([name]) => name.toLowerCase(), maxLength: 8 }),
        body: fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 3 }),
        remotePort: fc.nat(65_535),
        arrivedAtMs: fc.double({ min: 0, max: 1e12, noNaN: true }),
        at: fc.nat(10),
      }),
      ({ method, target, headers, body, remotePort, arrivedAtMs, at }) => {
        const texts = [target, ...headers.flat()];
        const ends = texts.map((_, index) => texts.slice(0, index + 1).join('').length);
        const spans = texts.flatMap((text, index) => [(ends[index] ?? 0) - text.length, ends[index] ?? 0]);
        const parts: RequestParts = {
          method,
          head: Buffer.from(texts.join(''), 'latin1'),
          spans: Int32Array.from(spans),
          spanCount: spans.length,
          body,
          bodyBytes: body.reduce((sum, chunk) => sum + chunk.length, 0),
          peer: createPeer({ remoteAddress: '10.0.0.1', remotePort, localAddress: '::1', localPort: 8529, isSecure: true }),
          arrivedAtMs,
        };
        const memory = packetMemory(new ArrayBuffer(at * 4 + requestBytes(parts)));
        writeRequest(memory, at * 4, parts);
        const peeked = peekTarget(memory, at * 4);
        assert.deepEqual(
          { ...peeked, body: Buffer.from(peeked.body) },
          { method: METHODS[method], url: target, body: Buffer.concat(body) },
        );
        const read = readRequest(memory, at * 4, { isOwned: false });
        assert.ok(Math.abs(read.arrivedAtMs - arrivedAtMs) <= 0.0011);
        assert.deepEqual(read.request, {
          method: METHODS[method],
          url: target,
          headers: Object.fromEntries(headers.map(([name, text]) => [name.toLowerCase(), text])),
          body: Buffer.concat(body),
          remoteAddress: '10.0.0.1',
          remotePort,
          localAddress: '::1',
          localPort: 8529,
          isSecure: true,
        });
      },
    ),
  );
});

test('looking at a request while others write there does no harm', () => {
  fc.assert(
    fc.property(fc.int32Array({ minLength: 16, maxLength: 16 }), (words) => {
      const memory = packetMemory(new ArrayBuffer(SLOT_BYTES));
      memory.words.set(words);
      const { method, url, body } = peekTarget(memory, 0);
      assert.ok((METHODS as readonly string[]).includes(method) && url.length <= 2048 && body.length <= SLOT_BYTES);
    }),
  );
});

test('an answer is read as it was written, or refused when it does not fit', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[ -~]{0,60}$/),
      fc.oneof(fc.string({ maxLength: 60 }), fc.uint8Array({ maxLength: 60 })),
      fc.nat(130),
      (head, body, room) => {
        const bytes = Buffer.from(body as string);
        const target = Buffer.alloc(300);
        const fits = writeAnswer(target, 8, 8 + room, { status: 201, head, body, bodyBytes: bytes.length, closes: true });
        assert.equal(fits, 12 + head.length + bytes.length <= room);
        if (!fits) return;
        const read = readAnswer(target, 8);
        assert.deepEqual([read.status, read.closes, Buffer.from(read.head).toString('latin1')], [201, true, head]);
        assert.deepEqual(Buffer.from(read.body), bytes);
      },
    ),
  );
});

test('a slot is claimed once, though it is in the ring twice', () => {
  const queue = new SlotQueue(createExchangeMemory(4));
  queue.push(2);
  queue.push(2);
  queue.push(3);
  assert.deepEqual([queue.claim(0), queue.claim(1), queue.claim(1)], [2, 3, undefined]);
  assert.deepEqual(queue.state(2), { is: 'claimed', worker: 0 });
  queue.begin(2, 0);
  assert.deepEqual(queue.state(2), { is: 'begun', worker: 0 });
  assert.equal(queue.withdraw(2), false);
});

test('only a request that is wanted is claimed, and the one before it first', () => {
  const queue = new SlotQueue(createExchangeMemory(4));
  const submit = (slot: number, target: string): void => {
    const head = Buffer.from(target);
    const parts = { method: 0, head, spans: Int32Array.of(0, head.length), spanCount: 2, body: [], bodyBytes: 0, arrivedAtMs: 0 };
    queue.setIsMail(slot, false);
    writeRequest(queue.slots, queue.offset(slot), { ...parts, peer: createPeer({ isSecure: false }) });
    queue.push(slot);
  };
  const isWanted = ({ method, url }: Peeked): boolean => method === 'GET' && url.startsWith('/good');
  for (const [slot, target] of ['/good/1', '/bad', '/good/2', '/good/3'].entries()) submit(slot, target);
  queue.setIsMail(3, true);
  assert.equal(queue.claim(5, isWanted), 0);
  assert.equal(queue.claim(5, isWanted), undefined);
  assert.deepEqual(queue.state(1), { is: 'waiting' });
  assert.equal(queue.claim(6), 1);
  assert.equal(queue.claim(5, isWanted), 2);
  assert.equal(queue.claim(5, isWanted), undefined, 'its bytes are elsewhere');
  assert.equal(queue.claim(5), 3);
});

test('what is withdrawn is not claimed, and the ring tells when it is full', () => {
  const queue = new SlotQueue(createExchangeMemory(4));
  for (let i = 0; i < 8; i++) {
    assert.equal(queue.isFull, false);
    queue.push(1);
    assert.equal(queue.withdraw(1), true);
  }
  assert.equal(queue.isFull, true);
  assert.equal(queue.claim(0), undefined);
  assert.deepEqual([queue.length, queue.isFull], [0, false]);
});

test('threads that claim from one queue get each request once', async () => {
  const memory = createExchangeMemory(64);
  const queue = new SlotQueue(memory);
  const lanes = [0, 1, 2].map(() => createLane(64));
  const readers = lanes.map((lane) => new Lane(lane));
  const workers = lanes.map(
    (lane, worker) =>
      new Worker(
        `const { workerData } = require('node:worker_threads');
         import(workerData.module).then(({ SlotQueue, Lane }) => {
           const queue = new SlotQueue(workerData.memory);
           const lane = new Lane(workerData.lane);
           for (;;) {
             const slot = queue.claim(workerData.worker);
             if (slot !== undefined) { queue.begin(slot, workerData.worker); lane.report(slot, false); }
           }
         });`,
        { eval: true, workerData: { memory, lane, worker, module: new URL('memory.js', import.meta.url).href } },
      ),
  );
  const free = Array.from({ length: 64 }, (_, slot) => slot);
  const total = 20_000;
  let pushed = 0;
  let answered = 0;
  while (answered < total) {
    while (pushed < total && free.length > 0) {
      const slot = free.pop() ?? 0;
      queue.push(slot);
      pushed++;
    }
    for (const lane of readers) {
      for (let slot = lane.take(); slot !== undefined; slot = lane.take()) {
        assert.equal(queue.state(slot).is, 'begun');
        queue.release(slot);
        free.push(slot);
        answered++;
      }
    }
    await new Promise(setImmediate);
  }
  assert.equal(free.length, 64);
  assert.equal(new Set(free).size, 64);
  assert.equal(queue.length, 0);
  await Promise.all(workers.map((worker) => worker.terminate()));
});

test('a slot has room for its request beside its header', () => {
  const queue = new SlotQueue(createExchangeMemory(2));
  assert.equal(queue.offset(1) - queue.offset(0), SLOT_BYTES);
  assert.equal(queue.slots.bytes.length, 2 * SLOT_BYTES);
});

test('one worker leads until it says so no more', () => {
  const queue = new SlotQueue(createExchangeMemory(2));
  assert.equal(queue.lead(0, 100.5), true);
  assert.equal(queue.lead(1, 101), false);
  assert.equal(queue.lead(0, 105), true);
  assert.equal(queue.lead(1, 112), false);
  assert.equal(queue.lead(1, 116), true);
  assert.equal(queue.lead(0, 117), false);
});
