/** Geo, multi-dimensional and fulltext indexes against documents that are looked through one by one. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import type { CollectionDefinition, IndexDefinition } from '#catalog';
import {
  DocumentView,
  haversineDistance,
  parseShape,
  shapeContains,
  shapeDistance,
  shapesIntersect,
  type Value,
  type ValueObject,
} from '#values';
import type { BatchCursor, RowBatch } from '#storage';
import { tries } from '../../tests/support/law.ts';
import { searchAccesses, type IndexAccess, type SearchKind } from './access.ts';
import { isThere } from './batches.ts';
import { entryMaker } from './indexes/entries.ts';
import { openTemporaryStore } from './temporary-store.suite.ts';
import type { DocumentTransaction } from './transaction.ts';

const RUNS = { numRuns: tries({ quick: 8, thorough: 20 }) };

const temporary = openTemporaryStore();
after(() => temporary.close());
let collections = 0;

/** A collection with documents of its own. They share a store: to make one takes longer than most of these tests. */
function within(
  indexes: readonly ValueObject[],
  documents: readonly ValueObject[],
  check: (transaction: DocumentTransaction, collection: CollectionDefinition) => void,
): void {
  const collection = temporary.create({ name: `c${collections++}` }, indexes);
  temporary.store.write((transaction) => transaction.insert(collection, documents));
  temporary.store.read((transaction) => check(transaction, collection));
}

function accessTo(collection: CollectionDefinition, kind: SearchKind): IndexAccess {
  const access = searchAccesses(collection).find(({ search }) => search === kind);
  assert(access !== undefined);
  return access;
}

function all(cursor: BatchCursor<RowBatch>): ValueObject[] {
  const found: ValueObject[] = [];
  for (let rows = cursor.next(); rows !== undefined; rows = cursor.next()) found.push(...objectsOf(rows));
  return found;
}

function objectsOf(rows: RowBatch): ValueObject[] {
  const places = Array.from({ length: rows.count }, (_, place) => place).filter((place) => isThere(rows, place));
  return places.map((place) => new DocumentView(rows.buffer, rows.starts[place]!, rows.ends[place]!, 'c').toObject());
}

function keyOf({ _key }: ValueObject): string {
  assert(typeof _key === 'string');
  return _key;
}

function keysOf(documents: readonly ValueObject[]): string[] {
  return documents.map(keyOf).toSorted((left, right) => (left < right ? -1 : 1));
}

/** Near one another, so that searches find some; and at the edges of the map. */
const longitude = fc.oneof(
  fc.double({ min: 9, max: 11, noNaN: true }),
  fc.double({ min: -180, max: 180, noNaN: true }),
  fc.constantFrom(-180, 180, 0),
);
const latitude = fc.oneof(
  fc.double({ min: 49, max: 51, noNaN: true }),
  fc.double({ min: -90, max: 90, noNaN: true }),
  fc.constantFrom(-90, 90, 0),
);
const position = fc.tuple(longitude, latitude);
const size = fc.double({ min: 0.01, max: 20, noNaN: true });
/** Counterclockwise around a corner that leaves room. */
const square = fc
  .tuple(fc.double({ min: -150, max: 150, noNaN: true }), fc.double({ min: -60, max: 60, noNaN: true }), size)
  .map(([x, y, side]) => ({
    type: 'Polygon',
    coordinates: [
      [
        [x, y],
        [x + side, y],
        [x + side, y + side],
        [x, y + side],
        [x, y],
      ],
    ],
  }));
const line = fc
  .tuple(position, position)
  .filter(
    ([a, b]) =>
      Math.abs(a[0] - b[0]) < 60 &&
      Math.abs(a[1] - b[1]) < 60 &&
      Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) > 1e-6 &&
      Math.abs(a[1]) < 89,
  )
  .map((coordinates) => ({ type: 'LineString', coordinates }));
const point = position.map((coordinates) => ({ type: 'Point', coordinates }));
const points = fc.array(position, { minLength: 2, maxLength: 4 }).map((coordinates) => ({ type: 'MultiPoint', coordinates }));
const noShape = fc.constantFrom<Value>(null, 'here', 1, {}, [], [1], ['1', 2], { type: 'Point', coordinates: [null, 1] });
const shape: fc.Arbitrary<Value> = fc.oneof(point, position, square, line, points);
const radius = fc.oneof(
  fc.constantFrom(0, 1, 2e7),
  fc.double({ min: 0, max: 500_000, noNaN: true }),
  fc.double({ min: 0, max: 2e7, noNaN: true }),
);

function isPlace(value: Value): boolean {
  try {
    parseShape(value);
    return true;
  } catch {
    return false;
  }
}

