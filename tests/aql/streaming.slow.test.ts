/** A million documents, read in batches by a thread that could not hold a tenth of them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { openTemporaryDatabases } from '../../src/database/temporary-databases.suite.ts';

const DOCUMENTS = 1_000_000;
const BATCH = 1000;
const HEAP_MB = 40;

function stream(asJson: boolean): number {
  const opened = openTemporaryDatabases();
  const items = opened.database.createCollection({ name: 'items' });
  for (let start = 0; start < DOCUMENTS; start += BATCH) {
    items.insertAll(
      Array.from({ length: BATCH }, (_, i) => ({ _key: `k${start + i}`, email: `person${start + i}@example.com`, list: [i, i + 1] })),
      { silent: true },
    );
  }
  const cursor = opened.database.query({ query: 'FOR d IN items RETURN d', asJson, options: { stream: true } });
  let count = 0;
  while (cursor.hasNext()) {
    if (asJson) count += cursor.nextJson(BATCH).length;
    else if (cursor.next() !== undefined) count++;
  }
  opened.close();
  return count;
}

if (isMainThread) {
  for (const asJson of [false, true]) {
    test(`a million results stream without filling the heap, as ${asJson ? 'JSON' : 'values'}`, async () => {
      const worker = new Worker(fileURLToPath(import.meta.url), {
        workerData: asJson,
        resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
      });
      const [count] = (await once(worker, 'message')) as [number];
      await once(worker, 'exit');
      assert.equal(count, DOCUMENTS);
    });
  }
} else {
  parentPort?.postMessage(stream(workerData as boolean));
}
