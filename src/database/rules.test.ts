/** What collections demand of documents: schemas and computed values, in every way in which documents are written. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { isArangoError } from '#base';
import type { Value, ValueObject } from '#values';
import type { Collection } from './collection.ts';
import { openTemporaryDatabases } from './temporary-databases.suite.ts';

const temporary = openTemporaryDatabases();
const { database } = temporary;
after(() => temporary.close());

let made = 0;

function create(options: ValueObject): Collection {
  return database.createCollection({ name: `c${made++}`, ...options });
}

function fails(errorNum: number, action: () => unknown, message?: string | RegExp): void {
  assert.throws(action, (error) => {
    assert(isArangoError(error), String(error));
    assert.equal(error.errorNum, errorNum, error.message);
    if (message instanceof RegExp) assert.match(error.errorMessage, message);
    else if (message !== undefined) assert.equal(error.errorMessage, message);
    return true;
  });
}

function query(text: string, bindVars: ValueObject = {}): readonly Value[] {
  return database.query({ query: text, bindVars }).toArray();
}

/** The document without what the server adds. */
function own(collection: Collection, key: string): ValueObject {
  const { _key, _id, _rev, ...rest } = collection.document(key);
  return rest;
}

const NUMBERS = { properties: { nums: { type: 'array', items: { type: 'number', maximum: 6 } } }, required: ['nums'] };

test('a document that fails the schema is refused with the words of the schema', () => {
  const collection = create({ schema: { rule: NUMBERS, message: 'nums, please' } });
  collection.insert({ _key: 'a', nums: [1, 2] });
  const refusals: readonly (() => unknown)[] = [
    () => collection.insert({ nums: [7] }),
    () => collection.insert({}),
    () => collection.update('a', { nums: 'x' }),
    () => collection.replace('a', {}),
    () => collection.insert({ _key: 'a', nums: [8] }, { overwriteMode: 'update' }),
    () => collection.insert({ _key: 'a' }, { overwriteMode: 'replace' }),
  ];
  for (const refused of refusals) fails(1620, refused, 'nums, please');
  for (const text of [
    `INSERT {nums: 1} INTO ${collection.name}`,
    `UPDATE "a" WITH {nums: [9]} IN ${collection.name}`,
    `REPLACE "a" WITH {} IN ${collection.name}`,
    `UPSERT {_key: "a"} INSERT {} UPDATE {nums: {}} IN ${collection.name}`,
  ]) {
    fails(1620, () => query(text), /nums, please/);
  }
  assert.deepEqual(
    collection.insertAll([{ nums: [1] }, {}]).map((result) => 'errorNum' in result && result.errorNum),
    [false, 1620],
  );
  assert.deepEqual(own(collection, 'a'), { nums: [1, 2] });
});

test('without words of its own a schema has those of the error', () => {
  const collection = create({ schema: { rule: NUMBERS } });
  fails(1620, () => collection.insert({}), 'schema validation failed');
});

test('the level says which writes are looked at', () => {
  const writes = { bad: { nums: 'bad' }, good: { nums: [1] } };
  const table: readonly [level: string, insert: boolean, goodToBad: boolean, badToBad: boolean][] = [
    ['none', true, true, true],
    ['new', false, true, true],
    ['moderate', false, false, true],
    ['strict', false, false, false],
  ];
  for (const [level, insert, goodToBad, badToBad] of table) {
    const collection = create({});
    collection.insert({ _key: 'bad', ...writes.bad });
    collection.insert({ _key: 'good', ...writes.good });
    collection.setProperties({ schema: { rule: NUMBERS, level, message: 'no' } });
    const allowed = (action: () => unknown, isAllowed: boolean): void => {
      if (isAllowed) action();
      else fails(1620, action);
    };
    allowed(() => collection.insert(writes.bad), insert);
    allowed(() => collection.update('good', writes.bad), goodToBad);
    allowed(() => collection.update('bad', { more: 1 }), badToBad);
    allowed(() => collection.replace('bad', writes.bad), badToBad);
    collection.replace('bad', writes.good);
  }
});

test('system attributes are hidden from the rule', () => {
  const collection = create({ type: 3, schema: { rule: { properties: { a: {} }, additionalProperties: false } } });
  collection.insert({ _key: 'a', _from: 'v/1', _to: 'v/2', a: 1 });
  fails(1620, () => collection.insert({ _from: 'v/1', _to: 'v/2', b: 1 }));
});