test('a search by distance finds what a scan finds, and the nearest first', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 8, arbitrary: shape }, noShape), { maxLength: 40 }),
      shape,
      radius,
      (places, origin, farthest) => {
        const documents = places.map((at, i) => ({ _key: `k${i}`, at }));
        const distanceOf = ({ at }: ValueObject): number => shapeDistance(parseShape(origin), parseShape(at ?? null), 'sphere');
        const there = documents.filter(({ at }) => isPlace(at));
        within([{ type: 'geo', fields: ['at'], geoJson: true }], documents, (transaction, collection) => {
          const access = accessTo(collection, 'distance');
          const found = all(
            transaction.searchIndex(access, { values: [origin], farthest: { value: farthest, isInclusive: true }, isSorted: false }),
          );
          assert.equal(new Set(keysOf(found)).size, found.length);
          assert.deepEqual(
            keysOf(found.filter((each) => distanceOf(each) <= farthest)),
            keysOf(there.filter((each) => distanceOf(each) <= farthest)),
          );
          const nearest = all(transaction.searchIndex(access, { values: [origin], isSorted: true }));
          assert.deepEqual(keysOf(nearest), keysOf(there));
          assert.deepEqual(
            nearest.map(distanceOf),
            there.map(distanceOf).toSorted((left, right) => left - right),
          );
        });
      },
    ),
    RUNS,
  );
});

test('so it is for latitudes and longitudes in fields of their own, and in an array', () => {
  fc.assert(
    fc.property(fc.array(position, { maxLength: 40 }), position, radius, fc.boolean(), (places, [x, y], farthest, isPair) => {
      const documents = places.map(([longitudeAt, latitudeAt], i) => ({
        _key: `k${i}`,
        ...(isPair ? { at: [latitudeAt, longitudeAt] } : { lat: latitudeAt, lng: longitudeAt }),
      }));
      const distances = new Map(places.map(([a, b], i) => [`k${i}`, haversineDistance(b, a, y, x)]));
      within([{ type: 'geo', fields: isPair ? ['at'] : ['lat', 'lng'] }], documents, (transaction, collection) => {
        const access = accessTo(collection, 'great circle');
        const found = all(
          transaction.searchIndex(access, { values: [[x, y]], farthest: { value: farthest, isInclusive: false }, isSorted: true }),
        );
        const got = found.map((each) => distances.get(keyOf(each))!);
        assert.deepEqual(
          got,
          [...distances.values()].filter((distance) => distance < farthest).toSorted((left, right) => left - right),
        );
        const located = [...(transaction.nearest(collection, y, x) ?? [])];
        assert.deepEqual(
          located.map(({ distance }) => distance),
          [...distances.values()].toSorted((left, right) => left - right),
        );
      });
    }),
    RUNS,
  );
});

test('a search by region finds whatever has points in common with a shape', () => {
  fc.assert(
    fc.property(fc.array(shape, { maxLength: 30 }), fc.oneof(square, line, point), (places, region) => {
      const documents = places.map((at, i) => ({ _key: `k${i}`, at }));
      const area = parseShape(region);
      const isMeant = ({ at }: ValueObject): boolean => {
        const other = parseShape(at ?? null);
        // Whether a point is on a line is a matter of rounding, and of which side a cell's edge belongs to.
        if ((area.is === 'lines' && other.is === 'points') || (area.is === 'points' && other.is === 'lines')) return false;
        return shapesIntersect(area, other) || (area.is === 'area' && shapeContains(area, other));
      };
      within([{ type: 'geo', fields: ['at'], geoJson: true }], documents, (transaction, collection) => {
        const found = all(transaction.searchIndex(accessTo(collection, 'region'), { values: [region], isSorted: false }));
        assert.equal(new Set(keysOf(found)).size, found.length);
        assert.deepEqual(keysOf(found.filter(isMeant)), keysOf(documents.filter(isMeant)));
      });
    }),
    RUNS,
  );
});

test('an origin that is no place leaves all documents', () => {
  within([{ type: 'geo', fields: ['at'], geoJson: true }], [{ at: [1, 2] }, { at: null }], (transaction, collection) => {
    for (const kind of ['distance', 'region'] as const) {
      assert.equal(all(transaction.searchIndex(accessTo(collection, kind), { values: ['here'], isSorted: true })).length, 2);
    }
  });
});

const number = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1e308, -1e308, 5e-324),
);

