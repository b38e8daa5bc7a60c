import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCollection, writeCollection } from './records.ts';

const NO_FLAGS = { isUnique: false, isSparse: false };
const PERSISTENT = {
  type: 'persistent',
  typeName: 'persistent',
  id: 67,
  name: 'idx_1882561043379519488',
  table: 68,
  fields: ['a', 'b[*]'],
  ...NO_FLAGS,
  isDeduplicating: true,
  hasEstimates: true,
  cacheEnabled: false,
  storedValues: ['c'],
  isBuilding: false,
};

/** A collection as it stands in a database. */
function written(...indexes: readonly object[]): string {
  const primary = {
    type: 'primary',
    id: 0,
    name: 'primary',
    fields: ['_key'],
    isUnique: true,
    isSparse: false,
    isBuilding: false,
    table: 66,
  };
  return JSON.stringify({
    id: 63,
    databaseId: 1,
    name: 'things',
    type: 2,
    isSystem: false,
    rows: 64,
    globallyUniqueId: 'h4499D7177C5D/63',
    objectId: 65,
    waitForSync: false,
    cacheEnabled: false,
    writeConcern: 1,
    keyOptions: { type: 'traditional', allowUserKeys: true },
    schema: null,
    computedValues: null,
    indexes: [primary, ...indexes],
  });
}

function writtenAgain(text: string): string {
  return Buffer.from(writeCollection(readCollection(Buffer.from(text)))).toString();
}

test('what an older version has written is written as it was: the guard of a collection goes by these bytes', () => {
  const ttl = { type: 'ttl', id: 69, name: 'idx_69', table: 70, fields: ['t'], ...NO_FLAGS, expireAfterSeconds: 1, isBuilding: false };
  const older = written(PERSISTENT, ttl);
  assert.equal(writtenAgain(older), older);
});

test('what entries hold is in the definition', () => {
  const definition = written({ ...PERSISTENT, fields: ['a'], storedValues: [], hasOwnValues: true });
  assert.equal(writtenAgain(definition), definition);
});
