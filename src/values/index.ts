/** The door of `values`: what AQL values are, without any I/O. */
export { typeName, typeRank, isArray, isObject, type TypeName, type Value, type ValueObject } from './value.ts';
export { compareValues, equalValues } from './compare.ts';
export { COLLATION_VERSION, compareStrings, sortKey } from './collation.ts';
export { numberToText, toArray, toBool, toNumber, toText } from './cast.ts';
export { encodeDocument, withRevision } from './document-encode.ts';
export { attributeReader, documentJson, documentText, DocumentView, plain, type AttributeReader } from './document.ts';
export { decodeRevision, encodeRevision, revisionParts } from './revision.ts';
