import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isArangoError } from '#base';
import type { Value } from '#values';
import { bindQuery, type Signature } from './bind.ts';
import type { BoundQuery } from './bound-query.ts';
import { parseQuery } from './parser.ts';

const SIGNATURES: Readonly<Record<string, Signature>> = {
  LENGTH: { minArguments: 1, maxArguments: 1 },
  CONCAT: { minArguments: 1, maxArguments: Infinity },
  RAND: { minArguments: 0, maxArguments: 0 },
  DOCUMENT: { minArguments: 1, maxArguments: 2 },
};

function bind(query: string, bindVars?: Value): BoundQuery {
  return bindQuery(parseQuery(query), bindVars, (name) => SIGNATURES[name]);
}

/** A bound tree in short: `name#id` is a variable, `<name>` a collection; what else a node has stands in parentheses. */
function short(node: unknown): string {
  if (Array.isArray(node)) return `[${node.map(short).join(', ')}]`;
  if (typeof node !== 'object' || node === null) return JSON.stringify(node);
  const { type, at: _, ...parts } = node as Record<string, unknown>;
  const values = Object.values(parts);
  switch (type) {
    case undefined:
      if ('id' in parts) return `${String(parts['name'])}#${String(parts['id'])}`;
      return `{${Object.entries(parts)
        .map(([name, value]) => `${name}: ${short(value)}`)
        .join(', ')}}`;
    case 'literal':
      return `${JSON.stringify(parts['value'])}${typeof parts['parameter'] === 'string' ? `@${parts['parameter']}` : ''}`;
    case 'reference':
      return short(parts['variable']);
    case 'collection':
      return `<${String(parts['name'])}>`;
    case 'attribute':
      return `${short(parts['object'])}.${String(parts['name'])}`;
    case 'index':
      return `${short(parts['object'])}[${short(parts['index'])}]`;
    case 'subquery':
      return `(${shortBlock(parts['query'] as BoundQuery)})`;
    default:
      return `${String(type)}(${values.map(short).join(', ')})`;
  }
}

function shortBlock({ statements }: Pick<BoundQuery, 'statements'>): string {
  return statements.map(short).join('; ');
}

/** The last statement's value, as `short` has it. */
function valueOf(query: string, bindVars?: Value): string {
  const last = bind(query, bindVars).statements.at(-1);
  assert.ok(last?.type === 'return');
  return short(last.value);
}

