/**
 * Requests of services to their own server, which they wait for. They are answered in the same thread, as that is quickest and waits for
 * nobody. A handler that answers later needs the event loop of its thread, which stands still meanwhile, so such a request goes to
 * another worker.
 *
 * Whether a handler answers later is seen from its source, and remembered once it has done so: then it is the whole service that goes to
 * others, in all threads.
 */
import { ArangoError, type HttpAnswer, type HttpRequest } from '#base';
import type { Cluster } from '#cluster';
import type { Databases } from '#database';
import type { Services } from '#services';
import { parseTarget } from './dispatch.ts';

export interface SelfRequestOptions {
  readonly cluster: Cluster;
  readonly databases: Databases;
  readonly services: () => Services;
  readonly answerHere: (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;
  readonly answerElsewhere: (request: HttpRequest) => HttpAnswer;
}

/** To ask again does no harm. */
const SAFE_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

export function createSelfRequests(options: SelfRequestOptions): (request: HttpRequest) => HttpAnswer {
  const { cluster, databases, answerHere, answerElsewhere } = options;

  function serviceOf(request: HttpRequest): { readonly note: string; readonly answersLater: boolean } | undefined {
    const target = parseTarget(request.url);
    const database = target && databases.find(target.databaseName);
    if (target === undefined || database === undefined) return undefined;
    const found = options.services().above(database, target.path);
    if (found === undefined) return undefined;
    const [mount, service] = found;
    const note = `answers later ${database.name} ${mount}`;
    const path = target.path.slice(mount.length) || '/';
    return { note, answersLater: cluster.note(note) === 1n || service.mayAnswerLater(request.method, path) };
  }

  return (request) => {
    const service = serviceOf(request);
    if (service?.answersLater === true) return answerElsewhere(request);
    const answer = options.services().whileBlocking(() => answerHere(request));
    if (!('then' in answer)) return answer;
    if (service !== undefined) cluster.setNote(service.note, 1n);
    if (SAFE_METHODS.includes(request.method)) return answerElsewhere(request);
    throw new ArangoError(
      'ERROR_NOT_IMPLEMENTED',
      'a handler that answers later cannot be waited for in its own thread; from now on another one is asked',
    );
  };
}
