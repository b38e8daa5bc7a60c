import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isArangoError } from '#base';
import { tries } from '../../tests/support/law.ts';
import { parseQuery } from './parser.ts';
import { printQuery } from './print.ts';

/** Each query and what it is printed as, in which every operator has its parentheses. */
const FORMS: Readonly<Record<string, readonly (readonly [query: string, printed: string])[]>> = {
  precedence: [
    ['RETURN 1 + 2 * 3 - 4', 'RETURN ((1 + (2 * 3)) - 4)'],
    ['RETURN 1 / 2 % 3', 'RETURN ((1 / 2) % 3)'],
    ['RETURN -1 - -2', 'RETURN ((- 1) - (- 2))'],
    ['RETURN - + ! 1', 'RETURN (- (+ (! 1)))'],
    ['RETURN -a.b', 'RETURN (- `a`.`b`)'],
    ['RETURN !a == b', 'RETURN ((! `a`) == `b`)'],
    ['RETURN NOT a LIKE b', 'RETURN ((! `a`) LIKE `b`)'],
    ['RETURN 1..2 + 3', 'RETURN (1 .. (2 + 3))'],
    ['RETURN a..b < c', 'RETURN ((`a` .. `b`) < `c`)'],
    ['RETURN a IN b == c', 'RETURN ((`a` IN `b`) == `c`)'],
    ['RETURN a == b IN c', 'RETURN (`a` == (`b` IN `c`))'],
    ['RETURN a < b IN c', 'RETURN ((`a` < `b`) IN `c`)'],
    ['RETURN a NOT IN b NOT LIKE c', 'RETURN ((`a` NOT IN `b`) NOT LIKE `c`)'],
    ['RETURN a not\nin b', 'RETURN (`a` NOT IN `b`)'],
    ['RETURN a =~ b != c', 'RETURN ((`a` =~ `b`) != `c`)'],
    ['RETURN a NOT =~ b', 'RETURN (`a` !~ `b`)'],
    ['RETURN a NOT !~ b', 'RETURN (`a` =~ `b`)'],
    ['RETURN a == b && c', 'RETURN ((`a` == `b`) && `c`)'],
    ['RETURN a OR b AND c || d', 'RETURN ((`a` || (`b` && `c`)) || `d`)'],
    ['RETURN a || b ? c : d', 'RETURN ((`a` || `b`) ? `c` : `d`)'],
    ['RETURN a ? b : c ? d : e', 'RETURN (`a` ? `b` : (`c` ? `d` : `e`))'],
    ['RETURN a ? b ? c : d : e', 'RETURN (`a` ? (`b` ? `c` : `d`) : `e`)'],
    ['RETURN a ?: b', 'RETURN (`a` ? : `b`)'],
    ['RETURN (1 + 2) * 3', 'RETURN ((1 + 2) * 3)'],
  ],
  quantifiers: [
    ['RETURN a ANY == 1', 'RETURN (`a` ANY == 1)'],
    ['RETURN a ALL IN b', 'RETURN (`a` ALL IN `b`)'],
    ['RETURN a NONE NOT IN b', 'RETURN (`a` NONE NOT IN `b`)'],
    ['RETURN a AT LEAST (1 + 1) > b', 'RETURN (`a` AT LEAST ((1 + 1)) > `b`)'],
    ['RETURN a && b ANY == c || d', 'RETURN ((`a` && (`b` ANY == `c`)) || `d`)'],
    ['RETURN a == b ANY == c', 'RETURN ((`a` == `b`) ANY == `c`)'],
    ['RETURN a ANY == b < c', 'RETURN (`a` ANY == (`b` < `c`))'],
    ['RETURN a ANY < b == c', 'RETURN ((`a` ANY < `b`) == `c`)'],
    ['RETURN at', 'RETURN `at`'],
  ],
  accesses: [
    ['RETURN a.b.`c d`.@e[1][@f]', 'RETURN `a`.`b`.`c d`.@e[1][@f]'],
    ['RETURN [1, 2,][0]', 'RETURN [ 1, 2 ][0]'],
    ['RETURN {a: 1,}.a', 'RETURN { "a" : 1 }.`a`'],
    ['RETURN F(1).a', 'RETURN F(1).`a`'],
    ['RETURN (RETURN 1)[0]', 'RETURN (RETURN 1)[0]'],
    ['RETURN @a.b', 'RETURN @a.`b`'],
    ['RETURN a[*]', 'RETURN `a`[*]'],
    ['RETURN a[**].b', 'RETURN `a`[**].`b`'],
    ['RETURN a[*].b[*].c[0]', 'RETURN `a`[*].`b`[*].`c`[0]'],
    ['RETURN (a[*].b)[0]', 'RETURN (`a`[*].`b`)[0]'],
    ['RETURN a[*][*]', 'RETURN `a`[*][*]'],
    [
      'RETURN a[* FILTER CURRENT > 1 LIMIT 1, 2 RETURN CURRENT.x].y',
      'RETURN `a`[* FILTER (`CURRENT` > 1) LIMIT 1, 2 RETURN `CURRENT`.`x`].`y`',
    ],
    ['RETURN a[?]', 'RETURN `a`[?]'],
    ['RETURN a[???]', 'RETURN `a`[?]'],
    ['RETURN a[? FILTER CURRENT]', 'RETURN `a`[? FILTER `CURRENT`]'],
    ['RETURN a[? 2 FILTER CURRENT]', 'RETURN `a`[? 2 FILTER `CURRENT`]'],
    ['RETURN a[? 2..3 FILTER CURRENT]', 'RETURN `a`[? (2 .. 3) FILTER `CURRENT`]'],
    ['RETURN a[? NONE FILTER CURRENT]', 'RETURN `a`[? NONE FILTER `CURRENT`]'],
    ['RETURN a[? at least (2) FILTER CURRENT]', 'RETURN `a`[? AT LEAST (2) FILTER `CURRENT`]'],
  ],
  literals: [
    ['RETURN [null, TRUE, false, 1.50, "x", \'y\']', 'RETURN [ null, true, false, 1.5, "x", "y" ]'],
    ['RETURN []', 'RETURN [ ]'],
    ['RETURN {}', 'RETURN { }'],
    ['RETURN {a, "b": 1, `c`: 2, @d: 3, [e]: 4}', 'RETURN { `a`, "b" : 1, "c" : 2, @d : 3, [ `e` ] : 4 }'],
    ['RETURN 1e999', 'RETURN null'],
  ],
  calls: [
    ['RETURN length(a, @@b)', 'RETURN LENGTH(`a`, @@b)'],
    ['RETURN LIKE(a, b)', 'RETURN LIKE(`a`, `b`)'],
    ['RETURN my::own::function()', 'RETURN MY::OWN::FUNCTION()'],
    ['RETURN COUNT(FOR a IN b RETURN a)', 'RETURN COUNT((FOR `a` IN `b` RETURN `a`))'],
    ['RETURN UNION((RETURN 1), RETURN 2, REMOVE x IN y, 3)', 'RETURN UNION((RETURN 1), (RETURN 2), (REMOVE `x` INTO `y`), 3)'],
    ['RETURN keep(a, "b")', 'RETURN KEEP(`a`, "b")'],
  ],
  FOR: [
    ['FOR a IN b RETURN a', 'FOR `a` IN `b` RETURN `a`'],
    ['FOR a IN @@b OPTIONS {x: 1} RETURN a', 'FOR `a` IN @@b OPTIONS { "x" : 1 } RETURN `a`'],
    ['FOR a IN b SEARCH a.x == 1 OPTIONS {} RETURN a', 'FOR `a` IN `b` SEARCH (`a`.`x` == 1) OPTIONS { } RETURN `a`'],
    ['FOR [a, , {b, c: [d]}] IN e RETURN a', 'FOR [`a`, , { `b`: `b`, `c`: [`d`] }] IN `e` RETURN `a`'],
    ['FOR a IN 1..2 RETURN a', 'FOR `a` IN (1 .. 2) RETURN `a`'],
  ],
  traversal: [
    ['FOR v IN OUTBOUND "a/1" edges RETURN v', 'FOR `v` IN OUTBOUND "a/1" `edges` RETURN `v`'],
    ['FOR v, e, p IN 1..@n ANY @s @@a, INBOUND b RETURN p', 'FOR `v`, `e`, `p` IN (1 .. @n) ANY @s @@a, INBOUND `b` RETURN `p`'],
    ['FOR v IN 2 ANY s.x GRAPH "g" RETURN v', 'FOR `v` IN 2 ANY `s`.`x` GRAPH `g` RETURN `v`'],
    ['FOR v IN INBOUND s GRAPH g RETURN v', 'FOR `v` IN INBOUND `s` GRAPH `g` RETURN `v`'],
    ['FOR v IN INBOUND s GRAPH @@g RETURN v', 'FOR `v` IN INBOUND `s` GRAPH @@g RETURN `v`'],
    ['FOR v IN INBOUND s ANY e1, OUTBOUND e2 RETURN v', 'FOR `v` IN INBOUND `s` ANY `e1`, OUTBOUND `e2` RETURN `v`'],
    [
      'FOR v IN ANY s GRAPH @g PRUNE v.x OPTIONS {bfs: true} RETURN v',
      'FOR `v` IN ANY `s` GRAPH @g PRUNE `v`.`x` OPTIONS { "bfs" : true } RETURN `v`',
    ],
    ['FOR v IN ANY s e PRUNE c = v.x == 1 RETURN v', 'FOR `v` IN ANY `s` `e` PRUNE `c` = (`v`.`x` == 1) RETURN `v`'],
    ['FOR v, e IN ANY SHORTEST_PATH a TO b GRAPH "g" RETURN v', 'FOR `v`, `e` IN ANY SHORTEST_PATH `a` TO `b` GRAPH `g` RETURN `v`'],
    [
      'FOR p IN INBOUND K_SHORTEST_PATHS a TO b e OPTIONS {} RETURN p',
      'FOR `p` IN INBOUND K_SHORTEST_PATHS `a` TO `b` `e` OPTIONS { } RETURN `p`',
    ],
    ['FOR p IN ANY ALL_SHORTEST_PATHS a TO b e RETURN p', 'FOR `p` IN ANY ALL_SHORTEST_PATHS `a` TO `b` `e` RETURN `p`'],
    ['FOR p IN 1..3 ANY K_PATHS a TO b e RETURN p', 'FOR `p` IN (1 .. 3) ANY K_PATHS `a` TO `b` `e` RETURN `p`'],
  ],
  'other statements': [
    ['WITH a, @@b c RETURN 1', 'WITH `a`, @@b, `c` RETURN 1'],
    ['LET a = 1, {b} = c RETURN a', 'LET `a` = 1 LET { `b`: `b` } = `c` RETURN `a`'],
    [
      'FOR a IN b FILTER a.x SORT a.y, a.z DESC, a, 1 @d LIMIT 5 RETURN a',
      'FOR `a` IN `b` FILTER `a`.`x` SORT `a`.`y` ASC, `a`.`z` DESC, `a` ASC, 1 @d LIMIT 5 RETURN `a`',
    ],
    ['FOR a IN b SORT a "DESC" LIMIT @o, 1 + 1 RETURN DISTINCT a', 'FOR `a` IN `b` SORT `a` "DESC" LIMIT @o, (1 + 1) RETURN DISTINCT `a`'],
    ['FOR a IN b COLLECT c = a.x, d = a.y RETURN c', 'FOR `a` IN `b` COLLECT `c` = `a`.`x`, `d` = `a`.`y` RETURN `c`'],
    ['FOR a IN b COLLECT INTO g RETURN g', 'FOR `a` IN `b` COLLECT INTO `g` RETURN `g`'],
    ['FOR a IN b COLLECT c = a INTO g = a.x RETURN c', 'FOR `a` IN `b` COLLECT `c` = `a` INTO `g` = `a`.`x` RETURN `c`'],
    [
      'FOR a IN b COLLECT c = a INTO g KEEP a, b OPTIONS {method: "hash"} RETURN c',
      'FOR `a` IN `b` COLLECT `c` = `a` INTO `g` KEEP `a`, `b` OPTIONS { "method" : "hash" } RETURN `c`',
    ],
    ['FOR a IN b COLLECT WITH COUNT INTO n RETURN n', 'FOR `a` IN `b` COLLECT WITH COUNT INTO `n` RETURN `n`'],
    [
      'FOR a IN b COLLECT c = a with count into n OPTIONS {} RETURN n',
      'FOR `a` IN `b` COLLECT `c` = `a` WITH COUNT INTO `n` OPTIONS { } RETURN `n`',
    ],
    [
      'FOR a IN b COLLECT c = a AGGREGATE m = max(a), n = COUNT() INTO g RETURN m',
      'FOR `a` IN `b` COLLECT `c` = `a` AGGREGATE `m` = MAX(`a`), `n` = COUNT() INTO `g` RETURN `m`',
    ],
    [
      'FOR a IN b WINDOW {preceding: 1} AGGREGATE s = SUM(a) RETURN s',
      'FOR `a` IN `b` WINDOW { "preceding" : 1 } AGGREGATE `s` = SUM(`a`) RETURN `s`',
    ],
    [
      'FOR a IN b WINDOW a.t WITH {preceding: "PT1M"} AGGREGATE s = SUM(a) RETURN s',
      'FOR `a` IN `b` WINDOW `a`.`t` WITH { "preceding" : "PT1M" } AGGREGATE `s` = SUM(`a`) RETURN `s`',
    ],
  ],
  modifications: [
    ['INSERT {} INTO a', 'INSERT { } INTO `a`'],
    ['INSERT x IN @@a OPTIONS {overwrite: true} RETURN NEW', 'INSERT `x` INTO @@a OPTIONS { "overwrite" : true } RETURN `NEW`'],
    ['INSERT {} IN "a"', 'INSERT { } INTO `a`'],
    ['UPDATE a IN b', 'UPDATE `a` INTO `b`'],
    ['UPDATE a WITH {x: 1 IN [1]} IN b RETURN OLD', 'UPDATE `a` WITH { "x" : (1 IN [ 1 ]) } INTO `b` RETURN `OLD`'],
    ['REPLACE a WITH b INTO c', 'REPLACE `a` WITH `b` INTO `c`'],
    ['REMOVE a IN b IN c', 'REMOVE (`a` IN `b`) INTO `c`'],
    ['REMOVE a ? b : c IN d', 'REMOVE (`a` ? `b` : `c`) INTO `d`'],
    ['REMOVE a IN b INSERT a INTO c', 'REMOVE `a` INTO `b` INSERT `a` INTO `c`'],
    ['LET x = (REMOVE a IN b) RETURN x', 'LET `x` = (REMOVE `a` INTO `b`) RETURN `x`'],
    ['REMOVE a IN b OPTIONS {} LET c = 1 RETURN c', 'REMOVE `a` INTO `b` OPTIONS { } LET `c` = 1 RETURN `c`'],
    [
      'UPSERT {a: 1} INSERT {} UPDATE {b: OLD.b IN [1]} IN c',
      'UPSERT { "a" : 1 } INSERT { } UPDATE { "b" : (`OLD`.`b` IN [ 1 ]) } INTO `c`',
    ],
    ['UPSERT @a INSERT b REPLACE c INTO d OPTIONS {}', 'UPSERT @a INSERT `b` REPLACE `c` INTO `d` OPTIONS { }'],
    [
      'UPSERT FILTER CURRENT.a == 1 INSERT {} UPDATE {} IN c RETURN NEW',
      'UPSERT FILTER (`CURRENT`.`a` == 1) INSERT { } UPDATE { } INTO `c` RETURN `NEW`',
    ],
  ],
};