const FORMS: readonly (readonly [query: string, bound: string, bindVars?: Value])[] = [
  ['FOR u IN users RETURN u.name', 'for(u#0, <users>, {}); return(false, u#0.name)'],
  ['LET users = [] FOR u IN users RETURN u', 'let(users#0, array([])); for(u#1, users#0, {}); return(false, u#1)'],
  ['FOR u IN @@c RETURN @v', 'for(u#0, <users>, {}); return(false, [1]@v)', { '@c': 'users', v: [1] }],
  ['LET a = (FOR a1 IN c RETURN a1) RETURN a', 'let(a#1, (for(a1#0, <c>, {}); return(false, a1#0))); return(false, a#1)'],
  ['LET a = (LET b = 1 RETURN b) LET b = 2 RETURN b', 'let(a#1, (let(b#0, 1); return(false, b#0))); let(b#2, 2); return(false, b#2)'],
  ['FOR [a, , {b: [c]}] IN x RETURN c', 'for(0#0, <x>, {}); let(a#1, 0#0[0]); let(c#2, 0#0[2].b[0]); return(false, c#2)'],
  ['LET {a, b: c} = {a: 1} RETURN c', 'let(0#0, object([property("a", 1)])); let(a#1, 0#0.a); let(c#2, 0#0.b); return(false, c#2)'],
  [
    'FOR a IN c SEARCH a.x == 1 OPTIONS {w: @w} RETURN a',
    'for(a#0, <c>, binary("==", a#0.x, 1), {w: [2]}); return(false, a#0)',
    { w: [2] },
  ],
  [
    'FOR v, e, p IN 1..2 OUTBOUND s e1, ANY @@e2 PRUNE q = v.x OPTIONS {bfs: true} RETURN q',
    'traversal(v#0, e#1, p#2, binary("..", 1, 2), "OUTBOUND", <s>, edge collections([{direction: "OUTBOUND", name: "e1"}, {direction: "ANY", name: "y"}]), {variable: q#3, condition: v#0.x}, {bfs: true}); return(false, q#3)',
    { '@e2': 'y' },
  ],
  ['FOR v IN ANY "a/1" GRAPH @@g RETURN v', 'traversal(v#0, "ANY", "a/1", named graph("h"), {}); return(false, v#0)', { '@g': 'h' }],
  ['FOR v IN ANY "a/1" GRAPH @g RETURN v', 'traversal(v#0, "ANY", "a/1", named graph("h"), {}); return(false, v#0)', { g: 'h' }],
  [
    'FOR p IN ANY K_PATHS "a" TO "b" GRAPH g RETURN p',
    'paths("K_PATHS", [p#0], "ANY", "a", "b", named graph("g"), {}); return(false, p#0)',
  ],
  [
    'FOR a IN [] SORT a.x, a.y DESC, a @d, a 0 LIMIT 1, @n RETURN a',
    'for(a#0, array([]), {}); sort([{value: a#0.x, isAscending: true}, {value: a#0.y, isAscending: false}, {value: a#0, isAscending: false}, {value: a#0, isAscending: false}]); limit(1, 5@n); return(false, a#0)',
    { d: 'desc', n: 5 },
  ],
  ['INSERT {} INTO c RETURN NEW', 'insert(object([]), "c", {}, $NEW#0); return(false, $NEW#0)'],
  [
    'INSERT {} INTO c OPTIONS {overwriteMode: "update"} RETURN OLD',
    'insert(object([]), "c", {overwriteMode: "update"}, $OLD#0, $NEW#1); return(false, $OLD#0)',
  ],
  [
    'UPDATE "a" WITH {b: 1} IN @@c RETURN OLD',
    'update("a", object([property("b", 1)]), "d", {}, $OLD#0, $NEW#1); return(false, $OLD#0)',
    { '@c': 'd' },
  ],
  ['REPLACE x IN c', 'replace(<x>, "c", {}, $OLD#0, $NEW#1)'],
  ['REMOVE "a" IN c RETURN OLD', 'remove("a", "c", {}, $OLD#0); return(false, $OLD#0)'],
  [
    'UPSERT {a: 1} INSERT {} UPDATE {n: OLD.n} IN c RETURN [OLD, NEW]',
    'upsert(example(object([property("a", 1)])), object([]), "update", object([property("n", $OLD#0.n)]), "c", {}, $OLD#0, $NEW#1); return(false, array([$OLD#0, $NEW#1]))',
  ],
  [
    'UPSERT FILTER CURRENT.a INSERT {} REPLACE {} IN c',
    'upsert(filter($CURRENT#0, $CURRENT#0.a), object([]), "replace", object([]), "c", {}, $OLD#1, $NEW#2)',
  ],
  [
    'FOR a IN c WINDOW {preceding: 1} AGGREGATE s = avg(a.x) RETURN s',
    'for(a#0, <c>, {}); window(object([property("preceding", 1)]), [{variable: s#1, function: "AVERAGE", arguments: [a#0.x]}]); return(false, s#1)',
  ],
];

for (const [query, bound, bindVars] of FORMS) {
  test(`bound: ${query}`, () => assert.equal(shortBlock(bind(query, bindVars)), bound));
}

