/**
 * What a query that cannot be read is answered with: ArangoDB's wording, with the text where it went wrong and the position.
 */
import { ArangoError } from '#base';

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

/** A message as it is where a query is run: `/_api/query` and `db._parse` show it bare, all else with this frame. */
export function whileParsing(message: string): string {
  return `AQL: ${message} (while parsing)`;
}
