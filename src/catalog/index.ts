/** The door of `catalog`: what databases, collections and indexes there are. */
export type { Catalog, DatabaseCatalog } from './catalog.ts';
export type {
  CollectionDefinition,
  CollectionType,
  DatabaseDefinition,
  EdgeIndex,
  IndexDefinition,
  IndexType,
  KeyOptions,
  PersistentIndex,
  PrimaryIndex,
  TtlIndex,
} from './definition.ts';
export { parseFieldPath, type FieldPath } from './field-path.ts';