test('all numbers are of type number, and formats count', () => {
  const isValid = (rule: ValueObject, document: ValueObject): boolean =>
    (query('RETURN SCHEMA_VALIDATE(@document, {rule: @rule})', { document, rule })[0] as { valid: boolean }).valid;
  assert.equal(isValid({ properties: { n: { type: 'number' } } }, { n: 1 }), true);
  assert.equal(isValid({ properties: { n: { type: 'integer' } } }, { n: 1 }), false);
  assert.equal(isValid({ properties: { n: { type: ['integer', 'string'] } } }, { n: 'x' }), true);
  assert.equal(isValid({ properties: { n: { type: 'number', multipleOf: 1 } } }, { n: 1.5 }), false);
  assert.equal(isValid({ properties: { n: { type: 'number', minimum: 1, exclusiveMinimum: true } } }, { n: 1 }), false);
  assert.equal(isValid({ properties: { n: { enum: ['integer', { type: 'integer' }] } } }, { n: { type: 'integer' } }), true);
  assert.equal(isValid({ properties: { type: { type: 'string' } } }, { type: 'integer' }), true);
  assert.equal(isValid({ properties: { at: { format: 'date-time' } } }, { at: 'tomorrow' }), false);
  assert.equal(isValid({ properties: { at: { format: 'date-time' } } }, { at: '2020-01-01T00:00:00Z' }), true);
  assert.equal(isValid({ properties: { a: { pattern: '^[\\w-.]+$' } } }, { a: 'a.b-c' }), true);
  assert.equal(isValid({ definitions: { a: { type: 'string' } }, properties: { a: { $ref: '#/definitions/a' } } }, { a: 1 }), false);
});

test('a schema is checked when it is given', () => {
  const bad: readonly (readonly [Value, RegExp])[] = [
    [1, /not an object/],
    [{ level: 'new' }, /No valid schema in rule/],
    [{ rule: [] }, /No valid schema in rule/],
    [{ rule: {}, level: 'some' }, /Valid validation levels/],
    [{ rule: {}, message: 1 }, /message is not a string/],
    [{ rule: {}, type: 'xml' }, /type must be/],
    [{ rule: { type: 'nothing' } }, /invalid object/],
    [{ rule: { $ref: 'http://example.org/schema' } }, /invalid object/],
  ];
  const collection = create({});
  for (const [schema, message] of bad) {
    fails(1621, () => create({ schema }), message);
    fails(1621, () => collection.setProperties({ schema }), message);
  }
  assert.deepEqual(collection.setProperties({ schema: { rule: NUMBERS } })['schema'], {
    rule: NUMBERS,
    level: 'strict',
    message: '',
    type: 'json',
  });
  assert.deepEqual(query('RETURN SCHEMA_GET(@name)', { name: collection.name }), [
    { rule: NUMBERS, level: 'strict', message: '', type: 'json' },
  ]);
  assert.equal(collection.setProperties({ schema: {} })['schema'], null);
});

test('computed values are set by the writes that they are for', () => {
  const value = (name: string, computeOn: readonly string[]): ValueObject => ({
    name,
    expression: `RETURN "${name}"`,
    overwrite: true,
    computeOn,
  });
  const collection = create({ computedValues: [value('i', ['insert']), value('u', ['update']), value('r', ['replace'])] });
  collection.insert({ _key: 'a' });
  assert.deepEqual(own(collection, 'a'), { i: 'i' });
  collection.update('a', { n: 1 });
  assert.deepEqual(own(collection, 'a'), { i: 'i', n: 1, u: 'u' });
  collection.replace('a', { n: 2 });
  assert.deepEqual(own(collection, 'a'), { n: 2, r: 'r' });
  collection.insert({ _key: 'a', m: 1 }, { overwriteMode: 'update' });
  assert.deepEqual(own(collection, 'a'), { n: 2, r: 'r', m: 1, u: 'u' });
  collection.insert({ _key: 'a' }, { overwriteMode: 'replace' });
  assert.deepEqual(own(collection, 'a'), { r: 'r' });
  query(`UPSERT {_key: "b"} INSERT {_key: "b"} UPDATE {} IN ${collection.name}`);
  assert.deepEqual(own(collection, 'b'), { i: 'i' });
  query(`UPSERT {_key: "b"} INSERT {_key: "b"} UPDATE {} IN ${collection.name}`);
  assert.deepEqual(own(collection, 'b'), { i: 'i', u: 'u' });
});

test('an expression sees the document as it will be stored, and no other computed value', () => {
  const collection = create({
    computedValues: [
      { name: 'sum', expression: 'RETURN @doc.a + @doc.b', overwrite: true },
      { name: 'twice', expression: 'RETURN @doc.sum * 2', overwrite: true },
      { name: 'meta', expression: 'RETURN [@doc._key, @doc._id, @doc._rev]', overwrite: true },
    ],
  });
  const { _rev } = collection.insert({ _key: 'x', a: 1, b: 2, sum: 10 });
  assert.deepEqual(own(collection, 'x'), { a: 1, b: 2, sum: 3, twice: 20, meta: ['x', `${collection.name}/x`, _rev] });
  collection.update('x', { b: 5 });
  assert.equal(own(collection, 'x')['sum'], 6);
  assert.equal(own(collection, 'x')['twice'], 6);
});

