/** Traversals and path searches: order, depth, uniqueness, directions, pruning, weights. */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { Value, ValueObject } from '#values';
import { Worlds, type DataSet } from '../support/world.ts';

/**
 *   A ──▶ B ──▶ D ──▶ F        with the ways A-B-D and A-C-D equally long, a loop at F,
 *    ╲──▶ C ──▶ D              an edge back from D to A, and one from F to a vertex that is not there
 */
const edge = (from: string, to: string, weight: number): ValueObject => ({
  _key: `${from}${to}`,
  _from: `v/${from}`,
  _to: `v/${to}`,
  weight,
});
const DATA: DataSet = {
  collections: [
    { name: 'v', type: 'document' },
    { name: 'e', type: 'edge' },
    { name: 'other', type: 'edge' },
    { name: 'ways', type: 'edge' },
  ],
  documents: {
    v: ['A', 'B', 'C', 'D', 'F'].map((_key) => ({ _key, name: _key.toLowerCase() })),
    e: [
      edge('A', 'B', 1),
      edge('A', 'C', 5),
      edge('B', 'D', 1),
      edge('C', 'D', 1),
      edge('D', 'F', 2),
      edge('D', 'A', 1),
      edge('F', 'F', 1),
    ],
    other: [
      { _key: 'FX', _from: 'v/F', _to: 'v/X' },
      { _key: 'AF', _from: 'v/A', _to: 'v/F' },
    ],
    // Three edges from A to F, and ways that are one longer: one leaves at A, one at B, one at C.
    ways: ['AB', 'BC', 'CF', 'AP', 'PQ', 'QR', 'RF', 'BS', 'ST', 'TF', 'CU', 'UF'].map((_key) => ({
      _key,
      _from: `v/${_key[0]}`,
      _to: `v/${_key[1]}`,
    })),
  },
  graphs: [
    { name: 'g', edgeDefinitions: [{ collection: 'e', from: ['v'], to: ['v'] }], orphanCollections: [] },
    {
      name: 'both',
      edgeDefinitions: [
        { collection: 'e', from: ['v'], to: ['v'] },
        { collection: 'other', from: ['v'], to: ['v'] },
      ],
      orphanCollections: [],
    },
  ],
};

const worlds = new Worlds();
after(() => worlds.close());
const world = worlds.get('graph', () => DATA);

