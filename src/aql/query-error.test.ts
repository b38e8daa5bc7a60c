import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ArangoError } from '#base';
import { parseError, queryError, whileExplaining, whileParsing } from './query-error.ts';

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

test('where a query is run, messages are framed', () => {
  assert.equal(whileParsing('query is empty'), 'AQL: query is empty (while parsing)');
});

test('where a query is explained, the frame lacks its first word', () => {
  const error = whileExplaining(new ArangoError('ERROR_QUERY_BIND_PARAMETER_MISSING', { message: whileParsing('no value') }));
  assert.deepEqual([(error as ArangoError).errorNum, (error as ArangoError).message], [1551, 'no value (while parsing)']);
  const other = new TypeError('AQL: not ours');
  assert.equal(whileExplaining(other), other);
});
