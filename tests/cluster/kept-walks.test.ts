/** Collections with `cacheEnabled`: a coordinator keeps what walks have read, and notices whatever way another one has changed it by. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { clock } from '#base';
import { openDatabases, type Database, type Databases } from '#database';
import { openStorage, type StorageEngine } from '#storage';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';

interface Coordinator {
  readonly engine: StorageEngine;
  readonly databases: Databases;
  readonly database: Database;
}

const folder = mkdtempSync(join(tmpdir(), 'foxden-kept-walks-'));
let postgres: TestPostgres;
let one: Coordinator;
let other: Coordinator;

before(async () => {
  postgres = await startPostgres();
  const url = await postgres.createDatabase();
  [one, other] = ['one', 'other'].map((name) => {
    const engine = openStorage({ url, folder: join(folder, name), poolSize: 4 });
    const databases = openDatabases(engine);
    return { engine, databases, database: databases.get('_system') };
  }) as [Coordinator, Coordinator];
  one.database.createCollection({ name: 'places', cacheEnabled: true });
  one.database.createCollection({ name: 'roads', type: 3, cacheEnabled: true });
  for (const key of ['a', 'b', 'c', 'd']) one.database.getCollection('places').insert({ _key: key, name: key });
  for (const [from, to] of ['ab', 'bc', 'cd']) one.database.getCollection('roads').insert(road(`${from}${to}`, from!, to!));
});
after(async () => {
  for (const { databases, engine } of [one, other]) {
    databases.close();
    engine.close();
  }
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

function road(key: string, from: string, to: string): Record<string, string> {
  return { _key: key, _from: `places/${from}`, _to: `places/${to}` };
}

const WALK = 'FOR v, e IN 1..3 OUTBOUND "places/a" roads OPTIONS { order: "bfs" } RETURN [e._key, e.length, v.name]';
/** The same where nothing is kept. */
const STEPS = [1, 2, 3].map((depth) => {
  const loops = Array.from(
    { length: depth },
    (_, i) => `FOR e${i} IN roads FILTER e${i}._from == ${i === 0 ? '"places/a"' : `e${i - 1}._to`}`,
  );
  return `${loops.join(' ')} LET v = DOCUMENT(e${depth - 1}._to) RETURN [e${depth - 1}._key, e${depth - 1}.length, v.name]`;
});

const walked = ({ database }: Coordinator): unknown[] => database.query({ query: WALK }).toArray();
const stepped = ({ database }: Coordinator): unknown[] => STEPS.flatMap((query) => database.query({ query }).toArray());

function tripsOf({ engine }: Coordinator, action: () => void): number {
  const calls = engine.statistics()['calls']!;
  action();
  return engine.statistics()['calls']! - calls;
}

suite('collections with cacheEnabled', () => {
  const roads = (): ReturnType<Database['getCollection']> => one.database.getCollection('roads');
  const places = (): ReturnType<Database['getCollection']> => one.database.getCollection('places');
  const query = (text: string): void => void one.database.query({ query: text }).toArray();
  const WAYS: readonly (readonly [name: string, change: () => void])[] = [
    ['insert', () => roads().insert(road('bd', 'b', 'd'))],
    ['many inserts', () => roads().insertAll([road('ac', 'a', 'c'), road('ad', 'a', 'd')])],
    ['update', () => roads().update('ab', { length: 7 })],
    ['replace, to another vertex', () => roads().replace('ac', road('ac', 'a', 'b'))],
    ['remove', () => roads().remove('bd')],
    ['a vertex changed', () => places().update('c', { name: 'sea' })],
    ['a vertex gone', () => places().remove('d')],
    ['a vertex come', () => places().insert({ _key: 'd', name: 'delta' })],
    ['AQL that inserts', () => query('INSERT { _from: "places/d", _to: "places/b", _key: "db" } INTO roads')],
    ['AQL that updates', () => query('FOR r IN roads FILTER r._from == "places/a" UPDATE r WITH { length: 1 } IN roads')],
    ['AQL that puts in or updates', () => query('UPSERT { _key: "a" } INSERT {} UPDATE { name: "A" } IN places')],
    ['AQL that removes', () => query('REMOVE "db" IN roads')],
    [
      'a transaction',
      () =>
        one.database.executeTransaction({ collections: { write: ['roads', 'places'] } }, () => {
          roads().insert(road('dc', 'd', 'c'));
          places().update('b', { name: 'bay' });
        }),
    ],
    ['truncate', () => roads().truncate()],
    ['the first after it', () => roads().insert(road('ab', 'a', 'b'))],
    ['a definition', () => roads().setProperties({ cacheEnabled: false })],
    ['what is not told', () => roads().insert(road('bd', 'b', 'd'))],
    ['a definition again', () => roads().setProperties({ cacheEnabled: true })],
  ];
  for (const [name, change] of WAYS) {
    test(`${name}: another coordinator walks as it is then`, () => {
      for (const each of [one, other]) {
        walked(each);
        assert.deepEqual(walked(each), stepped(each));
      }
      change();
      for (const each of [other, one]) {
        assert.deepEqual(walked(each), stepped(each));
        assert.deepEqual(walked(each), stepped(each));
      }
    });
  }

  test('take one question for a walk, also where what was read ahead would not have been enough', () => {
    const deep = WALK.replace('1..3', '1..9');
    const walk = (): void => void other.database.query({ query: deep }).toArray();
    one.database.getCollection('roads').insertAll(Array.from('bcdefghi', (from, i) => road(`${from}+`, from, 'cdefghij'[i]!)));
    walk();
    assert.equal(tripsOf(other, walk), 1);
  });
});

suite('collections without it', () => {
  const LEAVES = 3000;
  const walk = ({ database }: Coordinator): unknown[] =>
    database.query({ query: 'FOR v, e IN 1..1 OUTBOUND "crowns/root" twigs SORT v._key RETURN v.n' }).toArray();

  before(() => {
    one.database.createCollection({ name: 'crowns' });
    one.database.createCollection({ name: 'twigs', type: 3 });
    one.database.query({ query: `FOR i IN 1..${LEAVES} INSERT { _key: CONCAT("k", i), n: i } INTO crowns` }).toArray();
    one.database.query({ query: `FOR i IN 1..${LEAVES} INSERT { _from: "crowns/root", _to: CONCAT("crowns/k", i) } INTO twigs` }).toArray();
  });

  test('are kept, too, where walks are frequent and changes are not', async () => {
    const expected = walk(one);
    // What was inserted before has to be counted first, which the server does late.
    for (const deadline = clock.monotonic() + 90_000; tripsOf(one, () => walk(one)) !== 1;) {
      assert.ok(clock.monotonic() < deadline, 'they are never kept');
      for (let i = 0; i < 20; i++) assert.equal(walk(one).length, LEAVES);
      await setImmediate();
    }
    assert.deepEqual(walk(one), expected);
    assert.equal(one.database.getCollection('twigs').properties()['cacheEnabled'], false);
    const changed = expected.map((n) => (n === 7 ? 0 : n));
    other.database.getCollection('crowns').update('k7', { n: 0 });
    for (const each of [one, other, one, other]) assert.deepEqual(walk(each), changed);
    assert.equal(
      tripsOf(one, () => walk(one)),
      1,
    );
    one.database.query({ query: 'REMOVE "k7" IN crowns' }).toArray();
    for (const each of [other, one]) assert.deepEqual(new Set(walk(each)), new Set(expected.map((n) => (n === 7 ? null : n))));
  });
});