const VALUES: readonly (readonly [query: string, value: string, bindVars?: Value])[] = [
  [
    'LET a = 1 RETURN {a, "b": a, @k: 1, [a]: 2}',
    'object([property("a", a#0), property("b", a#0), property("key", 1), computed property(a#0, 2)])',
    { k: 'key' },
  ],
  ['LET a = 1 RETURN a.@x', 'a#0.b', { x: 'b' }],
  ['LET a = 1 RETURN a.@x.c', 'a#0.b.b2.c', { x: ['b', 'b2'] }],
  ['LET a = 1 RETURN a[@x]', 'a#0["b"@x]', { x: 'b' }],
  ['RETURN LENGTH(users)', 'call("LENGTH", [<users>])'],
  ['RETURN my::f(1)', 'user call("MY::F", [1])'],
  ['LET a = 1 RETURN a[*]', 'expansion(a#0, 1, $CURRENT#1)'],
  ['LET a = 1 RETURN a[*].b.c', 'expansion(a#0, 1, $CURRENT#1, $CURRENT#1.b.c)'],
  ['LET a = 1 RETURN a[* RETURN CURRENT.x].b', 'expansion(a#0, 1, $CURRENT#1, $CURRENT#1.x.b)'],
  ['LET a = 1 RETURN a[*].b[*].c', 'expansion(a#0, 1, $CURRENT#1, expansion($CURRENT#1.b, 1, $CURRENT#2, $CURRENT#2.c))'],
  ['LET a = 1 RETURN a[*].b[**].c', 'expansion(expansion(a#0, 1, $CURRENT#1, $CURRENT#1.b), 2, $CURRENT#2, $CURRENT#2.c)'],
  [
    'LET a = 1 RETURN a[* FILTER CURRENT.b[* FILTER CURRENT]]',
    'expansion(a#0, 1, $CURRENT#1, expansion($CURRENT#1.b, 1, $CURRENT#2, $CURRENT#2))',
  ],
  [
    'LET a = 1 RETURN a[* FILTER LENGTH(CURRENT[*].b[CURRENT.c])]',
    'expansion(a#0, 1, $CURRENT#1, call("LENGTH", [expansion($CURRENT#1, 1, $CURRENT#2, $CURRENT#2.b[$CURRENT#1.c])]))',
  ],
  ['LET a = 1 RETURN a[? 1..2 FILTER CURRENT]', 'question(a#0, $CURRENT#1, {is: "EXACTLY", count: binary("..", 1, 2)}, $CURRENT#1)'],
  ['LET a = 1 RETURN a AT LEAST (a) == a', 'quantified({is: "AT LEAST", count: a#0}, "==", a#0, a#0)'],
  ['RETURN CURRENT', '<CURRENT>'],
  ['LET CURRENT = 1 RETURN [][* FILTER CURRENT]', 'expansion(array([]), 1, $CURRENT#1, CURRENT#0)'],
  ['LET OLD = 1 REMOVE "a" IN c RETURN OLD', 'OLD#0'],
  ['REMOVE "a" IN c RETURN $OLD', '$OLD#0'],
  ['INSERT {} INTO c RETURN OLD', '<OLD>'],
  ['REMOVE "a" IN c LET x = (REMOVE OLD IN d RETURN OLD) RETURN OLD', '$OLD#0'],
  ['REMOVE "a" IN c INSERT OLD INTO d RETURN OLD', '$OLD#0'],
];

for (const [query, value, bindVars] of VALUES) {
  test(`value of: ${query}`, () => assert.equal(valueOf(query, bindVars), value));
}

test('COLLECT hides the loops before it, but not what was declared before them', () => {
  assert.equal(valueOf('LET a = 1 FOR b IN c LET d = b COLLECT e = d RETURN [a, b, d, e]'), 'array([a#0, <b>, <d>, e#3])');
  assert.equal(valueOf('FOR b IN c COLLECT e = b COLLECT f = e RETURN [b, e, f]'), 'array([<b>, <e>, f#2])');
  assert.equal(valueOf('LET a = 1 LET x = (FOR b IN c COLLECT e = b LET f = a RETURN e) RETURN [a, x]'), 'array([a#0, x#4])');
  assert.equal(valueOf('LET a = 1 COLLECT b = a RETURN [a, b]'), 'array([a#0, b#1])');
  assert.equal(
    valueOf('RETURN (LET a = 1 COLLECT b = a COLLECT d = b RETURN [a, b, d])'),
    '(let(a#0, 1); collect([{variable: b#1, value: a#0}], [], {}); collect([{variable: d#2, value: b#1}], [], {}); return(false, array([a#0, <b>, d#2])))',
  );
  assert.equal(valueOf('FOR g IN c COLLECT WITH COUNT INTO g RETURN g'), 'g#1');
});

