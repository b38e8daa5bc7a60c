import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseError, queryError, whileParsing } from './query-error.ts';

test('a complaint says where, and shows at most 32 characters of what is there', () => {
  const text = 'RETURN 1,\n  2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 10';
  assert.equal(parseError(text, 8, 'odd').message, "odd near ',\n  2 + 3 + 4 + 5 + 6 + 7 + 8 + ...' at position 1:9");
  assert.equal(parseError(text, 12, 'odd').message, "odd near '2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + ...' at position 2:3");
  assert.equal(parseError(text, text.length, 'odd').message, "odd near '' at position 2:37");
});

test('details go where the message has places for them', () => {
  const error = queryError('ERROR_QUERY_FUNCTION_ARGUMENT_NUMBER_MISMATCH', 'F', 1, 2);
  assert.equal(error.errorNum, 1541);
  assert.equal(error.message, "invalid number of arguments for function 'F()', expected number of arguments: minimum: 1, maximum: 2");
});

test('where a query is run or explained, messages are framed', () => {
  assert.equal(whileParsing('query is empty', { isRun: true }), 'AQL: query is empty (while parsing)');
  assert.equal(whileParsing('query is empty', { isRun: false }), 'query is empty (while parsing)');
});
