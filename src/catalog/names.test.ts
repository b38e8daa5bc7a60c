import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isArangoError } from '#base';
import { checkCollectionName, checkDatabaseName, checkIndexName, type NameRules } from './names.ts';

const traditional = { extendedNames: false };
const extended = { extendedNames: true };

function accepts(check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    assert(isArangoError(error));
    return false;
  }
}

function isCollectionName(name: unknown, rules: NameRules): boolean {
  return accepts(() => checkCollectionName(name, rules, false));
}

test('traditional names are ASCII letters, digits, dashes and underscores after a letter', () => {
  for (const name of ['a', 'users', 'A-b_9', 'x'.repeat(256)]) assert(isCollectionName(name, traditional), name);
  for (const name of ['', '_a', '9a', '-a', 'a b', 'ä', 'a.b', 'a/b', 'x'.repeat(257), 5, null])
    assert(!isCollectionName(name, traditional));
});

test('a leading underscore is for system collections', () => {
  assert(accepts(() => checkCollectionName('_jobs', traditional, true)));
  assert(!accepts(() => checkCollectionName('_jobs', traditional, false)));
});

test('extended names may hold most characters', () => {
  for (const name of ['España', '😀', '犬', 'كلب', '@abc123', 'abc? <> 123!', 'a.b']) assert(isCollectionName(name, extended), name);
  for (const name of ['a/b', 'a:b', ' a', 'a ', '.a', '_a', '1a', 'a\n', 'e\u0301', '\ud800', '犬'.repeat(86)])
    assert(!isCollectionName(name, extended), name);
});

test('names of databases are shorter', () => {
  assert(accepts(() => checkDatabaseName('x'.repeat(64), traditional)));
  assert(!accepts(() => checkDatabaseName('x'.repeat(65), traditional)));
  assert(accepts(() => checkDatabaseName('x'.repeat(128), extended)));
  assert(!accepts(() => checkDatabaseName('_mine', extended)));
});

test('names of indexes are like those of collections', () => {
  assert(accepts(() => checkIndexName('by-name', traditional)));
  assert(!accepts(() => checkIndexName('_by', traditional)));
});
