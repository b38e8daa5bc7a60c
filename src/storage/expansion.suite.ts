/**
 * What `expand` must do in any engine: whatever it is told to read ahead, and whatever a transaction has written itself, it gives what a
 * model of plain edges says, and so do the calls that come after it.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { IndexEntry, KeyInRow, Mutation, ReadAhead, RowId, StorageEngine, TableId, Transaction, TransactionMode } from './engine.ts';

const EDGES: TableId = 301;
/** Of the entries of edges. */
export const EDGE_TABLES = [302, 303] as const;
const [FROM, TO] = EDGE_TABLES;
const VERTICES: TableId = 304;
const KEYS: TableId = 305;
const TOLD = [EDGES, VERTICES] as const;

// One name begins another, one is empty and one is not ASCII.
const NAMES = ['a', 'ab', 'b', 'c', '犬', ''];
const keyOf = (name: string): Buffer => Buffer.from(`v/${name}\0`);
const filedKey = (name: string): Buffer => Buffer.from(`${name}\0`);

interface Edge {
  readonly from: string;
  readonly to: string;
}

type Graph = Map<RowId, Edge>;

const name = fc.constantFrom(...NAMES);
const edge: fc.Arbitrary<Edge> = fc.record({ from: name, to: name });
/** Rows of vertices tell their keys. */
const ROW_START = 'vertex ';
const KEY_IN_ROW: KeyInRow = { at: 8 + ROW_START.length, end: 0x22 };
const keyInRow = fc.constantFrom(undefined, KEY_IN_ROW);
const ahead: fc.Arbitrary<ReadAhead | undefined> = fc
  .option(
    fc.record({
      levels: fc.nat(3),
      isWhole: fc.boolean(),
      fromLast: fc.boolean(),
      hasNamed: fc.boolean(),
      hasOwn: fc.boolean(),
      keyInRow,
    }),
    { nil: undefined },
  )
  .map(
    (wish) =>
      wish && {
        levels: wish.levels,
        isWhole: wish.isWhole,
        fromLast: wish.fromLast,
        ...(wish.hasNamed && {
          named: [{ prefix: Buffer.from('v/'), index: KEYS, table: VERTICES, ...(wish.keyInRow && { keyInRow: wish.keyInRow }) }],
        }),
        ...(wish.hasOwn && { own: [EDGES, EDGES] }),
      },
  );
const question = fc.record({ names: fc.uniqueArray(name, { maxLength: 6 }), ahead, isBothWays: fc.boolean(), keyInRow });
export const expansions = fc.record({
  stored: fc.array(edge, { maxLength: 60 }),
  /** Vertices that are there; edges may lead to others. */
  vertices: fc.uniqueArray(name),
  mode: fc.constantFrom<TransactionMode>('read', 'deferred', 'direct'),
  /** What is read may be kept for the transactions that come after it. */
  isTold: fc.boolean(),
  asked: fc.array(question, { minLength: 1, maxLength: 4 }),
  own: fc.array(edge, { maxLength: 4 }),
  removed: fc.nat(3),
  askedAgain: fc.array(question, { maxLength: 3 }),
});

type Expansions = typeof expansions extends fc.Arbitrary<infer Type> ? Type : never;

/** One is large. */
const rowOf = (vertex: string): string => `${ROW_START}${vertex}"${vertex === 'b' ? 'b'.repeat(40_000) : ''}`;

function bytesOf(engine: StorageEngine, text: string): Buffer {
  const bytes = Buffer.alloc(8 + Buffer.byteLength(text));
  bytes.writeBigUInt64BE(engine.revision());
  bytes.write(text, 8);
  return bytes;
}

function entriesOf({ from, to }: Edge): IndexEntry[] {
  return [
    { index: FROM, key: keyOf(from), isUnique: false, value: Buffer.from(`v/${to}`), hasShortValue: true },
    { index: TO, key: keyOf(to), isUnique: false, value: Buffer.from(`v/${from}`), hasShortValue: true },
  ];
}

