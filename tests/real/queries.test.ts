/** AQL as published services write it, beyond the obvious. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { openDatabase, runCode } from '../support/load-service.ts';

const DATA = `
const people = db._create('people'), knows = db._createEdgeCollection('knows'), likes = db._createEdgeCollection('likes');
for (const [_key, age] of [['ada', 36], ['bob', 20], ['cyd', 20], ['dan', 50]]) people.save({ _key, age, tags: [{ t: 'x', on: age > 30 }, { t: _key, on: true }], lists: [[1, 2], [3]] });
knows.save('people/ada', 'people/bob', { w: 1 }); knows.save('people/bob', 'people/cyd', { w: 2 }); likes.save('people/cyd', 'people/ada', {}); knows.save('people/ada', 'people/dan', { w: 9 });
const all = (text, values, options) => db._query(text, values, options).toArray();
`;

const run = (t: TestContext, code: string): unknown => runCode(t, `${DATA}\n${code}`, { database: openDatabase(t).database });

test('a query is an argument of a function without parentheses of its own', (t) => {
  assert.deepEqual(
    run(
      t,
      `return [all('RETURN LENGTH(FOR p IN people RETURN 1)'), all('RETURN FLATTEN(FOR p IN people SORT p._key LIMIT 2 RETURN [p.age])'), all('RETURN FIRST(LET x = 5 RETURN x)'), all('RETURN SUM (FOR p IN people RETURN p.age)')];`,
    ),
    [[4], [[36, 20]], [5], [126]],
  );
});

test('templates nest, join, take literals, queries of others and collections', (t) => {
  assert.deepEqual(
    run(
      t,
      `
      const filter = aql\`FILTER p.age == \${20}\`; const parts = aql.join([aql\`FOR p IN \${people}\`, filter, aql.literal('SORT p._key')], ' ');
      const builder = { toAQL: () => 'RETURN 7' }; let none; try { aql\`FOR d IN \${null} RETURN d\`; none = query\`FOR d IN \${null} RETURN d\`.toArray(); } catch (e) { none = e.errorNum; }
      return [query\`\${parts} RETURN p._key\`.toArray(), query\`\${aql.literal('RETURN 1')}\`.toArray(), all(builder), all('FOR p IN ' + people.name() + ' FILTER p._key == "ada" RETURN p.age'), none];`,
    ),
    [['bob', 'cyd'], [1], [7], [36], 1563],
  );
});

test('names of attributes are bound, computed and short, and keywords are small', (t) => {
  assert.deepEqual(
    run(
      t,
      `
      return [all('FOR p IN people FILTER p.@a == 36 RETURN {@a: p.@a, [CONCAT("k", 1)]: 1}', { a: 'age' }), all('let a = 1 let b = 2 return {a, b}'),
        all('for type in people filter type._key in ["ada"] let document = type let at = 1 return document.age + at // the end'), all('FOR x IN people\\
                    FILTER x._key == "dan"\\
                    RETURN x.age')];`,
    ),
    [[{ age: 36, k1: 1 }], [{ a: 1, b: 2 }], [37], [50]],
  );
});

test('arrays are expanded with conditions, and groups keep what is asked', (t) => {
  assert.deepEqual(
    run(
      t,
      `
      return [all('FOR p IN people FILTER p._key == "bob" RETURN [p.tags[* FILTER CURRENT.on RETURN CURRENT.t], p.lists[**], p.tags[*].t]'),
        all('FOR p IN people COLLECT age = p.age INTO g SORT age RETURN [age, SORTED(g[*].p._key)]'), all('FOR p IN people COLLECT age = p.age INTO keys = p._key SORT age RETURN LENGTH(keys)'),
        all('FOR p IN people LET n = p._key COLLECT age = p.age INTO g KEEP n SORT age LIMIT 1 RETURN SORTED(g[*].n)'), all('FOR p IN people COLLECT WITH COUNT INTO n RETURN n'),
        all('FOR p IN people COLLECT AGGREGATE least = MIN(p.age), most = MAX(p.age) RETURN [least, most]'), all('RETURN (COLLECT WITH COUNT INTO n RETURN n)')];`,
    ),
    [
      [[['bob'], [1, 2, 3], ['x', 'bob']]],
      [
        [20, ['bob', 'cyd']],
        [36, ['ada']],
        [50, ['dan']],
      ],
      [2, 1, 1],
      [['bob', 'cyd']],
      [4],
      [[20, 50]],
      [[1]],
    ],
  );
});

test('graphs are walked from ids, documents and variables, each edge collection in its own direction', (t) => {
  assert.deepEqual(
    run(
      t,
      `
      const start = people.document('ada');
      return [query\`FOR v IN 1..2 OUTBOUND \${start} \${knows} SORT v._key RETURN v._key\`.toArray(), all('FOR v, e, p IN 1..2 OUTBOUND "people/ada" @@e PRUNE v._key == "bob" OPTIONS {bfs: true, uniqueVertices: "global"} SORT v._key RETURN [v._key, e.w, LENGTH(p.edges)]', { '@e': 'knows' }),
        all('FOR p IN people FILTER p._key == "cyd" FOR v IN INBOUND p knows RETURN v._key'), all('FOR v IN ANY "people/cyd" knows, likes SORT v._key RETURN v._key'), all('FOR v IN 1..1 ANY "people/ada" OUTBOUND knows, INBOUND likes SORT v._key RETURN v._key'),
        all('FOR v IN OUTBOUND null knows RETURN v'), all('FOR v IN OUTBOUND SHORTEST_PATH "people/ada" TO "people/cyd" knows RETURN v._key'), all('FOR p IN ANY K_SHORTEST_PATHS "people/ada" TO "people/cyd" knows, likes SORT LENGTH(p.vertices) RETURN LENGTH(p.vertices)'),
        all('FOR v IN 1 OUTBOUND "people/ada" knows FOR w IN 1 OUTBOUND v knows RETURN w._key')];`,
    ),
    [
      ['bob', 'cyd', 'dan'],
      [
        ['bob', 1, 1],
        ['dan', 9, 1],
      ],
      ['bob'],
      ['ada', 'bob'],
      ['bob', 'cyd', 'dan'],
      [],
      ['ada', 'bob', 'cyd'],
      [2, 3],
      ['cyd'],
    ],
  );
});

test('places and words are found, and functions of one’s own are called', (t) => {
  assert.deepEqual(
    run(
      t,
      `
      people.update('ada', { at: { type: 'Point', coordinates: [13.4, 52.5] }, text: 'the quick fox' }); people.ensureIndex({ type: 'geo', fields: ['at'], geoJson: true }); people.ensureIndex({ type: 'fulltext', fields: ['text'] });
      require('@arangodb/aql/functions').register('OWN::double', function (x) { return x * 2; }, true);
      return [all('FOR p IN people FILTER GEO_DISTANCE(p.at, [13.4, 52.6]) < 20000 RETURN p._key'), all('FOR p IN FULLTEXT(people, "text", "quick") RETURN p._key'), all('RETURN OWN::DOUBLE(4)'), all('RETURN GEO_CONTAINS(GEO_POLYGON([[13, 52], [14, 52], [14, 53], [13, 53], [13, 52]]), GEO_POINT(13.4, 52.5))')];`,
    ),
    [['ada'], ['ada'], [8], [true]],
  );
});

test('writes return what was and what is, also from inside a subquery', (t) => {
  assert.deepEqual(
    run(
      t,
      `
      const upsert = () => all('UPSERT {_key: "count"} INSERT {_key: "count", value: 1} UPDATE {value: OLD.value + 1} IN people RETURN [OLD ? OLD.value : null, NEW.value]');
      return [upsert(), upsert(), all('LET changed = (FOR p IN people FILTER p.age == 20 UPDATE p WITH {seen: true} IN people RETURN NEW.seen) RETURN changed'), all('FOR p IN people FILTER p.age == 20 UPDATE p WITH {n: 1} IN people COLLECT WITH COUNT INTO n RETURN n'),
        all('FOR p IN people FILTER p._key == "dan" REMOVE p IN people RETURN OLD.age'), all('REPLACE "bob" WITH {only: 1} IN people RETURN KEEP(NEW, "only", "age")')];`,
    ),
    [[[null, 1]], [[1, 2]], [[true, true]], [2], [50], [{ only: 1 }]],
  );
});
