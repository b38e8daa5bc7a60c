/**
 * Compressed bodies of requests. A body is inflated when it is first read, so after whoever sent it has been recognised, and never
 * beyond the limit for bodies: a small body can become a very large one.
 */
import { inflateRawSync, unzipSync } from 'node:zlib';
import { ArangoError, type HttpRequest } from '#base';

type Inflate = (body: Uint8Array, options: { readonly maxOutputLength: number }) => Buffer;

/** Some clients send raw deflate data where HTTP wants it wrapped; the wrapping begins with an 8 in the lower half of its first byte. */
function inflate(body: Uint8Array, options: { readonly maxOutputLength: number }): Buffer {
  return ((body[0] ?? 0) & 0x0f) === 8 ? unzipSync(body, options) : inflateRawSync(body, options);
}

const INFLATE = new Map<string, Inflate>([
  ['gzip', unzipSync],
  ['x-gzip', unzipSync],
  ['deflate', inflate],
]);

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

function inflated(run: Inflate, encoding: string, body: Uint8Array, limitBytes: number): Uint8Array {
  try {
    return run(body, { maxOutputLength: limitBytes });
  } catch (cause) {
    if (isTooLarge(cause)) {
      const tooLarge = new ArangoError('ERROR_HTTP_BAD_PARAMETER', `the body has more than ${limitBytes} bytes`, { cause });
      tooLarge.code = 413;
      throw tooLarge;
    }
    throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', `the body is no ${encoding} data`, { cause });
  }
}

/** The request as if it had been sent uncompressed. Reading its body throws 400 when it is not what it says, 413 beyond the limit. */
export function inflateRequest(request: HttpRequest, limitBytes: number): HttpRequest {
  const { 'content-encoding': encoding, ...headers } = request.headers;
  const run = encoding === undefined ? undefined : INFLATE.get(encoding.toLowerCase());
  if (encoding === undefined || run === undefined || request.body.length === 0) return request;
  let body: Uint8Array | undefined;
  return {
    ...request,
    headers,
    get body() {
      body ??= inflated(run, encoding, request.body, limitBytes);
      return body;
    },
  };
}
