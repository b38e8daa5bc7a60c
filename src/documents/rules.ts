/**
 * What a collection makes of a document before it is stored, and whether it takes it: computed values come first, then the schema looks
 * at the result, then an edge must say what it joins; what is no edge joins nothing. A restored document is taken as it is.
 */
import { ArangoError } from '#base';
import { schemaCheck, schemaFailure, type CollectionDefinition } from '#catalog';
import { encodeRevision, joinDocumentId, parseDocumentId, type DocumentView, type ValueObject } from '#values';
import type { ComputeValues, WriteEvent, WriteOptions } from './write-options.ts';

export interface RuledWrite {
  readonly event: WriteEvent;
  readonly key: string;
  readonly revision: bigint;
  readonly old: DocumentView | undefined;
  readonly options: WriteOptions;
}

/** The document as it is to be stored. Throws 1620, 1233, and what a computed value throws. */
export function applyRules(
  collection: CollectionDefinition,
  given: ValueObject,
  write: RuledWrite,
  computeValues: ComputeValues | undefined,
): ValueObject {
  const { computedValues, schema, type } = collection;
  let document = given;
  const { isRestore, skipDocumentValidation } = write.options;
  if (isRestore !== true) {
    if (computedValues !== null && computeValues !== undefined) {
      document = computeValues(computedValues, withSystemAttributes(collection, given, write), write.event, collection.name);
    }
    if (schema !== null && skipDocumentValidation !== true) checkSchema(schema, document, write);
  }
  if (type !== 3) return withoutEnds(document);
  if (parseDocumentId(document['_from']) === undefined || parseDocumentId(document['_to']) === undefined) {
    throw new ArangoError('ERROR_ARANGO_INVALID_EDGE_ATTRIBUTE');
  }
  return document;
}

/** `_from` and `_to` are system attributes everywhere and mean something in edges only. */
function withoutEnds(document: ValueObject): ValueObject {
  if (document['_from'] === undefined && document['_to'] === undefined) return document;
  const { _from, _to, ...rest } = document;
  return rest;
}

function withSystemAttributes({ name }: CollectionDefinition, document: ValueObject, { key, revision }: RuledWrite): ValueObject {
  return { ...document, _key: key, _id: joinDocumentId(name, key), _rev: encodeRevision(revision) };
}

function checkSchema(schema: ValueObject, document: ValueObject, { event, old }: RuledWrite): void {
  const isInsert = event === 'insert';
  const { level } = schema;
  if (level === 'new' && !isInsert) return;
  const check = schemaCheck(schema);
  if (check === undefined || check(document)) return;
  if (level === 'moderate' && !isInsert && old !== undefined && !check(old.toObject())) return;
  throw schemaFailure(schema);
}