/** The names of the variables that `INTO` collects. */
function captured(query: string): string[] {
  const collect = bind(query).statements.findLast(({ type }) => type === 'collect');
  assert.ok(collect?.type === 'collect' && collect.into?.type === 'variables');
  return collect.into.captured.map(({ name }) => name);
}

test('INTO collects what the loops of its block declare, and all where there is no loop', () => {
  assert.deepEqual(captured('LET a = 1 FOR i IN c LET b = 2 FOR j IN d COLLECT k = i INTO g RETURN g'), ['i', 'b', 'j']);
  assert.deepEqual(captured('LET a = 1 LET b = 2 COLLECT k = a INTO g RETURN g'), ['a', 'b']);
  assert.deepEqual(captured('FOR i IN c COLLECT k = i COLLECT l = k INTO g RETURN g'), ['k']);
  assert.deepEqual(captured('FOR i IN c REMOVE i IN d COLLECT k = i INTO g RETURN g'), ['i']);
  assert.deepEqual(captured('LET a = 1 FOR i IN c LET b = 2 COLLECT k = i INTO g KEEP b, a RETURN g'), ['b', 'a']);
  assert.deepEqual(captured('FOR i IN c FOR {x, y} IN i COLLECT k = i INTO g RETURN g'), ['i', 'x', 'y']);
});

test('aggregate functions have one name each', () => {
  const [, collect] = bind('FOR i IN c COLLECT AGGREGATE a = count(), b = avg(i), d = count_unique(i), e = stddev(i) RETURN a').statements;
  assert.ok(collect?.type === 'collect');
  assert.deepEqual(
    collect.aggregates.map((each) => each.function),
    ['LENGTH', 'AVERAGE', 'COUNT_DISTINCT', 'STDDEV_POPULATION'],
  );
});

test('a query lists its collections with the strongest access, and every access in the order of the run', () => {
  const { collections, accesses, isModification } = bind(
    'WITH w, b FOR x IN a LET n = (FOR y IN b RETURN LENGTH(d)) FOR v IN ANY x e INSERT {n} INTO b OPTIONS {exclusive: true} REMOVE x IN f RETURN g.h',
  );
  assert.deepEqual(Object.fromEntries(collections), { w: 'read', b: 'exclusive', a: 'read', d: 'read', e: 'read', f: 'write', g: 'read' });
  assert.deepEqual(
    accesses.map(({ collection, by, mode }) => `${collection} ${by} ${mode}`),
    [
      'w with read',
      'b with read',
      'a loop read',
      'b loop read',
      'd argument read',
      'e edges read',
      'b modification exclusive',
      'f modification write',
      'g expression read',
    ],
  );
  assert.equal(isModification, true);
  assert.equal(bind('RETURN 1').isModification, false);
});

test('the parameters that shape the tree are told from those that are only values', () => {
  const query = 'FOR x IN @@c FILTER x.@a == @v SORT x @d FOR y IN ANY x GRAPH @g OPTIONS {bfs: @o} RETURN {@k: @v}';
  const { structuralParameters } = bind(query, { '@c': 'c', a: 'a', v: 1, d: 'ASC', g: 'g', o: true, k: 'k' });
  assert.deepEqual([...structuralParameters], ['@c', 'a', 'd', 'g', 'o', 'k']);
});

test('ids go on where the query ends', () => {
  assert.equal(bind('FOR [a, b] IN c RETURN a[*].x').nextVariableId, 4);
});

test('warnings of the lexer stay with the query', () => {
  assert.deepEqual(bind('RETURN 1e999').warnings, [{ code: 1504, message: 'number out of range' }]);
});

test('options may be anything that is constant', () => {
  const [loop] = bind('FOR a IN b OPTIONS {a: [-1, +@x, !true], @k: {["c"]: null}} RETURN a', { x: '2', k: 'b' }).statements;
  assert.ok(loop?.type === 'for');
  assert.deepEqual(loop.options, { a: [-1, 2, false], b: { c: null } });
});

