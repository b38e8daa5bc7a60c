/** The door of `catalog`: what databases, collections and indexes there are, and changing it. */
export { CatalogCache, DatabaseCatalog, type Catalog } from './catalog.ts';
export {
  documentTables,
  indexTables,
  indexTypeName,
  type CollectionDefinition,
  type CollectionType,
  type DatabaseDefinition,
  type EdgeIndex,
  type FulltextIndex,
  type GeoIndex,
  type IndexDefinition,
  type IndexType,
  type KeyOptions,
  type MdiIndex,
  type OwnIndex,
  type PersistentIndex,
  type PrimaryIndex,
  type TtlIndex,
} from './definition.ts';
export {
  changeCollection,
  createCollection,
  describeCollection,
  dropCollection,
  markWalked,
  renameCollection,
  storeCollection,
  tellsChanges,
} from './collections.ts';
export { createDatabase, dropDatabase, SYSTEM_DATABASE } from './databases.ts';
export { describeIndex } from './index-description.ts';
export { findSameIndex, getIndex, newIndex, withIndex, withoutIndex } from './indexes.ts';
export { clearDiscardedTables, discardTables, hasDiscardedTables } from './discarded.ts';
export { compileRule, schemaCheck, schemaFailure, type RuleCheck } from './schema.ts';
export type { ComputedValue } from './computed-values.ts';
export { holdDefinition } from './guards.ts';
export { parseFieldPath, type FieldPath } from './field-path.ts';
export type { NamingOptions } from './names.ts';
