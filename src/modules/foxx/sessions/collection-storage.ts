/** Sessions as documents of a collection; the key is the session's id. */
import assert from 'node:assert';
import { clock, isArangoError } from '#base';
import { sha256, genRandomBytes } from '../../arangodb/crypto.ts';
import type { ArangoCollection } from '../../arangodb/collection.ts';
import type { ArangoDatabase } from '../../arangodb/db.ts';
import { textOf } from '../../text.ts';
import type { SessionStorage } from './session.ts';

interface CollectionStorageOptions {
  readonly collection?: unknown;
  /** Seconds. */
  readonly ttl?: number;
  /** Removes an expired session when somebody comes with it. */
  readonly pruneExpired?: boolean;
  /** Each use of a session prolongs it. */
  readonly autoUpdate?: boolean;
}

interface Session {
  _key?: string;
  uid?: unknown;
  created?: unknown;
  data?: unknown;
}

interface CollectionStorage extends SessionStorage {
  /** Removes what has expired; returns the keys. */
  prune(): unknown[];
  save(session?: Session): Session | null;
  clear(session?: Session): boolean;
}

/** Not there (1202), or nothing that could be there: clients send anything (1205, 1213, 1221). */
const NO_SUCH_DOCUMENT: readonly number[] = [1202, 1205, 1213, 1221];

/** Options, or a collection, or its name. */
export function collectionStorage(db: ArangoDatabase, given: unknown): CollectionStorage {
  const options = (typeof given === 'string' || isCollection(given) ? { collection: given } : (given ?? {})) as CollectionStorageOptions;
  assert(options.collection, 'Must pass a collection to store sessions');
  const found = typeof options.collection === 'string' ? db._collection(options.collection) : options.collection;
  assert(isCollection(found), `No such collection: ${textOf(options.collection)}`);
  const collection = found;
  const ttlMs = (options.ttl ?? 60 * 60) * 1000;
  return {
    prune: () =>
      db
        ._query('FOR session IN @@sessions FILTER session.expires < @now REMOVE session IN @@sessions RETURN OLD._key', {
          '@sessions': collection.name(),
          now: clock.now(),
        })
        .toArray(),

    fromClient(id) {
      const session = unlessMissing(() => collection.document(id) as unknown as Session & { expires: number });
      if (session === undefined) return null;
      const now = clock.now();
      if (session.expires < now) {
        if (options.pruneExpired) unlessMissing(() => collection.remove(id));
        return null;
      }
      if (options.autoUpdate !== false) unlessMissing(() => collection.update(id, { expires: now + ttlMs }));
      const { _key, uid, created, data } = session;
      return { _key, uid, created, data };
    },

    forClient: (session) => (session as Session | null)?._key ?? null,

    save(session) {
      if (!session) return null;
      const stored = { uid: session.uid, created: session.created, expires: clock.now() + ttlMs, data: session.data };
      if (session._key === undefined) {
        const { _key } = collection.save({ _key: sha256(genRandomBytes(32)), ...stored }) as { readonly _key: string };
        session._key = _key;
      } else {
        collection.replace(session._key, stored);
      }
      return session;
    },

    clear(session) {
      const key = session?._key;
      return key !== undefined && unlessMissing(() => collection.remove(key)) !== undefined;
    },

    new: () => ({ uid: null, created: clock.now(), data: null }),
  };
}

function isCollection(value: unknown): value is ArangoCollection {
  return typeof value === 'object' && value !== null && 'isArangoCollection' in value;
}

/** Undefined when the document is not there (any more). */
function unlessMissing<Result>(action: () => Result): Result | undefined {
  try {
    return action();
  } catch (error) {
    if (isArangoError(error) && NO_SUCH_DOCUMENT.includes(error.errorNum)) return undefined;
    throw error;
  }
}
