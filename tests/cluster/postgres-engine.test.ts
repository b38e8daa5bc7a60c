/**
 * What several processes do to each other on one PostgreSQL, and what its accidents do to them. Two engines in one thread stand for two
 * coordinators: each has its own sockets, its own shared memory and its own clock.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { isArangoError } from '#base';
import { openDatabases, prepareDatabases, type Databases } from '#database';
import { openStorage, StorageConflict, type StorageEngine, type Transaction } from '#storage';
import { startCutter } from '../support/cutter.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';

const ROWS = 11;
const KEYS = 12;

let postgres: TestPostgres;
const base = mkdtempSync(join(tmpdir(), 'foxden-coordinators-'));

before(async () => {
  postgres = await startPostgres();
});
after(async () => {
  await postgres.stop();
  rmSync(base, { recursive: true, force: true });
});

interface Place {
  readonly url: string;
  readonly folder: string;
}

function open(
  { url, folder }: Place,
  options: { readonly keepsStatements?: boolean; readonly failoverTimeoutMs?: number } = {},
): StorageEngine {
  return openStorage({ url, folder, poolSize: 6, ...options });
}

async function place(): Promise<Place> {
  return { url: await postgres.createDatabase(), folder: mkdtempSync(join(base, 'folder-')) };
}

function row(engine: StorageEngine, size = 8): Buffer {
  const bytes = Buffer.alloc(8 + size);
  bytes.writeBigUInt64BE(engine.revision());
  return bytes;
}

function insert(engine: StorageEngine, key: string, options: { readonly isLast?: boolean } = {}): number {
  const id = engine.tick();
  const transaction = engine.begin({ mode: 'direct' });
  const add = [{ index: KEYS, key: Buffer.from(key), isUnique: true }];
  const [failure] = transaction.mutate([{ do: 'insert', table: ROWS, id, bytes: row(engine), add }], options);
  transaction.commit();
  return failure === undefined ? id : -failure.holder;
}

function keysOf(engine: StorageEngine): string[] {
  const transaction = engine.begin({ mode: 'read', snapshot: 'none' });
  const found: string[] = [];
  const cursor = transaction.scanEntries(KEYS, [{}], { withKeys: true });
  for (let batch = cursor.next(); batch !== undefined; batch = cursor.next()) {
    for (let i = 0; i < batch.count; i++)
      found.push(Buffer.from(batch.keys!.buffer.subarray(batch.keys!.starts[i], batch.keys!.ends[i])).toString());
  }
  transaction.abort();
  return found;
}

/** Two coordinators on one database. */
async function withTwo(action: (one: Databases, other: Databases) => void | Promise<void>): Promise<void> {
  const { url, folder } = await place();
  const engines = ['one', 'other'].map((name) => open({ url, folder: join(folder, name) }));
  const [one, other] = engines.map((engine) => openDatabases(engine)) as [Databases, Databases];
  try {
    await action(one, other);
  } finally {
    for (const databases of [one, other]) databases.close();
    for (const engine of engines) engine.close();
  }
}

test('what one coordinator makes is there for the other at once', () =>
  withTwo((one, other) => {
    other.get('_system').createCollection({ name: 'early' });
    one.create('shop').createCollection({ name: 'things' }).insert({ _key: 'a' });
    assert.equal(other.get('shop').getCollection('things').document('a')['_key'], 'a');
    one.get('shop').createCollection({ name: 'more' });
    assert.deepEqual(other.get('shop').query({ query: 'FOR m IN more RETURN m' }).toArray(), []);
    assert.deepEqual(other.get('shop').query({ query: 'INSERT { a: 1 } INTO more RETURN NEW.a' }).toArray(), [1]);
    assert.throws(
      () => other.get('shop').getCollection('none'),
      (error) => isArangoError(error) && error.errorNum === 1203,
    );
  }));

