/** Index definitions as clients are shown them. */
import type { Value, ValueObject } from '#values';
import { indexTypeName, type CollectionDefinition, type IndexDefinition } from './definition.ts';
import type { FieldPath } from './field-path.ts';

/** The definition as `GET /_api/index` has it. */
export function describeIndex(
  collection: CollectionDefinition,
  index: IndexDefinition,
  selectivityEstimate: number | undefined,
): ValueObject {
  const own: Record<string, Value> = {
    fields: index.fields.map(({ text }) => text),
    id: `${collection.name}/${index.id}`,
    name: index.name,
    sparse: index.isSparse,
    type: indexTypeName(index),
    unique: index.isUnique,
  };
  if (selectivityEstimate !== undefined) own['selectivityEstimate'] = selectivityEstimate;
  return inOrder({ ...own, ...ownOptions(index) });
}

/** The attributes come in the order of their names, as recorded. */
function inOrder(description: ValueObject): ValueObject {
  return Object.fromEntries(Object.entries(description).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

/** The levels of S2's cells that ArangoDB's geo indexes are shown with. */
const GEO_CELLS: ValueObject = { bestIndexedLevel: 17, worstIndexedLevel: 4, maxNumCoverCells: 8 };

function ownOptions(index: IndexDefinition): ValueObject {
  switch (index.type) {
    case 'primary':
    case 'edge':
      return {};
    case 'persistent':
      return {
        cacheEnabled: index.cacheEnabled,
        deduplicate: index.isDeduplicating,
        estimates: index.hasEstimates,
        ...storedValuesOption(index.storedValues),
      };
    case 'ttl':
      return { estimates: false, expireAfter: index.expireAfterSeconds };
    case 'geo':
      return { ...GEO_CELLS, geoJson: index.isGeoJson, legacyPolygons: index.hasLegacyPolygons };
    case 'fulltext':
      return { minLength: index.minLength };
    case 'mdi':
      return {
        estimates: index.hasEstimates,
        fieldValueTypes: 'double',
        ...(index.prefixFields.length === 0 ? {} : { prefixFields: index.prefixFields.map(({ text }) => text) }),
        ...storedValuesOption(index.storedValues),
      };
  }
}

function storedValuesOption(storedValues: readonly FieldPath[]): ValueObject {
  return storedValues.length === 0 ? {} : { storedValues: storedValues.map(({ text }) => text) };
}
