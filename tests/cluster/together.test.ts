/** Pieces of work that share their trips to PostgreSQL: each fares as if it had been alone, whatever becomes of the others and of the connection. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { isArangoError } from '#base';
import { openStorage, type Fate, type KeyRange, type Mutation, type RowBatch, type StorageEngine, type Transaction } from '#storage';
import { startCutter } from '../support/cutter.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';

const ROWS = 11;
const KEYS = 12;
const CITIES = 13;
const KEY_NAMES = ['a', 'b', 'c', 'd', 'e'];

let postgres: TestPostgres;
const base = mkdtempSync(join(tmpdir(), 'foxden-together-'));

before(async () => {
  postgres = await startPostgres();
});
after(async () => {
  await postgres.stop();
  rmSync(base, { recursive: true, force: true });
});

async function open(options: { readonly url?: string; readonly failoverTimeoutMs?: number } = {}): Promise<StorageEngine> {
  const { url = await postgres.createDatabase(), ...others } = options;
  return openStorage({ url, folder: mkdtempSync(join(base, 'folder-')), poolSize: 6, ...others });
}

function rowOf(engine: StorageEngine, text: string): Buffer {
  const version = Buffer.alloc(8);
  version.writeBigUInt64BE(engine.revision());
  return Buffer.concat([version, Buffer.from(text)]);
}

const place = (key: string): { index: number; table: number; key: Buffer } => ({ index: KEYS, table: ROWS, key: Buffer.from(key) });
const keyEntry = (key: string): { index: number; key: Buffer; isUnique: true } => ({ index: KEYS, key: Buffer.from(key), isUnique: true });
const cityEntry = (city: string): { index: number; key: Buffer; isUnique: false } => ({
  index: CITIES,
  key: Buffer.from(city),
  isUnique: false,
});

function textAt({ buffer, starts, ends }: RowBatch, at = 0): string | undefined {
  return starts[at] === ends[at] ? undefined : Buffer.from(buffer.subarray(starts[at]! + 8, ends[at])).toString();
}

/** What a request for one document does: reads it, or changes it as it is. Tells what it has seen. */
interface Piece {
  readonly do: 'read' | 'insert' | 'replace' | 'remove';
  readonly key: string;
  readonly text: string;
}

function run(engine: StorageEngine, piece: Piece): string | undefined {
  const { key, text } = piece;
  const transaction = engine.begin(piece.do === 'read' ? { mode: 'read', snapshot: 'none' } : { mode: 'direct' });
  try {
    const found = piece.do === 'insert' ? undefined : transaction.lookup(KEYS, ROWS, [Buffer.from(key)]);
    const old = found && textAt(found);
    const id = found?.ids[0] ?? 0;
    const mutations: Mutation[] = [];
    if (piece.do === 'insert')
      mutations.push({
        do: 'insert',
        table: ROWS,
        id: engine.tick(),
        bytes: rowOf(engine, text),
        add: [keyEntry(key), cityEntry(text)],
      });
    else if (piece.do === 'replace' && old !== undefined) {
      const entries = { add: [cityEntry(text)], drop: [cityEntry(old)] };
      mutations.push({ do: 'replace', table: ROWS, id, bytes: rowOf(engine, text), ...entries });
    } else if (piece.do === 'remove' && old !== undefined)
      mutations.push({ do: 'remove', table: ROWS, id, drop: [keyEntry(key), cityEntry(old)] });
    if (mutations.length > 0) transaction.mutate(mutations, { isLast: piece.do === 'insert' });
    transaction.commit();
    return old;
  } finally {
    transaction.abort();
  }
}

function runTogether(
  engine: StorageEngine,
  pieces: readonly Piece[],
): { readonly fates: readonly Fate[]; readonly seen: (string | undefined)[] } {
  const seen: (string | undefined)[] = [];
  const places = pieces.filter((piece) => piece.do !== 'insert').map(({ key }) => place(key));
  const fates = engine.together!(
    { places },
    pieces.map((piece) => () => void seen.push(run(engine, piece))),
  );
  return { fates, seen };
}

function contents(engine: StorageEngine): Record<string, string> {
  const transaction = engine.begin({ mode: 'read' });
  const found: Record<string, string> = {};
  for (const key of KEY_NAMES) {
    const text = textAt(transaction.lookup(KEYS, ROWS, [Buffer.from(key)]));
    if (text !== undefined) found[key] = text;
  }
  const cities = transaction.countEntries(CITIES, [{}]);
  const [rows, keys] = [transaction.countRows(ROWS), transaction.countEntries(KEYS, [{}])];
  transaction.abort();
  assert.deepEqual([rows, keys, cities], [Object.keys(found).length, Object.keys(found).length, Object.keys(found).length]);
  return found;
}

