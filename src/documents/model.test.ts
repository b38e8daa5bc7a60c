/**
 * Documents and indexes against a model that is a plain list: random writes, alone, in arrays and in transactions that are rolled back.
 * After them the indexes must hold exactly the entries of the documents that are there, and say what a look at all documents says.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import * as fc from 'fast-check';
import type { CollectionDefinition, IndexDefinition } from '#catalog';
import { compareValues, DocumentView, equalValues, isArray, isObject, type Value, type ValueObject } from '#values';
import { assertLaw, tries } from '../../tests/support/law.ts';
import { indexAccesses, type IndexAccess } from './access.ts';
import type { IndexRange } from './index-range.ts';
import { openTemporaryStore, type TemporaryStore } from './temporary-store.suite.ts';
import type { DocumentTransaction } from './transaction.ts';
import type { WriteOutcome } from './write-options.ts';

const INDEXES: readonly ValueObject[] = [
  { type: 'persistent', fields: ['a'], storedValues: ['b', 'o.x'] },
  { type: 'persistent', fields: ['a', 'b'] },
  { type: 'persistent', fields: ['b', 'o.x'], sparse: true },
  { type: 'persistent', fields: ['u'], unique: true, sparse: true },
  { type: 'persistent', fields: ['list[*]'] },
  { type: 'persistent', fields: ['a', 'rows[*].n'], sparse: true },
  { type: 'persistent', fields: ['only[*]'], unique: true },
  { type: 'persistent', fields: ['strict[*]'], unique: true, deduplicate: false },
  { type: 'ttl', fields: ['t'], expireAfter: 10 },
];

const value: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom<Value>(null, false, true, 0, -1, 1.5, '', 'a', 'A', 'aa', [], [1], { x: 1 }),
  fc.constant('long'.repeat(600)),
  fc.constant(`${'long'.repeat(600)}!`),
);
const few = fc.constantFrom<Value>(null, 1, 2, 'a');
const attributes: fc.Arbitrary<ValueObject> = fc.record(
  {
    a: value,
    b: value,
    o: fc.oneof(fc.record({ x: few }, { noNullPrototype: true }), few),
    u: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 0, max: 30 }) }, { weight: 1, arbitrary: value }),
    list: fc.oneof(fc.array(few, { maxLength: 4 }), few),
    rows: fc.oneof(fc.array(fc.oneof(fc.record({ n: few }, { noNullPrototype: true }), few), { maxLength: 3 }), few),
    only: fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 3 }),
    strict: fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 2 }),
    t: fc.constantFrom<Value>(null, 5, '2019-05-27', 'soon', [1]),
  },
  { requiredKeys: [], noNullPrototype: true },
);
const key = fc.constantFrom('k1', 'k2', 'k3', 'k4', 'k5', 'k6');

type Write =
  | { readonly do: 'insert'; readonly documents: readonly ValueObject[]; readonly mode: 'conflict' | 'ignore' | 'replace' | 'update' }
  | { readonly do: 'update' | 'replace'; readonly changes: readonly { readonly key: string; readonly document: ValueObject }[] }
  | { readonly do: 'remove'; readonly keys: readonly string[] }
  | { readonly do: 'truncate' };

const batch = { minLength: 1, maxLength: 4 };
const write: fc.Arbitrary<Write> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('insert' as const),
      documents: fc.array(
        fc.tuple(fc.option(key), attributes).map(([own, document]) => (own === null ? document : { _key: own, ...document })),
        batch,
      ),
      mode: fc.constantFrom('conflict' as const, 'ignore' as const, 'replace' as const, 'update' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('update' as const, 'replace' as const),
      changes: fc.array(fc.record({ key, document: attributes }), batch),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), keys: fc.array(key, batch) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'truncate' as const }) },
);

interface Step {
  readonly writes: readonly Write[];
  readonly end: 'commit' | 'abort' | 'savepoint';
  readonly mode: 'direct' | 'deferred';
}

const step: fc.Arbitrary<Step> = fc.record({
  writes: fc.array(write, { minLength: 1, maxLength: 3 }),
  end: fc.constantFrom('commit' as const, 'commit' as const, 'commit' as const, 'abort' as const, 'savepoint' as const),
  mode: fc.constantFrom('direct' as const, 'deferred' as const),
});

type Model = readonly ValueObject[];
type Bounds = readonly (readonly [Value, Value])[];

/** In each store one collection after the other goes through steps, with turns for the timers of the store between. */
function agrees(temporary: TemporaryStore): fc.IAsyncProperty<[Step[], [Value, Value][]]> {
  let collections = 0;
  const steps = fc.array(step, { minLength: 1, maxLength: 8 });
  const bounds = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 2 });
  return fc.asyncProperty(steps, bounds, async (taken, asked) => {
    const collection = temporary.create({ name: `c${collections++}` }, INDEXES);
    let model: Model = [];
    for (const one of taken) {
      model = take(temporary, collection, model, one, asked);
      await turn();
    }
  });
}

