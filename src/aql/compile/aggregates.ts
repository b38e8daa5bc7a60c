/**
 * The aggregate functions of COLLECT and WINDOW. Nulls do not count, save where all rows do; a value of a type that the function
 * cannot take makes the result null.
 */
import { compareValues, type Value } from '#values';
import { ValueSet } from './groups.ts';

export interface Aggregator {
  add(value: Value): void;
  readonly result: Value;
}

class Count implements Aggregator {
  result = 0;
  add(): void {
    this.result++;
  }
}

class Min implements Aggregator {
  result: Value = null;
  add(value: Value): void {
    this.result = lesser(this.result, value);
  }
}

class Max implements Aggregator {
  result: Value = null;
  add(value: Value): void {
    this.result = greater(this.result, value);
  }
}

/** The lesser of two values, of which null is none. */
export function lesser(least: Value, value: Value): Value {
  if (value === null) return least;
  if (least === null) return value;
  if (typeof least === 'number' && typeof value === 'number') return value < least ? value : least;
  return compareValues(value, least) < 0 ? value : least;
}

export function greater(greatest: Value, value: Value): Value {
  if (typeof greatest === 'number' && typeof value === 'number') return value > greatest ? value : greatest;
  return compareValues(value, greatest) > 0 ? value : greatest;
}

class Sum implements Aggregator {
  #sum = 0;
  add(value: Value): void {
    this.#sum = plus(this.#sum, value);
  }
  get result(): Value {
    return finiteOrNull(this.#sum);
  }
}

/** NaN as soon as something is added that is neither number nor null. */
export function plus(sum: number, value: Value): number {
  return typeof value === 'number' ? sum + value : value === null ? sum : NaN;
}

export function finiteOrNull(result: number): Value {
  return Number.isFinite(result) ? result : null;
}

class Average implements Aggregator {
  #sum = 0;
  #count = 0;
  add(value: Value): void {
    this.#sum = plus(this.#sum, value);
    if (value !== null) this.#count++;
  }
  get result(): Value {
    return finiteOrNull(this.#sum / this.#count);
  }
}

/** Welford's method, which stays exact where sums of squares do not. */
class Moments implements Aggregator {
  #count = 0;
  #mean = 0;
  #squares = 0;
  readonly #missing: number;
  readonly #finish: (variance: number) => number;

  /** `missing` is 1 for a sample. */
  constructor(missing: number, finish: (variance: number) => number) {
    this.#missing = missing;
    this.#finish = finish;
  }

  add(value: Value): void {
    if (value === null) return;
    const given = typeof value === 'number' ? value : NaN;
    const delta = given - this.#mean;
    this.#mean += delta / ++this.#count;
    this.#squares += delta * (given - this.#mean);
  }

  get result(): Value {
    const count = this.#count - this.#missing;
    return count > 0 ? finiteOrNull(this.#finish(this.#squares / count)) : null;
  }
}

class Unique implements Aggregator {
  readonly #set = new ValueSet();
  add(value: Value): void {
    this.#set.add(value);
  }
  get result(): Value {
    return this.#set.values;
  }
}

class SortedUnique extends Unique {
  override get result(): Value {
    return [...(super.result as readonly Value[])].sort(compareValues);
  }
}

class CountDistinct extends Unique {
  override get result(): Value {
    return (super.result as readonly Value[]).length;
  }
}

class Push implements Aggregator {
  readonly result: Value[] = [];
  add(value: Value): void {
    this.result.push(value);
  }
}

const HIGHEST_BITS = 2 ** 32 - 1;

class Bits implements Aggregator {
  result: Value = null;
  #isValid = true;
  readonly #combine: (left: number, right: number) => number;

  constructor(combine: (left: number, right: number) => number) {
    this.#combine = combine;
  }

  add(value: Value): void {
    if (value === null || !this.#isValid) return;
    this.#isValid = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= HIGHEST_BITS;
    if (!this.#isValid) this.result = null;
    else this.result = this.result === null ? value : this.#combine(this.result as number, value as number) >>> 0;
  }
}

const AGGREGATORS: Readonly<Record<string, () => Aggregator>> = {
  LENGTH: () => new Count(),
  MIN: () => new Min(),
  MAX: () => new Max(),
  SUM: () => new Sum(),
  AVERAGE: () => new Average(),
  VARIANCE_POPULATION: () => new Moments(0, (variance) => variance),
  VARIANCE_SAMPLE: () => new Moments(1, (variance) => variance),
  STDDEV_POPULATION: () => new Moments(0, Math.sqrt),
  STDDEV_SAMPLE: () => new Moments(1, Math.sqrt),
  UNIQUE: () => new Unique(),
  SORTED_UNIQUE: () => new SortedUnique(),
  COUNT_DISTINCT: () => new CountDistinct(),
  BIT_AND: () => new Bits((left, right) => left & right),
  BIT_OR: () => new Bits((left, right) => left | right),
  BIT_XOR: () => new Bits((left, right) => left ^ right),
  PUSH: () => new Push(),
};

export function makeAggregator(name: string): Aggregator {
  const make = AGGREGATORS[name];
  if (make === undefined) throw new Error(`no aggregate function is called ${name}`);
  return make();
}
