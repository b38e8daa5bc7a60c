/** What walks keep for later transactions: good for as long as it is what the server has, whoever changes that, and no longer. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import fc from 'fast-check';
import pg from 'pg';
import { tries } from '../../../tests/support/law.ts';
import { startPostgres } from '../../../tests/support/postgres.ts';
import type { EntryBatch, IndexEntry, RowId, StorageEngine, TableId, Transaction } from '../engine.ts';
import { Forgetting } from './changes.ts';
import { joinPostgresStorage, openPostgresStorage } from './engine.ts';

const postgres = await startPostgres();
const folder = mkdtempSync(join(tmpdir(), 'foxden-kept-'));
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await postgres.stop();
});

const [EDGES, FROM, VERTICES, KEYS, OTHERS]: readonly TableId[] = [501, 502, 503, 504, 505];
const TOLD = { tables: [EDGES!, VERTICES!], areTold: true };
const NAMES = ['a', 'b', 'c', 'd'] as const;
type Name = (typeof NAMES)[number];

const vertexKey = (name: string): Buffer => Buffer.from(`v/${name}\0`);
const documentKey = (name: string): Buffer => Buffer.from(`${name}\0`);

/** Coordinators of one database. */
async function withEngines(count: number, run: (engines: readonly StorageEngine[], url: string) => void | Promise<void>): Promise<void> {
  const url = await postgres.createDatabase();
  const engines = Array.from({ length: count }, () => openPostgresStorage({ url, folder: mkdtempSync(join(folder, 'store-')) }));
  try {
    await run(engines, url);
  } finally {
    for (const engine of engines) engine.close();
  }
}

/** The same coordinator as another of its threads has it. */
async function withThreads(
  engines: readonly StorageEngine[],
  run: (threads: readonly StorageEngine[]) => void | Promise<void>,
): Promise<void> {
  const threads = engines.map((engine) => joinPostgresStorage(engine.share()));
  try {
    await run(threads);
  } finally {
    for (const thread of threads) thread.close();
  }
}

function bytesOf(engine: StorageEngine, text: string): Buffer {
  const bytes = Buffer.alloc(8 + text.length);
  bytes.writeBigUInt64BE(engine.revision());
  bytes.write(text, 8);
  return bytes;
}

/** What there is: edges by their rows, and the texts of vertices. */
interface Graph {
  readonly edges: ReadonlyMap<RowId, readonly [from: Name, to: Name]>;
  readonly vertices: ReadonlyMap<Name, { readonly id: RowId; readonly text: string }>;
}

const EMPTY: Graph = { edges: new Map(), vertices: new Map() };

function entriesOf(from: Name, to: Name): IndexEntry[] {
  return [{ index: FROM!, key: vertexKey(from), isUnique: false, value: Buffer.from(`v/${to}`), hasShortValue: true }];
}

type Write =
  | { readonly do: 'connect'; readonly from: Name; readonly to: Name }
  | { readonly do: 'disconnect'; readonly nth: number }
  | { readonly do: 'put'; readonly name: Name }
  | { readonly do: 'remove'; readonly name: Name }
  | { readonly do: 'clear' };