test('several reads and writes take two trips, and each write is in its place', async () => {
  const engine = await open();
  for (const key of ['a', 'b', 'c']) run(engine, { do: 'insert', key, text: key });
  const callsBefore = engine.statistics()['calls']!;
  const { fates, seen } = runTogether(engine, [
    { do: 'read', key: 'a', text: '' },
    { do: 'replace', key: 'a', text: 'a2' },
    { do: 'read', key: 'a', text: '' },
    { do: 'remove', key: 'b', text: '' },
    { do: 'insert', key: 'd', text: 'd' },
    { do: 'read', key: 'e', text: '' },
    { do: 'read', key: 'c', text: '' },
    // It is known to be there: no trip to find that out, and the others are not kept from being done.
    { do: 'insert', key: 'c', text: 'again' },
  ]);
  assert.equal(engine.statistics()['calls']! - callsBefore, 2);
  assert.deepEqual(new Set(fates), new Set(['done']));
  assert.deepEqual(seen, ['a', 'a', 'a', 'b', undefined, undefined, 'c', undefined]);
  assert.deepEqual(contents(engine), { a: 'a2', c: 'c', d: 'd' });
  engine.close();
});

test('what rehearsals come to ask is asked in one trip, and what a piece asks besides by itself', async () => {
  const engine = await open();
  const count = 150;
  for (let i = 0; i < count; i++) run(engine, { do: 'insert', key: `k${i}`, text: i < 3 ? 'few' : 'many' });
  const point = (text: string): KeyRange => ({ from: Buffer.from(text), to: Buffer.from(text), toInclusive: true });
  const reading = <Result>(read: (transaction: Transaction) => Result): Result => {
    const transaction = engine.begin({ mode: 'read', snapshot: 'late' });
    try {
      transaction.readOnce();
      return read(transaction);
    } finally {
      transaction.abort();
    }
  };
  const inCity = (city: string, limit?: number) => (): number =>
    reading((transaction) => {
      const cursor = transaction.scanEntryRows(CITIES, ROWS, [point(city)], limit === undefined ? {} : { limit });
      let found = 0;
      for (let batch = cursor.next(); batch !== undefined; batch = cursor.next()) found += batch.count;
      return found;
    });
  const textOf = (key: string) => (): string | undefined =>
    reading((transaction) => textAt(transaction.lookup(KEYS, ROWS, [Buffer.from(key)])));
  const counted = (city: string) => (): number => reading((transaction) => transaction.countEntries(CITIES, [point(city)]));
  const together = (works: readonly (() => unknown)[], rehearsals: readonly (() => unknown)[] = works): unknown[] => {
    const seen: unknown[] = [];
    const callsBefore = engine.statistics()['calls']!;
    const fates = engine.together!(
      { rehearsals },
      works.map((work) => () => void seen.push(work())),
    );
    assert.deepEqual(new Set(fates), new Set(['done']));
    return [engine.statistics()['calls']! - callsBefore, ...seen];
  };
  for (const work of [inCity('few'), textOf('k1'), counted('few')]) work();
  assert.deepEqual(together([inCity('few'), inCity('few', 2), inCity('none'), textOf('k1'), textOf('no'), textOf('k1'), counted('many')]), [
    1,
    3,
    2,
    0,
    'few',
    undefined,
    'few',
    147,
  ]);
  // More than a first batch is walked over on a snapshot.
  assert.deepEqual(together([inCity('many'), inCity('few')]), [3, 147, 3]);
  const failing = (): never => {
    throw new Error('wrong');
  };
  assert.deepEqual(together([textOf('k1'), textOf('k2'), inCity('few')], [failing, textOf('k1'), textOf('k4'), () => 0]), [
    3,
    'few',
    'few',
    3,
  ]);
  // Who writes has found there what it asks, too, and proves that it is still so.
  const [calls, text] = together([textOf('k7'), () => run(engine, { do: 'replace', key: 'k7', text: 'new' })], [textOf('k7')]);
  assert.deepEqual([calls, text, textOf('k7')()], [2, 'many', 'new']);
  assert.equal(inCity('many')(), 146);
  engine.close();
});

/** What of the store a piece writes to. */
const WRITES = { read: [], insert: ['key'], replace: ['row'], remove: ['key', 'row'] } as const;

