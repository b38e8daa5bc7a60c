/** The memory of what walks have read: everything added is found by every thread, and no thread's end leaves anything behind. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { Arena, ARENA_BYTES, endAt, idAt, NOWHERE, startAt, STRETCH_WORDS, writeStretch } from './arena.ts';
import { Filed, Numbered } from './filed.ts';
import { KeptMemory } from './kept-memory.ts';
import { found, keyOf, KEYS, type KeptThreadData } from './kept-thread.suite.ts';
import { KeptWalk } from './kept-walk.ts';

const THREADS = 8;
const STATE = { server: 1, version: 2, xmin: 3, changes: [4, 5] };

function newMemory(): { readonly shared: SharedArrayBuffer; readonly memory: KeptMemory } {
  const shared = new SharedArrayBuffer(KeptMemory.bytes(THREADS));
  return { shared, memory: new KeptMemory(shared, 0, THREADS) };
}

function newArena(): Arena {
  const arena = new Arena(new SharedArrayBuffer(ARENA_BYTES), 0);
  arena.clear();
  return arena;
}

const id = fc.oneof(fc.nat(300), fc.maxSafeNat());
const bytes = fc.uint8Array({ maxLength: 100 });

suite('what is filed in an arena', () => {
  test('is found under its key and its number, and nothing else is', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.uint8Array({ maxLength: 3 }), id, bytes), { maxLength: 300 }), fc.array(id), (added, others) => {
        const arena = newArena();
        const filed = new Filed(arena, arena.addName(1));
        const numbered = new Numbered(arena, arena.addName(2));
        const byKey = new Map<string, readonly [number, Uint8Array]>();
        const byNumber = new Map<number, Uint8Array>();
        for (const [key, number, value] of added) {
          const text = Buffer.from(key).toString('hex');
          const room = { words: STRETCH_WORDS, bytes: value.length };
          if (!byKey.has(text)) {
            byKey.set(text, [number, value]);
            const place = filed.make(key, 0, key.length, room);
            const at = arena.putBytes(value, 0, value.length);
            writeStretch(arena.words, place, number, at, at + value.length);
            assert.equal(filed.placeOf(key, 0, key.length), NOWHERE);
            filed.file(place);
          }
          if (!byNumber.has(number)) {
            byNumber.set(number, value);
            const place = numbered.make(number, room);
            const at = arena.putBytes(value, 0, value.length);
            writeStretch(arena.words, place, number, at, at + value.length);
            numbered.file(place);
          }
        }
        const valueAt = (place: number): Buffer =>
          Buffer.from(arena.bytes.subarray(startAt(arena.words, place), endAt(arena.words, place)));
        for (const [text, [number, value]] of byKey) {
          const key = Buffer.from(text, 'hex');
          const place = filed.placeOf(Buffer.concat([Buffer.from('before'), key]), 6, 6 + key.length);
          assert.equal(idAt(arena.words, place), number);
          assert.deepEqual(valueAt(place), Buffer.from(value));
          assert.equal(byKey.has(`${text}00`), filed.placeOf(Buffer.from(`${text}00`, 'hex'), 0, key.length + 1) !== NOWHERE);
        }
        for (const [number, value] of byNumber) assert.deepEqual(valueAt(numbered.placeOf(number)), Buffer.from(value));
        for (const number of others) assert.equal(numbered.placeOf(number) !== NOWHERE, byNumber.has(number));
      }),
      { numRuns: 100 },
    );
  });

  test('is never more than there is room for', () => {
    const arena = newArena();
    const filed = new Filed(arena, arena.addName(1));
    const long = Buffer.alloc(100_000, 'x');
    const key = Buffer.alloc(4);
    let count = 0;
    for (; ; count++) {
      key.writeUInt32BE(count);
      const place = filed.make(key, 0, 4, { words: STRETCH_WORDS, bytes: long.length });
      if (place === NOWHERE) break;
      const at = arena.putBytes(long, 0, long.length);
      assert.ok(at + long.length <= ARENA_BYTES);
      writeStretch(arena.words, place, count, at, at + long.length);
      filed.file(place);
    }
    assert.ok(arena.isFull);
    assert.ok(count > ARENA_BYTES / long.length - 2);
    for (let i = 0; i < count; i++) {
      key.writeUInt32BE(i);
      assert.equal(idAt(arena.words, filed.placeOf(key, 0, 4)), i);
    }
  });

  test('has no more names than there is room for', () => {
    const arena = newArena();
    const places = Array.from({ length: 64 }, (_, i) => arena.addName(2 ** 50 + i));
    assert.equal(arena.addName(1), NOWHERE);
    assert.ok(arena.isFull);
    assert.deepEqual(
      places.map((_, i) => arena.named(2 ** 50 + i)),
      places,
    );
  });
});

suite('places of what is kept', () => {
  test('are given to other tables when nobody reads there', () => {
    const { memory } = newMemory();
    const begun = memory.places.map((_, i) => memory.begin([i + 1], STATE)!);
    assert.equal(new Set(begun).size, memory.places.length);
    for (const place of begun) place.pin(1);
    assert.equal(memory.begin([100], STATE), undefined);
    assert.equal(memory.find([3]), begun[2]);
    begun[2]!.unpin(1);
    begun[4]!.unpin(1);
    assert.equal(memory.begin([100], STATE), begun[4]);
    assert.equal(memory.find([5]), undefined);
    assert.equal(memory.find([100, 1]), undefined);
    assert.deepEqual(memory.find([100])?.state, STATE);
  });

  test('are for no more tables than there is room for', () => {
    const { memory } = newMemory();
    assert.equal(
      memory.begin(
        Array.from({ length: 33 }, (_, i) => i),
        STATE,
      ),
      undefined,
    );
  });

  test('are let go, with their locks, when a thread has ended', () => {
    const { memory } = newMemory();
    const place = memory.begin([1], STATE)!;
    place.pin(3);
    memory.locked(() => {
      // As if this thread ended right here.
      memory.threadEnded(3, 0);
      assert.equal(place.isPinned, false);
      assert.equal(place.generation, 0);
      assert.equal(
        memory.locked(() => 'free'),
        'free',
      );
    });
    place.adding(() => {
      memory.threadEnded(3, 0);
      assert.equal(
        place.adding(() => 'free'),
        'free',
      );
    });
  });

  test('are read and added to by several threads at once, of which some are ended', async () => {
    const { shared, memory } = newMemory();
    const place = memory.begin([1], STATE)!;
    const stop = new SharedArrayBuffer(4);
    const start = async (thread: number): Promise<Worker> => {
      const data: KeptThreadData = { memory: shared, threads: THREADS, thread, stop };
      const worker = new Worker(new URL('./kept-thread.suite.js', import.meta.url), { workerData: data });
      await once(worker, 'message');
      return worker;
    };
    const lasting = await Promise.all([start(0), start(1)]);
    const numbers = Array.from({ length: KEYS }, (_, i) => i);
    const walk = new KeptWalk(place);
    for (let ended = 0; ended < 5; ended++) {
      const worker = await start(2);
      await sleep(ended);
      const { threadId } = worker;
      await worker.terminate();
      memory.threadEnded(2, threadId);
      found(walk, numbers);
    }
    while (found(walk, numbers) < KEYS) await sleep(10);
    assert.deepEqual(walk.unknownNamed(7, [keyOf(1), keyOf(KEYS)]), [keyOf(KEYS)]);
    assert.ok(place.isPinned);
    Atomics.store(new Int32Array(stop), 0, 1);
    await Promise.all(lasting.map((worker) => once(worker, 'exit')));
    assert.equal(place.isPinned, false);
    assert.equal(place.arena.isFull, false);
  });
});
