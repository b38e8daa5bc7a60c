/**
 * Threads that write to connections which they have borrowed: connections die under them, are too few for all of them, and they die themselves. Every
 * answer must be the one to what was asked, and nothing may be left behind.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { openStorage, StorageConflict, type StorageEngine, type Transaction } from '#storage';
import { tries } from '../support/law.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';

const ROWS = 11;
const KEYS = 12;
const TURNS = tries({ quick: 25, thorough: 120 });

let postgres: TestPostgres;
const base = mkdtempSync(join(tmpdir(), 'foxden-lines-'));

before(async () => {
  postgres = await startPostgres();
});
after(async () => {
  await postgres.stop();
  rmSync(base, { recursive: true, force: true });
});

const PRELUDE = `
  import { workerData, parentPort } from 'node:worker_threads';
  const { joinStorage, StorageConflict } = await import(workerData.storage);
  const engine = joinStorage(workerData.share);
  const rowOf = (text) => {
    const bytes = Buffer.alloc(8 + text.length, text);
    bytes.writeBigUInt64BE(engine.revision());
    bytes.write(text, 8);
    return bytes;
  };
  const textsOf = ({ count, buffer, starts, ends }) =>
    Array.from({ length: count }, (_, i) => Buffer.from(buffer.subarray(starts[i], ends[i])).toString('latin1').slice(8));
`;

function startThread(engine: StorageEngine, name: string, source: string): Worker {
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(PRELUDE + source)}`), {
    workerData: { storage: new URL('../../src/storage/index.js', import.meta.url).href, share: engine.share(), name },
  });
}

function messageOf(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

function keysOf(engine: StorageEngine): string[] {
  const transaction = engine.begin({ mode: 'read' });
  const found: string[] = [];
  const cursor = transaction.scanEntries(KEYS, [{}], { withKeys: true });
  for (let batch = cursor.next(); batch !== undefined; batch = cursor.next()) {
    const { buffer, starts, ends } = batch.keys!;
    for (let i = 0; i < batch.count; i++) found.push(Buffer.from(buffer.subarray(starts[i], ends[i])).toString());
  }
  transaction.abort();
  return found;
}

/** Writes rows of its own, alone and in transactions, and reads what it and the others have written; tells what was acknowledged. */
const BUSY = `
  const done = [];
  const insert = (key) => ({ do: 'insert', table: ${ROWS}, id: engine.tick(), bytes: rowOf(key), add: [{ index: ${KEYS}, key: Buffer.from(key), isUnique: true }] });
  const read = (transaction, key) => {
    const [text] = textsOf(transaction.lookup(${KEYS}, ${ROWS}, [Buffer.from(key)]));
    if (text !== key) throw new Error('asked for ' + key + ', found ' + text);
  };
  for (let turn = 0; turn < ${TURNS}; turn++) {
    const keys = Array.from({ length: 1 + (turn % 3) }, (_, i) => workerData.name + '-' + turn + '-' + i);
    const transaction = engine.begin({ mode: turn % 2 === 0 ? 'direct' : 'deferred' });
    try {
      if (done.length > 0) read(transaction, done[Math.floor(Math.random() * done.length)]);
      transaction.mutate(keys.map(insert));
      transaction.commit();
      done.push(...keys);
    } catch (error) {
      // Nothing of it is there then.
      if (!(error instanceof StorageConflict)) throw error;
    } finally {
      transaction.abort();
    }
    const reading = engine.begin({ mode: 'read', snapshot: turn % 5 === 0 ? 'now' : 'none' });
    try {
      for (const key of done.slice(-5)) read(reading, key);
      if (turn % 25 === 24) reading.scanRows(${ROWS}).next();
    } catch (error) {
      if (!(error instanceof StorageConflict)) throw error;
    } finally {
      reading.abort();
    }
  }
  engine.close();
  parentPort.postMessage(done);
`;

for (const { poolSize, isCut } of [
  { poolSize: 6, isCut: false },
  { poolSize: 6, isCut: true },
  { poolSize: 16, isCut: true },
]) {
  test(`four threads on ${poolSize} connections${isCut ? ' that the server closes again and again' : ''}`, async () => {
    const url = await postgres.createDatabase();
    const engine = openStorage({ url, folder: mkdtempSync(join(base, 'folder-')), poolSize, failoverTimeoutMs: 60_000 });
    const end = new AbortController();
    const cutting = (async () => {
      const all = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${new URL(url).pathname.slice(1)}'`;
      while (!end.signal.aborted) {
        if (isCut) await postgres.query(all);
        await sleep(150, undefined, { signal: end.signal }).catch(() => undefined);
      }
    })();
    const threads = ['a', 'b', 'c', 'd'].map((name) => startThread(engine, name, BUSY));
    const acknowledged = (await Promise.all(threads.map(messageOf))) as string[][];
    end.abort();
    await cutting;
    assert.deepEqual(keysOf(engine).toSorted(), acknowledged.flat().toSorted());
    engine.close();
  });
}