test('a write by old definitions is impossible: the new index has its entries', () =>
  withTwo((one, other) => {
    one.get('_system').createCollection({ name: 'things' });
    const ours = one.get('_system').getCollection('things');
    const theirs = other.get('_system').getCollection('things');
    theirs.insert({ _key: 'before', city: 'Rome' });
    ours.ensureIndex({ type: 'persistent', fields: ['city'] });
    ours.ensureIndex({ type: 'persistent', fields: ['code'], unique: true, sparse: true });
    // This thread has not looked at the definitions since.
    theirs.insert({ _key: 'after', city: 'Rome', code: 1 });
    theirs.update('before', { code: 2 });
    assert.throws(
      () => theirs.insert({ code: 1 }),
      (error) => isArangoError(error) && error.errorNum === 1210,
    );
    const keys = one.get('_system').query({ query: 'FOR t IN things FILTER t.city == "Rome" SORT t._key RETURN t._key' }).toArray();
    assert.deepEqual(keys, ['after', 'before']);
  }));

test('a transaction with an exclusive collection notices an index that is new there, and minds no other change of definitions', () =>
  withTwo((one, other) => {
    const ours = one.get('_system');
    const theirs = other.get('_system');
    ours.createCollection({ name: 'things' });
    const insertWhile = (change: () => void): void =>
      ours.executeTransaction({ collections: { exclusive: ['things'] } }, () => {
        ours.getCollection('things').insert({ city: 'Rome' });
        change();
      });
    insertWhile(() => theirs.createCollection({ name: 'others' }));
    assert.throws(
      () => insertWhile(() => theirs.getCollection('things').ensureIndex({ type: 'persistent', fields: ['city'] })),
      (error) => isArangoError(error) && error.errorNum === 1200,
    );
    insertWhile(() => theirs.getCollection('others').drop());
    const count = 'FOR t IN things FILTER t.city == "Rome" COLLECT WITH COUNT INTO n RETURN n';
    for (const rules of [[], ['-use-indexes']]) {
      assert.deepEqual(ours.query({ query: count, options: { optimizer: { rules } } }).toArray(), [2]);
    }
  }));

/** Runs a program, which knows its `database` and its own `name`, on three coordinators at once; gives what each has as `result` at the end. */
async function asCoordinators({ url, folder }: Place, program: string): Promise<unknown[]> {
  const source = `
    import { workerData, parentPort } from 'node:worker_threads';
    const { openStorage } = await import(workerData.storage);
    const { openDatabases } = await import(workerData.database);
    const { url, folder, name } = workerData;
    const engine = openStorage({ url, folder, poolSize: 4 });
    const databases = openDatabases(engine);
    const database = databases.get('_system');
    let result;
    ${program}
    databases.close();
    engine.close();
    parentPort.postMessage({ result });
  `;
  const ends = ['a', 'b', 'c'].map((name) => {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
      workerData: {
        storage: new URL('../../src/storage/index.js', import.meta.url).href,
        database: new URL('../../src/database/index.js', import.meta.url).href,
        url,
        folder: join(folder, name),
        name,
      },
    });
    return new Promise<unknown>((resolve, reject) => {
      worker.once('message', ({ result }) => resolve(result));
      worker.once('error', reject);
    });
  });
  return Promise.all(ends);
}

test('transactions that change several documents each are done whole or not at all, and never wait for each other in a circle', async () => {
  const { url, folder } = await place();
  const engine = open({ url, folder });
  const databases = openDatabases(engine);
  const accounts = databases.get('_system').createCollection({ name: 'accounts' });
  const KEYS_OF = ['0', '1', '2', '3'];
  for (const _key of KEYS_OF) accounts.insert({ _key, amount: 100, moves: 0 });
  const done = await asCoordinators(
    { url, folder },
    `const accounts = database.getCollection('accounts');
    result = 0;
    for (let turn = 0; turn < 40; turn++) {
      const first = Math.floor(Math.random() * 4);
      const keys = [first, (first + 1 + Math.floor(Math.random() * 3)) % 4, (first + 1) % 4].slice(0, 2 + (turn % 2)).map(String);
      const move = () => {
        for (const [i, key] of [...new Set(keys)].entries()) {
          const { amount, moves } = accounts.document(key);
          accounts.update(key, { amount: amount + [-1, 1, 0][i], moves: moves + 1 });
        }
      };
      try {
        database.executeTransaction({ collections: { write: ['accounts'] } }, move);
        result += new Set(keys).size;
      } catch (error) {
        if (error.errorNum !== 1200) throw error;
      }
    }`,
  );
  const kept = KEYS_OF.map((key) => accounts.document(key) as Record<string, number>);
  assert.equal(
    kept.reduce((sum, { amount }) => sum + amount!, 0),
    400,
  );
  const moves = kept.reduce((sum, { moves: each }) => sum + each!, 0);
  assert.equal(
    moves,
    done.reduce<number>((sum, each) => sum + Number(each), 0),
  );
  assert.ok(moves > 0);
  const text = 'SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()';
  assert.deepEqual(await postgres.query(text, url), [{ deadlocks: 0 }]);
  databases.close();
  engine.close();
});

