import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { withRevision, encodeDocument } from './document-encode.ts';
import { attributeOf, attributeReader, documentJson, documentText, DocumentView, plain } from './document.ts';
import { decodeRevision } from './revision.ts';
import type { Value, ValueObject } from './value.ts';

const REVISION_TEXT = '_l6zhVFC---';
const REVISION = decodeRevision(REVISION_TEXT) ?? 0n;

function viewOf(attributes: ValueObject, collection = 'users'): DocumentView {
  const row = encodeDocument(REVISION, attributes);
  // Rows lie anywhere in a batch.
  const buffer = new Uint8Array(row.length + 7).fill(0x5a);
  buffer.set(row, 3);
  return new DocumentView(buffer, 3, 3 + row.length, collection);
}

const NAMES = [
  'a',
  'b',
  '',
  '__proto__',
  'constructor',
  '_id',
  '_key',
  'é',
  'a"b',
  'a\\',
  '\0',
  '\ud800',
  'ключ',
  '狐',
  '0',
  '12',
  'x'.repeat(300),
];

const name = fc.oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 8 }), fc.string({ unit: 'binary', maxLength: 4 }));

const string = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ maxLength: 60 }),
  fc.string({ unit: fc.constantFrom('a', '"', '\\', '\0', '\ud800', '\udc00', 'é', '\ufffd', '\uff0c', '🦊', '\u2028', '\n') }),
  fc.string({ unit: 'binary', minLength: 25, maxLength: 80 }),
);

const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.tuple(fc.maxSafeInteger(), fc.integer({ min: 0, max: 20 })).map(([digits, places]) => Number(`${digits}e-${places}`)),
  fc.constantFrom(
    0,
    -0,
    1e15,
    -1e15,
    999_999_999_999_999,
    1e21,
    2e-7,
    5e-324,
    1.7976931348623157e308,
    0.1,
    123456.789,
    2 ** 53,
    -(2 ** 31),
    2 ** 31,
  ),
);

const { value } = fc.letrec<{ value: Value; object: ValueObject; array: readonly Value[] }>((tie) => ({
  value: fc.oneof({ maxDepth: 5 }, fc.constant(null), fc.boolean(), number, string, tie('array'), tie('object')),
  array: fc.array(tie('value'), { maxLength: 4 }),
  object: objectOf(tie('value')),
}));

function objectOf(member: fc.Arbitrary<Value>): fc.Arbitrary<ValueObject> {
  return fc.array(fc.tuple(name, member), { maxLength: 6 }).map((entries) => Object.fromEntries(entries));
}

const attributes = fc.tuple(fc.stringMatching(/^[A-Za-z0-9_:-]{1,20}$/), objectOf(value)).map(([key, rest]): ValueObject => {
  const { _id, _key, _rev, _from, _to, ...own } = rest;
  return Object.fromEntries([...Object.entries(own), ['_key', key]]);
});

function expected(document: ValueObject): ValueObject {
  const { _key, _from, _to, ...own } = document;
  const system = { _key, _id: `users/${_key as string}`, ...(_from === undefined ? {} : { _from }), ...(_to === undefined ? {} : { _to }) };
  return Object.fromEntries([...Object.entries({ ...system, _rev: REVISION_TEXT }), ...Object.entries(own)]) as ValueObject;
}

test('a document comes back as it was, in text, in bytes and as an object', () => {
  fc.assert(
    fc.property(attributes, (document) => {
      const view = viewOf(document);
      const object = expected(document);
      assert.deepEqual(view.toObject(), object);
      assert.deepEqual(Object.keys(view.toObject()), Object.keys(object));
      const written = documentText(view);
      assert.deepEqual(JSON.parse(written), object);
      assert.equal(written.replaceAll('-0', '0'), writtenAs(object).replaceAll('-0', '0'));
      assert.equal(Buffer.from(documentJson(view)).toString(), written);
    }),
    { numRuns: 500 },
  );
});

test('documents of one make are made by a function of their own, and give the same', () => {
  let runs = 0;
  const values = fc.array(fc.array(value, { minLength: 6, maxLength: 6 }), { minLength: 12, maxLength: 14 });
  fc.assert(
    fc.property(fc.uniqueArray(name, { maxLength: 6 }), values, fc.boolean(), (names, rows, isEdge) => {
      const collection = `make${runs++}`;
      const ends = isEdge ? { _from: 'v/1', _to: 'v/2' } : {};
      const own = names.filter((each) => !['_key', '_id', '_rev', '_from', '_to'].includes(each));
      for (const [i, row] of rows.entries()) {
        const rest = own.map((each, place) => [each, row[place] ?? null] as const);
        const view = viewOf(Object.fromEntries<Value>([['_key', `k${i}`], ...Object.entries(ends), ...rest]), collection);
        const parsed = JSON.parse(documentText(view)) as ValueObject;
        const object = view.toNewObject();
        assert.deepEqual(object, parsed);
        assert.deepEqual(Object.keys(object), Object.keys(parsed));
        assert.notEqual(view.toNewObject(), object);
      }
    }),
    { numRuns: 150 },
  );
});