/** Reads rows of a size of its own again and again, each of which has a content of its own. */
const READER = `
  const size = workerData.name.charCodeAt(0) * 3000;
  const insert = (id) => ({ do: 'insert', table: ${ROWS}, id, bytes: rowOf((workerData.name + id + ' ').repeat(size / 10)), add: [] });
  const ids = Array.from({ length: 3 }, () => engine.tick());
  const writing = engine.begin({ mode: 'direct' });
  writing.mutate(ids.map(insert));
  writing.commit();
  for (let turn = 0; turn < 40; turn++) {
    const asked = ids.slice(turn % 3);
    const reading = engine.begin({ mode: 'read', snapshot: 'none' });
    const texts = textsOf(reading.rows(${ROWS}, asked));
    reading.abort();
    for (const [i, id] of asked.entries()) {
      if (texts[i] !== (workerData.name + id + ' ').repeat(size / 10)) throw new Error('asked for ' + id + ', found other bytes');
    }
  }
  engine.close();
  parentPort.postMessage('done');
`;

test('large answers to several threads at once are not mixed up', async () => {
  const url = await postgres.createDatabase();
  const engine = openStorage({ url, folder: mkdtempSync(join(base, 'folder-')), poolSize: 16 });
  const threads = ['a', 'g', 'm', 's'].map((name) => startThread(engine, name, READER));
  assert.deepEqual(await Promise.all(threads.map(messageOf)), ['done', 'done', 'done', 'done']);
  engine.close();
});

test('what is large goes to the end of its transaction on the same connection, or nowhere', async () => {
  const url = await postgres.createDatabase();
  const engine = openStorage({ url, folder: mkdtempSync(join(base, 'folder-')), poolSize: 4 });
  const large = Buffer.alloc(300_000, 'x');
  const begin = (): Transaction => {
    const transaction = engine.begin({ mode: 'direct', locks: 'definitions' });
    transaction.writeMeta('large', large);
    return transaction;
  };
  for (const turn of [1, 2, 3]) {
    const transaction = begin();
    transaction.writeMeta(`turn ${turn}`, large);
    transaction.commit();
  }
  const doomed = begin();
  doomed.writeMeta('doomed', large);
  await postgres.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${new URL(url).pathname.slice(1)}'`);
  assert.throws(() => doomed.commit(), StorageConflict);
  const reading = engine.begin({ mode: 'read' });
  assert.equal(reading.readMeta('doomed'), undefined);
  assert.deepEqual(reading.readMeta('turn 3'), large);
  reading.abort();
  engine.close();
});

test('a thread is ended while the server does not answer it, and others go on', async () => {
  const url = await postgres.createDatabase();
  const engine = openStorage({ url, folder: mkdtempSync(join(base, 'folder-')), poolSize: 4, failoverTimeoutMs: 60_000 });
  const source = `
    const look = () => {
      const reading = engine.begin({ mode: 'read', snapshot: 'none' });
      reading.countRows(${ROWS});
      reading.abort();
    };
    look();
    look();
    parentPort.postMessage('warm');
    for (;;) look();
  `;
  const worker = startThread(engine, 'stuck', source);
  await messageOf(worker);
  const backends = await postgres.query(
    `SELECT pid FROM pg_stat_activity WHERE datname = '${new URL(url).pathname.slice(1)}' AND backend_type = 'client backend' AND query LIKE '%count%'`,
  );
  assert(backends.length > 0);
  const pids = backends.map(({ pid }) => Number(pid));
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    // Whatever it is at, it comes to no end by itself.
    await engine.endThread(worker);
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
  const transaction = engine.begin({ mode: 'read' });
  assert.equal(transaction.countRows(ROWS), 0);
  transaction.abort();
  engine.close();
});

test('the engine closes while the server does not answer a thread', async () => {
  const url = await postgres.createDatabase();
  const engine = openStorage({ url, folder: mkdtempSync(join(base, 'folder-')), poolSize: 4 });
  const worker = startThread(
    engine,
    'stuck',
    `
    for (let turn = 0; ; turn++) {
      const reading = engine.begin({ mode: 'read', snapshot: 'none' });
      reading.countRows(${ROWS});
      reading.abort();
      if (turn === 3) parentPort.postMessage('warm');
    }
  `,
  );
  const failed = new Promise<Error>((resolve) => worker.on('error', resolve));
  await messageOf(worker);
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  engine.close();
  await ended;
  assert.match((await failed).message, /closed|lost|reached/);
});