test('without overwrite what the document has stays; without keepNull null is no attribute', () => {
  const full = 'RETURN @doc.first != null AND @doc.last != null ? CONCAT_SEPARATOR(" ", @doc.first, @doc.last) : null';
  const table: readonly [overwrite: boolean, keepNull: boolean, after: ValueObject][] = [
    [true, true, { first: 'A', name: null }],
    [true, false, { first: 'A' }],
    [false, true, { first: 'A', name: 'given' }],
    [false, false, { first: 'A', name: 'given' }],
  ];
  for (const [overwrite, keepNull, stored] of table) {
    const collection = create({ computedValues: [{ name: 'name', expression: full, overwrite, keepNull }] });
    collection.insert({ _key: 'a', first: 'A', name: 'given' });
    assert.deepEqual(own(collection, 'a'), stored);
  }
});

test('a warning fails the write only if it is to', () => {
  const computed = (failOnWarning: boolean): ValueObject => ({
    computedValues: [{ name: 'x', expression: 'RETURN 1 / @doc.n', overwrite: true, failOnWarning }],
  });
  assert.equal(create(computed(false)).insert({ n: 0 }, { returnNew: true }).new?.['x'], null);
  fails(1562, () => create(computed(true)).insert({ n: 0 }), /for attribute 'x' of collection/);
});

test('the schema looks at computed values, and indexes have them', () => {
  const collection = create({
    schema: { rule: { required: ['low'] } },
    computedValues: [{ name: 'low', expression: 'RETURN @doc.tags[* RETURN LOWER(CURRENT)]', overwrite: true }],
  });
  collection.ensureIndex({ type: 'persistent', fields: ['low[*]'] });
  collection.insert({ _key: 'a', tags: ['AVOCADO', 'Fox'] });
  assert.deepEqual(query(`FOR d IN ${collection.name} FILTER "avocado" IN d.low RETURN d._key`), ['a']);
});

test('a restored document is taken as it is', () => {
  const collection = create({
    keyOptions: { allowUserKeys: false },
    schema: { rule: NUMBERS },
    computedValues: [{ name: 'x', expression: 'RETURN 1', overwrite: true }],
  });
  const { _rev } = collection.insert({ _key: 'a', _rev: '_l6zhVFC---', n: 1 }, { isRestore: true });
  assert.equal(_rev, '_l6zhVFC---');
  const again = collection.insert({ _key: 'a', _rev: '_l6zhVFC--_', n: 2 }, { isRestore: true, overwriteMode: 'replace' });
  assert.equal(again._rev, '_l6zhVFC--_');
  assert.deepEqual(own(collection, 'a'), { n: 2 });
});

test('computed values are checked when they are given', () => {
  const good = { name: 'x', expression: 'RETURN 1', overwrite: true };
  const bad: readonly (readonly [Value, RegExp])[] = [
    [{}, /not an array/],
    [[1], /it is no object/],
    [[{ ...good, name: '' }], /invalid attribute name/],
    [[{ ...good, name: '_key' }], /'_key' attribute cannot be computed/],
    [[{ ...good, name: '_from' }], /'_from' attribute cannot be computed/],
    [[good, good], /duplicate attribute name/],
    [[{ ...good, overwrite: null }], /'overwrite' must be a boolean/],
    [[{ ...good, keepNull: 1 }], /'keepNull' must be a boolean/],
    [[{ ...good, failOnWarning: 1 }], /'failOnWarning' must be a boolean/],
    [[{ ...good, computeOn: [] }], /empty 'computeOn'/],
    [[{ ...good, computeOn: ['remove'] }], /invalid 'computeOn' value/],
    [[{ ...good, computeOn: 'insert' }], /invalid 'computeOn' value/],
    [[{ ...good, expression: 1 }], /invalid 'expression' value/],
    ...[
      'RETRUN 1',
      'RETURN @other',
      'RETURN @doc + ',
      'LET x = 1 RETURN x',
      'FOR i IN 1..3 RETURN i',
      'RETURN DISTINCT @doc',
      'RETURN (FOR i IN 1..3 RETURN i)',
      'RETURN @doc.a && (RETURN 1)',
      'RETURN DOCUMENT("a/b")',
      'RETURN LENGTH(_graphs)',
      'RETURN MY::FUNCTION(1)',
      'RETURN CALL("MAX", [1])',
      'RETURN @doc.@doc',
      'INSERT @doc INTO _graphs',
      'REMOVE "a" IN _graphs RETURN OLD',
    ].map((expression) => [[{ ...good, expression }], /invalid 'expression' value/] as const),
  ];
  const collection = create({});
  for (const [computedValues, message] of bad) {
    const name = `bad${made++}`;
    fails(10, () => database.createCollection({ name, computedValues }), message);
    assert.equal(database.findCollection(name), undefined);
    fails(10, () => collection.setProperties({ computedValues }), message);
  }
  assert.equal(collection.properties()['computedValues'], null);
  const complete = { ...good, computeOn: ['insert', 'update', 'replace'], failOnWarning: false, keepNull: true };
  assert.deepEqual(collection.setProperties({ computedValues: [good] })['computedValues'], [complete]);
  assert.equal(collection.setProperties({ computedValues: [] })['computedValues'], null);
});
