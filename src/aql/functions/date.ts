/**
 * AQL's date functions. A date is a number of milliseconds since 1970 or an ISO 8601 string; a string that is no date, and what lies
 * outside of the years 0 to 9999, gives warning 1572 and null, and a value of another type warning 1542. With a timezone, a function reckons with the clock on the wall there.
 */
import { clock, type ErrorName } from '#base';
import { toBool, toNumber, type Value } from '#values';
import type { FunctionContext } from './context.ts';
import { addDuration, durationOf, findUnit, parseDuration, truncateTo, UNIT_MS, type Duration, type Unit } from './date/duration.ts';
import { formatInstant } from './date/format.ts';
import {
  calendarTime,
  dayOfWeek,
  dayOfYear,
  daysInMonth,
  instantOf,
  isInRange,
  isLeapYear,
  isoText,
  isoWeek,
  parseInstant,
  toInstant,
} from './date/instant.ts';
import { getZone, systemZoneName, zoneDatabaseVersion, zoneNames, type Zone, type ZonePeriod } from './date/zone.ts';
import { define, optional, string, value, warn, type AqlFunction, type Example, type Parameter } from './define.ts';

/** The instant that a date stands for. */
const date = (name: string): Parameter<number> => ({
  name,
  type: 'date',
  occurs: 'once',
  atLeast: 1,
  cast: toInstant,
  fits: (instant: number | undefined) => instant !== undefined && !Number.isNaN(instant),
  misfit: misfitOf,
});

/** The warning about what `toInstant` made no date of. */
function misfitOf(instant: unknown): ErrorName {
  return instant === undefined ? 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH' : 'ERROR_QUERY_INVALID_DATE_VALUE';
}

/** A timezone by name; unknown ones are an error. */
const timezone: Parameter<Zone> = {
  name: 'timezone',
  type: 'string',
  occurs: 'once',
  atLeast: 1,
  cast: (name) => (typeof name === 'string' ? getZone(name) : undefined),
  fits: (zone: Zone | undefined) => zone !== undefined,
};

/** A function of a date's calendar time, here or in a timezone. */
function ofDate(name: string, summary: string, compute: (local: number) => Value, examples: readonly Example[]): AqlFunction {
  return define({
    name,
    summary,
    params: [date('date'), optional(timezone)],
    canThrow: true,
    examples,
    call: (instant, zone) => compute(zone?.toLocal(instant) ?? instant),
  });
}

/** To ArangoDB's optimizer it is deterministic, so that an index can answer `doc.expires < DATE_NOW()`. */
export const DATE_NOW = define({
  name: 'DATE_NOW',
  summary: 'The time now, in milliseconds since 1970.',
  params: [],
  cacheable: false,
  foldable: false,
  examples: [['DATE_YEAR(DATE_NOW()) > 2000', true]],
  call: () => clock.now(),
});

/** A date, or its components. */
const INSTANT_PARAMS = [
  value('dateOrYear'),
  optional(value('month')),
  optional(value('day')),
  optional(value('hour')),
  optional(value('minute')),
  optional(value('second')),
  optional(value('millisecond')),
] as const;

