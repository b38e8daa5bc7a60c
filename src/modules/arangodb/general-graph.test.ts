import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ArangoError } from '#base';
import { openDatabase, runCode } from '../../../tests/support/load-service.ts';

const HEAD = `
const graphs = require('@arangodb/general-graph');
const names = () => db._collections().map((c) => c.name()).filter((n) => !n.startsWith('_')).sort();
const fails = (action) => { try { action(); } catch (e) { return e.errorNum; } };
`;

function failure(action: () => unknown): number | undefined {
  try {
    action();
  } catch (error) {
    return ((error as ArangoError).cause as ArangoError | undefined)?.errorNum;
  }
  return undefined;
}

test('graphs are made with their collections, listed, opened and dropped', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `${HEAD}
    const definitions = graphs._edgeDefinitions(graphs._relation('knows', 'person', ['person', 'company']));
    graphs._extendEdgeDefinitions(definitions, graphs._relation('owns', 'company', 'company'));
    const g = graphs._create('g', definitions, ['island', 'person']);
    const made = [names(), g.knows.type(), g.person.type(), g.none, String(g)];
    const listed = [graphs._list(), graphs._exists('g'), graphs._exists('h'), g._edgeCollections().map((c) => c.name()), g._vertexCollections().map((c) => c.name()).sort(), g._orphanCollections()];
    graphs._create('h', graphs._edgeDefinitions(graphs._relation('knows', ['person'], ['company', 'person'])));
    graphs._drop('g', true);
    return [made, listed, graphs._list(), names(), graphs._drop('h'), names(), graphs._list()];`,
    { database },
  );
  assert.deepEqual(found, [
    [['company', 'island', 'knows', 'owns', 'person'], 3, 2, undefined, '[Graph g]'],
    [['g'], true, false, ['knows', 'owns'], ['company', 'island', 'person'], ['island']],
    ['h'],
    ['company', 'knows', 'person'],
    true,
    ['company', 'knows', 'person'],
    [],
  ]);
});

test('edges fit their definition, and nothing is removed without its edges', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `${HEAD}
    const g = graphs._create('g', [graphs._relation('knows', 'person', 'person'), graphs._relation('about', 'note', 'knows')]);
    for (const k of ['a', 'b', 'c']) g.person.save({ _key: k });
    g.note.save({ _key: 'n' });
    g.knows.save('person/a', 'person/b', { _key: 'ab' });
    g.knows.insert({ _key: 'bc', _from: 'person/b', _to: 'person/c' });
    g.about.save(g.note.document('n'), g.knows.document('ab'), {});
    const refused = [fails(() => g.knows.save('person/a', 'note/n', {})), fails(() => g.knows.save({ _from: 'nowhere', _to: 'person/a' }))];
    const ends = [g._fromVertex('knows/ab')._key, g._toVertex('knows/ab')._key];
    g.person.remove('a');
    return [refused, ends, g.person.count(), g.knows.toArray().map((e) => e._key), g.about.count(), g.note.count()];`,
    { database },
  );
  assert.deepEqual(found, [[1906, 1205], ['a', 'b'], 2, ['bc'], 0, 1]);
});

test('a graph is changed: its definitions and its orphans', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `${HEAD}
    const g = graphs._create('g', [graphs._relation('e', 'a', 'b')]);
    const orphans = () => [...g._orphanCollections()];
    g._addVertexCollection('x');
    const results = [orphans(), fails(() => g._addVertexCollection('x')), fails(() => g._addVertexCollection('a')), fails(() => g._addVertexCollection('none', false)), fails(() => g._addVertexCollection('e'))];
    g._extendEdgeDefinitions(graphs._relation('f', 'x', 'a'));
    results.push(orphans(), fails(() => g._extendEdgeDefinitions(graphs._relation('f', 'x', 'a'))));
    g._editEdgeDefinitions(graphs._relation('e', 'a', 'c'));
    results.push(orphans(), names(), fails(() => g._editEdgeDefinitions(graphs._relation('z', 'a', 'c'))));
    g._deleteEdgeDefinition('f', true);
    results.push(orphans(), names(), fails(() => g._deleteEdgeDefinition('f')));
    g._removeVertexCollection('x', true);
    results.push(orphans(), names(), fails(() => g._removeVertexCollection('a')), fails(() => g._removeVertexCollection('none')));
    return results;`,
    { database },
  );
  assert.deepEqual(found, [
    ['x'],
    1938,
    1929,
    1926,
    1927,
    [],
    1920,
    ['b'],
    ['a', 'b', 'c', 'e', 'f', 'x'],
    1930,
    ['b', 'x'],
    ['a', 'b', 'c', 'e', 'x'],
    1930,
    ['b'],
    ['a', 'b', 'c', 'e'],
    1928,
    1926,
  ]);
});

test('what is wrong with a graph', (t) => {
  const { database } = openDatabase(t);
  const table: [code: string, errorNum: number][] = [
    [`graphs._create('')`, 1922],
    [`graphs._create()`, 1922],
    [`graphs._create('g'); graphs._create('g')`, 1925],
    [`graphs._graph('none')`, 1924],
    [`graphs._drop('none')`, 1924],
    [`graphs._create('g1', [graphs._relation('e', 'a', 'b'), graphs._relation('e', 'a', 'c')])`, 1920],
    [`graphs._create('g2', [graphs._relation('e', 'a', 'b')]); graphs._create('g3', [graphs._relation('e', 'a', 'c')])`, 1921],
    [`graphs._create('g4', [{ collection: 'e' }])`, 1923],
    [`graphs._relation('e', 'a')`, 1935],
    [`graphs._relation('', 'a', 'b')`, 1936],
    [`graphs._relation('e', 5, 'b')`, 1936],
    [`db._create('doc'); graphs._create('g5', [graphs._relation('doc', 'a', 'b')])`, 1218],
  ];
  for (const [code, errorNum] of table)
    assert.equal(
      failure(() => runCode(t, `${HEAD} ${code};`, { database })),
      errorNum,
      code,
    );
});
