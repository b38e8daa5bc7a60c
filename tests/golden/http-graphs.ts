/** The modules for graphs that the recorded scripts load, over HTTP: `@arangodb/general-graph` and the examples of the manual. */
import { readFileSync } from 'node:fs';
import type { BlockingClient } from './http-client.ts';
import { collection, succeed } from './http-database.ts';

const DATASETS = '../shared/golden/datasets';

interface ExampleGraph {
  readonly graphs: readonly { readonly edgeDefinitions: unknown; readonly orphanCollections: unknown }[];
  readonly documents: Readonly<Record<string, readonly object[]>>;
}

export function generalGraphs(client: BlockingClient) {
  const path = (name: string): string => `/_api/gharial/${encodeURIComponent(name)}`;
  const graph = (name: string) => ({
    _addVertexCollection: (vertices: string) => void succeed(client.request('POST', `${path(name)}/vertex`, { collection: vertices })),
  });
  return {
    _exists: (name: string) => client.request('GET', path(name)).code === 200,
    _create: (name: string, edgeDefinitions: unknown, orphanCollections: unknown = []) => {
      succeed(client.request('POST', '/_api/gharial', { name, edgeDefinitions, orphanCollections }));
      return graph(name);
    },
    /** What a script made and dropped itself may be gone. */
    _drop: (name: string, dropsCollections: boolean) => void client.request('DELETE', `${path(name)}?dropCollections=${dropsCollections}`),
  };
}

export function exampleGraphs(client: BlockingClient) {
  const graphs = generalGraphs(client);
  return {
    loadGraph(name: string) {
      const data = JSON.parse(readFileSync(`${DATASETS}/${name}.json`, 'utf8')) as ExampleGraph;
      const [definition] = data.graphs;
      const graph = graphs._create(name, definition?.edgeDefinitions, definition?.orphanCollections);
      for (const [vertices, documents] of Object.entries(data.documents)) {
        for (const document of documents) collection(client, vertices).save(document);
      }
      return graph;
    },
    dropGraph: (name: string) => graphs._drop(name, true),
  };
}
