import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { isArangoError, replaceClock } from '#base';
import { openDatabases } from './databases.ts';
import { openTemporaryDatabases } from './temporary-databases.suite.ts';
import type { AccessLevel } from './users.ts';

const temporary = openTemporaryDatabases();
const { database, databases } = temporary;
const { users } = databases;
after(() => temporary.close());

function fails(errorNum: number, action: () => unknown): void {
  assert.throws(action, (error) => {
    assert(isArangoError(error), String(error));
    assert.equal(error.errorNum, errorNum, error.message);
    return true;
  });
}

const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

test('a user is made, shown, changed and removed', () => {
  assert.deepEqual(users.create('admin@example', { passwd: 'secure' }), { user: 'admin@example', active: true, extra: {} });
  fails(1702, () => users.create('admin@example'));
  for (const name of ['', 'a/b', ':role:x']) fails(1700, () => users.create(name));
  assert.deepEqual(users.update('admin@example', { extra: { a: 1 } }), { user: 'admin@example', active: true, extra: { a: 1 } });
  assert(users.isValid('admin@example', 'secure'));
  users.update('admin@example', { passwd: 'new' });
  assert(!users.isValid('admin@example', 'secure'));
  assert(users.isValid('admin@example', 'new'));
  assert.deepEqual(users.replace('admin@example', { active: false }), { user: 'admin@example', active: false, extra: {} });
  assert(!users.isValid('admin@example', ''));
  users.remove('admin@example');
  fails(1703, () => users.describe('admin@example'));
  fails(1703, () => users.update('admin@example', {}));
  fails(1703, () => users.remove('admin@example'));
});

test('who changes an account that another thread is just making waits for it', () => {
  const ends = [
    (name: string) => impatient.users.grantDatabase(name, '_system', 'ro'),
    (name: string) => impatient.users.update(name, { extra: { a: 1 } }),
    (name: string) => impatient.users.remove(name),
  ];
  let making = '';
  // The other thread has the lock until the account is there.
  const impatient = openDatabases(temporary.engine, {
    holdLock: () => {
      users.create(making);
      return () => undefined;
    },
  });
  for (const [place, change] of ends.entries()) {
    making = `late ${place}`;
    change(making);
  }
  assert.equal(users.get('late 0').databases.get('_system')?.level, 'ro');
  assert.deepEqual(users.get('late 1').extra, { a: 1 });
  fails(1703, () => users.get('late 2'));
  for (const name of ['late 0', 'late 1']) users.remove(name);
});

test('a password that proved right stays so when another account changes, and not when its own does', () => {
  users.create('first', { passwd: 'a' });
  users.create('second');
  assert(users.isValid('first', 'a'));
  users.update('second', { passwd: 'b' });
  assert(users.isValid('first', 'a'));
  users.remove('first');
  assert(!users.isValid('first', 'a'));
  users.create('first', { passwd: 'c' });
  assert(!users.isValid('first', 'a'));
  assert(users.isValid('first', 'c'));
  for (const name of ['first', 'second']) users.remove(name);
});

test('passwords are not kept as they are', () => {
  users.create('ada', { passwd: 'lovelace' });
  const account = users.get('ada');
  assert.equal(account.password?.method, 'scrypt');
  const stored = JSON.stringify(database.getCollection('_users').document(account.key));
  assert(!stored.includes('lovelace'));
  users.remove('ada');
});

test('an account from ArangoDB keeps its password', () => {
  const salt = '12345678';
  const hash = createHash('sha256').update(salt).update('old').digest('hex');
  assert.equal(users.find('old'), undefined);
  database.getCollection('_users').insert({
    user: 'old',
    authData: { active: true, simple: { hash, salt, method: 'sha256' } },
    databases: {
      _system: { permissions: { read: true, write: false }, collections: { a: { permissions: { read: false, write: false } } } },
    },
  });
  assert.equal(users.find('old'), undefined);
  users.reload();
  assert(users.isValid('old', 'old'));
  assert(!users.isValid('old', 'new'));
  assert.equal(databases.databaseLevel('old', '_system'), 'ro');
  assert.equal(databases.collectionLevel('old', '_system', 'a'), 'none');
});

test('a caller proves who they are with a password or a token', () => {
  users.create('eve', { passwd: 'a:b' });
  assert.deepEqual(databases.authenticate(basic('eve', 'a:b')), { user: 'eve' });
  assert.deepEqual(databases.authenticate(`bearer ${databases.tokens.issue('eve', 10)}`), { user: 'eve' });
  for (const header of [undefined, '', 'Basic', basic('eve', 'x'), basic('nobody', ''), 'Digest x', 'bearer x.y.z', 'bearer é']) {
    assert.equal(databases.authenticate(header), undefined, header);
  }
  const token = databases.tokens.issue('eve', 10);
  const [head, claims, signature] = token.split('.') as [string, string, string];
  const forged = Buffer.from(Buffer.from(claims, 'base64url').toString().replace('eve', 'ann')).toString('base64url');
  assert.equal(databases.authenticate(`bearer ${head}.${forged}.${signature}`), undefined);
  users.update('eve', { active: false });
  assert.equal(databases.authenticate(`bearer ${token}`), undefined);
  users.remove('eve');
});

