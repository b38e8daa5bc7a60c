import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readExport, readSavedQueries, withSaved } from './saved-queries.ts';

const QUERY = { name: 'a', value: 'RETURN @x', parameter: { x: 1 } };

test('queries of an account are read, and what is none is passed over', () => {
  assert.deepEqual(readSavedQueries({ queries: [QUERY, { name: 'b', value: 'RETURN 1' }, { name: 1 }, null, 'x'], other: 1 }), [
    QUERY,
    { name: 'b', value: 'RETURN 1', parameter: {} },
  ]);
  for (const extra of [undefined, null, {}, { queries: 'x' }, []]) assert.deepEqual(readSavedQueries(extra), []);
});

test('exports are lists of queries, or objects with such a list', () => {
  assert.deepEqual(readExport(JSON.stringify([QUERY])), [QUERY]);
  assert.deepEqual(readExport(JSON.stringify({ queries: [QUERY] })), [QUERY]);
  assert.equal(readExport('{"a":1}'), undefined);
  assert.equal(readExport('no JSON'), undefined);
});

test('a query of the same name is replaced where it is', () => {
  const changed = { ...QUERY, value: 'RETURN 2' };
  assert.deepEqual(withSaved([QUERY, { ...QUERY, name: 'b' }], [changed]), [changed, { ...QUERY, name: 'b' }]);
});