function insertion(engine: StorageEngine, graph: Graph, one: Edge): Mutation {
  const id = engine.tick();
  graph.set(id, one);
  return { do: 'insert', table: EDGES, id, bytes: bytesOf(engine, `${one.from}→${one.to}`), add: entriesOf(one) };
}

export function checkExpansions(
  engine: StorageEngine,
  { stored, vertices, mode, isTold, asked, own, removed, askedAgain }: Expansions,
): void {
  const graph: Graph = new Map();
  const filling = engine.begin({ mode: 'direct' });
  for (const table of TOLD) filling.willChange?.(table);
  filling.clear([EDGES, FROM, TO, VERTICES, KEYS]);
  filling.mutate(stored.map((one) => insertion(engine, graph, one)));
  filling.mutate(
    vertices.map((vertex) => {
      const add = [{ index: KEYS, key: filedKey(vertex), isUnique: true }];
      return { do: 'insert', table: VERTICES, id: engine.tick(), bytes: bytesOf(engine, rowOf(vertex)), add };
    }),
  );
  filling.commit();
  const told = isTold ? TOLD : undefined;
  if (isTold) {
    const before = engine.begin({ mode: 'read', snapshot: 'late' });
    for (const each of asked) check(before, graph, vertices, each, told);
    before.abort();
  }
  const transaction = engine.begin({ mode, snapshot: 'late' });
  try {
    for (const each of asked) check(transaction, graph, vertices, each, told);
    if (mode === 'read') return;
    transaction.mutate(own.map((one) => insertion(engine, graph, one)));
    const gone = [...graph].slice(0, removed);
    transaction.mutate(gone.map(([id, one]) => ({ do: 'remove', table: EDGES, id, drop: entriesOf(one) })));
    for (const [id] of gone) graph.delete(id);
    for (const each of askedAgain) check(transaction, graph, vertices, each, told);
  } finally {
    transaction.abort();
  }
}

function check(
  transaction: Transaction,
  graph: Graph,
  vertices: readonly string[],
  { names, ahead: wish, isBothWays, keyInRow: inRow }: Expansions['asked'][number],
  told: readonly TableId[] | undefined,
): void {
  const ways = isBothWays ? ([FROM, TO] as const) : ([FROM] as const);
  const { own, ...rest } = wish ?? { levels: 0, isWhole: false };
  const hint = { ...rest, ...(own && { own: own.slice(0, ways.length) }) };
  const batches = transaction.expand(ways, names.map(keyOf), { ahead: wish && hint, walked: told && { tables: told, areTold: true } });
  assert.equal(batches.length, ways.length);
  for (const [way, { count, ids, ranges, values }] of batches.entries()) {
    const [end, other] = way === 0 ? (['from', 'to'] as const) : (['to', 'from'] as const);
    const expected = names.flatMap((vertex, range) =>
      [...graph].filter(([, one]) => one[end] === vertex).map(([id, one]) => [range, id, `v/${one[other]}`]),
    );
    const { buffer, starts, ends } = values!;
    const found = Array.from({ length: count }, (_, i) => [ranges[i], ids[i], Buffer.from(buffer.subarray(starts[i], ends[i])).toString()]);
    assert.deepEqual(found, expected);
    const rows = transaction.rows(EDGES, ids);
    assert.deepEqual(
      textsOf(rows),
      expected.map(([, id]) => `${graph.get(id as RowId)!.from}→${graph.get(id as RowId)!.to}`),
    );
    const neighbours = expected.map(([, , to]) => (to as string).slice(2));
    const documents = transaction.lookup(KEYS, VERTICES, neighbours.map(filedKey), { ...(inRow && { keyInRow: inRow }) });
    assert.deepEqual(
      textsOf(documents),
      neighbours.map((vertex) => (vertices.includes(vertex) ? rowOf(vertex) : '')),
    );
  }
}

function textsOf({ count, buffer, starts, ends }: ReturnType<Transaction['rows']>): string[] {
  return Array.from({ length: count }, (_, i) =>
    starts[i] === ends[i] ? '' : Buffer.from(buffer.subarray(starts[i]! + 8, ends[i])).toString(),
  );
}
