/** Running queries: warnings, limits, the plan cache, results as values and as JSON, and names that must not do harm. */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { isArray, type Value, type ValueObject } from '#values';
import { Worlds, type DataSet, type QueryCall } from '../support/world.ts';

const DATA: DataSet = {
  collections: [{ name: 'c', type: 'document' }],
  documents: { c: Array.from({ length: 3000 }, (_, i) => ({ _key: `k${i}`, n: i, text: 'x'.repeat(100), list: [{ a: i }] })) },
};

const worlds = new Worlds();
after(() => worlds.close());
const world = worlds.get('execution', () => DATA);

const resultOf = (query: string, bindVars: ValueObject = {}, options: ValueObject = {}): readonly Value[] =>
  world.run([], { query, bindVars, options }).result;

const statisticsOf = (call: QueryCall): ValueObject => world.run([], call).extra['stats'] as ValueObject;

suite('warnings', () => {
  const warningsOf = (query: string, options: ValueObject = {}): readonly Value[] => {
    const { warnings } = world.run([], { query, options }).extra;
    return warnings !== undefined && isArray(warnings) ? warnings : [];
  };

  test('a constant is calculated once, so it warns once', () => {
    assert.deepEqual(warningsOf('FOR i IN 1..10 RETURN 1 / 0'), [{ code: 1562, message: 'division by zero' }]);
  });

  test('no more than asked for are kept', () => {
    assert.equal(warningsOf('FOR i IN 1..100 RETURN 1 / (i - i)').length, 10);
    assert.equal(warningsOf('FOR i IN 1..100 RETURN 1 / (i - i)', { maxWarningCount: 3 }).length, 3);
  });

  test('they come again when a compiled query runs again', () => {
    for (const turn of [1, 2]) assert.equal(warningsOf('RETURN 1 / 0').length, 1, `turn ${turn}`);
  });

  test('with failOnWarning they are errors, at whatever time', () => {
    assert.throws(() => resultOf('RETURN 1 / 0', {}, { failOnWarning: true }), { errorNum: 1562 });
    assert.throws(() => resultOf('FOR d IN c RETURN 1 / (d.n - 5)', {}, { failOnWarning: true }), { errorNum: 1562 });
  });

  test('unknown options of statements warn and are ignored', () => {
    for (const [options, name] of [
      ['{strange: 1}', "unknown OPTIONS attribute 'strange'"],
      ['{indexHint: []}', "invalid OPTIONS attribute 'indexHint'"],
      ['{indexHint: "x", disableIndex: true}', "invalid OPTIONS attribute 'disableIndex'"],
    ] as const) {
      const message = `usage of ${name} in FOR statement`;
      assert.deepEqual(warningsOf(`FOR d IN c OPTIONS ${options} LIMIT 1 RETURN 1`), [{ code: 1539, message }], options);
    }
    assert.deepEqual(warningsOf('REMOVE "none" IN c OPTIONS {waitForSync: 1, ignoreErrors: true, indexHint: "x"}'), [
      { code: 1539, message: "usage of unknown OPTIONS attribute 'indexHint' in REMOVE statement" },
    ]);
  });
});

suite('limits', () => {
  const limit = { memoryLimit: 1_000_000 };
  for (const query of [
    'FOR i IN 1..1000000 SORT i DESC RETURN i',
    'FOR i IN 1..1000000 COLLECT x = i RETURN x',
    'FOR i IN 1..1000000 RETURN DISTINCT i',
    'LET l = (FOR i IN 1..1000000 RETURN i) RETURN LENGTH(l) + l[0]',
    'FOR i IN 1..1000000 COLLECT x = i % 2 INTO g RETURN LENGTH(g[*].i)',
  ]) {
    test(`memory: ${query}`, () => assert.throws(() => resultOf(query, {}, limit), { errorNum: 32 }));
  }

  test('memory that is not kept does not count', () => {
    assert.deepEqual(resultOf('FOR i IN 1..300000 COLLECT WITH COUNT INTO n RETURN n', {}, limit), [300_000]);
    assert.deepEqual(resultOf('FOR i IN 1..2000 LET l = (FOR k IN 1..100 RETURN k) FILTER l[0] < 0 RETURN i', {}, limit), []);
  });

  test('time', () => {
    assert.throws(() => resultOf('FOR i IN 1..1000000000 FILTER i < 0 RETURN i', {}, { maxRuntime: 0.05 }), { errorNum: 1500 });
  });

  test('a query that is killed ends with error 1500', () => {
    let questions = 0;
    const isKilled = (): boolean => ++questions > 5;
    assert.throws(() => world.run([], { query: 'FOR i IN 1..1000000000 FILTER i < 0 RETURN i', isKilled }), { errorNum: 1500 });
  });
});

