import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStorage } from './engine.ts';
import { acknowledged, KEPT, messageOf, numbersOf, startProcess } from './processes.suite.ts';

test('a killed process loses nothing that it had committed, and rows, entries and counts agree', async () => {
  const base = mkdtempSync(join(tmpdir(), 'foxden-crash-'));
  const folder = join(base, 'store');
  const writers = [1, 2, 3];
  const notes = (writer: number): string => join(base, `writer-${writer}`);
  try {
    for (const limits of [{}, { applyBytes: 5000, journalBytes: 60_000, syncIntervalMs: 5 }, { applyBytes: 0 }, {}]) {
      const first = (writer: number): number => (acknowledged(notes(writer)).at(-1) ?? 0) + 10;
      const child = startProcess(
        { folder, ...limits },
        writers.map((writer) => ({
          do: 'write',
          writer,
          first: first(writer),
          acknowledgements: notes(writer),
          isSynced: writer === 2,
          gathers: writer === 3 ? 5 : 1,
        })),
      );
      assert.equal(await messageOf(child), 'opened');
      // However slow the machine is, each writer has something to lose before the end comes.
      const before = writers.map((writer) => acknowledged(notes(writer)).length);
      do await sleep(100 + Math.random() * 400);
      while (writers.some((writer, at) => acknowledged(notes(writer)).length === before[at]));
      child.kill('SIGKILL');
      await once(child, 'exit');

      const engine = openStorage({ folder });
      const numbers = numbersOf(engine);
      const tick = engine.tick();
      engine.close();
      for (const writer of writers) {
        const written = acknowledged(notes(writer));
        const found = new Set(numbers.get(writer));
        assert(written.length > 0);
        const removed = Math.max(...found) - KEPT;
        const missing = written.filter((number) => number > removed && !found.has(number));
        assert.deepEqual(missing, [], `of writer ${writer}`);
        assert(tick > written.length, 'numbers go on');
      }
    }
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
});
