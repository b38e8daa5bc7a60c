/**
 * Requests for single documents, or for the same query with other values, that wait at the same time share their trips to the storage, where each call
 * is one.
 *
 * Each is answered by the handler as always, with all its checks, and knows nothing of the others. What it is going to read was read before by one
 * call for all, and what it commits is committed after by one call for all; only then the answers are good. Where that meets an obstacle nothing
 * was done, and those that write are answered once more, alone.
 */
import assert from 'node:assert/strict';
import type { HttpAnswer, HttpRequest, Peeked } from '#base';
import type { Databases, DocumentName, JointWork, QueryName } from '#database';
import { errorAnswer } from './answer.ts';
import type { JointHandler } from './handler.ts';

const DOCUMENT = /^(?:\/_db\/([^/?]+))?\/_api\/document\/([^/?]+)(?:\/([^/?]+))?(?:\?(.*))?$/s;
const QUERY = /^(?:\/_db\/([^/?]+))?\/_api\/cursor$/;
/** Larger bodies have work enough of their own. */
const SMALL_BYTES = 16_384;

type Joint = JointWork & { readonly place: number };

export function createJointHandler(databases: Databases): JointHandler {
  return {
    companionsOf(request) {
      if (isForDocument(request)) return isForDocument;
      const query = queryOf(request);
      return query !== undefined && databases.mayShareTrips(query) ? (other) => isSameQuery(query, request.url, other) : undefined;
    },
    handle(requests, answer) {
      const answers: (HttpAnswer | Promise<HttpAnswer> | undefined)[] = [];
      const joint = requests.flatMap((request, place): Joint[] => {
        const work = (): void => void (answers[place] = answer(place));
        const document = documentOf(request);
        if (document !== undefined) return [{ place, document, work }];
        const query = queryOf(request);
        return query === undefined ? [] : [{ place, query, work }];
      });
      if (joint.length < 2) return answers;
      try {
        databases.together(joint).forEach((fate, i) => {
          const { place } = joint[i]!;
          if (fate === 'again') answers[place] = undefined;
          else if (fate !== 'done') answers[place] = errorAnswer(fate);
        });
      } catch (error) {
        for (const { place } of joint) answers[place] = errorAnswer(error);
      }
      return answers;
    },
  };
}

/** Reading or writing one document, or making some. */
function isForDocument({ method, url }: Peeked): boolean {
  const found = DOCUMENT.exec(url);
  return found !== null && (method === 'POST') === (found[3] === undefined);
}

/** By what others may be doing to it at that moment, what is looked at may be anything. */
function isSameQuery({ request }: QueryName, url: string, other: Peeked): boolean {
  return other.method === 'POST' && other.url === url && queryIn(other.body)?.query === request.query;
}

/** A transaction of several requests, or a body that is large or packed. */
function isMore({ headers, body }: HttpRequest): boolean {
  return 'x-arango-trx-id' in headers || 'x-arango-async' in headers || 'content-encoding' in headers || body.length > SMALL_BYTES;
}

/** Undefined where it is something else, or may take more than that, or is wrong: the handler says what is. */
function queryOf(request: HttpRequest): QueryName | undefined {
  const found = request.method === 'POST' ? QUERY.exec(request.url) : null;
  if (found === null || isMore(request)) return undefined;
  const query = queryIn(request.body);
  try {
    return query && { database: databaseOf(found[1]), request: query };
  } catch {
    return undefined;
  }
}

/** As a part of a path names it; throws where it cannot be read. */
function databaseOf(part = '_system'): string {
  return decodeURIComponent(part).normalize('NFC');
}

/** What else is wrong with it the handler says, too. */
function queryIn(body: Uint8Array): QueryName['request'] | undefined {
  if (body.length > SMALL_BYTES) return undefined;
  try {
    const given = JSON.parse(textOf(body)) as Partial<Record<keyof QueryName['request'], unknown>> | null;
    if (typeof given?.query !== 'string') return undefined;
    return { query: given.query, bindVars: given.bindVars ?? {}, options: given.options ?? {}, cache: given.cache } as QueryName['request'];
  } catch {
    return undefined;
  }
}

/** Undefined where it may take more than that: a transaction of several requests, a body that is large or packed, or wrong. */
function documentOf(request: HttpRequest): DocumentName | undefined {
  const [isDocument, database = '_system', collection = '', key, query = ''] = DOCUMENT.exec(request.url) ?? [];
  if (isDocument === undefined || isMore(request)) return undefined;
  try {
    // Of what is to be overwritten the old document is read.
    const overwritten = key === undefined && query.includes('overwrite') ? keyIn(request.body) : undefined;
    return {
      database: databaseOf(database),
      collection: decodeURIComponent(collection),
      key: key === undefined ? overwritten : decodeURIComponent(key),
    };
  } catch {
    return undefined; // The handler says what is wrong with it.
  }
}

/** Throws where it is not one document with a key. */
function keyIn(body: Uint8Array): string {
  const { _key: key } = JSON.parse(textOf(body)) as { readonly _key?: unknown };
  assert(typeof key === 'string');
  return key;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}