test('a commit of some rows notices each one that is another or gone, and then leaves all as they are', async () => {
  const { url, folder } = await place();
  const [engine, other] = ['one', 'other'].map((name) => open({ url, folder: join(folder, name) })) as [StorageEngine, StorageEngine];
  const OTHERS = 13;
  const stored = (ids: readonly (readonly [table: number, id: number])[]): string[] => {
    const reading = other.begin({ mode: 'read' });
    const found = ids.map(([table, id]) => {
      const { buffer, starts, ends } = reading.rows(table, [id]);
      return Buffer.from(buffer.subarray(starts[0], ends[0])).toString('hex');
    });
    reading.abort();
    return found;
  };
  const write = (transaction: Transaction, change: 'replace' | 'remove', table: number, id: number): void => {
    transaction.rows(table, [id]);
    const given = change === 'remove' ? { do: change, drop: [] } : { do: change, bytes: row(engine), add: [], drop: [] };
    transaction.mutate([{ ...given, table, id }]);
  };
  try {
    for (const tables of [[ROWS], [ROWS, ROWS], [ROWS, OTHERS], [ROWS, ROWS, OTHERS], [ROWS, ROWS, ROWS, OTHERS]]) {
      const rows = tables.map((table) => [table, engine.tick()] as const);
      const making = engine.begin({ mode: 'direct' });
      making.mutate(rows.map(([table, id]) => ({ do: 'insert' as const, table, id, bytes: row(engine), add: [] })));
      making.commit();
      for (const mode of ['deferred', 'direct'] as const) {
        for (const [victim, [table, id]] of rows.entries()) {
          for (const accident of ['replace', 'remove'] as const) {
            const name = `${mode}, ${accident} ${victim} of ${tables.join()}`;
            const transaction = engine.begin({ mode });
            for (const each of rows) write(transaction, 'replace', ...each);
            const meanwhile = other.begin({ mode: 'direct' });
            write(meanwhile, accident, table, id);
            meanwhile.commit();
            const was = stored(rows);
            assert.throws(() => transaction.commit(), StorageConflict, name);
            assert.deepEqual(stored(rows), was, name);
            if (accident === 'replace') continue;
            const again = engine.begin({ mode: 'direct' });
            again.mutate([{ do: 'insert', table, id, bytes: row(engine), add: [] }]);
            again.commit();
          }
        }
        const was = stored(rows);
        const transaction = engine.begin({ mode });
        for (const each of rows) write(transaction, 'replace', ...each);
        transaction.commit();
        assert(
          stored(rows).every((bytes, i) => bytes !== was[i]),
          `${mode} of ${tables.join()}`,
        );
      }
    }
  } finally {
    engine.close();
    other.close();
  }
});

test('two coordinators that count one document lose nothing, and revisions of a document only grow', async () => {
  const { url, folder } = await place();
  const engine = open({ url, folder });
  const databases = openDatabases(engine);
  const counters = databases.get('_system').createCollection({ name: 'counters' });
  counters.insert({ _key: 'c', n: 0 });
  const TURNS = 25;
  await asCoordinators(
    { url, folder },
    `for (let i = 0; i < ${TURNS}; i++) {
      const query = 'FOR c IN counters FILTER c._key == "c" UPDATE c WITH { n: c.n + 1 } IN counters RETURN NEW';
      database.query({ query: i % 2 === 0 ? query : 'FOR c IN counters UPDATE c WITH { n: c.n + 1 } IN counters RETURN NEW' }).toArray();
    }`,
  );
  assert.equal(counters.document('c')['n'], 3 * TURNS);
  databases.close();
  engine.close();
});

