/**
 * How often PostgreSQL is asked: each call of a worker is a trip that costs more than what most of them ask for. And that neither reading ahead
 * nor keeping what was read changes an answer: random graphs are walked on both engines, on snapshots and with own writes, and give the same in the same order.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import fc from 'fast-check';
import { openDatabases, type Database, type Databases } from '#database';
import { openMemoryStorage, openStorage, type StorageEngine } from '#storage';
import type { Value, ValueObject } from '#values';
import { tries } from '../support/law.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';

let postgres: TestPostgres;
const folder = mkdtempSync(join(tmpdir(), 'foxden-trips-'));

interface Opened {
  readonly cacheEnabled: boolean;
  readonly engine: StorageEngine;
  readonly databases: Databases;
  readonly database: Database;
}

let remote: Opened;
let local: Opened;
/** Its collections have `cacheEnabled`. */
let keeping: Opened;

function opened(engine: StorageEngine, { cacheEnabled = false } = {}): Opened {
  const databases = openDatabases(engine);
  return { cacheEnabled, engine, databases, database: databases.get('_system') };
}

before(async () => {
  postgres = await startPostgres();
  remote = opened(openStorage({ url: await postgres.createDatabase(), folder: join(folder, 'store'), poolSize: 6 }));
  local = opened(openMemoryStorage());
  keeping = opened(openStorage({ url: await postgres.createDatabase(), folder: join(folder, 'keeping'), poolSize: 6 }), {
    cacheEnabled: true,
  });
});
after(async () => {
  for (const { databases, engine } of [remote, local, keeping]) {
    databases.close();
    engine.close();
  }
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

const VERTICES = 400;
const DEGREE = 4;

suite('trips', () => {
  before(() => {
    const { database } = remote;
    const people = database.createCollection({ name: 'people' });
    people.ensureIndex({ type: 'persistent', fields: ['city', 'age'] });
    people.ensureIndex({ type: 'persistent', fields: ['city'], storedValues: ['name'] });
    database.createCollection({ name: 'knows', type: 3 });
    database.query({
      query: `FOR i IN 0..${VERTICES - 1} INSERT { _key: TO_STRING(i), name: CONCAT('n', i), city: i % 10, age: i } INTO people`,
    });
    database.query({
      query: `FOR i IN 0..${VERTICES - 1} FOR k IN 1..${DEGREE}
        INSERT { _from: CONCAT('people/', i), _to: CONCAT('people/', (i * ${DEGREE} + k) % ${VERTICES}), k } INTO knows`,
    });
  });

  const START = 'FOR v, e, p IN';
  const CASES: readonly (readonly [query: string, trips: number])[] = [
    ['RETURN 1', 0],
    ['FOR p IN people FILTER p.city == 3 AND p.age >= 30 SORT p.age LIMIT 20 RETURN p', 1],
    ['FOR p IN people FILTER p.city == 3 RETURN p.name', 1],
    ['FOR p IN people FILTER p._key == "7" RETURN p', 1],
    ['FOR p IN people FILTER p._key IN ["7", "8", "no"] RETURN p', 1],
    ['FOR p IN people FILTER p.city == 3 COLLECT WITH COUNT INTO n RETURN n', 1],
    ['RETURN LENGTH(FOR p IN people FILTER p.city == 3 RETURN 1)', 1],
    [`${START} 1..3 OUTBOUND "people/1" knows OPTIONS { order: "bfs", uniqueVertices: "global" } RETURN v.name`, 1],
    [`${START} 1..3 OUTBOUND "people/1" knows RETURN v.name`, 1],
    [`${START} 1..3 OUTBOUND "people/1" knows RETURN e.k`, 1],
    [`${START} 1..3 OUTBOUND "people/1" knows RETURN p.vertices[*].name`, 2],
    [`${START} 1..2 ANY "people/1" knows RETURN v.name`, 1],
    [`${START} 1..3 OUTBOUND "people/1" knows LIMIT 3 RETURN v.name`, 2],
    [`${START} 1..3 OUTBOUND "people/1" knows PRUNE v.age > 100 RETURN v.name`, 4],
    ['FOR p IN 1..3 OUTBOUND K_PATHS "people/1" TO "people/30" knows RETURN p.vertices[*].name', 3],
    ['FOR v IN OUTBOUND SHORTEST_PATH "people/1" TO "people/390" knows RETURN v.name', 6],
    ['FOR p IN people FILTER p.city == 3 FOR q IN people FILTER q._key == TO_STRING(p.age + 1) RETURN q.name', 2],
  ];
  for (const [query, most] of CASES) {
    test(`${query} takes ${most === 1 ? 'one trip' : `${most} trips`}`, () => {
      const { database, engine } = remote;
      // The plan is made once, and looks at the collections.
      const expected = database.query({ query }).toArray();
      const calls = engine.statistics()['calls']!;
      assert.deepEqual(database.query({ query }).toArray(), expected);
      const trips = engine.statistics()['calls']! - calls;
      assert.ok(trips <= most, `${trips} trips`);
    });
  }

  test('a vertex may have more neighbours than come along, and large ones', () => {
    const { database } = remote;
    const COUNT = 20_000;
    database.createCollection({ name: 'many' });
    database.createCollection({ name: 'links', type: 3 });
    database.query({
      query: `FOR i IN 1..${COUNT} INSERT { _key: TO_STRING(i), n: i, text: i % 5000 == 0 ? REPEAT("x", 40000) : "" } INTO many`,
    });
    database.query({ query: `FOR i IN 1..${COUNT} INSERT { _from: "many/0", _to: CONCAT("many/", i) } INTO links` });
    const query = 'FOR v, e IN 1..1 OUTBOUND "many/0" links OPTIONS { order: "bfs" } RETURN [v.n, LENGTH(v.text), e._to]';
    const expected = Array.from({ length: COUNT }, (_, i) => [i + 1, (i + 1) % 5000 === 0 ? 40_000 : 0, `many/${i + 1}`]);
    assert.deepEqual(database.query({ query }).toArray(), expected);
  });

  test('a transaction of two documents takes two reads and a commit', () => {
    const { database, engine } = remote;
    const people = database.getCollection('people');
    const run = (): void =>
      database.executeTransaction({ collections: { write: ['people'] } }, () => {
        const [one, other] = ['1', '2'].map((key) => people.document(key));
        people.update('1', { age: one!['age']! });
        people.update('2', { age: other!['age']! });
      });
    run();
    const calls = engine.statistics()['calls']!;
    run();
    assert.equal(engine.statistics()['calls']! - calls, 3);
  });
});

const vertex = fc.nat(11);
const graph = fc.record({
  edges: fc.array(fc.tuple(vertex, vertex, fc.nat(5)), { maxLength: 60 }),
  vertices: fc.uniqueArray(vertex, { minLength: 1 }),
  others: fc.array(fc.tuple(vertex, vertex), { maxLength: 6 }),
});
const walk = fc.record({
  min: fc.nat(2),
  more: fc.nat(2),
  direction: fc.constantFrom('OUTBOUND', 'INBOUND', 'ANY'),
  start: vertex,
  order: fc.constantFrom('dfs', 'bfs', 'weighted'),
  uniqueVertices: fc.constantFrom('none', 'path', 'global'),
  end: fc.constantFrom(
    'RETURN v.name',
    'LIMIT 5 RETURN v.name',
    'FILTER v.name > 3 RETURN v.name',
    'FILTER e.weight > 1 RETURN [v.name, e.weight]',
    'FILTER p.edges[*].weight ALL < 4 LIMIT 9 RETURN v.name',
    'RETURN p.vertices[*].name',
    'RETURN [v, p.edges]',
  ),
  prune: fc.constantFrom('', 'PRUNE v.name == 2', 'PRUNE e.weight == 3'),
  collections: fc.constantFrom('g_edges', 'g_edges, g_others', 'GRAPH "g"'),
});
const search = fc.record({
  kind: fc.constantFrom(
    'FOR v IN OUTBOUND SHORTEST_PATH @from TO @to g_edges RETURN v.name',
    'FOR v, e IN ANY SHORTEST_PATH @from TO @to GRAPH "g" OPTIONS { weightAttribute: "weight" } RETURN [v.name, e.weight]',
    'FOR p IN 1..3 OUTBOUND K_PATHS @from TO @to g_edges RETURN p.vertices[*].name',
    'FOR p IN OUTBOUND K_SHORTEST_PATHS @from TO @to g_edges LIMIT 4 RETURN p',
    'FOR p IN OUTBOUND ALL_SHORTEST_PATHS @from TO @to g_edges RETURN p.edges[*].weight',
  ),
  from: vertex,
  to: vertex,
});
const scenario = fc.record({
  graph,
  walks: fc.array(walk, { minLength: 1, maxLength: 4 }),
  searches: fc.array(search, { maxLength: 2 }),
  own: fc.array(fc.tuple(vertex, vertex, fc.nat(5)), { maxLength: 3 }),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer Type> ? Type : never;

const id = (number: number): string => `g_vertices/${number}`;

function fill({ cacheEnabled, database }: Opened, { edges, vertices, others }: Scenario['graph']): void {
  for (const name of ['g_edges', 'g_others', 'g_vertices']) {
    if (database.findCollection(name) === undefined) database.createCollection({ name, type: name === 'g_vertices' ? 2 : 3, cacheEnabled });
    else database.getCollection(name).truncate();
  }
  if (database.query({ query: 'RETURN DOCUMENT("_graphs/g")' }).next() === null) {
    const both = ['g_vertices'];
    const definitions = ['g_edges', 'g_others'].map((collection) => ({ collection, from: both, to: both }));
    database.query({
      query: 'INSERT { _key: "g", edgeDefinitions: @definitions, orphanCollections: [] } INTO _graphs',
      bindVars: { definitions },
    });
  }
  const insert = (name: string, documents: ValueObject[]): void =>
    void database.query({ query: `FOR d IN @documents INSERT d INTO ${name}`, bindVars: { documents } });
  insert(
    'g_vertices',
    vertices.map((number) => ({ _key: String(number), name: number })),
  );
  insert(
    'g_edges',
    edges.map(([from, to, weight], i) => ({ _key: `e${i}`, _from: id(from), _to: id(to), weight })),
  );
  insert(
    'g_others',
    others.map(([from, to], i) => ({ _key: `o${i}`, _from: id(from), _to: id(to), weight: 1 })),
  );
}

/** Without what differs from store to store. */
function plain(value: Value): Value {
  return JSON.parse(JSON.stringify(value, (name, each: Value) => (name === '_rev' ? undefined : each))) as Value;
}

function answersOf({ database }: Opened, { walks, searches }: Scenario): Value[] {
  const run = (query: string, bindVars: ValueObject): Value => {
    const cursor = database.query({ query, bindVars });
    return plain(cursor.toArray());
  };
  return [
    ...walks.map(({ min, more, direction, start, order, uniqueVertices, end, prune, collections }) => {
      // Without bounds on repetition, cycles are walked again and again; and vertices that are unique in all need an order that is fixed.
      const unique = uniqueVertices === 'global' && order === 'dfs' ? 'path' : uniqueVertices;
      const options = `OPTIONS { order: "${order}", uniqueVertices: "${unique}", weightAttribute: "weight" }`;
      const query = `FOR v, e, p IN ${min}..${min + more} ${direction} @start ${collections} ${prune} ${options} ${end}`;
      return run(query, { start: id(start) });
    }),
    ...searches.map(({ kind, from, to }) => run(kind, { from: id(from), to: id(to) })),
  ];
}

test('random graphs are walked alike on both engines, on snapshots and with own writes, and where walks are kept', () => {
  const property = fc.property(scenario, (given) => {
    for (const store of [local, remote, keeping]) fill(store, given.graph);
    const expected = answersOf(local, given);
    for (const store of [remote, keeping, keeping]) assert.deepEqual(answersOf(store, given), expected);
    const [ours, ...theirs] = [local, remote, keeping].map((store) =>
      store.database.executeTransaction({ collections: { write: ['g_edges'] } }, () => {
        const first = answersOf(store, given);
        const documents = given.own.map(([from, to, weight], i) => ({ _key: `own${i}`, _from: id(from), _to: id(to), weight }));
        store.database.query({ query: 'FOR d IN @documents INSERT d INTO g_edges', bindVars: { documents } });
        return [first, answersOf(store, given)];
      }),
    );
    for (const other of theirs) assert.deepEqual(other, ours);
  });
  fc.assert(property, { numRuns: tries({ quick: 8, thorough: 100 }) });
});