for (const [group, cases] of Object.entries(FORMS)) {
  test(`the forms of ${group}`, () => {
    for (const [query, printed] of cases) {
      assert.equal(printQuery(parseQuery(query).query), printed, query);
      assert.equal(printQuery(parseQuery(printed).query), printed, printed);
    }
  });
}

test('words that are no keywords are names anywhere', () => {
  parseQuery('FOR keep IN count LET options = keep.prune, search = keep.to FILTER at.least RETURN {keep, count: options}');
  parseQuery('FOR doc IN doc FILTER doc.document.type.as RETURN doc.at');
});

test('nodes know where they begin', () => {
  const { statements } = parseQuery('FOR doc IN users\n  FILTER doc.age > 3 RETURN doc').query;
  assert.deepEqual(
    statements.map(({ at }) => at),
    [0, 19, 38],
  );
  const [, filter] = statements;
  assert.ok(filter?.type === 'filter' && filter.condition.type === 'binary');
  assert.deepEqual([filter.condition.at, filter.condition.right.at], [26, 36]);
});

/** As ArangoDB was seen to answer: recorded, in the manual or in reports. */
const RECORDED_ERRORS: readonly (readonly [query: string, message: string])[] = [
  [
    'FOR i IN 1..100 FILTER i = 1 LIMIT 2 RETURN i * 3',
    "syntax error, unexpected assignment near '= 1 LIMIT 2 RETURN i * 3' at position 1:26",
  ],
  ['this is not AQL', "syntax error, unexpected identifier near 'this is not AQL' at position 1:1"],
  ['FOR document INx users', "syntax error, unexpected identifier near 'INx users' at position 1:14"],
  [
    'RETURN { foo: "bar", k_shortest_paths: 123 }.k_shortest_paths',
    "syntax error, unexpected K_SHORTEST_PATHS keyword, expecting identifier or quoted string or bind parameter or [ near 'k_shortest_paths: 123 }.k_shorte...' at position 1:22",
  ],
  [
    'for eox in vEox\nreturn Merge({}, {desc: eox.desc, milestones: [], repl: eox.replace})',
    "syntax error, unexpected DESC keyword, expecting } near 'desc: eox.desc, milestones: [], ...' at position 2:19",
  ],
  [
    'LET range = APPEND([ 1, 2, 3 ], [ 5, 6, 9 ])\nrange = APPEND([ 1, 2, 3 ], [ 5, 6 ])\nRETURN range',
    "syntax error, unexpected identifier near 'range = APPEND([ 1, 2, 3 ], [ 5,...' at position 2:1",
  ],
  [
    '\n    FOR i IN 1..10\n        INSERT {\n            LaTeX: CONCAT("A_", i),\n            _key: i\n        } IN mynodes-js',
    "syntax error, unexpected end of query string near 'js' at position 6:22",
  ],
  [
    'FOR f IN g\nRETURN f\n\nSORT LENGTH(members) DESC',
    "syntax error, unexpected SORT declaration, expecting end of query string near 'SORT LENGTH(members) DESC' at position 4:1",
  ],
];

