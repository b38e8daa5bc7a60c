/**
 * An answer as bytes: how a worker leaves it in a slot or a message, and how the front reads it.
 *
 * The head is made in the worker, as HTTP/1.1 writes it, but for its first line and what concerns the connection, which are the
 * front's. A front of another protocol takes the lines apart again.
 *
 *   words (see below) · head · body
 */

export interface AnswerParts {
  readonly status: number;
  /** Lines `name: value` with `content-length` among them where there may be a body, and an empty line. Characters are bytes. */
  readonly head: string;
  readonly body: Uint8Array | string;
  /** How many bytes the body has. */
  readonly bodyBytes: number;
  /** The connection is not to be used for another request. */
  readonly closes: boolean;
}

export interface WrittenAnswer {
  readonly status: number;
  readonly closes: boolean;
  readonly head: Uint8Array;
  readonly body: Uint8Array;
  /** Nobody else writes to these bytes; otherwise they are about to be reused. */
  readonly isOwned?: boolean;
}

/** The header that says how long the body is, for statuses that may have one. */
export function contentLength(status: number, bodyBytes: number): string {
  return mayHaveBody(status) ? `content-length: ${bodyBytes}\r\n` : '';
}

export function mayHaveBody(status: number): boolean {
  return status >= 200 && status !== 204 && status !== 304;
}

const STATUS = 0;
const CLOSES = 2;
const HEAD_BYTES = 4;
const BODY_BYTES = 8;
const CONTENT = 12;

/** Writes an answer between `offset` and `end`; false when it does not fit. */
export function writeAnswer(target: Buffer, offset: number, end: number, { status, head, body, bodyBytes, closes }: AnswerParts): boolean {
  const headStart = offset + CONTENT;
  const bodyStart = headStart + head.length;
  if (bodyStart + bodyBytes > end) return false;
  if (body.length === bodyBytes && typeof body === 'string') {
    // Nothing but ASCII, so both go in one call.
    target.write(head + body, headStart, 'latin1');
  } else {
    target.write(head, headStart, 'latin1');
    if (typeof body === 'string') target.write(body, bodyStart);
    else target.set(body, bodyStart);
  }
  target.writeUInt16LE(status, offset + STATUS);
  target.writeUInt16LE(closes ? 1 : 0, offset + CLOSES);
  target.writeInt32LE(head.length, offset + HEAD_BYTES);
  target.writeInt32LE(bodyBytes, offset + BODY_BYTES);
  return true;
}

export function readAnswer(source: Buffer, offset: number): WrittenAnswer {
  const headEnd = offset + CONTENT + source.readInt32LE(offset + HEAD_BYTES);
  return {
    status: source.readUInt16LE(offset + STATUS),
    closes: source.readUInt16LE(offset + CLOSES) === 1,
    head: source.subarray(offset + CONTENT, headEnd),
    body: source.subarray(headEnd, headEnd + source.readInt32LE(offset + BODY_BYTES)),
  };
}

/** What ArangoDB sends along with every answer, unless the answer has it already. */
export const DEFAULT_HEADERS: readonly (readonly [name: string, value: string])[] = [
  ['server', 'ArangoDB'],
  ['x-content-type-options', 'nosniff'],
  ['cache-control', 'no-cache, no-store, must-revalidate, pre-check=0, post-check=0, max-age=0, s-maxage=0'],
  ['content-security-policy', "frame-ancestors 'self'; form-action 'self';"],
  ['expires', '0'],
  ['pragma', 'no-cache'],
  ['strict-transport-security', 'max-age=31536000 ; includeSubDomains'],
];
