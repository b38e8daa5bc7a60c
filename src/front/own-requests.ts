/**
 * Requests that the server sends itself. They wait in the queue like any other and have the same limits, so what they run cannot hold
 * the server up more than a client could.
 */
import { clock, createPeer, METHODS, type HttpAnswer, type HttpRequest, type RequestParts, type WrittenAnswer } from '#base';
import type { RequestQueue } from './queue.ts';

/** Resolves with the answer, whatever it is. */
export function askQueue(queue: RequestQueue, request: HttpRequest): Promise<HttpAnswer> {
  return new Promise((resolve) => {
    queue.submit(partsOf(request), { answered: (answer) => resolve(readWritten(answer)) });
  });
}

function partsOf({ method, url, headers, body, ...peer }: HttpRequest): RequestParts {
  const index = METHODS.findIndex((each) => each === method);
  const texts = [url, ...Object.entries(headers).flat()];
  const spans = new Int32Array(texts.length * 2);
  let at = 0;
  for (const [position, text] of texts.entries()) {
    spans[2 * position] = at;
    at += text.length;
    spans[2 * position + 1] = at;
  }
  return {
    method: Math.max(0, index),
    head: Buffer.from(texts.join(''), 'latin1'),
    spans,
    spanCount: spans.length,
    body: [body],
    bodyBytes: body.length,
    peer: createPeer(peer),
    arrivedAtMs: clock.monotonic(),
  };
}

/** The bytes are good for this moment only, unless they are owned. */
function readWritten({ status, head, body, isOwned }: WrittenAnswer): HttpAnswer {
  const headers: Record<string, string | string[]> = {};
  for (const line of Buffer.from(head).toString('latin1').split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon === -1) continue;
    const name = line.slice(0, colon);
    const value = line.slice(colon + 2);
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  return { status, headers, body: isOwned === true ? body : Uint8Array.from(body) };
}