test('documents and indexes do as a plain list does', async () => {
  const temporary = openTemporaryStore();
  try {
    await assertLaw(agrees(temporary), { numRuns: tries({ quick: 5, thorough: 25 }) });
  } finally {
    temporary.close();
  }
});

test('they do while another thread writes and pages of the file are used again', async () => {
  const temporary = openTemporaryStore({ applyBytes: 3000, journalBytes: 30_000, syncIntervalMs: 1 });
  const { engine } = temporary;
  if (engine.gathering !== undefined) engine.gathering.isOn = true;
  const stop = new SharedArrayBuffer(4);
  const writer = new Worker(new URL('./writing-thread.suite.js', import.meta.url), {
    workerData: { share: engine.share(), collectionId: temporary.create({ name: 'busy' }).id, stop },
  });
  try {
    await once(writer, 'message');
    await assertLaw(agrees(temporary), { numRuns: tries({ quick: 2, thorough: 6 }) });
  } finally {
    Atomics.store(new Int32Array(stop), 0, 1);
    await once(writer, 'message');
    await writer.terminate();
    temporary.close();
  }
});

test('a document that is refused does not meet one that comes after it in the call', () => {
  const temporary = openTemporaryStore();
  const collection = temporary.create({ name: 'refused' }, INDEXES);
  for (const overwriteMode of ['ignore', 'replace', 'update'] as const) {
    temporary.store.write((transaction) => {
      transaction.truncate(collection);
      const documents = [
        { _key: 'k1', strict: [1, 1] },
        { _key: 'k1', a: 'second' },
        { _key: 'k1', a: 'third' },
      ];
      const [refused, ...others] = transaction.insert(collection, documents, { overwriteMode });
      assertError(refused!, 1210);
      assert.deepEqual(
        others.map(({ is }) => is),
        ['written', overwriteMode === 'ignore' ? 'ignored' : 'written'],
      );
      const [{ a } = {}] = read(collection, transaction.scan(collection));
      assert.equal(a, overwriteMode === 'ignore' ? 'second' : 'third');
    });
  }
  temporary.close();
});

/** Takes a step and gives what the collection should hold after it. */
function take(
  temporary: TemporaryStore,
  collection: CollectionDefinition,
  model: Model,
  { writes, end, mode }: Step,
  asked: Bounds,
): Model {
  const transaction = temporary.store.begin({ mode });
  try {
    const savepoint = end === 'savepoint' ? transaction.savepoint() : undefined;
    const changed = writes.reduce<Model>((documents, one) => apply(transaction, collection, documents, one), model);
    check(transaction, collection, changed, asked);
    savepoint?.rollback();
    if (end !== 'abort') transaction.commit();
    const expected = end === 'commit' ? changed : model;
    temporary.store.read((reader) => check(reader, collection, expected, asked));
    return expected;
  } finally {
    transaction.abort();
  }
}

/** Does a write in the store, and to the model what its outcomes say; the outcomes must be those that the model allows. */
function apply(transaction: DocumentTransaction, collection: CollectionDefinition, model: Model, one: Write): Model {
  switch (one.do) {
    case 'insert': {
      const outcomes = transaction.insert(collection, one.documents, { overwriteMode: one.mode });
      return one.documents.reduce<Model>((documents, document, i) => {
        const outcome = outcomes[i]!;
        const existing = documents.find(({ _key }) => _key === document['_key']);
        if (existing === undefined) return accept(collection, documents, undefined, outcome, { _key: outcome.key ?? '', ...document });
        if (one.mode === 'conflict') {
          assert.equal(outcome.is, 'failed');
          return documents;
        }
        if (one.mode === 'ignore') {
          assert.equal(outcome.is, 'ignored');
          return documents;
        }
        const merged = one.mode === 'update' ? merge(existing, document) : document;
        return accept(collection, documents, existing, outcome, merged);
      }, model);
    }
    case 'update':
    case 'replace': {
      const outcomes = one.do === 'update' ? transaction.update(collection, one.changes) : transaction.replace(collection, one.changes);
      return one.changes.reduce<Model>((documents, change, i) => {
        const existing = documents.find(({ _key }) => _key === change.key);
        if (existing === undefined) {
          assertError(outcomes[i]!, 1202);
          return documents;
        }
        const merged = one.do === 'update' ? merge(existing, change.document) : { _key: change.key, ...change.document };
        return accept(collection, documents, existing, outcomes[i]!, merged);
      }, model);
    }
    case 'remove': {
      const outcomes = transaction.remove(
        collection,
        one.keys.map((own) => ({ key: own })),
      );
      return one.keys.reduce<Model>((documents, own, i) => {
        const existing = documents.find(({ _key }) => _key === own);
        if (existing === undefined) assertError(outcomes[i]!, 1202);
        else assert.equal(outcomes[i]!.is, 'written');
        return documents.filter((document) => document !== existing);
      }, model);
    }
    case 'truncate':
      transaction.truncate(collection);
      return [];
  }
}

