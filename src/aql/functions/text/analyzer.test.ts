import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ValueObject } from '#values';
import { builtInAnalyzer, prepareAnalyzer } from './analyzer.ts';

const CASES: readonly (readonly [type: string, properties: ValueObject, text: string, tokens: readonly string[]])[] = [
  ['identity', {}, 'Quick Fox', ['Quick Fox']],
  ['delimiter', { delimiter: ',' }, 'a,b,,c', ['a', 'b', '', 'c']],
  ['multi_delimiter', { delimiters: [',', ';'] }, 'a,b;c', ['a', 'b', 'c']],
  ['stem', { locale: 'en' }, 'databases', ['databas']],
  ['norm', { locale: 'de', case: 'upper', accent: false }, 'Dänisch', ['DANISCH']],
  ['norm', {}, 'Dänisch', ['Dänisch']],
  ['ngram', { min: 2, max: 3 }, 'fox', ['fo', 'fox', 'ox']],
  ['ngram', { min: 2, max: 2, preserveOriginal: true, startMarker: '^', endMarker: '$' }, 'fox', ['^fo', 'fox', 'ox$']],
  ['text', { locale: 'en', stopwords: ['the'] }, 'The quick foxes jumped', ['quick', 'fox', 'jump']],
  ['text', { locale: 'en', stemming: false, case: 'none' }, 'Quick foxes', ['Quick', 'foxes']],
  ['text', { locale: 'en', stemming: false, edgeNgram: { min: 2, max: 3, preserveOriginal: true } }, 'quick', ['qu', 'qui', 'quick']],
  ['stopwords', { stopwords: ['666f78'], hex: true }, 'fox', []],
  ['segmentation', { break: 'graphic' }, 'Fox & den', ['fox', '&', 'den']],
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

test('analyzers of each type make their tokens', () => {
  for (const [type, properties, text, tokens] of CASES) {
    assert.deepEqual(prepareAnalyzer({ type, properties })?.(text), tokens, `${type} ${JSON.stringify(properties)}`);
  }
});

test('there are built-in analyzers for twelve languages', () => {
  const names = ['de', 'en', 'es', 'fi', 'fr', 'it', 'nl', 'no', 'pt', 'ru', 'sv', 'zh'].map((language) => `text_${language}`);
  for (const name of ['identity', ...names]) {
    const definition = builtInAnalyzer(name);
    assert(definition !== undefined, name);
    assert(prepareAnalyzer(definition)?.('quick 快速')?.length !== 0, name);
  }
  assert.equal(builtInAnalyzer('text_xx'), undefined);
});

test('what needs more than the text cannot be used', () => {
  assert.equal(prepareAnalyzer({ type: 'geojson', properties: {} }), undefined);
  assert.equal(prepareAnalyzer({ type: 'pipeline', properties: { pipeline: [{ type: 'geojson' }] } }), undefined);
});
