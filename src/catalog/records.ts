/**
 * Definitions as they are kept: JSON in the engine's meta values, one for each database and one for each collection with its
 * indexes. Keys end in padded ids, so a listing is in the order of creation.
 *
 * The form on disk is apart from the definitions so that either can change alone; `readCollection` is where an older form is
 * brought up to date.
 */
import type {
  CollectionDefinition,
  CollectionType,
  DatabaseDefinition,
  GeoTypeName,
  IndexDefinition,
  KeyOptions,
  MdiTypeName,
  PersistentTypeName,
} from './definition.ts';
import { parseFieldPath, type FieldPath } from './field-path.ts';
import type { ComputedValue } from './computed-values.ts';
import type { ValueObject } from '#values';

export const DATABASE_PREFIX = 'catalog/database/';
export const COLLECTION_PREFIX = 'catalog/collection/';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** 16 digits hold every safe integer. */
const padded = (id: number): string => String(id).padStart(16, '0');

export function databaseKey(id: number): string {
  return DATABASE_PREFIX + padded(id);
}

export function collectionKey(databaseId: number, id: number): string {
  return `${COLLECTION_PREFIX}${padded(databaseId)}/${padded(id)}`;
}

export function writeDatabase(database: DatabaseDefinition): Uint8Array {
  return encoder.encode(JSON.stringify(database));
}

export function readDatabase(bytes: Uint8Array): DatabaseDefinition {
  return JSON.parse(decoder.decode(bytes)) as DatabaseDefinition;
}

interface CollectionRecord {
  readonly id: number;
  readonly databaseId: number;
  readonly name: string;
  readonly type: CollectionType;
  readonly isSystem: boolean;
  readonly rows: number;
  readonly globallyUniqueId: string;
  readonly objectId: number;
  readonly waitForSync: boolean;
  readonly cacheEnabled: boolean;
  readonly isWalked?: true | undefined;
  readonly writeConcern: number;
  readonly keyOptions: KeyOptions;
  readonly schema: ValueObject | null;
  readonly computedValues: readonly ComputedValue[] | null;
  readonly indexes: readonly IndexRecord[];
}

interface IndexRecordBase {
  readonly id: number;
  readonly name: string;
  readonly fields: readonly string[];
  readonly isUnique: boolean;
  readonly isSparse: boolean;
  readonly isBuilding: boolean;
}

type IndexRecord = IndexRecordBase &
  (
    | { readonly type: 'primary'; readonly table: number }
    | { readonly type: 'edge'; readonly from: number; readonly to: number }
    | { readonly type: 'ttl'; readonly table: number; readonly expireAfterSeconds: number }
    | {
        readonly type: 'persistent';
        readonly typeName: PersistentTypeName;
        readonly table: number;
        readonly isDeduplicating: boolean;
        readonly hasEstimates: boolean;
        readonly cacheEnabled: boolean;
        readonly storedValues: readonly string[];
        /** Absent in what was written before there was this: false. */
        readonly hasOwnValues?: boolean;
      }
    | {
        readonly type: 'geo';
        readonly typeName: GeoTypeName;
        readonly table: number;
        readonly isGeoJson: boolean;
        readonly hasLegacyPolygons: boolean;
      }
    | { readonly type: 'fulltext'; readonly table: number; readonly minLength: number }
    | {
        readonly type: 'mdi';
        readonly typeName: MdiTypeName;
        readonly table: number;
        readonly prefixFields: readonly string[];
        readonly storedValues: readonly string[];
        readonly hasEstimates: boolean;
      }
  );

/** What was read is written as it was: a guard goes by these bytes. */
export function writeCollection(collection: CollectionDefinition): Uint8Array {
  const { primary: _primary, edge: _edge, indexes: _indexes, maintained, ...own } = collection;
  const record: CollectionRecord = { ...own, indexes: maintained.map(writeIndex) };
  return encoder.encode(JSON.stringify(record));
}

function writeIndex(index: IndexDefinition): IndexRecord {
  const fields = texts(index.fields);
  switch (index.type) {
    case 'persistent': {
      const { hasOwnValues, ...own } = index;
      return { ...own, fields, storedValues: texts(index.storedValues), ...(hasOwnValues && { hasOwnValues }) };
    }
    case 'mdi':
      return { ...index, fields, prefixFields: texts(index.prefixFields), storedValues: texts(index.storedValues) };
    default:
      return { ...index, fields };
  }
}

function texts(paths: readonly FieldPath[]): string[] {
  return paths.map(({ text }) => text);
}

export function readCollection(bytes: Uint8Array): CollectionDefinition {
  const { indexes, ...own } = JSON.parse(decoder.decode(bytes)) as CollectionRecord;
  return assembleCollection(own, indexes.map(readIndex));
}

function readIndex(index: IndexRecord): IndexDefinition {
  const fields = index.fields.map(parseFieldPath);
  switch (index.type) {
    case 'persistent':
      return { ...index, fields, storedValues: index.storedValues.map(parseFieldPath), hasOwnValues: index.hasOwnValues ?? false };
    case 'mdi':
      return {
        ...index,
        fields,
        prefixFields: index.prefixFields.map(parseFieldPath),
        storedValues: index.storedValues.map(parseFieldPath),
      };
    default:
      return { ...index, fields };
  }
}

/** A definition from its own properties and all of its indexes. */
export function assembleCollection(
  own: Omit<CollectionDefinition, 'primary' | 'edge' | 'indexes' | 'maintained'>,
  maintained: readonly IndexDefinition[],
): CollectionDefinition {
  const primary = maintained.find((index) => index.type === 'primary');
  if (primary === undefined) throw new TypeError(`collection ${own.name} has no primary index`);
  return {
    ...own,
    primary,
    edge: maintained.find((index) => index.type === 'edge'),
    indexes: maintained.filter((index) => !index.isBuilding),
    maintained,
  };
}
