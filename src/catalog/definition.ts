/**
 * What the catalog knows of a database, a collection and an index: plain readonly data, the same for every reader of one catalog.
 *
 * A definition never changes; a change makes a new one. So whatever is derived from a definition may be cached under it. Ids are
 * numbers inside and text outside.
 */
import type { TableId } from '#storage';
import type { ComputedValue } from './computed-values.ts';
import type { ValueObject } from '#values';
import type { FieldPath } from './field-path.ts';

export interface DatabaseDefinition {
  readonly id: number;
  readonly name: string;
  readonly isSystem: boolean;
}

/** 2 is a document collection, 3 an edge collection. */
export type CollectionType = 2 | 3;

export type KeyOptions =
  | { readonly type: 'traditional' | 'padded' | 'uuid'; readonly allowUserKeys: boolean }
  | {
      readonly type: 'autoincrement';
      readonly allowUserKeys: boolean;
      readonly offset: number;
      readonly increment: number;
      /** A row table whose only row holds the last number that was given out. */
      readonly counter: TableId;
    };

export interface CollectionDefinition {
  readonly id: number;
  readonly databaseId: number;
  readonly name: string;
  readonly type: CollectionType;
  readonly isSystem: boolean;
  /** The table of its documents. */
  readonly rows: TableId;
  readonly globallyUniqueId: string;
  readonly objectId: number;
  readonly waitForSync: boolean;
  readonly cacheEnabled: boolean;
  /** Walks in it are frequent and changes are not: what they read is kept in memory though nobody has asked for it. */
  readonly isWalked?: true | undefined;
  readonly writeConcern: number;
  readonly keyOptions: KeyOptions;
  readonly schema: ValueObject | null;
  readonly computedValues: readonly ComputedValue[] | null;
  readonly primary: PrimaryIndex;
  readonly edge: EdgeIndex | undefined;
  /** All that may be read: primary first, then edge, then in the order they were made. */
  readonly indexes: readonly IndexDefinition[];
  /** All that a write must keep up: `indexes` and those that are still being filled. */
  readonly maintained: readonly IndexDefinition[];
}

export type IndexDefinition = PrimaryIndex | EdgeIndex | PersistentIndex | TtlIndex | GeoIndex | FulltextIndex | MdiIndex;
/** Those that users make. */
export type OwnIndex = Exclude<IndexDefinition, PrimaryIndex | EdgeIndex>;
export type IndexType = IndexDefinition['type'];

interface IndexBase {
  /** 0 is primary, 1 is edge. Unique in the collection. */
  readonly id: number;
  readonly name: string;
  readonly fields: readonly FieldPath[];
  readonly isUnique: boolean;
  readonly isSparse: boolean;
  /** Documents that were there before it are still being added: it must be kept up and may not be read. */
  readonly isBuilding: boolean;
}

export interface PrimaryIndex extends IndexBase {
  readonly type: 'primary';
  readonly table: TableId;
}

/** Two tables of entries: edges by the vertex they start from and by the vertex they lead to. */
export interface EdgeIndex extends IndexBase {
  readonly type: 'edge';
  readonly from: TableId;
  readonly to: TableId;
}

export interface PersistentIndex extends IndexBase {
  readonly type: 'persistent';
  /** The name it was made under: `hash` and `skiplist` are old names of persistent. */
  readonly typeName: PersistentTypeName;
  readonly table: TableId;
  /** Repeated members of one document's array count once; otherwise a unique index refuses them. */
  readonly isDeduplicating: boolean;
  readonly hasEstimates: boolean;
  readonly cacheEnabled: boolean;
  /** Copied into the entries, after the indexed fields, so that a query may do without the document. */
  readonly storedValues: readonly FieldPath[];
  /**
   * Entries hold the values of the fields and the document's `_key`. Not where there are stored values, which are all that is wanted then, and not
   * those of fields with `[*]`, nor of indexes that were made before there was this.
   */
  readonly hasOwnValues: boolean;
}

export type PersistentTypeName = 'persistent' | 'hash' | 'skiplist' | 'rocksdb';

export interface TtlIndex extends IndexBase {
  readonly type: 'ttl';
  readonly table: TableId;
  readonly expireAfterSeconds: number;
}

/**
 * Places on Earth: one field with GeoJSON or, unless `isGeoJson`, with an array of latitude and longitude; or two fields, the latitude
 * first.
 */
export interface GeoIndex extends IndexBase {
  readonly type: 'geo';
  readonly typeName: GeoTypeName;
  readonly table: TableId;
  readonly isGeoJson: boolean;
  /** Kept and shown; polygons are read by today's rules all the same. */
  readonly hasLegacyPolygons: boolean;
}

export type GeoTypeName = 'geo' | 'geo1' | 'geo2';

/** The words of one field. */
export interface FulltextIndex extends IndexBase {
  readonly type: 'fulltext';
  readonly table: TableId;
  /** Shorter words are left out; in characters. */
  readonly minLength: number;
}

/** Numbers in several dimensions, to be found by ranges of all of them; `prefixFields` by equality before that. */
export interface MdiIndex extends IndexBase {
  readonly type: 'mdi';
  readonly typeName: MdiTypeName;
  readonly table: TableId;
  readonly prefixFields: readonly FieldPath[];
  readonly storedValues: readonly FieldPath[];
  readonly hasEstimates: boolean;
}

export type MdiTypeName = 'mdi' | 'mdi-prefixed' | 'zkd';

/** The name of an index's type as clients see it. There were two kinds of geo indexes once; whatever they were called, they are one. */
export function indexTypeName(index: IndexDefinition): string {
  return 'typeName' in index && index.type !== 'geo' ? index.typeName : index.type;
}

/** The tables of an index's entries. */
export function indexTables(index: IndexDefinition): readonly TableId[] {
  return index.type === 'edge' ? [index.from, index.to] : [index.table];
}

/** The tables that a collection's documents fill: their rows and the entries of all its indexes. */
export function documentTables(collection: CollectionDefinition): TableId[] {
  return [collection.rows, ...collection.maintained.flatMap(indexTables)];
}

/** All tables that go when the collection goes. */
export function collectionTables(collection: CollectionDefinition): TableId[] {
  const tables = documentTables(collection);
  return collection.keyOptions.type === 'autoincrement' ? [...tables, collection.keyOptions.counter] : tables;
}
