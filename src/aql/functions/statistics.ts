/** Functions on arrays of numbers (MIN and MAX on any values). Nulls count as not there. */
import { compareValues, isArray, type Value } from '#values';
import type { FunctionContext } from './context.ts';
import { define, list, numeral, optional, value, warn } from './define.ts';
import { Moments } from './moments.ts';

export const SUM = define({
  name: 'SUM',
  summary: 'The sum of the numbers in `numArray`; 0 when there are none, null when something else is among them.',
  params: [list('numArray')],
  examples: [
    ['SUM([1, null, 5])', 6],
    ['SUM([])', 0],
    ['SUM([1, "2"])', null],
    ['SUM(1)', null, 'ERROR_QUERY_ARRAY_EXPECTED'],
  ],
  call: (values) => reduce(values, 0, (sum, each) => sum + each),
});

export const PRODUCT = define({
  name: 'PRODUCT',
  summary: 'The product of the numbers in `numArray`; 1 when there are none, null when something else is among them.',
  params: [list('numArray')],
  examples: [
    ['PRODUCT([2, null, -5])', -10],
    ['PRODUCT([])', 1],
    ['PRODUCT([2, "2"])', null],
  ],
  call: (values) => reduce(values, 1, (product, each) => product * each),
});

export const AVERAGE = define({
  name: 'AVERAGE',
  aliases: ['AVG'],
  summary: 'The mean of the numbers in `numArray`; null when there are none.',
  params: [list('numArray')],
  examples: [
    ['AVERAGE([5, 2, null, 9, 2])', 4.5],
    ['AVERAGE([])', null],
    ['AVERAGE([1, "2"])', null, 'ERROR_QUERY_ARRAY_EXPECTED'],
  ],
  call: (values, context) => {
    const numbers = numbersOf(values);
    if (numbers === undefined) return warn(context, 'AVERAGE', 'ERROR_QUERY_ARRAY_EXPECTED');
    if (numbers.length === 0) return null;
    return finite(numbers.reduce((sum, each) => sum + each, 0) / numbers.length);
  },
});

export const MIN = define({
  name: 'MIN',
  summary: 'The least of the values in `anyArray`, of whatever types, but null; null when there is none.',
  params: [list('anyArray')],
  examples: [
    ['MIN([5, 9, -2, null, 1])', -2],
    ['MIN(["a", 1])', 1],
    ['MIN([null])', null],
  ],
  call: (values) => {
    let least: Value = null;
    for (const each of values) if (each !== null && (least === null || compareValues(each, least) < 0)) least = each;
    return least;
  },
});

export const MAX = define({
  name: 'MAX',
  summary: 'The greatest of the values in `anyArray`, of whatever types; null when there is none.',
  params: [list('anyArray')],
  examples: [
    ['MAX([5, 9, -2, null, 1])', 9],
    ['MAX(["a", 1])', 'a'],
    ['MAX([])', null],
  ],
  call: (values) => {
    let greatest: Value = null;
    for (const each of values) if (compareValues(each, greatest) > 0) greatest = each;
    return greatest;
  },
});

export const MEDIAN = define({
  name: 'MEDIAN',
  summary: 'The number in the middle of `numArray` when it is sorted, or the mean of the two in the middle.',
  params: [list('numArray')],
  examples: [
    ['MEDIAN([3, 1, null, 2])', 2],
    ['MEDIAN([4, 2, 3, 1])', 2.5],
    ['MEDIAN([])', null],
    ['MEDIAN(["a"])', null, 'ERROR_QUERY_INVALID_ARITHMETIC_VALUE'],
  ],
  call: (values, context) => {
    const sorted = numbersOf(values)?.toSorted((left, right) => left - right);
    if (sorted === undefined) return warn(context, 'MEDIAN', 'ERROR_QUERY_INVALID_ARITHMETIC_VALUE');
    const middle = sorted.length / 2;
    const upper = sorted[Math.floor(middle)];
    if (upper === undefined) return null;
    return Number.isInteger(middle) ? finite(((sorted[middle - 1] ?? 0) + upper) / 2) : upper;
  },
});