suite('LIMIT', () => {
  test('reads no more than it needs', () => {
    assert.ok(Number(statisticsOf({ query: 'FOR d IN c LIMIT 3 RETURN d' })['scannedFull']) < 3000);
  });

  test('cursors of indexes are made once and then turned to other values', () => {
    const cursors = (query: string): readonly unknown[] => {
      const { cursorsCreated, cursorsRearmed, cacheMisses, seeks } = statisticsOf({ query });
      return [cursorsCreated, cursorsRearmed, cacheMisses, seeks];
    };
    assert.deepEqual(cursors('FOR d IN c LIMIT 3 RETURN d'), [0, 0, 0, 0]);
    assert.deepEqual(cursors('FOR d IN c FILTER d._key == "k1" RETURN d'), [1, 0, 0, 0]);
    assert.deepEqual(cursors('FOR i IN 1..3 FOR d IN c FILTER d._key == CONCAT("k", i) RETURN d'), [1, 2, 0, 0]);
  });

  test('fullCount counts what the last LIMIT leaves out', () => {
    const count = (query: string): Value | undefined => statisticsOf({ query, options: { fullCount: true } })['fullCount'];
    assert.equal(count('FOR d IN c LIMIT 3 RETURN d'), 3000);
    assert.equal(count('FOR d IN c FILTER d.n < 7 LET x = (FOR y IN d.list LIMIT 1 RETURN y) RETURN x'), 7);
    assert.equal(count('FOR d IN c FILTER d.n < 100 SORT d.n LIMIT 10, 3 RETURN d'), 100);
    assert.equal(count('FOR d IN c LIMIT 50 FOR i IN 1..2 LIMIT 3 RETURN d'), 100);
    assert.equal(count('FOR d IN c FILTER d.n < 0 LIMIT 3 RETURN d'), 0);
    assert.equal(count('RETURN (FOR d IN c LIMIT 3 RETURN 1)'), 1);
    assert.equal(count('FOR d IN c FILTER d.n < 3 UPDATE d WITH { n: d.n } IN c'), 0);
  });

  test('null is no limit, and what is no number an error', () => {
    assert.equal(resultOf('FOR d IN c LIMIT 2990, null RETURN 1').length, 10);
    assert.equal(resultOf('FOR d IN c LIMIT @offset, @count RETURN 1', { offset: 1, count: 2 }).length, 2);
    for (const value of [-1, 'a', [1]]) assert.throws(() => resultOf('FOR d IN c LIMIT @value RETURN 1', { value }), { errorNum: 1504 });
  });
});

