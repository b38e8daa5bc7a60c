import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { compareValues, equalValues } from './compare.ts';
import { encodeDocument } from './document-encode.ts';
import { DocumentView } from './document.ts';
import { groupKey, hashValue, tupleKey } from './group-key.ts';
import { typeName, type Value, type ValueObject } from './value.ts';

const name = fc.constantFrom('a', 'A', 'b', 'é', '__proto__', 'constructor', '');
const scalar: fc.Arbitrary<Value> = fc.constantFrom<Value>(
  null,
  false,
  true,
  0,
  -0,
  1,
  -1,
  1.5,
  '',
  '0',
  '1',
  'a',
  'A',
  '\0',
  '\0a',
  '\0[n]',
  'n',
  '"1:a',
);

const { value } = fc.letrec<{ value: Value; array: readonly Value[]; object: ValueObject }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, scalar, tie('array'), tie('object')),
  array: fc.array(tie('value'), { maxLength: 3 }),
  object: fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
}));

const { sign } = Math;

/** The rule as it is written in the manual: all names of both, sorted, one by one. */
function compareByTheBook(left: Value, right: Value): number {
  if (!isPlainObject(left) || !isPlainObject(right)) return compareValues(left, right);
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].toSorted(compareValues);
  for (const attribute of names) {
    const order = compareByTheBook(own(left, attribute), own(right, attribute));
    if (order !== 0) return order;
  }
  return 0;
}

function isPlainObject(each: Value): each is ValueObject {
  return typeName(each) === 'object';
}

function own(object: ValueObject, attribute: string): Value {
  return Object.hasOwn(object, attribute) ? (object[attribute] ?? null) : null;
}

test('comparison is a total order', () => {
  fc.assert(
    fc.property(value, value, value, (a, b, c) => {
      assert.equal(compareValues(a, a), 0);
      assert.equal(sign(compareValues(a, b)) + sign(compareValues(b, a)), 0);
      if (compareValues(a, b) <= 0 && compareValues(b, c) <= 0) assert(compareValues(a, c) <= 0);
      assert.equal(sign(compareValues(a, b)) + 0, sign(compareByTheBook(a, b)) + 0);
    }),
    { numRuns: 3000 },
  );
});

test('equality, group keys and hashes go with the order', () => {
  fc.assert(
    fc.property(value, value, value, (a, b, c) => {
      const isEqual = compareValues(a, b) === 0;
      assert.equal(equalValues(a, b), isEqual);
      assert.equal(new Set([groupKey(a), groupKey(b)]).size === 1, isEqual);
      assert.equal(tupleKey([a, c]) === tupleKey([b, c]), isEqual);
      assert.equal(tupleKey([c, a]) === tupleKey([c, b]), isEqual);
      assert.equal(new Set([tupleKey([a]), tupleKey([b])]).size === 1, isEqual);
      if (isEqual) assert.equal(hashValue(a), hashValue(b));
      assert(Number.isSafeInteger(hashValue(a)) && hashValue(a) >= 0);
    }),
    { numRuns: 3000 },
  );
});

test('hashes differ where values do', () => {
  const hashes = new Set(Array.from({ length: 20_000 }, (_, i) => hashValue(i % 2 === 0 ? i : `key${i}`)));
  assert.equal(hashes.size, 20_000);
});

test('the order is the one of the manual and of the tests of ArangoDB', () => {
  const ascending: Value[] = [
    null,
    false,
    true,
    -5,
    0,
    5,
    '',
    ' ',
    '0',
    'A',
    'a',
    'abc',
    [],
    [false],
    [false, false],
    [0],
    [1, 2],
    [2],
    {},
    { b: 1 },
    { a: false },
    { a: true },
    { a: true, b: false },
    { A: false },
  ];
  for (const [i, a] of ascending.entries()) {
    for (const [j, b] of ascending.entries())
      assert.equal(sign(compareValues(a, b)), sign(i - j), `${JSON.stringify(a)} and ${JSON.stringify(b)}`);
  }
  const equal: [Value, Value][] = [
    [{}, { a: null }],
    [[], [null]],
    [[[false], null], [[false]]],
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    [0, -0],
  ];
  for (const [a, b] of equal) assert(equalValues(a, b) && compareValues(a, b) === 0);
});

test('recorded comparisons of literals come out as recorded', () => {
  const asserted = readFileSync('../shared/golden/aql-asserted.jsonl', 'utf8').trim().split('\n');
  let checked = 0;
  for (const line of asserted) {
    const { id, query, checks } = JSON.parse(line) as { id: string; query: string; checks?: { expected: [boolean] }[] };
    const match = /^RETURN (.+) (==|!=|<=|>=|<|>) (.+)$/.exec(query);
    if (!id.startsWith('aql-relational') || match === null || checks === undefined) continue;
    const [left, right] = [literal(match[1]), literal(match[3])];
    if (left === undefined || right === undefined) continue;
    const order = compareValues(left, right);
    const results: Readonly<Record<string, boolean>> = {
      '==': order === 0,
      '!=': order !== 0,
      '<': order < 0,
      '>': order > 0,
      '<=': order <= 0,
      '>=': order >= 0,
    };
    assert.deepEqual([results[match[2] ?? '']], checks[0]?.expected, query);
    checked++;
  }
  assert(checked > 100, `${checked} checked`);
});

/** An AQL literal as JSON; undefined for what is not one. */
function literal(text = ''): Value | undefined {
  try {
    return JSON.parse(text.replaceAll("'", '"').replaceAll(/([{,]) *(\w+) *:/g, '$1"$2":')) as Value;
  } catch {
    return undefined;
  }
}

test('a view is the document it stands for, also inside of values', () => {
  const row = encodeDocument(1n, { _key: 'k', a: [1] });
  const view = new DocumentView(row, 0, row.length, 'c');
  const object = view.toObject();
  const inside = [view] as unknown as Value;
  assert(equalValues(view, object) && compareValues(object, view) === 0 && compareValues(view, { a: 1 }) !== 0);
  assert(equalValues(inside, [object]) && compareValues(inside, [object]) === 0);
  assert.equal(groupKey(view), groupKey(object));
  assert.equal(tupleKey([inside, 1]), tupleKey([[object], 1]));
  assert.equal(hashValue(view), hashValue(object));
  assert.equal(typeName(view), 'object');
});
