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
    1928,
  ]);
});

test('graphs keep the collections that they name, and follow when those get other names', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `
    const graphs = require('@arangodb/general-graph');
    const fails = (action) => { try { action(); } catch (error) { return [error.errorNum, /is an? (\\w+) collection/.exec(error.message)[1]]; } };
    const g = graphs._create('g', [graphs._relation('e', 'a', ['b', 'z'])], ['lonely']);
    graphs._create('other', null || [], ['a']);
    const kept = ['e', 'a', 'lonely'].map((name) => fails(() => db._drop(name)));
    db.a.rename('renamed');
    const definitions = g.__edgeDefinitions;
    db.lonely.rename('alone');
    const left = [g.__orphanCollections, graphs._graph('other').__orphanCollections, Object.keys(g.__vertexCollections).sort(), Object.keys(g.__edgeCollections)];
    graphs._drop('g');
    db._drop('e');
    return [kept, definitions, left, fails(() => db._drop('renamed')), db._collection('e')];`,
    { database },
  );
  assert.deepEqual(found, [
    [
      [1942, 'edge'],
      [1942, 'vertex'],
      [1942, 'orphan'],
    ],
    [{ collection: 'e', from: ['renamed'], to: ['b', 'z'] }],
    [['alone'], ['renamed'], ['alone', 'b', 'renamed', 'z'], ['e']],
    [1942, 'orphan'],
    null,
  ]);
});

test('an edge without ends is refused however it is given', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `
    const graphs = require('@arangodb/general-graph');
    const g = graphs._create('g', [graphs._relation('e', 'a', 'b')]);
    const fails = (...values) => { try { g.e.save(...values); } catch (error) { return error.errorNum; } };
    return [fails(null, null, {}), fails('a', 'b', {}), fails([], [], {}), fails(null), fails({ _from: 'a/1' }), fails('a/1', 'a/1', {})];`,
    { database },
  );
  assert.deepEqual(found, [1205, 1205, 1205, 1205, 1205, 1906]);
});

test('edges may join edges', (t) => {
  const { database } = openDatabase(t);
  const made = runCode(
    t,
    `
    const graphs = require('@arangodb/general-graph');
    graphs._create('g', [graphs._relation('links', 'links', 'links')]);
    return db.links.type();`,
    { database },
  );
  assert.equal(made, 3);
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

/** Roads: Hamburg → Berlin → Cologne → Paris → Lyon, and Hamburg → Cologne. */
const ROADS = `${HEAD}
const g = graphs._create('g', [graphs._relation('road', ['de', 'fr'], ['de', 'fr']), graphs._relation('ferry', 'de', 'fr')], ['island']);
for (const [_key, isCapital, people] of [['hamburg', false, 1], ['berlin', true, 3], ['cologne', false, 1]]) g.de.save({ _key, isCapital, people });
for (const [_key, isCapital, people] of [['paris', true, 4], ['lyon', false, 2]]) g.fr.save({ _key, isCapital, people });
g.island.save({ _key: 'sylt' });
for (const [from, to, km] of [['de/hamburg', 'de/berlin', 250], ['de/berlin', 'de/cologne', 850], ['de/hamburg', 'de/cologne', 2000], ['de/cologne', 'fr/paris', 550], ['fr/paris', 'fr/lyon', 400]])
  g.road.save(from, to, { km });
const sorted = (ids) => [...ids].sort();
`;

test('a graph answers who is whose neighbour', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `${ROADS} return {
      all: sorted(g._neighbors({ isCapital: true })),
      out: sorted(g._neighbors('de/hamburg', { direction: 'outbound', maxDepth: 2 })),
      second: sorted(g._neighbors('de/hamburg', { direction: 'outbound', minDepth: 2, maxDepth: 2 })),
      documents: g._neighbors(['fr/lyon'], { includeData: true }).map((v) => v.people),
      far: sorted(g._neighbors('de/hamburg', { edgeExamples: { km: 2000 } })),
      capitals: sorted(g._neighbors(null, { neighborExamples: [{ isCapital: true }, 'fr/lyon'] })),
      french: sorted(g._neighbors({}, { vertexCollectionRestriction: 'fr' })),
      ferries: g._neighbors({}, { edgeCollectionRestriction: ['ferry'] }),
      common: g._commonNeighbors({ isCapital: true }, { isCapital: true }),
      counted: g._countCommonNeighbors('de/hamburg', {}, { direction: 'outbound' }, { direction: 'outbound' }),
      edges: g._getConnectingEdges('de/hamburg', ['de/cologne', 'de/berlin']).map((e) => e.km).sort(),
      vertices: g._vertices({ isCapital: true }).map((v) => v._id),
      long: g._edges({ km: 2000 }).map((e) => e._to),
      refused: [fails(() => g._neighbors({}, { edgeCollectionRestriction: 'none' })), fails(() => g._neighbors({}, { direction: '1' })), fails(() => g._getEdgeCollectionByName('de')), fails(() => g._getVertexCollectionByName('road'))],
      named: [g._getEdgeCollectionByName('road').name(), g._getVertexCollectionByName('island').name()],
    };`,
    { database },
  );
  assert.deepEqual(found, {
    all: ['de/cologne', 'de/hamburg', 'fr/lyon'],
    out: ['de/berlin', 'de/cologne', 'fr/paris'],
    second: ['de/cologne', 'fr/paris'],
    documents: [4],
    far: ['de/cologne'],
    capitals: ['de/berlin', 'fr/lyon', 'fr/paris'],
    french: ['fr/lyon', 'fr/paris'],
    ferries: [],
    common: [
      { left: 'de/berlin', right: 'fr/paris', neighbors: ['de/cologne'] },
      { left: 'fr/paris', right: 'de/berlin', neighbors: ['de/cologne'] },
    ],
    counted: [{ 'de/hamburg': [{ 'de/berlin': 1 }] }],
    edges: [2000, 250],
    vertices: ['de/berlin', 'fr/paris'],
    long: ['de/cologne'],
    refused: [10, 1936, 1930, 1926],
    named: ['road', 'island'],
  });
});