const ERRORS: readonly (readonly [query: string, errorNum: number, message: string, bindVars?: Value])[] = [
  ['RETURN @a', 1550, 'invalid structure of bind parameters', [1]],
  ['RETURN @a', 1550, 'invalid structure of bind parameters', 'a'],
  ['RETURN @id', 1551, "no value specified for declared bind parameter 'id'"],
  ['RETURN @id', 1551, "no value specified for declared bind parameter 'id'", null],
  ['FOR a IN @@c RETURN a', 1551, "no value specified for declared bind parameter '@c'", { c: 'x' }],
  ['RETURN @toString', 1551, "no value specified for declared bind parameter 'toString'", {}],
  ['RETURN @a', 1552, "bind parameter 'b' was not declared in the query", { a: 1, b: 2 }],
  ['RETURN 1', 1552, "bind parameter '@b' was not declared in the query", { '@b': 2 }],
  ...[1, true, null, '', [], {}, [1], ['a', '']].map(
    (x) => ['FOR u IN [] RETURN u.@x', 1553, "bind parameter 'x' has an invalid value or type", { x }] as const,
  ),
  ...[1, null, ['a']].map((c) => ['FOR u IN @@c RETURN u', 1553, "bind parameter '@c' has an invalid value or type", { '@c': c }] as const),
  ['RETURN {@k: 1}', 1553, "bind parameter 'k' has an invalid value or type", { k: 1 }],
  ['FOR v IN ANY "a/1" GRAPH @g RETURN v', 1553, "bind parameter 'g' has an invalid value or type", { g: {} }],
  ['LET a = 1 LET a = 2 RETURN a', 1511, "variable 'a' is assigned multiple times"],
  ['FOR a IN b LET x = (FOR a IN c RETURN a) RETURN x', 1511, "variable 'a' is assigned multiple times"],
  ['FOR a IN b FOR [c, a] IN d RETURN a', 1511, "variable 'a' is assigned multiple times"],
  ['FOR a, a IN ANY x y RETURN a', 1511, "variable 'a' is assigned multiple times"],
  ['FOR a IN b COLLECT a = a.x RETURN a', 1511, "variable 'a' is assigned multiple times"],
  ['FOR a IN b COLLECT c = 1, c = 2 RETURN c', 1511, "variable 'c' is assigned multiple times"],
  ['FOR a IN b COLLECT c = 1 AGGREGATE c = MAX(a) RETURN c', 1511, "variable 'c' is assigned multiple times"],
  ['FOR a IN b WINDOW {} AGGREGATE c = MAX(a), c = MIN(a) RETURN c', 1511, "variable 'c' is assigned multiple times"],
  ['FOR a IN b COLLECT c = 1 INTO c RETURN c', 1511, "variable 'c' is assigned multiple times"],
  ['LET `` = 1 RETURN 1', 1510, "variable name '' has an invalid format"],
  ['RETURN {a}', 1512, "unknown variable 'a'"],
  ['FOR a IN b COLLECT c = 1 INTO d KEEP e RETURN d', 1501, "use of unknown variable 'e' for KEEP"],
  ['FOR a IN b COLLECT c = a AGGREGATE m = MAX(c) RETURN m', 1512, "unknown variable 'c'"],
  ['FOR a IN b COLLECT c = a INTO d = c RETURN d', 1512, "unknown variable 'c'"],
  ['RETURN nope()', 1540, "usage of unknown function 'NOPE()'"],
  ['FOR a IN b COLLECT AGGREGATE m = nope(a) RETURN m', 1540, "usage of unknown function 'NOPE()'"],
  ['RETURN LENGTH()', 1541, "invalid number of arguments for function 'LENGTH()', expected number of arguments: minimum: 1, maximum: 1"],
  ['RETURN RAND(1)', 1541, "invalid number of arguments for function 'RAND()', expected number of arguments: minimum: 0, maximum: 0"],
  [
    'RETURN CONCAT()',
    1541,
    "invalid number of arguments for function 'CONCAT()', expected number of arguments: minimum: 1, maximum: 65536",
  ],
  [
    'FOR a IN b COLLECT AGGREGATE m = MAX() RETURN m',
    1541,
    "invalid number of arguments for function 'MAX()', expected number of arguments: minimum: 1, maximum: 1",
  ],
  ['FOR a IN b COLLECT AGGREGATE m = CONCAT(a) RETURN m', 1574, 'invalid aggregate expression'],
  ['FOR a IN b REMOVE a IN b OPTIONS {x: a}', 1575, 'query options must be readable at query compile time'],
  ['FOR a IN b REMOVE a IN b OPTIONS {a}', 1575, 'query options must be readable at query compile time'],
  ['FOR a IN b OPTIONS {x: RAND()} RETURN a', 1575, 'query options must be readable at query compile time'],
  ['FOR a IN b COLLECT AGGREGATE m = MAX(a) INTO g = m + 1 RETURN g', 1512, "unknown variable 'm'"],
  ['FOR a IN b REMOVE a IN c WINDOW {preceding: 1} AGGREGATE m = MAX(a) RETURN m', 1595, 'window operation after data-modification'],
  [`WITH ${Array.from({ length: 2049 }, (_, i) => `c${i}`).join(', ')} RETURN 1`, 1522, 'too many collections/shards'],
];

