/** What ArangoDB keeps of the properties of an analyzer: those of its type, with their defaults. */
import { isArray, isObject, type Value, type ValueObject } from '#values';
import { isComputation } from '../../calculation.ts';

/** Undefined: they are refused. */
type Normalize = (properties: ValueObject) => ValueObject | undefined;

/** Undefined for a type that there is not, and for properties that it does not take. */
export function normalizeProperties(type: string, properties: ValueObject): ValueObject | undefined {
  return Object.hasOwn(TYPES, type) ? TYPES[type]?.(properties) : undefined;
}

export const isAnalyzerType = (type: string): boolean => Object.hasOwn(TYPES, type);

const CASES = ['lower', 'upper', 'none'];

const GEO_DEFAULTS = { maxCells: 20, minLevel: 4, maxLevel: 23 };

const TYPES: Readonly<Record<string, Normalize>> = {
  identity: () => ({}),

  delimiter: ({ delimiter }) => (isText(delimiter) ? { delimiter } : undefined),

  multi_delimiter: ({ delimiters }) => (isTexts(delimiters) && !hasPrefixes(delimiters) ? { delimiters } : undefined),

  stem: ({ locale }) => (isText(locale) ? { locale: language(locale) } : undefined),

  norm: ({ locale, case: cased = 'none', accent = true }) =>
    isText(locale) && isCase(cased) && isBool(accent) ? { locale: canonical(locale), case: cased, accent } : undefined,

  ngram: ({ min, max, preserveOriginal, streamType = 'binary', startMarker = '', endMarker = '' }) => {
    if (!isSize(min) || !isSize(max) || !isBool(preserveOriginal) || !isText(startMarker) || !isText(endMarker)) return undefined;
    if (streamType !== 'binary' && streamType !== 'utf8') return undefined;
    const least = Math.max(min, 1);
    return { min: least, max: Math.max(max, least), preserveOriginal, streamType, startMarker, endMarker };
  },

  text: ({ locale, case: cased = 'lower', stopwords, stopwordsPath, accent = false, stemming = true, edgeNgram }) => {
    if (!isText(locale) || !isCase(cased) || !isBool(accent) || !isBool(stemming)) return undefined;
    if ((stopwords !== undefined && !isTexts(stopwords)) || (stopwordsPath !== undefined && !isText(stopwordsPath))) return undefined;
    if (edgeNgram !== undefined && !isEdgeNgram(edgeNgram)) return undefined;
    return {
      locale: canonical(locale),
      case: cased,
      ...(stopwords === undefined ? {} : { stopwords }),
      ...(stopwordsPath === undefined ? {} : { stopwordsPath }),
      accent,
      stemming,
      ...(edgeNgram === undefined ? {} : { edgeNgram }),
    };
  },

  collation: ({ locale }) => (isText(locale) ? { locale: canonical(locale) } : undefined),

  stopwords: ({ stopwords, hex = false }) => {
    if (!isTexts(stopwords) || !isBool(hex)) return undefined;
    return hex && !stopwords.every((word) => /^(?:[\da-f]{2})*$/i.test(word)) ? undefined : { stopwords, hex };
  },

  segmentation: ({ case: cased = 'lower', break: wanted = 'alpha' }) =>
    isCase(cased) && ['all', 'alpha', 'graphic'].includes(wanted as string) ? { case: cased, break: wanted } : undefined,

  aql: ({ queryString, collapsePositions = false, keepNull = true, batchSize = 1, memoryLimit = 1_048_576, returnType = 'string' }) => {
    if (!isText(queryString) || !isBool(collapsePositions) || !isBool(keepNull)) return undefined;
    if (!isSize(batchSize) || batchSize < 1 || batchSize > 1000) return undefined;
    if (!isSize(memoryLimit) || memoryLimit < 1 || memoryLimit > 33_554_432) return undefined;
    if (!['string', 'number', 'bool'].includes(returnType as string)) return undefined;
    if (!isComputation(queryString)) return undefined;
    return { queryString, collapsePositions, keepNull, batchSize, memoryLimit, returnType };
  },

  pipeline: ({ pipeline = null }) => {
    if (!isArray(pipeline)) return undefined;
    const steps = pipeline.map(normalizeStep);
    return steps.every((step) => step !== undefined) ? { pipeline: steps } : undefined;
  },

  wildcard: ({ ngramSize, analyzer }) => {
    if (!isSize(ngramSize) || ngramSize < 2) return undefined;
    if (analyzer === undefined) return { ngramSize };
    const step = normalizeStep(analyzer);
    return step && { ngramSize, analyzer: step };
  },

  minhash: ({ numHashes, analyzer = null }) => {
    const step = normalizeStep(analyzer);
    return isSize(numHashes) && numHashes >= 1 && step ? { analyzer: step, numHashes } : undefined;
  },

  classification: ({ model_location, top_k = 1, threshold = 0.99 }) =>
    isText(model_location) ? { model_location, top_k, threshold } : undefined,

  nearest_neighbors: ({ model_location, top_k = 1 }) => (isText(model_location) ? { model_location, top_k } : undefined),

  geojson: ({ type = 'shape', options, legacy = false }) => {
    const full = geoOptions(options);
    return isShape(type) && isBool(legacy) && full ? { type, options: full, legacy } : undefined;
  },

  geo_s2: ({ format = 'latLngDouble', type = 'shape', options }) => {
    const full = geoOptions(options);
    return ['latLngDouble', 'latLngInt', 's2Point'].includes(format as string) && isShape(type) && full
      ? { format, type, options: full }
      : undefined;
  },

  geopoint: ({ latitude = [], longitude = [], options }) => {
    const full = geoOptions(options);
    const isPair = isTexts(latitude) && isTexts(longitude) && (latitude.length === 0) === (longitude.length === 0);
    return isPair && full ? { latitude, longitude, options: full } : undefined;
  },
};