test('a search of a box finds what a scan finds', () => {
  const bound = fc.oneof(fc.constant(null), number);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(number, number, number, fc.constantFrom('a', 'b', null)), { maxLength: 60 }),
      fc.array(fc.tuple(bound, bound), { minLength: 3, maxLength: 3 }),
      (rows, box) => {
        const documents = rows.map(([x, y, z, kind], i) => ({ _key: `k${i}`, x, y, z, kind }));
        const isMeant = ({ x, y, z, kind }: ValueObject): boolean =>
          kind === 'a' &&
          box.every(([low, high], i) => (low === null || Number([x, y, z][i]) >= low) && (high === null || Number([x, y, z][i]) <= high));
        const index = { type: 'mdi-prefixed', fields: ['x', 'y', 'z'], prefixFields: ['kind'], fieldValueTypes: 'double' };
        within([index], documents, (transaction, collection) => {
          const found = all(transaction.searchIndex(accessTo(collection, 'box'), { values: ['a', box], isSorted: false }));
          assert.equal(new Set(keysOf(found)).size, found.length);
          assert.deepEqual(keysOf(found.filter(isMeant)), keysOf(documents.filter(isMeant)));
        });
      },
    ),
    RUNS,
  );
});

test('a small box of many points is found without reading them all', () => {
  const documents = Array.from({ length: 2500 }, (_, i) => ({ x: i % 50, y: Math.floor(i / 50) }));
  within([{ type: 'mdi', fields: ['x', 'y'], fieldValueTypes: 'double' }], documents, (transaction, collection) => {
    const box = [
      [10, 12],
      [20, 22],
    ];
    const found = all(transaction.searchIndex(accessTo(collection, 'box'), { values: [box], isSorted: false }));
    assert(found.length >= 9 && found.length < 60, `${found.length} documents`);
  });
});

test('many documents at one place are found, all of them', () => {
  const documents = Array.from({ length: 3000 }, (_, i) => ({ x: 1, y: i % 2 }));
  within([{ type: 'mdi', fields: ['x', 'y'], fieldValueTypes: 'double' }], documents, (transaction, collection) => {
    const box = [
      [1, 1],
      [1, null],
    ];
    assert.equal(all(transaction.searchIndex(accessTo(collection, 'box'), { values: [box], isSorted: false })).length, 1500);
  });
});

test('a multi-dimensional index holds numbers only, unless it is sparse', () => {
  const index = (options: ValueObject): ValueObject => ({ type: 'mdi', fields: ['x', 'y'], fieldValueTypes: 'double', ...options });
  const outcomes = (options: ValueObject): (number | undefined)[] => {
    let errors: (number | undefined)[] = [];
    within([index(options)], [], (_transaction, collection) => {
      const own = temporary.store.begin({ mode: 'direct' });
      const written = own.insert(collection, [{ x: 1, y: 2 }, { x: 1 }, { x: 'a', y: 1 }, { x: 1, y: 2 }]);
      own.abort();
      errors = written.map((outcome) => (outcome.is === 'failed' ? outcome.error.errorNum : undefined));
    });
    return errors;
  };
  assert.deepEqual(outcomes({}), [undefined, 1561, 1561, undefined]);
  assert.deepEqual(outcomes({ sparse: true }), [undefined, undefined, 1561, undefined]);
  assert.deepEqual(outcomes({ unique: true }), [undefined, 1561, 1561, 1210]);
});

const word = fc.constantFrom('fox', 'Foxes', 'bear', 'BEAR', 'bea', 'a', 'größe', 'x'.repeat(50));
const text: fc.Arbitrary<Value> = fc.oneof(
  fc.array(word, { maxLength: 6 }).map((words) => words.join(', ')),
  fc.array(word, { maxLength: 4 }),
  fc.record({ title: word, also: word, more: fc.array(word, { maxLength: 2 }) }),
  fc.constantFrom(null, 1),
);

function wordsIn(value: Value): string[] {
  if (typeof value === 'string') return value.split(', ').map((each) => each.toLowerCase().slice(0, 40));
  // Strings that lie deeper are not looked at.
  const members = value !== null && typeof value === 'object' ? Object.values(value) : [];
  return members.filter((member) => typeof member === 'string').flatMap(wordsIn);
}

test('a fulltext query finds what a scan finds, from left to right', () => {
  const term = fc.record({ sign: fc.constantFrom('', '+', '|', '-'), qualifier: fc.constantFrom('', 'prefix:', 'complete:'), word });
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 30 }),
      fc.array(term, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(',', ' ', '\t, '),
      (texts, terms, separator) => {
        const documents = texts.map((body, i) => ({ _key: `k${i}`, body }));
        const isMeant = ({ body }: ValueObject): boolean => {
          const words = wordsIn(body ?? null).filter((each) => each.length >= 2);
          return terms.reduce((result, { sign, qualifier, word: given }, i) => {
            const wanted = given.toLowerCase().slice(0, 40);
            const isIn = words.some((each) => (qualifier === 'prefix:' ? each.startsWith(wanted) : each === wanted));
            if (sign === '|' || i === 0) return result || isIn;
            return result && (sign === '-' ? !isIn : isIn);
          }, false);
        };
        const query = terms.map(({ sign, qualifier, word: given }) => sign + qualifier + given).join(separator);
        within([{ type: 'fulltext', fields: ['body'] }], documents, (transaction, collection) => {
          const rows = transaction.searchWords(collection, 'body', query, Infinity);
          assert(rows !== undefined);
          const expected = documents.filter(isMeant).map(({ _key }) => _key);
          assert.deepEqual(
            objectsOf(rows).map(({ _key }) => _key),
            expected,
          );
          const two = transaction.searchWords(collection, 'body', query, 2);
          assert.equal(two?.count, Math.min(2, expected.length));
          assert.equal(transaction.searchWords(collection, 'title', query, 1), undefined);
        });
      },
    ),
    RUNS,
  );
});

