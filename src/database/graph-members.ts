/**
 * What named graphs mean for the collections in them, whoever drops or renames those: a graph always names collections that are there.
 */
import { ArangoError } from '#base';
import type { DatabaseCatalog } from '#catalog';
import type { DocumentTransaction } from '#documents';
import type { NamedGraph } from '#aql';
import { findGraph } from './graphs.ts';
import { forEachDocument } from './measures.ts';

/** Throws 1942 when a graph has the collection. */
export function checkIsInNoGraph(transaction: DocumentTransaction, database: DatabaseCatalog, collection: string): void {
  for (const graph of graphsOf(transaction, database)) {
    const role = roleIn(graph, collection);
    if (role === undefined) continue;
    throw new ArangoError('ERROR_GRAPH_MUST_NOT_DROP_COLLECTION', `collection '${collection}' is ${role} inside graph '${graph.name}'`);
  }
}

function roleIn({ edgeDefinitions, orphanCollections }: NamedGraph, name: string): string | undefined {
  if (orphanCollections.includes(name)) return 'an orphan collection';
  if (edgeDefinitions.some(({ collection }) => collection === name)) return 'an edge collection';
  return edgeDefinitions.some(({ from, to }) => from.includes(name) || to.includes(name)) ? 'a vertex collection' : undefined;
}

/** Graphs go on with their collections under their new names. */
export function renameInGraphs(transaction: DocumentTransaction, database: DatabaseCatalog, before: string, after: string): void {
  const graphs = database.findCollection('_graphs');
  if (graphs === undefined) return;
  const renamed = (name: string): string => (name === before ? after : name);
  const changes = graphsOf(transaction, database)
    .filter((graph) => roleIn(graph, before) !== undefined)
    .map(({ name, edgeDefinitions, orphanCollections }) => ({
      key: name,
      document: {
        edgeDefinitions: edgeDefinitions.map(({ collection, from, to }) => ({
          collection: renamed(collection),
          from: from.map(renamed).toSorted(),
          to: to.map(renamed).toSorted(),
        })),
        orphanCollections: orphanCollections.map(renamed).toSorted(),
      },
    }));
  transaction.update(graphs, changes);
}

function graphsOf(transaction: DocumentTransaction, database: DatabaseCatalog): NamedGraph[] {
  const graphs = database.findCollection('_graphs');
  const names: string[] = [];
  if (graphs !== undefined) forEachDocument(transaction, graphs, (document) => names.push(document.get('_key') as string));
  return names.flatMap((name) => findGraph(transaction, database, name) ?? []);
}