/** The outcome of putting `document` in place of `existing` must be a unique violation if and only if the model has one. */
function accept(
  collection: CollectionDefinition,
  model: Model,
  existing: ValueObject | undefined,
  outcome: WriteOutcome,
  document: ValueObject,
): Model {
  const others = model.filter((other) => other !== existing);
  const isViolation = collection.indexes.some((index) => violates(index, others, document));
  if (isViolation) {
    assertError(outcome, 1210);
    return model;
  }
  assert.equal(outcome.is, 'written', outcome.is === 'failed' ? outcome.error.message : '');
  if (existing === undefined) return [...model, document];
  return model.map((other) => (other === existing ? document : other));
}

function violates(index: IndexDefinition, others: Model, document: ValueObject): boolean {
  if (!index.isUnique || index.type !== 'persistent') return false;
  const own = tuples(index, document);
  if (own.some((tuple, i) => own.findIndex((one) => isSame(one, tuple)) !== i)) return true;
  return others.some((other) => tuples(index, other).some((theirs) => own.some((tuple) => isSame(theirs, tuple))));
}

function assertError(outcome: WriteOutcome, errorNum: number): void {
  assert(outcome.is === 'failed', `expected error ${errorNum}`);
  assert.equal(outcome.error.errorNum, errorNum);
}

/** The values under which an index has a document: `undefined` ends a tuple early. */
function tuples(index: IndexDefinition, document: ValueObject): (readonly (Value | undefined)[])[] {
  let found: (Value | undefined)[][] = [[]];
  for (const { steps, expandedStep } of index.fields) {
    const end = expandedStep === -1 ? steps.length : expandedStep + 1;
    const own = at(document, steps.slice(0, end));
    if (expandedStep === -1) {
      if (index.isSparse && (own ?? null) === null) return [];
      found = found.map((tuple) => [...tuple, own ?? null]);
      continue;
    }
    const members = (own !== undefined && isArray(own) ? own : []).flatMap((member) => {
      const inner = at(member, steps.slice(end));
      return inner === undefined && index.isSparse ? [] : [inner ?? null];
    });
    const isFolding = index.type !== 'persistent' || index.isDeduplicating || !index.isUnique;
    const different = isFolding ? members.filter((member, i) => members.findIndex((one) => equalValues(one, member)) === i) : members;
    if (different.length === 0) return found[0]!.length === 0 ? [] : found.map((tuple) => [...tuple, undefined]);
    found = found.flatMap((tuple) => different.map((member) => [...tuple, member]));
  }
  return found;
}

function at(from: Value, steps: readonly string[]): Value | undefined {
  let current: Value | undefined = from;
  for (const name of steps) current = current !== undefined && isObject(current) ? current[name] : undefined;
  return current;
}

function isSame(left: readonly (Value | undefined)[], right: readonly (Value | undefined)[]): boolean {
  return left.length === right.length && left.every((one, i) => compareOrNothing(one, right[i]) === 0);
}

/** What ends early comes first. */
function compareOrNothing(left: Value | undefined, right: Value | undefined): number {
  if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined);
  return compareValues(left, right);
}

function merge(old: ValueObject, patch: ValueObject): ValueObject {
  const merged: Record<string, Value> = { ...old };
  for (const [name, own] of Object.entries(patch)) {
    const before = merged[name];
    merged[name] = isObject(own) && before !== undefined && isObject(before) ? merge(before, own) : own;
  }
  return merged;
}

function check(transaction: DocumentTransaction, collection: CollectionDefinition, model: Model, bounds: Bounds): void {
  assert.deepEqual(
    read(collection, transaction.scan(collection)).map(ownData),
    model.map((document) => ({ ...document })),
  );
  assert.equal(transaction.count(collection), model.length);
  for (const access of indexAccesses(collection)) {
    checkEntries(transaction, access, model);
    if (access.index.type === 'persistent') for (const [low, high] of bounds) checkRanges(transaction, access, model, low, high);
  }
  const keys = ['k1', 'k5', 'nobody', 'k1'];
  const found = transaction.lookup(collection, keys);
  keys.forEach((own, i) =>
    assert.equal(
      found.starts[i] !== found.ends[i],
      model.some(({ _key }) => _key === own),
    ),
  );
}

