/**
 * Analyzers: what makes tokens of a text. ArangoDB's built-in ones, and those of its types that users define which need no more than the
 * text itself. Stemmers are Snowball's, words are parted by ICU.
 */
import { lazily, requirePackage } from '#base';
import { isArray, isObject, toBool, toNumber, toText, type Value, type ValueObject } from '#values';
import { city64 } from '../hash/city64.ts';
import { edgeNgrams, ngrams, wildcardGrams } from './grams.ts';
import { LeastRecentlyUsed } from './least-recently-used.ts';
import { segments, splitAtAny, splitQuoted, words } from './split.ts';

/** `type` and `properties`, as `POST /_api/analyzer` takes them. */
export interface AnalyzerDefinition {
  readonly type: string;
  readonly properties: ValueObject;
}

/** Analyzers of the type `aql` may say that they make numbers or booleans. */
export type Token = string | number | boolean;

/** Gives the results of a query that reads no documents. */
type Calculate = (query: string, bindVars: ValueObject) => readonly Value[];

type Analyze = (text: string, calculate: Calculate) => readonly Token[];

const LANGUAGES: Readonly<Record<string, string>> = {
  de: 'german',
  en: 'english',
  es: 'spanish',
  fi: 'finnish',
  fr: 'french',
  it: 'italian',
  nl: 'dutch',
  no: 'norwegian',
  pt: 'portuguese',
  ru: 'russian',
  sv: 'swedish',
};

/** More languages that have a stemmer. */
const MORE_LANGUAGES: Readonly<Record<string, string>> = {
  ar: 'arabic',
  da: 'danish',
  el: 'greek',
  ga: 'irish',
  hi: 'indian',
  hu: 'hungarian',
  hy: 'armenian',
  id: 'indonesian',
  lt: 'lithuanian',
  ne: 'nepali',
  ro: 'romanian',
  sr: 'serbian',
  ta: 'tamil',
  tr: 'turkish',
};

/** The analyzer that ArangoDB has under a name from the beginning. */
export function builtInAnalyzer(name: string): AnalyzerDefinition | undefined {
  if (name === 'identity') return { type: 'identity', properties: {} };
  const language = /^text_([a-z]{2})$/.exec(name)?.[1] ?? '';
  return language in LANGUAGES || language === 'zh' ? { type: 'text', properties: { locale: language, stopwords: [] } } : undefined;
}

const prepared = new LeastRecentlyUsed<string, { readonly analyze: Analyze | undefined }>(100);

/** Undefined when analyzers of that type cannot be used here. */
export function prepareAnalyzer(definition: AnalyzerDefinition): Analyze | undefined {
  return prepared.get(JSON.stringify(definition), () => ({ analyze: prepare(definition) })).analyze;
}

function prepare({ type, properties }: AnalyzerDefinition): Analyze | undefined {
  switch (type) {
    case 'identity':
      return (text) => [text];
    case 'delimiter': {
      const delimiter = textOf(properties['delimiter']);
      return (text) => splitQuoted(text, delimiter);
    }
    case 'multi_delimiter': {
      const delimiters = textsOf(properties['delimiters']);
      return (text) => splitAtAny(text, delimiters);
    }
    case 'stem': {
      const stem = stemmer(textOf(properties['locale']));
      return (text) => [stem(text)];
    }
    case 'norm': {
      const normalize = normalizer({ accent: true, case: 'none', ...properties });
      return (text) => [normalize(text)];
    }
    case 'ngram':
      return (text) => ngrams(text, properties);
    case 'text':
      return textAnalyzer(properties);
    case 'stopwords': {
      const stopwords = textsOf(properties['stopwords']).map((word) =>
        properties['hex'] === true ? Buffer.from(word, 'hex').toString() : word,
      );
      return (text) => (stopwords.includes(text) ? [] : [text]);
    }
    case 'segmentation': {
      const normalize = normalizer({ case: 'lower', ...properties, accent: true });
      const wanted = textOf(properties['break']) || 'alpha';
      return (text) => segments(text, wanted).map(normalize);
    }
    case 'aql':
      return aqlAnalyzer(properties);
    case 'wildcard': {
      const size = toNumber(properties['ngramSize'] ?? null);
      return then(inner(properties), (text) => wildcardGrams(text, size));
    }
    case 'minhash': {
      const analyze = inner(properties);
      const size = toNumber(properties['numHashes'] ?? null);
      return analyze && ((text, calculate) => signature(analyze(text, calculate), size));
    }
    case 'pipeline': {
      const { pipeline = null } = properties;
      const steps = isArray(pipeline) ? pipeline.map(definitionOf) : [];
      return steps.map(prepare).reduce<Analyze | undefined>(then, (text) => [text]);
    }
    default:
      return undefined;
  }
}

