/**
 * `/_api/foxx/queues`: how many jobs of a queue run at once. foxden's own. Queues are documents of `_queues`, which users can only read, as in
 * ArangoDB; jobs are documents of `_jobs`, which the API of documents and queries see and change.
 */
import { ArangoError } from '#base';
import { answerJson } from '../respond.ts';
import { put, type Route } from '../routes.ts';

/** What `queues.create` takes at most. */
const MOST_WORKERS = 64;

const UPDATE = `
  FOR queue IN _queues FILTER queue._key == @name
    UPDATE queue WITH { maxWorkers: @maxWorkers } IN _queues
    RETURN { name: NEW._key, maxWorkers: NEW.maxWorkers }`;

export const foxxQueuesApi: readonly Route[] = [
  put('/_api/foxx/queues/:name', 'manage', (request) => {
    const { name } = request.params;
    const maxWorkers = Number(request.jsonObject()['maxWorkers']);
    if (!Number.isInteger(maxWorkers) || maxWorkers < 1 || maxWorkers > MOST_WORKERS)
      throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', `"maxWorkers" must be a whole number from 1 to ${MOST_WORKERS}`);
    const [queue] = request.ownDatabase.query({ query: UPDATE, bindVars: { name, maxWorkers } }).toArray();
    if (queue === undefined) throw new ArangoError('ERROR_ARANGO_DOCUMENT_NOT_FOUND', `there is no queue "${name}"`);
    return answerJson(200, queue);
  }),
];
