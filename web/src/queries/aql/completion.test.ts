import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectionsOf, suggestions, wantedAt, type Knowledge } from './completion.ts';

const KNOWLEDGE: Knowledge = {
  collections: [
    { name: 'users', type: 'document' },
    { name: 'knows', type: 'edge' },
  ],
  graphs: [{ name: 'social', vertices: ['users'], edges: ['knows'] }],
  functions: [{ name: 'LENGTH', signature: 'LENGTH(value)', summary: 'How long it is.', group: 'Arrays', examples: [] }],
  attributes: new Map([
    ['users', ['_key', 'name', 'address', 'address.city', 'address.zip', 'tags', 'pets', 'pets[*].name']],
    ['knows', ['_from', '_to', 'since']],
  ]),
};

/** The labels offered at `|`. */
function labels(marked: string, isAsked = true): readonly string[] | undefined {
  const wanted = wantedAt(marked.replace('|', ''), marked.indexOf('|'), isAsked);
  return wanted === undefined ? undefined : suggestions(wanted, KNOWLEDGE).map(({ label }) => label);
}

const USER = ['_key', 'name', 'address', 'tags', 'pets'];
const EDGE = ['_from', '_to', 'since'];

const ATTRIBUTES: readonly (readonly [query: string, labels: readonly string[]])[] = [
  ['FOR u IN users FILTER u.|', USER],
  ['FOR u IN users FILTER u.na| == 1', USER],
  ['FOR u IN users FILTER u.address.|', ['city', 'zip']],
  ['FOR u IN users RETURN u.pets[*].|', ['name']],
  ['FOR u IN `users` RETURN u.|', USER],
  ['LET u = DOCUMENT("users/1") RETURN u.|', USER],
  ['LET o = { a: 1, b: { c: 2 } } RETURN o.|', ['a', 'b']],
  ['FOR v, e, p IN 1..2 OUTBOUND "users/1" GRAPH "social" FILTER v.|', USER],
  ['FOR v, e, p IN 1..2 OUTBOUND "users/1" GRAPH "social" FILTER e.|', EDGE],
  ['FOR v, e, p IN 1..2 OUTBOUND "users/1" GRAPH "social" FILTER p.|', ['vertices', 'edges', 'weights']],
  ['FOR v, e IN OUTBOUND "users/1" knows FILTER e.|', EDGE],
  ['FOR u IN users UPDATE u WITH { name: 1 } IN users RETURN NEW.|', USER],
  ['FOR k IN knows FOR u IN users FILTER k.|', EDGE],
  ['FOR x IN (FOR u IN users RETURN u) RETURN x.|', USER],
  ['LET n = 1 RETURN n.|', []],
];

for (const [query, expected] of ATTRIBUTES) test(`attributes at ${query}`, () => assert.deepEqual(labels(query), expected));

test('after IN, INTO and WITH collections come, with variables', () => {
  for (const query of ['FOR u IN |', 'FOR u IN us|', 'INSERT {} INTO |', 'WITH |', 'WITH users, |']) {
    assert.deepEqual(labels(query)?.slice(0, 2), ['users', 'knows'], query);
  }
  assert.ok(labels('LET list = [] FOR x IN |')?.includes('list'));
});

test('graphs are named where one is', () => {
  assert.deepEqual(labels('FOR v IN OUTBOUND "a/1" GRAPH |'), ['"social"']);
  assert.deepEqual(labels('FOR v IN OUTBOUND "a/1" GRAPH "s|'), ['social']);
});

test('elsewhere all is offered, the variables first', () => {
  const found = labels('FOR u IN users LET n = 1 RETURN |') ?? [];
  assert.deepEqual(found.slice(0, 2), ['u', 'n']);
  for (const label of ['LENGTH', 'users', 'FILTER', 'null']) assert.ok(found.includes(label), label);
});

test('nothing is offered in strings, comments, numbers, for new names, or unasked after a space', () => {
  for (const query of ['RETURN "a|', '// FOR |', '/* F| */', 'RETURN 1|', 'FOR |', 'LET x| = 1'])
    assert.equal(labels(query), undefined, query);
  assert.equal(labels('RETURN |', false), undefined);
});

test('parameters are those that the query has elsewhere', () => {
  assert.deepEqual(labels('FILTER a == @limit LIMIT @|'), ['@limit']);
});

test('attributes are asked for only of the collections that they are wanted of', () => {
  const query = 'FOR u IN users FILTER u.';
  assert.deepEqual(collectionsOf(wantedAt(query, query.length, true)!, KNOWLEDGE), ['users']);
});