test('what is done together is done as if one by one, and what cannot be is not done at all', async () => {
  const engine = await open();
  const anyPiece = fc.record({
    do: fc.constantFrom('read' as const, 'insert' as const, 'insert' as const, 'replace' as const, 'remove' as const),
    key: fc.constantFrom(...KEY_NAMES),
    text: fc.string({ minLength: 1, maxLength: 5, unit: 'grapheme-ascii' }),
  });
  const check = (pieces: readonly Piece[], state: Map<string, string>): void => {
    const start = new Map(state);
    const { fates, seen } = runTogether(engine, pieces);
    const touched = new Set<string>();
    const ahead = new Set(pieces.filter((piece) => piece.do !== 'insert').map(({ key }) => key));
    // The second one that writes to a place is not done; whoever inserts what is there without knowing keeps all the others from being done.
    const joint = pieces.map((piece) => {
      const isThere = start.has(piece.key);
      const isWriting = piece.do === 'insert' ? !(isThere && ahead.has(piece.key)) : isThere;
      const writes = isWriting ? WRITES[piece.do].map((what) => `${what} of ${piece.key}`) : [];
      const isSecond = writes.some((write) => touched.has(write));
      if (!isSecond) for (const write of writes) touched.add(write);
      return { isSecond, writes: writes.length > 0, isInTheWay: isWriting && !isSecond && piece.do === 'insert' && isThere };
    });
    const isUndone = joint.some(({ isInTheWay }) => isInTheWay);
    pieces.forEach((piece, i) => {
      const { isSecond, writes } = joint[i]!;
      assert.equal(seen[i], piece.do === 'insert' ? undefined : start.get(piece.key));
      assert.equal(fates[i], isSecond || (writes && isUndone) ? 'again' : 'done', `${i}: ${JSON.stringify(piece)}`);
      if (fates[i] !== 'done' || !writes) return;
      if (piece.do === 'remove') state.delete(piece.key);
      else state.set(piece.key, piece.text);
    });
    assert.deepEqual(new Map(Object.entries(contents(engine))), new Map([...state].toSorted(([one], [other]) => (one < other ? -1 : 1))));
  };
  fc.assert(
    fc.property(fc.array(fc.array(anyPiece, { minLength: 1, maxLength: 8 }), { maxLength: 4 }), (groups) => {
      for (const key of KEY_NAMES) run(engine, { do: 'remove', key, text: '' });
      const state = new Map<string, string>();
      for (const pieces of groups) check(pieces, state);
    }),
    { numRuns: 25 },
  );
  engine.close();
});

test('where one of those that commit together meets another commit, none is done', async () => {
  const url = await postgres.createDatabase();
  const [engine, other] = [await open({ url }), await open({ url })];
  for (const key of ['a', 'b', 'c']) run(engine, { do: 'insert', key, text: key });
  const fates = engine.together!({ places: ['a', 'b', 'c'].map(place) }, [
    () => void run(engine, { do: 'replace', key: 'a', text: 'a2' }),
    () => void run(other, { do: 'replace', key: 'b', text: 'theirs' }),
    () => void run(engine, { do: 'replace', key: 'b', text: 'ours' }),
    () => void run(engine, { do: 'remove', key: 'c', text: '' }),
  ]);
  assert.deepEqual(fates, ['again', 'done', 'again', 'again']);
  assert.deepEqual(contents(engine), { a: 'a', b: 'theirs', c: 'c' });
  engine.close();
  other.close();
});

test('a connection that dies during their commit is decided for all of them', async () => {
  const cutter = await startCutter(await postgres.createDatabase());
  const engine = await open({ url: cutter.url });
  run(engine, { do: 'insert', key: 'a', text: 'a' });
  for (const [i, isPassedOn] of [true, false].entries()) {
    cutter.cutOnce(`mark ${i}`, isPassedOn);
    const { fates } = runTogether(engine, [
      { do: 'replace', key: 'a', text: `mark ${i}` },
      { do: 'insert', key: KEY_NAMES[i + 1]!, text: 'new' },
    ]);
    assert.deepEqual(fates, isPassedOn ? ['done', 'done'] : ['again', 'again']);
  }
  assert.equal(cutter.cuts(), 2);
  assert.deepEqual(contents(engine), { a: 'mark 0', b: 'new' });
  engine.close();
  await cutter.stop();
});

test('without a server all of them are refused, and nothing was done', async () => {
  const engine = await open({ failoverTimeoutMs: 300 });
  run(engine, { do: 'insert', key: 'a', text: 'a' });
  await postgres.crash();
  let runs = 0;
  const fates = engine.together!({ places: [place('a')] }, [() => void runs++, () => void runs++]);
  assert.deepEqual(
    fates.map((fate) => isArangoError(fate) && fate.code),
    [503, 503],
  );
  const commits = engine.together!(
    {},
    KEY_NAMES.slice(1, 3).map((key) => () => void run(engine, { do: 'insert', key, text: 'new' })),
  );
  assert.deepEqual(
    commits.map((fate) => isArangoError(fate) && fate.code),
    [503, 503],
  );
  assert.equal(runs, 0);
  await postgres.restart();
  assert.deepEqual(contents(engine), { a: 'a' });
  engine.close();
});