suite('the plan cache', () => {
  test('a plan serves other values of the same types', () => {
    const query = 'FOR d IN c FILTER d.n == @n RETURN d._key';
    assert.deepEqual(resultOf(query, { n: 1 }), ['k1']);
    assert.deepEqual(resultOf(query, { n: 2 }), ['k2']);
    assert.deepEqual(resultOf(query, { n: 'x' }), []);
    assert.deepEqual(resultOf(query, { n: null }), []);
  });

  test('and no other values of what is part of it', () => {
    const query = 'FOR d IN @@c FILTER d.@name == @value LIMIT 1 RETURN d.@name';
    assert.deepEqual(resultOf(query, { '@c': 'c', name: 'n', value: 7 }), [7]);
    assert.deepEqual(resultOf(query, { '@c': 'c', name: '_key', value: 'k7' }), ['k7']);
    assert.deepEqual(resultOf(query, { '@c': 'c', name: ['list', '0'], value: null }), [null]);
    const upsert = 'UPSERT @example INSERT @example UPDATE {} INTO c RETURN OLD == null';
    assert.deepEqual(resultOf(upsert, { example: { n: 5 } }), [false]);
    assert.deepEqual(resultOf(upsert, { example: { other: 5 } }), [true]);
  });

  test('bind parameters are checked each time', () => {
    const query = 'RETURN @a';
    assert.deepEqual(resultOf(query, { a: 1 }), [1]);
    assert.throws(() => resultOf(query, {}), { errorNum: 1551 });
    assert.throws(() => resultOf(query, { a: 1, b: 2 }), { errorNum: 1552 });
  });
});

suite('results belong to whoever asked', () => {
  test('constants, bind values and documents are copies', () => {
    const value = { inner: [1] };
    for (const query of [
      'RETURN {a: [1]}',
      'RETURN @value',
      'FOR i IN 1..2 RETURN @value.inner',
      'FOR d IN c FILTER d._key == "k1" FOR i IN 1..2 RETURN d',
    ]) {
      const bindVars: ValueObject = query.includes('@value') ? { value } : {};
      const first = JSON.stringify(resultOf(query, bindVars));
      for (const each of resultOf(query, bindVars)) spoil(each);
      assert.equal(JSON.stringify(resultOf(query, bindVars)), first, query);
    }
    assert.deepEqual(value, { inner: [1] });
  });

  test('rows share nothing with each other', () => {
    const [first, second] = resultOf('FOR d IN c FILTER d._key == "k1" FOR i IN 1..2 RETURN {d, list: d.list}') as ValueObject[];
    assert.ok(first !== undefined && second !== undefined);
    assert.notEqual(first['d'], second['d']);
    assert.notEqual(first['list'], second['list']);
  });
});

function spoil(value: Value): void {
  if (isArray(value)) (value as Value[]).push('spoilt');
  else if (typeof value === 'object' && value !== null) (value as Record<string, Value>)['spoilt'] = true;
}

suite('names that mean something to JavaScript are names like any other', () => {
  const names = [
    '__proto__',
    'constructor',
    'toString',
    'length',
    'hasOwnProperty',
    '0',
    'a"b',
    "a'b",
    'a`b',
    'a\\',
    '${a}',
    'a\nb',
    '\u2028',
    'null',
  ];
  for (const name of names) {
    test(JSON.stringify(name), () => {
      const bindVars = { name };
      for (const as of ['values', 'json'] as const) {
        const run = (query: string, given: ValueObject = bindVars): Value | undefined =>
          world.run([], { query, bindVars: given }, as).result[0];
        assert.equal(run('LET o = {} RETURN o.@name'), null);
        assert.equal(run('LET o = NOOPT([]) RETURN o.@name'), null);
        assert.equal(run('LET o = NOOPT({[@name]: 1}) RETURN o.@name'), 1);
        assert.equal(run('FOR d IN c LIMIT 1 RETURN d.@name'), null);
        assert.equal(run('LET o = {@name: 5} FOR i IN 1..1 RETURN o[@name] + i'), 6);
        const object = run('LET o = {@name: 5} RETURN o') as ValueObject;
        assert.deepEqual(Object.entries(object), [[name, 5]]);
        assert.equal(Object.getPrototypeOf(object), Object.prototype);
      }
    });
  }

  test('a text cannot leave its quotes', () => {
    for (const text of ['"; process.exit(); "', '\\"+1+\\"', '`${1}`', '*/ 1 /*', '\u2028"']) {
      assert.deepEqual(resultOf(`RETURN ${JSON.stringify(text)}`), [text]);
      assert.deepEqual(resultOf('LET x = NOOPT(1) RETURN {[CONCAT(@t, "")]: @t}', { t: text }), [{ [text]: text }]);
    }
  });
});