test('who starts leaves alone the index that another is building, and clears up what nobody builds any more', async () => {
  const { url, folder } = await place();
  const [one, other] = [open({ url, folder: join(folder, '1') }), open({ url, folder: join(folder, '2') })];
  const databases = openDatabases(one);
  const collection = databases.get('_system').createCollection({ name: 'large' });
  collection.insertAll(Array.from({ length: 1500 }, (_, n) => ({ n })));
  // Somebody starts in the middle: this thread is at a batch of the documents then.
  const begin = one.begin.bind(one);
  let starts = 0;
  one.begin = (options) => {
    if (options.locks === 'definitions' && ++starts === 2) prepareDatabases(other);
    return begin(options);
  };
  collection.ensureIndex({ type: 'persistent', fields: ['n'], name: 'n' });
  one.begin = begin;
  assert(starts > 2);
  const found = databases.get('_system').query({ query: 'FOR d IN large FILTER d.n > 1400 COLLECT WITH COUNT INTO n RETURN n' });
  assert.deepEqual(found.toArray(), [99]);
  assert.equal(collection.indexes().length, 2);
  databases.close();
  for (const engine of [one, other]) engine.close();
});

test('a single insert meets a key that is taken, in one request or in several', async () => {
  const here = await place();
  const engine = open(here);
  for (const isLast of [true, false]) {
    const id = insert(engine, `key ${isLast}`, { isLast });
    assert(id > 0);
    assert.equal(insert(engine, `key ${isLast}`, { isLast }), -id);
  }
  const { calls } = engine.statistics();
  insert(engine, 'one more', { isLast: true });
  assert.equal(engine.statistics()['calls'], calls! + 1);
  engine.close();
});

test('a definition waits for writers, and writers for a definition', async () => {
  const { url, folder } = await place();
  const [one, other] = [open({ url, folder: join(folder, '1') }), open({ url, folder: join(folder, '2') })];
  insert(one, 'first');
  insert(other, 'second');
  const definition = one.begin({ mode: 'direct', locks: 'definitions' });
  definition.writeMeta('catalog/x', Buffer.from('1'));
  assert.throws(() => insert(other, 'third'), StorageConflict);
  definition.commit();
  assert.equal(other.latestMetaVersion(), one.metaVersion());
  assert(insert(other, 'third') > 0);
  for (const engine of [one, other]) engine.close();
});

test('works without statements that connections keep, as behind a pooler', async () => {
  const engine = open(await place(), { keepsStatements: false });
  for (let i = 0; i < 50; i++) insert(engine, `key ${String(i).padStart(2, '0')}`, { isLast: i % 2 === 0 });
  assert.equal(keysOf(engine).length, 50);
  const transaction = engine.begin({ mode: 'deferred' });
  assert.equal(transaction.countRows(ROWS), 50);
  transaction.clear([ROWS, KEYS]);
  transaction.commit();
  assert.deepEqual(keysOf(engine), []);
  engine.close();
});

test('a thread that is gone leaves its connections to others', async () => {
  const engine = open(await place());
  insert(engine, 'a');
  const source = `
    import { workerData, parentPort } from 'node:worker_threads';
    const { joinStorage } = await import(workerData.storage);
    const engine = joinStorage(workerData.share);
    const held = Array.from({ length: 5 }, () => engine.begin({ mode: 'read' }));
    const locking = engine.begin({ mode: 'direct', locks: 'definitions' });
    parentPort.postMessage('holding');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  `;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
    workerData: { storage: new URL('../../src/storage/index.js', import.meta.url).href, share: engine.share() },
  });
  await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await engine.endThread(worker);
  assert(insert(engine, 'b') > 0);
  const all = Array.from({ length: 5 }, () => engine.begin({ mode: 'read' }));
  for (const one of all) one.abort();
  engine.close();
});