const ERRORS: typeof RECORDED_ERRORS = [
  ['RETURN 1;', "syntax error, unexpected invalid token, expecting end of query string near ';' at position 1:9"],
  ['RETURN 1 + ', "syntax error, unexpected end of query string near ' ' at position 1:11"],
  ['RETURN (RETURN 1 2)', "syntax error, unexpected integer number, expecting ) near '2)' at position 1:18"],
  ['RETURN "abc', "unexpected unterminated string literal near '' at position 1:12"],
  ['FOR x IN `abc', "unexpected unterminated identifier near '' at position 1:14"],
  ['RETURN 1 /* 2', "unexpected unterminated multi-line comment near '' at position 1:14"],
  ['LET a 1', "syntax error, unexpected integer number, expecting assignment near '1' at position 1:7"],
  ['RETURN DISTINCT 1', "cannot use DISTINCT modifier on top-level query element near 'DISTINCT 1' at position 1:8"],
  ['COLLECT a = 1 RETURN DISTINCT a', "cannot use DISTINCT modifier on top-level query element near 'DISTINCT a' at position 1:22"],
  [
    'RETURN doc.filter',
    "syntax error, unexpected FILTER declaration, expecting identifier or bind parameter near 'filter' at position 1:12",
  ],
  ['RETURN a LIKE', "syntax error, unexpected end of query string near 'LIKE' at position 1:10"],
  ['RETURN a ANY LIKE b', "syntax error, unexpected any modifier, expecting end of query string near 'ANY LIKE b' at position 1:10"],
  ['RETURN a ALL LIKE b', "syntax error, unexpected like operator near 'LIKE b' at position 1:14"],
  ['FOR a, b IN c RETURN a', "a FOR loop over a collection, view or array has only one variable near 'b IN c RETURN a' at position 1:8"],
  [
    'FOR a, b, c, d IN ANY x y RETURN a',
    "Traversals only have one, two or three output variables near 'd IN ANY x y RETURN a' at position 1:14",
  ],
  [
    'FOR a, b IN ANY K_PATHS x TO y z RETURN a',
    "K_PATHS should only have a single output variable near 'b IN ANY K_PATHS x TO y z RETURN...' at position 1:8",
  ],
  ['FOR [a] IN ANY x y RETURN a', "cannot destructure the variables of a graph query near '[a] IN ANY x y RETURN a' at position 1:5"],
  [
    'FOR v IN 1..2 ANY SHORTEST_PATH a TO b c RETURN v',
    "syntax error, unexpected SHORTEST_PATH keyword near 'SHORTEST_PATH a TO b c RETURN v' at position 1:19",
  ],
  ['FOR a IN b OPTIONS 1 RETURN a', "syntax error, unexpected integer number, expecting { near '1 RETURN a' at position 1:20"],
  ['FOR a IN b FILTER RETURN a', "syntax error, unexpected RETURN declaration near 'RETURN a' at position 1:19"],
  ['FOR a IN b COLLECT RETURN a', "syntax error, unexpected RETURN declaration near 'RETURN a' at position 1:20"],
  ['FOR a IN b', "syntax error, unexpected end of query string near 'b' at position 1:10"],
  ['INSERT {} INTO c LET x = 1', "syntax error, unexpected end of query string near '1' at position 1:26"],
  ['RETURN (1', "syntax error, unexpected end of query string near '1' at position 1:9"],
  ['RETURN [1, 2', "syntax error, unexpected end of query string near '2' at position 1:12"],
  ['RETURN "a".b', "syntax error, unexpected '.', expecting end of query string near '.b' at position 1:11"],
  ['RETURN a NOT b', "syntax error, unexpected not operator, expecting end of query string near 'NOT b' at position 1:10"],
  ['RETURN NOT IN b', "syntax error, unexpected not in operator near 'NOT IN b' at position 1:8"],
  ['RETURN F(1,)', "syntax error, unexpected ) near ')' at position 1:12"],
];

