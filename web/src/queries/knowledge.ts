/** What the editor knows of a database, asked for when the first query is written and then kept. */
import { api } from '../api/client.ts';
import { listCollections, sampledAttributes } from '../data/model.ts';
import type { KnowledgeSource } from '../editor/aql.ts';
import type { AqlFunction, Knowledge } from './aql/completion.ts';

type Known = Omit<Knowledge, 'attributes'>;

interface GraphAnswer {
  readonly graphs: readonly {
    readonly name: string;
    readonly edgeDefinitions: readonly { readonly collection: string; readonly from: readonly string[]; readonly to: readonly string[] }[];
    readonly orphanCollections: readonly string[];
  }[];
}

interface UserFunctions {
  readonly result: readonly { readonly name: string }[];
}

const NOTHING: Known = { collections: [], graphs: [], functions: [] };

/** Of the database that is current now: ask again for another. */
export function knowledgeOf(database: string): KnowledgeSource {
  let known = NOTHING;
  const learn = async (): Promise<void> => {
    known = await load();
  };
  learn().catch(() => {
    // The editor completes keywords only then; what is wrong with the server shows when the query runs.
  });
  return {
    knowledge: () => known,
    attributes: async (collections) =>
      new Map(
        await Promise.all(
          collections
            .filter((name) => known.collections.some((collection) => collection.name === name))
            .map(async (name) => [name, await sampledAttributes(database, name)] as const),
        ),
      ),
  };
}

async function load(): Promise<Known> {
  const [collections, { graphs }, { functions }, users] = await Promise.all([
    listCollections(),
    api.get<GraphAnswer>('/_api/gharial'),
    api.get<{ functions: readonly AqlFunction[] }>('/_api/aql-builtin'),
    api.get<UserFunctions>('/_api/aqlfunction'),
  ]);
  const own = users.result.map(({ name }): AqlFunction => ({
    name,
    signature: `${name}(…)`,
    summary: 'A function of this database.',
    group: 'Own',
    examples: [],
  }));
  return {
    collections: collections.map(({ name, type }) => ({ name, type: type === 3 ? 'edge' : 'document' })),
    graphs: graphs.map(({ name, edgeDefinitions, orphanCollections }) => ({
      name,
      vertices: [...new Set([...edgeDefinitions.flatMap(({ from, to }) => [...from, ...to]), ...orphanCollections])],
      edges: edgeDefinitions.map(({ collection }) => collection),
    })),
    functions: [...functions, ...own],
  };
}
