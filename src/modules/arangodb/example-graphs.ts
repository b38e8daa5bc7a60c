/**
 * `require('@arangodb/graph-examples/example-graph')`: the graphs that the manual's examples are about, small enough to read. Names of graphs,
 * collections and vertices are those of the manual.
 */
import { ArangoError } from '#base';
import type { Environment } from '../environment.ts';

interface ExampleGraph {
  readonly definitions: readonly { readonly collection: string; readonly from: readonly string[]; readonly to: readonly string[] }[];
  readonly vertices: Readonly<Record<string, readonly object[]>>;
  /** Edge collection to edges: from, to, and what else they have. */
  readonly edges: Readonly<Record<string, readonly (readonly [from: string, to: string, attributes?: object])[]>>;
}

const person = (name: string): object => ({ _key: name.toLowerCase(), name });
const city = (name: string, population: number, isCapital: boolean, longitude: number, latitude: number): object => ({
  _key: name,
  population,
  isCapital,
  geometry: { type: 'Point', coordinates: [longitude, latitude] },
});

const GRAPHS: Readonly<Record<string, ExampleGraph>> = {
  knows_graph: {
    definitions: [{ collection: 'knows', from: ['persons'], to: ['persons'] }],
    vertices: { persons: ['Alice', 'Bob', 'Charlie', 'Dave', 'Eve'].map(person) },
    edges: {
      knows: [
        ['persons/alice', 'persons/bob', { vertex: 'alice' }],
        ['persons/bob', 'persons/charlie', { vertex: 'bob' }],
        ['persons/bob', 'persons/dave', { vertex: 'bob' }],
        ['persons/eve', 'persons/alice', { vertex: 'eve' }],
        ['persons/eve', 'persons/bob', { vertex: 'eve' }],
      ],
    },
  },
  social: {
    definitions: [{ collection: 'relation', from: ['female', 'male'], to: ['female', 'male'] }],
    vertices: {
      female: [
        { _key: 'alice', name: 'Alice' },
        { _key: 'diana', name: 'Diana' },
      ],
      male: [
        { _key: 'bob', name: 'Bob' },
        { _key: 'charly', name: 'Charly' },
      ],
    },
    edges: {
      relation: [
        ['female/alice', 'male/bob', { type: 'married', _key: 'aliceAndBob' }],
        ['female/alice', 'male/charly', { type: 'friend', _key: 'aliceAndCharly' }],
        ['male/charly', 'female/diana', { type: 'married', _key: 'charlyAndDiana' }],
        ['male/bob', 'female/diana', { type: 'friend', _key: 'bobAndDiana' }],
      ],
    },
  },
  routeplanner: {
    definitions: [
      { collection: 'germanHighway', from: ['germanCity'], to: ['germanCity'] },
      { collection: 'frenchHighway', from: ['frenchCity'], to: ['frenchCity'] },
      { collection: 'internationalHighway', from: ['frenchCity', 'germanCity'], to: ['frenchCity', 'germanCity'] },
    ],
    vertices: {
      germanCity: [
        city('Berlin', 3_000_000, true, 13.3777, 52.5163),
        city('Cologne', 1_000_000, false, 6.9528, 50.9364),
        city('Hamburg', 1_000_000, false, 10.0014, 53.5653),
      ],
      frenchCity: [city('Lyon', 80_000, false, 4.84, 45.76), city('Paris', 4_000_000, true, 2.3508, 48.8567)],
    },
    edges: {
      germanHighway: [
        ['germanCity/Berlin', 'germanCity/Cologne', { distance: 850 }],
        ['germanCity/Berlin', 'germanCity/Hamburg', { distance: 400 }],
        ['germanCity/Hamburg', 'germanCity/Cologne', { distance: 500 }],
      ],
      frenchHighway: [['frenchCity/Paris', 'frenchCity/Lyon', { distance: 550 }]],
      internationalHighway: [
        ['germanCity/Berlin', 'frenchCity/Lyon', { distance: 1100 }],
        ['germanCity/Berlin', 'frenchCity/Paris', { distance: 1200 }],
        ['germanCity/Hamburg', 'frenchCity/Paris', { distance: 900 }],
        ['germanCity/Hamburg', 'frenchCity/Lyon', { distance: 1300 }],
        ['germanCity/Cologne', 'frenchCity/Lyon', { distance: 700 }],
        ['germanCity/Cologne', 'frenchCity/Paris', { distance: 550 }],
      ],
    },
  },
};

interface Graphs {
  _create(name: string, definitions: ExampleGraph['definitions']): object;
  _exists(name: string): boolean;
  _drop(name: string, dropsCollections: boolean): void;
}

export function createExampleGraphs(environment: Environment): object {
  const graphs = (): Graphs => environment.load('@arangodb/general-graph') as Graphs;
  return {
    /** Makes a graph with its documents, anew if it is there; returns it. Throws 10 for an unknown name. */
    loadGraph(name: string): object {
      const example = Object.hasOwn(GRAPHS, name) ? GRAPHS[name] : undefined;
      if (example === undefined) throw new ArangoError('ERROR_BAD_PARAMETER', `there is no example graph '${name}'`);
      if (graphs()._exists(name)) graphs()._drop(name, true);
      const graph = graphs()._create(name, example.definitions);
      const { db } = environment;
      for (const [collection, vertices] of Object.entries(example.vertices)) {
        for (const vertex of vertices) db._collection(collection)?.insert(vertex);
      }
      for (const [collection, edges] of Object.entries(example.edges)) {
        for (const [_from, _to, attributes] of edges) db._collection(collection)?.insert({ _from, _to, ...attributes });
      }
      return graph;
    },
    /** False when it is not there. */
    dropGraph(name: string): boolean {
      if (!graphs()._exists(name)) return false;
      graphs()._drop(name, true);
      return true;
    },
  };
}
