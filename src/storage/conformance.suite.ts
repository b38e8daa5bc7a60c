/**
 * What every storage engine must do, called by the tests of each. The heart is a comparison with a model: plain maps that are copied
 * for each transaction.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { isArangoError } from '#base';
import { tries } from '../../tests/support/law.ts';
import type {
  BatchCursor,
  EntryBatch,
  IndexEntry,
  KeyRange,
  Mutation,
  RowBatch,
  RowId,
  ScanOptions,
  StorageEngine,
  TableId,
  Transaction,
} from './engine.ts';
import { checkExpansions, expansions } from './expansion.suite.ts';
import { keyListOf } from './key-list.ts';

const TABLES: readonly TableId[] = [101, 2 ** 40 + 7];
const uniqueOf = (table: TableId): TableId => table + 1;
const plainOf = (table: TableId): TableId => table + 2;

interface Row {
  readonly version: number;
  readonly size: number;
  readonly unique: string | undefined;
  readonly plain: string | undefined;
}

/** The bytes begin with the version; the rest tells tests apart rows that were mixed up. */
function bytesOf({ version, size }: Row): Uint8Array {
  const bytes = Buffer.alloc(8 + size, version % 251);
  bytes.writeBigUInt64BE(BigInt(version));
  return bytes;
}

function entriesOf(table: TableId, { unique, plain, version }: Row): IndexEntry[] {
  const entries: IndexEntry[] = [];
  if (unique !== undefined) entries.push({ index: uniqueOf(table), key: Buffer.from(unique, 'latin1'), isUnique: true });
  if (plain !== undefined) {
    const value = version % 2 === 0 ? undefined : Buffer.from(`value ${version}`);
    entries.push({ index: plainOf(table), key: Buffer.from(plain, 'latin1'), isUnique: false, ...(value && { value }) });
  }
  return entries;
}

type State = ReadonlyMap<TableId, ReadonlyMap<RowId, Row>>;

function emptyState(): State {
  return new Map(TABLES.map((table) => [table, new Map()]));
}

function rowsOf(state: State, table: TableId): [RowId, Row][] {
  return [...state.get(table)!].toSorted(([one], [other]) => one - other);
}

function isIn(key: string, range: KeyRange): boolean {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
  if (range.from !== undefined && (range.fromExclusive ? key <= text(range.from) : key < text(range.from))) return false;
  if (range.to !== undefined && (range.toInclusive ? key > text(range.to) : key >= text(range.to))) return false;
  return true;
}

interface Found {
  readonly range: number;
  readonly id: RowId;
  readonly key: string;
  readonly value: string;
}

function entriesIn(state: State, index: 'unique' | 'plain', table: TableId, ranges: readonly KeyRange[]): Found[] {
  return ranges.flatMap((range, i) =>
    rowsOf(state, table)
      .flatMap(([id, row]) => {
        const key = row[index];
        if (key === undefined || !isIn(key, range)) return [];
        const value = index === 'unique' || row.version % 2 === 0 ? '' : `value ${row.version}`;
        return [{ range: i, id, key, value }];
      })
      .toSorted((one, other) => (one.key === other.key ? one.id - other.id : one.key < other.key ? -1 : 1)),
  );
}

function drain<Batch>(cursor: BatchCursor<Batch>): Batch[] {
  const batches: Batch[] = [];
  for (let batch = cursor.next(); batch !== undefined; batch = cursor.next()) batches.push(batch);
  assert.equal(cursor.next(), undefined);
  return batches;
}

function texts(batch: RowBatch): string[] {
  return Array.from({ length: batch.count }, (_, i) =>
    Buffer.from(batch.buffer.subarray(batch.starts[i], batch.ends[i])).toString('latin1'),
  );
}

function textOf(row: Row): string {
  return Buffer.from(bytesOf(row)).toString('latin1');
}