/** Does it in a transaction, which tells of it, and gives the graph that it makes. */
function written(engine: StorageEngine, transaction: Transaction, { edges, vertices }: Graph, write: Write): Graph {
  switch (write.do) {
    case 'connect': {
      const id = engine.tick();
      const { from, to } = write;
      transaction.willChange?.(EDGES!);
      transaction.mutate([{ do: 'insert', table: EDGES!, id, bytes: bytesOf(engine, 'edge'), add: entriesOf(from, to) }]);
      return { vertices, edges: new Map([...edges, [id, [from, to]]]) };
    }
    case 'disconnect': {
      const found = [...edges][write.nth % Math.max(1, edges.size)];
      if (found === undefined) return { edges, vertices };
      const [id, [from, to]] = found;
      transaction.willChange?.(EDGES!);
      transaction.mutate([{ do: 'remove', table: EDGES!, id, drop: entriesOf(from, to) }]);
      return { vertices, edges: new Map([...edges].filter(([one]) => one !== id)) };
    }
    case 'put': {
      const { name } = write;
      const known = vertices.get(name);
      const id = known?.id ?? engine.tick();
      const text = `${name} ${engine.revision()}`;
      const bytes = bytesOf(engine, text);
      const add: IndexEntry[] = known === undefined ? [{ index: KEYS!, key: documentKey(name), isUnique: true }] : [];
      transaction.willChange?.(VERTICES!);
      const failures = transaction.mutate([
        known === undefined
          ? { do: 'insert', table: VERTICES!, id, bytes, add }
          : { do: 'replace', table: VERTICES!, id, bytes, add, drop: [] },
      ]);
      assert.deepEqual(failures, [undefined]);
      return { edges, vertices: new Map([...vertices, [name, { id, text }]]) };
    }
    case 'remove': {
      const known = vertices.get(write.name);
      if (known === undefined) return { edges, vertices };
      transaction.willChange?.(VERTICES!);
      const drop: IndexEntry[] = [{ index: KEYS!, key: documentKey(write.name), isUnique: true }];
      transaction.mutate([{ do: 'remove', table: VERTICES!, id: known.id, drop }]);
      return { edges, vertices: new Map([...vertices].filter(([name]) => name !== write.name)) };
    }
    case 'clear':
      transaction.willChange?.(EDGES!);
      transaction.clear([EDGES!, FROM!]);
      return { vertices, edges: new Map() };
  }
}

const NEIGHBOURS_AHEAD = {
  levels: 1,
  isWhole: true,
  named: [{ prefix: Buffer.from('v/'), index: KEYS!, table: VERTICES! }],
};

/** Walks from a vertex, as far as there are new ones, and looks at all of them. */
function check(transaction: Transaction, { edges, vertices }: Graph, start: Name, hasAhead = true): void {
  const met = new Set<string>([start]);
  for (let level: string[] = [start]; level.length > 0;) {
    const [found] = transaction.expand([FROM!], level.map(vertexKey), { walked: TOLD, ...(hasAhead && { ahead: NEIGHBOURS_AHEAD }) });
    const expected = level.flatMap((from) => idsFrom(edges, from).map((id) => `v/${edges.get(id)![1]}`));
    assert.deepEqual(valuesOf(found!), expected);
    level = [...new Set(expected.map((id) => id.slice(2)))].filter((name) => !met.has(name));
    for (const name of level) met.add(name);
  }
  const names = [...met] as Name[];
  const { buffer, starts, ends } = transaction.lookup(KEYS!, VERTICES!, names.map(documentKey));
  assert.deepEqual(
    names.map((_, i) => (starts[i] === ends[i] ? undefined : Buffer.from(buffer.subarray(starts[i]! + 8, ends[i])).toString())),
    names.map((name) => vertices.get(name)?.text),
  );
}

/** In the order of rows: coordinators take their numbers in blocks. */
function idsFrom(edges: Graph['edges'], name: string): RowId[] {
  return [...edges].flatMap(([id, [from]]) => (from === name ? [id] : [])).toSorted((one, other) => one - other);
}

function valuesOf({ values }: EntryBatch): string[] {
  const { count, buffer, starts, ends } = values!;
  return Array.from({ length: count }, (_, i) => Buffer.from(buffer.subarray(starts[i], ends[i])).toString());
}

function commit(engine: StorageEngine, graph: Graph, ...writes: readonly Write[]): Graph {
  const transaction = engine.begin({ mode: 'direct' });
  try {
    let changed = graph;
    for (const each of writes) changed = written(engine, transaction, changed, each);
    transaction.commit();
    return changed;
  } finally {
    transaction.abort();
  }
}

function readWith(engine: StorageEngine, read: (transaction: Transaction) => void): number {
  const before = engine.statistics()['calls']!;
  const transaction = engine.begin({ mode: 'read', snapshot: 'late' });
  try {
    read(transaction);
    return engine.statistics()['calls']! - before;
  } finally {
    transaction.abort();
  }
}

const RING = NAMES.map((from, i): Write => ({ do: 'connect', from, to: NAMES[(i + 1) % NAMES.length]! }));
const DOCUMENTS = NAMES.map((name): Write => ({ do: 'put', name }));

const name = fc.constantFrom(...NAMES);
const write: fc.Arbitrary<Write> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('connect' as const), from: name, to: name }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('disconnect' as const), nth: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('put' as const), name }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), name }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
);
/** Two coordinators with two threads each. */
const which = fc.nat(3);
const action = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('write' as const), which, writes: fc.array(write, { minLength: 1, maxLength: 3 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('give up' as const), which, writes: fc.array(write, { minLength: 1, maxLength: 3 }) }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('walk' as const), which, start: name, hasAhead: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('begin' as const), which }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('walk in old' as const), nth: fc.nat(5), start: name, hasAhead: fc.boolean() }) },
);

