import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { clock, isArangoError, replaceClock } from '#base';
import type { Collection } from './collection.ts';
import { openTemporaryDatabases } from './temporary-databases.suite.ts';

const temporary = openTemporaryDatabases({
  thread: 7,
  streamTransactions: { idleTimeoutMs: 60_000, lockTimeoutMs: 0, sizeLimitBytes: 100_000 },
});
const { database, databases } = temporary;
after(() => temporary.close());

let accounts: Collection;
let others: Collection;
let made = 0;

beforeEach(() => {
  accounts = database.createCollection({ name: `a${made}` });
  others = database.createCollection({ name: `b${made++}` });
});

function fails(errorNum: number, action: () => unknown): void {
  assert.throws(action, (error) => {
    assert(isArangoError(error), String(error));
    assert.equal(error.errorNum, errorNum, error.message);
    return true;
  });
}

test('a transaction gives what its action gives, and all or nothing of what it wrote', () => {
  const write = [accounts.name, others.name];
  const result = database.executeTransaction({ collections: { write } }, () => {
    accounts.insert({ _key: 'a' });
    others.insert({ _key: 'b' });
    return 'worked!';
  });
  assert.equal(result, 'worked!');
  const doh = new Error('doh!');
  assert.throws(
    () =>
      database.executeTransaction({ collections: { write } }, () => {
        accounts.insert({ _key: 'c' });
        others.remove('b');
        assert.equal(others.exists('b'), undefined);
        throw doh;
      }),
    (error) => error === doh,
  );
  assert.deepEqual([accounts.count(), others.count()], [1, 1]);
});

test('what is not declared for writing may only be read', () => {
  accounts.insert({ _key: 'a' });
  database.executeTransaction({ collections: { read: [others.name] } }, () => {
    assert.equal(accounts.count(), 1);
    fails(1652, () => accounts.insert({}));
    fails(1652, () => others.truncate());
  });
  database.executeTransaction({ collections: { write: [others.name], allowImplicit: false } }, () => {
    fails(1652, () => accounts.count());
    fails(1652, () => accounts.document('a'));
    assert.equal(others.count(), 0);
    others.insert({});
  });
  assert.deepEqual([accounts.count(), others.count()], [1, 1]);
});

test('a transaction holds no other, and changes no definitions', () => {
  const definition = { collections: { write: [accounts.name] } };
  database.executeTransaction(definition, () => {
    fails(1651, () => database.executeTransaction(definition, () => 1));
    fails(1653, () => database.createCollection({ name: 'late' }));
    fails(1653, () => accounts.drop());
    fails(1653, () => accounts.ensureIndex({ type: 'persistent', fields: ['a'] }));
    accounts.insert({ _key: 'a' });
  });
  assert.equal(accounts.count(), 1);
  assert.equal(database.findCollection('late'), undefined);
});

test('an asynchronous action is refused, for it would go on after the end', () => {
  fails(10, () =>
    database.executeTransaction({ collections: { write: [accounts.name] } }, async () => {
      accounts.insert({});
      await Promise.resolve();
    }),
  );
  assert.equal(accounts.count(), 0);
});

test('unknown collections are refused', () => {
  fails(1203, () => database.executeTransaction({ collections: { read: ['nothing'] } }, () => 1));
  fails(1203, () => database.beginTransaction({ collections: { write: ['nothing'] } }));
});

test('a failed write does not end the transaction', () => {
  database.executeTransaction({ collections: { write: [accounts.name] } }, () => {
    accounts.insert({ _key: 'a' });
    fails(1210, () => accounts.insert({ _key: 'a' }));
    fails(1202, () => accounts.remove('b'));
    accounts.insert({ _key: 'c' });
  });
  assert.equal(accounts.count(), 2);
});

