import assert from 'node:assert/strict';
import { test } from 'node:test';
import { colourGroups, EMPTY_GRAPH, labelOf, neighboursOf, withCollapsed, withExpanded, withResults } from './graph-model.ts';
import { GraphLayout } from './layout.ts';

const vertex = (id: string, more: object = {}): object => ({ _id: id, _key: id.split('/')[1], ...more });
const edge = (from: string, to: string): object => ({ _id: `e/${from}-${to}`, _from: from, _to: to });

const STAR = [
  vertex('p/hub', { name: 'Hub' }),
  ...[1, 2, 3].flatMap((n) => [vertex(`p/${n}`), edge('p/hub', `p/${n}`)]),
  edge('p/1', 'c/rome'),
  vertex('c/rome'),
];

test('results add what is new and keep what is known', () => {
  const model = withResults(withExpanded(withResults(EMPTY_GRAPH, [vertex('p/hub')]), 'p/hub'), STAR);
  assert.equal(model.vertices.size, 5);
  assert.equal(model.edges.size, 4);
  assert.equal(model.vertices.get('p/hub')?.isExpanded, true);
  assert.equal(model.vertices.get('c/rome')?.collection, 'c');
  assert.deepEqual(neighboursOf(model, 'p/1'), ['p/hub', 'c/rome']);
});

test('no more vertices than the limit, and no edge to one that is left out', () => {
  const model = withResults(EMPTY_GRAPH, STAR, 2);
  assert.deepEqual([model.vertices.size, model.edges.size, model.leftOut], [2, 1, 3]);
});

test('closing a vertex takes away what hangs on it alone', () => {
  const model = withCollapsed(withExpanded(withResults(EMPTY_GRAPH, STAR), 'p/hub'), 'p/hub');
  assert.deepEqual([...model.vertices.keys()], ['p/hub', 'p/1', 'c/rome']);
  assert.equal(model.vertices.get('p/hub')?.isExpanded, false);
});

test('groups are collections or values, the greatest first', () => {
  const model = withResults(EMPTY_GRAPH, [
    vertex('p/1', { kind: 'a' }),
    vertex('p/2', { kind: 'b' }),
    vertex('p/3', { kind: 'b' }),
    vertex('q/1'),
  ]);
  assert.deepEqual(colourGroups(model, { attribute: undefined }), [
    { name: 'p', count: 3 },
    { name: 'q', count: 1 },
  ]);
  assert.deepEqual(
    colourGroups(model, { attribute: 'kind' }).map(({ name }) => name),
    ['b', '(none)', 'a'],
  );
});

test('a vertex is called by what one would look for, or by its key', () => {
  assert.equal(labelOf('p/1', { name: 'Ada' }, undefined), 'Ada');
  assert.equal(labelOf('p/1', { n: 5 }, 'n'), '5');
  assert.equal(labelOf('p/1', undefined, 'n'), '1');
});

test('a layout gives each vertex a place of its own, the same each time', () => {
  const places = (): readonly { readonly x: number; readonly y: number }[] => {
    const layout = new GraphLayout(() => {});
    layout.show(withResults(EMPTY_GRAPH, STAR), { atOnce: true });
    return [...layout.places.values()].map(({ x, y }) => ({ x, y }));
  };
  const first = places();
  assert.deepEqual(places(), first);
  for (const [i, a] of first.entries()) {
    for (const b of first.slice(i + 1)) assert.ok(Math.hypot(a.x - b.x, a.y - b.y) > 30);
  }
});