suite('what walks have read', () => {
  test('is what the server has, whichever coordinator writes, and in older snapshots what it had', () =>
    withEngines(2, (coordinators) =>
      withThreads(coordinators, (threads) => {
        const engines = [...coordinators, ...threads];
        let graph = commit(engines[0]!, EMPTY, ...RING, ...DOCUMENTS);
        fc.assert(
          fc.property(fc.array(action, { minLength: 1, maxLength: 30 }), (actions) => {
            const begun: { readonly transaction: Transaction; readonly graph: Graph }[] = [];
            try {
              for (const one of actions) {
                switch (one.do) {
                  case 'write':
                    graph = commit(engines[one.which]!, graph, ...one.writes);
                    break;
                  case 'give up': {
                    const engine = engines[one.which]!;
                    const transaction = engine.begin({ mode: 'deferred', snapshot: 'late' });
                    let own = graph;
                    for (const each of one.writes) own = written(engine, transaction, own, each);
                    check(transaction, own, 'a');
                    transaction.abort();
                    break;
                  }
                  case 'walk':
                    readWith(engines[one.which]!, (transaction) => check(transaction, graph, one.start, one.hasAhead));
                    break;
                  case 'begin':
                    begun.push({ transaction: engines[one.which]!.begin({ mode: 'read' }), graph });
                    break;
                  case 'walk in old': {
                    const old = begun[one.nth];
                    if (old !== undefined) check(old.transaction, old.graph, one.start, one.hasAhead);
                  }
                }
              }
            } finally {
              for (const { transaction } of begun) transaction.abort();
            }
          }),
          { numRuns: tries({ quick: 10, thorough: 1000 }) },
        );
      }),
    ));

  test('is known to all threads of a coordinator', () =>
    withEngines(1, (engines) =>
      withThreads(engines, ([thread]) => {
        const [engine] = engines;
        let graph = commit(engine!, EMPTY, ...RING, ...DOCUMENTS);
        const walkIn = (one: StorageEngine): number => readWith(one, (transaction) => check(transaction, graph, 'a', false));
        assert.ok(walkIn(engine!) > 1);
        assert.equal(walkIn(thread!), 1);
        graph = commit(engine!, graph, { do: 'put', name: 'b' });
        assert.ok(walkIn(thread!) > 1);
        assert.equal(walkIn(engine!), 1);
      }),
    ));

  test('stays where it is for those who read it, however many there are', () =>
    withEngines(1, ([engine]) => {
      let graph = commit(engine!, EMPTY, ...RING, ...DOCUMENTS);
      const old: { readonly transaction: Transaction; readonly graph: Graph; readonly found: EntryBatch }[] = [];
      try {
        for (let i = 0; i < 12; i++) {
          graph = commit(engine!, graph, { do: 'connect', from: 'a', to: NAMES[i % NAMES.length]! });
          const transaction = engine!.begin({ mode: 'read' });
          const [found] = transaction.expand([FROM!], [vertexKey('a')], { walked: TOLD });
          old.push({ transaction, graph, found: found! });
        }
        for (const { transaction, graph: own, found } of old) {
          assert.deepEqual(
            valuesOf(found),
            idsFrom(own.edges, 'a').map((id) => `v/${own.edges.get(id)![1]}`),
          );
          check(transaction, own, 'a');
        }
      } finally {
        for (const { transaction } of old) transaction.abort();
      }
      const walk = (): number => readWith(engine!, (transaction) => check(transaction, graph, 'a', false));
      walk();
      assert.equal(walk(), 1);
    }));

  test('may be kept for good by who does not borrow it', () =>
    withEngines(1, ([engine]) => {
      let graph = commit(engine!, EMPTY, ...RING, ...DOCUMENTS);
      const read = (transaction: Transaction): Buffer => {
        check(transaction, graph, 'a');
        const { buffer, starts, ends } = transaction.lookup(KEYS!, VERTICES!, [documentKey('a')]);
        return buffer.subarray(starts[0]! + 8, ends[0]) as Buffer;
      };
      const texts: { readonly found: Buffer; readonly text: string }[] = [];
      for (let i = 0; i < 12; i++) {
        graph = commit(engine!, graph, { do: 'put', name: 'a' });
        readWith(engine!, (transaction) => texts.push({ found: read(transaction), text: graph.vertices.get('a')!.text }));
      }
      for (const { found, text } of texts) assert.equal(found.toString(), text);
    }));

  test('is not asked for again while nobody changes it', () =>
    withEngines(2, ([one, other]) => {
      let graph = commit(one!, EMPTY, ...RING, ...DOCUMENTS);
      const walk = (): number => readWith(one!, (transaction) => check(transaction, graph, 'a', false));
      assert.equal(walk(), NAMES.length + 1);
      // One question: whether it is as it was.
      assert.equal(walk(), 1);
      const elsewhere = other!.begin({ mode: 'direct' });
      elsewhere.willChange?.(OTHERS!);
      elsewhere.mutate([{ do: 'insert', table: OTHERS!, id: other!.tick(), bytes: bytesOf(other!, 'other'), add: [] }]);
      elsewhere.commit();
      assert.equal(walk(), 1);
      graph = commit(other!, graph, { do: 'put', name: 'b' });
      assert.ok(walk() > 1);
      assert.equal(walk(), 1);
    }));

  test('may be more than is kept', () =>
    withEngines(1, ([engine]) => {
      const graph = commit(engine!, EMPTY, ...RING, ...DOCUMENTS);
      const large = new Map(graph.vertices);
      const writing = engine!.begin({ mode: 'direct' });
      writing.willChange?.(VERTICES!);
      for (const [vertex, { id }] of graph.vertices) {
        const text = vertex.repeat(9 * 1024 * 1024);
        writing.mutate([{ do: 'replace', table: VERTICES!, id, bytes: bytesOf(engine!, text), add: [], drop: [] }]);
        large.set(vertex, { id, text });
      }
      writing.commit();
      for (const start of ['a', 'b', 'a'] as const)
        readWith(engine!, (transaction) => check(transaction, { ...graph, vertices: large }, start));
    }));

  test('is forgotten with the definitions that it was read by', () =>
    withEngines(1, ([engine]) => {
      const graph = commit(engine!, EMPTY, ...RING, ...DOCUMENTS);
      const walk = (): number => readWith(engine!, (transaction) => check(transaction, graph, 'a', false));
      walk();
      const defining = engine!.begin({ mode: 'direct', locks: 'definitions' });
      defining.writeMeta('some', Buffer.from('thing'));
      defining.commit();
      assert.ok(walk() > 1);
      assert.equal(walk(), 1);
    }));

  test('is forgotten when the server was started anew', () =>
    withEngines(1, async ([engine]) => {
      const graph = commit(engine!, EMPTY, ...RING, ...DOCUMENTS);
      const walk = (): number => readWith(engine!, (transaction) => check(transaction, graph, 'a', false));
      walk();
      assert.equal(walk(), 1);
      await postgres.crash();
      await postgres.restart();
      assert.ok(walk() > 1);
    }));

  test('is forgotten where changes since may be forgotten, too', () =>
    withEngines(1, async ([engine], url) => {
      let graph = commit(engine!, EMPTY, ...RING, ...DOCUMENTS);
      const walk = (): number => readWith(engine!, (transaction) => check(transaction, graph, 'a', false));
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        const forgetting = new Forgetting(1);
        await forgetting.round(client);
        walk();
        graph = commit(engine!, graph, { do: 'put', name: 'c' });
        await forgetting.round(client);
        await forgetting.round(client);
        assert.deepEqual((await client.query('SELECT * FROM foxden.change')).rows, []);
        assert.ok(walk() > 1);
        // The rounds were before it.
        walk();
        assert.equal(walk(), 1);
        // As in a database that was dumped on another server.
        await client.query("UPDATE foxden.counter SET value = 1e15 WHERE name = 'change'");
        await client.query('INSERT INTO foxden.change SELECT $1::bigint, 1e15 + n FROM generate_series(1, 1000) n', [VERTICES]);
        assert.ok(walk() > 1);
        assert.ok(walk() > 1);
        await forgetting.round(client);
        walk();
        assert.equal(walk(), 1);
      } finally {
        await client.end();
      }
    }));
});
