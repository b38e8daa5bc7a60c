/**
 * How an index can be asked: one of its tables with the fields that order it. A primary index can be asked by `_key` and by `_id`,
 * an edge index by `_from` and by `_to`, a persistent index by its fields, a ttl index not at all. The optimizer chooses among these.
 * Geo and multi-dimensional indexes are searched instead (`search.ts`).
 */
import { parseFieldPath, type CollectionDefinition, type FieldPath, type IndexDefinition } from '#catalog';
import type { TableId } from '#storage';
import { coveredFields, heldFields } from './indexes/held-values.ts';

export interface IndexAccess {
  readonly collection: CollectionDefinition;
  readonly index: IndexDefinition;
  readonly table: TableId;
  readonly fields: readonly FieldPath[];
  /** One document at most for values of all fields. */
  readonly isUnique: boolean;
  /** Documents in which one of the fields is null (of an expanded first field: no array) are not in it. */
  readonly isSparse: boolean;
  /** Entries come in the order of `fields` and may be asked for by range: AQL's, and that of bytes for `_key`. Otherwise only by equality of all fields. */
  readonly isSorted: boolean;
  /** An array is expanded: a document has an entry for each member. Scans give each document once all the same. */
  readonly isExpanded: boolean;
  /** What counts as read off an entry without the document, as ArangoDB has it; empty: nothing. */
  readonly covered: readonly FieldPath[];
  /** What can be read off an entry, in its order: `covered`, and perhaps `_key`. */
  readonly held: readonly FieldPath[];
  /** It is not asked by ranges but searched, in this way. */
  readonly search?: SearchKind;
}

/**
 * Ways to search an index. `distance`: by the distance of centroids; `great circle`: by the distance of points with latitude and
 * longitude; `region`: by what has points in common with a shape; `box`: by intervals of several numbers.
 */
export type SearchKind = 'distance' | 'great circle' | 'region' | 'box';

const accesses = new WeakMap<CollectionDefinition, readonly IndexAccess[]>();

/** All ways to ask the indexes of a collection, primary first. */
export function indexAccesses(collection: CollectionDefinition): readonly IndexAccess[] {
  let known = accesses.get(collection);
  if (known === undefined) {
    known = collection.indexes.flatMap((index) => accessesOf(collection, index));
    accesses.set(collection, known);
  }
  return known;
}

const [KEY, ID, FROM, TO] = (['_key', '_id', '_from', '_to'] as const).map((name) => [parseFieldPath(name)]) as [
  FieldPath[],
  FieldPath[],
  FieldPath[],
  FieldPath[],
];

function accessesOf(collection: CollectionDefinition, index: IndexDefinition): IndexAccess[] {
  const byEquality = { collection, index, isSparse: false, isSorted: false, isExpanded: false, covered: [], held: [] };
  switch (index.type) {
    case 'primary':
      return [
        { ...byEquality, table: index.table, fields: KEY, isUnique: true, isSorted: true, covered: KEY, held: KEY },
        { ...byEquality, table: index.table, fields: ID, isUnique: true },
      ];
    case 'edge':
      return [
        { ...byEquality, table: index.from, fields: FROM, isUnique: false, covered: [...FROM, ...TO], held: TO },
        { ...byEquality, table: index.to, fields: TO, isUnique: false, covered: [...TO, ...FROM], held: FROM },
      ];
    case 'persistent': {
      const { table, fields, isUnique } = index;
      const isExpanded = fields.some(({ expandedStep }) => expandedStep !== -1);
      const isSparse = index.isSparse || fields[0]?.expandedStep !== -1;
      const [covered, held] = [coveredFields(index), heldFields(index)];
      return [{ collection, index, table, fields, isUnique, isSparse, isSorted: true, isExpanded, covered, held }];
    }
    case 'ttl':
    case 'geo':
    case 'fulltext':
    case 'mdi':
      return [];
  }
}

const searches = new WeakMap<CollectionDefinition, readonly IndexAccess[]>();

/** All ways to search the indexes of a collection. */
export function searchAccesses(collection: CollectionDefinition): readonly IndexAccess[] {
  let known = searches.get(collection);
  if (known === undefined) {
    known = collection.indexes.flatMap((index) => searchesOf(collection, index));
    searches.set(collection, known);
  }
  return known;
}

function searchesOf(collection: CollectionDefinition, index: IndexDefinition): IndexAccess[] {
  if (index.type !== 'geo' && index.type !== 'mdi') return [];
  const { table, isUnique, isSparse } = index;
  const fields = index.type === 'mdi' ? [...index.prefixFields, ...index.fields] : index.fields;
  const base = { collection, index, table, fields, isUnique, isSparse, isSorted: false, isExpanded: false, covered: [], held: [] };
  const kinds: readonly SearchKind[] = index.type === 'mdi' ? ['box'] : ['distance', 'great circle', 'region'];
  return kinds.map((search) => ({ ...base, search }));
}

/** The first geo index, to be searched by the distance from a point. */
export function placeAccess(collection: CollectionDefinition): IndexAccess | undefined {
  return searchAccesses(collection).find(
    ({ index, search }) => index.type === 'geo' && search === (index.isGeoJson ? 'distance' : 'great circle'),
  );
}
