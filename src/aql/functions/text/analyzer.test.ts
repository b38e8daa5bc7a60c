import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ValueObject } from '#values';
import { normalizeProperties } from './analyzer-properties.ts';
import { builtInAnalyzer, prepareAnalyzer } from './analyzer.ts';

const CASES: readonly (readonly [type: string, properties: ValueObject, text: string, tokens: readonly unknown[]])[] = [
  ['identity', {}, 'Quick Fox', ['Quick Fox']],
  ['delimiter', { delimiter: ',' }, 'a,b,,c', ['a', 'b', '', 'c']],
  ['delimiter', { delimiter: ',' }, 'a,"b,c","d ""e"""', ['a', 'b,c', 'd "e"']],
  ['delimiter', { delimiter: ',' }, 'a,"b', ['a', '"b']],
  ['delimiter', { delimiter: '' }, 'fox', ['f', 'o', 'x']],
  ['multi_delimiter', { delimiters: [',', ';', '||'] }, 'a,b;;c||d|e', ['a', 'b', 'c', 'd|e']],
  ['stem', { locale: 'en' }, 'databases', ['databas']],
  ['stem', { locale: 'da' }, 'databaserne', ['databas']],
  ['stem', { locale: 'xx' }, 'databases', ['databases']],
  ['norm', { locale: 'de', case: 'upper', accent: false }, 'Dänisch', ['DANISCH']],
  ['norm', {}, 'Dänisch', ['Dänisch']],
  ['ngram', { min: 2, max: 3 }, 'fox', ['fo', 'fox', 'ox']],
  ['ngram', { min: 2, max: 2, preserveOriginal: true, startMarker: '^', endMarker: '$' }, 'fox', ['^fo', '^fox', 'fox$', 'ox$']],
  ['ngram', { min: 4, max: 5, preserveOriginal: true }, 'foxes', ['foxe', 'foxes', 'oxes']],
  ['ngram', { min: 4, max: 5 }, 'fox', []],
  ['text', { locale: 'en', stopwords: ['the'] }, 'The quick foxes jumped', ['quick', 'fox', 'jump']],
  ['text', { locale: 'en', stemming: false, case: 'none' }, 'Quick foxes', ['Quick', 'foxes']],
  ['text', { locale: 'en', stemming: false, edgeNgram: { min: 2, max: 3, preserveOriginal: true } }, 'quick', ['qu', 'qui', 'quick']],
  ['text', { locale: 'no such locale', stemming: false }, 'Quick Fox', ['quick', 'fox']],
  ['stopwords', { stopwords: ['666f78'], hex: true }, 'fox', []],
  ['segmentation', { break: 'graphic' }, 'Fox & den\u2028\n', ['fox', '&', 'den', '\n']],
  ['segmentation', { break: 'all', case: 'none' }, 'A b', ['A', ' ', 'b']],
  ['segmentation', {}, '蝴蝶 x@y.zz', ['蝴', '蝶', 'x', 'y.zz']],
  ['wildcard', { ngramSize: 3 }, 'fox', ['\uFFFDfo', 'fox', 'ox\uFFFD', 'x\uFFFD']],
  ['wildcard', { ngramSize: 2, analyzer: { type: 'norm', properties: { case: 'upper' } } }, 'a', ['\uFFFDA', 'A\uFFFD']],
  ['minhash', { numHashes: 1, analyzer: { type: 'segmentation' } }, 'fox Fox', ['3uH3wNC/ULQ']],
  ['aql', { queryString: 'RETURN [@param, null]', keepNull: false }, 'fox', ['["fox",null]']],
  ['aql', { queryString: 'RETURN [@param, null]', returnType: 'bool' }, 'fox', [true]],
  [
    'pipeline',
    {
      pipeline: [
        { type: 'delimiter', properties: { delimiter: '-' } },
        { type: 'norm', properties: { case: 'lower' } },
      ],
    },
    'A-B',
    ['a', 'b'],
  ],
];

/** Stands for the query of an analyzer. */
const calculate = (_query: string, { param = null }: ValueObject): ValueObject[string][] => [[param, null]];

test('analyzers of each type make their tokens', () => {
  for (const [type, properties, text, tokens] of CASES) {
    assert.deepEqual(prepareAnalyzer({ type, properties })?.(text, calculate), tokens, `${type} ${JSON.stringify(properties)}`);
  }
});

test('there are built-in analyzers for twelve languages', () => {
  const names = ['de', 'en', 'es', 'fi', 'fr', 'it', 'nl', 'no', 'pt', 'ru', 'sv', 'zh'].map((language) => `text_${language}`);
  for (const name of ['identity', ...names]) {
    const definition = builtInAnalyzer(name);
    assert(definition !== undefined, name);
    assert(prepareAnalyzer(definition)?.('quick 快速', calculate)?.length !== 0, name);
  }
  assert.equal(builtInAnalyzer('text_xx'), undefined);
});

test('what needs more than the text cannot be used', () => {
  assert.equal(prepareAnalyzer({ type: 'geojson', properties: {} }), undefined);
  assert.equal(prepareAnalyzer({ type: 'pipeline', properties: { pipeline: [{ type: 'geojson' }] } }), undefined);
});

test('properties get the defaults of their type, and wrong ones are refused', () => {
  const kept: readonly (readonly [type: string, given: ValueObject, kept: ValueObject | undefined])[] = [
    ['identity', { a: 1 }, {}],
    ['delimiter', {}, undefined],
    ['multi_delimiter', { delimiters: ['a', 'ab'] }, undefined],
    ['stem', { locale: 'en_US.utf-8' }, { locale: 'en' }],
    ['norm', { locale: 'en_us.utf-8' }, { locale: 'en_US', case: 'none', accent: true }],
    ['text', { locale: 'en', case: 'big' }, undefined],
    ['text', { locale: 'en', stopwords: [] }, { locale: 'en', case: 'lower', stopwords: [], accent: false, stemming: true }],
    [
      'ngram',
      { min: 0, max: 2, preserveOriginal: false },
      { min: 1, max: 2, preserveOriginal: false, streamType: 'binary', startMarker: '', endMarker: '' },
    ],
    ['stopwords', { stopwords: ['x'], hex: true }, undefined],
    ['segmentation', {}, { case: 'lower', break: 'alpha' }],
    ['aql', { queryString: 'FOR d IN docs RETURN d' }, undefined],
    ['aql', { queryString: 'RETURN TOKENS(@param)' }, undefined],
    ['aql', { queryString: 'RETURN' }, undefined],
    [
      'aql',
      { queryString: "FOR d IN SPLIT(@param, '-') RETURN d" },
      {
        queryString: "FOR d IN SPLIT(@param, '-') RETURN d",
        collapsePositions: false,
        keepNull: true,
        batchSize: 1,
        memoryLimit: 1_048_576,
        returnType: 'string',
      },
    ],
    ['pipeline', { pipeline: [{ type: 'geojson', properties: {} }] }, undefined],
    [
      'minhash',
      { numHashes: 2, analyzer: { type: 'segmentation' } },
      { analyzer: { type: 'segmentation', properties: { case: 'lower', break: 'alpha' } }, numHashes: 2 },
    ],
    ['wildcard', { ngramSize: 1 }, undefined],
    ['geopoint', {}, { latitude: [], longitude: [], options: { maxCells: 20, minLevel: 4, maxLevel: 23 } }],
    ['magic', {}, undefined],
  ];
  for (const [type, given, wanted] of kept) assert.deepEqual(normalizeProperties(type, given), wanted, `${type} ${JSON.stringify(given)}`);
});
