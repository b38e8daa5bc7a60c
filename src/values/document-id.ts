/** Keys and ids of documents (`collection/key`), and the names that may stand in them. What is wrong with one is for the caller to say. */
import { isCollectionName } from './names.ts';

export interface DocumentId {
  readonly collection: string;
  readonly key: string;
}

const KEY = /^[A-Za-z0-9_\-.@()+,=;$!*'%:]{1,254}$/;

export function isDocumentKey(key: unknown): key is string {
  return typeof key === 'string' && KEY.test(key);
}

export function joinDocumentId(collection: string, key: string): string {
  return `${collection}/${key}`;
}

/** The parts of an id; undefined when it is none, whatever collections there are. */
export function parseDocumentId(id: unknown): DocumentId | undefined {
  if (typeof id !== 'string') return undefined;
  const slash = id.indexOf('/');
  if (slash <= 0) return undefined;
  const collection = id.slice(0, slash);
  const key = id.slice(slash + 1);
  return KEY.test(key) && namesCollection(collection) ? { collection, key } : undefined;
}

/** A collection goes by its name, or by the number that it was made under. */
function namesCollection(text: string): boolean {
  return /^\d+$/.test(text) || isCollectionName(text, { maySystem: true, isExtended: true });
}
