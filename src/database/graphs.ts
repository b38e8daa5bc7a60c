/** Named graphs as queries need them: read from `_graphs`. */
import type { NamedGraph } from '#aql';
import type { DatabaseCatalog } from '#catalog';
import type { DocumentTransaction } from '#documents';
import { isArray, isObject, type Value } from '#values';

export function findGraph(transaction: DocumentTransaction, database: DatabaseCatalog, name: string): NamedGraph | undefined {
  const graphs = database.findCollection('_graphs');
  const found = graphs === undefined ? undefined : transaction.find(graphs, name);
  if (found === undefined) return undefined;
  const definitions = found.get('edgeDefinitions');
  return {
    name,
    edgeDefinitions: (isArray(definitions) ? definitions : []).filter(isObject).map(({ collection, from, to }) => ({
      collection: typeof collection === 'string' ? collection : '',
      from: names(from),
      to: names(to),
    })),
    orphanCollections: names(found.get('orphanCollections')),
  };
}

function names(list: Value | undefined): string[] {
  return list !== undefined && isArray(list) ? list.filter((name) => typeof name === 'string') : [];
}
