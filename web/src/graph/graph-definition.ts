/** The definition of a graph in a form, and the steps that make of the one that is there the one that is wanted. */

export interface EdgeDefinition {
  readonly collection: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
}

export interface Graph {
  readonly name: string;
  readonly edgeDefinitions: readonly EdgeDefinition[];
  readonly orphanCollections: readonly string[];
}

/** Lists of collections are texts with commas. */
export interface GraphForm {
  readonly name: string;
  readonly definitions: readonly { readonly collection: string; readonly from: string; readonly to: string }[];
  readonly orphans: string;
}

export const NEW_DEFINITION = { collection: '', from: '', to: '' };

export function formOf(graph: Graph | undefined): GraphForm {
  if (graph === undefined) return { name: '', definitions: [NEW_DEFINITION], orphans: '' };
  return {
    name: graph.name,
    definitions: graph.edgeDefinitions.map(({ collection, from, to }) => ({ collection, from: from.join(', '), to: to.join(', ') })),
    orphans: graph.orphanCollections.join(', '),
  };
}

export const listOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');

export type GraphStep =
  | { readonly do: 'add edges' | 'replace edges'; readonly definition: EdgeDefinition }
  | { readonly do: 'remove edges'; readonly collection: string }
  | { readonly do: 'add vertices' | 'remove vertices'; readonly collection: string };

/**
 * What is added comes before what is removed, so that the graph has all its collections at any time. Vertex collections that lose their last edges
 * become orphans by themselves, so only those are added that the graph has not had at all.
 */
export function changesOf(graph: Graph, form: GraphForm): readonly GraphStep[] {
  const wanted = form.definitions
    .map(({ collection, from, to }): EdgeDefinition => ({ collection: collection.trim(), from: listOf(from), to: listOf(to) }))
    .filter(({ collection }) => collection !== '');
  const before = new Map(graph.edgeDefinitions.map((definition) => [definition.collection, definition]));
  const orphans = listOf(form.orphans);
  const steps: GraphStep[] = [];
  for (const definition of wanted) {
    const old = before.get(definition.collection);
    if (old === undefined) steps.push({ do: 'add edges', definition });
    else if (!isSame(old.from, definition.from) || !isSame(old.to, definition.to)) steps.push({ do: 'replace edges', definition });
  }
  const kept = new Set(wanted.map(({ collection }) => collection));
  for (const collection of before.keys()) if (!kept.has(collection)) steps.push({ do: 'remove edges', collection });
  const connected = new Set([...graph.edgeDefinitions, ...wanted].flatMap(({ from, to }) => [...from, ...to]));
  for (const collection of orphans) {
    if (!graph.orphanCollections.includes(collection) && !connected.has(collection)) steps.push({ do: 'add vertices', collection });
  }
  const stillConnected = new Set(wanted.flatMap(({ from, to }) => [...from, ...to]));
  for (const collection of graph.orphanCollections) {
    if (!orphans.includes(collection) && !stillConnected.has(collection)) steps.push({ do: 'remove vertices', collection });
  }
  return steps;
}

const isSame = (a: readonly string[], b: readonly string[]): boolean => a.toSorted().join() === b.toSorted().join();
