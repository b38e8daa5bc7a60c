/**
 * VelocyPack on the way in and out: inside the house there is only JSON. A body that is VelocyPack becomes JSON when it is first read, so
 * after whoever sent it has been recognised; an answer that is JSON becomes VelocyPack for a client that would rather have it.
 */
import type { HttpAnswer, HttpRequest } from '#base';
import { decodeVelocypack, encodeVelocypack, type Value } from '#values';

const TYPE = 'application/x-velocypack';
const JSON_TYPE = 'application/json';

/** The request as if its body had been sent as JSON. Reading the body throws 600 when it is no VelocyPack. */
export function readVelocypack(request: HttpRequest): HttpRequest {
  if (mediaType(request.headers['content-type']) !== TYPE) return request;
  const { method, url, headers, remoteAddress, remotePort, localAddress, localPort, isSecure } = request;
  let body: Uint8Array | undefined;
  return {
    method,
    url,
    remoteAddress,
    remotePort,
    localAddress,
    localPort,
    isSecure,
    headers: { ...headers, 'content-type': JSON_TYPE },
    get body() {
      body ??= request.body.length === 0 ? request.body : Buffer.from(JSON.stringify(decodeVelocypack(request.body)));
      return body;
    },
  };
}

/** The answer in the format that the client likes best. */
export function answerVelocypack({ headers }: HttpRequest, answer: HttpAnswer | Promise<HttpAnswer>): HttpAnswer | Promise<HttpAnswer> {
  const accept = headers['accept'];
  // Nearly nobody asks, so the list is only taken apart when it names the type.
  if (accept === undefined || !/x-velocypack/i.test(accept) || !wantsVelocypack(accept)) return answer;
  return 'then' in answer ? answer.then(asVelocypack) : asVelocypack(answer);
}

/** Does a client like VelocyPack at least as well as JSON? It has to say so: a wildcard is not enough. */
function wantsVelocypack(accept: string): boolean {
  return weightOf(accept, TYPE) > 0 && weightOf(accept, TYPE) >= weightOf(accept, JSON_TYPE);
}

function asVelocypack(answer: HttpAnswer): HttpAnswer {
  const type = answer.headers['content-type'];
  if (typeof type !== 'string' || mediaType(type) !== JSON_TYPE || answer.body.length === 0) return answer;
  const { body } = answer;
  const text = typeof body === 'string' ? body : Buffer.from(body.buffer, body.byteOffset, body.length).toString();
  return { ...answer, headers: { ...answer.headers, 'content-type': TYPE }, body: encodeVelocypack(JSON.parse(text) as Value) };
}

function mediaType(header: string | undefined): string | undefined {
  return header?.split(';', 1)[0]?.trim().toLowerCase();
}

function weightOf(accept: string, type: string): number {
  for (const range of accept.split(',')) {
    if (mediaType(range) !== type) continue;
    const weight = /;\s*q=([\d.]+)/i.exec(range)?.[1];
    return weight === undefined ? 1 : Number(weight) || 0;
  }
  return 0;
}
