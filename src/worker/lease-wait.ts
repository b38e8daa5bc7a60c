/**
 * A coordinator whose lease is not known to be good answers nothing that the others might contradict: requests wait until it is, and are refused
 * with 503 when that takes too long.
 */
import { ArangoError, type HttpAnswer, type HttpRequest } from '#base';
import type { Cluster } from '#cluster';

export interface LeaseWaitOptions {
  readonly cluster: Cluster;
  /** The server's own requests, which may be what makes the lease good. */
  readonly ownPath: string;
  readonly waitMs: number;
  /** Answers a request in this thread, whatever goes wrong. */
  readonly answer: (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;
}

/** What tells of the coordinator itself. */
const ALWAYS = /^(?:\/_db\/[^/?]+)?\/_(?:admin\/(?:cluster|log|metrics|server|status|time)|api\/version)\b/;
const RETRY_AFTER_SECONDS = '5';

/** Undefined for a request that need not wait. */
export function createLeaseWait({
  cluster,
  ownPath,
  waitMs,
  answer,
}: LeaseWaitOptions): (request: HttpRequest, queuedMs: number) => Promise<HttpAnswer> | undefined {
  async function wait(request: HttpRequest, leftMs: number): Promise<HttpAnswer> {
    if (await cluster.until(() => cluster.isCurrent, leftMs)) return answer(request);
    const { errorNum } = new ArangoError('ERROR_CLUSTER_BACKEND_UNAVAILABLE');
    return {
      status: 503,
      headers: { 'content-type': 'application/json; charset=utf-8', 'retry-after': RETRY_AFTER_SECONDS },
      body: JSON.stringify({ error: true, code: 503, errorNum, errorMessage: `coordinator ${cluster.id} is out of reach of the others` }),
    };
  }
  return (request, queuedMs) => {
    if (cluster.isCurrent || request.url.startsWith(ownPath) || ALWAYS.test(request.url)) return undefined;
    // The body lies in memory that is another request's as soon as this one gives the thread back.
    // The time in the queue, behind requests that waited for the database, counts.
    return wait({ ...request, body: new Uint8Array(request.body) }, Math.max(0, waitMs - queuedMs));
  };
}
