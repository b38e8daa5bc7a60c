/** AQL's functions on arrays. None changes its argument. */
import { ArangoError } from '#base';
import { compareValues, equalValues, isArray, toNumber, type Value } from '#values';
import type { FunctionContext } from './context.ts';
import { array, bool, define, integer, list, number, optional, rest, value, warn } from './define.ts';
import { reserveArray } from './reserve.ts';
import { ValueMap, ValueSet } from './value-map.ts';

export const APPEND = define({
  name: 'APPEND',
  summary: '`anyArray` with the elements of `values`, or the one value, at its end; with `unique` each value only once.',
  params: [value('anyArray'), value('values'), optional(bool('unique'), false)],
  examples: [
    ['APPEND([1, 2], [2, [3]])', [1, 2, 2, [3]]],
    ['APPEND([1, 2, 1], [2, 3], true)', [1, 2, 3]],
    ['APPEND([1], 2)', [1, 2]],
    ['APPEND(1, [2])', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (given, values, unique, context) => {
    if (values === null || (isArray(values) && values.length === 0)) return given;
    if (given === null) return values;
    if (!isArray(given)) return warn(context, 'APPEND');
    reserveArray(context, given.length + (isArray(values) ? values.length : 1));
    const all = given.concat(isArray(values) ? values : [values]);
    return unique ? new ValueSet(all).values : all;
  },
});

export const COUNT_DISTINCT = define({
  name: 'COUNT_DISTINCT',
  aliases: ['COUNT_UNIQUE'],
  summary: 'How many different values `anyArray` has.',
  params: [list('anyArray')],
  examples: [
    ['COUNT_DISTINCT(["yes", "no", "yes"])', 2],
    ['COUNT_DISTINCT([{}, {a: null}])', 1],
  ],
  call: (values) => new ValueSet(values).size,
});

export const FIRST = define({
  name: 'FIRST',
  summary: 'The first element of `anyArray`; null if there is none.',
  params: [list('anyArray')],
  examples: [
    ['FIRST([1, 2, 3])', 1],
    ['FIRST([])', null],
    ['FIRST("fox")', null, 'ERROR_QUERY_ARRAY_EXPECTED'],
  ],
  call: (values) => values[0] ?? null,
});

export const LAST = define({
  name: 'LAST',
  summary: 'The last element of `anyArray`; null if there is none.',
  params: [list('anyArray')],
  examples: [
    ['LAST([1, 2, 3])', 3],
    ['LAST([])', null],
  ],
  call: (values) => values[values.length - 1] ?? null,
});

export const FLATTEN = define({
  name: 'FLATTEN',
  summary: '`anyArray` with the elements of the arrays in it instead of these, `depth` levels down.',
  params: [list('anyArray'), optional(number('depth'), 1)],
  examples: [
    ['FLATTEN([1, [2, [3]], []])', [1, 2, [3]]],
    ['FLATTEN([1, [2, [3]]], 2)', [1, 2, 3]],
  ],
  call: (values, depth, context) => flatten(values, Math.trunc(depth), context),
});

export const INTERLEAVE = define({
  name: 'INTERLEAVE',
  summary: 'The first elements of all `arrays`, then the second ones, and so on.',
  params: [rest(list('arrays'), 2)],
  examples: [
    ['INTERLEAVE([1, 1], [2, 2], [3])', [1, 2, 3, 1, 2]],
    ['INTERLEAVE([], [1, 2])', [1, 2]],
  ],
  call: (arrays, context) => {
    reserveArray(context, lengthOfAll(arrays));
    const longest = Math.max(...arrays.map(({ length }) => length));
    const interleaved: Value[] = [];
    for (let i = 0; i < longest; i++) for (const each of arrays) if (i < each.length) interleaved.push(each[i] ?? null);
    return interleaved;
  },
});

export const INTERSECTION = define({
  name: 'INTERSECTION',
  summary: 'The values that occur in all of `arrays`, each once, in no certain order.',
  params: [rest(list('arrays'), 2)],
  examples: [
    ['INTERSECTION([1, 2, 3, 3], [2, 3, 4], [3, 4])', [3]],
    ['INTERSECTION([1], [2])', []],
  ],
  call: ([first = [], ...others]) => {
    const sets = others.map((each) => new ValueSet(each));
    return inRecordedOrder(new ValueSet(first).values.filter((each) => sets.every((set) => set.has(each))));
  },
});

export const JACCARD = define({
  name: 'JACCARD',
  summary: 'How many different values two arrays share, as a part of all their different values. 1 for two empty arrays.',
  params: [list('array1'), list('array2')],
  examples: [
    ['JACCARD([1, 2, 3, 4], [3, 4, 5, 6])', 0.3333333333333333],
    ['JACCARD([1, 1], [1])', 1],
    ['JACCARD([], [])', 1],
  ],
  call: (first, second) => {
    const left = new ValueSet(first);
    const right = new ValueSet(second);
    const common = left.values.filter((each) => right.has(each)).length;
    const all = left.size + right.size - common;
    return all === 0 ? 1 : common / all;
  },
});

export const MINUS = define({
  name: 'MINUS',
  summary: 'The values of the first array that occur in none of the others, each once, in no certain order.',
  params: [rest(array('arrays'), 2)],
  examples: [
    ['MINUS([1, 2, 3, 4], [3], [4])', [2, 1]],
    ['MINUS([1], 1)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: ([first = [], ...others], context) => {
    const removed = new ValueSet(joined(others, context));
    return inRecordedOrder(new ValueSet(first).values.filter((each) => !removed.has(each)));
  },
});

export const NTH = define({
  name: 'NTH',
  summary: 'The element of `anyArray` at `position`, which counts from 0; null outside.',
  params: [list('anyArray'), integer('position')],
  examples: [
    ['NTH(["foo", "bar"], 1)', 'bar'],
    ['NTH(["foo", "bar"], -1)', null],
    ['NTH(["foo", "bar"], 2)', null],
  ],
  call: (values, position) => values[position] ?? null,
});

export const OUTERSECTION = define({
  name: 'OUTERSECTION',
  summary: 'The values that occur only once in all of `arrays` together, in no certain order.',
  params: [rest(list('arrays'), 2)],
  examples: [
    ['OUTERSECTION([1, 2, 3], [2, 3, 4], [3, 4, 5])', [5, 1]],
    ['OUTERSECTION([1, 1], [2])', [2]],
  ],
  call: (arrays, context) => {
    const counts = new ValueMap<number>();
    const all = joined(arrays, context);
    for (const each of all) counts.set(each, (counts.get(each) ?? 0) + 1);
    return inRecordedOrder(all.filter((each) => counts.get(each) === 1));
  },
});

export const POP = define({
  name: 'POP',
  summary: '`anyArray` without its last element.',
  params: [value('anyArray')],
  examples: [
    ['POP([1, 2, 3])', [1, 2]],
    ['POP([])', []],
    ['POP(null)', null],
    ['POP(1)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (given, context) => {
    if (given === null) return null;
    return isArray(given) ? given.slice(0, -1) : warn(context, 'POP');
  },
});

export const POSITION = define({
  name: 'POSITION',
  aliases: ['CONTAINS_ARRAY'],
  summary: 'Whether `search` is an element of `anyArray`; with `returnIndex` where, or -1.',
  params: [list('anyArray'), value('search'), optional(bool('returnIndex'), false)],
  examples: [
    ['POSITION([2, 4, 6], 4)', true],
    ['POSITION([2, 4, 6], 4, true)', 1],
    ['POSITION([2, 4, 6], "4", true)', -1],
  ],
  call: (values, search, returnIndex) => {
    const index = values.findIndex((each) => equalValues(each, search));
    return returnIndex ? index : index !== -1;
  },
});

export const PUSH = define({
  name: 'PUSH',
  summary: '`anyArray` with `value` at its end; with `unique` only if it has no such element yet.',
  params: [value('anyArray'), value('value'), optional(bool('unique'), false)],
  examples: [
    ['PUSH([1, 2], 3)', [1, 2, 3]],
    ['PUSH([1, 2, 2], 2, true)', [1, 2, 2]],
    ['PUSH(null, 1)', [1]],
    ['PUSH(1, 1)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (given, added, unique, context) => {
    if (given === null) return [added];
    if (!isArray(given)) return warn(context, 'PUSH');
    return unique && contains(given, added) ? given : [...given, added];
  },
});

export const REMOVE_NTH = define({
  name: 'REMOVE_NTH',
  summary: '`anyArray` without the element at `position`, which counts from the end if negative.',
  params: [value('anyArray'), number('position')],
  examples: [
    ['REMOVE_NTH(["a", "b", "c", "d", "e"], 1)', ['a', 'c', 'd', 'e']],
    ['REMOVE_NTH(["a", "b", "c"], -1)', ['a', 'b']],
    ['REMOVE_NTH(["a"], 1)', ['a']],
    ['REMOVE_NTH(1, 1)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (given, position, context) => {
    if (given === null) return [];
    if (!isArray(given)) return warn(context, 'REMOVE_NTH');
    if (position >= given.length || position < -given.length) return given;
    return given.toSpliced(Math.trunc(position < 0 ? position + given.length : position), 1);
  },
});

export const REPLACE_NTH = define({
  name: 'REPLACE_NTH',
  summary:
    '`anyArray` with another element at `position`, which counts from the end if negative. Beyond the end it is filled up with `defaultPaddingValue`; without one that is an error.',
  params: [array('anyArray'), value('position'), value('replaceValue'), optional(value('defaultPaddingValue'))],
  canThrow: true,
  examples: [
    ['REPLACE_NTH(["a", "b", "c"], 1, "z")', ['a', 'z', 'c']],
    ['REPLACE_NTH(["a", "b", "c"], 3, "z")', ['a', 'b', 'c', 'z']],
    ['REPLACE_NTH(["a"], 3, "z", "y")', ['a', 'y', 'y', 'z']],
    ['REPLACE_NTH(["a", "b", "c"], -9, "z")', ['z', 'b', 'c']],
  ],
  call: (values, position, replacement, padding, context) => {
    const given = Math.trunc(toNumber(position));
    const at = given < 0 ? Math.max(0, given + values.length) : given;
    if (position === null || (at > values.length && padding === undefined)) {
      throw new ArangoError('ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH', {
        message: "invalid argument type in call to function 'REPLACE_NTH()'",
      });
    }
    reserveArray(context, Math.max(at + 1, values.length));
    const replaced = [...values];
    while (replaced.length < at) replaced.push(padding ?? null);
    replaced[at] = replacement;
    return replaced;
  },
});

export const REMOVE_VALUE = define({
  name: 'REMOVE_VALUE',
  summary: '`anyArray` without the elements that equal `value`, the first `limit` of them if given.',
  params: [value('anyArray'), value('value'), optional(value('limit'), null)],
  examples: [
    ['REMOVE_VALUE(["a", "b", "b", "a", "c"], "a")', ['b', 'b', 'c']],
    ['REMOVE_VALUE(["a", "b", "b", "a", "c"], "a", 1)', ['b', 'b', 'a', 'c']],
    ['REMOVE_VALUE(1, 1)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (given, removed, limit, context) => {
    if (given === null) return [];
    if (!isArray(given)) return warn(context, 'REMOVE_VALUE');
    let left = limit === null ? Infinity : Math.trunc(toNumber(limit));
    return given.filter((each) => left === 0 || !equalValues(each, removed) || left-- === 0);
  },
});

export const REMOVE_VALUES = define({
  name: 'REMOVE_VALUES',
  summary: '`anyArray` without the elements that equal any of `values`.',
  params: [value('anyArray'), value('values')],
  examples: [
    ['REMOVE_VALUES(["a", "a", "b", "c", "d"], ["a", "d"])', ['b', 'c']],
    ['REMOVE_VALUES([1], null)', [1]],
    ['REMOVE_VALUES([1], 1)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (given, values, context) => {
    if (values === null) return given;
    if (given === null) return [];
    if (!isArray(given) || !isArray(values)) return warn(context, 'REMOVE_VALUES');
    const removed = new ValueSet(values);
    return given.filter((each) => !removed.has(each));
  },
});

export const SHIFT = define({
  name: 'SHIFT',
  summary: '`anyArray` without its first element.',
  params: [value('anyArray')],
  examples: [
    ['SHIFT([1, 2, 3])', [2, 3]],
    ['SHIFT([])', []],
    ['SHIFT({})', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (given, context) => {
    if (given === null) return null;
    return isArray(given) ? given.slice(1) : warn(context, 'SHIFT');
  },
});

export const SLICE = define({
  name: 'SLICE',
  summary:
    '`length` elements of `anyArray` from `start` on, or all. Negative numbers count from the end, both where to start and where to stop.',
  params: [array('anyArray'), integer('start'), optional(value('length'), null)],
  examples: [
    ['SLICE([1, 2, 3, 4, 5], 1, 2)', [2, 3]],
    ['SLICE([1, 2, 3, 4, 5], 3)', [4, 5]],
    ['SLICE([1, 2, 3, 4, 5], 1, -1)', [2, 3, 4]],
    ['SLICE([1, 2, 3, 4, 5], -3, 2)', [3, 4]],
  ],
  call: (values, start, length) => {
    const from = start < 0 ? Math.max(0, start + values.length) : start;
    if (length === null) return values.slice(from);
    const count = Math.trunc(toNumber(length));
    return values.slice(from, count < 0 ? Math.max(0, count + values.length) : from + count);
  },
});

export const SORTED = define({
  name: 'SORTED',
  summary: "The elements of `anyArray` in AQL's order.",
  params: [list('anyArray')],
  examples: [['SORTED([8, "a", 4, null, 10])', [null, 4, 8, 10, 'a']]],
  call: (values) => values.toSorted(compareValues),
});

export const SORTED_UNIQUE = define({
  name: 'SORTED_UNIQUE',
  summary: "The different elements of `anyArray` in AQL's order.",
  params: [list('anyArray')],
  examples: [['SORTED_UNIQUE([8, 4, 2, 10, 6, 2, 8])', [2, 4, 6, 8, 10]]],
  call: (values) => new ValueSet(values).values.toSorted(compareValues),
});

export const UNION = define({
  name: 'UNION',
  summary: 'The elements of all `arrays`, one array after the other.',
  params: [rest(array('arrays'), 2)],
  examples: [
    ['UNION([1, 2, 3], [1, 2])', [1, 2, 3, 1, 2]],
    ['UNION([1], 1)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (arrays, context) => joined(arrays, context),
});

export const UNION_DISTINCT = define({
  name: 'UNION_DISTINCT',
  aliases: ['UNION_DISTINCT_STABLE'],
  summary: 'The different elements of all `arrays`.',
  params: [rest(array('arrays'), 2)],
  examples: [['UNION_DISTINCT([1, 2, 3], [1, 4])', [1, 2, 3, 4]]],
  call: (arrays, context) => new ValueSet(joined(arrays, context)).values,
});

export const UNIQUE = define({
  name: 'UNIQUE',
  summary: 'The different elements of `anyArray`.',
  params: [list('anyArray')],
  examples: [['UNIQUE([1, 2, 2, 3, 1])', [1, 2, 3]]],
  call: (values) => new ValueSet(values).values,
});

export const UNSHIFT = define({
  name: 'UNSHIFT',
  summary: '`anyArray` with `value` at its start; with `unique` only if it has no such element yet.',
  params: [value('anyArray'), value('value'), optional(bool('unique'), false)],
  examples: [
    ['UNSHIFT([1, 2], 3)', [3, 1, 2]],
    ['UNSHIFT([1, 2], 2, true)', [1, 2]],
    ['UNSHIFT(null, 1)', [1]],
    ['UNSHIFT(1, 1)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (given, added, unique, context) => {
    if (given === null) return [added];
    if (!isArray(given)) return warn(context, 'UNSHIFT');
    return unique && contains(given, added) ? given : [added, ...given];
  },
});

function flatten(values: readonly Value[], depth: number, context: FunctionContext): Value[] {
  const parts = depth > 1 ? values.map((each) => (isArray(each) ? flatten(each, depth - 1, context) : each)) : values;
  reserveArray(
    context,
    parts.reduce<number>((length, each) => length + (isArray(each) ? each.length : 1), 0),
  );
  return (parts as readonly (Value | readonly Value[])[]).flat();
}

function lengthOfAll(arrays: readonly (readonly Value[])[]): number {
  return arrays.reduce((sum, { length }) => sum + length, 0);
}

function joined(arrays: readonly (readonly Value[])[], context: FunctionContext): Value[] {
  reserveArray(context, lengthOfAll(arrays));
  return arrays.flat();
}

function contains(values: readonly Value[], search: Value): boolean {
  return values.some((each) => equalValues(each, search));
}

/** Some set functions promise no order. What ArangoDB gives is the last value first, and old answers keep their look so. */
function inRecordedOrder(values: readonly Value[]): readonly Value[] {
  return values.toReversed();
}