test('a transaction sees its snapshot and its own writes, and nobody sees them before it commits', () => {
  accounts.insert({ _key: 'a', n: 1 });
  const transaction = database.beginTransaction({ collections: { write: [accounts.name] } });
  transaction.run(() => accounts.insert({ _key: 'b' }));
  accounts.update('a', { n: 2 });
  transaction.run(() => {
    assert.equal(accounts.document('a')['n'], 1);
    assert.equal(accounts.count(), 2);
  });
  assert.equal(accounts.exists('b'), undefined);
  transaction.commit();
  assert.equal(transaction.status(), 'committed');
  assert.equal(accounts.count(), 2);
  assert.equal(accounts.document('a')['n'], 2);
});

test('of two that change the same document the first to commit wins', () => {
  accounts.insert({ _key: 'a', n: 0 });
  const definition = { collections: { write: [accounts.name] } };
  const [first, second] = [database.beginTransaction(definition), database.beginTransaction(definition)];
  first.run(() => accounts.update('a', { n: 1 }));
  second.run(() => accounts.update('a', { n: 2 }));
  second.commit();
  fails(1200, () => first.commit());
  assert.equal(first.status(), 'aborted');
  assert.equal(accounts.document('a')['n'], 2);
});

test('inserts of different documents do not conflict, also with counted keys', () => {
  const counted = database.createCollection({ name: `n${made}`, keyOptions: { type: 'autoincrement' } });
  const definition = { collections: { write: [counted.name] } };
  const [first, second] = [database.beginTransaction(definition), database.beginTransaction(definition)];
  const keys = [first, second].map((transaction) => transaction.run(() => counted.insert({})._key));
  first.commit();
  second.commit();
  assert.deepEqual(keys, ['1', '2']);
  assert.equal(counted.count(), 2);
});

test('a transaction that knew fewer indexes cannot commit', () => {
  const transaction = database.beginTransaction({ collections: { write: [accounts.name] } });
  const unconcerned = database.beginTransaction({ collections: { write: [others.name] } });
  transaction.run(() => accounts.insert({ a: 1 }));
  unconcerned.run(() => others.insert({ a: 1 }));
  accounts.ensureIndex({ type: 'persistent', fields: ['a'], unique: true });
  fails(1200, () => transaction.commit());
  unconcerned.commit();
  accounts.insert({ a: 1 });
  fails(1210, () => accounts.insert({ a: 1 }));
});

test('a transaction cannot commit into a collection that was dropped', () => {
  const transaction = database.beginTransaction({ collections: { write: [accounts.name] } });
  transaction.run(() => accounts.insert({}));
  accounts.drop();
  fails(1200, () => transaction.commit());
});

test('with an exclusive collection nobody gets in the way', () => {
  accounts.insert({ _key: 'a', n: 0 });
  const late = database.beginTransaction({ collections: { write: [accounts.name] } });
  late.run(() => accounts.update('a', { n: 7 }));
  database.executeTransaction({ collections: { exclusive: [accounts.name] } }, () => accounts.update('a', { n: 1 }));
  fails(1200, () => late.commit());
  assert.equal(accounts.document('a')['n'], 1);
});

test('a stream transaction is known by its id until it has ended, and its end for a while', () => {
  const transaction = database.beginTransaction({ collections: { write: [accounts.name] } });
  assert.equal(database.streamTransaction(transaction.id), transaction);
  assert.deepEqual(
    database.streamTransactions().map(({ id }) => id),
    [transaction.id],
  );
  assert.equal(Number(transaction.id) % 1000, 7);
  transaction.abort();
  transaction.abort();
  assert.equal(database.streamTransaction(transaction.id).status(), 'aborted');
  assert.deepEqual(database.streamTransactions(), []);
  fails(1654, () => transaction.run(() => 1));
  fails(1653, () => transaction.commit());
  const committed = database.beginTransaction({ collections: {} });
  committed.commit();
  fails(1655, () => committed.run(() => 1));
  fails(1655, () => database.streamTransaction('123'));
  databases.create('elsewhere');
  fails(1655, () => databases.get('elsewhere').streamTransaction(transaction.id));
  databases.drop('elsewhere');
});

