/**
 * WINDOW: aggregates over the rows around each row, counted in rows or by the distance of a value.
 *
 * Windows whose beginning never moves grow by a row at a time; others are summed up anew for each row.
 */
import { ArangoError } from '#base';
import { isObject, plain, type Value } from '#values';
import { findAggregateFunction } from '../functions/aggregates.ts';
import { callByName } from '../functions/registry.ts';
import type { Run } from '../run.ts';

type Read<Row> = ((row: Row) => Value) | undefined;

/** The aggregates of each window: a list for each aggregate, with an element for each row. */
export function windowRows<Row>(
  run: Run,
  rows: readonly Row[],
  preceding: Value,
  following: Value,
  range: Read<Row>,
  aggregates: readonly (readonly [name: string, input: Read<Row>])[],
): readonly (readonly Value[])[] {
  const bounds =
    range === undefined ? rowBounds(rows.length, preceding, following) : rangeBounds(run, rows.map(range), preceding, following);
  return aggregates.map(([name, input]) => {
    const inputs = rows.map((row) => (input === undefined ? null : input(row)));
    return aggregateWindows(run, name, inputs, bounds);
  });
}

/** First row of each window, and the row after its last. */
type Bounds = readonly (readonly [start: number, end: number])[];

function aggregateWindows(run: Run, name: string, inputs: readonly Value[], bounds: Bounds): Value[] {
  const isGrowing = bounds.every(([start, end], i) => start === 0 && end >= (bounds[i - 1]?.[1] ?? 0));
  const definition = findAggregateFunction(name);
  if (definition === undefined) throw new Error(`no aggregate function is called ${name}`);
  let accumulator = definition.create();
  let added = 0;
  return bounds.map(([start, end], i) => {
    if ((i & 255) === 255) run.check();
    if (!isGrowing) {
      accumulator = definition.create();
      added = start;
    }
    for (; added < end; added++) accumulator.add(inputs[added] ?? null);
    return accumulator.result();
  });
}

function rowBounds(count: number, preceding: Value, following: Value): Bounds {
  const before = rowCount(preceding);
  const after = rowCount(following);
  return Array.from({ length: count }, (_, i) => [Math.max(0, i - before), Math.min(count, i + after + 1)] as const);
}

function rowCount(bound: Value): number {
  if (bound === 'unbounded') return Infinity;
  if (typeof bound === 'number' && Number.isInteger(bound) && bound >= 0) return bound;
  throw invalidBound();
}

const invalidBound = (): ArangoError =>
  new ArangoError('ERROR_QUERY_PARSE', { message: "WINDOW bounds must be non-negative numbers, ISO durations or 'unbounded'" });

/** Rows are sorted by their values. Rows whose value is no number are in no window and have empty ones. */
function rangeBounds(run: Run, values: readonly Value[], preceding: Value, following: Value): Bounds {
  const [lower, upper] = distances(run, preceding, following);
  const numbers = values.map((value) => {
    const number = lower.toNumber(value);
    if (number === undefined) {
      run.warn('ERROR_QUERY_INVALID_ARITHMETIC_VALUE', 'invalid arithmetic value');
      return NaN;
    }
    return number;
  });
  let start = 0;
  let end = 0;
  return numbers.map((number, i) => {
    if (Number.isNaN(number)) return [0, 0] as const;
    const value = values[i] ?? null;
    const low = lower.move(value, number);
    const high = upper.move(value, number);
    while (start < numbers.length && !(Number(numbers[start]) >= low)) start++;
    if (end < start) end = start;
    while (end < numbers.length && !(Number(numbers[end]) > high)) end++;
    return [start, end] as const;
  });
}

/** How far a bound is from a value. */
interface Distance {
  toNumber(value: Value): number | undefined;
  move(value: Value, number: number): number;
}

function distances(run: Run, preceding: Value, following: Value): readonly [lower: Distance, upper: Distance] {
  if (isDuration(preceding) || isDuration(following)) {
    return [durationDistance(run, preceding, 'DATE_SUBTRACT', -Infinity), durationDistance(run, following, 'DATE_ADD', Infinity)];
  }
  return [numberDistance(preceding, -1), numberDistance(following, 1)];
}

const isDuration = (bound: Value): bound is string => typeof bound === 'string' && /^P/i.test(bound);

function numberDistance(bound: Value, sign: 1 | -1): Distance {
  const distance = bound === 'unbounded' ? Infinity : bound;
  if (typeof distance !== 'number' || isObject(bound)) throw invalidBound();
  return {
    toNumber: (value) => (typeof value === 'number' ? value : undefined),
    move: (_, number) => number + sign * distance,
  };
}

/** Months are of different lengths, so durations are added to dates as the date functions do it. */
function durationDistance(run: Run, bound: Value, shift: 'DATE_ADD' | 'DATE_SUBTRACT', unbounded: number): Distance {
  const timestamp = (value: Value): number | undefined => {
    const number = plain(callByName('DATE_TIMESTAMP', [value], run));
    return typeof number === 'number' ? number : undefined;
  };
  return {
    toNumber: timestamp,
    move: (value, number) => {
      if (bound === 'unbounded') return unbounded;
      return bound === 0 ? number : (timestamp(plain(callByName(shift, [value, bound], run))) ?? NaN);
    },
  };
}
