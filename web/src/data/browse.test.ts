import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countQuery, filtersFromText, filtersToText, pageQuery, stepsOf, type Filter } from './browse.ts';

test('a page is a query whose every given word is a bind variable', () => {
  const filters: readonly Filter[] = [
    { attribute: 'address.city', operator: '==', value: 'Rome"' },
    { attribute: 'age', operator: '>', value: '5' },
    { attribute: 'tags', operator: 'EXISTS', value: '' },
    { attribute: '', operator: '==', value: 'not yet' },
  ];
  const { query, bindVars } = pageQuery({ collection: 'c', filters, sorting: { attribute: 'name', isAscending: false } }, 100, 50);
  assert.equal(
    query.replaceAll(/\s+/g, ' '),
    'FOR d IN @@collection FILTER d.@attribute0 == @value0 FILTER d.@attribute1 > @value1 FILTER d.@attribute2 != null SORT d.@sortAttribute DESC LIMIT @offset, @count RETURN d',
  );
  assert.deepEqual(bindVars, {
    '@collection': 'c',
    attribute0: ['address', 'city'],
    value0: 'Rome"',
    attribute1: ['age'],
    value1: 5,
    attribute2: ['tags'],
    sortAttribute: ['name'],
    offset: 100,
    count: 50,
  });
});

test('values are JSON where they can be, and lists may be written with commas', () => {
  const value = (operator: Filter['operator'], text: string): unknown =>
    countQuery({ collection: 'c', filters: [{ attribute: 'a', operator, value: text }], sorting: undefined }).bindVars['value0'];
  assert.equal(value('==', '5'), 5);
  assert.equal(value('==', '"5"'), '5');
  assert.equal(value('==', 'five'), 'five');
  assert.deepEqual(value('IN', '1, two, true'), [1, 'two', true]);
  assert.deepEqual(value('IN', '["a,b"]'), ['a,b']);
  assert.equal(value('LIKE', '5%'), '5%');
  assert.equal(value('CONTAINS', '5'), '5');
});

test('a dot of a name is written with a backslash', () => assert.deepEqual(stepsOf('a.b\\.c.d'), ['a', 'b.c', 'd']));

test('filters go into an address and come back, and what is none does not', () => {
  const filters: readonly Filter[] = [{ attribute: 'a', operator: 'LIKE', value: '%x"' }];
  assert.deepEqual(filtersFromText(filtersToText(filters) ?? null), filters);
  assert.equal(filtersToText([]), undefined);
  for (const text of [null, '', 'x', '[1]', '[["a","DROP","x"]]', '[["a"]]', '{}'])
    assert.deepEqual(filtersFromText(text), [], String(text));
});
