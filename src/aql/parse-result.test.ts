import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { toText, type ValueObject } from '#values';
import { parseResult } from './parse-result.ts';

function parse(text: string): ValueObject {
  return parseResult(text, () => ({ minArguments: 0, maxArguments: Infinity }));
}

/** A node in short: its type, name or value, and what is below it. */
function short(node: ValueObject): string {
  const { type, name, value, id, quantifier, levels } = node;
  const attributes = [name, value === undefined ? value : JSON.stringify(value), quantifier, levels].filter((each) => each !== undefined);
  const label = [type, ...attributes].map((each) => toText(each ?? null)).join(' ');
  const below = subNodesOf(node).map(short).join(', ');
  return `${label}${id === undefined ? '' : `#${Number(id)}`}${below && `(${below})`}`;
}

function subNodesOf({ subNodes = [] }: ValueObject): readonly ValueObject[] {
  return subNodes as readonly ValueObject[];
}

/** The statements of a query. */
function treeOf(text: string): string[] {
  const [root = {}] = parse(text)['ast'] as readonly ValueObject[];
  assert.equal(root['type'], 'root');
  return subNodesOf(root).map(short);
}

test('the answer is the recorded one', () => {
  const recorded = readFileSync('../shared/golden/arangosh.jsonl', 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { script: string; outputChunks?: { json?: ValueObject }[] });
  const example = recorded.find(({ script }) => script.startsWith('db._parse('));
  const { code, ...answer } = example?.outputChunks?.[0]?.json ?? {};
  assert.equal(code, 200);
  assert.deepEqual(parse('FOR i IN [ 1, 2 ] RETURN i'), answer);
});

test('comparisons say what ArangoDB notes of them', () => {
  const traitsOf = (operator: string): unknown => {
    const [root = {}] = parse(`LET a = [1] LET b = [1] FILTER a ${operator} b RETURN 1`)['ast'] as readonly ValueObject[];
    const [comparison = {}] = subNodesOf(subNodesOf(root).at(-2) ?? {});
    const { excludesNull, sorted } = comparison;
    return [excludesNull, sorted];
  };
  for (const operator of ['==', '<', '<=']) assert.deepEqual(traitsOf(operator), [false, undefined], operator);
  for (const operator of ['IN', 'NOT IN', 'ANY IN']) assert.deepEqual(traitsOf(operator), [undefined, false], operator);
  for (const operator of ['!=', '>', '>=', 'ALL ==']) assert.deepEqual(traitsOf(operator), [undefined, undefined], operator);
});

test('collections are those that the text names, bind variables all', () => {
  const { collections, bindVars } = parse('WITH a, @@b FOR c IN d FOR e IN @@f FILTER c.@g == @h INSERT {} INTO i RETURN LENGTH(j)');
  assert.deepEqual(collections, ['a', 'd', 'i', 'j']);
  assert.deepEqual(bindVars, ['@b', '@f', 'g', 'h']);
});