const CASES: readonly (readonly [query: string, result: readonly Value[]])[] = [
  // Depth first, the edge that was inserted last first; edges are not walked twice on one path.
  ['FOR v IN 1..2 OUTBOUND "v/A" e RETURN v._key', ['C', 'D', 'B', 'D']],
  ['FOR v IN OUTBOUND "v/A" GRAPH "g" RETURN v._key', ['C', 'B']],
  ['FOR v IN 0..1 OUTBOUND "v/A" e RETURN v._key', ['A', 'C', 'B']],
  ['FOR v IN 2 OUTBOUND "v/A" e RETURN v._key', ['D', 'D']],
  ['FOR v IN 1..1 INBOUND "v/D" e RETURN v._key', ['C', 'B']],
  ['FOR v IN 1..1 ANY "v/D" e SORT v._key RETURN v._key', ['A', 'B', 'C', 'F']],
  ['FOR v IN 1..1 ANY "v/F" e SORT v._key RETURN v._key', ['D', 'F']],
  ['FOR v IN 1..1 OUTBOUND "v/A" e, INBOUND other RETURN v._key', ['C', 'B']],
  ['FOR v IN 1..1 OUTBOUND "v/A" e, other SORT v._key RETURN v._key', ['B', 'C', 'F']],
  // Breadth first.
  ['FOR v IN 1..2 OUTBOUND "v/A" e OPTIONS {order: "bfs"} RETURN v._key', ['B', 'C', 'D', 'D']],
  ['FOR v IN 1..9 OUTBOUND "v/A" e OPTIONS {order: "bfs", uniqueVertices: "global"} RETURN v._key', ['B', 'C', 'D', 'F']],
  [
    'FOR v, e, p IN 1..9 OUTBOUND "v/A" e OPTIONS {uniqueVertices: "path"} RETURN CONCAT(p.vertices[*]._key)',
    ['AC', 'ACD', 'ACDF', 'AB', 'ABD', 'ABDF'],
  ],
  ['FOR v IN 1..2 OUTBOUND "v/F" e OPTIONS {uniqueEdges: "none"} RETURN v._key', ['F', 'F']],
  // By weight.
  [
    'FOR v, e, p IN 1..3 OUTBOUND "v/A" e OPTIONS {order: "weighted", weightAttribute: "weight", uniqueVertices: "path"} RETURN [v._key, p.weights]',
    [
      ['B', [0, 1]],
      ['D', [0, 1, 2]],
      ['F', [0, 1, 2, 4]],
      ['C', [0, 5]],
      ['D', [0, 5, 6]],
      ['F', [0, 5, 6, 8]],
    ],
  ],
  // Edges and paths.
  [
    'FOR v, e IN 0..1 OUTBOUND "v/B" e RETURN [v.name, e.weight]',
    [
      ['b', null],
      ['d', 1],
    ],
  ],
  [
    'FOR v, e, p IN 2..2 OUTBOUND "v/B" e RETURN [LENGTH(p.vertices), p.edges[1]._key]',
    [
      [3, 'DA'],
      [3, 'DF'],
    ],
  ],
  ['FOR v, e, p IN 1..1 OUTBOUND "v/B" e RETURN ATTRIBUTES(p, false, true)', [['edges', 'vertices']]],
  ['FOR v, e, p IN 2..2 OUTBOUND "v/A" e FILTER p.edges[*].weight ALL == 1 RETURN v._key', ['D']],
  // A vertex that is not there is null, and one can start there.
  ['FOR v, e IN 1..1 OUTBOUND "v/F" other RETURN [v, e._key]', [[null, 'FX']]],
  ['FOR v IN 1..1 INBOUND "v/X" other RETURN v._key', ['F']],
  ['FOR v IN OUTBOUND "nothing" e RETURN v', []],
  ['FOR v IN OUTBOUND {_id: "v/B"} e RETURN v._key', ['D']],
  ['FOR s IN v FILTER s._key == "B" FOR v IN OUTBOUND s e RETURN v._key', ['D']],
  // Pruning: also at the start, and the vertex that stops the walk is still given out.
  ['FOR v IN 1..9 OUTBOUND "v/A" e PRUNE v._key == "D" RETURN v._key', ['C', 'D', 'B', 'D']],
  ['FOR v, e IN 0..9 OUTBOUND "v/A" e PRUNE e.weight < 5 RETURN v._key', ['A']],
  ['FOR v, e, p IN 1..9 OUTBOUND "v/A" e PRUNE stop = LENGTH(p.edges) >= 2 FILTER stop RETURN v._key', ['D', 'D']],
  ['FOR k IN ["B", "C"] FOR v IN 1..2 OUTBOUND "v/A" e PRUNE v._key == k RETURN CONCAT(k, v._key)', ['BC', 'BD', 'BB', 'CC', 'CB', 'CD']],
  // Only some collections.
  ['FOR v IN 1..1 OUTBOUND "v/A" GRAPH "both" OPTIONS {edgeCollections: "other"} RETURN v._key', ['F']],
  ['FOR v IN 1..1 OUTBOUND "v/A" GRAPH "both" OPTIONS {vertexCollections: ["none"]} RETURN v._key', []],
  // Paths between two vertices.
  [
    'FOR v, e IN OUTBOUND SHORTEST_PATH "v/A" TO "v/F" e RETURN [v._key, e._key]',
    [
      ['A', null],
      ['C', 'AC'],
      ['D', 'CD'],
      ['F', 'DF'],
    ],
  ],
  ['FOR v IN OUTBOUND SHORTEST_PATH "v/A" TO "v/A" e RETURN v._key', ['A']],
  ['FOR v IN OUTBOUND SHORTEST_PATH "v/F" TO "v/A" e RETURN v._key', []],
  ['FOR v IN INBOUND SHORTEST_PATH "v/F" TO "v/A" e RETURN v._key', ['F', 'D', 'C', 'A']],
  ['FOR v IN ANY SHORTEST_PATH "v/B" TO "v/C" e RETURN v._key', ['B', 'A', 'C']],
  ['FOR v IN OUTBOUND SHORTEST_PATH "v/A" TO "v/D" e OPTIONS {weightAttribute: "weight"} RETURN v._key', ['A', 'B', 'D']],
  [
    'FOR p IN OUTBOUND ALL_SHORTEST_PATHS "v/A" TO "v/D" e SORT p.edges[0]._key RETURN p.vertices[*]._key',
    [
      ['A', 'B', 'D'],
      ['A', 'C', 'D'],
    ],
  ],
  [
    'FOR p IN OUTBOUND K_SHORTEST_PATHS "v/A" TO "v/F" e OPTIONS {weightAttribute: "weight"} RETURN [CONCAT(p.vertices[*]._key), p.weight]',
    [
      ['ABDF', 4],
      ['ACDF', 8],
    ],
  ],
  ['FOR p IN OUTBOUND K_SHORTEST_PATHS "v/A" TO "v/F" ways RETURN CONCAT(p.edges[*]._key)', ['ABBCCF', 'ABBCCUUF', 'ABBSSTTF', 'APPQQRRF']],
  ['FOR p IN OUTBOUND K_SHORTEST_PATHS "v/A" TO "v/F" GRAPH "both" LIMIT 1 RETURN p.vertices[*]._key', [['A', 'F']]],
  ['FOR p IN 3..4 OUTBOUND K_PATHS "v/A" TO "v/F" e SORT p.edges[0]._key RETURN CONCAT(p.vertices[*]._key)', ['ABDF', 'ACDF']],
  ['FOR p IN 1..2 OUTBOUND K_PATHS "v/A" TO "v/F" e RETURN p', []],
  ['FOR p IN 0..9 OUTBOUND K_PATHS "v/A" TO "v/A" e RETURN p.vertices[*]._key', [['A']]],
  ['FOR p IN 1..9 OUTBOUND K_PATHS "v/A" TO "v/F" GRAPH "both" RETURN CONCAT(p.vertices[*]._key)', ['AF', 'ABDF', 'ACDF']],
  ['FOR p IN 1..9 ANY K_PATHS "v/A" TO "v/D" e RETURN CONCAT(p.vertices[*]._key)', ['AD', 'ABD', 'ACD']],
];