/** The entries are those of the documents: as many, and for each document its keys. */
function checkEntries(transaction: DocumentTransaction, access: IndexAccess, model: Model): void {
  const expected = model.reduce((count, document) => {
    const own = tuples(access.index, document);
    return count + (access.index.type === 'primary' ? 1 : own.length);
  }, 0);
  assert.equal(transaction.storage.countEntries(access.table, [{}]), expected, access.index.fields.map(({ text }) => text).join());
}

function checkRanges(transaction: DocumentTransaction, access: IndexAccess, model: Model, low: Value, high: Value): void {
  const ranges: readonly (readonly IndexRange[])[] = [
    [{ equal: [] }],
    [{ equal: [low] }],
    [{ equal: [low] }, { equal: [high] }, { equal: [low] }],
    [{ equal: [], low: { value: low, isInclusive: true }, high: { value: high, isInclusive: false } }],
    [
      { equal: [], low: { value: low, isInclusive: false } },
      { equal: [], high: { value: high, isInclusive: true } },
    ],
    ...(access.fields.length > 1
      ? [
          [{ equal: [low, high] }],
          [{ equal: [low], low: { value: high, isInclusive: true } }],
          [{ equal: [low], high: { value: high, isInclusive: true } }],
        ]
      : []),
  ];
  for (const asked of ranges) {
    const expected = expectedKeys(access, model, asked);
    const found = read(access.collection, transaction.scanIndex(access, asked)).map(({ _key }) => _key as string);
    const isOrdered = !model.some((document) => hasLongValue(access, document));
    assert.deepEqual(isOrdered ? found : found.toSorted(), isOrdered ? expected : expected.toSorted());
    assert.equal(transaction.countIndex(access, asked), expected.length);
    const reversed = read(access.collection, transaction.scanIndex(access, asked, { reverse: true })).map(({ _key }) => _key as string);
    assert.deepEqual(reversed.toSorted(), expected.toSorted());
    assert.equal(read(access.collection, transaction.scanIndex(access, asked, { limit: 2 })).length, Math.min(2, expected.length));
    const probed = transaction.probeIndex(access, asked);
    const perProbe = asked.flatMap((range) => expectedKeys(access, model, [range]));
    assert.equal(probed.rows.count, perProbe.length);
  }
}

/** Keys that long are cut, and among those the order is any. */
function hasLongValue({ index }: IndexAccess, document: ValueObject): boolean {
  return tuples(index, document).some((tuple) => tuple.some((one) => typeof one === 'string' && one.length > 100));
}

function expectedKeys(access: IndexAccess, model: Model, asked: readonly IndexRange[]): string[] {
  const entries = model.flatMap((document, place) =>
    tuples(access.index, document)
      .filter((tuple) => asked.some((range) => isIn(tuple, range)))
      .map((tuple) => ({ document, place, tuple })),
  );
  const sorted = entries.toSorted((left, right) => {
    for (let i = 0; i < left.tuple.length; i++) {
      const order = compareOrNothing(left.tuple[i], right.tuple[i]);
      if (order !== 0) return order;
    }
    return left.place - right.place;
  });
  return [...new Set(sorted.map(({ document }) => document['_key'] as string))];
}

function isIn(tuple: readonly (Value | undefined)[], { equal, low, high }: IndexRange): boolean {
  if (!equal.every((one, i) => tuple[i] !== undefined && compareValues(tuple[i], one) === 0)) return false;
  if (low === undefined && high === undefined) return true;
  const next = tuple[equal.length];
  const fromLow = low === undefined ? 1 : next === undefined ? -1 : compareValues(next, low.value);
  const fromHigh = high === undefined ? -1 : next === undefined ? -1 : compareValues(next, high.value);
  return (fromLow > 0 || (fromLow === 0 && low?.isInclusive === true)) && (fromHigh < 0 || (fromHigh === 0 && high?.isInclusive === true));
}

type Cursor = ReturnType<DocumentTransaction['scan']>;

function read({ name }: CollectionDefinition, cursor: Cursor): ValueObject[] {
  const documents: ValueObject[] = [];
  for (let rows = cursor.next(); rows !== undefined; rows = cursor.next()) {
    for (let place = 0; place < rows.count; place++) {
      assert.notEqual(rows.starts[place], rows.ends[place], 'a row that is not there');
      documents.push(new DocumentView(rows.buffer, rows.starts[place]!, rows.ends[place]!, name).toObject());
    }
  }
  return documents;
}

function ownData({ _id, _rev, ...own }: ValueObject): ValueObject {
  assert.equal(typeof _id, 'string');
  assert.equal(typeof _rev, 'string');
  return own;
}
