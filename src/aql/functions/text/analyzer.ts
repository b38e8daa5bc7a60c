/**
 * Analyzers: what makes tokens of a text. ArangoDB's built-in ones, and those of its types that users define which need no more than the
 * text itself. Stemmers are Snowball's, words are parted by ICU.
 */
import { lazily, requirePackage } from '#base';
import { isArray, isObject, type Value, type ValueObject } from '#values';
import { LeastRecentlyUsed } from './least-recently-used.ts';

/** `type` and `properties`, as `POST /_api/analyzer` takes them. */
export interface AnalyzerDefinition {
  readonly type: string;
  readonly properties: ValueObject;
}

type Analyze = (text: string) => readonly string[];

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
      return (text) => (delimiter === '' ? [text] : text.split(delimiter));
    }
    case 'multi_delimiter': {
      const delimiters = textsOf(properties['delimiters']).filter((each) => each !== '');
      return (text) => delimiters.reduce<readonly string[]>((parts, each) => parts.flatMap((part) => part.split(each)), [text]);
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
      const words = textsOf(properties['stopwords']).map((word) =>
        properties['hex'] === true ? Buffer.from(word, 'hex').toString() : word,
      );
      return (text) => (words.includes(text) ? [] : [text]);
    }
    case 'segmentation': {
      const normalize = normalizer({ accent: true, case: 'lower', ...properties });
      const wanted = textOf(properties['break']) || 'alpha';
      return (text) => segments('und', text, wanted).map(normalize);
    }
    case 'pipeline':
      return pipeline(properties['pipeline'] ?? null);
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

function pipeline(steps: Value): Analyze | undefined {
  const analyzers = isArray(steps)
    ? steps.map((step) => {
        const { type = null, properties = null } = isObject(step) ? step : {};
        return prepare({ type: textOf(type), properties: isObject(properties) ? properties : {} });
      })
    : [undefined];
  if (!analyzers.every((each) => each !== undefined)) return undefined;
  return (text) => analyzers.reduce<readonly string[]>((tokens, analyze) => tokens.flatMap((token) => analyze(token)), [text]);
}

/** Accents are kept if `accent` is true; `case` is none, lower or upper. */
function normalizer(properties: ValueObject): (text: string) => string {
  const locale = textOf(properties['locale']).replace(/[_.].*$/, '') || 'und';
  return (text) => {
    const cased =
      properties['case'] === 'lower'
        ? text.toLocaleLowerCase(locale)
        : properties['case'] === 'upper'
          ? text.toLocaleUpperCase(locale)
          : text;
    return properties['accent'] === true
      ? cased
      : cased
          .normalize('NFD')
          .replace(/\p{Mn}/gu, '')
          .normalize('NFC');
  };
}

function stemmer(locale: string): (word: string) => string {
  const language = LANGUAGES[locale.slice(0, 2)];
  if (language === undefined) return (word) => word;
  const load = lazily(() => requirePackage(`@orama/stemmers/${language}`) as typeof import('@orama/stemmers/english'));
  return (word) => load().stemmer(word);
}

function textAnalyzer(properties: ValueObject): Analyze {
  const locale = textOf(properties['locale']);
  const normalize = normalizer({ accent: false, case: 'lower', ...properties });
  const stopwords = new Set(textsOf(properties['stopwords']));
  const stem = properties['stemming'] === false ? (word: string): string => word : stemmer(locale);
  const { edgeNgram = null } = properties;
  return (text) => {
    const words = segments(locale.slice(0, 2), text, 'alpha').map(normalize);
    const stems = words.filter((word) => !stopwords.has(word)).map(stem);
    return isObject(edgeNgram) ? stems.flatMap((word) => edgeNgrams(word, edgeNgram)) : stems;
  };
}

const segmenters = new LeastRecentlyUsed<string, Intl.Segmenter>(20);

/** The words of a text; with `graphic` all that can be seen, with `all` everything. */
function segments(locale: string, text: string, wanted: string): string[] {
  const segmenter = segmenters.get(locale, () => new Intl.Segmenter(locale, { granularity: 'word' }));
  const isWanted = ({ segment, isWordLike }: Intl.SegmentData): boolean =>
    wanted === 'all' || isWordLike === true || (wanted === 'graphic' && segment.trim() !== '');
  return Array.from(segmenter.segment(text))
    .filter(isWanted)
    .map(({ segment }) => segment);
}

function numberOf(value: Value | undefined, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}

function edgeNgrams(word: string, properties: ValueObject): string[] {
  const characters = Array.from(word);
  const most = Math.min(numberOf(properties['max'], characters.length), characters.length);
  const grams: string[] = [];
  for (let length = numberOf(properties['min'], 1); length <= most; length++) grams.push(characters.slice(0, length).join(''));
  return properties['preserveOriginal'] === true && grams.at(-1) !== word ? [...grams, word] : grams;
}

/** From each place the short ones first; the marked begin and end are tokens of their own. */
function ngrams(text: string, properties: ValueObject): string[] {
  const characters = Array.from(text);
  const [min, max] = [numberOf(properties['min'], 2), numberOf(properties['max'], 3)];
  const [startMarker, endMarker] = [textOf(properties['startMarker']), textOf(properties['endMarker'])];
  const grams: string[] = [];
  for (let start = 0; start < characters.length; start++) {
    for (let length = min; length <= max && start + length <= characters.length; length++) {
      const gram = characters.slice(start, start + length).join('');
      grams.push((start === 0 ? startMarker : '') + gram + (start + length === characters.length ? endMarker : ''));
    }
    if (start === 0 && properties['preserveOriginal'] === true && (characters.length < min || characters.length > max)) grams.push(text);
  }
  return grams;
}
