/**
 * How clients name a document: by key, by id (`collection/key`), or by an object with `_key` or `_id` and perhaps `_rev`.
 */
import { ArangoError } from '#base';
import type { CollectionDefinition } from '#catalog';
import { isDocumentKey, isObject, type Value } from '#values';

export interface SelectedDocument {
  readonly key: string;
  readonly revision?: string;
}

/**
 * Throws 1205 for what names no document, 1221 for a key that cannot be one, 1213 for an id of another collection. A collection may be
 * named by its numeric id.
 */
export function parseSelector(collection: CollectionDefinition, selector: Value): SelectedDocument {
  if (typeof selector === 'string') return { key: keyOf(collection, selector) };
  if (!isObject(selector)) throw new ArangoError('ERROR_ARANGO_DOCUMENT_HANDLE_BAD');
  const key = selectedKey(collection, selector['_key'] ?? null, selector['_id'] ?? null);
  const revision = selector['_rev'];
  return typeof revision === 'string' && revision !== '' ? { key, revision } : { key };
}

function selectedKey(collection: CollectionDefinition, key: Value, id: Value): string {
  if (key === null) {
    if (typeof id !== 'string') throw new ArangoError('ERROR_ARANGO_DOCUMENT_HANDLE_BAD');
    return keyOf(collection, id);
  }
  if (!isDocumentKey(key)) throw new ArangoError('ERROR_ARANGO_DOCUMENT_KEY_BAD');
  return key;
}

function keyOf(collection: CollectionDefinition, text: string): string {
  const slash = text.indexOf('/');
  const key = text.slice(slash + 1);
  if (!isDocumentKey(key)) throw new ArangoError('ERROR_ARANGO_DOCUMENT_HANDLE_BAD');
  if (slash !== -1) {
    const name = text.slice(0, slash);
    if (name === '') throw new ArangoError('ERROR_ARANGO_DOCUMENT_HANDLE_BAD');
    if (name !== collection.name && name !== String(collection.id)) throw new ArangoError('ERROR_ARANGO_CROSS_COLLECTION_REQUEST');
  }
  return key;
}