export const DATE_ISO8601 = define({
  name: 'DATE_ISO8601',
  summary: 'A date, or one told by its components, as an ISO 8601 string in UTC.',
  params: INSTANT_PARAMS,
  examples: [
    ['DATE_ISO8601(1399472349522)', '2014-05-07T14:19:09.522Z'],
    ['DATE_ISO8601("2014-05-07 16:19:09+02:00")', '2014-05-07T14:19:09.000Z'],
    ['DATE_ISO8601(2016, 2, 32)', '2016-03-03T00:00:00.000Z'],
    ['DATE_ISO8601("fox")', null, 'ERROR_QUERY_INVALID_DATE_VALUE'],
    ['DATE_ISO8601(2016, 2)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (...inputs) => {
    const context = inputs[7];
    const instant = composeInstant('DATE_ISO8601', inputs.slice(0, 7) as (Value | undefined)[], context);
    return instant === null ? null : isoText(instant);
  },
});

export const DATE_TIMESTAMP = define({
  name: 'DATE_TIMESTAMP',
  summary: 'A date, or one told by its components, in milliseconds since 1970.',
  params: INSTANT_PARAMS,
  examples: [
    ['DATE_TIMESTAMP("2014-05-07T14:19:09.522")', 1399472349522],
    ['DATE_TIMESTAMP(1970, 1, 1, 26)', 93600000],
    ['DATE_TIMESTAMP(2016, 12, -1)', null, 'ERROR_QUERY_INVALID_DATE_VALUE'],
  ],
  call: (...inputs) => composeInstant('DATE_TIMESTAMP', inputs.slice(0, 7) as (Value | undefined)[], inputs[7]),
});

export const IS_DATESTRING = define({
  name: 'IS_DATESTRING',
  summary: 'Whether `value` is a string that date functions take, parts of a date and days that a month does not have included.',
  params: [value('value')],
  examples: [
    ['IS_DATESTRING("2015-10")', true],
    ['IS_DATESTRING("2015-02-31")', true],
    ['IS_DATESTRING("2015-13")', false],
    ['IS_DATESTRING(0)', false],
  ],
  call: (given) => typeof given === 'string' && !Number.isNaN(parseInstant(given)),
});

export const DATE_DAYOFWEEK = ofDate('DATE_DAYOFWEEK', 'The day of the week: Sunday is 0, Saturday 6.', dayOfWeek, [
  ['DATE_DAYOFWEEK("2020-08-29")', 6],
  ['DATE_DAYOFWEEK("2023-03-25T23:00:00.000Z", "Europe/Berlin")', 0],
]);

export const DATE_YEAR = ofDate('DATE_YEAR', 'The year.', (local) => new Date(local).getUTCFullYear(), [
  ['DATE_YEAR("2020-08-29")', 2020],
  ['DATE_YEAR("2023-12-31T23:00:00.000Z", "Europe/Berlin")', 2024],
  ['DATE_YEAR(null)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ['DATE_YEAR("null")', null, 'ERROR_QUERY_INVALID_DATE_VALUE'],
]);

export const DATE_MONTH = ofDate('DATE_MONTH', 'The month, from 1 on.', (local) => new Date(local).getUTCMonth() + 1, [
  ['DATE_MONTH("2020-08-29")', 8],
]);

export const DATE_DAY = ofDate('DATE_DAY', 'The day of the month.', (local) => new Date(local).getUTCDate(), [
  ['DATE_DAY("2020-08-29")', 29],
]);

export const DATE_HOUR = ofDate('DATE_HOUR', 'The hour.', (local) => new Date(local).getUTCHours(), [
  ['DATE_HOUR("2020-08-29T16:30:05.123")', 16],
  ['DATE_HOUR("2023-12-31T23:00:00.000Z", "Europe/Berlin")', 0],
]);

export const DATE_MINUTE = ofDate('DATE_MINUTE', 'The minute.', (local) => new Date(local).getUTCMinutes(), [
  ['DATE_MINUTE(2520000)', 42],
  ['DATE_MINUTE("2023-12-31T23:00:00.000Z", "Asia/Kathmandu")', 45],
]);

export const DATE_SECOND = define({
  name: 'DATE_SECOND',
  summary: 'The second.',
  params: [date('date')],
  examples: [['DATE_SECOND("2020-08-29T16:30:05.123")', 5]],
  call: (instant) => new Date(instant).getUTCSeconds(),
});

export const DATE_MILLISECOND = define({
  name: 'DATE_MILLISECOND',
  summary: 'The millisecond.',
  params: [date('date')],
  examples: [['DATE_MILLISECOND("2020-08-29T16:30:05.12")', 120]],
  call: (instant) => new Date(instant).getUTCMilliseconds(),
});

export const DATE_DAYOFYEAR = ofDate('DATE_DAYOFYEAR', 'The day of the year, from 1 on.', dayOfYear, [
  ['DATE_DAYOFYEAR("2020-08-29")', 242],
  ['DATE_DAYOFYEAR(86400000)', 2],
]);

export const DATE_ISOWEEK = ofDate('DATE_ISOWEEK', 'The week of the year as ISO 8601 counts them.', (local) => isoWeek(local).week, [
  ['DATE_ISOWEEK("2020-08-29")', 35],
  ['DATE_ISOWEEK("2023-01-01")', 52],
]);

export const DATE_ISOWEEKYEAR = ofDate(
  'DATE_ISOWEEKYEAR',
  'The week as ISO 8601 counts them, and the year that it belongs to.',
  (local) => ({ ...isoWeek(local) }),
  [['DATE_ISOWEEKYEAR("2019-12-30")', { week: 1, year: 2020 }]],
);

export const DATE_LEAPYEAR = ofDate(
  'DATE_LEAPYEAR',
  'Whether the year is a leap year.',
  (local) => isLeapYear(new Date(local).getUTCFullYear()),
  [
    ['DATE_LEAPYEAR("2020-01-01")', true],
    ['DATE_LEAPYEAR("2100-01-01")', false],
  ],
);

export const DATE_QUARTER = ofDate(
  'DATE_QUARTER',
  'The quarter of the year, from 1 on.',
  (local) => Math.floor(new Date(local).getUTCMonth() / 3) + 1,
  [['DATE_QUARTER("2020-08-29")', 3]],
);

export const DATE_DAYS_IN_MONTH = ofDate(
  'DATE_DAYS_IN_MONTH',
  'How many days the month has.',
  (local) => daysInMonth(calendarTime(local)),
  [
    ['DATE_DAYS_IN_MONTH("2020-02-01")', 29],
    ['DATE_DAYS_IN_MONTH("2023-11-30T23:00:00.000Z", "Europe/Berlin")', 31],
  ],
);

export const DATE_TRUNC = define({
  name: 'DATE_TRUNC',
  summary: 'The begin of the `unit`, from year to millisecond, that a date is in.',
  params: [date('date'), string('unit'), optional(timezone)],
  canThrow: true,
  examples: [
    ['DATE_TRUNC("2017-02-03", "month")', '2017-02-01T00:00:00.000Z'],
    ['DATE_TRUNC("2023-03-25 23:30:00", "day", "Europe/Berlin")', '2023-03-25T23:00:00.000Z'],
    ['DATE_TRUNC("2017-02-03", "week")', null, 'ERROR_QUERY_INVALID_DATE_VALUE'],
  ],
  call: (instant, unitName, zone, context) => {
    const unit = findUnit(unitName);
    if (unit === undefined || unit === 'week') return warn(context, 'DATE_TRUNC', 'ERROR_QUERY_INVALID_DATE_VALUE');
    return isoResult(
      'DATE_TRUNC',
      onLocalTime(instant, zone, (local) => truncateTo(local, unit)),
      context,
    );
  },
});

export const DATE_ROUND = define({
  name: 'DATE_ROUND',
  summary: 'The begin of the span that a date is in when time is cut into spans of `amount` units, from day to millisecond.',
  params: [date('date'), value('amount'), value('unit'), optional(timezone)],
  canThrow: true,
  examples: [
    ['DATE_ROUND("2000-04-10T11:39:29Z", 15, "minutes")', '2000-04-10T11:30:00.000Z'],
    ['DATE_ROUND("2023-03-25T23:55:55.555Z", 1, "day", "Europe/Berlin")', '2023-03-25T23:00:00.000Z'],
    ['DATE_ROUND("2000-04-10", 0, "days")', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (instant, amount, unitName, zone, context) => {
    const unit = findUnit(unitName);
    const isSpan = unit !== undefined && unit !== 'year' && unit !== 'month' && unit !== 'week';
    if (!isSpan || typeof amount !== 'number' || amount < 1) return warn(context, 'DATE_ROUND');
    const span = Math.trunc(amount) * UNIT_MS[unit];
    return isoResult(
      'DATE_ROUND',
      onLocalTime(instant, zone, (local) => Math.trunc(local / span) * span),
      context,
    );
  },
});

export const DATE_FORMAT = define({
  name: 'DATE_FORMAT',
  summary: 'A date as text: `%yyyy`, `%mm`, `%dd`, `%hh`, `%ii`, `%ss`, `%fff` and others in `format` stand for its parts.',
  params: [date('date'), string('format'), optional(timezone)],
  canThrow: true,
  examples: [
    ['DATE_FORMAT("2015-09-18T15:30:49.374Z", "%dd.%mm.%yyyy %hh:%ii:%ss,%fff")', '18.09.2015 15:30:49,374'],
    ['DATE_FORMAT("1969", "Summer of \'%yy")', "Summer of '69"],
    ['DATE_FORMAT("2016", "%%l = %l")', '%l = 1'],
    ['DATE_FORMAT("2016-03-01", "%xxx%")', '061'],
    ['DATE_FORMAT("2016-03-01", "%m%&month %wwww %mmm %yyyyyy")', '3month Tuesday Mar +002016'],
    ['DATE_FORMAT("2016-03-01", 1)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (instant, format, zone) => formatInstant(zone?.toLocal(instant) ?? instant, format),
});

export const DATE_ADD = define({
  name: 'DATE_ADD',
  summary: 'A date and `amount` of a unit, or an ISO 8601 duration, later.',
  params: [date('date'), value('amount'), optional(value('unit')), optional(value('timezone'))],
  canThrow: true,
  examples: [
    ['DATE_ADD("2015-04-01", 61, "months")', '2020-05-01T00:00:00.000Z'],
    ['DATE_ADD("2020-01-31", 1, "month")', '2020-03-02T00:00:00.000Z'],
    ['DATE_ADD("2000-01-01", "P1Y2M3W4DT5H6M7.89S")', '2001-03-26T05:06:07.890Z'],
    ['DATE_ADD("2023-03-25T23:00:00.000Z", 1, "day", "Europe/Berlin")', '2023-03-26T22:00:00.000Z'],
    ['DATE_ADD("2020", 1, "fox")', null, 'ERROR_QUERY_INVALID_DATE_VALUE'],
    ['DATE_ADD("9999-12-31", 1, "day")', null, 'ERROR_QUERY_INVALID_DATE_VALUE'],
  ],
  call: (...inputs) => shifted('DATE_ADD', inputs, 1),
});

export const DATE_SUBTRACT = define({
  name: 'DATE_SUBTRACT',
  summary: 'A date and `amount` of a unit, or an ISO 8601 duration, before.',
  params: [date('date'), value('amount'), optional(value('unit')), optional(value('timezone'))],
  canThrow: true,
  examples: [
    ['DATE_SUBTRACT("2016-03-01", 1, "day")', '2016-02-29T00:00:00.000Z'],
    ['DATE_SUBTRACT("2016-03-01", "PT1H3M")', '2016-02-29T22:57:00.000Z'],
    ['DATE_SUBTRACT("2016-03-01", true, "day")', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (...inputs) => shifted('DATE_SUBTRACT', inputs, -1),
});

export const DATE_DIFF = define({
  name: 'DATE_DIFF',
  summary:
    'How many of a unit lie between two dates, rounded unless `asFloat` is true. A month is a twelfth of a year, a year 365.2425 days.',
  params: [
    date('date1'),
    date('date2'),
    string('unit'),
    optional(value('asFloat')),
    optional(value('timezone1')),
    optional(value('timezone2')),
  ],
  canThrow: true,
  examples: [
    ['DATE_DIFF("2023-12-01", "2024-04-01", "days")', 122],
    ['DATE_DIFF("2023-12-02", "2023-12-01", "hours")', -24],
    ['DATE_DIFF("2023-12-01T00:00:00Z", "2023-12-01T01:30:00Z", "h", true)', 1.5],
    ['DATE_DIFF("2023-03-25T23:00:00.000Z", "2023-03-26T23:00:00.000Z", "hours", "Europe/Berlin")', 25],
    ['DATE_DIFF("2023", "2024", "fox")', null, 'ERROR_QUERY_INVALID_DATE_VALUE'],
  ],
  call: (from, to, unitName, asFloat, zone1, zone2, context) => {
    const unit = findUnit(unitName);
    if (unit === undefined) return warn(context, 'DATE_DIFF', 'ERROR_QUERY_INVALID_DATE_VALUE');
    if (asFloat !== undefined && typeof asFloat !== 'boolean' && typeof asFloat !== 'string') return warn(context, 'DATE_DIFF');
    const names = typeof asFloat === 'string' ? [asFloat, zone1 ?? asFloat] : [zone1, zone2 ?? zone1];
    const [first, second] = names.map((name) => (name === undefined ? undefined : typeof name === 'string' ? getZone(name) : null));
    if (first === null || second === null) return warn(context, 'DATE_DIFF');
    const difference = ((second?.toLocal(to) ?? to) - (first?.toLocal(from) ?? from)) / UNIT_MS[unit];
    return asFloat === true ? difference : Math.sign(difference) * Math.round(Math.abs(difference));
  },
});

const COMPARED_UNITS: readonly Exclude<Unit, 'week'>[] = ['year', 'month', 'day', 'hour', 'minute', 'second', 'millisecond'];

export const DATE_COMPARE = define({
  name: 'DATE_COMPARE',
  summary: 'Whether two dates agree in their parts from `unitRangeStart` to `unitRangeEnd`, or in the first of them alone.',
  params: [
    date('date1'),
    date('date2'),
    string('unitRangeStart'),
    optional(string('unitRangeEnd')),
    optional(string('timezone1')),
    optional(string('timezone2')),
  ],
  canThrow: true,
  examples: [
    ['DATE_COMPARE("1985-04-04", "2015-04-04", "months", "days")', true],
    ['DATE_COMPARE("1984-02-29", "2015-03-01", "months", "days")', false],
    ['DATE_COMPARE("2001-01-01T15:30:45.678Z", "2001-01-01T08:08:08.008Z", "years", "days")', true],
    ['DATE_COMPARE("2024-06-01T22:30Z", "2024-06-02T12:00Z", "days", "Europe/Berlin")', true],
    ['DATE_COMPARE("2001", "2001", "days", "years")', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (date1, date2, rangeStart, ...more) => {
    const context = more[3];
    const [rangeEnd, ...zones] = withoutEnd(more.slice(0, 3) as (string | undefined)[]);
    const [start, end] = [rangeStart, rangeEnd ?? rangeStart].map((name) => COMPARED_UNITS.findIndex((unit) => unit === findUnit(name)));
    if (start === undefined || end === undefined || start === -1 || end < start) return warn(context, 'DATE_COMPARE');
    const [zone1, zone2 = zone1] = zones.map((name) => (name === undefined ? undefined : getZone(name)));
    const first = calendarTime(zone1?.toLocal(date1) ?? date1);
    const second = calendarTime(zone2?.toLocal(date2) ?? date2);
    return COMPARED_UNITS.slice(start, end + 1).every((unit) => first[unit] === second[unit]);
  },
});

/** The range's end may be left out: what is no unit is the first timezone. */
function withoutEnd(names: readonly (string | undefined)[]): readonly (string | undefined)[] {
  return names[0] === undefined || findUnit(names[0]) !== undefined ? names : [undefined, ...names];
}

export const DATE_UTCTOLOCAL = define({
  name: 'DATE_UTCTOLOCAL',
  summary: 'The time on the wall in a timezone at a date; with `zoneinfo` an object that tells about the zone as well.',
  params: [date('date'), timezone, optional(value('zoneinfo'), false)],
  canThrow: true,
  examples: [
    ['DATE_UTCTOLOCAL("2020-03-15T00:00:00.000", "America/New_York")', '2020-03-14T20:00:00.000'],
    ['DATE_UTCTOLOCAL("2020-03-15T00:00:00.000-02:00", "Asia/Shanghai")', '2020-03-15T10:00:00.000'],
    ['DATE_UTCTOLOCAL("2020-03-15", "UTC")', '2020-03-15T00:00:00.000Z'],
    ['DATE_UTCTOLOCAL("2020-07-15", "Europe/Berlin", true).zoneInfo.dst', true],
  ],
  call: (instant, zone, zoneInfo, context) => {
    const iso = isoResult('DATE_UTCTOLOCAL', zone.toLocal(instant), context);
    if (iso === null) return null;
    const local = zone.offsetAt(instant) === 0 ? iso : iso.slice(0, -1);
    return toBool(zoneInfo) ? { local, tzdb: zoneDatabaseVersion(), zoneInfo: describe(zone.periodAt(instant)) } : local;
  },
});

export const DATE_LOCALTOUTC = define({
  name: 'DATE_LOCALTOUTC',
  summary: 'When the clocks on the walls of a timezone show a date; with `zoneinfo` an object that tells about the zone as well.',
  params: [date('date'), timezone, optional(value('zoneinfo'), false)],
  canThrow: true,
  examples: [
    ['DATE_LOCALTOUTC("2020-03-15T00:00:00.000", "Asia/Shanghai")', '2020-03-14T16:00:00.000Z'],
    ['DATE_LOCALTOUTC("2020-03-15T00:00:00.000-02:00", "Asia/Shanghai")', '2020-03-14T18:00:00.000Z'],
    [
      'DATE_LOCALTOUTC("2020-03-29T12:00:00", "Europe/London", true).zoneInfo',
      { name: 'BST', begin: '2020-03-29T01:00:00.000Z', end: '2020-10-25T01:00:00.000Z', dst: true, offset: 3600 },
    ],
  ],
  call: (local, zone, zoneInfo, context) => {
    const instant = zone.toUtc(local);
    const utc = isoResult('DATE_LOCALTOUTC', instant, context);
    return utc !== null && toBool(zoneInfo) ? { utc, tzdb: zoneDatabaseVersion(), zoneInfo: describe(zone.periodAt(instant)) } : utc;
  },
});

export const DATE_TIMEZONE = define({
  name: 'DATE_TIMEZONE',
  summary: 'The name of the timezone that the server is in.',
  params: [],
  examples: [['LENGTH(DATE_TIMEZONE()) > 0', true]],
  call: () => systemZoneName(),
});

export const DATE_TIMEZONES = define({
  name: 'DATE_TIMEZONES',
  summary: 'The names of all timezones.',
  params: [],
  examples: [['POSITION(DATE_TIMEZONES(), "Europe/Berlin")', true]],
  call: () => zoneNames(),
});

/** The instant of one date, or of year, month, day and perhaps a time of the day. Null and a warning when it is none. */
function composeInstant(name: string, inputs: readonly (Value | undefined)[], context: FunctionContext): number | null {
  const given = inputs.filter((each) => each !== undefined);
  if (given.length === 1) {
    const instant = toInstant(given[0] ?? null);
    return instant === undefined || Number.isNaN(instant) ? warn(context, name, misfitOf(instant)) : instant;
  }
  if (given.length < 3 || !given.every((each) => typeof each === 'number' || typeof each === 'string')) return warn(context, name);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, millisecond = 0] = given.map((each) => Math.trunc(toNumber(each)));
  // Unlike the other components, milliseconds do not run over in ArangoDB.
  const instant = instantOf({ year, month, day, hour, minute, second, millisecond: Math.min(millisecond, 999) });
  const isValid = year <= 9999 && [year, month, day, hour, minute, second, millisecond].every((each) => each >= 0) && isInRange(instant);
  return isValid ? instant : warn(context, name, 'ERROR_QUERY_INVALID_DATE_VALUE');
}

function isoResult(name: string, instant: number, context: FunctionContext): string | null {
  return isInRange(instant) ? isoText(instant) : warn(context, name, 'ERROR_QUERY_INVALID_DATE_VALUE');
}

function onLocalTime(instant: number, zone: Zone | undefined, change: (local: number) => number): number {
  return zone === undefined ? change(instant) : zone.toUtc(change(zone.toLocal(instant)));
}

type ShiftInputs = readonly [instant: number, amount: Value, unit: Value | undefined, zone: Value | undefined, context: FunctionContext];

/** DATE_ADD and DATE_SUBTRACT. After an ISO duration the third argument is the timezone. */
function shifted(name: string, [instant, amount, unitName, zoneName, context]: ShiftInputs, sign: 1 | -1): Value {
  let duration: Duration | undefined;
  let zone = zoneName;
  if (typeof amount === 'number') {
    if (typeof unitName !== 'string') return warn(context, name);
    const unit = findUnit(unitName);
    duration = unit === undefined ? undefined : durationOf(amount, unit);
  } else {
    const isDuration = typeof amount === 'string' && findUnit(unitName ?? null) === undefined && zoneName === undefined;
    if (!isDuration) return warn(context, name);
    duration = parseDuration(amount);
    zone = unitName;
  }
  if (zone !== undefined && typeof zone !== 'string') return warn(context, name);
  if (duration === undefined) return warn(context, name, 'ERROR_QUERY_INVALID_DATE_VALUE');
  const found = duration;
  return isoResult(
    name,
    onLocalTime(instant, zone === undefined ? undefined : getZone(zone), (local) => addDuration(local, found, sign)),
    context,
  );
}

function describe({ name, begin, end, isDaylightSaving, offsetMs }: ZonePeriod): Value {
  return {
    name,
    begin: begin === undefined ? null : isoText(begin),
    end: end === undefined ? null : isoText(end),
    dst: isDaylightSaving,
    offset: offsetMs / 1000,
  };
}
