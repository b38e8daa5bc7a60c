import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isArangoError, replaceClock } from '#base';
import { DocumentView, encodeDocument, type Value } from '#values';
import { Cursors, QueryCursor, type CursorOptions, type Results } from './cursors.ts';

const SCOPE = { databaseName: '_system', user: undefined };

/** An execution with results at hand, which notes what becomes of it. */
function executionOf(batches: readonly (readonly (Value | DocumentView)[])[]): Results & { readonly closed: number } {
  const rest = [...batches];
  let closed = 0;
  return {
    next: () => rest.shift(),
    nextJson: () => rest.shift()?.map((result) => JSON.stringify(result)),
    close: () => {
      closed++;
    },
    extra: () => ({ warnings: [] }),
    isProfiled: false,
    keepResults: () => undefined,
    get closed() {
      return closed;
    },
  };
}

let nextId = 0;
const cursors = new Cursors(() => String(++nextId));

function cursorOf(execution: Results, options: Partial<CursorOptions> = {}): QueryCursor {
  const defaults = {
    isComplete: true,
    asJson: false,
    batchSize: undefined,
    ttlSeconds: undefined,
    isDurable: false,
    onEnd: () => undefined,
  };
  return new QueryCursor(cursors, SCOPE, { execution, ...defaults, ...options });
}

function isUnknown(id: string, scope = SCOPE): boolean {
  try {
    cursors.get(scope, id);
    return false;
  } catch (error) {
    assert(isArangoError(error) && error.errorNum === 1600);
    return true;
  }
}

const bytes = encodeDocument(1n << 60n, { name: 'Ada' }, 'a');
const view = new DocumentView(bytes, 0, bytes.length, 'c');

test('results come one by one, all at once, and in a loop, and then there are none', () => {
  const execution = executionOf([[1, 2], [], [view]]);
  const cursor = cursorOf(execution);
  assert.equal(execution.closed, 1);
  assert.equal(cursor.count(), 3);
  assert.equal(cursor.next(), 1);
  assert.deepEqual(cursor.toArray(), [2, view.toObject()]);
  assert.equal(cursor.hasNext(), false);
  assert.equal(cursor.next(), undefined);
  assert.equal(cursor.count(), 3);
  assert.deepEqual([...cursorOf(executionOf([[1], [2]]))], [1, 2]);
});

for (const asJson of [false, true]) {
  test(`results made ${asJson ? 'as JSON' : 'as values'} can be had as either`, () => {
    const results = [null, 'a', [1], view];
    assert.deepEqual(cursorOf(executionOf([results]), { asJson }).nextJson(10), ['null', '"a"', '[1]', JSON.stringify(view)]);
    assert.deepEqual(cursorOf(executionOf([results]), { asJson }).toArray(), [null, 'a', [1], view.toObject()]);
  });
}

test('a streaming query runs as its results are fetched', () => {
  const execution = executionOf([[1], [2], [3]]);
  let ended = 0;
  const cursor = cursorOf(execution, { isComplete: false, onEnd: () => ended++ });
  assert.equal(cursor.count(), undefined);
  assert.deepEqual(cursor.nextJson(2), ['1', '2']);
  assert.deepEqual([execution.closed, ended], [0, 0]);
  assert.deepEqual(cursor.nextJson(2), ['3']);
  assert.deepEqual([execution.closed, ended], [1, 1]);
  cursor.dispose();
  assert.deepEqual([execution.closed, ended], [1, 1]);
});

test('a cursor is kept until it is read to its end, disposed of, or overdue', () => {
  let now = 0;
  const restore = replaceClock({ now: () => now, monotonic: () => now });
  try {
    const [read, disposed, overdue] = [1, 2, 3].map(() => cursorOf(executionOf([[1, 2, 3, 4]]), { ttlSeconds: 10, batchSize: 2 }));
    assert(read !== undefined && disposed !== undefined && overdue !== undefined);
    read.nextJson(2);
    const ids = [read, disposed, overdue].map((cursor) => cursor.keep());
    assert.deepEqual([read.batchNumber, read.batchSize, read.id], [1, 2, ids[0]]);
    assert.equal(cursors.get(SCOPE, ids[0]!), read);
    assert.deepEqual(read.nextJson(2), ['3', '4']);
    assert(isUnknown(ids[0]!));
    disposed.dispose();
    assert(isUnknown(ids[1]!));
    now += 9_000;
    assert(!isUnknown(ids[2]!));
    now += 9_000;
    cursors.sweep();
    assert(!isUnknown(ids[2]!));
    now += 21_000;
    assert(isUnknown(ids[2]!));
    assert.equal(overdue.hasNext(), false);
  } finally {
    restore();
  }
});

test('a kept cursor is for its database and user, and for the server', () => {
  const own = { databaseName: '_system', user: 'ada' };
  const cursor = new QueryCursor(cursors, own, {
    execution: executionOf([[1]]),
    isComplete: true,
    asJson: false,
    batchSize: undefined,
    ttlSeconds: undefined,
    isDurable: false,
    onEnd: () => undefined,
  });
  const id = cursor.keep();
  assert(isUnknown(id, { databaseName: '_system', user: 'eve' } as unknown as typeof SCOPE));
  assert(isUnknown(id, { databaseName: 'other', user: undefined }));
  assert.equal(cursors.get(own, id), cursor);
  assert.equal(cursors.get(SCOPE, id), cursor);
  cursors.disposeAll();
  assert(isUnknown(id));
});
