/**
 * What answers a request in a worker of the server: `api` and `services`, put together.
 */
import { ArangoError } from '#base';
import type { CreateHandler } from './handler.ts';

/** The version that clients are told: that of the ArangoDB whose interface this is. */
const ARANGODB_VERSION = '3.12.9';

export const createHandler: CreateHandler = () => ({
  handle: ({ url }) => {
    const path = url.split('?', 1)[0] ?? '';
    if (!/^(?:\/_db\/[^/]+)?\/_api\/version$/.test(path)) {
      throw new ArangoError('ERROR_HTTP_NOT_FOUND', { message: `unknown path '${path}'` });
    }
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ server: 'arango', version: ARANGODB_VERSION, license: 'community' }),
    };
  },
  whenDurable: (done) => done(),
  close: () => undefined,
});
