import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StorageEngine } from '../engine.ts';
import { tries } from '../../../tests/support/law.ts';
import { joinStorage, openMemoryStorage, openStorage } from './engine.ts';
import { LOCK_FILES } from './folder-lock.ts';
import { numbersOf, startThread, TABLE, writeOne } from './processes.suite.ts';

const TURNS = tries({ quick: 400, thorough: 1500 });
const ENDED = tries({ quick: 5, thorough: 12 });
const LOOKS = tries({ quick: 40, thorough: 100 });

function insertCounter(engine: StorageEngine): void {
  const transaction = engine.begin({ mode: 'direct' });
  transaction.mutate([{ do: 'insert', table: TABLE, id: engine.tick(), bytes: Buffer.alloc(8), add: [] }]);
  transaction.commit();
}

function counter(engine: StorageEngine): bigint {
  const transaction = engine.begin({ mode: 'read' });
  const { buffer, starts } = transaction.rows(TABLE, [1]);
  const value = Buffer.from(buffer).readBigUInt64BE(starts[0]);
  transaction.abort();
  return value;
}

suite('several threads', () => {
  test('that count up the same number lose no update, waiting or trying again', async () => {
    const engine = openMemoryStorage({ applyBytes: 3000 });
    insertCounter(engine);
    assert.equal(counter(engine), 0n);
    const threads = (['direct', 'deferred', 'direct'] as const).map((mode) =>
      startThread(engine.share(), { do: 'count', times: TURNS, mode }),
    );
    await Promise.all(threads.map((thread) => once(thread, 'exit')));
    assert.equal(counter(engine), BigInt(3 * TURNS));
    engine.close();
  });

  test('may be ended at any moment, and the others write on', async () => {
    const engine = openMemoryStorage({ applyBytes: 3000 });
    for (let writer = 1; writer <= ENDED; writer++) {
      const thread = startThread(engine.share(), { do: 'write', writer, first: 1 });
      await once(thread, 'message');
      const end = Date.now() + 10 + Math.random() * 30;
      for (let number = 1; Date.now() < end; number++) {
        writeOne(engine, 100 + writer, number);
        await sleep(0);
      }
      await engine.endThread(thread);
      writeOne(engine, 200, writer);
    }
    const numbers = numbersOf(engine);
    assert.deepEqual(numbers.get(200)?.length, ENDED);
    engine.close();
  });

  test('read one state each time while others write and pages are used again', async () => {
    const engine = openMemoryStorage({ applyBytes: 3000, journalBytes: 20_000, syncIntervalMs: 1 });
    const threads = [1, 2].map((writer) => startThread(engine.share(), { do: 'write', writer, first: 1 }));
    await Promise.all(threads.map((thread) => once(thread, 'message')));
    let seen = 0;
    for (let turn = 0; turn < LOOKS; turn++) {
      const last = Math.max(...(numbersOf(engine).get(1) ?? [0]));
      assert(last >= seen);
      seen = last;
      await sleep(0);
    }
    await Promise.all(threads.map((thread) => engine.endThread(thread)));
    engine.close();
  });

  test('see commits that are still being gathered only when they are safe', () => {
    const base = mkdtempSync(join(tmpdir(), 'foxden-gathering-'));
    const engine = openStorage({ folder: join(base, 'store') });
    const other = joinStorage(engine.share());
    /** What a process that is started after this one was killed now will find. */
    const safe = (name: string): number[] | undefined => {
      cpSync(join(base, 'store'), join(base, name), { recursive: true, filter: (path) => !LOCK_FILES.some((lock) => path.endsWith(lock)) });
      const copy = openStorage({ folder: join(base, name) });
      const numbers = numbersOf(copy).get(1);
      copy.close();
      return numbers;
    };
    const gathering = engine.gathering!;
    gathering.isOn = true;
    writeOne(engine, 1, 1);
    writeOne(engine, 1, 2);
    assert.deepEqual(numbersOf(engine).get(1), [1, 2]);
    assert.equal(gathering.isPending, true);
    assert.equal(safe('before'), undefined);
    assert.deepEqual(numbersOf(other).get(1), [1, 2]);
    assert.equal(gathering.isPending, false);
    assert.deepEqual(safe('seen'), [1, 2]);
    writeOne(engine, 1, 3);
    gathering.write();
    assert.deepEqual(safe('written'), [1, 2, 3]);
    writeOne(engine, 1, 4);
    engine.syncNow();
    assert.deepEqual(safe('synced'), [1, 2, 3, 4]);
    writeOne(engine, 1, 5);
    const durable: unknown[] = [];
    engine.whenDurable((error) => durable.push(error));
    other.close();
    engine.close();
    assert.deepEqual(durable, [undefined]);
    assert.deepEqual(safe('closed'), [1, 2, 3, 4, 5]);
    rmSync(base, { recursive: true });
  });

  test('may run out of memory in the midst of a transaction, and the others write on', async () => {
    const engine = openMemoryStorage();
    const thread = startThread(engine.share(), { do: 'exhaust' }, { maxOldGenerationSizeMb: 20 });
    const { threadId } = thread;
    const failed = once(thread, 'error');
    await once(thread, 'message');
    await failed;
    engine.threadEnded(threadId);
    writeOne(engine, 1, 1);
    assert.deepEqual(numbersOf(engine).get(1), [1]);
    engine.close();
  });

  test('write while a backup is made, and the backup is the store at one moment', async () => {
    const base = mkdtempSync(join(tmpdir(), 'foxden-backup-'));
    const engine = openStorage({ folder: join(base, 'store'), applyBytes: 20_000 });
    const threads = [1, 2].map((writer) => startThread(engine.share(), { do: 'write', writer, first: 1 }));
    await Promise.all(threads.map((thread) => once(thread, 'message')));
    await sleep(100);
    for (let i = 0; i < 3; i++) {
      writeOne(engine, 3, i + 1);
      const folder = join(base, `backup-${i}`);
      await engine.backup(folder);
      const copy = openStorage({ folder });
      const numbers = numbersOf(copy);
      assert.equal(numbers.get(3)?.at(-1), i + 1);
      for (const writer of [1, 2]) {
        const rows = numbers.get(writer) ?? [];
        assert.deepEqual(
          rows,
          rows.map((_, k) => rows[0]! + k),
          'no row is missing between',
        );
      }
      writeOne(copy, 4, 1);
      copy.close();
    }
    await assert.rejects(engine.backup(join(base, 'backup-0')), /must be empty/);
    for (const thread of threads) await engine.endThread(thread);
    engine.close();
    rmSync(base, { recursive: true });
  });
});