for (const [query, message] of [...RECORDED_ERRORS, ...ERRORS]) {
  test(`what is wrong with ${JSON.stringify(query)}`, () => {
    assert.throws(() => parseQuery(query), { errorNum: 1501, code: 400, message });
  });
}

test('an empty text is no query, and neither is a blank one', () => {
  assert.throws(() => parseQuery(''), { errorNum: 1502, message: 'query is empty' });
  assert.throws(() => parseQuery(' '), {
    errorNum: 1501,
    message: "syntax error, unexpected end of query string near ' ' at position 1:1",
  });
});

const times = (count: number, text: string): string => text.repeat(count);

test('expressions may nest 500 levels, and a chain of operators is nested', () => {
  for (const [fits, tooMuch] of [
    [`1${times(500, '+1')}`, `1${times(501, '+1')}`],
    [`a${times(500, '.b')}`, `a${times(501, '.b')}`],
    [`${times(499, '[')}1${times(499, ']')}`, `${times(501, '[')}1${times(501, ']')}`],
    [`${times(499, 'F(')}1${times(499, ')')}`, `${times(501, 'F(')}1${times(501, ')')}`],
    [`${times(499, '(RETURN ')}1${times(499, ')')}`, `${times(501, '(RETURN ')}1${times(501, ')')}`],
    [`${times(499, 'NOT ')}1`, `${times(501, 'NOT ')}1`],
    [`${times(499, '1 ? 2 : ')}3`, `${times(501, '1 ? 2 : ')}3`],
  ] as const) {
    parseQuery(`RETURN ${fits}`);
    assert.throws(() => parseQuery(`RETURN ${tooMuch}`), { errorNum: 1524 });
  }
});

