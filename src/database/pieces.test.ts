/** Queries that commit in pieces: what is there afterwards, also when they fail, and that nothing is done twice. */
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { isArangoError } from '#base';
import type { Value, ValueObject } from '#values';
import { unlessEmbedded } from '../../tests/support/database.ts';
import type { Collection } from './collection.ts';
import { openDatabases } from './databases.ts';
import { openTemporaryDatabases } from './temporary-databases.suite.ts';

/** Called now and then while a query runs. */
let meanwhile: (() => void) | undefined;
const temporary = openTemporaryDatabases({
  isCancelled: () => {
    meanwhile?.();
    return false;
  },
});
const { database, engine } = temporary;
const others = openDatabases(engine);
after(() => {
  others.close();
  temporary.close();
});

let made = 0;
let items: Collection;
let copies: Collection;

beforeEach(() => {
  meanwhile = undefined;
  items = database.createCollection({ name: `items${++made}` });
  copies = database.createCollection({ name: `copies${made}` });
});

/** What else is here holds where nothing is committed in pieces, too. */
const skip = unlessEmbedded('on PostgreSQL queries commit once, at their end (decision 0027)');

const PIECES = { intermediateCommitCount: 1000 };

function run(query: string, options: ValueObject = PIECES): { readonly result: Value[]; readonly commits: Value } {
  const cursor = database.query({ query: query.replaceAll('items', items.name).replaceAll('copies', copies.name), options });
  const result = cursor.toArray();
  return { result, commits: (cursor.extra()['stats'] as ValueObject)['intermediateCommits'] ?? null };
}

const fails = (errorNum: number, action: () => unknown): void =>
  assert.throws(action, (error) => isArangoError(error) && error.errorNum === errorNum);

test('a piece is as many batches as have the operations or the bytes that are asked for', { skip }, () => {
  assert.equal(run('FOR i IN 1..10000 INSERT {} INTO items').commits, 10);
  assert.equal(run('FOR d IN items UPDATE d WITH { n: 1 } IN items').commits, 10);
  assert.equal(run('FOR d IN items REMOVE d IN items', { intermediateCommitCount: 300 }).commits, 10);
  assert.equal(run('FOR i IN 1..700 INSERT {} INTO items', { intermediateCommitCount: 300 }).commits, 1);
  assert.equal(run('FOR i IN 1..2000 INSERT {} INTO items', { intermediateCommitCount: 1 }).commits, 2);
  assert.equal(run('FOR i IN 1..5000 INSERT {} INTO items', { intermediateCommitSize: 1 }).commits, 5);
  assert.equal(run('FOR i IN 1..5000 INSERT {} INTO items', {}).commits, 0);
});

test('thousands of pieces take no more than a few', { skip }, () => {
  assert.equal(
    run('FOR i IN 1..4500 LET made = (INSERT {} INTO items) COLLECT WITH COUNT INTO n RETURN n', { intermediateCommitCount: 1 }).commits,
    4500,
  );
  assert.equal(items.count(), 4500);
});

test('a query that fails leaves whole pieces; without pieces nothing', { skip }, () => {
  // Large documents are in the data file when the next piece begins.
  for (const length of [1, 1000]) {
    const query = `FOR i IN 1..5000 INSERT { _key: TO_STRING(10000 + (i == 2500 ? 1500 : i)), text: REPEAT("fox", ${length}) } INTO items`;
    items.truncate();
    fails(1210, () => run(query, {}));
    assert.equal(items.count(), 0);
    fails(1210, () => run(query));
    assert.equal(items.count(), 2000);
  }
  items.truncate();
  // What could be written of a batch makes a piece before its failures are told.
  fails(1210, () => run('FOR key IN ["a", "b", "a", "c"] INSERT { _key: key } INTO items', { intermediateCommitCount: 2 }));
  assert.equal(items.count(), 3);
});

test('what is read and what is given out is the same as without pieces', () => {
  for (const options of [{}, PIECES]) {
    items.truncate();
    copies.truncate();
    run('FOR i IN 1..6000 INSERT { _key: TO_STRING(i), n: i, text: REPEAT("fox", i % 50) } INTO items', options);
    run('FOR d IN items INSERT { _key: d._key, n: d.n, text: d.text } INTO copies', options);
    const { result } = run(
      'FOR d IN items UPDATE d WITH { n: d.n + 1 } IN items SORT OLD.n DESC RETURN [OLD.n, NEW.n, d.n, d.text]',
      options,
    );
    assert.deepEqual(
      result,
      Array.from({ length: 6000 }, (_, i) => [6000 - i, 6001 - i, 6000 - i, 'fox'.repeat((6000 - i) % 50)]),
    );
    const unequal = 'FOR c IN copies LET d = DOCUMENT(CONCAT("items/", c._key)) FILTER d.n != c.n + 1 || d.text != c.text RETURN c';
    assert.deepEqual(run(unequal).result, []);
  }
});

test('UPSERT sees what is in pieces before', () => {
  run('FOR i IN 1..6000 UPSERT { _key: TO_STRING(i % 1500) } INSERT { _key: TO_STRING(i % 1500), n: 1 } UPDATE { n: OLD.n + 1 } IN items');
  assert.equal(items.count(), 1500);
  assert.deepEqual(run('FOR d IN items COLLECT n = d.n RETURN n').result, [4]);
});

test('inside of a transaction there are no pieces', () => {
  const doh = new Error('doh!');
  const action = (): never => {
    assert.equal(run('FOR i IN 1..3000 INSERT {} INTO items').commits, 0);
    throw doh;
  };
  assert.throws(
    () => database.executeTransaction({ collections: { write: [items.name] } }, action),
    (error) => error === doh,
  );
  assert.equal(items.count(), 0);
});

test('when others come first after a piece, it stays and nothing is done again', { skip }, () => {
  run('FOR i IN 1..3000 INSERT { _key: TO_STRING(10000 + i), n: 0 } INTO items', {});
  const other = others.get('_system').getCollection(items.name);
  let times = 0;
  meanwhile = () => {
    if (other.document('11000')['n'] !== 1 || times++ > 0) return;
    other.update('11500', { n: -1 });
  };
  fails(1200, () => run('FOR i IN 1..3000 UPDATE TO_STRING(10000 + i) WITH { n: 1 } IN items'));
  meanwhile = undefined;
  assert.equal(times > 0, true);
  const { result } = run('FOR d IN items COLLECT n = d.n WITH COUNT INTO count RETURN [n, count]');
  assert.deepEqual(result, [
    [-1, 1],
    [0, 1999],
    [1, 1000],
  ]);
});
