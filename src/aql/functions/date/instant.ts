/**
 * Moments as AQL's date functions have them: milliseconds since 1970 in the proleptic Gregorian calendar, from the year 0 to 9999, and the
 * ISO 8601 strings that stand for them. Local times are such numbers, too, read as if they were UTC.
 */
import type { Value } from '#values';

export const FIRST_INSTANT = -62_167_219_200_000;
export const LAST_INSTANT = 253_402_300_799_999;

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
export const WEEK_MS = 7 * DAY_MS;

export interface CalendarTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}

export function calendarTime(instant: number): CalendarTime {
  const date = new Date(instant);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    millisecond: date.getUTCMilliseconds(),
  };
}

/** What is beyond its range runs over into the greater parts: the 31st of February is in March. */
export function instantOf({
  year,
  month,
  day,
  hour = 0,
  minute = 0,
  second = 0,
  millisecond = 0,
}: Partial<CalendarTime> & { year: number; month: number; day: number }): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.setUTCHours(hour, minute, second, millisecond);
}

export function isInRange(instant: number): boolean {
  return instant >= FIRST_INSTANT && instant <= LAST_INSTANT;
}

const ISO =
  /^[ \t-\r]*\+?(?<year>\d{1,4})(?:-(?<month>\d{1,2})(?:-(?<day>\d{1,2}))?)?(?:[ T](?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:\.(?<fraction>\d+))?)?(?<offset>[-+]\d\d:?\d\d)?)?[Zz]?[ \t-\r]*$/;

/** The moment that an ISO string stands for, in UTC unless it says otherwise; NaN when it is none. */
export function parseInstant(text: string): number {
  const { year, month = '1', day = '1', hour = '0', minute = '0', second = '0', fraction = '', offset = '' } = ISO.exec(text)?.groups ?? {};
  const isInBounds = isBetween(month, 1, 12) && isBetween(day, 1, 31) && Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
  if (year === undefined || !isInBounds) return NaN;
  const instant =
    instantOf({
      year: Number(year),
      month: Number(month),
      day: Number(day),
      hour: Number(hour),
      minute: Number(minute),
      second: Number(second),
      millisecond: Number(fraction.slice(0, 3).padEnd(3, '0')),
    }) - offsetMs(offset);
  return isInRange(instant) ? instant : NaN;
}

function isBetween(digits: string, least: number, most: number): boolean {
  return Number(digits) >= least && Number(digits) <= most;
}

function offsetMs(offset: string): number {
  if (offset === '') return 0;
  const ms = Number(offset.slice(1, 3)) * HOUR_MS + Number(offset.slice(-2)) * MINUTE_MS;
  return offset.startsWith('-') ? -ms : ms;
}

/** What a date function takes for a date: milliseconds, or an ISO string. NaN for everything else. */
export function toInstant(value: Value): number {
  if (typeof value === 'string') return parseInstant(value);
  if (typeof value !== 'number') return NaN;
  const instant = Math.trunc(value);
  return isInRange(instant) ? instant : NaN;
}

/** With milliseconds and `Z`. The moment must be in range. */
export function isoText(instant: number): string {
  return new Date(instant).toISOString();
}

export function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

export function daysInMonth({ year, month }: CalendarTime): number {
  return calendarTime(instantOf({ year, month: month + 1, day: 0 })).day;
}

/** 1 to 366. */
export function dayOfYear(instant: number): number {
  const { year } = calendarTime(instant);
  return Math.floor((instant - instantOf({ year, month: 1, day: 1 })) / DAY_MS) + 1;
}

/** Sunday is 0. */
export function dayOfWeek(instant: number): number {
  return new Date(instant).getUTCDay();
}

/** The week of ISO 8601 and the year that it belongs to: the one of its Thursday. */
export function isoWeek(instant: number): { readonly week: number; readonly year: number } {
  const thursday = instant + (4 - (dayOfWeek(instant) || 7)) * DAY_MS;
  return { week: Math.ceil(dayOfYear(thursday) / 7), year: calendarTime(thursday).year };
}
