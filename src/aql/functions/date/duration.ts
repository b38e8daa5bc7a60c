/** Units of time and durations: their names, adding them to a moment, cutting a moment down to them. */
import type { Value } from '#values';
import { calendarTime, DAY_MS, HOUR_MS, instantOf, MINUTE_MS, SECOND_MS, WEEK_MS } from './instant.ts';

export type Unit = 'year' | 'month' | 'week' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond';

const UNITS: readonly (readonly [unit: Unit, letter: string])[] = [
  ['year', 'y'],
  ['month', 'm'],
  ['week', 'w'],
  ['day', 'd'],
  ['hour', 'h'],
  ['minute', 'i'],
  ['second', 's'],
  ['millisecond', 'f'],
];

const BY_NAME: ReadonlyMap<string, Unit> = new Map(
  UNITS.flatMap(([unit, letter]) => [letter, unit, `${unit}s`].map((name) => [name, unit] as const)),
);

/** By its name, singular or plural, or its letter, in any case. */
export function findUnit(name: Value): Unit | undefined {
  return typeof name === 'string' ? BY_NAME.get(name.toLowerCase()) : undefined;
}

/** A month is a twelfth of a year, a year 365.2425 days. */
export const UNIT_MS: Readonly<Record<Unit, number>> = {
  year: 365.2425 * DAY_MS,
  month: (365.2425 / 12) * DAY_MS,
  week: WEEK_MS,
  day: DAY_MS,
  hour: HOUR_MS,
  minute: MINUTE_MS,
  second: SECOND_MS,
  millisecond: 1,
};

/** Years and months are counted in the calendar, the rest in time. */
export interface Duration {
  readonly months: number;
  readonly ms: number;
}

/** Of a fraction of a year, whole months are counted; of a fraction of a month, thirtieths, as days. */
export function durationOf(amount: number, unit: Unit): Duration {
  if (unit !== 'year' && unit !== 'month') return { months: 0, ms: Math.trunc(amount * UNIT_MS[unit]) };
  const exact = unit === 'year' ? amount * 12 : amount;
  const months = Math.trunc(exact);
  return { months, ms: Math.trunc((exact - months) * 30 * DAY_MS) };
}

const ISO_DURATION =
  /^P(?:(?<years>\d+)Y)?(?:(?<months>\d+)M)?(?:(?<weeks>\d+)W)?(?:(?<days>\d+)D)?(?:T(?:(?<hours>\d+)H)?(?:(?<minutes>\d+)M)?(?:(?<seconds>\d+)(?:\.(?<fraction>\d+))?S)?)?$/i;

export function parseDuration(text: string): Duration | undefined {
  const groups = ISO_DURATION.exec(text)?.groups;
  if (groups === undefined || /^PT?$/i.test(text)) return undefined;
  const count = (name: string): number => Number(groups[name] ?? 0);
  return {
    months: count('years') * 12 + count('months'),
    ms:
      count('weeks') * WEEK_MS +
      count('days') * DAY_MS +
      count('hours') * HOUR_MS +
      count('minutes') * MINUTE_MS +
      count('seconds') * SECOND_MS +
      Number((groups['fraction'] ?? '').slice(0, 3).padEnd(3, '0')),
  };
}

/** A day that the month found by counting does not have runs over into the next: a month after January 31st is in March. */
export function addDuration(instant: number, { months, ms }: Duration, sign: 1 | -1): number {
  if (months === 0) return instant + sign * ms;
  const time = calendarTime(instant);
  return instantOf({ ...time, month: time.month + sign * months }) + sign * ms;
}

/** The begin of the unit that `instant` is in. */
export function truncateTo(instant: number, unit: Exclude<Unit, 'week'>): number {
  const { year, month } = calendarTime(instant);
  if (unit === 'year') return instantOf({ year, month: 1, day: 1 });
  if (unit === 'month') return instantOf({ year, month, day: 1 });
  return Math.floor(instant / UNIT_MS[unit]) * UNIT_MS[unit];
}