test('a graph answers what its vertices have in common', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `${ROADS} return {
      properties: g._commonProperties({ isCapital: false }, {}),
      counted: g._countCommonProperties({}, {}, { vertex1CollectionRestriction: 'de', vertex2CollectionRestriction: ['de'], ignoreProperties: 'people' }),
    };`,
    { database },
  );
  assert.deepEqual(found, {
    properties: [
      {
        'de/cologne': [
          { _id: 'de/hamburg', isCapital: false, people: 1 },
          { _id: 'fr/lyon', isCapital: false },
        ],
      },
      {
        'de/hamburg': [
          { _id: 'de/cologne', isCapital: false, people: 1 },
          { _id: 'fr/lyon', isCapital: false },
        ],
      },
      {
        'fr/lyon': [
          { _id: 'de/cologne', isCapital: false },
          { _id: 'de/hamburg', isCapital: false },
        ],
      },
    ],
    // The restrictions do nothing here, as in ArangoDB.
    counted: [{ 'de/berlin': 1 }, { 'de/cologne': 2 }, { 'de/hamburg': 2 }, { 'fr/lyon': 2 }, { 'fr/paris': 1 }],
  });
});

test('a graph answers how far it is, by steps and by weight', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `${ROADS}
    const to = (options) => g._shortestPath('de/hamburg', 'fr/paris', options).map(({ vertices, edges, distance }) => [vertices.length, edges.map((e) => e.km), distance]);
    const counts = (paths) => paths.map(({ source, destination, edges, vertice }) => [source._key, destination._key, edges.length, vertice.length]);
    return {
      steps: to({}), weighted: to({ weightAttribute: 'km', defaultWeight: 9 }), named: to({ weightAttribute: 'km' }), inbound: to({ direction: 'inbound' }),
      distances: g._distanceTo({}, {}, { weightAttribute: 'km', startVertexCollectionRestriction: 'de', endVertexCollectionRestriction: 'fr' })
        // The restrictions do nothing, as in ArangoDB.
        .filter((d) => d.startVertex.startsWith('de/') && d.vertex.startsWith('fr/')).map((d) => [d.startVertex, d.vertex, d.distance]),
      paths: counts(g._paths({ minLength: 3 })).sort(), inwards: counts(g._paths({ direction: 'inbound', minLength: 1, maxLength: 1 })).length, all: g._paths().length,
    };`,
    { database },
  );
  assert.deepEqual(found, {
    steps: [[3, [2000, 550], 2]],
    weighted: [[4, [250, 850, 550], 1650]],
    named: [[4, [250, 850, 550], 1650]],
    inbound: [],
    distances: [
      ['de/berlin', 'fr/lyon', 1800],
      ['de/berlin', 'fr/paris', 1400],
      ['de/cologne', 'fr/lyon', 950],
      ['de/cologne', 'fr/paris', 550],
      ['de/hamburg', 'fr/lyon', 2050],
      ['de/hamburg', 'fr/paris', 1650],
    ],
    paths: [
      ['berlin', 'lyon', 3, 4],
      ['hamburg', 'lyon', 3, 4],
      ['hamburg', 'lyon', 4, 5],
      ['hamburg', 'paris', 3, 4],
    ],
    inwards: 5,
    all: 19,
  });
});

test('a graph is measured', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `${ROADS} const outbound = { direction: 'outbound' }; return {
      eccentricity: [g._absoluteEccentricity('fr/lyon'), g._absoluteEccentricity({}, outbound), g._eccentricity(outbound)],
      closeness: [g._absoluteCloseness('de/hamburg', outbound), g._closeness({ direction: 'inbound' })],
      betweenness: [g._absoluteBetweenness(['fr/paris', 'de/berlin'], outbound), g._betweenness(outbound)],
      extent: [g._radius(), g._diameter(), g._radius({ weightAttribute: 'km' }), g._diameter({ weightAttribute: 'km' })],
    };`,
    { database },
  );
  assert.deepEqual(found, {
    eccentricity: [
      { 'fr/lyon': 3 },
      { 'de/berlin': 3, 'de/cologne': 2, 'de/hamburg': 3, 'fr/lyon': 0, 'fr/paris': 1, 'island/sylt': 0 },
      { 'de/berlin': 1 / 3, 'de/cologne': 1 / 2, 'de/hamburg': 1 / 3, 'fr/lyon': 0, 'fr/paris': 1, 'island/sylt': 0 },
    ],
    closeness: [
      { 'de/hamburg': 7 },
      { 'de/berlin': 1, 'de/cologne': 1 / 2, 'de/hamburg': 0, 'fr/lyon': 1 / 9, 'fr/paris': 1 / 5, 'island/sylt': 0 },
    ],
    betweenness: [
      { 'de/berlin': 0, 'fr/paris': 3 },
      { 'de/berlin': 0, 'de/cologne': 1, 'de/hamburg': 0, 'fr/lyon': 0, 'fr/paris': 3 / 4, 'island/sylt': 0 },
    ],
    extent: [2, 3, 1100, 2050],
  });
});