export const PERCENTILE = define({
  name: 'PERCENTILE',
  summary:
    'The number in `numArray` that `p` percent of the numbers do not exceed, by the nearest rank or, with the method "interpolation", between two numbers.',
  params: [list('numArray'), numeral('p'), optional(value('method'), 'rank')],
  examples: [
    ['PERCENTILE([1, 2, 3, 4], 50)', 2],
    ['PERCENTILE([1, 2, 3, 4], 50, "interpolation")', 2.5],
    ['PERCENTILE([1, 2, 3, 4], 0, "interpolation")', 1],
    ['PERCENTILE([], 50)', null],
    ['PERCENTILE([1], 101)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (values, p, method, context) => {
    if (p < 0 || p > 100 || (method !== 'rank' && method !== 'interpolation')) return warn(context, 'PERCENTILE');
    const sorted = numbersOf(values)?.toSorted((left, right) => left - right);
    if (sorted === undefined) return warn(context, 'PERCENTILE', 'ERROR_QUERY_INVALID_ARITHMETIC_VALUE');
    return percentile(sorted, p, method);
  },
});

export const STDDEV_POPULATION = define({
  name: 'STDDEV_POPULATION',
  aliases: ['STDDEV'],
  summary: 'The standard deviation of the numbers in `numArray`, taken as the whole population.',
  params: [list('numArray')],
  examples: [
    ['STDDEV_POPULATION([1, 3, 6, 5, 2])', 1.854723699099141],
    ['STDDEV_POPULATION([])', null],
  ],
  call: (values, context) => moments('STDDEV_POPULATION', values, context)?.deviation(0) ?? null,
});

export const STDDEV_SAMPLE = define({
  name: 'STDDEV_SAMPLE',
  summary: 'The standard deviation of the numbers in `numArray`, taken as a sample. Null for less than two.',
  params: [list('numArray')],
  examples: [
    ['STDDEV_SAMPLE([1, 3, 6, 5, 2])', 2.0736441353327724],
    ['STDDEV_SAMPLE([1])', null],
  ],
  call: (values, context) => moments('STDDEV_SAMPLE', values, context)?.deviation(1) ?? null,
});

export const VARIANCE_POPULATION = define({
  name: 'VARIANCE_POPULATION',
  aliases: ['VARIANCE'],
  summary: 'The variance of the numbers in `numArray`, taken as the whole population.',
  params: [list('numArray')],
  examples: [
    ['VARIANCE_POPULATION([1, 3, 6, 5, 2])', 3.4400000000000004],
    ['VARIANCE_POPULATION([1, "2"])', null, 'ERROR_QUERY_INVALID_ARITHMETIC_VALUE'],
  ],
  call: (values, context) => moments('VARIANCE_POPULATION', values, context)?.variance(0) ?? null,
});

export const VARIANCE_SAMPLE = define({
  name: 'VARIANCE_SAMPLE',
  summary: 'The variance of the numbers in `numArray`, taken as a sample. Null for less than two.',
  params: [list('numArray')],
  examples: [
    ['VARIANCE_SAMPLE([1, 3, 6, 5, 2])', 4.300000000000001],
    ['VARIANCE_SAMPLE([1])', null],
  ],
  call: (values, context) => moments('VARIANCE_SAMPLE', values, context)?.variance(1) ?? null,
});

export const DECAY_GAUSS = define({
  name: 'DECAY_GAUSS',
  summary: 'A score that falls with the distance of a value, or of each of several, from `origin` as a bell curve does.',
  params: [value('value'), value('origin'), value('scale'), value('offset'), value('decay')],
  examples: [
    ['DECAY_GAUSS(41, 40, 5, 5, 0.5)', 1],
    ['DECAY_GAUSS([20, 41], 40, 5, 5, 0.5)', [0.0019531250000000017, 1]],
    ['DECAY_GAUSS("41", 40, 5, 5, 0.5)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (given, origin, scale, offset, decay, context) =>
    decayed('DECAY_GAUSS', given, [origin, scale, offset, decay], context, (distance, width, atWidth) => {
      const sigma = -(width * width) / (2 * Math.log(atWidth));
      return Math.exp(-(distance * distance) / (2 * sigma));
    }),
});

export const DECAY_EXP = define({
  name: 'DECAY_EXP',
  summary: 'A score that falls exponentially with the distance of a value, or of each of several, from `origin`.',
  params: [value('value'), value('origin'), value('scale'), value('offset'), value('decay')],
  examples: [
    ['DECAY_EXP(41, 40, 5, 5, 0.7)', 1],
    ['DECAY_EXP(2, 0, 10, 0, 0.2)', 0.7247796636776955],
    ['DECAY_EXP(2, 0, 0, 0, 0.2)', null, 'ERROR_QUERY_NUMBER_OUT_OF_RANGE'],
  ],
  call: (given, origin, scale, offset, decay, context) =>
    decayed('DECAY_EXP', given, [origin, scale, offset, decay], context, (distance, width, atWidth) =>
      Math.exp((Math.log(atWidth) / width) * distance),
    ),
});

export const DECAY_LINEAR = define({
  name: 'DECAY_LINEAR',
  summary: 'A score that falls evenly with the distance of a value, or of each of several, from `origin`, down to 0.',
  params: [value('value'), value('origin'), value('scale'), value('offset'), value('decay')],
  examples: [
    ['DECAY_LINEAR(41, 40, 5, 5, 0.5)', 1],
    ['DECAY_LINEAR(9.8, 0, 10, 0, 0.2)', 0.21599999999999994],
    ['DECAY_LINEAR([5, 6, 7], 0, 10, 0, 0.2)', [0.6, 0.52, 0.44]],
  ],
  call: (given, origin, scale, offset, decay, context) =>
    decayed('DECAY_LINEAR', given, [origin, scale, offset, decay], context, (distance, width, atWidth) => {
      const reach = width / (1 - atWidth);
      return Math.max((reach - distance) / reach, 0);
    }),
});

/** The numbers among values; undefined when something else than null is there, too. */
function numbersOf(values: readonly Value[]): number[] | undefined {
  const numbers: number[] = [];
  for (const each of values) {
    if (typeof each === 'number') numbers.push(each);
    else if (each !== null) return undefined;
  }
  return numbers;
}

function reduce(values: readonly Value[], start: number, combine: (result: number, each: number) => number): number | null {
  const numbers = numbersOf(values);
  if (numbers === undefined) return null;
  const result = numbers.reduce(combine, start);
  // ArangoDB gives 0 for what is too large.
  return Number.isFinite(result) ? result : 0;
}

function moments(name: string, values: readonly Value[], context: FunctionContext): Moments | null {
  const numbers = numbersOf(values);
  if (numbers === undefined) return warn(context, name, 'ERROR_QUERY_INVALID_ARITHMETIC_VALUE');
  const result = new Moments();
  for (const each of numbers) result.add(each);
  return result;
}

function percentile(sorted: readonly number[], p: number, method: 'rank' | 'interpolation'): number | null {
  const { length } = sorted;
  const last = sorted[length - 1];
  if (last === undefined || length === 1) return last ?? null;
  if (method === 'rank') return sorted[Math.max(1, Math.ceil((p * length) / 100)) - 1] ?? last;
  const index = (p * (length + 1)) / 100;
  const below = Math.floor(index);
  if (below >= length) return last;
  if (below <= 0) return sorted[0] ?? null;
  const lower = sorted[below - 1] ?? 0;
  return finite((index - below) * ((sorted[below] ?? 0) - lower) + lower);
}

type Decay = (distance: number, scale: number, decay: number) => number;

function decayed(name: string, given: Value, parameters: readonly Value[], context: FunctionContext, compute: Decay): Value {
  const values = isArray(given) ? given : [given];
  if (!parameters.every(isNumber) || !values.every(isNumber)) return warn(context, name);
  const [origin = 0, scale = 0, offset = 0, decay = 0] = parameters;
  const isInRange = scale > 0 && offset >= 0 && decay > 0 && decay < 1;
  if (!isInRange) return warn(context, name, 'ERROR_QUERY_NUMBER_OUT_OF_RANGE');
  const scores = values.map((each) => finite(compute(Math.max(0, Math.abs(each - origin) - offset), scale, decay)));
  return isArray(given) ? scores : (scores[0] ?? null);
}

const isNumber = (given: Value): given is number => typeof given === 'number';

function finite(result: number): number | null {
  return Number.isFinite(result) ? result : null;
}