/** Those of places are not for the steps of others. */
function normalizeStep(step: Value): ValueObject | undefined {
  const { type = null, properties = {} } = isObject(step) ? step : {};
  if (!isText(type) || !isObject(properties) || /^geo|^wildcard$/.test(type)) return undefined;
  const normalized = normalizeProperties(type, properties);
  return normalized && { type, properties: normalized };
}

const isText = (value: Value | undefined): value is string => typeof value === 'string';
const isBool = (value: Value | undefined): value is boolean => typeof value === 'boolean';
const isSize = (value: Value | undefined): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0;
const isTexts = (value: Value | undefined): value is readonly string[] =>
  value !== undefined && isArray(value) && value.every((each) => typeof each === 'string');
const isCase = (value: Value): boolean => CASES.includes(value as string);
const isShape = (value: Value): boolean => ['shape', 'centroid', 'point'].includes(value as string);

function hasPrefixes(texts: readonly string[]): boolean {
  return texts.some((text, i) => texts.some((other, j) => i !== j && other.startsWith(text)));
}

function isEdgeNgram(value: Value): value is ValueObject {
  if (!isObject(value)) return false;
  const { min = 0, max = 0, preserveOriginal = false } = value;
  return isSize(min) && isSize(max) && isBool(preserveOriginal);
}

function geoOptions(options: Value = {}): ValueObject | undefined {
  if (!isObject(options)) return undefined;
  const { maxCells = GEO_DEFAULTS.maxCells, minLevel = GEO_DEFAULTS.minLevel, maxLevel = GEO_DEFAULTS.maxLevel } = options;
  const areLevels = isSize(minLevel) && isSize(maxLevel) && minLevel <= maxLevel && maxLevel <= 30;
  return isSize(maxCells) && areLevels ? { maxCells, minLevel, maxLevel } : undefined;
}

const language = (locale: string): string => /^[a-z]*/i.exec(locale)?.[0].toLowerCase() ?? '';

/** As ICU writes it: `en_us.utf-8` is `en_US`. */
function canonical(locale: string): string {
  const [name = ''] = locale.split('.');
  const [code = '', ...others] = name.replaceAll('-', '_').split('_');
  return [code.toLowerCase(), ...others.map((part) => part.toUpperCase())].join('_');
}