/** Compares everything a transaction can see with the model. */
function compare(transaction: Transaction, state: State, ranges: readonly KeyRange[], limit: number | undefined): void {
  const options = limit === undefined ? {} : { limit };
  const cut = <Item>(items: Item[]): Item[] => items.slice(0, limit);
  for (const table of TABLES) {
    const rows = rowsOf(state, table);
    assert.equal(transaction.countRows(table), rows.length);
    for (const reverse of [false, true]) {
      const ordered = cut(reverse ? rows.toReversed() : rows);
      const batches = drain(transaction.scanRows(table, { ...options, reverse }));
      assert.deepEqual(
        batches.flatMap((batch) => Array.from(batch.ids)),
        ordered.map(([id]) => id),
      );
      assert.deepEqual(
        batches.flatMap(texts),
        ordered.map(([, row]) => textOf(row)),
      );
    }
    const ids = [...rows.map(([id]) => id), 999_999];
    assert.deepEqual(texts(transaction.rows(table, ids)), [...rows.map(([, row]) => textOf(row)), '']);
    for (const [index, name] of [
      [uniqueOf(table), 'unique'],
      [plainOf(table), 'plain'],
    ] as const) {
      compareIndex(transaction, index, { state, name, table, ranges, limit });
    }
    const keys = rows.flatMap(([, { unique }]) => unique ?? []);
    const found = transaction.lookup(
      uniqueOf(table),
      table,
      [...keys, 'none'].map((key) => Buffer.from(key, 'latin1')),
    );
    const expected = keys.map((key) => textOf(rows.find(([, row]) => row.unique === key)![1]));
    assert.deepEqual(texts(found), [...expected, '']);
  }
}

function compareIndex(
  transaction: Transaction,
  index: TableId,
  expected: {
    readonly state: State;
    readonly name: 'unique' | 'plain';
    readonly table: TableId;
    readonly ranges: readonly KeyRange[];
    readonly limit: number | undefined;
  },
): void {
  const { state, name, table, ranges, limit } = expected;
  const options = limit === undefined ? {} : { limit };
  const all = entriesIn(state, name, table, ranges);
  assert.deepEqual(probedEntries(transaction.probe(index, ranges, { ...options, withKeys: true, withValues: true })), all.slice(0, limit));
  const keys = [...new Set(all.map(({ key: text }) => text)), NO_KEY, LONG_KEY].map((text) => Buffer.from(text, 'latin1'));
  const points = keys.map((from) => ({ from, to: from, toInclusive: true }));
  const under = entriesIn(state, name, table, points).slice(0, limit);
  assert.deepEqual(probedEntries(transaction.probeKeys(index, keyListOf(keys), { ...options, withKeys: true, withValues: true })), under);
  for (const range of ranges) {
    const inRange = entriesIn(state, name, table, [range]);
    assert.equal(transaction.countEntries(index, [range]), inRange.length);
    for (const reverse of [false, true]) {
      const ordered = (reverse ? inRange.toReversed() : inRange).slice(0, limit);
      const batches = drain(transaction.scanEntries(index, [range], { ...options, reverse, withKeys: true }));
      assert.deepEqual(
        batches.flatMap((batch) => Array.from(batch.ids)),
        ordered.map(({ id }) => id),
      );
      assert.deepEqual(
        batches.flatMap((batch) => texts(batch.keys!)),
        ordered.map(({ key }) => key),
      );
      for (const withIds of [false, true]) {
        assert.deepEqual(
          passingValues(transaction, index, range, { ...options, reverse }, withIds),
          ordered.map(({ id, value }) => (withIds ? `${id}: ${value}` : value)),
        );
      }
      const rows = drain(transaction.scanEntryRows(index, table, [range], { ...options, reverse }));
      assert.deepEqual(
        rows.flatMap(texts),
        ordered.map(({ id }) => textOf(state.get(table)!.get(id)!)),
      );
    }
  }
}

const NO_KEY = 'there is no such key';
/** More than an entry can have. */
const LONG_KEY = 'long'.repeat(2000);

function probedEntries({ count, ranges, ids, keys, values }: EntryBatch) {
  return Array.from({ length: count }, (_, i) => ({ range: ranges[i], id: ids[i], key: texts(keys!)[i], value: texts(values!)[i] }));
}

/** What is stored along with entries, read from batches that are looked at before the next one is asked for. */
function passingValues(transaction: Transaction, index: TableId, range: KeyRange, options: ScanOptions, withIds: boolean): string[] {
  const only = { withValues: true, withoutIds: !withIds, withoutRanges: true, isBorrowed: true, isPassing: true };
  const cursor = transaction.scanEntries(index, [range], { ...options, ...only });
  const values: string[] = [];
  for (let batch = cursor.next(); batch !== undefined; batch = cursor.next()) {
    values.push(...texts(batch.values!).map((text, i) => (withIds ? `${batch.ids[i]!}: ${text}` : text)));
  }
  return values;
}

