import assert from 'node:assert/strict';
import { test } from 'node:test';
import { graphOf, shapeOf, toCsv } from './shape.ts';

test('objects make a table, with system attributes where they are looked for', () => {
  assert.deepEqual(shapeOf([{ b: 1, _id: 'c/1', _key: '1', _rev: 'r' }, { a: 1 }]).columns, ['_key', 'b', 'a', '_id', '_rev']);
  assert.equal(shapeOf([{ a: 1 }, 2]).columns, undefined);
  assert.equal(shapeOf([]).columns, undefined);
});

const A = { _id: 'v/a', _key: 'a' };
const B = { _id: 'v/b', _key: 'b' };
const E = { _id: 'e/1', _key: '1', _from: 'v/a', _to: 'v/b' };

test('a graph is found in edges, in paths and below attributes', () => {
  for (const results of [
    [{ vertices: [A, B], edges: [E] }],
    [
      { v: A, e: null },
      { v: B, e: E },
    ],
    [[A, E, B]],
  ]) {
    const { vertices, edges } = graphOf(results);
    assert.deepEqual(
      vertices
        .filter(({ document }) => document !== undefined)
        .map(({ id }) => id)
        .toSorted(),
      ['v/a', 'v/b'],
    );
    assert.deepEqual(
      edges.map(({ from, to }) => [from, to]),
      [['v/a', 'v/b']],
    );
    assert.equal(shapeOf(results).hasGraph, true);
  }
  assert.deepEqual(
    graphOf([E]).vertices.map(({ document }) => document),
    [undefined, undefined],
  );
  assert.equal(shapeOf([A, B]).hasGraph, false);
});

test('rows become comma-separated values', () => {
  assert.equal(
    toCsv([{ a: 1, b: 'x, "y"' }, { b: { c: [1] } }, { a: null, b: 'line\nbreak' }]),
    'a,b\r\n1,"x, ""y"""\r\n,"{""c"":[1]}"\r\n,"line\nbreak"\r\n',
  );
  assert.equal(toCsv([1, 'a']), 'value\r\n1\r\na\r\n');
});
