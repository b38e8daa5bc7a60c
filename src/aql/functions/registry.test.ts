import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { evaluate, testContext } from './constant-expression.suite.ts';
import { findFunction, FUNCTIONS } from './registry.ts';

/** What the examples of functions that read documents read, in the order in which searches find them here. */
const COLLECTIONS = {
  foxes: [{ _key: 'vixen', legs: 4 }],
  dens: [
    { _key: 'a', at: [0, 0] },
    { _key: 'b', at: [1, 1] },
    { _key: 'c', at: [50, 50] },
    { _key: 'd', at: null },
  ],
  tales: [
    { _key: 'a', text: 'A fox, hunted.' },
    { _key: 'b', text: 'A fox and a bear, hunted' },
    { _key: 'c', text: 'A hunter' },
  ],
};
const INDEXES = [
  { type: 'geo', fields: ['at'], geoJson: false },
  { type: 'fulltext', fields: ['text'] },
];

/** Functions that give nothing outside of a search. */
const SEARCH_ONLY: ReadonlySet<string> = new Set([
  'ANALYZER',
  'APPROX_NEAR_COSINE',
  'APPROX_NEAR_INNER_PRODUCT',
  'APPROX_NEAR_L2',
  'BM25',
  'BOOST',
  'EXISTS',
  'MINHASH_MATCH',
  'OFFSET_INFO',
  'PHRASE',
  'TFIDF',
]);

test('every example of every function comes out as written, with its warning', async (t) => {
  for (const { name, examples } of FUNCTIONS) {
    await t.test(name, () => {
      assert(examples.length > 0 || SEARCH_ONLY.has(name), 'a function has examples');
      for (const [expression, result, warning] of examples) {
        const context = testContext(COLLECTIONS, INDEXES);
        assert.deepEqual(evaluate(`RETURN ${expression}`, {}, context), [result], expression);
        assert.deepEqual(
          context.warnings.map(([error]) => error),
          warning === undefined ? [] : [warning],
          expression,
        );
      }
    });
  }
});

const golden = '../shared/golden/functions.json';
const options = { skip: existsSync(golden) ? false : `${golden} is missing, and with it the recorded functions` };

interface RecordedFunction {
  readonly name: string;
  readonly min: number;
  readonly max: number | null;
  readonly aliasOf?: string;
}

/** Gone since ArangoDB 3.12. */
const REMOVED: ReadonlySet<string> = new Set(['PREGEL_RESULT']);

/** How many arguments each function takes, by all its names. */
function argumentCounts(functions: readonly (readonly [name: string, least: number, most: number])[]): Record<string, string> {
  return Object.fromEntries(functions.map(([name, least, most]) => [name, `${least} to ${most}`]));
}

test('the functions are those of ArangoDB, by name, alias and number of arguments', options, () => {
  const recorded = (JSON.parse(readFileSync(golden, 'utf8')) as RecordedFunction[]).filter(({ name }) => !REMOVED.has(name));
  assert.deepEqual(
    argumentCounts(
      FUNCTIONS.flatMap(({ name, aliases, minArguments, maxArguments }) =>
        [name, ...aliases].map((each) => [each, minArguments, maxArguments] as const),
      ),
    ),
    argumentCounts(recorded.map(({ name, min, max }) => [name, min, max ?? Infinity])),
  );
  for (const { name, aliasOf } of recorded) if (aliasOf !== undefined) assert.equal(findFunction(name)?.name, aliasOf);
});

test('functions are found in any case', () => {
  assert.equal(findFunction('Length')?.name, 'LENGTH');
  assert.equal(findFunction('fox::den'), undefined);
});
