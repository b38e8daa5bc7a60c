/**
 * Requests for single documents that wait at the same time share their trips to the storage, where each call is one.
 *
 * Each is answered by the handler as always, with all its checks, and knows nothing of the others. What it is going to read was read before by one
 * call for all, and what it commits is committed after by one call for all; only then the answers are good. A request of which nothing was
 * done, because another one was in its way, is answered once more, alone.
 */
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
      const names = requests.map(documentOf);
      const places = [...requests.keys()].filter((place) => names[place] !== undefined);
      if (places.length < 2) return requests.map((_request, place) => answer(place));
      const answers = new Map<number, HttpAnswer | Promise<HttpAnswer>>();
      const fates = databases.together(
        places.map((place) => names[place]!),
        places.map((place) => () => void answers.set(place, answer(place))),
      );
      places.forEach((place, i) => {
        const fate = fates[i]!;
        if (fate === 'again') answers.delete(place);
        else if (fate !== 'done') answers.set(place, errorAnswer(fate));
      });
      return requests.map((_request, place) => answers.get(place) ?? answer(place));
    },
  };
}

/** Reading or writing one document. With `overwrite` a new one is often an old one, which nobody has read before. */
function isFor(method: string, url: string): boolean {
  const [, , , key, query = ''] = DOCUMENT.exec(url) ?? [];
  return method === 'POST' ? key === undefined && DOCUMENT.test(url) && !query.includes('overwrite') : key !== undefined;
}

/** Undefined where it may take more than that: a transaction of several requests, a body that is large or packed. */
function documentOf({ url, headers, body }: HttpRequest): DocumentName | undefined {
  const [, database = '_system', collection = '', key] = DOCUMENT.exec(url) ?? [];
  const isMore = 'x-arango-trx-id' in headers || 'x-arango-async' in headers || 'content-encoding' in headers;
  if (isMore || body.length > SMALL_BYTES) return undefined;
  try {
    return {
      database: decodeURIComponent(database).normalize('NFC'),
      collection: decodeURIComponent(collection),
      key: key && decodeURIComponent(key),
    };
  } catch {
    return undefined; // A stray percent sign: the handler says what becomes of it.
  }
}
