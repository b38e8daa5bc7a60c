import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isArangoError } from '#base';
import { openStorage } from '#storage';
import { openDatabases, prepareDatabases, threadOfHeldId } from './databases.ts';
import { openTemporaryDatabases } from './temporary-databases.suite.ts';

const temporary = openTemporaryDatabases();
const { databases } = temporary;
after(() => temporary.close());

function fails(errorNum: number, action: () => unknown): void {
  assert.throws(action, (error) => {
    assert(isArangoError(error), String(error));
    assert.equal(error.errorNum, errorNum, error.message);
    return true;
  });
}

test('_system is there from the start, with its collections', () => {
  const names = databases
    .get('_system')
    .collections()
    .map(({ name }) => name);
  assert.deepEqual(names.toSorted(), [
    '_analyzers',
    '_appbundles',
    '_apps',
    '_aqlfunctions',
    '_frontend',
    '_graphs',
    '_jobs',
    '_queues',
    '_statistics',
    '_statistics15',
    '_statisticsRaw',
    '_users',
  ]);
  const apps = databases.get('_system').getCollection('_apps');
  apps.insert({ mount: '/a' });
  fails(1210, () => apps.insert({ mount: '/a' }));
});

test('databases are made, listed and dropped', () => {
  const made = databases.create('mine', { users: [{ username: 'owner', passwd: 'x' }] });
  assert.deepEqual([made.name, made.isSystem], ['mine', false]);
  assert.deepEqual(databases.list(), ['_system', 'mine']);
  assert.equal(databases.databaseLevel('owner', 'mine'), 'rw');
  assert.equal(databases.databaseLevel('owner', '_system'), 'none');
  assert.equal(made.findCollection('_users'), undefined);
  made.createCollection({ name: 'c' }).insert({ _key: 'a' });
  assert.equal(databases.get('_system').findCollection('c'), undefined);
  fails(1207, () => databases.create('mine'));
  databases.drop('mine');
  assert.deepEqual(databases.list(), ['_system']);
  assert.equal(databases.databaseLevel('owner', 'mine'), 'none');
  fails(1228, () => made.collections());
  fails(1228, () => databases.get('mine'));
  fails(1228, () => databases.drop('mine'));
  assert.equal(databases.create('mine').findCollection('c'), undefined);
  assert.equal(databases.databaseLevel('root', 'mine'), 'rw');
});

test('names of databases have their rules, and _system stays', () => {
  for (const name of ['', '_mine', '1a', 'a b', 'ä', 'x'.repeat(65)]) fails(1208, () => databases.create(name));
  fails(1207, () => databases.create('_system'));
  fails(11, () => databases.drop('_system'));
});

test('an id of something that is held says which thread holds it', () => {
  assert.equal(threadOfHeldId('74308012'), 12);
  assert.equal(threadOfHeldId('abc'), undefined);
});

test('all is there after a restart', () => {
  const folder = mkdtempSync(join(tmpdir(), 'foxden-databases-'));
  const use = <Result>(action: (opened: ReturnType<typeof openDatabases>) => Result): Result => {
    const engine = openStorage({ folder });
    prepareDatabases(engine);
    const opened = openDatabases(engine);
    try {
      return action(opened);
    } finally {
      opened.close();
      engine.close();
    }
  };
  try {
    const before = use((opened) => {
      const collection = opened.create('mine').createCollection({ name: 'c', keyOptions: { type: 'autoincrement' } });
      collection.ensureIndex({ type: 'persistent', fields: ['a'], unique: true, name: 'by-a' });
      collection.insertAll([{ a: 1 }, { a: 2 }]);
      return { properties: collection.properties(), token: opened.tokens.issue('root', 60) };
    });
    use((opened) => {
      const collection = opened.get('mine').getCollection('c');
      assert.deepEqual(collection.properties(), before.properties);
      assert.equal(collection.index('by-a')['unique'], true);
      fails(1210, () => collection.insert({ a: 2 }));
      assert(Number(collection.insert({ a: 3 })._key) > 2);
      assert.deepEqual(opened.authenticate(`bearer ${before.token}`), { user: 'root' });
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
