/** DATE_FORMAT's placeholders. */
import { calendarTime, dayOfWeek, dayOfYear, daysInMonth, isLeapYear, isoText, isoWeek } from './instant.ts';

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const PLACEHOLDERS: Readonly<Record<string, (instant: number) => string | number>> = {
  t: (instant) => instant,
  z: isoText,
  w: dayOfWeek,
  y: (instant) => calendarTime(instant).year,
  yy: (instant) => padded(calendarTime(instant).year % 100, 2),
  yyyy: (instant) => padded(calendarTime(instant).year, 4),
  yyyyyy: (instant) => `+${padded(calendarTime(instant).year, 6)}`,
  m: (instant) => calendarTime(instant).month,
  mm: (instant) => padded(calendarTime(instant).month, 2),
  d: (instant) => calendarTime(instant).day,
  dd: (instant) => padded(calendarTime(instant).day, 2),
  h: (instant) => calendarTime(instant).hour,
  hh: (instant) => padded(calendarTime(instant).hour, 2),
  i: (instant) => calendarTime(instant).minute,
  ii: (instant) => padded(calendarTime(instant).minute, 2),
  s: (instant) => calendarTime(instant).second,
  ss: (instant) => padded(calendarTime(instant).second, 2),
  f: (instant) => calendarTime(instant).millisecond,
  fff: (instant) => padded(calendarTime(instant).millisecond, 3),
  x: dayOfYear,
  xxx: (instant) => padded(dayOfYear(instant), 3),
  k: (instant) => isoWeek(instant).week,
  kk: (instant) => padded(isoWeek(instant).week, 2),
  l: (instant) => (isLeapYear(calendarTime(instant).year) ? 1 : 0),
  q: (instant) => Math.ceil(calendarTime(instant).month / 3),
  a: (instant) => daysInMonth(calendarTime(instant)),
  mmm: (instant) => monthName(instant).slice(0, 3),
  mmmm: monthName,
  www: (instant) => weekdayName(instant).slice(0, 3),
  wwww: weekdayName,
  '%': () => '%',
  '&': () => '',
};

const longestFirst = Object.keys(PLACEHOLDERS).toSorted((left, right) => right.length - left.length);
const PLACEHOLDER = new RegExp(`%(${longestFirst.join('|')})?`, 'gi');

/** A lone `%` is left out, and `%&` keeps a placeholder from the letters after it. */
export function formatInstant(instant: number, format: string): string {
  return format.replace(PLACEHOLDER, (_, placeholder = '') => String(PLACEHOLDERS[String(placeholder).toLowerCase()]?.(instant) ?? ''));
}

function padded(number: number, length: number): string {
  return String(number).padStart(length, '0');
}

function monthName(instant: number): string {
  return MONTHS[calendarTime(instant).month - 1] ?? '';
}

function weekdayName(instant: number): string {
  return WEEKDAYS[dayOfWeek(instant)] ?? '';
}
