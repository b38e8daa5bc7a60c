/**
 * The functions of COLLECT AGGREGATE and WINDOW. Each makes accumulators, one for a group, that take the group's values one by one.
 *
 * They differ from the functions of the same names on arrays: nothing warns, and without any value the result is null.
 */
import { compareValues, type Value } from '#values';
import { Moments } from './moments.ts';
import { ValueSet } from './value-map.ts';

/** Values must be plain: no `DocumentView`, but for LENGTH, which does not look at them. */
export interface Accumulator {
  add(value: Value): void;
  /** How many values it keeps; undefined for those that keep none. */
  readonly kept?: number;
  /** May be asked for at any time, and more values may come after. */
  result(): Value;
}

export interface AggregateFunction {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  /** The most is always one. */
  readonly minArguments: 0 | 1;
  readonly create: () => Accumulator;
}

class Length implements Accumulator {
  #count = 0;

  add(): void {
    this.#count++;
  }

  result(): Value {
    return this.#count;
  }
}

/** The least or the greatest value; nulls are passed over. */
class Extreme implements Accumulator {
  readonly #sign: 1 | -1;
  #extreme: Value = null;

  constructor(sign: 1 | -1) {
    this.#sign = sign;
  }

  add(value: Value): void {
    if (value === null) return;
    const extreme = this.#extreme;
    if (typeof value === 'number' && typeof extreme === 'number') {
      if ((value - extreme) * this.#sign > 0) this.#extreme = value;
    } else if (extreme === null || compareValues(value, extreme) * this.#sign > 0) this.#extreme = value;
  }

  result(): Value {
    return this.#extreme;
  }
}

/**
 * What needs numbers: nulls are passed over, and anything else makes the result null. Each class adds numbers in an `add` of its own, so
 * that the loop over a query's rows stays in one small function.
 */
abstract class Numeric implements Accumulator {
  #isInvalid = false;

  abstract add(value: Value): void;

  result(): Value {
    const result = this.#isInvalid ? null : this.numericResult();
    return result === null || !Number.isFinite(result) ? null : result;
  }

  protected passOver(value: Value): void {
    if (value !== null) this.#isInvalid = true;
  }

  protected abstract numericResult(): number | null;
}

class Sum extends Numeric {
  #sum = 0;
  #isEmpty = true;

  add(value: Value): void {
    this.#isEmpty = false;
    if (typeof value === 'number') this.#sum += value;
    else this.passOver(value);
  }

  /** The sum of nulls is 0, while that of nothing is null. */
  protected numericResult(): number | null {
    return this.#isEmpty ? null : this.#sum;
  }
}

class Average extends Numeric {
  #sum = 0;
  #count = 0;

  add(value: Value): void {
    if (typeof value === 'number') {
      this.#sum += value;
      this.#count++;
    } else this.passOver(value);
  }

  protected numericResult(): number | null {
    return this.#count === 0 ? null : this.#sum / this.#count;
  }
}

class Spread extends Numeric {
  readonly #moments = new Moments();
  readonly #result: (moments: Moments) => number | null;

  constructor(result: (moments: Moments) => number | null) {
    super();
    this.#result = result;
  }

  add(value: Value): void {
    if (typeof value === 'number') this.#moments.add(value);
    else this.passOver(value);
  }

  protected numericResult(): number | null {
    return this.#result(this.#moments);
  }
}

/** Integers from 0 to 2³² - 1; other numbers make the result null, too. */
class Bits extends Numeric {
  readonly #combine: (left: number, right: number) => number;
  #bits: number | null = null;

  constructor(combine: (left: number, right: number) => number) {
    super();
    this.#combine = combine;
  }

  add(value: Value): void {
    if (typeof value !== 'number' || value < 0 || value >= 2 ** 32) this.passOver(value);
    else this.#bits = (this.#bits === null ? value : this.#combine(this.#bits, value)) >>> 0;
  }

  protected numericResult(): number | null {
    return this.#bits;
  }
}

class Distinct implements Accumulator {
  readonly #set = new ValueSet();
  readonly #result: (set: ValueSet) => Value;

  constructor(result: (set: ValueSet) => Value) {
    this.#result = result;
  }

  get kept(): number {
    return this.#set.size;
  }

  add(value: Value): void {
    this.#set.add(value);
  }

  result(): Value {
    return this.#result(this.#set);
  }
}

class Collected implements Accumulator {
  readonly #values: Value[] = [];

  get kept(): number {
    return this.#values.length;
  }

  add(value: Value): void {
    this.#values.push(value);
  }

  result(): Value {
    return this.#values.slice();
  }
}

export const AGGREGATE_FUNCTIONS: readonly AggregateFunction[] = [
  { name: 'LENGTH', aliases: ['COUNT'], summary: 'How many rows the group has.', minArguments: 0, create: () => new Length() },
  { name: 'MIN', aliases: [], summary: 'The least value but null.', minArguments: 1, create: () => new Extreme(-1) },
  { name: 'MAX', aliases: [], summary: 'The greatest value.', minArguments: 1, create: () => new Extreme(1) },
  { name: 'SUM', aliases: [], summary: 'The sum of the numbers.', minArguments: 1, create: () => new Sum() },
  { name: 'AVERAGE', aliases: ['AVG'], summary: 'The mean of the numbers.', minArguments: 1, create: () => new Average() },
  {
    name: 'STDDEV_POPULATION',
    aliases: ['STDDEV'],
    summary: 'The standard deviation of a population.',
    minArguments: 1,
    create: () => new Spread((moments) => moments.deviation(0)),
  },
  {
    name: 'STDDEV_SAMPLE',
    aliases: [],
    summary: 'The standard deviation of a sample.',
    minArguments: 1,
    create: () => new Spread((moments) => moments.deviation(1)),
  },
  {
    name: 'VARIANCE_POPULATION',
    aliases: ['VARIANCE'],
    summary: 'The variance of a population.',
    minArguments: 1,
    create: () => new Spread((moments) => moments.variance(0)),
  },
  {
    name: 'VARIANCE_SAMPLE',
    aliases: [],
    summary: 'The variance of a sample.',
    minArguments: 1,
    create: () => new Spread((moments) => moments.variance(1)),
  },
  {
    name: 'UNIQUE',
    aliases: [],
    summary: 'The different values.',
    minArguments: 1,
    create: () => new Distinct((set) => set.values.slice()),
  },
  {
    name: 'SORTED_UNIQUE',
    aliases: [],
    summary: 'The different values in order.',
    minArguments: 1,
    create: () => new Distinct((set) => set.values.toSorted(compareValues)),
  },
  {
    name: 'COUNT_DISTINCT',
    aliases: ['COUNT_UNIQUE'],
    summary: 'How many different values there are.',
    minArguments: 1,
    create: () => new Distinct((set) => set.size),
  },
  {
    name: 'BIT_AND',
    aliases: [],
    summary: 'The bits that all numbers have.',
    minArguments: 1,
    create: () => new Bits((left, right) => left & right),
  },
  {
    name: 'BIT_OR',
    aliases: [],
    summary: 'The bits that any number has.',
    minArguments: 1,
    create: () => new Bits((left, right) => left | right),
  },
  {
    name: 'BIT_XOR',
    aliases: [],
    summary: 'The bits that an odd number of the numbers has.',
    minArguments: 1,
    create: () => new Bits((left, right) => left ^ right),
  },
  { name: 'PUSH', aliases: [], summary: 'All values.', minArguments: 1, create: () => new Collected() },
];

const BY_NAME: ReadonlyMap<string, AggregateFunction> = new Map(
  AGGREGATE_FUNCTIONS.flatMap((each) => [each.name, ...each.aliases].map((name) => [name, each])),
);

/** `name` in any case; undefined when it is no aggregate function, which is error 1574. */
export function findAggregateFunction(name: string): AggregateFunction | undefined {
  return BY_NAME.get(name.toUpperCase());
}
