/**
 * A snapshot of what exists. It never changes; a newer one shares with it every definition that stayed the same.
 */
import type { CollectionDefinition, DatabaseDefinition } from './definition.ts';

export interface Catalog {
  /** The engine's `metaVersion()` that it shows. */
  readonly version: number;
  readonly databases: readonly DatabaseCatalog[];
  /** By name. */
  findDatabase(name: string): DatabaseCatalog | undefined;
  /** Throws 1228. */
  getDatabase(name: string): DatabaseCatalog;
}

export interface DatabaseCatalog {
  readonly definition: DatabaseDefinition;
  /** In the order of their creation. */
  readonly collections: readonly CollectionDefinition[];
  /** By name, or by id as text. */
  findCollection(nameOrId: string): CollectionDefinition | undefined;
  /** Throws 1203. */
  getCollection(nameOrId: string): CollectionDefinition;
}
