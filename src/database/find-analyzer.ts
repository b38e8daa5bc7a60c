/** An analyzer that a user defined, as a query that is about to run finds it: in the query's own transaction, without rights. */
import type { QueryEnvironment } from '#aql';
import type { DatabaseCatalog } from '#catalog';
import type { DocumentTransaction } from '#documents';
import { isObject } from '#values';

/** `name` may be preceded by the database's name and `::`. */
export function findAnalyzer(
  transaction: DocumentTransaction,
  database: DatabaseCatalog,
  name: string,
): ReturnType<QueryEnvironment['findAnalyzer']> {
  const prefix = `${database.definition.name}::`;
  const analyzers = database.findCollection('_analyzers');
  const found =
    analyzers === undefined ? undefined : transaction.find(analyzers, name.startsWith(prefix) ? name.slice(prefix.length) : name);
  const type = found?.get('type');
  if (found === undefined || typeof type !== 'string') return undefined;
  const properties = found.get('properties');
  return { type, properties: isObject(properties) ? properties : {} };
}