const TREES: readonly (readonly [query: string, ...statements: string[]])[] = [
  ['WITH a, @@b RETURN 1', 'with collections(collection a, datasource parameter @b)', 'return(value 1)'],
  [
    'FOR d IN c FILTER d.a == @v && !d.@w RETURN DISTINCT d',
    'for(variable d#0, collection c, no-op)',
    'filter(logical and(compare ==(attribute access a(reference d#0), parameter v), unary not(bound attribute access(reference d#0, parameter w))))',
    'return(distinct(reference d#0))',
  ],
  [
    'FOR d IN c SORT d.a, d.b DESC LIMIT 2 RETURN {a: 1, [d.b]: 2, @k: 3}',
    'for(variable d#0, collection c, no-op)',
    'sort(array(sort element(attribute access a(reference d#0), value true), sort element(attribute access b(reference d#0), value false)))',
    'limit(value 0, value 2)',
    'return(object(object element a(value 1), calculated object element(attribute access b(reference d#0), value 2), calculated object element(parameter k, value 3)))',
  ],
  [
    'LET a = (RETURN 1) RETURN a[0]',
    'let(variable 1#1, subquery(return(value 1)))',
    'let(variable a#0, reference 1#1)',
    'return(indexed access(reference a#0, value 0))',
  ],
  [
    'RETURN (RETURN (RETURN 1))',
    'let(variable 1#1, subquery(let(variable 0#0, subquery(return(value 1))), return(reference 0#0)))',
    'return(reference 1#1)',
  ],
  [
    'RETURN [a LIKE b, a NOT LIKE b, a =~ b, a !~ b]',
    'return(array(function call LIKE(array(collection a, collection b)), unary not(function call LIKE(array(collection a, collection b))), function call REGEX_TEST(array(collection a, collection b)), unary not(function call REGEX_TEST(array(collection a, collection b)))))',
  ],
  ['RETURN 1..2 ANY == 3', 'return(array compare ==(range(value 1, value 2), value 3, quantifier any))'],
  [
    'RETURN my::f(1 ?: 2, 3 ? 4 : 5)',
    'return(user function call MY::F(array(ternary(value 1, value 2), ternary(value 3, value 4, value 5))))',
  ],
  [
    'RETURN [][** FILTER CURRENT LIMIT 1].a',
    'return(expansion 2(iterator(variable $CURRENT#0, array), attribute access a(reference $CURRENT#0), reference $CURRENT#0, array limit(value 0, value 1), no-op))',
  ],
  [
    'RETURN [][? 2 FILTER CURRENT]',
    'return(expansion 1(iterator(variable $CURRENT#0, array), reference $CURRENT#0, array filter(value 2, reference $CURRENT#0), no-op, no-op))',
  ],
  [
    'FOR d IN v SEARCH d.a OPTIONS {a: [1]} RETURN 1',
    'view enumeration(variable d#0, collection v, filter(attribute access a(reference d#0)), object(object element a(array(value 1))))',
    'return(value 1)',
  ],
  [
    'FOR v, e IN 1..2 INBOUND "a" ANY b, @@c PRUNE v OPTIONS {} RETURN 1',
    'traversal(direction(value 1, range(value 1, value 2)), value "a", collection list(direction(value 0, collection b), direction(value 1, datasource parameter @c)), reference v#0, no-op, variable v#0, variable e#1)',
    'return(value 1)',
  ],
  [
    'FOR p IN ANY K_SHORTEST_PATHS "a" TO "b" GRAPH @g RETURN p',
    'enumerate paths(direction(value 0, range(value 1, value 1)), value "a", value "b", parameter g, no-op, variable p#0)',
    'return(reference p#0)',
  ],
  [
    'FOR v IN OUTBOUND SHORTEST_PATH "a" TO "b" GRAPH g RETURN v',
    'shortest path(direction(value 2, range(value 1, value 1)), value "a", value "b", value "g", no-op, variable v#0)',
    'return(reference v#0)',
  ],
  [
    'FOR a IN c COLLECT b = a.x AGGREGATE m = MAX(a) INTO g KEEP a RETURN g',
    'for(variable a#0, collection c, no-op)',
    'collect(no-op, array(assign(variable b#1, attribute access x(reference a#0))), aggregations array(assign(variable m#2, function call MAX(array(reference a#0)))), variable g#3, no-op, array(reference a#0))',
    'return(reference g#3)',
  ],
  [
    'FOR a IN c COLLECT WITH COUNT INTO n RETURN n',
    'for(variable a#0, collection c, no-op)',
    'collect with count(no-op, array, variable n#1)',
    'return(reference n#1)',
  ],
  [
    'FOR a IN c COLLECT INTO g = a.x RETURN g',
    'for(variable a#0, collection c, no-op)',
    'collect(no-op, array, aggregations array, variable g#1, attribute access x(reference a#0), no-op)',
    'return(reference g#1)',
  ],
  [
    'FOR a IN c WINDOW {preceding: 1} AGGREGATE n = LENGTH() RETURN n',
    'for(variable a#0, collection c, no-op)',
    'window(object(object element preceding(value 1)), no-op, aggregations array(assign(variable n#1, function call LENGTH(array))))',
    'return(reference n#1)',
  ],
  ['INSERT {} INTO @@c', 'insert(no-op, datasource parameter @c, object, variable $NEW#0)'],
  ['UPDATE "a" WITH {} IN c', 'update(no-op, collection c, object, value "a", variable $OLD#0, variable $NEW#1)'],
  ['REPLACE {} IN c', 'replace(no-op, collection c, object, no-op, variable $OLD#0, variable $NEW#1)'],
  ['REMOVE "a" IN c', 'remove(no-op, collection c, value "a", variable $OLD#0)'],
  [
    'UPSERT @e INSERT {} UPDATE OLD IN c',
    'upsert(no-op, collection c, example(parameter e), object, reference $OLD#0, variable $OLD#0, variable $NEW#1)',
  ],
];

for (const [query, ...statements] of TREES) {
  test(`the tree of ${query}`, () => assert.deepEqual(treeOf(query), statements));
}

test('a query that cannot run does not parse either', () => {
  assert.throws(() => parse('FOR i IN 1..100 FILTER i = 1 LIMIT 2 RETURN i * 3'), {
    message: "syntax error, unexpected assignment near '= 1 LIMIT 2 RETURN i * 3' at position 1:26",
  });
  assert.throws(() => parse('LET a = 1 LET a = 2 RETURN a'), { errorNum: 1511 });
  assert.throws(() => parseResult('RETURN F()', () => undefined), { errorNum: 1540 });
});

test('warnings are part of the answer', () => {
  assert.deepEqual(parse('RETURN 1e999')['warnings'], [{ code: 1504, message: 'number out of range' }]);
});
