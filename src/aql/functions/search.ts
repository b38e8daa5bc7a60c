/**
 * Functions of full-text search. Those that need nothing but their arguments work everywhere; the rest has a meaning only for a view or
 * an index that a query searches, and is an error elsewhere.
 */
import { ArangoError } from '#base';
import { isArray, isObject, type Value } from '#values';
import type { FunctionContext } from './context.ts';
import { define, optional, rest, value, warn, type AqlFunction } from './define.ts';
import { builtInAnalyzer, prepareAnalyzer, type Token } from './text/analyzer.ts';

export const TOKENS = define({
  name: 'TOKENS',
  summary: 'What an analyzer makes of a string, or of each string of an array, however deep: an array of tokens.',
  params: [value('input'), optional(value('analyzer'), 'identity')],
  canThrow: true,
  examples: [
    ['TOKENS("Lörem ipsüm, DOLOR SIT Ämet.", "text_de")', ['lor', 'ipsum', 'dolor', 'sit', 'amet']],
    ['TOKENS(["quick brown", ["foxes"]], "text_en")', [['quick', 'brown'], [['fox']]]],
    ['TOKENS("quick brown")', ['quick brown']],
    ['TOKENS(1)', ['oL/wAAAAAAAA', 'sL/wAAAAAA==', 'wL/wAAA=', '0L/w']],
    ['TOKENS([true, null, []])', [['/w=='], [''], [[]]]],
  ],
  call: (input, analyzer, context) => {
    if (typeof analyzer !== 'string')
      throw unfitting("invalid analyzer name argument type while computing result for function 'TOKENS', string expected");
    const analyze = findAnalyzer('TOKENS', analyzer, context);
    return tokensOf(input, analyze);
  },
});

const NGRAM_THRESHOLD = 0.7;

