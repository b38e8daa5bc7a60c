import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { tries } from '../../tests/support/law.ts';
import type { Query } from './ast.ts';
import { parseQuery } from './parser.ts';
import { printQuery, printValue, quoteName } from './print.ts';

type Texts = fc.Arbitrary<string>;

/** Texts by a pattern: each `%` is one of the parts, in turn. */
function form(pattern: string, ...parts: readonly Texts[]): Texts {
  const pieces = pattern.split('%');
  return fc.tuple(...parts).map((texts) => pieces.map((piece, i) => piece + (texts[i] ?? '')).join(''));
}

function list(part: Texts, options: { readonly minLength: number }): Texts {
  return fc.array(part, { maxLength: 3, ...options }).map((parts) => parts.join(', '));
}

const parameter = fc.stringMatching(/^_{0,2}[A-Za-z0-9][A-Za-z0-9_]{0,4}$/);
const name = fc.oneof(
  fc.constantFrom('a', 'doc', 'count', 'CURRENT', '`FOR`'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 5 }).map(quoteName),
);
const names = list(name, { minLength: 1 });
const called = fc.oneof(
  fc.constantFrom('f', 'LIKE', 'Length'),
  fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('::')),
);
const literal = fc
  .oneof(
    fc.constantFrom(null, true, false),
    fc.nat(),
    fc.double({ min: Number.MIN_VALUE, noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: 'binary' }),
  )
  .map((value) => JSON.stringify(value));
const infix = fc.constantFrom(
  ...'+ - * / % && AND || OR .. == != < <= > >= IN LIKE =~ !~'.split(' '),
  ...'NOT IN, NOT LIKE, ANY ==, ALL IN, NONE NOT IN, AT LEAST (2) <'.split(', '),
);

/** Queries of all forms, with names and strings of any characters. Not all of them parse. */
const { query } = fc.letrec<Record<'expression' | 'query' | 'target', string>>((tie) => {
  const inner = tie('expression');
  const list0 = list(inner, { minLength: 0 });
  const collection = fc.oneof(name, form('@@%', parameter));
  const element = fc.oneof(form('%: %', name, inner), name, form('@%: %', parameter, inner), form('[%]: %', inner, inner));
  const clauses = fc.oneof(fc.constant(''), form(' FILTER %', inner), form(' LIMIT %, %', inner, inner), form(' RETURN %', inner));
  const count = fc.oneof(fc.constantFrom('', 'ANY', 'NONE', 'ALL'), inner, form('AT LEAST (%)', inner));
  const access = fc.oneof(
    form('.%', name),
    form('.@%', parameter),
    form('[%]', inner),
    form('[*%]', clauses),
    form('[**%]', clauses),
    form('[? % FILTER %]', count, inner),
    fc.constant('[?]'),
  );
  const options = fc.oneof(fc.constant(''), form(' OPTIONS {%}', list(element, { minLength: 0 })));
  const direction = fc.constantFrom('OUTBOUND', 'INBOUND', 'ANY');
  const edges = list(fc.oneof(collection, form('% %', direction, collection)), { minLength: 1 });
  const subject = fc.oneof(form('GRAPH %', name), form('GRAPH @@%', parameter), form('GRAPH @%', parameter), edges);
  const prune = fc.oneof(fc.constant(''), form(' PRUNE %', inner), form(' PRUNE % = %', name, inner));
  const path = fc.constantFrom('SHORTEST_PATH', 'K_PATHS', 'K_SHORTEST_PATHS', 'ALL_SHORTEST_PATHS');
  const assignments = list(form('% = %', name, inner), { minLength: 1 });
  const aggregates = form(' AGGREGATE %', list(form('% = %(%)', name, called, list0), { minLength: 1 }));
  const into = form(' INTO %%', collection, options);
  const modification = fc.oneof(
    form('INSERT %%', inner, into),
    form('UPDATE %%', inner, into),
    form('REPLACE % WITH %%', inner, inner, into),
    form('REMOVE %%', inner, into),
    form('UPSERT {%} INSERT % UPDATE %%', list(element, { minLength: 0 }), inner, inner, into),
    form('UPSERT FILTER % INSERT % REPLACE %%', inner, inner, inner, into),
  );
  const statement = fc.oneof(
    form('FOR % IN %%', tie('target'), inner, options),
    form('FOR % IN % SEARCH %%', name, inner, inner, options),
    form('FOR % IN % % % %%%', names, inner, direction, inner, subject, prune, options),
    form('FOR % IN % % % TO % %%', name, direction, path, inner, inner, subject, options),
    form('LET % = %', tie('target'), inner),
    form('FILTER %', inner),
    form('SORT % DESC, % @%', inner, inner, parameter),
    form('LIMIT %', inner),
    form('COLLECT %%% KEEP %%', assignments, aggregates, form(' INTO %', name), names, options),
    form('COLLECT % INTO % = %', assignments, name, inner),
    form('COLLECT WITH COUNT INTO %%', name, options),
    form('WINDOW % WITH {%}%', inner, list(element, { minLength: 0 }), aggregates),
    modification,
  );
  return {
    expression: fc.oneof(
      { depthSize: 'small' },
      literal,
      name,
      form('@%', parameter),
      form('@@%', parameter),
      form('[%]', list0),
      form('{%}', list(element, { minLength: 0 })),
      form('%(%)', called, list0),
      form('% %', fc.constantFrom('!', 'NOT', '+', '-'), inner),
      form('% % %', inner, infix, inner),
      form('% ? % : %', inner, inner, inner),
      form('% ?: %', inner, inner),
      form('(%)', inner),
      form('(%)%', inner, access),
      form('%%%', name, access, access),
      form('(%)', tie('query')),
      form('%(%)', called, tie('query')),
    ),
    target: fc.oneof(
      { depthSize: 'small' },
      name,
      form('[%, , %]', tie('target'), tie('target')),
      form('{ %, %: % }', name, name, tie('target')),
    ),
    query: fc.oneof(
      form('RETURN %', inner),
      form('% RETURN %', statement, inner),
      form('% % RETURN %', statement, statement, inner),
      modification,
    ),
  };
});

function treeOf({ query: tree }: { readonly query: Query }): unknown {
  return JSON.parse(JSON.stringify(tree, (key, value: unknown) => (key === 'at' ? undefined : value)));
}

test('a query prints to what parses to the same tree', () => {
  const numRuns = tries({ quick: 600, thorough: 3000 });
  let parsed = 0;
  const runs = fc.property(query, (text) => {
    let tree;
    try {
      tree = parseQuery(text);
    } catch {
      return; // That is the parser's own test.
    }
    parsed++;
    assert.deepEqual(treeOf(parseQuery(printQuery(tree.query))), treeOf(tree));
  });
  fc.assert(runs, { numRuns });
  assert.ok(parsed > numRuns / 2, `${parsed} of ${numRuns} queries parsed`);
});

test('values and names are written as in EXPLAIN', () => {
  assert.equal(printValue([1, 'a"b', { a: null, 'b c': [] }, {}]), '[ 1, "a\\"b", { "a" : null, "b c" : [ ] }, { } ]');
  assert.equal(quoteName('a`b\\c'), '`a\\`b\\\\c`');
});
