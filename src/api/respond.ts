/** Answers of the HTTP API: JSON in ArangoDB's envelopes. */
import { ArangoError, isArangoError, log, retryHeaders, type HttpAnswer } from '#base';

const JSON_TYPE = 'application/json; charset=utf-8';

export type AnswerHeaders = HttpAnswer['headers'];

/** A value as it is, without `error` and `code`. */
export function answerJson(status: number, value: unknown, headers?: AnswerHeaders): HttpAnswer {
  return { status, headers: { 'content-type': JSON_TYPE, ...headers }, body: JSON.stringify(value) };
}

/** JSON that is text or bytes already. */
export function answerJsonText(status: number, body: string | Uint8Array, headers?: AnswerHeaders): HttpAnswer {
  return { status, headers: { 'content-type': JSON_TYPE, ...headers }, body };
}

/** An object with `error: false` and `code` put in front. */
export function answerOk(
  value: object,
  { status = 200, headers }: { readonly status?: number; readonly headers?: AnswerHeaders } = {},
): HttpAnswer {
  return answerJson(status, { error: false, code: status, ...value }, headers);
}

/** The value under `result`, as many answers have it. */
export function answerResult(result: unknown, { status = 200 }: { readonly status?: number } = {}): HttpAnswer {
  return answerOk({ result }, { status });
}

export function answerEmpty(status: number, headers: AnswerHeaders = {}): HttpAnswer {
  return { status, headers, body: '' };
}

/** What a client may know of an error. A bug becomes a 500 that tells nothing, and goes to the log with its stack. */
export function answerError(error: unknown, headers?: AnswerHeaders): HttpAnswer {
  if (isArangoError(error)) {
    const { code, errorNum, errorMessage } = error;
    return answerJson(code, { error: true, code, errorMessage, errorNum }, { ...retryHeaders(error), ...headers });
  }
  // What recurses here follows the values that a client sent, so it is their nesting that is too deep.
  if (error instanceof RangeError && error.message.includes('call stack'))
    return answerError(new ArangoError('ERROR_BAD_PARAMETER', 'too deep nesting in array or object', { cause: error }), headers);
  log.error('http', 'A request failed for a reason that is a bug.', error);
  return answerError(new ArangoError('ERROR_INTERNAL'), headers);
}

/** An error with a status and a text of its own. */
export function answerFailure(code: number, errorMessage: string, errorNum = code): HttpAnswer {
  return answerJson(code, { error: true, code, errorMessage, errorNum });
}