/** A transaction and what the model says of it. */
interface Open {
  readonly transaction: Transaction;
  readonly base: State;
  readonly meta: Map<string, string>;
  readonly baseMeta: ReadonlyMap<string, string>;
  state: Map<TableId, Map<RowId, Row>>;
  readonly written: Map<TableId, Set<RowId>>;
  readonly cleared: Set<TableId>;
  /** Names of meta values, also of those rolled back. */
  readonly named: Set<string>;
  readonly savepoints: {
    readonly mark: ReturnType<Transaction['savepoint']>;
    readonly state: State;
    readonly meta: ReadonlyMap<string, string>;
    readonly cleared: ReadonlySet<TableId>;
  }[];
}

function copy(state: State): Map<TableId, Map<RowId, Row>> {
  return new Map([...state].map(([table, rows]) => [table, new Map(rows)]));
}

const keyByte = fc.constantFrom('\0', '\u0001', 'a', '\u00ff');
/** All of one length, so none begins another. */
const key = fc.array(keyByte, { minLength: 3, maxLength: 3 }).map((bytes) => bytes.join(''));
/** The beginning of keys, a key, or more than a key. */
const bound = fc
  .tuple(fc.array(keyByte, { maxLength: 3 }), fc.constantFrom('', '\u0001', '\u00ff'))
  .map(([bytes, suffix]) => Buffer.from(bytes.join('') + (bytes.length === 3 ? suffix : ''), 'latin1'));
const range: fc.Arbitrary<KeyRange> = fc
  .record({ from: bound, to: bound, kind: fc.nat(7), fromExclusive: fc.boolean(), toInclusive: fc.boolean() })
  .map(({ from, to, kind, fromExclusive, toInclusive }) => ({
    ...(kind === 0 ? {} : { from, fromExclusive }),
    ...(kind === 1 ? {} : { to: kind === 2 ? from : to, toInclusive }),
  }));

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('begin' as const), mode: fc.constantFrom('read', 'direct', 'deferred', 'deferred') }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('mutate' as const),
      which: fc.nat(2),
      changes: fc.array(
        fc.record({
          do: fc.constantFrom('insert', 'insert', 'replace', 'remove'),
          table: fc.constantFrom(...TABLES),
          pick: fc.nat(),
          size: fc.oneof({ weight: 20, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.constantFrom(3000, 70_000) }),
          unique: fc.option(key, { nil: undefined }),
          plain: fc.option(key, { nil: undefined }),
        }),
        { minLength: 1, maxLength: 6 },
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('meta' as const),
      which: fc.nat(2),
      name: fc.constantFrom('a', 'b/ä', 'b/z'),
      value: fc.nat(9),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('savepoint' as const), which: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('rollback' as const, 'release' as const), which: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const), which: fc.nat(2), table: fc.constantFrom(...TABLES) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('commit' as const, 'abort' as const), which: fc.nat(2) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('compare' as const),
      which: fc.nat(2),
      ranges: fc.array(range, { maxLength: 3 }),
      limit: fc.option(fc.nat(5), { nil: undefined }),
    }),
  },
);

type Step = typeof step extends fc.Arbitrary<infer Type> ? Type : never;

class Comparison {
  readonly #engine: StorageEngine;
  readonly #open: (Open | undefined)[] = [undefined, undefined, undefined];
  #state: State = emptyState();
  #meta = new Map<string, string>();
  /** How often a table was cleared. */
  #clears = 0;
  #version = 1;
  readonly #clearsAtBegin = new WeakMap<Open, number>();

  constructor(engine: StorageEngine) {
    this.#engine = engine;
  }

