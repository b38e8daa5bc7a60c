import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ArangoError, ERRORS, retryHeaders } from './errors.ts';

test('the table of errors is the one recorded for ArangoDB 3.12', () => {
  const recorded = JSON.parse(readFileSync('../shared/golden/errors-3.12.json', 'utf8')) as {
    num: number;
    name: string;
    message: string;
  }[];
  const expected = Object.fromEntries(recorded.filter(({ num }) => num !== 0).map(({ num, name, message }) => [name, [num, message]]));
  const actual = Object.fromEntries(Object.entries(ERRORS).map(([name, { errorNum, message }]) => [name, [errorNum, message]]));
  assert.deepEqual(actual, expected);
});

test('an error carries its number, status and cause', () => {
  const cause = new Error('disk');
  const error = new ArangoError('ERROR_ARANGO_DOCUMENT_NOT_FOUND', 'users/ada', { cause });
  assert.equal(error.errorNum, 1202);
  assert.equal(error.code, 404);
  assert.equal(error.message, 'document not found: users/ada');
  assert.equal(error.cause, cause);
});

test('a refusal for the moment says so, and what may have been done does not', () => {
  const unknown = new ArangoError('ERROR_CLUSTER_TIMEOUT');
  unknown.code = 503;
  assert.deepEqual(retryHeaders(new ArangoError('ERROR_HTTP_SERVICE_UNAVAILABLE')), { 'retry-after': '1' });
  assert.deepEqual(retryHeaders(unknown), {});
  assert.deepEqual(retryHeaders(new ArangoError('ERROR_ARANGO_CONFLICT')), {});
});
