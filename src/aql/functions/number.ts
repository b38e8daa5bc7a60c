/** Functions on single numbers. What is no number is cast, and what has no finite result is null, without a warning. */
import { ArangoError } from '#base';
import { toNumber } from '#values';
import type { FunctionContext } from './context.ts';
import { define, number, optional, value, warn, type AqlFunction, type Example } from './define.ts';
import { reserveArray } from './reserve.ts';

/** A function of one number. */
function ofOne(name: string, summary: string, compute: (given: number) => number, examples: readonly Example[]): AqlFunction {
  return define({ name, summary, params: [number('value')], examples, call: (given) => finite(compute(given)) });
}

export const ABS = ofOne('ABS', '`value` without its sign.', Math.abs, [
  ['ABS(-5)', 5],
  ['ABS("-2.5")', 2.5],
]);

export const CEIL = ofOne('CEIL', 'The least integer that is not below `value`.', Math.ceil, [
  ['CEIL(2.49)', 3],
  ['CEIL(-2.51)', -2],
]);

export const FLOOR = ofOne('FLOOR', 'The greatest integer that is not above `value`.', Math.floor, [
  ['FLOOR(2.5)', 2],
  ['FLOOR(-2.5)', -3],
  ['FLOOR([2.5])', 2],
]);

export const ROUND = ofOne('ROUND', 'The integer next to `value`; of two the greater.', (given) => Math.floor(given + 0.5), [
  ['ROUND(2.5)', 3],
  ['ROUND(-2.5)', -2],
  ['ROUND(-2.51)', -3],
]);

export const SQRT = ofOne('SQRT', 'The square root of `value`; null if that is negative.', Math.sqrt, [
  ['SQRT(9)', 3],
  ['SQRT(-1)', null],
]);

export const POW = define({
  name: 'POW',
  summary: '`base` to the power of `exp`.',
  params: [number('base'), number('exp')],
  examples: [
    ['POW(2, 4)', 16],
    ['POW(5, -1)', 0.2],
    ['POW(0, -1)', null],
  ],
  call: (base, exponent) => finite(base ** exponent),
});

export const EXP = ofOne('EXP', "Euler's number to the power of `value`.", Math.exp, [
  ['EXP(0)', 1],
  ['EXP(1)', Math.E],
]);

export const EXP2 = ofOne('EXP2', '2 to the power of `value`.', (given) => 2 ** given, [['EXP2(16)', 65536]]);

export const LOG = ofOne('LOG', 'The natural logarithm of `value`; null if that is not positive.', Math.log, [
  ['LOG(1)', 0],
  ['LOG(0)', null],
  ['LOG(-1)', null],
]);

export const LOG2 = ofOne('LOG2', 'The logarithm of `value` to the base 2; null if that is not positive.', Math.log2, [['LOG2(1024)', 10]]);

export const LOG10 = ofOne('LOG10', 'The logarithm of `value` to the base 10; null if that is not positive.', Math.log10, [
  ['LOG10(1000)', 3],
]);

export const SIN = ofOne('SIN', 'The sine of `value`, in radians.', Math.sin, [['SIN(0)', 0]]);

export const COS = ofOne('COS', 'The cosine of `value`, in radians.', Math.cos, [['COS(0)', 1]]);

export const TAN = ofOne('TAN', 'The tangent of `value`, in radians.', Math.tan, [['TAN(0)', 0]]);

export const ASIN = ofOne('ASIN', 'The arcsine of `value`; null outside of -1 to 1.', Math.asin, [
  ['ASIN(1)', 1.5707963267948966],
  ['ASIN(2)', null],
]);

export const ACOS = ofOne('ACOS', 'The arccosine of `value`; null outside of -1 to 1.', Math.acos, [
  ['ACOS(-1)', 3.141592653589793],
  ['ACOS(2)', null],
]);

export const ATAN = ofOne('ATAN', 'The arctangent of `value`.', Math.atan, [['ATAN(-1)', -0.7853981633974483]]);

export const ATAN2 = define({
  name: 'ATAN2',
  summary: 'The arctangent of `y` through `x`, in the quadrant that both tell.',
  params: [number('y'), number('x')],
  examples: [
    ['ATAN2(0, 0)', 0],
    ['ATAN2(1, 1)', 0.7853981633974483],
  ],
  call: (y, x) => finite(Math.atan2(y, x)),
});

export const DEGREES = ofOne('DEGREES', '`value` radians in degrees.', (given) => given * (180 / Math.PI), [
  ['DEGREES(3.141592653589793)', 180],
]);

export const RADIANS = ofOne('RADIANS', '`value` degrees in radians.', (given) => given * (Math.PI / 180), [
  ['RADIANS(180)', 3.141592653589793],
]);

export const PI = define({
  name: 'PI',
  summary: 'The number pi.',
  params: [],
  examples: [['PI()', 3.141592653589793]],
  call: () => Math.PI,
});

export const RAND = define({
  name: 'RAND',
  aliases: ['RANDOM'],
  summary: 'A random number, at least 0 and below 1.',
  params: [],
  deterministic: false,
  cacheable: false,
  examples: [['FLOOR(RAND())', 0]],
  call: (context) => context.random(),
});

const LARGEST_RANGE = 10_000_000;

export const RANGE = define({
  name: 'RANGE',
  summary:
    'The numbers from `start` to `stop` in steps of `step`. Without a step the bounds are cut to integers, and it counts up or down by 1.',
  params: [number('start'), number('stop'), optional(value('step'), null)],
  examples: [
    ['RANGE(1, 4)', [1, 2, 3, 4]],
    ['RANGE(3, 1)', [3, 2, 1]],
    ['RANGE(1.5, 2.5)', [1, 2]],
    ['RANGE(1.5, 2.5, 0.5)', [1.5, 2, 2.5]],
    ['RANGE(4, 1, -2)', [4, 2]],
    ['RANGE(1, 4, -1)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (start, stop, step, context) => {
    if (step === null) return countTo(Math.trunc(start), Math.trunc(stop), Math.trunc(start) <= Math.trunc(stop) ? 1 : -1, context);
    const by = toNumber(step);
    if (by === 0 || (start < stop && by < 0) || (start > stop && by > 0)) return warn(context, 'RANGE');
    return countTo(start, stop, by, context);
  },
});

function countTo(start: number, stop: number, step: number, context: FunctionContext): number[] {
  if ((stop - start) / step >= LARGEST_RANGE) throw new ArangoError('ERROR_RESOURCE_LIMIT');
  reserveArray(context, Math.max(0, Math.floor((stop - start) / step) + 1));
  const numbers: number[] = [];
  // Summed up step by step, rounding errors included, as ArangoDB does.
  for (let each = start; step > 0 ? each <= stop : each >= stop; each += step) numbers.push(each);
  return numbers;
}

function finite(result: number): number | null {
  return Number.isFinite(result) ? result : null;
}
