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
export function instantOf(time: Pick<CalendarTime, 'year' | 'month' | 'day'> & Partial<CalendarTime>): number {
  const { year, month, day, hour = 0, minute = 0, second = 0, millisecond = 0 } = time;
  return dayNumber(year, month) * DAY_MS + (day - 1) * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS + millisecond;
}

/** Days from 1970 to the first of a month. Years are taken to begin in March, so that the leap day is the last one. */
function dayNumber(year: number, month: number): number {
  const months = year * 12 + (month - 1) - 2;
  const marchYear = Math.floor(months / 12);
  const marchMonth = months - marchYear * 12;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + Math.floor((marchMonth * 153 + 2) / 5) - DAYS_BEFORE_1970;
}

/** From the 1st of March of the year 0. */
const DAYS_BEFORE_1970 = 719_468;

export function isInRange(instant: number): boolean {
  return instant >= FIRST_INSTANT && instant <= LAST_INSTANT;
}

const ZERO = 48;
const PLUS = 43;
const MINUS = 45;
const DOT = 46;
const COLON = 58;

/** Where the digits that begin at `start` end, of which there are at most `most`. */
function endOfDigits(text: string, start: number, most: number): number {
  let end = start;
  while (end < start + most && isDigit(text.charCodeAt(end))) end++;
  return end;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= ZERO + 9;
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** The number that the digits between two positions write; -1 when there are none. */
function numberBetween(text: string, start: number, end: number): number {
  let number = start === end ? -1 : 0;
  for (let i = start; i < end; i++) number = number * 10 + text.charCodeAt(i) - ZERO;
  return number;
}

/** The number that exactly two digits write; -1 when there are not two. */
function twoDigits(text: string, start: number): number {
  return endOfDigits(text, start, 2) === start + 2 ? numberBetween(text, start, start + 2) : -1;
}

/**
 * The moment that an ISO string stands for, in UTC unless it says otherwise; NaN when it is none. Month and day may have one digit and may
 * be missing, the parts of a time need two, and a time needs minutes. By hand, since queries read dates row by row.
 */
export function parseInstant(text: string): number {
  let at = 0;
  let end = text.length;
  while (isBlank(text.charCodeAt(at))) at++;
  while (end > at && isBlank(text.charCodeAt(end - 1))) end--;
  if (text.charCodeAt(at) === PLUS) at++;

  let next = endOfDigits(text, at, 4);
  const year = numberBetween(text, at, next);
  let month = 1;
  let day = 1;
  at = next;
  if (text.charCodeAt(at) === MINUS) {
    next = endOfDigits(text, at + 1, 2);
    month = numberBetween(text, at + 1, next);
    at = next;
    if (text.charCodeAt(at) === MINUS) {
      next = endOfDigits(text, at + 1, 2);
      day = numberBetween(text, at + 1, next);
      at = next;
    }
  }
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > 31) return NaN;

  let time = 0;
  const separator = text.charAt(at);
  if (at < end && (separator === 'T' || separator === ' ')) {
    const hour = twoDigits(text, at + 1);
    const minute = text.charCodeAt(at + 3) === COLON ? twoDigits(text, at + 4) : -1;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return NaN;
    time = hour * HOUR_MS + minute * MINUTE_MS;
    at += 6;
    if (text.charCodeAt(at) === COLON) {
      const second = twoDigits(text, at + 1);
      if (second < 0 || second > 59) return NaN;
      time += second * SECOND_MS;
      at += 3;
      if (text.charCodeAt(at) === DOT) {
        next = endOfDigits(text, at + 1, end - at);
        if (next === at + 1) return NaN;
        const digits = Math.min(next - at - 1, 3);
        time += numberBetween(text, at + 1, at + 1 + digits) * 10 ** (3 - digits);
        at = next;
      }
    }
    const sign = text.charCodeAt(at);
    if (sign === PLUS || sign === MINUS) {
      // Hours may have one digit if a colon follows.
      next = endOfDigits(text, at + 1, 2);
      const hasColon = text.charCodeAt(next) === COLON;
      const hours = hasColon ? numberBetween(text, at + 1, next) : twoDigits(text, at + 1);
      at = hasColon ? next + 1 : at + 3;
      const minutes = twoDigits(text, at);
      if (hours < 0 || minutes < 0) return NaN;
      time -= (sign === MINUS ? -1 : 1) * (hours * HOUR_MS + minutes * MINUTE_MS);
      at += 2;
    }
  }
  if (at < end && (text.charAt(at) === 'Z' || text.charAt(at) === 'z')) at++;
  if (at !== end) return NaN;
  const instant = instantOf({ year, month, day }) + time;
  return isInRange(instant) ? instant : NaN;
}

/** What a date function takes for a date: milliseconds, or an ISO string. NaN when it is no valid one, undefined for other types. */
export function toInstant(value: Value): number | undefined {
  if (typeof value === 'string') return parseInstant(value);
  if (typeof value !== 'number') return undefined;
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