export const NGRAM_MATCH = define({
  name: 'NGRAM_MATCH',
  summary: "Whether at least `threshold` of the target's tokens are in the text, in the same order; an ngram analyzer makes them.",
  params: [value('path'), value('target'), optional(value('thresholdOrAnalyzer')), optional(value('analyzer'))],
  examples: [
    ['NGRAM_MATCH("quick fox", "quick", 0.5, "identity")', false],
    ['NGRAM_MATCH("the quick brown fox", "quick fox", 1, "text_en")', true],
    ['NGRAM_MATCH("the quick brown fox", "fox quick", 1, "text_en")', false],
    ['NGRAM_MATCH("quick", 1, "identity")', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (given, target, third, fourth, context) => {
    const [threshold, analyzer] = fourth === undefined ? [NGRAM_THRESHOLD, third ?? null] : [third ?? null, fourth];
    if (typeof given !== 'string' || typeof target !== 'string' || typeof threshold !== 'number') return warn(context, 'NGRAM_MATCH');
    if (threshold <= 0 || threshold > 1) return warn(context, 'NGRAM_MATCH', 'ERROR_BAD_PARAMETER', 'Threshold must be between 0 and 1');
    if (typeof analyzer !== 'string') return warn(context, 'NGRAM_MATCH');
    const analyze = findAnalyzer('NGRAM_MATCH', analyzer, context);
    const wanted = analyze(target);
    return wanted.length > 0 && longestCommon(analyze(given), wanted) >= Math.ceil(wanted.length * threshold);
  },
});

/** A function that a view or an index gives its meaning. */
function inSearchOnly(name: string, summary: string, least: number, most: number): AqlFunction {
  const names = ['path', 'second', 'third', 'fourth'];
  const params =
    most === Infinity
      ? [rest(value('arguments'), least)]
      : names.slice(0, most).map((each, i) => (i < least ? value(each) : optional(value(each))));
  return define({
    name,
    summary,
    params,
    canThrow: true,
    foldable: false,
    examples: [],
    call: () => {
      throw new ArangoError('ERROR_NOT_IMPLEMENTED', `${name}() works only where a view or an index is searched`);
    },
  });
}

export const ANALYZER = inSearchOnly('ANALYZER', 'Sets the analyzer for a search expression.', 2, 2);
export const BOOST = inSearchOnly('BOOST', 'Makes a search expression count more or less in scores.', 2, 2);
export const EXISTS = inSearchOnly('EXISTS', 'Whether a document of a view has an attribute, of a type or by an analyzer.', 1, 3);
export const PHRASE = inSearchOnly('PHRASE', 'Whether tokens follow each other in an attribute of a view.', 2, Infinity);
export const MINHASH_MATCH = inSearchOnly('MINHASH_MATCH', 'Whether an attribute of a view is alike by its minhash signature.', 3, 4);
export const BM25 = inSearchOnly('BM25', 'The score of a document of a view by Okapi BM25.', 1, 3);
export const TFIDF = inSearchOnly('TFIDF', 'The score of a document of a view by term frequency and inverse document frequency.', 1, 2);
export const OFFSET_INFO = inSearchOnly('OFFSET_INFO', 'Where a search matched in the attributes of a document.', 2, 2);
export const APPROX_NEAR_COSINE = inSearchOnly('APPROX_NEAR_COSINE', 'The cosine similarity, by a vector index.', 2, 3);
export const APPROX_NEAR_INNER_PRODUCT = inSearchOnly('APPROX_NEAR_INNER_PRODUCT', 'The dot product, by a vector index.', 2, 3);
export const APPROX_NEAR_L2 = inSearchOnly('APPROX_NEAR_L2', 'The Euclidean distance, by a vector index.', 2, 3);

/** What is no text has the tokens that an index would have for it, as base64. */
function tokensOf(input: Value, analyze: (text: string) => readonly Token[]): readonly Value[] {
  if (typeof input === 'string') return analyze(input).map((token) => (typeof token === 'string' ? token : primitiveTokens(token)));
  if (isArray(input)) return input.length === 0 ? [[]] : input.map((each) => tokensOf(each, analyze));
  if (isObject(input))
    throw new ArangoError('ERROR_BAD_PARAMETER', {
      message: "unexpected parameter type 'object' while computing result for function 'TOKENS'",
    });
  return input === null ? [''] : primitiveTokens(input);
}

/** Of a number first the whole, then what is left when two bytes more are cut off: coarser and coarser. */
function primitiveTokens(given: number | boolean): readonly string[] {
  if (typeof given === 'boolean') return [Buffer.of(given ? 0xff : 0).toString('base64')];
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(given);
  const ordered = (bytes[0] ?? 0) >= 0x80 ? bytes.map((byte) => ~byte) : Buffer.of((bytes[0] ?? 0) | 0x80, ...bytes.subarray(1));
  return [0, 16, 32, 48].map((shift) => Buffer.of(0xa0 + shift, ...ordered.subarray(0, 8 - shift / 8)).toString('base64'));
}

/** Throws 10 when there is no such analyzer, and 9 when it makes nothing that a query could show. */
function findAnalyzer(name: string, analyzer: string, context: FunctionContext): (text: string) => readonly Token[] {
  const definition = builtInAnalyzer(analyzer) ?? context.documents.analyzer(analyzer);
  if (definition === undefined) {
    const message = `failure to find arangosearch analyzer with name '${analyzer}' while computing result for function '${name}'`;
    throw new ArangoError('ERROR_BAD_PARAMETER', { message });
  }
  const analyze = prepareAnalyzer(definition);
  if (analyze !== undefined) return (text) => analyze(text, (query, bindVars) => context.documents.calculate(query, bindVars));
  throw new ArangoError('ERROR_NOT_IMPLEMENTED', `${name}() with an analyzer of the type '${definition.type}', which is for views`);
}

function unfitting(message: string): ArangoError {
  return new ArangoError('ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH', { message });
}

/** The length of the longest sequence of tokens that both have in the same order. */
function longestCommon(tokens: readonly Token[], wanted: readonly Token[]): number {
  const best = new Int32Array(tokens.length + 1);
  for (const token of wanted) {
    let diagonal = 0;
    for (let i = 1; i <= tokens.length; i++) {
      const above = best[i] ?? 0;
      best[i] = Math.max(best[i - 1] ?? 0, above, diagonal + (tokens[i - 1] === token ? 1 : 0));
      diagonal = above;
    }
  }
  return best[tokens.length] ?? 0;
}