test('how a transaction ended is remembered, but not what it wrote', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heldBytes = (): number => {
    // What a collection finds unused of buffers is freed beside it, and counted until the next one.
    collect();
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const write = (): string => {
    const transaction = database.beginTransaction({ collections: { write: [accounts.name] } });
    transaction.run(() => accounts.insert({ _key: 'long', text: 'x'.repeat(80_000) }, { overwriteMode: 'replace' }));
    transaction.commit();
    return transaction.id;
  };
  write();
  const before = heldBytes();
  const ids = Array.from({ length: 100 }, write);
  const perTransaction = (heldBytes() - before) / ids.length;
  assert.ok(perTransaction < 40_000, `${perTransaction} bytes for each`);
  assert.ok(ids.every((id) => database.streamTransaction(id).status() === 'committed'));
});

test('a stream transaction that nobody uses is aborted', () => {
  let now = Math.ceil(clock.monotonic());
  const restore = replaceClock({ now: () => now, monotonic: () => now });
  try {
    const transaction = database.beginTransaction({ collections: { write: [accounts.name] } });
    now += 50_000;
    transaction.run(() => accounts.insert({}));
    now += 50_000;
    databases.sweep();
    assert.equal(transaction.status(), 'running');
    now += 20_000;
    databases.sweep();
    assert.equal(transaction.status(), 'aborted');
    now += 3_600_000;
    fails(1655, () => database.streamTransaction(transaction.id));
  } finally {
    restore();
  }
});

test('the size of a transaction is bounded', () => {
  const definition = { collections: { write: [accounts.name] } };
  fails(10, () => database.beginTransaction({ ...definition, maxTransactionSize: 100_001 }));
  const transaction = database.beginTransaction(definition);
  fails(32, () => transaction.run(() => accounts.insert({ text: 'x'.repeat(200_000) })));
  transaction.abort();
  fails(32, () =>
    database.executeTransaction({ ...definition, maxTransactionSize: 1000 }, () => accounts.insert({ text: 'x'.repeat(2000) })),
  );
});

test('who asks for it is answered when the writes are on disk', () => {
  databases.takeSyncRequest();
  accounts.insert({ _key: 'a' });
  assert.equal(databases.takeSyncRequest(), false);
  accounts.update('a', {}, { waitForSync: true });
  assert.equal(databases.takeSyncRequest(), true);
  assert.equal(databases.takeSyncRequest(), false);
  accounts.setProperties({ waitForSync: true });
  accounts.remove('a');
  assert.equal(databases.takeSyncRequest(), true);
  database.executeTransaction({ collections: { write: [others.name] }, waitForSync: true }, () => others.insert({}));
  assert.equal(databases.takeSyncRequest(), true);
});

test('transactions with the same exclusive collection come one after the other', () => {
  const exclusive = [accounts.name];
  const first = database.beginTransaction({ collections: { exclusive } });
  fails(18, () => database.beginTransaction({ collections: { exclusive } }));
  fails(18, () => database.executeTransaction({ collections: { exclusive } }, () => 1));
  database.beginTransaction({ collections: { exclusive: [others.name] } }).abort();
  database.beginTransaction({ collections: { write: exclusive } }).abort();
  first.commit();
  const second = database.beginTransaction({ collections: { exclusive } });
  second.abort();
  assert.equal(
    database.executeTransaction({ collections: { exclusive } }, () => 1),
    1,
  );
});

test('what a transaction is told in numbers must be possible', () => {
  for (const wrong of [{ lockTimeout: -1 }, { lockTimeout: Number.NaN }, { maxTransactionSize: 0 }, { maxTransactionSize: -1 }]) {
    fails(10, () => database.beginTransaction({ collections: {}, ...wrong }));
    fails(10, () => database.executeTransaction({ collections: {}, ...wrong }, () => 1));
  }
});
