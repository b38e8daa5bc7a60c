/** The door of `values`: what AQL values are, without any I/O. */
export { typeName, typeRank, isArray, isObject, type TypeName, type Value, type ValueObject } from './value.ts';
export { compareValues, equalValues } from './compare.ts';
export { groupKey, hashValue, tupleKey, type GroupKey } from './group-key.ts';
export { COLLATION_VERSION, compareStrings, sortKey } from './collation.ts';
export { ArrayColumns } from './array-columns.ts';
export {
  boundedRange,
  encodeKey,
  encodeKeys,
  isTruncated,
  pointRange,
  prefixRange,
  typeRange,
  type Bound,
  type ValueRange,
} from './encode.ts';
export { numberToText, toArray, toBool, toNumber, toText } from './cast.ts';
export { encodeDocument, withRevision } from './document-encode.ts';
export { scanDocument } from './document-scan.ts';
export {
  attributeOf,
  attributeReader,
  documentJson,
  documentText,
  DocumentView,
  KEY_IN_ROW,
  plain,
  type AttributeReader,
} from './document.ts';
export { decodeRevision, encodeRevision, revisionParts } from './revision.ts';
export { isDocumentKey, joinDocumentId, parseDocumentId, type DocumentId } from './document-id.ts';
export { isCollectionName, isDatabaseName, type NameRules } from './names.ts';
export { EARTH_RADIUS_M, haversineDistance } from './geo/haversine.ts';
export {
  InvalidShape,
  parseRing,
  parseShape,
  type PolygonReading,
  s2js,
  shapeArea,
  shapeCentroid,
  shapeContains,
  shapeDistance,
  shapesEqual,
  shapesIntersect,
  type Ellipsoid,
  type Shape,
} from './geo/shape.ts';
export { decodeVelocypack } from './velocypack/decode.ts';
export { encodeVelocypack } from './velocypack/encode.ts';
