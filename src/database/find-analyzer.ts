/** Analyzers that users defined, where they lie: read in a transaction that is there, without rights. */
import type { DatabaseCatalog } from '#catalog';
import type { DocumentTransaction } from '#documents';
import { isArray, isObject, type Value, type ValueObject } from '#values';
import { forEachDocument } from './measures.ts';

export const ANALYZERS = '_analyzers';
const SYSTEM = '_system';

export interface AnalyzerDescription {
  /** With the database's name before it, unless it came along. */
  readonly name: string;
  readonly type: string;
  readonly properties: ValueObject;
  readonly features: readonly Value[];
}

/** `name` may be preceded by a database's name and `::`: the own one, or `_system`. */
export function findAnalyzer(transaction: DocumentTransaction, own: DatabaseCatalog, name: string): AnalyzerDescription | undefined {
  const parting = name.lastIndexOf('::');
  const prefix = parting === -1 ? own.definition.name : name.slice(0, parting);
  if (prefix !== own.definition.name && prefix !== SYSTEM) return undefined;
  const database = prefix === SYSTEM ? transaction.catalog.getDatabase(SYSTEM) : own;
  const collection = database.findCollection(ANALYZERS);
  const found = collection === undefined ? undefined : transaction.find(collection, parting === -1 ? name : name.slice(parting + 2));
  return found === undefined ? undefined : describeAnalyzer(prefix, found.toObject());
}

/** All of them, by name. */
export function allAnalyzers(transaction: DocumentTransaction, database: DatabaseCatalog): readonly AnalyzerDescription[] {
  const collection = database.findCollection(ANALYZERS);
  const found: AnalyzerDescription[] = [];
  if (collection !== undefined)
    forEachDocument(
      transaction,
      collection,
      (document) => void found.push(describeAnalyzer(database.definition.name, document.toObject())),
    );
  return found.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/** A document of `_analyzers`. */
function describeAnalyzer(database: string, { name, _key, type, properties = null, features = null }: ValueObject): AnalyzerDescription {
  return {
    name: `${database}::${(typeof name === 'string' ? name : _key) as string}`,
    type: type as string,
    properties: isObject(properties) ? properties : {},
    features: isArray(features) ? features : [],
  };
}