/** JSON.stringify of an object, integer-like names where they were written: the text keeps an order that objects cannot. */
function writtenAs(object: ValueObject): string {
  const system = ['_key', '_id', '_from', '_to', '_rev'];
  const order = [
    ...system.filter((attribute) => attribute in object),
    ...Object.keys(object).filter((attribute) => !system.includes(attribute)),
  ];
  return `{${order.map((attribute) => `${JSON.stringify(attribute)}:${JSON.stringify(object[attribute])}`).join()}}`;
}

test('each attribute and each path is read without the others', () => {
  fc.assert(
    fc.property(attributes, fc.array(name, { maxLength: 3 }), (document, others) => {
      const view = viewOf(document);
      const object = expected(document);
      for (const attribute of [...Object.keys(object), ...others]) {
        const stored = Object.hasOwn(object, attribute) ? (object[attribute] ?? null) : null;
        assert.deepEqual(view.get(attribute), stored);
        assert.deepEqual(attributeReader(attribute)(view), stored);
        assert.equal(view.has(attribute), Object.hasOwn(object, attribute));
        for (const inner of [...Object.keys(Object(stored) as object), ...others]) {
          const read = attributeReader(attribute, inner);
          assert.deepEqual(read(view), read(object));
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('a reader follows the attribute when documents differ', () => {
  const age = attributeReader('age');
  const city = attributeReader('address', 'city');
  const rows: [ValueObject, Value, Value][] = [
    [{ _key: 'a', age: 1, address: { city: 'Rome', zip: 5 } }, 1, 'Rome'],
    [{ _key: 'b', name: 'x', address: { zip: 6, city: 'Oslo' }, age: 2 }, 2, 'Oslo'],
    [{ _key: 'c', age: 3, address: [{ city: 'Bonn' }] }, 3, null],
    [{ _key: 'd', address: { city: { big: true } } }, null, { big: true }],
    [{ _key: 'e', ages: 1, ag: 2, address: {} }, null, null],
    [{ _key: 'f', address: 'city', age: null }, null, null],
  ];
  for (const [document, itsAge, itsCity] of [...rows, ...rows]) {
    assert.equal(age(viewOf(document)), itsAge);
    assert.deepEqual(city(viewOf(document)), itsCity);
    assert.equal(age(document), itsAge);
    assert.deepEqual(city(document), itsCity);
  }
  for (const other of [null, 1, 'age', ['age']]) assert.equal(age(other), null);
  assert.equal(attributeReader('constructor')({}), null);
  const inside = { view: viewOf({ _key: 'a', age: 5 }) } as unknown as ValueObject;
  assert.equal(attributeReader('view', 'age')(inside), 5);
  assert.equal(attributeOf(attributeOf(inside, 'view'), '_key'), 'a');
  assert.equal(attributeOf([], 'length'), null);
  assert.equal(attributeReader('_id', 'x')(viewOf({ _key: 'a' })), null);
});

test('system attributes are written first, whatever the order they came in, and the given _id and _rev are left out', () => {
  const view = viewOf({ name: 'n', _rev: 'x', _to: 'v/2', _id: 'y', _from: 'v/1', _key: 'k' }, 'knows');
  assert.equal(documentText(view), '{"_key":"k","_id":"knows/k","_from":"v/1","_to":"v/2","_rev":"_l6zhVFC---","name":"n"}');
  assert.equal(view.get('_id'), 'knows/k');
  assert.equal(view.get('_rev'), REVISION_TEXT);
  assert.equal(view.get('_to'), 'v/2');
  assert.equal(view.revision, REVISION);
  assert.equal(documentText(viewOf({ _key: 'k', _to: 1 })), '{"_key":"k","_id":"users/k","_to":1,"_rev":"_l6zhVFC---"}');
});

test('a key can be given apart from the attributes', () => {
  const row = encodeDocument(1n, { a: 1 }, '17');
  assert.equal(documentText(new DocumentView(row, 0, row.length, 'c')), '{"_key":"17","_id":"c/17","_rev":"_","a":1}');
});

test('a document can be written from a view of another', () => {
  const row = encodeDocument(1n, viewOf({ _key: 'k', a: [1] }), '17');
  assert.equal(documentText(new DocumentView(row, 0, row.length, 'c')), '{"_key":"17","_id":"c/17","_rev":"_","a":[1]}');
});

test('an extended collection name is escaped in _id', () => {
  const view = viewOf({ _key: 'k' }, 'föx"\\');
  assert.equal(Buffer.from(documentJson(view)).toString(), documentText(view));
  assert.equal(view.toObject()['_id'], 'föx"\\/k');
});

test('large documents, long names and many attributes take the wide form', () => {
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`n${i}`, { i, half: i / 2 }]));
  for (const document of [many, { ['x'.repeat(70_000)]: 1, y: 2 }, { text: 'é'.repeat(50_000), list: [1, { a: 1 }], y: 3 }]) {
    const view = viewOf({ _key: 'k', ...document });
    for (const [attribute, stored] of Object.entries(document).slice(0, 50)) assert.deepEqual(view.get(attribute), stored);
    assert.deepEqual(view.toObject(), expected({ _key: 'k', ...document }));
    assert.equal(Buffer.from(documentJson(view)).toString(), documentText(view));
  }
  assert.equal(attributeReader('n19999', 'half')(viewOf({ _key: 'k', ...many })), 9999.5);
});

test('a name never reaches the prototype', () => {
  const document = JSON.parse('{"_key":"k","__proto__":{"polluted":1},"o":{"__proto__":{"polluted":2}}}') as ValueObject;
  const view = viewOf(document);
  assert.deepEqual(view.get('__proto__'), { polluted: 1 });
  assert.deepEqual(attributeReader('o', '__proto__', 'polluted')(view), 2);
  assert.equal((view.toObject() as { polluted?: number }).polluted, undefined);
  assert.equal(Object.getPrototypeOf(view.toObject()), Object.prototype);
});

test('what is no value is treated as JSON.stringify does', () => {
  const document = {
    _key: 'k',
    none: undefined,
    call: () => 1,
    date: new Date(0),
    nan: Number.NaN,
    infinite: -Infinity,
    list: [undefined, () => 1, , Number.NaN], // eslint-disable-line no-sparse-arrays
    inner: { none: undefined, view: viewOf({ _key: 'v' }) },
    empty: { none: undefined },
    inList: [{ none: undefined }, {}],
  };
  const view = viewOf(document as unknown as ValueObject);
  assert.equal(documentText(view), documentText(viewOf(JSON.parse(JSON.stringify(document)) as ValueObject)));
  assert.deepEqual(view.get('empty'), {});
  assert.throws(() => encodeDocument(1n, { _key: 'k', big: 1n } as unknown as ValueObject), { errorNum: 10 });
});

test('nesting has a limit, and so have cycles', () => {
  const nested = (levels: number): Value => (levels === 0 ? 1 : levels % 2 === 0 ? [nested(levels - 1)] : { a: nested(levels - 1) });
  const deep = { _key: 'k', v: nested(198) };
  assert.deepEqual(viewOf(deep).get('v'), deep.v);
  assert.throws(() => viewOf({ _key: 'k', v: nested(199) }), { errorNum: 10 });
  const cycle: { _key: string; self?: Value } = { _key: 'k' };
  cycle.self = cycle;
  assert.throws(() => viewOf(cycle), { errorNum: 10 });
  assert.deepEqual(viewOf({ _key: 'k', after: 1 }).get('after'), 1);
});

test('a getter may write another document meanwhile', () => {
  const document = {
    _key: 'outer',
    before: 'b'.repeat(100),
    get other(): Value {
      return viewOf({ _key: 'inner', text: 'é', list: [1, 2] }).get('list');
    },
    after: { a: 1 },
  };
  assert.deepEqual(viewOf(document).toObject(), expected({ ...document }));
});

test('one view can pass over a batch, and what is kept stays', () => {
  const rows = ['a', 'b', 'c'].map((key, i) => encodeDocument(BigInt(i + 1), { _key: key, i }));
  const view = new DocumentView(new Uint8Array(), 0, 0, 'c');
  const kept = rows.map((row) => {
    view.moveTo(row, 0, row.length);
    view.toObject();
    return view.clone();
  });
  assert.deepEqual(
    kept.map((each) => each.toObject()['i']),
    [0, 1, 2],
  );
  assert.equal(view.toObject(), view.toObject());
  assert.deepEqual(plain(view), { _key: 'c', _id: 'c/c', _rev: 'B', i: 2 });
  assert.equal(plain(1), 1);
});

test('a row can be given another revision', () => {
  const row = encodeDocument(1n, { _key: 'k', a: 1 });
  const changed = withRevision(row, 0xffff_ffff_ffff_ffffn);
  assert.equal(new DocumentView(changed, 0, changed.length, 'c').revision, 0xffff_ffff_ffff_ffffn);
  assert.equal(new DocumentView(row, 0, row.length, 'c').revision, 1n);
  assert.deepEqual(changed.subarray(8), row.subarray(8));
});

test('the layout is the one that is written down', () => {
  const row = encodeDocument(0x0102_0304_0506_0708n, { _key: 'a', n: [1, 'x'], o: { p: 2 } });
  const text = '{"_key":"a","n":[1,"x"],"o":{"p":2}}';
  const root = [16, 0, 4, 5, 24, 0, 1, 8, 56, 0, 1, 10];
  const nested = [36, 0, 43, 0, 1, 0, 41, 0, 1, 3];
  const trailer = [44, 0, 3, 0, 0];
  assert.deepEqual([...row], [1, 2, 3, 4, 5, 6, 7, 8, ...Buffer.from(text), ...root, ...nested, ...trailer]);
});
