/**
 * A thread that changes documents at random until it is told to stop, for tests of what happens beside it. It is started with the store's
 * share, and the id of a collection whose documents have a number `n`.
 */
import assert from 'node:assert/strict';
import { parentPort, workerData } from 'node:worker_threads';
import { isArangoError } from '#base';
import { joinStorage, type StorageShare } from '#storage';
import { DocumentStore } from './store.ts';

export interface WritingThreadData {
  readonly share: StorageShare;
  readonly collectionId: number;
  readonly stop: SharedArrayBuffer;
}

const { share, collectionId, stop } = workerData as WritingThreadData;
assert(parentPort !== null);
const engine = joinStorage(share);
const store = new DocumentStore(engine);
const stopped = new Int32Array(stop);

let seed = 12345;
/** The same for every run. */
function random(limit: number): number {
  seed = (seed * 1103515245 + 12345) % 2 ** 31;
  return seed % limit;
}

let conflicts = 0;
parentPort.postMessage('begun');
for (let turn = 0; Atomics.load(stopped, 0) === 0; turn++) {
  const transaction = store.begin({ mode: turn % 3 === 0 ? 'deferred' : 'direct' });
  try {
    const collection = transaction.catalog.getCollectionById(collectionId);
    const key = `k${random(6000)}`;
    transaction.insert(collection, [{ n: random(50) }]);
    transaction.update(collection, [{ key, document: { n: random(50) } }]);
    transaction.remove(collection, [{ key: `k${random(6000)}` }]);
    transaction.commit();
  } catch (error) {
    if (!isArangoError(error) || error.errorNum !== 1200) throw error;
    conflicts++;
  } finally {
    transaction.abort();
  }
}
engine.close();
parentPort.postMessage(conflicts);
