import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aql, type AqlQuery } from './aql-tag.ts';

const collection = (name: string): object => ({ isArangoCollection: true, name: () => name });
const driverCollection = { isArangoCollection: true, name: 'tomato' };
const tomato = collection('tomato');
const view = { isArangoView: true, name: () => 'v' };

const table: readonly (readonly [what: string, query: AqlQuery, text: string, bindVars: object])[] = [
  [
    'values',
    aql`A ${1} B ${null} C ${[1]} D ${''}`,
    'A @value0 B @value1 C @value2 D @value3',
    { value0: 1, value1: null, value2: [1], value3: '' },
  ],
  ['undefined', aql`A ${undefined} B`, 'A  B', {}],
  ['a collection', aql`FOR d IN ${tomato} RETURN d`, 'FOR d IN @@value0 RETURN d', { '@value0': 'tomato' }],
  ['a driver’s collection', aql`${driverCollection}`, '@@value0', { '@value0': 'tomato' }],
  ['a view', aql`${view}`, '@@value0', { '@value0': 'v' }],
  ['one collection twice', aql`${tomato} ${1} ${tomato}`, '@@value0 @value1 @@value0', { '@value0': 'tomato', value1: 1 }],
  ['a literal', aql`A ${aql.literal('B c')} D`, 'A B c D', {}],
  ['anything with toAQL', aql`A ${{ toAQL: () => 'B' }}`, 'A B', {}],
  ['a query without values', aql`A ${aql`B ${aql`C`}`} D`, 'A B C D', {}],
  [
    'queries in queries',
    aql`A ${1} ${aql`a ${2} ${aql`X ${3} ${aql`x ${4} y`} ${5} Y`} ${6} b`} ${7} B`,
    'A @value0 a @value1 X @value2 x @value3 y @value4 Y @value5 b @value6 B',
    { value0: 1, value1: 2, value2: 3, value3: 4, value4: 5, value5: 6, value6: 7 },
  ],
  [
    'a collection at all depths',
    aql`A ${tomato} B ${aql`X ${tomato} Y ${aql`J ${tomato} K ${9} L`} Z`} C ${4}`,
    'A @@value0 B X @@value0 Y J @@value0 K @value1 L Z C @value2',
    { '@value0': 'tomato', value1: 9, value2: 4 },
  ],
  ['a join', aql.join([aql`x ${1}`, aql`y ${2}`]), 'x @value0 y @value1', { value0: 1, value1: 2 }],
  ['a join with a text', aql.join([aql`x ${1}`, aql`y ${2}`], ' AND '), 'x @value0 AND y @value1', { value0: 1, value1: 2 }],
  [
    'a join of anything',
    aql.join([1, true, 'yes', aql.literal('test')]),
    '@value0 @value1 @value2 test',
    { value0: 1, value1: true, value2: 'yes' },
  ],
  ['a join of nothing', aql.join([]), '', {}],
  ['a join in a query', aql`A ${aql.join([1, aql`B ${2}`], ', ')} C`, 'A @value0, B @value1 C', { value0: 1, value1: 2 }],
];

for (const [what, { query, bindVars }, text, expected] of table) {
  test(`a query with ${what}`, () => {
    assert.equal(query, text);
    assert.deepEqual(bindVars, expected);
  });
}

test('a literal is its text', () => {
  const texts = [0, -1, undefined, null, true, 'x', { toAQL: () => 'own' }].map((value) => aql.literal(value).toAQL());
  assert.deepEqual(texts, ['0', '-1', '', 'null', 'true', 'x', 'own']);
});

test('a query shows its text, its values, and where they come from', () => {
  assert.deepEqual(Object.keys(aql`A ${1}`), ['query', 'bindVars', '_source']);
  assert.equal(JSON.stringify(aql`A ${1}`), '{"query":"A @value0","bindVars":{"value0":1}}');
});