for (const [query, errorNum, message, bindVars] of ERRORS) {
  test(`${errorNum}: ${query.slice(0, 80)} with ${JSON.stringify(bindVars)}`, () => {
    assert.throws(() => bind(query, bindVars), { errorNum, code: 400, message });
  });
}

interface Recorded {
  readonly id: string;
  readonly query: string;
  readonly bindVars: Value;
  readonly mode?: string;
  readonly expectedError?: number;
}

test('recorded queries bind, or fail as recorded', () => {
  const functions = JSON.parse(readFileSync('../shared/golden/functions.json', 'utf8')) as {
    name: string;
    min: number;
    max: number | null;
  }[];
  const signatures = new Map(functions.map(({ name, min, max }) => [name, { minArguments: min, maxArguments: max ?? Infinity }]));
  /** What is found only later, and what the parser finds. */
  const others = new Set([1501, 1502, 1579, 1582, 1202, 1203, 1205, 1208, 1210, 1227]);
  for (const file of ['aql', 'aql-static', 'aql-asserted']) {
    for (const line of readFileSync(`../shared/golden/${file}.jsonl`, 'utf8').trimEnd().split('\n')) {
      const { id, query, bindVars, mode, expectedError } = JSON.parse(line) as Recorded;
      if (mode === 'parse') continue;
      let errorNum: number | undefined;
      try {
        bindQuery(parseQuery(query), bindVars, (name) => signatures.get(name));
      } catch (error) {
        if (!isArangoError(error)) throw error;
        ({ errorNum } = error);
      }
      // Since 3.4 CALL and APPLY may call each other.
      if (errorNum === 1501 || expectedError === 1578) continue;
      assert.equal(errorNum, others.has(expectedError ?? 0) ? undefined : expectedError, id);
    }
  }
});

test('whatever parses binds or fails as a client can be told', () => {
  const words =
    'FOR a b IN c RETURN LET = COLLECT INTO g KEEP FILTER REMOVE OLD { } [ ] ( ) [* CURRENT , . : AGGREGATE MAX ( a ) @p @@c OPTIONS 1'.split(
      ' ',
    );
  const statement = fc.constantFrom(
    ...'FOR a IN b,LET a = 1,LET b = a,LET c = (FOR b IN a RETURN b),FILTER a,COLLECT a = b INTO g,COLLECT WITH COUNT INTO b,REMOVE a IN b,UPSERT {a: 1} INSERT {b} UPDATE OLD IN c,FOR v IN ANY a b,COLLECT AGGREGATE a = MAX(b),LET [b] = a[*].c'.split(
      /,(?=[A-Z]{3})/,
    ),
  );
  const text = fc.tuple(fc.array(statement, { maxLength: 6 }), fc.array(fc.constantFrom(...words), { maxLength: 4 }));
  fc.assert(
    fc.property(text, ([statements, rest]) => {
      try {
        bind(`${statements.join(' ')} RETURN [a, b, ${rest.join(' ')} OLD]`, { p: 1, '@c': 'c' });
      } catch (error) {
        if (!isArangoError(error) || error.code !== 400) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});
