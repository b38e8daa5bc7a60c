/** The errors of writes that a client can act on. */
import assert from 'node:assert/strict';
import { ArangoError } from '#base';
import { indexTables, indexTypeName, type CollectionDefinition, type IndexDefinition } from '#catalog';
import type { MutationFailure, Transaction } from '#storage';
import { DocumentView } from '#values';

const HTTP_PRECONDITION_FAILED = 412;

/** The expected revision is not the stored one. */
export function revisionConflict(): ArangoError {
  const error = new ArangoError('ERROR_ARANGO_CONFLICT', { message: 'conflict, _rev values do not match' });
  error.code = HTTP_PRECONDITION_FAILED;
  return error;
}

/** A document may not have an entry of a unique index, because the document with `key` has it. */
export function uniqueViolation(index: IndexDefinition, key: string): ArangoError {
  const fields = index.fields.map(({ text }) => text).join(', ');
  return new ArangoError('ERROR_ARANGO_UNIQUE_CONSTRAINT_VIOLATED', {
    message: `unique constraint violated - in index ${index.name} of type ${indexTypeName(index)} over '${fields}'; conflicting key: ${key}`,
  });
}

/** What the engine refused, in terms of the index and of the document that stood in the way. */
export function refusedMutation(
  transaction: Transaction,
  collection: CollectionDefinition,
  { entry, holder }: NonNullable<MutationFailure>,
): ArangoError {
  const index = collection.maintained.find((one) => indexTables(one).includes(entry.index));
  assert(index !== undefined, 'an entry of no index was refused');
  const row = transaction.rows(collection.rows, [holder]);
  return uniqueViolation(index, new DocumentView(row.buffer, row.starts[0]!, row.ends[0]!, collection.name).get('_key') as string);
}
