import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indexDefinition, NEW_INDEX } from './index-definition.ts';

test('a definition has what its type has, and nothing else', () => {
  const form = { ...NEW_INDEX, fields: ' a , b[*].c,', storedValues: 'd', expireAfter: '60' };
  assert.deepEqual(indexDefinition({ ...form, unique: true, name: ' n ' }), {
    type: 'persistent',
    fields: ['a', 'b[*].c'],
    name: 'n',
    unique: true,
    sparse: false,
    deduplicate: true,
    storedValues: ['d'],
  });
  assert.deepEqual(indexDefinition({ ...form, type: 'ttl', fields: 'at' }), { type: 'ttl', fields: ['at'], expireAfter: 60 });
  assert.deepEqual(indexDefinition({ ...form, type: 'geo', fields: 'at', geoJson: true }), { type: 'geo', fields: ['at'], geoJson: true });
  assert.deepEqual(indexDefinition({ ...NEW_INDEX, type: 'mdi', fields: 'x,y' }), {
    type: 'mdi',
    fields: ['x', 'y'],
    unique: false,
    sparse: false,
    fieldValueTypes: 'double',
  });
});