test('a restart of the server is waited for by what has not begun, and ends what has', async () => {
  const engine = open(await place(), { failoverTimeoutMs: 60_000 });
  insert(engine, 'before');
  const begun = engine.begin({ mode: 'read' });
  assert.equal(begun.countRows(ROWS), 1);
  await postgres.crash();
  await postgres.restart();
  assert.throws(() => begun.countRows(ROWS), StorageConflict);
  assert.deepEqual(keysOf(engine), ['before']);
  assert(insert(engine, 'after') > 0);
  engine.close();
});

test('without a server requests are refused as unavailable when their time is over', async () => {
  const engine = open(await place(), { failoverTimeoutMs: 300 });
  insert(engine, 'before');
  await postgres.crash();
  assert.throws(
    () => keysOf(engine),
    (error) => isArangoError(error) && error.code === 503,
  );
  await postgres.restart();
  assert.deepEqual(keysOf(engine), ['before']);
  engine.close();
});

test('a database that has gone back in time is refused', async () => {
  const here = await place();
  const engine = open(here);
  insert(engine, 'a');
  engine.close();
  const file = join(here.folder, 'storage-lineage.json');
  const seen = JSON.parse(readFileSync(file, 'utf8')) as { identity: string; epoch: string };
  writeFileSync(file, JSON.stringify({ ...seen, epoch: String(BigInt(seen.epoch) + 1000n) }));
  assert.throws(() => open(here), /gone back in time/);
  writeFileSync(file, JSON.stringify({ identity: '1', epoch: String(BigInt(seen.epoch) + 1000n) }));
  open(here).close();
});

test('a connection that dies during a commit is decided, never done twice and never forgotten', async () => {
  const { url, folder } = await place();
  const cutter = await startCutter(url);
  const engine = open({ url: cutter.url, folder });
  insert(engine, 'table');
  let expected = ['table'];
  for (const isPassedOn of [true, false]) {
    for (const count of [1, 3]) {
      const marker = `commit of ${count} ${isPassedOn}`;
      const names = Array.from({ length: count }, (_, i) => `${marker} ${i}`);
      const transaction = engine.begin({ mode: 'deferred' });
      transaction.mutate(
        names.map((name) => ({
          do: 'insert' as const,
          table: ROWS,
          id: engine.tick(),
          bytes: row(engine),
          add: [{ index: KEYS, key: Buffer.from(name), isUnique: true }],
        })),
      );
      cutter.cutOnce(marker, isPassedOn);
      let isCommitted = true;
      try {
        transaction.commit();
      } catch (error) {
        assert(error instanceof StorageConflict, String(error));
        isCommitted = false;
      }
      // One row is committed by being tried again; of several it is found out.
      assert.equal(isCommitted, isPassedOn || count === 1, marker);
      if (isCommitted) expected = [...expected, ...names];
      assert.deepEqual(keysOf(engine).toSorted(), expected.toSorted());
    }
  }
  for (const isPassedOn of [true, false]) {
    const marker = `replaced ${isPassedOn}`;
    const [one, other] = [insert(engine, `${marker} 1`), insert(engine, `${marker} 2`)];
    const transaction = engine.begin({ mode: 'deferred' });
    transaction.rows(ROWS, [one, other]);
    const bytes = Buffer.concat([row(engine), Buffer.from(marker)]);
    transaction.mutate([one, other].map((id) => ({ do: 'replace' as const, table: ROWS, id, bytes, add: [], drop: [] })));
    cutter.cutOnce(marker, isPassedOn);
    if (isPassedOn) transaction.commit();
    else assert.throws(() => transaction.commit(), StorageConflict);
    const reading = engine.begin({ mode: 'read', snapshot: 'none' });
    const { buffer, starts, ends } = reading.rows(ROWS, [one, other]);
    reading.abort();
    const isReplaced = [0, 1].map((i) => Buffer.from(buffer.subarray(starts[i], ends[i])).equals(bytes));
    assert.deepEqual(isReplaced, [isPassedOn, isPassedOn]);
  }
  assert.equal(cutter.cuts(), 6);
  engine.close();
  await cutter.stop();
});
