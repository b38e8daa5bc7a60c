/**
 * The answers that the front gives by itself: where a request cannot be read, cannot wait, or its worker is gone.
 */
import { ArangoError, contentLength, DEFAULT_HEADERS, type ErrorName, type WrittenAnswer } from '#base';

export interface Refusal {
  readonly error: ErrorName;
  readonly detail?: string;
  /** Where it is not the error's usual status. */
  readonly status?: number;
  readonly closes?: boolean;
  readonly retryAfterSeconds?: number;
}

const DEFAULT_LINES = [['content-type', 'application/json'], ...DEFAULT_HEADERS].map(([name, value]) => `${name}: ${value}\r\n`).join('');

export function refuse({ error, detail, status, closes = false, retryAfterSeconds }: Refusal): WrittenAnswer {
  const { errorNum, errorMessage, code } = new ArangoError(error, detail);
  const answered = status ?? code;
  const retry = retryAfterSeconds === undefined ? '' : `retry-after: ${retryAfterSeconds}\r\n`;
  const body = Buffer.from(JSON.stringify({ error: true, code: answered, errorNum, errorMessage }));
  const head = Buffer.from(`${DEFAULT_LINES}${retry}${contentLength(answered, body.length)}\r\n`, 'latin1');
  return { status: answered, closes, head, body, isOwned: true };
}