function textOf(value: Value | undefined): string {
  return typeof value === 'string' ? value : '';
}

function textsOf(value: Value | undefined): readonly string[] {
  return value !== undefined && isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function definitionOf(step: Value): AnalyzerDefinition {
  const { type = null, properties = null } = isObject(step) ? step : {};
  return { type: textOf(type), properties: isObject(properties) ? properties : {} };
}

/** What is done to a text before, if the properties name an analyzer for that. */
function inner({ analyzer = null }: ValueObject): Analyze | undefined {
  return prepare(isObject(analyzer) ? definitionOf(analyzer) : { type: 'identity', properties: {} });
}

/** One after the other: the second gets each token of the first. */
function then(first: Analyze | undefined, second: Analyze | undefined): Analyze | undefined {
  if (first === undefined || second === undefined) return undefined;
  return (text, calculate) => first(text, calculate).flatMap((token) => second(String(token), calculate));
}

/** Accents are kept if `accent` is true; `case` is none, lower or upper. */
function normalizer(properties: ValueObject): (text: string) => string {
  const locale = localeOf(textOf(properties['locale']));
  return (text) => {
    const plain =
      properties['accent'] === true
        ? text
        : text
            .normalize('NFD')
            .replace(/\p{Mn}/gu, '')
            .normalize('NFC');
    if (properties['case'] === 'lower') return plain.toLocaleLowerCase(locale);
    return properties['case'] === 'upper' ? plain.toLocaleUpperCase(locale) : plain;
  };
}

/** The language; ICU takes any text for one, JavaScript does not. */
function localeOf(locale: string): string {
  return /^[a-z]{2,3}(?=$|[_.-])/i.exec(locale)?.[0] ?? 'und';
}

function stemmer(locale: string): (word: string) => string {
  const code = localeOf(locale).toLowerCase();
  const language = LANGUAGES[code] ?? MORE_LANGUAGES[code];
  if (language === undefined) return (word) => word;
  const load = lazily(() => requirePackage(`@orama/stemmers/${language}`) as typeof import('@orama/stemmers/english'));
  return (word) => load().stemmer(word);
}

function textAnalyzer(properties: ValueObject): Analyze {
  const locale = localeOf(textOf(properties['locale']));
  const normalize = normalizer({ accent: false, case: 'lower', ...properties });
  const stopwords = new Set(textsOf(properties['stopwords']));
  const stem = properties['stemming'] === false ? (word: string): string => word : stemmer(locale);
  const { edgeNgram = null } = properties;
  return (text) => {
    const normalized = words(locale, text).map(normalize);
    const stems = normalized.filter((word) => !stopwords.has(word)).map(stem);
    return isObject(edgeNgram) ? stems.flatMap((word) => edgeNgrams(word, edgeNgram)) : stems;
  };
}

/** The query's results, each as the type that is wanted. */
function aqlAnalyzer({ queryString, keepNull, returnType }: ValueObject): Analyze {
  const cast: (value: Value) => Token = returnType === 'number' ? toNumber : returnType === 'bool' ? toBool : toText;
  return (text, calculate) => {
    const results = calculate(textOf(queryString), { param: text });
    return (keepNull === false ? results.filter((each) => each !== null) : results).map(cast);
  };
}

/** The smallest hashes of the tokens, so many of them at most. */
function signature(tokens: readonly Token[], size: number): string[] {
  const hashes = new Set(tokens.map((token) => city64(Buffer.from(String(token)))));
  const smallest = [...hashes].toSorted((one, other) => (one < other ? -1 : 1)).slice(0, size);
  return smallest.map((hash) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(hash);
    return bytes.toString('base64').replace(/=+$/, '');
  });
}