test('a token is good for its time, in all threads', () => {
  users.create('tim');
  let now = 1_000_000;
  const restore = replaceClock({ now: () => now, monotonic: () => now });
  try {
    const header = `bearer ${databases.tokens.issue('tim', 60)}`;
    const elsewhere = openDatabases(temporary.engine);
    now += 59_000;
    assert.deepEqual(elsewhere.authenticate(header), { user: 'tim' });
    now += 2_000;
    assert.equal(elsewhere.authenticate(header), undefined);
  } finally {
    restore();
    users.remove('tim');
  }
});

interface Grants {
  readonly databases?: Readonly<Record<string, AccessLevel>>;
  readonly collections?: Readonly<Record<string, AccessLevel>>;
}

const LEVELS: readonly (readonly [grants: Grants, collection: string, database: AccessLevel, level: AccessLevel])[] = [
  [{}, 'c', 'none', 'none'],
  [{ databases: { _system: 'rw' } }, 'c', 'rw', 'rw'],
  [{ databases: { _system: 'ro' } }, 'c', 'ro', 'ro'],
  [{ databases: { '*': 'rw' } }, 'c', 'rw', 'rw'],
  [{ databases: { '*': 'rw', _system: 'none' } }, 'c', 'none', 'none'],
  [{ databases: { _system: 'rw' }, collections: { c: 'ro' } }, 'c', 'rw', 'ro'],
  [{ databases: { _system: 'ro' }, collections: { c: 'rw' } }, 'c', 'ro', 'rw'],
  [{ databases: { _system: 'rw' }, collections: { '*': 'none', c: 'ro' } }, 'c', 'rw', 'ro'],
  [{ databases: { _system: 'rw' }, collections: { '*': 'none', c: 'ro' } }, 'd', 'rw', 'none'],
  [{ collections: { c: 'rw' } }, 'c', 'none', 'rw'],
  [{ databases: { _system: 'rw' } }, '_users', 'rw', 'none'],
  [{ databases: { _system: 'rw' } }, '_queues', 'rw', 'ro'],
  [{ databases: { _system: 'ro' } }, '_frontend', 'ro', 'rw'],
  [{ databases: { _system: 'ro' }, collections: { _apps: 'rw' } }, '_apps', 'ro', 'ro'],
];

for (const [grants, collection, onDatabase, onCollection] of LEVELS) {
  test(`with ${JSON.stringify(grants)} the level of ${collection} is ${onCollection}`, () => {
    users.create('levels');
    for (const [name, level] of Object.entries(grants.databases ?? {})) users.grantDatabase('levels', name, level);
    for (const [name, level] of Object.entries(grants.collections ?? {})) users.grantCollection('levels', '_system', name, level);
    assert.equal(databases.databaseLevel('levels', '_system'), onDatabase);
    assert.equal(databases.collectionLevel('levels', '_system', collection), onCollection);
    users.remove('levels');
  });
}

test('rights are what a database is used with', () => {
  const collection = database.createCollection({ name: 'guarded' });
  collection.insert({ _key: 'a' });
  users.create('ben');
  assert.equal(databases.find('_system', 'ben'), undefined);
  fails(11, () => databases.get('_system', 'ben'));
  users.grantDatabase('ben', '_system', 'ro');
  const own = databases.get('_system', 'ben');
  assert.equal(own.user, 'ben');
  assert.equal(own.getCollection('guarded').count(), 1);
  fails(1004, () => own.getCollection('guarded').insert({}));
  fails(1004, () => own.executeTransaction({ collections: { write: ['guarded'] } }, () => 1));
  fails(11, () => own.createCollection({ name: 'mine' }));
  fails(11, () => own.getCollection('guarded').drop());
  fails(11, () => own.getCollection('_users').count());
  assert(!own.collections().some(({ name }) => name === '_users'));
  users.grantCollection('ben', '_system', 'guarded', 'none');
  fails(11, () => own.getCollection('guarded').documentJson('a'));
  users.grantCollection('ben', '_system', 'guarded', undefined);
  assert.equal(own.getCollection('guarded').count(), 1);
  users.remove('ben');
  fails(11, () => own.getCollection('guarded').count());
});

test('grants are shown as ArangoDB shows them', () => {
  users.create('shown');
  users.grantDatabase('shown', '_system', 'rw');
  users.grantCollection('shown', '_system', 'guarded', 'ro');
  assert.deepEqual(databases.grantedDatabases('shown'), { _system: 'rw' });
  const { _system: own, '*': general } = databases.allGrants('shown') as Record<
    string,
    { permission: string; collections: Record<string, string> }
  >;
  assert.equal(own?.permission, 'rw');
  assert.deepEqual([own?.collections['guarded'], own?.collections['_apps'], own?.collections['*']], ['ro', 'undefined', 'undefined']);
  assert.deepEqual(general, { permission: 'none' });
});