suite('graphs', () => {
  for (const [query, expected] of CASES) {
    test(query, () => {
      for (const options of [{}, { optimizer: { rules: ['-all'] } }]) {
        assert.deepEqual(world.run([], { query, options }).result, expected);
        assert.deepEqual(world.run([], { query, options }, 'json').result, expected);
      }
    });
  }
});

suite('graph errors', () => {
  const errors: readonly (readonly [query: string, errorNum: number])[] = [
    ['FOR v IN OUTBOUND "v/A" GRAPH "none" RETURN v', 1924],
    ['FOR v IN OUTBOUND "v/A" v RETURN v', 1218],
    ['FOR v IN OUTBOUND "v/A" e, INBOUND e RETURN v', 1218],
    ['FOR v IN 1..2 OUTBOUND "v/A" e OPTIONS {uniqueVertices: "global"} RETURN v', 10],
    ['FOR v IN "a" OUTBOUND "v/A" e RETURN v', 1501],
    ['FOR v IN OUTBOUND SHORTEST_PATH "v/A" TO "v/F" e OPTIONS {weightAttribute: "missing", defaultWeight: -1} RETURN v', 1948],
  ];
  for (const [query, errorNum] of errors) test(query, () => assert.throws(() => world.run([], { query }), { errorNum }));
});

test('a graph with many ways is walked within the limit of memory', () => {
  const query = 'FOR i IN 1..3 FOR v IN 1..4 ANY "v/A" e OPTIONS {uniqueEdges: "none"} COLLECT WITH COUNT INTO n RETURN n';
  assert.throws(() => world.run([], { query, options: { memoryLimit: 1000 } }), { errorNum: 32 });
  assert.ok(Number(world.run([], { query }).result[0]) > 100);
});
