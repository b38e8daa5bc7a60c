/** What queries may keep in memory: no more than `memoryLimit`, and of results that stream no more than a batch. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { isArangoError } from '#base';
import { openTemporaryDatabases } from '../../src/database/temporary-databases.suite.ts';

const DOCUMENTS = 20_000;
const TEXT = 'lorem ipsum '.repeat(40);
const LIMIT_BYTES = 2 * 1024 * 1024;
const STREAMED = 20_000;

function openFilled(count: number, text = TEXT) {
  const opened = openTemporaryDatabases();
  const { database } = opened;
  const items = database.createCollection({ name: 'items' });
  for (let start = 0; start < count; start += 1000) {
    items.insertAll(
      Array.from({ length: 1000 }, (_, i) => ({ _key: `k${start + i}`, email: `person${start + i}@example.com`, group: i % 7, text })),
      { silent: true },
    );
  }
  database.createCollection({ name: 'edges', type: 3 }).insertAll(
    Array.from({ length: 8000 }, (_, i) => ({ _from: `items/k${i % 200}`, _to: `items/k${(i * 7 + Math.floor(i / 200)) % 200}` })),
    { silent: true },
  );
  return opened;
}

/** Each of them needs more than the limit. */
const GREEDY: readonly string[] = [
  'FOR d IN items RETURN d',
  'FOR d IN items SORT d.email RETURN d',
  'FOR d IN items SORT d.email LIMIT 15000 RETURN d.text',
  'FOR d IN items COLLECT e = d.email INTO members RETURN members',
  'FOR d IN items COLLECT e = d.email AGGREGATE n = MAX(d._key) RETURN { e, n }',
  'FOR d IN items COLLECT AGGREGATE list = PUSH(d) RETURN LENGTH(list)',
  'FOR d IN items COLLECT AGGREGATE list = UNIQUE(CONCAT(d.email, d.text)) RETURN LENGTH(list)',
  'FOR d IN items RETURN DISTINCT CONCAT(d.email, d.text)',
  'LET docs = (FOR d IN items RETURN d.text) FOR i IN 1..2 RETURN docs[i]',
  'RETURN LENGTH(1..5000000)',
  'RETURN LENGTH(APPEND(1..200000, 1..200000))',
  'RETURN LENGTH(REPLACE_NTH([], 1e9, 1, 0))',
  'RETURN LENGTH(RANGE(1, 2, 1e-6))',
  'LET a = NOOPT(1..100000) LET b = APPEND(a, 1) LET c = APPEND(a, 2) RETURN a[0] + b[0] + c[0]',
  'LET a = REPEAT("fox", 500000) LET b = UPPER(a) RETURN a == b',
  'FOR i IN 1..3 RETURN UPPER(CONCAT(REPEAT("fox", 300000), i))',
  'LET texts = (FOR i IN 1..3 RETURN UPPER(CONCAT(REPEAT("fox", 300000), i))) FOR i IN 1..2 RETURN texts[i] == texts[0]',
  'FOR d IN items COLLECT AGGREGATE list = PUSH(d.group) INTO members FOR i IN 1..2 RETURN members',
  'RETURN [1..30000, 1..30000, 1..30000, 1..30000, 1..30000][**]',
  "FOR v IN 1..9 ANY 'items/k1' edges OPTIONS { uniqueVertices: 'path', order: 'bfs' } RETURN v._key",
];

/** Many combinations of values are asked of an index. */
const COMBINED = 'LET many = NOOPT(1..300) FOR d IN items FILTER d.group IN many && d.email IN many RETURN d';

/** Each of them reads all documents and keeps few or none. */
const FRUGAL: readonly string[] = [
  'FOR d IN items FILTER d.group == 8 RETURN d',
  'FOR d IN items COLLECT WITH COUNT INTO n RETURN n',
  'FOR d IN items COLLECT g = d.group AGGREGATE n = COUNT(), last = MAX(d.email) RETURN { g, n, last }',
  'FOR d IN items COLLECT AGGREGATE list = UNIQUE(d.group) RETURN list',
  'FOR d IN items SORT d.email DESC LIMIT 10 RETURN d',
  'FOR d IN items RETURN DISTINCT d.group',
];

if (isMainThread) {
  suite('the memory of a query', () => {
    test('stays within its limit: error 32 otherwise, and all goes on', () => {
      const opened = openFilled(DOCUMENTS);
      const run = (query: string, options = {}): number => {
        const cursor = opened.database.query({ query, memoryLimit: LIMIT_BYTES, options });
        let count = 0;
        for (; cursor.hasNext(); count++) cursor.next();
        return count;
      };
      for (const query of GREEDY) {
        assert.throws(
          () => run(query),
          (error) => isArangoError(error) && error.errorNum === 32,
          query,
        );
      }
      for (const query of FRUGAL) run(query);
      opened.database.getCollection('items').ensureIndex({ type: 'persistent', fields: ['group', 'email'] });
      assert.throws(
        () => run(COMBINED),
        (error) => isArangoError(error) && error.errorNum === 32,
      );
      assert.equal(run('FOR d IN items RETURN d', { stream: true }), DOCUMENTS);
      opened.close();
    });

    test('does not grow with the results that it streams', async () => {
      const worker = new Worker(fileURLToPath(import.meta.url), { resourceLimits: { maxOldGenerationSizeMb: 40 } });
      const [count] = (await once(worker, 'message')) as [number];
      await once(worker, 'exit');
      assert.equal(count, STREAMED);
    });
  });
} else {
  // As values these documents take more than twice of what this thread may have.
  const opened = openFilled(STREAMED, TEXT.repeat(5));
  const cursor = opened.database.query({ query: 'FOR d IN items RETURN d', options: { stream: true } });
  let count = 0;
  for (; cursor.hasNext(); count++) cursor.next();
  opened.close();
  parentPort?.postMessage(count);
}
