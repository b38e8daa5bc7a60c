import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { isArangoError } from '#base';
import { EMPTY, Jobs } from './jobs.ts';

const COUNT = 1000;
const NOBODY = undefined;

interface Shared {
  readonly folder: string;
  /** The number of the job that was begun last. */
  readonly latest: Int32Array;
}

function openJobs(folder: string): Jobs {
  let made = 0;
  const queries = { asJob: <Result>(_id: string, action: () => Result): Result => action(), killOfJob: () => false };
  return new Jobs({ folder, queries, nextId: () => String(++made) });
}

/** Looks at the latest job over and over, and tells how often there was none. */
function watch({ folder, latest }: Shared): number {
  const jobs = openJobs(folder);
  let missing = 0;
  for (let id = 0; id < COUNT; id = Atomics.load(latest, 0)) {
    if (id === 0) continue;
    try {
      jobs.get(NOBODY, String(id));
    } catch (error) {
      assert(isArangoError(error), String(error));
      missing++;
    }
  }
  return missing;
}

if (isMainThread) {
  const folder = mkdtempSync(join(tmpdir(), 'foxden-jobs-'));
  after(() => rmSync(folder, { recursive: true }));

  test('a job is there in the moment in which it is done, too', { timeout: 60_000 }, async () => {
    const latest = new Int32Array(new SharedArrayBuffer(4));
    const watcher = new Worker(new URL(import.meta.url), { workerData: { folder, latest } satisfies Shared });
    const missing = new Promise((resolve, reject) => watcher.once('message', resolve).once('error', reject));
    const jobs = openJobs(folder);
    for (let id = 1; id <= COUNT; id++) {
      jobs.start(NOBODY, { isStored: true }, () => EMPTY);
      Atomics.store(latest, 0, id);
      await turn();
      await turn();
    }
    assert.equal(await missing, 0);
    assert.equal(jobs.list(NOBODY, { isDone: false }).length, 0);
  });
} else {
  parentPort?.postMessage(watch(workerData as Shared));
}
