/** Functions on the bits of numbers, which are integers from 0 to 2³² - 1. Anything else gives a warning and null. */
import { isArray, type Value } from '#values';
import type { FunctionContext } from './context.ts';
import { define, optional, value, warn } from './define.ts';

const WIDTH = 32;

export const BIT_AND = define({
  name: 'BIT_AND',
  summary: 'The bits that all the numbers of an array, or two numbers, have in common. Nulls in the array are left out.',
  params: [value('numbersArray'), optional(value('value2'))],
  examples: [
    ['BIT_AND([255, 127, null, 63])', 63],
    ['BIT_AND(127, 255)', 127],
    ['BIT_AND("foo")', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (first, second, context) => combine('BIT_AND', first, second, context, (left, right) => left & right),
});

export const BIT_OR = define({
  name: 'BIT_OR',
  summary: 'The bits that any of the numbers of an array, or of two numbers, has. Nulls in the array are left out.',
  params: [value('numbersArray'), optional(value('value2'))],
  examples: [
    ['BIT_OR([1, 4, 8, 16])', 29],
    ['BIT_OR(2147483648, 1)', 2147483649],
  ],
  call: (first, second, context) => combine('BIT_OR', first, second, context, (left, right) => left | right),
});

export const BIT_XOR = define({
  name: 'BIT_XOR',
  summary: 'The bits that an odd number of the numbers of an array, or one of two numbers, has. Nulls in the array are left out.',
  params: [value('numbersArray'), optional(value('value2'))],
  examples: [
    ['BIT_XOR([3, 7, 63])', 59],
    ['BIT_XOR(255, 257)', 510],
  ],
  call: (first, second, context) => combine('BIT_XOR', first, second, context, (left, right) => left ^ right),
});

export const BIT_CONSTRUCT = define({
  name: 'BIT_CONSTRUCT',
  summary: 'The number whose bits at the positions of `positionsArray` are set.',
  params: [value('positionsArray')],
  examples: [
    ['BIT_CONSTRUCT([1, 2, 3])', 14],
    ['BIT_CONSTRUCT([0, 1, 10, 31])', 2147484675],
    ['BIT_CONSTRUCT([32])', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (positions, context) => {
    if (!isArray(positions) || !positions.every((each) => isBits(each, WIDTH - 1))) return warn(context, 'BIT_CONSTRUCT');
    return positions.reduce<number>((bits, each) => bits | (1 << each), 0) >>> 0;
  },
});

export const BIT_DECONSTRUCT = define({
  name: 'BIT_DECONSTRUCT',
  summary: 'The positions of the bits of `number` that are set.',
  params: [value('number')],
  examples: [
    ['BIT_DECONSTRUCT(14)', [1, 2, 3]],
    ['BIT_DECONSTRUCT(-1)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (bits, context) => {
    if (!isBits(bits)) return warn(context, 'BIT_DECONSTRUCT');
    return Array.from({ length: WIDTH }, (_, position) => position).filter((position) => ((bits >>> position) & 1) === 1);
  },
});

export const BIT_FROM_STRING = define({
  name: 'BIT_FROM_STRING',
  summary: 'The number that up to 32 digits 0 and 1 write in binary.',
  params: [value('bitstring')],
  examples: [
    ['BIT_FROM_STRING("0111")', 7],
    ['BIT_FROM_STRING("0b1")', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (digits, context) =>
    typeof digits === 'string' && /^[01]{1,32}$/.test(digits) ? Number.parseInt(digits, 2) : warn(context, 'BIT_FROM_STRING'),
});

export const BIT_TO_STRING = define({
  name: 'BIT_TO_STRING',
  summary: 'The lowest `bits` digits of `number` in binary.',
  params: [value('number'), value('bits')],
  examples: [
    ['BIT_TO_STRING(7, 4)', '0111'],
    ['BIT_TO_STRING(60, 8)', '00111100'],
    ['BIT_TO_STRING(1, 33)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (number, bits, context) => {
    if (!isBits(number) || !isBits(bits, WIDTH)) return warn(context, 'BIT_TO_STRING');
    return Math.trunc(bits) === 0 ? '' : (number >>> 0).toString(2).padStart(bits, '0').slice(-Math.trunc(bits));
  },
});

export const BIT_NEGATE = define({
  name: 'BIT_NEGATE',
  summary: 'The lowest `bits` bits of `number`, turned over.',
  params: [value('number'), value('bits')],
  examples: [
    ['BIT_NEGATE(3, 4)', 12],
    ['BIT_NEGATE(446359921, 32)', 3848607374],
  ],
  call: (number, bits, context) => (isBits(number) && isBits(bits, WIDTH) ? (~number & mask(bits)) >>> 0 : warn(context, 'BIT_NEGATE')),
});

export const BIT_POPCOUNT = define({
  name: 'BIT_POPCOUNT',
  summary: 'How many bits of `number` are set.',
  params: [value('number')],
  examples: [
    ['BIT_POPCOUNT(69399252)', 12],
    ['BIT_POPCOUNT("foo")', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (number, context) => (isBits(number) ? (number >>> 0).toString(2).replaceAll('0', '').length : warn(context, 'BIT_POPCOUNT')),
});

export const BIT_SHIFT_LEFT = define({
  name: 'BIT_SHIFT_LEFT',
  summary: 'The bits of `number`, moved up by `shift`; the lowest `bits` of that.',
  params: [value('number'), value('shift'), value('bits')],
  examples: [
    ['BIT_SHIFT_LEFT(7, 1, 16)', 14],
    ['BIT_SHIFT_LEFT(878836, 16, 32)', 1760821248],
  ],
  call: (number, shift, bits, context) => {
    if (!isBits(number) || !isBits(shift, WIDTH) || !isBits(bits, WIDTH)) return warn(context, 'BIT_SHIFT_LEFT');
    return shift >= WIDTH ? 0 : ((number << shift) & mask(bits)) >>> 0;
  },
});

export const BIT_SHIFT_RIGHT = define({
  name: 'BIT_SHIFT_RIGHT',
  summary: 'The bits of `number`, moved down by `shift`; the lowest `bits` of that.',
  params: [value('number'), value('shift'), value('bits')],
  examples: [
    ['BIT_SHIFT_RIGHT(33, 1, 16)', 16],
    ['BIT_SHIFT_RIGHT(878836, 4, 32)', 54927],
  ],
  call: (number, shift, bits, context) => {
    if (!isBits(number) || !isBits(shift, WIDTH) || !isBits(bits, WIDTH)) return warn(context, 'BIT_SHIFT_RIGHT');
    return shift >= WIDTH ? 0 : ((number >>> shift) & mask(bits)) >>> 0;
  },
});

export const BIT_TEST = define({
  name: 'BIT_TEST',
  summary: 'Whether the bit of `number` at the position `index` is set.',
  params: [value('number'), value('index')],
  examples: [
    ['BIT_TEST(7, 2)', true],
    ['BIT_TEST(255, 8)', false],
    ['BIT_TEST(255, 32)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (number, index, context) =>
    isBits(number) && isBits(index, WIDTH - 1) ? ((number >>> index) & 1) === 1 : warn(context, 'BIT_TEST'),
});

/** What a number has after the point is cut off, as the operators on bits do by themselves. */
function isBits(given: Value | undefined, largest = 0xffffffff): given is number {
  return typeof given === 'number' && given >= 0 && given < largest + 1;
}

function mask(bits: number): number {
  return 2 ** Math.trunc(bits) - 1;
}

function combine(
  name: string,
  first: Value,
  second: Value | undefined,
  context: FunctionContext,
  operate: (left: number, right: number) => number,
): number | null {
  const operands = second !== undefined ? [first, second] : isArray(first) ? first.filter((each) => each !== null) : [first];
  if ((second === undefined && !isArray(first)) || !operands.every((each) => isBits(each))) return warn(context, name);
  let result: number | undefined;
  for (const each of operands) result = result === undefined ? each : operate(result, each) >>> 0;
  return result ?? null;
}