test('a fulltext query has words', () => {
  within([{ type: 'fulltext', fields: ['body'] }], [], (transaction, collection) => {
    for (const query of ['', ' \t', '\0fox', ',', '+', 'prefix:', ':fox', 'fox,-']) {
      assert.throws(() => transaction.searchWords(collection, 'body', query, 1), { errorNum: 10 }, query);
    }
  });
});

test('whatever is written, the entries are those of the documents that are there', () => {
  const indexes: readonly ValueObject[] = [
    { type: 'geo', fields: ['at'], geoJson: true },
    { type: 'fulltext', fields: ['text'] },
    { type: 'mdi', fields: ['x', 'y'], fieldValueTypes: 'double', sparse: true },
    { type: 'persistent', fields: ['tags[*]'], storedValues: ['x'] },
    { type: 'ttl', fields: ['x'], expireAfter: 1 },
  ];
  const body = fc.record(
    {
      at: shape,
      text,
      x: fc.oneof(number, fc.constant(null)),
      y: number,
      tags: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
    },
    { requiredKeys: [] },
  );
  const key = fc.constantFrom('a', 'b', 'c', 'd');
  const write = fc.record({ do: fc.constantFrom('insert', 'upsert', 'update', 'replace', 'remove', 'truncate'), key, body });
  fc.assert(
    fc.property(fc.array(write, { maxLength: 25 }), fc.constantFrom('direct' as const, 'deferred' as const), (writes, mode) => {
      within(indexes, [{ _key: 'a', at: [1, 1], text: 'fox', x: 1, y: 2 }], (_transaction, collection) => {
        const own = temporary.store.begin({ mode });
        for (const { do: action, key: at, body: document } of writes) {
          if (action === 'insert') own.insert(collection, [{ _key: at, ...document }]);
          else if (action === 'upsert') own.insert(collection, [{ _key: at, ...document }], { overwriteMode: 'update' });
          else if (action === 'update') own.update(collection, [{ key: at, document }]);
          else if (action === 'replace') own.replace(collection, [{ key: at, document }]);
          else if (action === 'remove') own.remove(collection, [{ key: at }]);
          else if (Math.abs(document.y ?? 0) < 1) own.truncate(collection);
        }
        const rows = all(own.scan(collection));
        for (const index of collection.indexes) {
          if (index.type === 'primary' || index.type === 'edge') continue;
          assert.deepEqual(storedEntries(own, index), madeEntries(own, collection, index), `${index.type} with ${rows.length} documents`);
        }
        own.abort();
      });
    }),
    RUNS,
  );
});

function storedEntries(transaction: DocumentTransaction, index: Exclude<IndexDefinition, { type: 'edge' }>): string[] {
  const cursor = transaction.storage.scanEntries(index.table, [{}], { withKeys: true });
  const entries: string[] = [];
  for (let batch = cursor.next(); batch !== undefined; batch = cursor.next()) {
    const { buffer, starts, ends } = batch.keys!;
    for (let i = 0; i < batch.count; i++)
      entries.push(`${Buffer.from(buffer.subarray(starts[i], ends[i])).toString('hex')} ${batch.ids[i]}`);
  }
  return entries.toSorted();
}

function madeEntries(transaction: DocumentTransaction, collection: CollectionDefinition, index: IndexDefinition): string[] {
  const cursor = transaction.scan(collection);
  const entries: string[] = [];
  for (let rows = cursor.next(); rows !== undefined; rows = cursor.next()) {
    for (let place = 0; place < rows.count; place++) {
      const made: { readonly key: Uint8Array }[] = [];
      entryMaker(index).add(new DocumentView(rows.buffer, rows.starts[place]!, rows.ends[place]!, 'c'), made as never);
      for (const { key } of made) entries.push(`${Buffer.from(key).toString('hex')} ${rows.ids[place]}`);
    }
  }
  return entries.toSorted();
}
