/**
 * What a query that cannot be read or bound is answered with: ArangoDB's wording.
 */
import { ArangoError, errorMessage, type ErrorName } from '#base';

const SNIPPET_LENGTH = 32;

/** Error 1501: `complaint near '…' at position line:column`. Lines and columns count from 1, columns in characters. */
export function parseError(text: string, at: number, complaint: string): ArangoError {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  const column = at - (before.lastIndexOf('\n') + 1) + 1;
  const rest = text.slice(at);
  const near = rest.length > SNIPPET_LENGTH ? `${rest.slice(0, SNIPPET_LENGTH)}...` : rest;
  return new ArangoError('ERROR_QUERY_PARSE', { message: `${complaint} near '${near}' at position ${line}:${column}` });
}

/** An error with `details` in the places that its message has for them. */
export function queryError(error: ErrorName, ...details: readonly (string | number)[]): ArangoError {
  let next = 0;
  return new ArangoError(error, { message: errorMessage(error).replace(/%[sd]/g, () => String(details[next++])) });
}

/** A message with the frame that it has where a query is run or, less so, explained. `/_api/query` and `db._parse` show it bare. */
export function whileParsing(message: string, { isRun }: { readonly isRun: boolean }): string {
  return `${isRun ? 'AQL: ' : ''}${message} (while parsing)`;
}

/** A string or array that is too long for JavaScript. Values that are nested too deep are RangeErrors, too, and no matter of memory. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof RangeError && !error.message.includes('call stack');
}