test('nothing overflows the stack', () => {
  const count = 30_000;
  for (const [open, close] of [
    ['(', ')'],
    ['[', ']'],
    ['{a:', '}'],
    ['{[', ']:1}'],
    ['F(', ')'],
    ['F(RETURN ', ')'],
    ['(FOR x IN ', ' RETURN 1)'],
    ['1 + (', ')'],
    ['(1||1&&1==1 IN 1<1 ..1+1*', ')'],
    ['a[', ']'],
    ['a[* FILTER ', ']'],
    ['a[? AT LEAST (', ') FILTER 1]'],
    ['1 ? ', ' : 1'],
    ['1 ? 1 : ', ''],
    ['-', ''],
    ['1 ALL == ', ''],
    ['1 + ', ''],
  ] as const) {
    assert.throws(() => parseQuery(`RETURN ${times(count, open)}1${times(count, close)}`), { errorNum: 1524 }, open);
  }
  assert.throws(() => parseQuery(`LET ${times(count, '[')}a${times(count, ']')} = 1 RETURN 1`), { errorNum: 1524 });
  assert.throws(() => parseQuery(`RETURN a${times(count, '[*]')}`), { errorNum: 1524 });
  assert.equal(parseQuery(`RETURN [${times(count, '1,')}]`).query.statements.length, 1);
  assert.equal(parseQuery(`RETURN a[${times(count, '*')}]`).query.statements.length, 1);
});