  run(steps: readonly Step[]): void {
    for (const one of steps) this.#do(one);
    for (const open of this.#open) open?.transaction.abort();
    const transaction = this.#engine.begin({ mode: 'read' });
    compare(transaction, this.#state, [{}], undefined);
    transaction.abort();
  }

  /** Leaves nothing for the next run. */
  clean(): void {
    for (const open of this.#open) open?.transaction.abort();
    const transaction = this.#engine.begin({ mode: 'direct' });
    transaction.clear(TABLES.flatMap((table) => [table, uniqueOf(table), plainOf(table)]));
    for (const [name] of transaction.listMeta('')) transaction.writeMeta(name, undefined);
    transaction.commit();
  }

  #do(one: Step): void {
    if (one.do === 'begin') return this.#begin(one.mode);
    const open = this.#open[one.which];
    if (open === undefined) return;
    const { transaction } = open;
    const isWriting = transaction.mode !== 'read';
    switch (one.do) {
      case 'mutate':
        if (isWriting) this.#mutate(open, one.changes);
        break;
      case 'meta':
        if (!isWriting) break;
        open.named.add(one.name);
        transaction.writeMeta(one.name, one.value === 0 ? undefined : Buffer.from(String(one.value)));
        if (one.value === 0) open.meta.delete(one.name);
        else open.meta.set(one.name, String(one.value));
        break;
      case 'savepoint':
        if (isWriting)
          open.savepoints.push({
            mark: transaction.savepoint(),
            state: copy(open.state),
            meta: new Map(open.meta),
            cleared: new Set(open.cleared),
          });
        break;
      case 'rollback': {
        const savepoint = open.savepoints.pop();
        if (savepoint === undefined) break;
        savepoint.mark.rollback();
        open.state = copy(savepoint.state);
        open.meta.clear();
        for (const [name, value] of savepoint.meta) open.meta.set(name, value);
        open.cleared.clear();
        for (const table of savepoint.cleared) open.cleared.add(table);
        break;
      }
      case 'release':
        open.savepoints.pop()?.mark.release();
        break;
      case 'clear':
        if (!isWriting) break;
        transaction.clear([one.table, uniqueOf(one.table), plainOf(one.table)]);
        open.state.get(one.table)!.clear();
        open.cleared.add(one.table);
        break;
      case 'commit':
        if (this.#mayCommit(open)) this.#commit(one.which, open);
        break;
      case 'abort':
        transaction.abort();
        this.#open[one.which] = undefined;
        break;
      case 'compare':
        compare(transaction, open.state, one.ranges, one.limit);
        assert.deepEqual(listMeta(transaction, ''), sorted(open.meta));
        assert.deepEqual(
          listMeta(transaction, 'b/'),
          sorted(open.meta).filter(([name]) => name.startsWith('b/')),
        );
    }
  }

  #hasDirect(): boolean {
    return this.#open.some((open) => open?.transaction.mode === 'direct');
  }

  #begin(mode: string): void {
    const which = this.#open.indexOf(undefined);
    if (which < 0 || (mode === 'direct' && this.#hasDirect())) return;
    const open: Open = {
      transaction: this.#engine.begin({ mode: mode as Transaction['mode'] }),
      base: this.#state,
      baseMeta: this.#meta,
      state: copy(this.#state),
      meta: new Map(this.#meta),
      written: new Map(TABLES.map((table) => [table, new Set()])),
      cleared: new Set(),
      named: new Set(),
      savepoints: [],
    };
    this.#clearsAtBegin.set(open, this.#clears);
    this.#open[which] = open;
  }

  /** A deferred transaction waits for a direct one, and both are in this thread. */
  #mayCommit(open: Open): boolean {
    return open.transaction.mode === 'direct' || !this.#hasDirect();
  }

  #mutate(open: Open, changes: Extract<Step, { do: 'mutate' }>['changes']): void {
    const mutations: Mutation[] = [];
    const outcomes: (RowId | undefined)[] = [];
    for (const change of changes) {
      const { table } = change;
      const rows = open.state.get(table)!;
      const row: Row = { version: this.#version++, size: change.size, unique: change.unique, plain: change.plain };
      const add = entriesOf(table, row);
      const ids = [...rows.keys()];
      const id = change.do === 'insert' ? this.#engine.tick() : ids[change.pick % ids.length];
      if (id === undefined) continue;
      const drop = change.do === 'insert' ? [] : entriesOf(table, rows.get(id)!);
      if (change.do === 'remove') {
        mutations.push({ do: 'remove', table, id, drop });
        outcomes.push(undefined);
        rows.delete(id);
      } else {
        const base = { table, id, bytes: bytesOf(row), add };
        mutations.push(change.do === 'insert' ? { do: 'insert', ...base } : { do: 'replace', ...base, drop });
        const holder = change.unique === undefined ? undefined : [...rows].find(([, { unique }]) => unique === change.unique)?.[0];
        const isRefused = holder !== undefined && holder !== id;
        outcomes.push(isRefused ? holder : undefined);
        if (isRefused) continue;
        rows.set(id, row);
      }
      open.written.get(table)!.add(id);
    }
    const failures = open.transaction.mutate(mutations);
    assert.deepEqual(
      failures.map((failure) => failure?.holder),
      outcomes,
    );
  }

  #commit(which: number, open: Open): void {
    this.#open[which] = undefined;
    const { transaction } = open;
    const metaBefore = this.#engine.metaVersion();
    const expected = transaction.mode === 'deferred' ? this.#conflict(open) : 'no';
    try {
      transaction.commit();
    } catch (error) {
      assert(isArangoError(error) && error.errorNum === 1200, String(error));
      assert.match(error.message, /write-write conflict/);
      assert.notEqual(expected, 'no');
      return;
    }
    assert.notEqual(expected, 'yes');
    if (transaction.mode === 'read') return;
    if (open.cleared.size > 0) this.#clears++;
    this.#state = this.#merge(open);
    const meta = new Map(this.#meta);
    let isMetaChanged = false;
    for (const name of new Set([...open.meta.keys(), ...open.baseMeta.keys()])) {
      if (open.meta.get(name) === open.baseMeta.get(name)) continue;
      isMetaChanged = true;
      const value = open.meta.get(name);
      if (value === undefined) meta.delete(name);
      else meta.set(name, value);
    }
    this.#meta = meta;
    if (isMetaChanged) assert.notEqual(this.#engine.metaVersion(), metaBefore);
  }

  /** What this transaction has changed, on what others have committed since. */
  #merge(open: Open): State {
    const merged = copy(this.#state);
    for (const table of TABLES) {
      const rows = merged.get(table)!;
      if (open.cleared.has(table)) {
        merged.set(table, new Map(open.state.get(table)));
        continue;
      }
      for (const id of new Set([...open.base.get(table)!.keys(), ...open.state.get(table)!.keys()])) {
        const row = open.state.get(table)!.get(id);
        if (row === open.base.get(table)!.get(id)) continue;
        if (row === undefined) rows.delete(id);
        else rows.set(id, row);
      }
    }
    return merged;
  }

  /** Clearing a table that others use may be a conflict or not: that is left to the engine. */
  #conflict(open: Open): 'yes' | 'no' | 'maybe' {
    if (this.#clearsAtBegin.get(open) !== this.#clears || open.cleared.size > 0) return 'maybe';
    for (const table of TABLES) {
      const holders = (state: State): Map<string | undefined, RowId> =>
        new Map([...state.get(table)!].map(([id, { unique }]) => [unique, id]));
      const before = open.base.get(table)!;
      const now = this.#state.get(table)!;
      for (const id of open.written.get(table)!) {
        if (before.get(id) !== now.get(id)) return open.state.get(table)!.get(id) === before.get(id) ? 'maybe' : 'yes';
        const unique = open.state.get(table)!.get(id)?.unique;
        if (unique !== undefined && holders(open.base).get(unique) !== holders(this.#state).get(unique)) return 'yes';
      }
    }
    for (const name of open.named) {
      if (this.#meta.get(name) === open.baseMeta.get(name)) continue;
      return open.meta.get(name) === open.baseMeta.get(name) ? 'maybe' : 'yes';
    }
    return 'no';
  }
}

function listMeta(transaction: Transaction, prefix: string): [string, string][] {
  return transaction.listMeta(prefix).map(([name, value]) => {
    assert.deepEqual(Buffer.from(transaction.readMeta(name)!), Buffer.from(value));
    return [name, Buffer.from(value).toString()];
  });
}

function sorted(meta: ReadonlyMap<string, string>): [string, string][] {
  return [...meta].toSorted(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
}

function put(engine: StorageEngine, mutations: readonly Mutation[]): void {
  const transaction = engine.begin({ mode: 'direct' });
  assert.deepEqual(
    transaction.mutate(mutations),
    mutations.map(() => undefined),
  );
  transaction.commit();
}

function countAll(engine: StorageEngine, table: TableId): number {
  const transaction = engine.begin({ mode: 'read' });
  const count = transaction.countRows(table);
  transaction.abort();
  return count;
}

function insertion(engine: StorageEngine, table: TableId, row: Partial<Row> = {}): Extract<Mutation, { do: 'insert' }> {
  const whole: Row = { version: 1, size: 10, unique: undefined, plain: undefined, ...row };
  return { do: 'insert', table, id: engine.tick(), bytes: bytesOf(whole), add: entriesOf(table, whole) };
}

/** `open` gives a new and empty store; the suite closes it. */
export function conformance(name: string, open: () => StorageEngine): void {
  const withEngine = async (action: (engine: StorageEngine) => void | Promise<void>): Promise<void> => {
    const engine = open();
    try {
      await action(engine);
    } finally {
      engine.close();
    }
  };
  const [table = 0] = TABLES;

  suite(name, () => {
    test('agrees with a model of plain maps', () =>
      withEngine((engine) => {
        const property = fc.property(fc.array(step, { minLength: 20, maxLength: 120, size: 'max' }), (steps) => {
          const comparison = new Comparison(engine);
          try {
            comparison.run(steps);
          } finally {
            comparison.clean();
          }
        });
        fc.assert(property, { numRuns: tries({ quick: 10, thorough: 50 }) });
      }));

    test('entries under keys are those of a model, whatever is read ahead', () =>
      withEngine((engine) =>
        fc.assert(
          fc.property(expansions, (one) => checkExpansions(engine, one)),
          { numRuns: tries({ quick: 8, thorough: 40 }) },
        ),
      ));

    test('scans a table of many rows of any size in both directions, a limit reading no more', () =>
      withEngine((engine) => {
        const sizes = Array.from({ length: 3000 }, (_, i) => (i % 500 === 7 ? 300_000 : i % 50 === 3 ? 9000 : i % 97));
        put(
          engine,
          sizes.map((size, i) => insertion(engine, table, { version: i + 1, size, plain: `key ${String(i).padStart(5, '0')}` })),
        );
        const transaction = engine.begin({ mode: 'read' });
        for (const reverse of [false, true]) {
          const expected = reverse ? sizes.toReversed() : sizes;
          for (const cursor of [
            transaction.scanRows(table, { reverse }),
            transaction.scanEntryRows(plainOf(table), table, [{}], { reverse }),
          ]) {
            const batches = drain(cursor);
            const found = batches.flatMap((batch) => Array.from({ length: batch.count }, (_, i) => batch.ends[i]! - batch.starts[i]! - 8));
            assert.deepEqual(found, expected);
            assert(batches[0]!.count <= 100, 'the first batch is small');
            assert(batches.every(({ count }) => count <= 1000));
          }
        }
        assert.equal(
          drain(transaction.scanRows(table, { limit: 1234 })).reduce((sum, { count }) => sum + count, 0),
          1234,
        );
        transaction.abort();
        for (const limit of [undefined, 1, 99, 100, 101, 1234]) {
          const once = engine.begin({ mode: 'read', snapshot: 'late' });
          once.readOnce();
          const found = drain(once.scanEntryRows(plainOf(table), table, [{}], limit === undefined ? {} : { limit }));
          assert.equal(
            found.reduce((sum, { count }) => sum + count, 0),
            Math.min(limit ?? Infinity, sizes.length),
          );
          once.abort();
        }
      }));

    test('a walk sees what was there when it began, whatever its transaction writes meanwhile', () =>
      withEngine((engine) => {
        put(
          engine,
          [1, 2, 3].map((version) => insertion(engine, table, { version, plain: `k${version}` })),
        );
        for (const mode of ['direct', 'deferred'] as const) {
          const transaction = engine.begin({ mode });
          transaction.mutate([insertion(engine, table, { version: 4, plain: 'k0' })]);
          for (const cursor of [transaction.scanRows(table), transaction.scanEntryRows(plainOf(table), table, [{}])]) {
            transaction.mutate([insertion(engine, table, { version: 5, plain: 'k9' })]);
            let seen = 0;
            for (let batch = cursor.next(); batch !== undefined; batch = cursor.next()) {
              seen += batch.count;
              transaction.mutate([insertion(engine, table, { version: 6, plain: 'k8' })]);
            }
            assert.equal(seen, cursor === undefined ? 0 : seen >= 4 ? seen : 4);
          }
          const before = transaction.countRows(table);
          const walk = transaction.scanRows(table);
          transaction.clear([table, plainOf(table)]);
          assert.equal(
            drain(walk).reduce((sum, { count }) => sum + count, 0),
            before,
          );
          assert.equal(transaction.countRows(table), 0);
          transaction.abort();
        }
      }));

    test('batches stay as they were given', () =>
      withEngine((engine) => {
        put(
          engine,
          Array.from({ length: 100 }, (_, i) => insertion(engine, table, { version: i + 1, size: i })),
        );
        const transaction = engine.begin({ mode: 'read' });
        const batches = drain(transaction.scanRows(table));
        const before = batches.flatMap(texts);
        transaction.abort();
        const again = engine.begin({ mode: 'read' });
        drain(again.scanRows(table, { reverse: true }));
        again.rows(table, [1, 2, 3]);
        again.abort();
        assert.deepEqual(batches.flatMap(texts), before);
      }));

    test('a snapshot does not see what is committed after it', () =>
      withEngine((engine) => {
        put(engine, [insertion(engine, table)]);
        const reading = engine.begin({ mode: 'read' });
        const cursor = reading.scanRows(table);
        put(engine, [insertion(engine, table)]);
        assert.equal(reading.countRows(table), 1);
        assert.equal(
          drain(cursor).reduce((sum, { count }) => sum + count, 0),
          1,
        );
        reading.abort();
        const later = engine.begin({ mode: 'read' });
        assert.equal(later.countRows(table), 2);
        later.abort();
      }));

    test('a transaction that grows beyond its limit is told so and stays whole', () =>
      withEngine((engine) => {
        const transaction = engine.begin({ mode: 'deferred', sizeLimitBytes: 5000 });
        transaction.mutate([insertion(engine, table, { size: 2000 })]);
        assert.throws(
          () => transaction.mutate([insertion(engine, table, { size: 4000, plain: 'abc' })]),
          (error) => isArangoError(error) && error.errorNum === 32,
        );
        assert.equal(transaction.countRows(table), 1);
        assert.equal(transaction.countEntries(plainOf(table), [{}]), 0);
        transaction.commit();
      }));

    test('what is committed so far stays, and what is being read goes on as it began', () =>
      withEngine((engine) => {
        put(
          engine,
          Array.from({ length: 3000 }, () => insertion(engine, table)),
        );
        for (const mode of ['deferred', 'direct'] as const) {
          const before = countAll(engine, table);
          const transaction = engine.begin({ mode });
          if (transaction.commitSoFar === undefined) return transaction.abort();
          const cursor = transaction.scanRows(table);
          let count = cursor.next()?.count ?? 0;
          for (let piece = 1; piece <= 100; piece++) {
            transaction.mutate([insertion(engine, table)]);
            assert.equal(transaction.commitSoFar(), true);
            assert.equal(transaction.writtenBytes, 0);
            assert.equal(countAll(engine, table), before + piece);
          }
          assert.equal(transaction.commitSoFar(), false, 'there is nothing to commit');
          for (let batch = cursor.next(); batch !== undefined; batch = cursor.next()) count += batch.count;
          assert.equal(count, before);
          assert.equal(transaction.countRows(table), before + 100);
          transaction.mutate([insertion(engine, table)]);
          transaction.abort();
          assert.equal(countAll(engine, table), before + 100);
        }
      }));

    test('numbers and revisions only grow', () =>
      withEngine((engine) => {
        let last = engine.tick();
        for (const count of [1, 5, 70_000, 1]) {
          const next = engine.tick(count);
          assert(next > last);
          last = next + count - 1;
        }
        let revision = engine.revision();
        for (let i = 0; i < 1000; i++) {
          const next = engine.revision();
          assert(next > revision);
          revision = next;
        }
        assert(Math.abs(Number(revision >> 20n) - Date.now()) < 60_000);
      }));

    test('tells when what was committed is durable, all who wait at once', () =>
      withEngine(async (engine) => {
        put(engine, [insertion(engine, table)]);
        const waits = Array.from(
          { length: 10 },
          () => new Promise<void>((resolve, reject) => engine.whenDurable((error) => (error ? reject(error) : resolve()))),
        );
        put(engine, [insertion(engine, table)]);
        engine.syncNow();
        await Promise.all(waits);
        engine.syncNow();
      }));

    test('a finished transaction may be aborted again', () =>
      withEngine((engine) => {
        const transaction = engine.begin({ mode: 'direct' });
        const cursor = transaction.scanRows(table);
        transaction.commit();
        transaction.abort();
        assert.equal(cursor.next(), undefined);
        assert.throws(() => transaction.countRows(table));
        const next = engine.begin({ mode: 'direct' });
        next.abort();
        next.abort();
      }));
  });
}
