/**
 * Requests for single documents that wait at the same time share their trips to the storage, where each call is one.
 *
 * Each is answered by the handler as always, with all its checks, and knows nothing of the others. What it is going to read was read before by one
 * call for all, and what it commits is committed after by one call for all; only then the answers are good. Where that meets an obstacle nothing
 * was done, and those that write are answered once more, alone.
 */
import assert from 'node:assert/strict';
import type { HttpAnswer, HttpRequest } from '#base';
import type { Databases, DocumentName } from '#database';
import { errorAnswer } from './answer.ts';
import type { JointHandler } from './handler.ts';

const DOCUMENT = /^(?:\/_db\/([^/?]+))?\/_api\/document\/([^/?]+)(?:\/([^/?]+))?(?:\?(.*))?$/s;
/** Larger bodies have work enough of their own. */
const SMALL_BYTES = 16_384;

export function createJointHandler(databases: Databases): JointHandler {
  return {
    isFor,
    handle(requests, answer) {
      const answers: (HttpAnswer | Promise<HttpAnswer> | undefined)[] = [];
      const joint = requests.flatMap((request, place) => {
        const name = documentOf(request);
        return name === undefined ? [] : [{ place, name, work: () => void (answers[place] = answer(place)) }];
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
function isFor(method: string, url: string): boolean {
  const found = DOCUMENT.exec(url);
  return found !== null && (method === 'POST') === (found[3] === undefined);
}

/** Undefined where it may take more than that: a transaction of several requests, a body that is large or packed, or wrong. */
function documentOf({ url, headers, body }: HttpRequest): DocumentName | undefined {
  const [, database = '_system', collection = '', key, query = ''] = DOCUMENT.exec(url) ?? [];
  const isMore = 'x-arango-trx-id' in headers || 'x-arango-async' in headers || 'content-encoding' in headers;
  if (isMore || body.length > SMALL_BYTES) return undefined;
  try {
    // Of what is to be overwritten the old document is read.
    const overwritten = key === undefined && query.includes('overwrite') ? keyIn(body) : undefined;
    return {
      database: decodeURIComponent(database).normalize('NFC'),
      collection: decodeURIComponent(collection),
      key: key === undefined ? overwritten : decodeURIComponent(key),
    };
  } catch {
    return undefined; // The handler says what is wrong with it.
  }
}

/** Throws where it is not one document with a key. */
function keyIn(body: Uint8Array): string {
  const { _key: key } = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString()) as { readonly _key?: unknown };
  assert(typeof key === 'string');
  return key;
}