/** As parsed, without positions. */
function treeOf(query: string): unknown {
  return JSON.parse(JSON.stringify(parseQuery(query).query, (key, value: unknown) => (key === 'at' ? undefined : value)));
}

interface Recorded {
  readonly id: string;
  readonly query: string;
  readonly expectedError?: number;
  readonly tags: readonly string[];
}

test('every recorded query parses, and parses again from what it is printed as', () => {
  const files = ['aql', 'aql-static', 'aql-asserted'].map((name) => `../shared/golden/${name}.jsonl`);
  const recorded = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Recorded),
  );
  let parsed = 0;
  for (const { id, query, expectedError, tags } of recorded) {
    // 4.x has more syntax, and the SHORTEST_PATH function went when the keyword came.
    if (tags.includes('v4') || query.includes('SHORTEST_PATH(')) continue;
    if ((expectedError === 1501 && !query.startsWith('UPSERT @val')) || expectedError === 1502) {
      assert.throws(() => parseQuery(query), { errorNum: expectedError }, id);
      continue;
    }
    const tree = treeOf(query);
    assert.deepEqual(treeOf(printQuery(parseQuery(query).query)), tree, id);
    parsed++;
  }
  assert.ok(parsed > 3700, `${parsed} parsed`);
});

const WORDS = [
  ...'FOR LET FILTER RETURN COLLECT SORT LIMIT WINDOW INSERT UPDATE REPLACE REMOVE UPSERT WITH IN INTO AGGREGATE'.split(' '),
  ...'ASC DESC GRAPH SHORTEST_PATH K_PATHS OUTBOUND ANY ALL NONE DISTINCT NOT AND OR LIKE NULL TRUE'.split(' '),
  ...'OPTIONS KEEP COUNT PRUNE SEARCH TO AT LEAST CURRENT OLD NEW a b c F a::b @p @@c 1 2.5 "s" `q`'.split(' '),
  ...'= == != < <= =~ !~ ! && || + - * / % .. . , ? : ( ) [ ] { } [* [** [? ; " /* //'.split(' '),
];

/** Whatever the text, there is a tree that prints and parses, or an error of the client's. */
function survives(text: string): void {
  try {
    const { query } = parseQuery(text);
    assert.deepEqual(treeOf(printQuery(query)), treeOf(text));
  } catch (error) {
    if (!isArangoError(error) || ![1501, 1502, 1524].includes(error.errorNum)) throw error;
  }
}

test('random words never crash the parser', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...WORDS), { maxLength: 40 }), (words) => survives(words.join(' '))),
    { numRuns: 2000 },
  );
});

test('random text never crashes the parser', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), survives), { numRuns: tries({ quick: 300, thorough: 1000 }) });
});

test('a query with a few words changed never crashes the parser', () => {
  const queries = Object.values(FORMS)
    .flat()
    .map(([query]) => query.split(/(?<=\W)|(?=\W)/));
  const change = fc.tuple(fc.nat(), fc.constantFrom('', ...WORDS));
  fc.assert(
    fc.property(fc.constantFrom(...queries), fc.array(change, { maxLength: 3 }), (words, changes) => {
      const changed = [...words];
      for (const [place, word] of changes) changed[place % changed.length] = ` ${word} `;
      survives(changed.join(''));
    }),
    { numRuns: 3000 },
  );
});
